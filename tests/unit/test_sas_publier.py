"""From files loaded to universes asked: ``obs sas publier`` and ``obs sas equite`` over a real store and lake."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from apps.cli import obs
from apps.commands import sas_pilotage
from lake.catalog.sas import COUVERTURE, OFFRE
from lake.catalog.territoires import COMMUNES, DEPARTEMENTS, EPCI, FUSIONS
from lake.settings import Settings
from lake.store import journal
from lake.store.accounts import accounts
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.sas import lieux, rendez_vous, roles
from lake.store.sas.chargement import charger
from lake.store.sas.fichiers import lire
from lake.store.sas.recherches import Affichage, Recherche, noter
from lake.store.sas.tables import EFFECTEURS as TABLE
from lake.store.sas.tables import LIEUX
from lake.store.schema import COMPTES
from lake.tables import Lake
from tests.unit.test_sas_publication import communes

A, B, C = "810001234567", "810001234568", "810001234569"
LUNDI = date(2027, 3, 29)
BEFORE = datetime(2027, 3, 29, 5, tzinfo=UTC)
EFFECTEURS = f"""identifiant,genre,nom,code_commune,longitude,latitude
{A},ps,Foret,54395,6.18,48.69
{B},ps,Bois,57463,6.17,49.12
"""
PLAGES = f"""identifiant,genre,du,au,ancre,cycle,rang,jour,debut,fin,capacite,duree_min,modalites
{A},snp,2027-03-29,2027-04-30,2027-03-29,1,0,1,14:00,18:00,,20,AMB|VR
{A},consultation,2027-03-29,2027-04-30,2027-03-29,1,0,2,14:00,18:00,,20,AMB
"""
ABSENCES = f"identifiant,debut,fin\n{A},2027-03-29T15:10,2027-03-29T16:00\n"


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("OBS_LAKE", str(tmp_path / "lac"))
    monkeypatch.setenv("OBS_STORE", f"sqlite:///{tmp_path / 'base.db'}")
    settings = Settings.from_env()
    lake = Lake(settings)
    lake.publish(COMMUNES, communes())
    lake.publish(EPCI, EPCI.empty())
    lake.publish(DEPARTEMENTS, DEPARTEMENTS.empty())
    store = open_store(settings)
    charger(
        store,
        effecteurs=[lire(EFFECTEURS.encode(), "effecteurs.csv", "effecteurs")],
        plages_=lire(PLAGES.encode(), "plages.csv", "plages"),
        absences=lire(ABSENCES.encode(), "absences.csv", "absences"),
        now=BEFORE,
    )
    yield store
    store.close()


def run(*words: str) -> str:
    ran = CliRunner().invoke(obs, list(words))
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def asked(*words: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run("query", *words, "--format", "csv"))))


def test_seats_of_the_day_through_the_commands(environment: Store) -> None:
    demande = rendez_vous.Demande(A, datetime(2027, 3, 29, 12, tzinfo=UTC), "AMB", "cle", 20)
    rendez_vous.reserver(environment, demande, now=BEFORE)
    said = run("sas", "publier", "--du", "2027-03-29", "--au", "2027-04-11")
    assert "sas__offre" in said
    measures = "creneaux_offerts,creneaux_absents,creneaux_pris,creneaux_disponibles,effecteurs,effecteurs_sans_creneau"
    (day,) = asked("sas_offre", "--mesure", measures, "--date", "2027-03-29")
    assert list(day.values()) == ["12", "3", "1", "8", "2", "1"]
    weeks = asked("sas_offre", "--mesure", "creneaux_offerts", "--par", "semaine,sas")
    assert weeks == [
        {"semaine": "2027-03-29", "sas": "SAS-54", "creneaux_offerts": "12"},
        {"semaine": "2027-03-29", "sas": "SAS-57", "creneaux_offerts": "0"},
        {"semaine": "2027-04-05", "sas": "SAS-54", "creneaux_offerts": "12"},
        {"semaine": "2027-04-05", "sas": "SAS-57", "creneaux_offerts": "0"},
    ]
    # A person reads names, a machine reads codes.
    told = run("query", "sas_offre", "--mesure", "creneaux_offerts", "--par", "semaine,sas")
    assert [line.split("  ")[0].strip() for line in told.splitlines() if "2027" in line] == [
        *["du 29 mars 2027"] * 2, *["du 5 avr. 2027"] * 2,
    ]  # fmt: skip
    assert "Meurthe-et-Moselle" in told
    assert "SAS-54" not in told
    by_type = asked(
        "sas_offre", "--mesure", "creneaux_disponibles", "--par", "modalite", "--date", "2027-03-29"
    )
    assert {one["modalite"]: one["creneaux_disponibles"] for one in by_type if one["modalite"]} == {
        "AMB": "8",
        "VR": "8",
    }
    (kept,) = asked("sas_rendez_vous", "--mesure", "rendez_vous")
    assert kept["rendez_vous"] == "1"
    covered = asked("sas_couverture", "--mesure", "couverture", "--par", "horizon", "--filtre", "heure=14", "--date",
                    "2027-03-29")  # fmt: skip
    assert [one["horizon"] for one in covered] == ["12h", "2h", "4h", "6h"]


def test_publishing_other_days_keeps_those_before_and_twice_is_once(environment: Store) -> None:
    for first, last in (
        ("2027-03-29", "2027-03-29"),
        ("2027-04-05", "2027-04-05"),
        ("2027-04-05", "2027-04-05"),
    ):
        run("sas", "publier", "--du", first, "--au", last)
    rows = asked("sas_offre", "--mesure", "creneaux_offerts", "--par", "jour")
    assert rows == [
        {"jour": "2027-03-29", "creneaux_offerts": "12"},
        {"jour": "2027-04-05", "creneaux_offerts": "12"},
    ]


def test_a_lake_of_an_older_release_is_published_asked_and_cut_as_today(environment: Store) -> None:
    """Offers used to be a folder a day, coverage one file: both are read, replaced by day, then cut by the contract."""
    lake = Lake(Settings.from_env())
    run("sas", "publier", "--du", "2027-03-29", "--au", "2027-04-05")
    cut = {OFFRE: ("jour",), COUVERTURE: ()}
    for table, folders in cut.items():
        rows = lake.scan(table).collect()
        lake.drop(table)
        lake.publish(replace(table, partition_by=folders), rows)
        assert {"jour=" in name for name in lake.files(table)} == {bool(folders)}

    def covered() -> list[dict[str, str]]:
        rows = asked("sas_couverture", "--mesure", "couverture", "--par", "jour", "--par", "horizon")
        return [row for row in rows if row["jour"] == "2027-03-29"]

    before = covered()
    assert len(before) == 4
    demande = rendez_vous.Demande(A, datetime(2027, 4, 5, 12, tzinfo=UTC), "AMB", "cle", 20)
    rendez_vous.reserver(environment, demande, now=BEFORE)
    run("sas", "publier", "--du", "2027-04-05", "--au", "2027-04-05")

    def free() -> dict[str, str]:
        rows = asked("sas_offre", "--mesure", "creneaux_disponibles", "--par", "jour")
        return {
            row["jour"]: row["creneaux_disponibles"] for row in rows if row["creneaux_disponibles"] != "0"
        }

    assert free() == {"2027-03-29": "9", "2027-04-05": "11"}
    for table, folders in cut.items():
        lake.compact(table)
        assert {"jour=" in name for name in lake.files(table)} == {not folders}
    assert free() == {"2027-03-29": "9", "2027-04-05": "11"}
    assert covered() == before


def test_a_past_day_whose_figures_move_is_told_anew(
    environment: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2027, 4, 1, 9, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr(sas_pilotage, "datetime", Later)
    days = ("--du", "2027-03-29", "--au", "2027-04-05")
    assert "redit" not in run("sas", "publier", *days)
    demande = rendez_vous.Demande(A, datetime(2027, 3, 29, 12, tzinfo=UTC), "AMB", "tard", 20)
    rendez_vous.reserver(environment, demande, now=BEFORE)  # an editor told it late
    assert "Le 29/03/2027, déjà publié, est redit : pris 0 → 1, disponibles 9 → 8." in run(
        "sas", "publier", *days
    )
    assert "redit" not in run("sas", "publier", *days)


def search(store: Store, minutes: int, order: str, **changed: Any) -> None:
    with store.reading() as connection:
        rows = connection.execute(select(TABLE.c.identifiant, TABLE.c.id)).all()
    numbers = {row[0]: row[1] for row in rows}
    shown = [Affichage(numbers[who], rank, 0, 0, 0, 0, 4) for rank, who in enumerate(order.split(), start=1)]
    one = {
        "sas": "SAS-54", "code_commune": "54395", "precision": "commune", "preset": "medecine_generale", "modalites": 0,
        "horizon": "12h", "rayon_km": 10.0, "elargie": 0, "issue": "pourvue", "resultats": 2, "graine": 1,
    } | changed  # fmt: skip
    noter(store, Recherche(**one), shown, now=BEFORE + timedelta(minutes=minutes))


def test_demands_are_those_of_the_store(environment: Store) -> None:
    for minutes in range(0, 120, 20):
        search(environment, minutes, f"{A} {B}")
    search(environment, 125, "", resultats=0, sources_muettes=1, modalites=1)
    search(environment, 126, "", resultats=0, modalites=2)
    run("sas", "publier", "--du", "2027-03-29", "--au", "2027-03-29")
    (row,) = asked(
        "sas_demande",
        "--mesure",
        "recherches,demandes,demandes_incertaines,demandes_non_pourvues,part_non_pourvue",
    )
    assert [row[one] for one in ("recherches", "demandes", "demandes_incertaines", "demandes_non_pourvues")] == [
        "8", "8", "1", "1",
    ]  # fmt: skip
    assert float(row["part_non_pourvue"]) == pytest.approx(1 / 7)
    towns = asked("sas_demande", "--mesure", "demandes", "--par", "code_commune")
    assert towns == [{"code_commune": "54395", "demandes": "8"}]
    issues = asked("sas_demande", "--mesure", "demandes", "--par", "code_commune,issue")
    assert sum(int(one["demandes"]) for one in issues) == 8
    assert all(int(one["demandes"]) >= 5 for one in issues if one["code_commune"])


def test_neutrality_of_a_territory(environment: Store) -> None:
    search(environment, 0, f"{A} {B}")
    search(environment, 20, f"{B} {A}")
    found = json.loads(
        run(
            "sas", "equite", "--du", "2027-03-29", "--au", "2027-03-29", "--sas", "SAS-54", "--format", "json"
        )
    )
    assert found["ecart_algorithme"] == pytest.approx(0, abs=1e-12)
    assert found["ecart_offre"] == pytest.approx(0, abs=1e-12)
    assert found["bruit"] > found["ecart_algorithme"]
    assert (found["gini"], found["effecteurs"], found["sollicitations"]) == (None, 1, 0)
    assert "moins de 5 effecteurs" in found["raison"]


def test_an_empty_store_publishes_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBS_LAKE", str(tmp_path / "lac"))
    monkeypatch.setenv("OBS_STORE", f"sqlite:///{tmp_path / 'base.db'}")
    Lake(Settings.from_env()).publish(COMMUNES, COMMUNES.empty())
    assert "sas__offre : 0 lignes" in run("sas", "publier", "--du", "2027-03-29", "--au", "2027-03-30")
    assert run("query", "sas_offre", "--mesure", "creneaux_offerts", "--format", "csv").split() == [
        "creneaux_offerts"
    ]


def test_nothing_published_says_who(environment: Store) -> None:
    search(environment, 0, A)
    run("sas", "publier", "--du", "2027-03-29", "--au", "2027-03-29")
    lake = Lake(Settings.from_env())
    from lake.catalog.sas import TABLES

    for table in TABLES:
        columns = set(lake.scan(table).collect_schema().names())
        assert not columns & {
            "compte",
            "regulateur",
            "reference",
            "longitude",
            "latitude",
            "patient",
            "nom",
            "moment",
        }
    assert isinstance(lake.scan(TABLES[0]).collect(), pl.DataFrame)


def test_a_role_opens_its_own_territory_and_says_so(environment: Store) -> None:
    for name, profil in (
        ("referent", "grand_public"),
        ("autre", "expert_national"),
        ("chef", "administrateur"),
    ):
        one = accounts.create(
            environment, email=f"{name}@ex.fr", nom=name, prenom="A", organisation="SAS", profil=profil
        )
        with environment.writing() as connection:
            connection.execute(update(COMPTES).where(COMPTES.c.id == one.id).values(etat="actif"))
        if name == "referent":
            roles.affecter(environment, None, one.id, "SAS-57", roles.REFERENT)
    run("sas", "publier", "--du", "2027-03-29", "--au", "2027-03-29")
    asking = (
        "query",
        "sas_offre",
        "--mesure",
        "creneaux_offerts,effecteurs",
        "--format",
        "csv",
        "--utilisateur",
    )
    mine = CliRunner().invoke(obs, [*asking, "referent@ex.fr"])
    assert mine.stdout.splitlines()[1] == "0,1"
    assert "portée" in mine.stderr
    assert CliRunner().invoke(obs, [*asking, "chef@ex.fr"]).stdout.splitlines()[1] == "12,2"
    other = CliRunner().invoke(obs, [*asking, "autre@ex.fr"])
    assert (other.exit_code, "ni référent ni administrateur d'un SAS" in other.stderr) == (1, True)


def test_a_photograph_of_what_is_announced_replaces_that_of_the_same_day(environment: Store) -> None:
    from lake.catalog.sas import LEADS, PREVISIONS

    for _ in range(2):
        assert "28 jours à venir" in run("sas", "photographier")
    rows = Lake(Settings.from_env()).scan(PREVISIONS).collect()
    assert sorted(rows.filter(pl.col("sas") == "SAS-54")["avance"]) == list(LEADS)
    assert rows["date_photo"].n_unique() == 1


def test_a_commune_that_merged_counts_where_it_is_now_in_store_files_and_figures(
    environment: Store, tmp_path: Path
) -> None:
    """54395 takes 54001 in: a file of either code is one place; who has one in each keeps both, told under one."""
    lake = Lake(Settings.from_env())
    former = EFFECTEURS.replace("54395", "54001")
    charger(environment, effecteurs=[lire(former.encode(), "effecteurs.csv", "effecteurs")], now=BEFORE)
    places = select(LIEUX.c.code_commune).order_by(LIEUX.c.code_commune)

    def held() -> list[str]:
        with environment.reading() as connection:
            return list(connection.execute(places).scalars())

    assert held() == ["54001", "54395", "57463"], "before the merger, a place in each"
    lake.publish(FUSIONS, pl.DataFrame([("54001", "", "54395")], schema=FUSIONS.dtypes(), orient="row"))
    (tmp_path / "effecteurs.csv").write_text(former.replace(f"{A},", f"{C},"), "utf-8")
    run("sas", "charger", "--effecteurs", str(tmp_path / "effecteurs.csv"))
    assert held() == ["54001", "54395", "54395", "57463"], "the file's commune is today's"
    run("sas", "publier", "--du", "2027-03-29", "--au", "2027-03-29")
    assert lake.scan(OFFRE).collect()["code_commune"].unique().sort().to_list() == ["54395", "57463"]


def test_a_place_alone_in_its_commune_takes_the_name_of_the_one_that_took_it_in(environment: Store) -> None:
    assert lieux.traduire(environment, {"54395": "54999", "99999": "54395"}, now=BEFORE) == 1
    with environment.reading() as connection:
        row = connection.execute(select(LIEUX).where(LIEUX.c.code_commune == "54999")).one()
    assert (row.longitude, row.latitude) == (6.18, 48.69), "where it stands does not move"
    assert journal.read(environment)[0].details == {"detail": "54395 devient 54999"}
    assert lieux.traduire(environment, {"54395": "54999"}, now=BEFORE) == 0
