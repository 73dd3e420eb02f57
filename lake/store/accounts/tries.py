"""Tries that are counted: a password, a code, a request. A try is counted before it is checked.

However many come at once, no more are checked than may be: each takes its place in the count first, under the row's
lock, and gives it back when it was right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from lake.store.engine import Store
from lake.store.schema import ESSAIS

FREE = 5
"""Failures before the first wait."""
FREE_NETWORK = 50
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
FORGET = timedelta(hours=24)


def key(kind: str, value: str) -> str:
    """What is kept of an address, electronic or of a network: it cannot be read back."""
    return hashlib.sha256(f"{kind}:{value.strip().lower()}".encode()).hexdigest()


def _keys(email: str, adresse: str) -> dict[str, int]:
    found = {key("compte", email): FREE}
    if adresse:
        found[key("reseau", adresse)] = FREE_NETWORK
    return found


def wait(store: Store, email: str, adresse: str = "", *, now: datetime | None = None) -> int:
    """Seconds to wait before another try for this address; 0 for none."""
    with store.reading() as connection:
        return _wait(connection, list(_keys(email, adresse)), now or datetime.now(UTC))


def _wait(connection: Connection, keys: list[str], moment: datetime) -> int:
    until = connection.execute(
        sa.select(sa.func.max(ESSAIS.c.bloque_le)).where(ESSAIS.c.cle.in_(keys))
    ).scalar()
    return 0 if until is None or until <= moment else int((until - moment).total_seconds()) + 1


@dataclass(frozen=True)
class Try:
    """A try that took its place in the counts.

    Attributes:
        wait_s: seconds to wait; the try is then neither counted nor to be checked. 0 when it may be checked.
        before: key -> the count as it was before (failures, last, end of the wait).
    """

    wait_s: int = 0
    before: Mapping[str, tuple[int, datetime, datetime | None]] = field(default_factory=dict)


def begin(
    store: Store, email: str, adresse: str = "", *, now: datetime | None = None, always: bool = False
) -> Try:
    """Count a try before it is checked: past a few, each doubles the wait, up to an hour.

    Args:
        store: where.
        email: address typed, whether it has an account or not.
        adresse: network address.
        now: the moment (UTC); the clock's by default.
        always: count it even while others have to wait (a failure already known).
    """
    moment, keys = now or datetime.now(UTC), _keys(email, adresse)
    with store.writing() as connection:
        rows = {one: locked(connection, one, moment) for one in keys}
        if not always and (seconds := _wait(connection, list(keys), moment)):
            return Try(seconds)
        for one, row in rows.items():
            count = 1 if moment - row["dernier_le"] > FORGET else row["echecs"] + 1
            _set(connection, one, count, moment, _until(count, keys[one], moment))
    return Try(
        before={one: (row["echecs"], row["dernier_le"], row["bloque_le"]) for one, row in rows.items()}
    )


def right(store: Store, tried: Try, email: str, adresse: str = "", *, now: datetime | None = None) -> int:
    """Give back the place of a try that was right.

    Returns:
        Seconds to wait when others failed meanwhile and the wait has begun: it opens nothing then. 0 otherwise.
    """
    moment, keys = now or datetime.now(UTC), _keys(email, adresse)
    with store.writing() as connection:
        for one, free in keys.items():
            row, (count, last, until) = locked(connection, one, moment), tried.before[one]
            others = row["echecs"] - 1
            if others > count:  # counted since
                _set(connection, one, others, row["dernier_le"], _until(others, free, row["dernier_le"]))
            else:
                _set(connection, one, count, last, until)
        return _wait(connection, list(keys), moment)


def forget(store: Store, email: str) -> None:
    """Start counting anew for an address, after a success."""
    with store.writing() as connection:
        connection.execute(sa.delete(ESSAIS).where(ESSAIS.c.cle == key("compte", email)))


def _until(count: int, free: int, moment: datetime) -> datetime | None:
    """The end of the wait that so many failures bring; None when they bring none."""
    return moment + min(FIRST_WAIT * 2 ** min(count - free, 12), LONGEST_WAIT) if count >= free else None


def _set(connection: Connection, one: str, count: int, last: datetime, until: datetime | None) -> None:
    values = {"echecs": count, "dernier_le": last, "bloque_le": until}
    connection.execute(sa.update(ESSAIS).where(ESSAIS.c.cle == one).values(**values))


def locked(connection: Connection, one: str, moment: datetime) -> sa.RowMapping:
    """The row that counts for a key, locked until the transaction ends; made when there is none."""
    wanted = sa.select(ESSAIS).where(ESSAIS.c.cle == one).with_for_update()
    while True:
        if (known := connection.execute(wanted).mappings().one_or_none()) is not None:
            return known
        first = sa.insert(ESSAIS).values(cle=one, echecs=0, dernier_le=moment, bloque_le=None)
        with suppress(IntegrityError), connection.begin_nested():
            connection.execute(first)  # refused when another try at the same moment made it
