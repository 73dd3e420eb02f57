"""A weekly 18:00 reads 18:00 on ten dates around both changes of the clock, week 53 and midnight: screen, CSV, .ics,
FHIR (complaint 4 of the reference)."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from icalendar import Calendar

from apps.cli import obs
from apps.sas.fhir_slots import Question, libres
from apps.sas.fiche import Fiche
from apps.sas.questions import Agendas
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


def test_an_absence_of_one_minute_leaves_no_slot_it_touches_in_fhir_either(tmp_path: Path) -> None:
    """Complaint 7: the first minute, the last minute, the last day, read as an editor's client does."""
    store = open_store(Settings(lake=str(tmp_path), store=f"sqlite:///{tmp_path}/store.db"))
    weekly = PLAGES + f"{UN},snp,2026-10-12,2027-12-31,2026-10-12,1,0,1,09:00,10:00,,20,AMB\n"
    away = (
        "identifiant,debut,fin\n"
        f"{UN},2026-11-01T17:59,2026-11-01T18:01\n{UN},2026-11-08T18:39,2026-11-08T18:40\n"
        f"{UN},2026-11-13T00:00,2026-11-16T00:00\n"
    )
    chargement.charger(
        store, effecteurs=[lot(EFFECTEURS, "effecteurs"), Lot("")], plages_=lot(weekly, "plages"),
        absences=lot(away, "absences"), now=NOW,
    )  # fmt: skip
    begin = datetime(2026, 10, 30, tzinfo=UTC)
    slots = libres(store, no_territories, Question((UN,), begin, datetime(2026, 11, 17, tzinfo=UTC)))
    told = [f"{one.debut + timedelta(hours=1):%d %H:%M}" for one in slots]
    mornings = [f"{day:02d} 09:{minute:02d}" for day in (2, 9, 16) for minute in (0, 20, 40)]
    assert told == sorted([*mornings, "01 18:20", "08 18:00"])
    store.close()


def test_reading_the_agendas_takes_as_many_questions_for_one_as_for_fifty(tmp_path: Path) -> None:
    """Complaint 18: no question a person."""
    counts = []
    for people in (1, 50):
        store = open_store(Settings(lake=str(tmp_path), store=f"sqlite:///{tmp_path}/store-{people}.db"))
        who = [f"8{20_000_000_000 + rank}" for rank in range(people)]
        head = "identifiant,genre,nom,code_commune,longitude,latitude\n"
        rows = (
            PLAGES.splitlines()[0]
            + "\n"
            + "".join(PLAGES.splitlines()[1].replace(UN, one) + "\n" for one in who)
        )
        chargement.charger(
            store,
            effecteurs=[lot(head + "".join(f"{one},ps,Dr,54395,6.1,48.6\n" for one in who), "effecteurs"), Lot("")],
            plages_=lot(rows, "plages"), now=NOW,
        )  # fmt: skip
        asked: list[str] = []
        sa.event.listen(
            store._reader, "before_cursor_execute", lambda *given, kept=asked: kept.append(given[2])
        )
        offer = Agendas(store).offre(NOW)
        counts.append(len(asked))
        assert offer.effecteurs.height == people
        store.close()
    assert counts[0] == counts[1] <= 15
