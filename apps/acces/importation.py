"""Accounts in bulk: a CSV is checked line by line and shown before anything is created."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import streamlit as st

from apps.acces import messages, remise
from apps.acces.reperes import regions_known
from apps.kit.access import session
from apps.kit.access.access import Audience
from apps.kit.access.session import Reader
from apps.kit.forms import told
from apps.kit.pages import register
from apps.kit.plain_csv import plain_csv
from apps.kit.style.french import counted
from lake.errors import LakeError, SourceUnavailable
from lake.store.accounts import accounts, bulk, identity
from lake.store.accounts.bulk import COLUMNS, OPTIONAL, Line
from lake.store.accounts.links import Genre

_GENERATION = "acces.import"
MODEL = {
    "email": "anne.martin@exemple.fr",
    "nom": "Martin",
    "prenom": "Anne",
    "organisation": "Groupement régional",
    "civilite": "Mme",
    "rpps": "",
    "profil": "pilote_regional",
    "regions": "Grand Est",
}
"""The line of the model file."""


def draw(person: Reader) -> None:
    """Draw the file chooser, the dry run, and the button that creates."""
    st.html(
        f'<p class="obs-source">CSV avec en-tête\u202f: {", ".join(COLUMNS)}, et au besoin {", ".join(OPTIONAL)}. '
        "Rien n’est créé avant votre accord.</p>"
    )
    st.download_button(
        "Modèle de fichier",
        plain_csv(pl.DataFrame({name: [text] for name, text in MODEL.items()})),
        "modele-comptes.csv",
        "text/csv",
        key="import_modele",
        on_click="ignore",
    )
    generation = st.session_state.get(_GENERATION, 0)
    sent = st.file_uploader(
        "Fichier de comptes (CSV)", type=["csv"], max_upload_size=2, key=f"import_comptes_{generation}"
    )
    if sent is None:
        return
    profil = "" if person.administrator else person.compte.profil
    store = session.store()
    known = accounts.everyone(store)
    lines = [bounded(person, one) for one in bulk.read(sent.getvalue(), known, profil, regions_known())]
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
    register.draw(
        frame,
        "import_apercu",
        file="import-comptes.csv",
        audience=Audience.MANAGERS,
        label="CSV de ce contrôle",
    )
    if good and st.button(f"Créer {counted(len(good), 'compte')}", type="primary", key="import_creer"):
        create(person, good)
        st.session_state[_GENERATION] = st.session_state.get(_GENERATION, 0) + 1  # the file is done with
        st.rerun()


def bounded(person: Reader, line: Line) -> Line:
    """A line as its manager may create it: in the manager's own organisation, unless it administers the suite."""
    mine = person.compte.organisation
    if line.problem or person.administrator or line.values["organisation"].casefold() == mine.casefold():
        return line
    said = line.values["organisation"]
    return replace(
        line, problem=f"organisation « {said} » : vous ne créez de comptes que dans la vôtre, « {mine} »"
    )


def create(person: Reader, lines: list[Line]) -> None:
    """Create the accounts of the lines, and say what became of each; one that fails stops none of the others."""
    store, made, unsent = session.store(), 0, 0
    for line in lines:
        try:
            compte = bulk.create(
                store,
                line,
                responsable_id=person.compte.id,
                droits=None if person.administrator else identity.narrowed(person.compte),
                auteur=person.compte.email,
            )
        except LakeError as error:
            told.warn(f"Ligne {line.number} : {error.message}")
            continue
        made += 1
        try:
            link = messages.send(store, compte, Genre.ACTIVATION, auteur=person.compte.email)
        except SourceUnavailable:
            unsent += 1
            continue
        if link:
            told.tell(remise.handed(compte.email, link))
    told.say(f"{counted(made, 'compte créé', 'comptes créés')}.")
    if unsent:
        told.warn(
            f"{counted(unsent, 'message n’a pas pu partir', 'messages n’ont pas pu partir')} : ils sont gardés "
            "(onglet Messages)."
        )
