"""What an account may see of the measures of the SAS: its own, by its roles; the suite's administrators, all."""

from __future__ import annotations

from lake.droits import SAS, Droits
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.sas import roles

PILOTES = (roles.REFERENT, roles.ADMINISTRATEUR, roles.REGIONAL)


def droits_of(store: Store, compte: Compte) -> Droits | None:
    """The rights of an account on the universes of the SAS; None when no role opens them.

    A SAS is a department: its référent and its administrators see its department, nothing finer is decided.
    """
    mine = roles.territoires_of(store, compte, PILOTES)
    if mine is None:
        return Droits(frozenset({SAS}))
    if not mine:
        return None
    return Droits(frozenset({SAS}), departements=frozenset(one.removeprefix("SAS-") for one in mine))
