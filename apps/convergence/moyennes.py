"""« Moyennes »: mean rates and levels, of everybody by default, of a kind, a region, an editor on demand."""

from __future__ import annotations

import polars as pl

from apps.convergence.chiffres import MEASURES, NIVEAU, TAUX, axes, criteres, questionnaires, rates
from apps.convergence.choix import HORIZON, QUESTIONNAIRE, shared_filters
from apps.convergence.galerie import SERIES, Dots, Outlines, scope
from apps.convergence.vues import MEASURE, Serie, rate_box
from apps.convergence.words import at, domain, place, rate, region_names, services
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from apps.kit.views.own import ROWS, WORDS, Rows, Shown
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


def _beside(rows: pl.DataFrame) -> pl.DataFrame:
    """Means without the columns of a comparison where there is nothing to compare with: no column of dashes."""
    return rows if rows["ensemble"].count() else rows.drop("ensemble", "ecart")


@ROWS("moyennes.axes")
def by_axes(view: View) -> pl.DataFrame:
    """Every axis of every questionnaire."""
    key = pl.format("{}-{}", "questionnaire", "axe")
    rows = means(view, "axe").with_columns(
        nom=key.replace_strict(axes(view), default=None, return_dtype=pl.String)
    )
    return _beside(rows)


@ROWS("moyennes.criteres")
def by_criterion(view: View) -> pl.DataFrame:
    """Every criterion of the questionnaire chosen."""
    known = criteres(view).select("critere", "libelle_critere")
    rows = means(view, "critere").filter(pl.col("questionnaire") == QUESTIONNAIRE.chosen(view))
    return _beside(rows.join(known, on="critere", how="left", maintain_order="left"))


@ROWS("moyennes.groupes")
def groups(view: View) -> pl.DataFrame:
    """The means of each region, domain, type, kind or editor, on the questionnaire chosen.

    The filter on what is compared is left out: a chosen region stands among the others.
    """
    par, horizon = view.option(BY.name), HORIZON.chosen(view)
    apart = view.on(selection=view.selection.without(par))
    rows = rates(apart, par, horizon=horizon, code=QUESTIONNAIRE.chosen(view)).drop_nulls(par)
    names = {"region": region_names(view), "kind": KIND_WORDS}.get(par) or {
        value: domain(value) if par == "domaine" else value for value in rows[par]
    }
    name = pl.col(par).replace_strict(names, default=pl.col(par), return_dtype=pl.String)
    return rows.with_columns(nom=name, moment=pl.lit(at(horizon) if horizon else "à date"))


def _groups(shown: Shown) -> str:
    by = shown.view.option(BY.name)
    return french.counted(shown.frame.height, BY.values[by].lower()) if by != "kind" else ""


WORDS.update(
    {
        "ensemble_dit": lambda s: (
            "L'ensemble : toutes les régions, tous les services." if filtered(s.view) else ""
        ),
        "groupe": lambda s: BY.values[s.view.option(BY.name)],
        "groupe_bas": lambda s: BY.values[s.view.option(BY.name)].lower(),
        "groupes": _groups,
    }
)
SERIES["selection"] = lambda view: Serie(who(view), view, HORIZON.chosen(view))
SERIES["ensemble"] = lambda view: (
    Serie(EVERYONE, everyone(view), HORIZON.chosen(view)) if filtered(view) else None
)
MEANS = (
    Column("services_concernes", "Services", Format.INTEGER),
    Column(TAUX, "Taux moyen", Format.PERCENT),
    Column("ensemble", EVERYONE, Format.PERCENT),
    Column("ecart", "Écart", Format.PERCENT, change=True),
    Column(NIVEAU, "Niveau moyen", Format.DECIMAL, decimals=2),
)
SHAPE = Outlines(MEASURE, ("selection", "ensemble"), "Axe par axe : {questionnaire}", counted="{services}")
GROUPS = Dots(
    "moyennes.groupes", MEASURE, "Moyennes par {groupe_bas} : {code}", "{groupe}", "{etendue}", "{groupes}"
)
AXES = Rows(
    "moyennes.axes",
    (Column("questionnaire", "Questionnaire"), Column("nom", "Axe"), *MEANS),
    "Les axes",
    ("axe",),
    "{ensemble_dit}",
    measures=MEASURES,
)
CRITERIA = Rows(
    "moyennes.criteres",
    (Column("critere", "Critère"), Column("libelle_critere", "Ce qu'il mesure"), *MEANS),
    "Les critères",
    ("critère",),
    measures=MEASURES,
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
        (Block("radar", SHAPE, options=(MEASURE,)), Block("groupes", GROUPS, options=(BY,))),
        Block("axes", AXES),
        Block("criteres", CRITERIA),
    ),
)
