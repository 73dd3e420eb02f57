"""Rules of the drawings that show subjects one by one: a list, a distribution, a cloud of points."""

from __future__ import annotations

from scoring.analyses.faits import Question, is_entity, is_territory
from scoring.universes.model import Kind

MOST_FIGURES, MOST_BARS = 4, 30
FEWEST_SUBJECTS, MOST_POINTS = 10, 2_000
Refus = tuple[str, str]  # reason, type proposed instead


def liste(q: Question) -> Refus | None:
    """Why a list does not suit."""
    if not q.axes:
        return "Sans axe, il n’y a rien à lister.", "chiffres"
    if q.timed:
        return "Une liste montre des objets à une date.", "tableau"
    if len(q.measures) > MOST_FIGURES:
        return "Quatre mesures au plus dans une liste.", "tableau"
    if not is_entity(q.axes[0]) and not q.over(q.axes[0], MOST_BARS):
        label = q.axes[0].label.lower()
        return (
            f"Une liste montre des objets un à un (service, structure, produit), non par {label}.",
            "tableau",
        )
    return None


def distribution(q: Question) -> Refus | None:
    """Why a distribution does not suit: it places subjects along one rate."""
    if len(q.measures) > 1:
        return f"{len(q.measures)} mesures : cette vue n’en montre qu’une.", "nuage"
    if refused := _subjects(q):
        return refused
    measure = q.measures[0]
    if measure.kind is not Kind.RATIO:
        return (
            f"« {measure.label} » est un compte : sa distribution ne dirait que la taille de chacun.",
            "classement",
        )
    return _few(q, "une distribution")


def nuage(q: Question) -> Refus | None:
    """Why a cloud of points does not suit: it places subjects along two measures."""
    if len(q.measures) != 2:
        few = len(q.measures) < 2
        return "Un nuage compare deux mesures.", "classement" if few else "tableau"
    if q.measures[0] is q.measures[1]:
        return "Un nuage compare deux mesures : celle-ci est la même deux fois.", "classement"
    if refused := _subjects(q):
        return refused
    if q.over(q.axes[0], MOST_POINTS):
        return f"{q.count(q.axes[0])} points : {MOST_POINTS} au plus.", "tableau"
    return _few(q, "un nuage")


def _subjects(q: Question) -> Refus | None:
    if len(q.axes) != 1 or q.timed:
        instead = "courbe" if q.timed else "tableau" if q.axes else "chiffres"
        return (
            "Il faut un axe de sujets, et lui seul : des services, des structures, des territoires.",
            instead,
        )
    axis = q.axes[0]
    if not is_entity(axis) and not is_territory(axis):
        return f"« {axis.label} » n’est pas un axe de sujets (service, structure, territoire).", "histogramme"
    return None


def _few(q: Question, what: str) -> Refus | None:
    found = q.count(q.axes[0])
    if found is not None and found < FEWEST_SUBJECTS:
        return f"{found} valeurs : moins de dix ne font pas {what}.", "liste"
    return None
