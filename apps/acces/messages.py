"""Messages sent: activation and forgotten password. Without a mail server, the link is given to who may see it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

from apps.acces.words import PARIS
from apps.kit.access import invitations
from lake.errors import LakeError
from lake.settings import Settings
from lake.store.accounts import links, mail, outbox
from lake.store.accounts.identity import Compte
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
    now: datetime | None = None,
) -> str:
    """Make a link and send it, or keep the message until its date (``obs user envoyer`` then sends it).

    Args:
        store: where.
        compte: whose.
        genre: what the link is for.
        auteur: e-mail of who asked for it.
        on: when it goes and begins to work (UTC); at once by default.
        now: the moment (UTC); the clock's by default.

    Returns:
        The link itself when no mail server is configured, for the manager to hand over; empty once it is sent, or
        while it waits for its date.

    Raises:
        SourceUnavailable: the mail server refuses it; the message is kept.
    """
    moment = now or datetime.now(UTC)
    with store.writing():  # a link without its message, or the reverse, would be lost
        end = links.issue(store, compte, genre, auteur=auteur, on=on, now=moment)
        kept = _keep(store, compte, genre, end, max(on or moment, moment), on)
    settings = Settings.from_env()
    if kept.envoi_le > moment and settings.smtp:
        return ""
    return "" if deliver(store, settings, kept, now=moment) else link(end)


def _invite(store: Store, compte: Compte, auteur: str, on: datetime | None) -> str:
    return send(store, compte, Genre.ACTIVATION, auteur=auteur, on=on)


invitations.written_by(_invite)


def _keep(
    store: Store, compte: Compte, genre: Genre, end: str, begins: datetime, on: datetime | None = None
) -> outbox.Message:
    subject, text = _text(compte, genre, link(end), on)
    over = begins + links.LIFETIME
    number = outbox.keep(store, compte.id, subject, text, envoi_le=begins, expire_le=over)
    return outbox.Message(number, compte.email, outbox.LINK, "", subject, text, "", begins, "")


def deliver(
    store: Store,
    settings: Settings,
    one: outbox.Message,
    dressing: mail.Dressing | None = None,
    *,
    now: datetime | None = None,
) -> bool:
    """Send a message that was kept; whether it was sent: False without mail server, or when another sending has it.

    Args:
        store: where.
        settings: the mail server.
        one: the message.
        dressing: what is made for the sending and not kept: files, the address that stops such messages.
        now: the moment (UTC); the clock's by default.

    Raises:
        SourceUnavailable: the mail server refuses it; the message is kept, with the answer.
    """
    if not settings.smtp or not outbox.take(store, one.id, now=now):
        return False
    given = dressing or mail.Dressing()
    try:
        mail.send(
            settings,
            one.email,
            one.sujet,
            one.texte,
            html=one.html,
            attachments=given.attachments,
            unsubscribe=given.unsubscribe,
        )
    except LakeError as error:
        outbox.failed(store, one.id, error.message)
        raise
    outbox.done(store, one.id)
    return True


class Room(Protocol):
    """What another domain does with the messages of its own kind."""

    def dress(self, one: outbox.Message) -> mail.Dressing:
        """What a message is given when it is sent."""
        ...

    def refused(self, one: outbox.Message) -> None:
        """A message was refused once more: its domain may give it up."""
        ...


def deliver_due(
    store: Store, *, rooms: Mapping[str, Room] | None = None, now: datetime | None = None
) -> tuple[list[outbox.Message], list[outbox.Message]]:
    """Renew the activations that expired unused, once each, then send every message whose date has come.

    Two runs at the same instant renew once and send once.

    Args:
        store: where.
        rooms: kind of a message -> what its domain does with it.
        now: the moment (UTC); the clock's by default.

    Returns:
        Those sent here, and those that still wait (no mail server, it refused them, another run has them).
    """
    settings, moment = Settings.from_env(), now or datetime.now(UTC)
    for compte in links.to_renew(store, now=moment):
        renew(store, compte, now=moment)
    sent: list[outbox.Message] = []
    left: list[outbox.Message] = []
    for one in outbox.waiting(store, now=moment):
        room = (rooms or {}).get(one.genre)
        try:
            dressing = room.dress(one) if room is not None and settings.smtp else None
            gone = deliver(store, settings, one, dressing, now=moment)
        except LakeError:
            gone = False
            if room is not None:
                room.refused(one)
        (sent if gone else left).append(one)
    return sent, left


def renew(store: Store, compte: Compte, *, now: datetime | None = None) -> outbox.Message | None:
    """Keep a second message for an activation that expired; None when it was renewed meanwhile."""
    moment = now or datetime.now(UTC)
    with store.writing():
        end = links.renew(store, compte, RENEWAL, now=moment)
        return None if end is None else _keep(store, compte, Genre.ACTIVATION, end, moment)


def link_in(message: outbox.Message) -> str:
    """The link that a message holds; empty when it holds none."""
    found = _LINK.search(message.texte)
    return found.group(0) if found else ""
