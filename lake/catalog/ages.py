"""Contract of the population by age: what standardises demand in the potential accessibility.

Source: INSEE, census, « Population par sexe et âge » (POP1B). Licence Ouverte 2.0.
"""

from __future__ import annotations

import dataframely as dy

from lake.contract import Table

COMMUNE = r"^(2[AB]|[0-9]{2})[0-9]{3}$"


class PopulationSchema(dy.Schema):
    """One row per commune of the census, sex and age."""

    code_commune_source = dy.String(
        primary_key=True,
        regex=COMMUNE,
        description="Code INSEE de la commune (ou de l'arrondissement) publié",
    )
    sexe = dy.String(primary_key=True, regex=r"^[12]$", description="Sexe : 1 homme, 2 femme")
    age = dy.Int64(primary_key=True, min=0, max=120, description="Âge révolu ; 100 regroupe 100 ans et plus")
    code_commune = dy.String(regex=COMMUNE, description="Code INSEE de la commune actuelle")
    population = dy.Float64(min=0, description="Habitants estimés par le recensement (décimal)")
    annee = dy.Int64(min=1990, max=2100, description="Année du recensement")


POPULATION = Table(
    name="ages__population",
    title="Population par âge",
    description="Une ligne par commune du recensement, sexe et âge.",
    schema=PopulationSchema,
    source="ages",
    licence="Licence Ouverte 2.0 — INSEE, recensement de la population",
    sort_by=("code_commune", "age"),
)

TABLES = (POPULATION,)
