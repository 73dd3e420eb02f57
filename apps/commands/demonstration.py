"""The accounts of the demonstration, told as they are made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from lake.settings import Settings


def demo_accounts(personal: Callable[..., Any]) -> None:
    """Create the demonstration's accounts, with the analyses that each would have, and say how to sign in.

    Args:
        personal: makes the analyses that each account would have: the demonstration's own, handed over.
    """
    from functools import partial

    import polars as pl

    from apps.analyses.modeles import load
    from lake.catalog.convergence import SOLUTIONS
    from lake.droits import PROFILS
    from lake.errors import MissingTable
    from lake.store.accounts import demonstration
    from lake.store.analyses.models import ship
    from lake.store.migrate import open_store
    from lake.tables import Lake

    settings = Settings.from_env()
    try:
        # An industrial sees the products that its editor declares.
        products = Lake(settings).scan(SOLUTIONS).filter(pl.col("volet") == "industriels")
        found = products.select(pl.col("editeur").sort().first()).collect()
        editeur = str(found.item() or "Éditeur")
    except MissingTable:
        editeur = "Éditeur"
    store = open_store(settings)
    made = demonstration.create(store, editeur)
    for _ in load(partial(ship, store)):
        pass
    personal(store, made)
    click.echo(f"Comptes de démonstration (mot de passe : {demonstration.PASSWORD}) :")
    for profil, email in made:
        click.echo(f"  {PROFILS[profil]} : {email}")
