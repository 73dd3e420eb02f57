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
from apps.convergence.territoires import region_map, without_regions
from apps.convergence.vues import (
    SCORES,
    WHOLE_RATE,
    Serie,
    by_axis,
    by_region,
    ends_of,
    radar_of,
    rate_box,
    scale_of,
    scores_table,
)
from apps.convergence.words import at, like, place, rate, services, where
from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.maps.maps import Map, classify
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Format


def scope(view: View, horizon: str) -> int:
    """How many services the figures are about: those that converge, in a projection."""
    return count(view, "services_projetes" if horizon else "services_publies")


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


def _series(view: View) -> list[Serie]:
    """What the radars compare."""
    horizon = HORIZON.chosen(view)
    found = [Serie(f"{where(view)}, à date", view)]
    if horizon:
        found.append(Serie(f"{where(view)}, {at(horizon)}", view, horizon))
    other = view.option("comparer")
    if other == "national" and (whole := nation(view)) is not None:
        found.append(Serie("Toutes les régions", whole, horizon))
    if other == "cohorte":
        found.append(Serie(like(cohort(view), "Services des mêmes types"), cohort(view), horizon))
    return found


def _radar(view: View, measure: str, title: str) -> Chart:
    series = _series(view)
    frame = by_axis(series, QUESTIONNAIRE.chosen(view))
    own = frame.filter(pl.col("serie") == series[0].name).drop_nulls(measure).sort(measure)
    said, scale = "", scale_of(measure, whole=True)
    if own.height > 1:
        low, high = own.row(0, named=True), own.row(-1, named=True)
        said = (
            f"Le plus bas : {low['libelle_axe']} ({scale.write(low[measure])}) ; "
            f"le plus haut : {high['libelle_axe']} ({scale.write(high[measure])})."
        )
    counted = services(view, scope(view, HORIZON.chosen(view)))
    return radar_of(view, frame, measure, title=title, reading=said, counted=counted)


def radar_rates(view: View) -> Chart:
    """The radar of rates."""
    return _radar(view, TAUX, f"Taux par axe : {questionnaires(view).get(QUESTIONNAIRE.chosen(view), '')}")


def radar_levels(view: View) -> Chart:
    """The radar of levels."""
    return _radar(view, NIVEAU, "Niveau par axe")


def axes_table(view: View) -> Table:
    """Every axis: services, rate, level, and where the plans lead."""
    horizon, key = HORIZON.chosen(view), ["questionnaire", "axe"]
    labels = criteres(view).select(*key, "libelle_axe").unique(maintain_order=True)
    rows = labels.join(rates(view, "axe"), on=key, maintain_order="left")
    first = (Column("questionnaire", "Questionnaire"), Column("axe", "Axe"), Column("libelle_axe", "Nom"))
    if not horizon:
        return scores_table(rows, first, "axe", title="Axe par axe")
    later = rates(view, "axe", horizon=horizon).select(*key, taux_projete=TAUX, niveau_projete=NIVEAU)
    rows = rows.join(later, on=key, how="left", maintain_order="left")
    return Table(
        rows.with_columns(ecart=pl.col("taux_projete") - pl.col(TAUX)),
        (
            *first,
            *SCORES,
            Column("taux_projete", "Taux projeté", Format.PERCENT, help=at(horizon)),
            Column("ecart", "Écart", Format.PERCENT, change=True),
            Column("niveau_projete", "Niveau projeté", Format.DECIMAL, decimals=2),
        ),
        title="Axe par axe",
        reading="La projection ne compte que les services qui convergent.",
        counted=french.counted(rows.height, "axe"),
        measures=MEASURES,
    )


def regions(view: View) -> Map | Chart | Note:
    """The regions side by side on the questionnaire."""
    if (nowhere := without_regions(view)) is not None:
        return nowhere
    horizon = HORIZON.chosen(view)
    rows = by_region(elsewhere(view), horizon, QUESTIONNAIRE.chosen(view))
    return region_map(
        view,
        rows,
        TAUX,
        WHOLE_RATE,
        classify(rows[TAUX], WHOLE_RATE),
        Table(rows, (Column("nom_region", "Région"), *SCORES)),
        title=f"Les régions, {at(horizon)}",
        reading=ends_of(rows, "nom_region", TAUX, scale_of(TAUX)),
        counted=french.counted(rows.height, "région"),
        measures=(TAUX,),
        unit="taux de maturité",
    )


SYNTHESE = Page(
    name="synthese",
    title="Synthèse",
    question=question,
    reading=reading,
    universe=CONVERGENCE,
    filters=shared_filters(
        Option(
            "comparer",
            "Comparer avec",
            {"aucun": "Rien", "national": "Toutes les régions", "cohorte": "Mêmes types"},
        ),
        horizon=True,
    ),
    figures=figures,
    rows=(
        (Block("taux", radar_rates, options=(QUESTIONNAIRE,)), Block("niveaux", radar_levels)),
        (Block("axes", axes_table, 1.4), Block("regions", regions)),
    ),
)
