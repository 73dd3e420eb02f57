"""Cached reads, views and key figures on the hand-worked lake."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from apps.kit.access.access import Access
from apps.kit.charts.figures import Figure, Figures, _cell
from apps.kit.data.data import Data
from apps.kit.data.reads import columns_of, tables_of
from apps.kit.data.view import View
from apps.kit.style.french import change
from lake.catalog.annuaire import ACTIVITES
from lake.catalog.territoires import COMMUNES
from lake.errors import MissingTable
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes import engine
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.selection import Selection
from tests.kit_lake import DECEMBER, EST, JANUARY, build


def test_figures_worked_by_hand(kit_view: Callable[..., View]) -> None:
    view = kit_view()
    assert view.value("professionnels") == 8
    assert view.value("activites") == 9
    assert view.value("sites") == 4
    assert view.value("densite_pour_10000") == pytest.approx(8 / 40_500 * 10_000)
    assert view.value("part_localises") == pytest.approx(7 / 8)
    assert view.value("professionnels", at=DECEMBER) == 8
    assert kit_view(departement=["67"], profession=["10"]).value("professionnels") == 3
    assert kit_view(epci=[EST], date=DECEMBER).value("professionnels") == 4


def test_dates_are_newest_first_and_the_latest_is_shown(kit_view: Callable[..., View]) -> None:
    view = kit_view()
    assert view.dates == [JANUARY, DECEMBER]
    assert (view.date, view.before) == (JANUARY, DECEMBER)
    assert kit_view(date=DECEMBER).before is None
    assert view.source() == "ANS, Annuaire Santé, 14 janvier 2025"


def test_a_filtering_chart_shows_every_value_of_its_own_axis(kit_view: Callable[..., View]) -> None:
    view = kit_view(profession=["10"])
    assert view.query(["professionnels"], ["code_profession"]).height == 1
    assert view.query(["professionnels"], ["code_profession"], apart=["profession"]).height == 3


def test_filters_are_said_in_words(kit_view: Callable[..., View]) -> None:
    view = kit_view(departement=["67", "68"], profession=["10"], commune=["68002"])
    assert view.filters_in_words() == [
        ("Commune", "L'Isle-sur-Ill"),
        ("Département", "Bas-Rhin et Haut-Rhin"),
        ("Profession", "Médecin"),
    ]
    assert kit_view(departement=["99"]).filters_in_words() == [("Département", "99")]


def test_the_snapshot_in_memory_gives_what_the_lake_gives(
    kit_lake: Lake, kit_view: Callable[..., View]
) -> None:
    view = kit_view()
    selection = Selection({"departement": ["67"]}, JANUARY)
    measures = [measure.name for measure in ANNUAIRE.measures]
    slow = engine.query(ANNUAIRE, kit_lake.scan, selection, measures, ["epci"]).collect()
    assert view.data.query(ANNUAIRE, selection, measures, ["epci"]).equals(slow)


def test_the_figures_need_few_columns_and_known_tables() -> None:
    columns = columns_of(ANNUAIRE)
    assert {"identification_nationale_pp", "code_commune", "geo_precision", "id_site"} <= set(columns)
    assert "telephone" not in columns
    assert {table.name for table in tables_of(ANNUAIRE)} >= {"annuaire__activites", "territoires__communes"}


def test_a_publication_shows_at_the_next_run_and_never_in_the_middle(tmp_path: object) -> None:
    lake = build(tmp_path / "lac")  # type: ignore[operator]
    during = Data(lake)
    asked = Selection(date=JANUARY)
    assert during.query(ANNUAIRE, asked, ["professionnels"]).item() == 8
    rows = lake.scan(ACTIVITES).filter(pl.col("date_extraction") == JANUARY).collect()
    kept = rows.filter(pl.col("code_profession") != "50")
    lake.publish(ACTIVITES, kept, replace={"date_extraction": [JANUARY]})
    assert during.query(ANNUAIRE, asked, ["professionnels"], ["profession"]).height == 3
    assert Data(lake).query(ANNUAIRE, asked, ["professionnels"]).item() == 7


def test_one_readers_figures_are_never_shown_to_another(kit_lake: Lake) -> None:
    narrow = Data(kit_lake, Access("bas-rhin", pl.col("code_departement") == "67"))
    asked = Selection(date=JANUARY)
    assert Data(kit_lake).query(ANNUAIRE, asked, ["professionnels"]).item() == 8
    assert narrow.query(ANNUAIRE, asked, ["professionnels"]).item() == 5
    assert Data(kit_lake).query(ANNUAIRE, asked, ["professionnels"]).item() == 8


def test_an_empty_lake_says_what_to_run(tmp_path: object) -> None:
    empty = Data(Lake(Settings(lake=str(tmp_path))))
    with pytest.raises(MissingTable) as refused:
        empty.frame(COMMUNES)
    assert "obs ingest" in str(refused.value)


def test_a_figure_is_read_aloud_and_escaped() -> None:
    figure = Figure("Sites <b>", "4", change(4, 5), reference="Région : 2,0", link=("pourquoi ?", '/a"b'))
    assert figure.words() == "Sites <b>\u202f: 4, baisse de 1 (20,0\u202f%), Région\u202f: 2,0"
    html = _cell(figure)
    assert "Sites &lt;b&gt;" in html
    assert "&quot;b" in html
    assert "obs-baisse" in html
    assert 'class="obs-lecteur">baisse de 1' in html
    assert "obs-hausse" in _cell(Figure("x", "4", change(4, 5), good=-1))
    assert "obs-stable" in _cell(Figure("x", "4", change(4, 4)))


def test_beyond_four_the_figures_stand_under_the_cards() -> None:
    found = Figures([Figure(name, "1") for name in "abcdef"])
    assert [card.label for card in found.cards] == ["a", "b", "c", "d"]
    assert len(found.others) == 2
    assert found.others[0].startswith("e")


def test_dates_of_views_are_dates(kit_view: Callable[..., View]) -> None:
    assert all(isinstance(day, date) for day in kit_view().dates)
