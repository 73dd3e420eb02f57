"""« Plan »: what is planned, quarter by quarter; what is late, what slipped since the campaign before."""

from __future__ import annotations

import polars as pl

from apps.convergence.campagne import campagne, criteria, details, in_publication, quarters
from apps.convergence.choix import Listed, shared_filters
from apps.convergence.words import quarter, services, where, with_region
from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.levels import level_word
from apps.kit.charts.plans import heat, steps
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from apps.kit.style.worded import worded
from lake.catalog.convergence import rang_expr, trimestre_acheve
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Format

_STEP = ["service", "critere", "niveau"]


def planned(view: View, *, before: bool = False) -> pl.DataFrame:
    """The steps of the plans of the services in scope, in this campaign or the one before."""
    scope = in_publication(view).select("service", "nom", "region")
    plans = campagne(view, at=view.before if before else None).plans
    rows = plans.filter(~pl.col("non_planifiable")).join(scope, on="service")
    return rows.with_columns(rang=rang_expr()).sort("service", "critere", "niveau")


def reached(view: View) -> pl.DataFrame:
    """Today's level of each service on each criterion: ``service, critere, actuel``."""
    return details(view).select("service", "critere", actuel="niveau")


def late(view: View) -> pl.DataFrame:
    """Steps of the campaign before that were due by this one and are not reached."""
    if view.before is None or view.date is None:
        return planned(view).head(0).with_columns(actuel=pl.lit(None, pl.Int64))
    due = planned(view, before=True).filter(pl.col("rang") <= trimestre_acheve(view.date))
    return due.join(reached(view), on=["service", "critere"], how="left").filter(
        pl.col("actuel").is_null() | (pl.col("actuel") < pl.col("niveau"))
    )


def slipped(view: View) -> pl.DataFrame:
    """Steps that were planned for an earlier quarter in the campaign before: ``avant``, ``retard`` (quarters)."""
    if view.before is None:
        return (
            planned(view).head(0).with_columns(avant=pl.lit(None, pl.String), retard=pl.lit(None, pl.Int32))
        )
    before = planned(view, before=True).select(*_STEP, avant="trimestre", rang_avant="rang")
    rows = planned(view).join(before, on=_STEP).with_columns(retard=pl.col("rang") - pl.col("rang_avant"))
    return rows.filter(pl.col("retard") > 0).sort(
        "retard", "service", "critere", descending=[True, False, False]
    )


def question(view: View) -> str:
    """« Que prévoient les plans ? »"""
    return f"Que prévoient les plans ? {where(view)}"


def reading(view: View) -> str:
    """Steps, when half are done, what slipped."""
    rows = planned(view)
    if not rows.height:
        return f"{where(view)} : aucune étape n'est planifiée."
    middle = rows.sort("rang")["trimestre"][rows.height // 2]
    said = (
        f"{french.counted(rows.height, 'étape')} pour {services(view, rows['service'].n_unique())} ; la moitié sont "
        f"prévues d'ici {quarter(middle)}."
    )
    if view.before is None:
        return said
    moved = slipped(view).height
    return f"{said} {french.counted(moved, 'étape a glissé', 'étapes ont glissé')} depuis la campagne précédente."


def figures(view: View) -> Figures:
    """Steps, services with a plan, late, slipped."""
    rows = planned(view)
    scope = in_publication(view)
    impossible = campagne(view).plans.filter("non_planifiable").join(scope, on="service", how="semi").height
    items = [
        Figure(
            "Étapes planifiées",
            french.number(rows.height),
            reference=f"{french.number(impossible)} non planifiables",
        ),
        Figure(
            "Services avec un plan",
            french.number(rows["service"].n_unique()),
            reference=f"sur {services(view, scope.height)}",
        ),
    ]
    if view.before is not None:
        since = f"depuis le {french.long_date(view.before)}"
        items += [
            Figure(
                "Étapes en retard",
                french.number(late(view).height),
                reference=f"échues {since}, non atteintes",
            ),
            Figure("Étapes qui ont glissé", french.number(slipped(view).height), reference=since),
        ]
    return Figures(items)


def calendar(view: View) -> Chart:
    """Steps by quarter and criterion."""
    names = criteria(view)
    rows = planned(view).group_by("critere", "trimestre").agg(etapes=pl.len().cast(pl.Int64))
    order = {code: rank for rank, code in enumerate(names)}
    rows = rows.with_columns(
        nom=pl.col("critere").replace_strict(names, default=pl.col("critere")),
        rang=pl.col("critere").replace_strict(order, default=999, return_dtype=pl.Int64),
    ).sort("rang", "trimestre")
    return Chart(
        heat(rows, "nom", "trimestre", "etapes", "étapes") if rows.height else {},
        Table(
            rows,
            (
                Column("nom", "Critère"),
                Column("trimestre", "Trimestre"),
                Column("etapes", "Étapes", Format.INTEGER),
            ),
        ),
        title="Combien d'étapes, quand ?",
        counted=french.counted(rows["etapes"].sum() if rows.height else 0, "étape"),
    )


def _services(view: View) -> dict[str, str]:
    rows = with_region(view, planned(view)).unique("service", keep="first", maintain_order=True)
    return {
        code: f"{nom} · {region}" if region else nom
        for code, nom, region in rows.select("service", "nom", "nom_region").iter_rows()
    }


SERVICE = Listed("service", "Service", choices=_services)


def gantt_rows(view: View) -> pl.DataFrame:
    """The levels of the service chosen on each criterion, from quarter to quarter.

    Returns:
        ``critere, nom, niveau, debut, fin`` (quarters): today's level first, then each step's.
    """
    code, all_quarters = SERVICE.chosen(view), quarters(view)
    if not all_quarters:
        return pl.DataFrame(
            schema={
                "critere": pl.String,
                "nom": pl.String,
                "niveau": pl.Int64,
                "debut": pl.String,
                "fin": pl.String,
            }
        )
    today = dict(
        reached(view).filter(pl.col("service") == code).select("critere", "actuel").drop_nulls().iter_rows()
    )
    names, rows = criteria(view), []
    plan = planned(view).filter(pl.col("service") == code)
    for critere in [one for one in names if one in set(plan["critere"])]:
        # A level planned for a quarter is reached at its end: it shows from the next one on.
        marks = [(all_quarters[0], today.get(critere))]
        for level, due in (
            plan.filter(pl.col("critere") == critere).sort("rang").select("niveau", "trimestre").iter_rows()
        ):
            following = all_quarters.index(due) + 1 if due in all_quarters else 0
            if following < len(all_quarters) and (marks[-1][1] is None or level > marks[-1][1]):
                marks.append((all_quarters[following], level))
        for (start, level), (end, _) in zip(marks, [*marks[1:], (all_quarters[-1], None)], strict=True):
            if level is not None and start < end:
                rows.append((critere, names[critere], level, start, end))
    return pl.DataFrame(
        rows, schema=["critere", "nom", "niveau", "debut", "fin"], orient="row", infer_schema_length=None
    )


def gantt(view: View) -> Chart:
    """The plan of one service."""
    rows = gantt_rows(view)
    said = rows.pipe(worded, level_word, "niveau", "mot")
    columns = (
        Column("nom", "Critère"),
        Column("mot", "Niveau"),
        Column("debut", "À partir de"),
        Column("fin", "Jusqu'à"),
    )
    return Chart(
        steps(rows, "nom", quarters(view)) if rows.height else {},
        Table(said, columns if rows.height else columns[:1]),
        title="Le plan d'un service",
        reading="Un niveau planifié pour un trimestre est atteint à sa fin.",
        counted=french.counted(rows["critere"].n_unique() if rows.height else 0, "critère"),
    )


def slips(view: View) -> Table | Note:
    """Steps that slipped."""
    rows = with_region(view, slipped(view))
    if not rows.height:
        said = "Aucune étape n'a été repoussée depuis la campagne précédente."
        return Note(
            said if view.before else "Aucune campagne antérieure à comparer.",
            title="Qu'est-ce qui a glissé ?",
        )
    return Table(
        rows,
        (
            Column("nom", "Service"),
            Column("nom_region", "Région"),
            Column("critere", "Critère"),
            Column("niveau", "Niveau visé", Format.INTEGER),
            Column("avant", "Prévu avant"),
            Column("trimestre", "Prévu"),
            Column("retard", "Glissement (trimestres)", Format.INTEGER, change=True, good=-1),
        ),
        title="Qu'est-ce qui a glissé ?",
        counted=french.counted(rows.height, "étape"),
    )


def lates(view: View) -> Table | Note:
    """Steps due and not reached."""
    rows = with_region(view, late(view))
    if not rows.height:
        said = "Toutes les étapes échues de la campagne précédente sont atteintes."
        return Note(
            said if view.before else "Aucune campagne antérieure à comparer.",
            title="Qu'est-ce qui est en retard ?",
        )
    return Table(
        rows,
        (
            Column("nom", "Service"),
            Column("nom_region", "Région"),
            Column("critere", "Critère"),
            Column("niveau", "Niveau visé", Format.INTEGER),
            Column("actuel", "Niveau atteint", Format.INTEGER),
            Column("trimestre", "Échéance"),
        ),
        title="Qu'est-ce qui est en retard ?",
        counted=french.counted(rows.height, "étape"),
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
        Block("calendrier", calendar),
        Block("gantt", gantt, options=(SERVICE,)),
        (Block("glissements", slips), Block("retards", lates)),
    ),
)
