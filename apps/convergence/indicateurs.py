"""« Indicateurs »: from the questionnaires down to the services, and back."""

from __future__ import annotations

import polars as pl

from apps.convergence.campagne import (
    axes,
    axis_key,
    campagne,
    criteria,
    details,
    questionnaires,
    scored,
)
from apps.convergence.chemin import trail
from apps.convergence.choix import HORIZON, Listed, shared_filters
from apps.convergence.synthese import MEASURES, QUESTIONNAIRE
from apps.convergence.words import address, at, level, rate, services, where, with_region
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column, Table, found
from apps.kit.data.view import View
from apps.kit.filters.search import Search
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Drawn
from apps.kit.style import french
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Format

ENDS = 10
"""Services listed at each end."""
ALL = "tous"


def _axes(view: View) -> dict[str, str]:
    return {ALL: "Tous les axes", **axes(view, QUESTIONNAIRE.chosen(view))}


AXIS = Listed("axe", "Axe", choices=_axes)


def _criteria(view: View) -> dict[str, str]:
    axis = AXIS.chosen(view)
    return {} if axis == ALL else {ALL: "Tous les critères", **criteria(view, axis)}


CRITERION = Listed("critere", "Critère", choices=_criteria)


def _opened(view: View) -> str:
    """The axis whose formula is opened: the one chosen, else the first of the questionnaire."""
    axis = AXIS.chosen(view)
    return next(iter(axes(view, QUESTIONNAIRE.chosen(view))), "") if axis == ALL else axis


COLUMNS = (
    Column("services_concernes", "Services", Format.INTEGER),
    Column("taux_maturite_pct", "Taux", Format.PERCENT),
    Column("niveau_maturite", "Niveau", Format.DECIMAL, decimals=2),
)


def question(view: View) -> str:
    """« Quels services sont en avance, lesquels en retard ? »"""
    return f"Quels services sont en avance, lesquels en retard ? {where(view)}"


def _named(view: View, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the service's name and region."""
    known = campagne(view).tous.select("service", "nom", "region", "type_service")
    return with_region(view, rows.join(known, on="service", how="left", maintain_order="left"))


def by_service(view: View) -> pl.DataFrame:
    """Each service on the questionnaire chosen, least mature first."""
    rows = scored(view, "service", HORIZON.chosen(view)).filter(
        pl.col("questionnaire") == QUESTIONNAIRE.chosen(view)
    )
    return _named(view, rows).sort("taux_maturite_pct", "niveau_maturite", "service")


def reading(view: View) -> str:
    """How many services are at 100 %, how many below half."""
    rows = by_service(view)
    if not rows.height:
        return f"{where(view)} : aucun service ne répond à ce questionnaire."
    full = rows.filter(pl.col("taux_maturite_pct") >= 99.999).height
    half = rows.filter(pl.col("taux_maturite_pct") < 50).height
    return (
        f"{at(HORIZON.chosen(view)).capitalize()}, {french.number(full)} sur {services(view, rows.height)} "
        f"atteignent tous les niveaux attendus ; {french.number(half)} restent sous 50 %."
    )


def figures(view: View) -> Figures:
    """Services, rate, level of the questionnaire; median service."""
    code, horizon = QUESTIONNAIRE.chosen(view), HORIZON.chosen(view)
    rows = scored(view, "questionnaire", horizon).filter(pl.col("questionnaire") == code)
    row = rows.row(0, named=True) if rows.height else {}
    median = by_service(view)["taux_maturite_pct"].median()
    return Figures(
        [
            Figure(
                "Services concernés",
                french.number(row.get("services_concernes")),
                help=CONVERGENCE.measure("services_concernes").definition,
            ),
            Figure(
                "Taux de maturité",
                rate(row.get("taux_maturite_pct")),
                reference=f"service médian : {rate(median if isinstance(median, float) else None)}",
                link=("Comment ce taux est-il fait ?", address(view, "formule", axe=_opened(view))),
            ),
            Figure("Niveau de maturité", level(row.get("niveau_maturite"))),
        ]
    )


def _ends(view: View, rows: pl.DataFrame, title: str) -> Table:
    return Table(
        rows,
        (
            Column("nom", "Service", width="medium"),
            Column("nom_region", "Région"),
            Column("taux_maturite_pct", "Taux", Format.PERCENT),
            Column("niveau_maturite", "Niveau", Format.DECIMAL, decimals=2),
        ),
        key="service",
        title=title,
        counted=services(view, rows.height),
        measures=("taux_maturite_pct",),
    )


def least(view: View) -> Table:
    """The least mature services."""
    return _ends(view, by_service(view).head(ENDS), f"Les {ENDS} moins mûrs")


def most(view: View) -> Table:
    """The most mature services."""
    rows = by_service(view).sort("taux_maturite_pct", "niveau_maturite", descending=True).head(ENDS)
    return _ends(view, rows, f"Les {ENDS} plus mûrs")


def table(view: View) -> Table:
    """The axes of the questionnaire; of an axis chosen, its criteria."""
    code, horizon, axis = QUESTIONNAIRE.chosen(view), HORIZON.chosen(view), AXIS.chosen(view)
    known = campagne(view).referentiel.filter(pl.col("questionnaire") == code)
    if axis == ALL:
        labels = known.select("axe", nom="libelle_axe").unique(maintain_order=True)
        rows = scored(view, "axe", horizon).filter(pl.col("questionnaire") == code)
        rows = labels.join(rows, on="axe", maintain_order="left")
        return Table(
            rows,
            (Column("axe", "Axe"), Column("nom", "Nom"), *COLUMNS),
            title="Les axes",
            reading="Choisissez un axe pour voir ses critères, puis un critère pour voir ses services.",
            counted=french.counted(rows.height, "axe"),
            measures=MEASURES,
        )
    labels = known.filter(axis_key() == axis).select("critere", "niveau_attendu", nom="libelle_critere")
    rows = scored(view, "critere", horizon).filter(pl.col("questionnaire") == code)
    rows = labels.unique("critere", keep="last", maintain_order=True).join(
        rows, on="critere", maintain_order="left"
    )
    return Table(
        rows,
        (
            Column("critere", "Critère"),
            Column("nom", "Nom"),
            Column("niveau_attendu", "Attendu", Format.INTEGER),
            *COLUMNS,
        ),
        title=f"Les critères de {axes(view)[axis]}",
        counted=french.counted(rows.height, "critère"),
        measures=MEASURES,
    )


STATES = ("sous le niveau attendu", "au niveau attendu", "non applicable")


def answers(view: View) -> pl.DataFrame:
    """The answers that the axis or criterion chosen keeps, each with its state.

    Returns:
        the columns of ``detail`` with ``etat`` (one of :data:`STATES`), ``nom`` and ``nom_region``.
    """
    rows = details(view, HORIZON.chosen(view)).filter(pl.col("questionnaire") == QUESTIONNAIRE.chosen(view))
    axis, criterion = AXIS.chosen(view), CRITERION.chosen(view)
    if axis != ALL:
        rows = rows.filter(axis_key() == axis)
    if criterion not in ("", ALL):
        rows = rows.filter(pl.col("critere") == criterion)
    state = (
        pl.when(pl.col("niveau").is_null())
        .then(pl.lit(STATES[2]))
        .when(pl.col("niveau") < pl.col("niveau_attendu"))
        .then(pl.lit(STATES[0]))
        .otherwise(pl.lit(STATES[1]))
    )
    order = {name: rank for rank, name in enumerate(STATES)}
    return _named(view, rows.drop("region").with_columns(etat=state)).sort(
        pl.col("etat").replace_strict(order, return_dtype=pl.Int64), "critere", "niveau", "service"
    )


def who(view: View) -> Table:
    """Services below, at the expected level, not applicable."""
    rows = answers(view)
    counts = dict(rows["etat"].value_counts().iter_rows())
    shown = Table(
        rows,
        (
            Column("nom", "Service"),
            Column("nom_region", "Région"),
            Column("critere", "Critère"),
            Column("etat", "État"),
            Column("niveau", "Niveau", Format.INTEGER),
            Column("niveau_attendu", "Attendu", Format.INTEGER),
            Column("motif_exclusion", "Pourquoi il ne compte pas"),
        ),
    )
    kept = found(shown, view.option("q"))
    said = french.listing(f"{french.number(counts.get(name, 0))} {name}" for name in STATES)
    return Table(
        kept,
        shown.columns,
        key="service",
        title="Qui est sous le niveau attendu, qui l'atteint ?",
        reading=f"{said[0].upper()}{said[1:]}, {at(HORIZON.chosen(view))}.",
        counted=french.counted(kept.height, "réponse"),
        measures=("taux_maturite_pct",),
    )


def way(view: View) -> Drawn:
    """The way back to the questionnaire, down to the criteria, and across to the pages of the same axis."""
    code, axis, criterion = QUESTIONNAIRE.chosen(view), AXIS.chosen(view), CRITERION.chosen(view)
    kept = {"questionnaire": code, "horizon": HORIZON.chosen(view)}
    name = questionnaires(view).get(code, code)
    if axis == ALL:
        known = axes(view, code)
        down = [(words, "indicateurs", {**kept, "axe": key}) for key, words in known.items()]
        return trail([], name, down, [("Leurs moyennes", "moyennes", kept)])
    top = (name, "indicateurs", kept)
    across = [
        ("La page de cet axe", "axes", {"axe": axis, "horizon": kept["horizon"]}),
        ("Sa formule, jusqu'aux réponses", "formule", {"axe": axis, "horizon": kept["horizon"]}),
        ("Les plans", "plan", {}),
    ]
    listed = criteria(view, axis)
    if criterion in ("", ALL):
        down = [
            (words, "indicateurs", {**kept, "axe": axis, "critere": key}) for key, words in listed.items()
        ]
        return trail([top], axes(view)[axis], down, across)
    back = [top, (axes(view)[axis], "indicateurs", {**kept, "axe": axis})]
    return trail(back, listed.get(criterion, criterion), [], across)


INDICATEURS = Page(
    name="indicateurs",
    title="Indicateurs",
    question=question,
    reading=reading,
    universe=CONVERGENCE,
    filters=(QUESTIONNAIRE, AXIS, CRITERION, *shared_filters(horizon=True)),
    figures=figures,
    rows=(
        Block("chemin", way),
        Block("tableau", table),
        (Block("moins", least), Block("plus", most)),
        Block(
            "services",
            who,
            options=(Search("q", "Chercher", placeholder="un service, une région, un critère…"),),
        ),
    ),
)
