"""``obs score``: scores from a campaign of the lake, or from plain files without a lake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import click
import polars as pl

from apps.commands.french import Command, Group
from apps.commands.output import FORMATS, FORMATS_HELP, emit
from apps.commands.query import DAY
from apps.commands.rights import lecture_of, utilisateur_option
from lake.catalog.convergence import (
    CAMPAGNES,
    PLANS,
    PRELIMINAIRES,
    REFERENTIEL,
    REPONSES,
    SERVICES,
    SOLUTIONS,
    VOLETS,
)
from lake.errors import LakeError, UnknownName
from lake.settings import Settings
from lake.tables import Lake
from scoring.convergence.answers import PERIMETRES
from scoring.convergence.scores import DIMENSIONS, MESURES, score
from scoring.universes.answer import portee
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Scan
from scoring.universes.selection import Selection

FILES = ("services", "reponses", "plans", "preliminaires", "solutions", "referentiel")


@dataclass(frozen=True)
class Inputs:
    """What a score is computed from.

    Attributes:
        services, reponses, referentiel, plans, preliminaires, solutions: as :func:`scoring.convergence.scores.score`
            takes them.
        au: date of the answers, None when files do not say.
        remarks: what a reader must know of the files (French), for the error stream.
    """

    services: pl.LazyFrame
    reponses: pl.LazyFrame
    referentiel: pl.LazyFrame
    plans: pl.LazyFrame
    preliminaires: pl.LazyFrame
    solutions: pl.LazyFrame | None = None
    au: date | None = None
    remarks: list[str] = field(default_factory=list)


Reader = Callable[[Mapping[str, Path]], Inputs]
"""Reads plain files, by name (:data:`FILES`)."""


def campaign(scan: Scan, volet: str, jour: date) -> Inputs:
    """A published campaign.

    Raises:
        UnknownName: no such campaign; the published ones are suggested.
        MissingTable: no campaign was ever published.
    """
    published = scan(CAMPAGNES).filter(pl.col("volet") == volet).collect()
    found = published.filter(pl.col("campagne") == jour)
    if found.is_empty():
        known = [day.isoformat() for day in published["campagne"].sort(descending=True)]
        raise UnknownName("campagne", jour.isoformat(), known)
    here = (pl.col("volet") == volet) & (pl.col("campagne") == jour)
    version = pl.col("version") == found["version_referentiel"].item()
    read = {
        name: scan(table).filter(here)
        for name, table in (
            ("services", SERVICES),
            ("reponses", REPONSES),
            ("plans", PLANS),
            ("preliminaires", PRELIMINAIRES),
            ("solutions", SOLUTIONS),
        )
    }
    referentiel = scan(REFERENTIEL).filter(pl.col("volet") == volet, version)
    return Inputs(**read, referentiel=referentiel, au=jour)


def score_group(read: Reader) -> click.Group:
    """The ``score`` group; ``read`` is how plain files are read."""

    @click.group("score", cls=Group)
    def group() -> None:
        """Calcule des scores : convergence."""

    group.add_command(_convergence(read))
    return group


def _file(name: str, words: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        f"--{name}",
        type=click.Path(dir_okay=False, path_type=Path),
        help=f"Fichier {words} (CSV ou Parquet), sans lac.",
    )


def _convergence(read: Reader) -> click.Command:
    @click.command("convergence", cls=Command)
    @click.option("--campagne", type=DAY, help="Campagne publiée dans le lac.")
    @click.option(
        "--volet",
        type=click.Choice(VOLETS),
        default="regions",
        show_default=True,
        help="Volet de la campagne : regions ou industriels.",
    )
    @_file("services", "des services")
    @_file("reponses", "des réponses")
    @_file("plans", "des plans")
    @_file("preliminaires", "des questions préliminaires")
    @_file("solutions", "des solutions")
    @_file("referentiel", "du référentiel (défaut : celui de la publication)")
    @click.option(
        "--horizon",
        metavar="AAAA-MM-JJ",
        help="Projette à cette date, ou à la fin de ce trimestre (2022-T4).",
    )
    @click.option(
        "--perimetre",
        type=click.Choice(PERIMETRES),
        default="publication",
        show_default=True,
        help="publication : services publiables du tronc commun (en projection, ceux qui convergent) et tous les SI "
        "régionaux ; tous : tout ce qui est déclaré.",
    )
    @click.option("--par", type=click.Choice(DIMENSIONS), default="axe", show_default=True, help="Dimension.")
    @utilisateur_option
    @click.option(
        "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help=FORMATS_HELP
    )
    @click.option("--sortie", type=click.Path(dir_okay=False, path_type=Path), help="Écrit dans ce fichier.")
    def convergence_command(
        campagne: datetime | None,
        volet: str,
        horizon: str | None,
        perimetre: str,
        par: str,
        utilisateur: str | None,
        form: str,
        sortie: Path | None,
        **files: Path | None,
    ) -> None:
        """Taux et niveaux de maturité, à date ou projetés, par questionnaire et par une dimension.

        Une campagne du lac (--campagne), ou des fichiers sans lac (--services et --reponses au moins). Les lignes
        refusées des fichiers sont dites sur la sortie d'erreur ; un cycle de réponses portées est une erreur.

        \b
        Exemples :
          obs score convergence --campagne 2020-12-15 --par axe --format csv
          obs score convergence --campagne 2020-12-15 --horizon 2022-12-31 --par domaine
          obs score convergence --services s.csv --reponses r.csv --plans p.csv --horizon 2022-T4 --par region
        """
        given = {name: path for name in FILES if (path := files.get(name)) is not None}
        if (campagne is None) == (not given):
            raise LakeError(
                "Donnez une campagne ou des fichiers" + (", pas les deux." if given else "."),
                conseil="--campagne AAAA-MM-JJ, ou --services FICHIER --reponses FICHIER.",
            )
        if campagne is None:
            if utilisateur is not None:
                raise LakeError(
                    "--utilisateur s'applique à une campagne du lac, pas à des fichiers.",
                    conseil="Donnez --campagne AAAA-MM-JJ.",
                )
            inputs = read(given)
        else:
            settings = Settings.from_env()
            lecture = lecture_of(settings, utilisateur, "convergence")
            whole = Lake(settings).snapshot().scan
            inputs = campaign(lecture.figures(whole, (par,)), volet, campagne.date())
            side = Selection({"volet": (volet,)}, campagne.date())
            narrowed = portee(CONVERGENCE, whole, side, MESURES, (par,), lecture=lecture)
            if narrowed is not None:
                click.echo(f"portée : {narrowed.phrase()}", err=True)
        for remark in inputs.remarks:
            click.echo(f"attention : {remark}", err=True)
        result = score(
            inputs.services,
            inputs.reponses,
            inputs.referentiel,
            plans=inputs.plans,
            preliminaires=inputs.preliminaires,
            solutions=inputs.solutions,
            horizon=_horizon(horizon),
            perimetre=perimetre,
            par=par,
            au=inputs.au,
        )
        emit(result.collect(), form, sortie)

    return convergence_command


def _horizon(text: str | None) -> date | str | None:
    """A date, or a quarter that scoring reads itself.

    Raises:
        LakeError: neither.
    """
    if text is None or "T" in text.upper():
        return None if text is None else text.upper()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise LakeError(
            f"« {text} » n'est pas un horizon.",
            conseil="Écrivez AAAA-MM-JJ (2022-12-31) ou un trimestre (2022-T4).",
        ) from error
