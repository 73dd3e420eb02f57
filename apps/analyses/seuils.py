"""The thresholds of a subscription: a figure of the analysis crosses a value, its reader is told once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from apps.analyses.abonnements import constat, crossed
from apps.analyses.feuille import Reads
from apps.analyses.lecture import reads_of_reader
from apps.analyses.mots import reader
from apps.kit.access import session
from apps.kit.access.access import Audience
from apps.kit.forms import Action, Field, Form, Submission, choice, told
from apps.kit.forms import draw as draw_form
from apps.kit.style import french
from apps.kit.style.errors import boundary
from apps.kit.style.french import typographic
from lake.errors import LakeError, Refused
from lake.store.analyses import subscriptions
from lake.store.analyses.reading import Analyse
from lake.store.analyses.subscriptions import ABOVE, BELOW, MOST_THRESHOLDS, Subscription, Threshold
from scoring.analyses.codec import decode
from scoring.analyses.references import up_to_date
from scoring.universes.model import Format, Measure
from scoring.universes.registry import UNIVERSES, universe

SENSES = {ABOVE: "passe au-dessus de", BELOW: "passe au-dessous de"}


def watchable(found: Analyse) -> dict[str, tuple[str, Measure]]:
    """The figures that can be watched: ``section|measure`` -> how it is called, and the measure."""
    try:
        analyse = up_to_date(decode(found.document))
    except LakeError:
        return {}
    figures: dict[str, tuple[str, Measure]] = {}
    for rank, section in enumerate(analyse.sections, start=1):
        chart = section.graphique
        if chart is None or chart.univers not in UNIVERSES:
            continue
        for name in dict.fromkeys((*chart.en_tete, *chart.mesures)):
            try:
                measure = universe(chart.univers).measure(name)
            except LakeError:
                continue  # « à réparer »: the section says so itself
            words = f"{section.titre or f'Section {rank}'} : {measure.label}"
            figures[f"{section.id}|{name}"] = (words, measure)
    return figures


def draw(found: Analyse, kept: Subscription) -> None:
    """Draw the thresholds of a subscription, each with its way out, and the form that adds one."""
    figures = watchable(found)
    st.markdown("**Seuils**")
    for rank, one in enumerate(kept.thresholds):
        with st.container(horizontal=True, vertical_alignment="center", key=f"obs_seuil_{found.id}_{rank}"):
            said = in_words(one, figures)
            state = " Il est franchi : un message partira au prochain passage." if one.crossed else ""
            st.html(f"<p>{typographic(f'{said}.{state}')}</p>", width="stretch")
            st.button(
                "Retirer", key=f"retirer_seuil_{found.id}_{rank}", on_click=partial(_withdraw, found.id, one)
            )
    if not figures:
        return
    if len(kept.thresholds) >= MOST_THRESHOLDS:
        st.html(f'<p class="obs-source">{MOST_THRESHOLDS} seuils au plus.</p>')
        return
    form = Form(
        "seuil",
        (
            choice("chiffre", "Chiffre", {name: typographic(words) for name, (words, _) in figures.items()}),
            choice("sens", "Me prévenir quand il", SENSES),
            Field("valeur", "Valeur", help="Comme elle s’affiche : 30,5 pour 30,5 %.", check=_number),
        ),
        (Action("ajouter", "Ajouter le seuil", main=False),),
        audience=Audience.SIGNED_IN,
        note="Un message quand le seuil est franchi, un seul ; un autre seulement s’il est franchi de nouveau.",
    )
    draw_form(form, partial(_add, found, figures), about=f"{found.id}_{len(kept.thresholds)}")


def _number(text: str) -> str:
    """A number as French readers type it.

    Raises:
        Refused: it is none.
    """
    plain = text.replace("\u202f", "").replace("\u00a0", "").replace(" ", "").removesuffix("%")
    plain = plain.replace(",", ".").replace("−", "-")
    try:
        value = float(plain)
    except ValueError:
        value = float("nan")
    if value != value or abs(value) == float("inf"):
        raise Refused("valeur", f"« {text} » n’est pas un nombre.", conseil="Tapez par exemple 30,5.")
    return plain


def in_words(one: Threshold, figures: dict[str, tuple[str, Measure]]) -> str:
    """A threshold as a sentence: « PSC : taux passe au-dessus de 30,5 % »."""
    known = figures.get(f"{one.section}|{one.measure}")
    if known is None:
        return f"« {one.measure} » n’est plus dans cette analyse"
    words, measure = known
    return f"{words} {SENSES[one.sense]} {french.write(one.value, measure.format, 2)}"


def _add(found: Analyse, figures: dict[str, tuple[str, Measure]], sent: Submission) -> str:
    name = str(sent.values["chiffre"])
    _, measure = figures[name]
    value = float(sent.values["valeur"])
    if measure.format is Format.SHARE:  # typed as it is written, kept as it is counted
        value /= 100
    section, _, measure_name = name.partition("|")
    new = Threshold(section, measure_name, str(sent.values["sens"]), value)
    compte, store = sent.person.compte, session.store()
    kept = subscriptions.of_analysis(store, compte, found.id)
    if kept is None:
        raise LakeError("Vous ne suivez plus cette analyse.", conseil="Suivez-la de nouveau, puis ajoutez.")
    same = [one for one in kept.thresholds if replace(one, crossed=False) == new]
    if same:
        return "Ce seuil est déjà surveillé."
    new = standing(found, kept, new, reads_of_reader(f"analyse{found.id}"))
    subscriptions.watch(store, compte, found.id, (*kept.thresholds, new))
    if new.crossed:
        return "Le seuil est ajouté. Il est déjà franchi : un message partira au prochain passage."
    return "Le seuil est ajouté."


def standing(found: Analyse, kept: Subscription, new: Threshold, reads: Reads) -> Threshold:
    """A new threshold as the figure stands now: one that is crossed already is told at its next crossing."""
    try:
        now = constat(decode(found.document), reads, kept.choices, [new])
    except LakeError:
        return new
    return crossed([new], now)[1][0]


def _withdraw(number: int, gone: Threshold) -> None:
    with boundary():
        compte, store = reader().compte, session.store()
        kept = subscriptions.of_analysis(store, compte, number)
        if kept is None:
            return
        left = [one for one in kept.thresholds if replace(one, crossed=gone.crossed) != gone]
        subscriptions.watch(store, compte, number, left)
        told.say("Le seuil est retiré.")
