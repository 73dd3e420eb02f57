"""Finds an address as a person types it: "12 rue de la gare haguenau", "Haguenau, 12 r. de la Gare", "67500".

For screens where someone waits: one text, one answer, from tables in memory. Nothing is written, remembered or asked
of a service. An index of a department is built when it is first needed and kept; keep the finder as long as the
tables it reads do not change.

    finder = Finder(communes, codes_postaux, fusions, ban=lambda departement: rows)
    found = finder.find("12 rue de la gare haguenau")
    found.candidates[0].libelle, found.candidates[0].precision, found.candidates[0].incertitude_km
    found.communes   # suggestions, when the town is missing, ambiguous or misspelt
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock

import numpy as np
import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA

from scoring.geocode.addresses import RAW_COLUMNS, normalise_addresses
from scoring.geocode.communes import CLUES, attach_communes, commune_names
from scoring.geocode.index import Index, build_index
from scoring.geocode.labels import commune_label
from scoring.geocode.matching import candidates
from scoring.geocode.normalise import plain, spelt
from scoring.geocode.scores import THRESHOLDS, Thresholds
from scoring.geocode.vocabulary import ARTICLES, WAYS

Ban = Callable[[str], pl.DataFrame]
"""The BAN's rows of a department (:data:`scoring.geocode.index.BAN_COLUMNS`); no row where there is none."""

_POSTAL = re.compile(r"(?:^|[\s,;(])(?:F-?)?([0-9]{2})\s?([0-9]{3})(?=$|[\s,;)-]|[A-Za-z])")
_LONGEST_NAME = 8
_KINDS = frozenset({*WAYS, *(short for shorts in WAYS.values() for short in shorts)})
_DISTRICTS = frozenset({"PARIS", "LYON", "MARSEILLE"})
_KM_A_DEGREE = 111.195


@dataclass(frozen=True)
class Commune:
    """A commune that the text may mean.

    Attributes:
        code: INSEE code in force.
        nom: its name.
        code_departement: its department.
    """

    code: str
    nom: str
    code_departement: str


@dataclass(frozen=True)
class Candidate:
    """A place that the text may mean.

    Attributes:
        libelle: as the BAN writes it, with postal code and commune.
        precision: ``numero``, ``rue``, ``lieu_dit`` or ``commune``.
        score: confidence, 0–1 (see :mod:`scoring.geocode.scores`); 0 for the commune behind a street not found.
        longitude: WGS84, degrees.
        latitude: WGS84, degrees.
        incertitude_km: how far from the point what was asked may be: to the farthest address of the street, of the
            named place or of the commune.
        code_commune: INSEE code of the commune.
    """

    libelle: str
    precision: str
    score: float
    longitude: float
    latitude: float
    incertitude_km: float
    code_commune: str


@dataclass(frozen=True)
class Found:
    """What a text may mean.

    Attributes:
        candidates: places, the best first.
        communes: towns to choose from when none is sure: homonyms, or names near to what was typed.
        voie: what was taken for the street (empty: a commune alone).
    """

    candidates: tuple[Candidate, ...]
    communes: tuple[Commune, ...]
    voie: str


class Finder:
    """Finds typed addresses.

    Args:
        communes: ``territoires__communes``, those that may be answered.
        codes_postaux: ``territoires__codes_postaux``.
        fusions: ``territoires__fusions``.
        ban: gives the BAN's rows of a department.
        thresholds: the constants of the score.
    """

    def __init__(
        self,
        communes: pl.DataFrame,
        codes_postaux: pl.DataFrame,
        fusions: pl.DataFrame,
        ban: Ban,
        thresholds: Thresholds = THRESHOLDS,
    ) -> None:
        self._communes, self._postal, self._fusions = communes, codes_postaux, fusions
        self._ban, self._thresholds = ban, thresholds
        known = communes.select("code_commune", "commune")
        names = commune_names(known, fusions).drop_nulls("_label").sort("_rank", "code_commune")
        self._codes: dict[str, list[str]] = {}
        for label, code in names.select("_label", "code_commune").iter_rows():
            if code not in self._codes.setdefault(label, []):
                self._codes[label].append(code)
        self._rows = {row["code_commune"]: row for row in communes.iter_rows(named=True)}
        merged = fusions.select("ancien_code_commune", "code_commune").iter_rows()
        self._merged = {former: code for former, code in merged if former not in self._rows}
        self._indexes: dict[str, Index] = {}
        self._parts: dict[str, Index] = {}
        self._lock = Lock()

    def find(self, text: str, limit: int = 5) -> Found:
        """Find an address, a street, a named place or a commune.

        Args:
            text: as typed, on one line or several; French order or town first.
            limit: how many candidates and suggestions at most.
        """
        street, towns, sure = self._parted(text)
        if not sure:
            return Found((), tuple(self._commune(code) for code in towns[:limit]), street)
        found: list[Candidate] = []
        for code in towns[:limit]:
            found += self._within(street, code, limit)
        found.sort(key=lambda one: (one.precision == "commune", -one.score))
        several = tuple(self._commune(code) for code in towns[:limit]) if len(towns) > 1 else ()
        return Found(tuple(found[:limit]), several, street)

    def commune(self, code: str) -> Candidate | None:
        """The centre of a commune by its code, former codes translated; None when it is unknown or has no centre."""
        return self._centre(self._merged.get(code, code))

    # -- the town ------------------------------------------------------------------------------------

    def _parted(self, text: str) -> tuple[str, list[str], bool]:
        """The street, the communes that the rest may mean, and whether it names them (or is only near)."""
        line = " ".join(text.replace("\n", ", ").split())
        postal = list(_POSTAL.finditer(line))
        if postal:
            last = postal[-1]
            code = last[1] + last[2]
            before, after = line[: last.start()].strip(" ,;-("), line[last.end() :].strip(" ,;-)")
            if after or not before:
                towns = self._attached(code, after)
                return before, towns or self._of_postal(code), bool(towns) or len(self._of_postal(code)) > 0
            street, towns = self._at_an_end(before)
            towns = [one for one in towns if one in self._of_postal(code)] or towns
            if towns:
                return street, towns, True
            return before, self._of_postal(code), True
        street, towns = self._at_an_end(line)
        if towns:
            return street, towns, True
        return line, self._near(line), False

    def _at_an_end(self, line: str) -> tuple[str, list[str]]:
        """The longest name of a commune that ends a text, else that opens it, and what is left."""
        words = str(spelt(pl.Series([line]), plain).item() or "").split(" ")
        most = min(_LONGEST_NAME, len(words))
        for at_end in (True, False):
            parts = [words[-size:] if at_end else words[:size] for size in range(most, 0, -1)]
            labels = spelt(pl.Series([" ".join(part) for part in parts]), commune_label).to_list()
            for part, label in zip(parts, labels, strict=True):
                rest = words[: -len(part)] if at_end else words[len(part) :]
                # "3" is of the street: only districts are numbered.
                if part[0].isdigit() or (part[-1].isdigit() and part[0] not in _DISTRICTS):
                    continue
                # "RUE DE METZ" and "3 RUE METZ" name no town.
                if label in self._codes and not (at_end and _unfinished(rest)):
                    return " ".join(rest), self._codes[label]
        return line, []

    def _attached(self, postal: str, label: str) -> list[str]:
        clues = {**dict.fromkeys(CLUES), "code_postal": postal, "libelle_commune_source": label or None}
        frame = pl.DataFrame([clues], schema=dict.fromkeys(CLUES, pl.String))
        code = attach_communes(frame, self._communes, self._postal, self._fusions)["code_commune"].item()
        return [] if code is None else [code]

    def _of_postal(self, postal: str) -> list[str]:
        codes = self._postal.filter(pl.col("code_postal") == postal)["code_commune"].to_list()
        return [code for code in codes if code in self._rows]

    def _near(self, line: str) -> list[str]:
        """Communes whose name is near to the last words of a text, the nearest first."""
        words = str(spelt(pl.Series([line]), plain).item() or "").split(" ")
        parts = [" ".join(words[-size:]) for size in range(1, min(5, len(words)) + 1)]
        labels = [label for label in spelt(pl.Series(parts), commune_label).to_list() if label]
        ranked: list[tuple[float, int, str]] = []
        for label in labels:
            near = process.extract(
                label, self._codes.keys(), scorer=OSA.normalized_distance, score_cutoff=0.34, limit=5
            )
            ranked += [(float(distance), -len(label), name) for name, distance, _ in near]
            begun = [name for name in self._codes if len(label) > 3 and name.startswith(label)]
            ranked += [(0.0, -len(label), name) for name in begun[:5]]
        return list(dict.fromkeys(code for _, _, name in sorted(ranked) for code in self._codes[name]))

    def _commune(self, code: str) -> Commune:
        row = self._rows[code]
        return Commune(code, row["commune"], row["code_departement"])

    # -- within a commune ----------------------------------------------------------------------------

    def _within(self, street: str, code: str, limit: int) -> list[Candidate]:
        """The places of a commune that a street may mean, then the commune itself."""
        centre = self._centre(code)
        last = [] if centre is None else [centre]
        if not street.strip():
            return last
        row: dict[str, str | None] = {**dict.fromkeys(RAW_COLUMNS), "libelle_voie": street}
        row |= {"code_commune": code, "code_departement": self._rows[code]["code_departement"]}
        addresses = normalise_addresses(pl.DataFrame([row], schema=dict.fromkeys(RAW_COLUMNS, pl.String)))
        index = self._part(code)
        if index.places.is_empty() or addresses["voie"].item() is None:
            return last
        found = candidates(addresses, index, self._thresholds, limit=limit)
        return [self._candidate(row, index) for row in found.iter_rows(named=True)] + last

    def _candidate(self, row: dict[str, object], index: Index) -> Candidate:
        at = (float(str(row["longitude"])), float(str(row["latitude"])))
        precision = str(row["geo_precision"])
        radius = self._thresholds.incertitude_numero_km
        if precision != "numero":
            points = index.points.filter(pl.col("place") == row["place"])
            radius = max(farthest_km(at, points), self._thresholds.incertitude_rue_km)
        return Candidate(
            str(row["libelle_trouve"]),
            precision,
            float(str(row["geo_score"])),
            *at,
            round(radius, 2),
            str(row["code_commune_trouve"]),
        )

    def _centre(self, code: str) -> Candidate | None:
        row = self._rows.get(code)
        if row is None or row["longitude"] is None or row["latitude"] is None:
            return None
        at = (float(row["longitude"]), float(row["latitude"]))
        points = self._part(code).points
        radius = farthest_km(at, points) if points.height else self._thresholds.incertitude_commune_km
        postal = sorted(self._postal.filter(pl.col("code_commune") == code)["code_postal"].to_list())
        label = " ".join([*postal[:1], row["commune"]])
        return Candidate(label, "commune", 0.0, *at, round(radius, 2), code)

    def _part(self, code: str) -> Index:
        """The part of the department's index that is a commune, cut once."""
        found = self._parts.get(code)
        if found is None:
            whole = self._index(self._rows[code]["code_departement"])
            places = whole.places.filter(pl.col("code_commune") == code)
            points = whole.points.join(places.select("place").unique(), on="place", how="semi")
            found = Index(places, points, whole.localites.filter(pl.col("code_commune") == code))
            self._parts[code] = found
        return found

    def _index(self, departement: str) -> Index:
        """The department's index, built once."""
        with self._lock:
            if departement not in self._indexes:
                self._indexes[departement] = build_index(self._ban(departement), self._merged)
            return self._indexes[departement]

    def warm(self, departements: Iterable[str]) -> None:
        """Build the indexes of departments before anybody waits for them."""
        for departement in departements:
            self._index(departement)


def _unfinished(words: list[str]) -> bool:
    """Whether a street stops before its name: "RUE DE", "3 RUE"."""
    return bool(words) and (words[-1] in ARTICLES or all(word.isdigit() or word in _KINDS for word in words))


def farthest_km(point: tuple[float, float], others: pl.DataFrame) -> float:
    """Distance from a point to the farthest of others, in km: on the plane, exact enough within a commune.

    Args:
        point: longitude, latitude in degrees.
        others: ``longitude``, ``latitude``; 0 without any.
    """
    if others.is_empty():
        return 0.0
    lon, lat = others["longitude"].to_numpy(), others["latitude"].to_numpy()
    across = (lon - point[0]) * np.cos(np.radians(point[1]))
    return float(np.sqrt(across**2 + (lat - point[1]) ** 2).max() * _KM_A_DEGREE)
