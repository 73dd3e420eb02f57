"""``obs sas equite`` and ``obs sas publier``: what is measured of unscheduled care."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import polars as pl

from apps.commands.french import Command
from apps.commands.query import DAY
from lake.delimited import cut
from lake.errors import ContractError, LakeError
from scoring.sas.mesures.equite import Equite, equite

_COUNTS = ("sollicitations", "creneaux")


@click.command("equite", cls=Command)
@click.option("--du", type=DAY, help="Premier jour (défaut : 27 jours avant le dernier).")
@click.option("--au", type=DAY, help="Dernier jour (défaut : aujourd'hui).")
@click.option("--sas", metavar="SAS", help="Territoire, par exemple SAS-54.")
@click.option(
    "--solicitations",
    "fichier",
    metavar="FICHIER",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Calcule sur ce fichier (identifiant, sollicitations, creneaux), sans la base.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("texte", "json")),
    default="texte",
    show_default=True,
    help="Forme du résultat : texte pour lire, json pour une machine.",
)
def equite_command(
    du: datetime | None, au: datetime | None, sas: str | None, fichier: Path | None, form: str
) -> None:
    """Mesure si les sollicitations se partagent justement, et si l'ordre des résultats est neutre.

    Deux indices de Gini (par créneau offert, et brut), l'écart de l'algorithme à sa propre règle, l'écart de la règle
    à l'offre. Sur un fichier, l'indice est toujours calculé ; la raison de ne pas le publier est dite à côté.

    \b
    Exemples :
      obs sas equite --du 2027-03-01 --au 2027-03-28 --sas SAS-54 --format json
      obs sas equite --solicitations sollicitations.csv --format json
    """
    if fichier is None:
        raise LakeError("Dites sur quoi mesurer.", conseil="Donnez --solicitations FICHIER.")
    found = equite(read(fichier), publie=False)
    if form == "json":
        click.echo(json.dumps(asdict(found), ensure_ascii=False))
        return
    click.echo(told(found))


def read(path: Path) -> pl.DataFrame:
    """Solicitations and offered seats by professional, from a file.

    Raises:
        ContractError: a column is missing, a line holds no number, or a professional comes twice.
    """
    cells = cut(path.read_bytes(), path.name)
    rows = cells.named()
    missing = [name for name in ("identifiant", *_COUNTS) if name not in rows.columns]
    if missing:
        raise ContractError(
            f"{path.name} : colonne(s) absente(s) : {', '.join(missing)}.",
            conseil="Colonnes attendues : identifiant, sollicitations, creneaux.",
        )
    for broken in cells.broken:
        raise ContractError(f"{path.name}, ligne {broken.ligne} : {broken.motif}.")
    numbers = rows.with_columns(
        pl.col(name).str.strip_chars().cast(pl.Int64, strict=False) for name in _COUNTS
    )
    for name in _COUNTS:
        bad = numbers.filter(pl.col(name).is_null() | (pl.col(name) < 0))
        if bad.height:
            raise ContractError(
                f"{path.name}, ligne {bad.item(0, 'ligne')} : {name} n'est pas un nombre entier positif ou nul."
            )
    twice = numbers.filter(pl.col("identifiant").is_duplicated())
    if twice.height:
        raise ContractError(
            f"{path.name}, ligne {twice.item(1, 'ligne')} : {twice.item(1, 'identifiant')} vient deux fois."
        )
    return numbers.select("identifiant", *_COUNTS)


def told(found: Equite) -> str:
    """The measures for a person."""

    def said(value: float | None) -> str:
        return "non publié" if value is None else f"{value:.3f}".replace(".", ",")

    lines: list[tuple[str, Any]] = [
        ("Gini par créneau offert", said(found.gini)),
        ("Gini brut", said(found.gini_brut)),
        ("Écart de l'algorithme", said(found.ecart_algorithme)),
        ("Écart à l'offre", said(found.ecart_offre)),
        ("Effecteurs", found.effecteurs),
        ("Sollicitations", found.sollicitations),
    ]
    if found.raison:
        lines.append(("À ne pas publier", found.raison))
    return "\n".join(f"{name} : {value}" for name, value in lines)
