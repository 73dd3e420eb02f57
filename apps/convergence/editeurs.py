"""« Éditeurs »: who equips which domain, in how many regions; then one solution, all the way."""

from __future__ import annotations

import polars as pl

from apps.convergence.chiffres import MEASURES, NIVEAU, TAUX, count, rates, regions
from apps.convergence.choix import HORIZON, QUESTIONNAIRE, Listed, shared_filters
from apps.convergence.territoires import region_map, without_regions
from apps.convergence.vues import Serie, by_axis, curve, curve_chart, radar_of
from apps.convergence.words import domain, place, rate, region_named, services, where
from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.plans import heat
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.maps.maps import Map, classify
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from apps.kit.style.worded import worded
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.convergence_listes import SERVICES_DECLARES
from scoring.universes.model import Format

EDITORS = 25
"""Editors drawn in the matrix; the table has them all."""
ALL = "Tous les services"


def uses(view: View, *by: str, of: tuple[str, ...] = ("services_publies",)) -> pl.DataFrame:
    """Services of the publication's scope by editor, solution, domain…: only what has at least one."""
    rows = view.on(SERVICES_DECLARES).query(list(dict.fromkeys(("services_publies", *of))), by)
    return rows.filter(pl.col("services_publies") > 0).drop_nulls([*by])


def solutions(view: View) -> pl.DataFrame:
    """Each solution: ``services, regions, domaines``; the most used first, then by name: nothing else orders them."""
    key = ["editeur", "solution"]
    domains = uses(view, *key, "domaine").group_by(key).agg(domaines=pl.col("domaine").sort().str.join(", "))
    counts = uses(view, *key, of=("services_publies", "regions_equipees"))
    return (
        counts.rename({"services_publies": "services", "regions_equipees": "regions"})
        .join(domains, on=key, how="left")
        .with_columns(pl.col("domaines").fill_null(""))
        .sort("services", "editeur", "solution", descending=[True, False, False])
    )


def _listed(view: View) -> dict[str, str]:
    rows = solutions(view).unique("solution", keep="first", maintain_order=True)
    return {
        solution: f"{solution} ({editor})"
        for editor, solution in rows.select("editeur", "solution").iter_rows()
    }


SOLUTION = Listed("outil", "Solution", choices=_listed)
COUNTED = Option("compte", "Compter", {"regions": "Régions", "services": "Services"})


def of_solution(view: View) -> View:
    """The page on the services that use the solution chosen."""
    return view.on(selection=view.selection.with_filter("solution", [SOLUTION.chosen(view)]))


def question(view: View) -> str:
    """« Quels éditeurs équipent quels domaines ? »"""
    return f"Quels éditeurs équipent quels domaines ? {place(view, 'editeur')}"


def reading(view: View) -> str:
    """How many editors, and the most present one."""
    rows = uses(view, "editeur", of=("services_publies", "regions_equipees"))
    if not rows.height:
        return f"{where(view, 'editeur')} : aucune solution déclarée dans cette sélection."
    # Ties go by name: the order must not hang on rows that the reader may not see.
    first = rows.sort("services_publies", "editeur", descending=[True, False]).row(0, named=True)
    reach = first["regions_equipees"]
    return (
        f"{french.counted(rows.height, 'éditeur')} et {french.counted(solutions(view).height, 'solution')} ; le plus "
        f"présent, {first['editeur']}, équipe {services(view, first['services_publies'])}"
        + (f" dans {french.counted(reach, 'région')}." if reach else ".")
    )


def figures(view: View) -> Figures:
    """Editors, solutions, services equipped, uses."""
    by_service = uses(view, "service", "editeur", "solution")
    several = by_service.group_by("service").agg(pl.col("solution").n_unique()).filter(pl.col("solution") > 1)
    return Figures(
        [
            Figure("Éditeurs", french.number(uses(view, "editeur").height)),
            Figure("Solutions", french.number(solutions(view).height)),
            Figure(
                "Services équipés",
                french.number(by_service["service"].n_unique()),
                reference=f"sur {services(view, count(view, 'services_publies'))}",
            ),
            Figure(
                "Avec plusieurs solutions",
                french.number(several.height),
                reference="ils comptent une fois dans chacune",
            ),
        ]
    )


def matrix(view: View) -> Chart:
    """Editors × domains: in how many regions."""
    words = "régions" if view.option("compte") == "regions" else "services"
    measure = "regions_equipees" if words == "régions" else "services_publies"
    rows = uses(view, "editeur", "domaine", of=(measure,)).filter(pl.col(measure) > 0)
    rows = rows.select("editeur", "domaine", nombre=measure)
    total = rows.group_by("editeur").agg(total=pl.col("nombre").sum())
    rows = rows.join(total, on="editeur").sort("total", "editeur", "domaine", descending=[True, False, False])
    shown = rows["editeur"].unique(maintain_order=True).head(EDITORS)
    drawn = rows.filter(pl.col("editeur").is_in(shown.implode()))
    shared = rows.group_by("domaine").agg(pl.col("editeur").n_unique())
    shared = shared.sort("editeur", "domaine", descending=[True, False])
    editors = rows["editeur"].n_unique()
    said = ""
    if shared.height:
        most = french.counted(shared["editeur"][0], "éditeur")
        said = f"Le domaine le plus partagé : {domain(shared['domaine'][0])}, {most}."
    if editors > EDITORS:
        said += f" Les {EDITORS} premiers éditeurs sur {editors} sont dessinés."
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
        counted=french.counted(editors, "éditeur"),
    )


def listing(view: View) -> Table:
    """Every solution with its services, regions and rates."""
    code, key = QUESTIONNAIRE.chosen(view), ["editeur", "solution"]
    found = rates(view, *key, horizon=HORIZON.chosen(view), code=code).select(*key, *MEASURES[1:])
    rows = solutions(view).join(found, on=key, how="left", maintain_order="left")
    return Table(
        rows,
        (
            Column("editeur", "Éditeur"),
            Column("solution", "Solution"),
            Column("services", "Services", Format.INTEGER),
            Column("regions", "Régions", Format.INTEGER),
            Column("domaines", "Domaines"),
            Column(TAUX, f"Taux {code}", Format.PERCENT),
            Column(NIVEAU, f"Niveau {code}", Format.DECIMAL, decimals=2),
        ),
        title="Les solutions",
        counted=french.counted(rows.height, "solution"),
        measures=(TAUX,),
    )


def shape(view: View) -> Chart:
    """The radar of one solution against all services, on the axes that its services answer."""
    code, horizon, name = QUESTIONNAIRE.chosen(view), HORIZON.chosen(view), SOLUTION.chosen(view)
    frame = by_axis([Serie(name, of_solution(view), horizon), Serie(ALL, view, horizon)], code)
    own = frame.filter(pl.col("serie") == name).select("cle")
    said = french.listing(
        f"{rate(value)} ({one})"
        for one, value in rates(of_solution(view), horizon=horizon).select("questionnaire", TAUX).iter_rows()
    )
    return radar_of(
        view,
        frame.join(own, on="cle", how="semi", maintain_order="left"),
        TAUX,
        title=f"Une solution : {name}",
        reading=f"Taux de maturité des services qui l'utilisent : {said}." if said else "",
        counted=services(view, count(of_solution(view), "services_publies")),
    )


def coverage(view: View) -> Map | Chart | Note:
    """In which regions the solution is used."""
    title = "Où est-elle utilisée ?"
    if (nowhere := without_regions(view, title)) is not None:
        return nowhere
    used = uses(of_solution(view).on(selection=of_solution(view).selection.without("region")), "code_region")
    rows = region_named(view, used.select(region="code_region", services="services_publies"))
    rows = rows.sort("services", "nom_region", descending=[True, False])
    scale = Scale(title="services")
    return region_map(
        view,
        rows,
        "services",
        scale,
        classify(rows["services"], scale),
        Table(rows, (Column("nom_region", "Région"), Column("services", "Services", Format.INTEGER))),
        title=title,
        reading=f"{french.counted(rows.height, 'région')} sur {len(regions(view))}.",
        counted=services(view, int(rows["services"].sum())),
        unit="services qui l'utilisent",
    )


def projection(view: View) -> Chart:
    """The solution's curve by quarter against all services."""
    series = (Serie(SOLUTION.chosen(view), of_solution(view)), Serie(ALL, view))
    rows = curve(series, code=QUESTIONNAIRE.chosen(view))
    return curve_chart(rows.sort(pl.col("serie") == ALL, "horizon"), title="Où mènent ses plans ?")


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
        (
            Block("radar", shape, options=(SOLUTION,)),
            Block("couverture", coverage),
        ),
        Block("projection", projection),
    ),
)
