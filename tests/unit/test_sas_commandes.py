"""The commands of unscheduled care, as their interface promises; and that an address searched is nowhere afterwards."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
import time_machine
from click.testing import CliRunner, Result

from apps.cli import obs
from lake.settings import Settings
from lake.store import backup
from lake.store.accounts import accounts
from lake.store.migrate import open_store
from lake.store.sas import roles
from tests.unit.sas_store import DEUX, EFFECTEURS, MSP, PLAGES, UN

FILES = {
    "effecteurs": EFFECTEURS + "1.0E+10,ps,x,54395,6,48\n",
    "plages": PLAGES
    + f"{UN},snp,2026-11-30,2027-06-30,2026-11-30,1,0,1,17:00,19:00,,20,AMB\n"
    + f"{UN},snp,2026-11-30,2027-06-30,2026-11-30,1,0,2,18:00,14:00,,20,AMB\n"
    + f"{UN},snp,2026-11-30,2027-06-30,2026-12-01,1,0,2,14:00,18:00,,20,AMB\n"
    + f"{UN},snp,2026-11-30,2027-06-30,2026-11-30,1,0,2,14:00,14:10,,20,AMB\n"
    + f"{UN},snp,2026-11-30,2027-06-30,2026-11-30,1,0,2,14:00,18:00,,20,\n"
    + "810000000009,snp,2026-11-30,2027-06-30,2026-11-30,1,0,2,14:00,18:00,,20,AMB\n",
    "absences": f"identifiant;debut;fin\n{UN};2026-11-30T15:10;2026-11-30T16:00\n"
    f"{MSP};2026-11-30T11:00;2026-11-30T10:00\n",
}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A store of its own, and the options that load it; the clock stands the day before the first hour offered."""
    monkeypatch.setenv("OBS_STORE", f"sqlite:///{tmp_path}/base/store.db")
    monkeypatch.setenv("OBS_LAKE", str(tmp_path / "lac"))
    options = []
    for genre, text in FILES.items():
        path = tmp_path / f"{genre}.csv"
        path.write_text(text, "utf-8")
        options += [f"--{genre}", str(path)]
    with time_machine.travel(datetime(2026, 11, 29, 8, tzinfo=UTC)):
        yield options


def run(*options: str) -> Result:
    return CliRunner().invoke(obs, ["sas", *options])


def charged(files: list[str]) -> Result:
    done = run("charger", *files)
    assert done.exit_code == 0, done.output
    return done


def test_each_line_refused_is_told_and_the_rest_is_kept(files: list[str]) -> None:
    done = charged(files)
    assert done.stdout.splitlines() == [
        "effecteurs : lues 4 ; creees 3 ; mises a jour 0 ; rejetees 1",
        "plages : lues 9 ; chargees 3 ; deja la 0 ; rejetees 6",
        "absences : lues 2 ; chargees 1 ; deja la 0 ; rejetees 1",
    ]
    for said in (
        "effecteurs.csv, ligne 5 refusée : « 1.0E+10 » a été arrondi par le tableur.",
        "plages.csv, ligne 5 refusée : la plage chevauche celle de la ligne 2 du même effecteur",
        "plages.csv, ligne 6 refusée : la plage finit avant de commencer.",
        "plages.csv, ligne 7 refusée : ancre 01/12/2026 n'est pas un lundi.",
        "plages.csv, ligne 8 refusée : une consultation de 20 min ne tient pas dans une plage de 10 min.",
        "plages.csv, ligne 9 refusée : modalites vide : AMB, HH ou VR, joints par |, une au moins.",
        "plages.csv, ligne 10 refusée : effecteur 810000000009 inconnu",
        "absences.csv, ligne 3 refusée : l'absence finit avant de commencer.",
    ):
        assert said in done.stderr
    assert "plages : lues 9 ; chargees 0 ; deja la 3 ; rejetees 6" in charged(files).stdout


def test_slots_are_told_by_the_clock_of_the_place(files: list[str]) -> None:
    charged(files)
    found = run("creneaux", "--du", "2026-11-30", "--au", "2026-11-30", "--format", "csv")
    lines = found.stdout.splitlines()
    assert lines[0] == "identifiant,debut,fin,modalites,duree_min,capacite,restantes"
    assert lines[1] == f"{MSP},2026-11-30T08:00:00+01:00,2026-11-30T12:00:00+01:00,AMB,20,3,3"
    assert lines[2] == f"{UN},2026-11-30T14:00:00+01:00,2026-11-30T14:20:00+01:00,AMB|VR,20,1,1"
    assert len(lines) == 2 + 9
    mine = run(
        "creneaux", "--du", "2026-12-01", "--au", "2026-12-07", "--identifiant", DEUX, "--format", "csv"
    )
    assert [line.split(",")[1][:16] for line in mine.stdout.splitlines()[1:3]] == [
        "2026-12-07T09:00",
        "2026-12-07T09:15",
    ]
    summer = run(
        "creneaux", "--du", "2027-03-29", "--au", "2027-03-29", "--identifiant", UN, "--format", "csv"
    )
    assert summer.stdout.splitlines()[1].split(",")[1] == "2027-03-29T14:00:00+02:00"
    assert run("creneaux", "--du", "2026-12-01", "--au", "2026-11-01").exit_code == 1


def book(*options: str) -> Result:
    return run(
        "reserver", "--debut", "2026-11-30T14:20+01:00", "--duree", "20", "--modalite", "AMB", *options
    )


def test_the_same_key_is_the_same_booking_and_a_taken_seat_names_the_next(files: list[str]) -> None:
    charged(files)
    first = book("--identifiant", UN, "--cle", "a")
    assert first.exit_code == 0, first.output
    assert first.stdout.startswith("SAS-")
    assert book("--identifiant", UN[1:], "--cle", "a").stdout == first.stdout
    taken = book("--identifiant", UN, "--cle", "b")
    assert (taken.exit_code, taken.stdout) == (1, "")
    assert "cette place vient d'être prise" in taken.stderr
    assert "2026-11-30T14:40:00+01:00" in taken.stderr
    row = run(
        "creneaux", "--du", "2026-11-30", "--au", "2026-11-30", "--identifiant", UN, "--format", "csv"
    ).stdout
    assert f"{UN},2026-11-30T14:20:00+01:00,2026-11-30T14:40:00+01:00,AMB|VR,20,1,0" in row


def test_a_search_is_what_its_interface_says(files: list[str]) -> None:
    charged(files)
    asked = [
        "chercher",
        "--point",
        "6.18,48.69",
        "--a",
        "2026-11-30T07:00+01:00",
        "--graine",
        "3",
        "--format",
        "json",
    ]
    found = json.loads(run(*asked).stdout)
    assert found["lieu"] == {"libelle": "Point", "precision": "point", "incertitude_km": 0.0}
    assert (found["rayon_km"], found["sources"], found["graine"]) == (10.0, {}, 3)
    first = found["resultats"][0]
    promised = ("rang", "identifiant", "palier", "panier", "premier_creneau", "places", "source")
    assert {name: first[name] for name in promised} == {
        "rang": 1, "identifiant": MSP, "palier": 0, "panier": 0, "premier_creneau": "2026-11-30T08:00:00+01:00",
        "places": 3, "source": "saisie",
    }  # fmt: skip
    assert [row["identifiant"] for row in found["resultats"]] == [MSP, UN, DEUX]
    assert json.loads(run(*asked).stdout) == found
    wide = json.loads(run(*asked, "--elargir", "2").stdout)
    assert wide["rayon_km"] == 20.0
    near = json.loads(run(*asked, "--dans", "2h", "--modalites", "VR|HH").stdout)
    assert [row["palier"] for row in near["resultats"]] == [2, 2, 2]
    for wrong in (
        ["--point", "6.18"],
        ["--point", "1,2", "--commune", "54395"],
        ["--point", "6,48", "--modalites", "X"],
    ):
        assert run("chercher", *wrong).exit_code == 1


def test_rights_of_an_account_hold_on_the_command_line(files: list[str]) -> None:
    charged(files)
    store = open_store(Settings.from_env())
    made = {
        name: accounts.create(
            store, email=f"{name}@ex.fr", nom=name, prenom="A", organisation="SAS", profil="expert_national"
        )
        for name in ("regul", "autre", "admin")
    }
    for compte in made.values():
        with store.writing() as connection:
            import sqlalchemy as sa

            from lake.store.schema import COMPTES

            connection.execute(sa.update(COMPTES).where(COMPTES.c.id == compte.id).values(etat="actif"))
    roles.affecter(store, None, made["regul"].id, "SAS-54", roles.REGULATEUR)
    roles.affecter(store, None, made["admin"].id, "SAS-67", roles.ADMINISTRATEUR)
    store.close()
    assert book("--identifiant", UN, "--cle", "r", "--utilisateur", "regul@ex.fr").exit_code == 0
    refused = book("--identifiant", UN, "--cle", "s", "--utilisateur", "autre@ex.fr")
    assert (refused.exit_code, "n'est Régulateur-OSNP d'aucun SAS" in refused.stderr) == (1, True)
    done = run("charger", *files, "--utilisateur", "admin@ex.fr")
    assert (done.exit_code, "ce compte n'administre pas SAS-54" in done.stderr) == (1, True)
    assert run("charger", *files, "--utilisateur", "autre@ex.fr").exit_code == 1


ROAD = "rue des Glycines Bleues"


def test_an_address_searched_is_nowhere_afterwards(
    files: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lake.catalog.ban import ADRESSES
    from lake.catalog.territoires import CODES_POSTAUX, COMMUNES, FUSIONS
    from lake.tables import Lake

    charged(files)
    rows = {
        COMMUNES: {"code_commune": ["54395"], "commune": ["Nancy"], "code_departement": ["54"], "code_region": ["44"],
                   "population": [104260], "population_totale": [106000], "longitude": [6.177], "latitude": [48.69]},
        CODES_POSTAUX: {"code_postal": ["54000"], "code_commune": ["54395"]},
        FUSIONS: {"ancien_code_commune": ["54000"], "ancienne_commune": [""], "code_commune": ["54395"]},
        ADRESSES: {"code_departement": ["54"], "id": ["54395_1_00012"], "numero": ["12"], "nom_voie": [ROAD],
                   "code_postal": ["54000"], "code_commune": ["54395"], "nom_commune": ["Nancy"],
                   "longitude": [6.18123], "latitude": [48.69456]},
    }  # fmt: skip

    def scan(self: Lake, table: object, version: int | None = None) -> pl.LazyFrame:
        found = next((data for known, data in rows.items() if known is table), None)
        if found is None:
            from lake.errors import MissingTable

            raise MissingTable("rien")
        columns = table.columns  # type: ignore[attr-defined]
        frame = pl.DataFrame(found)
        return frame.with_columns(
            pl.lit(None, pl.String).alias(name) for name in columns if name not in frame.columns
        ).lazy()

    monkeypatch.setattr(Lake, "scan", scan)
    caplog.set_level(logging.DEBUG)
    asked = [
        "chercher",
        "--adresse",
        f"12 {ROAD} 54000 Nancy",
        "--a",
        "2026-11-30T07:00+01:00",
        "--format",
        "json",
    ]
    found = json.loads(run(*asked).stdout)
    assert (found["lieu"]["precision"], found["lieu"]["incertitude_km"]) == ("numero", 0.0)
    assert "Glycines" in found["lieu"]["libelle"]
    missed = run("chercher", "--adresse", f"12 {ROAD} Nulpart")
    assert (missed.exit_code, "Glycines" in missed.stderr) == (1, False)
    store = open_store(Settings.from_env())
    backup.backup(store, tmp_path / "sauvegarde.zip")
    store.close()
    import zipfile

    with zipfile.ZipFile(tmp_path / "sauvegarde.zip") as archive:
        held = b"".join(archive.read(name) for name in archive.namelist())
    places = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".csv"]
    assert any(path.name.startswith("store.db") for path in places)
    for trace in ("glycines", "6.18123", "48.69456"):
        assert trace.encode() not in held.lower()
        assert [path.name for path in places if trace.encode() in path.read_bytes().lower()] == []
        assert trace not in caplog.text.lower()
    assert b'"code_commune": "54395"' in held
