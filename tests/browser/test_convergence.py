"""Convergence as people use it: by link, by mouse, forward and back, in a real browser."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from apps.convergence.declaration import PAGES
from tests.browser.accessibility import violations
from tests.browser.conftest import settled, visit


@pytest.fixture(scope="session")
def convergence(serve: Callable[..., str], petit_lake: Path) -> str:
    """Address of Convergence alone, on the small demonstration lake."""
    return serve(petit_lake, app="convergence")


def figure(tab: Page, label: str) -> str:
    cell = tab.locator("dl.obs-chiffres > div", has=tab.locator("dt", has_text=label))
    return cell.locator("dd.obs-valeur").inner_text().replace("\u202f", " ")


# Every page, one in two on a telephone; the plan and a criterion's services too.
@pytest.mark.parametrize(
    ("path", "width"),
    [
        *(("" if rank == 0 else one.name, (1440, 390)[rank % 2]) for rank, one in enumerate(PAGES)),
        ("cartographie", 390),
        ("indicateurs?axe=QU-A05", 390),
    ],
)
def test_no_serious_violation_and_nothing_wider_than_the_screen(
    convergence: str, page: Page, path: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    visit(page, f"{convergence}/{path}")
    assert violations(page) == []
    assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= width


def test_a_deep_link_shows_its_axis_and_survives_a_reload(convergence: str, page: Page) -> None:
    visit(page, f"{convergence}/axes?axe=QU-A11")
    assert figure(page, "Taux de maturité") == "47,3 %"
    page.reload()
    settled(page)
    assert figure(page, "Taux de maturité") == "47,3 %"
    page.get_by_role("link", name="Comment ce taux est-il fait").click()
    page.wait_for_url("**/formule?**axe=QU-A11**")
    settled(page)
    assert figure(page, "Taux de l’axe") == "47,3 %"


def test_the_quarter_plays_and_stops(convergence: str, page: Page) -> None:
    visit(page, f"{convergence}/?horizon=2021-T1")
    before = figure(page, "Urbanisation des services")
    page.get_by_role("button", name="Lecture, trimestre par trimestre").click()
    page.wait_for_function("() => (new URLSearchParams(location.search).get('horizon') || '') > '2021-T2'")
    page.get_by_role("button", name="Arrêter").click()
    expect(page.get_by_role("button", name="Lecture, trimestre par trimestre")).to_be_visible(timeout=20_000)
    settled(page)
    after = figure(page, "Urbanisation des services")
    assert float(after.split(" ")[0].replace(",", ".")) > float(before.split(" ")[0].replace(",", "."))


def test_a_service_of_the_plan_opens_and_back_returns(convergence: str, page: Page) -> None:
    visit(page, f"{convergence}/cartographie?plan=44&vue=maturite")
    first = page.locator(".obs-pos .obs-zone li a").first
    name = first.inner_text()
    first.click()
    page.wait_for_url("**/maturite?**service=GES**")
    settled(page)
    expect(page.locator("h1")).to_contain_text(name.replace("\u202f", " ").split(" (")[0])
    page.go_back()
    page.wait_for_url("**/cartographie?**vue=maturite**")
    settled(page)
    expect(page.locator(".obs-pos .obs-mot").first).to_be_visible(timeout=20_000)


def test_indicators_go_down_back_and_across(convergence: str, page: Page) -> None:
    visit(page, f"{convergence}/indicateurs")
    path = page.get_by_role("navigation", name="Où l’on est")
    path.get_by_role("link", name=re.compile("^A05 ")).click()
    page.wait_for_url("**axe=QU-A05**")
    settled(page)
    path.get_by_role("link", name=re.compile(r"^A05\.2 ")).click()
    page.wait_for_url("**critere=A05.2**")
    settled(page)
    path.get_by_role("link", name=re.compile("^A05 ")).click()
    page.wait_for_function("() => !location.search.includes('critere=')")
    settled(page)
    path.get_by_role("link", name="La page de cet axe").click()
    page.wait_for_url("**/axes?**axe=QU-A05**")
    settled(page)
    expect(page.locator("h1")).to_contain_text("A05")


def test_a_longer_delay_moves_the_curve(convergence: str, page: Page) -> None:
    visit(page, f"{convergence}/dependances?jalon=J02")
    paths = "[...document.querySelectorAll('.vega-embed .mark-line path')]"
    shapes = f"JSON.stringify({paths}.map(path => path.getAttribute('d')))"
    page.wait_for_function(f"() => {shapes} !== '[]'", timeout=60_000)
    before, gap = page.evaluate(shapes), figure(page, "Plus grand écart")
    page.get_by_role("radio", name="8", exact=True).click()
    page.wait_for_url("**retard=8**")
    settled(page)
    page.wait_for_function(f"before => {shapes} !== before", arg=before, timeout=60_000)
    assert figure(page, "Plus grand écart") != gap


def test_the_archive_of_a_region_is_made_and_downloaded(convergence: str, page: Page) -> None:
    visit(page, f"{convergence}/publication?archive=44")
    page.get_by_role("button", name="Préparer l’archive").click()
    ready = page.get_by_role("button", name=re.compile("Télécharger convergence_grand-est"))
    expect(ready).to_be_visible(timeout=60_000)
    with page.expect_download() as waiting:
        ready.click()
    content = zipfile.ZipFile(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    assert "csv/reponses_2020-12-15.csv" in content.namelist()
    assert waiting.value.suggested_filename == "convergence_grand-est_2020-12-15.zip"


def test_the_vendors_side_is_one_switch_away(convergence: str, page: Page) -> None:
    visit(page, f"{convergence}/domaines")
    page.get_by_role("radio", name="Industriels").click()
    page.wait_for_url("**volet=industriels**")
    settled(page)
    expect(page.locator("h1")).to_contain_text("Ensemble des éditeurs")
    page.get_by_role("link", name="Éditeurs").first.click()
    page.wait_for_url("**/editeurs?**volet=industriels**")
    settled(page)
    expect(page.locator("h1")).to_contain_text("Ensemble des éditeurs")
