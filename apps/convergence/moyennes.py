"""« Moyennes »: mean rates and levels, of everybody by default, of a kind, a region, an editor on demand."""

from __future__ import annotations

import polars as pl

from apps.convergence.chiffres import MEASURES, NIVEAU, TAUX, axes, criteres, questionnaires, rates
from apps.convergence.choix import HORIZON, QUESTIONNAIRE, shared_filters
from apps.convergence.synthese import scope
from apps.convergence.vues import MEASURE, Serie, by_axis, ends_of, radar_of, rate_box, scale_of
from apps.convergence.words import at, domain, place, rate, region_names, services
from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.levels import dots
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from scoring.universes.convergence import CONVERGENCE, KIND_WORDS
from scoring.universes.model import Format

EVERYONE = "Ensemble"
BY = Option(
    "par",
    "Par",
    {
        "region": "Région",
        "domaine": "Domaine",
        "type_service": "Type",
        "kind": "Nature",
        "editeur": "Éditeur",
    },
)


def everyone(view: View) -> View:
    """The whole side, without filter."""
    return view.on(selection=view.selection.only(("volet",)))


def filtered(view: View) -> bool:
    """Whether the reader looks at a part of the whole."""
    return bool(view.selection.without("volet").filters)


def who(view: View) -> str:
    """The services averaged: « Grand Est ; nature : Service métier », or everybody."""
    words = [
        f"{label.lower()} : {value}"
        for label, value in view.filters_in_words()
        if label not in ("Volet", "Région")
    ]
    return " ; ".join([place(view), *words])


def means(view: View, *by: str) -> pl.DataFrame:
    """The means under the selection, with those of everybody beside: ``ensemble`` (rate, %), ``ecart`` (points)."""
    horizon, keys = HORIZON.chosen(view), ["questionnaire", *by]
    rows = rates(view, *by, horizon=horizon)
    if everyone(view).portee(["services_concernes"], keys) is None:
        whole = rates(everyone(view), *by, horizon=horizon).select(*keys, ensemble=TAUX)
        rows = rows.join(whole, on=keys, how="left", maintain_order="left")
    else:  # what is open to the reader is not everybody's
        rows = rows.with_columns(ensemble=pl.lit(None, pl.Float64))
    order = {code: rank for rank, code in enumerate(questionnaires(view))}
    rank = pl.col("questionnaire").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    return rows.sort(rank, maintain_order=True).with_columns(ecart=pl.col(TAUX) - pl.col("ensemble"))


def question(view: View) -> str:
    """« Quels sont les taux moyens ? »"""
    return f"Quels sont les taux moyens ? {who(view)}"


def reading(view: View) -> str:
    """The means, and the questionnaire furthest from everybody's."""
    rows, horizon = means(view), HORIZON.chosen(view)
    if not rows.height:
        return "Aucun service ne répond à cette sélection."
    names = questionnaires(view)
    said = french.listing(
        f"{rate(row[TAUX])} ({names[row['questionnaire']].lower()})" for row in rows.iter_rows(named=True)
    )
    start = f"{services(view, scope(view, horizon))}, {at(horizon)} : {said}."
    if not filtered(view):
        return start
    far = rows.sort(pl.col("ecart").abs(), descending=True).row(0, named=True)
    if far["ecart"] is None:
        return start
    side = "au-dessus" if far["ecart"] >= 0 else "au-dessous"
    return (
        f"{start} Le plus grand écart : {french.number(abs(far['ecart']), 1)} points {side} de l'ensemble "
        f"({far['questionnaire']})."
    )


def figures(view: View) -> Figures:
    """Each questionnaire's mean rate, beside everybody's."""
    names, apart = questionnaires(view), filtered(view)
    items = [
        rate_box(
            view,
            f"{names[row['questionnaire']]} ({row['questionnaire']})",
            row,
            row["ensemble"] if apart else None,  # nothing is compared where everybody's is not open
            "par rapport à l'ensemble",
        )
        for row in means(view).iter_rows(named=True)
    ]
    return Figures(items[:4] or [Figure("Services", "0")])


def shape(view: View) -> Chart:
    """The radar of the means, against everybody's."""
    code, horizon = QUESTIONNAIRE.chosen(view), HORIZON.chosen(view)
    series = [Serie(who(view), view, horizon)]
    if filtered(view):
        series.append(Serie(EVERYONE, everyone(view), horizon))
    return radar_of(
        view,
        by_axis(series, code),
        view.option("mesure"),
        title=f"Axe par axe : {questionnaires(view).get(code, '')}",
        counted=services(view, scope(view, horizon)),
    )


def _table(rows: pl.DataFrame, first: tuple[Column, ...], word: str, title: str, reading: str = "") -> Table:
    compared = (
        Column("ensemble", EVERYONE, Format.PERCENT),
        Column("ecart", "Écart", Format.PERCENT, change=True),
    )
    return Table(
        rows,
        (
            *first,
            Column("services_concernes", "Services", Format.INTEGER),
            Column(TAUX, "Taux moyen", Format.PERCENT),
            *(compared if rows["ensemble"].count() else ()),  # nothing to compare with: no column of dashes
            Column(NIVEAU, "Niveau moyen", Format.DECIMAL, decimals=2),
        ),
        title=title,
        reading=reading,
        counted=french.counted(rows.height, word),
        measures=MEASURES,
    )


def by_axes(view: View) -> Table:
    """Every axis of every questionnaire."""
    key = pl.format("{}-{}", "questionnaire", "axe")
    rows = means(view, "axe").with_columns(
        nom=key.replace_strict(axes(view), default=None, return_dtype=pl.String)
    )
    first = (Column("questionnaire", "Questionnaire"), Column("nom", "Axe"))
    said = "L'ensemble : toutes les régions, tous les services." if filtered(view) else ""
    return _table(rows, first, "axe", "Les axes", said)


def by_criterion(view: View) -> Table:
    """Every criterion of the questionnaire chosen."""
    known = criteres(view).select("critere", "libelle_critere")
    rows = means(view, "critere").filter(pl.col("questionnaire") == QUESTIONNAIRE.chosen(view))
    rows = rows.join(known, on="critere", how="left", maintain_order="left")
    first = (Column("critere", "Critère"), Column("libelle_critere", "Ce qu'il mesure"))
    return _table(rows, first, "critère", "Les critères")


def groups(view: View) -> Chart:
    """The means of each region, domain, type, kind or editor, on the questionnaire chosen.

    The filter on what is compared is left out: a chosen region stands among the others.
    """
    code, par, horizon = QUESTIONNAIRE.chosen(view), view.option("par"), HORIZON.chosen(view)
    measure = view.option("mesure")
    scale, word = scale_of(measure), BY.values[par]
    rows = rates(view.on(selection=view.selection.without(par)), par, horizon=horizon, code=code).drop_nulls(
        par
    )
    names = {"region": region_names(view), "kind": KIND_WORDS}.get(par) or {
        value: domain(value) if par == "domaine" else value for value in rows[par]
    }
    name = pl.col(par).replace_strict(names, default=pl.col(par), return_dtype=pl.String)
    rows = rows.with_columns(nom=name, moment=pl.lit(at(horizon) if horizon else "à date"))
    rows = rows.sort(measure, "nom", descending=[True, False])
    return Chart(
        dots(rows, "nom", measure, "moment", scale) if rows.height else {},
        Table(
            rows,
            (
                Column("nom", word),
                Column("services_concernes", "Services", Format.INTEGER),
                Column(TAUX, "Taux moyen", Format.PERCENT),
                Column(NIVEAU, "Niveau moyen", Format.DECIMAL, decimals=2),
            ),
        ),
        title=f"Moyennes par {word.lower()} : {code}",
        reading=ends_of(rows, "nom", measure, scale),
        counted=french.counted(rows.height, word.lower()) if par != "kind" else "",
        measures=(measure,),
    )


MOYENNES = Page(
    name="moyennes",
    title="Moyennes",
    question=question,
    reading=reading,
    universe=CONVERGENCE,
    filters=(QUESTIONNAIRE, *shared_filters(horizon=True)),
    figures=figures,
    rows=(
        (Block("radar", shape, options=(MEASURE,)), Block("groupes", groups, options=(BY,))),
        Block("axes", by_axes),
        Block("criteres", by_criterion),
    ),
)
