"""« Domaines »: the functional domains of the plan d'occupation des sols, now and as planned."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from apps.convergence.chiffres import MEASURES, NIVEAU, TAUX, count, ends, nation, rates
from apps.convergence.choix import QUESTIONNAIRE, shared_filters
from apps.convergence.galerie import Dots
from apps.convergence.vues import SCORES
from apps.convergence.words import at, domain, place, rate, services, where, whole_rate
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column
from apps.kit.data.view import View
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from apps.kit.style.worded import worded
from apps.kit.views.own import ROWS, WORDS, Rows
from lake.catalog.convergence import DOMAINES as CODES
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Format


def moments(view: View) -> list[str]:
    """At date, the end of the second year after the campaign, the end of the fifth."""
    if view.date is None:
        return [""]
    wanted = (f"{view.date.year + 2}-T4", f"{view.date.year + 5}-T4")
    return ["", *(one for one in wanted if one in ends(view))]


def moment(horizon: str) -> str:
    """« à date », « fin décembre 2022 »."""
    return at(horizon) if horizon else "à date"


@ROWS("domaines")
def by_domain(view: View) -> pl.DataFrame:
    """Every domain at each moment, on the questionnaire chosen.

    Returns:
        ``domaine, nom, moment`` (French), ``horizon``, and the measures; domains in the order of the POS.
    """
    code = QUESTIONNAIRE.chosen(view)
    parts = [
        rates(view, "domaine", horizon=one, code=code).with_columns(
            horizon=pl.lit(one), moment=pl.lit(moment(one))
        )
        for one in moments(view)
    ]
    order = {domaine: rank for rank, domaine in enumerate(CODES)}
    rows = pl.concat(parts).drop_nulls("domaine").pipe(worded, domain, "domaine", "nom")
    rank = pl.col("domaine").replace_strict(order, default=99, return_dtype=pl.Int64)
    return rows.sort(rank, "horizon")


def question(view: View) -> str:
    """« Quels domaines sont mûrs ? »"""
    return f"Quels domaines sont mûrs ? {place(view, 'domaine')}"


def reading(view: View) -> str:
    """The lowest and highest domains, and who stays under 80 % at the next milestone."""
    rows = by_domain(view)
    now = rows.filter(pl.col("horizon") == "").sort(TAUX)
    if now.height < 2:
        return f"{where(view, 'domaine')} : aucun domaine à comparer dans cette sélection."
    low, high = now.row(0, named=True), now.row(-1, named=True)
    said = f"Aujourd'hui, de {low['nom']} ({rate(low[TAUX])}) à {high['nom']} ({rate(high[TAUX])})."
    later = [one for one in moments(view) if one]
    if not later:
        return said
    under = rows.filter(pl.col("horizon") == later[0], pl.col(TAUX) <= 80)["nom"].to_list()
    end = f"{at(later[0])[0].upper()}{at(later[0])[1:]}"
    if not under:
        return f"{said} {end}, tous dépassent 80 %."
    if len(under) > 3:
        return f"{said} {end}, {len(under)} domaines sur {now.height} restent à 80 % ou moins."
    return f"{said} {end}, tous dépassent 80 % sauf {french.listing(under)}."


def figures(view: View) -> Figures:
    """Domains, and the rate of the questionnaire at each moment."""
    items: list[Figure] = []
    first = None
    for horizon in moments(view):
        rows = rates(view, horizon=horizon, code=QUESTIONNAIRE.chosen(view))
        row = rows.row(0, named=True) if rows.height else {}
        value, moved = row.get(TAUX), None
        if horizon:
            moved = french.change(value, first, Format.PERCENT, since="par rapport à la campagne")
        else:
            first = value
        said = [services(view, row.get("services_concernes", 0))]
        if (whole := nation(view)) is not None:
            everywhere = rates(whole, horizon=horizon, code=QUESTIONNAIRE.chosen(view))
            said += [whole_rate(one) for one in everywhere[TAUX]]
        items.append(Figure(f"Taux {moment(horizon)}", rate(value), moved, reference=" · ".join(said)))
    found = french.number(count(view, "domaines_equipes"))
    return Figures([*items, Figure("Domaines", found, reference="du plan d'occupation des sols")])


WORDS["domaines"] = lambda s: french.counted(s.frame["domaine"].n_unique(), "domaine")
RATES = Dots(
    "domaines",
    TAUX,
    "Le taux de chaque domaine",
    "Domaine",
    counted="{services_publies}",
    beside=True,
    key="domaine",
)
LEVELS = replace(RATES, measure=NIVEAU, title="Le niveau de chaque domaine")
TABLE = Rows(
    "domaines",
    (Column("nom", "Domaine"), Column("moment", "Moment"), *SCORES),
    "Domaine par domaine",
    counted="{domaines}",
    measures=MEASURES,
)

DOMAINES = Page(
    name="domaines",
    title="Domaines",
    question=question,
    reading=reading,
    universe=CONVERGENCE,
    filters=(QUESTIONNAIRE, *shared_filters()),
    figures=figures,
    rows=((Block("taux", RATES), Block("niveaux", LEVELS)), Block("tableau", TABLE)),
)
