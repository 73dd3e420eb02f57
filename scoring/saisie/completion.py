"""Which criteria are asked of whom, and how much of them is answered: always a sum over a sum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from scoring.convergence.answers import hidden, referentiel_at, subject

POSE = "pose"
"""The state of a criterion that is asked; *en_attente* is shown and not asked, *retire* is gone."""


def criteres_poses(referentiel: pl.DataFrame) -> pl.DataFrame:
    """The criteria that are asked, one row each, in their order."""
    one = referentiel_at(referentiel.lazy(), None).sort("ordre").collect()
    if "etat_critere" in one.columns:
        one = one.filter(pl.col("etat_critere").fill_null(POSE) == POSE)
    return one


def visibles(services: pl.DataFrame, referentiel: pl.DataFrame, preliminaires: pl.DataFrame) -> pl.DataFrame:
    """The criteria asked of each service: its subject's, without those that a *known* preliminary answer hides.

    Args:
        services: ``service, kind``.
        referentiel: columns of the referential, one version.
        preliminaires: ``service, question, valeur`` (null: unknown, the criterion is asked).

    Returns:
        ``service, questionnaire, axe, critere, ordre``, by service then in the referential's order.
    """
    asked = criteres_poses(referentiel).select("questionnaire", "axe", "critere", "ordre", "sujet")
    grid = services.with_columns(sujet=subject()).select("service", "sujet").join(asked, on="sujet")
    masked = hidden(referentiel.lazy(), preliminaires.lazy()).unique().collect()
    return (
        grid.join(masked, on=["service", "critere"], how="anti")
        .sort("service", "ordre")
        .select("service", "questionnaire", "axe", "critere", "ordre")
    )


@dataclass(frozen=True)
class Part:
    """A count over a count.

    Attributes:
        faits: what is done.
        total: of how much.
    """

    faits: int
    total: int

    @property
    def pct(self) -> float | None:
        """In %; None where there is nothing to fill in: neither 0 nor 100."""
        return 100.0 * self.faits / self.total if self.total else None


def somme(parts: Iterable[Part]) -> Part:
    """The parts together: a sum over a sum, never a mean of percentages."""
    known = list(parts)
    return Part(sum(one.faits for one in known), sum(one.total for one in known))


def completion(visible: pl.DataFrame, saisies: pl.DataFrame, validees: pl.DataFrame) -> pl.DataFrame:
    """How much of each sheet is answered in draft, and validated.

    Args:
        visible: what :func:`visibles` gives.
        saisies: ``service, critere`` answered and confirmed in the drafts.
        validees: ``service, critere`` of the last validated versions, those merely carried over left out.

    Returns:
        ``service, questionnaire, visibles, saisis, valides`` (Int64), by service and the referential's order.
    """
    key = ["service", "critere"]
    marked = visible.join(
        saisies.select(key).unique().with_columns(saisi=pl.lit(1)), on=key, how="left", maintain_order="left"
    ).join(
        validees.select(key).unique().with_columns(valide=pl.lit(1)),
        on=key,
        how="left",
        maintain_order="left",
    )
    return marked.group_by("service", "questionnaire", maintain_order=True).agg(
        visibles=pl.len().cast(pl.Int64),
        saisis=pl.col("saisi").sum().cast(pl.Int64),
        valides=pl.col("valide").sum().cast(pl.Int64),
    )
