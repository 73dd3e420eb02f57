"""Accounts in bulk: a CSV is checked line by line and shown before anything is created."""

from __future__ import annotations

import io
from dataclasses import dataclass

import polars as pl
import streamlit as st

from apps.acces import messages
from apps.kit import session
from apps.kit.french import counted, typographic
from apps.kit.session import Reader
from lake.errors import ContractError, LakeError
from lake.store import accounts
from lake.store.accounts import Compte
from lake.store.links import Genre
from lake.store.rights import PROFILS

COLUMNS = ("email", "nom", "prenom", "organisation")
OPTIONAL = ("civilite", "rpps", "profil")
MOST = 2_000


@dataclass(frozen=True)
class Line:
    """One line of a file of accounts.

    Attributes:
        number: its number in the file, the heading being 1.
        values: column -> text.
        problem: why no account would be created, in French; empty when one would.
    """

    number: int
    values: dict[str, str]
    problem: str = ""


def read(content: bytes, known: list[Compte], profil: str) -> list[Line]:
    """Check a file of accounts; nothing is created.

    Args:
        content: CSV, UTF-8 or Latin-1, ``,`` or ``;``, with a heading.
        known: the accounts that exist.
        profil: profile of the lines that give none, and the only one that they may give, unless empty.

    Raises:
        ContractError: the file is not such a CSV, lacks a column, or has too many lines.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    separator = ";" if text.split("\n", 1)[0].count(";") >= text.split("\n", 1)[0].count(",") else ","
    try:
        frame = pl.read_csv(io.StringIO(text), separator=separator, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise ContractError("Ce fichier n'est pas un CSV lisible.") from error
    frame = frame.rename({name: name.strip().lower() for name in frame.columns})
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise ContractError(
            f"Il manque au fichier : {', '.join(missing)}.",
            conseil=f"Colonnes : {', '.join(COLUMNS + OPTIONAL)}.",
        )
    if frame.height > MOST:
        raise ContractError(f"Ce fichier a {frame.height} lignes : {MOST} au plus.")
    emails = {one.email: "" for one in known}
    numbers = {one.rpps: one for one in known if one.rpps}
    found: list[Line] = []
    for number, row in enumerate(frame.iter_rows(named=True), 2):
        values = {name: (row.get(name) or "").strip() for name in (*COLUMNS, *OPTIONAL)}
        found.append(Line(number, values, _problem(values, emails, numbers, profil)))
        emails.setdefault(values["email"].lower(), "")
    return found


def _problem(values: dict[str, str], emails: dict[str, str], numbers: dict[str, Compte], profil: str) -> str:
    try:
        email = accounts.address(values["email"])
    except LakeError as error:
        return error.message
    if email in emails:
        return "cette adresse a déjà un compte, ou figure plus haut"
    if not values["nom"] or not values["prenom"]:
        return "nom ou prénom absent"
    values["profil"] = values["profil"] or profil or "grand_public"
    if values["profil"] not in PROFILS or (profil and values["profil"] != profil):
        return f"profil « {values['profil']} » inconnu, ou que vous ne pouvez pas donner"
    if values["rpps"] and not (values["rpps"].isdigit() and len(values["rpps"]) == 11):
        return "numéro RPPS : onze chiffres"
    if values["rpps"] in numbers and values["rpps"]:
        return f"numéro RPPS déjà rattaché à : {numbers[values['rpps']].organisation or 'une organisation inconnue'}"
    return ""


def draw(person: Reader) -> None:
    """Draw the file chooser, the dry run, and the button that creates."""
    st.html(
        f'<p class="obs-source">CSV avec en-tête\u202f: {", ".join(COLUMNS)}, et au besoin {", ".join(OPTIONAL)}. '
        "Rien n’est créé avant votre accord.</p>"
    )
    sent = st.file_uploader("Fichier de comptes (CSV)", type=["csv"], max_upload_size=2, key="import_comptes")
    if sent is None:
        return
    profil = "" if person.administrator else person.compte.profil
    store = session.store()
    lines = read(sent.getvalue(), accounts.everyone(store), profil)
    good = [line for line in lines if not line.problem]
    st.html(
        f'<p class="obs-lecture-vue">{counted(len(good), "compte")} à créer, '
        f"{counted(len(lines) - len(good), 'ligne refusée', 'lignes refusées')}.</p>"
    )
    frame = pl.DataFrame(
        {
            "Ligne": [line.number for line in lines],
            "Adresse": [line.values["email"] for line in lines],
            "Personne": [f"{line.values['prenom']} {line.values['nom']}" for line in lines],
            "Organisation": [line.values["organisation"] for line in lines],
            "Résultat": [line.problem or "à créer" for line in lines],
        }
    )
    st.dataframe(frame.to_pandas(), hide_index=True, width="stretch", key="import_apercu")
    if good and st.button(f"Créer {counted(len(good), 'compte')}", type="primary", key="import_creer"):
        left = _create(person, good)
        st.success(typographic(f"{counted(len(good), 'compte créé', 'comptes créés')}."))
        if left:
            st.code("\n".join(left), language=None)


def _create(person: Reader, lines: list[Line]) -> list[str]:
    """Create the accounts; returns the links that could not be sent, with their address."""
    store, left = session.store(), []
    for line in lines:
        compte = accounts.create(
            store,
            **{name: line.values[name] for name in (*COLUMNS, *OPTIONAL)},
            responsable_id=person.compte.id,
            droits=None if person.administrator else accounts.narrowed(person.compte),
            auteur=person.compte.email,
        )
        if link := messages.send(store, compte, Genre.ACTIVATION, auteur=person.compte.email):
            left.append(f"{compte.email} {link}")
    return left
