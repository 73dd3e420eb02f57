"""What the monthly report lacks: targets, why a rate moved, ranking with confidence."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Literal

import altair as alt
import polars as pl

from apps.kit.charts.charts import Chart, pick_parameter
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column, Table
from apps.kit.charts.template import Template
from apps.kit.data.view import View
from apps.kit.filters.filters import Months, Option
from apps.kit.filters.regions import Regions
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from apps.kit.style.theme import BAR, DOWN_COLOUR, INK, SECONDARY, UP_COLOUR
from apps.kit.style.worded import worded
from apps.kit.views.base import own
from apps.kit.views.maps import MESH
from apps.kit.views.words import DECIMALS, UNALLOCATED, UNKNOWN, WORDS, last_month, over, where
from apps.segur.synthese import RATES, catalogue
from lake.errors import LakeError
from scoring.trends.contributions import contributions
from scoring.trends.ranking import ranking
from scoring.trends.targets import add_months
from scoring.universes.model import Format
from scoring.universes.rows import NON_RENSEIGNE
from scoring.universes.segur import SEGUR

RATE = Option("indicateur", "Indicateur", RATES)
SINCE = Option("depuis", "Comparé à", {"mois": "Un mois avant", "an": "Un an avant"})
SPLIT = Option(
    "par",
    "Par",
    {
        "region": "Régions",
        "departement": "Départements",
        "profession": "Professions",
        "type_acteur": "Types d’acteur",
        "editeur": "Éditeurs",
    },
)
SHOWN = 15


def terms(view: View, rate: str) -> tuple[str, str]:
    """The two indicators that a rate is made of: above, below.

    Raises:
        LakeError: the rate is not in the catalogue.
    """
    rows = catalogue(view).filter((pl.col("code") == rate) & (pl.col("combinaison") == "ratio"))
    if not rows.height:
        raise LakeError("Ce taux n'est plus au catalogue.", conseil="Choisissez un autre indicateur.")
    above, below = rows.select("numerateur", "denominateur").row(0)
    return above, below


def counts(view: View, rate: str, axis: str, month: date, *, apart: bool = False) -> pl.DataFrame:
    """The two terms of a rate by an axis, one month: ``code``, ``nom``, ``a``, ``b``."""
    above, below = terms(view, rate)
    found = view.universe.axis(axis)
    by = [found.code, axis] if found.code else [axis]
    selection = (
        (view.selection_apart(own(view, axis)) if apart else view.selection).at(None).during(month, month)
    )
    rows = view.data.query(view.universe, selection, [above, below], by)
    name = pl.col(axis).replace(dict(found.words)) if found.words else pl.col(axis)
    return rows.select(
        code=pl.col(found.code or axis).fill_null(NON_RENSEIGNE),
        nom=name.fill_null(UNALLOCATED if found.territory else UNKNOWN),
        a=pl.col(above),
        b=pl.col(below),
    )


# -- why it moved ------------------------------------------------------------------------------------


def months_compared(view: View) -> tuple[date, date]:
    """The month compared with, and the last month of the period.

    Raises:
        LakeError: nothing is published.
    """
    month = last_month(view)
    if month is None:
        raise LakeError("Aucun mois n'est publié.", conseil="Lancez obs ingest segur.")
    return add_months(month, -1 if view.option("depuis") == "mois" else -12), month


def explained(view: View) -> pl.DataFrame:
    """The contributions of the groups, largest first (see :func:`scoring.trends.contributions.contributions`)."""
    rate, axis = view.option("indicateur"), view.option("par")
    before, month = months_compared(view)
    first, last = (counts(view, rate, axis, day) for day in (before, month))
    names = pl.concat([first.select("code", "nom"), last.select("code", "nom")]).unique("code", keep="last")
    terms = (first.select("code", "a", "b"), last.select("code", "a", "b"))
    found = contributions(terms[0], terms[1], ["code"], "a", "b").collect()
    return found.join(names, on="code", how="left", maintain_order="left")


def _rate_at(view: View, month: date) -> float | None:
    return view.value(view.option("indicateur"), selection=view.selection.at(None).during(month, month))


def why_question(view: View) -> str:
    """« Pourquoi le taux d'adoption a-t-il bougé ? »"""
    return f"Pourquoi ça a bougé ? {view.universe.measure(view.option('indicateur')).label}, {where(view)}"


def why_reading(view: View) -> str:
    """The change, and the groups that made most of it."""
    before, month = months_compared(view)
    start, end = _rate_at(view, before), _rate_at(view, month)
    if start is None or end is None:
        missing = before if start is None else month
        return f"{french.month(missing).capitalize()} n’est pas disponible : il n’y a pas de variation à expliquer."
    said = french.change(end, start, Format.SHARE, decimals=DECIMALS).words
    span = french.period(before, month)
    rows = explained(view).head(2)
    first = french.listing(
        f"{row['nom']} ({french.signed(row['contribution'], Format.SHARE, DECIMALS)})"
        for row in rows.iter_rows(named=True)
    )
    return (
        f"{span[0].upper()}{span[1:]}, {said} : de {french.share(start, DECIMALS)} à "
        f"{french.share(end, DECIMALS)}. Ce qui a le plus pesé : {first}."
    )


def why_figures(view: View) -> Figures:
    """Before, after, what moved inside groups, what came from their weights."""
    before, month = months_compared(view)
    start, end = _rate_at(view, before), _rate_at(view, month)
    rows = explained(view)
    inside, mix = float(rows["effet_taux"].sum()), float(rows["effet_structure"].sum())
    return Figures(
        [
            Figure(french.month(before).capitalize(), french.share(start, DECIMALS)),
            Figure(
                french.month(month).capitalize(),
                french.share(end, DECIMALS),
                french.change(end, start, Format.SHARE, decimals=DECIMALS),
            ),
            Figure(
                "Effet des taux", french.signed(inside, Format.SHARE, DECIMALS), reference="dans les groupes"
            ),
            Figure(
                "Effet de structure",
                french.signed(mix, Format.SHARE, DECIMALS),
                reference="poids des groupes",
            ),
        ]
    )


def why_chart(view: View) -> Chart:
    """The groups that pulled the rate up or down, most first.

    Clicks filter nothing: a contribution is a share of the whole change, and has no meaning for its group alone.
    """
    axis = view.option("par")
    rows = explained(view)
    shown = rows.head(SHOWN).pipe(
        worded, lambda v: french.signed(v, Format.SHARE, DECIMALS), "contribution", "texte"
    )
    spec = _contributions().filled({}, {"apports": shown.select("nom", "contribution", "texte", "code")})
    before, month = months_compared(view)
    total = {name: float(rows[name].sum()) for name in ("effet_taux", "effet_structure", "contribution")}
    return Chart(
        spec,
        Table(
            rows,
            (
                Column("nom", view.universe.axis(axis).label),
                Column("taux_avant", french.month(before).capitalize(), Format.SHARE, decimals=DECIMALS),
                Column("taux_apres", french.month(month).capitalize(), Format.SHARE, decimals=DECIMALS),
                Column("poids_apres", "Poids", Format.SHARE),
                Column("effet_taux", "Effet du taux", Format.SHARE, change=True, decimals=3),
                Column("effet_structure", "Effet de structure", Format.SHARE, change=True, decimals=3),
                Column("contribution", "Contribution", Format.SHARE, change=True, decimals=3),
            ),
            {
                **total,
                "taux_avant": _rate_at(view, before),
                "taux_apres": _rate_at(view, month),
                "poids_apres": 1.0,
            },
            key="code",
        ),
        title="Qui a fait bouger le taux ?",
        reading="La somme des contributions est exactement la variation : effet des taux, plus effet de structure.",
        counted=f"{where(view)}, {french.counted(rows.height, 'groupe')}",
        measures=(view.option("indicateur"),),
    )


@cache
def _contributions() -> Template:
    base = alt.Chart(alt.NamedData("apports")).encode(
        y=alt.Y("nom:N", sort=None, title=None, axis=alt.Axis(labelColor=INK, labelLimit=230)),
        x=alt.X("contribution:Q", title="points de taux", axis=alt.Axis(format="+.2%", tickCount=5)),
        tooltip=[alt.Tooltip("nom:N", title=" "), alt.Tooltip("texte:N", title="Contribution")],
    )
    marks = base.mark_bar(height={"band": 0.66}).encode(
        color=alt.condition("datum.contribution >= 0", alt.value(UP_COLOUR), alt.value(DOWN_COLOUR))
    )
    positive, negative = "datum.contribution >= 0", "datum.contribution < 0"
    sides: tuple[tuple[str, Literal["left", "right"], int], ...] = (
        (positive, "left", 5),
        (negative, "right", -5),
    )
    words = [
        base.transform_filter(test).mark_text(align=side, dx=shift, color=INK).encode(text="texte:N")
        for test, side, shift in sides
    ]
    chart = alt.layer(marks, *words)
    return Template(chart.properties(height={"step": 26}, width="container", padding={"right": 60}))


WHY = Page(
    name="pourquoi",
    title="Pourquoi ça a bougé",
    section="Analyses",
    question=why_question,
    reading=why_reading,
    universe=SEGUR,
    head=(Months(),),
    filters=(Regions(), RATE, SINCE, SPLIT),
    figures=why_figures,
    rows=(Block("contributions", why_chart),),
)


# -- ranking -----------------------------------------------------------------------------------------


def ranked(view: View) -> pl.DataFrame:
    """The territories by rate, with intervals (see :func:`scoring.trends.ranking.ranking`)."""
    month = last_month(view)
    if month is None:
        raise LakeError("Aucun mois n'est publié.", conseil="Lancez obs ingest segur.")
    mesh = view.option("maille")
    rows = counts(view, view.option("indicateur"), mesh, month, apart=True).filter(
        pl.col("code") != NON_RENSEIGNE
    )
    return ranking(rows, ["code", "nom"], "a", "b").collect()


def ranking_reading(view: View) -> str:
    """Who is first, how many places are sure."""
    rows = ranked(view)
    one, many = WORDS[view.option("maille")]
    if not rows.height:
        return f"{where(view)} : aucun taux ce mois."
    first = rows.row(0, named=True)
    sure = rows.filter(pl.col("rang_min") == pl.col("rang_max")).height
    fragile = rows.filter("fragile").height
    said = (
        f"{french.month(last_month(view)).capitalize()} : {first['nom']} est en tête avec "
        f"{french.share(first['taux'], DECIMALS)} ; {sure} {french.plural(sure, one, many)} sur {rows.height} "
        f"{french.plural(sure, 'a', 'ont')} une place certaine"
    )
    return (
        f"{said}, {fragile} {french.plural(fragile, 'repose', 'reposent')} sur moins de 30 cas."
        if fragile
        else f"{said}."
    )


def ranking_chart(view: View) -> Chart:
    """Rates with their intervals, best first; clicks filter the territory of the whole report."""
    rows = ranked(view)
    mesh = view.option("maille")
    chosen = set(view.selection.values(mesh))
    shown = (
        rows.head(30)
        .with_columns(choisi=pl.col("code").is_in(list(chosen)))
        .pipe(worded, lambda v: french.share(v, DECIMALS), "taux", "texte")
    )
    marks = shown.select("nom", "code", "taux", "borne_basse", "borne_haute", "texte", "choisi")
    spec = _intervals().filled({}, {"rangs": marks})
    one, many = WORDS[mesh]
    return Chart(
        spec,
        _ranking_table(view, rows),
        title="Qui est devant, et avec quelle certitude ?",
        reading="Deux territoires dont les intervalles se recouvrent ne se départagent pas.",
        picks=mesh,
        counted=f"{french.counted(rows.height, one, many)}, {french.month(last_month(view))}",
        measures=(view.option("indicateur"),),
    )


@cache
def _intervals() -> Template:
    y = alt.Y("nom:N", sort=None, title=None, axis=alt.Axis(labelColor=INK, labelLimit=230))
    base = alt.Chart(alt.NamedData("rangs")).encode(
        y=y, tooltip=[alt.Tooltip("nom:N", title=" "), alt.Tooltip("texte:N", title="Taux")]
    )
    x = alt.X("taux:Q", title="taux et intervalle à 95\u202f%", axis=alt.Axis(format=".0%", tickCount=6))
    spans = base.mark_rule(strokeWidth=3, color=SECONDARY, opacity=0.55).encode(
        x=alt.X("borne_basse:Q"), x2="borne_haute:Q"
    )
    pick = pick_parameter()
    points = (
        base.mark_circle(size=110, cursor="pointer")
        .encode(
            x=x,
            color=alt.condition("datum.choisi", alt.value(INK), alt.value(BAR)),
            opacity=alt.condition(pick, alt.value(1), alt.value(0.45)),
        )
        .add_params(pick)
    )
    return Template(alt.layer(spans, points).properties(height={"step": 22}, width="container"))


def _ranking_table(view: View, rows: pl.DataFrame) -> Table:
    mesh = view.option("maille")
    above, below = terms(view, view.option("indicateur"))
    places = rows.with_columns(
        places=pl.when(pl.col("rang_min") == pl.col("rang_max"))
        .then(pl.col("rang_min").cast(pl.String))
        .otherwise(pl.format("{} à {}", "rang_min", "rang_max")),
        prudence=pl.when("fragile").then(pl.lit("moins de 30 cas")).otherwise(pl.lit("")),
    )
    return Table(
        places,
        (
            Column("rang", "Rang", Format.INTEGER),
            Column("nom", view.universe.axis(mesh).label),
            Column("taux", "Taux", Format.SHARE, decimals=DECIMALS),
            Column("borne_basse", "De", Format.SHARE, decimals=DECIMALS),
            Column("borne_haute", "À", Format.SHARE, decimals=DECIMALS),
            Column("places", "Places possibles"),
            Column("a", view.universe.measure(above).label, Format.INTEGER),
            Column("b", view.universe.measure(below).label, Format.INTEGER),
            Column("prudence", "Prudence"),
        ),
        key="code",
        picks=mesh,
    )


def ranking_table(view: View) -> Table:
    """The same as a table whose rows filter the territory."""
    rows = ranked(view)
    table = _ranking_table(view, rows)
    one, many = WORDS[view.option("maille")]
    return Table(
        **{
            **vars(table),
            "title": "Le classement",
            "counted": f"{french.counted(rows.height, one, many)}, {over(view)}",
        }
    )


RANKING = Page(
    name="classement",
    title="Classement",
    section="Analyses",
    question=lambda view: f"Qui est en avance ? {view.universe.measure(view.option('indicateur')).label}",
    reading=ranking_reading,
    universe=SEGUR,
    head=(Months(),),
    filters=(Regions(), RATE),
    rows=(Block("rangs", ranking_chart, options=(MESH,)), Block("classement", ranking_table)),
)
