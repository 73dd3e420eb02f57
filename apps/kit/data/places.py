"""Places as people type them, found in the lake's own tables: nothing is written, remembered or asked of a service."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np
import polars as pl

from lake.catalog.ban import ADRESSES
from lake.catalog.territoires import CODES_POSTAUX, COMMUNES, CONTOURS, FUSIONS
from lake.errors import MissingTable
from lake.geo import distance_km
from lake.tables import Lake
from scoring.annuaire.alike import DENSITY_CLASSES, density_words
from scoring.geocode.finder import Candidate, Finder, Found
from scoring.geocode.index import BAN_COLUMNS
from scoring.reach.proximity import Trajet, areas

FRANCE = "france"


@dataclass(frozen=True)
class Typologie:
    """What a commune is like.

    Attributes:
        mots: « commune peu dense (de 30 à 60 habitants au km²) »; empty where its density is unknown.
        peu_dense: under sixty inhabitants per square kilometre.
    """

    mots: str = ""
    peu_dense: bool = False


def typologie(density: float | None) -> Typologie:
    """The typology of a density (inhabitants per square kilometre), by the classes of the directory's diagnosis.

    The national grid of density is not in the lake: population over area stands for it.
    """
    if density is None:
        return Typologie()
    return Typologie(f"commune {density_words(density)}", density < DENSITY_CLASSES[1])


class Places:
    """The addresses and communes of a lake.

    Args:
        lake: where the tables are.
        region: INSEE code of the region whose communes are answered; ``france`` for all.

    Raises:
        MissingTable: the territories were never published.
    """

    def __init__(self, lake: Lake, region: str = FRANCE) -> None:
        self._lake = lake
        self._communes = lake.scan(COMMUNES).collect()
        mine = self._communes if region == FRANCE else self._communes.filter(pl.col("code_region") == region)
        self._finder = Finder(
            mine if mine.height else self._communes,
            lake.scan(CODES_POSTAUX).collect(),
            lake.scan(FUSIONS).collect(),
            self._ban,
        )
        self._areas: dict[str, float | None] = {}
        self._lock = Lock()

    def _ban(self, departement: str) -> pl.DataFrame:
        try:
            rows = self._lake.scan(ADRESSES).filter(pl.col("code_departement") == departement)
            return rows.select(BAN_COLUMNS).collect()
        except MissingTable:  # communes are found without it
            return pl.DataFrame(schema=dict.fromkeys(BAN_COLUMNS, pl.String)).with_columns(
                pl.col("longitude", "latitude").cast(pl.Float64)
            )

    def find(self, text: str, limit: int = 5) -> Found:
        """What a text may mean; see :class:`scoring.geocode.finder.Finder`."""
        return self._finder.find(text, limit)

    def commune(self, code: str) -> Candidate | None:
        """The centre of a commune; None when it is unknown."""
        return self._finder.commune(code)

    def departement(self, code_commune: str) -> str:
        """The department of a commune, by its code when the territories do not know it."""
        row = self._communes.filter(pl.col("code_commune") == code_commune)
        if row.height:
            return str(row["code_departement"][0])
        return code_commune[:3] if code_commune.startswith("97") else code_commune[:2]

    def nearest(self, longitude: float, latitude: float) -> str:
        """The commune whose centre is nearest to a point."""
        known = self._communes.drop_nulls(["longitude", "latitude"])
        km = distance_km(known["longitude"].to_numpy(), known["latitude"].to_numpy(), longitude, latitude)
        return str(known["code_commune"][int(np.argmin(km))])

    def reached(self, longitude: float, latitude: float, minutes: float) -> pl.DataFrame:
        """The communes whose centre is at so many minutes by road of a point: ``code_commune``, ``commune``,
        ``longitude``, ``latitude``, ``trajet_min``; the nearest first."""
        known = self._communes.drop_nulls(["longitude", "latitude"])
        km = distance_km(known["longitude"].to_numpy(), known["latitude"].to_numpy(), longitude, latitude)
        return (
            known.select("code_commune", "commune", "longitude", "latitude")
            .with_columns(trajet_min=pl.Series(Trajet().minutes(km)))
            .filter(pl.col("trajet_min") <= minutes)
            .sort("trajet_min", "code_commune")
        )

    def area_km2(self, code_commune: str) -> float | None:
        """The area of a commune, by its outline; None without one."""
        with self._lock:
            if code_commune not in self._areas:
                self._areas[code_commune] = self._area(code_commune)
            return self._areas[code_commune]

    def density_km2(self, code_commune: str) -> float | None:
        """Inhabitants per square kilometre of a commune; None where its population or its outline is unknown."""
        row = self._communes.filter(pl.col("code_commune") == code_commune)
        people = row["population"][0] if row.height else None
        area = self.area_km2(code_commune)
        return people / area if people is not None and area else None

    def typology(self, code_commune: str) -> Typologie:
        """What a commune is like; nothing is said of one whose density is unknown."""
        return typologie(self.density_km2(code_commune) if code_commune else None)

    def _area(self, code: str) -> float | None:
        try:
            rows = (
                self._lake.scan(CONTOURS)
                .filter(pl.col("maille") == "commune", pl.col("code") == code)
                .collect()
            )
        except MissingTable:
            return None
        return None if rows.is_empty() else float(areas(rows)["superficie_km2"][0])
