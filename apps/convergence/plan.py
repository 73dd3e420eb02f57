"""« Plan »: what is planned, quarter by quarter; what is late, what slipped since the campaign before."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from apps.convergence.chiffres import count, criteria, listed, quarters
from apps.convergence.choix import Listed, shared_filters
from apps.convergence.galerie import Matrix
from apps.convergence.words import place, quarter, region_named, services, where
from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.levels import level_word
from apps.kit.charts.plans import steps
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from apps.kit.style.worded import worded
from apps.kit.views.own import ROWS, WORDS, Rows, Shown
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.convergence_listes import (
    ABANDONNEE,
    AVANCEE,
    PLANS_DECLARES,
    REPONSES_DONNEES,
    REPOUSSEE,
    SANS_OBJET,
)
from scoring.universes.model import Format

MOVED = (REPOUSSEE, ABANDONNEE, AVANCEE)
"""What moved since the campaign before, as the page lists it."""


def every_step(view: View) -> pl.DataFrame:
    """The steps of this campaign and of the one before that the reader may see, with ``nom`` and ``nom_region``."""
    return region_named(view, listed(view, PLANS_DECLARES).with_columns(nom="nom_service"))


def planned(view: View) -> pl.DataFrame:
    """The steps to come."""
    return every_step(view).filter(pl.col("trimestre").is_not_null(), pl.col("devenir") != SANS_OBJET)


def question(view: View) -> str:
    """« Que prévoient les plans ? »"""
    return f"Que prévoient les plans ? {place(view)}"


def reading(view: View) -> str:
    """Steps, when half are done, what slipped."""
    rows = view.on(PLANS_DECLARES).query(["etapes"], ["trimestre"]).drop_nulls("trimestre").sort("trimestre")
    total = int(rows["etapes"].sum())
    if not total:
        return f"{where(view)} : aucune étape n'est planifiée."
    middle = rows.filter(pl.col("etapes").cum_sum() > total // 2)["trimestre"][0]
    said = (
        f"{french.counted(total, 'étape')} pour {services(view, count(view, 'services_planifies', PLANS_DECLARES))} ; "
        f"la moitié sont prévues d'ici {quarter(middle)}."
    )
    if view.before is None:
        return said
    moved = [
        (count(view, "etapes_repoussees", PLANS_DECLARES), "étape a glissé", "étapes ont glissé"),
        (count(view, "etapes_abandonnees", PLANS_DECLARES), "abandonnée", "abandonnées"),
        (count(view, "etapes_avancees", PLANS_DECLARES), "avancée", "avancées"),
    ]
    told = french.listing(
        french.counted(number, one, many)
        for rank, (number, one, many) in enumerate(moved)
        if number or not rank
    )
    return f"{said} {told} depuis la campagne précédente."


def figures(view: View) -> Figures:
    """Steps, services with a plan, late, slipped."""

    def number(measure: str) -> str:
        return french.number(count(view, measure, PLANS_DECLARES))

    items = [
        Figure(
            "Étapes planifiées", number("etapes"), reference=f"{number('non_planifiables')} non planifiables"
        ),
        Figure(
            "Services avec un plan",
            number("services_planifies"),
            reference=f"sur {services(view, count(view, 'services_publies'))}",
        ),
    ]
    if view.before is not None:
        since = f"depuis le {french.long_date(view.before)}"
        rest = ", ".join(
            french.counted(count(view, name, PLANS_DECLARES), one)
            for name, one in (("etapes_abandonnees", "abandonnée"), ("etapes_avancees", "avancée"))
        )
        items += [
            Figure(
                "Étapes en retard", number("etapes_en_retard"), reference=f"échues {since}, non atteintes"
            ),
            Figure("Étapes qui ont glissé", number("etapes_repoussees"), reference=f"{since} ; {rest}"),
        ]
    return Figures(items)


@ROWS("plan.calendrier")
def calendar(view: View) -> pl.DataFrame:
    """Steps by criterion, in the referential's order, and quarter."""
    names = criteria(view)
    rows = view.on(PLANS_DECLARES).query(["etapes"], ["critere", "trimestre"]).filter(pl.col("etapes") > 0)
    order = {code: rank for rank, code in enumerate(names)}
    return rows.with_columns(
        nom=pl.col("critere").replace_strict(names, default=pl.col("critere")),
        rang=pl.col("critere").replace_strict(order, default=999, return_dtype=pl.Int64),
    ).sort("rang", "trimestre")


def _services(view: View) -> dict[str, str]:
    rows = planned(view).unique("service", keep="first", maintain_order=True)
    return {
        code: f"{nom} · {region}" if region else nom
        for code, nom, region in rows.select("service", "nom", "nom_region").iter_rows()
    }


SERVICE = Listed("service", "Service", choices=_services)
GANTT = {"critere": pl.String, "nom": pl.String, "niveau": pl.Int64, "debut": pl.String, "fin": pl.String}


def gantt_rows(view: View) -> pl.DataFrame:
    """The levels of the service chosen on each criterion, from quarter to quarter.

    Returns:
        ``critere, nom, niveau, debut, fin`` (quarters): today's level first, then each step's.
    """
    code, known = SERVICE.chosen(view), quarters(view)
    alone = view.on(selection=view.selection.only(("volet",)).with_filter("service", [code]))
    today = listed(alone, REPONSES_DONNEES).select("critere", "niveau").drop_nulls()
    levels, names, rows = dict(today.iter_rows()), criteria(view), []
    plan = planned(view).filter(pl.col("service") == code)
    for critere in [one for one in names if one in set(plan["critere"])]:
        # A level planned for a quarter is reached at its end: it shows from the next one on.
        marks = [(known[0], levels.get(critere))]
        steps_ = plan.filter(pl.col("critere") == critere).sort("trimestre", "niveau")
        for level, due in steps_.select("niveau", "trimestre").iter_rows():
            following = known.index(due) + 1 if due in known else 0
            if following < len(known) and (marks[-1][1] is None or level > marks[-1][1]):
                marks.append((known[following], level))
        for (start, level), (end, _) in zip(marks, [*marks[1:], (known[-1], None)], strict=True):
            if level is not None and start < end:
                rows.append((critere, names[critere], level, start, end))
    return pl.DataFrame(rows, schema=GANTT, orient="row")


def gantt(view: View) -> Chart:
    """The plan of one service."""
    rows = gantt_rows(view)
    return Chart(
        steps(rows, "nom", quarters(view)) if rows.height else {},
        Table(
            rows.pipe(worded, level_word, "niveau", "mot"),
            (
                Column("nom", "Critère"),
                Column("mot", "Niveau"),
                Column("debut", "À partir de"),
                Column("fin", "Jusqu'à"),
            ),
        ),
        title="Le plan d'un service",
        reading="Un niveau planifié pour un trimestre est atteint à sa fin.",
        counted=french.counted(rows["critere"].n_unique(), "critère"),
    )


OF_STEP = (
    Column("nom", "Service"),
    Column("nom_region", "Région"),
    Column("critere", "Critère"),
    Column("niveau", "Niveau visé", Format.INTEGER),
)


@ROWS("plan.glissements")
def slips(view: View) -> pl.DataFrame:
    """Steps that slipped, were given up or were advanced: none vanishes."""
    rows = every_step(view).filter(pl.col("devenir").is_in(MOVED))
    rank = pl.col("devenir").replace_strict({one: n for n, one in enumerate(MOVED)}, return_dtype=pl.Int64)
    return rows.sort(rank, pl.col("retard").neg(), "service", "critere", nulls_last=True)


ROWS["plan.retards"] = lambda view: every_step(view).filter("en_retard")


def _compared(said: str) -> Callable[[Shown], str]:
    """What is said where nothing moved; that there is nothing to compare with, at the first campaign."""
    return lambda s: said if s.view.before else "Aucune campagne antérieure à comparer."


WORDS.update(
    {
        "etapes": lambda s: french.counted(int(s.frame["etapes"].sum()), "étape"),
        "sans_glissement": _compared(
            "Aucune étape n'a été repoussée, abandonnée ni avancée depuis la campagne précédente."
        ),
        "sans_retard": _compared("Toutes les étapes échues de la campagne précédente sont atteintes."),
    }
)
CALENDAR = Matrix(
    "plan.calendrier",
    "nom",
    "trimestre",
    "etapes",
    "étapes",
    (
        Column("nom", "Critère"),
        Column("trimestre", "Trimestre"),
        Column("etapes", "Étapes", Format.INTEGER),
    ),
    "Combien d'étapes, quand ?",
    "{etapes}",
)
SLIPS = Rows(
    "plan.glissements",
    (
        *OF_STEP,
        Column("devenir", "Devenir"),
        Column("avant", "Prévu avant"),
        Column("trimestre", "Prévu"),
        Column("retard", "Glissement (trimestres)", Format.INTEGER, change=True, good=-1),
    ),
    "Qu'est-ce qui a glissé ?",
    ("étape",),
    nothing="{sans_glissement}",
)
LATE = Rows(
    "plan.retards",
    (*OF_STEP, Column("actuel", "Niveau atteint", Format.INTEGER), Column("avant", "Échéance")),
    "Qu'est-ce qui est en retard ?",
    ("étape",),
    nothing="{sans_retard}",
)

PLAN = Page(
    name="plan",
    title="Plan",
    question=question,
    reading=reading,
    universe=CONVERGENCE,
    filters=shared_filters(),
    figures=figures,
    rows=(
        Block("calendrier", CALENDAR),
        Block("gantt", gantt, options=(SERVICE,)),
        (Block("glissements", SLIPS), Block("retards", LATE)),
    ),
)
