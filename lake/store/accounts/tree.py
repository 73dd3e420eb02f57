"""Whom accounts answer to, and what that lets each see and decide."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.droits import Droits, effective
from lake.errors import LakeError, Refused
from lake.store.accounts.identity import Compte, row_of
from lake.store.engine import Store
from lake.store.schema import COMPTES

DEPTH = 30
"""Levels of managers that are looked through."""
Step = tuple[str, str, str]


def under(comptes: list[Compte], number: int) -> list[tuple[int, Compte]]:
    """The tree of those an account is responsible for: (depth from 1, account), branch by branch."""
    children: dict[int | None, list[Compte]] = {}
    for one in comptes:
        children.setdefault(one.responsable_id, []).append(one)
    found: list[tuple[int, Compte]] = []

    def visit(parent: int, depth: int) -> None:
        for one in children.get(parent, []):
            if depth <= DEPTH and all(one.id != known.id for _, known in found):
                found.append((depth, one))
                visit(one.id, depth + 1)

    visit(number, 1)
    return found


def commands(store: Store, actor: Compte, number: int) -> bool:
    """Whether an account answers, directly or not, to another; an administrator commands everyone.

    Nobody else commands an administrator, nor those who answer to one: whoever sends an account its link could enter
    in its place. One statement, whatever the number of accounts: it is asked at each save.
    """
    if actor.administrateur:
        return True
    with store.reading() as connection:
        # Nearest first: the account, then its managers.
        chain = connection.execute(_CHAIN, {"numero": number}).all()
    above = [(row.id, row.profil) for row in chain]
    for (_, profil), (manager, _) in pairwise(above):
        if profil == "administrateur":
            return False
        if manager == actor.id:
            return True
    return False


def _chain() -> sa.Select[Any]:
    base = sa.select(
        COMPTES.c.id,
        COMPTES.c.responsable_id,
        COMPTES.c.profil,
        COMPTES.c.organisation,
        COMPTES.c.droits,
        sa.literal(0).label("rang"),
    ).where(COMPTES.c.id == sa.bindparam("numero"))
    chain = base.cte("chaine", recursive=True)
    manager = COMPTES.alias("responsable")
    more = sa.select(
        manager.c.id,
        manager.c.responsable_id,
        manager.c.profil,
        manager.c.organisation,
        manager.c.droits,
        chain.c.rang + 1,
    ).where(manager.c.id == chain.c.responsable_id, chain.c.rang < DEPTH - 1)
    chain = chain.union_all(more)
    return sa.select(chain).order_by(chain.c.rang)


_CHAIN = _chain()
"""An account and its managers, the nearest first (rank 0 is itself). Made once: it is asked at every run of a page."""


def rights(store: Store, compte: Compte) -> Droits:
    """What an account may see, its managers' narrowings included."""
    with store.reading() as connection:
        return rights_in(connection, compte)


def rights_in(connection: Connection, compte: Compte) -> Droits:
    """The same, within a transaction."""
    return bounded(connection, compte.profil, compte.organisation, compte.droits, compte.responsable_id)


def bounded(
    connection: Connection, profil: str, organisation: str, droits: str, responsable_id: int | None
) -> Droits:
    """What an account of this profile would see under this manager, within a transaction.

    Args:
        connection: the transaction.
        profil: its profile.
        organisation: its organisation.
        droits: its narrowing, as kept.
        responsable_id: its manager; None at the top.
    """
    chain: list[Step] = [(profil, organisation, droits)]
    if responsable_id is not None:
        seen: set[int] = set()
        for row in connection.execute(_CHAIN, {"numero": responsable_id}):
            if row.profil == "administrateur" or row.id in seen:
                break
            seen.add(row.id)
            chain.append((row.profil, row.organisation, row.droits))
    return effective(chain)


def refuse_cycle(connection: Connection, number: int, manager: int) -> None:
    """Refuse a manager who answers to the account.

    Raises:
        LakeError: it does.
    """
    # The tree is locked: two changes at once, each without a cycle, could make one together.
    connection.execute(sa.select(COMPTES.c.id).order_by(COMPTES.c.id).with_for_update()).all()
    above: int | None = manager
    for _ in range(DEPTH):
        if above is None:
            return
        if above == number:
            break
        above = connection.execute(sa.select(COMPTES.c.responsable_id).where(COMPTES.c.id == above)).scalar()
    raise LakeError("Une personne ne peut pas dépendre de quelqu'un qui dépend d'elle.")


def refuse_other_editor(connection: Connection, row: Mapping[str, Any]) -> None:
    """An industrial's organisation is what it sees: only an administrator names another editor than its own.

    Its manager's rights would bound it, but only until the manager leaves.

    Raises:
        Refused: its manager is of another organisation.
    """
    if row["profil"] != "industriel" or row["responsable_id"] is None:
        return
    manager = row_of(connection, COMPTES.c.id == row["responsable_id"])
    if manager is None or manager["profil"] == "administrateur":
        return
    if _plain(manager["organisation"]) != _plain(row["organisation"]):
        raise Refused(
            "organisation",
            f"Un compte industriel est de l'organisation de son responsable : « {manager['organisation']} ».",
            conseil="Un administrateur peut créer un compte pour un autre éditeur.",
        )


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
