"""``obs annuaire etablissements`` and ``obs annuaire recherche``: the directory's lists on the command line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
import polars as pl

from apps.commands.annuaire import asking, read
from apps.commands.french import Command
from apps.commands.output import emit
from apps.commands.query import DAY
from lake.catalog.finess import ETABLISSEMENTS, FAMILLES
from lake.catalog.territoires import COMMUNES
from lake.settings import Settings
from lake.tables import Lake
from scoring.annuaire import repertoire as annuaire_repertoire
from scoring.annuaire.persons import COMMUNE, ETABLISSEMENT, PERSON, PERSONNE
from scoring.universes.selection import Selection


def _registered() -> bool:
    return Lake(Settings.from_env()).version(ETABLISSEMENTS) is not None


@click.command("etablissements", cls=Command)
@click.option("--date", "jour", type=DAY, help="Extraction (défaut : la dernière).")
@click.option("--famille", type=click.Choice(FAMILLES), help="Garde cette famille d'établissements.")
@asking
def establishments_command(
    jour: datetime | None, famille: str | None, filtres: tuple[str, ...], form: str, sortie: Path | None
) -> None:
    """Les établissements de FINESS et combien de professionnels y exercent.

    Un filtre qui n'est pas de territoire ne garde que ceux où quelqu'un y répond.

    \b
    Exemples :
      obs annuaire etablissements --filtre departement=67 --famille hopital
      obs annuaire etablissements --filtre profession=10 --format csv
    """
    scan, selection, _dates = read(filtres, jour)
    # Without the register, reading it says so and what to ingest.
    found = annuaire_repertoire.places(scan, selection)
    emit(found if famille is None else found.filter(pl.col("famille") == famille), form, sortie)


@click.command("recherche", cls=Command)
@click.argument("mots", metavar="MOTS…", nargs=-1, required=True, help="Ce que l'on tape.")
@click.option("--date", "jour", type=DAY, help="Extraction (défaut : la dernière).")
@click.option(
    "--nombre", type=click.IntRange(min=1), default=20, show_default=True, help="Réponses données au plus."
)
@asking
def search_command(
    mots: tuple[str, ...],
    jour: datetime | None,
    nombre: int,
    filtres: tuple[str, ...],
    form: str,
    sortie: Path | None,
) -> None:
    """Cherche un professionnel, un établissement ou une commune, fautes comprises.

    \b
    Exemples :
      obs annuaire recherche martin metz
      obs annuaire recherche hopsital civil --filtre departement=67
    """
    scan, selection, _dates = read(filtres, jour)
    registered = _registered()
    everyone = annuaire_repertoire.people(scan, Selection(date=selection.date))
    people = annuaire_repertoire.people(scan, selection) if selection.filters else everyone
    places = annuaire_repertoire.places(scan, selection, registered=registered)
    index = annuaire_repertoire.index(scan, everyone, registered=registered)
    found = annuaire_repertoire.answers(index, " ".join(mots), people, places).head(nombre)
    labels = pl.concat(
        [
            people.select(
                genre=pl.lit(PERSONNE),
                code=PERSON,
                nom=pl.concat_str("nom", "prenom", separator=" ", ignore_nulls=True),
                quoi="profession",
                commune="commune",
            ),
            places.select(
                genre=pl.lit(ETABLISSEMENT), code="finess", nom="nom", quoi="categorie", commune="commune"
            ),
            scan(COMMUNES)
            .select(
                genre=pl.lit(COMMUNE),
                code="code_commune",
                nom="commune",
                quoi=pl.format("département {}", "code_departement"),
                commune="commune",
            )
            .collect(),
        ]
    )
    shown = found.join(labels, on=["genre", "code"], how="left", maintain_order="left")
    emit(shown.select("genre", "code", "nom", "quoi", "commune", "proche"), form, sortie)
