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
        """d3 format of axis labels."""
        return {Format.SHARE: ".0%", Format.INTEGER: ",.0f"}.get(self.format, ",~f")

    def write(self, value: float | int | None) -> str:
        """A value in French."""
        return french.write(value, self.format, self.decimals)


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


def with_gaps(frame: pl.DataFrame, time: str, value: str, series: str = "") -> pl.DataFrame:
    """Add the missing months (or dates that another series has) as rows without value.

    A frame whose dates are all first days of months gets every month of its period; another gets, for each
    series, the dates that exist in any of them.

    Returns:
        DataFrame: ``time``, ``value`` and ``series`` when given, sorted.
    """
    keep = [time, value, *([series] if series else [])]
    rows = frame.select(keep)
    if not rows.height:
        return rows
    monthly = rows.select((pl.col(time).dt.day() == 1).all()).item()
    if monthly:
        days = pl.date_range(rows[time].min(), rows[time].max(), "1mo", eager=True).alias(time)
    else:
        days = rows[time].unique().sort()
    grid = days.to_frame()
    if series:
        grid = rows.select(pl.col(series).unique(maintain_order=True)).join(grid, how="cross")
    full = grid.join(rows, on=[time, *([series] if series else [])], how="left", maintain_order="left")
    return full.select(keep)
