"""Small cells of composed crossings: folded with a second one, never a reader's own, never for who sees everything."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.analyses.feuille import feuille
from apps.kit.access.access import Access
from apps.kit.charts.tables import styled
from apps.kit.data.bounded import Bounded
from apps.kit.data.data import Data
from apps.kit.data.reads import Answered
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.export.pdf import printed_table
from apps.kit.pages.export import table_csv
from apps.kit.pages.sheet import tables_of
from apps.kit.views.heat import Heat
from lake.droits import Droits
from lake.settings import Settings
from lake.tables import Lake
from scoring.analyses.cadrage import Cadrage
from scoring.analyses.petites_cellules import folded, guarded
from scoring.analyses.spec import Analyse, Graphique, Section
from scoring.universes.answer import Lecture
from scoring.universes.registry import universe
from scoring.universes.selection import Selection

SEGUR = universe("segur")
PILOT = Lecture(Droits(frozenset({"segur"}), regions=frozenset({"44"})))


def fold(
    cells: dict[tuple[str, str], tuple[int, int]], least: int = 5
) -> tuple[dict[tuple[str, str], int | None], int]:
    """``{(region, acteur): (value, structures)}`` folded for a reader of region 44."""
    rows = [(region, acteur, value, count) for (region, acteur), (value, count) in cells.items()]
    whole = pl.DataFrame(rows, schema=["code_region", "acteur", "m", "__structures_m"], orient="row")
    axes = {"region": ["code_region"], "acteur": ["acteur"]}
    frame, count, _marks = folded(
        whole.drop("__structures_m"), whole.drop("m"), axes, [], ["m"], {"44"}, least
    )
    return {(region, acteur): value for region, acteur, value in frame.iter_rows()}, count


def test_a_small_cell_is_folded_with_a_second_one_of_each_of_its_lines() -> None:
    cells = {
        ("11", "ES"): (900, 40), ("11", "LABO"): (50, 2), ("11", "EMS"): (70, 6),
        ("28", "ES"): (300, 20), ("28", "LABO"): (90, 9), ("28", "EMS"): (80, 7),
        ("44", "ES"): (500, 30), ("44", "LABO"): (10, 1), ("44", "EMS"): (60, 8),
    }  # fmt: skip
    seen, count = fold(cells)
    hidden = {key for key, value in seen.items() if value is None}
    assert hidden == {("11", "LABO"), ("11", "EMS"), ("28", "LABO"), ("28", "EMS")}
    assert count == 4
    assert seen["44", "LABO"] == 10, "a region's own structures are its own"
    for line in (("11", None), ("28", None), (None, "LABO"), (None, "EMS")):
        lost = [key for key in hidden if line[0] in (None, key[0]) and line[1] in (None, key[1])]
        assert len(lost) != 1, "a total would give it back"


def test_what_is_large_enough_is_shown() -> None:
    seen, count = fold({("11", "ES"): (9, 5), ("11", "EMS"): (8, 6), ("28", "ES"): (7, 9)})
    assert (None not in seen.values(), count) == (True, 0)


cell = st.tuples(st.integers(0, 99), st.integers(0, 9))
grid = st.dictionaries(
    st.tuples(st.sampled_from(["11", "28", "44", "53"]), st.sampled_from("abcd")), cell, max_size=16
)


@given(grid)
def test_no_line_ever_has_one_cell_folded_alone(cells: dict[tuple[str, str], tuple[int, int]]) -> None:
    if not cells:
        return
    seen, _ = fold(cells)
    for key, (value, count) in cells.items():
        if key[0] != "44" and 1 <= count < 5:
            assert seen[key] is None
        assert seen[key] in (None, value)
        assert key[0] != "44" or seen[key] == value
    for place in (0, 1):
        for name in {key[place] for key in cells}:
            line = [key for key in cells if key[place] == name and key[0] != "44"]
            lost = [key for key in line if seen[key] is None]
            assert len(lost) != 1 or len(line) == 1


def test_only_a_crossing_that_tells_the_region_is_guarded() -> None:
    assert guarded(SEGUR, ["mss_boites"], ["region", "type_acteur"], [])
    assert guarded(SEGUR, ["mss_boites"], ["code_departement", "departement", "profession", "mois"], [])
    assert guarded(SEGUR, ["mss_boites"], ["type_acteur"], ["region"])
    assert not guarded(SEGUR, ["mss_boites"], ["region"], [])
    assert not guarded(SEGUR, ["mss_boites"], ["region", "mois"], [])
    assert not guarded(SEGUR, ["mss_boites"], ["type_acteur", "profession"], [])
    assert not guarded(SEGUR, ["psc_e_cps"], ["region", "profession"], []), "no structure is counted there"
    assert not guarded(universe("convergence"), ["services_concernes"], ["region", "kind"], [])


@pytest.fixture(scope="module")
def lake(petit_lake: Path) -> Lake:
    return Lake(Settings(lake=str(petit_lake)))


def test_a_pilot_reads_no_small_cell_of_another_region(lake: Lake) -> None:
    by, names = ["region", "type_acteur"], ["mss_boites"]
    last = Selection().during(Data(lake).dates(SEGUR)[0], None)
    pilot = Bounded.of(Data(lake, Access("pilote", lecture=PILOT)), Cadrage(), ("mss_boites",))
    found = pilot.answer(SEGUR, last, names, by)
    whole = Bounded.of(Data(lake), Cadrage(), ("mss_boites",)).answer(SEGUR, last, names, by)
    assert whole.small == 0
    assert whole.frame.filter(pl.col("region") == "Grand Est").equals(
        found.frame.filter(pl.col("region") == "Grand Est")
    )
    assert found.small == found.frame["mss_boites"].null_count() - whole.frame["mss_boites"].null_count() > 0
    view = View("Essai", SEGUR, State(last), pilot).listening()
    view.query(names, by)
    told = " ".join(view.told())
    assert told.startswith("« < 5 »\u202f: ")
    assert f"{found.small} cases d’autres régions ne sont pas montrées" in told.replace("\u202f", " ")


def test_a_small_cell_is_read_as_such_on_screen_in_the_csv_and_on_paper(lake: Lake) -> None:
    chart = Graphique("segur", "tableau", ("mss_boites",), ("region", "type_acteur"))
    reads = Data(lake, Access("pilote", lecture=PILOT))
    page = feuille(Analyse("Essai", sections=(Section("bcdfgh", graphique=chart),)), lambda _name: reads)
    ((_, table, view),) = tables_of(page.shown())
    text = table_csv(table, view, "Essai").decode("utf-8-sig").replace("\xa0", " ")
    lines = [line.split(";") for line in text.splitlines() if not line.startswith("#")]
    cells = [line[-1] for line in lines[1:]]
    regions = table.frame["region"].n_unique()
    assert regions < table.frame.height
    assert f", {regions} régions, " in table.counted, "regions are counted, not their crossings"
    assert "< 5" in cells
    assert "masqué" in cells, "a second cell is held back, else the total would give the first one"
    own = [line for line in lines if "Grand Est" in line]
    assert own
    assert all(line[-1].isdecimal() for line in own)
    (column,) = (one.name for one in table.columns if one.name == "mss_boites")
    texts = [str(one).replace("\xa0", " ") for one in styled(table).data[column]]
    assert len({len(one) for one in texts}) == 1, "by their last figure: a browser then sorts them as numbers"
    known = sorted(
        one
        for one in (text.replace("\u2007", " ") for text in texts)
        if one[-1].isdecimal() and "<" not in one
    )
    figures = [int("".join(filter(str.isdecimal, one))) for one in known]
    assert figures == sorted(figures)
    shown = [one.strip("\u2007") for one in texts]
    assert (shown.count("< 5"), shown.count("masqué")) == (cells.count("< 5"), cells.count("masqué"))
    printed = [row[-1].replace("\xa0", " ") for row in printed_table(table, 500)["lignes"]]
    assert printed.count("< 5") == cells.count("< 5")


def test_the_threshold_is_a_setting(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.from_env({}).petites_cellules == 5
    monkeypatch.setenv("OBS_PETITES_CELLULES", "0")
    pilot = Bounded.of(Data(lake, Access("pilote", lecture=PILOT)), Cadrage(), ("mss_boites",))
    assert pilot.answer(SEGUR, Selection(), ["mss_boites"], ["region", "type_acteur"]).small == 0


def test_a_blank_of_a_heat_map_is_not_said_unobserved_where_cells_are_folded(lake: Lake) -> None:
    reads = Data(lake)
    view = View("Essai", SEGUR, State(), reads).listening()
    heat = Heat("psc_taux_adoption", "region", "mois")
    assert heat(view).reading == "Une case vide n’est pas observée."
    view.data.told.append((SEGUR, Answered(pl.DataFrame(), small=2)))
    assert heat(view).reading == "Une case vide n’est pas observée, ou n’est pas montrée."
