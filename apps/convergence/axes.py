"""« Axes »: one axis of the doctrine: what it measures, who is concerned, where the plans lead."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from apps.convergence.appuis import IMPROVEMENTS, MILESTONES
from apps.convergence.chiffres import (
    CLE,
    MEASURES,
    NIVEAU,
    TAUX,
    axes,
    count,
    criteres,
    elsewhere,
    ends,
    listed,
    nation,
    quarters,
    rates,
)
from apps.convergence.choix import AXIS, HORIZON, Listed, shared_filters
from apps.convergence.galerie import MOMENTS, PLACES, Plans, Regions
from apps.convergence.vues import MEASURE, SCORES, by_region, scale_of
from apps.convergence.words import address, at, bounds, level, quarter, rate, services, where, whole_rate
from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.levels import level_word, levels
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from apps.kit.style.worded import worded
from apps.kit.views.own import ROWS, WORDS, Rows, Shown
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.convergence_listes import REPONSES_DONNEES
from scoring.universes.model import Format


def chosen(view: View) -> tuple[str, str]:
    """The questionnaire and the code of the axis shown."""
    questionnaire, _, axe = AXIS.chosen(view).partition("-")
    return questionnaire, axe


def of_axis(view: View, horizon: str = "", at: date | None = None) -> dict[str, Any]:
    """The axis' figures under the selection; empty when nobody answered."""
    found = rates(view, "axe", horizon=horizon, at=at).filter(AXIS.chosen(view) == CLE)
    return found.row(0, named=True) if found.height else {}


def scope_of_axis(view: View, horizon: str = "") -> int:
    """How many services the axis is put to: the axes of the regional systems are not for the others."""
    if chosen(view)[0] == "QR":
        return count(view, "systemes_regionaux")
    return count(view, "services_convergents" if horizon else "services_tronc_commun")


def question(view: View) -> str:
    """« Où en est l'axe A05 · Moyens d'authentification ? »"""
    return f"Où en est l'axe {axes(view).get(AXIS.chosen(view), '')} ?{bounds(view)}"


def reading(view: View) -> str:
    """Rate, level, who is concerned, where the plans lead."""
    now, steps = of_axis(view), quarters(view)
    if not now:
        return f"{where(view)} : aucun service n'a répondu à cet axe."
    later = of_axis(view, steps[-1]) if steps else {}
    said = (
        f"{where(view)} : {services(view, now['services_concernes'])} sur "
        f"{french.number(scope_of_axis(view))} sont concernés ; taux de {rate(now[TAUX])}, "
        f"niveau {level(now[NIVEAU])}."
    )
    if not later:
        return said
    return f"{said} Les plans mènent à {rate(later[TAUX])} {at(steps[-1])}."


def figures(view: View) -> Figures:
    """Services, rate, level, with their change since the campaign before, or until the horizon."""
    horizon = HORIZON.chosen(view)
    row, old = of_axis(view, horizon), {}
    if horizon:
        old = of_axis(view)
    elif view.before is not None:
        old = of_axis(view, at=view.before)
    whole = nation(view)
    since = "depuis la campagne" if horizon else f"depuis le {french.long_date(view.before)}"

    def box(measure: str, label: str, written: str, shape: Format, decimals: int, **more: Any) -> Figure:
        moved = None
        if old and row:
            moved = french.change(row[measure], old[measure], shape, since=since, decimals=decimals)
        return Figure(label, written, moved, help=CONVERGENCE.measure(measure).definition, **more)

    return Figures(
        [
            Figure(
                "Services concernés",
                french.number(row.get("services_concernes")),
                reference=f"sur {services(view, scope_of_axis(view, horizon))}",
                help=CONVERGENCE.measure("services_concernes").definition,
            ),
            box(
                TAUX, "Taux de maturité", rate(row.get(TAUX)), Format.PERCENT, 1,
                reference="" if whole is None else whole_rate(of_axis(whole, horizon).get(TAUX)),
                link=("Comment ce taux est-il fait ?", address(view, "formule", axe=AXIS.chosen(view))),
            ),
            box(NIVEAU, "Niveau de maturité", level(row.get(NIVEAU)), Format.DECIMAL, 2),
        ]
    )  # fmt: skip


def distribution(view: View) -> Chart:
    """How many services are at each level of each criterion of the axis."""
    rows = listed(view, REPONSES_DONNEES, horizon=HORIZON.chosen(view)).filter(AXIS.chosen(view) == CLE)
    label = pl.format("{} · {}", "critere", "libelle_critere")
    frame = (
        rows.group_by("critere", "niveau", "sens", "ordre", libelle=label, attendu="niveau_attendu")
        .agg(services=pl.len().cast(pl.Int64))
        .sort("ordre", "niveau", nulls_last=False)
    )
    below = int(frame.filter(pl.col("niveau") < pl.col("attendu"))["services"].sum())
    counted = int(frame.drop_nulls("niveau")["services"].sum())
    return Chart(
        levels(frame, "libelle") if frame.height else {},
        Table(
            frame.pipe(worded, level_word, "niveau", "mot", nulls=True),
            (
                Column("libelle", "Critère"),
                Column("mot", "Niveau"),
                Column("sens", "Ce que le niveau veut dire"),
                Column("services", "Services", Format.INTEGER),
                Column("attendu", "Niveau attendu", Format.INTEGER),
            ),
        ),
        title="Quels niveaux, critère par critère ?",
        reading=f"{french.number(below)} réponses sur {french.number(counted)} sont sous le niveau attendu, "
        f"{at(HORIZON.chosen(view))}.",
        counted=f"{french.number(int(frame['services'].sum()))} réponses",
        measures=("niveau_maturite",),
    )


@ROWS("axes.criteres")
def expected(view: View) -> pl.DataFrame:
    """The criteria: what is expected, and where they stand."""
    horizon = HORIZON.chosen(view)
    known = criteres(view, horizon).filter(pl.col("cle") == AXIS.chosen(view))
    now = rates(view, "critere", horizon=horizon)
    rows = known.join(now, on=["questionnaire", "critere"], how="left", maintain_order="left")
    return rows.with_columns(pl.col("services_concernes").fill_null(0))


@WORDS("plateau")
def plateau(shown: Shown) -> str:
    """Where the plateau of the plans begins."""
    if shown.frame.height < 2:
        return ""
    # The highest first, and of those the earliest: where the plateau begins.
    highest = shown.frame.sort(pl.col(shown.measure).round(9), "horizon", descending=[True, False])
    best = highest.row(0, named=True)
    value = scale_of(shown.measure).write(best[shown.measure])
    return f"Le plateau, {value}, est atteint fin {french.month(best['horizon'])}."


def _dates(view: View) -> dict[str, str]:
    """The dates of the maps: the campaign's own (``date``), then each end of year of the projections."""
    return {"date": "À date", **{one: quarter(one) for one in ends(view)}}


def _then(view: View) -> dict[str, str]:
    """The same dates, two years ahead first."""
    known = _dates(view)
    keys = list(known)
    ahead = keys[3:] + keys[:3] if len(keys) > 3 else keys[::-1]
    return {key: known[key] for key in ahead}


DATE = Listed("carte", "Première carte", choices=_dates)
THEN = Listed("puis", "Seconde carte", choices=_then)


@PLACES("axe")
def regions_at(view: View, horizon: str) -> pl.DataFrame:
    """The axis in every region at a quarter."""
    questionnaire, axe = chosen(view)
    return by_region(elsewhere(view), horizon, questionnaire, "axe").filter(pl.col("axe") == axe)


@WORDS("regions_pleines")
def full(shown: Shown) -> str:
    """How many regions are at 100 %."""
    reached = shown.frame.filter(pl.col(TAUX) >= 99.95).height
    return f"{french.counted(reached, 'région')} à 100 % sur {shown.frame.height}."


WORDS["services_convergents"] = lambda s: (
    f"{services(s.view, scope_of_axis(s.view, 'projection'))} qui convergent"
)
MOMENTS["carte"] = lambda view: DATE.chosen(view).removeprefix("date")
MOMENTS["puis"] = lambda view: THEN.chosen(view).removeprefix("date")
EXPECTED = Rows(
    "axes.criteres",
    (
        Column("critere", "Critère"),
        Column("libelle_critere", "Ce qu'il mesure"),
        Column("niveau_attendu", "Attendu", Format.INTEGER),
        Column("poids", "Poids", Format.DECIMAL),
        *SCORES,
    ),
    "Que mesure cet axe ?",
    ("critère",),
    measures=MEASURES,
)
PROJECTION = Plans(
    ("region", "regions"), "Où mènent les plans ?", MEASURE, "{plateau}", "{services_convergents}", axis=True
)
REGIONS = Regions(
    "axe", ("carte", "puis"), "Les régions, {moment}", "{regions_pleines}", "taux de maturité de l'axe"
)

AXES_PAGE = Page(
    name="axes",
    title="Axes",
    question=question,
    reading=reading,
    universe=CONVERGENCE,
    filters=(AXIS, *shared_filters(horizon=True)),
    figures=figures,
    rows=(
        Block("niveaux", distribution),
        Block("criteres", EXPECTED),
        (Block("projection", PROJECTION, options=(MEASURE,)), Block("dependances", MILESTONES)),
        (
            Block("regions", REGIONS, options=(DATE,)),
            Block("regions-puis", replace(REGIONS, moments=("puis", "carte")), options=(THEN,)),
        ),
        Block("ameliorations", IMPROVEMENTS),
    ),
)
