"""The Ségur report as people use it: every chart that filters, by mouse; state that follows; small screens."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from apps.segur.declaration import PAGES
from tests.browser.accessibility import violations
from tests.browser.conftest import settled, visit
from tests.browser.keyboard import tab_to

SLOW = 30_000
"""Milliseconds that a busy machine may take."""


@pytest.fixture(scope="session")
def report(serve: Callable[..., str], petit_lake: Path) -> str:
    """Address of the report alone, on the small demonstration lake."""
    return serve(petit_lake, app="segur")


def expect_labels(tab: Page, *texts: str) -> None:
    """Wait until the removable labels are exactly these."""
    shown = tab.locator("[class*='st-key-obs_etiquette_']")
    expect(shown).to_have_text([f"{text} ✕" for text in texts], timeout=SLOW)
    settled(tab)


def expect_asked(tab: Page, name: str, *values: str) -> None:
    """Wait until the address asks exactly these values of a parameter."""
    tab.wait_for_function(
        """([name, wanted]) => {
            const found = new URLSearchParams(location.search).getAll(name);
            return JSON.stringify(found.sort()) === JSON.stringify(wanted.sort());
        }""",
        arg=[name, list(values)],
    )
    settled(tab)


# In one breath with the scrolling: a drawing that is made anew meanwhile takes its shapes away.
INSIDE = """path => {
    path.scrollIntoView({ block: "center", behavior: "instant" });
    const box = path.getBBox(), seen = path.getScreenCTM();
    let best = null, nearest = Infinity;
    for (let i = 1; i < 24; i++) for (let j = 1; j < 24; j++) {
        const point = new DOMPoint(box.x + box.width * i / 24, box.y + box.height * j / 24);
        const far = Math.hypot(i - 12, j - 12);
        if (far < nearest && path.isPointInFill(point)) [best, nearest] = [point, far];
    }
    const place = best.matrixTransform(seen);
    return [place.x, place.y];
}"""


def mark(tab: Page, view: str, name: str) -> None:
    """Click a bar, a slice or a territory of a view by its name."""
    found = tab.locator(f"[class*='st-key-vue_{view}'] path[aria-label*='{name}']").first
    # The middle of a slice's or a territory's box may lie outside of it.
    x, y = found.evaluate(INSIDE)
    tab.mouse.click(x, y)


def follow(tab: Page, section: str, title: str) -> None:
    """Go to a page by the menu."""
    tab.get_by_test_id("stTopNavSection").filter(has_text=section).click()
    tab.get_by_role("menuitem", name=title).click()
    expect(tab.get_by_role("menuitem", name=title)).to_have_count(0)
    settled(tab)


@pytest.mark.parametrize(
    ("page_name", "view", "month", "day"),
    [
        ("psc", "connexions", "septembre 2022", "2022-09-01"),
        ("insi-appels", "recuperations", "mars 2022", "2022-03-01"),
        ("dmp", "documents", "mai 2021", "2021-05-01"),
        ("mss", "emis", "octobre 2022", "2022-10-01"),
    ],
)
def test_a_month_of_a_histogram_filters_and_a_second_click_removes_it(
    report: str, page: Page, page_name: str, view: str, month: str, day: str
) -> None:
    visit(page, f"{report}/{page_name}")
    mark(page, view, month)
    expect_labels(page, month)
    expect_asked(page, "du", day)
    expect_asked(page, "au", day)
    mark(page, view, month)
    expect_labels(page)
    expect_asked(page, "du")


def test_months_add_up_to_a_period_of_the_whole_report(report: str, page: Page) -> None:
    visit(page, f"{report}/psc")
    mark(page, "connexions", "juin 2022")
    expect_labels(page, "juin 2022")
    mark(page, "connexions", "septembre 2022")
    expect_labels(page, "de juin 2022 à septembre 2022")
    follow(page, "DMP", "DMP 1 · Alimentation")
    expect(page.locator("h1")).to_contain_text("Le dossier médical partagé", timeout=SLOW)
    expect_labels(page, "de juin 2022 à septembre 2022")
    # The chart of another page shows what was chosen here, and takes it away from its end.
    mark(page, "documents", "septembre 2022")
    expect_labels(page, "de juin 2022 à août 2022")
    follow(page, "PSC", "PSC 1 · Usage")
    expect(page.locator("h1")).to_contain_text("Pro Santé Connect", timeout=SLOW)
    expect_labels(page, "de juin 2022 à août 2022")


@pytest.mark.parametrize(
    ("page_name", "mesh", "name", "code"),
    [
        ("psc-carte", "region", "Bretagne", "53"),
        ("psc-carte", "departement", "Guyane", "973"),
        ("mss-carte", "region", "Corse", "94"),
        ("mss-carte", "departement", "Finistère", "29"),
        ("certificats", "region", "Grand Est", "44"),
        ("certificats", "departement", "Ardennes", "08"),
    ],
)
def test_a_territory_of_a_map_filters_and_a_second_click_removes_it(
    report: str, page: Page, page_name: str, mesh: str, name: str, code: str
) -> None:
    visit(page, f"{report}/{page_name}?maille={mesh}")
    mark(page, "carte", name)
    expect_labels(page, name)
    expect_asked(page, mesh, code)
    mark(page, "carte", name)
    expect_labels(page)
    expect_asked(page, mesh)


def test_territories_add_up_follow_to_other_pages_and_leave_one_by_one(report: str, page: Page) -> None:
    visit(page, f"{report}/psc-carte")
    mark(page, "carte", "Bretagne")
    expect_labels(page, "Bretagne")
    mark(page, "carte", "Normandie")
    expect_labels(page, "Bretagne", "Normandie")
    follow(page, "Équipement", "Certificats")
    expect(page.locator("h1")).to_contain_text("Bretagne et Normandie", timeout=SLOW)
    expect_labels(page, "Bretagne", "Normandie")
    mark(page, "carte", "Normandie")
    expect_labels(page, "Bretagne")
    page.get_by_role("button", name="Bretagne ✕").click()
    expect_labels(page)
    expect_asked(page, "region")


def test_a_label_switches_the_map_and_its_table_to_departements(report: str, page: Page) -> None:
    visit(page, f"{report}/psc-carte?region=44")
    page.get_by_text("Départements", exact=True).click()
    expect_asked(page, "maille", "departement")
    expect(page.locator("[class*='st-key-vue_carte'] path[aria-label*='Bas-Rhin']")).to_have_count(
        1, timeout=SLOW
    )
    mark(page, "carte", "Bas-Rhin")
    expect_labels(page, "Bas-Rhin", "Grand Est")
    expect_asked(page, "departement", "67")


@pytest.mark.parametrize(
    ("page_name", "view", "name", "axis", "code"),
    [
        ("psc-carte?region=53", "carte", "Bretagne", "region", "53"),
        ("mss?type_acteur=ES", "boites", "Établissements sanitaires", "type_acteur", "ES"),
        ("psc?du=2022-09-01&au=2022-09-01", "connexions", "septembre 2022", "du", "2022-09-01"),
    ],
)
def test_what_a_link_selected_is_removed_by_a_click(
    report: str, page: Page, page_name: str, view: str, name: str, axis: str, code: str
) -> None:
    visit(page, f"{report}/{page_name}")
    expect_asked(page, axis, code)
    mark(page, view, name)
    expect_labels(page)
    expect_asked(page, axis)
    mark(page, view, name)
    expect_asked(page, axis, code)


@pytest.mark.parametrize(
    ("view", "name", "code"),
    [("acteurs", "Officines", "officine"), ("boites", "Professionnels libéraux", "PS libéral")],
)
def test_actor_types_filter_their_page_only(report: str, page: Page, view: str, name: str, code: str) -> None:
    visit(page, f"{report}/mss")
    mark(page, view, name)
    expect_labels(page, name)
    expect_asked(page, "type_acteur", code)
    mark(page, view, "Établissements sanitaires")
    expect_labels(page, name, "Établissements sanitaires")
    mark(page, view, "Établissements sanitaires")
    expect_labels(page, name)
    follow(page, "INSi", "INSi 2 · Appels")
    expect(page.locator("h1")).to_contain_text("INSi", timeout=SLOW)
    expect_labels(page)


def row(tab: Page, view: str, rank: int) -> None:
    """Tick a row of a table by its rank (drawn on a canvas: 35 pixels a row, after a heading of 35)."""
    grid = tab.locator(f"[class*='st-key-vue_{view}'] canvas").first
    grid.evaluate("grid => grid.scrollIntoView({ block: 'center', behavior: 'instant' })")
    # A layer that scrolls lies over the canvas and passes clicks on.
    grid.click(force=True, position={"x": 16, "y": 52 + 35 * rank})


@pytest.mark.parametrize(
    ("page_name", "view", "axis"),
    [
        ("psc-professions", "professions", "profession"),
        ("psc", "territoires", "region"),
        ("mss", "detail", "type_acteur"),
        ("structures", "structures", "structure"),
        ("classement", "classement", "region"),
    ],
)
def test_rows_of_a_table_filter_their_dimension(
    report: str, page: Page, page_name: str, view: str, axis: str
) -> None:
    def asked(count: int) -> None:
        page.wait_for_function(
            "([name, count]) => new URLSearchParams(location.search).getAll(name).length === count",
            arg=[axis, count],
        )
        settled(page)

    visit(page, f"{report}/{page_name}")
    row(page, view, 0)
    asked(1)
    row(page, view, 1)
    asked(2)
    row(page, view, 0)
    asked(1)


def test_a_column_filters_its_dimension_and_the_export_holds_what_is_shown(report: str, page: Page) -> None:
    visit(page, f"{report}/psc-professions")
    arranger = page.locator(".st-key-obs_arranger_professions button")
    arranger.click()
    page.get_by_label("Chercher dans le tableau").fill("med")
    page.get_by_label("Chercher dans le tableau").press("Enter")
    expect(page.get_by_text("1 ligne montrée sur 5")).to_be_visible(timeout=SLOW)
    settled(page)
    page.get_by_role("combobox", name="Garder").click()
    page.get_by_role("option", name="Médecin").first.click()
    expect_asked(page, "profession", "10")
    expect_labels(page, "Médecin")
    expect(page).to_have_url(re.compile("professions.tableau=q%3Dmed"))
    page.keyboard.press("Escape")
    with page.expect_download() as waiting:
        page.locator(".st-key-obs_csv_professions button").click()
    lines = Path(waiting.value.path()).read_text(encoding="utf-8-sig").splitlines()
    names = [line.split(";")[0] for line in lines if not line.lstrip('"').startswith("#")]
    assert names == ["Profession", "Médecin", "Ensemble"]


def test_the_tree_ticks_a_departement(report: str, page: Page) -> None:
    visit(page, f"{report}/psc?region=53")
    bar = page.get_by_test_id("stSidebar")
    bar.get_by_text("Arbre des territoires").click()
    bar.get_by_text("Grand Est", exact=True).last.click()
    bar.get_by_text("Bas-Rhin (67)", exact=True).click()
    # Bretagne and Bas-Rhin together would keep nothing: the last one ticked stands.
    expect_labels(page, "Bas-Rhin")
    expect_asked(page, "region")
    expect(page.locator("h1")).to_contain_text("Bas-Rhin", timeout=SLOW)
    assert violations(page) == []
    bar.get_by_text("Toute la région", exact=True).click()
    expect_labels(page, "Bas-Rhin", "Grand Est")


def test_the_territory_is_searched_and_cleared_with_the_keyboard_alone(report: str, page: Page) -> None:
    visit(page, f"{report}/psc")
    tab_to(page, "Territoire")
    page.keyboard.type("Bas-Rhin")
    expect(page.get_by_role("option").first).to_contain_text("Bas-Rhin")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect_asked(page, "departement", "67")
    page.keyboard.press("Escape")
    expect_labels(page, "Bas-Rhin")
    page.evaluate("document.activeElement.blur()")
    tab_to(page, "Effacer")
    page.keyboard.press("Enter")
    expect_asked(page, "departement")
    expect_labels(page)


def test_clear_keeps_the_period_and_reset_brings_the_default_back(report: str, page: Page) -> None:
    visit(page, f"{report}/psc?region=44&profession=10&du=2022-01-01&au=2022-06-01")
    expect_labels(page, "Médecin", "Grand Est", "de janvier 2022 à juin 2022")
    page.get_by_role("button", name="Effacer", exact=True).click()
    expect_labels(page, "de janvier 2022 à juin 2022")
    expect_asked(page, "region")
    page.get_by_role("button", name="Réinitialiser").click()
    expect_labels(page)
    expect_asked(page, "du")


# Every page; one in two on a telephone.
@pytest.mark.parametrize(
    ("name", "width"),
    [("" if rank == 0 else one.name, (1440, 390)[rank % 2]) for rank, one in enumerate(PAGES)],
)
def test_pages_are_accessible_and_fit_their_screen(report: str, page: Page, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    visit(page, f"{report}/{name}?region=44&au=2022-06-01")
    expect(page.locator("[data-testid='stAlertContentError']")).to_have_count(0)
    assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= width
    assert violations(page) == []


def test_the_whole_report_is_made_on_demand_with_its_progress(report: str, page: Page) -> None:
    visit(page, f"{report}/telecharger?region=44&du=2022-10-01&au=2022-11-01")
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.get_by_role("button", name="Composer le rapport en PDF").click()
    expect(page.get_by_role("progressbar")).to_be_visible(timeout=SLOW)
    offered = page.get_by_role("button", name="Télécharger segur_rapport")
    expect(offered).to_be_visible(timeout=180_000)
    with page.expect_download() as waiting:
        offered.click()
    assert waiting.value.suggested_filename == "segur_rapport_2022-11-01.pdf"
    assert Path(waiting.value.path()).read_bytes().startswith(b"%PDF")
