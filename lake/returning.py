"""Going back to an earlier publication: nothing is erased, the earlier state is published again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from lake.contract import Table
from lake.delivery import Delivery
from lake.errors import DamagedLake, LakeError
from lake.leases import Say
from lake.publications import RETOUR, Publication
from lake.tables import Lake


def go_back(
    lake: Lake, number: int, tables: Mapping[str, Table], *, source: str | None, say: Say
) -> Publication | None:
    """Show again what a publication showed, of every source or of one.

    Args:
        lake: the lake.
        number: the publication.
        tables: the contracts by name.
        source: only the tables of this source.
        say: told while another writer makes this one wait.

    Returns:
        The new record, None when readers see that state already.

    Raises:
        LakeError: there is no such publication, or a version of it was vacuumed.
        PublishConflict: a source is being published.
    """
    wanted = lake.register.get(number)
    mended = mend(lake)
    now = lake.register.newest()
    pinned = now.tables.keys() if now else set()
    if now and now.genre == RETOUR and now.faits == {"vers": number, "source": source}:
        return mended
    chosen = {
        name: one
        for name, one in tables.items()
        if name in pinned and (source is None or one.source == source)
    }
    execution = f"retour-{uuid.uuid4().hex[:12]}"
    with lake.delivery(source or "", tuple(chosen.values()), execution=execution, say=say) as delivery:
        current = delivery.base.tables if delivery.base else {}
        hidden = []
        for name, one in chosen.items():
            version = _then(lake, wanted, name)
            if version == current.get(name):
                continue
            if version is None:
                hidden.append(name)
            else:
                _shown_again(lake, delivery, one, version)
        if not delivery.written and not hidden:
            return mended
        sources = {chosen[name].source for name in (*delivery.written, *hidden)}
        delivered = {one: dict(wanted.livraisons.get(one, {})) for one in sources}
        return delivery.publish(
            genre=RETOUR,
            facts={"vers": number, "source": source},
            delivered=delivered,
            hidden=hidden,
            replacing=True,
        )


def _then(lake: Lake, wanted: Publication, name: str) -> int | None:
    """The version that readers saw then: a table that was not pinned yet was as its first record found it."""
    if name in wanted.tables:
        return wanted.tables[name]
    for number in lake.register.numbers():
        if number > wanted.numero:
            with suppress(DamagedLake):
                later = lake.register.get(number)
                if name in later.tables:
                    return later.tables[name]
    return None


def _shown_again(lake: Lake, delivery: Delivery, table: Table, version: int) -> None:
    try:
        delivery.put_back(table, version)
    except DamagedLake:
        # The log does not open at its newest version: readers can still be shown the older one.
        lake.scan(table, version)
        delivery.point(table, version)


def _same(state: dict[str, Any], _base: Publication | None) -> dict[str, Any]:
    return state


def mend(lake: Lake) -> Publication | None:
    """Step over records that cannot be read: the newest one that can is published again.

    Returns:
        The new record, None when the newest could be read.

    Raises:
        DamagedLake: none can be read.
    """
    with suppress(DamagedLake):
        lake.register.newest()
        return None
    numbers = lake.register.numbers()
    for number in reversed(numbers):
        try:
            sound = lake.register.get(number)
        except LakeError:
            continue
        state: dict[str, Any] = {
            "genre": RETOUR,
            "source": "",
            "execution": "",
            "tables": sound.tables,
            "change": {},
            "lignes": sound.lignes,
            "livraisons": sound.livraisons,
            "faits": {"vers": number, "source": None},
        }
        return lake.register.add(partial(_same, state), above=numbers[-1])
    raise DamagedLake(
        "Aucune publication du registre ne peut être relue.",
        conseil="Recopiez le dossier _publications depuis une sauvegarde, ou reconstruisez le lac : "
        "obs lake reconstruire.",
    )
