"""Messages that still have to reach their reader: waiting for their date, for a mail server, or refused by it."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

import streamlit as st

from apps.acces import messages, remise
from apps.acces.comptes import seen
from apps.acces.words import moment
from apps.kit.access import session
from apps.kit.access.session import Reader
from apps.kit.forms import told
from apps.kit.style.french import counted, typographic
from lake.errors import SourceUnavailable
from lake.settings import Settings
from lake.store.accounts import actions, outbox
from lake.store.accounts.outbox import Message


def waiting(person: Reader) -> list[Message]:
    """The messages to the people a manager answers for, the oldest first."""
    mine = {one.email for one in seen(person)}
    return [one for one in outbox.waiting(session.store(), due=False) if one.email in mine]


def draw(person: Reader) -> None:
    """Draw the messages that wait."""
    found = waiting(person)
    if not found:
        st.info("Aucun message n’attend : tous sont partis.".replace(" :", "\u202f:"))
        return
    server, now = bool(Settings.from_env().smtp), datetime.now(UTC)
    who = (
        "remettez les liens vous-même" if person.administrator else "un administrateur peut montrer les liens"
    )
    why = "" if server else f" Aucun serveur de courriel n’est réglé : {who}."
    st.html(
        f'<p class="obs-lecture-vue">{typographic(counted(len(found), "message") + " en attente." + why)}</p>'
    )
    for one in found:
        due = one.envoi_le <= now
        with st.container(horizontal=True, vertical_alignment="center", key=f"obs_message_{one.id}"):
            said = f"depuis le {moment(one.envoi_le)}" if due else f"partira le {moment(one.envoi_le)}"
            said += f" · le serveur a répondu : {one.erreur}" if one.erreur else ""
            st.html(
                f"<p><strong>{escape(one.email)}</strong> · {escape(typographic(one.sujet))}<br>"
                f'<span class="obs-source">{escape(typographic(said))}</span></p>',
                width="stretch",
            )
            if server and due and st.button("Envoyer maintenant", key=f"envoyer_{one.id}"):
                _send(one)
            # With a mail server that answers, only its reader holds a link.
            shown = person.administrator and (one.erreur or not server)
            if shown and st.button("Montrer le lien", key=f"montrer_{one.id}"):
                _show(person, one)


def _send(one: Message) -> None:
    try:
        if messages.deliver(session.store(), Settings.from_env(), one):
            told.say(f"Le lien est envoyé à {one.email}.")
        else:
            told.warn(f"Le message à {one.email} est déjà en cours d’envoi.")
    except SourceUnavailable as error:
        told.warn(str(error))
    st.rerun()


def _show(person: Reader, one: Message) -> None:
    store = session.store()
    if outbox.done(store, one.id):
        actions.note(
            store, "lien", auteur=person.compte.email, objet=one.email, detail="montré pour être remis"
        )
        told.tell(remise.handed(one.email, messages.link_in(one)))
    st.rerun()
