"""What is loaded into the drafts, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl


@dataclass
class Charge:
    """What a loading did.

    Attributes:
        services, reponses, etapes: rows that are new or changed.
        inchanges: answers that were there already.
        refus: what was refused, in French, each naming its line's service and criterion.
        feuilles: numbers of the sheets that changed.
    """

    services: int = 0
    reponses: int = 0
    etapes: int = 0
    inchanges: int = 0
    refus: list[str] = field(default_factory=list)
    feuilles: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Lot:
    """Rows to load, by code of service.

    Attributes:
        services: ``service, nom, region, kind, zone_pos, type_service, tronc_commun, publiable, converge, utilise``.
        reponses: ``service, critere, niveau, non_applicable, porte_par, transmis, commentaire``, and ``valeur`` for
            criteria that are answered by one.
        plans: ``service, critere, niveau, trimestre, non_planifiable``.
        preliminaires: ``service, question, valeur``.
        solutions: ``service, editeur, solution``.
    """

    services: pl.DataFrame
    reponses: pl.DataFrame
    plans: pl.DataFrame
    preliminaires: pl.DataFrame
    solutions: pl.DataFrame


def nature(row: Mapping[str, Any]) -> str:
    """What an answer to load is: ``na``, ``porte``, ``valeur`` or ``niveau``."""
    if row["non_applicable"] or row["porte_par"] is not None:
        return "na" if row["non_applicable"] else "porte"
    return "valeur" if row.get("valeur") else "niveau"
