"""``--moteur spark``: the same rows, rights and words as Polars, to the unit; a bad engine is one French line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import polars as pl
import pyarrow as pa
import pytest
from polars.testing import assert_frame_equal

from lake.catalog.journal import COMPTES
from lake.droits import SAS, UNIVERS, Droits
from lake.errors import LakeError
from lake.settings import Settings
from lake.snapshot import Snapshot
from lake.spark.engine import Engine, TooLarge, conformed, engine
from lake.spark.session import EngineLost, server
from lake.tables import Lake
from scoring.universes.answer import EVERYTHING, Lecture, answer
from scoring.universes.combining import applies
from scoring.universes.model import Universe
from scoring.universes.registry import UNIVERSES, universe
from scoring.universes.selection import Selection
from tests.demo_lake import called, obs

PILOTE = Lecture(Droits(frozenset({*UNIVERS, SAS}), departements=frozenset({"67"})))
TOGETHER: dict[str, tuple[list[str], ...]] = {
    "annuaire": ([], ["commune", "profession"]),
    "segur": (["departement", "type_acteur"],),
    "comptes": ([], ["profil", "derniere_connexion"]),
    "referencement": ([], ["couloir", "etat"]),
    "sas_offre": (["departement", "semaine"], ["genre_effecteur", "jour"]),
    "sas_demande": (["tranche", "levier"],),
    "sas_rendez_vous": (["classe_delai", "modalite"],),
    "sas_couverture": (["horizon", "epci"],),
}
"""Axes that are crossed, beside each one alone."""
ALWAYS = {"sas_couverture": "horizon"}
"""The axis without which the measures of a universe have no total."""
NESTED = (("jour", "semaine", "mois"), ("sas", "departement", "epci", "commune", "territoire"))
"""Axes of unscheduled care that are asked at once: each holds the one before, or nearly, and cells stay few."""
NOBODY_ELSE = {"comptes"}
"""Universes that rights never open: the operator's alone."""


def accounts() -> pl.DataFrame:
    """Three accounts over two months, one of them never connected."""

    def row(
        month: int, compte: str, action: str, count: int, connected: datetime | None
    ) -> dict[str, object]:
        moment = datetime(2026, month, 5, 10, tzinfo=UTC)
        filled = {name: moment if dtype == pl.Datetime else None for name, dtype in COMPTES.dtypes().items()}
        return filled | {
            "mois": date(2026, month, 1), "compte": compte, "action": action, "nombre": count,
            "profil": "administrateur" if compte == "a" else "pilote_regional", "etat": "actif",
            "connecte_le": connected,
        }  # fmt: skip

    seen = datetime(2026, 2, 28, 23, 59, tzinfo=UTC)
    rows = [
        row(1, "a", "compte.connexion", 3, seen),
        row(2, "a", "compte.export", 2, seen),
        row(2, "b", "compte.connexion", 1, seen),
        row(2, "b", "compte.droits", 4, seen),
        row(2, "c", "compte.demande", 1, None),
    ]
    return pl.DataFrame(rows, schema=COMPTES.dtypes())


@pytest.fixture(scope="module")
def comptes_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(Settings(lake=str(tmp_path_factory.mktemp("comptes"))))
    lake.publish(COMPTES, accounts())
    return lake


@pytest.fixture(scope="module")
def engines(petit_lake: Path, comptes_lake: Lake, spark_address: str) -> Iterator[dict[str, Engine]]:
    """Spark over the demonstration lake, and over the one that holds the journal of accounts."""
    demo = Lake(Settings(lake=str(petit_lake), spark=spark_address))
    settings = Settings(lake=comptes_lake.settings.lake, spark=spark_address)
    with (
        engine(demo.settings, demo.snapshot(), demo.root) as one,
        engine(settings, comptes_lake.snapshot(), comptes_lake.root) as other,
    ):
        yield {"": one, "comptes": other}


RESTING = [name for name, one in UNIVERSES.items() if one.rests]


def limited(asked: Universe, state: Snapshot) -> Lecture:
    """A reader who sees a part of a universe: an editor where it has editors, else the pilot of a département."""
    if "editeur" not in {axis.name for axis in asked.axes}:
        return PILOTE
    read = state.scan(asked.table).select(pl.col("editeur").drop_nulls().mode().sort().first())
    return Lecture(Droits(frozenset(UNIVERS), editeurs=frozenset({read.collect().item()})))


def each_axis(asked: Universe) -> Iterator[list[str]]:
    """Questions that name every axis of a universe: one an axis, those that nest in one."""
    left = [axis.name for axis in asked.axes]
    always = [ALWAYS[asked.name]] if asked.name in ALWAYS else []
    while left:
        nested = next((one for one in NESTED if asked.name.startswith("sas_") and left[0] in one), left[:1])
        yield [*nested, *(name for name in always if name not in nested)]
        left = [name for name in left if name not in nested]


@pytest.mark.parametrize("reader", ["opérateur", "limité"])
@pytest.mark.parametrize("name", RESTING)
def test_every_measure_by_every_axis_is_what_polars_says(
    engines: dict[str, Engine], name: str, reader: str
) -> None:
    """All the measures that have an axis, in one question: none depends on those asked beside it."""
    spark = engines.get(name, engines[""])
    state = spark.state
    asked = universe(name, state.scan)
    lecture = EVERYTHING if reader == "opérateur" else limited(asked, state)
    counted, told, rows = set(), set(), 0
    for by in (*each_axis(asked), *TOGETHER[name]):
        measures = [m.name for m in asked.measures if all(applies(asked, m, asked.axis(axis)) for axis in by)]
        answers = []
        before = spark.answered
        for scan, collect in ((state.scan, pl.LazyFrame.collect), (spark.scan, spark.collect)):
            found = answer(asked, scan, Selection(), measures, by, lecture=lecture)
            answers.append(collect(found.frame))
        assert_frame_equal(answers[0], answers[1], rel_tol=1e-12)
        assert spark.answered > before, f"Spark was asked {by}"
        assert lecture is not EVERYTHING or answers[0].height > 0, by
        counted |= set(measures)
        told |= set(by)
        rows += answers[0].height if by else 0  # the whole is one line, of zeros where nothing is seen
    assert told == {axis.name for axis in asked.axes}
    assert counted == {measure.name for measure in asked.measures}
    assert (rows > 0) is (lecture is EVERYTHING or name not in NOBODY_ELSE)


def test_filters_totals_and_empty_territories_are_the_same(engines: dict[str, Engine]) -> None:
    spark = engines[""]
    asked = universe("annuaire", spark.state.scan)
    said = Selection(
        {"profession": ("10", "60"), "region": ("44",), "geo_motif": ("non_renseigne", "introuvable")}
    )
    for options in ({"total": True}, {"complete": True}):
        frames = [
            collect(
                answer(asked, scan, said, ["professionnels", "densite_pour_10000"], ["epci"], **options).frame
            )
            for scan, collect in ((spark.state.scan, pl.LazyFrame.collect), (spark.scan, spark.collect))
        ]
        assert_frame_equal(*frames, rel_tol=1e-12)


def test_the_command_prints_the_same_file(
    petit_lake: Path, spark_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBS_SPARK", spark_address)
    question = ["query", "annuaire", "--mesure", "professionnels,part_localises", "--par", "departement"]
    printed = [
        called(*question, "--format", "csv", "--moteur", moteur, lake=petit_lake).stdout
        for moteur in ("polars", "spark")
    ]
    assert printed[0] == printed[1]
    assert printed[0].startswith("departement,professionnels,part_localises\n")


def test_a_universe_made_for_each_question_says_that_it_stays(petit_lake: Path) -> None:
    asked = ["query", "convergence", "--mesure", "services_concernes", "--format", "csv"]
    stayed = called(*asked, "--moteur", "spark", lake=petit_lake)
    assert stayed.stdout == called(*asked, lake=petit_lake).stdout
    assert stayed.stderr.splitlines() == [
        "moteur : « convergence » reste sur Polars, ses lignes se font pour chaque question."
    ]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("sc://127.0.0.1:1", "Erreur : Le moteur sc://127.0.0.1:1 ne répond pas."),
        ("sc://[::1]:1", "Erreur : Le moteur sc://[::1]:1 ne répond pas."),
        ("sc://127.0.0.1:99999", "Erreur : Le moteur sc://127.0.0.1:99999 ne répond pas."),
        ("http://moteur", "Erreur : OBS_SPARK vaut « http://moteur », qui n'est pas l'adresse d'un moteur."),
    ],
)
def test_an_engine_that_is_not_there_is_one_line(
    petit_lake: Path, monkeypatch: pytest.MonkeyPatch, address: str, said: str
) -> None:
    monkeypatch.setenv("OBS_SPARK", address)
    done = called("query", "annuaire", "--mesure", "sites", "--moteur", "spark", lake=petit_lake, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(said)


def test_another_server_than_an_engine_is_one_line(petit_lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of its own: the client's journal comes as it ends, too."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as web:
        Thread(target=web.serve_forever, daemon=True).start()
        monkeypatch.setenv("OBS_SPARK", f"sc://127.0.0.1:{web.server_port}")
        done = obs(
            "query", "annuaire", "--mesure", "sites", "--moteur", "spark", lake=petit_lake, check=False
        )
        web.shutdown()
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        f"Erreur : « sc://127.0.0.1:{web.server_port} » n'est pas un moteur Spark Connect, ou ne répond pas. "
        "Vérifiez OBS_SPARK, ou retirez-la : un moteur démarrera avec la commande."
    ]


def test_an_answer_too_large_is_refused_with_its_size(
    petit_lake: Path, spark_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBS_SPARK", spark_address)
    monkeypatch.setenv("OBS_SPARK_LIGNES", "3")
    asked = ["query", "annuaire", "--mesure", "sites", "--par", "departement", "--moteur", "spark"]
    done = called(*asked, lake=petit_lake, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "compte 10 lignes, plus que les 3 qu'il peut rendre" in done.stderr


def test_no_line_at_all_is_no_setting(petit_lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBS_SPARK_LIGNES", "0")
    done = called("query", "annuaire", "--mesure", "sites", "--moteur", "spark", lake=petit_lake, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "Erreur : OBS_SPARK_LIGNES vaut « 0 » : une réponse du moteur compte au moins une ligne. Exemple : 2000000."
    ]


def test_an_embedded_engine_reads_a_lake_on_s3(s3_lake: Lake) -> None:
    s3_lake.publish(COMPTES, accounts())
    with engine(s3_lake.settings, s3_lake.snapshot(), s3_lake.root) as spark:
        assert spark.collect(spark.scan(COMPTES).select(pl.col("nombre").sum())).item() == 11
        assert spark.answered == 1


def test_an_engine_that_dies_in_the_middle_is_told(comptes_lake: Lake) -> None:
    with ExitStack() as running:
        settings = Settings(lake=comptes_lake.settings.lake, spark=running.enter_context(server(Settings())))
        with engine(settings, comptes_lake.snapshot(), comptes_lake.root) as spark:
            rows = spark.scan(COMPTES).select(pl.col("nombre").sum())
            assert spark.collect(rows).item() == 11
            running.close()  # the server ends while the session is open
            with pytest.raises(EngineLost, match=r"ne répond plus\. Rien n'a été publié"):
                spark.collect(rows)


def test_an_answer_of_another_nature_is_refused() -> None:
    schema = pl.Schema({"departement": pl.String, "sites": pl.Int64})
    kept = conformed(pa.table({"sites": pa.array([3], pa.int32()), "departement": ["67"]}), schema)
    assert kept.schema == schema
    for wrong in ({"departement": ["67"], "sites": ["trois"]}, {"departement": ["67"]}):
        with pytest.raises(LakeError, match="Le moteur Spark rend la colonne « sites » en"):
            conformed(pa.table(wrong), schema)
    small = pl.Schema({"rang": pl.Int64, "sites": pl.Int8})
    large = pa.table({"rang": [1], "sites": [300]})
    said = (
        "Le moteur Spark rend la colonne « sites » en Int64 trop grand, au lieu de Int8. Rien n'a été publié."
    )
    with pytest.raises(LakeError, match=said):
        conformed(large, small)


def test_what_has_no_twin_stays_on_polars_with_the_same_figures(engines: dict[str, Engine]) -> None:
    """A rank over rows is not translated: the rows come back filtered, and Polars ranks them."""
    spark = engines["comptes"]

    def asked(rows: pl.LazyFrame) -> pl.LazyFrame:
        kept = rows.filter(pl.col("action") != "compte.demande")
        return kept.with_columns(rang=pl.col("nombre").rank("dense")).sort("rang").select("compte", "rang")

    assert_frame_equal(spark.collect(asked(spark.scan(COMPTES))), asked(spark.state.scan(COMPTES)).collect())
    assert any("rank" in reason.lower() for reason in spark.kept), spark.kept


def test_only_some_answers_are_too_large(engines: dict[str, Engine]) -> None:
    spark = engines["comptes"]
    for most, said in ((4, "plus que les 4 qu'il"), (1, "plus que la seule qu'il")):
        narrow = Engine(spark.spark, spark.state, spark.root, most=most)
        with pytest.raises(TooLarge, match=f"compte 5 lignes, {said} peut rendre"):
            narrow.collect(narrow.scan(COMPTES))
    narrow = Engine(spark.spark, spark.state, spark.root, most=4)
    assert narrow.collect(narrow.scan(COMPTES).head(2)).height == 2
