"""How often the store is asked who reads: once a run, and again as soon as something may have changed."""

from __future__ import annotations

import importlib

import pytest

from apps import registry
from apps.kit.access import session
from lake.settings import Settings
from lake.store.accounts import accounts, sessions
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.migrate import open_store
from tests.pages.drawing import AppTest

RUN = """
import streamlit as st
from apps import registry
from apps.kit.access import session
registry.menu("")
person = session.reader()
st.markdown("personne" if person is None else person.name)
if st.button("Renommer", key="renommer"):
    from lake.store.accounts import accounts
    accounts.change(session.store(), person.compte.id, "x", prenom="Zoë")
    st.caption(session.reader().name)
"""


@pytest.fixture
def anne(store: Store, monkeypatch: pytest.MonkeyPatch) -> Compte:
    monkeypatch.setenv("OBS_ACCES", "comptes")
    made = accounts.create(
        store, email="anne@ex.fr", nom="Martin", prenom="Anne", organisation="", profil="expert_national"
    )
    compte = accounts.change(store, made.id, "x", etat="actif")
    secret = sessions.open_session(store, compte)
    monkeypatch.setattr(session, "store", lambda: store)
    monkeypatch.setattr(session, "cookie", lambda: secret)
    return compte


def test_a_run_asks_the_store_once_who_reads_and_the_next_one_asks_again(
    anne: Compte, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = sessions.current

    def current(*given: object, **more: object) -> object:
        asked.append("")
        return real(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(sessions, "current", current)
    at = AppTest.from_string(RUN, default_timeout=60).run()
    assert (at.markdown[0].value, len(asked)) == ("Anne Martin", 1)  # the whole menu and the page
    at.run()
    assert len(asked) == 2
    sessions.close(store, anne)  # elsewhere
    at.run()
    assert at.markdown[0].value == "personne"  # expelled at the next gesture


def test_who_acts_reads_what_it_has_just_changed(anne: Compte) -> None:
    assert anne
    at = AppTest.from_string(RUN, default_timeout=60).run()
    at.button(key="renommer").click().run()
    assert (at.markdown[0].value, at.caption[0].value) == ("Anne Martin", "Zoë Martin")


def test_a_change_made_by_another_process_is_read_at_the_next_run(anne: Compte, store: Store) -> None:
    at = AppTest.from_string(RUN, default_timeout=60).run()
    other = open_store(Settings(store=str(store.url)))
    accounts.change(other, anne.id, "x", prenom="Nour")
    accounts.disable(other, anne.id, "x")
    other.close()
    at.run()
    assert at.markdown[0].value == "personne"


def test_the_home_page_and_the_page_opened_after_sign_in_are_the_registry_s(anne: Compte) -> None:
    from apps.acces.compte import homes_open

    assert anne
    assert homes_open() == {"": "Accueil", **{app.address: app.title for app in registry.APPS}}
    for app in registry.APPS:  # each is the first page that the application declares
        module = importlib.import_module(app.module)
        first = (module.SCREENS if app.members or not module.PAGES else module.PAGES)[0].name
        assert first.removeprefix(f"{app.name}-") == app.home
