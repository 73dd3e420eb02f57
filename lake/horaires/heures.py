"""Wall-clock hours and moments: the one place where one becomes the other.

A range is told by the clock of its place ("Mondays, 14:00 to 18:00") and stays so across both changes of the clock.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from lake.errors import ContractError

PARIS = "Europe/Paris"
MOMENT = pl.Datetime("us", "UTC")
DAY_MINUTES = 24 * 60
_BEFORE = pl.duration(hours=3)
"""Longer than any change of a clock, shorter than the time between two of them."""


def moments(frame: pl.DataFrame, columns: dict[str, tuple[str, str]], zone: str = "fuseau") -> pl.DataFrame:
    """Moments of wall-clock hours.

    An hour that a clock skips (28 March 2027, 02:30) is moved forward by what was skipped (03:30); of an hour told
    twice, a column named ``fin…`` takes the later, others the earlier: a range keeps all that its hours say.

    Args:
        frame: one row an hour.
        columns: name to add -> (column of the date, column of the minutes since that day's midnight, 0-2880).
        zone: column of the IANA zones.

    Returns:
        DataFrame: the rows in order, with the columns asked (Datetime UTC).
    """
    numbered = frame.with_row_index("_ligne")
    parts = []
    for name in numbered[zone].unique().to_list():
        part = numbered.filter(pl.col(zone) == name)
        parts.append(
            part.with_columns(
                _moment(day, minutes, name, "latest" if column.startswith("fin") else "earliest").alias(
                    column
                )
                for column, (day, minutes) in columns.items()
            )
        )
    if not parts:
        return frame.with_columns(pl.lit(None, MOMENT).alias(column) for column in columns)
    return pl.concat(parts).sort("_ligne").drop("_ligne")


def _moment(day: str, minutes: str, zone: str, fold: str) -> pl.Expr:
    local = pl.col(day).cast(pl.Datetime("us")) + pl.duration(minutes=pl.col(minutes).cast(pl.Int64))

    def placed(hour: pl.Expr) -> pl.Expr:
        return hour.dt.replace_time_zone(zone, ambiguous=fold, non_existent="null").dt.convert_time_zone(  # type: ignore[arg-type]
            "UTC"
        )

    return pl.coalesce(placed(local), placed(local - _BEFORE) + _BEFORE)


def moment(local: datetime, zone: str = PARIS, *, end: bool = False) -> datetime:
    """The moment (UTC) of one wall-clock hour, by the rules of :func:`moments`.

    Args:
        local: a naive hour; one that says its offset is only converted.
        zone: IANA zone of the clock.
        end: it closes something: of an hour told twice, the later.
    """
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    # ``fold=0`` in a gap reads the offset before the change: the hour moves forward, as asked.
    return local.replace(tzinfo=ZoneInfo(zone), fold=int(end and not _skipped(local, zone))).astimezone(UTC)


def _skipped(local: datetime, zone: str) -> bool:
    there = local.replace(tzinfo=ZoneInfo(zone))
    return there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local


def midnight(day: date, zone: str = PARIS) -> datetime:
    """The moment (UTC) at which a day begins by the clock of a place."""
    return moment(datetime.combine(day, time()), zone)


def local_day(instant: datetime, zone: str = PARIS) -> date:
    """The day that a moment is of, by the clock of a place."""
    return instant.astimezone(ZoneInfo(zone)).date()


def minutes_of(text: str, *, end: bool = False) -> int:
    """Minutes since midnight of an hour as typed: ``08:30``, ``8h30``, ``8 h``; ``24:00`` only for an end.

    Raises:
        ContractError: it is no hour.
    """
    plain = text.strip().lower().replace(" ", "").replace("\u202f", "").replace("h", ":")
    hours, _, rest = plain.partition(":")
    # The seconds that a spreadsheet adds, when they are none.
    rest = rest.removesuffix(":00") if rest.count(":") == 1 else rest
    if hours.isdecimal() and len(hours) <= 2 and (rest == "" or (rest.isdecimal() and len(rest) == 2)):
        found = int(hours) * 60 + int(rest or 0)
        if int(rest or 0) < 60 and (found < DAY_MINUTES or (end and found == DAY_MINUTES)):
            return DAY_MINUTES if end and found == 0 else found
    raise ContractError(f"« {text} » n'est pas une heure.", conseil="Écrivez HH:MM, par exemple 08:30.")


def clock(minutes: int) -> str:
    """``08:30`` of minutes since midnight; past it, the next day's hour (``24:00`` for midnight itself)."""
    if minutes == DAY_MINUTES:
        return "24:00"
    hours, rest = divmod(minutes % DAY_MINUTES, 60)
    return f"{hours:02d}:{rest:02d}"


def iso(instant: datetime, zone: str = PARIS) -> str:
    """A moment by the clock of a place, with its offset: ``2026-10-25T18:00:00+01:00``."""
    return instant.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())
