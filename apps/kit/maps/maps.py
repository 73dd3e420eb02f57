"""Choropleths: territories shaded in seven round classes, readable without a base map.

Drawn by Vega as SVG from outlines that this server holds (the measurements that led to this choice are in
``docs/adr/0006-maps-by-vega.md``). No data is hatched grey, never the lightest shade; department outlines are white.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import pairwise
from typing import Any

import altair as alt
import numpy as np
import polars as pl
import streamlit as st

from apps.kit.charts.charts import PICK
from apps.kit.charts.scales import Scale, nice_step
from apps.kit.charts.tables import Table
from apps.kit.charts.template import Template, hole
from apps.kit.data.method import Methods
from apps.kit.data.view import View
from apps.kit.maps.france import Ground, outlines_of
from apps.kit.maps.outline_route import address, served
from apps.kit.maps.outlines import NAMES, Feature, around, cities, outlines
from apps.kit.style import french, theme
from apps.kit.style.french import typographic
from lake.catalog.territoires import COMMUNES
from scoring.universes.model import Format

HEIGHT = 520
OVERLAY = "surcouche_"
"""Layers whose marks bear this name let clicks through to the territories (a rule of ``style.py``)."""


@dataclass(frozen=True)
class Classes:
    """The classes of a choropleth: colours between round breaks.

    Attributes:
        breaks: the six (or fewer) values between classes, increasing.
        colours: one more colour than there are breaks.
        labels: each class in words ("moins de 5", "de 5 à 6", "11 et plus").
    """

    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    labels: tuple[str, ...]

    def colour(self, value: float | int | None) -> str:
        """The fill of a value; hatches where there is none."""
        if value is None or value != value:
            return theme.HATCHED
        return self.colours[bisect_right(self.breaks, value)]


@dataclass(frozen=True)
class Map:
    """A choropleth piece.

    Attributes:
        spec: Vega-Lite specification with outlines and values.
        table: the same figures as a table.
        classes: its classes, for the legend.
        mesh: mesh of the territories drawn.
        unit: what the legend counts ("généralistes pour 10 000 habitants").
        title: subtitle of the view.
        reading: one sentence that reads it aloud.
        alt: text alternative.
        picks: axis that a click filters; empty when clicks do nothing.
        counted: what the caption counts.
        measures: names of the measures shown, or methods.
        corner: what the map cannot show, told on it ("43 non localisés").
        outlines: name of its outlines where it is not its mesh (the whole country).
    """

    spec: dict[str, Any]
    table: Table
    classes: Classes
    mesh: str
    unit: str = ""
    title: str = ""
    reading: str = ""
    alt: str = ""
    picks: str = ""
    counted: str = ""
    measures: Methods = ()
    corner: str = ""
    outlines: str = ""


def classify(values: pl.Series, scale: Scale, colours: Sequence[str] = theme.QUANTITY) -> Classes:
    """Round classes for values: evenly spaced over their bulk, or in ratios when they are very uneven.

    The bulk is what lies between the 8th and the 92nd percentile. Values whose largest is over thirty times their
    median (counts by commune) get breaks of the 1-2-5 series instead. A share ends at 100 %: its last class says so.

    Args:
        values: numeric, of what is drawn; nulls are left out.
        scale: how values are written.
        colours: from light to dark.
    """
    # Outside Polars: its quantiles keep the interpreter's lock while they wait for its threads.
    known = np.asarray(values.drop_nulls().cast(pl.Float64).to_list(), dtype=float)
    known = known[np.isfinite(known)]
    if not known.size:
        return Classes((), (colours[len(colours) // 2],), ("",))
    wanted = len(colours) - 1
    low, median, high = (float(one) for one in np.quantile(known, (0.08, 0.5, 0.92)))
    least, top = float(known.min()), float(known.max())
    if top > 0 and least >= 0 and top > 30 * max(median, top * 1e-9):
        breaks = _geometric(known, wanted)
    else:
        breaks = _even(low, high, wanted, integer=scale.format is Format.INTEGER)
    whole = {Format.SHARE: 1.0, Format.PERCENT: 100.0}.get(scale.format, math.inf)
    breaks = [b for b in breaks if least < b <= top and b < whole]
    if not breaks and least < top and (middle := (least + top) / 2) < whole:
        breaks = [middle]  # two values apart are two colours, however close they are
    if not breaks:
        return Classes((), (colours[len(colours) // 2],), (scale.write(median),))
    used = _spread(colours, len(breaks) + 1)
    return Classes(tuple(breaks), used, _labels(breaks, scale, whole if top <= whole < math.inf else None))


def diverging(values: pl.Series, scale: Scale) -> Classes:
    """Classes for changes: zero stands alone in the middle, both sides have the same round steps."""
    known = values.drop_nulls().cast(pl.Float64)
    extent = float(np.quantile(np.abs(known.to_list()), 0.95)) if known.len() else 0.0
    step = nice_step((extent or 1.0) / 2.5)
    tiny = step * 1e-6
    breaks = (-2 * step, -step, -tiny, tiny, step, 2 * step)
    texts = [scale.write(step), scale.write(2 * step)]
    labels = (
        f"baisse de plus de {texts[1]}", f"de {texts[0]} à {texts[1]}", f"baisse jusqu’à {texts[0]}",
        "inchangé",
        f"hausse jusqu’à {texts[0]}", f"de {texts[0]} à {texts[1]}", f"hausse de plus de {texts[1]}",
    )  # fmt: skip
    return Classes(breaks, theme.DIVERGING, labels)


def _even(low: float, high: float, wanted: int, *, integer: bool) -> list[float]:
    step = nice_step((high - low) / (wanted - 1) if high > low else 1.0)
    if integer:
        step = max(1.0, round(step))
    start = round(low / step) * step
    return [round(start + index * step, 10) for index in range(wanted)]


def _geometric(known: np.ndarray[Any, np.dtype[np.float64]], wanted: int) -> list[float]:
    top = float(np.quantile(known[known > 0], 0.99))
    series = [m * 10.0**p for p in range(-4, 9) for m in (1.0, 2.0, 5.0)]
    return [value for value in series if value <= top][-wanted:]


def _spread(colours: Sequence[str], count: int) -> tuple[str, ...]:
    if count >= len(colours):
        return tuple(colours)
    last = len(colours) - 1
    return tuple(colours[round(index * last / (count - 1))] for index in range(count))


def _labels(breaks: Sequence[float], scale: Scale, whole: float | None = None) -> tuple[str, ...]:
    decimals = max(_decimals(b * (100 if scale.format is Format.SHARE else 1)) for b in breaks)
    texts = [french.write(b, scale.format, decimals) for b in breaks]
    between = [f"de {a} à {b}" for a, b in pairwise(texts)]
    last = f"{texts[-1]} et plus"
    if whole is not None:
        last = f"de {texts[-1]} à {french.write(whole, scale.format, decimals)}"
    return (f"moins de {texts[0]}", *between, last)


def _decimals(value: float) -> int:
    text = f"{value:.4f}".rstrip("0")
    return len(text.partition(".")[2])


def choropleth(
    view: View,
    mesh: str,
    values: pl.DataFrame,
    code: str,
    value: str,
    scale: Scale,
    *,
    classes: Classes | None = None,
    picks: bool = True,
    height: int = HEIGHT,
    ground: Ground | None = None,
) -> tuple[dict[str, Any], Classes]:
    """The Vega-Lite specification of a choropleth.

    Args:
        view: what the page shows (for its outlines).
        mesh: ``commune``, ``epci``, ``departement`` or ``region``.
        values: one row per territory; territories without a row are hatched.
        code: column of the territories' codes.
        value: column of the values; null is hatched.
        scale: how values are written.
        classes: classes to use; made from the values by default.
        picks: whether a click reports the territory.
        height: pixels.
        ground: what is drawn (:func:`apps.kit.maps.france.ground` for the whole country); by default the mesh over
            the published communes.

    Returns:
        tuple: the specification and the classes that it draws.
    """
    shown = ground or _regional(view, mesh)
    drawn_values = values.filter(pl.col(code).is_in(shown.codes))[value]
    shades = classes or classify(drawn_values, scale)
    fills = dict(values.select(code, value).drop_nulls(code).iter_rows())
    # Written once a value: thousands of communes share some of them.
    words = {one: (shades.colour(one), scale.write(one)) for one in {*fills.values()} - {None}}
    missing = theme.HATCHED, "pas de donnée"
    rows = [
        {"code": each, "couleur": colour, "texte": text}
        for each in shown.codes
        for colour, text in (words.get(fills.get(each), missing),)
    ]
    datasets = {"valeurs": rows, "departements": shown.borders, "villes": shown.places}
    if shown.insets:
        datasets["encarts"] = shown.insets
    url = address(view.data, shown.outlines)
    spec = {
        **_template(bool(shown.borders), bool(shown.insets), picks).filled(
            {"adresse": url, "titre": scale.title or " "}, datasets, height=height
        ),
        "usermeta": {"embedOptions": {"renderer": "svg"}},
    }
    return (spec if served() else printable(view, spec, shown.outlines)), shades


@cache
def _template(outlined: bool, insets: bool, picks: bool) -> Template:
    # Islands stand on white: in white too, those of the lightest shade would be lost.
    edge = theme.EDGE if insets else theme.WHITE
    land = (
        alt.Chart(alt.UrlData(hole("adresse"), format=alt.JsonDataFormat(type="json")))
        .transform_calculate(code="datum.properties.code", nom="datum.properties.nom")
        .transform_lookup(
            lookup="code", from_=alt.LookupData(alt.NamedData("valeurs"), "code", ["couleur", "texte"])
        )
        .transform_filter("isValid(datum.couleur)")
        .mark_geoshape(strokeWidth=0.4, stroke=edge, cursor="pointer" if picks else "default")
        .encode(
            fill=alt.Fill("couleur:N", scale=None, legend=None),
            tooltip=[alt.Tooltip("nom:N", title=" "), alt.Tooltip("texte:N", title=hole("titre"))],
        )
    )
    if picks:
        pick = alt.selection_point(name=PICK, fields=["code"], toggle="true")
        land = land.encode(
            stroke=alt.condition(pick, alt.value(theme.INK), alt.value(edge), empty=False),
            strokeWidth=alt.condition(pick, alt.value(2), alt.value(0.4), empty=False),
            order=alt.condition(pick, alt.value(1), alt.value(0), empty=False),
        ).add_params(pick)
    # What lies over the territories adds no figure: a screen reader walks the territories only.
    layers: list[alt.Chart] = [land]
    if outlined:
        layers.append(
            alt.Chart(alt.NamedData("departements"))
            .mark_geoshape(aria=False, filled=False, fillOpacity=0, stroke=theme.WHITE, strokeWidth=1.6)
            .properties(name=f"{OVERLAY}departements")
        )
    names = alt.Chart(alt.NamedData("villes")).encode(longitude="x:Q", latitude="y:Q")
    layers += [
        names.mark_circle(aria=False, size=22, color=theme.INK, opacity=1).properties(
            name=f"{OVERLAY}points"
        ),
        names.mark_text(align="left", dx=6, fontSize=12, stroke=theme.WHITE, strokeWidth=3, opacity=0.9)
        .encode(text="commune:N")
        .properties(name=f"{OVERLAY}halos"),
        names.mark_text(align="left", dx=6, fontSize=12, color=theme.INK)
        .encode(text="commune:N")
        .properties(name=f"{OVERLAY}noms"),
    ]
    if insets:
        layers.append(
            alt.Chart(alt.NamedData("encarts"))
            .mark_text(fontSize=11, color=theme.SECONDARY)
            .encode(longitude="x:Q", latitude="y:Q", text="nom:N")
            .properties(name=f"{OVERLAY}encarts")
        )
    chart = (
        alt.layer(*layers)
        .project(type="identity", reflectY=True)
        .properties(height=HEIGHT, width="container")
    )
    return Template(chart, fit=False)


def printable(view: View, spec: dict[str, Any], name: str) -> dict[str, Any]:
    """The same map with its outlines inside, for renderers that fetch nothing.

    Args:
        view: what the page shows.
        spec: the map.
        name: name of its outlines: its mesh, or a mesh of the whole country.
    """
    codes = [row["code"] for row in spec["datasets"]["valeurs"]]
    first = {**spec["layer"][0], "data": {"values": outlines_of(view.data, name).of(codes)}}
    return {**spec, "layer": [first, *spec["layer"][1:]]}


def _regional(view: View, mesh: str) -> Ground:
    codes, departements, places = drawn(view, mesh)
    return Ground(mesh, codes, departements if mesh != "departement" else [], places, [])


def drawn(view: View, mesh: str) -> tuple[list[str], list[Feature], list[dict[str, Any]]]:
    """What a map of a mesh shows under the selection: a chosen territory fills the map, among those around it.

    Returns:
        tuple: the codes of the mesh, the outlines of the départements over them, the cities among them.
    """
    every = view.data.frame(COMMUNES)
    column = NAMES[mesh][1]
    communes = every
    for larger, name in (("departement", "code_departement"), ("epci", "siren_epci")):
        chosen = view.selection.values(larger)
        if chosen and larger != mesh and not (larger == "epci" and mesh == "departement"):
            communes = communes.filter(pl.col(name).is_in(chosen))
    # The reference knows every French département: only those whose communes are published are drawn.
    codes = sorted(communes[column].drop_nulls().unique())
    framed = _framed(view, mesh, communes)
    if framed:
        codes = [code for code in around(view.data, mesh, framed) if code in set(codes)]
        communes = communes.filter(pl.col(column).is_in(codes))
    whole = communes.height == every.height
    near = communes["code_departement"].unique().to_list()
    names = cities(view.data, within=None if whole else communes["code_commune"].to_list())
    # A département's outline is larger than the EPCI that a map frames: it would shrink it.
    close = framed or any(view.selection.values(finer) for finer in ("epci", "commune"))
    return codes, [] if close else outlines(view.data, "departement").of(near), names.to_dicts()


def _framed(view: View, mesh: str, communes: pl.DataFrame) -> list[str]:
    """The territories of the mesh that the selection names, or that hold what it names; none to show them all."""
    kept = communes
    for finer, name in (
        ("departement", "code_departement"),
        ("epci", "siren_epci"),
        ("commune", "code_commune"),
    ):
        if chosen := view.selection.values(finer):
            kept = kept.filter(pl.col(name).is_in(chosen))
    column = NAMES[mesh][1]
    found = kept[column].drop_nulls().unique().to_list()
    return found if len(found) < communes[column].drop_nulls().n_unique() else []


def corner(piece: Map) -> None:
    """Draw what cannot be shown on the map."""
    if piece.corner:
        st.html(f'<p class="obs-coin">{escape(typographic(piece.corner))}</p>')


def legend(piece: Map) -> None:
    """The classes of a map, as a list that is read aloud too."""
    st.html(legend_html(piece.classes, piece.unit))


def legend_html(classes: Classes, unit: str) -> str:
    """Legend of a choropleth: a swatch and words per class, no data last, then the unit."""
    items = "".join(
        f'<li><span class="obs-nuance" style="background-color:{colour}"></span>{escape(label)}</li>'
        for colour, label in zip(classes.colours, classes.labels, strict=True)
    )
    items += '<li><span class="obs-nuance obs-hachures"></span>pas de donnée</li>'
    tail = f"<li>{escape(typographic(unit))}</li>" if unit else ""
    return f'<ul class="obs-legende">{items}{tail}</ul>'
