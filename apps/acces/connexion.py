"""Sign-in: by e-mail and password, by an identity provider, with a second factor where the account asks for one."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from html import escape

import streamlit as st

from apps.acces.champs import CODE
from apps.acces.words import GENERIC, refused_for
from apps.kit import forms
from apps.kit.access import exposure, providers, session
from apps.kit.access.redirect import go, is_local
from apps.kit.access.session_route import leads_to
from apps.kit.forms import Action, Done, Form, Submission
from apps.kit.shell.screen import Screen
from apps.kit.style.french import typographic
from lake.droits import PROFILS
from lake.errors import Refused
from lake.settings import Settings
from lake.store.accounts import accounts, actions, signing
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.sas.adhesion import prouver_par_psc

_log = logging.getLogger(__name__)
_SAID, _HALF, _ENTERING = "acces.refus", "acces.second_facteur", "acces.entrant"
HALF_S = 300.0
"""How long a right password waits for its code (s)."""
UNKNOWN = "identite-inconnue"
AGENDA = "sas-agenda"
"""Where a professional arrives, whom Pro Santé Connect vouches for."""
SECOND = Form(
    "second_facteur",
    (replace(CODE, label="Code à six chiffres de votre application"),),
    (Action("valider", "Valider"),),
    width=480,
)
DOORS = {
    "industriels": "Porte des industriels : vous y verrez vos produits.",
    "autres": "Porte des ARS, GRADeS, établissements, experts et professionnels.",
}


def then() -> str:
    """Where the reader goes once signed in: the page that was refused, else the home page."""
    asked = str(st.query_params.get("retour", "/"))
    return asked if is_local(asked) else "/"


def _check(email: str, password: str) -> bool:
    st.session_state.pop(_SAID, None)
    answer = signing.try_password(session.store(), email, password, adresse=session.address())
    compte = answer.compte
    if compte is None or not session.admitted(compte):
        st.session_state[_SAID] = refused_for(answer.wait_s) if answer.wait_s else GENERIC
        return False
    if answer.second_factor:
        st.session_state[_HALF] = (compte, time.monotonic() + HALF_S)
        st.rerun()
    st.session_state[_ENTERING] = compte
    return True


def _opened() -> None:
    session.enter(st.session_state.pop(_ENTERING), "mot_de_passe", then())


def _draw() -> None:
    person = session.reader()
    if person is not None:
        st.info(typographic(f"Vous êtes connecté : {person.name}."))
        st.html(f'<p><a href=".{escape(then(), quote=True)}" target="_self">Continuer</a></p>')
        return
    compte, until = st.session_state.get(_HALF, (None, 0.0))
    if compte is not None and time.monotonic() < until:
        _second(compte)
        return
    if door := DOORS.get(str(st.query_params.get("porte", ""))):
        st.html(f'<p class="obs-lecture">{typographic(door)}</p>')
    _demonstration()
    _providers(str(st.query_params.get("porte", "")))
    if "mot_de_passe" in Settings.from_env().portes:
        st.header("Par adresse et mot de passe", anchor=False)
        with st.container(width=480, key="obs_connexion"):
            from apps.kit.access.signin import SignIn  # its package weighs as much as ten pages

            SignIn(_check, _opened).draw("connexion")
            if said := st.session_state.get(_SAID):
                st.error(typographic(said))
    st.html(
        '<p><a href="./inscription" target="_self">Pas encore inscrit\u202f?</a> · '
        '<a href="./oubli" target="_self">Mot de passe oublié\u202f?</a></p>'
    )


def _demonstration() -> None:
    """The accounts of the demonstration, one button each: on this machine only, and only in demonstration."""
    if not Settings.from_env().demo or exposure.beyond_this_machine():
        return
    known = [one for one in accounts.everyone(session.store()) if one.demonstration and one.etat == "actif"]
    if not known:
        return
    order = list(PROFILS)
    st.header("Entrer dans la démonstration", anchor=False)
    st.html(
        '<p class="obs-source">Un compte fictif par profil, sans mot de passe, sur cette machine seulement.</p>'
    )
    with st.container(horizontal=True, key="obs_demonstration"):
        for one in sorted(known, key=lambda c: order.index(c.profil)):
            if st.button(PROFILS[one.profil], key=f"demo_{one.profil}_{one.id}"):
                session.enter(one, "demonstration", then())


def _providers(door: str) -> None:
    found = providers.providers(door)
    if not found:
        return
    st.header("Par un fournisseur d’identité", anchor=False)
    with st.container(horizontal=True):
        for one in found:
            asked = st.button(one.label, key=f"fournisseur_{one.name}", type="primary")
            if asked and (wrong := providers.leave(one)):
                _log.error("Fournisseur d'identité %s : %s", one.name, wrong)
                st.error(typographic("Ce fournisseur est mal configuré : prévenez l’exploitant."))


def _second(compte: Compte) -> None:
    st.header("Second facteur", anchor=False)
    forms.draw(SECOND, lambda sent: _coded(sent, compte))
    if st.button("Recommencer", type="tertiary"):
        st.session_state.pop(_HALF, None)
        st.rerun()


def _coded(sent: Submission, compte: Compte) -> Done:
    if not signing.try_code(session.store(), compte, sent.values["code"], adresse=session.address()):
        raise Refused("code", "Ce code n’est pas le bon, ou il a déjà servi.")

    def enter() -> None:
        st.session_state.pop(_HALF, None)
        session.enter(compte, "mot_de_passe", then())

    return Done(then=enter)


def arrive() -> None:
    """Take in whom an identity provider has just sent back, once; called before any page."""
    found = providers.arrived()
    if found is None or session.reader() is not None:
        return
    store = session.store()
    compte = signing.of_identity(store, found.issuer, found.subject, found.email, found.rpps)
    if compte is None or not session.admitted(compte):
        door = found.provider or "fournisseur"
        said = f"identité inconnue ({door})"
        actions.note(store, "echec", objet=found.email, detail=said, adresse=session.address())
        # The provider's cookie goes with it: a reload does not ask again, another identity may be tried.
        go(leads_to("", f"/{UNKNOWN}?raison={'compte' if found.email or found.rpps else 'adresse'}"))
        return
    asked = session.page_asked()
    # A professional whose RPPS is vouched for here keeps an agenda: it is proved, and opens at once.
    if found.rpps and compte.rpps == found.rpps and _keeps(store, compte) and asked == "/":
        asked = f"/{compte.preferences.get('accueil') or AGENDA}"
    if not session.enter(compte, found.provider or "oidc", asked, arrival=found.key):
        # This identity already opened a session, now over: a copy of its cookie opens nothing.
        st.info("Cette connexion est terminée. Connectez-vous de nouveau pour continuer.")


def _keeps(store: Store, compte: Compte) -> bool:
    """Whether an account just vouched for keeps an agenda: it is proved, where its SAS does not validate by itself."""
    return prouver_par_psc(store, compte, Settings.from_env().sas_validation)


def _unknown() -> None:
    """Whom a provider vouched for, and nobody here knows."""
    st.warning(
        typographic("**Accès refusé.** Votre identité est reconnue, mais aucun compte ne lui correspond.")
    )
    if st.query_params.get("raison") == "adresse":
        st.html(
            "<p>Le fournisseur n’a pas confirmé votre adresse électronique\u202f: sans elle, aucun compte ne peut être "
            "retrouvé. Vérifiez-la chez lui, puis recommencez.</p>"
        )
    else:
        st.html(
            "<p>Votre compte porte peut-être une autre adresse, ou il a été désactivé\u202f: voyez la personne "
            "responsable de votre organisation.</p>"
        )
    st.html(
        '<p><a href="./inscription" target="_self">Demander mon inscription</a> · '
        '<a href="./connexion" target="_self">Me connecter autrement</a></p>'
    )


def _leave() -> None:
    person = session.reader()
    if person is None:
        st.info("Vous n’êtes pas connecté.")
        return
    st.html(f'<p class="obs-lecture">Vous êtes connecté sous {escape(person.compte.email)}.</p>')
    if st.button("Me déconnecter", type="primary", key="deconnexion"):
        session.leave(person)


INCONNU = Screen(UNKNOWN, "Aucun compte", "Aucun compte pour cette identité", _unknown, listed=False)
CONNEXION = Screen("connexion", "Se connecter", "J’accède à l’Observatoire", _draw)
DECONNEXION = Screen("deconnexion", "Se déconnecter", "Se déconnecter", _leave)
