"""From ranges to what can still be taken: slots of one seat, or ranges of several.

- A range without capacity is cut in slots of its duration, from its start. A booking of another length splits the
  range: what is free before and after is cut anew, from its own start. What does not fill a slot is lost, and told.
- A range with a capacity holds that many patients, whenever they come.
- An absence that touches one minute of a slot removes it; of a range of N seats it leaves the share of its free
  minutes, rounded down.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from lake.horaires.heures import MOMENT

ABSENCES: Mapping[str, pl.DataType] = {
    "identifiant": pl.String(),
    "lieu": pl.Int64(),
    "debut": MOMENT,
    "fin": MOMENT,
}
"""Columns of an absence; ``lieu`` empty for every place of the person."""
PRISES: Mapping[str, pl.DataType] = {
    "serie": pl.Int64(),
    "date_locale": pl.Date(),
    "debut": MOMENT,
    "fin": MOMENT,
}
"""Columns of a seat that is held or booked: of which range, and its own hours."""
_RANGE = ["serie", "date_locale"]
_COLUMNS = [
    "serie", "date_locale", "identifiant", "lieu", "fuseau", "debut", "fin", "modalites", "duree_min", "capacite",
    "restantes", "genre",
]  # fmt: skip


def creneaux(
    ranges: pl.DataFrame,
    absences: pl.DataFrame | None = None,
    taken: pl.DataFrame | None = None,
    *,
    duree_min: int | None = None,
) -> pl.DataFrame:
    """What ranges offer.

    Args:
        ranges: as :func:`lake.horaires.plages.occurrences`.
        absences: :data:`ABSENCES`, in force.
        taken: :data:`PRISES`, in force.
        duree_min: cut by this duration instead of each range's own.

    Returns:
        DataFrame: ``serie``, ``date_locale``, ``identifiant``, ``lieu``, ``fuseau``, ``debut``, ``fin`` (UTC),
        ``modalites``, ``duree_min``, ``capacite`` (seats net of absences), ``restantes``, ``genre``
        (``creneau`` or ``plage``); sorted by ``debut``. A booked slot stays, with nothing left.
    """
    offered = ranges.filter(pl.col("genre") == "snp").drop("genre")
    if duree_min is not None:
        offered = offered.with_columns(duree_min=pl.lit(duree_min, pl.Int64))
    gone = pl.DataFrame(schema=dict(ABSENCES)) if absences is None else absences.select(list(ABSENCES))
    seats = pl.DataFrame(schema=dict(PRISES)) if taken is None else taken.select(list(PRISES))
    single = _slots(offered.filter(pl.col("capacite").is_null()), gone, seats)
    shared = _shared(offered.filter(pl.col("capacite").is_not_null()), gone, seats)
    return pl.concat([single, shared]).sort("debut", "identifiant", "serie")


def free(slots: pl.DataFrame) -> pl.DataFrame:
    """The slots that have a seat left."""
    return slots.filter(pl.col("restantes") > 0)


def lost_minutes(ranges: pl.DataFrame) -> int:
    """Minutes of ranges without capacity that fill no slot: 50 minutes by 15 leave 5."""
    length = (pl.col("fin") - pl.col("debut")).dt.total_minutes()
    cut = ranges.filter(pl.col("capacite").is_null(), pl.col("genre") == "snp")
    return int(cut.select((length % pl.col("duree_min")).sum()).item() or 0)


def _slots(ranges: pl.DataFrame, absences: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    step = pl.duration(minutes=pl.col("duree_min"))
    pieces = _pieces(ranges, taken)
    count = (pl.col("_fin") - pl.col("_debut")).dt.total_minutes() // pl.col("duree_min")
    cut = (
        pieces.with_columns(_rang=pl.int_ranges(0, count.clip(lower_bound=0)))
        .explode("_rang", empty_as_null=True)
        .drop_nulls("_rang")
        .with_columns(debut=pl.col("_debut") + pl.duration(minutes=pl.col("duree_min") * pl.col("_rang")))
        .with_columns(fin=pl.col("debut") + step, restantes=pl.lit(1, pl.Int64))
    )
    held = (
        ranges.drop("debut", "fin")
        .join(taken.select(*_RANGE, "debut", "fin"), on=_RANGE)
        .with_columns(
            duree_min=(pl.col("fin") - pl.col("debut")).dt.total_minutes(), restantes=pl.lit(0, pl.Int64)
        )
    )
    both = pl.concat(
        [
            part.with_columns(capacite=pl.lit(1, pl.Int64), genre=pl.lit("creneau")).select(_COLUMNS)
            for part in (cut, held)
        ]
    )
    touched = (
        both.with_row_index("_n")
        .join(absences, on="identifiant", suffix="_a")
        .filter(
            pl.col("lieu_a").is_null() | (pl.col("lieu_a") == pl.col("lieu")),
            pl.col("debut_a") < pl.col("fin"),
            pl.col("fin_a") > pl.col("debut"),
            # A booking made before the absence is still there, for whoever must move it.
            pl.col("restantes") > 0,
        )
    )
    return both.with_row_index("_n").join(touched.select("_n"), on="_n", how="anti").drop("_n")


def _pieces(ranges: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    """The parts of ranges that no booking takes: ``_debut``, ``_fin``."""
    if taken.is_empty():
        return ranges.with_columns(_debut=pl.col("debut"), _fin=pl.col("fin"))
    held = taken.select(*_RANGE, _prise=pl.col("debut"), _rendue=pl.col("fin"))
    # Each booking closes the part before it; a last line, at the range's end, closes the last part.
    ends = ranges.select(*_RANGE, _prise=pl.col("fin"), _rendue=pl.col("fin"))
    marks = pl.concat([held.join(ranges.select(_RANGE), on=_RANGE, how="semi"), ends]).sort(*_RANGE, "_prise")
    before = pl.col("_rendue").cum_max().shift(1).over(_RANGE)
    return (
        marks.with_columns(_avant=before)
        .join(ranges, on=_RANGE)
        .with_columns(_debut=pl.coalesce("_avant", "debut"), _fin=pl.min_horizontal("_prise", "fin"))
        .filter(pl.col("_fin") > pl.col("_debut"))
        .drop("_avant", "_prise", "_rendue")
    )


def _shared(ranges: pl.DataFrame, absences: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    key = [*_RANGE]
    clipped = (
        ranges.select(*key, "identifiant", "lieu", "debut", "fin")
        .join(absences, on="identifiant", suffix="_a")
        .filter(
            pl.col("lieu_a").is_null() | (pl.col("lieu_a") == pl.col("lieu")),
            pl.col("debut_a") < pl.col("fin"),
            pl.col("fin_a") > pl.col("debut"),
        )
        .with_columns(_prise=pl.max_horizontal("debut", "debut_a"), _rendue=pl.min_horizontal("fin", "fin_a"))
    )
    pieces = _pieces(ranges, clipped.select(*key, debut="_prise", fin="_rendue"))
    open_ = pieces.group_by(key).agg(
        _libres=(pl.col("_fin") - pl.col("_debut")).dt.total_minutes().sum(),
        _ouvre=pl.col("_debut").min(),
        _ferme=pl.col("_fin").max(),
    )
    used = taken.group_by(key).agg(_pris=pl.len().cast(pl.Int64))
    length = (pl.col("fin") - pl.col("debut")).dt.total_minutes()
    return (
        ranges.join(open_, on=key)
        .join(used, on=key, how="left")
        .with_columns(capacite=(pl.col("capacite") * pl.col("_libres")) // length)
        .with_columns(
            restantes=(pl.col("capacite") - pl.col("_pris").fill_null(0)).clip(lower_bound=0),
            debut=pl.col("_ouvre"),
            fin=pl.col("_ferme"),
            genre=pl.lit("plage"),
        )
        .select(_COLUMNS)
    )
