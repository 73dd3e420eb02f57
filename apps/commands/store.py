"""``obs store``: look after the base of what users type in."""

from __future__ import annotations

from pathlib import Path

import click

from apps.commands.french import Group
from apps.commands.user import AUTEUR, opened
from lake.catalog.journal import COMPTES
from lake.errors import LakeError
from lake.settings import Settings
from lake.store import backup as backups
from lake.store import sharing
from lake.store.accounts import actions, personal
from lake.store.engine import Store
from lake.tables import Lake

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("store", cls=Group)
def store_group() -> None:
    """La base des comptes : sauvegarde, restauration, contrôle, purge, données d'une personne."""


@store_group.command("backup")
@click.argument("fichier", metavar="FICHIER", type=_FILE, help="Fichier à écrire (zip).")
def backup_command(fichier: Path) -> None:
    """Sauvegarde toute la base dans un fichier, pendant que la suite sert."""
    with opened() as store:
        made = backups.backup(store, fichier)
    click.echo(
        f"Sauvegarde écrite : {fichier} ({sum(made.lignes.values())} lignes, révision {made.revision})."
    )


@store_group.command("restore")
@click.argument("fichier", metavar="FICHIER", type=_FILE, help="Sauvegarde à relire.")
def restore_command(fichier: Path) -> None:
    """Restaure une sauvegarde dans une base neuve (OBS_STORE), SQLite ou PostgreSQL."""
    store = Store(Settings.from_env())
    try:
        found = backups.restore(store, fichier)
    finally:
        store.close()
    if not found.scellee:
        click.echo(
            "attention : cette sauvegarde d'une version antérieure n'est pas scellée ; rien ne prouve qu'elle n'a pas "
            "été modifiée. Faites-en une nouvelle : obs store backup.",
            err=True,
        )
    click.echo(f"Restauré : {sum(found.lignes.values())} lignes, du {found.faite_le:%d/%m/%Y à %H:%M} UTC.")


@store_group.command("check")
def check_command() -> None:
    """Contrôle la base : schéma, intégrité, un administrateur au moins."""
    with opened() as store:
        problems = backups.check(store)
    if problems:
        raise LakeError(f"La base a {len(problems)} défaut(s) : {' ; '.join(problems)}.")
    click.echo("La base est saine.")


@store_group.command("purge")
@click.option(
    "--partages",
    metavar="JOURS",
    type=click.IntRange(min=2),
    help="N'efface que les liens partagés que personne n'a ouverts depuis tant de jours.",
)
def purge_command(partages: int | None) -> None:
    """Efface ce qui a dépassé sa durée de conservation (réglages OBS_CONSERVATION_…)."""
    with opened() as store:
        if partages is not None:
            count = sharing.purge(store, days=partages)
            actions.note(store, "purge", auteur=AUTEUR, detail=f"partages {count}")
            click.echo(f"Effacé : {count} partages.")
            return
        done = personal.purge(store, Settings.from_env().conservation)
    click.echo("Effacé : " + ", ".join(f"{count} {name}" for name, count in done.items()) + ".")


@store_group.command("export-personne")
@click.argument("email", metavar="E-MAIL", help="Adresse de la personne.")
@click.option("--sortie", type=_FILE, help="Écrit dans ce fichier.")
def person_command(email: str, sortie: Path | None) -> None:
    """Exporte en JSON tout ce qui est conservé d'une personne (droit d'accès)."""
    with opened() as store:
        text = personal.written(personal.of_person(store, email, auteur=AUTEUR))
    if sortie is None:
        click.echo(text)
    else:
        sortie.write_text(text + "\n", encoding="utf-8")
        click.echo(f"Écrit : {sortie}", err=True)


@store_group.command("publier-journal")
def publish_command() -> None:
    """Publie dans le lac la vie des comptes (sans nom ni adresse) : table journal__comptes."""
    with opened() as store:
        frame = personal.life_of_accounts(store)
    version = Lake(Settings.from_env()).publish(COMPTES, frame)
    click.echo(f"{COMPTES.name} publiée : {frame.height} lignes (version {version}).")
