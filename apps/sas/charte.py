"""The administrators' charter: signed before anything else, by who gives a role and who receives it; a PDF of both."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import streamlit as st

from apps.kit.access import access, session
from apps.kit.access.session import Reader
from apps.kit.export import pdf
from apps.kit.forms import told
from apps.kit.style import theme
from apps.kit.style.french import literal, long_date, typographic
from apps.sas import acces
from lake.errors import AccessDenied
from lake.horaires.heures import local_day
from lake.store.accounts import accounts
from lake.store.accounts.identity import Compte
from lake.store.sas import roles

LAYOUT = Path(__file__).with_name("attestation.typ")


def signed(person: Reader) -> bool:
    """Whether the charter in force is signed; else it is shown, and nothing else."""
    store = session.store()
    if roles.signed(store, person.compte.id):
        return True
    charte = roles.charte(store)
    st.header("Charte des administrateurs", anchor=False)
    st.write(typographic(literal(charte["texte"])))
    st.html(f'<p class="obs-source">Version {charte["version"]}</p>')
    st.button("J’ai lu et je signe cette charte", key="sas_signer", type="primary", on_click=_sign)
    return False


def _sign() -> None:
    person = access.reader()
    if person is not None:
        roles.signer(session.store(), person.compte)
        told.say("Charte signée.")


def draw(person: Reader) -> None:
    """The charter as the reader signed it, to keep."""
    if roles.charte(session.store()) is None:
        st.html('<p class="obs-source">Aucune charte n’est publiée.</p>')
        return
    st.download_button(
        "Charte signée (PDF)", _export(person.compte), "charte-sas.pdf", "application/pdf", key="sas_charte_pdf",
        on_click="ignore",
    )  # fmt: skip


def _export(compte: Compte) -> Any:
    def made_() -> bytes:
        if not acces.administrateurs(access.reader()):
            raise AccessDenied("Vous n'administrez plus de SAS.")
        return pdf.compose(content(compte), LAYOUT)

    return made_


def content(compte: Compte, *, now: datetime | None = None) -> dict[str, Any]:
    """What the PDF says: the text in force, and who signed it: the account, and those who made it an administrator."""
    store = session.store()
    charte = roles.charte(store)
    people = {one.email: one for one in accounts.everyone(store)}
    givers = [people[email] for email in roles.donneurs(store, compte.id) if email in people]
    rows = []
    for one in dict.fromkeys([compte, *givers]):
        signature = roles.signature(store, one.id, charte["version"])
        when = "pas encore" if signature is None else f"le {long_date(local_day(signature['signee_le']))}"
        rows.append(
            [
                typographic(one.name),
                "reçoit le rôle" if one is compte else "donne le rôle",
                typographic(when),
                "" if signature is None else signature["empreinte"][:16],
            ]
        )
    day = local_day(now or datetime.now(UTC))
    return {
        "titre": "Charte des administrateurs du SAS",
        "police": theme.PRINT_FONT,
        "lignes": [typographic(one) for one in charte["texte"].splitlines() if one.strip()],
        "entetes": ["Signataire", "Qualité", "Signée", "Empreinte"],
        "semaines": rows,
        "methode": typographic(
            f"Version {charte['version']}, publiée le {long_date(local_day(charte['publiee_le']))}."
        ),
        "pied": typographic(f"Établi le {long_date(day)}"),
    }
