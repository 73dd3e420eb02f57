"""Former communes and former names, and the commune in force that each leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from ingest.source import Parsed
from ingest.sources.territoires.reading import Reading
from ingest.sources.territoires.reference import Territoires
from ingest.sources.territoires.settle import COMMUNE, departement_code, form, rows_of, settle, unreadable
from lake.catalog import territoires as catalog

KEY = ["ancien_code_commune", "ancienne_commune"]


def successors(reference: Territoires, readings: Sequence[Reading], in_force: set[str]) -> dict[str, str]:
    """Former code -> code in force, chains followed; later events win over earlier ones."""
    steps = dict(reference.fusions.select("ancien_code_commune", "code_commune").iter_rows())
    listed = set(rows_of(readings, "communes")["code_commune"])
    rows = rows_of(readings, "fusions").sort("date_effet", nulls_last=False, maintain_order=True)
    steps |= dict(rows.select("ancien_code_commune", "code_commune").drop_nulls().iter_rows())
    alive = in_force | listed
    out: dict[str, str] = {}
    for former in steps:
        if former in alive:
            continue  # a code in force: of another name, or of a commune that was re-established
        code, seen = former, {former}
        while code not in alive and steps.get(code, code) not in seen:
            code = steps[code]
            seen.add(code)
        out[former] = code
    return out


def communes(
    reference: Territoires,
    readings: Sequence[Reading],
    wanted: Sequence[str],
    names: Mapping[str, str],
    merged: Mapping[str, str],
) -> Parsed:
    """The table of former communes and former names.

    Args:
        reference: what is known already.
        readings: the files.
        wanted: codes of the départements whose communes are published.
        names: code -> name of the communes in force.
        merged: result of :func:`successors`.
    """
    in_force = sorted(names)
    settled = settle(
        _led(rows_of(readings, "fusions"), names, merged),
        KEY,
        malformed=[form("ancien_code_commune", COMMUNE, "code de commune")],
        outside=~departement_code("ancien_code_commune").is_in(list(wanted)),
        unfit=[(~pl.col("code_commune").is_in(in_force), "commune actuelle inconnue")],
        broken=unreadable(readings, "fusions"),
    )
    columns = catalog.FUSIONS.columns
    known = _led(reference.fusions, names, merged)
    inside = known.filter(pl.col("code_commune").is_in(in_force))
    every = pl.concat(
        [
            settled.kept.select(*columns, _lu=pl.lit(True)),
            inside.select(*columns, _lu=pl.lit(False)),
        ]
    )
    # A code without a name says nothing beside the same code with one.
    named = pl.col("ancienne_commune") != ""
    useful = every.filter(named | ~named.any().over("ancien_code_commune"))
    frame = useful.unique(KEY, keep="first", maintain_order=True)
    read = frame.filter("_lu").height
    stays = frame.height - read
    outside = reference.fusions.height - inside.height
    return Parsed(
        table=catalog.FUSIONS,
        frame=frame.select(columns).sort(KEY),
        lues=settled.lues + stays + outside,
        doublons=settled.doublons + settled.kept.height - read,
        hors_region=settled.hors_region + outside,
        rejects=settled.rejects,
    )


def _led(rows: pl.DataFrame, names: Mapping[str, str], merged: Mapping[str, str]) -> pl.DataFrame:
    """Former communes and former names with the commune in force that each leads to.

    Left out: a code in force again (the commune was re-established), and a name that is still the commune's.
    """
    rows = rows.with_columns(pl.col("ancienne_commune").fill_null(""))
    code, name = pl.col("ancien_code_commune"), pl.col("ancienne_commune")
    alive = code.is_in(sorted(names)).fill_null(False)
    own = code.replace_strict(dict(names), default=None, return_dtype=pl.String)
    renamed = (code == pl.col("code_commune")) & (name != "") & own.ne_missing(name)
    kept = rows.filter(~alive | renamed.fill_null(False))
    final = code.replace_strict(dict(merged), default=None, return_dtype=pl.String)
    return kept.with_columns(code_commune=pl.when(alive).then(code).otherwise(final))
