"""Accounts of the SAS from a file, and the links that open them: their day is told, and may be changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime

import streamlit as st

from apps.kit import forms
from apps.kit.access import access, invitations, session
from apps.kit.data import praticiens
from apps.kit.data.data import open_lake
from apps.kit.forms import Action, Field, Form, Kind, Submission, choice, told
from apps.kit.style.french import counted, long_date, typographic
from apps.sas import acces
from apps.sas.adhesion import of_directory
from lake.errors import AccessDenied, SourceUnavailable
from lake.horaires.heures import local_day, midnight
from lake.store.accounts import accounts, links
from lake.store.accounts.identity import STATES, Compte
from lake.store.sas import inscriptions, roles
from lake.store.sas.adhesion import Praticien

_SAID = 20
_FILE = Form(
    "sas_fichier",
    (
        Field("fichier", "Fichier CSV : rpps, email", Kind.FILE, types=("csv",)),
        Field("rattacher", "Rattacher les comptes qui existent déjà", Kind.BOOLEAN,
              note="Même adresse et même RPPS : le compte reçoit le rôle"),
        Field("essai", "Vérifier seulement", Kind.BOOLEAN),
        Field("le", "Envoyer les liens d’activation le", Kind.DATE, required=False, note="Vide : aussitôt"),
    ),
    (Action("importer", "Importer"),),
    audience=acces.administrateurs,
)  # fmt: skip


def draw(allowed: frozenset[str] | None, offered: Collection[str]) -> None:
    """The form that takes a file.

    Args:
        allowed: the SAS that the reader administers; None for all.
        offered: those that exist.
    """
    where = (
        "Noms et lieux viennent des agendas chargés, sinon de l’annuaire. Au besoin, une colonne `role` (effecteur ou "
        "régulateur) et une colonne `sas` : plusieurs SAS dans une case (`SAS-54|SAS-57`), ou une ligne par SAS. Un "
        "régulateur sans RPPS porte nom et prenom. Un lien qui expire sans servir est renvoyé une fois."
    )
    st.markdown(typographic(where))
    forms.draw(_FILE, lambda sent: _imported(sent, allowed, offered), initial={"essai": True})


def _imported(sent: Submission, allowed: frozenset[str] | None, offered: Collection[str]) -> str:
    if not acces.administrateurs(access.reader()):
        raise AccessDenied("Vous n'administrez plus de SAS.")
    store, person, values = session.store(), access.reader(), sent.values
    lines = inscriptions.lire(
        store, values["fichier"].content, allowed, offerts=offered, annuaire=_directory,
        rattacher=bool(values["rattacher"]),
    )  # fmt: skip
    refused, good = [one for one in lines if one.refus], [one for one in lines if not one.refus]
    _refusals(refused)
    left = counted(len(refused), "ligne refusée", "lignes refusées")
    if values["essai"]:
        new = {one.email for one in good if one.compte_id is None}
        tied = {one.email for one in good} - new
        return (
            f"{counted(len(new), 'compte serait créé', 'comptes seraient créés')}, "
            f"{counted(len(tied), 'serait rattaché', 'seraient rattachés')}, {left}."
        )
    made = inscriptions.creer(store, lines, acteur=None if person is None else person.compte)
    _refusals(made.refus)
    invited(made.crees, values["le"])
    left = counted(len(refused) + len(made.refus), "ligne refusée", "lignes refusées")
    return (
        f"{counted(len(made.crees), 'compte créé', 'comptes créés')}, "
        f"{counted(len(made.rattaches), 'rattaché', 'rattachés')}, {left}."
    )


def _directory(wanted: Collection[str]) -> Mapping[str, Praticien]:
    return {who: of_directory(found) for who, found in praticiens.of_many(open_lake(), wanted).items()}


def _refusals(lines: list[inscriptions.Ligne]) -> None:
    for one in lines[:_SAID]:
        told.warn(f"Ligne {one.numero} : {one.refus}.")
    if len(lines) > _SAID:
        told.warn(f"Et {counted(len(lines) - _SAID, 'autre ligne refusée', 'autres lignes refusées')}.")


def invited(numbers: list[int], day: date | None) -> None:
    """The links that open accounts: sent, kept until their day, or to hand over."""
    store = session.store()
    on = None if day is None else midnight(day)
    people = {one.id: one for one in accounts.everyone(store)}
    for number in numbers:
        try:
            link = invitations.invite(store, people[number], auteur=acces.auteur(), on=on)
        except SourceUnavailable as refusal:
            told.warn(f"{people[number].email} : {refusal}")
            continue
        if link:
            told.warn(f"Sans serveur de courriel, remettez ce lien à {people[number].email} : {link}")
    if on is not None and on > datetime.now(UTC) and numbers:
        told.say(f"Les liens d’activation partiront le {long_date(local_day(on))}.")


def state(compte: Compte, known: Mapping[int, tuple[datetime, datetime]]) -> str:
    """The state of an account in words; of one that is invited, what became of its link."""
    if compte.etat != "invite":
        return STATES[compte.etat]
    link, now = known.get(compte.id), datetime.now(UTC)
    if link is None:
        return f"{STATES[compte.etat]} · aucun lien"
    if link[0] > now:
        return f"{STATES[compte.etat]} · lien le {long_date(local_day(link[0]))}"
    day = long_date(local_day(link[1]))
    return f"{STATES[compte.etat]} · lien {f'expiré le {day}' if link[1] <= now else f'jusqu’au {day}'}"


def activations(allowed: frozenset[str] | None) -> None:
    """Those who have not opened their account, and the form that gives their link another day."""
    store = session.store()
    here = {one.compte_id for one in roles.affectations(store) if allowed is None or one.sas in allowed}
    known = links.activations(store)
    people = [one for one in accounts.everyone(store) if one.id in here and one.etat == "invite"]
    if not people:
        st.html('<p class="obs-source">Tous les comptes de vos SAS sont ouverts.</p>')
        return
    form = Form(
        "sas_activation",
        (
            choice("compte", "Compte", {one.id: f"{one.name} : {state(one, known)}" for one in people}),
            Field("le", "Envoyer son lien le", Kind.DATE, required=False, note="Vide ou passé : aussitôt"),
        ),
        (Action("activer", "Envoyer ce lien"),),
        audience=acces.administrateurs,
    )
    allowed_numbers = {one.id for one in people}
    forms.draw(form, lambda sent: _resent(sent, allowed_numbers))


def _resent(sent: Submission, allowed: Collection[int]) -> str:
    number, day = int(sent.values["compte"]), sent.values["le"]
    if not acces.administrateurs(access.reader()) or number not in allowed:
        raise AccessDenied("Ce compte n'est pas, ou n'est plus, de vos SAS.")
    invited([number], day)
    when = f"le {long_date(day)}" if day and midnight(day) > datetime.now(UTC) else "aussitôt"
    return f"Nouveau lien, {when} : le précédent ne sert plus."
