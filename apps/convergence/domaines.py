"""« Domaines »: the functional domains of the plan d'occupation des sols, now and as planned."""

from __future__ import annotations

import polars as pl

from apps.convergence.campagne import campagne, in_publication, quarters, scored
from apps.convergence.choix import shared_filters
from apps.convergence.synthese import LEVEL, MEASURES, QUESTIONNAIRE, RATE
from apps.convergence.words import at, domain, rate, services, where
from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.levels import dots
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from apps.kit.style.worded import worded
from lake.catalog.convergence import DOMAINES as CODES
from lake.catalog.convergence import domaine_expr
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Format


def moments(view: View) -> list[str]:
    """At date, the end of the second year after the campaign, the end of the fifth."""
    ends = [one for one in quarters(view) if one.endswith("T4")]
    day = campagne(view).jour
    if day is None:
        return [""]
    wanted = (f"{day.year + 2}-T4", f"{day.year + 5}-T4")
    return ["", *(one for one in wanted if one in ends)]


def by_domain(view: View) -> pl.DataFrame:
    """Every domain at each moment, on the questionnaire chosen.

    Returns:
        ``domaine, nom, moment`` (French), ``horizon``, and the measures; domains in the order of the POS.
    """
    code = QUESTIONNAIRE.chosen(view)
    parts = [
        scored(view, "domaine", horizon)
        .filter(pl.col("questionnaire") == code)
        .with_columns(horizon=pl.lit(horizon), moment=pl.lit(at(horizon) if horizon else "à date"))
        for horizon in moments(view)
    ]
    order = {domaine: rank for rank, domaine in enumerate(CODES)}
    return (
        pl.concat(parts)
        .drop_nulls("domaine")
        .with_columns(
            rang=pl.col("domaine").replace_strict(order, default=99, return_dtype=pl.Int64),
        )
        .pipe(worded, domain, "domaine", "nom")
        .sort("rang", "horizon")
    )


def question(view: View) -> str:
    """« Quels domaines sont mûrs ? »"""
    return f"Quels domaines sont mûrs ? {where(view)}"


def reading(view: View) -> str:
    """The lowest and highest domains, and who stays under 80 % at the next milestone."""
    rows = by_domain(view)
    now = rows.filter(pl.col("horizon") == "").sort("taux_maturite_pct")
    if now.height < 2:
        return f"{where(view)} : aucun domaine à comparer dans cette sélection."
    low, high = now.row(0, named=True), now.row(-1, named=True)
    said = (
        f"Aujourd'hui, de {low['nom']} ({rate(low['taux_maturite_pct'])}) à {high['nom']} "
        f"({rate(high['taux_maturite_pct'])})."
    )
    later = [one for one in moments(view) if one]
    if not later:
        return said
    under = rows.filter(pl.col("horizon") == later[0], pl.col("taux_maturite_pct") <= 80)["nom"].to_list()
    end = f"{at(later[0])[0].upper()}{at(later[0])[1:]}"
    if not under:
        return f"{said} {end}, tous dépassent 80 %."
    if len(under) > 3:
        return f"{said} {end}, {len(under)} domaines sur {now.height} restent à 80 % ou moins."
    return f"{said} {end}, tous dépassent 80 % sauf {french.listing(under)}."


def figures(view: View) -> Figures:
    """Domains, and the rate of the questionnaire at each moment."""
    code = QUESTIONNAIRE.chosen(view)
    items = []
    first = None
    for horizon in moments(view):
        rows = scored(view, "questionnaire", horizon).filter(pl.col("questionnaire") == code)
        value = rows["taux_maturite_pct"].item() if rows.height else None
        label = "Taux à date" if not horizon else f"Taux {at(horizon)}"
        change = (
            french.change(value, first, Format.PERCENT, since="par rapport à la campagne")
            if horizon
            else None
        )
        count = rows["services_concernes"].item() if rows.height else 0
        items.append(Figure(label, rate(value), change, reference=services(view, count)))
        first = value if not horizon else first
    scope = in_publication(view).select(domaine=domaine_expr()).drop_nulls()
    items.append(
        Figure(
            "Domaines", french.number(scope["domaine"].n_unique()), reference="du plan d'occupation des sols"
        )
    )
    return Figures(items)


def _chart(view: View, measure: str, title: str) -> Chart:
    rows = by_domain(view)
    scale = RATE if measure == "taux_maturite_pct" else LEVEL
    wide = rows.pivot("moment", index=["domaine", "nom"], values=measure, maintain_order=True)
    counts = rows.filter(pl.col("horizon") == "").select("domaine", "services_concernes")
    wide = wide.join(counts, on="domaine", how="left", maintain_order="left")
    shape = scale.format
    labels = rows["moment"].unique(maintain_order=True).to_list()
    return Chart(
        dots(rows, "nom", measure, "moment", scale),
        Table(
            wide,
            (
                Column("nom", "Domaine"),
                Column("services_concernes", "Services", Format.INTEGER),
                *(Column(label, label.capitalize(), shape, decimals=scale.decimals) for label in labels),
            ),
            key="domaine",
        ),
        title=title,
        counted=services(view, in_publication(view).height),
        measures=(measure,),
    )


def rates(view: View) -> Chart:
    """Rates by domain."""
    return _chart(view, "taux_maturite_pct", "Le taux de chaque domaine")


def levels(view: View) -> Chart:
    """Levels by domain."""
    return _chart(view, "niveau_maturite", "Le niveau de chaque domaine")


def table(view: View) -> Table:
    """Everything by domain."""
    rows = by_domain(view)
    return Table(
        rows,
        (
            Column("nom", "Domaine"),
            Column("moment", "Moment"),
            Column("services_concernes", "Services", Format.INTEGER),
            Column("taux_maturite_pct", "Taux", Format.PERCENT),
            Column("niveau_maturite", "Niveau", Format.DECIMAL, decimals=2),
        ),
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
    rows=((Block("taux", rates), Block("niveaux", levels)), Block("tableau", table)),
)
