"""What the front door writes in the audit journal, and the French name of each action.

The journal itself (:mod:`lake.store.journal`) takes any ``domaine.verbe``; accounts only use these.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.store import journal
from lake.store.engine import Store
from lake.store.schema import JOURNAL

ACTIONS = {
    "connexion": "Connexion",
    "echec": "Échec de connexion",
    "deconnexion": "Déconnexion",
    "export": "Export",
    "demande": "Demande d'inscription",
    "acceptation": "Demande acceptée",
    "refus": "Demande refusée",
    "creation": "Compte créé",
    "lien": "Lien envoyé",
    "activation": "Compte activé",
    "mot_de_passe": "Mot de passe changé",
    "second_facteur": "Second facteur changé",
    "modification": "Compte modifié",
    "droits": "Droits changés",
    "desactivation": "Compte désactivé",
    "reactivation": "Compte réactivé",
    "suppression": "Compte supprimé",
    "sessions": "Sessions fermées",
    "objets": "Objets transmis",
    "personne": "Données d'une personne exportées",
    "purge": "Données purgées",
}
"""What is noted (``compte.<verb>``), and its French name."""
DOMAIN = "compte."


def named(action: str) -> str:
    """The French name of a journal's action; the action itself when it is not one of these."""
    return ACTIONS.get(action.removeprefix(DOMAIN), action)


def note(
    store: Store | Connection,
    action: str,
    *,
    auteur: str = "",
    objet: str = "",
    detail: str = "",
    adresse: str = "",
    now: datetime | None = None,
) -> None:
    """Write in the journal, in a transaction under way when a connection is given.

    Args:
        store: where.
        action: a key of :data:`ACTIONS`.
        auteur: the account that did it; empty for a visitor.
        objet: the account (or file) that it was done on.
        detail: what changed, in a few words. Never a secret.
        adresse: network address.
        now: the moment (UTC); the clock's by default.

    Raises:
        ValueError: the action is not one of :data:`ACTIONS`.
    """
    if action not in ACTIONS:
        raise ValueError(f"Unknown action: {action}")
    write = journal.record if isinstance(store, Store) else journal.write
    write(
        store,  # type: ignore[arg-type]
        DOMAIN + action,
        objet,
        auteur=auteur or None,
        details={"detail": detail} if detail else None,
        adresse=adresse or None,
        now=now,
    )


@dataclass(frozen=True)
class Line:
    """A line of the journal, as administrators read it.

    Attributes:
        moment: when (UTC).
        auteur: e-mail of who did it; empty for a visitor.
        action: as the journal keeps it; :func:`named` gives its French name.
        objet: on what.
        detail: what changed.
        adresse: network address; empty when unknown.
    """

    moment: datetime
    auteur: str
    action: str
    objet: str
    detail: str
    adresse: str


def entries(
    store: Store,
    *,
    actions: Sequence[str] = (),
    who: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    most: int = 5_000,
) -> list[Line]:
    """Lines of the whole journal, newest first, what other domains wrote included.

    Args:
        store: where.
        actions: keys of :data:`ACTIONS`; all lines when empty.
        who: only lines whose author or object holds this text.
        since: from this moment on.
        until: before this moment.
        most: at most so many.
    """
    wanted = sa.select(JOURNAL).order_by(JOURNAL.c.id.desc()).limit(most)
    if actions:
        wanted = wanted.where(JOURNAL.c.action.in_([DOMAIN + action for action in actions]))
    if text := who.strip().lower():
        author, subject = sa.func.lower(JOURNAL.c.auteur), sa.func.lower(JOURNAL.c.objet)
        wanted = wanted.where(
            author.contains(text, autoescape=True) | subject.contains(text, autoescape=True)
        )
    if since is not None:
        wanted = wanted.where(JOURNAL.c.moment >= since)
    if until is not None:
        wanted = wanted.where(JOURNAL.c.moment < until)
    with store.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [
        Line(
            row["moment"],
            row["auteur"] or "",
            row["action"],
            row["objet"],
            _said(json.loads(row["details"])),
            row["adresse"] or "",
        )
        for row in rows
    ]


def _said(details: dict[str, object]) -> str:
    if set(details) <= {"detail"}:
        return str(details.get("detail", ""))
    return " ; ".join(f"{name} : {value}" for name, value in details.items())
