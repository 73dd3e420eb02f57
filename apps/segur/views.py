"""Views shared by the pages of the services: histograms, shares, bars, maps, tables. One builder each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from apps.kit.charts.charts import Chart, bars, columns, lines
from apps.kit.charts.ring import ring
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column, Table, split_total
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.maps.france import PREFIX, ground
from apps.kit.maps.maps import Map, choropleth
from apps.kit.pages.pieces import Drawn
from apps.kit.style import french
from apps.kit.style.worded import worded
from apps.kit.views.plan import GROUND, over_plan
from apps.segur.figures import series
from apps.segur.words import (
    DECIMALS,
    UNALLOCATED,
    UNKNOWN,
    counted,
    last_month,
    over,
    period,
    territory,
    where,
    write,
)
from scoring.universes.model import Kind
from scoring.universes.rows import NON_RENSEIGNE

MESH = Option("maille", "Maille", {"region": "Régions", "departement": "Départements"})
WORDS = {"region": ("région", "régions"), "departement": ("département", "départements")}


def scale(view: View, measure: str) -> Scale:
    """How a measure's values are written on charts."""
    found = view.universe.measure(measure)
    return Scale(found.format, found.unit, DECIMALS)


def measure_column(view: View, measure: str) -> Column:
    """A measure as a column: rates with two decimals."""
    found = view.universe.measure(measure)
    return Column(measure, found.label, found.format, decimals=DECIMALS, help=found.definition)


def histogram(measure: str, title: str = "") -> Callable[[View], Chart]:
    """A measure month by month; clicks on months set the period of the whole report."""

    def build(view: View) -> Chart:
        found = view.universe.measure(measure)
        frame = series(view, [measure])
        known = frame.drop_nulls(measure)
        # Months before an indicator begins are no gaps.
        gaps = (
            frame.filter(pl.col("mois") >= known["mois"].min()).height - known.height if known.height else 0
        )
        holes = f" {french.counted(gaps, 'mois manque', 'mois manquent')}." if gaps else ""
        top = known.sort(measure).tail(1)
        said = ""
        if top.height:
            value, month = top.item(0, measure), top.item(0, "mois")
            said = f"Le plus haut : {write(view, measure, value)} en {french.month(month)}.{holes}"
        return Chart(
            columns(frame, "mois", measure, scale(view, measure), picks=True, months=True),
            Table(frame, (Column("mois", "Mois", month=True), measure_column(view, measure))),
            title=title or f"{found.label}, mois par mois",
            reading=said,
            picks="mois",
            counted=f"{where(view)}, {french.counted(known.height, 'mois', 'mois')}",
            measures=(measure,),
        )

    return build


def curves(measures: Sequence[str], title: str) -> Callable[[View], Chart]:
    """Measures of one format month by month, each a line named at its end."""

    def build(view: View) -> Chart:
        frame = series(view, measures)
        names = {name: view.universe.measure(name).label for name in measures if name in frame.columns}
        long = frame.unpivot(
            list(names), index="mois", variable_name="serie", value_name="valeur"
        ).with_columns(pl.col("serie").replace(names))
        known = frame.filter(pl.any_horizontal(pl.col(list(names)).is_not_null())).height
        shown = scale(view, measures[0])
        if len(names) > 1:
            shown = Scale(shown.format, "", DECIMALS)
        return Chart(
            lines(
                long,
                "mois",
                "valeur",
                shown,
                series="serie" if len(names) > 1 else "",
                zero=True,
                months=True,
            ),
            Table(
                frame, (Column("mois", "Mois", month=True), *(measure_column(view, name) for name in names))
            ),
            title=title,
            counted=f"{where(view)}, {french.counted(known, 'mois', 'mois')}",
            measures=tuple(names),
        )

    return build


def parts(measure: str, axis: str, title: str) -> Callable[[View], Chart]:
    """A measure by an axis as a ring; clicks on slices filter the axis."""

    def build(view: View) -> Chart:
        frame, code, name = by_axis(view, [measure], axis)
        return _filtering(
            view,
            frame,
            measure,
            axis,
            title,
            ring(frame, name, measure, scale(view, measure), code=code),
            code,
        )

    return build


def ranked(measure: str, axis: str, title: str) -> Callable[[View], Chart]:
    """A measure by an axis as bars, longest first; clicks on bars filter the axis."""

    def build(view: View) -> Chart:
        frame, code, name = by_axis(view, [measure], axis)
        return _filtering(
            view,
            frame,
            measure,
            axis,
            title,
            bars(frame, name, measure, scale(view, measure), code=code),
            code,
        )

    return build


def own(axis: str) -> list[str]:
    """The axes whose filter a view by this axis leaves out: a region is shown whole, whatever is chosen in it."""
    return ["region", "departement"] if axis == "region" else [axis]


def by_axis(view: View, measures: Sequence[str], axis: str) -> tuple[pl.DataFrame, str, str]:
    """Measures by an axis, its own filter left out.

    Returns:
        tuple: the rows that have a value, in the words of readers (what no territory is known for is « Non
        réparti », what has no value of another axis « Non renseigné »); the column of codes; the column of names.
    """
    found = view.universe.axis(axis)
    code = found.code or "__code"
    by = [found.code, axis] if found.code else [axis]
    frame = view.query(measures, [name for name in by if name], apart=own(axis))
    if not found.code:
        frame = frame.with_columns(pl.col(axis).alias(code))
    named = frame.with_columns(
        pl.col(code).fill_null(NON_RENSEIGNE),
        pl.col(axis).replace(dict(found.words)).fill_null(UNALLOCATED if found.territory else UNKNOWN),
    )
    return named.filter(pl.any_horizontal(pl.col(list(measures)).is_not_null())), code, axis


def _filtering(
    view: View, frame: pl.DataFrame, measure: str, axis: str, title: str, spec: dict[str, object], code: str
) -> Chart:
    found = view.universe.axis(axis)
    rows = frame.sort(measure, descending=True, nulls_last=True)
    top = rows.row(0, named=True) if rows.height else None
    return Chart(
        spec,
        Table(rows, (Column(axis, found.label), measure_column(view, measure)), key=code),
        title=title,
        reading=f"En tête : {top[axis]}, {counted(view, measure, top[measure])}." if top else "",
        picks=axis,
        counted=f"{where(view, own(axis))}, {_when(view, measure)}",
        measures=(measure,),
    )


def _when(view: View, measure: str) -> str:
    """When a value is counted: a period for what adds up, its last month for the rest."""
    if view.universe.measure(measure).kind is Kind.FLOW:
        return period(view)
    return french.month(last_month(view))


def national_map(measure: str | Option, title: str) -> Callable[[View], Map | Drawn]:
    """A measure by region or département, overseas included; clicks filter the territory of the whole report.

    Where the page offers it, the reader may ask for the IGN plan under it.
    """

    def build(view: View) -> Map | Drawn:
        name = view.option(measure.name) if isinstance(measure, Option) else measure
        mesh = view.option(MESH.name)
        code = view.universe.axis(mesh).code or mesh
        frame = view.query([name], [code, mesh], apart=own(mesh)).drop_nulls(code)
        shades = scale(view, name)
        spec, classes = choropleth(view, mesh, frame, code, name, shades, ground=ground(view, mesh))
        known = frame.drop_nulls(name).sort(name)
        one, many = WORDS[mesh]
        said = ""
        if known.height > 2:
            said = f"De {known[mesh][0]} ({write(view, name, known[name][0])}) à {known[mesh][-1]} "
            said += f"({write(view, name, known[name][-1])})."
        found = view.universe.measure(name)
        shown = Map(
            spec,
            Table(
                frame, (Column(mesh, view.universe.axis(mesh).label), measure_column(view, name)), key=code
            ),
            classes,
            mesh,
            unit=found.unit or found.label,
            title=title,
            reading=said,
            alt=f"Carte de France par {one}, outre-mer compris ; les mêmes chiffres sont dans le tableau.",
            picks=mesh,
            counted=f"{french.counted(known.height, one, many)}, {_when(view, name)}",
            measures=(name,),
            outlines=PREFIX + mesh,
        )
        if view.option(GROUND.name) != "ign":
            return shown
        values = dict(frame.select(code, name).iter_rows())
        return over_plan(view, shown, values, {key: write(view, name, one) for key, one in values.items()})

    return build


def first_territories(measure: str | Option, title: str) -> Callable[[View], Chart]:
    """The territories of the map as bars, highest first; clicks filter the territory of the whole report."""

    def build(view: View) -> Chart:
        name = view.option(measure.name) if isinstance(measure, Option) else measure
        return ranked(name, view.option(MESH.name), title)(view)

    return build


def by_territory(measures: Sequence[str], title: str = "") -> Callable[[View], Table]:
    """Measures by region or département, with what is not allocated and the whole; rows filter the report."""

    def build(view: View) -> Table:
        mesh = view.option(MESH.name)
        code = view.universe.axis(mesh).code or mesh
        asked = view.query(measures, [code, mesh], total=True, apart=own(mesh))
        rows, total = split_total(asked, [code, mesh])
        rows = rows.with_columns(pl.col(code).fill_null(NON_RENSEIGNE))
        rows = rows.pipe(worded, territory, mesh, nulls=True).sort(
            measures[-1], descending=True, nulls_last=True
        )
        one, many = WORDS[mesh]
        return Table(
            rows,
            (
                Column(mesh, view.universe.axis(mesh).label),
                *(measure_column(view, name) for name in measures),
            ),
            total,
            key=code,
            title=title or f"Par {one}",
            picks=mesh,
            counted=f"{french.counted(rows.height, one, many)}, {period(view)}",
            measures=tuple(measures),
        )

    return build


def by_values(measures: Sequence[str], axis: str, title: str) -> Callable[[View], Table]:
    """Measures by an axis, with the whole; rows filter the axis."""

    def build(view: View) -> Table:
        frame, code, name = by_axis(view, measures, axis)
        total = view.query(measures, apart=own(axis)).row(0, named=True)
        rows = frame.sort(measures[0], descending=True, nulls_last=True)
        return Table(
            rows,
            (Column(name, view.universe.axis(axis).label), *(measure_column(view, m) for m in measures)),
            total,
            key=code,
            title=title,
            picks=axis,
            counted=f"{over(view)}",
            measures=tuple(measures),
        )

    return build
