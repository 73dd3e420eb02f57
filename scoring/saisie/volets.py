"""The two sides of Convergence met together: those who answer for a region's services, those who do for products.

Each side has its own referential, its own versions and its own campaigns. Whoever answers meets one set of questions:
those of its side, told apart by who is asked (``sujet``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from scoring.saisie.referentiel import Referentiel

REGIONS, INDUSTRIELS = "regions", "industriels"
PRODUITS = ("produit", "editeur")
"""Kinds of the side of industry: a product, and the editor that holds them together."""


def volet_de(kind: str) -> str:
    """The side of a kind of service."""
    return INDUSTRIELS if kind in PRODUITS else REGIONS


def sujet_de(kind: str) -> str:
    """Whom the criteria asked of a kind of service are asked of."""
    return kind if kind in ("si_regional", "produit") else "service"


@dataclass(frozen=True)
class Reunion(Referentiel):
    """The referentials of both sides as one.

    Attributes:
        versions: questionnaire of the other side -> its version; ``version`` is that of the regions.
    """

    versions: Mapping[str, str] = field(default_factory=dict)


def reunir(regions: Referentiel, industriels: Referentiel) -> Reunion:
    """Both sides' referentials as one; a code that both have is the regions'."""
    ours = regions.criteres["critere"].unique().implode()
    theirs = industriels.criteres.filter(~pl.col("critere").is_in(ours))
    last = regions.criteres["ordre"].max() or 0
    theirs = theirs.with_columns(ordre=pl.col("ordre") + last)
    kept = theirs["critere"].unique().implode()
    return Reunion(
        regions.version,
        pl.concat([regions.criteres, theirs]),
        pl.concat([regions.niveaux, industriels.niveaux.filter(pl.col("critere").is_in(kept))]),
        pl.concat([regions.fiches, industriels.fiches]),
        pl.concat([regions.questions, industriels.questions]),
        pl.concat([regions.correspondances, industriels.correspondances]),
        (*regions.chaine, *industriels.chaine),
        dict.fromkeys(theirs["questionnaire"].unique(), industriels.version),
    )


def version_de(known: Referentiel, questionnaire: str) -> str:
    """The version under which a sheet (a questionnaire, or its plan) is validated now."""
    if not isinstance(known, Reunion):
        return known.version
    return known.versions.get(questionnaire.removeprefix("PLAN-"), known.version)


def volet_du(known: Referentiel, questionnaire: str) -> str:
    """The side of a questionnaire."""
    other = isinstance(known, Reunion) and questionnaire.removeprefix("PLAN-") in known.versions
    return INDUSTRIELS if other else REGIONS
