"""« Mon compte »: identity, password, sessions, second factor, preferences."""

from __future__ import annotations

import json
from dataclasses import replace
from html import escape

import segno
import streamlit as st

from apps.acces.champs import AGAIN, CIVILITE, CODE, NEW_PASSWORD, NOM, PRENOM, same_password
from apps.acces.reperes import droits_in_words
from apps.acces.words import PASSWORD_RULE, moment
from apps.kit.access import access, session
from apps.kit.access.access import Audience
from apps.kit.access.redirect import go
from apps.kit.access.session import Reader
from apps.kit.access.session_route import leads_to
from apps.kit.forms import Action, Done, Field, Form, Kind, Submission, choice, draw
from apps.kit.shell.screen import Screen
from apps.kit.style.errors import boundary
from apps.kit.style.french import typographic
from apps.registry import APPS
from lake.droits import PROFILS
from lake.errors import Refused
from lake.store.accounts import accounts, links, personal, sessions, signing

_FACTOR = "acces.nouveau_facteur"
ISSUER = "Observatoire e-santé"
IDENTITY = Form("identite", (CIVILITE, PRENOM, NOM), audience=Audience.SIGNED_IN, draft=True)
PASSWORD = Form(
    "mot_de_passe",
    (
        Field("ancien", "Mot de passe actuel", Kind.PASSWORD, autocomplete="current-password"),
        replace(NEW_PASSWORD, label="Nouveau mot de passe"),
        AGAIN,
    ),
    (Action("changer", "Changer de mot de passe"),),
    check=same_password,
    audience=Audience.SIGNED_IN,
    enter=False,
)
DROP_FACTOR = Form(
    "retirer_facteur",
    (replace(CODE, label="Code actuel, pour le retirer"),),
    (Action("retirer", "Retirer le second facteur", main=False),),
    audience=Audience.SIGNED_IN,
)
ADD_FACTOR = Form(
    "activer_facteur",
    (replace(CODE, label="Code affiché par l’application"),),
    (Action("confirmer", "Confirmer"),),
    audience=Audience.SIGNED_IN,
)
HOME = "Page ouverte après la connexion"


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
    draw(
        IDENTITY,
        _save_identity,
        initial={name: getattr(compte, name) for name in ("civilite", "prenom", "nom")},
        revision=compte.revision,
    )
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


def _save_identity(sent: Submission) -> str:
    compte = sent.person.compte
    accounts.change(session.store(), compte.id, compte.email, revision=sent.revision, **sent.changed)
    return "Identité enregistrée."


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
    draw(PASSWORD, _change_password)


def _change_password(sent: Submission) -> Done:
    old, new = sent.values["ancien"], sent.values["nouveau"]
    links.change_password(session.store(), sent.person.compte, old, new, adresse=session.address())
    return Done(then=lambda: go(leads_to("", "/connexion")))


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
    compte = person.compte
    if compte.totp:
        st.success("Un code vous est demandé à chaque connexion par mot de passe.")
        draw(DROP_FACTOR, _drop_factor)
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
    draw(ADD_FACTOR, lambda sent: _add_factor(sent, secret))


def _drop_factor(sent: Submission) -> None:
    store, compte = session.store(), sent.person.compte
    if not signing.try_code(store, compte, sent.values["code"], adresse=session.address()):
        raise Refused("code", "Ce code n’est pas le bon, ou il a déjà servi.")
    signing.drop_factor(store, compte, compte.email)


def _add_factor(sent: Submission, secret: str) -> Done:
    if not signing.enrol(session.store(), sent.person.compte, secret, sent.values["code"]):
        raise Refused("code", "Ce code n’est pas le bon.")
    return Done(then=lambda: st.session_state.pop(_FACTOR, None))


def _preferences(person: Reader) -> None:
    kept = str(person.compte.preferences.get("accueil", ""))
    homes = homes_open()
    draw(
        Form("preferences", (choice("accueil", HOME, homes, required=False),), audience=Audience.SIGNED_IN),
        _save_preferences,
        initial={"accueil": kept if kept in homes else ""},
        revision=person.compte.revision,
    )


def homes_open() -> dict[str, str]:
    """The pages that may open after sign-in: the home page, and that of each application open to the reader."""
    return {"": "Accueil", **{app.address: app.title for app in APPS if app.opened}}


def _save_preferences(sent: Submission) -> str:
    compte = sent.person.compte
    text = json.dumps({**compte.preferences, **sent.changed}, ensure_ascii=False)
    accounts.change(
        session.store(), compte.id, compte.email, "preferences", revision=sent.revision, preferences=text
    )
    return "Préférences enregistrées."


COMPTE = Screen("mon-compte", "Mon compte", "Mon compte", _draw, Audience.SIGNED_IN)
