"""Potential accessibility by commune, by the two-step floating catchment method with stepped weights.

Source of the method: M. Barlet, M. Coldefy, C. Collin, V. Lucas-Gabrielli, « L'accessibilité potentielle
localisée (APL) : une nouvelle mesure de l'accessibilité aux soins appliquée aux médecins généralistes libéraux
en France », DREES, document de travail n° 124, 2012, after W. Luo and F. Wang (2003).

What is computed here counts heads and estimates times from distances between centres: it is named
*accessibilité potentielle*, never by the official indicator's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import polars as pl

from lake.errors import LakeError
from lake.geo import Floats
from scoring.reach.proximity import Ints, Trajet, pairs_within
from scoring.sums import exact_sum

VALUE = "accessibilite_potentielle_pour_10000"
"""Column of the result: professionals within reach for 10,000 (standardised) inhabitants."""
_PER = 10_000.0

AGE_WEIGHTS: tuple[tuple[int, float], ...] = (
    (0, 1.27),
    (5, 0.65),
    (10, 0.55),
    (15, 0.51),
    (20, 0.54),
    (25, 0.65),
    (30, 0.67),
    (35, 0.72),
    (40, 0.75),
    (45, 0.83),
    (50, 1.42),
    (55, 1.07),
    (60, 1.31),
    (65, 1.37),
    (70, 1.54),
    (75, 1.82),
    (80, 2.12),
    (85, 2.84),
    (90, 2.61),
)
"""First age of a five-year band and its relative use of general practitioners (DREES, document de travail n° 124)."""


def age_band(age: pl.Expr) -> pl.Expr:
    """The first age of the five-year band of :data:`AGE_WEIGHTS` that an age is in (90 for the oldest)."""
    return (age.cast(pl.Int64) // 5 * 5).clip(upper_bound=AGE_WEIGHTS[-1][0])


@dataclass(frozen=True)
class Parametres:
    """What is assumed; every value is shown beside the result and may be changed.

    Attributes:
        trajet: how distances become times.
        bornes_min: upper bounds of the steps (minutes, excluded), increasing; nothing is within reach from
            the last one on.
        poids: weight of each step (0–1), never increasing with time.
    """

    trajet: Trajet = field(default_factory=Trajet)
    bornes_min: tuple[float, ...] = (5.0, 10.0, 15.0)
    poids: tuple[float, ...] = (1.0, 0.3, 0.1)

    def __post_init__(self) -> None:
        bounds, weights = self.bornes_min, self.poids
        if not bounds or len(bounds) != len(weights):
            raise LakeError(
                f"Il faut un poids par palier de temps : {len(bounds)} paliers, {len(weights)} poids.",
                conseil="Par défaut : 5, 10 et 15 minutes, poids 1, 0,3 et 0,1.",
            )
        if any(b <= a for a, b in pairwise((0.0, *bounds))) or bounds[-1] > 120:
            raise LakeError(
                "Les paliers de temps doivent croître, de plus de 0 à 120 minutes au plus.",
                conseil="Par défaut : 5, 10 et 15 minutes.",
            )
        if any(not 0 <= w <= 1 for w in weights) or any(b > a for a, b in pairwise(weights)):
            raise LakeError(
                "Les poids vont de 0 à 1 et ne croissent pas avec le temps de trajet.",
                conseil="Par défaut : 1, 0,3 et 0,1.",
            )

    def to_dict(self) -> dict[str, object]:
        """The values, for a short link."""
        return {
            "vitesse_km_h": self.trajet.vitesse_km_h,
            "detour": self.trajet.detour,
            "part_rayon_intra": self.trajet.part_rayon_intra,
            "bornes_min": list(self.bornes_min),
            "poids": list(self.poids),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Parametres:
        """The parameters back from :meth:`to_dict`; what is absent keeps its default.

        Raises:
            LakeError: a value is not a number, or has no meaning.
        """
        base = cls()

        def number(name: str, default: float) -> float:
            value = values.get(name, default)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise LakeError(f"Le paramètre d'accessibilité « {name} » n'est pas un nombre.")
            return float(value)

        def numbers(name: str, default: tuple[float, ...]) -> tuple[float, ...]:
            given = values.get(name, default)
            if not isinstance(given, list | tuple) or not all(
                isinstance(one, int | float) and not isinstance(one, bool) for one in given
            ):
                raise LakeError(f"Le paramètre d'accessibilité « {name} » n'est pas une liste de nombres.")
            return tuple(float(one) for one in given)

        trajet = Trajet(
            number("vitesse_km_h", base.trajet.vitesse_km_h),
            number("detour", base.trajet.detour),
            number("part_rayon_intra", base.trajet.part_rayon_intra),
        )
        return cls(trajet, numbers("bornes_min", base.bornes_min), numbers("poids", base.poids))

    def weights(self, minutes: Floats) -> Floats:
        """The weight of each time; 0 from the last bound on."""
        steps = np.searchsorted(np.asarray(self.bornes_min), minutes, side="right")
        return np.asarray(np.asarray([*self.poids, 0.0])[steps])


@dataclass(frozen=True, eq=False)
class Voisinage:
    """Who is within reach of whom: computed once for a set of communes and parameters, then reused.

    Attributes:
        parametres: what was assumed.
        codes: commune codes, sorted; the arrays below hold positions in it.
        depart: commune that people leave from (Int64).
        arrivee: commune where care is (Int64); pairs of a commune with itself included.
        temps_min: minutes of each pair.
        poids: weight of each pair, more than 0.
        sans_centre: communes left out because their centre is unknown.
    """

    parametres: Parametres
    codes: pl.Series
    depart: Ints
    arrivee: Ints
    temps_min: Floats
    poids: Floats
    sans_centre: tuple[str, ...]


def neighbourhood(communes: pl.DataFrame, parametres: Parametres | None = None) -> Voisinage:
    """Prepare the pairs of communes within reach of one another.

    Inside a commune, the time is that of the mean distance to its centre, from its area
    (``superficie_km2``). Without a known area, the radius is taken as half the distance to the nearest other
    centre.

    Args:
        communes: ``code_commune``, ``longitude``, ``latitude`` (degrees), and ``superficie_km2`` (Float64)
            if known.
        parametres: what is assumed; the defaults when None.

    Raises:
        LakeError: no commune has a centre, or a commune is given twice.
    """
    assumed = parametres or Parametres()
    columns = ["code_commune", "longitude", "latitude"]
    area = pl.col("superficie_km2") if "superficie_km2" in communes.columns else pl.lit(None, pl.Float64)
    rows = communes.select(*columns, superficie_km2=area).sort("code_commune")
    placed = rows.drop_nulls(columns)
    if placed.is_empty():
        raise LakeError(
            "Aucune commune n'a de centre connu : les temps de trajet ne peuvent pas être calculés.",
            conseil="Lancez : obs ingest territoires.",
        )
    if placed["code_commune"].n_unique() != placed.height:
        raise LakeError("Une commune est donnée deux fois : les populations seraient comptées deux fois.")
    longitude, latitude = placed["longitude"].to_numpy(), placed["latitude"].to_numpy()
    limit = assumed.trajet.km(assumed.bornes_min[-1])
    i, j, km = pairs_within(longitude, latitude, limit)
    radius = np.sqrt(placed["superficie_km2"].cast(pl.Float64).to_numpy() / np.pi)
    unknown = np.isnan(radius)
    if unknown.any():
        closest = np.full(placed.height, np.inf)
        np.minimum.at(closest, i, km)
        radius = np.where(unknown, np.where(np.isfinite(closest), closest, 0.0) / 2, radius)
    own = np.arange(placed.height)
    depart, arrivee = np.concatenate([own, i]), np.concatenate([own, j])
    inside = assumed.trajet.part_rayon_intra * radius
    minutes = assumed.trajet.minutes(np.concatenate([inside, km]))
    weights = assumed.weights(minutes)
    kept = weights > 0
    return Voisinage(
        assumed,
        placed["code_commune"],
        depart[kept],
        arrivee[kept],
        minutes[kept],
        weights[kept],
        tuple(rows.filter(pl.col("longitude").is_null() | pl.col("latitude").is_null())["code_commune"]),
    )


def demand(communes: pl.DataFrame, ages: pl.DataFrame | None = None) -> pl.DataFrame:
    """The population that asks for care, total or standardised by age.

    Where ages are known, the use of care of a commune is the mean of :data:`AGE_WEIGHTS` over its inhabitants,
    ``b_i = Σ_a w_a p_ia / Σ_a p_ia``; its standardised population is ``d_i = P_i × b_i / B`` with
    ``B = Σ P_i b_i / Σ P_i`` over the inhabited communes whose ages are known. So the standardised populations of
    these communes add up to their inhabitants, as those of the DREES do over the country, and a commune whose ages
    are those of the whole keeps its own population. ``P_i`` is the population in force; the census by age, which is
    older, only gives its structure.

    Args:
        communes: ``code_commune``, ``population`` (null counts as none).
        ages: ``code_commune``, ``age`` (Int64: an age, or the first age of a five-year band) and ``population``;
            a commune that is not in it, or has nobody in it, keeps its total population.

    Returns:
        DataFrame: ``code_commune``, ``population`` (Int64), ``demande`` (Float64: inhabitants, standardised
        where ages are known) and ``standardisee`` (Boolean).

    Raises:
        LakeError: an age is negative, or a population by age is.
    """
    rows = communes.select("code_commune", pl.col("population").fill_null(0).cast(pl.Int64))
    total = pl.col("population").cast(pl.Float64)
    if ages is None:
        return rows.with_columns(demande=total, standardisee=pl.lit(False))
    if ages.filter((pl.col("age") < 0) | (pl.col("population") < 0)).height:
        raise LakeError(
            "La population par âge contient un âge ou un effectif négatif.",
            conseil="Vérifiez le fichier de population par âge.",
        )
    weight = age_band(pl.col("age")).replace_strict(dict(AGE_WEIGHTS), return_dtype=pl.Float64)
    there = exact_sum(pl.col("population"))
    use = ages.group_by("code_commune").agg(
        _recours=pl.when(there > 0).then(exact_sum(pl.col("population") * weight) / there)
    )
    known = pl.col("_recours").is_not_null() & (pl.col("population") > 0)
    mean = exact_sum((total * pl.col("_recours")).filter(known)) / total.filter(known).sum()
    return rows.join(use, on="code_commune", how="left", maintain_order="left").select(
        "code_commune",
        "population",
        demande=pl.when(known).then(total * pl.col("_recours") / mean).otherwise(total),
        standardisee=pl.col("_recours").is_not_null(),
    )


def supply(activities: pl.LazyFrame) -> pl.DataFrame:
    """Heads by commune: a person who practises in several communes is shared equally among them.

    The declared rule: one person is one head; with k distinct known communes, each gets 1/k. Activities whose
    commune is unknown count only for a person who has no known commune, on the row without code.

    Args:
        activities: rows of ``annuaire__activites`` of one extraction, already narrowed to a profession or a
            specialty (``identification_nationale_pp``, ``code_commune``).

    Returns:
        DataFrame sorted by commune: ``code_commune`` (String; null for persons whose commune is unknown) and
        ``offre`` (Float64). Its sum is the number of persons.
    """
    places = activities.select("identification_nationale_pp", "code_commune").unique()
    known = places.with_columns(
        _connues=pl.col("code_commune").count().over("identification_nationale_pp")
    ).filter((pl.col("_connues") == 0) | pl.col("code_commune").is_not_null())
    return (
        known.group_by("code_commune")
        .agg(offre=exact_sum(1.0 / pl.col("_connues").clip(lower_bound=1)))
        .sort("code_commune")
        .collect()
    )


@dataclass(frozen=True, eq=False)
class Accessibilite:
    """The result and what closes it.

    Attributes:
        communes: one row per commune with a centre, sorted by code: ``code_commune``, ``population`` (Int64),
            ``demande`` (Float64), ``offre`` (Float64: heads there),
            ``accessibilite_potentielle_pour_10000`` (Float64).
        offre_totale: heads given.
        offre_a_portee: heads that someone can reach; equals Σ demand × accessibility / 10,000.
        offre_sans_commune: heads whose commune is unknown, or outside the communes given.
        offre_hors_portee: heads in a commune that nobody can reach within the last bound.
        population_sans_centre: inhabitants left out because their commune's centre is unknown.
    """

    communes: pl.DataFrame
    offre_totale: float
    offre_a_portee: float
    offre_sans_commune: float
    offre_hors_portee: float
    population_sans_centre: int


def accessibility(voisinage: Voisinage, demande: pl.DataFrame, offre: pl.DataFrame) -> Accessibilite:
    """The two steps: heads over the weighted demand around them, then the sum of what is within reach.

    ``R_j = offre_j / Σ_i w(t_ij) demande_i`` and ``A_i = 10 000 × Σ_j w(t_ij) R_j``.

    Args:
        voisinage: result of :func:`neighbourhood`.
        demande: result of :func:`demand` (``code_commune``, ``population``, ``demande``).
        offre: result of :func:`supply` (``code_commune``, ``offre``).

    Raises:
        LakeError: a supply is negative.
    """
    if offre.filter(pl.col("offre") < 0).height:
        raise LakeError("L'offre de soins d'une commune ne peut pas être négative.")
    codes = voisinage.codes.to_frame("code_commune")
    rows = codes.join(demande, on="code_commune", how="left", maintain_order="left").join(
        offre.group_by("code_commune").agg(exact_sum(pl.col("offre"))),
        on="code_commune",
        how="left",
        maintain_order="left",
    )
    rows = rows.with_columns(pl.col("population", "demande", "offre").fill_null(0))
    size = rows.height
    people, heads = rows["demande"].to_numpy(), rows["offre"].cast(pl.Float64).to_numpy()
    around = np.bincount(voisinage.arrivee, voisinage.poids * people[voisinage.depart], minlength=size)
    reached = around > 0
    ratio = np.divide(heads, around, out=np.zeros(size), where=reached)
    value = _PER * np.bincount(voisinage.depart, voisinage.poids * ratio[voisinage.arrivee], minlength=size)
    total = float(offre["offre"].sum())
    within = float(heads[reached].sum())
    left_out = demande.filter(~pl.col("code_commune").is_in(voisinage.codes.implode()))
    return Accessibilite(
        rows.select("code_commune", "population", "demande", "offre").with_columns(pl.Series(VALUE, value)),
        offre_totale=total,
        offre_a_portee=within,
        offre_sans_commune=total - float(heads.sum()),
        offre_hors_portee=float(heads[~reached].sum()),
        population_sans_centre=int(left_out["population"].sum()),
    )
