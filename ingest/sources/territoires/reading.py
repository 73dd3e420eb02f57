"""What a file says, in common rows.

A file says something about one or several *objects* (communes, EPCI, outlines…); each object has one set of
columns whatever the file it comes from. Every row keeps its file, its line (of a CSV) or its rank (in a JSON
list), and its raw text, so that a rejected line can be shown as it was.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ingest.sources.territoires.geometry import Geometries
from lake.errors import ContractError

Row = dict[str, Any]
_GROUPED = re.compile(r"^[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*$")
_UNSAID = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")

# The columns of each object, besides where the row was read (fichier, ligne, contenu).
OBJECTS: Mapping[str, tuple[str, ...]] = {
    "communes": (
        "code_commune", "commune", "code_departement", "code_region", "siren_epci",
        "population", "population_totale", "longitude", "latitude",
    ),
    "populations": ("code_commune", "population", "population_totale"),
    "appartenances": ("code_commune", "siren_epci"),
    "epci": ("siren_epci", "epci", "nature_epci"),
    "departements": ("code_departement", "departement", "code_region"),
    "regions": ("code_region", "region"),
    "codes_postaux": ("code_postal", "code_commune"),
    "fusions": ("ancien_code_commune", "ancienne_commune", "code_commune", "date_effet"),
    "contours": ("maille", "code", "rang"),
}  # fmt: skip

RECOGNISED = (
    "communes du COG de l'INSEE (CSV : TYPECOM, COM, REG, DEP, LIBELLE, COMPARENT)",
    "mouvements de communes de l'INSEE (CSV : MOD, DATE_EFF, COM_AV, COM_AP)",
    "départements de l'INSEE (CSV : DEP, REG, LIBELLE)",
    "régions de l'INSEE (CSV : REG, LIBELLE)",
    "populations de l'INSEE (CSV : CODDEP, CODCOM, PMUN, PTOT ; "
    "ou GEO, GEO_OBJECT, POPREF_MEASURE, TIME_PERIOD, OBS_VALUE)",
    "codes postaux de La Poste (CSV : #Code_commune_INSEE, Code_postal)",
    "table des communes compilée (CSV : code_commune, nom, departement, siren_epci, nom_epci, nature_epci)",
    "fichiers JSON du découpage administratif d'Etalab (communes, epci, departements, regions)",
    "contours administratifs d'Etalab (GeoJSON : communes, EPCI, départements, régions)",
)


@dataclass
class Reading:
    """What one file says.

    Attributes:
        fichier: its name.
        layout: which official file it is, in French.
        rows: object -> rows, in the order of the file.
        rejects: object -> lines that could not be read: ``ligne``, ``motif``, ``contenu``.
        geometries: outlines that ``contours`` rows point to by ``rang``.
    """

    fichier: str
    layout: str
    rows: dict[str, list[Row]] = field(default_factory=dict)
    rejects: dict[str, list[Row]] = field(default_factory=dict)
    geometries: Geometries = field(default_factory=lambda: np.array([], dtype=object))

    def add(self, what: str, ligne: int, contenu: str, **values: Any) -> None:
        """Keep one row of an object; columns that are not given stay empty."""
        row: Row = dict.fromkeys(OBJECTS[what])
        row.update({name: clean(value) for name, value in values.items()})
        row.update(fichier=self.fichier, ligne=ligne, contenu=contenu[:500])
        self.rows.setdefault(what, []).append(row)

    def reject(self, what: str, ligne: int, motif: str, contenu: str) -> None:
        """Set aside a line that cannot be read."""
        self.rejects.setdefault(what, []).append(
            {"fichier": self.fichier, "ligne": ligne, "motif": motif, "contenu": contenu[:500]}
        )


def unrecognised(name: str) -> ContractError:
    """The error for a file that is none of the official ones."""
    return ContractError(
        f"Le fichier « {name} » n'est pas un fichier reconnu de la source territoires.",
        conseil="Fichiers reconnus : " + " ; ".join(RECOGNISED) + ".",
    )


def clean(value: Any) -> Any:
    """Text on one line without control characters, None when nothing is left; numbers as they are."""
    if isinstance(value, str):
        return _UNSAID.sub(" ", value).strip() or None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    # A list or an object is no value; neither is a number that no column holds.
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 62
    return value if whole or isinstance(value, float) else None


def nature_of(kind: Any, name: Any) -> str | None:
    """CC, CA, CU or ME, from the kind a file gives, else from how the official name begins."""
    given = kind.upper() if isinstance(kind, str) else ""
    if given:
        return "ME" if given.startswith("ME") else given
    name = name if isinstance(name, str) else ""
    words: list[str] = name.split()
    if words and words[0] in ("CC", "CA", "CU"):
        return words[0]
    return "ME" if re.search(r"m[ée]tropole", name, re.IGNORECASE) else None


def whole(value: Any) -> int | None:
    """A whole number as official files write them (spaces between thousands), None when it is not one."""
    try:
        bare = re.sub(r"[\s\u202f\xa0'’]", "", str(value))
        # People are counted whole: what follows a separator by threes is no decimal.
        return int(
            bare.replace(".", "").replace(",", "") if _GROUPED.match(bare) else float(bare.replace(",", "."))
        )
    except (ValueError, OverflowError):
        return None


def decimal(value: Any) -> float | None:
    """A decimal number with a point or a comma, None when it is not one."""
    try:
        return float(str(value).replace(",", "."))
    except ValueError:
        return None
