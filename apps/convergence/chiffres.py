"""The questions that Convergence's pages ask: rates by dimensions, counts, rows, and the campaign's own lists.

Each is one call of :meth:`apps.kit.data.view.View.query` or :meth:`~apps.kit.data.view.View.detail`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from apps.kit.data.kept import OfFrame
from apps.kit.data.view import View
from scoring.universes.convergence import CONVERGENCE, VOLET
from scoring.universes.convergence_listes import CRITERES, SERVICES_DECLARES
from scoring.universes.model import Universe
from scoring.universes.selection import Selection

TAUX, NIVEAU = "taux_maturite_pct", "niveau_maturite"
MEASURES = ("services_concernes", TAUX, NIVEAU)
CLE = pl.format("{}-{}", "questionnaire", "axe").alias("cle")
"""The key of an axis (``QU-A05``): its code may stand in two questionnaires."""
of_rows = OfFrame(256)
"""Lists of the campaign, which each view and each option of a page reads."""


def volet(selection: Selection) -> str:
    """The side selected."""
    return next(iter(selection.values("volet")), VOLET)


def rates(
    view: View,
    *by: str,
    horizon: str = "",
    at: date | None = None,
    perimetre: str = "",
    retard: str = "",
    code: str = "",
) -> pl.DataFrame:
    """Services, rates and levels by questionnaire and these dimensions (``region`` by its code).

    Args:
        view: the page, under the selection to count.
        by: dimensions.
        horizon: a quarter; empty at date.
        at: another campaign than the one shown.
        perimetre: the scope; that of the publication by default.
        retard: the delay of a milestone (``J02:8``).
        code: only this questionnaire.
    """
    asked = ["code_region" if name == "region" else name for name in dict.fromkeys(("questionnaire", *by))]
    said = {"horizon": horizon, "perimetre": perimetre, "retard": retard}
    found = view.on(CONVERGENCE).query(MEASURES, asked, at=at, parameters=said)

    def make() -> pl.DataFrame:
        rows = found.rename({"code_region": "region"}, strict=False)
        return rows.filter(pl.col("questionnaire") == code) if code else rows

    return of_rows.made(found, ("taux", code), make)


def count(view: View, measure: str, universe: Universe = SERVICES_DECLARES, **parameters: str) -> int:
    """One count under the selection. Every count of the universe is asked at once: the others come for free."""
    names = [one.name for one in universe.measures]
    found = view.on(universe).query(names, parameters=parameters)
    return int(found[measure].item() or 0)


def listed(view: View, universe: Universe, **parameters: str) -> pl.DataFrame:
    """The rows of a universe that the reader may see one by one."""
    return view.on(universe).detail(parameters=parameters)


def criteres(view: View, horizon: str = "") -> pl.DataFrame:
    """The campaign's criteria in the referential's order, with ``cle``, the key of their axis."""
    side = view.on(CRITERES, view.selection.only(("volet",)))
    rows = side.detail(parameters={"horizon": horizon})
    return of_rows.made(rows, "cle", lambda: rows.with_columns(CLE))


def questionnaires(view: View) -> dict[str, str]:
    """Code -> name of each questionnaire, in the referential's order."""
    return _pairs(criteres(view), "questionnaire", "libelle_questionnaire")


def axes(view: View, questionnaire: str = "") -> dict[str, str]:
    """``QU-A05`` -> « A05 · Moyens d'authentification », in the referential's order."""
    return _pairs(criteres(view), "cle", ("axe", "libelle_axe"), {"questionnaire": questionnaire})


def criteria(view: View, axis: str = "") -> dict[str, str]:
    """Code -> « A05.1 · … » of each criterion (of one axis, by its key), in the referential's order."""
    return _pairs(criteres(view), "critere", ("critere", "libelle_critere"), {"cle": axis})


def _pairs(
    rows: pl.DataFrame, code: str, text: str | tuple[str, str], of: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Code -> text of rows, those where each column of ``of`` has its value (an empty one is not looked at)."""
    wanted = {column: value for column, value in (of or {}).items() if value}

    def make() -> dict[str, str]:
        texte = pl.col(text) if isinstance(text, str) else pl.format("{} · {}", *text)
        kept = rows.filter(*(pl.col(column) == value for column, value in wanted.items()))
        return dict(kept.select(code, texte=texte).unique(maintain_order=True).iter_rows())

    return dict(of_rows.made(rows, (code, text, *wanted.items()), make))


def quarters(view: View) -> list[str]:
    """The quarters of the projections of the campaign shown; none without campaign."""
    return list(view.data.choices(CONVERGENCE, "trimestre", view.date)["code"]) if view.date else []


def ends(view: View) -> list[str]:
    """The quarters that end a year."""
    return [one for one in quarters(view) if one.endswith("T4")]


def elsewhere(view: View) -> View:
    """The page without its region: what a region is compared with."""
    return view.on(selection=view.selection.without("region"))


def nation(view: View) -> View | None:
    """All regions beside the one chosen; None where none is, or where the reader may not know the whole."""
    if not view.selection.values("region"):
        return None
    whole = elsewhere(view)
    narrowed = whole.on(CONVERGENCE).portee(["services_concernes"], ["questionnaire"])
    return whole if narrowed is None else None


def cohort(view: View) -> View:
    """Services like those selected, in every region: of the same types."""
    types = view.on(SERVICES_DECLARES).query(["services_publies"], ["type_service"])
    kept = types.filter(pl.col("services_publies") > 0)["type_service"].drop_nulls().to_list()
    return view.on(selection=view.selection.without("region").with_filter("type_service", kept))


def regions(view: View) -> list[str]:
    """Codes of the regions that declare a service, whatever the filters; none on the vendors' side."""
    side = view.on(SERVICES_DECLARES, view.selection.only(("volet",)))
    return side.query(["services_declares"], ["code_region"])["code_region"].drop_nulls().to_list()
