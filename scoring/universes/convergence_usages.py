"""The values of usage criteria: a universe that lists them, service by service; no rate is made of them here."""

from __future__ import annotations

import polars as pl

from lake.catalog.convergence_usages import USAGES, types_des
from scoring.universes.convergence_axes import PERIMETRE
from scoring.universes.convergence_campaign import Campagne
from scoring.universes.convergence_listing import (
    ON_CRITERIA,
    ON_SERVICES,
    count_of,
    distinct_of,
    listing,
    shared,
)


def _values(campagne: Campagne, asked: set[str]) -> pl.LazyFrame:
    criteres = campagne.referentiel().collect()
    of = criteres.unique("critere", keep="last", maintain_order=True).select(
        "critere", "questionnaire", "axe"
    )
    kinds = types_des(criteres).select("critere", "type_reponse")
    rows = (
        campagne.read(USAGES)
        .join(campagne.scope().select("service"), on="service", how="semi", maintain_order="left")
        .join(of.join(kinds, on="critere").lazy(), on="critere", maintain_order="left")
        .select(
            "service",
            "questionnaire",
            "axe",
            "critere",
            "valeur",
            "nombre",
            "unite",
            "niveau",
            "type_reponse",
        )
    )
    return campagne.told(rows, sorted(asked)).sort("ordre", "service", maintain_order=True)


USAGES_DECLARES = listing(
    "convergence_usages",
    "Valeurs d'usage de Convergence",
    USAGES,
    _values,
    shared(*ON_SERVICES, *ON_CRITERIA),
    (
        count_of("valeurs_usage", "Valeurs d'usage", "valeurs",
                 "Nombres, jours et textes répondus par les services du périmètre."),
        count_of("valeurs_niveau", "Valeurs qui ont un niveau", "valeurs",
                 "Valeurs dont les seuils du critère font un niveau : elles entrent dans les taux comme ce niveau.",
                 pl.col("niveau").is_not_null()),
        distinct_of("services_usage", "Services qui disent leurs usages", "services",
                    "Services du périmètre dont au moins une valeur est publiée.", pl.col("service")),
    ),
    (PERIMETRE,),
)  # fmt: skip
