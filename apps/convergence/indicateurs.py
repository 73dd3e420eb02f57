"""« Indicateurs »: from the questionnaires down to the services, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from apps.convergence.chemin import trail
from apps.convergence.chiffres import (
    CLE,
    MEASURES,
    NIVEAU,
    TAUX,
    axes,
    criteres,
    criteria,
    listed,
    questionnaires,
    rates,
)
from apps.convergence.choix import HORIZON, QUESTIONNAIRE, Listed, shared_filters
from apps.convergence.vues import SCORES
from apps.convergence.words import address, at, level, place, rate, region_named, services, where
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column, Table, found
from apps.kit.data.view import View
from apps.kit.filters.search import Search
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Drawn
from apps.kit.style import french
from apps.kit.views.own import ROWS, WORDS, Rows, Shown
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.convergence_listes import ETATS, REPONSES_DONNEES
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


def question(view: View) -> str:
    """« Quels services sont en avance, lesquels en retard ? »"""
    return f"Quels services sont en avance, lesquels en retard ? {place(view, 'service')}"


def by_service(view: View) -> pl.DataFrame:
    """Each service on the questionnaire chosen, least mature first: ``service, nom, nom_region``, scores."""
    rows = rates(
        view,
        "service",
        "nom_service",
        "region",
        horizon=HORIZON.chosen(view),
        code=QUESTIONNAIRE.chosen(view),
    )
    return region_named(view, rows.rename({"nom_service": "nom"})).sort(TAUX, NIVEAU, "service")


def reading(view: View) -> str:
    """How many services are at 100 %, how many below half."""
    rows = by_service(view)
    if not rows.height:
        return f"{where(view, 'service')} : aucun service ne répond à ce questionnaire."
    full = rows.filter(pl.col(TAUX) >= 99.999).height
    half = rows.filter(pl.col(TAUX) < 50).height
    return (
        f"{at(HORIZON.chosen(view)).capitalize()}, {french.number(full)} sur {services(view, rows.height)} "
        f"atteignent tous les niveaux attendus ; {french.number(half)} restent sous 50 %."
    )


def figures(view: View) -> Figures:
    """Services, rate, level of the questionnaire; median service."""
    rows = rates(view, horizon=HORIZON.chosen(view), code=QUESTIONNAIRE.chosen(view))
    row = rows.row(0, named=True) if rows.height else {}
    median = by_service(view).select(pl.col(TAUX).median()).item()
    return Figures(
        [
            Figure(
                "Services concernés",
                french.number(row.get("services_concernes")),
                help=CONVERGENCE.measure("services_concernes").definition,
            ),
            Figure(
                "Taux de maturité",
                rate(row.get(TAUX)),
                reference=f"service médian : {rate(median)}",
                link=("Comment ce taux est-il fait ?", address(view, "formule", axe=_opened(view))),
            ),
            Figure("Niveau de maturité", level(row.get(NIVEAU))),
        ]
    )


ROWS["indicateurs.moins"] = lambda view: by_service(view).head(ENDS)
ROWS["indicateurs.plus"] = lambda view: (
    by_service(view).sort(TAUX, NIVEAU, "service", descending=[True, True, False]).head(ENDS)
)


@ROWS("indicateurs.unites")
def units(view: View) -> pl.DataFrame:
    """The axes of the questionnaire; of an axis chosen, its criteria, with what is expected of them."""
    code, horizon, axis = QUESTIONNAIRE.chosen(view), HORIZON.chosen(view), AXIS.chosen(view)
    known = criteres(view, horizon).filter(pl.col("questionnaire") == code)
    unit = "axe" if axis == ALL else "critere"
    if axis == ALL:
        labels = known.select("axe", nom="libelle_axe").unique(maintain_order=True)
    else:
        labels = known.filter(pl.col("cle") == axis).select(
            "critere", "niveau_attendu", nom="libelle_critere"
        )
    found = rates(view, unit, horizon=horizon, code=code)
    return labels.join(found, on=unit, how="left", maintain_order="left")


def answers(view: View) -> pl.DataFrame:
    """The answers that the axis or criterion chosen keeps, each with its state; ``nom`` and ``nom_region``."""
    rows = listed(view, REPONSES_DONNEES, horizon=HORIZON.chosen(view))
    rows = rows.filter(pl.col("questionnaire") == QUESTIONNAIRE.chosen(view))
    axis, criterion = AXIS.chosen(view), CRITERION.chosen(view)
    if axis != ALL:
        rows = rows.filter(axis == CLE)
    if criterion not in ("", ALL):
        rows = rows.filter(pl.col("critere") == criterion)
    rank = pl.col("etat").replace_strict({one: n for n, one in enumerate(ETATS)}, return_dtype=pl.Int64)
    named = region_named(view, rows.with_columns(nom="nom_service"))
    return named.sort(rank, "critere", "niveau", "service")


@ROWS("indicateurs.reponses")
def found_answers(view: View) -> pl.DataFrame:
    """:func:`answers`, those that hold the words searched."""
    return found(Table(answers(view), OF_ANSWER), view.option(SEARCH.name))


def _states(shown: Shown) -> str:
    """How many services are below, at the expected level, not applicable, whatever is searched."""
    counts = dict(answers(shown.view)["etat"].value_counts().iter_rows())
    said = french.listing(f"{french.number(counts.get(name, 0))} {name}" for name in ETATS)
    return f"{said[0].upper()}{said[1:]}, {at(HORIZON.chosen(shown.view))}."


def _whole(of_all: str, of_axis: Callable[[View], str]) -> Callable[[Shown], str]:
    """Words of the questionnaire, and of an axis chosen in it."""
    return lambda s: of_all if AXIS.chosen(s.view) == ALL else of_axis(s.view)


WORDS.update(
    {
        "etats": _states,
        "unites": _whole("Les axes", lambda view: f"Les critères de {axes(view)[AXIS.chosen(view)]}"),
        "unites_lire": _whole(
            "Choisissez un axe pour voir ses critères, puis un critère pour voir ses services.", lambda _: ""
        ),
        "unites_comptees": lambda s: french.counted(
            s.frame.height, "axe" if AXIS.chosen(s.view) == ALL else "critère"
        ),
        "services_listes": lambda s: services(s.view, s.frame.height),
    }
)
SEARCH = Search("q", "Chercher", placeholder="un service, une région, un critère…")
UNITS = Rows(
    "indicateurs.unites",
    (
        Column("axe", "Axe"),
        Column("critere", "Critère"),
        Column("nom", "Nom"),
        Column("niveau_attendu", "Attendu", Format.INTEGER),
        *SCORES,
    ),
    "{unites}",
    reading="{unites_lire}",
    measures=MEASURES,
    counted="{unites_comptees}",
)
LEAST = Rows(
    "indicateurs.moins",
    (Column("nom", "Service", width="medium"), Column("nom_region", "Région"), *SCORES[1:]),
    f"Les {ENDS} moins mûrs",
    key="service",
    measures=(TAUX,),
    counted="{services_listes}",
)
MOST = replace(LEAST, rows="indicateurs.plus", title=f"Les {ENDS} plus mûrs")
OF_ANSWER = (
    Column("nom", "Service"),
    Column("nom_region", "Région"),
    Column("critere", "Critère"),
    Column("etat", "État"),
    Column("niveau", "Niveau", Format.INTEGER),
    Column("niveau_attendu", "Attendu", Format.INTEGER),
    Column("motif_exclusion", "Pourquoi il ne compte pas"),
)
WHO = Rows(
    "indicateurs.reponses",
    OF_ANSWER,
    "Qui est sous le niveau attendu, qui l'atteint ?",
    ("réponse",),
    "{etats}",
    key="service",
    measures=(TAUX,),
)


def way(view: View) -> Drawn:
    """The way back to the questionnaire, down to the criteria, and across to the pages of the same axis."""
    code, axis, criterion = QUESTIONNAIRE.chosen(view), AXIS.chosen(view), CRITERION.chosen(view)
    kept = {"questionnaire": code, "horizon": HORIZON.chosen(view)}
    name = questionnaires(view).get(code, code)
    if axis == ALL:
        down = [(words, "indicateurs", {**kept, "axe": key}) for key, words in axes(view, code).items()]
        return trail([], name, down, [("Leurs moyennes", "moyennes", kept)])
    top = (name, "indicateurs", kept)
    across = [
        ("La page de cet axe", "axes", {"axe": axis, "horizon": kept["horizon"]}),
        ("Sa formule, jusqu'aux réponses", "formule", {"axe": axis, "horizon": kept["horizon"]}),
        ("Les plans", "plan", {}),
    ]
    known = criteria(view, axis)
    if criterion in ("", ALL):
        down = [(words, "indicateurs", {**kept, "axe": axis, "critere": key}) for key, words in known.items()]
        return trail([top], axes(view)[axis], down, across)
    back = [top, (axes(view)[axis], "indicateurs", {**kept, "axe": axis})]
    return trail(back, known.get(criterion, criterion), [], across)


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
        Block("tableau", UNITS),
        (Block("moins", LEAST), Block("plus", MOST)),
        Block("services", WHO, options=(SEARCH,)),
    ),
)
