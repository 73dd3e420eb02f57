"""Accounts in bulk: a CSV is checked line by line, told, and only then created."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lake.delimited import cut
from lake.droits import PROFILS, REGIONAL, UNIVERS, Droits
from lake.errors import ContractError, LakeError, Refused
from lake.store.accounts import accounts, identity
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.text import words

COLUMNS = ("email", "nom", "prenom", "organisation")
OPTIONAL = ("civilite", "rpps", "profil", "regions")
MOST = 2_000
MOST_BYTES = 2 * 1024 * 1024


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


def read(
    content: bytes, known: Sequence[Compte], profil: str, regions: Mapping[str, str] | None = None
) -> list[Line]:
    """Check a file of accounts; nothing is created.

    Args:
        content: CSV with a heading, as :mod:`lake.delimited` reads it.
        known: the accounts that exist.
        profil: profile of the lines that give none, and the only one that they may give, unless empty: the accounts
            are then bounded by their manager's regions, and name none.
        regions: INSEE code -> name of the regions that a line may name, by either (several joined by ``|``).

    Raises:
        ContractError: the file is not such a CSV, lacks a column, or is too long.
    """
    if len(content) > MOST_BYTES:
        raise ContractError(f"Ce fichier dépasse {MOST_BYTES // 1024 // 1024} Mo.")
    cells = cut(content, "Ce fichier", comments=True, short=True)
    frame = cells.named()
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise ContractError(
            f"Il manque au fichier : {', '.join(missing)}.",
            conseil=f"Colonnes : {', '.join(COLUMNS + OPTIONAL)}.",
        )
    if cells.lues > MOST:
        raise ContractError(f"Ce fichier a {cells.lues} lignes : {MOST} au plus.")
    emails = {one.email for one in known}
    numbers = {one.rpps: one.organisation for one in known if one.rpps}
    found: list[Line] = []
    for row in frame.iter_rows(named=True):
        values = {name: " ".join((row.get(name) or "").split()) for name in (*COLUMNS, *OPTIONAL)}
        values["profil"] = values["profil"] or profil or "grand_public"
        values["regions"], strange = _regions(values["regions"], regions or {})
        problem = _problem(values, emails, numbers, profil, strange)
        found.append(Line(row["ligne"], values, problem))
        if not problem:
            emails.add(identity.address(values["email"]))
            if values["rpps"]:
                numbers.setdefault(values["rpps"], values["organisation"])
    blank = dict.fromkeys((*COLUMNS, *OPTIONAL), "")
    found += [Line(one.ligne, blank | {"email": one.contenu}, one.motif) for one in cells.broken]
    return sorted(found, key=lambda line: line.number)


def _regions(text: str, known: Mapping[str, str]) -> tuple[str, str]:
    """The INSEE codes of the regions that a cell names, joined; and the first that is none."""
    codes = {words(name): code for code, name in known.items()} | {code: code for code in known}
    found = []
    for part in (part.strip() for part in text.split("|")):
        code = codes.get(words(part), "" if known else part)
        if part and not re.fullmatch(r"[0-9]{2,3}", code):
            return "", part
        found.append(code)
    return "|".join(filter(None, found)), ""


def _problem(
    values: dict[str, str], emails: set[str], numbers: dict[str, str], profil: str, strange: str
) -> str:
    try:
        email = identity.address(values["email"])
    except LakeError as error:
        return error.message
    if email in emails:
        return "cette adresse a déjà un compte, ou figure plus haut"
    if not values["nom"] or not values["prenom"]:
        return "nom ou prénom absent"
    if values["profil"] not in PROFILS or (profil and values["profil"] != profil):
        return f"profil « {values['profil']} » inconnu, ou que vous ne pouvez pas donner"
    try:
        values["rpps"] = identity.rpps_number(values["rpps"])
    except LakeError:
        return "numéro RPPS : onze chiffres"
    if strange:
        return f"région « {strange} » inconnue : donnez son code INSEE ou son nom"
    if values["profil"] in REGIONAL and not profil and not values["regions"]:
        return f"un compte « {PROFILS[values['profil']]} » a besoin d'une région : colonne regions (44)"
    if values["rpps"] and values["rpps"] in numbers:
        return f"numéro RPPS déjà rattaché à : {numbers[values['rpps']] or 'une organisation inconnue'}"
    return ""


def refuse_known_rpps(known: Sequence[Compte], rpps: str) -> None:
    """Refuse an RPPS number that an account already bears; the organisation that has it is named.

    Raises:
        LakeError: it does.
    """
    for one in known:
        if rpps and one.rpps == rpps:
            raise Refused(
                "rpps",
                f"Numéro RPPS déjà rattaché à : {one.organisation or 'une organisation inconnue'}.",
                conseil="Une personne n'a qu'un compte : cherchez le sien dans la table des comptes.",
            )


def create(
    store: Store,
    line: Line,
    *,
    responsable_id: int | None = None,
    droits: Droits | None = None,
    auteur: str = "",
) -> Compte:
    """Create the account of a line.

    Raises:
        LakeError: the line has a problem, or the account was created meanwhile.
    """
    if line.problem:
        raise LakeError(f"Ligne {line.number} : {line.problem}.")
    values = line.values
    if droits is None and values["regions"]:
        droits = Droits(frozenset(UNIVERS), regions=frozenset(values["regions"].split("|")))
    return accounts.create(
        store,
        email=values["email"],
        nom=values["nom"],
        prenom=values["prenom"],
        organisation=values["organisation"],
        civilite=values["civilite"],
        rpps=values["rpps"],
        profil=values["profil"],
        responsable_id=responsable_id,
        droits=droits,
        auteur=auteur,
    )
