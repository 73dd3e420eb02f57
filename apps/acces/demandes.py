"""Registration requests: those that wait for the reader's decision, and the account that an acceptance makes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from html import escape

import streamlit as st

from apps.acces import remise
from apps.acces.champs import EDITOR, ORGANISATION, REGIONS, SENT_ON, people
from apps.acces.words import PARIS, moment
from apps.kit import forms
from apps.kit.access import session
from apps.kit.access.access import Audience
from apps.kit.access.session import Reader
from apps.kit.forms import Action, Done, Field, Form, Section, Submission, choice
from apps.kit.style.errors import boundary
from apps.kit.style.french import counted
from lake.droits import PROFILS, REGIONAL, UNIVERS, Droits
from lake.errors import LakeError, Refused
from lake.store.accounts import accounts, identity, registration, tree
from lake.store.accounts.identity import Compte
from lake.store.accounts.links import Genre
from lake.store.accounts.registration import Demande
from lake.store.engine import Store

DECISION = Form(
    "demande",
    (),
    (Action("accepter", "Accepter"), Action("refuser", "Refuser", checked=False, main=False)),
    audience=Audience.MANAGERS,
    border=False,
)
SENT_AT = time(8)
"""When a message goes on the day chosen for it, in Paris."""


def given(person: Reader) -> list[str]:
    """The profiles that a manager may give: its own; any for an administrator."""
    return list(PROFILS) if person.administrator else [person.compte.profil]


def refuse_profile(person: Reader, profil: str) -> None:
    """Refuse a profile that a manager may not give: the form may have been drawn when it still might.

    Raises:
        Refused: it may not.
    """
    if profil not in given(person):
        raise Refused("profil", f"Vous ne pouvez pas donner le profil « {PROFILS[profil]} ».")


def inherited(manager: Compte, profil: str, regions: list[str]) -> Droits | None:
    """What narrows a new account: what narrows its manager; under an administrator, the regions named."""
    if not manager.administrateur:
        return identity.narrowed(manager)
    if regions and profil in REGIONAL:
        return Droits(frozenset(UNIVERS), regions=frozenset(regions))
    return None


def sending(day: date, now: datetime) -> datetime | None:
    """When the link goes (UTC) for a day chosen; None for at once."""
    return (
        datetime.combine(day, SENT_AT, PARIS).astimezone(UTC) if day > now.astimezone(PARIS).date() else None
    )


def accept(
    store: Store,
    actor: Compte,
    asked: Demande,
    *,
    profil: str,
    manager: Compte,
    organisation: str = "",
    regions: list[str] | None = None,
    on: datetime | None = None,
) -> Compte:
    """Accept a request: it is decided, with the manager named and the date chosen, and its account is created.

    Args:
        store: where.
        actor: who decides.
        asked: the request.
        profil: profile of the new account.
        manager: whom it answers to.
        organisation: its organisation, where the request did not name it rightly.
        regions: INSEE codes, for a regional profile under an administrator.
        on: when its link goes (UTC); None for at once.

    Raises:
        LakeError: it was already decided, it is not this account's to decide, its address has an account, or the
            account is refused; the request is then still to be decided.
    """
    if accounts.find(store, asked.email) is not None:
        raise LakeError(
            f"Un compte existe déjà pour {asked.email}.",
            conseil="Refusez cette demande : rien ne sera envoyé, l’historique la gardera.",
        )
    with store.writing():  # both, or neither: an account refused leaves the request to be decided
        done = registration.decide(
            store, actor, asked.id, accepted=True, responsable_id=manager.id, envoi_le=on
        )
        return accounts.create(
            store,
            email=done.email,
            nom=done.nom,
            prenom=done.prenom,
            civilite=done.civilite,
            organisation=organisation.strip() or done.organisation,
            profil=profil,
            responsable_id=manager.id,
            droits=inherited(manager, profil, regions or []),
            auteur=actor.email,
        )


def draw(person: Reader) -> None:
    """Draw the requests that wait for this reader."""
    store = session.store()
    pending = registration.for_manager(store, person.compte)
    if not pending:
        st.info("Aucune demande n’attend.")
        return
    st.html(
        f'<p class="obs-lecture-vue">{counted(len(pending), "demande")} à traiter, la plus ancienne en tête.</p>'
    )
    known = accounts.everyone(store)
    mine = known if person.administrator else [one for _, one in tree.under(known, person.compte.id)]
    managers = [
        person.compte,
        *(
            one
            for one in mine
            if (one.peut_creer or one.administrateur) and one.etat == "actif" and one.id != person.compte.id
        ),
    ]
    for one in pending:
        with st.container(border=True, key=f"obs_demande_{one.id}"), boundary():
            who = " ".join(part for part in (one.civilite, one.prenom, one.nom) if part)
            st.html(
                f"<p><strong>{escape(who)}</strong>, {escape(one.organisation)}<br>"
                f'<span class="obs-source">{escape(one.email)} · demandé le {escape(moment(one.cree_le))}</span></p>'
            )
            here = {m.id for m in registration.managers(known, one.organisation)}
            first = next((m for m in managers if m.id in here and not m.administrateur), person.compte)
            _decision(person, one, sorted(managers, key=lambda m: (m.id != first.id, m.name)))


def _decision(person: Reader, one: Demande, managers: list[Compte]) -> None:
    profils = {name: PROFILS[name] for name in given(person)}
    fields: tuple[Field, ...] = (
        choice("profil", "Profil", profils, width=200),
        choice("resp", "Responsable", people(managers), width=240),
        replace(SENT_ON, width=160),
    )
    if person.administrator:
        fields += (
            replace(ORGANISATION, help=EDITOR, width=260),
            replace(REGIONS, label="Régions", width=320),
        )
    initial = {
        "profil": next(iter(profils)),
        "resp": managers[0].id,
        "le": datetime.now(PARIS).date(),
        "organisation": one.organisation,
    }
    form = replace(DECISION, parts=(Section(fields, beside=True),))
    forms.draw(form, lambda sent: _decided(sent, one), about=one.id, initial=initial)


def _decided(sent: Submission, one: Demande) -> Done:
    store, person = session.store(), sent.person
    if sent.action == "refuser":
        registration.decide(store, person.compte, one.id, accepted=False)
        return Done((f"La demande de {one.email} est refusée : rien n’est envoyé, l’historique la garde.",))
    refuse_profile(person, sent.values["profil"])
    on = sending(sent.values["le"], datetime.now(UTC))
    manager = accounts.get(store, sent.values["resp"])
    if manager.id != person.compte.id and not tree.commands(store, person.compte, manager.id):
        raise Refused("resp", f"{manager.name} ne dépend plus de vous.")
    compte = accept(
        store,
        person.compte,
        one,
        profil=sent.values["profil"],
        manager=manager,
        organisation=sent.values.get("organisation", one.organisation),
        regions=sent.values.get("regions", []),
        on=on,
    )
    said = f"Compte créé : {compte.name}, sous la responsabilité de {manager.name}."
    return remise.sent(store, compte, Genre.ACTIVATION, person.compte.email, on, said=said)
