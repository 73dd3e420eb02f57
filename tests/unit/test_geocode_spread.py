"""Geocoding on another engine, a département a group: the same rows; a worker that is killed loses nothing."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ingest.run import Request, run
from ingest.sources import NAMES, PLACED, source
from lake.catalog.annuaire import ACTIVITES
from lake.catalog.ban import ADRESSES, GEOCODAGE
from lake.settings import Settings
from lake.spark.engine import engine
from lake.spark.session import EngineLost
from lake.tables import Lake
from tests.demo_lake import called
from tests.unit.annuaire_delivery import activite, person, territories, write_activites
from tests.unit.geocode_world import ban_rows

NAME = "PS_LibreAcces_Personne_activite_202501140830.txt"
METZ = {"code_postal": "57000", "code_commune_source": "57463", "libelle_commune_source": "Metz"}
ANNUAIRE = source("annuaire")


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A lake that knows a few territories and their addresses, and a file to be placed there."""
    folder = tmp_path_factory.mktemp("annuaire")
    lake = Lake(Settings(lake=str(folder / "lac")))
    for table, frame in territories().items():
        lake.publish(table, table.conform(frame).valid)
    lake.publish(ADRESSES, ADRESSES.conform(ban_rows()).valid)
    lines = [
        activite(**person(1), numero_voie="12", libelle_type_voie="Rue", libelle_voie="DE LA GARE", **METZ),
        activite(**person(2), numero_voie="99", libelle_type_voie="Rue", libelle_voie="DE LA GARE", **METZ),
        activite(**person(3), libelle_type_voie="Place", libelle_voie="KLEBER"),
        activite(**person(4), numero_voie="1", libelle_type_voie="Rue", libelle_voie="INTROUVABLE"),
        activite(**person(5)),
    ]
    return folder / "lac", write_activites(folder / NAME, lines)


def settings_of(given: tuple[Path, Path], folder: Path, spark: str = "") -> Settings:
    """The same lake, apart."""
    shutil.copytree(given[0], folder / "lac")
    return Settings(lake=str(folder / "lac"), region="france", geocodeur="ban", spark=spark)


def published(settings: Settings) -> tuple[pl.DataFrame, pl.DataFrame]:
    lake = Lake(settings)
    memory = lake.scan(GEOCODAGE).sort("cle_adresse").collect()
    return lake.scan(ACTIVITES).sort("ligne").collect(), memory


@pytest.fixture(scope="module")
def alone(
    given: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the run publishes by itself."""
    settings = settings_of(given, tmp_path_factory.mktemp("seul"))
    run(ANNUAIRE, Request(files=(given[1],)), settings)
    return published(settings)


def test_the_same_rows_are_published_with_another_engine(
    given: tuple[Path, Path], alone: tuple[pl.DataFrame, pl.DataFrame], tmp_path: Path, spark_address: str
) -> None:
    settings = settings_of(given, tmp_path, spark_address)
    report = run(ANNUAIRE, Request(files=(given[1],), moteur="spark"), settings)
    assert report.chiffres["adresses trouvées"] == 3
    for ours, theirs in zip(alone, published(settings), strict=True):
        assert_frame_equal(ours, theirs)
    assert alone[0]["geo_precision"].to_list() == ["numero", "rue", "rue", "commune", "commune"]


def test_a_source_without_addresses_says_that_it_stays(tmp_path: Path) -> None:
    placed = {name for name in NAMES if "locate" in vars(import_module(f"ingest.sources.{name}.source"))}
    assert placed == set(PLACED)
    asked = ("ingest", "territoires", "--moteur", "spark")
    stayed = called(*asked, lake=tmp_path / "lac").stderr.splitlines()
    assert stayed[0] == (
        "moteur : « territoires » reste sur Polars, seule la recherche d'adresses se répartit."
    )
    assert "reste sur Polars" not in called(*asked[:2], lake=tmp_path / "lac").stderr


@pytest.fixture
def other_process() -> Iterator[str]:
    """A server in a process of its own, which a worker's death takes away."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "sail"), "spark", "server", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), "RUST_LOG": "off"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    limit = time.monotonic() + 60
    while time.monotonic() < limit and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield f"sc://127.0.0.1:{port}"
    process.kill()
    process.wait(timeout=10)


def test_a_killed_worker_publishes_nothing_and_loses_nothing(
    given: tuple[Path, Path],
    alone: tuple[pl.DataFrame, pl.DataFrame],
    tmp_path: Path,
    other_process: str,
    spark_address: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def killed(_rows: pl.DataFrame, _places: pl.DataFrame) -> pl.DataFrame:
        """A worker that dies at its work; made here, it is sent whole: the other process knows no test."""
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    settings = settings_of(given, tmp_path, other_process)
    before = Lake(settings).snapshot().number
    with monkeypatch.context() as patch:
        patch.setattr("ingest.geocode.ban.partial", lambda *_a, **_k: killed)
        with pytest.raises(EngineLost, match="ne répond plus"):
            run(ANNUAIRE, Request(files=(given[1],), moteur="spark"), settings)
    lake = Lake(settings)
    assert lake.snapshot().number == before
    assert not lake.exists(ACTIVITES)
    again = Settings(lake=settings.lake, region="france", geocodeur="ban", spark=spark_address)
    run(ANNUAIRE, Request(files=(given[1],), moteur="spark"), again)
    for ours, theirs in zip(alone, published(again), strict=True):
        assert_frame_equal(ours, theirs)


def test_a_group_without_places_is_answered_too(given: tuple[Path, Path], spark_address: str) -> None:
    lake = Lake(Settings(lake=str(given[0]), spark=spark_address))
    rows = pl.DataFrame({"code_departement": ["67", "99", "67"], "valeur": [3, 5, 4]})

    def counted(mine: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "ou": mine["code_departement"][:1],
                "ordre": [str(mine["valeur"].to_list())],
                "lieux": [places.height],
            }
        )

    schema = pl.Schema({"ou": pl.String, "ordre": pl.String, "lieux": pl.Int64})
    with engine(lake.settings, lake.snapshot(), lake.root) as spark:
        found = spark.beside(
            rows, ADRESSES, key="code_departement", columns=("id",), function=counted, schema=schema
        )
    here = ban_rows().filter(pl.col("code_departement") == "67").height
    assert found.sort("ou").rows() == [("67", "[3, 4]", here), ("99", "[5]", 0)]
