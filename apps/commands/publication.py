"""``obs publication`` and ``obs archive``: a campaign as a report, and as data."""

from __future__ import annotations

import sys
import time
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apps.commands.french import Command, Day, Group
from apps.commands.query import day_of, live_day
from lake.catalog.convergence import VOLETS
from lake.objects import disk_error
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.convergence_campaign import EN_COURS

if TYPE_CHECKING:
    from apps.kit.data.data import Data

_VOLET = click.option(
    "--volet",
    type=click.Choice(VOLETS),
    default="regions",
    show_default=True,
    help="Volet de la campagne : regions ou industriels.",
)
_CAMPAGNE = click.option(
    "--campagne",
    type=Day(EN_COURS),
    help="Campagne publiée dans le lac (défaut : la dernière) ; en-cours : celle qui se saisit.",
)


@click.group("publication", cls=Group)
def publication_group() -> None:
    """Compose la publication d'une campagne : convergence."""


@publication_group.command("convergence", cls=Command)
@_CAMPAGNE
@_VOLET
@click.option(
    "--pdf",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Fichier PDF à écrire.",
)
def publication_command(campagne: datetime | str | None, volet: str, path: Path) -> None:
    """Le rapport complet en PDF, depuis les données : national, axes, domaines, éditeurs, régions, méthode.

    \b
    Exemple :
      obs publication convergence --campagne 2020-12-15 --pdf publication.pdf
    """
    from apps.convergence.publication import publication_pdf
    from apps.kit.data.data import Data

    started = time.monotonic()
    data = Data(Lake(Settings.from_env()))
    made = publication_pdf(data, volet=volet, jour=_jour(data, campagne, volet), say=_say)
    write_file(path, made)
    click.echo(f"Écrit : {path} ({len(made) // 1024 + 1} Kio, {time.monotonic() - started:.0f} s)", err=True)


@click.group("archive", cls=Group)
def archive_group() -> None:
    """Réunit toutes les données d'une campagne dans une archive : convergence."""


@archive_group.command("convergence", cls=Command)
@_CAMPAGNE
@_VOLET
@click.option(
    "--region", default="", metavar="RÉGION", help="Une région, par code ou par libellé (défaut : toutes)."
)
@click.option(
    "--sortie",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Archive à écrire (défaut : nommée d'après elle).",
)
def archive_command(campagne: datetime | str | None, volet: str, region: str, sortie: Path | None) -> None:
    """Les tables et leurs scores en CSV et en Parquet, avec le dictionnaire, en une archive zip.

    \b
    Exemples :
      obs archive convergence --campagne 2020-12-15
      obs archive convergence --region 44 --sortie grand-est.zip
    """
    from apps.convergence.archive import archive_view, archive_zip, name_of
    from apps.kit.data.data import Data

    data = Data(Lake(Settings.from_env()))
    view = archive_view(data, volet=volet, jour=_jour(data, campagne, volet), region=region)
    path = sortie or Path(name_of(view))
    made = archive_zip(view)
    write_file(path, made)
    click.echo(f"Écrit : {path} ({len(made) // 1024 + 1} Kio)", err=True)


def _jour(data: Data, campagne: datetime | str | None, volet: str) -> date | None:
    """The date of a campaign; that of the one being entered moves.

    Raises:
        LakeError: nothing is being entered.
    """
    if isinstance(campagne, str):
        return live_day(data.scan, "Convergence", {"volet": (volet,)})
    return day_of(campagne)


def write_file(path: Path, content: bytes) -> None:
    """Write a file.

    Raises:
        LakeError: the disk refuses it.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise disk_error(error, str(path)) from error


def _say(sentence: str, share: float) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[K  {sentence} {100 * share:3.0f} %", err=True, nl=share == 1.0)
