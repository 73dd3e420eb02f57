"""``obs demo``: a lake, accounts, analyses and agendas to look at, none of them real."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from apps.commands import sas_pilotage
from apps.commands.french import Command
from apps.commands.native_stderr import set_aside
from apps.commands.output import progress
from apps.commands.saisie import premiere_reprise
from apps.commands.saisie_outils import Outils
from lake.errors import LakeError
from lake.settings import Settings


def demo_command(outils: Outils) -> click.Command:
    """The command ``demo``; ``outils``: what the entry borrows from the ingestion."""

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
        try:
            from demo.build import build
        except ModuleNotFoundError as error:
            raise LakeError(
                f"Les générateurs de démonstration ne sont pas installés ({error.name}).",
                conseil="Installez-les : pip install -r requirements.lock, ou pip install -e '.[demo]'.",
            ) from error

        with set_aside():
            done = build(
                Settings.from_env(),
                petit=petit,
                extractions=extractions or (4 if petit else 12),
                again=refaire,
                folder=dossier,
                say=progress(quiet=False),
            )
        if sys.stderr.isatty():
            click.echo("\r\033[K", err=True, nl=False)
        click.echo(done)
        from apps.analyses.modeles import load
        from demo.comptes import prepare
        from demo.saisie import at_work

        for line in prepare(Settings.from_env(), petit=petit, models=load, say=progress(quiet=False)):
            click.echo(line)
        sas_pilotage.first_published(Settings.from_env(), days=3 if petit else 56)
        if not petit:
            # The tests' small demonstration does without: a campaign is taken up where one looks at it.
            for line in premiere_reprise(Settings.from_env(), outils, at_work):
                click.echo(line)

    return demo
