"""E-mail by SMTP; without a server configured, nothing is sent and the caller shows the link to an administrator."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from ipaddress import ip_address
from urllib.parse import urlsplit

from lake.errors import LakeError, SourceUnavailable, cause_of
from lake.settings import Settings

_TIMEOUT_S = 15
MOST_BYTES = 5 * 1024 * 1024
"""All the attachments of a message: mail servers commonly refuse more than ten."""


@dataclass(frozen=True)
class Attachment:
    """A file sent with a message.

    Attributes:
        name: its name, as its reader saves it.
        content: its bytes.
        kind: its media type.
    """

    name: str
    content: bytes = field(repr=False)
    kind: str = "application/octet-stream"


@dataclass(frozen=True)
class Dressing:
    """What a message is given when it is sent, and the outbox does not keep.

    Attributes:
        attachments: files, made under the rights that its reader has then.
        unsubscribe: address that stops these messages in one click; empty for none.
    """

    attachments: tuple[Attachment, ...] = ()
    unsubscribe: str = ""


def composed(
    settings: Settings,
    to: str,
    subject: str,
    text: str,
    *,
    html: str = "",
    attachments: Sequence[Attachment] = (),
    unsubscribe: str = "",
) -> EmailMessage:
    """A message as it is sent: its text, the same laid out if any, its attachments if any.

    Args:
        settings: the sender.
        to: address.
        subject: subject, on one line.
        text: plain text.
        html: the same, laid out; empty for none.
        attachments: files.
        unsubscribe: address that stops these messages when a mail client posts to it (RFC 8058); empty for none.

    Raises:
        LakeError: the attachments are too large together.
    """
    weight = sum(len(one.content) for one in attachments)
    if weight > MOST_BYTES:
        raise LakeError(
            f"Les pièces jointes pèsent {weight // 1024} Ko : {MOST_BYTES // 1024} Ko au plus.",
            conseil="Envoyez le lien de la page plutôt que le fichier.",
        )
    message = EmailMessage()
    message["From"] = settings.smtp_from
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=domain(settings))
    if unsubscribe:
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for one in attachments:
        main, _, sub = one.kind.partition("/")
        message.add_attachment(one.content, maintype=main, subtype=sub or "octet-stream", filename=one.name)
    return message


def domain(settings: Settings) -> str:
    """The domain that numbers messages: the sender's own, else that of the suite's address."""
    sender = settings.smtp_from.rpartition("@")[2].strip(" >").lower()
    if sender and sender != "localhost":
        return sender
    return urlsplit(settings.url).hostname or "localhost"


def send(
    settings: Settings,
    to: str,
    subject: str,
    text: str,
    *,
    html: str = "",
    attachments: Sequence[Attachment] = (),
    unsubscribe: str = "",
) -> bool:
    """Send a message.

    Args:
        settings: the server, the sender.
        to: address.
        subject: subject, on one line.
        text: plain text: everything that the message says.
        html: the same, laid out; empty for none.
        attachments: files.
        unsubscribe: address that stops these messages in one click; empty for none.

    Returns:
        Whether it was sent; False when no server is configured.

    Raises:
        SourceUnavailable: the server does not answer, refuses the message, or would read a password in clear.
        LakeError: the attachments are too large.
    """
    if not settings.smtp:
        return False
    message = composed(
        settings, to, subject, text, html=html, attachments=attachments, unsubscribe=unsubscribe
    )
    host, _, port = settings.smtp.rpartition(":")
    if settings.smtp_user and not settings.smtp_tls and not _here(host or settings.smtp):
        raise SourceUnavailable(
            "Le mot de passe du serveur de courriel passerait en clair sur le réseau : rien n'est envoyé.",
            conseil="Réglez OBS_SMTP_TLS=1, ou un relais sur cette machine.",
        )
    try:
        with smtplib.SMTP(host or settings.smtp, int(port) if host else 25, timeout=_TIMEOUT_S) as server:
            if settings.smtp_tls:
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise SourceUnavailable(
            f"Le message n'a pas pu être envoyé : {cause_of(str(error))}.",
            conseil="Vérifiez OBS_SMTP et les droits d'envoi.",
        ) from error
    return True


def _here(host: str) -> bool:
    """Whether a mail server is on this machine."""
    name = host.strip("[]").lower()
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
