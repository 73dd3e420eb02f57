"""``obs saisie retards``: how late planned steps come, from the store or from plain files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import polars as pl

from apps.commands.output import FORMATS, FORMATS_HELP, emit
from apps.saisie.calcul import retards
from apps.saisie.publication import aujourdhui
from lake.catalog.convergence import trimestre_acheve, trimestre_fin, trimestre_rang
from lake.delimited import cut
from lake.errors import ContractError, SourceUnavailable, known_cause
from lake.settings import Settings
from lake.store.migrate import open_store
from lake.tables import Lake
from scoring.saisie.glissement import retards_table
from scoring.saisie.referentiel import Referentiel


def retards_command(outils_referentiel: Callable[[Lake], Referentiel]) -> click.Command:
    """The command; the referential is what the composition root gives."""

    @click.command("retards")
    @click.option(
        "--plans", type=click.Path(dir_okay=False, path_type=Path), help="Fichier étape, q0 : sans la base."
    )
    @click.option(
        "--atteintes",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Fichier étape, r : sans la base.",
    )
    @click.option("--au", metavar="AAAA-TN", help="Dernier trimestre écoulé (défaut : celui d'aujourd'hui).")
    @click.option(
        "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help=FORMATS_HELP
    )
    def command(plans: Path | None, atteintes: Path | None, au: str | None, form: str) -> None:
        """Les retards des étapes planifiées, par axe et région : moitié, puis huit sur dix, en trimestres.

        Vide où l'historique est trop court (moins de huit étapes échues). Une étape encore ouverte compte : son
        retard est au moins celui d'aujourd'hui.
        """
        last = trimestre_acheve(aujourdhui()) if au is None else trimestre_rang(au.strip().upper())
        if plans is not None or atteintes is not None:
            found = retards_table(_steps(plans, atteintes), last)
        else:
            settings = Settings.from_env()
            store = open_store(settings)
            try:
                jour = aujourdhui() if au is None else trimestre_fin(au.strip().upper())
                found = retards(store, outils_referentiel(Lake(settings)), jour)
            finally:
                store.close()
        emit(found, form)

    return command


def _steps(plans: Path | None, atteintes: Path | None) -> pl.DataFrame:
    """The steps of plain files: ``axe, region, q0, r``; a step of the plans that the other file does not name is open.

    Raises:
        ContractError: a column is missing, or a quarter cannot be read (the file and the line are named).
    """
    given = [_read(path) for path in (plans, atteintes) if path is not None]
    first = given[0]
    if len(given) == 2 and "r" in given[1].columns:
        first = first.drop("r", strict=False).join(
            given[1].select("etape", "r").unique("etape", keep="first"), on="etape", how="left"
        )
    names = [path.name for path in (plans, atteintes) if path is not None]
    for column in ("etape", "q0"):
        if column not in first.columns:
            raise ContractError(
                f"{names[0]} : colonne obligatoire absente : {column}.",
                conseil="Colonnes attendues : etape, q0 (2027-T2), r (vide si l'étape est ouverte).",
            )
    for column in ("axe", "region", "r"):
        if column not in first.columns:
            first = first.with_columns(pl.lit(None, pl.String).alias(column))
    for column in ("q0", "r"):
        odd = first.filter(~pl.col(column).str.contains(r"^[0-9]{4}-T[1-4]$"))
        if odd.height:
            raise ContractError(
                f"{names[0]}, étape {odd['etape'][0]}, colonne {column} : « {odd[column][0]} » n'est pas un trimestre.",
                conseil="Écrivez 2027-T2.",
            )
    if first.filter(pl.col("q0").is_null()).height:
        raise ContractError(
            f"{names[0]} : une étape sans q0.", conseil="Chaque étape a son premier trimestre."
        )
    return first.select("axe", "region", "q0", "r")


def _read(path: Path) -> pl.DataFrame:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SourceUnavailable(
            f"{path} ne peut pas être lu : {known_cause(error.strerror or str(error))}."
        ) from error
    cells = cut(raw, path.name, short=True)
    if cells.broken:
        one = cells.broken[0]
        raise ContractError(f"{path.name}, ligne {one.ligne} : {one.motif}.")
    return cells.named().with_columns(pl.exclude("ligne").str.strip_chars().replace("", None))
