"""``obs demo``: a lake, accounts, analyses and agendas to look at, none of them real."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from apps.commands.french import Command
from apps.commands.native_stderr import set_aside
from apps.commands.output import progress
from lake.errors import LakeError
from lake.settings import Settings


@click.command("demo", cls=Command)
@click.option("--petit", is_flag=True, help="Un petit lac, en quelques secondes, pour les tests.")
@click.option("--refaire", is_flag=True, help="Reconstruit le lac même s'il est déjà là.")
@click.option(
    "--dossier",
    type=click.Path(file_okay=False, path_type=Path),
    help="Garde les fichiers sources fabriqués dans ce dossier (défaut : un dossier temporaire).",
)
def demo_command(petit: bool, refaire: bool, dossier: Path | None) -> None:
    """Construit un lac de démonstration par la vraie ingestion de fichiers fabriqués aux formats officiels.

    Les personnes sont fictives ; les effectifs sont calés sur ceux publiés au 14 janvier 2025.
    """
    try:
        from demo.build import build
    except ModuleNotFoundError as error:
        raise LakeError(
            f"Les générateurs de démonstration ne sont pas installés ({error.name}).",
            conseil="Installez-les : pip install -r requirements.lock, ou pip install -e '.[demo]'.",
        ) from error

    with set_aside():
        done = build(
            Settings.from_env(), petit=petit, again=refaire, folder=dossier, say=progress(quiet=False)
        )
    if sys.stderr.isatty():
        click.echo("\r\033[K", err=True, nl=False)
    click.echo(done)
    _accounts()
    _agendas(petit)


def _accounts() -> None:
    """Create the demonstration's accounts, with the analyses that each would have, and say how to sign in."""
    from functools import partial

    import polars as pl

    from apps.analyses.modeles import load
    from demo.analyses import personal
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
    personal.create(store, made)
    click.echo(f"Comptes de démonstration (mot de passe : {demonstration.PASSWORD}) :")
    for profil, email in made:
        click.echo(f"  {PROFILS[profil]} : {email}")


def _agendas(petit: bool) -> None:
    """Fill the agendas of unscheduled care, and say who opens them."""
    from demo.sas import comptes
    from demo.sas.fill import fill
    from lake.store.migrate import open_store
    from lake.tables import Lake

    settings = Settings.from_env()
    store = open_store(settings)
    try:
        if said := fill(store, Lake(settings), petit=petit, say=progress(quiet=False)):
            click.echo(said)
        for name, email in comptes.create(store):
            click.echo(f"  {name} : {email}")
    finally:
        store.close()
