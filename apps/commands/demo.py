"""``obs demo``: a lake, accounts, analyses and agendas to look at, none of them real."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apps.commands.french import Command
from apps.commands.native_stderr import set_aside
from apps.commands.output import progress
from lake.errors import LakeError
from lake.settings import Settings

if TYPE_CHECKING:
    from apps.commands.saisie_outils import Outils


def demo_command(outils: Callable[[], Outils]) -> click.Command:
    """The command ``demo``; ``outils``: gives what the entry borrows from the ingestion."""

    @click.command("demo", cls=Command)
    @click.option("--petit", is_flag=True, help="Un petit lac, en quelques secondes, pour les tests.")
    @click.option(
        "--extractions",
        type=click.IntRange(4, 12),
        help="Extractions de l'annuaire, une par quinzaine (défaut : 12 ; 4 dans le petit lac).",
    )
    @click.option("--refaire", is_flag=True, help="Reconstruit le lac même s'il est déjà là.")
    @click.option(
        "--dossier",
        type=click.Path(file_okay=False, path_type=Path),
        help="Garde les fichiers sources fabriqués dans ce dossier (défaut : un dossier temporaire).",
    )
    def demo(petit: bool, extractions: int | None, refaire: bool, dossier: Path | None) -> None:
        """Construit un lac de démonstration par la vraie ingestion de fichiers fabriqués aux formats officiels.

        Les personnes sont fictives ; les effectifs sont calés sur ceux publiés au 14 janvier 2025.
        """
        from demo.present import entered, entering, present, published

        settings, say = Settings.from_env(), progress(quiet=False)
        with set_aside():
            # What makes a lake, and what reads its sources, is imported where one is to be made.
            done = "" if refaire else present(settings)
            done = done or _built(settings, petit, extractions, refaire, dossier)
        if sys.stderr.isatty():
            click.echo("\r\033[K", err=True, nl=False)
        click.echo(done)
        from apps.analyses.modeles import load
        from demo.comptes import prepare

        for line in prepare(settings, petit=petit, models=load, say=say):
            click.echo(line)
        if not published(settings):
            from apps.commands import sas_pilotage

            sas_pilotage.first_published(settings, days=3 if petit else 56)
        # The tests' small demonstration does without: a campaign is taken up where one looks at it.
        if not petit and not entered(settings):
            from apps.commands.saisie import premiere_reprise
            from demo.saisie import at_work

            with entering(settings):
                done_so = premiere_reprise(settings, outils(), at_work)
            for line in done_so:
                click.echo(line)

    return demo


def _built(
    settings: Settings, petit: bool, extractions: int | None, refaire: bool, dossier: Path | None
) -> str:
    """Make the lake; one French sentence.

    Raises:
        LakeError: the generators are not installed, or an ingestion was refused.
    """
    try:
        from demo.build import build
    except ModuleNotFoundError as error:
        raise LakeError(
            f"Les générateurs de démonstration ne sont pas installés ({error.name}).",
            conseil="Installez-les : pip install -r requirements.lock, ou pip install -e '.[demo]'.",
        ) from error
    return build(
        settings,
        petit=petit,
        extractions=extractions or (4 if petit else 12),
        again=refaire,
        folder=dossier,
        say=progress(quiet=False),
    )
