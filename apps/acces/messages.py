"""Messages sent: activation and forgotten password. Without a mail server, the link is given to who may see it."""

from __future__ import annotations

from datetime import UTC, datetime

from lake import mail
from lake.errors import SourceUnavailable
from lake.settings import Settings
from lake.store import links, outbox
from lake.store.accounts import Compte
from lake.store.engine import Store
from lake.store.links import Genre

_HOURS = int(links.LIFETIME.total_seconds() // 3600)


def link(end: str) -> str:
    """The whole address of a link."""
    return f"{Settings.from_env().url.rstrip('/')}/activation?lien={end}"


def _text(compte: Compte, genre: Genre, address: str, on: datetime | None) -> tuple[str, str]:
    if genre is Genre.ACTIVATION:
        begins = f" à partir du {on:%d/%m/%Y}" if on is not None else ""
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
) -> str:
    """Make a link and send it, or keep the message until its date (``obs user envoyer`` then sends it).

    Returns:
        The link itself when no mail server is configured, for the manager to hand over; empty once it is sent, or
        while it waits for its date.

    Raises:
        SourceUnavailable: the mail server refuses it; the message is kept.
    """
    end = links.issue(store, compte, genre, auteur=auteur, on=on, renewed=renewed)
    address = link(end)
    subject, text = _text(compte, genre, address, on)
    now = datetime.now(UTC)
    begins = max(on or now, now)
    number = outbox.keep(store, compte.id, subject, text, envoi_le=begins, expire_le=begins + links.LIFETIME)
    settings = Settings.from_env()
    if begins > now and settings.smtp:
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


def deliver_due(store: Store) -> tuple[list[outbox.Message], list[outbox.Message]]:
    """Send every message whose date has come.

    Returns:
        Those sent, and those that still wait (no mail server, or it refused them).
    """
    settings = Settings.from_env()
    sent: list[outbox.Message] = []
    left: list[outbox.Message] = []
    for one in outbox.waiting(store):
        try:
            gone = deliver(store, settings, one.id, one.email, one.sujet, one.texte)
        except SourceUnavailable:
            gone = False
        (sent if gone else left).append(one)
    return sent, left
