"""The ``convergence`` universe: how mature the regions' digital health services are.

A rate is the mean over services of each service's own mean: its rows cannot rest in a table, for they depend on
what is asked (a service has one value a criterion, one an axis, one a questionnaire). They are made for each
question by :func:`scoring.convergence.scores.service_values`, one row per service, unit and label; the engine then
averages them, so that ``obs query`` and ``obs score`` cannot disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce

import polars as pl

from lake.catalog.convergence import (
    CAMPAGNES,
    PLANS,
    PRELIMINAIRES,
    REFERENTIEL,
    REPONSES,
    SERVICES,
    SOLUTIONS,
    domaine_expr,
    rang_expr,
    trimestre_nom,
)
from lake.catalog.convergence_pos import ZONES
from lake.catalog.territoires import REGIONS
from lake.errors import MissingTable
from scoring.convergence.scores import service_values
from scoring.universes.model import Axis, Derived, Format, Kind, Measure, Rhythm, Scan, Term, Universe
from scoring.universes.parameters import Parameter
from scoring.universes.rows import predicate
from scoring.universes.selection import Selection

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
_UNITS = ("questionnaire", "axe", "critere")
_LABELS = {"libelle_questionnaire": "questionnaire", "libelle_axe": "axe", "libelle_critere": "critere"}
_SOLUTION = ("editeur", "solution")
_OF_SERVICE = (
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
        alternative="Un service répond à plusieurs axes : demandez le total sans --par, ou --total.",
    ),
    Measure(
        "taux_maturite_pct",
        "Taux de maturité",
        "%",
        Kind.RATIO,
        "Moyenne, sur les services concernés, de leur atteinte des niveaux attendus par la doctrine (plafonnée à "
        "100 % par critère, pondérée dans l'axe, moyennée sur les axes du questionnaire).",
        numerator=Term(pl.col("taux")),
        denominator=Term(pl.col("un")),
        scale=100.0,
        format=Format.PERCENT,
        ne_mesure_pas="Ne mesure ni l'usage du service, ni sa qualité : seulement sa conformité à la doctrine.",
        alternative=_OWN,
    ),
    Measure(
        "niveau_maturite",
        "Niveau de maturité",
        "sur 3",
        Kind.RATIO,
        "Moyenne, sur les services concernés, des niveaux atteints (0 à 3), pondérée comme le taux.",
        numerator=Term(pl.col("niveau")),
        denominator=Term(pl.col("un")),
        format=Format.DECIMAL,
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
        numerator=Term(pl.col("attendu")),
        denominator=Term(pl.col("un")),
        format=Format.DECIMAL,
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
        numerator=Term(pl.col("taux")),
        denominator=Term(pl.col("un")),
        scale=100.0,
        format=Format.PERCENT,
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
        numerator=Term(pl.col("niveau")),
        denominator=Term(pl.col("un")),
        format=Format.DECIMAL,
        ne_mesure_pas=_PLANNED,
        alternative=_OWN,
        given={"horizon": LAST_PLANNED},
    ),
)


def campaigns(scan: Scan, selection: Selection) -> pl.DataFrame:
    """The published campaigns of the sides selected: ``volet, campagne, version_referentiel``, oldest first."""
    volets = selection.values("volet") or (VOLET,)
    columns = ("volet", "campagne", "version_referentiel")
    return (
        scan(CAMPAGNES)
        .filter(pl.col("volet").is_in(volets))
        .select(columns)
        .sort("campagne", "volet")
        .collect()
    )


def dates(scan: Scan, selection: Selection) -> list[date]:
    """The dates of the campaigns of the sides selected, oldest first."""
    return sorted(set(campaigns(scan, selection)["campagne"].to_list()))


def rows(
    scan: Scan, selection: Selection, axes: Sequence[Axis], restrict: pl.Expr | None = None
) -> pl.LazyFrame:
    """The values to average under a selection: one row per service, unit asked and label asked.

    Args:
        scan: reads tables lazily.
        selection: campaign and filters. A filter on questionnaires, axes or criteria keeps their answers; one on
            editors or solutions keeps the services that use one of them.
        axes: the axes of the groups; they say the unit.
        restrict: predicate on the columns of the services' table.

    Returns:
        A column per axis, ``service``, ``taux`` (0–1), ``niveau``, ``attendu`` and ``un`` (1), at the horizon and in
        the scope that the selection's parameters say.
    """
    asked = {axis.name for axis in axes}
    found = campaigns(scan, _both_sides(selection) if "volet" in asked else selection)
    if selection.date is not None:
        found = found.filter(pl.col("campagne") == selection.date)
    parts = [
        _campaign(scan, volet, campagne, version, selection, asked, restrict)
        for volet, campagne, version in found.iter_rows()
    ]
    if not parts:
        return _empty(axes)
    return pl.concat(parts)


def _both_sides(selection: Selection) -> Selection:
    return selection if selection.values("volet") else selection.with_filter("volet", tuple(VOLET_WORDS))


def _empty(axes: Sequence[Axis]) -> pl.LazyFrame:
    keys = dict.fromkeys(
        (*(root for axis in axes for root in axis.key.meta.root_names()), "service"), pl.String
    )
    texts = {"libelle_region": pl.String}
    numbers = {"taux": pl.Float64, "niveau": pl.Float64, "attendu": pl.Float64, "un": pl.Int64}
    return pl.LazyFrame(
        schema={**keys, **texts, **numbers} | ({"campagne": pl.Date} if "campagne" in keys else {})
    )


def _campaign(
    scan: Scan,
    volet: str,
    campagne: date,
    version: str,
    selection: Selection,
    asked: set[str],
    restrict: pl.Expr | None,
) -> pl.LazyFrame:
    """The values of one campaign."""
    where = (pl.col("volet") == volet) & (pl.col("campagne") == campagne)
    referentiel = scan(REFERENTIEL).filter(pl.col("volet") == volet, pl.col("version") == version)
    services = scan(SERVICES).filter(where)
    if restrict is not None:
        services = services.filter(restrict)
    solutions = scan(SOLUTIONS).filter(where).select("service", *_SOLUTION).unique()
    units = [name for name in _UNITS if name in asked or f"libelle_{name}" in asked]
    horizon, plans = _projected(scan, where, selection.parameter(HORIZON.name))
    values = service_values(
        selected(services, solutions, selection),
        scan(REPONSES).filter(where),
        referentiel,
        units=units,
        preliminaires=scan(PRELIMINAIRES).filter(where),
        plans=plans,
        horizon=horizon,
        perimetre=selection.parameter(PERIMETRE.name) or PERIMETRE.default,
        au=campagne,
        keep=_kept(selection, (*_UNITS, *_LABELS)),
    )
    values = values.rename({"nom": "nom_service"}).join(_regions(scan), on="region", how="left")
    values = values.with_columns(
        un=pl.lit(1, pl.Int64),
        volet=pl.lit(volet),
        campagne=pl.lit(campagne, pl.Date),
        libelle_domaine=pl.col("domaine").replace_strict(ZONES, default=None, return_dtype=pl.String),
    )
    wanted = [name for name in _SOLUTION if name in asked]
    if wanted:
        used = _kept(selection, _SOLUTION)
        listed = solutions if used is None else solutions.filter(used)
        values = values.join(listed.select("service", *wanted).unique(), on="service")
    for label, code in _LABELS.items():
        if label in asked:
            keys = (
                [code]
                if code == "questionnaire"
                else [name for name in ("questionnaire", code) if name in units]
            )
            names = referentiel.select(*keys, label).unique(keys)
            values = values.join(names, on=keys)
    columns = {column for name in asked for column in _columns_of(name)} - {"service", "libelle_region"}
    return values.select(*sorted(columns), "service", "libelle_region", "taux", "niveau", "attendu", "un")


def _projected(scan: Scan, where: pl.Expr, horizon: str) -> tuple[str | None, pl.LazyFrame | None]:
    """The quarter of a projection and the plans that lead there; nothing of either at date.

    A campaign without any plan projects nothing: it is then seen at its own date.
    """
    if not horizon:
        return None, None
    try:
        plans = scan(PLANS).filter(where)
        if horizon == LAST_PLANNED:
            last = plans.select(rang_expr().max()).collect().item()
            horizon = "" if last is None else trimestre_nom(last)
    except MissingTable:  # a lake older than the plans
        return None, None
    return (horizon, plans) if horizon else (None, None)


def selected(services: pl.LazyFrame, solutions: pl.LazyFrame, selection: Selection) -> pl.LazyFrame:
    """The services that a selection keeps, whatever is then computed on them.

    A service that uses two of the editors (or solutions) chosen is one service.

    Args:
        services: columns of the services' table.
        solutions: ``service, editeur, solution``.
        selection: filters on the services' axes; those on questionnaires, axes and criteria are not for services.
    """
    named = services.with_columns(
        domaine=domaine_expr(),
        nom_service=pl.col("nom"),
        libelle_domaine=domaine_expr().replace_strict(ZONES, default=None, return_dtype=pl.String),
    )
    own = _kept(selection, _OF_SERVICE)
    if own is not None:
        named = named.filter(own)
    used = _kept(selection, _SOLUTION)
    if used is not None:
        named = named.join(solutions.filter(used), on="service", how="semi")
    return named.drop("domaine", "nom_service", "libelle_domaine")


def _columns_of(name: str) -> list[str]:
    axis = next(axis for axis in AXES if axis.name == name)
    return axis.key.meta.root_names()


def _kept(selection: Selection, names: Sequence[str]) -> pl.Expr | None:
    """The filters of these axes as one predicate; None without any."""
    found = [
        predicate(axis, selection.values(axis.name))
        for axis in AXES
        if axis.name in names and selection.values(axis.name)
    ]
    return reduce(lambda one, other: one & other, found) if found else None


def _regions(scan: Scan) -> pl.LazyFrame:
    """Region code -> its name; no name where the territories are not published."""
    try:
        return scan(REGIONS).select(region="code_region", libelle_region="region")
    except MissingTable:
        return pl.LazyFrame(schema={"region": pl.String, "libelle_region": pl.String})


def values(scan: Scan, axis: Axis, day: date | None) -> pl.LazyFrame:
    """The values of an axis in the campaigns: ``code, texte``."""
    if axis.name in ("volet", "kind"):
        texts = VOLET_WORDS if axis.name == "volet" else KIND_WORDS
        return pl.LazyFrame({"code": list(texts), "texte": list(texts.values())})
    if axis.name in (*_UNITS, *_LABELS):
        name = axis.name
        named = pl.format("{} · {}", name, f"libelle_{name}") if name in _UNITS else pl.col(name)
        pairs = scan(REFERENTIEL).select(code=pl.col(name), texte=named)
        return pairs.unique("code", keep="first", maintain_order=True)
    table = SOLUTIONS if axis.name in _SOLUTION else SERVICES
    frame = scan(table)
    if day is not None:
        frame = frame.filter(pl.col("campagne") == day)
    if axis.name == "campagne":
        return frame.select(
            code=pl.col("campagne").cast(pl.String), texte=pl.col("campagne").cast(pl.String)
        ).unique()
    if axis.name == "region":
        return (
            frame.select("region")
            .drop_nulls()
            .unique()
            .join(_regions(scan), on="region", how="left")
            .select(code="region", texte="libelle_region")
        )
    if axis.name in ("domaine", "libelle_domaine", "zone_pos"):
        code = pl.col("zone_pos") if axis.name == "zone_pos" else domaine_expr()
        codes = frame.select(code=code).drop_nulls().unique()
        label = pl.col("code").replace_strict(ZONES, default=pl.col("code"), return_dtype=pl.String)
        if axis.name == "libelle_domaine":
            return codes.select(code=label, texte=label)
        return codes.select("code", texte=pl.format("{} · {}", "code", label))
    column = "nom" if axis.name == "nom_service" else axis.name
    text = "nom" if axis.name == "service" else column
    return (
        frame.select(code=pl.col(column), texte=pl.col(text))
        .drop_nulls("code")
        .unique("code", keep="first", maintain_order=True)
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
    parameters=(HORIZON, PERIMETRE),
    derived=Derived(
        rows=rows,
        values=values,
        dates=dates,
        tables=(CAMPAGNES, REFERENTIEL, SERVICES, SOLUTIONS, PRELIMINAIRES, PLANS, REPONSES),
    ),
)
