"""Agendas filled by files, for the tests of the store and of the commands."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from lake.store.engine import Store
from lake.store.sas import chargement
from lake.store.sas.chargement import Chargement
from lake.store.sas.fichiers import Lot, lire
from lake.store.sas.sieges import Demande

NOW = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 30)
UN, DEUX, MSP = "810000000001", "810000000002", "1540000012"
EFFECTEURS = f"""identifiant,genre,nom,code_commune,longitude,latitude
{UN},ps,Dr Fictive Un,54395,6.184,48.692
{DEUX},ps,Dr Fictive Deux,54547,6.17,48.66
{MSP},structure,Maison de santé Fictive,54395,6.19,48.69
"""
PLAGES = f"""identifiant,genre,du,au,ancre,cycle,rang,jour,debut,fin,capacite,duree_min,modalites
{UN},snp,2026-11-30,2027-06-30,2026-11-30,1,0,1,14:00,18:00,,20,AMB|VR
{DEUX},snp,2026-11-30,2027-06-30,2026-11-30,2,1,1,09:00,12:00,,15,AMB
{MSP},snp,2026-11-30,2027-06-30,2026-11-30,1,0,1,08:00,12:00,3,20,AMB
"""


def lot(text: str, genre: str) -> Lot:
    return lire(text.encode(), f"{genre}.csv", genre)


def load(store: Store, effecteurs: str = EFFECTEURS, plages: str = PLAGES, absences: str = "") -> Chargement:
    return chargement.charger(
        store,
        effecteurs=[lot(effecteurs, "effecteurs"), Lot("")],
        plages_=lot(plages, "plages") if plages else None,
        absences=lot(absences, "absences") if absences else None,
        now=NOW,
    )


def at(hour: int, minute: int = 0, day: int = 30) -> datetime:
    """An hour of Monday the 30th of November 2026, by the clock of Paris (UTC+1)."""
    return datetime(2026, 11, day, hour - 1, minute, tzinfo=UTC)


def demande(debut: datetime, cle: str, identifiant: str = UN, **changed: Any) -> Demande:
    return Demande(**({"identifiant": identifiant, "debut": debut, "modalite": "AMB", "cle": cle} | changed))
