"""A territory chosen: maps frame it, exports hold it, filters follow or are told, merged codes are translated."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from apps.annuaire.accessibilite import ACCESSIBILITE
from apps.annuaire.accessibilite import carte as reach_map
from apps.annuaire.carte import CARTE, densities
from apps.annuaire.donnees import DONNEES
from apps.annuaire.points import chosen_outlines, legend
from apps.annuaire.scenario import SCENARIO
from apps.annuaire.scenario import carte as scenario_map
from apps.kit.data.data import Data
from apps.kit.data.known import known, left_out
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.export.report import view_of
from apps.kit.maps.maps import Map
from apps.kit.maps.outlines import bounds_in_degrees
from apps.kit.pages.export import read_back, table_csv
from apps.kit.pages.page import Page
from lake.catalog.territoires import COMMUNES, FUSIONS
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.selection import Selection
from tests.kit_lake import JANUARY, publish_extraction
from tests.pages.drawing import draw_page

BITCHE = "200069441"


@pytest.fixture(scope="module")
def reads(petit_lake: Path) -> Data:
    return Data(Lake(Settings(lake=str(petit_lake))))


def seen(reads: Data, page: Page, options: dict[str, str] | None = None, **filters: list[str]) -> View:
    return view_of(page, reads, State(Selection(filters), options or {}))


def drawn(piece: object) -> set[str]:
    assert isinstance(piece, Map)
    return {row["code"] for row in piece.spec["datasets"]["valeurs"]}


def test_the_map_of_densities_frames_the_epci_among_its_neighbours(reads: Data) -> None:
    view = seen(reads, CARTE, epci=[BITCHE])
    codes = drawn(densities(view, "epci"))
    assert BITCHE in codes
    assert 2 < len(codes) < 30
    assert len(drawn(densities(seen(reads, CARTE), "epci"))) == 150


def test_its_csv_holds_what_is_selected_with_codes(reads: Data) -> None:
    view = seen(reads, CARTE, epci=[BITCHE])
    piece = densities(view, "epci")
    back = read_back(table_csv(piece.table, view, "x"))
    assert back.height == 2  # the EPCI, and the total
    assert BITCHE in back.row(0)
    assert back.row(0)[0] == "CC du Pays de Bitche"
    everything = densities(seen(reads, CARTE), "epci").table.frame
    assert everything["epci"].null_count() == 0


@pytest.mark.parametrize(("page", "build"), [(ACCESSIBILITE, reach_map), (SCENARIO, scenario_map)])
def test_accessibility_maps_hold_the_communes_of_the_epci(reads: Data, page: Page, build: object) -> None:
    view = seen(reads, page, epci=[BITCHE], profession=["60"])
    inside = reads.frame(COMMUNES).filter(pl.col("siren_epci") == BITCHE)["code_commune"]
    piece = build(view)  # type: ignore[operator]
    assert drawn(piece) == set(inside)
    assert piece.spec["datasets"]["departements"] == []  # a département's outline would shrink the EPCI


def test_the_classes_of_accessibility_come_from_what_is_drawn(reads: Data) -> None:
    piece = reach_map(seen(reads, ACCESSIBILITE, epci=[BITCHE], profession=["60"]))
    shades = {row["couleur"] for row in piece.spec["datasets"]["valeurs"]}
    assert len(shades) >= 3
    assert len(piece.classes.labels) >= 3


def test_the_points_lie_on_the_outline_of_what_is_chosen(reads: Data) -> None:
    shapes = chosen_outlines(seen(reads, CARTE, {"maille": "points"}, epci=[BITCHE]))
    west, south, east, north = bounds_in_degrees(shapes)
    assert 7.1 < west < east < 7.8
    assert 48.8 < south < north < 49.3
    assert chosen_outlines(seen(reads, CARTE, {"maille": "points"})) == ()


def test_a_merged_commune_is_translated_and_said(reads: Data) -> None:
    old, new = reads.frame(FUSIONS).select("ancien_code_commune", "code_commune").row(0)
    view = View("x", CARTE.universe, State(Selection({"commune": [old, "00000"]}), {}), reads, CARTE.scope)
    state, told = known(view)
    assert state.selection.values("commune") == (new,)
    assert told[0] == f"La commune {old} a fusionné : elle est comptée dans {view.word('commune', new)}."
    assert told[1] == "Commune « 00000 » : ce code n'existe pas, il n'est pas compté."


def test_the_mode_follows_from_the_diagnosis_to_the_evolution(petit_lake: Path) -> None:
    filters = {"departement": ["67"], "mode_exercice": ["L"]}
    diagnosis = draw_page("annuaire", "diagnostic", petit_lake, **filters)
    evolution = draw_page("annuaire", "evolution", petit_lake, **filters)
    assert evolution.figures["Professionnels"] == diagnosis.figures["Professionnels"]
    assert "libéral" in evolution.title


def test_a_filter_that_a_page_does_not_apply_is_told(reads: Data) -> None:
    view = seen(reads, DONNEES)
    [said] = left_out(view, {"profession": ("60",), "departement": ("67",)})
    assert said == "Cette page ne filtre pas par profession : Infirmier."
    assert left_out(seen(reads, CARTE), {"profession": ("60",), "departement": ("67",)}) == []


def test_colours_go_to_the_professions_of_most_persons_not_of_most_places(tmp_path: Path) -> None:
    lake = Lake(Settings(lake=str(tmp_path)))
    doctor = [("P1", "10", "L", commune, "numero") for commune in ("67001", "67002", "68001")]
    nurses = [(person, "60", "L", "67001", "numero") for person in ("P2", "P3")]
    publish_extraction(lake, JANUARY, (*doctor, *nurses, ("P4", "50", "L", "67001", "rue")))
    data = Data(lake)
    assert list(legend(data, Selection())) == ["Infirmier", "Médecin", "Sage-femme"]
    assert list(legend(data, Selection({"profession": ("50",)}))) == ["Sage-femme", "Autres professions"]
