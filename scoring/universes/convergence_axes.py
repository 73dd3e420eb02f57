"""The axes and parameters of the ``convergence`` universe: by what its figures are asked, and under which setting."""

from __future__ import annotations

import polars as pl

from scoring.universes.model import Axis
from scoring.universes.parameters import Parameter

VOLET = "regions"
"""The side read when the reader does not name one."""
VOLET_WORDS = {"regions": "Régions", "industriels": "Industriels"}
KIND_WORDS = {
    "metier": "Service métier",
    "infrastructure": "Service d'infrastructure",
    "si_regional": "SI régional",
    "produit": "Produit",
}

CAMPAGNE = Axis("campagne", "Campagne", pl.col("campagne"))
UNITS = ("questionnaire", "axe", "critere")
LABELS = {"libelle_questionnaire": "questionnaire", "libelle_axe": "axe", "libelle_critere": "critere"}
OF_SOLUTION = ("editeur", "solution")
OF_SERVICE = (
    "region",
    "domaine",
    "libelle_domaine",
    "zone_pos",
    "type_service",
    "kind",
    "service",
    "nom_service",
)
_CODE = r"^[0-9A-Za-z.\-]{1,20}$"


def _axis(name: str, label: str, plural: str = "", **more: object) -> Axis:
    return Axis(name, label, pl.col(name), plural=plural, code_pattern=_CODE, **more)  # type: ignore[arg-type]


AXES = (
    CAMPAGNE,
    _axis("questionnaire", "Questionnaire"),
    _axis("libelle_questionnaire", "Nom du questionnaire", "Noms de questionnaires"),
    _axis("axe", "Axe"),
    _axis("libelle_axe", "Nom de l'axe", "Noms d'axes"),
    _axis("critere", "Critère"),
    _axis("libelle_critere", "Nom du critère", "Noms de critères"),
    Axis("region", "Région", pl.col("region"), code="code_region", text=pl.col("libelle_region")),
    _axis("domaine", "Domaine"),
    _axis("libelle_domaine", "Nom du domaine", "Noms de domaines"),
    _axis("zone_pos", "Zone du POS", "Zones du POS"),
    _axis("type_service", "Type de service", "Types de services"),
    _axis("editeur", "Éditeur"),
    _axis("solution", "Solution"),
    _axis("kind", "Nature", words=KIND_WORDS),
    _axis("service", "Service"),
    _axis("nom_service", "Nom du service", "Noms de services"),
    _axis("volet", "Volet", words=VOLET_WORDS),
)

LAST_PLANNED = "fin"
"""The horizon that stands for the last quarter planned in the campaign."""


def quarter_words(value: str) -> str:
    """A quarter as readers say it: « fin du T4 2022 »."""
    return f"fin du {value[5:]}\u202f{value[:4]}"


HORIZON = Parameter(
    "horizon",
    "Horizon",
    values={"": "à la date de la campagne", LAST_PLANNED: "fin du dernier trimestre planifié"},
    pattern=r"20[0-9]{2}-T[1-4]",
    form="AAAA-Tn, par exemple 2022-T4",
    words=quarter_words,
)
PERIMETRE = Parameter(
    "perimetre",
    "Périmètre",
    default="publication",
    values={
        "publication": "services publiables du tronc commun",
        "tous": "tous les services déclarés",
    },
)
