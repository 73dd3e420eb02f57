"""« Domaines »: the functional domains of the plan d'occupation des sols, now and as planned."""

from __future__ import annotations

import polars as pl

from apps.convergence.chiffres import MEASURES, NIVEAU, TAUX, count, ends, nation, rates
from apps.convergence.choix import QUESTIONNAIRE, shared_filters
from apps.convergence.vues import SCORES, scale_of
from apps.convergence.words import at, domain, place, rate, services, where, whole_rate
from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.levels import dots
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from apps.kit.style.worded import worded
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


def _chart(view: View, measure: str, title: str) -> Chart:
    rows, scale = by_domain(view), scale_of(measure)
    wide = rows.pivot("moment", index=["domaine", "nom"], values=measure, maintain_order=True)
    counts = rows.filter(pl.col("horizon") == "").select("domaine", "services_concernes")
    wide = wide.join(counts, on="domaine", how="left", maintain_order="left")
    labels = rows["moment"].unique(maintain_order=True).to_list()
    return Chart(
        dots(rows, "nom", measure, "moment", scale) if rows.height else {},
        Table(
            wide,
            (
                Column("nom", "Domaine"),
                Column("services_concernes", "Services", Format.INTEGER),
                *(Column(one, one.capitalize(), scale.format, decimals=scale.decimals) for one in labels),
            ),
            key="domaine",
        ),
        title=title,
        counted=services(view, count(view, "services_publies")),
        measures=(measure,),
    )


def domain_rates(view: View) -> Chart:
    """Rates by domain."""
    return _chart(view, TAUX, "Le taux de chaque domaine")


def domain_levels(view: View) -> Chart:
    """Levels by domain."""
    return _chart(view, NIVEAU, "Le niveau de chaque domaine")


def table(view: View) -> Table:
    """Everything by domain."""
    rows = by_domain(view)
    return Table(
        rows,
        (Column("nom", "Domaine"), Column("moment", "Moment"), *SCORES),
        title="Domaine par domaine",
        counted=french.counted(rows["domaine"].n_unique(), "domaine"),
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
    rows=((Block("taux", domain_rates), Block("niveaux", domain_levels)), Block("tableau", table)),
)
