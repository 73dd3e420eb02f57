"""Publishing a page or an analysis as a model of some profiles, and coming back to the one that was shipped."""

from __future__ import annotations

from functools import partial

import streamlit as st

from apps.analyses.modeles import MODELES, load_one
from apps.analyses.mots import reader
from apps.kit.access import session
from apps.kit.access.access import Audience
from apps.kit.forms import Action, Form, Submission, several, told
from apps.kit.forms import draw as draw_form
from apps.kit.style.errors import boundary
from apps.kit.style.french import listing, typographic
from lake.droits import PROFILS
from lake.errors import AccessDenied
from lake.store.analyses import models
from lake.store.analyses.reading import OWN, Analyse, national

FORM = Form(
    "publier",
    (
        several("profils", "Profils qui la lisent", PROFILS),
        several("accueil", "Profils qui arrivent dessus après la connexion", PROFILS),
    ),
    (Action("publier", "Publier"),),
    audience=Audience.ADMINISTRATORS,
    note="La révision publiée est un instantané : vos changements suivants attendent la publication suivante.",
)


def draw(found: Analyse) -> None:
    """Draw which revision which profiles read, the form that publishes, the way back to the shipped model."""
    readers = models.readers(session.store(), found.id)
    st.html(f"<p>{typographic(_said(found, readers))}</p>")
    homes = models.homes(session.store(), found.id)
    initial = {
        "profils": [one for one in PROFILS if one in readers],
        "accueil": [one for one in PROFILS if one in homes],
    }
    draw_form(FORM, partial(_publish, found.id), about=f"{found.id}_{found.revision}", initial=initial)
    with st.container(horizontal=True):
        if readers:
            st.button("Ne plus publier", key="publier_retirer", on_click=partial(_withdraw, found.id))
        if found.cle in MODELES and models.changed_here(session.store(), found.id):
            st.button(
                "Revenir au modèle livré",
                key="publier_revenir",
                on_click=partial(_come_back, found.cle),
                help="L’historique garde la version d’ici",
            )


def _said(found: Analyse, readers: dict[str, int]) -> str:
    if not readers:
        return "Aucun profil ne la lit comme modèle."
    revisions = sorted(set(readers.values()))
    who = listing(PROFILS[one] for one in PROFILS if one in readers)
    said = f"Révision {listing(str(one) for one in revisions)} publiée pour : {who}."
    if revisions[0] < found.revision:
        said += f" La révision {found.revision} n’est pas publiée : eux lisent encore l’ancienne."
    return said


def _publish(number: int, sent: Submission) -> str:
    profils, home = sent.values.get("profils") or [], sent.values.get("accueil") or []
    # Who arrives on it reads it.
    made = models.publish(
        session.store(), sent.person.compte, number, list(dict.fromkeys([*profils, *home])), home=home
    )
    return f"La révision {made} est publiée." if profils or home else "Aucun profil ne la lit plus."


def _withdraw(number: int) -> None:
    with boundary():
        models.publish(session.store(), reader().compte, number, [])
        told.say("Aucun profil ne la lit plus comme modèle. Les copies déjà faites restent.")


def _come_back(name: str) -> None:
    with boundary():
        person = reader()
        if not national(person.compte):
            raise AccessDenied("Revenir au modèle livré revient à l’administration nationale.")
        store = session.store()
        load_one(partial(models.ship, store, back=True), name)
        told.say("Le modèle livré est de retour, et publié ; l’historique garde ce qui avait été changé ici.")


def offered(found: Analyse) -> bool:
    """Whether the reader at hand publishes this analysis."""
    return found.right == OWN and found.supprime_le is None and national(reader().compte)
