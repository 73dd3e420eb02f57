"""What Convergence lists: its services, answers, planned steps, milestones, improvements, criteria and changes.

Each is a universe of its own: the rows of a list are :func:`scoring.universes.engine.detail`, its counts are measures,
and both pass through the reader's rights as rates do. They share the axes, the parameters and the campaign of the
``convergence`` universe.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import polars as pl

from lake.catalog.convergence import (
    AMELIORATIONS,
    CAMPAGNES,
    JALONS,
    NIVEAUX,
    PLANS,
    PRELIMINAIRES,
    REFERENTIEL,
    REPONSES,
    SERVICES,
    SOLUTIONS,
)
from lake.contract import Table
from scoring.convergence.answers import REGIONAL, subject
from scoring.convergence.dependencies import steps_of
from scoring.convergence.detail import formule
from scoring.convergence.history import CLASSES, INCHANGE, compared
from scoring.convergence.plans import (
    ABANDONNEE,
    ATTEINTE,
    AVANCEE,
    REPOUSSEE,
    SANS_OBJET,
    fates,
)
from scoring.universes.convergence_axes import (
    AVANT,
    AXES,
    CAMPAGNE,
    HORIZON,
    LINKS,
    OF_SERVICE,
    OF_SOLUTION,
    OWNERS,
    PERIMETRE,
    RETARD,
    STATUSES,
    SUBJECTS,
    UNITS,
    VOLET,
    axis,
)
from scoring.universes.convergence_campaign import Campagne, chosen, dates, filters
from scoring.universes.convergence_rows import values as shared_values
from scoring.universes.model import Axis, Derived, Kind, Measure, Rhythm, Scan, Term, Universe
from scoring.universes.parameters import Parameter
from scoring.universes.selection import Selection

Build = Callable[[Campagne, set[str]], pl.LazyFrame]

SOUS, ATTEINT, NON_APPLICABLE = ETATS = (
    "sous le niveau attendu",
    "au niveau attendu",
    "non applicable",
)
"""The state of an answer: the last one holds for every answer that does not count."""
_ORDER = {state: rank for rank, state in enumerate(ETATS)}
_ONE = pl.col("un")


def _nothing(table: Table) -> pl.LazyFrame:
    return table.empty().lazy()


def _shared(*names: str) -> tuple[Axis, ...]:
    return tuple(one for one in AXES if one.name in (*names, "campagne", "volet"))


_ON_SERVICES = (*OF_SERVICE, *OF_SOLUTION)
_ON_CRITERIA = (*UNITS, "libelle_questionnaire", "libelle_axe", "libelle_critere")


def _count(name: str, label: str, unit: str, definition: str, where: pl.Expr | None = None) -> Measure:
    """A number of rows: it adds up."""
    return Measure(name, label, unit, Kind.FLOW, definition, value=Term(_ONE, where=where))


def _distinct(
    name: str, label: str, unit: str, definition: str, of: pl.Expr, where: pl.Expr | None = None
) -> Measure:
    return Measure(
        name, label, unit, Kind.DISTINCT, definition, value=Term(of, distinct=True, where=where),
        alternative="Demandez le total sans --par, ou avec --total.",
    )  # fmt: skip


def _universe(
    name: str,
    title: str,
    table: Table,
    build: Build,
    axes: tuple[Axis, ...],
    measures: tuple[Measure, ...],
    parameters: tuple[Parameter, ...] = (),
) -> Universe:
    """A universe whose rows are made from each campaign, under the selection's filters on its axes."""

    def made(campagne: Campagne, asked: set[str]) -> pl.LazyFrame:
        found = build(campagne, asked).with_columns(
            un=pl.lit(1, pl.Int64), volet=pl.lit(campagne.volet), campagne=pl.lit(campagne.jour, pl.Date)
        )
        own = [one.name for one in axes if one.name not in (*_ON_SERVICES, "campagne", "volet")]
        kept = filters(campagne.selection, own, axes)
        return found if kept is None else found.filter(kept)

    def rows(
        scan: Scan, selection: Selection, by: Sequence[Axis], restrict: pl.Expr | None = None
    ) -> pl.LazyFrame:
        asked = {one.name for one in by}
        parts = [made(one, asked) for one in chosen(scan, selection, by, restrict)]
        if parts:
            return pl.concat(parts)
        # The columns of no campaign at all.
        return made(Campagne(_nothing, VOLET, date(2000, 1, 1), "", selection), asked)

    def values(scan: Scan, one: Axis, day: date | None) -> pl.LazyFrame:
        if one in AXES:
            return shared_values(scan, one, day)
        known = rows(scan, Selection(date=day or max(dates(scan, Selection()), default=None)), ())
        code = one.key.cast(pl.String)
        return known.select(code=code, texte=code).drop_nulls("code").unique(maintain_order=True)

    return Universe(
        name=name,
        title=title,
        table=table,
        time=CAMPAGNE,
        rhythm=Rhythm.SNAPSHOT,
        axes=axes,
        measures=measures,
        source="Convergence, déclarations des régions et des éditeurs",
        parameters=parameters,
        derived=Derived(
            rows=rows,
            values=values,
            dates=dates,
            tables=(
                CAMPAGNES, REFERENTIEL, NIVEAUX, SERVICES, SOLUTIONS, PRELIMINAIRES, PLANS, REPONSES, JALONS,
                AMELIORATIONS,
            ),
        ),
    )  # fmt: skip


# -- services ----------------------------------------------------------------------------------------


def _services(campagne: Campagne, asked: set[str]) -> pl.LazyFrame:
    published = (pl.col("publiable") & pl.col("tronc_commun")).alias("publie")
    rows = campagne.services().select(
        "service", "nom", "utilise", "tronc_commun", "publiable", "converge", published, sujet=subject()
    )
    regional = pl.col("sujet") == REGIONAL
    return campagne.told(rows, sorted(asked)).with_columns(
        commun=pl.col("publie") & ~regional, publie=pl.col("publie") | regional
    )


_OF_SERVICES = pl.col("service")
_SYSTEM = pl.col("sujet") == REGIONAL
SERVICES_DECLARES = _universe(
    "convergence_services",
    "Services de Convergence",
    SERVICES,
    _services,
    _shared(*_ON_SERVICES),
    (
        _distinct("services_declares", "Services déclarés", "services",
                  "Tous les services métier et d'infrastructure (ou les produits) déclarés, sans les systèmes "
                  "d'information régionaux.", _OF_SERVICES, ~_SYSTEM),
        _distinct("services_publiables", "Services publiables", "services",
                  "Les services déclarés que leur région laisse publier, du tronc commun ou non.",
                  _OF_SERVICES, pl.col("publiable") & ~_SYSTEM),
        _distinct("services_publies", "Services du périmètre publié", "services",
                  "Les services publiables du tronc commun, et tous les systèmes d'information régionaux.",
                  _OF_SERVICES, pl.col("publie")),
        _distinct("services_tronc_commun", "Services du tronc commun", "services",
                  "Les services publiables d'un type du tronc commun, sans les systèmes d'information régionaux.",
                  _OF_SERVICES, pl.col("commun")),
        _distinct("services_convergents", "Services qui convergent", "services",
                  "Les services du tronc commun qui ne seront pas décommissionnés : les projections portent sur eux.",
                  _OF_SERVICES, pl.col("commun") & pl.col("converge")),
        _distinct("services_projetes", "Services projetés", "services",
                  "Les services qui convergent, et tous les systèmes d'information régionaux.",
                  _OF_SERVICES, pl.col("publie") & (pl.col("converge") | ~pl.col("commun"))),
        _distinct("systemes_regionaux", "Systèmes d'information régionaux", "systèmes",
                  "Un système d'information par région : le questionnaire régional s'adresse à lui.",
                  _OF_SERVICES, _SYSTEM),
        _distinct("regions_equipees", "Régions", "régions",
                  "Régions d'au moins un service du périmètre publié.", pl.col("region"), pl.col("publie")),
        _distinct("domaines_equipes", "Domaines", "domaines",
                  "Domaines du plan d'occupation des sols où se trouve au moins un service du périmètre publié.",
                  pl.col("domaine"), pl.col("publie")),
    ),
)  # fmt: skip


# -- answers -----------------------------------------------------------------------------------------


def _answers(campagne: Campagne, asked: set[str]) -> pl.LazyFrame:
    names = campagne.read(SERVICES)
    rows = (
        campagne.answers()
        .drop("region")
        .join(campagne.niveaux(), on=["critere", "niveau"], how="left", maintain_order="left")
        .join(
            names.select(porteur="service", nom_porteur="nom"),
            on="porteur",
            how="left",
            maintain_order="left",
        )
    )
    state = (
        pl.when(pl.col("niveau").is_null())
        .then(pl.lit(NON_APPLICABLE))
        .when(pl.col("niveau") < pl.col("niveau_attendu"))
        .then(pl.lit(SOUS))
        .otherwise(pl.lit(ATTEINT))
    )
    told = campagne.told(rows, sorted(asked)).with_columns(etat=state)
    rank = pl.col("etat").replace_strict(_ORDER, return_dtype=pl.Int64)
    return told.sort("ordre", rank, "niveau", "service", maintain_order=True)


_COUNTS = pl.col("niveau").is_not_null()
REPONSES_DONNEES = _universe(
    "convergence_reponses",
    "Réponses de Convergence",
    REPONSES,
    _answers,
    (
        *_shared(*_ON_SERVICES, *_ON_CRITERIA),
        axis("etat", "État"),
        Axis("niveau", "Niveau", pl.col("niveau").cast(pl.String), plural="Niveaux"),
        axis("motif_exclusion", "Motif d'exclusion", "Motifs d'exclusion"),
    ),
    (
        _count("reponses", "Réponses", "réponses", "Réponses des services du périmètre, comptées ou non."),
        _count("reponses_comptees", "Réponses qui comptent", "réponses",
               "Réponses qui valent un niveau, propre ou porté.", _COUNTS),
        _count("reponses_sous_attendu", "Réponses sous l'attendu", "réponses",
               "Réponses dont le niveau est sous celui que la doctrine attend.", pl.col("etat") == SOUS),
        _count("reponses_exclues", "Réponses exclues", "réponses",
               "Non applicables, cachées par une question préliminaire, ou sans niveau de leur porteur : elles "
               "quittent toute somme et tout compte.", ~_COUNTS),
        _count("reponses_portees", "Réponses portées", "réponses",
               "Réponses qui prennent le niveau d'un service d'infrastructure.", pl.col("porteur").is_not_null()),
    ),
    (HORIZON, PERIMETRE, RETARD),
)  # fmt: skip


def _formulas(campagne: Campagne, asked: set[str]) -> pl.LazyFrame:
    rows = formule(campagne.answers().join(campagne.about_criteres().select("critere"), on="critere"))
    return campagne.told(rows.drop("region"), sorted(asked))


FORMULES = _universe(
    "convergence_formules",
    "Formules de Convergence",
    REPONSES,
    _formulas,
    _shared(*_ON_SERVICES, "questionnaire", "axe"),
    (
        _count("services_interroges", "Services interrogés", "services × axes",
               "Services qui ont donné au moins une réponse sur l'axe, comptée ou non."),
        _count("services_comptes", "Services comptés", "services × axes",
               "Services dont au moins une réponse compte sur l'axe.", pl.col("n_criteres") > 0),
    ),
    (HORIZON, PERIMETRE, RETARD),
)  # fmt: skip


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
    return _count(name, label, "étapes", definition, pl.col("devenir") == fate)


PLANS_DECLARES = _universe(
    "convergence_plans",
    "Plans de Convergence",
    PLANS,
    _plans,
    (*_shared(*_ON_SERVICES, *_ON_CRITERIA, "trimestre"), axis("devenir", "Devenir", "Devenirs")),
    (
        _count("etapes", "Étapes planifiées", "étapes",
               "Étapes à venir des plans : un niveau, pour la fin d'un trimestre. Ni sur un critère devenu sans objet, "
               "ni d'un service qui sera décommissionné.", _PLANNED),
        _distinct("services_planifies", "Services avec un plan", "services",
                  "Services dont au moins une étape est à venir.", _OF_SERVICES, _PLANNED),
        _count("non_planifiables", "Critères non planifiables", "critères",
               "Critères que leur service dit ne pas pouvoir planifier.", pl.col("non_planifiable")),
        _count("etapes_en_retard", "Étapes en retard", "étapes",
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
JALONS_DECLARES = _universe(
    "convergence_jalons",
    "Jalons de Convergence",
    JALONS,
    _milestones,
    (
        *_shared(*_ON_SERVICES, "axe"),
        axis("jalon", "Jalon", text=pl.col("libelle_jalon"), code="code_jalon"),
        axis("porteur", "Porteur", words=OWNERS),
        axis("dependance", "Dépendance", words=LINKS),
    ),
    (
        _distinct("jalons", "Jalons", "jalons", "Jalons déclarés.", pl.col("jalon")),
        _distinct("etapes_suspendues", "Étapes qui en dépendent", "étapes",
                  "Étapes planifiées d'un axe du jalon, pour son trimestre ou plus tard, des services qui convergent.",
                  _HANGS),
        _distinct("services_suspendus", "Services concernés", "services",
                  "Services dont une étape dépend du jalon.", _OF_SERVICES),
    ),
    (PERIMETRE,),
)  # fmt: skip


def _improvements(campagne: Campagne, _asked: set[str]) -> pl.LazyFrame:
    return campagne.read(AMELIORATIONS).sort(
        "propose_le", "amelioration", descending=[True, False], nulls_last=True
    )


AMELIORATIONS_PROPOSEES = _universe(
    "convergence_ameliorations",
    "Améliorations proposées",
    AMELIORATIONS,
    _improvements,
    (
        *_shared("axe"),
        axis("porteur", "Adressée à", "Adressées à", words=OWNERS),
        axis("statut", "Suite", words=STATUSES),
    ),
    (
        _distinct("ameliorations", "Améliorations", "propositions", "Ce qui est proposé d'améliorer.",
                  pl.col("amelioration")),
        _distinct("ameliorations_retenues", "Améliorations retenues", "propositions",
                  "Propositions retenues ou réalisées.", pl.col("amelioration"),
                  pl.col("statut").is_in(["retenue", "realisee"])),
    ),
)  # fmt: skip


# -- referential and its history ---------------------------------------------------------------------


def _criteria(campagne: Campagne, _asked: set[str]) -> pl.LazyFrame:
    return campagne.criteres()


CRITERES = _universe(
    "convergence_criteres",
    "Référentiel de Convergence",
    REFERENTIEL,
    _criteria,
    (*_shared(*_ON_CRITERIA), axis("sujet", "Sujet", words=SUBJECTS)),
    (
        _count("criteres", "Critères", "critères",
               "Critères du référentiel de la campagne, avec le niveau attendu à l'horizon."),
    ),
    (HORIZON,),
)  # fmt: skip


def _changes(campagne: Campagne, asked: set[str]) -> pl.LazyFrame:
    """The answers beside those of an earlier campaign; all are new where there is none."""
    asked_day = campagne.selection.parameter(AVANT.name)
    then = campagne.at(date.fromisoformat(asked_day)) if asked_day else campagne.before()
    now = campagne.answers(at_date=True)
    before = now.limit(0) if then is None else then.answers(at_date=True)
    criteria = [
        each.referentiel().select("critere").unique().collect()["critere"]
        for each in (then or campagne, campagne)
    ]
    rows = compared(before, now, *criteria)
    # A criterion that left is named as it was; its axis too.
    known = pl.concat([each.about_criteres_whole() for each in (campagne, then or campagne)]).unique(
        "critere", keep="first", maintain_order=True
    )
    told = campagne.told(rows.rename({"critere": "_critere"}), sorted(asked)).rename({"_critere": "critere"})
    return told.join(known, on="critere", maintain_order="left").sort("ordre", "service", maintain_order=True)


_CHANGED = pl.col("changement") != INCHANGE
EVOLUTIONS = _universe(
    "convergence_evolutions",
    "Évolutions des réponses",
    REPONSES,
    _changes,
    (*_shared(*_ON_SERVICES, *_ON_CRITERIA), axis("changement", "Changement", words={one: one for one in CLASSES})),
    (
        _count("reponses_comparees", "Réponses comparées", "réponses",
               "Critères auxquels un service répond dans l'une des deux campagnes."),
        _count("reponses_changees", "Réponses changées", "réponses",
               "Celles qui ne disent plus la même chose : niveau, non applicable, porteur, niveau attendu.", _CHANGED),
        _count("reponses_montees", "Niveaux montés", "réponses", "Réponses dont le niveau a monté.",
               pl.col("ecart") > 0),
        _count("reponses_baissees", "Niveaux baissés", "réponses", "Réponses dont le niveau a baissé.",
               pl.col("ecart") < 0),
    ),
    (PERIMETRE, AVANT),
)  # fmt: skip

LISTES = (
    SERVICES_DECLARES,
    REPONSES_DONNEES,
    FORMULES,
    PLANS_DECLARES,
    JALONS_DECLARES,
    AMELIORATIONS_PROPOSEES,
    CRITERES,
    EVOLUTIONS,
)
"""The universes of this module."""
