"""The questions that the directory's figures raise: answered in two lines where they arise, at length in « Notice »."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

import streamlit as st

from apps.annuaire.base import BASE, counted
from apps.kit.data.state import carried_params
from apps.kit.data.view import View
from apps.kit.pages.pieces import Drawn
from apps.kit.style import french
from apps.kit.style.french import typographic

NOTICE = "notice"


@dataclass(frozen=True)
class Question:
    """A question and its answers.

    Attributes:
        anchor: name of its view on the Notice.
        label: what the reader asks, short.
        short: the answer in two lines, under the selection.
        answer: the answer at length (Markdown).
    """

    anchor: str
    label: str
    short: Callable[[View], str]
    answer: str


def _gap(view: View) -> str:
    base = counted(view)
    now, share = view.value(base.effectif) or 0, view.value(base.part)
    missing = round(now * (1 - share)) if share is not None else 0
    if not missing:
        return "Aujourd'hui, tout ce qui est compté est placé sur la carte."
    return (
        f"{base.count(missing)} sur {french.number(now)} : adresse absente ou introuvable. Le chiffre les compte dans "
        "leur territoire, la carte des points ne peut pas les montrer."
    )


def _counting(view: View) -> str:
    base = counted(view)
    return f"{view.universe.measure(base.effectif).definition} {base.sums}"


def _absent(_view: View) -> str:
    return (
        "L'extraction ne publie que les activités en cours : une personne inscrite sans activité, un remplaçant "
        "exclusif sans lieu fixe ou un ancien numéro ADELI sans carte valide n'ont pas de lieu."
    )


GAP = Question(
    "carte-et-chiffre",
    "Pourquoi la carte et le chiffre diffèrent-ils ?",
    _gap,
    "Le chiffre compte tout ce que l'extraction publie dans le territoire. La carte des points ne montre que ce qui a "
    "une adresse trouvée : au numéro, à la rue, ou au lieu-dit. Le reste est **non localisé**, pour l'une de ces "
    "raisons :\n\n"
    "- **adresse absente** : le registre ne publie aucune voie ;\n"
    "- **adresse introuvable** : la commune est connue, la voie n'est pas trouvée dans la Base Adresse Nationale ;\n"
    "- **commune inconnue** : ni le code, ni le code postal, ni le nom ne la disent.\n\n"
    "Un non-localisé dont la commune est connue est placé au centre de sa commune et compte dans son territoire, à "
    "toutes les mailles. Le nombre de non-localisés est toujours écrit dans le coin de la carte. La page Qualité les "
    "compte, et un exploitant peut les corriger.",
)
ABSENT = Question(
    "absents",
    "Pourquoi une personne manque-t-elle ?",
    _absent,
    "Une personne peut être absente, ou incomplète, parce que :\n\n"
    "- elle est inscrite à son ordre **sans activité** déclarée : elle n'a pas de lieu d'exercice ;\n"
    "- elle est **remplaçante exclusive**, sans lieu fixe ;\n"
    "- elle était enregistrée dans **ADELI** et n'a **pas de carte CPS valide** ;\n"
    "- son changement n'a pas encore été transmis par le registre qui la suit (voir leurs rythmes, ci-dessous) ;\n"
    "- la commune et le code postal de sa structure ne sont pas publiés : la ligne est alors **hors de la région**, "
    "comptée comme telle dans le rapport d'ingestion.\n\n"
    "Un professionnel fait corriger sa fiche par son ordre, ou par son agence régionale de santé quand sa profession "
    "n'en a pas. L'Observatoire ne modifie jamais le registre.",
)
COUNTING = Question(
    "base",
    "Comment est-ce compté ?",
    _counting,
    "",
)
QUESTIONS: tuple[Question, ...] = (GAP, ABSENT, COUNTING)


def answers(items: Sequence[Question] = QUESTIONS) -> Callable[[View], Drawn]:
    """A view that holds one « ? » by question: its short answer, and the way to the long one."""

    def build(_view: View) -> Drawn:
        return Drawn(lambda view: _draw(view, items))

    return build


def _draw(view: View, items: Sequence[Question]) -> None:
    with st.container(horizontal=True, gap="small", key="obs_questions"):
        for item in items:
            with st.popover(typographic(item.label), type="tertiary", key=f"obs_question_{item.anchor}"):
                st.markdown(typographic(item.short(view)))
                st.html(
                    f'<p class="obs-repere"><a href="{escape(notice_address(view, item.anchor), quote=True)}" '
                    'target="_self">Lire la réponse entière dans la Notice</a></p>'
                )


def notice_address(view: View, anchor: str) -> str:
    """Where the Notice answers, with what carries over from this page."""
    from apps.kit.shell.portal import address

    query = urlencode(carried_params(("departement", "epci", "commune")), doseq=True)
    return f"{address(NOTICE, view.universe.name)}{f'?{query}' if query else ''}#{anchor}"


def bases() -> list[tuple[str, str]]:
    """Each base of the switch and how its territories add up, for the Notice."""
    from apps.annuaire.base import sentences

    return [(BASE.values[name], said) for name, said in sentences().items()]
