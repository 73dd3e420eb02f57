"""What services plan and what holds them: universes of the planned steps, of the milestones, of the improvements."""

from __future__ import annotations

import polars as pl

from lake.catalog.convergence import AMELIORATIONS, JALONS, PLANS
from scoring.convergence.dependencies import steps_of
from scoring.convergence.plans import ABANDONNEE, ATTEINTE, AVANCEE, REPOUSSEE, SANS_OBJET, fates
from scoring.universes.convergence_axes import LINKS, OWNERS, PERIMETRE, RETARD, STATUSES, axis
from scoring.universes.convergence_campaign import Campagne
from scoring.universes.convergence_listing import (
    ON_CRITERIA,
    ON_SERVICES,
    count_of,
    distinct_of,
    listing,
    shared,
)
from scoring.universes.model import Measure

_OF_SERVICES = pl.col("service")


# -- plans -------------------------------------------------------------------------------------------


def _plans(campagne: Campagne, asked: set[str]) -> pl.LazyFrame:
    scope = campagne.scope()
    before = campagne.before()
    plans = campagne.plans()
    rows = fates(
        plans,
        campagne.answers(at_date=True).select("service", "critere", "niveau", "motif_exclusion"),
        scope,
        before=None if before is None else before.read(PLANS),
        au=campagne.jour,
    ).with_columns(non_planifiable=pl.lit(False))
    never = plans.filter("non_planifiable").join(scope.select("service"), on="service", how="semi")
    rows = pl.concat([rows, never.select("service", "critere", "non_planifiable")], how="diagonal")
    criteres = campagne.referentiel().select("questionnaire", "axe", "critere").unique("critere")
    told = campagne.told(rows.join(criteres, on="critere", maintain_order="left"), sorted(asked))
    return told.sort("service", "ordre", "niveau", nulls_last=True, maintain_order=True)


_PLANNED = pl.col("trimestre").is_not_null() & (pl.col("devenir") != SANS_OBJET)


def _became(name: str, label: str, fate: str, definition: str) -> Measure:
    return count_of(name, label, "étapes", definition, pl.col("devenir") == fate)


PLANS_DECLARES = listing(
    "convergence_plans",
    "Plans de Convergence",
    PLANS,
    _plans,
    (*shared(*ON_SERVICES, *ON_CRITERIA, "trimestre"), axis("devenir", "Devenir", "Devenirs")),
    (
        count_of("etapes", "Étapes planifiées", "étapes",
               "Étapes à venir des plans : un niveau, pour la fin d'un trimestre. Ni sur un critère devenu sans objet, "
               "ni d'un service qui sera décommissionné.", _PLANNED),
        distinct_of("services_planifies", "Services avec un plan", "services",
                  "Services dont au moins une étape est à venir.", _OF_SERVICES, _PLANNED),
        count_of("non_planifiables", "Critères non planifiables", "critères",
               "Critères que leur service dit ne pas pouvoir planifier.", pl.col("non_planifiable")),
        count_of("etapes_en_retard", "Étapes en retard", "étapes",
               "Étapes que la campagne précédente prévoyait avant celle-ci, et que les réponses ne disent pas "
               "atteintes ; ni sur un critère devenu sans objet, ni d'un service qui sera décommissionné.",
               pl.col("en_retard")),
        _became("etapes_repoussees", "Étapes repoussées", REPOUSSEE,
                "Étapes prévues plus tard que dans la campagne précédente."),
        _became("etapes_avancees", "Étapes avancées", AVANCEE,
                "Étapes prévues plus tôt que dans la campagne précédente."),
        _became("etapes_abandonnees", "Étapes abandonnées", ABANDONNEE,
                "Étapes de la campagne précédente, non atteintes, qui ne sont plus au plan."),
        _became("etapes_atteintes", "Étapes atteintes", ATTEINTE,
                "Étapes de la campagne précédente que les réponses disent atteintes."),
    ),
    (PERIMETRE, RETARD),
)  # fmt: skip


# -- milestones and improvements ---------------------------------------------------------------------


def _milestones(campagne: Campagne, asked: set[str]) -> pl.LazyFrame:
    """One row per milestone, axis and step that hangs on it; one without step where none does."""
    known = campagne.read(JALONS)
    scope = campagne.scope(convergents=True).select("service")
    hanging = steps_of(campagne.read(PLANS), known, campagne.referentiel()).join(
        scope, on="service", how="semi"
    )
    named = known.select("jalon", "libelle_jalon", "porteur", "trimestre", "axe", "dependance")
    rows = named.unique(maintain_order=True).join(
        hanging.rename({"trimestre": "trimestre_etape", "critere": "critere_etape"}),
        on=["jalon", "axe", "dependance"],
        how="left",
        maintain_order="left",
    )
    return campagne.told(rows, sorted(asked)).sort(
        "jalon", "axe", "dependance", "service", "critere_etape", "niveau", nulls_last=True
    )


_HANGS = pl.concat_str("service", "critere_etape", pl.col("niveau").cast(pl.String), separator="\t")
JALONS_DECLARES = listing(
    "convergence_jalons",
    "Jalons de Convergence",
    JALONS,
    _milestones,
    (
        *shared(*ON_SERVICES),
        axis("axe", "Axe"),
        axis("jalon", "Jalon", text=pl.col("libelle_jalon"), code="code_jalon"),
        axis("porteur", "Porteur", words=OWNERS),
        axis("dependance", "Dépendance", words=LINKS),
    ),
    (
        distinct_of("jalons", "Jalons", "jalons", "Jalons déclarés.", pl.col("jalon")),
        distinct_of("etapes_suspendues", "Étapes qui en dépendent", "étapes",
                  "Étapes planifiées d'un axe du jalon, pour son trimestre ou plus tard, des services qui convergent.",
                  _HANGS),
        distinct_of("services_suspendus", "Services concernés", "services",
                  "Services dont une étape dépend du jalon.", _OF_SERVICES),
    ),
    (PERIMETRE,),
)  # fmt: skip


def _improvements(campagne: Campagne, _asked: set[str]) -> pl.LazyFrame:
    return campagne.read(AMELIORATIONS).sort(
        "propose_le", "amelioration", descending=[True, False], nulls_last=True
    )


AMELIORATIONS_PROPOSEES = listing(
    "convergence_ameliorations",
    "Améliorations proposées",
    AMELIORATIONS,
    _improvements,
    (
        *shared(),
        axis("axe", "Axe"),
        axis("porteur", "Adressée à", "Adressées à", words=OWNERS),
        axis("statut", "Suite", words=STATUSES),
    ),
    (
        distinct_of("ameliorations", "Améliorations", "propositions", "Ce qui est proposé d'améliorer.",
                  pl.col("amelioration")),
        distinct_of("ameliorations_retenues", "Améliorations retenues", "propositions",
                  "Propositions retenues ou réalisées.", pl.col("amelioration"),
                  pl.col("statut").is_in(["retenue", "realisee"])),
    ),
)  # fmt: skip
