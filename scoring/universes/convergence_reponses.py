"""Services and what they answer: universes of services, answers, sums, criteria and changes."""

from __future__ import annotations

from datetime import date

import polars as pl

from lake.catalog.convergence import REFERENTIEL, REPONSES, SERVICES
from scoring.convergence.answers import REGIONAL, subject
from scoring.convergence.detail import formule
from scoring.convergence.history import CLASSES, INCHANGE, compared
from scoring.universes.convergence_axes import AVANT, HORIZON, PERIMETRE, RETARD, SUBJECTS, axis
from scoring.universes.convergence_campaign import Campagne
from scoring.universes.convergence_listing import (
    ON_CRITERIA,
    ON_SERVICES,
    count_of,
    distinct_of,
    listing,
    shared,
)
from scoring.universes.model import Axis

SOUS, ATTEINT, NON_APPLICABLE = ETATS = (
    "sous le niveau attendu",
    "au niveau attendu",
    "non applicable",
)
"""The state of an answer: the last one holds for every answer that does not count."""
_ORDER = {state: rank for rank, state in enumerate(ETATS)}


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
SERVICES_DECLARES = listing(
    "convergence_services",
    "Services de Convergence",
    SERVICES,
    _services,
    shared(*ON_SERVICES),
    (
        distinct_of("services_declares", "Services déclarés", "services",
                  "Tous les services métier et d'infrastructure (ou les produits) déclarés, sans les systèmes "
                  "d'information régionaux.", _OF_SERVICES, ~_SYSTEM),
        distinct_of("services_publiables", "Services publiables", "services",
                  "Les services déclarés que leur région laisse publier, du tronc commun ou non.",
                  _OF_SERVICES, pl.col("publiable") & ~_SYSTEM),
        distinct_of("services_publies", "Services du périmètre publié", "services",
                  "Les services publiables du tronc commun, et tous les systèmes d'information régionaux.",
                  _OF_SERVICES, pl.col("publie")),
        distinct_of("services_tronc_commun", "Services du tronc commun", "services",
                  "Les services publiables d'un type du tronc commun, sans les systèmes d'information régionaux.",
                  _OF_SERVICES, pl.col("commun")),
        distinct_of("services_convergents", "Services qui convergent", "services",
                  "Les services du tronc commun qui ne seront pas décommissionnés : les projections portent sur eux.",
                  _OF_SERVICES, pl.col("commun") & pl.col("converge")),
        distinct_of("services_projetes", "Services projetés", "services",
                  "Les services qui convergent, et tous les systèmes d'information régionaux.",
                  _OF_SERVICES, pl.col("publie") & (pl.col("converge") | ~pl.col("commun"))),
        distinct_of("systemes_regionaux", "Systèmes d'information régionaux", "systèmes",
                  "Un système d'information par région : le questionnaire régional s'adresse à lui.",
                  _OF_SERVICES, _SYSTEM),
        distinct_of("regions_equipees", "Régions", "régions",
                  "Régions d'au moins un service du périmètre publié.", pl.col("region"), pl.col("publie")),
        distinct_of("domaines_equipes", "Domaines", "domaines",
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
REPONSES_DONNEES = listing(
    "convergence_reponses",
    "Réponses de Convergence",
    REPONSES,
    _answers,
    (
        *shared(*ON_SERVICES, *ON_CRITERIA),
        axis("etat", "État"),
        Axis("niveau", "Niveau", pl.col("niveau").cast(pl.String), plural="Niveaux"),
        axis("motif_exclusion", "Motif d'exclusion", "Motifs d'exclusion"),
    ),
    (
        count_of("reponses", "Réponses", "réponses", "Réponses des services du périmètre, comptées ou non."),
        count_of("reponses_comptees", "Réponses qui comptent", "réponses",
               "Réponses qui valent un niveau, propre ou porté.", _COUNTS),
        count_of("reponses_sous_attendu", "Réponses sous l'attendu", "réponses",
               "Réponses dont le niveau est sous celui que la doctrine attend.", pl.col("etat") == SOUS),
        count_of("reponses_exclues", "Réponses exclues", "réponses",
               "Non applicables, cachées par une question préliminaire, ou sans niveau de leur porteur : elles "
               "quittent toute somme et tout compte.", ~_COUNTS),
        count_of("reponses_portees", "Réponses portées", "réponses",
               "Réponses qui prennent le niveau d'un service d'infrastructure.", pl.col("porteur").is_not_null()),
    ),
    (HORIZON, PERIMETRE, RETARD),
)  # fmt: skip


def _formulas(campagne: Campagne, asked: set[str]) -> pl.LazyFrame:
    rows = formule(campagne.answers().join(campagne.about_criteres().select("critere"), on="critere"))
    return campagne.told(rows.drop("region"), sorted(asked))


FORMULES = listing(
    "convergence_formules",
    "Formules de Convergence",
    REPONSES,
    _formulas,
    shared(*ON_SERVICES, "questionnaire", "axe"),
    (
        count_of("services_interroges", "Services interrogés", "services × axes",
               "Services qui ont donné au moins une réponse sur l'axe, comptée ou non."),
        count_of("services_comptes", "Services comptés", "services × axes",
               "Services dont au moins une réponse compte sur l'axe.", pl.col("n_criteres") > 0),
    ),
    (HORIZON, PERIMETRE, RETARD),
)  # fmt: skip


# -- referential and its history ---------------------------------------------------------------------


def _criteria(campagne: Campagne, _asked: set[str]) -> pl.LazyFrame:
    return campagne.criteres()


CRITERES = listing(
    "convergence_criteres",
    "Référentiel de Convergence",
    REFERENTIEL,
    _criteria,
    (*shared(*ON_CRITERIA), axis("sujet", "Sujet", words=SUBJECTS)),
    (
        count_of("criteres", "Critères", "critères",
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
EVOLUTIONS = listing(
    "convergence_evolutions",
    "Évolutions des réponses",
    REPONSES,
    _changes,
    (*shared(*ON_SERVICES, *ON_CRITERIA), axis("changement", "Changement", words={one: one for one in CLASSES})),
    (
        count_of("reponses_comparees", "Réponses comparées", "réponses",
               "Critères auxquels un service répond dans l'une des deux campagnes."),
        count_of("reponses_changees", "Réponses changées", "réponses",
               "Celles qui ne disent plus la même chose : niveau, non applicable, porteur, niveau attendu.", _CHANGED),
        count_of("reponses_montees", "Niveaux montés", "réponses", "Réponses dont le niveau a monté.",
               pl.col("ecart") > 0),
        count_of("reponses_baissees", "Niveaux baissés", "réponses", "Réponses dont le niveau a baissé.",
               pl.col("ecart") < 0),
    ),
    (PERIMETRE, AVANT),
)  # fmt: skip
