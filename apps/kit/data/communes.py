"""Communes and EPCI by their names, as forms offer them: open reference data, nothing counted."""

from __future__ import annotations

import polars as pl

from lake.catalog.territoires import COMMUNES, EPCI
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
