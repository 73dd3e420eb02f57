"""« Axes »: one axis of the doctrine: what it measures, who is concerned, where the plans lead."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from apps.convergence.appuis import improvements, milestones
from apps.convergence.campagne import (
    axes,
    axis_key,
    campagne,
    curve,
    details,
    elsewhere,
    in_publication,
    quarters,
    scored,
)
from apps.convergence.choix import HORIZON, Listed, shared_filters
from apps.convergence.synthese import LEVEL, MEASURES, RATE, WHOLE_RATE
from apps.convergence.territoires import region_map, without_regions
from apps.convergence.words import address, at, level, quarter, rate, services, where, with_region
from apps.kit.charts.charts import Chart, lines
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.levels import level_word, levels
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.maps.maps import Map, classify
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from apps.kit.style.worded import worded
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Format

AXIS = Listed(
    "axe", "Axe", choices=lambda view: dict(sorted(axes(view).items(), key=lambda one: one[0] < "QU"))
)


def name(view: View) -> str:
    """« A05 · Moyens d'authentification »."""
    return axes(view).get(AXIS.chosen(view), "")


def of_axis(view: View, horizon: str = "", *, at: object = None) -> dict[str, object] | None:
    """The axis' figures under the selection; None when nobody answered."""
    rows = scored(view, "axe", horizon, at=at)  # type: ignore[arg-type]
    found = rows.filter(axis_key() == AXIS.chosen(view))
    return found.row(0, named=True) if found.height else None


def scope_of_axis(view: View, horizon: str = "") -> int:
    """How many services the axis is put to: the axes of the regional systems are not for the others."""
    known = campagne(view).referentiel.filter(axis_key() == AXIS.chosen(view))
    return in_publication(view, horizon).filter(pl.col("sujet").is_in(known["sujet"].implode())).height


def question(view: View) -> str:
    """« Où en est l'axe A05 · Moyens d'authentification ? »"""
    return f"Où en est l'axe {name(view)} ?"


def reading(view: View) -> str:
    """Rate, level, who is concerned, where the plans lead."""
    now = of_axis(view)
    if now is None:
        return f"{where(view)} : aucun service n'a répondu à cet axe."
    steps = quarters(view)
    later = of_axis(view, steps[-1]) if steps else None
    scope = scope_of_axis(view)
    said = (
        f"{where(view)} : {services(view, now['services_concernes'])} sur {french.number(scope)} sont concernés ; "  # type: ignore[arg-type]
        f"taux de {rate(now['taux_maturite_pct'])}, niveau {level(now['niveau_maturite'])}."  # type: ignore[arg-type]
    )
    if later is None:
        return said
    return f"{said} Les plans mènent à {rate(later['taux_maturite_pct'])} {at(steps[-1])}."  # type: ignore[arg-type]


def figures(view: View) -> Figures:
    """Services, rate, level, rate at the horizon."""
    horizon = HORIZON.chosen(view)
    row = of_axis(view, horizon) or {}
    before = (
        of_axis(view, at=view.before) if view.before and not horizon else of_axis(view) if horizon else None
    )
    since = "depuis aujourd'hui" if horizon else f"depuis le {french.long_date(view.before)}"
    if horizon:
        since = "depuis la campagne"
    compared = before is not None and bool(row)
    old = before or {}
    total = scope_of_axis(view, horizon)

    def moved(measure: str, shape: Format, decimals: int) -> french.Change | None:
        if not compared:
            return None
        return french.change(row.get(measure), old.get(measure), shape, since=since, decimals=decimals)  # type: ignore[arg-type]

    return Figures(
        [
            Figure(
                "Services concernés",
                french.number(row.get("services_concernes")),  # type: ignore[arg-type]
                reference=f"sur {services(view, total)}",
                help=CONVERGENCE.measure("services_concernes").definition,
            ),
            Figure(
                "Taux de maturité",
                rate(row.get("taux_maturite_pct")),  # type: ignore[arg-type]
                moved("taux_maturite_pct", Format.PERCENT, 1),
                help=CONVERGENCE.measure("taux_maturite_pct").definition,
                link=("Comment ce taux est-il fait ?", address(view, "formule", axe=AXIS.chosen(view))),
            ),
            Figure(
                "Niveau de maturité",
                level(row.get("niveau_maturite")),  # type: ignore[arg-type]
                moved("niveau_maturite", Format.DECIMAL, 2),
                help=CONVERGENCE.measure("niveau_maturite").definition,
            ),
        ]
    )


def spread(view: View) -> pl.DataFrame:
    """How many services are at each level of each criterion of the axis.

    Returns:
        ``critere, libelle, niveau`` (null: does not count), ``services`` (Int64), ``sens``; in the order shown.
    """
    here = campagne(view)
    rows = details(view, HORIZON.chosen(view)).filter(axis_key() == AXIS.chosen(view))
    known = here.referentiel.filter(axis_key() == AXIS.chosen(view)).select(
        "critere",
        "ordre",
        attendu="niveau_attendu",
        libelle=pl.format("{} · {}", "critere", "libelle_critere"),
    )
    return (
        rows.group_by("critere", "niveau")
        .agg(services=pl.len().cast(pl.Int64))
        .join(known.unique("critere", keep="last"), on="critere")
        .join(
            here.niveaux.select("critere", "niveau", sens="libelle_niveau"),
            on=["critere", "niveau"],
            how="left",
        )
        .sort("ordre", "niveau", nulls_last=False)
    )


def distribution(view: View) -> Chart:
    """Levels by criterion."""
    frame = spread(view)
    said = frame.pipe(worded, level_word, "niveau", "mot", nulls=True)
    table = Table(
        said,
        (
            Column("libelle", "Critère"),
            Column("mot", "Niveau"),
            Column("sens", "Ce que le niveau veut dire"),
            Column("services", "Services", Format.INTEGER),
            Column("attendu", "Niveau attendu", Format.INTEGER),
        ),
    )
    below = frame.filter(pl.col("niveau") < pl.col("attendu"))["services"].sum()
    counted = frame.filter(pl.col("niveau").is_not_null())["services"].sum()
    return Chart(
        levels(frame, "libelle"),
        table,
        title="Quels niveaux, critère par critère ?",
        reading=f"{french.number(below)} réponses sur {french.number(counted)} sont sous le niveau attendu, "
        f"{at(HORIZON.chosen(view))}.",
        counted=f"{french.number(frame['services'].sum())} réponses",
        measures=("niveau_maturite",),
    )


def expected(view: View) -> Table:
    """The criteria: what is expected, and where they stand."""
    now = scored(view, "critere", HORIZON.chosen(view))
    known = campagne(view).referentiel.filter(axis_key() == AXIS.chosen(view))
    rows = known.join(now, on=["questionnaire", "critere"], how="left", maintain_order="left")
    return Table(
        rows.with_columns(pl.col("services_concernes").fill_null(0)),
        (
            Column("critere", "Critère"),
            Column("libelle_critere", "Ce qu'il mesure"),
            Column("niveau_attendu", "Attendu", Format.INTEGER),
            Column("poids", "Poids", Format.DECIMAL),
            Column("services_concernes", "Services", Format.INTEGER),
            Column("taux_maturite_pct", "Taux", Format.PERCENT),
            Column("niveau_maturite", "Niveau", Format.DECIMAL, decimals=2),
        ),
        title="Que mesure cet axe ?",
        counted=french.counted(rows.height, "critère"),
        measures=MEASURES,
    )


MEASURE = Option("mesure", "Mesure", {"taux_maturite_pct": "Taux", "niveau_maturite": "Niveau"})


def projection(view: View) -> Chart:
    """The axis' curve by quarter; a chosen region against all."""
    measure = view.option("mesure")
    scale = RATE if measure == "taux_maturite_pct" else LEVEL
    parts = [curve(view, "axe").with_columns(serie=pl.lit(where(view)))]
    if view.selection.values("region"):
        parts.append(
            curve(view, "axe", selection=elsewhere(view)).with_columns(serie=pl.lit("Toutes les régions"))
        )
    rows = pl.concat(parts).filter(axis_key() == AXIS.chosen(view))
    several = rows["serie"].n_unique() > 1
    table = Table(
        rows,
        (
            Column("horizon", "Trimestre (fin)"),
            Column("serie", "Série"),
            Column("services_concernes", "Services", Format.INTEGER),
            Column("taux_maturite_pct", "Taux", Format.PERCENT),
            Column("niveau_maturite", "Niveau", Format.DECIMAL, decimals=2),
        ),
    )
    own = rows.filter(pl.col("serie") == where(view))
    said = ""
    if own.height > 1:
        best = own[measure].max()
        reached = own.filter(pl.col(measure) >= best - 1e-9)["horizon"].min()  # type: ignore[operator]
        said = f"Le plateau, {scale.write(best)}, est atteint fin {french.month(reached)}."  # type: ignore[arg-type]
    return Chart(
        lines(rows, "horizon", measure, scale, series="serie" if several else "", legend=several),
        table,
        title="Où mènent les plans ?",
        reading=said,
        counted=f"{services(view, scope_of_axis(view, 'projection'))} qui convergent",
        measures=(measure,),
    )


def _dates(view: View) -> dict[str, str]:
    """The dates of the maps: the campaign's own (``date``), then each end of year of the projections."""
    ends = [one for one in quarters(view) if one.endswith("T4")]
    return {"date": "À date", **{one: quarter(one) for one in ends}}


def _then(view: View) -> dict[str, str]:
    """The same dates, two years ahead first."""
    known = _dates(view)
    keys = list(known)
    ahead = keys[3:] + keys[:3] if len(keys) > 3 else keys[::-1]
    return {key: known[key] for key in ahead}


DATE = Listed("carte", "Première carte", choices=_dates)
THEN = Listed("puis", "Seconde carte", choices=_then)


def regions_at(view: View, horizon: str, shared: Sequence[str]) -> Map | Chart:
    """The axis in every region at a date.

    Args:
        view: what the page shows.
        horizon: a quarter; empty for the campaign's date.
        shared: the dates of the maps beside it: they have one legend.
    """
    apart, chosen = elsewhere(view), AXIS.chosen(view)

    def rows_at(one: str) -> pl.DataFrame:
        rows = scored(view, ["axe", "region"], one, selection=apart)
        return rows.filter(axis_key() == chosen).drop_nulls("region")

    classes = classify(pl.concat(rows_at(one) for one in shared)["taux_maturite_pct"], WHOLE_RATE)
    rows = with_region(view, rows_at(horizon)).sort("taux_maturite_pct", descending=True)
    reached = rows.filter(pl.col("taux_maturite_pct") >= 99.95).height
    return region_map(
        view,
        rows,
        "taux_maturite_pct",
        WHOLE_RATE,
        classes,
        Table(
            rows,
            (
                Column("nom_region", "Région"),
                Column("services_concernes", "Services", Format.INTEGER),
                Column("taux_maturite_pct", "Taux", Format.PERCENT),
                Column("niveau_maturite", "Niveau", Format.DECIMAL, decimals=2),
            ),
        ),
        title=f"Les régions, {at(horizon)}",
        reading=f"{french.counted(reached, 'région')} à 100 % sur {rows.height}.",
        counted=french.counted(rows.height, "région"),
        measures=("taux_maturite_pct",),
        unit="taux de maturité de l'axe",
    )


def _chosen_dates(view: View) -> tuple[str, str]:
    return tuple("" if one == "date" else one for one in (DATE.chosen(view), THEN.chosen(view)))  # type: ignore[return-value]


def map_now(view: View) -> Map | Chart | Note:
    """The regions at the first date chosen."""
    dates = _chosen_dates(view)
    return without_regions(view) or regions_at(view, dates[0], dates)


def map_later(view: View) -> Map | Chart | Note:
    """The regions at the second date chosen."""
    dates = _chosen_dates(view)
    return without_regions(view) or regions_at(view, dates[1], dates)


def dependencies(view: View) -> Table | Note:
    """The milestones that hold the axis."""
    return milestones(view, AXIS.chosen(view))


def proposals(view: View) -> Table | Note:
    """What is proposed to improve the axis."""
    return improvements(view, AXIS.chosen(view))


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
        (Block("projection", projection, options=(MEASURE,)), Block("dependances", dependencies)),
        (Block("regions", map_now, options=(DATE,)), Block("regions-puis", map_later, options=(THEN,))),
        Block("ameliorations", proposals),
    ),
)
