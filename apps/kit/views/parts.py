"""Parts of a whole: ring, stacked bars, levels of services, split by functional perimeter.

Only what adds up has parts. What is folded is the whole, asked on its own, less what is drawn: never an addition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from apps.kit.charts.bars import paired_bars, stacked
from apps.kit.charts.charts import MOST_SERIES, Chart
from apps.kit.charts.ring import OTHERS, ring
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.pages.pieces import Piece
from apps.kit.style import french
from apps.kit.style.theme import MATURITY, OTHERS_COLOUR, WHITE
from apps.kit.views.bars import filtering
from apps.kit.views.base import (
    AXIS,
    MEASURE,
    Drawing,
    Refusal,
    ask,
    by_axis,
    in_words,
    known,
    measure_column,
    named,
    own,
    own_rank,
    scale,
    view_type,
)
from apps.kit.views.colours import colours
from apps.kit.views.rules import RANKING, not_additive
from apps.kit.views.tables import Values, explained
from apps.kit.views.words import label_of, moment, values_counted, where, write
from scoring.universes.model import Universe
from scoring.universes.rows import NON_RENSEIGNE

MOST_BARS = 12
UNSHARED = "Non réparti"


def folded(
    frame: pl.DataFrame,
    code: str,
    name: str,
    measure: str,
    total: float | int | None,
    most: int = MOST_SERIES,
) -> pl.DataFrame:
    """The largest parts, and what is left of the whole as one part.

    Args:
        frame: one row per part, of positive values.
        code: column of the codes.
        name: column of the names.
        measure: column of the values.
        total: the whole, asked on its own.
        most: parts kept, the folded one included.

    Returns:
        DataFrame: ``code``, ``nom``, ``valeur``; the last row has an empty code when it is what is left.
    """
    parts = frame.filter(pl.col(measure) > 0).sort(measure, name, descending=[True, False])
    rows = parts.select(code=pl.col(code), nom=pl.col(name), valeur=pl.col(measure).cast(pl.Float64))
    kept = rows if rows.height <= most else rows.head(most - 1)
    rest = _left(total, kept)
    if rest <= 1e-9 * max(1.0, abs(total or 0)):
        return kept
    if kept.height == most:
        kept = kept.head(most - 1)
        rest = _left(total, kept)
    left = OTHERS if rows.height > kept.height else UNSHARED
    return pl.concat([kept, pl.DataFrame({"code": [""], "nom": [left], "valeur": [float(rest)]})])


def _left(total: float | int | None, kept: pl.DataFrame) -> float:
    return float(total or 0) - float(sum(kept["valeur"].to_list()))


@view_type("camembert")
class Ring(Drawing):
    """A measure that adds up along an axis, as a ring of six slices at most; clicks on slices filter the axis.

    Attributes:
        measure: what is shared out.
        axis: what it is shared out by.
        title: title of the view.
    """

    measure: str = named("mesure", MEASURE)
    axis: str = named("axe", AXIS)
    title: str = named("titre", default="")

    def refused(self, universe: Universe) -> Refusal | None:
        """A rate, a distinct count, an axis of time: their values are no parts."""
        if universe.axis(self.axis) is universe.time:
            return Refusal("Le temps n’a pas de parts.", ("colonnes", "courbe"))
        return not_additive(universe, self.measure, [self.axis])

    def __call__(self, view: View) -> Piece:
        """The ring, or the table that says why not."""
        if refusal := self.refused(view.universe):
            return explained(Values((self.measure,), self.axis, self.title), refusal, view)
        frame, code, name = by_axis(view, [self.measure], self.axis)
        total = ask(view, [self.measure], apart=own(view, self.axis)).item(0, self.measure)
        if not total or any(value < 0 for value in frame[self.measure].drop_nulls().to_list()):
            reason = "Rien n’est à répartir." if not total else "Une valeur négative n’est pas une part."
            return explained(
                Values((self.measure,), self.axis, self.title), Refusal(reason, (RANKING,)), view
            )
        rows = folded(frame, code, name, self.measure, total)
        drawn = [key for key in rows["code"].to_list() if key]
        shades = {**colours(view, self.axis, drawn), "": OTHERS_COLOUR}
        spec = ring(rows, scale(view, self.measure), total=float(total), colours=shades)
        return filtering(view, frame, self.measure, self.axis, self.title, spec, code)


@view_type("empilees")
class Stacked(Drawing):
    """A measure that adds up along two axes: twelve bars at most, each cut in six pieces at most.

    Attributes:
        measure: what is shared out.
        axis: what there is a bar of.
        parts: what each bar is cut by.
        title: title of the view.
    """

    measure: str = named("mesure", MEASURE)
    axis: str = named("axe", AXIS)
    parts: str = named("serie", AXIS)
    title: str = named("titre", default="")

    def refused(self, universe: Universe) -> Refusal | None:
        """What does not add up along both axes."""
        return not_additive(universe, self.measure, [self.axis, self.parts])

    def __call__(self, view: View) -> Piece:
        """The bars, or the table that says why not."""
        values = Values((self.measure,), self.axis, self.title, more=(self.parts,))
        if refusal := self.refused(view.universe):
            return explained(values, refusal, view)
        measure = self.measure
        whole, code, name = by_axis(view, [measure], self.axis)
        whole = whole.sort(measure, name, descending=[True, False], nulls_last=True)
        cells, part_code = _crossed(view, [measure], self.axis, self.parts)
        pieces, key, part_name = by_axis(view, [measure], self.parts, apart=own(view, self.axis))
        order = pieces.filter(pl.col(measure) > 0).sort(measure, part_name, descending=[True, False])
        kept = order if order.height <= MOST_SERIES else order.head(MOST_SERIES - 1)
        names = dict(kept.select(key, part_name).iter_rows())
        shown = whole.head(MOST_BARS)
        rows = _closed(shown, cells, code, name, measure, part_code, names)
        shades = {names[key]: colour for key, colour in colours(view, self.parts, list(names)).items()}
        shades |= {OTHERS: OTHERS_COLOUR}
        if not rows.height or any(value < 0 for value in rows["valeur"].to_list()):
            return explained(values, Refusal("Ces parts ne s’empilent pas.", (RANKING,)), view)
        one, _ = label_of(view, self.axis)
        return Chart(
            stacked(rows, scale(view, measure), shades),
            Table(
                cells.sort(self.axis, measure, descending=[False, True], nulls_last=True),
                (
                    Column(self.axis, view.universe.axis(self.axis).label),
                    Column(self.parts, view.universe.axis(self.parts).label),
                    measure_column(view, measure),
                ),
            ),
            title=self.title or f"{view.universe.measure(measure).label} par {one}",
            reading=f"{shown.height} barres sur {whole.height}, les plus hautes valeurs d’abord."
            if whole.height > shown.height
            else "",
            picks=self.axis,
            counted=f"{where(view, own(view, self.axis))}, {values_counted(view, self.axis, whole[code])}, "
            f"{moment(view, measure)}",
            measures=(measure,),
        )


def _crossed(view: View, measures: Sequence[str], axis: str, parts: str) -> tuple[pl.DataFrame, str]:
    """Measures by two axes in words, the first one's filter left out; the column of the second one's codes."""
    columns = []
    for name in (axis, parts):
        found = view.universe.axis(name)
        columns += [one for one in (found.code, name) if one]
    frame = ask(view, measures, columns, apart=own(view, axis))
    codes = {}
    for name in (axis, parts):
        frame = in_words(view, frame, name)
        codes[name] = view.universe.axis(name).code or f"__{name}"
        if "__code" in frame.columns:
            frame = frame.rename({"__code": f"__{name}"})
    return frame.filter(pl.any_horizontal(pl.col(list(measures)).is_not_null())), codes[parts]


def _closed(
    whole: pl.DataFrame,
    cells: pl.DataFrame,
    code: str,
    name: str,
    measure: str,
    part_code: str,
    names: dict[str, str],
) -> pl.DataFrame:
    """The pieces of each bar, the last one being what is left of it: ``nom, code, partie, rang, valeur``."""
    key = code if code in cells.columns else f"__{name}"
    rows = []
    for bar in whole.iter_rows(named=True):
        own_cells = cells.filter(pl.col(key) == bar[code])
        values = dict(own_cells.select(part_code, measure).iter_rows())
        left = float(bar[measure] or 0)
        for rank, (part, word) in enumerate(names.items()):
            value = float(values.get(part) or 0)
            left -= value
            if value:
                rows.append((bar[name], bar[code], word, rank, value))
        if left > 1e-9 * max(1.0, float(bar[measure] or 0)):
            rows.append((bar[name], bar[code], OTHERS, len(names), left))
    schema = {
        "nom": pl.String,
        "code": pl.String,
        "partie": pl.String,
        "rang": pl.Int64,
        "valeur": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


@view_type("evaluation")
class Levels(Drawing):
    """How subjects spread over ordered levels, by an axis: bars of 100 %, with the count in each piece.

    Attributes:
        measure: what is counted (services, products).
        axis: what there is a bar of (a region).
        level: axis of the levels, in their order (0 to 3).
        title: title of the view.
    """

    measure: str = named("mesure", MEASURE)
    axis: str = named("axe", AXIS)
    level: str = named("niveau", AXIS)
    title: str = named("titre", default="")

    def __call__(self, view: View) -> Piece:
        """The bars; nothing is added: each piece and each whole is asked."""
        measure = self.measure
        cells, level_code = _crossed(view, [measure], self.axis, self.level)
        whole, code, name = by_axis(view, [measure], self.axis)
        key = code if code in cells.columns else f"__{name}"
        sums = cells.group_by(key).agg(somme=pl.col(measure).sum())
        closes = whole.join(sums, left_on=code, right_on=key, how="left").select(
            (pl.col(measure) == pl.col("somme")).all()
        )
        if not closes.item():
            reason = "Un même sujet est compté à plusieurs niveaux : les parts dépasseraient le tout."
            return explained(
                Values((measure,), self.axis, self.title, more=(self.level,)),
                Refusal(reason, ("chaleur",)),
                view,
            )
        cells = cells.sort(own_rank(view, self.axis), level_code)
        rows = cells.select(
            nom=pl.col(name),
            code=pl.col(key),
            partie=pl.col(self.level).cast(pl.String),
            niveau=pl.col(level_code).cast(pl.String),
            rang=pl.col(level_code).rank("dense").cast(pl.Int64) - 1,
            valeur=pl.col(measure).cast(pl.Float64),
        )
        levels = dict(rows.sort("rang").select("niveau", "partie").unique(maintain_order=True).iter_rows())
        shades, inks = _level_colours(levels, colours(view, self.level, list(levels)))
        rows = rows.drop("niveau").with_columns(
            encre=pl.col("partie").replace_strict(inks, return_dtype=pl.String)
        )
        one, _ = label_of(view, self.axis)
        return Chart(
            stacked(rows, scale(view, measure), shades, whole=True),
            Table(
                cells,
                (
                    Column(self.axis, view.universe.axis(self.axis).label),
                    Column(self.level, view.universe.axis(self.level).label),
                    measure_column(view, measure),
                ),
            ),
            title=self.title or f"Niveaux par {one}",
            picks=self.axis,
            counted=f"{values_counted(view, self.axis, whole[code])}, {moment(view, measure)}",
            measures=(measure,),
        )


def _level_colours(
    levels: Mapping[str, str], owned: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The colour of each level's word, and the ink written on it: red to green for levels 0 to 3, else its own."""
    maturity = {level[-1:] for level in levels} <= {"0", "1", "2", "3"}
    shades, inks = {}, {}
    for level, word in levels.items():
        colour, _, ink = MATURITY[int(level[-1:])] if maturity else (owned[level], "", WHITE)
        shades[word], inks[word] = colour, ink
    return shades, inks


@view_type("repartition")
class Breakdown(Drawing):
    """A split by a hierarchy (domaine, zone, bloc), one level at a time: a click opens what is under a value.

    Attributes:
        measures: one or two measures, each in its own plot of bars (niveau, taux).
        axes: the levels of the hierarchy, the widest first.
        title: title of the view.
        count: the measure counted beside each bar (« n »); none by default.
    """

    measures: tuple[str, ...] = named("mesures", MEASURE)
    axes: tuple[str, ...] = named("axes", AXIS)
    title: str = named("titre", default="")
    count: str = named("effectif", MEASURE, default="")

    def __call__(self, view: View) -> Piece:
        """The bars of the first level that the reader has not chosen a single value of."""
        axis = next((one for one in self.axes if len(view.selection.values(one)) != 1), self.axes[-1])
        measures, counts = known(view, self.measures)[:2], known(view, [self.count] if self.count else [])
        frame, code, name = by_axis(view, [*measures, *counts], axis)
        frame = frame.filter(pl.col(code) != NON_RENSEIGNE).sort(code)
        one, many = label_of(view, axis)
        depth = self.axes.index(axis)
        said = ""
        if depth + 1 < len(self.axes):
            said = f"Choisissez une barre pour voir ses {label_of(view, self.axes[depth + 1])[1]}."
        above = [view.word(up, view.selection.values(up)[0]) for up in self.axes[:depth]]
        rows = frame.with_columns(nom_n=pl.format("{} ({})", name, counts[0]) if counts else pl.col(name))
        labels = {m: view.universe.measure(m).label for m in measures}
        scales = [scale(view, m) for m in measures]
        texts = {m: [write(view, m, v) for v in rows[m].to_list()] for m in measures}
        return Chart(
            paired_bars(rows, "nom_n", measures, scales, labels, texts, code=code),
            Table(
                frame,
                (
                    Column(axis, view.universe.axis(axis).label),
                    *(measure_column(view, m) for m in (*measures, *counts)),
                ),
                key=code,
            ),
            title=self.title or f"Par {one}",
            reading=" › ".join([*above, said]) if above else said,
            picks=axis,
            counted=f"{french.counted(frame.height, one, many)}, {moment(view, measures[0])}",
            measures=(*measures, *counts),
        )
