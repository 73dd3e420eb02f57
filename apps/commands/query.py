"""``obs query``: the semantic layer on the command line."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

import click
import polars as pl

from apps.commands.french import Command, Day
from apps.commands.moteur import Answering, answering, moteur_option
from apps.commands.output import FORMATS, FORMATS_HELP, emit
from apps.commands.rights import lecture_of, utilisateur_option
from apps.kit.style.french import write
from lake.errors import LakeError, MissingTable
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.answer import TUES, Answer, answer
from scoring.universes.convergence import VOLET
from scoring.universes.convergence_campaign import EN_COURS, live_date
from scoring.universes.engine import resolve
from scoring.universes.model import Scan, Universe
from scoring.universes.registry import UNIVERSES, opened_by, universe
from scoring.universes.selection import Selection, refuse_inverted

DAY = Day()


def names(values: tuple[str, ...]) -> list[str]:
    """Names given one by one or separated by commas, each once, in the order asked."""
    asked = (name.strip() for value in values for name in value.split(","))
    return list(dict.fromkeys(name for name in asked if name))


def filters(values: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """``--filtre D=V[,V…]``: a value that holds a comma is put between double quotes.

    Raises:
        LakeError: an equals sign is missing.
    """
    found: dict[str, tuple[str, ...]] = {}
    for value in values:
        name, sign, listed = value.partition("=")
        if not sign or not listed.strip():
            raise LakeError(
                f"Filtre illisible : « {value} ».", conseil="Écrivez --filtre dimension=valeur[,valeur…]."
            )
        asked = tuple(v.strip() for v in next(csv.reader([listed], skipinitialspace=True)) if v.strip())
        found[name.strip()] = (*found.get(name.strip(), ()), *asked)
    return found


def settings_of(values: tuple[str, ...]) -> dict[str, str]:
    """``--parametre P=V``; the last value said of a parameter holds.

    Raises:
        LakeError: an equals sign is missing.
    """
    found: dict[str, str] = {}
    for value in values:
        name, sign, said = value.partition("=")
        if not sign:
            raise LakeError(
                f"Paramètre illisible : « {value} ».",
                conseil="Écrivez --parametre nom=valeur (horizon=2022-T4).",
            )
        found[name.strip()] = said.strip()
    return found


def versions_of(values: tuple[str, ...]) -> dict[str, int]:
    """``--version TABLE=N``: the versions asked, by table.

    Raises:
        LakeError: not a table and a number.
    """
    found: dict[str, int] = {}
    for value in values:
        name, _, number = value.partition("=")
        if not number.strip().isdecimal():
            raise LakeError(
                f"Version illisible : « {value} ».",
                conseil="Écrivez --version table=numéro (annuaire__activites=3) ; les numéros : obs lake history.",
            )
        found[name.strip()] = int(number)
    return found


def day_of(value: datetime | None) -> date | None:
    """The date of a click date option."""
    return None if value is None else value.date()


def live_day(scan: Scan, source: str, wanted: dict[str, tuple[str, ...]]) -> date:
    """The date of the campaign that is being entered.

    Raises:
        LakeError: the universe is none of Convergence, or nothing is being entered.
    """
    if not source.startswith("Convergence"):
        raise LakeError(
            "« en-cours » ne se dit que des univers de Convergence.", conseil="Donnez une date : AAAA-MM-JJ."
        )
    volets = wanted.get("volet", ())
    try:
        found = live_date(scan, volets[0] if volets else VOLET)
    except MissingTable:
        found = None
    if found is None:
        raise LakeError(
            "Aucune campagne n'est en cours.",
            conseil="Validez des feuilles, puis lancez : obs saisie publier.",
        )
    return found


@click.command("query", cls=Command)
@click.argument("univers", type=str, help="Nom de l'univers.")
@click.option(
    "--mesure",
    "mesures",
    metavar="M[,M…]",
    multiple=True,
    required=True,
    help="Mesures, séparées par des virgules.",
)
@click.option(
    "--par", "dimensions", metavar="D[,D…]", multiple=True, help="Dimensions : une ligne par combinaison."
)
@click.option(
    "--filtre",
    "filtres",
    metavar="D=V[,V…]",
    multiple=True,
    help="Garde ces valeurs d'une dimension (codes, libellés, ou non_renseigne) ; répétable.",
)
@click.option(
    "--date",
    "jour",
    type=Day(EN_COURS),
    help="Extraction ou campagne (défaut : la dernière) ; en-cours : la campagne qui se saisit.",
)
@click.option("--du", type=DAY, help="Premier mois de la période (univers mensuels).")
@click.option("--au", type=DAY, help="Dernier mois de la période (univers mensuels).")
@click.option(
    "--parametre",
    "parametres",
    metavar="P=V",
    multiple=True,
    help="Fixe un paramètre de l'univers (horizon=2022-T4) ; répétable.",
)
@click.option(
    "--version",
    "versions",
    metavar="TABLE=N",
    multiple=True,
    help="Lit cette version d'une table (obs lake history) ; répétable.",
)
@click.option(
    "--total", is_flag=True, help="Ajoute une ligne de total, recalculée (jamais une somme de lignes)."
)
@click.option("--complet", is_flag=True, help="Ajoute les territoires où il n'y a rien (une seule maille).")
@utilisateur_option
@moteur_option
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help=FORMATS_HELP
)
@click.option("--sortie", type=click.Path(dir_okay=False, path_type=Path), help="Écrit dans ce fichier.")
def query_command(
    univers: str,
    mesures: tuple[str, ...],
    dimensions: tuple[str, ...],
    filtres: tuple[str, ...],
    jour: datetime | str | None,
    du: datetime | None,
    au: datetime | None,
    parametres: tuple[str, ...],
    versions: tuple[str, ...],
    total: bool,
    complet: bool,
    utilisateur: str | None,
    moteur: str,
    form: str,
    sortie: Path | None,
) -> None:
    """Interroge un univers : des mesures, par dimensions, sous des filtres.

    \b
    Exemples :
      obs query annuaire --mesure professionnels
      obs query annuaire --mesure professionnels,densite_pour_10000 --par departement --filtre profession=10
      obs query annuaire --mesure professionnels --par epci --filtre geo_precision=commune,aucune --format csv

    Avec --utilisateur, ce que les droits du compte ont réduit est dit sur la sortie d'erreur (portée : …), et sous
    « portee » en JSON, dont les lignes sont alors sous « lignes ».

    Ce qui a un code et un nom (un SAS, une semaine) se lit par son nom en table, par son code en CSV, JSON et Parquet.

    Une valeur qui contient une virgule s'écrit entre guillemets : --filtre 'secteur="Soins, domicile"'.

    Les univers, leurs mesures, leurs dimensions et leurs paramètres : obs univers.
    """
    settings = Settings.from_env()
    wanted = filters(filtres)
    lecture = lecture_of(settings, utilisateur, opened_by(univers))
    lake = Lake(settings)
    state = lake.snapshot().pinning(versions_of(versions))
    whole = state.scan
    # Values are looked for among those that the account may count: an error never tells a name it may not see.
    scan = lecture.figures(whole, (*names(dimensions), *wanted))
    asked = universe(univers, scan)
    if jour is not None and (du is not None or au is not None):
        raise LakeError("--date ne se combine pas avec --du et --au.", conseil="Choisissez l'un ou l'autre.")
    refuse_inverted(day_of(du), day_of(au))
    said = settings_of(parametres)
    for name in said:
        asked.parameter(name)
    at = live_day(whole, asked.source, wanted) if isinstance(jour, str) else day_of(jour)
    selection = resolve(asked, scan, Selection(wanted, at, day_of(du), day_of(au), said))
    with answering(moteur, lake, state, asked) as engine:
        found = answer(
            asked,
            engine.scan,
            selection,
            names(mesures),
            names(dimensions),
            lecture=lecture,
            complete=complet,
            total=total,
        )
        told = portee_of(asked, found, engine)
        rows = engine.collect(found.frame)
        rows = worded(asked, rows) if form == "table" else rows
    if told:
        click.echo(f"portée : {told}", err=True)
    emit(rows, form, sortie, about={"portee": told} if told else {})


def worded(asked: Universe, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows as a person reads them: what has a code and a name (``SAS-54``, the Monday of a week) by its name.

    Totals and what is not known stay as they are; machines read the codes (CSV, JSON, Parquet).
    """
    cited = [axis for axis in asked.axes if axis.cited and axis.name in rows.columns]
    return rows.with_columns(pl.col(axis.name).cast(pl.String).replace(dict(axis.words)) for axis in cited)


def portee_of(asked: Universe, found: Answer, engine: Answering) -> str:
    """What the account's rights narrowed, and what the whole is, in French; empty when nothing was."""
    few = TUES if found.few is not None and engine.collect(found.few).item() else ""
    if found.portee is None:
        return few
    figures = {} if found.whole is None else engine.collect(found.whole).row(0, named=True)
    rest = found.portee.reste(asked, figures, lambda measure, value: write(value, measure.format))
    return " ".join(filter(None, [found.portee.phrase(), rest, few]))


@click.command("univers", cls=Command)
@click.argument("univers", metavar="[UNIVERS]", required=False, help="Un univers seulement.")
def universe_command(univers: str | None) -> None:
    """Liste les univers, leurs mesures, leurs dimensions et leurs paramètres."""
    for one in [universe(univers)] if univers else list(UNIVERSES.values()):
        click.echo(f"{one.name} — {one.title}")
        click.echo("  Mesures :")
        for measure in one.measures:
            click.echo(f"    {measure.name} : {measure.definition}")
        click.echo("  Dimensions :")
        for axis in one.axes:
            click.echo(f"    {', '.join(axis.names())} : {axis.label}")
        if one.parameters:
            click.echo("  Paramètres :")
        for parameter in one.parameters:
            allowed = [value for value in parameter.values if value] + [parameter.form] * bool(parameter.form)
            default = parameter.word(parameter.default)
            click.echo(
                f"    {parameter.name} : {parameter.label} ({', '.join(allowed)} ; sans lui : {default})"
            )
