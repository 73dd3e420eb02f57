"""« Diagnostic » and « Scénario » as people use them: by link, by click, from another browser."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import at_every_width
from tests.browser.conftest import settled, visit


def figure(tab: Page, label: str) -> str:
    cell = tab.locator("dl.obs-chiffres > div", has=tab.locator("dt", has_text=label))
    return cell.locator("dd.obs-valeur").inner_text()


@pytest.mark.parametrize(
    "path",
    [
        "diagnostic?epci=200069441",
        "diagnostic?genre=perso&commune=57089",
        "scenario?actions=57089*2",
        "accessibilite?profession=10&specialite=SM54&maille=epci",
    ],
)
def test_pages_are_accessible_and_fit_their_screen(directory: str, page: Page, path: str) -> None:
    visit(page, f"{directory}/{path}")
    assert at_every_width(page) == []


def test_a_click_adds_a_commune_and_a_short_link_opens_elsewhere(
    directory: str, page: Page, browser: Browser
) -> None:
    visit(page, f"{directory}/diagnostic?genre=perso&commune=57089")
    page.locator("[class*='st-key-vue_carte'] path[aria-label*='Haspelschiedt']").first.click(force=True)
    page.wait_for_function("() => location.search.includes('commune=57301')")
    settled(page)
    expect(page.locator("h1")).to_contain_text("Bitche et Haspelschiedt", timeout=30_000)
    shown = figure(page, "Professionnels")
    page.get_by_role("button", name="Créer un lien court").click()
    page.wait_for_function("() => location.search.includes('lien=')")
    settled(page)
    link = page.locator("[data-testid=stCode] code").inner_text()
    assert urlsplit(link).path == "/diagnostic"
    fresh = browser.new_context(locale="fr-FR")
    fresh.set_default_timeout(40_000)
    tab = fresh.new_page()
    visit(tab, link)
    expect(tab.locator("h1")).to_contain_text("Bitche et Haspelschiedt", timeout=30_000)
    assert figure(tab, "Professionnels") == shown
    fresh.close()


def test_a_scenario_is_recovered_from_its_link(directory: str, page: Page, browser: Browser) -> None:
    visit(page, f"{directory}/scenario?profession=60&seuil=20&actions=57089*2")
    shown = figure(page, "Communes dont l’accès change")
    assert shown != "0"
    page.get_by_role("button", name="Créer un lien court").click()
    link = page.locator("[data-testid=stCode] code")
    expect(link).to_contain_text("lien=", timeout=30_000)
    fresh = browser.new_context(locale="fr-FR")
    fresh.set_default_timeout(40_000)
    tab = fresh.new_page()
    visit(tab, link.inner_text())
    tab.wait_for_function("() => location.search.includes('actions=57089')")
    settled(tab)
    assert figure(tab, "Communes dont l’accès change") == shown
    assert "seuil=20" in tab.url
    fresh.close()
