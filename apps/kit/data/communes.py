"""Communes and EPCI by their names, as forms offer them: open reference data, nothing counted."""

from __future__ import annotations

import polars as pl

from lake.catalog.territoires import COMMUNES, EPCI, FUSIONS
from lake.errors import MissingTable
from lake.tables import Lake


def communes(lake: Lake) -> pl.DataFrame:
    """Every commune of the lake, by name: ``code_commune, commune, code_departement, siren_epci``.

    Raises:
        MissingTable: the territories were never published.
    """
    columns = ("code_commune", "commune", "code_departement", "siren_epci")
    return lake.scan(COMMUNES).select(columns).collect().sort("commune", "code_commune")


def epci_of(lake: Lake, among: pl.DataFrame) -> dict[str, tuple[str, list[str]]]:
    """The EPCI of some communes, by name: code -> (name, codes of those communes), empty where none is published.

    Args:
        lake: where they are.
        among: rows of :func:`communes`.
    """
    inside = among.drop_nulls("siren_epci").group_by("siren_epci").agg("code_commune")
    try:
        names = lake.scan(EPCI).select("siren_epci", "epci").collect()
    except MissingTable:
        return {}
    rows = names.join(inside, on="siren_epci").sort("epci", "siren_epci")
    return {code: (name, sorted(codes)) for code, name, codes in rows.iter_rows()}


def successeurs(lake: Lake) -> dict[str, str]:
    """Former commune -> the one that it is part of today, followed from merger to merger; nothing without territories.

    A code that is a commune's today is nobody's former one.
    """
    try:
        steps = dict(lake.scan(FUSIONS).select("ancien_code_commune", "code_commune").collect().iter_rows())
        today = set(lake.scan(COMMUNES).select("code_commune").collect()["code_commune"])
    except MissingTable:
        return {}
    found = {}
    for former in steps:
        code, seen = former, {former}
        while code not in today and steps.get(code) is not None and steps[code] not in seen:
            code = steps[code]
            seen.add(code)
        if code != former and code in today:
            found[former] = code
    return found
