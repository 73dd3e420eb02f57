"""The axes and parameters of the ``convergence`` universe: by what its figures are asked, and under which setting."""

from __future__ import annotations

import polars as pl

from scoring.universes.model import Axis, Order
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

CAMPAGNE = Axis("campagne", "Campagne", pl.col("campagne"), order=Order.CODE)
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
SERVICE = "service"
"""What Convergence counts. It stands in one region, one domain, one kind; it answers several questionnaires, axes and
criteria, and may use several solutions: over these nothing adds."""
_ONE = frozenset({SERVICE})


def _axis(name: str, label: str, plural: str = "", **more: object) -> Axis:
    return Axis(name, label, pl.col(name), plural=plural, code_pattern=_CODE, **more)  # type: ignore[arg-type]


def _unit(
    name: str, label: str, plural: str = "", *, shown: str = "", parent: str = "", **more: object
) -> Axis:
    """An axis or a criterion of the referential: its code may stand in two questionnaires, so its key says both."""
    return Axis(
        shown or name,
        label,
        pl.format("{}-{}", "questionnaire", name),
        code=None if shown else f"cle_{name}",
        text=pl.col(shown or name),
        code_pattern=_CODE,
        plural=plural,
        bare=pl.col(shown or name),
        parent=parent,
        order=Order.CODE,
        **more,  # type: ignore[arg-type]
    )


AXES = (
    CAMPAGNE,
    _axis("questionnaire", "Questionnaire", order=Order.CODE),
    _axis("libelle_questionnaire", "Nom du questionnaire", "Noms de questionnaires"),
    _unit("axe", "Axe", parent="questionnaire", with_parent=True),
    _unit(
        "axe", "Nom de l'axe", "Noms d'axes", shown="libelle_axe", parent="questionnaire", with_parent=True
    ),
    _unit("critere", "Critère", parent="axe"),
    _unit("critere", "Nom du critère", "Noms de critères", shown="libelle_critere", parent="axe"),
    Axis(
        "region",
        "Région",
        pl.col("region"),
        code="code_region",
        text=pl.col("libelle_region"),
        partitions=_ONE,
    ),
    _axis("domaine", "Domaine", order=Order.CODE, partitions=_ONE),
    _axis("libelle_domaine", "Nom du domaine", "Noms de domaines", partitions=_ONE),
    _axis("zone_pos", "Zone du POS", "Zones du POS", order=Order.CODE, parent="domaine", partitions=_ONE),
    _axis("type_service", "Type de service", "Types de services", partitions=_ONE),
    _axis("editeur", "Éditeur"),
    _axis("solution", "Solution", parent="editeur"),
    _axis("kind", "Nature", words=KIND_WORDS, order=Order.WORDS, partitions=_ONE),
    _axis("service", "Service", parent="region", partitions=_ONE),
    _axis("nom_service", "Nom du service", "Noms de services", parent="region", partitions=_ONE),
    _axis("volet", "Volet", words=VOLET_WORDS, order=Order.WORDS, partitions=_ONE),
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
