"""A delivery of several tables is one visible change: killed, doubled, raced or half answered, it never mixes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dataframely as dy
import polars as pl
import pytest

from ingest import run as running
from ingest.report import RunReport
from ingest.run import Request, run
from ingest.source import Parsed
from lake import leases, tables
from lake.catalog.journal import EXECUTIONS
from lake.contract import Table
from lake.delivery import Delivery
from lake.errors import DamagedLake, LakeError, PublishConflict, SourceUnavailable
from lake.objects import LocalObjects
from lake.publications import ECRITURE, ETAT, LIVRAISON, RESTAURATION, RETOUR
from lake.settings import Settings
from lake.tables import Lake
from tests.conftest import S3Server
from tests.sample import FEVRIER, JANVIER, PERSONNES, VISITES, Visites, write_file
from tests.unit.lossy_s3 import Losses, lossy

ROOT = Path(__file__).resolve().parents[2]


class PassagesSchema(dy.Schema):
    """A memory: one row a line of each delivery, added for ever."""

    note = dy.String(nullable=True, description="Note")


PASSAGES = Table(
    name="essai__passages",
    title="Passages",
    description="Une ligne par ligne livrée.",
    schema=PassagesSchema,
    source="essai",
)


class Trois(Visites):
    """Three tables: a memory that grows first (as Ségur's revisions do), persons, then visits."""

    tables = (PASSAGES, PERSONNES, VISITES)

    def parse(self, snapshot, context):  # type: ignore[no-untyped-def]
        people, visits = list(super().parse(snapshot, context))
        yield Parsed(PASSAGES, visits.frame.select("note"), lues=0, append=True, counted=False)
        yield people
        yield visits


def ingest(settings: Settings, *files: Path, **options: object) -> RunReport:
    return run(Trois(), Request(files=files, **options), settings)  # type: ignore[arg-type]


def shown(lake: Lake) -> tuple[list[str], list[str], list[str]]:
    """What a reader sees of the three tables, read in one state; empty where nothing is published."""
    state = Lake(lake.settings).snapshot()

    def values(table: Table, column: str) -> list[str]:
        return sorted(state.scan(table).collect()[column].to_list()) if state.exists(table) else []

    return values(PASSAGES, "note"), values(PERSONNES, "personne"), values(VISITES, "note")


NOTHING: tuple[list[str], list[str], list[str]] = ([], [], [])
OLD = (["a", "b"], ["Anne", "Bob"], ["a", "b"])
NEW = (["a", "b", "c"], ["Chloé"], ["c"])


def old_file(folder: Path) -> Path:
    return write_file(folder, JANVIER, ["67;Anne;a", "01;Bob;b"])


def new_file(folder: Path) -> Path:
    return write_file(folder, JANVIER, ["67;Chloé;c"], name="v2_visites")


class Killed(BaseException):
    """The process is no more: nothing that follows runs."""


def killing(monkeypatch: pytest.MonkeyPatch, at: int) -> list[str]:
    """Kill at the n-th step that touches the disk; the steps met, in order."""
    steps: list[str] = []

    def wrap(owner: object, name: str, label: Callable[..., str | None]) -> None:
        act = getattr(owner, name)

        def step(*args: object, **options: object) -> object:
            said = label(*args, **options)
            if said is None:
                return act(*args, **options)
            for moment in ("avant", "après"):
                if moment == "après":
                    done = act(*args, **options)
                steps.append(f"{moment} {said}")
                if len(steps) == at:
                    raise Killed
            return done

        monkeypatch.setattr(owner, name, step)

    wrap(LocalObjects, "put", lambda *_args: "archive")
    wrap(LocalObjects, "create", lambda _self, key, _body: key)
    wrap(tables, "write_deltalake", lambda *_args, **_options: "écriture")
    monkeypatch.setattr(Delivery, "take_back", lambda _self: None)
    monkeypatch.setattr(running, "record", lambda *_args: None)
    return steps


@pytest.mark.parametrize("first", [True, False], ids=["première livraison", "livraison suivante"])
def test_killed_at_any_step_readers_see_before_or_after_and_a_rerun_closes(
    first: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = (NOTHING, (["c"], ["Chloé"], ["c"])) if first else (OLD, NEW)
    at, outcomes = 0, []
    while True:
        at += 1
        lake = Lake(Settings(lake=str(tmp_path / f"lac{at}")))
        if not first:
            ingest(lake.settings, old_file(tmp_path))
        with monkeypatch.context() as patch:
            steps = killing(patch, at)
            try:
                ingest(lake.settings, new_file(tmp_path))
            except Killed:
                pass
            else:
                break
        seen = shown(lake)
        assert seen in (before, after), steps
        outcomes.append(seen == after)
        report = ingest(lake.settings, new_file(tmp_path))
        assert report.statut == ("deja_publiee" if seen == after else "publiee"), steps
        assert shown(lake) == after, steps
    assert at > 10
    assert outcomes == sorted(outcomes)  # visible from one step on
    assert sum(outcomes) == 1  # that of the record, the last of all
    assert steps[-1].startswith("après _publications/")


KILL = """
import os, sys
from pathlib import Path
from lake import tables
from lake.settings import Settings
from tests.unit.test_delivery import ingest
left = [int(sys.argv[2])]
write = tables.write_deltalake
def dying(*args, **options):
    write(*args, **options)
    left[0] -= 1
    if not left[0]:
        os._exit(9)
tables.write_deltalake = dying
ingest(Settings.from_env(), Path(sys.argv[1]))
"""


def test_a_process_that_dies_between_two_tables_leaves_no_mixture_nor_lease(
    lake: Lake, tmp_path: Path
) -> None:
    ingest(lake.settings, old_file(tmp_path))
    died = subprocess.run(
        [sys.executable, "-c", KILL, str(new_file(tmp_path)), "2"],
        cwd=ROOT,
        env={**os.environ, "OBS_LAKE": lake.settings.lake},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert died.returncode == 9, died.stderr
    assert lake.newest(PERSONNES) == 1  # written
    assert lake.version(PERSONNES) == 0  # not shown
    assert shown(lake) == OLD
    assert ingest(lake.settings, new_file(tmp_path), patience=0.0).statut == "publiee"
    assert shown(lake) == NEW


def test_readers_see_one_publication_or_the_next_never_a_mixture(lake: Lake, tmp_path: Path) -> None:
    """Each delivery writes its number everywhere: a reader that meets two numbers met a mixture."""
    ended, mixed, states = threading.Event(), [], set()

    def read() -> None:
        mine = Lake(lake.settings)
        while not ended.is_set():
            state = mine.snapshot()
            if not state.exists(VISITES):
                continue
            people = set(state.scan(PERSONNES).collect()["personne"])
            visits = set(state.scan(VISITES).collect()["note"])
            states.add(state.number)
            if people != visits:
                mixed.append((state.number, people, visits))

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        for number in range(8):
            lines = [f"67;n{number};n{number}", f"01;n{number};n{number}"]
            ingest(lake.settings, write_file(tmp_path, JANVIER, lines, name=f"v{number}_visites"))
        ended.set()
        for reader in readers:
            reader.result()
    assert mixed == []
    assert len(states) > 1


def test_two_ingestions_of_one_source_follow_one_another(any_lake: Lake, tmp_path: Path) -> None:
    ingest(any_lake.settings, old_file(tmp_path))
    start = threading.Barrier(2)

    def one(path: Path) -> str:
        start.wait()
        return ingest(any_lake.settings, path).statut

    january = new_file(tmp_path)
    february = write_file(tmp_path, FEVRIER, ["67;Denis;d"])
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(one, [january, february])) == ["publiee", "publiee"]
    assert shown(any_lake) == (["a", "b", "c", "d"], ["Chloé", "Denis"], ["c", "d"])
    with ThreadPoolExecutor(2) as pool:
        again = list(pool.map(one, [february, february]))
    assert again == ["deja_publiee", "deja_publiee"]
    assert shown(any_lake) == (["a", "b", "c", "d"], ["Chloé", "Denis"], ["c", "d"])


def test_a_second_ingestion_that_waited_long_enough_is_refused_in_french(
    any_lake: Lake, tmp_path: Path
) -> None:
    said: list[str] = []
    with (
        any_lake.delivery("essai", (VISITES,), execution="premiere"),
        pytest.raises(PublishConflict) as refused,
    ):
        run(
            Trois(),
            Request(files=(old_file(tmp_path),), patience=0.05),
            any_lake.settings,
            lambda sentence, _share: said.append(sentence),
        )
    assert str(refused.value).startswith("Une autre publication de la source essai est en cours depuis le ")
    assert f"processus {os.getpid()}" in str(refused.value)
    assert "Une autre publication de essai est en cours : attente" in said
    assert ingest(any_lake.settings, old_file(tmp_path)).statut == "publiee"  # the lease ended


def test_a_lease_left_on_s3_by_a_dead_process_is_taken_over(
    s3_lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import json
    import socket

    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    elsewhere = {"titulaire": "x", "machine": "ailleurs", "pid": 1, "depuis": "2025-01-14T08:00:00+00:00"}
    here = {**elsewhere, "machine": socket.gethostname(), "pid": dead.pid}
    s3_lake.objects.create("_verrous/essai.json", json.dumps(elsewhere).encode())
    with pytest.raises(PublishConflict, match="depuis le 14/01/2025 à 08:00 UTC"):
        ingest(s3_lake.settings, old_file(tmp_path), patience=0.0)
    monkeypatch.setattr(leases, "STALE_S", -1.0)  # left alone for longer than a lease lasts
    assert ingest(s3_lake.settings, old_file(tmp_path), patience=0.0).statut == "publiee"
    monkeypatch.undo()
    s3_lake.objects.create("_verrous/essai.json", json.dumps(here).encode())
    assert ingest(s3_lake.settings, new_file(tmp_path), patience=0.0).statut == "publiee"
    assert s3_lake.objects.list("_verrous") == []


@pytest.fixture
def relay(s3_server: S3Server) -> Iterator[Losses]:
    with lossy(s3_server.endpoint) as losses:
        yield losses


@pytest.mark.parametrize(
    ("ending", "times"),  # 30: every attempt that the libraries make
    [
        ("essai__passages/_delta_log/00000000000000000001.json", 1),
        ("essai__visites/_delta_log/00000000000000000001.json", 30),
        ("_publications/0000000003.json", 1),
        ("_publications/0000000003.json", 30),
        ("_verrous/essai.json", 30),
        ("journal__executions/_delta_log/00000000000000000001.json", 30),
    ],
)
def test_an_answer_lost_after_the_work_was_done_doubles_nothing(
    ending: str, times: int, s3_settings: Settings, relay: Losses, tmp_path: Path
) -> None:
    ingest(s3_settings, old_file(tmp_path))
    through = replace(s3_settings, s3={**s3_settings.s3, "AWS_ENDPOINT_URL": relay.endpoint})
    relay.lose(ending, times)
    try:
        outcome = ingest(through, new_file(tmp_path)).statut
    except SourceUnavailable:
        outcome = "refusée"
    assert relay.lost, "the loss was not tried"
    relay.lose("", 0)
    lake = Lake(s3_settings)
    assert shown(lake) == (NEW if outcome == "publiee" else OLD)
    if times == 1:
        assert outcome == "publiee"
    again = ingest(s3_settings, new_file(tmp_path)).statut
    assert again == ("deja_publiee" if outcome == "publiee" else "publiee")
    assert shown(lake) == NEW
    journal = lake.scan(EXECUTIONS).filter(pl.col("statut") == "publiee").collect()
    assert journal["execution"].n_unique() == journal.height == 2


def test_data_that_a_first_publication_left_without_a_commit_are_no_damage(
    any_lake: Lake, tmp_path: Path
) -> None:
    any_lake.objects.create(f"tables/{VISITES.name}/part-0.parquet", b"half a file")
    assert any_lake.damaged(VISITES) is None
    assert ingest(any_lake.settings, new_file(tmp_path)).statut == "publiee"
    assert shown(any_lake) == (["c"], ["Chloé"], ["c"])


def test_a_lake_older_than_the_register_still_reads_and_its_first_delivery_is_whole(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(lake.settings, old_file(tmp_path))
    lake.objects.remove("_publications")
    assert shown(lake) == OLD
    assert ingest(lake.settings, old_file(tmp_path)).statut == "deja_publiee"  # the journal tells it
    with monkeypatch.context() as patch:
        killing(patch, 6)  # archive, the state found, the first table
        with pytest.raises(Killed):
            ingest(lake.settings, new_file(tmp_path))
    assert lake.newest(PASSAGES) == 1
    assert shown(lake) == OLD
    assert ingest(lake.settings, new_file(tmp_path)).statut == "publiee"
    assert shown(lake) == NEW
    assert [lake.register.get(n).genre for n in lake.register.numbers()] == [ETAT, LIVRAISON]


def test_a_journal_that_cannot_be_written_does_not_lie(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Lake.write

    def full(self: Lake, table: Table, frame: pl.DataFrame, **options: object) -> int:
        if table is EXECUTIONS:
            raise SourceUnavailable("Plus de place sur le stockage.")
        return write(self, table, frame, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Lake, "write", full)
    report = ingest(lake.settings, old_file(tmp_path))
    assert report.statut == "publiee"
    assert report.avertissements[-1] == (
        "Le journal n'a pas pu être écrit ; il le sera à la prochaine ingestion. "
        "Plus de place sur le stockage."
    )
    monkeypatch.undo()
    assert ingest(lake.settings, old_file(tmp_path)).statut == "deja_publiee"
    assert shown(lake) == OLD
    kept = lake.scan(EXECUTIONS).collect()
    assert kept.select("execution", "statut", "publiees").rows() == [(report.execution, "publiee", 2)]


@pytest.mark.parametrize("same", [False, True], ids=["another source", "the same source"])
def test_a_run_is_entered_once_whoever_runs_before_its_journal_is_written(
    same: bool, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Other(Visites):
        name = "autre"
        tables = tuple(
            replace(one, name=f"autre__{one.name}", source="autre") for one in (PERSONNES, VISITES)
        )

        def parse(self, snapshot, context):  # type: ignore[no-untyped-def]
            for parsed, table in zip(super().parse(snapshot, context), self.tables, strict=True):
                yield replace(parsed, table=table)

    write, besides = running.record, []

    def slow(*arguments: object) -> str | None:
        if not besides:  # the first run has shown its tables, and has not entered its journal
            besides.append(
                pool.submit(run, Trois() if same else Other(), Request(files=(second,)), lake.settings)
            )
            if not same:
                besides[0].result(timeout=60)
        return write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "record", slow)
    second = new_file(tmp_path)
    with ThreadPoolExecutor(1) as pool:
        first = ingest(lake.settings, old_file(tmp_path))
    entered = lake.scan(EXECUTIONS).collect()["execution"].to_list()
    assert sorted(entered) == sorted([first.execution, besides[0].result().execution])


def test_a_run_dated_in_the_future_does_not_block_a_redelivery(lake: Lake, tmp_path: Path) -> None:
    first, second = old_file(tmp_path), new_file(tmp_path)
    ingest(lake.settings, first)
    later = (
        lake.scan(EXECUTIONS)
        .collect()
        .with_columns(
            debut=pl.lit(datetime.now(UTC) + timedelta(days=400)).cast(pl.Datetime("us", "UTC")),
            execution=pl.lit("99990101T000000000000-000000"),
        )
    )
    lake.publish(EXECUTIONS, later, append=True)  # as a machine whose clock was wrong did
    assert ingest(lake.settings, second).statut == "publiee"
    assert ingest(lake.settings, first).statut == "publiee"  # it is not what readers see any more
    lake.objects.remove("_publications")  # and the same for a lake older than the register
    assert ingest(lake.settings, second).statut == "publiee"
    assert ingest(lake.settings, first).statut == "publiee"
    assert shown(lake)[2] == ["a", "b"]


def test_one_table_written_or_restored_alone_is_shown_at_once(any_lake: Lake, tmp_path: Path) -> None:
    ingest(any_lake.settings, old_file(tmp_path))
    ingest(any_lake.settings, new_file(tmp_path))
    denis = pl.DataFrame([(JANVIER, "Denis")], schema=PERSONNES.dtypes(), orient="row")
    any_lake.publish(PERSONNES, denis)
    assert shown(any_lake)[1] == ["Denis"]
    any_lake.restore(PERSONNES, 0)
    assert shown(any_lake)[1] == ["Anne", "Bob"]
    genres = [any_lake.register.get(n).genre for n in any_lake.register.numbers()]
    assert genres == [ETAT, LIVRAISON, LIVRAISON, ECRITURE, RESTAURATION]
    # what was restored by hand is no delivery any more: the same files may be published again
    assert ingest(any_lake.settings, new_file(tmp_path)).statut == "publiee"
    assert shown(any_lake)[1:] == (["Chloé"], ["c"])


def test_the_last_version_of_a_log_is_restored_without_another_commit(any_lake: Lake, tmp_path: Path) -> None:
    """A table's own log refuses to go back to where it stands: the readers' version is another thing."""
    ingest(any_lake.settings, old_file(tmp_path))
    ingest(any_lake.settings, new_file(tmp_path))
    last = any_lake.version(PERSONNES)
    assert last is not None
    assert any_lake.restore(PERSONNES, last) == last == any_lake.newest(PERSONNES)
    numbers = any_lake.register.numbers()
    assert any_lake.restore(PERSONNES, last) == last
    assert any_lake.register.numbers() == numbers, "readers see it already: nothing was done"
    with any_lake._alone(PERSONNES) as delivery:  # as a log that cannot be written is shown: where it was
        delivery.point(PERSONNES, 0)
        delivery.publish(genre=RETOUR)
    assert shown(any_lake)[1] == ["Anne", "Bob"]
    assert any_lake.restore(PERSONNES, last) == last == any_lake.newest(PERSONNES)
    assert shown(any_lake)[1] == ["Chloé"]


def test_vacuum_and_compaction_keep_what_readers_see(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(lake.settings, old_file(tmp_path))
    ingest(lake.settings, write_file(tmp_path, FEVRIER, ["67;Denis;d"]))
    before = shown(lake)
    with monkeypatch.context() as patch:
        killing(patch, 9)  # two tables are written, nothing is shown
        with pytest.raises(Killed):
            ingest(lake.settings, new_file(tmp_path))
    assert lake.newest(PERSONNES) != lake.version(PERSONNES)
    for table in (PASSAGES, PERSONNES, VISITES):
        lake.vacuum(table, keep_days=0, dry_run=False)
    assert shown(lake) == before
    assert lake.compact(PASSAGES) == 2
    assert shown(lake) == before
    assert lake.vacuum(PASSAGES, keep_days=0, dry_run=False)
    assert shown(lake) == before


def test_rows_keep_their_order_whatever_pieces_they_came_in(lake: Lake) -> None:
    pieces = [pl.DataFrame({"note": [f"n{n}"]}, schema=PASSAGES.dtypes()) for n in range(12)]
    for _ in range(5):
        lake.publish(PASSAGES, pl.concat(pieces, rechunk=False))
        assert lake.scan(PASSAGES).collect()["note"].to_list() == [f"n{n}" for n in range(12)]


def test_a_damaged_record_is_said_with_its_file_and_the_way_back(lake: Lake, tmp_path: Path) -> None:
    ingest(lake.settings, old_file(tmp_path))
    path = Path(lake.root) / "_publications" / "0000000002.json"
    whole = path.read_bytes()
    for damaged in (b"", whole[:100], whole.replace(b'"essai__visites": 0', b'"essai__visites": 7')):
        path.write_bytes(damaged)
        with pytest.raises(DamagedLake, match=r"_publications/0000000002\.json est illisible ou modifié"):
            Lake(lake.settings).version(VISITES)
    path.write_bytes(whole)
    assert shown(lake) == OLD
    with pytest.raises(LakeError, match=r"Aucune publication n° 9"):
        lake.register.get(9)
