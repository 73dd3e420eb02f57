"""What Convergence's pages say of a selection, in French."""

from __future__ import annotations

import polars as pl
import streamlit as st

from apps.kit.data import state
from apps.kit.data.view import View
from apps.kit.style import french
from apps.kit.views.words import YOURS as YOURS
from lake.catalog.convergence import trimestre_fin
from lake.catalog.convergence_pos import ZONES
from lake.catalog.territoires import REGIONS
from lake.errors import MissingTable
from scoring.universes.convergence import CONVERGENCE


def quarter(value: str) -> str:
    """« T4 2022 »."""
    return f"{value[5:]} {value[:4]}"


def at(horizon: str) -> str:
    """« fin décembre 2022 », or « à la date de la campagne »."""
    return f"fin {french.month(trimestre_fin(horizon))}" if horizon else "à la date de la campagne"


def own_regions(view: View) -> frozenset[str] | None:
    """The regions of a reader who sees no other's detail; None for whoever sees them all."""
    droits = view.data.access.lecture.droits
    return None if droits is None else droits.regions


def where(view: View, *by: str) -> str:
    """The regions chosen, else the whole of what is declared; where rights narrow it, what they narrow it to.

    Args:
        view: what the page shows.
        by: the dimensions of the figures that are named so: the finer they are, the less is open of other regions.
    """
    chosen = view.selection.values("region")
    if chosen:
        return french.listing(view.word("region", code) for code in chosen)
    narrowed = view.on(CONVERGENCE).portee(["services_concernes"], by)
    if narrowed is not None:
        return narrowed.seulement
    if view.selection.values("volet") == ("industriels",):
        return "Ensemble des éditeurs"
    return "Ensemble des régions"


def place(view: View, *by: str) -> str:
    """:func:`where` in a title: « Grand Est, votre périmètre » where the reader's rights bound it."""
    name, own, chosen = where(view, *by), own_regions(view), view.selection.values("region")
    if chosen:
        return f"{name}{YOURS}" if own is not None and set(chosen) <= own else name
    return name if name.startswith("Ensemble") else f"{name}{YOURS}"


def bounds(view: View, *by: str) -> str:
    """What a title adds where the reader's rights bound it: « Grand Est, votre périmètre »; empty elsewhere."""
    return f" {named}" if (named := place(view, *by)).endswith(YOURS) else ""


def within(view: View, *by: str) -> View:
    """The page within the regions that a reader sees so finely; the page itself for whoever sees them all.

    A page whose figures are finer than what is open of other regions is all about the reader's own: its title, its
    key figures and its views count the same services. What was left out is told under each view.
    """
    own = own_regions(view)
    if own is None or view.selection.values("region"):
        return view
    asked = view.on(CONVERGENCE)
    if asked.portee(["services_concernes"], by) is None:
        return view
    asked.query(["services_concernes"], by)  # told under the view: what is narrowed is never silent
    return view.on(selection=view.selection.with_filter("region", sorted(own)))


def whole_rate(value: float | None) -> str:
    """« toutes régions : 78,8 % »: the national reference beside a region's figure; empty when it is not known."""
    return "" if value is None else f"toutes régions : {rate(value)}"


def like(view: View, what: str, *by: str) -> str:
    """A series of services like others, named by the regions that it really holds."""
    narrowed = view.on(CONVERGENCE).portee(["services_concernes"], by)
    return f"{what}, {'toutes régions' if narrowed is None else narrowed.seulement}"


def services(view: View, count: int | None) -> str:
    """« 299 services », or « 98 produits » on the vendors' side."""
    products = view.selection.values("volet") == ("industriels",)
    return french.counted(count or 0, "produit" if products else "service")


def region_names(view: View) -> dict[str, str]:
    """Region code -> name."""

    def read() -> dict[str, str]:
        try:
            return dict(view.data.frame(REGIONS).select("code_region", "region").iter_rows())
        except MissingTable:
            return {}

    names: dict[str, str] = view.data.cached("noms des régions", [REGIONS], read)
    return names


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
