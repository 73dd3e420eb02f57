"""From series to occurrences: weekday × local hours × one week in so many, and the dates that differ.

Week ``k`` of a series is the number of weeks from its anchor, a Monday: never the ISO number, whose parity breaks
where a year has 53 weeks (2026-W53 is followed by 2027-W01: two odd weeks in a row).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from lake.horaires.heures import moments

MODALITES: Mapping[str, str] = {"AMB": "Cabinet ou structure", "HH": "Domicile", "VR": "Téléconsultation"}
"""How a consultation is held (HL7 v3-ActCode), and its French name."""
BITS = {code: 1 << rank for rank, code in enumerate(MODALITES)}
GENRES: Mapping[str, str] = {
    "snp": "Soins non programmés",
    "consultation": "Consultation ordinaire",
    "surbooking": "Surbooking",
}
"""Kinds of ranges: only ``snp`` is offered; ``surbooking`` accepts a call and has no slot."""
DUREES: Mapping[str, int] = {"VR": 10, "AMB": 15, "HH": 30}
"""Standard durations by modality (minutes); a range of several takes the longest."""
LONGEST_CYCLE = 8
SERIES: Mapping[str, pl.DataType] = {
    "serie": pl.Int64(),
    "identifiant": pl.String(),
    "lieu": pl.Int64(),
    "fuseau": pl.String(),
    "genre": pl.String(),
    "du": pl.Date(),
    "au": pl.Date(),
    "ancre": pl.Date(),
    "cycle": pl.Int64(),
    "rang": pl.Int64(),
    "jour": pl.Int64(),
    "debut_min": pl.Int64(),
    "fin_min": pl.Int64(),
    "capacite": pl.Int64(),
    "duree_min": pl.Int64(),
    "modalites": pl.Int64(),
}
"""Columns of a series: ``debut_min`` and ``fin_min`` in minutes of the wall clock since the day's midnight (an end
past midnight is over 1440); ``capacite`` empty where each slot has one seat; ``modalites`` by :data:`BITS`."""
EXCEPTIONS: Mapping[str, pl.DataType] = {
    "serie": pl.Int64(),
    "date_locale": pl.Date(),
    "genre": pl.String(),
    "debut_min": pl.Int64(),
    "fin_min": pl.Int64(),
    "capacite": pl.Int64(),
}
"""Columns of a date that differs: ``supprimee``, ``deplacee`` or ``ajoutee``; what is empty is as in the series."""
_KEPT = (
    "serie", "identifiant", "lieu", "fuseau", "genre", "date_locale", "debut", "fin", "capacite", "duree_min",
    "modalites",
)  # fmt: skip


def bits(codes: list[str]) -> int:
    """Modalities as one number."""
    return sum(BITS[code] for code in dict.fromkeys(codes))


def codes(number: int) -> list[str]:
    """The modalities of a number."""
    return [code for code, bit in BITS.items() if number & bit]


def standard_duration(number: int) -> int:
    """How long a consultation of these modalities lasts when nobody says (minutes)."""
    return max(DUREES[code] for code in codes(number))


def written(column: str = "modalites") -> pl.Expr:
    """Modalities as files write them: ``AMB|VR``."""
    bit = pl.col(column)
    parts = [pl.when(bit & value != 0).then(pl.lit(code)) for code, value in BITS.items()]
    return pl.concat_str(*parts, separator="|", ignore_nulls=True).alias(column)


def occurrences(series: pl.DataFrame, exceptions: pl.DataFrame | None, du: date, au: date) -> pl.DataFrame:
    """The ranges of a period.

    Args:
        series: :data:`SERIES`.
        exceptions: :data:`EXCEPTIONS`; None for none.
        du, au: first and last days, by the clock of each place, on which a range begins.

    Returns:
        DataFrame: ``serie``, ``identifiant``, ``lieu``, ``fuseau``, ``genre``, ``date_locale`` (the day it begins),
        ``debut``, ``fin`` (UTC), ``capacite``, ``duree_min``, ``modalites``; sorted by ``debut``. A range whose hours
        the change of the clock leaves nothing of is not there.
    """
    days = pl.DataFrame({"date_locale": pl.date_range(du, au, eager=True)}).with_columns(
        jour=pl.col("date_locale").dt.weekday().cast(pl.Int64),
        _lundi=pl.col("date_locale")
        - pl.duration(days=pl.col("date_locale").dt.weekday().cast(pl.Int64) - 1),
    )
    inside = series.filter(pl.col("du") <= au, pl.col("au") >= du)
    week = (pl.col("_lundi") - pl.col("ancre")).dt.total_days() // 7
    regular = inside.join(days, on="jour").filter(
        pl.col("date_locale").is_between(pl.col("du"), pl.col("au")),
        ((week % pl.col("cycle")) + pl.col("cycle")) % pl.col("cycle") == pl.col("rang"),
    )
    if exceptions is not None and not exceptions.is_empty():
        here = exceptions.filter(pl.col("date_locale").is_between(du, au))
        left = regular.join(here, on=["serie", "date_locale"], how="anti")
        changed = here.filter(pl.col("genre") != "supprimee").drop("genre")
        moved = (
            series.join(changed, on="serie", suffix="_autre")
            .with_columns(
                pl.coalesce(f"{name}_autre", name).alias(name)
                for name in ("debut_min", "fin_min", "capacite")
            )
            .select([*SERIES, "date_locale"])
        )
        regular = pl.concat([left.select([*SERIES, "date_locale"]), moved])
    placed = moments(
        regular, {"debut": ("date_locale", "debut_min"), "fin": ("date_locale", "fin_min")}
    ).filter(pl.col("fin") > pl.col("debut"))
    return placed.select(_KEPT).sort("debut", "identifiant", "serie")


def overlaps(ranges: pl.DataFrame) -> pl.DataFrame:
    """Pairs of ranges of one person that share time; half-open: 9–10 and 10–11 do not.

    Args:
        ranges: ``identifiant``, ``serie``, ``date_locale``, ``debut``, ``fin`` (UTC).

    Returns:
        DataFrame: ``identifiant``, ``serie``, ``date_locale``, ``debut`` of the later and ``serie_avant``,
        ``fin_avant`` of the earlier.
    """
    ordered = ranges.sort("identifiant", "debut", "fin")
    before = pl.col("fin").cum_max().shift(1).over("identifiant")
    return (
        ordered.with_columns(fin_avant=before, serie_avant=pl.col("serie").shift(1).over("identifiant"))
        .filter(pl.col("debut") < pl.col("fin_avant"))
        .select("identifiant", "serie", "date_locale", "debut", "serie_avant", "fin_avant")
    )


def empty_series() -> pl.DataFrame:
    """No series, with their columns."""
    return pl.DataFrame(schema=dict(SERIES))


def empty_exceptions() -> pl.DataFrame:
    """No exception, with their columns."""
    return pl.DataFrame(schema=dict(EXCEPTIONS))


def conflicting(kept: pl.DataFrame, exceptions: pl.DataFrame, new: pl.DataFrame) -> dict[int, int]:
    """Which new series would share time with another of the same person.

    Taken in order: one that is refused stands in nobody's way.

    Args:
        kept: series in force, of :data:`SERIES`, that may not share time (``snp`` of persons).
        exceptions: dates that differ.
        new: series to add, their numbers apart from those in force.

    Returns:
        Number of the refused series -> number of the one it meets.
    """
    found: dict[int, int] = {}
    both = pl.concat([kept.select(list(SERIES)), new.select(list(SERIES))])
    suspects = {row[0] for row in _meeting(both, exceptions)}
    for name in both.filter(pl.col("serie").is_in(list(suspects)))["identifiant"].unique().sort().to_list():
        mine = kept.filter(pl.col("identifiant") == name)
        for row in new.filter(pl.col("identifiant") == name).iter_slices(1):
            met = [pair for pair in _meeting(pl.concat([mine, row]), exceptions) if row["serie"][0] in pair]
            if met:
                first, second = met[0]
                found[row["serie"][0]] = second if first == row["serie"][0] else first
            else:
                mine = pl.concat([mine, row])
    return found


_CHUNK, _LONGEST = 420, 1_100


def _meeting(series: pl.DataFrame, exceptions: pl.DataFrame) -> list[tuple[int, int]]:
    """Pairs of series that share time, over the three years from the first day at most."""
    if series.height < 2:
        return []
    first, last = series["du"].min(), series["au"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    pairs: set[tuple[int, int]] = set()
    begin = first
    while begin <= min(last, first + timedelta(days=_LONGEST)):
        # From the day before: a range over midnight meets the next day's.
        ranges = occurrences(
            series, exceptions, begin - timedelta(days=1), begin + timedelta(days=_CHUNK - 1)
        )
        pairs |= set(overlaps(ranges).select("serie", "serie_avant").iter_rows())
        begin += timedelta(days=_CHUNK)
    return sorted(pairs)
