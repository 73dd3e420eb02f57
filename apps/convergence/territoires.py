"""Maps of the regions: rates or counts on their outlines, tiles where no outline was ever published."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from apps.convergence.chiffres import regions
from apps.convergence.words import region_names
from apps.kit.charts.charts import Chart
from apps.kit.charts.levels import SIGLES
from apps.kit.charts.plans import tiles
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Table
from apps.kit.data.method import Methods
from apps.kit.data.view import View
from apps.kit.maps.france import ground
from apps.kit.maps.maps import Classes, Map, choropleth
from apps.kit.pages.pieces import Note
from lake.catalog.territoires import CONTOURS, REGIONS

HEIGHT = 380


def without_regions(view: View, title: str = "Les régions") -> Note | None:
    """What is said in the place of a map when nothing has a region (the vendors' products)."""
    if regions(view):
        return None
    return Note("Les produits des éditeurs n'ont pas de région : rien à placer sur une carte.", title=title)


def region_map(
    view: View,
    rows: pl.DataFrame,
    value: str,
    scale: Scale,
    classes: Classes,
    table: Table,
    *,
    title: str,
    reading: str = "",
    counted: str = "",
    measures: Methods = (),
    unit: str = "",
) -> Map | Chart:
    """The regions shaded by a value; a region without a row is hatched.

    Args:
        view: what the page shows.
        rows: ``region`` (code) and the value, one row a region.
        value: column of the value.
        scale: how values are written.
        classes: the classes, shared by maps that are compared.
        table: the same figures.
        title, reading, counted, measures: as in every piece.
        unit: what the legend counts.
    """
    if view.data.version(CONTOURS) is None or view.data.version(REGIONS) is None:
        values: dict[str, float | None] = dict(rows.select("region", value).iter_rows())
        return Chart(
            tiles(values, scale, classes, region_names(view)),
            table,
            title=title,
            reading=reading,
            counted=counted,
            measures=measures,
        )
    # The collectivities overseas take no part in the campaigns: only the regions are drawn.
    whole, names = ground(view, "region"), region_names(view)
    named = {names.get(code) for code in SIGLES}
    on = replace(
        whole,
        codes=[code for code in whole.codes if code in SIGLES],
        insets=[one for one in whole.insets if one["nom"] in named],
    )
    spec, _ = choropleth(
        view, "region", rows, "region", value, scale, classes=classes, picks=False, height=HEIGHT, ground=on
    )
    return Map(
        spec,
        table,
        classes,
        "region",
        unit=unit,
        title=title,
        reading=reading,
        alt=f"{title}. {reading}".strip(),
        counted=counted,
        measures=measures,
        outlines=on.outlines,
    )
