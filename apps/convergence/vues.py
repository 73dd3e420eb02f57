"""The drawings that several pages of Convergence share: radar of the axes, curve of the plans, tables of scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from apps.convergence.chiffres import CLE, NIVEAU, TAUX, criteres, rates
from apps.convergence.words import rate, region_named, services, spoke, whole_rate
from apps.kit.charts.figures import Figure
from apps.kit.charts.levels import radar
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.style import french
from lake.catalog.convergence import trimestre_fin
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Format

RATE = Scale(Format.PERCENT, "Taux de maturité")
WHOLE_RATE = Scale(Format.PERCENT, "Taux de maturité", decimals=0)
LEVEL = Scale(Format.DECIMAL, "Niveau de maturité, sur 3", decimals=2)
MEASURE = Option("mesure", "Mesure", {TAUX: "Taux", NIVEAU: "Niveau"})
SCORES = (
    Column("services_concernes", "Services", Format.INTEGER),
    Column(TAUX, "Taux", Format.PERCENT),
    Column(NIVEAU, "Niveau", Format.DECIMAL, decimals=2),
)
"""The columns of a table of scores."""


def scale_of(measure: str, *, whole: bool = False) -> Scale:
    """How a measure is written, on a rim (``whole``) or on an axis."""
    return LEVEL if measure == NIVEAU else WHOLE_RATE if whole else RATE


@dataclass(frozen=True)
class Serie:
    """One outline of a radar, or one line of a curve.

    Attributes:
        name: how it is named.
        view: the page, under the selection that it counts.
        horizon: a quarter; empty at date.
        perimetre: the scope; that of the publication by default.
        retard: the delay of a milestone.
    """

    name: str
    view: View
    horizon: str = ""
    perimetre: str = ""
    retard: str = ""

    def rates(self, *by: str, code: str = "") -> pl.DataFrame:
        """Its scores by dimensions, named in ``serie``."""
        found = rates(
            self.view, *by, horizon=self.horizon, perimetre=self.perimetre, retard=self.retard, code=code
        )
        return found.with_columns(serie=pl.lit(self.name))


def by_axis(series: Sequence[Serie], code: str = "") -> pl.DataFrame:
    """The axes of a questionnaire (of all), one row an axis and series: ``cle``, labels, scores, ``serie``."""
    return pl.concat([one.rates("axe", "libelle_axe", code=code) for one in series]).with_columns(CLE)


def radar_spec(view: View, frame: pl.DataFrame, measure: str, **more: Any) -> dict[str, Any]:
    """The radar of the axes in ``frame`` (see :func:`by_axis`), in the referential's order."""
    known = (
        criteres(view).select("cle", "axe", "libelle_axe").unique("cle", keep="first", maintain_order=True)
    )
    present = set(frame["cle"])
    short = bool(more.get("room"))
    spokes = [(k, a if short else spoke(a, name)) for k, a, name in known.iter_rows() if k in present]
    top = 3.0 if measure == NIVEAU else 100.0
    return radar(frame, spokes, measure, top, scale_of(measure, whole=True), **more)


def curve(series: Sequence[Serie], *by: str, code: str = "") -> pl.DataFrame:
    """The scores at every quarter of the plans: ``horizon`` (Date, its last day), ``serie``, scores."""
    rows = pl.concat([one.rates("trimestre", *by, code=code) for one in series])
    days = {one: trimestre_fin(one) for one in rows["trimestre"].unique()}
    return rows.with_columns(
        horizon=pl.col("trimestre").replace_strict(days, default=None, return_dtype=pl.Date)
    ).sort("serie", "horizon", maintain_order=True)


def by_region(view: View, horizon: str, code: str, *by: str) -> pl.DataFrame:
    """The regions' scores on a questionnaire, whatever the region chosen, highest first: ``nom_region``."""
    rows = rates(view, "region", *by, horizon=horizon, code=code).drop_nulls("region")
    return region_named(view, rows).sort(TAUX, "nom_region", descending=[True, False])


def rate_box(
    view: View,
    label: str,
    row: dict[str, Any],
    before: float | None = None,
    since: str = "",
    whole: float | None = None,
) -> Figure:
    """The key figure of a questionnaire: rate, change, level and services; beside a region's, all regions' rate."""
    value = row.get(TAUX)
    moved = None
    if before is not None:
        moved = french.change(value, before, Format.PERCENT, since=since)
    level = french.out_of(row.get(NIVEAU), 3)
    about = f"niveau {level} · {services(view, row['services_concernes'])}" if row else ""
    return Figure(
        label,
        rate(value),
        moved,
        reference=" · ".join(one for one in (about, whole_rate(whole)) if one),
        help=CONVERGENCE.measure(TAUX).definition,
    )
