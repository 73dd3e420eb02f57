"""The gallery in order: the drawings that suit a question, the best first, each with its reason; then the others.

Deterministic and explained; never applied over a valid choice of the author.
"""

from __future__ import annotations

from dataclasses import replace

from scoring.analyses.faits import Question, is_entity, is_referential, is_territory
from scoring.analyses.regles import MOST_LINES, MOST_PANELS, MOST_SPOKES, Verdict, verdict
from scoring.analyses.regles_sujets import FEWEST_SUBJECTS
from scoring.analyses.spec import TYPES
from scoring.universes.model import Kind

FEWEST_SHAPES, FEW_BARS, MOST_RANKED = 5, 12, 104
REASONS = {
    "chiffres": "Le chiffre d’abord, avec son évolution.",
    "histogramme": "Des barres, dans l’ordre de l’axe, se comparent d’un coup d’œil.",
    "colonnes": "Un flux, mois après mois.",
    "courbe": "Le temps se lit de gauche à droite ; un mois absent coupe la ligne.",
    "multiples": "Une petite courbe par valeur, à la même échelle.",
    "avant-apres": "Deux dates : qui a bougé, et de combien.",
    "radar": "Des taux de mêmes bornes sur un référentiel court.",
    "liste": "Un à un, avec une recherche.",
    "tableau": "Tous les chiffres, avec le total demandé à part.",
    "classement": "Du plus haut au plus bas ; ce qui n’est pas dessiné est compté.",
    "carte": "Un taux sur le territoire.",
    "chaleur": "Deux axes croisés, plus sombre où c’est plus haut.",
    "evaluation": "Combien de services à chaque niveau.",
    "repartition": "Du domaine à ses zones, en un clic.",
    "camembert": "Peu de parts, qui font le tout.",
    "empilees": "Des parts qui font le tout de chaque barre.",
    "distribution": "Comment chacun se place, de part et d’autre du milieu.",
    "nuage": "Deux mesures, un point chacun, et où se tient l’ensemble.",
}


def gallery(question: Question) -> list[Verdict]:
    """Every type of the gallery, the recommended first, then those that suit, then those that do not."""
    verdicts = {kind: verdict(kind, question) for kind in TYPES}
    order = [kind for kind in preferred(question) if verdicts[kind].possible]
    order += [kind for kind in TYPES if verdicts[kind].possible and kind not in order]
    order += [kind for kind in TYPES if not verdicts[kind].possible]
    note = f" {question.faits.note}" if question.faits.note else ""
    return [
        replace(one, raison=f"{REASONS[one.type]}{note}") if one.possible else one
        for one in (verdicts[kind] for kind in order)
    ]


def preferred(q: Question) -> list[str]:
    """The types that a question calls for, the best first, whether they suit or not."""
    if len(q.axes) >= 3:
        return ["tableau"]
    if not q.axes:
        return ["chiffres"]
    if q.timed:
        return _over_time(q)
    if len(q.axes) == 2:
        return _crossed(q)
    axis = q.axes[0]
    if is_territory(axis):
        seen = q.count(axis)
        map_first = q.ratios() and (seen is None or seen >= FEWEST_SHAPES)
        return ["carte", "classement"] if map_first else ["classement", "histogramme", "carte"]
    if is_entity(axis):
        spread = ["nuage"] if len(q.measures) == 2 else ["distribution"]
        return [
            *(spread if (q.count(axis) or 0) >= FEWEST_SUBJECTS else []),
            "liste",
            "classement",
            "histogramme",
        ]
    if is_referential(axis):
        short = not q.over(axis, MOST_SPOKES)
        return ["histogramme", "radar", "classement"] if short else ["histogramme", "classement"]
    if not q.over(axis, FEW_BARS):
        return ["histogramme", "classement", "tableau", "camembert"]
    return ["classement", "tableau"] if not q.over(axis, MOST_RANKED) else ["liste", "classement"]


def _over_time(q: Question) -> list[str]:
    dates = q.faits.dates
    if not q.others:
        if dates is not None and dates < 2:
            return ["chiffres"]
        if dates == 2:
            return ["tableau"]
        flow = len(q.measures) == 1 and q.measures[0].kind is Kind.FLOW
        return ["colonnes", "courbe"] if flow else ["courbe", "colonnes"]
    if dates == 2:
        return ["avant-apres", "tableau"]
    axis = q.others[0]
    if not q.over(axis, MOST_LINES):
        return ["courbe", "chaleur"]
    return ["multiples", "chaleur"] if not q.over(axis, MOST_PANELS) else ["chaleur", "tableau"]


def _crossed(q: Question) -> list[str]:
    found = ["evaluation"] if q.axes[1].name.startswith("niveau") else []
    return [*found, "repartition", "empilees", "chaleur", "tableau"]
