"""A damaged lake: every command and page says which table and file in one French line, and nothing hangs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from apps.cli import obs
from apps.kit.data.data import open_lake
from apps.kit.shell.warmup import warm
from ingest.run import Request, run
from lake.catalog.annuaire import ACTIVITES
from lake.errors import DamagedLake, LakeError
from lake.tables import Lake
from tests.sample import FEVRIER, JANVIER, PERSONNES, VISITES, Visites, write_file
from tests.sample_annuaire import publish_all

ROOT = Path(__file__).resolve().parents[2]


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def garbled(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + bytes(len(whole) - 8) + whole[-4:])


def data_file(lake: Lake) -> Path:
    return sorted(Path(lake.uri(VISITES)).rglob("date_extraction*/**/*.parquet"))[0]


def last_commit(lake: Lake) -> Path:
    return sorted((Path(lake.uri(VISITES)) / "_delta_log").glob("*.json"))[-1]


def checkpoint(lake: Lake) -> Path:
    from deltalake import DeltaTable

    DeltaTable(lake.uri(VISITES)).create_checkpoint()
    return next((Path(lake.uri(VISITES)) / "_delta_log").glob("*.checkpoint.parquet"))


@pytest.fixture
def two(lake: Lake, tmp_path: Path) -> Lake:
    """A lake with two deliveries of visits."""
    run(Visites(), Request(files=(write_file(tmp_path, JANVIER, ["67;Anne;a", "01;Bob;b"]),)), lake.settings)
    run(Visites(), Request(files=(write_file(tmp_path, FEVRIER, ["67;Anne;c"]),)), lake.settings)
    return lake


CASES: dict[str, tuple[Callable[[Lake], Path], Callable[[Path], None]]] = {
    "données coupées": (data_file, half),
    "données vides": (data_file, emptied),
    "données illisibles": (data_file, garbled),
    "données perdues": (data_file, Path.unlink),
    "journal coupé": (last_commit, half),
    "journal vide": (last_commit, emptied),
    "repère coupé": (checkpoint, half),
}


@pytest.mark.parametrize("name", CASES)
def test_reading_and_ingesting_over_a_damaged_table_name_its_file(
    name: str, two: Lake, tmp_path: Path
) -> None:
    find, damage = CASES[name]
    path = find(two)
    damage(path)
    key = path.relative_to(two.root).as_posix()
    lake = Lake(two.settings)

    def told(act: Callable[[], object]) -> LakeError | None:
        try:
            act()
        except LakeError as error:
            return error
        except BaseException as error:
            if not lake.failed(error):
                raise
            return lake.unreadable([PERSONNES, VISITES], error)
        return None

    read = told(lambda: lake.scan(VISITES).collect())
    third = write_file(tmp_path, JANVIER, ["67;Zoé;z"], name="v2_visites")
    ingested = told(lambda: run(Visites(), Request(files=(third,)), two.settings))
    if name == "repère coupé" and read is None:  # deltalake reads the commits instead: nothing is lost
        assert ingested is None
        return
    for error in [read] if name == "données illisibles" else [read, ingested]:
        assert isinstance(error, DamagedLake), error
        assert "essai__visites" in error.message
        assert key in error.message or "_delta_log" in error.message
        assert re.search(r"obs lake reconstruire|obs lake revenir", error.conseil)
        assert "\n" not in str(error)
    if name != "données illisibles":
        assert Lake(two.settings).scan(PERSONNES).collect().height == 3  # nothing of the third delivery


def test_the_advice_leads_to_a_sound_publication(two: Lake, tmp_path: Path) -> None:
    path = sorted(Path(two.uri(VISITES)).rglob("date_extraction=2025-02-14/**/*.parquet"))[0]
    half(path)
    with pytest.raises(DamagedLake, match=r"\(obs lake revenir 2\)"):
        run(Visites(), Request(files=(write_file(tmp_path, JANVIER, ["67;Z;z"], name="v2"),)), two.settings)
    from lake.returning import go_back

    tables = {table.name: table for table in (PERSONNES, VISITES)}
    go_back(Lake(two.settings), 2, tables, source=None, say=lambda *_: None)
    assert Lake(two.settings).scan(VISITES).collect()["note"].sort().to_list() == ["a", "b"]
    assert Lake(two.settings).scan(PERSONNES).collect().height == 2
    again = write_file(tmp_path, FEVRIER, ["67;Anne;c"])
    assert run(Visites(), Request(files=(again,)), two.settings).statut == "publiee"
    assert Lake(two.settings).scan(VISITES).collect()["note"].sort().to_list() == ["a", "b", "c"]


@pytest.fixture
def hurt(lake: Lake) -> Lake:
    """The small directory, its files cut: whatever the extraction and department asked, one is met."""
    publish_all(lake)
    for path in Path(lake.uri(ACTIVITES)).rglob("*.parquet"):
        half(path)
    return lake


COMMANDS = [
    ("query", "annuaire", "--mesure", "professionnels"),
    (
        "query",
        "annuaire",
        "--mesure",
        "professionnels,densite_pour_10000",
        "--par",
        "epci",
        "--format",
        "csv",
    ),
    ("annuaire", "evolution"),
    ("annuaire", "qualite"),
    ("export", "annuaire", "--page", "carte", "--format", "csv", "--sortie", "SORTIE"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_a_command_over_a_damaged_table_is_one_french_line(
    words: tuple[str, ...], hurt: Lake, tmp_path: Path
) -> None:
    asked = [str(tmp_path / "x.csv") if word == "SORTIE" else word for word in words]
    done = CliRunner().invoke(obs, asked, env={"OBS_LAKE": hurt.settings.lake})
    assert done.exit_code in {1, 2}
    if done.exit_code == 2:
        pytest.fail(f"the command is not understood: {done.stderr}")
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("Erreur : La table annuaire__activites est abîmée : le fichier tables/")
    assert ".parquet est tronqué ou modifié (" in done.stderr


def test_nothing_of_the_libraries_reaches_the_operator(hurt: Lake) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "apps.cli", "query", "annuaire", "--mesure", "professionnels"],
        cwd=ROOT,
        env={**os.environ, "OBS_LAKE": hurt.settings.lake},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert "annuaire__activites est abîmée" in done.stderr


def test_a_page_over_a_damaged_table_says_so_and_ends(hurt: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBS_LAKE", hurt.settings.lake)
    open_lake.clear()

    def body() -> None:
        from apps.annuaire.declaration import PAGES
        from apps.kit.shell.draw import draw

        draw(PAGES[0])

    try:
        at = AppTest.from_function(body, default_timeout=60).run()
    finally:
        open_lake.clear()
    assert not at.exception
    shown = " ".join(one.value for one in [*at.warning, *at.error])
    assert "Des données sont illisibles" in shown
    assert "annuaire__activites" in shown
    assert "obs lake" not in shown  # what to do is the operator's
    assert re.search(r"[0-9A-F]{8}", shown)  # the number under which the log says it


def test_the_server_starts_over_a_damaged_lake(hurt: Lake, caplog: pytest.LogCaptureFixture) -> None:
    """A panic of Polars is no Exception: caught all the same while caches are filled."""
    reached: list[str] = []
    warm([lambda: hurt.scan(ACTIVITES).collect(), lambda: reached.append("the next task")])
    assert reached == ["the next task"]
    assert "Préchauffage incomplet" in caplog.text


def test_check_names_every_damaged_table(hurt: Lake) -> None:
    done = CliRunner().invoke(obs, ["lake", "check"], env={"OBS_LAKE": hurt.settings.lake})
    assert done.exit_code == 1
    assert re.search(
        r"^KO annuaire__activites : abîmée, le fichier tables/\S+ est tronqué", done.stdout, re.M
    )
    assert "ok territoires__communes" in done.stdout


def test_a_table_folder_that_is_gone_is_no_table_never_published(two: Lake) -> None:
    shutil.rmtree(two.uri(VISITES))
    lake = Lake(two.settings)
    assert lake.damaged(VISITES) == "le dossier tables/essai__visites est vide ou manque"
    with pytest.raises(DamagedLake, match="vide ou manque"):
        lake.scan(VISITES)


def test_rows_lost_by_an_emptied_commit_are_not_read_as_fewer(two: Lake) -> None:
    """deltalake reads an empty commit as one that changed nothing: the count that was published tells."""
    emptied(last_commit(two))
    with pytest.raises(DamagedLake, match=r"contient 2 lignes, 3 ont été publiées"):
        Lake(two.settings).scan(VISITES).select(pl.len()).collect()
