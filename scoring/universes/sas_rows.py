"""The rows of the universes of unscheduled care: one table each, a slot of two modalities told once or twice as asked,
and territories of few demands sent up before anything is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import polars as pl

from lake.catalog.sas import HORIZONS, TERRITOIRES
from lake.catalog.territoires import COMMUNES, DEPARTEMENTS, EPCI
from lake.contract import Table
from scoring.sas.mesures.seuil import regrouper, sans_peu
from scoring.sas.rayons import territoires
from scoring.universes.model import Axis, Derived, Lookup, Measure, Order, Scan
from scoring.universes.rows import predicate
from scoring.universes.sas_territoires import (
    TERRITOIRE,
    few_apart,
    few_outside,
    named,
    names,
    with_territories,
)
from scoring.universes.selection import Selection

_MONTH = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
JOUR = Axis("jour", "Jour", pl.col("jour"), order=Order.CODE)
_SHORT = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
_MONTHS = {
    str(day): f"{_MONTH[day.month - 1]} {day.year}"
    for day in pl.date_range(date(2020, 1, 1), date(2049, 12, 1), "1mo", eager=True)
}
_MONDAYS = {
    str(day): f"du {'1er' if day.day == 1 else day.day} {_SHORT[day.month - 1]} {day.year}"
    for day in pl.date_range(date(2020, 1, 6), date(2049, 12, 27), "1w", eager=True)
}
SEMAINE = Axis(
    "semaine", "Semaine", pl.col("jour").dt.truncate("1w").dt.strftime("%Y-%m-%d"), order=Order.CODE,
    words=_MONDAYS, cited="lundi",
)  # fmt: skip
"""ISO weeks, by their Monday: « du 2 nov. 2026 »."""
MOIS = Axis(
    "mois", "Mois", pl.col("jour").dt.truncate("1mo").dt.strftime("%Y-%m-%d"), order=Order.CODE, plural="Mois",
    words=_MONTHS, cited="premier_jour",
)  # fmt: skip
_NAMES = {one.code: one.nom for one in territoires().values()}
SAS = Axis("sas", "SAS", pl.col("sas"), plural="SAS", words=_NAMES, cited="code_sas")
DEPARTEMENT = Axis(
    "departement", "Département", pl.col("code_departement"), code="code_departement",
    text=Lookup(DEPARTEMENTS, "code_departement", "departement"), code_pattern=r"2[AB]|[0-9]{2,3}",
    territory="departement",
)  # fmt: skip
EPCI_AXIS = Axis(
    "epci", "EPCI", pl.col("siren_epci"), code="siren_epci", text=Lookup(EPCI, "siren_epci", "epci"),
    code_pattern=r"[0-9]{9}", territory="epci", plural="EPCI",
)  # fmt: skip
COMMUNE = Axis(
    "commune", "Commune", pl.col("code_commune"), code="code_commune",
    text=Lookup(COMMUNES, "code_commune", "commune"), code_pattern=r"(2[AB]|[0-9]{2})[0-9]{3}",
    territory="commune", parent="departement",
)  # fmt: skip
SHARED = (JOUR, SEMAINE, MOIS, SAS, DEPARTEMENT, EPCI_AXIS, COMMUNE, TERRITOIRE)
TEMPS = (JOUR, SEMAINE, MOIS)
MODALITES = {"AMB": "Cabinet ou structure", "HH": "Domicile", "VR": "Téléconsultation"}
_FINE = (EPCI_AXIS.name, COMMUNE.name)
Check = Callable[[Scan, Selection, Sequence[str], Sequence[Measure], bool], None]
Make = Callable[[pl.LazyFrame, Selection, Sequence[Axis]], pl.LazyFrame]


def unchecked(
    _scan: Scan, _said: Selection, _by: Sequence[str], _of: Sequence[Measure], _total: bool
) -> None:
    """Every question has a meaning."""


def derived(
    table: Table,
    axes: Sequence[Axis],
    *,
    make: Make,
    late: Sequence[str] = (),
    inside: Sequence[str] = (),
    check: Check = unchecked,
    apart: bool = False,
) -> Derived:
    """Rows of a table under a selection, made over for each question.

    Args:
        table: where they rest.
        axes: the universe's axes.
        make: what is done to the rows once filtered.
        late: axes whose filters apply after it.
        inside: axes whose filters ``make`` applies.
        check: refuses a question without meaning.
        apart: whether ``make`` sends one count up apart from the others.
    """
    known = {axis.name: axis for axis in axes}

    def rows(
        scan: Scan, selection: Selection, asked: Sequence[Axis], restrict: pl.Expr | None
    ) -> pl.LazyFrame:
        found = scan(table)
        if restrict is not None:
            found = found.filter(restrict)
        found = found.filter(_during(selection))
        if named(selection, asked):
            found = with_territories(found, scan)
        found = _filtered(found, selection, known, [name for name in known if name not in (*late, *inside)])
        return _filtered(make(found, selection, asked), selection, known, late)

    def values(scan: Scan, axis: Axis, day: date | None) -> pl.LazyFrame:
        if axis is TERRITOIRE:
            return names(scan)
        if isinstance(axis.text, Lookup):
            texts = scan(axis.text.table).select(code=pl.col(axis.text.key), texte=pl.col(axis.text.text))
            return texts.filter(pl.col("code").is_not_null()).unique()
        if axis.words and not axis.cited:
            return pl.LazyFrame({"code": list(axis.words), "texte": list(axis.words)})
        found = scan(table) if day is None else scan(table).filter(pl.col("jour") == day)
        codes = found.select(code=axis.key.cast(pl.String)).filter(pl.col("code") != "").unique()
        return codes.with_columns(texte=pl.col("code").replace(dict(axis.words)))

    def dates(scan: Scan, _selection: Selection) -> Sequence[date]:
        days = scan(table).select(pl.col("jour").unique()).collect().to_series()
        return days.drop_nulls().sort().to_list()

    return Derived(
        rows=rows,
        values=values,
        dates=dates,
        tables=(table, TERRITOIRES),
        check=check,
        lazily=True,
        apart=apart,
    )


_SEATS = ("offerts", "absents", "pris", "disponibles", "minutes_offertes")


def by_modality(rows: pl.LazyFrame, selection: Selection, asked: Sequence[Axis]) -> pl.LazyFrame:
    """A slot of two modalities: one row by modality when they are asked, one row otherwise (any of those chosen)."""
    chosen = [value for value in selection.values("modalite") if value in MODALITES]
    each = rows.with_columns(modalite=pl.col("modalites").str.split("|"))
    if chosen:
        each = each.filter(pl.col("modalite").list.set_intersection(chosen).list.len() > 0)
    if not any(axis.name == "modalite" for axis in asked):
        return each
    each = each.explode("modalite", empty_as_null=True)
    each = each.with_columns(
        pl.when(pl.col("modalite") != "").then("modalite").alias("modalite"),
        # Who offers nothing offers it in no modality: no line of zeros.
        *(pl.when(pl.col("modalite") != "").then(name).alias(name) for name in _SEATS),
    )
    return each.filter(pl.col("modalite").is_in(chosen)) if chosen else each


def with_offering(rows: pl.LazyFrame, selection: Selection, asked: Sequence[Axis]) -> pl.LazyFrame:
    """``_offre``: seats of the professional, absences out, over the period (over each day, week or month asked)."""
    rows = _few_taken(by_modality(rows, selection, asked), selection, asked)
    when = [axis.key.alias(f"__t{rank}") for rank, axis in enumerate(asked) if axis in TEMPS]
    keys = ["identifiant", *(one.meta.output_name() for one in when)]
    seats = (pl.col("offerts") - pl.col("absents")).sum()
    return rows.with_columns(when).with_columns(_offre=seats.over(keys))


_OFFERED = (
    "identifiant", "lieu", "offerts", "absents", "disponibles", "minutes_offertes", "sollicitations",
)  # fmt: skip


def _few_taken(rows: pl.LazyFrame, selection: Selection, asked: Sequence[Axis]) -> pl.LazyFrame:
    """Fewer than five bookings are told of no commune and of no EPCI; what is offered there is."""
    if not _fine(selection, asked) and not named(selection, asked):
        return rows
    rows = rows.with_columns(pl.when(pl.col("siren_epci") != "").then("siren_epci").alias("siren_epci"))
    if named(selection, asked):
        rows = few_apart(rows, _apart_from_names(asked), counted="pris", others=_OFFERED)
    if not _fine(selection, asked):
        return rows
    rows = sans_peu(rows, _split(asked, selection), compte="pris", others=_OFFERED)
    return _filtered(rows, selection, {EPCI_AXIS.name: EPCI_AXIS, COMMUNE.name: COMMUNE}, _FINE)


def _fine(selection: Selection, asked: Sequence[Axis]) -> bool:
    return any(axis.name in _FINE for axis in asked) or any(selection.values(name) for name in _FINE)


def _split(asked: Sequence[Axis], selection: Selection) -> list[pl.Expr]:
    """What communes and EPCI are counted within: a named territory that is chosen splits them as one asked does."""
    parts = _apart_from_names(asked)
    return [*parts, TERRITOIRE.key] if named(selection, asked) else parts


def _apart_from_names(asked: Sequence[Axis]) -> list[pl.Expr]:
    return [axis.key for axis in asked if axis.territory is None and axis is not TERRITOIRE]


def few_sent_up(counted: str) -> Make:
    """Territories of fewer than five lose their name, in each group of the question."""

    def make(rows: pl.LazyFrame, selection: Selection, asked: Sequence[Axis]) -> pl.LazyFrame:
        rows = rows.with_columns(
            pl.when(pl.col(name) != "").then(name).alias(name) for name in ("siren_epci", "code_commune")
        )
        if named(selection, asked):
            rows = few_outside(rows, _apart_from_names(asked), counted)
        return regrouper(rows, _split(asked, selection), compte=counted) if _fine(selection, asked) else rows

    return make


def unmet_apart(rows: pl.LazyFrame, selection: Selection, asked: Sequence[Axis]) -> pl.LazyFrame:
    """``non_pourvues``: of one to four, they are told of no commune; its demands are, from five on."""
    # What was met misses no lever: by lever it has no line; elsewhere it counts zero.
    met = None if any(axis.name == "levier" for axis in asked) else 0
    unmet = pl.when(pl.col("issue") == "non_pourvue").then("demandes").otherwise(met)
    rows = few_sent_up("demandes")(rows, selection, asked).with_columns(non_pourvues=unmet)
    others = ("recherches", "demandes")
    if named(selection, asked):
        rows = few_apart(rows, _apart_from_names(asked), counted="non_pourvues", others=others)
    if not _fine(selection, asked):
        return rows
    return sans_peu(
        rows,
        _split(asked, selection),
        compte="non_pourvues",
        others=others,
        mailles=("code_commune",),
    )


def by_horizon(rows: pl.LazyFrame, selection: Selection, asked: Sequence[Axis]) -> pl.LazyFrame:
    """One row a horizon: ``horizon``, ``parts``, ``couverte`` (the population where there is a seat).

    A commune counts once an hour, whichever families cover it; a consultation at a distance, which covers everybody,
    counts only when its family is asked. Hours and communes are added up before horizons are told apart: a month has
    millions.
    """
    wanted = [
        code for code in HORIZONS if not selection.values("horizon") or code in selection.values("horizon")
    ]
    keys = sorted({name for axis in asked for name in axis.key.meta.root_names()} - {"horizon"})
    if "famille" not in keys:
        rows = _once(rows, keys, wanted, remote=bool(selection.values("famille")))
    population = pl.col("population")
    sums = [
        population.sum(),
        *(population.filter(pl.col(f"places_{code}") > 0).sum().alias(f"couverte_{code}") for code in wanted),
        *(pl.col(f"parts_{code}").sum() for code in wanted),
    ]
    summed = rows.group_by(keys).agg(sums) if keys else rows.select(sums)
    return pl.concat(
        [
            summed.select(
                *keys,
                "population",
                couverte=pl.col(f"couverte_{code}"),
                parts=pl.col(f"parts_{code}"),
                horizon=pl.lit(code),
            )
            for code in wanted
        ]
    )


def _once(rows: pl.LazyFrame, keys: Sequence[str], wanted: Sequence[str], *, remote: bool) -> pl.LazyFrame:
    """The families of a commune and an hour as one row: seats of all of them, its people once."""
    numbers = [f"{name}_{code}" for name in ("places", "parts") for code in wanted]
    counted = [
        pl.col(name)
        if remote
        else pl.when(pl.col("famille") != "teleconsultation").then(name).otherwise(0).alias(name)
        for name in numbers
    ]
    unit = ["jour", "heure", "code_commune"]
    others = [name for name in keys if name not in unit]
    return (
        rows.select(*unit, *others, "population", *counted)
        .group_by(unit)
        .agg(pl.col(*others, "population").first(), pl.col(numbers).sum())
    )


# -- inside ------------------------------------------------------------------------------------------


def _during(selection: Selection) -> pl.Expr:
    day = pl.col("jour")
    bounds = [pl.lit(True)]
    if selection.date is not None:
        bounds.append(day == selection.date)
    if selection.du is not None:
        bounds.append(day >= selection.du)
    if selection.au is not None:
        bounds.append(day <= selection.au)
    return pl.all_horizontal(bounds)


def _filtered(
    rows: pl.LazyFrame, selection: Selection, known: dict[str, Axis], names: Sequence[str]
) -> pl.LazyFrame:
    for name, values in selection.filters.items():
        if name in names and name in known:
            rows = rows.filter(predicate(known[name], values))
    return rows
