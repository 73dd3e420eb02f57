"""The audit journal: who did what, on what, when. Rows are added; the database refuses to change them.

Only the oldest rows can go, by :func:`purge`, which leaves a trace of itself. An action is named
``domaine.verbe`` (``export.personnes``, ``compte.creation``): the part before the dot filters a whole domain.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.errors import LakeError
from lake.store.engine import Store
from lake.store.schema import JOURNAL, JOURNAL_PURGES

LEAST_DAYS = 180
"""A purge keeps at least six months, the shortest time that the CNIL recommends for access logs."""
MOST_DETAILS = 16 * 1024
_ACTION, _OBJET, _AUTEUR, _ADRESSE = 60, 200, 254, 45


@dataclass(frozen=True)
class Entry:
    """A line of the journal.

    Attributes:
        id: its number; later lines have greater ones.
        moment: when (UTC).
        auteur: the account; None for an anonymous reader.
        action: ``domaine.verbe``.
        objet: what it was done on.
        details: anything that JSON can write.
        adresse: the reader's network address, when known.
    """

    id: int
    moment: datetime
    auteur: str | None
    action: str
    objet: str
    details: Mapping[str, Any]
    adresse: str | None


@dataclass(frozen=True)
class Filters:
    """Which lines to read; everything that is left out is not filtered.

    Attributes:
        auteur: one account; the empty string for anonymous readers.
        action: one action, or a domain with its dot (``export.``).
        objet: one object.
        du: from this moment on.
        au: before this moment.
    """

    auteur: str | None = None
    action: str | None = None
    objet: str | None = None
    du: datetime | None = None
    au: datetime | None = None


def record(
    store: Store,
    action: str,
    objet: str = "",
    *,
    auteur: str | None = None,
    details: Mapping[str, object] | None = None,
    adresse: str | None = None,
    now: datetime | None = None,
) -> int:
    """Add a line, in a transaction of its own.

    Args:
        store: where.
        action: ``domaine.verbe``, 60 characters at most.
        objet: what it is done on; cut at 200 characters.
        auteur: the account; None for an anonymous reader.
        details: what JSON can write, 16 KB at most. Never a secret: a line cannot be taken back.
        adresse: the reader's network address.
        now: the moment (UTC); the clock's by default.

    Returns:
        The line's number.

    Raises:
        LakeError: the details are too long or JSON cannot write them.
        SourceUnavailable: the database does not answer: then what was to be recorded should not be done.
    """
    with store.writing() as connection:
        return write(connection, action, objet, auteur=auteur, details=details, adresse=adresse, now=now)


def write(
    connection: Connection,
    action: str,
    objet: str = "",
    *,
    auteur: str | None = None,
    details: Mapping[str, object] | None = None,
    adresse: str | None = None,
    now: datetime | None = None,
) -> int:
    """Add a line within a transaction that does something else: both are kept, or neither.

    See :func:`record`.
    """
    if not action or len(action) > _ACTION:
        raise ValueError(f"An action has 1 to {_ACTION} characters: {action!r}")
    try:
        text = json.dumps(dict(details or {}), ensure_ascii=False, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise LakeError(
            "Ces détails ne peuvent pas être journalisés : ils ne s'écrivent pas en JSON."
        ) from error
    if len(text.encode()) > MOST_DETAILS:
        raise LakeError(
            f"Ces détails sont trop longs pour le journal ({len(text.encode()) // 1024} Ko, "
            f"{MOST_DETAILS // 1024} Ko au plus)."
        )
    row = {
        "moment": now or datetime.now(UTC),
        "auteur": auteur[:_AUTEUR] if auteur else None,
        "action": action,
        "objet": " ".join(objet.split())[:_OBJET],
        "details": text,
        "adresse": adresse[:_ADRESSE] if adresse else None,
    }
    number = connection.execute(sa.insert(JOURNAL).values(**row).returning(JOURNAL.c.id)).scalar_one()
    return int(number)


def read(
    store: Store, filters: Filters | None = None, *, limit: int = 100, before: int | None = None
) -> list[Entry]:
    """The lines that pass the filters, the latest first.

    Args:
        store: where.
        filters: which lines; all of them when None.
        limit: how many at most.
        before: only the lines with a smaller number: the ``id`` of the last one read, for the next page.
    """
    columns = JOURNAL.c
    asked = filters or Filters()
    wanted = sa.select(JOURNAL).order_by(columns.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(columns.id < before)
    if asked.auteur is not None:
        wanted = wanted.where(columns.auteur == asked.auteur if asked.auteur else columns.auteur.is_(None))
    if asked.action is not None:
        domain = asked.action.endswith(".")
        wanted = wanted.where(
            columns.action.startswith(asked.action, autoescape=True)
            if domain
            else columns.action == asked.action
        )
    if asked.objet is not None:
        wanted = wanted.where(columns.objet == asked.objet)
    if asked.du is not None:
        wanted = wanted.where(columns.moment >= asked.du)
    if asked.au is not None:
        wanted = wanted.where(columns.moment < asked.au)
    with store.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [Entry(**{**row, "details": json.loads(row["details"])}) for row in rows]


def purge(store: Store, *, days: int, now: datetime | None = None) -> int:
    """Erase the lines older than some days; that it was done, when and how many, is kept.

    The only way a line leaves: the database lets one go while a purge declared in ``journal_purges`` is open,
    and only those older than it says.

    Returns:
        How many lines.

    Raises:
        LakeError: fewer than 180 days.
    """
    if days < LEAST_DAYS:
        raise LakeError(f"Le journal se conserve au moins {LEAST_DAYS} jours ; {days} demandés.")
    moment = now or datetime.now(UTC)
    limit = moment - timedelta(days=days)
    with store.writing() as connection:
        declared = sa.insert(JOURNAL_PURGES).values(avant=limit, faite_le=moment)
        number = connection.execute(declared.returning(JOURNAL_PURGES.c.id)).scalar_one()
        done = connection.execute(sa.delete(JOURNAL).where(JOURNAL.c.moment < limit))
        connection.execute(
            sa.update(JOURNAL_PURGES).where(JOURNAL_PURGES.c.id == number).values(lignes=done.rowcount)
        )
    return done.rowcount
