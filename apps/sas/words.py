"""Hours, places and states of the SAS, as its readers say them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from apps.kit.style.french import NNBSP, counted, long_date, number
from lake.errors import UnknownName
from lake.horaires.heures import PARIS
from lake.horaires.plages import codes
from lake.store.sas.roles import REGION
from scoring.sas.rayons import of_code, territoires

ZONE = ZoneInfo(PARIS)
_NEAR = 180
"""Days during which a date needs no year."""
JOURS_COURTS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
"""Days of the week where there is little room, from Monday."""
TYPES = {
    "SNP": "Soins non programmés",
    "PUBLIC": "Ouverts à tous les patients",
    "PRO": "Réservés aux professionnels",
    "CPTS": "Réservés à la CPTS",
}
"""Kinds of slots of editors, in words."""
SHORT = {"AMB": "Cabinet", "HH": "Domicile", "VR": "Téléconsultation"}


def hour(instant: datetime, zone: str = PARIS) -> str:
    """« 14 h 40 »."""
    here = instant.astimezone(ZoneInfo(zone))
    return f"{here.hour}{NNBSP}h{NNBSP}{here.minute:02d}" if here.minute else f"{here.hour}{NNBSP}h"


def when(instant: datetime, now: datetime, zone: str = PARIS) -> str:
    """« 14 h 40 » today, « demain à 9 h », « mardi 1er décembre à 9 h » later."""
    there, here = instant.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    after = (there.date() - here.date()).days
    if after == 0:
        return hour(instant, zone)
    day = "demain" if after == 1 else long_date(there.date(), weekday=True)
    if 0 < after < _NEAR:
        day = day.removesuffix(f" {there.year}")
    return f"{day} à {hour(instant, zone)}"


def held(modalites: int, genre: str) -> str:
    """« Cabinet, téléconsultation »; a structure's own practice is « Structure »."""
    named = [
        "Structure" if code == "AMB" and genre == "structure" else SHORT[code] for code in codes(modalites)
    ]
    return ", ".join([named[0], *(one.lower() for one in named[1:])]) if named else "–"


def km(distance: float) -> str:
    """« 3,4 km »."""
    return f"{number(distance, 1)}{NNBSP}km"


def seats(count: int) -> str:
    """« 7 places »."""
    return counted(count, "place")


def named(sas: str) -> str:
    """A SAS by its name, « Meurthe-et-Moselle »; by its code where it has none; all of them, by what they are."""
    if sas == REGION:
        return "Toute la région"
    try:
        return of_code(sas).nom
    except UnknownName:
        return sas


def every() -> dict[str, str]:
    """Every SAS: its code -> « SAS-54 · Meurthe-et-Moselle »."""
    return {one.code: f"{one.code} · {one.nom}" for one in territoires().values()}


def short_day(day: date) -> str:
    """« lun. 05/04/2027 »: a day where a line has little room."""
    return f"{JOURS_COURTS[day.weekday()]} {day:%d/%m/%Y}"
