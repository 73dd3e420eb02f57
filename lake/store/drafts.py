"""Drafts: what a person typed in a form and has not sent yet, field by field, each with its revision.

Two people (or two tabs) on two fields never meet; on one field, the second is told what the first left. A draft
outlives a reload, a session that ends and a server that restarts; it is erased when the form is sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from lake.errors import EditConflict, LakeError
from lake.store.engine import Store
from lake.store.schema import BROUILLONS

MOST = 64 * 1024
"""Characters that one field may hold."""


@dataclass(frozen=True)
class Kept:
    """What was typed in one field.

    Attributes:
        value: what was typed, anything that JSON writes.
        seen: what was saved in that field when the typing began.
        revision: grows at each save of this field.
    """

    value: Any
    seen: Any
    revision: int


def load(store: Store, compte_id: int, form: str) -> dict[str, Kept]:
    """What an account typed in a form, by field; empty for nothing."""
    wanted = sa.select(BROUILLONS).where(BROUILLONS.c.compte_id == compte_id, BROUILLONS.c.formulaire == form)
    with store.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return {
        row["champ"]: Kept(json.loads(row["valeur"]), json.loads(row["vue"]), row["revision"]) for row in rows
    }


def save(
    store: Store,
    compte_id: int,
    form: str,
    field: str,
    value: Any,
    *,
    seen: Any = None,
    revision: int = 0,
    now: datetime | None = None,
) -> int:
    """Keep what was typed in one field; returns its revision.

    Args:
        store: where.
        compte_id: whose.
        form: the form, and what it is about.
        field: the field.
        value: what JSON writes. Never a password.
        seen: what was saved in that field when the typing began.
        revision: the one that was read before; 0 when nothing was typed yet.
        now: the moment (UTC); the clock's by default.

    Raises:
        EditConflict: it was typed elsewhere since; it says what was.
        LakeError: JSON cannot write it, or it is too long.
    """
    row = {"valeur": _written(value), "vue": _written(seen), "modifie_le": now or datetime.now(UTC)}
    key = {"compte_id": compte_id, "formulaire": form, "champ": field}
    where = [BROUILLONS.c[name] == known for name, known in key.items()]
    with store.writing() as connection:
        if revision == 0:
            try:
                with connection.begin_nested():
                    connection.execute(sa.insert(BROUILLONS).values(**key, **row, revision=1))
                return 1
            except IntegrityError:
                pass  # another tab typed first: told below
        done = connection.execute(
            sa.update(BROUILLONS)
            .where(*where, BROUILLONS.c.revision == revision)
            .values(**row, revision=BROUILLONS.c.revision + 1)
        )
        if done.rowcount:
            return revision + 1
        now_kept = connection.execute(sa.select(BROUILLONS).where(*where)).mappings().one_or_none()
        if now_kept is not None:
            raise EditConflict({field: json.loads(now_kept["valeur"])}, now_kept["revision"])
        # It was sent or given up in another tab: what is typed here is a new draft.
        connection.execute(sa.insert(BROUILLONS).values(**key, **row, revision=revision + 1))
        return revision + 1


def erase(store: Store, compte_id: int, form: str) -> int:
    """Forget what an account typed in a form: it was sent, or given up; returns how many fields."""
    gone = sa.delete(BROUILLONS).where(BROUILLONS.c.compte_id == compte_id, BROUILLONS.c.formulaire == form)
    with store.writing() as connection:
        return int(connection.execute(gone).rowcount)


def waiting(store: Store, compte_id: int) -> Mapping[str, datetime]:
    """The forms that an account began and has not sent, and when each was last typed in (UTC)."""
    wanted = (
        sa.select(BROUILLONS.c.formulaire, sa.func.max(BROUILLONS.c.modifie_le).label("le"))
        .where(BROUILLONS.c.compte_id == compte_id)
        .group_by(BROUILLONS.c.formulaire)
        .order_by(sa.desc("le"))
    )
    with store.reading() as connection:
        return {row.formulaire: row.le for row in connection.execute(wanted)}


def _written(value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise LakeError("Cette saisie ne peut pas être gardée : elle ne s'écrit pas en JSON.") from error
    if len(text) > MOST:
        raise LakeError(f"Cette saisie est trop longue : {len(text) // 1024} Ko, {MOST // 1024} Ko au plus.")
    return text
