"""Domains and editors in the publication."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from apps.convergence import domaines as domain_page
from apps.convergence import editeurs as editor_page
from apps.convergence.chiffres import TAUX, questionnaires
from apps.convergence.publication.blocs import (
    Bloc,
    chiffre,
    dessin,
    feuille,
    graphique,
    piece,
    section,
    series,
    texte,
)
from apps.convergence.publication.dessins import radar_of_codes
from apps.convergence.publication.etat import Etat
from apps.convergence.vues import RATE, Serie, curve
from apps.convergence.words import rate, services
from apps.kit.charts.charts import lines
from apps.kit.charts.figures import Figures
from apps.kit.charts.scales import Scale
from apps.kit.maps.maps import classify
from apps.kit.style import french

SOLUTIONS = 18
"""Solutions that have their own row, the most used first; the table has them all."""


def _figures(found: Figures) -> list[dict[str, str]]:
    return [chiffre(one.label, one.value, one.reference) for one in found.items]


def _of_services(etat: Etat) -> list[str]:
    """The questionnaires put to services (the regional one concerns one system a region)."""
    codes = list(questionnaires(etat.view))
    return [code for code in codes if code != "QR"] or codes


def domains(etat: Etat) -> dict[str, Any]:
    """The section of the domains: one sheet a questionnaire."""
    sheets = []
    for code in _of_services(etat):
        view = etat.option(questionnaire=code)
        rates, levels = domain_page.RATES(view), domain_page.LEVELS(view)
        drawn = [
            graphique(rates.spec, "Taux", largeur=520),
            graphique(levels.spec, "Niveau", largeur=520),
        ]
        tables = [
            [
                piece(rates.table, titre="Taux"),
            ],
            [piece(levels.table, titre="Niveau")],
        ]
        sheets.append(
            feuille(
                f"{questionnaires(view)[code]} ({code})",
                domain_page.reading(view),
                chiffres=_figures(domain_page.figures(view)),
                rangs=[drawn, *tables],
            )
        )
    return section("Les domaines", sheets)


def editors(etat: Etat, say: Callable[[str, float], None]) -> dict[str, Any]:
    """The section of the editors: who is where, the list of solutions, then the most used ones."""
    view = etat.option(questionnaire=_of_services(etat)[0], compte="regions" if etat.regions else "services")
    matrix = editor_page.MATRIX(view)
    sheets = [
        feuille(
            "Qui équipe quels domaines",
            editor_page.reading(view),
            chiffres=_figures(editor_page.figures(view)),
            rangs=[[graphique(matrix.spec, matrix.title, largeur=640, lecture=matrix.reading)]],
        ),
        feuille("Les solutions", rangs=[[piece(editor_page.LISTING(view), titre="")]]),
    ]
    say("Solutions", 0.5)
    sheets.append(
        feuille(
            "Les solutions les plus utilisées",
            "Pour chacune : le taux par axe des services qui l'utilisent, comparé à tous les services ; les régions "
            "où elle est utilisée ; où mènent ses plans.",
            rangs=cards(etat),
        )
    )
    return section("Les éditeurs", sheets)


def cards(etat: Etat) -> list[list[Bloc]]:
    """One row a solution: words, radar, coverage, curve."""
    code = _of_services(etat)[0]
    view = etat.option(questionnaire=code)
    rows = editor_page.solutions(view).head(SOLUTIONS)
    axes = etat.scores("editeur", "solution", "axe")[""]
    everyone = etat.scores("axe")[""]
    curves = curve([Serie("", view)], "editeur", "solution", code=code)
    uses = editor_page.uses(view, "editeur", "solution", "code_region")
    values = etat.scores("editeur", "solution")[""]
    found: list[list[Bloc]] = [[series(["la solution", "tous les services"])]]
    for row in rows.iter_rows(named=True):
        mine = (pl.col("editeur") == row["editeur"]) & (pl.col("solution") == row["solution"])
        known = values.filter(mine).sort("questionnaire")
        said = [
            f"{services(view, row['services'])}"
            + (f", {french.counted(row['regions'], 'région')}" if etat.regions else "")
            + (f" ; domaines {row['domaines']}." if row["domaines"] else "."),
            *(
                f"{one} : taux {rate(value)}"
                for one, value in known.select("questionnaire", TAUX).iter_rows()
            ),
        ]
        cells = [texte(said, f"{row['solution']} ({row['editeur']})", poids=1.0)]
        spec = radar_of_codes(
            view, code, {"la solution": axes.filter(mine), "tous les services": everyone}, TAUX
        )
        cells.append(graphique(spec, f"Taux par axe ({code})", largeur=300, hauteur=200, poids=1.3))
        where = uses.filter(mine).select("code_region", services="services_publies")
        classes = classify(where["services"], Scale())
        drawn = etat.map(dict(where.iter_rows()), classes)
        if drawn:
            cells.append(dessin(drawn, "Couverture", poids=0.85))
        path = curves.filter(mine)
        spec = lines(path, "horizon", TAUX, RATE) if path.height > 1 else {}
        cells.append(graphique(spec, "Projection", largeur=330, hauteur=170, poids=1.15))
        found.append(cells)
    return found
