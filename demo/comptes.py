"""Who signs in to the demonstration, and what each finds there: analyses of their own, agendas of the SAS."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import polars as pl

from demo.analyses import personal
from demo.sas import comptes, territoires
from demo.sas.fill import fill
from lake.catalog.convergence import SOLUTIONS
from lake.catalog.sas import TERRITOIRES
from lake.droits import PROFILS
from lake.errors import MissingTable
from lake.settings import Settings
from lake.store.accounts import demonstration
from lake.store.analyses.models import ship
from lake.store.migrate import open_store
from lake.store.sas.territoires import lister, rangs
from lake.tables import Lake


def prepare(
    settings: Settings,
    *,
    petit: bool,
    models: Callable[..., Iterable[object]],
    say: Callable[[str, float | None], None],
) -> list[str]:
    """Create the demonstration's accounts, with the analyses and the agendas that each would have.

    Args:
        settings: where the lake and the store are.
        petit: a small demonstration, for tests.
        models: loads the analyses that are shipped, by a function that keeps one.
        say: progress.

    Returns:
        How to sign in, a line a fact.
    """
    lake = Lake(settings)
    try:
        # An industrial sees the products that its editor declares.
        products = lake.scan(SOLUTIONS).filter(pl.col("volet") == "industriels")
        editeur = str(products.select(pl.col("editeur").sort().first()).collect().item() or "Éditeur")
    except MissingTable:
        editeur = "Éditeur"
    store = open_store(settings)
    try:
        made = demonstration.create(store, editeur)
        for _ in models(partial(ship, store)):
            pass
        personal.create(store, made)
        agendas = fill(store, lake, petit=petit, say=say)
        if territoires.nommer(store, lake):
            lake.publish(TERRITOIRES, rangs(lister(store)))
        people = [*((PROFILS[profil], email) for profil, email in made), *comptes.create(store)]
    finally:
        store.close()
    return [
        *([agendas] if agendas else []),
        f"Comptes de démonstration (mot de passe : {demonstration.PASSWORD}) :",
        *(f"  {name} : {email}" for name, email in people),
    ]
