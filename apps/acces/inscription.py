"""« Pas encore inscrit ? », « Mot de passe oublié ? », and the page where a link lets one choose a password."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import streamlit as st

from apps.acces import messages
from apps.acces.champs import (
    AGAIN,
    CIVILITE,
    EMAIL,
    NEW_PASSWORD,
    NOM,
    ORGANISATION,
    PRENOM,
    same_password,
)
from apps.acces.words import GRANTED, PASSWORD_RULE, REQUESTED, SENT, WHO_DECIDES
from apps.kit.access import session
from apps.kit.forms import Action, Done, Field, Form, Kind, Submission, draw
from apps.kit.shell.screen import Screen
from apps.kit.style.french import typographic
from lake.errors import LakeError, SourceUnavailable
from lake.settings import Settings
from lake.store.accounts import accounts, actions, identity, links, registration, signing
from lake.store.accounts.links import Genre
from lake.store.engine import Store

_DONE = "acces.demande_faite"
CONSULTING = "grand_public"
"""The profile that a setting gives without validation: it opens no reserved figure."""
FREE = "inscription libre"
"""How the journal names who created such an account."""


_WIDTH = 560
_PERSON = (EMAIL, CIVILITE, PRENOM, NOM, ORGANISATION)
_SEND = (Action("envoyer", "Envoyer ma demande"),)
REQUEST = Form("inscription", _PERSON, _SEND, enter=False, width=_WIDTH)
REQUEST_OR_CONSULT = replace(
    REQUEST,
    parts=(
        *_PERSON,
        Field(
            "consulter",
            "Je suis professionnel et demande seulement à consulter l’annuaire : sans validation, un lien m’est "
            "envoyé aussitôt",
            Kind.BOOLEAN,
        ),
    ),
)
FORGOTTEN = Form("oubli", (EMAIL,), (Action("recevoir", "Recevoir un lien"),), width=_WIDTH)
CHOOSE = Form(
    "activation",
    (replace(EMAIL, locked=True), NEW_PASSWORD, AGAIN),
    (Action("choisir", "Choisir ce mot de passe"),),
    check=same_password,
    enter=False,
    width=_WIDTH,
)


@dataclass(frozen=True)
class Asked:
    """What the form of a request says, as it was typed."""

    email: str
    nom: str
    prenom: str
    organisation: str
    civilite: str = ""


def _ask() -> None:
    if said := st.session_state.get(_DONE):
        st.success(typographic(said))
        return
    st.html(f'<p class="obs-source">{typographic(WHO_DECIDES)}</p>')
    free = Settings.from_env().inscription == "libre"
    draw(REQUEST_OR_CONSULT if free else REQUEST, _asked)


def _asked(sent: Submission) -> Done:
    given = dict(sent.values)
    only_consults = given.pop("consulter", False)
    if only_consults:
        consult(session.store(), Asked(**given), session.address())
    else:
        registration.ask(session.store(), **given, adresse=session.address())
    said = GRANTED if only_consults else REQUESTED
    return Done(then=lambda: st.session_state.update({_DONE: said}))


def consult(store: Store, asked: Asked, adresse: str) -> threading.Thread | None:
    """Give the profile that only consults, without validation: the account is made and its link sent, apart.

    An address that already has an account gets the same answer, in the same time; one that is invited gets its
    link again. A reader (an address, or a network) that asks too often waits, as for signing in.

    Args:
        store: where.
        asked: what the form says.
        adresse: network address.

    Returns:
        The thread that does it; None when the reader has to wait.

    Raises:
        LakeError: the address, a name or the organisation is missing or wrong.
    """
    known = registration.checked(
        email=asked.email, nom=asked.nom, prenom=asked.prenom, organisation=asked.organisation
    )
    if signing.asked(store, f"inscription:{known['email']}", adresse, detail="compte demandé"):
        return None
    made = threading.Thread(target=_grant, args=(store, replace(asked, **known), adresse), daemon=True)
    made.start()
    return made


def _grant(store: Store, asked: Asked, adresse: str) -> None:
    compte = accounts.find(store, asked.email)
    try:
        if compte is None:
            actions.note(store, "demande", objet=asked.email, detail="sans validation", adresse=adresse)
            # Nobody answers for it: an organisation that anyone may name gives no manager.
            compte = accounts.create(store, **vars(asked), profil=CONSULTING, auteur=FREE)
    except LakeError as error:
        actions.note(store, "demande", objet=asked.email, detail=f"compte non créé : {error.message}")
        return
    if compte.etat == "invite":
        _send(store, compte)


def _forgotten() -> None:
    draw(FORGOTTEN, _sent_again)


def _sent_again(sent: Submission) -> str:
    store, known = session.store(), sent.values["email"]
    if not signing.asked(store, f"oubli:{known}", session.address(), detail="lien demandé"):
        compte = accounts.find(store, known)
        if compte is not None and compte.etat != "desactive":
            # Apart: an answer that waited for the mail server would tell that the account exists.
            threading.Thread(target=_send, args=(store, compte), daemon=True).start()
    return SENT


def _send(store: Store, compte: identity.Compte) -> None:
    if (start := links.begins(store, compte)) is not None and start > datetime.now(UTC):
        return  # its manager fixed a date: nobody brings it forward
    genre = Genre.OUBLI if compte.etat == "actif" else Genre.ACTIVATION
    try:
        shown = messages.send(store, compte, genre, auteur=compte.email)
    except LakeError as error:
        # Said to the journal, not to the reader: the answer tells nothing of who has an account.
        actions.note(store, "lien", objet=compte.email, detail=f"non envoyé : {error.message}")
        return
    if shown:
        actions.note(
            store, "lien", objet=compte.email, detail="sans serveur de courriel : un responsable le remet"
        )


def _activate() -> None:
    end = str(st.query_params.get("lien", ""))
    store = session.store()
    compte = links.holder(store, end) if end else None
    if compte is None:
        _over(end)
        return
    st.html(
        '<p class="obs-lecture">Le lien ne sert qu’une fois. Votre identifiant est votre adresse électronique.</p>'
    )
    st.html(f'<p class="obs-source">{PASSWORD_RULE}</p>')
    draw(CHOOSE, lambda sent: _chosen(sent, end), initial={"email": compte.email})


def _chosen(sent: Submission, end: str) -> Done:
    chosen = links.choose(session.store(), end, sent.values["nouveau"])

    def enter() -> None:
        session.enter(chosen, "activation", "/")

    return Done(then=enter)


def _over(end: str) -> None:
    store = session.store()
    expired = links.expired(store, end) if end else None
    if expired is not None:
        said = "Ce lien a expiré : un autre vient d’être envoyé à votre adresse."
        settings, kept = Settings.from_env(), messages.renew(store, expired)
        try:
            if kept is not None and settings.smtp:
                messages.deliver(store, settings, kept)
            elif kept is not None:
                # Without a mail server the link waits for an administrator: it is never shown to who has the old one.
                said = "Ce lien a expiré : un autre est prêt, demandez-le à la personne responsable de votre compte."
        except SourceUnavailable:
            said = "Ce lien a expiré : un autre vous parviendra dès que le serveur de courriel répondra."
        st.info(typographic(said))
        return
    st.warning(typographic("**Ce lien n’est plus valable.** Il a servi, ou il a expiré."))
    st.html('<p><a href="./oubli" target="_self">Demander un autre lien</a></p>')


INSCRIPTION = Screen("inscription", "Demander une inscription", "Pas encore inscrit ?", _ask)
OUBLI = Screen("oubli", "Mot de passe oublié", "Mot de passe oublié ?", _forgotten, listed=False)
ACTIVATION = Screen(
    "activation", "Choisir un mot de passe", "Choisir un mot de passe", _activate, listed=False
)
