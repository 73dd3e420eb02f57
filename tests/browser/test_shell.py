"""The shell and the kit in a real browser: language, headers, filters in the address, clicks that filter."""

from __future__ import annotations

import re
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import at_every_width
from tests.browser.conftest import settled, visit
from tests.browser.keyboard import tab_to


def figure(tab: Page, label: str) -> str:
    """The value of a key figure."""
    cell = tab.locator("dl.obs-chiffres > div", has=tab.locator("dt", has_text=label))
    return cell.locator("dd.obs-valeur").inner_text()


def expect_labels(tab: Page, *texts: str) -> None:
    """Wait until the removable labels are exactly these."""
    expect(tab.locator("[class*='st-key-obs_etiquette_']")).to_have_text([f"{text} ✕" for text in texts])


def bar(tab: Page, name: str) -> None:
    """Click the bar of the professions' chart that bears a name."""
    shapes = tab.locator("[class*='st-key-vue_professions'] path[aria-roledescription='barre']")
    shapes.nth(["Médecin", "Infirmier", "Sage-femme"].index(name)).click()


def test_the_first_page_is_french_and_bears_its_headers(showcase: str) -> None:
    with urllib.request.urlopen(showcase) as answer:
        body = answer.read().decode()
        headers = answer.headers
    assert '<html lang="fr"' in body
    assert "<title>Vitrine</title>" in body
    assert "JavaScript. Activez-le" in body
    assert "You need to enable JavaScript" not in body
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "'unsafe-eval'" not in policy


def test_operator_addresses_are_closed(showcase: str) -> None:
    for path in ("/_stcore/metrics", "/_stcore/agent/openapi.json"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(showcase + path)
        assert refused.value.code == 404


def test_an_address_that_cannot_exist_says_so(showcase: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{showcase}/vitrine/chiffres")
    assert refused.value.code == 404
    body = refused.value.read().decode()
    assert "<h1>Page introuvable</h1>" in body
    assert '<a href="/">' in body


def test_the_title_names_the_page_and_the_suite(showcase: str, page: Page) -> None:
    visit(page, showcase)
    expect(page).to_have_title(re.compile(r"^.+ · Vitrine$"))


def test_a_page_shows_its_question_figures_and_menu(showcase: str, page: Page) -> None:
    visit(page, showcase)
    expect(page.locator("h1")).to_have_text("Où exercent les professionnels de santé\u202f?")
    assert page.evaluate("document.documentElement.lang") == "fr"
    assert figure(page, "Professionnels") == "8"
    assert figure(page, "Densité") == "2,0"
    assert figure(page, "Localisés") == "87,5\u202f%"
    expect(page.get_by_text("Cartes", exact=True)).to_be_visible()
    expect(page.get_by_placeholder("Choisir…").first).to_be_visible()


def test_a_deep_link_sets_the_filters_and_survives_a_reload(showcase: str, page: Page) -> None:
    visit(page, f"{showcase}/?departement=67&profession=10&date=2024-12-31")
    assert figure(page, "Professionnels") == "2"
    expect_labels(page, "Bas-Rhin", "Médecin")
    page.reload()
    settled(page)
    assert figure(page, "Professionnels") == "2"
    assert "departement=67" in page.url
    assert "date=2024-12-31" in page.url


def test_a_label_is_removed_by_a_click_and_everything_by_another(showcase: str, page: Page) -> None:
    visit(page, f"{showcase}/?departement=67&profession=10")
    assert figure(page, "Professionnels") == "3"
    page.get_by_role("button", name="Bas-Rhin ✕").click()
    expect(page.locator("dd.obs-valeur").first).to_have_text("4")
    assert "departement" not in page.url
    page.get_by_role("button", name="Tout effacer").click()
    expect(page.locator("dd.obs-valeur").first).to_have_text("8")
    assert "?" not in page.url


def test_the_browser_goes_back_through_filters(showcase: str, page: Page) -> None:
    visit(page, showcase)
    bar(page, "Médecin")
    expect(page.locator("dd.obs-valeur").first).to_have_text("4")
    page.get_by_role("button", name="Tout effacer").click()
    expect(page.locator("dd.obs-valeur").first).to_have_text("8")
    page.go_back()
    expect(page.locator("dd.obs-valeur").first).to_have_text("4")
    expect_labels(page, "Médecin")


def test_a_click_on_a_bar_filters_a_second_adds_and_again_removes(showcase: str, page: Page) -> None:
    visit(page, showcase)
    bar(page, "Médecin")
    expect(page.locator("dd.obs-valeur").first).to_have_text("4")
    assert "profession=10" in page.url
    bar(page, "Infirmier")
    expect(page.locator("dd.obs-valeur").first).to_have_text("7")
    bar(page, "Médecin")
    expect(page.locator("dd.obs-valeur").first).to_have_text("3")
    expect_labels(page, "Infirmier")
    page.get_by_role("button", name="Infirmier ✕").click()
    expect(page.locator("dd.obs-valeur").first).to_have_text("8")
    # The filter changed elsewhere: the chart is drawn anew under another key.
    expect(page.locator("[class*='st-key-vue_professions_1']")).to_be_visible()
    expect(page.locator("[class*='st-key-vue_professions_0']")).to_have_count(0)
    bar(page, "Sage-femme")
    expect(page.locator("dd.obs-valeur").first).to_have_text("1")


def test_a_click_on_the_map_filters_by_territory(showcase: str, page: Page) -> None:
    visit(page, showcase)
    sud, nord = (
        page.locator(f"path[aria-roledescription='territoire'][aria-label*='{name}']")
        for name in ("CA du Sud", "CC du Nord")
    )
    expect(nord).to_have_count(1)
    sud.click()
    expect(page.locator("dd.obs-valeur").first).to_have_text("3")
    expect_labels(page, "CA du Sud")
    expect(nord).to_have_count(0)  # the territory chosen fills the map, among its neighbours
    settled(page)
    sud.click()
    expect(page.locator("dd.obs-valeur").first).to_have_text("8")
    expect(nord).to_have_count(1)


def test_the_menu_carries_the_territory_and_leaves_the_rest(showcase: str, page: Page) -> None:
    visit(page, f"{showcase}/?departement=67&profession=10")
    page.get_by_text("Temps", exact=True).click()
    page.get_by_role("menuitem", name="Évolution").click()
    expect(page.locator("h1")).to_have_text("Qu’est-ce qui change\u202f?")
    settled(page)
    expect_labels(page, "Bas-Rhin")
    assert "departement=67" in page.url
    assert "profession" not in page.url
    page.go_back()
    expect(page.locator("h1")).to_have_text("Où exercent les professionnels de santé\u202f?")


def test_one_gesture_is_one_step_back(showcase: str, page: Page) -> None:
    """Streamlit writes the address of a page, then its filters: where the page comes first, both are one step."""
    visit(page, f"{showcase}/?departement=67")
    steps = page.evaluate(
        """async () => {
          const start = history.length, grown = () => history.length - start;
          history.pushState({}, "", "/evolution");
          history.pushState({}, "", "/evolution?departement=67");
          const arrived = [grown(), location.search];
          await new Promise((done) => setTimeout(done, 400));
          history.pushState({}, "", "/evolution?departement=68");
          return [...arrived, grown()];
        }"""
    )
    assert steps == [1, "?departement=67", 2]


def test_errors_are_explained_and_the_rest_of_the_page_stays(showcase: str, page: Page) -> None:
    visit(page, f"{showcase}/erreurs")
    expect(page.get_by_text("Le fichier n’a pas de colonne")).to_be_visible()
    incident = page.get_by_text(re.compile(r"Incident n° [0-9A-F]{8}"))
    expect(incident).to_be_visible()
    expect(page.get_by_text("secret interne")).to_have_count(0)
    expect(page.get_by_text("Par commune")).to_be_visible()


def test_csv_is_downloaded_with_the_filters_said(showcase: str, page: Page, tmp_path: Path) -> None:
    visit(page, f"{showcase}/?departement=68")
    with page.expect_download() as download:
        page.locator(".st-key-obs_csv_professions button").click()
    assert download.value.suggested_filename == "annuaire_carte_professions_2025-01-14.csv"
    path = tmp_path / "export.csv"
    download.value.save_as(path)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    assert any("Filtres : Département = Haut-Rhin" in line for line in lines)
    assert "Infirmier;60;2" in lines


def test_the_link_of_the_view_is_copied(showcase: str, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit(page, f"{showcase}/?departement=67")
    page.get_by_role("button", name="Copier le lien de cette vue").click()
    expect(page.get_by_text("Lien copié")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{showcase}/?departement=67"


@pytest.mark.parametrize("path", ["", "points", "evolution", "erreurs"])
def test_pages_are_accessible_and_fit_their_screen(showcase: str, page: Page, path: str) -> None:
    visit(page, f"{showcase}/{path}?departement=67")
    assert at_every_width(page) == []


def test_on_a_small_screen_figures_stand_two_by_two_and_nothing_overflows(showcase: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, showcase)
    cells = page.locator("dl.obs-chiffres > div")
    expect(cells).to_have_count(4)
    tops = [box["y"] for box in (cell.bounding_box() for cell in cells.all()) if box]
    assert tops[0] == tops[1]
    assert tops[2] == tops[3]
    assert tops[2] > tops[0]
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390


def test_points_are_drawn_coloured_and_counted(showcase: str, page: Page) -> None:
    visit(page, f"{showcase}/points")
    expect(page.get_by_text("8 activités")).to_be_visible()
    expect(page.get_by_text("1 non localisée")).to_be_visible()
    expect(page.locator("[class*='st-key-vue_points'] canvas").first).to_be_visible()
    expect(page.get_by_text("Sage-femme")).to_be_visible()


def test_a_click_on_a_folium_map_reports_the_commune(showcase: str, page: Page) -> None:
    visit(page, f"{showcase}/fond")
    expect(page.get_by_text("Commune choisie")).to_contain_text("aucune")
    surface = page.frame_locator("iframe[title*='st_folium']").locator("canvas.leaflet-zoom-animated")
    expect(surface).to_be_visible()
    chosen = page.get_by_text("Commune choisie").filter(has_text="67002")
    for _ in range(20):  # the map may still be moving to its bounds: one clicks again, as a person does
        frame = page.locator("iframe[title*='st_folium']").bounding_box()
        assert frame is not None
        # The frame's middle is the middle of the bounds: the commune of Ostwiller.
        page.mouse.click(frame["x"] + frame["width"] / 2 - 2, frame["y"] + frame["height"] / 2 - 2)
        with suppress(AssertionError):
            expect(chosen).to_be_visible(timeout=3_000)
            return
    pytest.fail("the click never reached the commune")


def test_the_page_is_reached_and_filtered_with_the_keyboard_alone(showcase: str, page: Page) -> None:
    visit(page, showcase)
    expect(page.get_by_role("combobox", name="Département")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Aller au contenu")
    tab_to(page, "Département")
    page.keyboard.type("haut")
    expect(page.get_by_role("option").first).to_contain_text("Haut")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect_labels(page, "Haut-Rhin")


def test_the_pdf_is_made_on_demand(showcase: str, page: Page, tmp_path: Path) -> None:
    visit(page, f"{showcase}/?departement=68")
    with page.expect_download() as download:
        page.get_by_role("button", name="Cette page en PDF").click()
    assert download.value.suggested_filename == "annuaire_carte_2025-01-14.pdf"
    path = tmp_path / "page.pdf"
    download.value.save_as(path)
    assert path.read_bytes().startswith(b"%PDF-")
