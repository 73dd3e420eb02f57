"""Messages sent: activation and forgotten password. Without a mail server, the link is given to who may see it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from apps.acces.words import PARIS
from lake.errors import SourceUnavailable
from lake.settings import Settings
from lake.store.accounts import links, mail, outbox
from lake.store.accounts.accounts import Compte
from lake.store.accounts.links import Genre
from lake.store.engine import Store

_HOURS = int(links.LIFETIME.total_seconds() // 3600)
_LINK = re.compile(r"\S+/activation\?lien=\S+")
RENEWAL = "renouvellement"
"""How the journal names a link that replaces, by itself, an activation that expired unused."""


def link(end: str) -> str:
    """The whole address of a link."""
    return f"{Settings.from_env().url.rstrip('/')}/activation?lien={end}"


def _text(compte: Compte, genre: Genre, address: str, on: datetime | None) -> tuple[str, str]:
    if genre is Genre.ACTIVATION:
        begins = f" à partir du {on.astimezone(PARIS):%d/%m/%Y}" if on is not None else ""
        return (
            "Votre compte de l'Observatoire e-santé",
            f"Bonjour {compte.prenom} {compte.nom},\n\n"
            f"Un compte vous est ouvert sur l'Observatoire e-santé. Votre identifiant : {compte.email}\n\n"
            f"Choisissez votre mot de passe{begins} :\n{address}\n\n"
            f"Ce lien sert une fois et expire au bout de {_HOURS} heures. S'il expire sans avoir servi, ouvrez-le : "
            "un autre vous sera envoyé.\n",
        )
    return (
        "Choisir un nouveau mot de passe",
        f"Bonjour {compte.prenom} {compte.nom},\n\n"
        f"Pour choisir un nouveau mot de passe sur l'Observatoire e-santé :\n{address}\n\n"
        f"Ce lien sert une fois et expire au bout de {_HOURS} heures. Si vous n'avez rien demandé, ne faites rien : "
        "votre mot de passe reste le même.\n",
    )


def send(
    store: Store,
    compte: Compte,
    genre: Genre,
    *,
    auteur: str = "",
    on: datetime | None = None,
    renewed: bool = False,
    now: datetime | None = None,
) -> str:
    """Make a link and send it, or keep the message until its date (``obs user envoyer`` then sends it).

    Args:
        store: where.
        compte: whose.
        genre: what the link is for.
        auteur: e-mail of who asked for it.
        on: when it goes and begins to work (UTC); at once by default.
        renewed: it replaces, by itself, an activation that expired unused.
        now: the moment (UTC); the clock's by default.

    Returns:
        The link itself when no mail server is configured, for the manager to hand over; empty once it is sent, or
        while it waits for its date.

    Raises:
        SourceUnavailable: the mail server refuses it; the message is kept.
    """
    moment = now or datetime.now(UTC)
    end = links.issue(store, compte, genre, auteur=auteur, on=on, renewed=renewed, now=moment)
    address = link(end)
    subject, text = _text(compte, genre, address, on)
    begins = max(on or moment, moment)
    number = outbox.keep(store, compte.id, subject, text, envoi_le=begins, expire_le=begins + links.LIFETIME)
    settings = Settings.from_env()
    if begins > moment and settings.smtp:
        return ""
    return "" if deliver(store, settings, number, compte.email, subject, text) else address


def deliver(store: Store, settings: Settings, number: int, to: str, subject: str, text: str) -> bool:
    """Send a message that was kept; whether it was sent (False when no mail server is configured).

    Raises:
        SourceUnavailable: the mail server refuses it; the message is kept, with the answer.
    """
    try:
        sent = mail.send(settings, to, subject, text)
    except SourceUnavailable as error:
        outbox.failed(store, number, error.message)
        raise
    if sent:
        outbox.done(store, number)
    return sent


def deliver_due(
    store: Store, *, now: datetime | None = None
) -> tuple[list[outbox.Message], list[outbox.Message]]:
    """Renew the activations that expired unused, once each, then send every message whose date has come.

    Args:
        store: where.
        now: the moment (UTC); the clock's by default.

    Returns:
        Those sent, and those that still wait (no mail server, or it refused them).
    """
    settings, moment = Settings.from_env(), now or datetime.now(UTC)
    for compte in links.to_renew(store, now=moment):
        _renew(store, compte, moment)
    sent: list[outbox.Message] = []
    left: list[outbox.Message] = []
    for one in outbox.waiting(store, now=moment):
        try:
            gone = deliver(store, settings, one.id, one.email, one.sujet, one.texte)
        except SourceUnavailable:
            gone = False
        (sent if gone else left).append(one)
    return sent, left


def _renew(store: Store, compte: Compte, moment: datetime) -> None:
    """Keep a second message for an activation that expired: it goes with the others that are due."""
    end = links.issue(store, compte, Genre.ACTIVATION, auteur=RENEWAL, renewed=True, now=moment)
    subject, text = _text(compte, Genre.ACTIVATION, link(end), None)
    outbox.keep(store, compte.id, subject, text, envoi_le=moment, expire_le=moment + links.LIFETIME)


def link_in(message: outbox.Message) -> str:
    """The link that a message holds; empty when it holds none."""
    found = _LINK.search(message.texte)
    return found.group(0) if found else ""
