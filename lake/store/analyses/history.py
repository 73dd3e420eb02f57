"""The history of an analysis: what each save left, and taking one back as a new save."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from lake.errors import LakeError
from lake.store.accounts.identity import Compte
from lake.store.analyses.documents import Saved, at, save
from lake.store.analyses.merging import Document
from lake.store.analyses.reading import READ, opened, unknown
from lake.store.analyses.tables import REVISIONS
from lake.store.engine import Store
from lake.store.schema import COMPTES


@dataclass(frozen=True)
class Step:
    """One save.

    Attributes:
        revision: its number.
        author: who saved; empty for the suite or a deleted account.
        motif: why, in a few words; empty for a plain save.
        le: when (UTC).
    """

    revision: int
    author: str
    motif: str
    le: datetime


def steps(store: Store, actor: Compte, number: int) -> list[Step]:
    """The saves of an analysis, newest first; a reader of a published model sees none of its work.

    Raises:
        UnknownName: it is not this person's to read.
    """
    if opened(store, actor, number).right == READ:
        raise unknown(number)
    wanted = (
        sa.select(REVISIONS, COMPTES.c.prenom, COMPTES.c.nom)
        .outerjoin(COMPTES, COMPTES.c.id == REVISIONS.c.auteur_id)
        .where(REVISIONS.c.analyse_id == number)
        .order_by(REVISIONS.c.revision.desc())
    )
    with store.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [
        Step(row["revision"], f"{row['prenom'] or ''} {row['nom'] or ''}".strip(), row["motif"], row["le"])
        for row in rows
    ]


def document(store: Store, actor: Compte, number: int, revision: int) -> Document:
    """An analysis as it was at a revision.

    Raises:
        UnknownName: it is not this person's to read.
        LakeError: the history no longer has it.
    """
    found = opened(store, actor, number)
    if found.right == READ and revision != found.revision:
        raise unknown(number)
    with store.reading() as connection:
        return at(connection, number, revision)


def take_back(
    store: Store, actor: Compte, number: int, revision: int, *, base: int, now: datetime | None = None
) -> Saved:
    """Save an older revision again, as a new one: what was saved since stays in the history.

    Args:
        store: where.
        actor: who does it.
        number: which analysis.
        revision: the one to take back.
        base: the revision that is shown: one that somebody saved meanwhile is not covered.
        now: the moment (UTC); the clock's by default.

    Raises:
        LakeError: the history no longer has it, or somebody saved meanwhile.
        UnknownName: it is not this person's to read.
        AccessDenied: it may not be changed by this person.
    """
    found = opened(store, actor, number)
    if found.revision != base:
        raise LakeError(
            f"{found.author or 'Quelqu’un'} a enregistré cette analyse entre-temps.",
            conseil="Relisez l'historique, puis restaurez.",
        )
    old = document(store, actor, number, revision)
    return save(store, actor, number, old, base=base, motif=f"restaure r{revision}", now=now)
