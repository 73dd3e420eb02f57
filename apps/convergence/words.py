"""What Convergence's pages say of a selection, in French."""

from __future__ import annotations

import polars as pl
import streamlit as st

from apps.kit.data import state
from apps.kit.data.view import View
from apps.kit.style import french
from lake.catalog.convergence import trimestre_fin
from lake.catalog.convergence_pos import ZONES
from lake.catalog.territoires import REGIONS
from lake.errors import MissingTable


def quarter(value: str) -> str:
    """« T4 2022 »."""
    return f"{value[5:]} {value[:4]}"


def at(horizon: str) -> str:
    """« fin décembre 2022 », or « à la date de la campagne »."""
    return f"fin {french.month(trimestre_fin(horizon))}" if horizon else "à la date de la campagne"


def where(view: View) -> str:
    """The regions chosen, else the whole of what is declared."""
    chosen = view.selection.values("region")
    if chosen:
        return french.listing(view.word("region", code) for code in chosen)
    return (
        "Ensemble des éditeurs"
        if view.selection.values("volet") == ("industriels",)
        else "Ensemble des régions"
    )


def services(view: View, count: int | None) -> str:
    """« 299 services », or « 98 produits » on the vendors' side."""
    products = view.selection.values("volet") == ("industriels",)
    return french.counted(count or 0, "produit" if products else "service")


def region_names(view: View) -> dict[str, str]:
    """Region code -> name."""
    try:
        return dict(view.data.frame(REGIONS).select("code_region", "region").iter_rows())
    except MissingTable:
        return {}


def region_named(view: View, frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``nom_region`` to a frame that has region codes."""
    code = pl.col("region")
    return frame.with_columns(
        nom_region=code.replace_strict(region_names(view), default=code, return_dtype=pl.String)
    )


def domain(code: str | None) -> str:
    """« 6.5 Télésanté »."""
    return f"{code} {ZONES.get(code, '')}".strip() if code else "Sans domaine"


def rate(value: float | None) -> str:
    """« 78,8 % »."""
    return french.percent(value)


def level(value: float | None) -> str:
    """« 1,69 / 3 »."""
    return french.out_of(value, 3)


def address(view: View, page: str, **params: str) -> str:
    """The address of another page of the application, with what carries over and these parameters."""
    from urllib.parse import urlencode

    here = st.context.url
    path = here.split("?")[0].rstrip("/").rsplit("/", 1)[-1] if isinstance(here, str) else ""
    prefix = path.removesuffix(view.scope.name) if path.endswith(view.scope.name) else ""
    carried = state.State(view.selection).to_params()
    query = urlencode({**carried, **{name: [value] for name, value in params.items() if value}}, doseq=True)
    return f"{prefix}{page}?{query}" if query else f"{prefix}{page}"


def spoke(code: str, name: str) -> str:
    """An axis on a radar, on two lines: its code, then what tells it from the others (« modélisation »)."""
    inside = name.partition("(")[2].rstrip(")")
    short = inside or name
    return f"{code}\n{short if len(short) <= 26 else short[:25] + '…'}"
