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
SUBJECTS = {"service": "Services", "si_regional": "SI régionaux", "produit": "Produits"}
OWNERS = {"national": "National", "editeur": "Éditeurs", "regional": "Régions"}
LINKS = {"directe": "Directe", "indirecte": "Indirecte"}
STATUSES = {"proposee": "Proposée", "retenue": "Retenue", "realisee": "Réalisée", "ecartee": "Écartée"}

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


def axis(name: str, label: str, plural: str = "", **more: object) -> Axis:
    """An axis of Convergence: its codes are short texts, its key the column of its name."""
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


LEVEL_WORDS = {str(level): f"Niveau {level}" for level in range(4)}
NIVEAU = axis(
    "niveau_atteint",
    "Niveau atteint",
    "Niveaux atteints",
    words=LEVEL_WORDS,
    order=Order.WORDS,
    partitions=_ONE,
)
"""Where a service stands, 0 to 3: the whole level that the mean of its answers reaches (1,9 has not reached 2), under
the questionnaire that the question says."""
TRIMESTRE = axis("trimestre", "Trimestre", order=Order.CODE)
"""The quarters of a projection: a curve is one question by this axis."""

AXES = (
    CAMPAGNE,
    axis("questionnaire", "Questionnaire", order=Order.CODE),
    axis("libelle_questionnaire", "Nom du questionnaire", "Noms de questionnaires"),
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
    axis("domaine", "Domaine", order=Order.CODE, partitions=_ONE),
    axis("libelle_domaine", "Nom du domaine", "Noms de domaines", partitions=_ONE),
    axis("zone_pos", "Zone du POS", "Zones du POS", order=Order.CODE, parent="domaine", partitions=_ONE),
    axis("type_service", "Type de service", "Types de services", partitions=_ONE),
    axis("editeur", "Éditeur"),
    axis("solution", "Solution", parent="editeur"),
    axis("kind", "Nature", words=KIND_WORDS, order=Order.WORDS, partitions=_ONE),
    axis("service", "Service", parent="region", partitions=_ONE),
    axis("nom_service", "Nom du service", "Noms de services", parent="region", partitions=_ONE),
    axis("volet", "Volet", words=VOLET_WORDS, order=Order.WORDS, partitions=_ONE),
    NIVEAU,
    TRIMESTRE,
)

LAST_PLANNED = "fin"
"""The horizon that stands for the last quarter planned in the campaign."""


def quarter_words(value: str) -> str:
    """A quarter as readers say it: « fin du T4 2022 »; a day: « au 30/06/2022 »."""
    if "T" not in value:
        year, month, day = value.split("-")
        return f"au {day}/{month}/{year}"
    return f"fin du {value[5:]}\u202f{value[:4]}"


HORIZON = Parameter(
    "horizon",
    "Horizon",
    values={"": "à la date de la campagne", LAST_PLANNED: "fin du dernier trimestre planifié"},
    pattern=r"20[0-9]{2}-(T[1-4]|(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))",
    form="AAAA-Tn, par exemple 2022-T4, ou AAAA-MM-JJ",
    words=quarter_words,
)


def delay_of(value: str) -> tuple[str, int]:
    """The milestone and the quarters of a delay (``J02:8``); none and 0 when the value says none."""
    jalon, _, quarters = value.rpartition(":")
    return (jalon, int(quarters)) if jalon else ("", 0)


def delay_words(value: str) -> str:
    """A delay as readers say it: « J02, 8 trimestres »."""
    jalon, quarters = delay_of(value)
    return f"{jalon}, {quarters} {'trimestres' if quarters > 1 else 'trimestre'}"


RETARD = Parameter(
    "retard",
    "Retard supposé d'un jalon",
    values={"": "aucun"},
    pattern=r".{1,80}:[0-9]{1,2}",
    form="jalon:trimestres, par exemple J02:4",
    words=delay_words,
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
AVANT = Parameter(
    "avant",
    "Comparer avec la campagne du",
    values={"": "la précédente"},
    pattern=r"20[0-9]{2}-[01][0-9]-[0-3][0-9]",
    form="AAAA-MM-JJ",
)
