"""What the suite does before its first page: commands import what they need, the server is warmed beside readers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from apps.commands import serve
from apps.exploitation import routes
from apps.kit.shell.warmup import Progress
from demo.build import build
from demo.present import UNDER_WAY, present
from lake.catalog.journal import EXECUTIONS
from lake.objects import LocalObjects
from lake.settings import Settings
from lake.tables import Lake
from tests.demo_lake import obs

ROOT = Path(__file__).resolve().parents[2]
IMPORTED = """
import json, sys
from apps.cli import obs
try:
    obs(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
print(json.dumps(sorted(sys.modules)))
"""


def imported(*words: str, **environment: str) -> set[str]:
    """The modules that a command has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_serving_waits_for_no_library_of_another_command() -> None:
    heavy = {"polars", "deltalake", "sqlalchemy", "streamlit", "pandas", "ingest", "demo", "scoring"}
    assert not imported("serve", "--help") & heavy


def test_looking_over_a_demonstration_that_is_there_imports_nothing_that_makes_one(petit_lake: Path) -> None:
    store = f"sqlite:///{petit_lake.parent / petit_lake.name}.db"
    known = imported("demo", "--petit", OBS_LAKE=str(petit_lake), OBS_STORE=store)
    assert "demo.present" in known
    assert not {one for one in known if one.split(".")[0] == "ingest"}
    assert not known & {"demo.build", "streamlit", "apps.commands.sas_pilotage", "apps.commands.saisie"}


def test_a_demonstration_that_cannot_be_made_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("")
    done = obs("serve", "--demo", "--sans-navigateur", lake=tmp_path / "fichier" / "lac", check=False)
    assert done.returncode == 1
    assert done.stderr.count("Erreur : ") == 1, done.stderr
    assert "localhost" not in done.stderr


def test_an_interruption_leaves_nothing_at_work_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl+C while the lake is made: what made it has ended when the command gives the terminal back."""
    begun: list[subprocess.Popen[bytes]] = []
    popen, wait = subprocess.Popen, subprocess.Popen.wait

    def busy(_command: list[str]) -> subprocess.Popen[bytes]:
        deaf = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(60)"
        begun.append(popen([sys.executable, "-c", deaf]))
        return begun[0]

    def interrupted(process: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        if process.poll() is None and not told:
            told.append("Ctrl+C")
            raise KeyboardInterrupt
        return wait(process, timeout)

    told: list[str] = []
    monkeypatch.setenv("OBS_LAKE", str(tmp_path / "lac"))
    monkeypatch.setattr(subprocess, "Popen", busy)
    monkeypatch.setattr(popen, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        serve._demonstrated()
    assert begun[0].poll() is not None


def test_a_page_waits_for_what_every_page_imports() -> None:
    progress, told = Progress(), []
    entered, drawn = threading.Event(), threading.Event()

    def page() -> None:
        entered.set()
        with progress.drawing():
            told.append("page")
            drawn.set()

    def imports() -> None:
        reader.start()
        entered.wait()
        assert not drawn.wait(0.1)
        told.append("imports")

    reader = threading.Thread(target=page)
    progress.run([imports], [])
    reader.join()
    assert told == ["imports", "page"]


def test_a_reader_passes_before_what_is_made_in_advance() -> None:
    progress, told = Progress(), []
    imported = threading.Event()

    def caches() -> Iterator[None]:
        told.append("first")
        yield
        told.append("second")

    warming = threading.Thread(target=progress.run, args=([imported.set], [caches]))
    with progress.drawing():
        warming.start()
        imported.wait()
        warming.join(0.1)
        assert (told, progress.over) == ([], False)
        told.append("page")
    warming.join()
    assert (told, progress.over) == (["page", "first", "second"], True)


def test_what_cannot_be_imported_holds_no_reader_back_and_the_suite_is_not_said_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    progress = Progress()
    monkeypatch.setattr(routes, "PROGRESS", progress)
    progress.begin()
    assert routes.unready() == "la suite se prépare"

    def broken() -> None:
        raise SystemExit(1)

    with pytest.raises(SystemExit):
        progress.run([broken], [])
    with progress.drawing():  # the page says what is wrong, better than a browser that waits
        assert routes.unready() == "la suite se prépare"


def test_a_demonstration_that_was_interrupted_is_taken_up_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(lake=str(tmp_path / "lac"))
    told: list[str] = []

    def make() -> str:
        return build(
            settings, petit=True, extractions=4, again=False, folder=None,
            say=lambda sentence, _share: told.append(sentence),
        )  # fmt: skip

    class Interrupted(BaseException):
        pass

    def interrupted(*_arguments: object, **_options: object) -> None:
        raise Interrupted

    # The directory takes most of the time and is taken up as the others are.
    monkeypatch.setattr("demo.build._directory", lambda *_arguments: 4)
    with monkeypatch.context() as patch:
        patch.setattr("demo.build.write_campaigns", interrupted)
        with pytest.raises(Interrupted):
            make()
    lake = Lake(settings)
    before = executions(lake)
    told.clear()
    assert make() == (
        f"Lac de démonstration prêt : {settings.lake} (4 extractions de l'annuaire, 3 campagnes Convergence)."
    )
    assert "segur : segur_2022-10.csv est déjà publié" in told
    after = executions(lake)
    segur = pl.col("source") == "segur"  # two deliveries of one month: the first would undo the second
    assert after.filter(segur).equals(before.filter(segur))
    assert set(after["source"]) - set(before["source"]) == {"convergence"}
    assert not lake.objects.list("_demonstration")


@pytest.mark.parametrize("whole", [True, False])
def test_a_lake_is_a_demonstration_once_it_is_whole(
    whole: bool, petit_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalObjects, "exists", lambda _self, key: not whole and key == UNDER_WAY)
    said = present(Settings(lake=str(petit_lake)))
    assert said.endswith("rien à faire (obs demo --refaire pour le reconstruire).") == whole
    assert bool(said) == whole


def executions(lake: Lake) -> pl.DataFrame:
    return lake.scan(EXECUTIONS).select("execution", "source", "sha256").sort("execution").collect()
