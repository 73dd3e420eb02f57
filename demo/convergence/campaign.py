"""The campaign of 15 December 2020: answers and plans under every printed figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from numpy.random import Generator

from demo.convergence import concerned, figures, levels, services
from demo.convergence.concerned import Concerned, Key
from demo.convergence.levels import Borne, Grid, Levels
from demo.convergence.services import Service
from ingest.sources.convergence.referentiel import Referentiel
from lake.catalog.convergence import DOMAINES, trimestre_nom, trimestre_rang

DEBUT = trimestre_rang("2021-T1")
FIN_2022 = trimestre_rang("2022-T4")
SEUIL_2022, SEUIL_2025 = 80.3, 89.0  # « au-dessus de 80 % » ; « proche de ou au-dessus de 90 % »
RETARD = "8"  # « Ressources techniques », the one domain not above 80 % at the end of 2022


@dataclass(frozen=True)
class Campagne:
    """Everything about the campaign.

    Attributes:
        services: the services and regional systems.
        concerned: who answers what.
        grille: the answers with a level.
        niveaux: today's level of each answer at the end of a chain.
        plans: (answer, level) -> rank of the quarter at whose end it is reached.
    """

    services: list[Service]
    concerned: Concerned
    grille: Grid
    niveaux: Levels
    plans: Mapping[tuple[Key, int], int]


def build(referentiel: Referentiel, rng: Generator) -> Campagne:
    """Build the campaign.

    Raises:
        Infeasible: the figures contradict each other.
    """
    everyone = services.build(rng)
    who = concerned.build(everyone, referentiel.criteres, rng)
    grille = levels.grid(everyone, who, referentiel.criteres, referentiel.niveaux)
    taste = levels.tastes(grille, rng)
    today: Levels = {}
    plans: dict[tuple[Key, int], int] = {}
    for questionnaire in figures.QUESTIONNAIRES:
        now, middle, end = _levels(grille, questionnaire, taste)
        today |= now
        plans |= _quarters(grille, now, middle, end, rng)
    for key in sorted(set(grille.racine.values()) - today.keys()):
        reached = [level for level in grille.niveaux[key[1]][1:] if taste[key, level] > 0]
        today[key] = max([grille.niveaux[key[1]][0], *reached])
        plans |= _unpublished(grille, key, today[key], rng)
    return Campagne(everyone, who, grille, today, plans)


def _in_scope(service: Service) -> bool:
    return service.publie or service.kind == "si_regional"


def _converging(service: Service) -> bool:
    return service.kind == "si_regional" or (service.publie and service.converge)


def _of_domain(domaine: str) -> levels.Keep:
    return lambda service: _converging(service) and service.domaine == domaine


def _levels(
    grille: Grid, questionnaire: str, taste: Mapping[tuple[Key, int], float]
) -> tuple[Levels, Levels, Levels]:
    """The levels today, at the end of 2022 and at the end of the plans, under every figure at once."""
    printed = figures.QUESTIONNAIRES[questionnaire]
    today = [Borne(grille.weights(_in_scope, None, questionnaire), printed.taux, printed.niveau)]
    at_2022: list[Borne] = []
    at_end: list[Borne] = []
    for axe, path in figures.TRAJECTOIRES.items():
        if axe[0] != questionnaire:
            continue
        figure = figures.AXES[axe]
        today.append(Borne(grille.weights(_in_scope, axe, questionnaire), figure.taux, figure.niveau))
        weights = grille.weights(_converging, axe, questionnaire)
        at_end.append(Borne(weights, path.taux, path.niveau))
        if path.annees > 2:
            at_2022.append(
                Borne(
                    weights,
                    _between(figure.taux, path.taux, path.debut),
                    _between(figure.niveau, path.niveau, path.debut),
                )
            )
    if questionnaire != "QR":
        for domaine in DOMAINES:
            weights = grille.weights(_of_domain(domaine), None, questionnaire)
            at_2022.append(Borne(weights, (0.0, 79.0) if domaine == RETARD else (SEUIL_2022, 100.0)))
            at_end.append(Borne(weights, (SEUIL_2025, 100.0), (2.02, 3.0)))

    def still(key: Key, stage: int) -> bool:
        years = figures.TRAJECTOIRES[grille.axe[key[1]]].annees
        planless = years == 0 or not grille.services[key[0]].converge
        return planless or (stage == 2 and years <= 2)

    now, middle, end = levels.solve(grille, [today, at_2022, at_end], taste, fige=still)
    return now, middle, end


def _between(
    today: tuple[float, float], plateau: tuple[float, float], share: tuple[float, float]
) -> tuple[float, float]:
    """Bounds of a mean on its way from a figure to a plateau."""
    start, gain = sum(today) / 2, (sum(plateau) - sum(today)) / 2
    return start + share[0] * max(0.0, gain), start + share[1] * max(0.0, gain)


def _quarters(
    grille: Grid, today: Levels, middle: Levels, end: Levels, rng: Generator
) -> dict[tuple[Key, int], int]:
    """A quarter for each step: by the end of 2022 what is reached then, the rest by the plateau's year.

    Steps spread over the quarters of their window; an axis said to go by steps moves at ends of years only.
    """
    found: dict[tuple[Key, int], int] = {}
    for key in sorted(today):
        path = figures.TRAJECTOIRES[grille.axe[key[1]]]
        last = DEBUT + 4 * path.annees - 1
        windows = (
            (today[key], middle[key], DEBUT, min(last, FIN_2022)),
            (middle[key], end[key], FIN_2022 + 1, last),
        )
        for low, high, first, final in windows:
            wanted = [level for level in grille.niveaux[key[1]] if low < level <= high]
            if not wanted:
                continue
            options = [rank for rank in range(first, final + 1) if not path.paliers or rank % 4 == 3]
            chosen = sorted(options[i] for i in rng.integers(0, len(options), len(wanted)))
            for level, rank in zip(wanted, chosen, strict=True):
                found[key, level] = rank
    return found


def _unpublished(grille: Grid, key: Key, today: int, rng: Generator) -> dict[tuple[Key, int], int]:
    """A plan now and then for what is outside the publication's scope."""
    service = grille.services[key[0]]
    path = figures.TRAJECTOIRES[grille.axe[key[1]]]
    if not service.converge or not path.annees or today == grille.niveaux[key[1]][-1] or rng.random() < 0.5:
        return {}
    return {(key, today + 1): int(rng.integers(DEBUT, DEBUT + 4 * path.annees))}


def steps(plans: Mapping[tuple[Key, int], int]) -> pl.DataFrame:
    """The plans as lines: of two steps due in the same quarter the higher stays (steps may be skipped)."""
    rows = [
        (service, critere, level, trimestre_nom(rank)) for ((service, critere), level), rank in plans.items()
    ]
    frame = pl.DataFrame(
        rows,
        schema={"service": pl.String, "critere": pl.String, "niveau": pl.Int64, "trimestre": pl.String},
        orient="row",
    )
    return (
        frame.group_by("service", "critere", "trimestre")
        .agg(pl.col("niveau").max())
        .select("service", "critere", "niveau", "trimestre")
        .sort("service", "critere", "niveau")
    )
