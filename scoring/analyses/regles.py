"""Which drawing suits which measures by which axes: the reason when one does not, and what is proposed instead.

The measure's kind and whether the axis partitions what is counted decide what may be stacked, folded or shared out:
the engine's own rule (:func:`scoring.universes.combining.adds`). Nothing is read here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from scoring.analyses.faits import Question, edges, is_entity, is_referential, is_territory
from scoring.analyses.regles_sujets import MOST_BARS, MOST_FIGURES, Refus, distribution, liste, nuage
from scoring.analyses.spec import MOST_CELLS, MOST_MEASURES
from scoring.universes.combining import applies
from scoring.universes.model import Axis, Kind, Measure

MOST_PARTS, MOST_LINES, MOST_PANELS = 7, 6, 24
FEWEST_SPOKES, MOST_SPOKES, MOST_OUTLINES = 3, 12, 3
MOST_SLICES, MOST_STACKS, MOST_HEAT, MOST_COMMUNES, SMALL_SLICE = 6, 12, 40, 2_000, 0.03


@dataclass(frozen=True)
class Verdict:
    """Whether a drawing suits a question.

    Attributes:
        type: a type of the gallery.
        possible: whether it does.
        raison: why, in one French sentence: what it shows well, or why it would mislead.
        propose: the type that suits instead; empty when it suits, or when none does.
    """

    type: str
    possible: bool
    raison: str
    propose: str = ""


def verdict(kind: str, question: Question) -> Verdict:
    """The verdict on one type of the gallery."""
    if untold := untold_pair(question):
        return Verdict(kind, False, untold)
    refused = RULES[kind](question)
    if refused is not None:
        reason, instead = refused
        return Verdict(kind, False, reason, _suits(instead, question, kind))
    return Verdict(kind, True, "")


def _suits(wanted: str, question: Question, refused: str) -> str:
    """The type proposed, when it suits too; else the nearest that does: a table says everything, if it fits."""
    for kind in (
        ()
        if not wanted
        else dict.fromkeys((wanted, "histogramme", "classement", "courbe", "chiffres", "tableau", "liste"))
    ):
        if kind != refused and RULES[kind](question) is None:
            return kind
    return ""


def untold_pair(question: Question) -> str:
    """A measure and an axis that its source does not tell, in one sentence; empty when there is none."""
    for measure in question.measures:
        for axis in question.axes:
            if not applies(question.universe, measure, axis):
                return (
                    f"« {measure.label} » n’existe pas par {axis.label.lower()} : sa source ne le dit pas. "
                    f"Retirez cet axe."
                )
    return ""


def not_additive(question: Question, measure: Measure, axis: Axis) -> str:
    """Why a measure has no parts along an axis; empty when it has."""
    if question.adds(measure, axis):
        return ""
    if measure.kind is Kind.RATIO:
        return f"« {measure.label} » est un rapport : ses valeurs ne s’additionnent pas."
    if measure.kind is Kind.STOCK:
        return f"« {measure.label} » est un état : il ne s’additionne pas d’un mois à l’autre."
    total = f"est {question.faits.total}" if question.faits.total else "se demande à part"
    return (
        f"« {measure.label} » est un compte distinct : par {axis.label.lower()}, le même peut compter plusieurs "
        f"fois ; le total {total}."
    )


def _one_measure(question: Question, instead: str) -> Refus | None:
    if len(question.measures) > 1:
        return f"{len(question.measures)} mesures : cette vue n’en montre qu’une.", instead
    return None


def _chiffres(q: Question) -> Refus | None:
    if len(q.measures) > MOST_FIGURES:
        return "Plus de quatre chiffres ne se retiennent pas.", "tableau"
    if q.timed:
        return "Le temps se lit sur une courbe ou des colonnes.", "colonnes" if q.measures[
            0
        ].kind is Kind.FLOW else "courbe"
    if len(q.axes) > 1:
        return "Un chiffre clé n’a de parts que sur un axe.", "tableau"
    if q.axes and q.over(q.axes[0], MOST_PARTS) and not all(q.adds(one, q.axes[0]) for one in q.measures):
        many = q.count(q.axes[0])
        return f"{many} parts, qui ne s’additionnent pas : elles ne se replient pas.", "classement"
    return None


def _histogramme(q: Question) -> Refus | None:
    if not q.axes:
        return "Sans axe, il n’y a qu’une barre.", "chiffres"
    if q.timed:
        return "Le temps se lit de gauche à droite.", "colonnes" if q.measures[
            0
        ].kind is Kind.FLOW else "courbe"
    if len(q.axes) > 1:
        return "Deux axes ne tiennent pas dans un histogramme.", "empilees" if _empilees(
            q
        ) is None else "chaleur"
    if len(q.units()) > 2:
        return "Plus de deux unités : deux sous-graphiques n’y suffisent pas.", "tableau"
    if any(len(group) > MOST_FIGURES for group in q.units()):
        return "Plus de quatre mesures ne se comparent pas en barres.", "tableau"
    if q.over(q.axes[0], MOST_BARS):
        return f"{q.count(q.axes[0])} valeurs : trente barres au plus.", "classement"
    return None


def _colonnes(q: Question) -> Refus | None:
    if q.axes != (q.universe.time,):
        if q.timed:
            return "Des colonnes mensuelles n’ont pas d’autre axe que le temps.", "courbe"
        return "Il faut l’axe du temps.", "histogramme" if q.axes else "chiffres"
    if not q.monthly:
        return (
            f"Des {(q.universe.time.plural or q.universe.time.label + 's').lower()} ne sont pas des mois.",
            "courbe",
        )
    if refused := _one_measure(q, "courbe"):
        return refused
    kind = q.measures[0].kind
    if kind is Kind.RATIO:
        return f"« {q.measures[0].label} » est un taux : des colonnes inviteraient à l’additionner.", "courbe"
    if kind is Kind.DISTINCT:
        return (
            f"« {q.measures[0].label} » est un compte distinct : d’un mois à l’autre il ne s’additionne pas.",
            "courbe",
        )
    return None


def _courbe(q: Question) -> Refus | None:
    if not q.timed:
        return "Il faut l’axe du temps.", "classement" if q.axes else "chiffres"
    dates = q.faits.dates
    if dates is not None and dates < 2:
        return "Une seule date est publiée.", "classement" if q.others else "chiffres"
    if dates == 2:
        return "Deux dates ne font pas une courbe.", "avant-apres" if q.others else "tableau"
    if len(q.others) > 1:
        return "Une courbe n’a qu’une série.", "tableau"
    if q.others and len(q.measures) > 1:
        return "Une courbe par valeur ne montre qu’une mesure.", "tableau"
    if q.others and q.over(q.others[0], MOST_LINES):
        many = q.count(q.others[0])
        return f"{many} courbes ne se suivent pas.", "multiples" if _multiples(q) is None else "chaleur"
    if len(q.units()) > 2 or len(q.measures) > MOST_FIGURES:
        return "Plus de quatre courbes, ou de deux unités, ne se suivent pas.", "tableau"
    return None


def _multiples(q: Question) -> Refus | None:
    if not q.timed or len(q.others) != 1:
        return "Il faut l’axe du temps et un autre.", "courbe" if q.timed else "classement"
    if refused := _one_measure(q, "tableau"):
        return refused
    if (q.faits.dates or 3) < 3:
        return "Moins de trois dates ne font pas une courbe.", "avant-apres"
    found = q.count(q.others[0])
    if found is not None and found <= MOST_LINES:
        return f"{found} courbes tiennent sur un même graphique.", "courbe"
    if q.over(q.others[0], MOST_PANELS):
        return f"{found} petits graphiques : vingt-quatre au plus.", "chaleur"
    return None


def _avant_apres(q: Question) -> Refus | None:
    if len(q.others) != 1:
        return (
            "Il faut un axe, dont chaque valeur est comparée à la date d’avant.",
            "tableau" if q.axes else "chiffres",
        )
    if refused := _one_measure(q, "tableau"):
        return refused
    if q.faits.dates is not None and q.faits.dates < 2:
        return "Une seule date est publiée : il n’y a pas d’avant.", "classement"
    return None


def _radar(q: Question) -> Refus | None:
    if len(q.axes) != 1:
        return "Un radar se lit sur un axe.", "histogramme" if q.axes else "chiffres"
    axis = q.axes[0]
    if axis is q.universe.time or is_territory(axis):
        return "Le temps et les territoires ne tournent pas en rond.", "courbe" if q.timed else "classement"
    if not q.ratios() or any(edges(one) is None for one in q.measures):
        return "Un radar montre des taux ou des niveaux, dont le bord est connu.", "histogramme"
    if len({edges(one) for one in q.measures}) > 1:
        return "Ces mesures n’ont pas les mêmes bornes.", "histogramme"
    if len(q.measures) > MOST_OUTLINES:
        return "Plus de trois contours ne se distinguent pas.", "histogramme"
    found = q.count(axis)
    if found is not None and not FEWEST_SPOKES <= found <= MOST_SPOKES:
        more = " Choisissez un questionnaire." if axis.with_parent and found > MOST_SPOKES else ""
        return f"{found} valeurs : un radar se lit de {FEWEST_SPOKES} à {MOST_SPOKES}.{more}", "histogramme"
    return None


def _tableau(q: Question) -> Refus | None:
    if not q.axes:
        return "Sans axe, un tableau n’a qu’une ligne.", "chiffres"
    if len(q.axes) > 3:
        return "Un tableau se lit par trois axes au plus.", "liste"
    if len(q.measures) > MOST_MEASURES:
        return f"{MOST_MEASURES} mesures au plus.", ""
    if q.faits.cellules is not None and q.faits.cellules > MOST_CELLS:
        return f"{q.faits.cellules} cellules : {MOST_CELLS} au plus. Ajoutez un filtre.", ""
    return None


def _classement(q: Question) -> Refus | None:
    if not q.axes:
        return "Sans axe, il n’y a rien à classer.", "chiffres"
    if q.timed:
        return "Le temps ne se classe pas.", "courbe"
    if len(q.axes) > 1:
        return "Un classement se lit sur un axe.", "chaleur"
    if refused := _one_measure(q, "histogramme"):
        return refused
    found = q.count(q.axes[0])
    if found is not None and found < 2:
        return "Une seule valeur : il n’y a rien à classer.", "chiffres"
    return None


def _carte(q: Question) -> Refus | None:
    if refused := _one_measure(q, "tableau"):
        return refused
    if len(q.axes) != 1 or not is_territory(q.axes[0]):
        return "Il faut un axe de territoire, et lui seul.", "classement" if q.axes else "chiffres"
    measure = q.measures[0]
    if measure.kind is not Kind.RATIO:
        return (
            f"« {measure.label} » est un compte : la couleur dirait la taille du territoire. Prenez un taux ou une "
            "densité.",
            "classement",
        )
    if q.over(q.axes[0], MOST_COMMUNES):
        return f"{q.count(q.axes[0])} communes ne se voient pas : prenez le département.", "classement"
    return None


def _chaleur(q: Question) -> Refus | None:
    if refused := _one_measure(q, "tableau"):
        return refused
    if len(q.axes) != 2:
        return "Il faut deux axes.", "histogramme" if len(
            q.axes
        ) == 1 else "tableau" if q.axes else "chiffres"
    for axis in q.others:
        if q.over(axis, MOST_HEAT):
            return f"{q.count(axis)} valeurs ({axis.label.lower()}) : quarante au plus.", "tableau"
    if q.faits.remplissage is not None and q.faits.remplissage < 0.5:
        return "Moins de la moitié des cases sont connues.", "tableau"
    return None


def _evaluation(q: Question) -> Refus | None:
    if refused := _one_measure(q, "histogramme"):
        return refused
    if len(q.others) != 2 or q.timed:
        return (
            "Il faut un axe et celui des niveaux : on y compte des services.",
            "histogramme" if q.axes else "chiffres",
        )
    measure = q.measures[0]
    if measure.kind is Kind.RATIO:
        return "On compte des services par niveau : une moyenne ne se répartit pas.", "chaleur"
    if not is_referential(q.axes[1]):
        return f"« {q.axes[1].label} » n’a pas de niveaux ordonnés.", "empilees"
    for axis in q.axes:
        if reason := not_additive(q, measure, axis):
            return reason, "chaleur"
    return None


def _repartition(q: Question) -> Refus | None:
    if len(q.measures) > 2:
        return "Deux mesures au plus.", "tableau"
    if not q.axes or q.timed:
        return "Il faut un périmètre : un domaine, puis ses zones.", "courbe" if q.timed else "chiffres"
    chain = list(q.axes)
    above = {
        axis.parent
        for axis in q.universe.axes
        if axis.parent and not is_territory(axis) and not is_entity(axis)
    }
    nested = all(low.parent == high.name for high, low in pairwise(chain))
    if (
        is_territory(chain[0])
        or is_entity(chain[0])
        or not nested
        or (len(chain) == 1 and chain[0].name not in above)
    ):
        return "Ces axes ne s’emboîtent pas (domaine, zone).", "histogramme" if len(chain) == 1 else "chaleur"
    return None


def _camembert(q: Question) -> Refus | None:
    if refused := _one_measure(q, "histogramme"):
        return refused
    if len(q.axes) != 1:
        return "Un anneau se partage sur un axe.", "histogramme" if q.axes else "chiffres"
    if q.timed:
        return "Le temps n’a pas de parts.", "colonnes"
    axis = q.axes[0]
    if reason := not_additive(q, q.measures[0], axis):
        return reason, "histogramme"
    if q.faits.negatif or q.faits.nul:
        return (
            "Rien n’est à répartir." if q.faits.nul else "Une valeur négative n’est pas une part.",
            "histogramme",
        )
    found, largest = q.count(axis), q.faits.plus_grande_part
    if found is not None and found < 2:
        return "Une seule part est un tout.", "chiffres"
    if q.over(axis, MOST_SLICES) and largest is not None and largest < SMALL_SLICE:
        return f"{found} parts, aucune de 3 % : rien ne se distinguerait.", "classement"
    return None


def _empilees(q: Question) -> Refus | None:
    if refused := _one_measure(q, "tableau"):
        return refused
    if len(q.axes) != 2:
        return "Il faut deux axes : les barres et leurs morceaux.", "histogramme" if len(
            q.axes
        ) == 1 else "tableau"
    if q.timed:
        return "Mois après mois, des séries se lisent sur une courbe.", "courbe"
    for axis in q.axes:
        if reason := not_additive(q, q.measures[0], axis):
            return reason, "chaleur"
    if q.over(q.axes[0], MOST_STACKS):
        return f"{q.count(q.axes[0])} barres : douze au plus.", "chaleur"
    if q.faits.negatif:
        return "Une valeur négative ne s’empile pas.", "tableau"
    return None


RULES: dict[str, Callable[[Question], Refus | None]] = {
    "chiffres": _chiffres,
    "histogramme": _histogramme,
    "colonnes": _colonnes,
    "courbe": _courbe,
    "multiples": _multiples,
    "avant-apres": _avant_apres,
    "radar": _radar,
    "liste": liste,
    "tableau": _tableau,
    "classement": _classement,
    "carte": _carte,
    "chaleur": _chaleur,
    "evaluation": _evaluation,
    "repartition": _repartition,
    "camembert": _camembert,
    "empilees": _empilees,
    "distribution": distribution,
    "nuage": nuage,
}
"""Type of the gallery -> why it does not suit, and what does; None when it suits."""
