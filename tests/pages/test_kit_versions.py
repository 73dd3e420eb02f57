"""A run reads one set of versions: pinned ones are honoured everywhere, and a page never mixes two publications."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from apps.kit.access.access import PUBLIC, Access
from apps.kit.data import data as kit_data
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.export import jobs
from apps.kit.export.jobs import same_file
from lake.catalog.annuaire import ACTIVITES
from lake.catalog.territoires import COMMUNES, EPCI
from lake.droits import Droits
from lake.errors import LakeError, UnknownName
from lake.settings import Settings
from lake.snapshot import Snapshot
from lake.tables import Lake
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.answer import Lecture
from scoring.universes.selection import Selection
from tests.demo_lake import called
from tests.kit_lake import DECEMBER, JANUARY, build


@pytest.fixture
def lac(tmp_path: Path) -> Lake:
    return build(tmp_path / "lac")


def later(lake: Lake, day: date, professions: list[str]) -> int:
    """Publish another extraction: January's rows of these professions, at another date."""
    rows = lake.scan(ACTIVITES).filter(pl.col("date_extraction") == JANUARY).collect()
    kept = rows.filter(pl.col("code_profession").is_in(professions)).with_columns(date_extraction=pl.lit(day))
    return lake.publish(ACTIVITES, kept, replace={"date_extraction": [day]})


def test_pinned_versions_are_honoured_by_the_list_of_dates(lac: Lake) -> None:
    """The dates came from the newest log: the newest one was then asked of the pinned version, which answered 0."""
    pinned = lac.version(ACTIVITES)
    assert pinned is not None
    later(lac, date(2025, 3, 1), ["10"])
    then = Data(lac, PUBLIC, [lac.snapshot().pinning({ACTIVITES.name: pinned})])
    assert then.dates(ANNUAIRE) == [JANUARY, DECEMBER]
    assert then.query(ANNUAIRE, Selection(), ["professionnels"]).item() == 8
    now = Data(lac)
    assert now.dates(ANNUAIRE)[0] == date(2025, 3, 1)
    assert now.query(ANNUAIRE, Selection(), ["professionnels"]).item() == 4


def test_figures_by_date_are_those_of_the_publication_read(lac: Lake) -> None:
    """All the extractions are held in memory: what is held never outlives the version that it was read from."""
    question = (ANNUAIRE, Selection({"profession": ["10"]}), ["professionnels"], ["date_extraction"])
    before = Data(lac)
    assert before.query(*question).rows() == [(DECEMBER, 3), (JANUARY, 4)]
    later(lac, date(2025, 3, 1), ["10"])
    assert before.query(*question).height == 2
    assert Data(lac).query(*question).rows()[-1] == (date(2025, 3, 1), 4)


def test_a_file_kept_is_that_of_one_publication_one_reader_and_one_day(lac: Lake) -> None:
    """A report asked a second time is not made again; for other rights, another day or another publication it is."""
    person = Access("pilote:44", lecture=Lecture(Droits(frozenset({"annuaire"}), regions=frozenset({"44"}))))
    day, state = date(2025, 2, 1), State(Selection({"profession": ["10"]}))

    def kept(state: State = state, access: Access = PUBLIC, day: date = day) -> str:
        return same_file(View("Carte", ANNUAIRE, state, Data(lac, access)), "rapport", today=day)

    made: list[str] = []

    def file(key: str) -> bytes:
        return jobs._once(key, lambda _say: made.append(key) or key.encode(), lambda _sentence, _share: None)

    keys = [kept(), kept(State()), kept(access=person), kept(day=date(2025, 2, 2))]
    for key in keys * 2:
        assert file(key) == key.encode()
    assert made == keys
    later(lac, date(2025, 3, 1), ["10"])
    assert file(kept()) not in [key.encode() for key in keys]
    assert [file(""), file("")] == [b"", b""]
    assert made[5:] == ["", ""]


def test_a_page_never_mixes_two_publications(lac: Lake) -> None:
    """Versions were pinned table by table, at the first use of each: the second half of a page read a later lake."""
    during = Data(lac)
    assert during.frame(EPCI).height == 3
    lac.publish(COMMUNES, lac.scan(COMMUNES).collect().with_columns(population=pl.lit(1, pl.Int64)))
    assert during.frame(COMMUNES)["population"].sum() == 40_500
    assert Data(lac).frame(COMMUNES)["population"].sum() == 6


def test_the_views_of_a_page_read_the_state_of_their_run(lac: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Snapshot] = []
    true = Lake.snapshot

    def counted(lake: Lake) -> Snapshot:
        taken.append(true(lake))
        return taken[-1]

    monkeypatch.setattr(Lake, "snapshot", counted)
    reads = Data(lac)
    views = [reads.listening(), reads.listening()]
    for view in views:
        view.query(ANNUAIRE, Selection(), ["professionnels"], ["epci"])
        view.frame(COMMUNES)
    assert len(taken) == 1, "one state a run, however many views it has"


def test_an_answer_is_recomputed_only_when_a_table_that_it_reads_changed(lac: Lake) -> None:
    """Every figure was keyed by every table of its universe: one publication made them all be computed again."""
    question = (ANNUAIRE, Selection(date=JANUARY), ["professionnels"], ["code_profession"])
    first = Data(lac).query(*question)
    lac.publish(EPCI, lac.scan(EPCI).collect())
    assert Data(lac).query(*question) is first, "it reads no name of EPCI"
    by_name = (ANNUAIRE, Selection(date=JANUARY), ["professionnels"], ["epci"])
    named = Data(lac).query(*by_name)
    lac.publish(EPCI, lac.scan(EPCI).collect().with_columns(epci=pl.lit("Autre nom")))
    renamed = Data(lac).query(*by_name)
    assert renamed is not named
    assert set(renamed["epci"].drop_nulls()) == {"Autre nom"}
    later(lac, JANUARY, ["60"])
    assert Data(lac).query(*question)["code_profession"].to_list() == ["60"]


def test_answers_are_held_up_to_a_number_of_bytes() -> None:
    held: kit_data.Kept[str] = kit_data.Kept(10, 100, len)
    held.put("a", "x" * 60)
    held.put("b", "x" * 30)
    assert held.get("a") is not None
    held.put("c", "x" * 30)
    assert held.get("b") is None, "the oldest use goes first"
    assert held.get("a") is not None
    held.put("d", "x" * 101)
    assert held.get("d") is None
    assert held.get("a") is not None, "one too large does not drive the others out"


def test_the_command_reads_the_version_asked(petit_lake: Path) -> None:
    lake = Lake(Settings(lake=str(petit_lake)))
    last = lake.version(ACTIVITES)
    assert last, "the demonstration publishes several extractions"

    def asked(*more: str) -> pl.DataFrame:
        options = ("--mesure", "professionnels", "--par", "date_extraction", "--format", "csv")
        return pl.read_csv(called("query", "annuaire", *options, *more, lake=petit_lake).stdout.encode())

    first = asked("--version", f"{ACTIVITES.name}=0")
    assert first.height == 1
    assert asked().height > 1
    assert asked("--version", f"{ACTIVITES.name}={last}").equals(asked())
    for wrong, said in (("annuaire__activite=0", "annuaire__activites"), ("annuaire__activites", "numéro")):
        command = ("query", "annuaire", "--mesure", "professionnels", "--version", wrong)
        refused = called(*command, lake=petit_lake, check=False)
        assert refused.returncode == 1
        assert said in refused.stderr
    with pytest.raises(UnknownName):
        lake.snapshot().pinning({"inconnue": 1})
    with pytest.raises(LakeError):
        lake.snapshot().pinning({ACTIVITES.name: 999}).scan(ACTIVITES)
