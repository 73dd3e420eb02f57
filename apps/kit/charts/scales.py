"""What charts and maps share: how values are written, round steps, and gaps that stay gaps."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from apps.kit.style import french
from scoring.universes.model import Format


@dataclass(frozen=True)
class Scale:
    """How the values of a chart are written.

    Attributes:
        format: format of the measure.
        title: title of the axis, unit included.
        decimals: digits after the comma, integers apart.
    """

    format: Format = Format.INTEGER
    title: str = ""
    decimals: int = 1

    def vega(self) -> str:
        """d3 format of axis labels: two digits after the comma at most, as a tick is never 68,7226."""
        return {Format.SHARE: ".0%", Format.INTEGER: ",.0f"}.get(self.format, ",.2~f")

    def write(self, value: float | int | None) -> str:
        """A value in French."""
        return french.write(value, self.format, self.decimals)

    def texts(self, values: pl.Series) -> pl.Series:
        """The values of a column in French.

        Written outside Polars: a function called back by its threads would wait for the interpreter's lock, and hold
        them.
        """
        return pl.Series([self.write(one) for one in values.to_list()], dtype=pl.String)


def dates_in_words(days: pl.Series, *, months: bool, short: bool = False) -> pl.Series:
    """Dates in French: months by their first day, or days."""
    if months:
        return pl.Series([french.month(day, short=short) for day in days.to_list()], dtype=pl.String)
    if short:
        words = [f"{day.day} {french.month(day, short=True)}" for day in days.to_list()]
        return pl.Series(words, dtype=pl.String)
    return pl.Series([french.long_date(day) for day in days.to_list()], dtype=pl.String)


def class_step(values: pl.Series, classes: int) -> tuple[float, float]:
    """A round class width and a round start that give about ``classes`` classes over the values."""
    low, high = (values.min(), values.max()) if len(values) else (0.0, 1.0)
    assert isinstance(low, float) and isinstance(high, float)
    step = nice_step((high - low) / classes if high > low else 1.0)
    return step, float(int(low // step)) * step


def nice_step(raw: float) -> float:
    """The smallest of 1, 2, 2.5, 5 × a power of ten that is not under ``raw``."""
    power = 10.0 ** int(f"{raw:e}".split("e")[1])
    return next(factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * power >= raw * 0.999999)


def with_gaps(
    frame: pl.DataFrame, time: str, value: str, series: str = "", *, months: bool = False
) -> pl.DataFrame:
    """Add the missing months (or dates that another series has) as rows without value.

    Args:
        frame: one row per date and series.
        time: Date column.
        value: column of the values.
        series: column that tells the series apart.
        months: whether time is months, of which none is left out. Two campaigns on the first of a month are two
            dates, not the months between them: the universe's rhythm says which, never the dates.

    Returns:
        DataFrame: ``time``, ``value`` and ``series`` when given, sorted.
    """
    keep = [time, value, *([series] if series else [])]
    rows = frame.select(keep)
    if not rows.height:
        return rows
    if months:
        seen = rows[time].to_list()
        days = pl.date_range(min(seen), max(seen), "1mo", eager=True)
    else:
        days = rows[time].unique().sort()
    grid = pl.DataFrame({time: days})
    if series:
        grid = rows.select(pl.col(series).unique(maintain_order=True)).join(grid, how="cross")
    full = grid.join(rows, on=[time, *([series] if series else [])], how="left", maintain_order="left")
    return full.select(keep)
