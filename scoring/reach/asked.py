"""Potential accessibility under a selection: what its pages and commands ask alike.

Times, supply and demand are those of the whole scope; the territories selected only say which communes are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from lake.catalog.ages import POPULATION
from lake.catalog.territoires import COMMUNES, CONTOURS, EPCI
from lake.errors import LakeError, MissingTable
from lake.words import agreed
from scoring.annuaire.inside import everywhere, inside
from scoring.reach.floating import (
    Accessibilite,
    Parametres,
    Voisinage,
    accessibility,
    age_band,
    demand,
    neighbourhood,
    supply,
)
from scoring.reach.proximity import Trajet, areas
from scoring.reach.scenario import Effet, Mouvement, effect
from scoring.reach.summary import mean, under
from scoring.sums import exact_sum
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.engine import detail
from scoring.universes.model import Scan
from scoring.universes.selection import Selection

TABLES = (ANNUAIRE.table, COMMUNES, CONTOURS, EPCI, POPULATION)
"""What these answers are read from."""


def parametres(
    vitesse_km_h: float | None = None,
    detour: float | None = None,
    bornes_min: Sequence[float] = (),
    poids: Sequence[float] = (),
) -> Parametres:
    """What is assumed; what is not given keeps its default.

    Raises:
        LakeError: a value has no meaning.
    """
    usual, trajet = Parametres(), Trajet()
    return Parametres(
        Trajet(
            trajet.vitesse_km_h if vitesse_km_h is None else vitesse_km_h,
            trajet.detour if detour is None else detour,
        ),
        tuple(bornes_min) or usual.bornes_min,
        tuple(poids) or usual.poids,
    )


AGES, TOTALE = "ages", "totale"
"""Which population asks for care: standardised by age, or as it is."""
DEMANDES = (AGES, TOTALE)


@dataclass(frozen=True)
class Demande:
    """Which population asks for care, as pages and commands say it.

    Attributes:
        base: :data:`AGES` or :data:`TOTALE`.
        annee: year of the census whose ages are used; None without ages.
        communes: inhabited communes whose population is standardised.
        sans_age: inhabited communes that keep their total population for want of ages.
        ingeree: whether a population by age is in the lake.
    """

    base: str = TOTALE
    annee: int | None = None
    communes: int = 0
    sans_age: int = 0
    ingeree: bool = False

    def words(self, *, generalistes: bool) -> str:
        """Which population is used, in sentences that follow « la demande est la ».

        Args:
            generalistes: whether the professionals counted are general practitioners, whose use the weights tell.
        """
        if self.base == TOTALE:
            why = "par choix" if self.ingeree else "aucune population par âge n'est ingérée"
            return f"population municipale totale (INSEE, 2023) : {why}."
        text = (
            f"population municipale (INSEE, 2023) standardisée par âge : âges du recensement {self.annee}, poids de "
            "la DREES (document de travail 124), moyenne des communes couvertes ramenée à 1."
        )
        if self.sans_age:
            text += agreed(
                self.sans_age,
                f" {self.sans_age} commune(s) habitée(s) sans âges connus, sur {self.communes + self.sans_age}, "
                "garde(nt) leur population totale.",
            )
        if not generalistes:
            text += (
                " Ces poids disent le recours aux médecins généralistes : pour d'autres professionnels, ce n'est "
                "qu'une approximation."
            )
        return text


@dataclass(frozen=True, eq=False)
class Terrain:
    """The communes and who is within reach of whom.

    Attributes:
        communes: ``territoires__communes`` and ``superficie_km2`` (Float64, null where unknown).
        voisinage: the pairs of communes.
        demande: the population that asks for care.
        population: which population that is.
    """

    communes: pl.DataFrame
    voisinage: Voisinage
    demande: pl.DataFrame
    population: Demande


def terrain(scan: Scan, assumed: Parametres, base: str = "") -> Terrain:
    """Prepare the communes and their neighbourhood.

    Args:
        scan: reads of the lake.
        assumed: the parameters.
        base: :data:`AGES` or :data:`TOTALE`; empty for ages where a population by age was ingested.

    Raises:
        LakeError: no commune has a centre, the base is unknown, or ages are asked and none was ingested.
    """
    outlines = scan(CONTOURS).filter(pl.col("maille") == "commune").select("code", "geojson").collect()
    known = areas(outlines) if outlines.height else pl.DataFrame(schema=_AREAS)
    communes = scan(COMMUNES).collect().join(known, on="code_commune", how="left")
    ages, annee = _ages(scan)
    if base and base not in DEMANDES:
        raise LakeError(f"« {base} » n'est pas une population.", conseil=f"Choisissez {AGES} ou {TOTALE}.")
    if base == AGES and ages is None:
        raise LakeError("Aucune population par âge n'est ingérée.", conseil="Lancez : obs ingest ages.")
    if base == TOTALE or ages is None:
        asking, said = demand(communes), Demande(ingeree=ages is not None)
    else:
        asking = demand(communes, ages)
        lived = asking.filter(pl.col("population") > 0)
        covered = int(lived["standardisee"].sum())
        said = Demande(AGES, annee, covered, lived.height - covered, True)
    return Terrain(communes, neighbourhood(communes, assumed), asking, said)


def _ages(scan: Scan) -> tuple[pl.DataFrame | None, int | None]:
    """Inhabitants of each commune by band of ages, and the year of the census; None if not ingested."""
    try:
        found = age_bands(scan(POPULATION)).collect()
    except MissingTable:
        return None, None
    return (found.drop("annee"), int(found["annee"].to_list()[0])) if found.height else (None, None)


def age_bands(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Inhabitants by commune and five-year band, both sexes together.

    Args:
        rows: ``ages__population``.

    Returns:
        LazyFrame: ``code_commune``, ``age`` (Int64: first age of the band), ``population`` (Float64), ``annee``.
    """
    return rows.group_by("code_commune", age=age_band(pl.col("age"))).agg(
        exact_sum(pl.col("population")), pl.col("annee").max()
    )


_AREAS = {"code_commune": pl.String, "superficie_km2": pl.Float64}


def offered(scan: Scan, selection: Selection, *, restrict: pl.Expr | None = None) -> pl.DataFrame:
    """The heads of the professionals selected, by commune of the whole scope: see :func:`supply`."""
    return supply(detail(ANNUAIRE, scan, everywhere(selection), restrict=restrict))


def computed(ground: Terrain, offre: pl.DataFrame) -> Accessibilite:
    """The accessibility of every commune: see :func:`scoring.reach.floating.accessibility`."""
    return accessibility(ground.voisinage, ground.demande, offre)


def shown(ground: Terrain, result: pl.DataFrame, selection: Selection) -> pl.DataFrame:
    """The communes of the territories selected, with their names.

    Args:
        ground: result of :func:`terrain`.
        result: one row per commune (``code_commune``).
        selection: the reader's filters.

    Returns:
        DataFrame: ``code_commune``, ``commune``, ``siren_epci``, ``code_departement``, ``code_region`` (String),
        then the other columns of ``result``.
    """
    names = ground.communes.filter(inside(selection)).select(
        "code_commune", "commune", "siren_epci", "code_departement", "code_region"
    )
    return names.join(result, on="code_commune", how="inner", maintain_order="left")


def everyone(ground: Terrain, result: pl.DataFrame) -> pl.DataFrame:
    """The communes of the whole scope, with their names: see :func:`shown`."""
    return shown(ground, result, Selection())


def usual_threshold(result: pl.DataFrame) -> float:
    """The threshold when the reader gives none: half of the mean of the whole scope, to one decimal (at least 0.1)."""
    return max(0.1, round((mean(result) or 0.0) / 2, 1))


@dataclass(frozen=True, eq=False)
class Bilan:
    """A scenario on the territories selected, before and after.

    Attributes:
        effet: the effect on the whole scope.
        communes: its communes that are selected, with their names.
        seuil: the threshold.
        resume: two rows, ``avant`` and ``apres``: ``situation``, ``offre``, ``moyenne_pour_10000`` (Float64),
            ``communes_sous_seuil``, ``population_sous_seuil`` (Int64), ``part_sous_seuil`` (Float64, 0–1).
    """

    effet: Effet
    communes: pl.DataFrame
    seuil: float
    resume: pl.DataFrame


def tried(
    ground: Terrain,
    offre: pl.DataFrame,
    moves: Sequence[Mouvement],
    selection: Selection,
    threshold: float | None = None,
    *,
    before: Accessibilite | None = None,
) -> Bilan:
    """Try a scenario.

    Args:
        ground: result of :func:`terrain`.
        offre: result of :func:`offered`.
        moves: the changes.
        selection: the reader's filters.
        threshold: professionals within reach for 10,000; the usual one when None.
        before: the accessibility before, when it is already known.

    Raises:
        UnknownName: a commune of the scenario does not exist.
        LakeError: more heads are removed than there are.
    """
    first = before or computed(ground, offre)
    limit = usual_threshold(first.communes) if threshold is None else threshold
    found = effect(ground.voisinage, ground.demande, offre, moves, limit, before=first)
    lines = []
    for when, result in (("avant", found.avant), ("apres", found.apres)):
        rows = shown(ground, result.communes, selection)
        below = under(rows, limit)
        lines.append(
            (when, float(rows["offre"].sum()), mean(rows), below.communes, below.population, below.part_taux)
        )
    resume = pl.DataFrame(
        lines,
        orient="row",
        schema={
            "situation": pl.String,
            "offre": pl.Float64,
            "moyenne_pour_10000": pl.Float64,
            "communes_sous_seuil": pl.Int64,
            "population_sous_seuil": pl.Int64,
            "part_sous_seuil": pl.Float64,
        },
    )
    return Bilan(found, shown(ground, found.communes, selection), limit, resume)
