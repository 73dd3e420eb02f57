"""The navigation bar of each person: which pages it pinned, in which order, and where it arrives after sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from lake.errors import Refused
from lake.store.accounts.identity import Compte
from lake.store.analyses.reading import Line, listed
from lake.store.analyses.tables import BARRE
from lake.store.engine import Store

MOST = 12
"""Pages of a bar: more are found in « Toutes mes pages »."""


@dataclass(frozen=True)
class Bar:
    """What a person pinned.

    Attributes:
        pages: in order; what was deleted or is no longer shared is left out.
        home: the page where it arrives; None for its profile's.
    """

    pages: tuple[Line, ...]
    home: Line | None


def bar(store: Store, actor: Compte, lines: Sequence[Line] | None = None) -> Bar:
    """A person's bar as it is now.

    Args:
        store: where.
        actor: whose.
        lines: what it may open, when already read.
    """
    known = {
        one.id: one for one in (listed(store, actor) if lines is None else lines) if one.supprime_le is None
    }
    wanted = sa.select(BARRE).where(BARRE.c.compte_id == actor.id).order_by(BARRE.c.rang)
    with store.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    pages = tuple(known[row["analyse_id"]] for row in rows if row["analyse_id"] in known)
    home = next(
        (known[row["analyse_id"]] for row in rows if row["accueil"] and row["analyse_id"] in known), None
    )
    return Bar(pages, home)


def pinned(store: Store, actor: Compte) -> tuple[Line, ...]:
    """What a person pinned and may still open, in order: what its menu shows."""
    return bar(store, actor, listed(store, actor, pinned=True)).pages


def arrives(store: Store, actor: Compte) -> bool:
    """Whether a person has key indicators to arrive on: a home of its own, or a page published for its profile."""
    lines = listed(store, actor)
    return bar(store, actor, lines).home is not None or any(one.home for one in lines)


def arrange(store: Store, actor: Compte, pages: Sequence[int], *, home: int | None = None) -> None:
    """Keep a bar, whole: the last who arranges it wins.

    Args:
        store: where.
        actor: whose.
        pages: numbers of analyses, in order; none brings back the profile's page alone.
        home: the one where the person arrives; None for its profile's page.

    Raises:
        Refused: too many pages, a page twice, one that may not be opened, or a home that is not in the bar.
    """
    if len(pages) > MOST:
        raise Refused("pages", f"La barre tient {MOST} pages : {len(pages)} sont cochées.")
    if len(set(pages)) < len(pages):
        raise Refused("pages", "Une page est deux fois dans la barre.")
    readable = {one.id for one in listed(store, actor) if one.supprime_le is None}
    if set(pages) - readable:
        raise Refused("pages", "Une de ces pages a été supprimée, ou n'est plus partagée avec vous.")
    if home is not None and home not in pages:
        raise Refused("accueil", "La page d'accueil doit être dans la barre.")
    rows = [
        {"compte_id": actor.id, "analyse_id": number, "rang": rank, "accueil": number == home}
        for rank, number in enumerate(pages, start=1)
    ]
    with store.writing() as connection:
        connection.execute(sa.delete(BARRE).where(BARRE.c.compte_id == actor.id))
        if rows:
            connection.execute(sa.insert(BARRE), rows)
