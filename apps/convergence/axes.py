"""« Axes »: one axis of the doctrine: what it measures, who is concerned, where the plans lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from apps.convergence.appuis import improvements, milestones
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
from apps.convergence.territoires import region_map, without_regions
from apps.convergence.vues import (
    MEASURE,
    SCORES,
    WHOLE_RATE,
    Serie,
    by_region,
    curve,
    curve_chart,
    scale_of,
)
from apps.convergence.words import address, at, bounds, level, quarter, rate, services, where, whole_rate
from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.levels import level_word, levels
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.maps.maps import Map, classify
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from apps.kit.style.worded import worded
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


def expected(view: View) -> Table:
    """The criteria: what is expected, and where they stand."""
    horizon = HORIZON.chosen(view)
    known = criteres(view, horizon).filter(pl.col("cle") == AXIS.chosen(view))
    now = rates(view, "critere", horizon=horizon)
    rows = known.join(now, on=["questionnaire", "critere"], how="left", maintain_order="left")
    return Table(
        rows.with_columns(pl.col("services_concernes").fill_null(0)),
        (
            Column("critere", "Critère"),
            Column("libelle_critere", "Ce qu'il mesure"),
            Column("niveau_attendu", "Attendu", Format.INTEGER),
            Column("poids", "Poids", Format.DECIMAL),
            *SCORES,
        ),
        title="Que mesure cet axe ?",
        counted=french.counted(rows.height, "critère"),
        measures=MEASURES,
    )


def projection(view: View) -> Chart:
    """The axis' curve by quarter; a chosen region against all."""
    measure, name = view.option("mesure"), where(view)
    series = [Serie(name, view)]
    if (whole := nation(view)) is not None:
        series.append(Serie("Toutes les régions", whole))
    rows = curve(series, "axe").filter(AXIS.chosen(view) == CLE)
    own = rows.filter(pl.col("serie") == name)
    said = ""
    if own.height > 1:
        # The highest first, and of those the earliest: where the plateau begins.
        best = own.sort(pl.col(measure).round(9), "horizon", descending=[True, False]).row(0, named=True)
        plateau = scale_of(measure).write(best[measure])
        said = f"Le plateau, {plateau}, est atteint fin {french.month(best['horizon'])}."
    counted = f"{services(view, scope_of_axis(view, 'projection'))} qui convergent"
    return curve_chart(rows, measure, title="Où mènent les plans ?", reading=said, counted=counted)


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


def regions_at(view: View, horizon: str, shared: Sequence[str]) -> Map | Chart:
    """The axis in every region at a date; the maps of the dates in ``shared`` have one legend."""
    questionnaire, axe = chosen(view)

    def rows_at(one: str) -> pl.DataFrame:
        return by_region(elsewhere(view), one, questionnaire, "axe").filter(pl.col("axe") == axe)

    classes = classify(pl.concat(rows_at(one) for one in shared)[TAUX], WHOLE_RATE)
    rows = rows_at(horizon)
    reached = rows.filter(pl.col(TAUX) >= 99.95).height
    return region_map(
        view,
        rows,
        TAUX,
        WHOLE_RATE,
        classes,
        Table(rows, (Column("nom_region", "Région"), *SCORES)),
        title=f"Les régions, {at(horizon)}",
        reading=f"{french.counted(reached, 'région')} à 100 % sur {rows.height}.",
        counted=french.counted(rows.height, "région"),
        measures=(TAUX,),
        unit="taux de maturité de l'axe",
    )


def _map(view: View, rank: int) -> Map | Chart | Note:
    dates = ["" if one == "date" else one for one in (DATE.chosen(view), THEN.chosen(view))]
    return without_regions(view) or regions_at(view, dates[rank], dates)


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
        Block("criteres", expected),
        (
            Block("projection", projection, options=(MEASURE,)),
            Block("dependances", lambda view: milestones(view, AXIS.chosen(view))),
        ),
        (
            Block("regions", lambda view: _map(view, 0), options=(DATE,)),
            Block("regions-puis", lambda view: _map(view, 1), options=(THEN,)),
        ),
        Block("ameliorations", lambda view: improvements(view, AXIS.chosen(view))),
    ),
)
