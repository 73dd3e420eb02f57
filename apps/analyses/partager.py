"""Sharing an analysis: with a person, with one's organisation, with a profile; and what each of them will see."""

from __future__ import annotations

from functools import partial

import polars as pl
import streamlit as st

from apps.analyses.mots import reader
from apps.kit.access import session
from apps.kit.access.access import Audience
from apps.kit.forms import Action, Field, Form, Kind, Submission, choice, told
from apps.kit.forms import draw as draw_form
from apps.kit.style.errors import boundary
from apps.kit.style.french import typographic
from lake.droits import PROFILS, UNIVERS, Droits, effective
from lake.errors import LakeError
from lake.store.accounts import accounts, tree
from lake.store.accounts.identity import Compte, address
from lake.store.analyses import shares
from lake.store.analyses.reading import Analyse, national
from lake.store.analyses.shares import RIGHTS, Share
from scoring.analyses.codec import decode
from scoring.universes.registry import UNIVERSES, opened_by

WITH = {"personne": "Une personne", "organisation": "Mon organisation", "profil": "Un profil"}


def draw(found: Analyse) -> None:
    """Draw the shares of an analysis, a form to add one, and what each sees."""
    person = reader()
    st.html(
        '<p class="obs-source">Chacun la lit avec ses propres droits\u202f: un partage n’ouvre aucun chiffre.</p>'
    )
    kinds = dict(WITH)
    if not national(person.compte):
        kinds.pop("profil")
    if not person.compte.organisation:
        kinds.pop("organisation")
    known = shares.shares(session.store(), person.compte, found.id)
    for one in known:
        with st.container(horizontal=True, vertical_alignment="center", key=f"obs_partage_{one.id}"):
            st.html(f"<p>{typographic(f'{one.name} : {RIGHTS[one.right].lower()}')}</p>", width="stretch")
            st.button(
                "Retirer", key=f"retirer_partage_{one.id}", on_click=partial(_withdraw, found.id, one.id)
            )
    draw_form(_form(kinds), partial(_share, found.id), about=found.id)
    if known:
        _who_sees_what(found, known)


def _form(kinds: dict[str, str]) -> Form:
    return Form(
        "partager",
        (
            choice("avec", "Avec", kinds),
            Field(
                "email",
                "Adresse électronique",
                Kind.EMAIL,
                check=address,
                shown=lambda v: v["avec"] == "personne",
            ),
            choice("profil", "Profil", PROFILS, shown=lambda v: v["avec"] == "profil"),
            choice("droit", "Droit", RIGHTS),
        ),
        (Action("partager", "Partager"),),
        audience=Audience.SIGNED_IN,
    )


def _share(number: int, sent: Submission) -> str:
    kind = sent.values["avec"]
    shares.share(
        session.store(),
        sent.person.compte,
        number,
        email=sent.values.get("email") or "" if kind == "personne" else "",
        organisation=kind == "organisation",
        profil=sent.values.get("profil") or "" if kind == "profil" else "",
        right=sent.values["droit"],
    )
    return "L’analyse est partagée."


def _withdraw(number: int, share: int) -> None:
    with boundary():
        shares.unshare(session.store(), reader().compte, number, share)
        told.say("Le partage est retiré : au prochain clic, l’analyse ne lui est plus ouverte.")


def _who_sees_what(found: Analyse, known: list[Share]) -> None:
    """« Voir comme »: what each share opens of each section, in words; no figure of theirs is shown."""
    st.subheader("Voir comme", anchor=False)
    rows = seen_by(found, known)
    st.dataframe(rows.to_pandas(), hide_index=True, width="stretch", key=f"voir_comme_{found.id}")


def seen_by(found: Analyse, known: list[Share]) -> pl.DataFrame:
    """What each share opens, section by section, in words: ``ouvert``, ``restreint``, ``fermé``."""
    try:
        sections = decode(found.document).sections
    except LakeError:
        sections = ()
    rows: list[dict[str, str]] = []
    for one in known:
        droits = _rights(one)
        row = {"Partagée avec": one.name}
        for rank, section in enumerate(sections, start=1):
            title = f"{rank}. {section.titre or 'sans titre'}"
            if section.graphique is None or section.graphique.univers not in UNIVERSES:
                row[title] = "texte"
                continue
            name = opened_by(section.graphique.univers)
            narrowed = any(
                part is not None for part in (droits.regions, droits.departements, droits.editeurs)
            )
            opened = name not in UNIVERS or name in droits.univers
            row[title] = "fermé" if not opened else "restreint à son périmètre" if narrowed else "ouvert"
        rows.append(row)
    return pl.DataFrame(rows)


def _rights(one: Share) -> Droits:
    if one.compte_id is not None:
        compte: Compte = accounts.get(session.store(), one.compte_id)
        return tree.rights(session.store(), compte)
    profil = one.profil or reader().compte.profil
    return effective([(profil, reader().compte.organisation, "{}")])
