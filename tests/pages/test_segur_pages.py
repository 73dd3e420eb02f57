"""The Ségur report says what the universe says, and the figures printed in November 2022."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from apps.commands.rights import access_as
from apps.kit.charts.tables import Column
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.export.report import view_of
from apps.kit.filters.regions import chosen, tree
from apps.kit.pages.pieces import Drawn
from apps.kit.style.french import typographic
from apps.kit.views.plan import METROPOLE, bounds, outlined
from apps.segur.declaration import PAGES
from apps.segur.notice import NOTICE, coverage
from apps.segur.services import PSC_MAP, SERVICES
from ingest.run import Request, run
from ingest.sources import source
from lake.catalog.segur import STRUCTURES
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.engine import query
from scoring.universes.model import Format
from scoring.universes.segur import segur_of_lake
from scoring.universes.selection import Selection
from tests.pages.drawing import draw_page

NOVEMBER = date(2022, 11, 1)
GRAND_EST = {"region": ["44"]}


def written(value: float | None, shape: Format) -> str:
    if value is None:
        return "—"
    text = f"{100 * value:,.2f}\u202f%" if shape is Format.SHARE else f"{value:,.0f}"
    return text.replace(",", "\u202f").replace(".", ",")


def asked(lake: Path, selection: Selection, *measures: str) -> dict[str, str]:
    """The universe's figures, by label, as screens write them."""
    scan = Lake(Settings(lake=str(lake))).scan
    universe = segur_of_lake(scan)
    row = query(universe, scan, selection, measures).collect().row(0, named=True)
    return {universe.measure(m).label: written(row[m], universe.measure(m).format) for m in measures}


def test_the_printed_figures_of_november_2022(petit_lake: Path) -> None:
    page = draw_page("segur", "psc", petit_lake, **GRAND_EST)
    assert page.figures["Cartes e-CPS activées"] == "100\u202f665"
    assert page.figures["Professionnels enregistrés"] == "350\u202f759"
    assert page.figures["Taux d’adoption de l’e-CPS"] == "28,70\u202f%"
    assert "Grand Est, novembre 2022. Taux d’adoption de l’e-CPS\u202f: 28,70\u202f%" in page.reading


def test_the_printed_figures_are_in_the_table_of_regions(petit_lake: Path) -> None:
    page = draw_page("segur", "psc-carte", petit_lake)
    table = page.at.dataframe[0].value.set_index("region")
    assert table.loc["Grand Est", "psc_e_cps"] == 100_665
    assert table.loc["Île-de-France", "psc_professionnels"] == 1_099_768
    assert round(100 * table.loc["Corse", "psc_taux_adoption"], 2) == 36.71
    regions = table.drop(index="Ensemble")
    assert regions["psc_e_cps"].sum() == table.loc["Ensemble", "psc_e_cps"]


@pytest.mark.parametrize("name", [page.name for page in SERVICES])
@pytest.mark.parametrize("filters", [{}, {"region": ["44"]}, {"departement": ["971"], "au": ["2022-06-01"]}])
def test_key_figures_are_those_of_the_last_month(
    petit_lake: Path, name: str, filters: dict[str, list[str]]
) -> None:
    page = draw_page("segur", name, petit_lake, **filters)
    month = date.fromisoformat(filters["au"][0]) if "au" in filters else NOVEMBER
    selection = Selection({axis: v for axis, v in filters.items() if axis != "au"}, None, month, month)
    universe = segur_of_lake(Lake(Settings(lake=str(petit_lake))).scan)
    codes = {typographic(m.label): m.name for m in universe.measures}
    assert page.figures
    expected = asked(petit_lake, selection, *(codes[label] for label in page.figures))
    assert page.figures == {typographic(label): value for label, value in expected.items()}


def test_a_region_is_the_sum_of_its_departements_and_of_what_is_not_allocated(petit_lake: Path) -> None:
    page = draw_page("segur", "psc-carte", petit_lake, maille=["departement"], **GRAND_EST)
    table = page.at.dataframe[0].value
    total = table[table["departement"] == "Ensemble"]["psc_professionnels"].item()
    parts = table[table["departement"] != "Ensemble"]
    assert total == 350_759 == parts["psc_professionnels"].sum()
    assert parts[parts["departement"] == "Non réparti"]["psc_professionnels"].item() > 0


def test_a_month_not_delivered_is_a_gap_and_is_told(petit_lake: Path) -> None:
    page = draw_page("segur", "mss", petit_lake, au=["2022-03-01"])
    assert page.figures["Messages reçus"] == "—"
    assert "Mars 2022 n’est pas complet\u202f: Messages reçus (absent)." in page.reading
    assert "1 mois manque" in page.html
    after = draw_page("segur", "mss", petit_lake, au=["2022-04-01"])
    assert "évolution non disponible" in after.html


def test_months_before_an_indicator_begins_are_not_told_as_gaps(petit_lake: Path) -> None:
    page = draw_page("segur", "mss", petit_lake)
    assert "13 mois manquent" not in page.html


def test_a_flow_adds_over_the_period_and_a_stock_takes_its_last_month(petit_lake: Path) -> None:
    page = draw_page("segur", "psc", petit_lake, du=["2022-09-01"], au=["2022-11-01"], **GRAND_EST)
    period = Selection(GRAND_EST, None, date(2022, 9, 1), NOVEMBER)
    total = asked(petit_lake, period, "psc_connexions")["Connexions"]
    assert f"sur la période\u202f: {total}" in page.html
    assert page.figures["Cartes e-CPS activées"] == "100\u202f665"


def test_every_page_bears_the_time_slider_and_the_territory() -> None:
    for page in PAGES:
        if page.name == "referencement":  # its time is the date of a catalogue, and software has no territory
            assert type(page.filters[0]).__name__ == "Snapshot"
            continue
        assert [type(f).__name__ for f in page.head] == ["Months"], page.name
        assert {"region", "departement"} <= set(page.scope.shared), page.name
        assert page.scope.monthly
    assert len({page.name for page in PAGES}) == len(PAGES)


def test_synthese_says_the_last_month_and_both_changes(petit_lake: Path) -> None:
    page = draw_page("segur", "synthese", petit_lake, **GRAND_EST)
    rates, volumes = (frame.value.set_index("indicateur") for frame in page.at.dataframe[:2])
    one, before, year = (
        draw_page("segur", "psc", petit_lake, au=[month], **GRAND_EST).figures["Cartes e-CPS activées"]
        for month in ("2022-11-01", "2022-10-01", "2021-11-01")
    )
    now, last, then = (int(text.replace("\u202f", "")) for text in (one, before, year))
    row = volumes.loc["Cartes e-CPS activées"]
    assert row["valeur"] == now == 100_665
    assert row["relatif_mois"] == pytest.approx(now / last - 1)
    assert row["relatif_an"] == pytest.approx(now / then - 1)
    rate = rates.loc["Taux d'adoption de l'e-CPS"]
    assert rate["valeur"] == pytest.approx(100_665 / 350_759)
    assert len(rates) + len(volumes) == 31


def test_a_gap_is_not_a_fall_in_the_summary(petit_lake: Path) -> None:
    page = draw_page("segur", "synthese", petit_lake, au=["2022-03-01"])
    volumes = page.at.dataframe[1].value.set_index("indicateur")
    row = volumes.loc["Messages reçus"]
    assert row[["valeur", "relatif_mois", "relatif_an"]].isna().all()
    assert "Messages reçus (absent)" in page.reading
    after = draw_page("segur", "synthese", petit_lake, au=["2022-04-01"])
    row = after.at.dataframe[1].value.set_index("indicateur").loc["Messages reçus"]
    assert row["valeur"] > 0
    assert row[["relatif_mois"]].isna().all()


def test_a_structure_shows_its_own_indicators(petit_lake: Path) -> None:
    page = draw_page("segur", "structures", petit_lake)
    names = page.at.dataframe[0].value
    assert len(names) >= 10
    scan = Lake(Settings(lake=str(petit_lake))).scan
    code, name = scan(STRUCTURES).filter(pl.col("nom").is_in(list(names["structure"]))).collect().row(0)[:2]
    chosen = draw_page("segur", "structures", petit_lake, structure=[code])
    assert chosen.title == f"Où en est {name}\u202f?"
    assert len(chosen.at.dataframe[0].value) == len(names), "the list stays whole"
    universe = segur_of_lake(scan)
    selection = Selection({"structure": [code]}, None, NOVEMBER, NOVEMBER)
    expected = query(universe, scan, selection, ["mss_boites"]).collect().item()
    volumes = chosen.at.dataframe[2].value.set_index("indicateur")
    shown = volumes.loc["Boîtes aux lettres", "valeur"]
    assert shown == expected if expected is not None else shown != shown


def test_a_search_narrows_the_structures(petit_lake: Path) -> None:
    page = draw_page("segur", "structures", petit_lake, q=["clinique"])
    assert all("Clinique" in name for name in page.at.dataframe[0].value["structure"])


def test_notice_says_what_is_missing_what_was_revised_and_defines_every_indicator(petit_lake: Path) -> None:
    page = draw_page("segur", "notice", petit_lake)
    definitions, revisions = page.at.dataframe[0].value, page.at.dataframe[1].value
    assert len(definitions) == 31
    assert set(revisions["indicateur"]) == {"Documents ajoutés au DMP"}
    assert (revisions["ecart"] == revisions["valeur_apres"] - revisions["valeur_avant"]).all()
    assert "1 mois d’indicateur incomplet ou absent" in page.reading
    settings = Settings(lake=str(petit_lake))
    view = view_of(NOTICE, Data(Lake(settings), access_as(settings, None, "segur")), State(Selection()))
    table = coverage(view).table
    assert table is not None
    months = dict(table.frame.select("indicateur", pl.struct("debut", "fin")).iter_rows())
    assert months["Cartes e-CPS activées"] == {"debut": date(2020, 12, 1), "fin": NOVEMBER}
    assert {one["fin"] for one in months.values()} == {NOVEMBER}


def test_a_month_with_rejected_lines_is_shown_as_incomplete(tmp_path: Path) -> None:
    lake, file = tmp_path / "lac", tmp_path / "novembre.csv"
    good = "2022-11-01;PSC;{};44;67;10;{}"
    lines = [
        "mois;service;indicateur;code_region;code_departement;profession;valeur",
        good.format("psc_professionnels", 200),
        good.format("psc_e_cps", 50),
        "2022-11-01;PSC;psc_e_cps;44;75;10;4",
        "2022-10-01;PSC;psc_connexions;44;67;10;7",
    ]
    file.write_text("\n".join(lines) + "\n")
    settings = Settings(lake=str(lake))
    run(source("territoires"), Request(), settings)
    run(source("segur"), Request(files=(file,), budget=0.5), settings)
    page = draw_page("segur", "psc", lake)
    assert page.figures["Cartes e-CPS activées"] == "50"
    assert page.figures["Taux d’adoption de l’e-CPS"] == "25,00\u202f%"
    assert "Cartes e-CPS activées (incomplet)" in page.reading
    notice = draw_page("segur", "notice", lake)
    refused = next(f.value for f in notice.at.dataframe if "motif" in f.value.columns)
    assert refused["motif"].to_list() == ["département hors de sa région"]
    assert refused["lignes"].to_list() == [1]
    view = view_of(NOTICE, Data(Lake(settings), access_as(settings, None, "segur")), State(Selection()))
    table = coverage(view).table
    assert table is not None
    gaps = sum(len(text.split(", ")) for text in table.frame["manquants"] if text)
    assert coverage(view).reading == f"{gaps} cases : I, incomplet, ou A, absent."
    told = {row["indicateur"]: row for row in table.frame.iter_rows(named=True)}["Connexions"]
    assert (told["debut"], told["fin"], told["manquants"]) == (date(2022, 10, 1),) * 2 + ("nov. 2022",)


def test_a_region_stays_whole_whatever_departement_is_chosen(petit_lake: Path) -> None:
    page = draw_page("segur", "psc-carte", petit_lake, departement=["67"])
    table = page.at.dataframe[0].value.set_index("region")
    assert table.loc["Grand Est", "psc_professionnels"] == 350_759
    assert "Bas-Rhin" in page.title


def test_the_plan_shows_the_chosen_territory_and_the_same_figures(petit_lake: Path) -> None:
    view = view_of(
        PSC_MAP,
        Data(Lake(Settings(lake=str(petit_lake)))),
        State(Selection({"region": ["44"]}), {"maille": "departement", "fond": "ign"}),
    )
    assert [f["properties"]["nom"] for f in outlined(view, "departement")][:2] == ["Ardennes", "Aube"]
    south, west, north, east = bounds(outlined(view, "departement"))
    assert (south, west) == pytest.approx((47.4, 3.4), abs=0.15)
    assert (north, east) == pytest.approx((50.2, 8.2), abs=0.15)
    assert bounds([]) == METROPOLE
    plain = view_of(PSC_MAP, view.data, State(view.selection, {"maille": "departement"}))
    shown = PSC_MAP.blocks[0].build(view)
    assert isinstance(shown, Drawn)
    assert shown.table is not None
    assert shown.table.frame.equals(PSC_MAP.blocks[0].build(plain).table.frame)


def test_the_last_place_ticked_stands(petit_lake: Path) -> None:
    view = view_of(PSC_MAP, Data(Lake(Settings(lake=str(petit_lake)))), State())
    east, moselle, nord = ("region", "44"), ("departement", "57"), ("departement", "59")

    def ticked(*places: tuple[str, str]) -> dict[str, tuple[str, ...]]:
        selection = Selection()
        for place in places:
            selection = chosen(view, selection, place, keep=True)
        return dict(selection.filters)

    assert ticked(east, moselle) == {"region": ("44",), "departement": ("57",)}
    assert ticked(east, nord) == {"departement": ("59",)}
    assert ticked(nord, east) == {"region": ("44",)}
    assert set(ticked(nord, moselle, nord)["departement"]) == {"57", "59"}
    assert chosen(view, Selection({"region": ["44"]}), east, keep=False) == Selection()
    branch = next(one for one in tree(view) if one.code == "44")
    assert branch.name == "Grand Est"
    assert list(branch.departements)[:3] == ["08", "10", "51"]
    assert len(tree(view)) == 24


def test_counts_that_some_rows_lack_keep_their_thousands() -> None:
    column = Column("n", "Nombre", Format.INTEGER)
    values = pd.Series([2815, None], dtype="Int64").tolist()
    assert [column.write(value) for value in values] == ["2\u202f815", "—"]
    assert column.write(np.int64(2815)) == "2\u202f815"


def said(at: AppTest, name: str) -> str:
    """A parameter of the address (AppTest gives one value or a list)."""
    value = at.query_params[name]
    return value if isinstance(value, str) else value[0]


def test_another_filter_leaves_the_time_slider_as_it_is(petit_lake: Path) -> None:
    page = draw_page("segur", "psc", petit_lake, du=["2022-01-01"])
    at = page.at
    place = next(select for select in at.multiselect if select.label == "Territoire")
    place.set_value([("region", "44")]).run(timeout=60)
    assert not at.exception
    assert (said(at, "du"), said(at, "region")) == ("2022-01-01", "44")
    at.select_slider[0].set_range(date(2022, 3, 1), date(2022, 6, 1)).run(timeout=60)
    assert not at.exception
    assert (said(at, "du"), said(at, "au")) == ("2022-03-01", "2022-06-01")
    next(button for button in at.button if button.label == "Réinitialiser").click().run(timeout=60)
    assert "du" not in at.query_params
    assert at.select_slider[0].value == (date(2020, 12, 1), NOVEMBER)
