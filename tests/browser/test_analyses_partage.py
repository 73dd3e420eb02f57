"""From signing in to a saved, shared, exported and replayed analysis, with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from lake.settings import Settings
from lake.store.accounts import accounts, links
from lake.store.accounts.links import Genre
from lake.store.analyses import models, reading, shares
from lake.store.engine import Store
from lake.store.migrate import open_store
from tests.browser.conftest import settled, visit
from tests.browser.keyboard import tab_to
from tests.browser.test_acces import PASSWORD
from tests.demo_lake import called

MODEL: dict[str, Any] = {
    "version": 1,
    "titre": "L’adoption de Pro Santé Connect",
    "sections": [
        {
            "id": "bcdfgh",
            "titre": "Par région",
            "introduction": "En France : {{psc_taux_adoption}}.",
            "graphique": {
                "univers": "segur", "type": "tableau", "mesures": ["psc_taux_adoption"], "axes": ["region"],
            },
        }
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def suite(
    serve: Callable[..., str], petit_lake: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Store]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('analyses')}/store.db"
    store = open_store(Settings(store=url))
    for name in ("expert", "autre"):
        made = accounts.create(
            store,
            email=f"{name}@exemple.fr",
            nom=name.title(),
            prenom="Anne",
            organisation="Agence",
            profil="expert_national",
        )
        links.choose(store, links.issue(store, made, Genre.ACTIVATION), PASSWORD)
    models.ship(store, "psc", MODEL, home=["expert_national"])
    yield serve(petit_lake, OBS_ACCES="comptes", OBS_STORE=url), store
    store.close()


def choose(tab: Page, name: str, option: str, then: Locator) -> None:
    """Choose in a list by its keys until what the choice brings is there.

    A list closes when the page scrolls under it, as it does while a fold that was just opened takes its place: one
    types again, as a person does.
    """
    offered = tab.get_by_role("option", name=option)
    for _ in range(8):
        settled(tab)
        tab_to(tab, name)
        tab.keyboard.press("Control+a")
        tab.keyboard.type(option)
        with suppress(AssertionError):
            expect(offered).to_be_visible(timeout=2_000)
            tab.keyboard.press("Enter")
            expect(then).to_be_visible(timeout=4_000)
            return
    pytest.fail(f"« {option} » was never chosen in « {name} »")


def test_from_signing_in_to_a_saved_shared_exported_and_replayed_analysis_by_keyboard(
    suite: tuple[str, Store], page: Page, petit_lake: Path, tmp_path: Path
) -> None:
    address, store = suite
    visit(page, f"{address}/connexion")
    tab_to(page, "Adresse électronique")
    page.keyboard.type("expert@exemple.fr")
    tab_to(page, "Mot de passe")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/analyses-indicateurs")  # key indicators, since a page of them is published
    settled(page)
    expect(page.get_by_role("heading", name="L’adoption de Pro Santé Connect")).to_be_visible()

    tab_to(page, "Configurer : en faire ma page".replace(" :", "\u202f:"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/analyses-modifier?id=*")
    settled(page)
    tab_to(page, "Titre")
    page.keyboard.press("Control+a")
    page.keyboard.type("Mon suivi de PSC")
    page.keyboard.press("Tab")
    expect(page.get_by_role("heading", name="Mon suivi de PSC")).to_be_visible()
    tab_to(page, "Enregistrer")
    page.keyboard.press("Enter")
    page.wait_for_url("**/analyses-lire?id=*")
    settled(page)
    expect(page.get_by_role("heading", name="Mon suivi de PSC")).to_be_visible()
    expert = accounts.find(store, "expert@exemple.fr")
    assert expert is not None
    mine = next(one for one in reading.listed(store, expert) if one.titre == "Mon suivi de PSC")
    assert mine.genre == "indicateurs"

    tab_to(page, "Partager", ends=True)
    page.keyboard.press("Enter")
    expect(page.get_by_text("un partage n’ouvre aucun chiffre")).to_be_visible()
    choose(page, "Avec", "Une personne", page.get_by_label("Adresse électronique"))
    tab_to(page, "Adresse électronique")
    page.keyboard.type("autre@exemple.fr")
    page.keyboard.press("Tab")
    choose(page, "Droit", "Lire", page.get_by_role("combobox", name="Droit", expanded=False))
    tab_to(page, "Partager", ends=True)
    page.keyboard.press("Enter")
    expect(page.get_by_text("L’analyse est partagée.")).to_be_visible()
    assert [one.name for one in shares.shares(store, expert, mine.id)] == ["Anne Autre"]

    for name in ("Cette analyse en PDF", "Lot à rejouer"):
        tab_to(page, name)
        with page.expect_download() as taken:
            page.keyboard.press("Enter")
        content = taken.value.path().read_bytes()
        assert content.startswith(b"%PDF" if "PDF" in name else b"PK")
    bundle = tmp_path / "lot.zip"
    bundle.write_bytes(content)
    asked = ("analyse", "rejouer", str(bundle), "--utilisateur", "expert@exemple.fr")
    told = called(*asked, lake=petit_lake, store=str(store.url))
    assert told.stdout.splitlines() == ["identique"]
