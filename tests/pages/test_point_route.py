"""The tiles of the point map: what the page counts, under the access of whoever asks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from apps.annuaire import points
from apps.annuaire.points import LAYER, OTHERS, at_place, legend, located, ranked
from apps.kit.access.access import Access
from apps.kit.data.data import Data, data, open_lake
from apps.kit.data.state import Scope, State
from apps.kit.data.view import View
from apps.kit.maps import point_route
from apps.kit.maps.tile_map import FRANCE, bounds_of, corner
from lake.catalog.annuaire import ACTIVITES
from lake.errors import AccessDenied
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.selection import Selection


@pytest.fixture
def tiles(petit_lake: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """The route on the small demonstration lake."""
    monkeypatch.setenv("OBS_LAKE", str(petit_lake))
    monkeypatch.setattr(point_route, "_served", {})
    open_lake.clear()
    yield TestClient(Starlette(routes=point_route.point_routes([LAYER])))
    open_lake.clear()


def view(**filters: list[str]) -> View:
    reads = data()
    return View("Carte", ANNUAIRE, State(Selection(filters)), reads, Scope("carte"))


def counted(items: list[list[object]]) -> int:
    return sum(int(str(item[3])) for item in items)


@pytest.mark.parametrize(
    "filters", [{}, {"departement": ["67"]}, {"profession": ["60"], "mode_exercice": ["L"]}]
)
def test_one_tile_of_the_world_counts_what_the_page_counts(
    tiles: TestClient, filters: dict[str, list[str]]
) -> None:
    page = view(**filters)
    piece = points.points(page)
    asked = tiles.get(f"{point_route.PATH}/annuaire/0/0/0.json?{piece.query}")
    assert asked.status_code == 200
    rows = located(page.data, page.data.dated(ANNUAIRE, page.selection))
    assert counted(asked.json()) == rows.height
    assert (
        piece.located
        == rows["id"].n_unique()
        == round(page.value("professionnels") * page.value("part_localises"))
    )
    assert piece.located + piece.missing == page.value("professionnels")
    assert asked.headers["cache-control"].startswith("private")


def test_the_corner_says_what_the_map_cannot_show(tiles: TestClient) -> None:
    piece = points.points(view())
    assert corner(piece).endswith(f"personnes localisées · {piece.missing} non localisées")
    assert corner(replace(piece, located=1, missing=2, counts=("site", "sites", "localisé"))) == (
        "1 site localisé · 2 non localisés"
    )
    west, south, east, north = piece.bounds
    assert 3 < west < east < 9
    assert 47 < south < north < 51
    assert (
        bounds_of(LAYER.points(data(), Selection({"departement": ["99"]}, data().dates(ANNUAIRE)[0])))
        == FRANCE
    )


def test_colours_are_those_of_the_professions_chosen_else_of_the_most_numerous(tiles: TestClient) -> None:
    day = data().dates(ANNUAIRE)[0]
    everyone = (
        data().lake.scan(ACTIVITES).filter(pl.col("date_extraction") == day)
        .group_by("libelle_profession").agg(n=pl.col("identification_nationale_pp").n_unique()).sort("n").collect()
    )  # fmt: skip
    names = list(legend(data(), Selection(date=day)))
    assert names[0] == everyone["libelle_profession"][-1]
    assert len(names) == 6
    assert names[-1] == OTHERS
    chosen = legend(data(), Selection({"profession": ["50"]}, day))
    assert list(chosen) == ["Sage-Femme", OTHERS]
    assert next(iter(ranked(data(), Selection({"profession": ["50"]}, day)))) == "50"


def test_a_place_gives_its_persons(tiles: TestClient) -> None:
    page = view()
    shown = LAYER.points(page.data, page.data.dated(ANNUAIRE, page.selection))
    code, number = (
        pl.DataFrame({"code": shown.codes}).group_by("code").len().sort("len", "code", descending=True).row(0)
    )
    assert number > 1
    assert len(at_place(page, str(code))) == number
    assert at_place(page, "0") == at_place(page, "autre") == []


def test_what_cannot_be_answered_is_said(tiles: TestClient) -> None:
    assert tiles.get(f"{point_route.PATH}/inconnue/0/0/0.json").status_code == 404
    refused = tiles.get(f"{point_route.PATH}/annuaire/0/0/0.json?date=hier")
    assert refused.status_code == 400
    assert "n'est pas une date" in refused.text
    assert tiles.get(f"{point_route.PATH}/annuaire/3/9/0.json").json() == []
    assert tiles.get(f"{point_route.PATH}/annuaire/x/0/0.json").status_code == 404


def test_the_route_asks_for_the_access_of_its_page(
    tiles: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(_request: Request, page: str) -> Access:
        asked.append(page)
        raise AccessDenied("Accès refusé.")

    monkeypatch.setattr(point_route, "require_request", refuse)
    answer = tiles.get(f"{point_route.PATH}/annuaire/0/0/0.json")
    assert (answer.status_code, answer.text, asked) == (403, "Accès refusé.", ["carte"])


def test_a_scope_sees_its_own_points_only(tiles: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    everyone = counted(tiles.get(f"{point_route.PATH}/annuaire/0/0/0.json").json())
    narrow = Access("67", pl.col("code_departement") == "67")
    monkeypatch.setattr(point_route, "require_request", lambda *_: narrow)
    theirs = counted(tiles.get(f"{point_route.PATH}/annuaire/0/0/0.json").json())
    rows = located(Data(open_lake(), narrow), data().dated(ANNUAIRE, Selection()))
    assert 0 < theirs == rows.height < everyone


def test_outlines_and_towns_come_in_degrees(tiles: TestClient) -> None:
    answer = tiles.get(f"{point_route.PATH}/contours.json")
    assert answer.headers["content-encoding"] == "gzip"
    found = answer.json()
    assert len(found["contours"]["features"]) == 10
    assert found["villes"][0][2] == "Strasbourg"
    assert 7.6 < found["villes"][0][0] < 7.9
