"""A link sent, or shown to be handed over, and how that is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from apps.acces import messages
from apps.acces.words import moment
from apps.kit.forms import Done
from lake.errors import SourceUnavailable
from lake.settings import Settings
from lake.store.accounts.identity import Compte
from lake.store.accounts.links import Genre
from lake.store.engine import Store


def handed(email: str, link: str) -> Done:
    """A link that no mail server could send: whoever made it hands it over."""
    why = "" if Settings.from_env().smtp else "Aucun serveur de courriel n’est réglé : "
    text = f"{why}remettez vous-même chaque lien affiché : il ne sert qu’une fois."
    return Done(warned=(text[0].upper() + text[1:],), shown=(f"{email} {link}",))


def sent(
    store: Store, compte: Compte, genre: Genre, auteur: str, on: datetime | None = None, *, said: str = ""
) -> Done:
    """Send a link, and what became of it; a message that a server refuses is kept, and told.

    Args:
        store: where.
        compte: whose.
        genre: what the link is for.
        auteur: e-mail of who asked for it.
        on: when it goes (UTC); None for at once.
        said: what was done before, said first.
    """
    first = (said,) if said else ()
    try:
        link = messages.send(store, compte, genre, auteur=auteur, on=on)
    except SourceUnavailable:
        kept = (
            f"Le message à {compte.email} n’a pas pu partir : il est gardé et sera envoyé dès que le serveur de "
            "courriel répondra (onglet Messages)."
        )
        return Done(first, (kept,))
    if link:
        return replace(handed(compte.email, link), said=first)
    goes = f"partira à {compte.email} le {moment(on)}" if on is not None else f"est envoyé à {compte.email}"
    return Done((*first, f"Le lien {goes}."))
