"""Accounts in bulk: a CSV is checked line by line and shown before anything is created."""

from __future__ import annotations

import polars as pl
import streamlit as st

from apps.acces import messages
from apps.kit import session
from apps.kit.french import counted, typographic
from apps.kit.session import Reader
from lake.store import accounts, bulk
from lake.store.bulk import COLUMNS, OPTIONAL, Line
from lake.store.links import Genre


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
    lines = bulk.read(sent.getvalue(), accounts.everyone(store), profil)
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
        compte = bulk.create(
            store,
            line,
            responsable_id=person.compte.id,
            droits=None if person.administrator else accounts.narrowed(person.compte),
            auteur=person.compte.email,
        )
        if link := messages.send(store, compte, Genre.ACTIVATION, auteur=person.compte.email):
            left.append(f"{compte.email} {link}")
    return left
