"""Profile × page: who opens what, by the menu, by the address, in a page, in an export."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apps import registry
from apps.acces import declaration
from apps.kit import access, session
from apps.kit.access import Audience
from apps.kit.data import Data, open_lake
from apps.kit.page import Page
from lake.droits import Droits
from lake.errors import AccessDenied
from lake.settings import Settings
from lake.store import accounts, links, sessions
from lake.store.accounts import Compte
from lake.store.engine import Store
from lake.store.links import Genre
from lake.store.migrate import open_store
from scoring.universes.segur import SEGUR
from scoring.universes.selection import Selection
from tests.pages.drawing import SCRIPT, AppTest

REGION = Droits(frozenset({"annuaire", "segur", "convergence"}), regions=frozenset({"44"}))
ALL = {"annuaire", "segur", "convergence"}
# profile -> universes whose pages open, audiences of the front door
TABLE: dict[str, tuple[set[str], set[Audience]]] = {
    "visiteur": ({"annuaire"}, {Audience.EVERYONE}),
    "grand_public": ({"annuaire"}, {Audience.EVERYONE, Audience.SIGNED_IN}),
    "industriel": (ALL, {Audience.EVERYONE, Audience.SIGNED_IN}),
    "pilote_regional": (ALL, {Audience.EVERYONE, Audience.SIGNED_IN}),
    "grades_ars": (ALL, {Audience.EVERYONE, Audience.SIGNED_IN, Audience.MANAGERS}),
    "expert_national": (ALL, {Audience.EVERYONE, Audience.SIGNED_IN}),
    "administrateur": (ALL, set(Audience)),
}
PAGES: list[tuple[str, Page]] = [
    (app.name, page) for app in registry.APPS for page in __import__(app.module, fromlist=["PAGES"]).PAGES
]
SCREENS = (declaration.ACCUEIL, *declaration.LEGAL, *declaration.VISITORS, *declaration.MEMBERS)


# Streamlit's pages only know their address inside a run.
MENU = """
import streamlit as st
from apps import registry
st.session_state["menu"] = {
    page.url_path: page.visibility for pages in registry.menu().values() for page in pages
}
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = open_store(Settings(store=f"sqlite:///{tmp_path_factory.mktemp('acces')}/store.db"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def people(store: Store) -> dict[str, Compte]:
    found = {}
    for profil in TABLE:
        if profil != "visiteur":
            compte = accounts.create(
                store,
                email=f"{profil.replace('_', '-')}@exemple.fr",
                nom="Essai",
                prenom="Anne",
                organisation="Éditeur A",
                profil=profil,
                droits=REGION if profil in ("pilote_regional", "grades_ars") else None,
                peut_creer=profil == "grades_ars",
            )
            end = links.issue(store, compte, Genre.ACTIVATION)
            found[profil] = links.choose(store, end, "quatre mots choisis au hasard")
    return found


@pytest.fixture
def seen_by(
    store: Store, people: dict[str, Compte], petit_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], str]]:
    """``seen_by("industriel")``: from now on pages are read by an account of that profile."""
    monkeypatch.setenv("OBS_ACCES", "comptes")
    monkeypatch.setenv("OBS_LAKE", str(petit_lake))
    open_lake.clear()
    monkeypatch.setattr(session, "store", lambda: store)

    def become(profil: str) -> str:
        secret = "" if profil == "visiteur" else str(sessions.open_session(store, people[profil]))
        monkeypatch.setattr(session, "cookie", lambda: secret)
        return secret

    yield become
    open_lake.clear()


@pytest.mark.parametrize("profil", TABLE)
def test_each_profile_opens_its_pages_and_no_other(profil: str, seen_by: Callable[[str], str]) -> None:
    seen_by(profil)
    universes, audiences = TABLE[profil]
    for _, page in PAGES:
        if page.universe.name in universes:
            access.require(page.name, page.universe.name)
        else:
            with pytest.raises(AccessDenied):
                access.require(page.name, page.universe.name)
    for screen in SCREENS:
        assert access.admits(screen.audience) == (screen.audience in audiences), screen.name


@pytest.mark.parametrize("profil", TABLE)
def test_the_menu_hides_what_is_refused_and_keeps_its_address(
    profil: str, seen_by: Callable[[str], str]
) -> None:
    seen_by(profil)
    universes, audiences = TABLE[profil]
    at = AppTest.from_string(MENU, default_timeout=60).run()
    entries = at.session_state["menu"]
    for app, page in PAGES:
        shown = entries[f"{app}-{page.name}"] == "visible"
        assert shown == (page.universe.name in universes), page.name
    for screen in declaration.MEMBERS:
        if screen.audience not in audiences:
            assert entries[screen.name] == "hidden", screen.name
    # Signed in or not, every page of the front door keeps its address.
    assert {screen.name for screen in SCREENS} <= {name for name in entries if name} | {"accueil"}
    assert entries["connexion"] == ("visible" if profil == "visiteur" else "hidden")
    assert entries["deconnexion"] == ("hidden" if profil == "visiteur" else "visible")


def test_the_directory_can_be_reserved(
    seen_by: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBS_ANNUAIRE", "reserve")
    seen_by("visiteur")
    with pytest.raises(AccessDenied, match="réservée"):
        access.require("carte", "annuaire")
    seen_by("grand_public")
    access.require("carte", "annuaire")


@pytest.mark.parametrize(("app", "page"), [("segur", "psc"), ("convergence", "synthese")])
def test_a_refused_page_draws_nothing_but_the_refusal(
    app: str, page: str, seen_by: Callable[[str], str]
) -> None:
    seen_by("grand_public")
    at = AppTest.from_string(SCRIPT.format(app=app, page=page), default_timeout=60).run()
    assert "Accès refusé" in at.warning[0].value
    assert not at.title
    assert not at.get("html")


def test_an_export_asks_again_when_it_is_taken(
    seen_by: Callable[[str], str], store: Store, people: dict[str, Compte]
) -> None:
    seen_by("expert_national")
    made = access.require("psc", "segur").export("segur.csv", lambda: b"ok")
    assert made() == b"ok"
    accounts.narrow(store, people["expert_national"].id, REGION, "test")
    with pytest.raises(AccessDenied, match="droits ont changé"):
        made()
    accounts.narrow(store, people["expert_national"].id, Droits(frozenset(ALL)), "test")
    sessions.close(store, people["expert_national"])
    with pytest.raises(AccessDenied, match="session est terminée"):
        made()


def test_two_readers_never_see_each_other_s_rows_through_the_cache(seen_by: Callable[[str], str]) -> None:
    """The national reader fills the caches first; the regional one, on the same process, sees its own."""

    def structures() -> set[str]:
        reads = Data(open_lake(), access.require("structures", "segur"))
        frame = reads.query(reads.universe(SEGUR), Selection(), ["mss_boites"], ["region", "structure"])
        return set(frame.drop_nulls("mss_boites")["region"].to_list())

    seen_by("administrateur")
    everywhere = structures()
    seen_by("pilote_regional")
    assert structures() == {"Grand Est"}
    seen_by("administrateur")
    assert structures() == everywhere
    assert len(everywhere) > 1
