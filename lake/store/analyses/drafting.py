"""Drafts of analyses: each person's own, kept at every change, until they are saved or given up.

A draft outlives the browser, the session and the server. Two tabs of one person are two people: the second is told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from lake.errors import EditConflict, Refused
from lake.store.accounts.identity import Compte
from lake.store.analyses.documents import MOST_BYTES
from lake.store.analyses.merging import Document
from lake.store.analyses.tables import TRAVAUX
from lake.store.engine import Store
from lake.store.schema import COMPTES

PRESENT = timedelta(hours=12)
"""A draft touched since then says that its author is at work."""


@dataclass(frozen=True)
class Draft:
    """What one person is changing.

    Attributes:
        id: number of the draft.
        analyse_id: which analysis; None for one that was never saved.
        base: revision that it was made from; 0 for none.
        document: as it is now; it may lack a title.
        revision: grows at each change.
        modifie_le: when it was last changed (UTC).
    """

    id: int
    analyse_id: int | None
    base: int
    document: Document = field(hash=False)
    revision: int
    modifie_le: datetime


def begin(
    store: Store,
    actor: Compte,
    document: Mapping[str, Any],
    *,
    analysis: int | None = None,
    base: int = 0,
    now: datetime | None = None,
) -> Draft:
    """Begin a draft, or find the one that this person already has of that analysis.

    Args:
        store: where.
        actor: whose.
        document: what it starts from.
        analysis: which analysis; None for a new one (a person may have several).
        base: the revision it starts from.
        now: the moment (UTC); the clock's by default.

    Raises:
        Refused: it is too large.
    """
    row = {"contenu": _text(document), "base_revision": base, "modifie_le": now or datetime.now(UTC)}
    with store.writing() as connection:
        if analysis is not None:
            known = connection.execute(_of(actor, analysis)).mappings().one_or_none()
            if known is not None:
                return _draft(known)
        made = sa.insert(TRAVAUX).values(compte_id=actor.id, analyse_id=analysis, revision=1, **row)
        try:
            with connection.begin_nested():
                found = connection.execute(made.returning(*TRAVAUX.c)).mappings().one()
        except IntegrityError:  # another tab of the same person began it at the same instant
            found = connection.execute(_of(actor, analysis)).mappings().one()
    return _draft(found)


def keep(
    store: Store,
    actor: Compte,
    number: int,
    document: Mapping[str, Any],
    *,
    revision: int,
    base: int | None = None,
    now: datetime | None = None,
) -> int:
    """Keep the draft as it is now; returns its revision.

    Args:
        store: where.
        actor: whose.
        number: the draft's.
        document: all of it.
        revision: the one that was read before.
        base: revision of the analysis that it now starts from; unchanged when None.
        now: the moment (UTC); the clock's by default.

    Raises:
        EditConflict: another tab changed it since; it holds what is kept, under ``document``.
        Refused: it is too large.
    """
    values: dict[str, Any] = {"contenu": _text(document), "modifie_le": now or datetime.now(UTC)}
    if base is not None:
        values["base_revision"] = base
    mine = (TRAVAUX.c.id == number, TRAVAUX.c.compte_id == actor.id)
    with store.writing() as connection:
        change = sa.update(TRAVAUX).where(*mine, TRAVAUX.c.revision == revision)
        if connection.execute(change.values(**values, revision=revision + 1)).rowcount:
            return revision + 1
        row = connection.execute(sa.select(TRAVAUX).where(*mine)).mappings().one_or_none()
    if row is None:
        raise EditConflict({}, 0)
    raise EditConflict({"document": json.loads(row["contenu"])}, row["revision"])


def load(store: Store, actor: Compte, number: int) -> Draft | None:
    """A person's draft by its number; None when it was saved or given up."""
    wanted = sa.select(TRAVAUX).where(TRAVAUX.c.id == number, TRAVAUX.c.compte_id == actor.id)
    with store.reading() as connection:
        row = connection.execute(wanted).mappings().one_or_none()
    return None if row is None else _draft(row)


def of_analysis(store: Store, actor: Compte, analysis: int) -> Draft | None:
    """A person's draft of an analysis; None without."""
    with store.reading() as connection:
        row = connection.execute(_of(actor, analysis)).mappings().one_or_none()
    return None if row is None else _draft(row)


def new_ones(store: Store, actor: Compte) -> list[Draft]:
    """A person's drafts that were never saved, last changed first."""
    wanted = (
        sa.select(TRAVAUX)
        .where(TRAVAUX.c.compte_id == actor.id, TRAVAUX.c.analyse_id.is_(None))
        .order_by(TRAVAUX.c.modifie_le.desc())
    )
    with store.reading() as connection:
        return [_draft(row) for row in connection.execute(wanted).mappings()]


def drop(store: Store, actor: Compte, number: int) -> bool:
    """Give a draft up; whether there was one."""
    gone = sa.delete(TRAVAUX).where(TRAVAUX.c.id == number, TRAVAUX.c.compte_id == actor.id)
    with store.writing() as connection:
        return connection.execute(gone).rowcount > 0


def present(
    store: Store, actor: Compte, analysis: int, *, now: datetime | None = None
) -> list[tuple[str, datetime]]:
    """Who else has a draft of an analysis (name, last change in UTC): told, nothing is locked."""
    since = (now or datetime.now(UTC)) - PRESENT
    wanted = (
        sa.select(COMPTES.c.prenom, COMPTES.c.nom, COMPTES.c.email, TRAVAUX.c.modifie_le)
        .join(COMPTES, COMPTES.c.id == TRAVAUX.c.compte_id)
        .where(
            TRAVAUX.c.analyse_id == analysis, TRAVAUX.c.compte_id != actor.id, TRAVAUX.c.modifie_le >= since
        )
        .order_by(TRAVAUX.c.modifie_le.desc())
    )
    with store.reading() as connection:
        return [
            (f"{row.prenom} {row.nom}".strip() or row.email, row.modifie_le)
            for row in connection.execute(wanted)
        ]


def _of(actor: Compte, analysis: int | None) -> sa.Select[Any]:
    return sa.select(TRAVAUX).where(TRAVAUX.c.compte_id == actor.id, TRAVAUX.c.analyse_id == analysis)


def _text(document: Mapping[str, Any]) -> str:
    # A draft is kept as it is typed: only what could not be stored is refused.
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if len(text.encode()) > 2 * MOST_BYTES:
        raise Refused(
            "sections", "Ce brouillon est trop long pour être gardé.", conseil="Raccourcissez les textes."
        )
    return text


def _draft(row: sa.RowMapping) -> Draft:
    return Draft(
        row["id"],
        row["analyse_id"],
        row["base_revision"],
        json.loads(row["contenu"]),
        row["revision"],
        row["modifie_le"],
    )
