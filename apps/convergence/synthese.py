"""« Synthèse »: where a region, or all of them, stands against the doctrine, today and as planned."""

from __future__ import annotations

import polars as pl

from apps.convergence.campagne import (
    campagne,
    cohort,
    elsewhere,
    in_publication,
    questionnaires,
    scored,
)
from apps.convergence.choix import HORIZON, Listed, shared_filters
from apps.convergence.territoires import region_map, without_regions
from apps.convergence.words import at, level, rate, services, spoke, where, with_region
from apps.kit.charts.charts import Chart, Scale
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.levels import radar
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.maps.maps import Map, classify
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Format
from scoring.universes.selection import Selection

RATE = Scale(Format.PERCENT, "Taux de maturité")
WHOLE_RATE = Scale(Format.PERCENT, "Taux de maturité", decimals=0)
LEVEL = Scale(Format.DECIMAL, "Niveau de maturité, sur 3", decimals=2)
MEASURES = ("services_concernes", "taux_maturite_pct", "niveau_maturite")
QUESTIONNAIRE = Listed(
    "questionnaire",
    "Questionnaire",
    # The services' questionnaires come first: the regional one concerns one system a region.
    choices=lambda view: dict(sorted(questionnaires(view).items(), key=lambda pair: pair[0] == "QR")),
    compact=True,
)


def question(view: View) -> str:
    """« Où en est Grand Est face à la doctrine ? »"""
    return f"Où en est-on face à la doctrine ? {where(view)}"


def reading(view: View) -> str:
    """The rates of the questionnaires, in one sentence."""
    horizon = HORIZON.chosen(view)
    rows = scored(view, "questionnaire", horizon)
    if not rows.height:
        return "Aucun service ne répond à cette sélection."
    names = questionnaires(view)
    said = french.listing(
        f"{rate(row['taux_maturite_pct'])} ({names[row['questionnaire']].lower()})"
        for code in names
        for row in rows.filter(pl.col("questionnaire") == code).iter_rows(named=True)
    )
    count = in_publication(view, horizon).height
    return f"{where(view)}, {at(horizon)} : taux de maturité de {said}, sur {services(view, count)}."


def figures(view: View) -> Figures:
    """Rate, level and services of each questionnaire; how many services converge."""
    horizon = HORIZON.chosen(view)
    now = {row["questionnaire"]: row for row in scored(view, "questionnaire", horizon).iter_rows(named=True)}
    before, since = None, ""
    if horizon:
        before, since = scored(view, "questionnaire"), "d'ici là"
    elif view.before is not None:
        before, since = (
            scored(view, "questionnaire", at=view.before),
            f"depuis le {french.long_date(view.before)}",
        )
    known = {} if before is None else dict(before.select("questionnaire", "taux_maturite_pct").iter_rows())
    items = []
    for code, name in questionnaires(view).items():
        row = now.get(code)
        value = None if row is None else row["taux_maturite_pct"]
        items.append(
            Figure(
                f"{name} ({code})",
                rate(value),
                french.change(value, known.get(code), Format.PERCENT, since=since) if code in known else None,
                reference=""
                if row is None
                else f"niveau {level(row['niveau_maturite'])} · {services(view, row['services_concernes'])}",
                help=CONVERGENCE.measure("taux_maturite_pct").definition,
            )
        )
    scope = in_publication(view)
    others = scope.filter(pl.col("sujet") != "si_regional")
    converging = others.filter(pl.col("converge")).height
    items.append(
        Figure(
            "Convergent",
            french.number(converging),
            reference=f"sur {services(view, others.height)} du tronc commun ; les autres seront décommissionnés",
        )
    )
    return Figures(items[:4])


def _series(view: View) -> list[tuple[str, str, Selection]]:
    """What the radars compare: name, horizon, selection."""
    horizon = HORIZON.chosen(view)
    found = [(f"{where(view)}, à date", "", view.selection)]
    if horizon:
        found.append((f"{where(view)}, {at(horizon)}", horizon, view.selection))
    other = view.option("comparer")
    if other == "national" and view.selection.values("region"):
        found.append(("Toutes les régions", horizon, elsewhere(view)))
    if other == "cohorte":
        found.append(("Services des mêmes types, toutes régions", horizon, cohort(view)))
    return found


def by_axis(view: View, code: str) -> pl.DataFrame:
    """The axes of a questionnaire, one row an axis and series."""
    parts = [
        scored(view, "axe", horizon, selection=selection)
        .filter(pl.col("questionnaire") == code)
        .with_columns(serie=pl.lit(name), cle=pl.col("axe"))
        for name, horizon, selection in _series(view)
    ]
    labels = campagne(view).referentiel.select("axe", "libelle_axe").unique("axe")
    return pl.concat(parts).join(labels, on="axe", how="left", maintain_order="left")


def _radar(view: View, measure: str, top: float, scale: Scale, title: str) -> Chart:
    code = QUESTIONNAIRE.chosen(view)
    frame = by_axis(view, code)
    order = campagne(view).referentiel.filter(pl.col("questionnaire") == code).select("axe", "libelle_axe")
    present = set(frame["axe"])
    table = Table(
        frame.select("serie", "axe", "libelle_axe", *MEASURES),
        (
            Column("axe", "Axe"),
            Column("libelle_axe", "Nom"),
            Column("serie", "Série"),
            Column("services_concernes", "Services", Format.INTEGER),
            Column("taux_maturite_pct", "Taux", Format.PERCENT),
            Column("niveau_maturite", "Niveau", Format.DECIMAL, decimals=2),
        ),
    )
    own = frame.filter(pl.col("serie") == _series(view)[0][0]).drop_nulls(measure).sort(measure)
    said = ""
    if own.height > 1:
        low, high = own.row(0, named=True), own.row(-1, named=True)
        said = (
            f"Le plus bas : {low['libelle_axe']} ({scale.write(low[measure])}) ; "
            f"le plus haut : {high['libelle_axe']} ({scale.write(high[measure])})."
        )
    return Chart(
        radar(
            frame,
            [
                (axis, spoke(axis, name))
                for axis, name in order.unique(maintain_order=True).iter_rows()
                if axis in present
            ],
            measure,
            top,
            scale,
        ),
        table,
        title=title,
        reading=said,
        counted=services(view, in_publication(view, HORIZON.chosen(view)).height),
        measures=(measure,),
    )


def rates(view: View) -> Chart:
    """The radar of rates."""
    name = questionnaires(view).get(QUESTIONNAIRE.chosen(view), "")
    return _radar(view, "taux_maturite_pct", 100.0, WHOLE_RATE, f"Taux par axe : {name}")


def levels(view: View) -> Chart:
    """The radar of levels."""
    return _radar(view, "niveau_maturite", 3.0, LEVEL, "Niveau par axe")


def axes_table(view: View) -> Table:
    """Every axis: services, rate, level, and where the plans lead."""
    horizon = HORIZON.chosen(view)
    now = scored(view, "axe")
    labels = (
        campagne(view).referentiel.select("questionnaire", "axe", "libelle_axe").unique(maintain_order=True)
    )
    rows = labels.join(now, on=["questionnaire", "axe"], how="inner", maintain_order="left")
    columns = [
        Column("questionnaire", "Questionnaire"),
        Column("axe", "Axe"),
        Column("libelle_axe", "Nom"),
        Column("services_concernes", "Services", Format.INTEGER),
        Column("taux_maturite_pct", "Taux", Format.PERCENT),
        Column("niveau_maturite", "Niveau", Format.DECIMAL, decimals=2),
    ]
    if horizon:
        later = scored(view, "axe", horizon).select(
            "questionnaire", "axe", taux_projete="taux_maturite_pct", niveau_projete="niveau_maturite"
        )
        rows = rows.join(later, on=["questionnaire", "axe"], how="left", maintain_order="left").with_columns(
            ecart=pl.col("taux_projete") - pl.col("taux_maturite_pct")
        )
        columns += [
            Column("taux_projete", "Taux projeté", Format.PERCENT, help=at(horizon)),
            Column("ecart", "Écart", Format.PERCENT, change=True),
            Column("niveau_projete", "Niveau projeté", Format.DECIMAL, decimals=2),
        ]
    return Table(
        rows,
        tuple(columns),
        title="Axe par axe",
        reading="La projection ne compte que les services qui convergent." if horizon else "",
        counted=french.counted(rows.height, "axe"),
        measures=MEASURES,
    )


def regions(view: View) -> Map | Chart | Note:
    """The regions side by side on the questionnaire."""
    if (nowhere := without_regions(view)) is not None:
        return nowhere
    horizon, code = HORIZON.chosen(view), QUESTIONNAIRE.chosen(view)
    apart = elsewhere(view)
    rows = with_region(
        view, scored(view, "region", horizon, selection=apart).filter(pl.col("questionnaire") == code)
    )
    rows = rows.drop_nulls("region").sort("taux_maturite_pct", descending=True)
    classes = classify(rows["taux_maturite_pct"], WHOLE_RATE)
    said = ""
    if rows.height > 1:
        said = f"De {rows['nom_region'][-1]} ({rate(rows['taux_maturite_pct'][-1])}) à " + (
            f"{rows['nom_region'][0]} ({rate(rows['taux_maturite_pct'][0])})."
        )
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
        reading=said,
        counted=french.counted(rows.height, "région"),
        measures=("taux_maturite_pct",),
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
        (Block("taux", rates, options=(QUESTIONNAIRE,)), Block("niveaux", levels)),
        (Block("axes", axes_table, 1.4), Block("regions", regions)),
    ),
)
