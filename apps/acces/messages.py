"""Messages sent: activation and forgotten password. Without a mail server, the link is given to who may see it."""

from __future__ import annotations

from datetime import datetime

from lake import mail
from lake.settings import Settings
from lake.store import links
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
    """Make a link and send it.

    Returns:
        The link itself when no mail server is configured, for the manager to hand over; empty once it is sent.

    Raises:
        SourceUnavailable: the mail server refuses it.
    """
    end = links.issue(store, compte, genre, auteur=auteur, on=on, renewed=renewed)
    address = link(end)
    subject, text = _text(compte, genre, address, on)
    return "" if mail.send(Settings.from_env(), compte.email, subject, text) else address
