"""How late planned steps come, learnt from those that were due: Kaplan–Meier, and what it makes of a curve.

A step has a first quarter planned and, once it is reached, a quarter of reaching. A step still open tells something
too (it is *at least* so late): leaving it out makes the dates too early.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from lake.catalog.convergence import rang_expr
from scoring.convergence.rules import effective

LEAST = 8
"""Steps that were due, below which no date is said."""


@dataclass(frozen=True)
class Survie:
    """The share of steps that are later than each delay.

    Attributes:
        sauts: delay (quarters) -> share of steps still open after it, at the delays where it falls.
        etapes: steps that it rests on.
    """

    sauts: tuple[tuple[int, float], ...]
    etapes: int

    def reste(self, delai: int) -> float:
        """Share of steps later than a delay (1 before any)."""
        share = 1.0
        for when, left in self.sauts:
            if when > delai:
                break
            share = left
        return share

    def atteint(self, delai: int, *, deja: int | None = None) -> float:
        """Probability that a step is reached within a delay.

        Args:
            delai: quarters after the one planned.
            deja: quarters by which it is already late (it is known not to be reached within them).
        """
        if delai < 0:
            return 0.0
        if deja is None or deja < 0:
            return 1.0 - self.reste(delai)
        open_still = self.reste(deja)
        if delai <= deja or open_still <= 0:
            return 0.0
        return (open_still - self.reste(delai)) / open_still

    def quantile(self, part: float, *, deja: int | None = None) -> int | None:
        """Least delay within which a share of the steps is reached; None when the history never says it."""
        if self.etapes < LEAST:
            return None
        for delay, _ in self.sauts:
            # A step that is already late is dated after today, not before.
            if (deja is None or delay > deja) and self.atteint(delay, deja=deja) >= part - 1e-12:
                return delay
        return None


def survie(retards: Iterable[int], ouvertes: Iterable[int] = ()) -> Survie:
    """The Kaplan–Meier estimate: S(d) = Π over k ≤ d of (1 − e_k / n_k).

    Args:
        retards: delays of the steps reached (quarters; an advance counts 0).
        ouvertes: for each step still open, the quarters by which it is late already: its delay is greater.

    Source:
        E. L. Kaplan and P. Meier, Nonparametric Estimation from Incomplete Observations (1958).
    """
    reached = sorted(max(0, one) for one in retards)
    still = sorted(ouvertes)
    left, jumps = 1.0, []
    for delay in sorted(set(reached)):
        at_risk = sum(one >= delay for one in reached) + sum(one >= delay for one in still)
        left *= 1.0 - sum(one == delay for one in reached) / at_risk
        jumps.append((delay, left))
    return Survie(tuple(jumps), len(reached) + len(still))


def retards_table(etapes: pl.DataFrame, dernier: int) -> pl.DataFrame:
    """What the history of plans says, by axis and region.

    Args:
        etapes: ``axe, region`` (String, null where unknown), ``q0``, ``r`` (String quarters; ``r`` null when open).
        dernier: rank of the last quarter that is over: a step planned later is not due, and counts nowhere.

    Returns:
        ``axe, region, planifiees, atteintes, ouvertes`` (Int64), ``p50_trimestres, p80_trimestres`` (Int64, null
        where the history is too short), sorted.
    """
    rows = []
    known = etapes.select(
        "axe",
        "region",
        q0=rang_expr("q0").cast(pl.Int64),
        r=rang_expr("r").cast(pl.Int64),
    )
    for (axe, region), group in known.sort("axe", "region", nulls_last=True).group_by(
        ["axe", "region"], maintain_order=True
    ):
        due = group.filter(pl.col("q0") <= dernier)
        reached = due.filter(pl.col("r") <= dernier)
        opened = due.filter(pl.col("r").is_null() | (pl.col("r") > dernier))
        found = survie((reached["r"] - reached["q0"]).to_list(), (dernier - opened["q0"]).to_list())
        rows.append(
            (
                axe,
                region,
                due.height,
                reached.height,
                opened.height,
                found.quantile(0.5),
                found.quantile(0.8),
            )
        )
    return pl.DataFrame(
        rows,
        schema={
            "axe": pl.String,
            "region": pl.String,
            "planifiees": pl.Int64,
            "atteintes": pl.Int64,
            "ouvertes": pl.Int64,
            "p50_trimestres": pl.Int64,
            "p80_trimestres": pl.Int64,
        },
        orient="row",
    )


@dataclass(frozen=True)
class Etape:
    """A planned step and what it would bring.

    Attributes:
        trimestre: rank of the quarter planned.
        gain: points of the rate that it brings when reached.
    """

    trimestre: int
    gain: float


def courbe_probable(
    taux: float, etapes: Sequence[Etape], trimestres: Sequence[int], passe: Survie, *, dernier: int
) -> list[float]:
    """The expected rate at each quarter: exact, for the rate is linear in the attainments.

    E[rate(t)] = rate₀ + Σ gain_k · F(t − q_k); a step already late by e counts with what is known of it, that it is
    not reached within e.

    Args:
        taux: today's rate (%).
        etapes: the steps planned.
        trimestres: ranks of the quarters asked.
        passe: the delays seen so far.
        dernier: rank of the last quarter that is over.
    """
    return [
        taux
        + sum(
            one.gain
            * passe.atteint(
                rank - one.trimestre, deja=dernier - one.trimestre if one.trimestre <= dernier else None
            )
            for one in etapes
        )
        for rank in trimestres
    ]


def premiers_plans(plans: Iterable[tuple[int, Mapping[tuple[str, int], int]]]) -> dict[tuple[str, int], int]:
    """The quarter first planned for each (criterion, level), from a sheet's plans in the order of their validation.

    Args:
        plans: (version number, (criterion, level) -> rank of the quarter).
    """
    first: dict[tuple[str, int], int] = {}
    for _, steps in sorted(plans, key=lambda one: one[0]):
        for key, rank in steps.items():
            first.setdefault(key, rank)
    return first


def decroit(passe: Survie) -> bool:
    """Whether the shares only fall: what every estimate must do."""
    return all(one >= other for (_, one), (_, other) in pairwise(((-1, 1.0), *passe.sauts)))


def en_retard(plans: pl.DataFrame, poses: pl.DataFrame, reponses: pl.DataFrame, dernier: int) -> pl.DataFrame:
    """The planned steps whose quarter is over and whose level is not reached, carried answers at their carrier's level.

    A criterion that is hidden, *not applicable* or of a service that leaves is not late: nothing is awaited of it.

    Args:
        plans: ``service, critere, niveau, trimestre``.
        poses: ``service, critere``: the criteria asked, of the services that go on.
        reponses: the answers that stand: ``service, critere, niveau, non_applicable, porte_par, transmis``.
        dernier: rank of the last quarter that is over.
    """
    key = ["service", "critere"]
    return (
        plans.filter(rang_expr() <= dernier)
        .join(poses.select(key), on=key, how="semi")
        .join(effective(reponses), on=key)
        .filter(pl.col("niveau_du_jour") < pl.col("niveau"))
    )
