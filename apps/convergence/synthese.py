"""« Synthèse »: where a region, or all of them, stands against the doctrine, today and as planned."""

from __future__ import annotations

import polars as pl

from apps.convergence.chiffres import (
    MEASURES,
    NIVEAU,
    TAUX,
    cohort,
    count,
    criteres,
    elsewhere,
    nation,
    questionnaires,
    rates,
)
from apps.convergence.choix import HORIZON, QUESTIONNAIRE, shared_filters
from apps.convergence.galerie import PLACES, SERIES, Outlines, Regions, scope
from apps.convergence.vues import SCORES, Serie, by_region, rate_box
from apps.convergence.words import at, like, place, rate, services, where
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from apps.kit.views.own import ROWS, WORDS, Rows
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Format


def question(view: View) -> str:
    """« Où en est Grand Est face à la doctrine ? »"""
    return f"Où en est-on face à la doctrine ? {place(view)}"


def reading(view: View) -> str:
    """The rates of the questionnaires, in one sentence."""
    horizon = HORIZON.chosen(view)
    found = dict(rates(view, horizon=horizon).select("questionnaire", TAUX).iter_rows())
    if not found:
        return "Aucun service ne répond à cette sélection."
    names = questionnaires(view)
    said = french.listing(f"{rate(found[code])} ({names[code].lower()})" for code in names if code in found)
    return f"{where(view)}, {at(horizon)} : taux de maturité de {said}, sur {services(view, scope(view, horizon))}."


def figures(view: View) -> Figures:
    """Rate, level and services of each questionnaire; how many services converge."""
    horizon = HORIZON.chosen(view)
    now = {row["questionnaire"]: row for row in rates(view, horizon=horizon).iter_rows(named=True)}
    known: dict[str, float] = {}
    since = "d'ici là" if horizon else f"depuis le {french.long_date(view.before)}"
    if horizon or view.before is not None:
        then = rates(view) if horizon else rates(view, at=view.before)
        known = dict(then.select("questionnaire", TAUX).iter_rows())
    whole: dict[str, float] = {}
    if (everyone := nation(view)) is not None:
        everywhere = rates(everyone, horizon=horizon)
        whole = dict(everywhere.select("questionnaire", TAUX).iter_rows())
    items = [
        rate_box(view, f"{name} ({code})", now.get(code, {}), known.get(code), since, whole.get(code))
        for code, name in questionnaires(view).items()
    ]
    common = services(view, count(view, "services_tronc_commun"))
    items.append(
        Figure(
            "Convergent",
            french.number(count(view, "services_convergents")),
            reference=f"sur {common} du tronc commun ; les autres seront décommissionnés",
        )
    )
    return Figures(items[:4])


@SERIES("comparaison")
def compared(view: View) -> Serie | None:
    """What the reader compares with: all regions, or the services of the same types."""
    other = view.option(COMPARE.name)
    if other == "national":
        return SERIES["regions"](view)  # type: ignore[no-any-return]
    if other == "cohorte":
        like_them = cohort(view)
        return Serie(like(like_them, "Services des mêmes types"), like_them, HORIZON.chosen(view))
    return None


@ROWS("synthese.axes")
def every_axis(view: View) -> pl.DataFrame:
    """Every axis: services, rate, level; in a projection, where the plans lead."""
    horizon, key = HORIZON.chosen(view), ["questionnaire", "axe"]
    labels = criteres(view).select(*key, "libelle_axe").unique(maintain_order=True)
    rows = labels.join(rates(view, "axe"), on=key, maintain_order="left")
    if not horizon:
        return rows
    later = rates(view, "axe", horizon=horizon).select(*key, taux_projete=TAUX, niveau_projete=NIVEAU)
    rows = rows.join(later, on=key, how="left", maintain_order="left")
    return rows.with_columns(ecart=pl.col("taux_projete") - pl.col(TAUX))


WORDS["projection_partielle"] = lambda s: (
    "La projection ne compte que les services qui convergent." if HORIZON.chosen(s.view) else ""
)
PLACES["questionnaire"] = lambda view, horizon: by_region(
    elsewhere(view), horizon, QUESTIONNAIRE.chosen(view)
)
OUTLINES = ("date", "horizon", "comparaison")
COMPARE = Option(
    "comparer",
    "Comparer avec",
    {"aucun": "Rien", "national": "Toutes les régions", "cohorte": "Mêmes types"},
)
RATES = Outlines(TAUX, OUTLINES, "Taux par axe : {questionnaire}", "{extremes}", "{services}")
LEVELS = Outlines(NIVEAU, OUTLINES, "Niveau par axe", "{extremes}", "{services}")
AXES = Rows(
    "synthese.axes",
    (
        Column("questionnaire", "Questionnaire"),
        Column("axe", "Axe"),
        Column("libelle_axe", "Nom"),
        *SCORES,
        Column("taux_projete", "Taux projeté", Format.PERCENT, help="{horizon}"),
        Column("ecart", "Écart", Format.PERCENT, change=True),
        Column("niveau_projete", "Niveau projeté", Format.DECIMAL, decimals=2),
    ),
    "Axe par axe",
    ("axe",),
    "{projection_partielle}",
    measures=MEASURES,
)
REGIONS = Regions("questionnaire", ("horizon",), "Les régions, {moment}", "{etendue}", "taux de maturité")

SYNTHESE = Page(
    name="synthese",
    title="Synthèse",
    question=question,
    reading=reading,
    universe=CONVERGENCE,
    filters=shared_filters(COMPARE, horizon=True),
    figures=figures,
    rows=(
        (Block("taux", RATES, options=(QUESTIONNAIRE,)), Block("niveaux", LEVELS)),
        (Block("axes", AXES, 1.4), Block("regions", REGIONS)),
    ),
)
