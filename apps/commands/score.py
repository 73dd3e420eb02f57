"""``obs score``: scores from a campaign of the lake, or from plain files without a lake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import click
import polars as pl

from apps.commands.french import Command, Day, Group
from apps.commands.output import FORMATS, FORMATS_HELP, emit
from apps.commands.query import live_day
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
from lake.contract import Table
from lake.errors import ContractError, LakeError, MissingTable, UnknownName
from lake.settings import Settings
from lake.tables import Lake
from scoring.convergence.answers import PERIMETRES
from scoring.convergence.scores import DIMENSIONS, MESURES, PAR_SOLUTION
from scoring.universes.answer import EVERYTHING, answer
from scoring.universes.convergence import CONVERGENCE, VOLET
from scoring.universes.convergence_campaign import EN_COURS
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


UNDATED = date(1900, 1, 1)
"""The day of files that do not say theirs: the first expected levels hold, and no step is overdue."""


def scan_of(inputs: Inputs) -> Scan:
    """Plain files as the tables of one campaign."""
    jour = inputs.au or UNDATED
    key = {"volet": pl.lit(VOLET), "campagne": pl.lit(jour, pl.Date)}
    frames = {
        SERVICES: inputs.services,
        REPONSES: inputs.reponses,
        PLANS: inputs.plans,
        PRELIMINAIRES: inputs.preliminaires,
        SOLUTIONS: inputs.solutions,
    }
    tables: dict[Table, pl.LazyFrame] = {
        table: frame.with_columns(**key).select(table.columns)
        for table, frame in frames.items()
        if frame is not None
    }
    version = {"volet": pl.lit(VOLET), "version": pl.lit(str(jour))}
    tables[REFERENTIEL] = inputs.referentiel.with_columns(**version)
    row = {"volet": [VOLET], "campagne": [jour], "version_referentiel": [str(jour)]}
    tables[CAMPAGNES] = pl.LazyFrame(row)

    def scan(table: Table) -> pl.LazyFrame:
        if table not in tables:
            raise MissingTable(table.name)
        return tables[table]

    return scan


def refuse_unknown(scan: Scan, volet: str, jour: date) -> None:
    """Refuse a campaign that is not published.

    Raises:
        UnknownName: no such campaign; the published ones are suggested.
        MissingTable: no campaign was ever published.
    """
    published = scan(CAMPAGNES).filter(pl.col("volet") == volet).collect()["campagne"]
    if jour not in published:
        known = [day.isoformat() for day in published.sort(descending=True)]
        raise UnknownName("campagne", jour.isoformat(), known)


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
    @click.option(
        "--campagne",
        type=Day(EN_COURS),
        help="Campagne publiée dans le lac ; en-cours : celle qui se saisit.",
    )
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
        campagne: datetime | str | None,
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
            if par in PAR_SOLUTION and inputs.solutions is None:
                raise ContractError(
                    f"La dimension « {par} » demande les solutions des services.",
                    conseil="Donnez le fichier des solutions (service, editeur, solution).",
                )
            scan, lecture, side = scan_of(inputs), EVERYTHING, Selection(date=inputs.au or UNDATED)
            for remark in inputs.remarks:
                click.echo(f"attention : {remark}", err=True)
        else:
            settings = Settings.from_env()
            lecture = lecture_of(settings, utilisateur, "convergence")
            scan = Lake(settings).snapshot().scan
            if isinstance(campagne, str):
                jour = live_day(scan, CONVERGENCE.source, {"volet": (volet,)})
            else:
                jour = campagne.date()
            refuse_unknown(scan, volet, jour)
            side = Selection({"volet": (volet,)}, jour)
        said = {"horizon": _horizon(horizon), "perimetre": perimetre}
        asked = CONVERGENCE.settled(Selection(side.filters, side.date, parameters=said))
        by = list(dict.fromkeys(("questionnaire", "code_region" if par == "region" else par)))
        found = answer(CONVERGENCE, scan, asked, MESURES, by, lecture=lecture)
        if found.portee is not None:
            click.echo(f"portée : {found.portee.phrase()}", err=True)
        emit(found.frame.collect().rename({"code_region": "region"}, strict=False), form, sortie)

    return convergence_command


def _horizon(text: str | None) -> str:
    """A day or a quarter, as the universe's parameter takes it; empty at date.

    Raises:
        LakeError: neither.
    """
    if text is None:
        return ""
    try:
        return CONVERGENCE.parameter("horizon").check(text.strip().upper())
    except LakeError as error:
        raise LakeError(
            f"« {text} » n'est pas un horizon.",
            conseil="Écrivez AAAA-MM-JJ (2022-12-31) ou un trimestre (2022-T4).",
        ) from error
