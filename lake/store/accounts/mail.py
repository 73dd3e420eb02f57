"""E-mail by SMTP; without a server configured, nothing is sent and the caller shows the link to an administrator."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from ipaddress import ip_address

from lake.errors import SourceUnavailable, cause_of
from lake.settings import Settings

_TIMEOUT_S = 15


def send(settings: Settings, to: str, subject: str, text: str) -> bool:
    """Send a plain text message.

    Returns:
        Whether it was sent; False when no server is configured.

    Raises:
        SourceUnavailable: the server does not answer, refuses the message, or would read a password in clear.
    """
    if not settings.smtp:
        return False
    message = EmailMessage()
    message["From"] = settings.smtp_from
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain="observatoire.local")
    message.set_content(text)
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
