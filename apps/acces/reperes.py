"""Names that the lake knows, for the forms of the front door: regions, départements, software editors."""

from __future__ import annotations

import streamlit as st

from apps.kit.data.data import open_lake
from apps.kit.style.french import listing
from lake.catalog.segur import CUMULS_EDITEURS
from lake.catalog.territoires import DEPARTEMENTS, REGIONS
from lake.contract import Table
from lake.droits import UNIVERS, Droits
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


def droits_in_words(droits: Droits) -> str:
    """What rights open, in one French sentence that names territories."""
    said = [listing([UNIVERS[name] for name in UNIVERS if name in droits.univers]) or "aucun univers"]
    for label, values, names in (
        ("régions", droits.regions, regions_known),
        ("départements", droits.departements, departements_known),
        ("éditeurs", droits.editeurs, dict[str, str]),
    ):
        if values is not None:
            known = names()
            said.append(
                f"{label} : {listing(sorted(known.get(code, code) for code in values)) or 'aucun en détail'}"
            )
    if droits.regions is not None and droits.agreges:
        said.append("autres régions : chiffres agrégés")
    return " ; ".join(said)


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
