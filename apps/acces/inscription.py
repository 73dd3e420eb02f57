"""« Pas encore inscrit ? », « Mot de passe oublié ? », and the page where a link lets one choose a password."""

from __future__ import annotations

import threading

import streamlit as st

from apps.acces import messages
from apps.acces.words import CIVILITES, PASSWORD_RULE, REQUESTED, SENT
from apps.kit import session
from apps.kit.errors import boundary
from apps.kit.french import typographic
from apps.kit.screen import Screen
from lake.errors import LakeError
from lake.store import accounts, actions, links, registration, signing
from lake.store.engine import Store
from lake.store.links import Genre

_DONE = "acces.demande_faite"


def _ask() -> None:
    if st.session_state.get(_DONE):
        st.success(typographic(REQUESTED))
        return
    with st.container(width=560), st.form("inscription", enter_to_submit=False):
        email = st.text_input("Adresse électronique", max_chars=254, autocomplete="email")
        civilite = st.selectbox("Civilité (facultatif)", CIVILITES, format_func=lambda c: c or "Sans")
        prenom = st.text_input("Prénom", max_chars=100, autocomplete="given-name")
        nom = st.text_input("Nom", max_chars=100, autocomplete="family-name")
        organisation = st.text_input("Organisation", max_chars=200, autocomplete="organization")
        sent = st.form_submit_button("Envoyer ma demande", type="primary")
    if sent:
        with boundary():
            registration.ask(
                session.store(),
                email=email,
                nom=nom,
                prenom=prenom,
                organisation=organisation,
                civilite=civilite,
                adresse=session.address(),
            )
            st.session_state[_DONE] = True
            st.rerun()


def _forgotten() -> None:
    with st.container(width=560), st.form("oubli"):
        email = st.text_input("Adresse électronique", max_chars=254, autocomplete="email")
        sent = st.form_submit_button("Recevoir un lien", type="primary")
    if sent:
        with boundary():
            known = accounts.address(email)
            store = session.store()
            if not signing.wait(store, f"oubli:{known}", session.address()):
                signing.failed(store, f"oubli:{known}", session.address(), detail="lien demandé")
                compte = accounts.find(store, known)
                if compte is not None and compte.etat != "desactive":
                    # Apart: an answer that waited for the mail server would tell that the account exists.
                    threading.Thread(target=_send, args=(store, compte), daemon=True).start()
            st.success(typographic(SENT))


def _send(store: Store, compte: accounts.Compte) -> None:
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
    with st.container(width=560), st.form("activation", enter_to_submit=False):
        st.text_input("Adresse électronique", compte.email, disabled=True)
        first = st.text_input("Mot de passe", type="password", autocomplete="new-password")
        again = st.text_input("Le même, de nouveau", type="password", autocomplete="new-password")
        sent = st.form_submit_button("Choisir ce mot de passe", type="primary")
    if not sent:
        return
    if first != again:
        st.warning("Les deux saisies diffèrent.")
        return
    with boundary():
        chosen = links.choose(store, end, first)
        session.enter(chosen, "activation", "/")


def _over(end: str) -> None:
    store = session.store()
    expired = links.expired(store, end) if end else None
    if expired is not None:
        with boundary():
            messages.send(store, expired, Genre.ACTIVATION, auteur=expired.email, renewed=True)
            st.info(typographic("Ce lien a expiré : un autre vient d’être envoyé à votre adresse."))
        return
    st.warning(typographic("**Ce lien n’est plus valable.** Il a servi, ou il a expiré."))
    st.html('<p><a href="./oubli" target="_self">Demander un autre lien</a></p>')


INSCRIPTION = Screen("inscription", "Demander une inscription", "Pas encore inscrit ?", _ask)
OUBLI = Screen("oubli", "Mot de passe oublié", "Mot de passe oublié ?", _forgotten, listed=False)
ACTIVATION = Screen(
    "activation", "Choisir un mot de passe", "Choisir un mot de passe", _activate, listed=False
)
