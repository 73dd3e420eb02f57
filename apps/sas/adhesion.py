"""« Rejoindre le SAS »: an account without agenda opens its own, by its RPPS; nothing is shown before it is proved."""

from __future__ import annotations

import streamlit as st

from apps.kit import forms
from apps.kit.access import access, session
from apps.kit.access.session import Reader
from apps.kit.data import praticiens
from apps.kit.data.data import open_lake
from apps.kit.forms import Action, Field, Form, Submission
from apps.kit.shell.screen import Screen
from apps.kit.style.french import typographic
from apps.sas import acces, words
from lake.errors import LakeError, Refused
from lake.settings import Settings
from lake.store.sas import adhesion, planning, registre, roles
from lake.store.sas.adhesion import Praticien
from lake.store.sas.fichiers import identifiant, sas_of

_FORM = Form(
    "sas_adhesion",
    (
        Field(
            "rpps",
            "Votre numéro RPPS",
            check=identifiant,
            most=20,
            note="11 chiffres, ou 8 suivi de 11 chiffres",
        ),
    ),
    (Action("rejoindre", "Ouvrir mon agenda"),),
    audience=acces.candidats,
)


def _draw() -> None:
    person = access.reader()
    if person is None:
        st.info("Connectez-vous pour ouvrir votre agenda.")
        return
    if roles.agendas_of(session.store(), person.compte):
        st.html('<p>Votre agenda est ouvert : <a href="./sas-agenda" target="_self">Mon agenda</a>.</p>')
        return
    draw(person)


def draw(person: Reader) -> None:
    """What an account without agenda may do."""
    left = registre.retires_of(session.store(), person.compte)
    if left:
        st.info(
            typographic(
                "Vous avez quitté le SAS : vos créneaux n’y sont plus. Vos heures passées sont gardées."
            )
        )
        st.button("Revenir dans le SAS", type="primary", key="sas_rejoindre", on_click=_back, args=(left[0],))
        return
    st.html(
        f'<p class="obs-lecture">{typographic("Aucun agenda n’est relié à votre compte : ouvrez le vôtre.")}</p>'
    )
    said = (
        "Votre nom et votre lieu viennent de l’annuaire national. Vous saisissez vos plages aussitôt ; les régulateurs "
        "ne les voient qu’une fois votre RPPS prouvé : en vous connectant par Pro Santé Connect, ou par "
        "l’administrateur de votre SAS."
    )
    st.html(f'<p class="obs-source">{typographic(said)}</p>')
    forms.draw(_FORM, lambda sent: _joined(sent, person), initial={"rpps": person.compte.rpps})


def _joined(sent: Submission, person: Reader) -> str:
    found = praticiens.of_rpps(open_lake(), sent.values["rpps"])
    if found is None:
        raise Refused(
            "rpps", "Aucun professionnel localisé de ce RPPS dans l’annuaire.",
            conseil="Vérifiez-le ; sinon l'administrateur de votre SAS peut vous ajouter.",
        )  # fmt: skip
    praticien = of_directory(found)
    try:
        adhesion.adherer(session.store(), person.compte, praticien)
    except LakeError as refusal:
        raise Refused("rpps", refusal.message, conseil=refusal.conseil) from refusal
    return (
        f"Agenda ouvert : {praticien.nom}, SAS {words.named(praticien.sas)}. Il reste à prouver votre RPPS."
    )


def of_directory(found: praticiens.Trouve) -> Praticien:
    """Who the directory says somebody is, as an agenda opens for it: its SAS is the one of its place."""
    doctor = "Dr " if found.medecin else ""
    return Praticien(
        found.identifiant, f"{doctor}{found.prenom} {found.nom}", found.specialite, sas_of(found.code_commune),
        found.code_commune, found.longitude, found.latitude,
    )  # fmt: skip


def unproved(preuve: str, sas: str) -> None:
    """The notice above an agenda that nobody proved to be its holder's, or that its SAS has not validated."""
    if preuve:
        return
    said = (
        f"Le SAS {words.named(sas)} valide chaque nouvel effecteur : les régulateurs verront vos créneaux une fois que "
        "son administrateur l’aura fait. Vous pouvez déjà les saisir."
        if sas in Settings.from_env().sas_validation
        else "Votre RPPS n’est pas encore prouvé : les régulateurs ne voient pas vos créneaux. Connectez-vous par Pro "
        "Santé Connect, ou demandez à l’administrateur de votre SAS de le vérifier."
    )
    st.warning(typographic(said))


def _back(who: str) -> None:
    planning.rejoindre(session.store(), who)


REJOINDRE = Screen(
    "sas-rejoindre", "Rejoindre le SAS", "Offrir des soins non programmés ?", _draw, audience=acces.candidats
)
