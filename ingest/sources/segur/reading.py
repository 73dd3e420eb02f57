"""Files of a Ségur delivery as text columns, with the line each row comes from.

What a file is (measures, catalogue,
structures, targets) is told by its header.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ingest.files import delimited
from lake.catalog.segur import DIMENSIONS, INDICATEURS
from lake.delimited import refuse_twice
from lake.errors import ContractError
from lake.text import tidy

REQUIRED: Mapping[str, frozenset[str]] = {
    "indicateurs": frozenset({"code", "libelle", "service", "combinaison", "definition"}),
    "objectifs": frozenset({"indicateur", "mois_cible", "cible"}),
    "structures": frozenset({"structure", "nom", "code_departement"}),
    "professions": frozenset({"code_profession", "profession"}),
    "mesures": frozenset({"mois", "indicateur", "valeur"}),
}
"""The kinds of file, with the columns that tell each one."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "indicateurs": INDICATEURS.columns,
    "objectifs": (
        "indicateur", "maille", "territoire", "code_region", "code_departement", "mois_cible", "cible",
    ),
    "structures": ("structure", "nom", "type_acteur", "code_departement"),
    "professions": ("code_profession", "profession"),
    "mesures": ("mois", "service", "indicateur", *DIMENSIONS, "valeur"),
}  # fmt: skip

_ALIASES = {
    "code_indicateur": "indicateur",
    "region": "code_region",
    "departement": "code_departement",
    "code_profession": "profession",
    "finess": "structure",
    "code_structure": "structure",
}


@dataclass
class Delivered:
    """One file, read as text.

    Attributes:
        name: its file name.
        kind: ``mesures``, ``indicateurs``, ``structures``, ``professions`` or ``objectifs``.
        rows: the kind's columns (String, null where empty or absent) and ``ligne`` (Int64), ``fichier``.
        rejects: lines without the header's number of fields.
        lues: data lines read, rejected ones included.
        missing: optional columns that the file does not have.
        ignored: columns that the kind does not know.
        warnings: French remarks on how it was read.
    """

    name: str
    kind: str
    rows: pl.DataFrame
    rejects: pl.DataFrame
    lues: int
    missing: tuple[str, ...]
    ignored: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def read(path: Path, name: str) -> Delivered:
    """Read one file.

    Raises:
        ContractError: the file is of no known kind, or cannot be read.
    """
    rows = delimited.read(path, name)
    if len(rows.columns) < 2:
        raise ContractError(
            f"{name}, ligne 1 : en-tête illisible.", conseil="Le séparateur est ; ou une virgule."
        )
    # A label column stands for the code only where the code is not there.
    names = [one if _ALIASES.get(one, one) in rows.columns else _ALIASES[one] for one in rows.columns]
    refuse_twice(names, f"{name}, ligne 1")
    kind = _kind(name, set(names))
    frame = rows.frame.rename(dict(zip(rows.columns, names, strict=True)))
    missing = tuple(one for one in COLUMNS[kind] if one not in names)
    text = [tidy(pl.col(one)).alias(one) for one in COLUMNS[kind] if one in names]
    absent = [pl.lit(None, pl.String).alias(one) for one in missing]
    return Delivered(
        name=name,
        kind=kind,
        rows=frame.select(*text, *absent, "ligne", fichier=pl.lit(name)).select(
            *COLUMNS[kind], "ligne", "fichier"
        ),
        rejects=rows.rejects,
        lues=rows.lues,
        missing=missing,
        ignored=tuple(one for one in names if one not in COLUMNS[kind]),
        warnings=rows.warnings,
    )


def _kind(name: str, columns: set[str]) -> str:
    for kind, required in REQUIRED.items():
        if required <= columns:
            return kind
    close = min(REQUIRED, key=lambda kind: len(REQUIRED[kind] - columns) / len(REQUIRED[kind]))
    raise ContractError(
        f"{name} : l'en-tête n'est pas celui d'un fichier Ségur ; pour un fichier « {close} » il manque "
        f"{', '.join(sorted(REQUIRED[close] - columns))}.",
        conseil="Les en-têtes attendus sont dans la documentation de la source segur.",
    )
