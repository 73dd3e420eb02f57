"""Contract of the official indicator of potential localised accessibility (APL), as the DREES publishes it.

Source: DREES, « L'accessibilité potentielle localisée (APL) ». It is read as published and never computed here.
"""

from __future__ import annotations

import dataframely as dy

from lake.catalog.ages import COMMUNE
from lake.contract import Table, text

PROFESSIONS = {
    "10": "médecins généralistes",
    "40": "chirurgiens-dentistes",
    "50": "sages-femmes",
    "60": "infirmières",
    "70": "kinésithérapeutes",
}
"""Who the DREES publishes an indicator for: code of the profession (ANS) -> its words."""
CONSULTATIONS, ETP = "consultations", "etp"
UNITES = {
    CONSULTATIONS: "consultations ou visites par an et par habitant standardisé",
    ETP: "équivalents temps plein pour 100 000 habitants standardisés",
}
"""Units that the files announce: name in the lake -> French words."""


class CommunesSchema(dy.Schema):
    """One row per year, profession and commune of the official file."""

    annee = dy.String(primary_key=True, regex=r"^20[0-9]{2}$", description="Millésime de l'indicateur")
    code_profession = dy.String(
        primary_key=True,
        regex=r"^(10|40|50|60|70)$",
        description="Code de la profession ; 10 désigne ici les seuls médecins généralistes",
    )
    code_commune_source = dy.String(
        primary_key=True, regex=COMMUNE, description="Code INSEE publié par la DREES"
    )
    code_commune = dy.String(regex=COMMUNE, description="Code INSEE de la commune actuelle")
    commune = text("Nom publié par la DREES")
    apl = dy.Float64(
        nullable=True, min=0, description="APL de la DREES, dans son unité ; vide si non publiée"
    )
    unite = dy.String(
        regex=rf"^({CONSULTATIONS}|{ETP})$",
        description="Unité : consultations par an et par habitant, ou ETP pour 100 000 habitants",
    )
    population_standardisee = dy.Float64(
        nullable=True, min=0, description="Population standardisée publiée, poids des moyennes de l'APL"
    )
    population = dy.Float64(nullable=True, min=0, description="Population totale publiée avec l'indicateur")
    titre = text("Titre de la feuille, tel que publié")


COMMUNES_APL = Table(
    name="apl__communes",
    title="Indicateur APL de la DREES",
    description="Une ligne par millésime, profession et commune du fichier officiel.",
    schema=CommunesSchema,
    source="apl",
    licence="Licence Ouverte 2.0 — DREES",
    partition_by=("code_profession", "annee"),
    unit=("code_profession", "annee"),
)

TABLES = (COMMUNES_APL,)
