"""Two territories that a SAS of the demonstration names, so that pilots find « CPTS … » among their filters."""

from __future__ import annotations

import polars as pl

from lake.catalog.territoires import COMMUNES, EPCI
from lake.errors import MissingTable
from lake.store.engine import Store
from lake.store.sas import territoires
from lake.store.sas.territoires import Territoire
from lake.tables import Lake

SAS = "SAS-54"
"""The SAS of the demonstration's administrator."""
_TWO = 2


def nommer(store: Store, lake: Lake) -> list[str]:
    """Name the two most populated EPCI of a SAS as CPTS would be; what is named already is left alone.

    Returns:
        Their names, the most populated first; empty where the lake has no communes, or something is named.
    """
    if territoires.lister(store):
        return []
    try:
        communes = (
            lake.scan(COMMUNES)
            .filter(pl.col("code_departement") == SAS.removeprefix("SAS-"))
            .select("code_commune", "siren_epci", "population")
            .drop_nulls("siren_epci")
            .collect()
        )
        names = lake.scan(EPCI).select("siren_epci", "epci").collect()
    except MissingTable:
        return []
    chosen = (
        communes.group_by("siren_epci")
        .agg(pl.col("population").sum(), pl.col("code_commune").sort())
        .join(names, on="siren_epci")
        .sort("population", "siren_epci", descending=[True, False])
        .head(_TWO)
    )
    made = []
    for epci, codes in chosen.select("epci", "code_commune").iter_rows():
        name = f"CPTS {epci.removeprefix('CA ').removeprefix('CC ')}"[:60].strip()
        territoires.garder(store, Territoire(0, SAS, name, tuple(codes)), auteur="démonstration")
        made.append(name)
    return made
