"""Names that the lake knows, for the forms of the front door: regions, départements, software editors."""

from __future__ import annotations

import streamlit as st

from apps.kit.data import open_lake
from lake.catalog.segur import CUMULS_EDITEURS
from lake.catalog.territoires import DEPARTEMENTS, REGIONS
from lake.contract import Table
from lake.errors import LakeError


def regions_known() -> dict[str, str]:
    """INSEE code -> name of the regions, by name; empty where the lake has none yet."""
    return _names(REGIONS, "code_region", "region")


def departements_known() -> dict[str, str]:
    """Code -> name of the départements, by code; empty where the lake has none yet."""
    return dict(sorted(_names(DEPARTEMENTS, "code_departement", "departement").items()))


def editors_known() -> list[str]:
    """The software editors of the Ségur figures; an industrial's organisation is one of them, to the letter."""
    return sorted(_names(CUMULS_EDITEURS, "editeur", "editeur"))


def _names(table: Table, code: str, name: str) -> dict[str, str]:
    lake = open_lake()
    try:
        version = lake.version(table)
        return (
            {} if version is None else dict(_read(lake.root, table.name, version, code, name, _table=table))
        )
    except LakeError:
        return {}


@st.cache_resource(show_spinner=False, max_entries=12)
def _read(root: str, name: str, version: int, code: str, label: str, *, _table: Table) -> dict[str, str]:
    del root, name  # they only tell one lake's table from another's
    columns = list(dict.fromkeys((code, label)))
    frame = open_lake().scan(_table, version).select(columns).unique().drop_nulls().sort(label).collect()
    return dict(zip(frame[code].to_list(), frame[label].to_list(), strict=True))
