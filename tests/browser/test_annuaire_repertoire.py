"""The directory's search and its point map as people use them."""

from __future__ import annotations

import csv
import io
import math
import re
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Frame, Page, expect

from lake.catalog.annuaire import ACTIVITES, PRECISIONS_LOCALISEES
from lake.settings import Settings
from lake.store.engine import Store
from lake.store.journal import Filters, read
from lake.tables import Lake
from tests.browser.accessibility import at_every_width, violations
from tests.browser.conftest import settled, visit

PERSON = "identification_nationale_pp"


@pytest.fixture(scope="module")
def rows(petit_lake: Path) -> pl.DataFrame:
    scanned = Lake(Settings(lake=str(petit_lake))).scan(ACTIVITES)
    return scanned.filter(pl.col("date_extraction") == pl.date(2025, 1, 14)).collect()


def points_frame(tab: Page) -> Frame:
    """The frame of the point map, once its points are drawn."""
    tab.frame_locator("iframe[title*='carte_points']").locator("body[data-etat='pret']").wait_for()
    found = tab.frame(url=re.compile("carte_points"))
    assert found is not None
    return found


def mercator(latitude: float) -> float:
    """Height of a latitude on the map (radians)."""
    return math.asinh(math.tan(math.radians(latitude)))


def test_answers_come_while_typing_and_a_commune_becomes_a_filter(directory: str, page: Page) -> None:
    visit(page, f"{directory}/repertoire")
    field = page.get_by_label("Rechercher")
    field.press_sequentially("starsbourg", delay=20)
    commune = page.get_by_role("button", name="Voir la commune de Strasbourg (67)")
    expect(commune).to_be_visible()
    expect(field).to_be_focused()
    expect(page.locator(".obs-lecture")).to_contain_text("d’un nom proche de «\u202fstarsbourg\u202f»")
    commune.click()
    page.wait_for_url("**commune=67482**")
    settled(page)
    assert "q=" not in page.url
    expect(field).to_have_value("")


def test_a_bulk_export_asks_first_and_is_recorded(
    directory: str, page: Page, store: str, rows: pl.DataFrame
) -> None:
    count = rows.filter(pl.col("code_departement") == "67")[PERSON].n_unique()
    visit(page, f"{directory}/repertoire?departement=67")
    page.get_by_role("button", name="Exporter les").click()
    expect(page.get_by_text("données à caractère personnel")).to_be_visible()
    expect(page.get_by_role("button", name="vCard")).to_have_count(0)
    page.get_by_text("J’ai lu ces conditions").click()
    button = page.get_by_role("button", name="CSV", exact=True)
    expect(button).to_be_visible()
    settled(page)
    with page.expect_download() as waiting:
        button.click()
    text = Path(waiting.value.path()).read_bytes().decode("utf-8-sig")
    body = [line for line in text.splitlines() if not line.lstrip('"').startswith("#")]
    people = list(csv.DictReader(io.StringIO("\n".join(body)), delimiter=";"))
    assert len(people) == count
    assert {row["Identifiant national"] for row in people} == set(
        rows.filter(pl.col("code_departement") == "67")[PERSON]
    )
    line = read(Store(Settings(store=store)), Filters(action="export.personnes"))[0]
    assert line.auteur is None
    assert line.details["lignes"] == count
    assert line.details["filtres"] == {"departement": ["67"]}


def test_a_click_on_a_point_opens_the_card(directory: str, page: Page, rows: pl.DataFrame) -> None:
    placed = rows.filter(pl.col("geo_precision").is_in(PRECISIONS_LOCALISEES))
    alone = placed.filter(pl.len().over("code_commune") == 1).sort("code_commune").row(0, named=True)
    visit(page, f"{directory}/?maille=points&commune={alone['code_commune']}")
    frame = points_frame(page)
    assert frame.evaluate("document.body.dataset.points") == "1"
    expect(frame.locator(".coin")).to_contain_text("1 personne localisée")
    # The map frames the commune chosen, all of it: its one point stands where its coordinates say.
    surface = frame.locator("#carte")
    box = surface.bounding_box()
    assert box is not None
    west, south, east, north = map(float, frame.evaluate("document.body.dataset.cadre").split(","))
    across = (alone["longitude"] - west) / (east - west)
    down = (mercator(north) - mercator(alone["latitude"])) / (mercator(north) - mercator(south))
    assert 0 < across < 1
    assert 0 < down < 1
    surface.click(position={"x": across * box["width"], "y": down * box["height"]})
    page.wait_for_url(f"**personne={alone[PERSON]}**")
    settled(page)
    expect(page.locator("article.obs-fiche h2")).to_contain_text(alone["nom_exercice"])


def test_the_map_of_the_region_holds_every_located_place(
    directory: str, page: Page, rows: pl.DataFrame
) -> None:
    places = rows.filter(pl.col("geo_precision").is_in(PRECISIONS_LOCALISEES)).select(
        PERSON, "longitude", "latitude"
    )
    visit(page, f"{directory}/?maille=points")
    frame = points_frame(page)
    # The few that stand outside of the frame are the thousandths that its bounds leave out.
    shown = int(frame.evaluate("document.body.dataset.points"))
    assert 0.98 * places.n_unique() <= shown <= places.n_unique()
    expect(frame.locator(".coin")).to_contain_text("non localisées")
    expect(page.get_by_text("Autres professions")).to_be_visible()


def test_the_map_and_the_cards_are_accessible_and_fit_their_screen(
    directory: str, page: Page, rows: pl.DataFrame
) -> None:
    visit(page, f"{directory}/?maille=points")
    assert violations(points_frame(page)) == []
    site = rows["finess_site"].drop_nulls().value_counts().sort("count", "finess_site")["finess_site"][-1]
    person = rows.filter(pl.col("finess_site") == site)[PERSON].sort()[0]
    visit(page, f"{directory}/repertoire?quoi=etablissements&etablissement={site}&personne={person}")
    expect(page.locator("article.obs-fiche")).to_have_count(2)
    assert at_every_width(page) == []
