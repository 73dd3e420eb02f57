"""« Mon compte »: identity, password, sessions, second factor, preferences."""

from __future__ import annotations

import json
from html import escape

import segno
import streamlit as st

from apps.acces.reperes import droits_in_words
from apps.acces.words import CIVILITES, PASSWORD_RULE, moment
from apps.kit.access import access, session
from apps.kit.access.access import Audience
from apps.kit.access.redirect import go
from apps.kit.access.session import Reader
from apps.kit.access.session_route import leads_to
from apps.kit.shell.screen import Screen
from apps.kit.style.errors import boundary
from apps.kit.style.french import typographic
from lake.droits import PROFILS
from lake.store.accounts import accounts, links, personal, sessions, signing

_FACTOR = "acces.nouveau_facteur"
ISSUER = "Observatoire e-santé"


def _draw() -> None:
    person = session.reader()
    assert person is not None
    tabs = st.tabs(["Identité", "Mot de passe", "Sessions", "Second facteur", "Préférences"])
    for tab, part in zip(tabs, (_identity, _password, _sessions, _factor, _preferences), strict=True):
        with tab, boundary(), st.container(width=720):
            part(person)


def facts(pairs: list[tuple[str, str]]) -> None:
    """Draw facts as a description list."""
    items = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(typographic(value)) or '—'}</dd></div>"
        for label, value in pairs
    )
    st.html(f'<dl class="obs-faits">{items}</dl>')


def _identity(person: Reader) -> None:
    compte = person.compte
    facts(
        [
            ("Adresse électronique", compte.email),
            ("Profil", PROFILS[compte.profil]),
            ("Organisation", compte.organisation),
            ("Ce que vous voyez", droits_in_words(person.droits)),
            ("Dernière connexion", moment(compte.connecte_le)),
        ]
    )
    with st.form("identite"):
        civilite = st.selectbox(
            "Civilité (facultatif)",
            CIVILITES,
            index=CIVILITES.index(compte.civilite) if compte.civilite in CIVILITES else 0,
            format_func=lambda c: c or "Sans",
        )
        prenom = st.text_input("Prénom", compte.prenom, max_chars=100, autocomplete="given-name")
        nom = st.text_input("Nom", compte.nom, max_chars=100, autocomplete="family-name")
        if st.form_submit_button("Enregistrer", type="primary"):
            accounts.change(
                session.store(),
                compte.id,
                compte.email,
                civilite=civilite,
                prenom=prenom.strip(),
                nom=nom.strip(),
            )
            st.success("Identité enregistrée.")
    file = "mes-donnees.json"
    made = access.export(file, lambda: my_data(compte.email), Audience.SIGNED_IN)
    st.download_button(
        "Tout ce qui est conservé sur moi (JSON)",
        made,
        file,
        "application/json",
        key="mes_donnees",
        on_click="ignore",
    )


def my_data(email: str) -> bytes:
    """Everything that is kept of one person, as JSON."""
    return personal.written(personal.of_person(session.store(), email, auteur=email)).encode("utf-8")


def _password(person: Reader) -> None:
    if not links.has_password(session.store(), person.compte):
        st.info(
            typographic(
                "Vous entrez par un fournisseur d’identité : aucun mot de passe n’est gardé ici. Pour en choisir un, "
                "passez par « Mot de passe oublié ? »."
            )
        )
        return
    st.html(
        '<p class="obs-source">Le changer ferme toutes vos sessions, celle-ci comprise\u202f: vous vous '
        "reconnecterez.</p>"
    )
    st.html(f'<p class="obs-source">{PASSWORD_RULE}</p>')
    with st.form("mot_de_passe", enter_to_submit=False):
        old = st.text_input("Mot de passe actuel", type="password", autocomplete="current-password")
        new = st.text_input("Nouveau mot de passe", type="password", autocomplete="new-password")
        again = st.text_input("Le même, de nouveau", type="password", autocomplete="new-password")
        sent = st.form_submit_button("Changer de mot de passe", type="primary")
    if not sent:
        return
    if new != again:
        st.warning("Les deux saisies diffèrent.")
        return
    links.change_password(session.store(), person.compte, old, new)
    go(leads_to("", "/connexion"))


def _sessions(person: Reader) -> None:
    store = session.store()
    for one in sessions.open_of(store, person.compte.id):
        here = one.id == person.session
        with st.container(horizontal=True, vertical_alignment="center", key=f"obs_session_{one.id}"):
            where = one.adresse or "cette machine"
            st.html(
                f"<p><strong>{escape(_browser(one.navigateur))}</strong>{' (cette session)' if here else ''}<br>"
                f'<span class="obs-source">depuis le {escape(moment(one.cree_le))}, {escape(where)} · '
                f"vue le {escape(moment(one.vue_le))}</span></p>",
                width="stretch",
            )
            if not here and st.button("Fermer", key=f"fermer_{one.id}"):
                sessions.close(store, person.compte, one.id)
                st.rerun()
    if st.button("Fermer toutes les autres", key="fermer_autres"):
        sessions.close(store, person.compte, keep=person.session)
        st.rerun()


def _browser(said: str) -> str:
    names = {"Edg/": "Edge", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {
        "Windows": "Windows",
        "Android": "Android",
        "iPhone": "iPhone",
        "Mac OS": "macOS",
        "Linux": "Linux",
    }
    name = next((name for mark, name in names.items() if mark in said), "Navigateur")
    system = next((name for mark, name in systems.items() if mark in said), "")
    return f"{name} sur {system}" if system else name


def _factor(person: Reader) -> None:
    store, compte = session.store(), person.compte
    if compte.totp:
        st.success("Un code vous est demandé à chaque connexion par mot de passe.")
        with st.form("retirer_facteur"):
            code = st.text_input("Code actuel, pour le retirer", autocomplete="one-time-code")
            if st.form_submit_button("Retirer le second facteur"):
                if signing.try_code(store, compte, code, adresse=session.address()):
                    signing.drop_factor(store, compte, compte.email)
                    st.rerun()
                st.error("Ce code n’est pas le bon, ou il a déjà servi.")
        return
    st.html(
        "<p>Une application (FreeOTP, Aegis, …) donne un code à six chiffres, demandé après le mot de passe.</p>"
    )
    secret = st.session_state.get(_FACTOR)
    if secret is None:
        if st.button("Activer le second facteur", type="primary"):
            st.session_state[_FACTOR] = signing.new_secret()
            st.rerun()
        return
    picture = segno.make(signing.provisioning(secret, compte, ISSUER), micro=False)
    st.image(picture.svg_data_uri(scale=4), width=200, caption="À lire avec votre application")
    st.code(secret, language=None)
    with st.form("activer_facteur"):
        code = st.text_input("Code affiché par l’application", autocomplete="one-time-code")
        if st.form_submit_button("Confirmer", type="primary"):
            if signing.enrol(store, compte, secret, code):
                del st.session_state[_FACTOR]
                st.rerun()
            st.error("Ce code n’est pas le bon.")


def _preferences(person: Reader) -> None:
    kept = dict(person.compte.preferences)
    with st.form("preferences"):
        home = {"": "Accueil", "annuaire-carte": "Annuaire", "segur-synthese": "Ségur"}
        home["convergence-synthese"] = "Convergence"
        chosen = st.selectbox(
            "Page ouverte après la connexion",
            list(home),
            index=list(home).index(kept.get("accueil", "")) if kept.get("accueil", "") in home else 0,
            format_func=home.__getitem__,
        )
        if st.form_submit_button("Enregistrer", type="primary"):
            text = json.dumps({**kept, "accueil": chosen}, ensure_ascii=False)
            accounts.change(session.store(), person.compte.id, person.compte.email, preferences=text)
            st.success("Préférences enregistrées.")


COMPTE = Screen("mon-compte", "Mon compte", "Mon compte", _draw, Audience.SIGNED_IN)
