"""A figure never depends on the measures asked beside it: ``A,B`` is ``A`` and ``B``, row by row.

The trap (« company »): one form of the universe used to answer every measure asked. A pilot read 225 125 documents by
editor alone, 74 491 beside a distinct count, for the form that counts structures holds his own region only.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from lake.contract import Table
from lake.droits import Droits
from scoring import droits as rights
from scoring.universes import convergence_campaign, convergence_rows, engine, months
from scoring.universes.combining import applies
from scoring.universes.convergence_reponses import REPONSES_DONNEES
from scoring.universes.engine import query
from scoring.universes.model import Rhythm
from scoring.universes.registry import universe
from scoring.universes.selection import Selection
from tests.demo_lake import Held, called
from tests.examples import examples

ALL = frozenset({"annuaire", "segur", "convergence"})
READERS = {
    "national": None,
    "pilote 44": Droits(ALL, regions=frozenset({"44"})),
    "pilote 44 sans les autres": Droits(ALL, regions=frozenset({"44"}), agreges=False),
    "pilote du 67": Droits(ALL, departements=frozenset({"67"})),
    "éditeur": Droits(ALL, editeurs=frozenset({"Maincare"})),
}
AXES = {
    "segur": (
        [],
        ["mois"],
        ["editeur"],
        ["code_region", "editeur"],
        ["code_departement", "mois"],
        ["type_acteur", "code_profession"],
    ),
    "annuaire": (
        [],
        ["code_departement"],
        ["code_commune", "code_profession"],
        ["geo_motif"],
        ["date_extraction", "siren_epci"],
        ["mode_exercice"],
    ),
    "convergence": (
        ["questionnaire"],
        ["questionnaire", "axe"],
        ["campagne", "questionnaire", "code_region"],
        ["critere", "editeur"],
    ),
}


@pytest.fixture(scope="module")
def lac(petit_lake: Path) -> Held:
    return Held(petit_lake)


class Asking:
    """What readers are answered, each question asked once."""

    def __init__(self, lac: Held) -> None:
        self.lac = lac
        self.known: dict[tuple[object, ...], pl.DataFrame] = {}

    def __call__(
        self, name: str, reader: str, measures: Sequence[str], by: Sequence[str], total: bool = False
    ) -> pl.DataFrame:
        key = (name, reader, tuple(measures), tuple(by), total)
        if key not in self.known:
            scan, restrict, droits = self.lac.scan, None, READERS[reader]
            if droits is not None:
                scan = rights.restricted(scan, rights.rule(droits, scan, question=by))
                restrict = rights.restriction(droits, name)
            asked = universe(name, scan)
            answer = query(asked, scan, Selection(), measures, by, total=total, restrict=restrict)
            self.known[key] = answer.collect()
        return self.known[key]

    def measures(self, name: str, by: Sequence[str]) -> list[str]:
        """The measures that have these axes."""
        one = universe(name, self.lac.scan)
        return [m.name for m in one.measures if all(applies(one, m, one.axis(axis)) for axis in by)]


@pytest.fixture(scope="module")
def asking(lac: Held) -> Asking:
    return Asking(lac)


def alone_and_in_company(alone: pl.DataFrame, company: pl.DataFrame, measure: str, by: Sequence[str]) -> None:
    """The rows of a measure alone are those of the company that it does not leave empty."""
    own = company.select(*by, measure)
    if not by:
        assert_frame_equal(own, alone, check_row_order=False, abs_tol=1e-9)
        return
    shared = own.join(alone.select(by), on=by, how="semi", nulls_equal=True)
    assert_frame_equal(shared, alone, check_row_order=False, abs_tol=1e-9)
    others = own.join(alone.select(by), on=by, how="anti", nulls_equal=True)
    assert others[measure].null_count() == others.height


@pytest.mark.parametrize("reader", ["national", "pilote 44"])
@pytest.mark.parametrize(("name", "by"), [(name, by) for name, sets in AXES.items() for by in sets])
def test_each_measure_alone_is_what_it_is_beside_every_other(
    asking: Asking, name: str, by: list[str], reader: str
) -> None:
    measures = asking.measures(name, by)
    company = asking(name, reader, measures, by)
    for measure in measures:
        alone_and_in_company(asking(name, reader, [measure], by), company, measure, by)
    keys = pl.concat([asking(name, reader, [measure], by).select(by) for measure in measures]).unique()
    assert company.height == (keys.height if by else 1), "the rows are the union of the keys"


@settings(max_examples=examples(30, 100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_pair_of_any_reader_on_any_axes(asking: Asking, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["segur", "segur", "annuaire", "convergence"]))
    by = data.draw(st.sampled_from(AXES[name]))
    measures = asking.measures(name, by)
    one, other = data.draw(st.lists(st.sampled_from(measures), min_size=2, max_size=2, unique=True))
    reader = data.draw(st.sampled_from(sorted(READERS)))
    over_time = universe(name).time.name in by
    totals = name != "convergence" and not (over_time and universe(name).rhythm is Rhythm.SNAPSHOT)
    total = totals and data.draw(st.booleans())
    pair = asking(name, reader, [one, other], by, total)
    swapped = asking(name, reader, [other, one], by, total)
    assert_frame_equal(pair, swapped.select(pair.columns), abs_tol=1e-9)
    for measure in (one, other):
        alone = asking(name, reader, [measure], by, total)
        rows = pair
        if total and by:
            assert rows.row(-1, named=True)[measure] == pytest.approx(alone.row(-1, named=True)[measure])
            alone, rows = alone[:-1], rows[:-1]
        alone_and_in_company(alone, rows, measure, by)


class Keeping:
    """A scan that keeps what is made of its tables, as pages do, and counts what it was given to keep."""

    def __init__(self, scan: Callable[[Table], pl.LazyFrame]) -> None:
        self.scan, self.held = scan, dict[str, Any]()

    def __call__(self, table: Table, /) -> pl.LazyFrame:
        return self.scan(table)

    def keep(
        self, name: Hashable, tables: Sequence[Table], make: Callable[[], Any], *, size: str = "small"
    ) -> Any:
        if (key := repr(([table.name for table in tables], name, size))) not in self.held:
            self.held[key] = make()
        return self.held[key]


@pytest.mark.parametrize("held", [months.HELD, 40])
@pytest.mark.parametrize("reader", sorted(READERS))
def test_rows_held_in_memory_answer_as_the_tables_do(
    asking: Asking, monkeypatch: pytest.MonkeyPatch, reader: str, held: int
) -> None:
    """Indicators of more rows than are held (all but a few, where 40 are) are read from the table."""
    monkeypatch.setattr(months, "HELD", held)
    keeping, droits = Keeping(asking.lac.scan), READERS[reader]
    for by in ([], ["mois"], ["code_region", "editeur"]):
        scan, restrict = keeping, None
        if droits is not None:
            scan = rights.restricted(keeping, rights.rule(droits, keeping, question=by))
            restrict = rights.restriction(droits, "segur")
        measures = asking.measures("segur", by)
        found = query(universe("segur", scan), scan, Selection(), measures, by, restrict=restrict).collect()
        assert_frame_equal(found, asking("segur", reader, measures, by))
    kept = [frame for name, frame in keeping.held.items() if name.endswith("'rows')")]
    assert len(kept) >= len(measures), "each indicator of each form of the universe is asked to be held"
    assert all(frame is None or frame.height <= held for frame in kept)


@pytest.mark.parametrize(
    ("reader", "held"), [("pilote 44", months.HELD), ("éditeur", months.HELD), ("national", 40)]
)
def test_values_of_services_made_once_answer_as_those_made_for_the_question(
    asking: Asking, monkeypatch: pytest.MonkeyPatch, reader: str, held: int
) -> None:
    """Filters of services, of solutions and of criteria, a horizon: the services held are the campaign's own."""
    for module in (convergence_rows, convergence_campaign):
        monkeypatch.setattr(module, "HELD", held)
    keeping, droits = Keeping(asking.lac.scan), READERS[reader]
    questions = (
        (Selection(), ["questionnaire"]),
        (Selection({"region": ["44"]}), ["questionnaire", "axe"]),
        (Selection({"region": ["44", "52"], "domaine": ["2", "8"]}), ["questionnaire"]),
        (Selection({"editeur": ["Maincare"]}), ["campagne", "questionnaire", "code_region"]),
        (Selection({"questionnaire": ["QU"]}), ["region"]),
        (Selection({"region": ["44"]}).with_parameter("horizon", "2026-T4"), ["questionnaire", "service"]),
        (Selection().with_parameter("perimetre", "tous"), ["questionnaire", "axe", "critere"]),
        (Selection().with_parameter("retard", "J02:8"), ["questionnaire", "trimestre"]),
    )
    for selection, by in questions:
        scan, bare = keeping, asking.lac.scan
        if droits is not None:
            scan, bare = (
                rights.restricted(one, rights.rule(droits, one, question=(*by, *selection.filters)))
                for one in (keeping, asking.lac.scan)
            )
        one = universe("convergence", bare)
        measures = [m.name for m in one.measures if all(applies(one, m, one.axis(axis)) for axis in by)]
        expected, found = (query(one, each, selection, measures, by).collect() for each in (bare, scan))
        assert_frame_equal(found, expected)
        assert found.height or droits is not None, selection
        listed = (engine.detail(REPONSES_DONNEES, each, selection).collect() for each in (bare, scan))
        assert_frame_equal(*listed)
    assert len([name for name in keeping.held if name.endswith("'rows')")]) >= len(questions) - 2


def test_a_pilot_reads_as_many_documents_beside_a_distinct_count(asking: Asking) -> None:
    """T12: 225 125 both times, whichever editors the other measure has."""
    alone = asking("segur", "pilote 44", ["dmp_documents"], ["editeur"])
    beside = asking("segur", "pilote 44", ["dmp_documents", "insi_structures_actives"], ["editeur"])
    assert alone["dmp_documents"].sum() == beside["dmp_documents"].sum() == 225_125


def test_the_command_says_the_same_alone_and_in_company(petit_lake: Path) -> None:
    def asked(measures: str) -> pl.DataFrame:
        options = ("--par", "editeur", "--utilisateur", "pilote-regional@demo.example", "--format", "csv")
        done = called("query", "segur", "--mesure", measures, *options, lake=petit_lake)
        return pl.read_csv(done.stdout.encode())

    company = asked("dmp_documents,insi_structures_actives")
    alone_and_in_company(
        asked("dmp_documents"), company.select("editeur", "dmp_documents"), "dmp_documents", ["editeur"]
    )
    assert company["dmp_documents"].sum() == 225_125


def test_a_territory_without_a_first_activity_is_empty_not_zero(asking: Asking) -> None:
    """A commune where nobody has his principal activity is absent from that count, in company too."""
    by = ["code_commune"]
    rows = asking("annuaire", "national", ["professionnels", "professionnels_principal"], by)
    alone = asking("annuaire", "national", ["professionnels_principal"], by)
    assert rows["professionnels_principal"].null_count() == rows.height - alone.height
