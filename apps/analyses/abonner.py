"""Following an analysis from the page that reads it, with its filters; and the page that a message's link opens."""

from __future__ import annotations

from functools import partial

import streamlit as st

from apps.analyses import seuils
from apps.analyses.abonnements import constat
from apps.analyses.lecture import reads_of_reader
from apps.analyses.mots import day, reader
from apps.kit.access import session
from apps.kit.access.access import Audience
from apps.kit.forms import told
from apps.kit.shell.screen import Screen
from apps.kit.style.errors import boundary
from apps.kit.style.french import typographic
from lake.errors import LakeError
from lake.store.analyses import subscriptions
from lake.store.analyses.reading import Analyse
from lake.store.analyses.subscriptions import RHYTHMS
from scoring.analyses.codec import decode
from scoring.universes.selection import Selection

TOKEN = "jeton"


def draw(found: Analyse) -> None:
    """Draw the reader's subscription to an analysis."""
    kept = subscriptions.of_analysis(session.store(), reader().compte, found.id)
    st.html(
        '<p class="obs-source">Un message quand une publication change ce que vous voyez ici, avec vos droits et les '
        "filtres choisis\u202f; rien quand rien ne change.</p>"
    )
    if kept is not None:
        said = f"Vous suivez cette analyse : {RHYTHMS[kept.rhythm].lower()}."
        if kept.stopped:
            said = f"Votre abonnement est suspendu : {kept.stopped}."
        elif kept.last_at:
            said += f" Dernier message le {day(kept.last_at)}."
        st.html(f"<p>{typographic(said)}</p>")
    rhythm = st.radio(
        "Rythme", list(RHYTHMS), format_func=RHYTHMS.__getitem__, key=f"rythme_{found.id}", horizontal=True
    )
    label = "Suivre avec les filtres affichés" if kept is None else "Garder les filtres affichés"
    with st.container(horizontal=True):
        st.button(label, key=f"abonner_{found.id}", on_click=partial(_follow, found, rhythm))
        if kept is not None:
            st.button("Ne plus suivre", key=f"desabonner_{found.id}", on_click=partial(_forget, found.id))
    if kept is not None:
        seuils.draw(found, kept)


def shown_choices(found: Analyse) -> dict[str, dict[str, list[str]]]:
    """What the reader chose in each section, as the address says it: section -> axis -> values."""
    chosen: dict[str, dict[str, list[str]]] = {}
    for section in found.document.get("sections") or ():
        name = str(section["id"])
        params = {
            key.removeprefix(f"{name}."): st.query_params.get_all(key)
            for key in st.query_params
            if key.startswith(f"{name}.")
        }
        if not params:
            continue
        selection = Selection.from_params(params)
        filters = {axis: list(values) for axis, values in selection.filters.items()}
        chosen[name] = {**filters, **{axis: [] for axis in selection.emptied}}
    return {name: filters for name, filters in chosen.items() if filters}


def _follow(found: Analyse, rhythm: str) -> None:
    with boundary():
        person = reader()
        choices = shown_choices(found)
        before = subscriptions.of_analysis(session.store(), person.compte, found.id)
        made = subscriptions.subscribe(
            session.store(),
            person.compte,
            found.id,
            choices=choices,
            thresholds=before.thresholds if before is not None else (),
            rhythm=rhythm or "publication",
        )
        try:
            # What is on screen now is what the reader knows: the first message tells what comes after it.
            now = constat(decode(found.document), reads_of_reader(f"analyse{found.id}"), choices)
            subscriptions.told(session.store(), made.id, now.to_json(), made.thresholds, sent=False)
        except LakeError:
            pass  # nothing can be counted yet: the first message will tell everything
        told.say("Vous suivez cette analyse.")


def _forget(number: int) -> None:
    with boundary():
        subscriptions.unsubscribe(session.store(), reader().compte, number)
        told.say("Vous ne suivez plus cette analyse.")


def _leave() -> None:
    """A message's link: the subscription stops at once. A robot that only fetches the address runs no page."""
    token = st.query_params.get(TOKEN, "")
    if st.session_state.get(_BACK) == token and token:
        title = subscriptions.leave(session.store(), token, back=True)
        st.success(typographic(f"Vous suivez de nouveau « {title} »."))
        return
    title = subscriptions.leave(session.store(), token)
    st.success(typographic(f"Vous ne recevrez plus de message sur « {title} »."))
    st.button("Me réabonner", key="reabonner", on_click=lambda: st.session_state.update({_BACK: token}))


_BACK = "analyses.reabonnement"
LEAVING = Screen("desabonnement", "Désabonnement", "Désabonnement", _leave, Audience.EVERYONE, listed=False)
