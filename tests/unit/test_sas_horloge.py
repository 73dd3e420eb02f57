"""A weekly 18:00 reads 18:00 on ten dates around both changes of the clock, week 53 and midnight: screen, CSV, .ics,
FHIR (complaint 4 of the reference)."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from icalendar import Calendar

from apps.cli import obs
from apps.sas.fhir_slots import Question, libres
from apps.sas.fiche import Fiche
from apps.sas.words import hour
from lake.agendas.emission import bundle
from lake.errors import MissingTable
from lake.settings import Settings
from lake.store.migrate import open_store
from lake.store.sas import chargement
from lake.store.sas.fichiers import Lot
from tests.unit.sas_store import EFFECTEURS, NOW, UN, lot

# Sundays: the two changes of the clock and their neighbours, week 53, the new year.
DATES = [
    date(2026, 10, 18), date(2026, 10, 25), date(2026, 11, 1), date(2026, 12, 27), date(2027, 1, 3), date(2027, 3, 21),
    date(2027, 3, 28), date(2027, 4, 4), date(2027, 10, 31), date(2027, 11, 7),
]  # fmt: skip
SUMMER = {date(2026, 10, 18), date(2027, 3, 28), date(2027, 4, 4)}
PLAGES = (
    "identifiant,genre,du,au,ancre,cycle,rang,jour,debut,fin,capacite,duree_min,modalites\n"
    f"{UN},snp,2026-10-12,2027-12-31,2026-10-12,1,0,7,18:00,18:40,,20,AMB\n"
)


def no_territories(_table: Any) -> Any:
    raise MissingTable("territoires__communes")


def test_eighteen_hours_are_eighteen_hours_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBS_STORE", f"sqlite:///{tmp_path}/store.db")
    monkeypatch.setenv("OBS_LAKE", str(tmp_path / "lac"))
    store = open_store(Settings.from_env())
    chargement.charger(
        store, effecteurs=[lot(EFFECTEURS, "effecteurs"), Lot("")], plages_=lot(PLAGES, "plages"), now=NOW
    )
    done = CliRunner().invoke(
        obs,
        [
            "sas",
            "creneaux",
            "--du",
            "2026-10-12",
            "--au",
            "2027-12-31",
            "--identifiant",
            UN,
            "--format",
            "csv",
        ],
    )
    written = {
        datetime.fromisoformat(row["debut"]).date(): row["debut"]
        for row in csv.DictReader(io.StringIO(done.stdout))
        if "T18:00" in row["debut"]
    }
    for day in DATES:
        offset, utc = ("+02:00", 16) if day in SUMMER else ("+01:00", 17)
        begin = datetime(day.year, day.month, day.day, utc, tzinfo=UTC)
        assert written[day] == f"{day}T18:00:00{offset}"
        slots = libres(
            store, no_territories, Question((UN,), begin - timedelta(hours=3), begin + timedelta(hours=3))
        )
        assert [one.debut for one in slots] == [begin, begin + timedelta(minutes=20)]
        told = bundle(
            slots, total=2, base="https://obs.example/fhir", liens={}, agendas=True, acteurs=True, page="p"
        )
        starts = [
            one["resource"]["start"] for one in told["entry"] if one["resource"]["resourceType"] == "Slot"
        ]
        assert starts == [f"{day}T18:00:00.000{offset}", f"{day}T18:20:00.000{offset}"]
        fiche = Fiche("SAS-AAAA-AAAA", begin, begin + timedelta(minutes=20), "Europe/Paris", "Dr", "", "AMB")
        (event,) = Calendar.from_ical(fiche.ics(NOW)).walk("VEVENT")
        assert event.decoded("dtstart") == begin
        assert "à 18 h" in fiche.texte.replace("\u202f", " ")
        assert hour(begin).replace("\u202f", " ") == "18 h"
    store.close()
    assert len(written) == 63  # every Sunday, week 53 and the new year included
