"""« Éditeurs »: who equips which domain, in how many regions; then one solution, all the way."""

from __future__ import annotations

import polars as pl

from apps.convergence.campagne import campagne, curve, elsewhere, in_publication, scored
from apps.convergence.choix import HORIZON, Listed, shared_filters
from apps.convergence.synthese import LEVEL, QUESTIONNAIRE, RATE, WHOLE_RATE
from apps.convergence.territoires import region_map, without_regions
from apps.convergence.words import domain, rate, services, spoke, where, with_region
from apps.kit.charts.charts import Chart, Scale, lines
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.levels import radar
from apps.kit.charts.plans import heat
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.maps.maps import Map, classify
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from apps.kit.style.worded import worded
from lake.catalog.convergence import domaine_expr
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Format
from scoring.universes.selection import Selection

EDITORS = 25
"""Editors drawn in the matrix; the table has them all."""


def uses(view: View) -> pl.DataFrame:
    """Each use of a solution by a service of the publication's scope.

    Returns:
        ``service, editeur, solution, domaine, region``.
    """
    scope = in_publication(view).select("service", "region", domaine=domaine_expr())
    return campagne(view).solutions.select("service", "editeur", "solution").join(scope, on="service")


def solutions(view: View) -> pl.DataFrame:
    """Each solution: services, regions, domains; the most used first."""
    return (
        uses(view)
        .group_by("editeur", "solution")
        .agg(
            services=pl.col("service").n_unique().cast(pl.Int64),
            regions=pl.col("region").drop_nulls().n_unique().cast(pl.Int64),
            domaines=pl.col("domaine").drop_nulls().unique().sort().str.join(", "),
        )
        .sort("services", "editeur", "solution", descending=[True, False, False])
    )


def _listed(view: View) -> dict[str, str]:
    return {
        f"{row[1]}": f"{row[1]} ({row[0]})"
        for row in solutions(view).unique("solution", keep="first", maintain_order=True).iter_rows()
    }


SOLUTION = Listed("outil", "Solution", choices=_listed)
COUNTED = Option("compte", "Compter", {"regions": "Régions", "services": "Services"})


def of_solution(view: View) -> Selection:
    """The page's selection on the solution chosen."""
    return view.selection.with_filter("solution", [SOLUTION.chosen(view)])


def question(view: View) -> str:
    """« Quels éditeurs équipent quels domaines ? »"""
    return f"Quels éditeurs équipent quels domaines ? {where(view)}"


def reading(view: View) -> str:
    """How many editors, and the most present one."""
    rows = uses(view)
    if not rows.height:
        return f"{where(view)} : aucune solution déclarée dans cette sélection."
    first = (
        rows.group_by("editeur")
        .agg(pl.col("region").n_unique(), pl.col("service").n_unique())
        .sort("service", "editeur", descending=[True, False])
        .row(0, named=True)
    )
    return (
        f"{french.counted(rows['editeur'].n_unique(), 'éditeur')} et "
        f"{french.counted(rows.select('editeur', 'solution').n_unique(), 'solution')} ; le plus présent, "
        f"{first['editeur']}, équipe {services(view, first['service'])}"
        + (
            f" dans {french.counted(first['region'], 'région')}."
            if rows["region"].drop_nulls().len()
            else "."
        )
    )


def figures(view: View) -> Figures:
    """Editors, solutions, services equipped, uses."""
    rows = uses(view)
    scope = in_publication(view)
    equipped = rows["service"].n_unique()
    several = (
        rows.group_by("service").agg(pl.col("solution").n_unique()).filter(pl.col("solution") > 1).height
    )
    return Figures(
        [
            Figure("Éditeurs", french.number(rows["editeur"].n_unique())),
            Figure("Solutions", french.number(rows.select("editeur", "solution").n_unique())),
            Figure(
                "Services équipés", french.number(equipped), reference=f"sur {services(view, scope.height)}"
            ),
            Figure(
                "Avec plusieurs solutions",
                french.number(several),
                reference="ils comptent une fois dans chacune",
            ),
        ]
    )


def matrix(view: View) -> Chart:
    """Editors × domains: in how many regions."""
    counted = view.option("compte")
    column, words = ("region", "régions") if counted == "regions" else ("service", "services")
    rows = (
        uses(view)
        .drop_nulls(["domaine", column])
        .group_by("editeur", "domaine")
        .agg(nombre=pl.col(column).n_unique().cast(pl.Int64))
    )
    total = rows.group_by("editeur").agg(total=pl.col("nombre").sum())
    rows = rows.join(total, on="editeur").sort("total", "editeur", "domaine", descending=[True, False, False])
    shown = rows["editeur"].unique(maintain_order=True).head(EDITORS)
    drawn = rows.filter(pl.col("editeur").is_in(shown.implode()))
    editors = rows.group_by("domaine").agg(pl.col("editeur").n_unique()).sort("editeur", descending=True)
    said = ""
    if editors.height:
        count = french.counted(editors["editeur"][0], "éditeur")
        said = f"Le domaine le plus partagé : {domain(editors['domaine'][0])}, {count}."
    if rows["editeur"].n_unique() > EDITORS:
        said += f" Les {EDITORS} premiers éditeurs sont dessinés."
    return Chart(
        heat(drawn, "editeur", "domaine", "nombre", words) if drawn.height else {},
        Table(
            rows.pipe(worded, domain, "domaine", "nom"),
            (
                Column("editeur", "Éditeur"),
                Column("nom", "Domaine"),
                Column("nombre", words.capitalize(), Format.INTEGER),
            ),
        ),
        title=f"Occupation des domaines, en nombre de {words}",
        reading=said.strip(),
        counted=french.counted(rows["editeur"].n_unique(), "éditeur"),
    )


def listing(view: View) -> Table:
    """Every solution with its services, regions and rates."""
    code = QUESTIONNAIRE.chosen(view)
    rates = scored(view, ["editeur", "solution"], HORIZON.chosen(view)).filter(
        pl.col("questionnaire") == code
    )
    rows = solutions(view).join(
        rates.select("editeur", "solution", "taux_maturite_pct", "niveau_maturite"),
        on=["editeur", "solution"],
        how="left",
        maintain_order="left",
    )
    return Table(
        rows,
        (
            Column("editeur", "Éditeur"),
            Column("solution", "Solution"),
            Column("services", "Services", Format.INTEGER),
            Column("regions", "Régions", Format.INTEGER),
            Column("domaines", "Domaines"),
            Column("taux_maturite_pct", f"Taux {code}", Format.PERCENT),
            Column("niveau_maturite", f"Niveau {code}", Format.DECIMAL, decimals=2),
        ),
        title="Les solutions",
        counted=french.counted(rows.height, "solution"),
        measures=("taux_maturite_pct",),
    )


def shape(view: View) -> Chart:
    """The radar of one solution against all services."""
    code, horizon = QUESTIONNAIRE.chosen(view), HORIZON.chosen(view)
    own = scored(view, "axe", horizon, selection=of_solution(view)).with_columns(
        serie=pl.lit(SOLUTION.chosen(view))
    )
    rest = scored(view, "axe", horizon).with_columns(serie=pl.lit("Tous les services"))
    labels = (
        campagne(view).referentiel.select("questionnaire", "axe", "libelle_axe").unique(maintain_order=True)
    )
    frame = pl.concat([own, rest]).filter(pl.col("questionnaire") == code).with_columns(cle=pl.col("axe"))
    frame = frame.join(labels, on=["questionnaire", "axe"], how="left", maintain_order="left")
    present = set(own.filter(pl.col("questionnaire") == code)["axe"])
    spokes = [
        (axis, spoke(axis, name)) for one, axis, name in labels.iter_rows() if one == code and axis in present
    ]
    return Chart(
        radar(
            frame.filter(pl.col("axe").is_in(list(present))), spokes, "taux_maturite_pct", 100.0, WHOLE_RATE
        ),
        Table(
            frame,
            (
                Column("axe", "Axe"),
                Column("libelle_axe", "Nom"),
                Column("serie", "Série"),
                Column("services_concernes", "Services", Format.INTEGER),
                Column("taux_maturite_pct", "Taux", Format.PERCENT),
                Column("niveau_maturite", "Niveau", Format.DECIMAL, decimals=2),
            ),
        ),
        title=f"Une solution : {SOLUTION.chosen(view)}",
        reading=_solution_words(view),
        counted=services(view, in_publication(view, selection=of_solution(view)).height),
        measures=("taux_maturite_pct",),
    )


def _solution_words(view: View) -> str:
    rows = scored(view, "questionnaire", HORIZON.chosen(view), selection=of_solution(view))
    said = french.listing(
        f"{rate(row['taux_maturite_pct'])} ({row['questionnaire']})" for row in rows.iter_rows(named=True)
    )
    return f"Taux de maturité des services qui l'utilisent : {said}." if said else ""


def coverage(view: View) -> Map | Chart | Note:
    """In which regions the solution is used."""
    if (nowhere := without_regions(view, "Où est-elle utilisée ?")) is not None:
        return nowhere
    apart = elsewhere(view).with_filter("solution", [SOLUTION.chosen(view)])
    rows = (
        in_publication(view, selection=apart)
        .drop_nulls("region")
        .group_by("region")
        .agg(services=pl.len().cast(pl.Int64))
    )
    rows = with_region(view, rows).sort("services", "nom_region", descending=[True, False])
    scale = Scale(title="services")
    declared = campagne(view).tous["region"].drop_nulls().n_unique()
    return region_map(
        view,
        rows,
        "services",
        scale,
        classify(rows["services"], scale),
        Table(rows, (Column("nom_region", "Région"), Column("services", "Services", Format.INTEGER))),
        title="Où est-elle utilisée ?",
        reading=f"{french.counted(rows.height, 'région')} sur {declared}.",
        counted=services(view, rows["services"].sum() if rows.height else 0),
        unit="services qui l'utilisent",
    )


def projection(view: View) -> Chart:
    """The solution's curve by quarter against all services."""
    code = QUESTIONNAIRE.chosen(view)
    own = curve(view, "questionnaire", selection=of_solution(view)).with_columns(
        serie=pl.lit(SOLUTION.chosen(view))
    )
    rest = curve(view, "questionnaire").with_columns(serie=pl.lit("Tous les services"))
    rows = pl.concat([own, rest]).filter(pl.col("questionnaire") == code)
    return Chart(
        lines(rows, "horizon", "taux_maturite_pct", RATE, series="serie", legend=True),
        Table(
            rows,
            (
                Column("horizon", "Trimestre (fin)"),
                Column("serie", "Série"),
                Column("services_concernes", "Services", Format.INTEGER),
                Column("taux_maturite_pct", "Taux", Format.PERCENT),
                Column("niveau_maturite", "Niveau", LEVEL.format, decimals=2),
            ),
        ),
        title="Où mènent ses plans ?",
        counted=french.counted(rows["horizon"].n_unique(), "trimestre"),
        measures=("taux_maturite_pct",),
    )


EDITEURS = Page(
    name="editeurs",
    title="Éditeurs",
    question=question,
    reading=reading,
    universe=CONVERGENCE,
    filters=(QUESTIONNAIRE, *shared_filters(horizon=True)),
    figures=figures,
    rows=(
        Block("matrice", matrix, options=(COUNTED,)),
        Block("solutions", listing),
        (Block("radar", shape, options=(SOLUTION,)), Block("couverture", coverage)),
        Block("projection", projection),
    ),
)
