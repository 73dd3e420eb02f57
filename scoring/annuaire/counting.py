"""The counting base: what one is counted, and when the parts of a table must add up to its total.

Three things can be counted (persons, activities, sites), and persons in two ways: in every territory where they
practise (the parts then exceed the total), or in their *principal* territory only (the parts are the total).

The ledger of locations closes at every mesh: total = number + street + named place + not located, by reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from lake.catalog.annuaire import MOTIFS, PRECISIONS_LOCALISEES
from lake.errors import UnknownName
from scoring.annuaire.territory import MESHES

PERSON = "identification_nationale_pp"
_PLACE = ("code_commune", "siren_epci", "code_departement")
_LIBERAL = "L"


class Base(StrEnum):
    """What one counts."""

    PERSONNES = "personnes"
    """A person counts once in each territory where he or she practises, and once in the total."""
    PERSONNES_PRINCIPAL = "personnes_principal"
    """A person counts once, in his or her principal territory: the parts add up to the total."""
    ACTIVITES = "activites"
    """Each row of activity counts: the parts add up to the total."""
    SITES = "sites"
    """A site counts once in each territory where it is known, and once in the total."""

    @property
    def additive(self) -> bool:
        """Whether the territories must add up to the total."""
        return self in (Base.PERSONNES_PRINCIPAL, Base.ACTIVITES)


def base(name: str) -> Base:
    """A counting base by name.

    Raises:
        UnknownName: there is none; close names are suggested.
    """
    try:
        return Base(name)
    except ValueError:
        raise UnknownName("base de comptage", name, [one.value for one in Base]) from None


def with_region(activities: pl.LazyFrame, departements: pl.LazyFrame) -> pl.LazyFrame:
    """Add ``code_region`` to rows of ``annuaire__activites`` (null where the département has none)."""
    return activities.join(
        departements.select("code_departement", "code_region"), on="code_departement", how="left"
    )


def principal_places(activities: pl.LazyFrame, *, within: Sequence[str] = ()) -> pl.LazyFrame:
    """The principal place of each person, by the declared rule.

    Among the places of the person's activities: a known commune before an unknown one; then the most
    activities; then a place with a *libéral* activity; then the smallest commune code (then the smallest
    département, for unknown communes).

    Args:
        activities: rows of ``annuaire__activites`` of one extraction, filtered or not.
        within: columns that keep pictures apart (``date_extraction``, when there are several extractions).

    Returns:
        LazyFrame, one row per person (and value of ``within``): ``identification_nationale_pp``,
        ``code_commune``, ``siren_epci``, ``code_departement``.
    """
    places = activities.group_by(PERSON, *within, *_PLACE).agg(
        _lignes=pl.len(), _liberal=(pl.col("code_mode_exercice") == _LIBERAL).any().fill_null(False)
    )
    return (
        places.sort(
            PERSON,
            pl.col("code_commune").is_null(),
            "_lignes",
            "_liberal",
            "code_commune",
            "code_departement",
            "siren_epci",
            descending=[False, False, True, True, False, False, False],
            nulls_last=True,
        )
        .unique([PERSON, *within], keep="first", maintain_order=True)
        .select(PERSON, *within, *_PLACE)
    )


def at_principal(activities: pl.LazyFrame, *, within: Sequence[str] = ()) -> pl.LazyFrame:
    """The same rows, each at its person's principal place (:func:`principal_places`), other columns unchanged."""
    return activities.select(pl.exclude(_PLACE)).join(
        principal_places(activities, within=within), on=[PERSON, *within], how="left"
    )


def countable(activities: pl.LazyFrame, departements: pl.LazyFrame, what: Base) -> pl.LazyFrame:
    """Rows whose territories are those that the base counts.

    Under the principal base, a person's rows all get the principal place's territories; the other columns
    stay, so that professions and modes can still be counted. Under the other bases, rows are unchanged.

    Args:
        activities: rows of ``annuaire__activites`` of one extraction, filtered or not.
        departements: ``territoires__departements``.
        what: the base.

    Returns:
        LazyFrame: the same rows and columns, plus ``code_region``.
    """
    if what is Base.PERSONNES_PRINCIPAL:
        activities = at_principal(activities)
    return with_region(activities, departements)


def _number(what: Base) -> pl.Expr:
    if what is Base.ACTIVITES:
        return pl.len().cast(pl.Int64)
    unit = "id_site" if what is Base.SITES else PERSON
    return pl.col(unit).drop_nulls().n_unique().cast(pl.Int64)


@dataclass(frozen=True)
class Comptage:
    """A table by territory, and how its parts relate to its total.

    Attributes:
        base: what was counted.
        territoires: the mesh's code column (String; null where unknown), the columns of ``by``, ``effectif``
            (Int64).
        total: counted on its own, never a sum.
        somme: sum of the parts.
    """

    base: Base
    territoires: pl.DataFrame
    total: int
    somme: int

    @property
    def en_double(self) -> int:
        """Counted in more than one part: sum of the parts less the total (0 under an additive base)."""
        return self.somme - self.total


def count(
    activities: pl.LazyFrame,
    departements: pl.LazyFrame,
    what: Base,
    mesh: str,
    *,
    by: Sequence[str] = (),
) -> Comptage:
    """Count by territory (and by other columns of the rows, such as ``code_profession``).

    Args:
        activities: rows of ``annuaire__activites`` of one extraction, filtered or not.
        departements: ``territoires__departements``.
        what: the base.
        mesh: ``commune``, ``epci``, ``departement`` or ``region``.
        by: other columns. A person of two professions counts in each: the parts may then exceed the total
            under the principal base too.

    Raises:
        UnknownName: the mesh does not exist.
    """
    key = _column(mesh)
    rows = countable(activities, departements, what)
    parts, whole = pl.collect_all(
        [
            rows.group_by(key, *by).agg(effectif=_number(what)).sort(key, *by, nulls_last=True),
            rows.select(effectif=_number(what)),
        ]
    )
    # Rows without site count nowhere: a territory that has nothing else is not a line.
    parts = parts.filter(pl.col("effectif") > 0)
    return Comptage(what, parts, int(whole.item()), int(parts["effectif"].sum()))


# -- ledger of locations -----------------------------------------------------------------------------

_RANKS: Mapping[str, int] = {"numero": 0, "rue": 1, "lieu_dit": 2, "commune": 3, "aucune": 4}


def ledger(
    activities: pl.LazyFrame,
    departements: pl.LazyFrame,
    what: Base,
    mesh: str | None = None,
) -> pl.LazyFrame:
    """The closing ledger of location quality, by territory or for the whole.

    A person (or a site) is located as its best activity in the territory is: by number before street, before
    named place; not located when none is, under the reason of the activity that is best placed (at its
    commune first), reasons in the order ``adresse_absente``, ``introuvable``, ``commune_inconnue``.

    Args:
        activities: rows of ``annuaire__activites`` of one extraction, filtered or not.
        departements: ``territoires__departements``.
        what: the base.
        mesh: ``commune``, ``epci``, ``departement``, ``region``; None for one row.

    Returns:
        LazyFrame sorted by territory (unknown last): the mesh's code column, then Int64 columns: ``total``;
        ``numero``, ``rue``, ``lieu_dit``; ``adresse_absente``, ``introuvable``, ``commune_inconnue``;
        ``non_localises`` (sum of the three); of which ``places_commune`` (at their commune's centre) and
        ``non_places``; ``difference`` (total less everything: 0).

    Raises:
        UnknownName: the mesh does not exist.
    """
    keys = [] if mesh is None else [_column(mesh)]
    best = located(activities, departements, what, mesh)
    total = pl.len().cast(pl.Int64)
    counted = best.group_by(keys).agg(total=total) if keys else best.select(total=total)
    place, motif = pl.col("geo_precision"), pl.col("geo_motif")
    lost = ~place.is_in(PRECISIONS_LOCALISEES)
    parts = [
        *((place == precision).sum().cast(pl.Int64).alias(precision) for precision in PRECISIONS_LOCALISEES),
        *((lost & (motif == reason)).sum().cast(pl.Int64).alias(reason) for reason in MOTIFS),
        (lost & (place == "commune")).sum().cast(pl.Int64).alias("places_commune"),
        (lost & (place != "commune")).sum().cast(pl.Int64).alias("non_places"),
    ]
    if keys:
        filled = counted.join(best.group_by(keys).agg(parts), on=keys, how="left", nulls_equal=True)
        filled = filled.sort(keys, nulls_last=True)
    else:
        filled = pl.concat([counted, best.select(parts)], how="horizontal")
    return filled.with_columns(non_localises=pl.sum_horizontal(MOTIFS)).select(
        *keys,
        "total",
        *PRECISIONS_LOCALISEES,
        *MOTIFS,
        "non_localises",
        "places_commune",
        "non_places",
        difference=pl.col("total") - pl.sum_horizontal(*PRECISIONS_LOCALISEES, *MOTIFS),
    )


def located(
    activities: pl.LazyFrame, departements: pl.LazyFrame, what: Base, mesh: str | None = None
) -> pl.LazyFrame:
    """Where each unit of a base is best located in each territory, by the rule of :func:`ledger`.

    Args:
        activities: rows of ``annuaire__activites`` of one extraction, filtered or not.
        departements: ``territoires__departements``.
        what: the base.
        mesh: ``commune``, ``epci``, ``departement``, ``region``; None for the whole.

    Returns:
        LazyFrame, one row per unit and territory: the mesh's code column, ``unite`` (the person, the site, or the
        activity's own number), ``geo_precision``, ``geo_motif``.

    Raises:
        UnknownName: the mesh does not exist.
    """
    keys = [] if mesh is None else [_column(mesh)]
    rows = countable(activities, departements, what)
    if what is Base.ACTIVITES:
        return rows.with_row_index("unite").select(*keys, "unite", "geo_precision", "geo_motif")
    unit = "id_site" if what is Base.SITES else PERSON
    reason = {motif: rank for rank, motif in enumerate(MOTIFS)}
    rank = pl.col("geo_precision").replace_strict(_RANKS, return_dtype=pl.Int32) * 10 + pl.col(
        "geo_motif"
    ).replace_strict(reason, default=9, return_dtype=pl.Int32)
    return (
        rows.filter(pl.col(unit).is_not_null())
        .group_by(*keys, unite=unit)
        .agg(pl.col("geo_precision").sort_by(rank).first(), pl.col("geo_motif").sort_by(rank).first())
    )


def unlocated_by(
    activities: pl.LazyFrame, departements: pl.LazyFrame, what: Base, mesh: str = "epci"
) -> pl.LazyFrame:
    """The territories by number not located, the most first.

    Returns:
        LazyFrame: the columns of :func:`ledger`, only rows with ``non_localises`` > 0.
    """
    return (
        ledger(activities, departements, what, mesh)
        .filter(pl.col("non_localises") > 0)
        .sort("non_localises", _column(mesh), descending=[True, False], nulls_last=True)
    )


def _column(mesh: str) -> str:
    if mesh not in MESHES:
        raise UnknownName("maille", mesh, MESHES)
    return MESHES[mesh]
