"""The annex of the publication: how figures are counted, and the referential they are counted with."""

from __future__ import annotations

from typing import Any

from apps.convergence.chiffres import MEASURES, count, criteres
from apps.convergence.publication.blocs import feuille, section, tableau, texte
from apps.convergence.publication.etat import Etat
from apps.kit.style import french
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.convergence_listes import REPONSES_DONNEES, SERVICES_DECLARES

FORMULAS = (
    "Atteinte d'un critère : min(1, niveau / niveau attendu) ; un niveau attendu de 0 vaut 1.",
    "Taux d'un axe pour un service : Σ atteinte × poids / Σ poids, sur les N critères de l'axe auxquels le service a "
    "répondu. Taux de l'axe : moyenne sur les P services qui ont répondu à au moins un de ses critères.",
    "Taux d'un questionnaire pour un service : moyenne des axes auxquels il a répondu. Taux du questionnaire : moyenne "
    "sur les services.",
    "Niveau de maturité : les mêmes moyennes, avec le niveau (0 à 3) à la place de l'atteinte.",
)
RULES = (
    "Non applicable, critère caché par une réponse préliminaire connue, niveau que le porteur ne transmet pas : la "
    "réponse quitte toute somme et tout compte. Une réponse préliminaire inconnue laisse le critère posé.",
    "Un critère porté par un service d'infrastructure prend le niveau de ce service, de proche en proche.",
    "Projection à une date : le niveau d'un critère est le plus haut de son niveau du jour et des niveaux planifiés "
    "échus ; un niveau planifié pour un trimestre est atteint à sa fin. Ce qui n'est pas planifié ne bouge pas.",
    "Périmètre : les services publiables du tronc commun (en projection, ceux d'entre eux qui convergent), et tous les "
    "systèmes d'information régionaux.",
    "Un service qui utilise plusieurs solutions compte une fois dans chacune.",
)


def annex(etat: Etat) -> dict[str, Any]:
    """The section: formulas, rules, measures, referential, source."""
    view = etat.view
    rows = [
        [row["questionnaire"], f"{row['axe']} · {row['libelle_axe']}", f"{row['critere']} · {row['libelle_critere']}",
         french.number(row["niveau_attendu"]), french.number(row["poids"], 1)]
        for row in criteres(view).iter_rows(named=True)
    ]  # fmt: skip
    measures = [
        f"{measure.label} : {measure.definition} {measure.ne_mesure_pas}".strip()
        for measure in (*(CONVERGENCE.measure(name) for name in MEASURES), *SERVICES_DECLARES.measures)
    ]
    answers = count(view, "reponses", REPONSES_DONNEES, perimetre="tous")
    source = (
        f"Source : {view.source()} ; {french.counted(answers, 'réponse')}. "
        f"{CONVERGENCE.table.licence}. Référentiel en vigueur à la date de la campagne."
    )
    return section(
        "Annexe : méthode",
        [
            feuille(
                "Comment ces chiffres sont comptés",
                rangs=[
                    [texte(FORMULAS, "Les formules")],
                    [texte(RULES, "Ce qui compte, et ce qui ne compte pas")],
                    [texte(measures, "Les mesures")],
                    [texte([source], "La source")],
                ],
            ),
            feuille(
                "Le référentiel",
                f"{french.counted(len(rows), 'critère')}, avec le niveau attendu à date et le poids de chacun.",
                rangs=[[tableau(["", "Axe", "Critère", "Attendu", "Poids"], rows, textes=3)]],
            ),
        ],
    )
