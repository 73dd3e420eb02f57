"""« Éditeurs »: who equips which domain, in how many regions; then one solution, all the way."""

from __future__ import annotations

import polars as pl

from apps.convergence.chiffres import MEASURES, NIVEAU, TAUX, count, of_rows, rates, regions
from apps.convergence.choix import HORIZON, QUESTIONNAIRE, Listed, shared_filters
from apps.convergence.galerie import PLACES, SERIES, Matrix, Outlines, Plans, Regions
from apps.convergence.vues import Serie
from apps.convergence.words import domain, place, rate, region_named, services, where
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from apps.kit.style.worded import worded
from apps.kit.views.own import ROWS, WORDS, Rows, Shown
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.convergence_listes import SERVICES_DECLARES
from scoring.universes.model import Format

EDITORS = 25
"""Editors drawn in the matrix; the table has them all."""


def uses(view: View, *by: str, of: tuple[str, ...] = ("services_publies",)) -> pl.DataFrame:
    """Services of the publication's scope by editor, solution, domain…: only what has at least one."""
    rows = view.on(SERVICES_DECLARES).query(list(dict.fromkeys(("services_publies", *of))), by)
    return of_rows.made(
        rows, ("emplois", by), lambda: rows.filter(pl.col("services_publies") > 0).drop_nulls([*by])
    )


def solutions(view: View) -> pl.DataFrame:
    """Each solution: ``services, regions, domaines``; the most used first, then by name: nothing else orders them."""
    key = ["editeur", "solution"]
    by_domain = uses(view, *key, "domaine")
    counts = uses(view, *key, of=("services_publies", "regions_equipees"))

    def make() -> pl.DataFrame:
        domains = by_domain.group_by(key).agg(domaines=pl.col("domaine").sort().str.join(", "))
        return (
            counts.rename({"services_publies": "services", "regions_equipees": "regions"})
            .join(domains, on=key, how="left")
            .with_columns(pl.col("domaines").fill_null(""))
            .sort("services", "editeur", "solution", descending=[True, False, False])
        )

    return of_rows.made(counts, "solutions", make)


def _listed(view: View) -> dict[str, str]:
    rows = solutions(view)

    def make() -> dict[str, str]:
        first = rows.unique("solution", keep="first", maintain_order=True)
        return {
            solution: f"{solution} ({editor})"
            for editor, solution in first.select("editeur", "solution").iter_rows()
        }

    return of_rows.made(rows, "liste", make)


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


def counted_in(view: View) -> str:
    """What the matrix counts: « régions » or « services »."""
    return "régions" if view.option(COUNTED.name) == "regions" else "services"


@ROWS("editeurs.matrice")
def matrix(view: View) -> pl.DataFrame:
    """Editors × domains, the most present editors first: ``editeur, domaine, nom, nombre``."""
    measure = "regions_equipees" if counted_in(view) == "régions" else "services_publies"
    rows = uses(view, "editeur", "domaine", of=(measure,)).filter(pl.col(measure) > 0)
    rows = rows.select("editeur", "domaine", nombre=measure)
    total = rows.group_by("editeur").agg(total=pl.col("nombre").sum())
    rows = rows.join(total, on="editeur").sort("total", "editeur", "domaine", descending=[True, False, False])
    return rows.pipe(worded, domain, "domaine", "nom")


@WORDS("domaine_partage")
def _shared(shown: Shown) -> str:
    """The domain that most editors equip, and how many of them are drawn."""
    shared = shown.frame.group_by("domaine").agg(pl.col("editeur").n_unique())
    shared = shared.sort("editeur", "domaine", descending=[True, False])
    editors, said = shown.frame["editeur"].n_unique(), ""
    if shared.height:
        most = french.counted(shared["editeur"][0], "éditeur")
        said = f"Le domaine le plus partagé : {domain(shared['domaine'][0])}, {most}."
    if editors > EDITORS:
        said += f" Les {EDITORS} premiers éditeurs sur {editors} sont dessinés."
    return said.strip()


@ROWS("editeurs.solutions")
def listing(view: View) -> pl.DataFrame:
    """Every solution with its services, regions and rates."""
    code, key = QUESTIONNAIRE.chosen(view), ["editeur", "solution"]
    found = rates(view, *key, horizon=HORIZON.chosen(view), code=code).select(*key, *MEASURES[1:])
    return solutions(view).join(found, on=key, how="left", maintain_order="left")


@WORDS("taux_solution")
def _rates(shown: Shown) -> str:
    """The rates of the solution's services, questionnaire by questionnaire."""
    found = rates(of_solution(shown.view), horizon=HORIZON.chosen(shown.view))
    said = french.listing(
        f"{rate(value)} ({one})" for one, value in found.select("questionnaire", TAUX).iter_rows()
    )
    return f"Taux de maturité des services qui l'utilisent : {said}." if said else ""


@PLACES("solution")
def covered(view: View, _horizon: str) -> pl.DataFrame:
    """The regions where the solution is used, and by how many services."""
    alone = of_solution(view)
    used = uses(alone.on(selection=alone.selection.without("region")), "code_region")
    rows = region_named(view, used.select(region="code_region", services="services_publies"))
    return rows.sort("services", "nom_region", descending=[True, False])


WORDS.update(
    {
        "comptes": lambda s: counted_in(s.view),
        "comptes_titre": lambda s: counted_in(s.view).capitalize(),
        "editeurs": lambda s: french.counted(s.frame["editeur"].n_unique(), "éditeur"),
        "solution": lambda s: SOLUTION.chosen(s.view),
        "services_solution": lambda s: services(s.view, count(of_solution(s.view), "services_publies")),
        "regions_couvertes": lambda s: (
            f"{french.counted(s.frame.height, 'région')} sur {len(regions(s.view))}."
        ),
        "services_couverts": lambda s: services(s.view, int(s.frame["services"].sum())),
    }
)
SERIES["solution"] = lambda view: Serie(SOLUTION.chosen(view), of_solution(view), HORIZON.chosen(view))
MATRIX = Matrix(
    "editeurs.matrice",
    "editeur",
    "domaine",
    "nombre",
    "{comptes}",
    (
        Column("editeur", "Éditeur"),
        Column("nom", "Domaine"),
        Column("nombre", "{comptes_titre}", Format.INTEGER),
    ),
    "Occupation des domaines, en nombre de {comptes}",
    "{editeurs}",
    "{domaine_partage}",
    most=EDITORS,
)
LISTING = Rows(
    "editeurs.solutions",
    (
        Column("editeur", "Éditeur"),
        Column("solution", "Solution"),
        Column("services", "Services", Format.INTEGER),
        Column("regions", "Régions", Format.INTEGER),
        Column("domaines", "Domaines"),
        Column(TAUX, "Taux {code}", Format.PERCENT),
        Column(NIVEAU, "Niveau {code}", Format.DECIMAL, decimals=2),
    ),
    "Les solutions",
    ("solution",),
    measures=(TAUX,),
)
SHAPE = Outlines(
    TAUX,
    ("solution", "tous"),
    "Une solution : {solution}",
    "{taux_solution}",
    "{services_solution}",
    own=True,
)
COVERAGE = Regions(
    "solution",
    ("date",),
    "Où est-elle utilisée ?",
    "{regions_couvertes}",
    "services qui l'utilisent",
    "services",
    "{services_couverts}",
)
PROJECTION = Plans(("solution", "tous"), "Où mènent ses plans ?")

EDITEURS = Page(
    name="editeurs",
    title="Éditeurs",
    question=question,
    reading=reading,
    universe=CONVERGENCE,
    filters=(QUESTIONNAIRE, *shared_filters(horizon=True)),
    figures=figures,
    rows=(
        Block("matrice", MATRIX, options=(COUNTED,)),
        Block("solutions", LISTING),
        (Block("radar", SHAPE, options=(SOLUTION,)), Block("couverture", COVERAGE)),
        Block("projection", PROJECTION),
    ),
)
