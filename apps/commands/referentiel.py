"""``obs referentiel``: the questions of Convergence, version after version."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from apps.commands.french import Group
from apps.commands.output import emit
from apps.commands.query import DAY, day_of
from apps.commands.saisie import FORMAT, VOLET, opened, referentiel_de
from apps.commands.saisie_outils import Outils
from apps.saisie import publication, referentiels
from apps.saisie.valides import basculer


def referentiel_group(outils: Outils) -> click.Group:
    """The ``referentiel`` group."""

    @click.group("referentiel", cls=Group)
    def group() -> None:
        """Le référentiel de Convergence : ses versions, et une nouvelle depuis des fichiers."""

    @group.command("importer")
    @click.argument(
        "dossier", metavar="DOSSIER", type=click.Path(path_type=Path), help="Dossier des fichiers CSV."
    )
    @click.option("--essai", is_flag=True, help="Dit les différences, sans rien publier.")
    @click.option("--version", "nom", metavar="NOM", help="Nom de la version (défaut : la date du jour).")
    @click.option("--en-vigueur", "depuis", type=DAY, help="Date d'entrée en vigueur (défaut : aujourd'hui).")
    @VOLET
    def importer(dossier: Path, essai: bool, nom: str | None, depuis: datetime | None, volet: str) -> None:
        """Publie la version que des fichiers font de celle en vigueur ; ce qu'ils ne nomment pas reste.

        \b
        Fichiers : referentiel.csv, niveaux.csv, fiches.csv, questions.csv, correspondances.csv (au choix).
        """
        with opened() as (lake, store):
            referentiel_de(lake, outils)
            changes, made = referentiels.importer(
                lake,
                dossier,
                jour=publication.aujourdhui(),
                essai=essai,
                nom=nom,
                depuis=day_of(depuis),
                volet=volet,
            )
            if made:
                basculer(
                    store, referentiels.en_vigueur_partout(lake.snapshot().scan, publication.aujourdhui())
                )
        for what, critere, before, after in changes.iter_rows():
            click.echo(
                f"{what} {critere} : " + (f"{before} → {after}" if before and after else before or after)
            )
        if made:
            click.echo(f"Version {made} publiée : {changes.height} différence(s).")
        else:
            click.echo(
                f"Essai : {changes.height} différence(s)." if essai else "Rien à publier : aucune différence."
            )

    @group.command("liste")
    @VOLET
    @FORMAT
    def liste(form: str, volet: str) -> None:
        """Les versions publiées, la plus ancienne d'abord."""
        with opened() as (lake, _):
            referentiel_de(lake, outils)
            emit(referentiels.versions(lake.snapshot().scan, volet), form)

    return group
