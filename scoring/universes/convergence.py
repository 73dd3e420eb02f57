"""The ``convergence`` universe: how mature the regions' digital health services are.

A rate is the mean over services of each service's own mean: its rows cannot rest in a table, for they depend on
what is asked (a service has one value a criterion, one an axis, one a questionnaire). They are made for each
question by :func:`scoring.convergence.scores.service_values`, one row per service, unit and label; the engine then
averages them, so that ``obs query`` and ``obs score`` cannot disagree.
"""

from __future__ import annotations

import polars as pl

from lake.catalog.convergence import (
    CAMPAGNES,
    JALONS,
    PLANS,
    PRELIMINAIRES,
    REFERENTIEL,
    REPONSES,
    SERVICES,
    SOLUTIONS,
)
from scoring.sums import STEPS, exact
from scoring.universes.convergence_axes import (
    AXES,
    CAMPAGNE,
    HORIZON,
    KIND_WORDS,
    LAST_PLANNED,
    PERIMETRE,
    RETARD,
    SERVICE,
    VOLET,
    VOLET_WORDS,
)
from scoring.universes.convergence_rows import campaigns, check, dates, rows, selected, values
from scoring.universes.model import Derived, Format, Kind, Measure, Rhythm, Term, Universe

__all__ = [
    "CONVERGENCE",
    "KIND_WORDS",
    "VOLET",
    "VOLET_WORDS",
    "campaigns",
    "selected",
]

_OWN = "Une moyenne se recalcule : demandez-la à la maille voulue, ou avec --total."
_PLANNED = "Ne mesure pas ce qui sera : ce que les plans disent aujourd'hui, sans retard ni imprévu."
MEASURES = (
    Measure(
        "services_concernes",
        "Services concernés",
        "services",
        Kind.DISTINCT,
        "Services qui ont répondu à au moins un critère (« non applicable » n'est pas une réponse).",
        value=Term(pl.col("service"), distinct=True),
        subject=SERVICE,
        alternative="Un service répond à plusieurs axes : demandez le total sans --par, ou --total.",
    ),
    Measure(
        "taux_maturite_pct",
        "Taux de maturité",
        "%",
        Kind.RATIO,
        "Moyenne, sur les services concernés, de leur atteinte des niveaux attendus par la doctrine (plafonnée à "
        "100 % par critère, pondérée dans l'axe, moyennée sur les axes du questionnaire).",
        numerator=Term(exact(pl.col("taux"))),
        denominator=Term(pl.col("un")),
        scale=100 / STEPS,
        format=Format.PERCENT,
        bounds=(0.0, 100.0),
        sense=1,
        ne_mesure_pas="Ne mesure ni l'usage du service, ni sa qualité : seulement sa conformité à la doctrine.",
        alternative=_OWN,
    ),
    Measure(
        "niveau_maturite",
        "Niveau de maturité",
        "sur 3",
        Kind.RATIO,
        "Moyenne, sur les services concernés, des niveaux atteints (0 à 3), pondérée comme le taux.",
        numerator=Term(exact(pl.col("niveau"))),
        denominator=Term(pl.col("un")),
        scale=1 / STEPS,
        format=Format.DECIMAL,
        bounds=(0.0, 3.0),
        sense=1,
        ne_mesure_pas="Un niveau bas n'est pas un retard quand la doctrine n'attend pas davantage : voyez le taux.",
        alternative=_OWN,
    ),
    Measure(
        "niveau_attendu",
        "Niveau attendu",
        "sur 3",
        Kind.RATIO,
        "Moyenne, sur les services concernés, des niveaux que la doctrine attend d'eux (0 à 3), pondérée comme le "
        "niveau atteint.",
        numerator=Term(exact(pl.col("attendu"))),
        denominator=Term(pl.col("un")),
        scale=1 / STEPS,
        format=Format.DECIMAL,
        bounds=(0.0, 3.0),
        sense=0,
        ne_mesure_pas="N'entrent que les critères auxquels un service répond : ni « non applicable », ni masqué.",
        alternative=_OWN,
    ),
    Measure(
        "taux_projete_pct",
        "Taux projeté",
        "%",
        Kind.RATIO,
        "Le taux de maturité à l'horizon, si chaque étape planifiée est atteinte à la fin de son trimestre ; sur les "
        "services qui convergent. Sans horizon : à la fin du dernier trimestre planifié.",
        numerator=Term(exact(pl.col("taux"))),
        denominator=Term(pl.col("un")),
        scale=100 / STEPS,
        format=Format.PERCENT,
        bounds=(0.0, 100.0),
        sense=1,
        ne_mesure_pas=_PLANNED,
        alternative=_OWN,
        given={"horizon": LAST_PLANNED},
    ),
    Measure(
        "niveau_projete",
        "Niveau projeté",
        "sur 3",
        Kind.RATIO,
        "Le niveau de maturité à l'horizon, si chaque étape planifiée est atteinte à la fin de son trimestre ; sur "
        "les services qui convergent. Sans horizon : à la fin du dernier trimestre planifié.",
        numerator=Term(exact(pl.col("niveau"))),
        denominator=Term(pl.col("un")),
        scale=1 / STEPS,
        format=Format.DECIMAL,
        bounds=(0.0, 3.0),
        sense=1,
        ne_mesure_pas=_PLANNED,
        alternative=_OWN,
        given={"horizon": LAST_PLANNED},
    ),
)


CONVERGENCE = Universe(
    name="convergence",
    title="Convergence",
    table=SERVICES,
    time=CAMPAGNE,
    rhythm=Rhythm.SNAPSHOT,
    axes=AXES,
    measures=MEASURES,
    source="Convergence, déclarations des régions et des éditeurs",
    parameters=(HORIZON, PERIMETRE, RETARD),
    derived=Derived(
        rows=rows,
        values=values,
        dates=dates,
        check=check,
        tables=(CAMPAGNES, REFERENTIEL, SERVICES, SOLUTIONS, PRELIMINAIRES, JALONS, PLANS, REPONSES),
    ),
)
