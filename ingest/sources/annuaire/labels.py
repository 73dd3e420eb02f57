"""Labels of extractions that give codes alone: taken from the official nomenclatures."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ingest.sources.annuaire.layout import Header
from ingest.sources.annuaire.nomenclature import (
    CATEGORIES,
    COMPETENCES,
    GENRES,
    MODES,
    PROFESSIONS,
    ROLES,
    SECTEURS,
    SECTIONS,
    SPECIALITES,
    TYPES_SAVOIR_FAIRE,
)

NAMED: Mapping[str, Mapping[str, str]] = {
    "profession": PROFESSIONS,
    "categorie_professionnelle": CATEGORIES,
    "type_savoir_faire": TYPES_SAVOIR_FAIRE,
    "savoir_faire": SPECIALITES | COMPETENCES,
    "mode_exercice": MODES,
    "secteur_activite": SECTEURS,
    "section_pharmaciens": SECTIONS,
    "role": ROLES,
    "genre_activite": GENRES,
}
"""What ``code_…`` and ``libelle_…`` are about -> code -> label."""


def named(frame: pl.DataFrame, header: Header) -> tuple[pl.DataFrame, list[str]]:
    """Give the labels that a file has no column for; a code that is in no nomenclature stays without.

    Args:
        frame: the columns of the layout (String).
        header: the header of the file.

    Returns:
        The frame, and the file's remarks, corrected.
    """

    def lacking(label: str, code: str) -> bool:
        return label in frame.columns and label not in header.positions and code in header.positions

    found = {
        f"libelle_{what}": pl.col(f"code_{what}").replace_strict(
            dict(names), default=None, return_dtype=pl.String
        )
        for what, names in NAMED.items()
        if lacking(f"libelle_{what}", f"code_{what}")
    }
    if lacking("libelle_type_voie", "code_type_voie"):
        # The code is the usual abbreviation (R, AV, BD): what an address says.
        found["libelle_type_voie"] = pl.col("code_type_voie")
    if not found:
        return frame, list(header.warnings)
    labels = {column.name: column.label for column in header.layout.columns}
    said = [w for w in header.warnings if not any(f"« {labels[name]} »" in w for name in found)]
    said.append(
        f"Libellés absents du fichier, repris des codes : {', '.join(labels[name] for name in found)}."
    )
    return frame.with_columns(**found), said
