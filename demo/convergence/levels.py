"""The levels of the demo, by integer programming: every printed figure at once.

Once it is fixed who answers what, each average is linear in binary variables *level of this answer ≥ n*: the
rate of an axis, of a questionnaire (weights 1 over the number of axes a service answered), of a domain. A
seeded taste (regions, services and criteria differ) is maximised under the printed bounds. Plans are stages
of the same program, in which levels only go up: today, the end of 2022, the plateau.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from numpy.random import Generator

from demo.convergence.concerned import Concerned, Key
from demo.convergence.program import INFINITY, Program
from demo.convergence.services import Service

Levels = dict[Key, int]
Weights = dict[Key, float]
Keep = Callable[[Service], bool]
PARAM_DIFFICULTE = {1: -0.9, 2: 0.3, 3: 1.2}
"""How hard each level is to reach, against the taste of a service (a standard normal, roughly)."""


@dataclass(frozen=True)
class Grid:
    """The answers that carry a level, and the referential they answer to.

    Attributes:
        attendu: criterion -> expected level.
        niveaux: criterion -> its levels, ascending.
        axe: criterion -> (questionnaire, axis).
        racine: (service, criterion) -> the answer whose level it has (itself, or the end of its chain).
        services: service by code.
    """

    attendu: Mapping[str, int]
    niveaux: Mapping[str, tuple[int, ...]]
    axe: Mapping[str, tuple[str, str]]
    racine: Mapping[Key, Key]
    services: Mapping[str, Service]

    def atteinte(self, critere: str, niveau: int) -> float:
        """Capped attainment of a level of a criterion (0–1)."""
        expected = self.attendu[critere]
        return 1.0 if expected <= 0 else min(1.0, niveau / expected)

    def weights(self, keep: Keep, axe: tuple[str, str] | None, questionnaire: str) -> Weights:
        """The weight of each answer in the mean over the services kept: of an axis, or of a questionnaire."""
        answers: dict[str, dict[str, list[Key]]] = defaultdict(lambda: defaultdict(list))
        for key in self.racine:
            mine, of = self.axe[key[1]]
            if mine == questionnaire and (axe is None or of == axe[1]) and keep(self.services[key[0]]):
                answers[key[0]][of].append(key)
        return {
            key: 1 / (len(answers) * len(axes) * len(keys))
            for axes in answers.values()
            for keys in axes.values()
            for key in keys
        }


def grid(
    services: Sequence[Service], concerned: Concerned, criteres: pl.DataFrame, niveaux: pl.DataFrame
) -> Grid:
    """Gather what the programs read."""
    roots: dict[Key, Key] = {}
    for service, critere in concerned.repond:
        root = service
        while (root, critere) in concerned.porte_par:
            root = concerned.porte_par[root, critere]
        roots[service, critere] = (root, critere)
    return Grid(
        dict(criteres.select("critere", "niveau_attendu").iter_rows()),
        {str(c[0]): tuple(sorted(rows["niveau"])) for c, rows in niveaux.group_by("critere")},
        {c: (q, a) for c, q, a in criteres.select("critere", "questionnaire", "axe").iter_rows()},
        roots,
        {s.code: s for s in services},
    )


@dataclass(frozen=True)
class Borne:
    """A figure to reach: bounds of the rate (%) and of the level of a weighted mean."""

    poids: Weights
    taux: tuple[float, float] = (0.0, 100.0)
    niveau: tuple[float, float] = (0.0, 3.0)


def solve(
    grille: Grid,
    etapes: Sequence[Sequence[Borne]],
    gout: Mapping[tuple[Key, int], float],
    *,
    fige: Callable[[Key, int], bool] = lambda _key, _stage: False,
    gap: float = 0.01,
) -> list[Levels]:
    """Levels of the answers at the ends of chains that reach every figure, as much to taste as can be.

    Args:
        grille: the answers.
        etapes: the figures at each stage; a level never goes down from a stage to the next.
        gout: taste for reaching a level of an answer, by (answer, level).
        fige: whether an answer has the same level at a stage (1 for the second one…) as at the one before.
        gap: how far from the best taste a solution may be.

    Returns:
        The levels at each stage.

    Raises:
        Infeasible: the figures contradict each other.
    """
    program = Program()
    units = sorted({grille.racine[key] for bornes in etapes for borne in bornes for key in borne.poids})
    base: Levels = {}
    steps: list[dict[Key, list[tuple[int, int]]]] = [{} for _ in etapes]
    for key in units:
        levels = grille.niveaux[key[1]]
        base[key] = levels[0]
        for stage, found in enumerate(steps):
            if stage and fige(key, stage):
                found[key] = steps[stage - 1][key]
                continue
            found[key] = [
                (level, program.variable(0, 1, cost=-gout.get((key, level), 0.0))) for level in levels[1:]
            ]
            for (_, lower), (_, upper) in zip(found[key], found[key][1:], strict=False):
                program.row({upper: 1, lower: -1}, -INFINITY, 0)
            if stage:
                for (_, before), (_, after) in zip(steps[stage - 1][key], found[key], strict=True):
                    program.row({before: 1, after: -1}, -INFINITY, 0)
    for bornes, found in zip(etapes, steps, strict=True):
        for borne in bornes:
            _bound(program, grille, borne, base, found)
    values = program.solve(gap=gap)
    return [
        {
            key: max([base[key], *(level for level, index in found[key] if values[index] > 0.5)])
            for key in units
        }
        for found in steps
    ]


def _bound(
    program: Program,
    grille: Grid,
    borne: Borne,
    base: Mapping[Key, int],
    steps: Mapping[Key, Sequence[tuple[int, int]]],
) -> None:
    """The two rows of a figure: its rate and its level."""
    for value, (lower, upper), scale in (
        (grille.atteinte, borne.taux, 100.0),
        (lambda _critere, level: float(level), borne.niveau, 1.0),
    ):
        offset = 0.0
        terms: list[tuple[int, float]] = []
        for key, weight in borne.poids.items():
            root = grille.racine[key]
            before = value(key[1], base[root])
            offset += weight * before
            for level, index in steps[root]:
                gain = value(key[1], level) - before
                before += gain
                if gain:
                    terms.append((index, weight * gain))
        program.row(terms, lower / scale - offset, upper / scale - offset)


def tastes(grille: Grid, rng: Generator) -> dict[tuple[Key, int], float]:
    """A seeded taste: regions, services and answers differ, high levels are harder."""
    of_region: dict[str, float] = defaultdict(lambda: float(rng.normal(0, 0.3)))
    of_service: dict[str, float] = defaultdict(lambda: float(rng.normal(0, 0.5)))
    found = {}
    for key in sorted(set(grille.racine.values())):
        liking = of_region[grille.services[key[0]].region] + of_service[key[0]] + rng.normal(0, 0.8)
        for level in grille.niveaux[key[1]][1:]:
            found[key, level] = liking - PARAM_DIFFICULTE[level]
    return found


def mean(grille: Grid, poids: Weights, niveaux: Mapping[Key, int]) -> tuple[float, float]:
    """The rate (%) and the level that weights give to levels."""
    rate = level = 0.0
    for key, weight in poids.items():
        reached = niveaux[grille.racine[key]]
        rate += 100 * weight * grille.atteinte(key[1], reached)
        level += weight * reached
    return rate, level
