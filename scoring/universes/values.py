"""The values of an axis: what a reader may choose, and what a name or another code stands for."""

from __future__ import annotations

from datetime import date

import polars as pl

from lake.errors import LakeError, UnknownName
from lake.text import folded as sorted_as
from lake.text import words as folded
from scoring.universes.model import Axis, Lookup, Rhythm, Scan, Universe
from scoring.universes.rows import NON_RENSEIGNE, joined
from scoring.universes.selection import Selection, replace_filters


def choices(universe: Universe, scan: Scan, axis: Axis, day: date | None = None) -> pl.DataFrame:
    """The values of an axis: what a reader may choose.

    Args:
        universe: where the axis is declared.
        scan: reads tables lazily.
        axis: the axis.
        day: only the values of this date; all dates when None (a lookup's whole table has no date).

    Returns:
        DataFrame: ``code`` (String, unique) and ``texte`` (String: the label, or the code where there is
        none), sorted by text.
    """
    return (
        _pairs(universe, scan, axis, day)
        .group_by("code")
        .agg(pl.col("texte").max())
        .with_columns(pl.col("texte").fill_null(pl.col("code")))
        .sort(sorted_as(pl.col("texte")), "texte", "code")
        .collect()
    )


def resolve(universe: Universe, scan: Scan, selection: Selection) -> Selection:
    """Turn labels and other codes of the filters into the axis' own codes, and check that they exist.

    A value may be a code, another code of the same value, a label or a word of the axis (letter case and
    accents are ignored where no exact one exists), or ``non_renseigne`` for rows where the axis says
    nothing. A label that several codes bear selects them all, except for a territory, where it is refused:
    two communes of one name are two communes.

    Raises:
        UnknownName: an axis, a value, a parameter or a date does not exist; close ones are suggested.
        LakeError: a parameter's value is not one, a label names several territories, or time is asked as a filter.
    """
    filters: dict[str, tuple[str, ...]] = {}
    for name, values in selection.filters.items():
        axis = universe.axis(name)
        if axis is universe.time:
            raise LakeError(f"« {name} » se filtre par la date.", conseil="Utilisez --date, ou --du et --au.")
        pairs = _pairs(universe, scan, axis, None).collect()
        found = tuple(code for value in values for code in _codes(axis, value, pairs))
        filters[axis.name] = (*filters.get(axis.name, ()), *found)
    resolved = universe.settled(replace_filters(selection, filters))
    if universe.rhythm is Rhythm.SNAPSHOT and resolved.date is not None:
        _check_date(universe, scan, resolved)
    return resolved


def _pairs(universe: Universe, scan: Scan, axis: Axis, day: date | None) -> pl.LazyFrame:
    """Every code with every label it bears."""
    if universe.derived is not None:
        return universe.derived.values(scan, axis, day)
    if isinstance(axis.text, Lookup):
        frame = scan(axis.text.table).select(code=pl.col(axis.text.key), texte=pl.col(axis.text.text))
    else:
        smallest = universe.answering((), axis.names())
        rows = joined(scan, scan(smallest.table), axis.requires)
        if day is not None:
            rows = rows.filter(universe.time.key == day)
        text = axis.text if isinstance(axis.text, pl.Expr) else axis.key
        frame = rows.select(code=axis.key.cast(pl.String), texte=text.cast(pl.String))
    return frame.filter(pl.col("code").is_not_null()).unique()


def _codes(axis: Axis, value: str, pairs: pl.DataFrame) -> list[str]:
    """The codes that one asked value stands for."""
    if value == NON_RENSEIGNE:
        return [value]
    wanted = axis.aliases.get(value, value)
    if wanted in pairs["code"]:
        return [wanted]
    labels: dict[str, set[str]] = {}
    for code, text in pairs.iter_rows():
        for label in {text, axis.words.get(code)} - {None}:
            labels.setdefault(label, set()).add(code)
    # The words of an axis name its values even where no row has them today: the answer is then zero.
    for code, word in axis.words.items():
        labels.setdefault(word, set()).add(code)
        labels.setdefault(code, set()).add(code)
    found = labels.get(wanted, set())
    if not found:
        same = folded(wanted)
        found = {code for label, codes in labels.items() if folded(label) == same for code in codes}
    if not found:
        raise UnknownName(f"valeur de « {axis.name} »", value, [*labels, *pairs["code"]])
    if len(found) > 1 and axis.territory is not None:
        raise LakeError(
            f"« {value} » désigne {len(found)} territoires ({axis.label.lower()}).",
            conseil=f"Donnez le code : {', '.join(sorted(found))}.",
        )
    return sorted(found)


def _check_date(universe: Universe, scan: Scan, selection: Selection) -> None:
    if universe.derived is not None:
        days = pl.Series(universe.derived.dates(scan, selection), dtype=pl.Date)
    else:
        days = scan(universe.table).select(universe.time.key.unique()).collect().to_series().drop_nulls()
    assert selection.date is not None
    if selection.date not in days:
        known = [one.isoformat() for one in days.sort(descending=True)]
        raise UnknownName(universe.time.label.lower(), selection.date.isoformat(), known)
