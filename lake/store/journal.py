"""The journal: who did what, when. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

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
}
"""What is noted, and its French name."""


@dataclass(frozen=True)
class Entry:
    """One line of the journal.

    Attributes:
        moment: when (UTC).
        auteur: e-mail of who did it; empty for a visitor.
        action: one of :data:`ACTIONS`.
        objet: on what: an e-mail, a file.
        detail: what changed.
        adresse: network address.
    """

    moment: datetime
    auteur: str
    action: str
    objet: str
    detail: str
    adresse: str


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
    """Add a line, in a transaction under way when a connection is given.

    Raises:
        ValueError: the action is not one of :data:`ACTIONS`.
    """
    if action not in ACTIONS:
        raise ValueError(f"Unknown action: {action}")
    row = {
        "moment": now or datetime.now(UTC),
        "auteur": auteur[:254],
        "action": action,
        "objet": objet[:254],
        "detail": detail[:4000],
        "adresse": adresse[:64],
    }
    if isinstance(store, Store):
        with store.writing() as connection:
            connection.execute(sa.insert(JOURNAL).values(row))
    else:
        store.execute(sa.insert(JOURNAL).values(row))


def entries(
    store: Store,
    *,
    actions: Sequence[str] = (),
    who: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    most: int = 5_000,
) -> list[Entry]:
    """Lines of the journal, newest first.

    Args:
        store: where.
        actions: only these; all when empty.
        who: only lines whose author or object holds this text.
        since: from this moment on.
        until: before this moment.
        most: at most so many.
    """
    wanted = sa.select(JOURNAL).order_by(JOURNAL.c.id.desc()).limit(most)
    if actions:
        wanted = wanted.where(JOURNAL.c.action.in_(actions))
    if who.strip():
        text = who.strip().lower()
        wanted = wanted.where(
            sa.func.lower(JOURNAL.c.auteur).contains(text, autoescape=True)
            | sa.func.lower(JOURNAL.c.objet).contains(text, autoescape=True)
        )
    if since is not None:
        wanted = wanted.where(JOURNAL.c.moment >= since)
    if until is not None:
        wanted = wanted.where(JOURNAL.c.moment < until)
    with store.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [Entry(**{name: row[name] for name in Entry.__dataclass_fields__}) for row in rows]
