"""``obs analyse``: saved analyses checked, drawn and played again without a browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from apps.commands.analyse_abonnements import subscriptions_command
from apps.commands.french import Command, Group
from apps.commands.query import filters, names
from apps.commands.rights import access_as, utilisateur_option
from lake.errors import LakeError
from lake.objects import disk_error
from lake.settings import Settings
from lake.tables import Lake

if TYPE_CHECKING:
    from apps.kit.data.data import Data
    from scoring.analyses.spec import Analyse

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("analyse", cls=Group)
def analyse_group() -> None:
    """Vérifie, dessine et rejoue les analyses enregistrées."""


analyse_group.add_command(subscriptions_command)


@analyse_group.command("schema", cls=Command)
def schema_command() -> None:
    """Imprime le schéma JSON d'une analyse enregistrée."""
    from scoring.analyses.schema import schema

    click.echo(json.dumps(schema(), ensure_ascii=False, indent=2))


@analyse_group.command("valider", cls=Command)
@click.argument("fichier", metavar="F.json", type=FILE, help="L'analyse.")
def validate_command(fichier: Path) -> None:
    """Vérifie une analyse : une ligne par faute, qui commence par le chemin du membre fautif."""
    from apps.analyses.lot import too_large
    from scoring.analyses.codec import decode
    from scoring.analyses.lecture_json import AnalyseFautive
    from scoring.analyses.references import faults, up_to_date
    from scoring.universes.registry import universe

    try:
        analyse = up_to_date(decode(_read(fichier)))
    except AnalyseFautive as error:
        for fault in error.fautes:
            click.echo(str(fault), err=True)
        raise SystemExit(1) from error
    settings = Settings.from_env()
    lake = Lake(settings)
    found = faults(analyse, lambda name: universe(name, lake.snapshot().scan))
    found = found or too_large(analyse, reads_as(settings, None, lake))
    for fault in found:
        click.echo(str(fault), err=True)
    if found:
        raise SystemExit(1)
    click.echo(f"{fichier} : {len(analyse.sections)} section(s), aucune faute.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise disk_error(error, str(path)) from error


def _analysis(path: Path) -> Analyse:
    from scoring.analyses.codec import decode

    return decode(_read(path))


def reads_as(settings: Settings, email: str | None, lake: Lake) -> Callable[[str], Data]:
    """The reads of an account, by universe; the operator's without one. One state of the lake for all of them."""
    from apps.kit.data.data import Data

    state = [lake.snapshot()]
    kept: dict[str, Data] = {}

    def read(universe: str) -> Data:
        if universe not in kept:
            kept[universe] = Data(lake, access_as(settings, email, universe), state)
        return kept[universe]

    return read


@analyse_group.command("galerie", cls=Command)
@click.option("--univers", required=True, help="Nom de l'univers.")
@click.option(
    "--mesures", metavar="M[,M…]", multiple=True, required=True, help="Mesures, séparées par des virgules."
)
@click.option("--axes", metavar="A[,A…]", multiple=True, help="Axes, séparés par des virgules.")
@click.option(
    "--filtre",
    "filtres",
    metavar="D=V[,V…]",
    multiple=True,
    help="Garde ces valeurs d'une dimension ; répétable.",
)
@utilisateur_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Forme du résultat.",
)
def gallery_command(
    univers: str,
    mesures: tuple[str, ...],
    axes: tuple[str, ...],
    filtres: tuple[str, ...],
    utilisateur: str | None,
    form: str,
) -> None:
    """Dit quelles représentations conviennent à des mesures et des axes, la plus indiquée d'abord."""
    from apps.analyses.faits import facts
    from scoring.analyses.faits import Question
    from scoring.analyses.recommander import gallery
    from scoring.universes.engine import resolve
    from scoring.universes.registry import opened_by, universe
    from scoring.universes.selection import Selection

    settings = Settings.from_env()
    lake = Lake(settings)
    data: Data = reads_as(settings, utilisateur, lake)(opened_by(univers))
    found = data.universe(universe(univers))
    asked, by = names(mesures), names(axes)
    for name in asked:
        found.measure(name)
    for name in by:
        found.axis(name)
    wanted = filters(filtres)
    selection = resolve(found, data.access.lecture.figures(data.whole, (*by, *wanted)), Selection(wanted))
    question = Question.of(found, asked, by, facts(data, found, asked, by, selection))
    verdicts = gallery(question)
    if form == "json":
        rows = [
            {"type": one.type, "possible": one.possible, "raison": one.raison, "propose": one.propose or None}
            for one in verdicts
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for one in verdicts:
        instead = f" → {one.propose}" if one.propose else ""
        click.echo(f"{'oui' if one.possible else 'non'}  {one.type:<12} {one.raison}{instead}")


@analyse_group.command("rendre", cls=Command)
@click.argument("fichier", metavar="F.json", type=FILE, help="L'analyse.")
@utilisateur_option
@click.option(
    "--csv",
    "dossier",
    type=click.Path(file_okay=False, path_type=Path),
    help="Un CSV par section dans ce dossier.",
)
@click.option("--pdf", "pdf", type=FILE, help="Écrit le PDF dans ce fichier.")
@click.option("--lot", "lot", type=FILE, help="Écrit le lot de relecture dans ce fichier.")
def render_command(
    fichier: Path, utilisateur: str | None, dossier: Path | None, pdf: Path | None, lot: Path | None
) -> None:
    """Dessine une analyse qui n'est pas enregistrée : CSV, PDF, lot de relecture.

    \b
    Exemples :
      obs analyse rendre mon-analyse.json --csv chiffres --pdf mon-analyse.pdf
      obs analyse rendre mon-analyse.json --lot mon-analyse.zip --utilisateur pilote@exemple.fr
    """
    from apps.analyses.lot import bundle, rendered

    if not (dossier or pdf or lot):
        raise LakeError("Rien à écrire.", conseil="Ajoutez --csv DOSSIER, --pdf F.pdf ou --lot F.zip.")
    analyse = _analysis(fichier)
    settings = Settings.from_env()
    reads = reads_as(settings, utilisateur, Lake(settings))
    now = datetime.now(ZoneInfo("Europe/Paris")).replace(microsecond=0)
    made = rendered(analyse, reads, now=now, pdf=bool(pdf or lot))
    for sentence in made.avertissements:
        click.echo(sentence, err=True)
    written: dict[Path, bytes] = {}
    if dossier is not None:
        files = {dossier / name: content for name, content in made.files().items() if name.endswith(".csv")}
        written |= files
    if pdf is not None:
        written[pdf] = made.pdf
    if lot is not None:
        written[lot] = bundle(analyse, reads, made, now=now)
    for path, content in written.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            raise disk_error(error, str(path)) from error
        click.echo(f"Écrit : {path} ({len(content) // 1024 + 1} Kio)", err=True)


@analyse_group.command("rejouer", cls=Command)
@click.argument("lot", metavar="LOT.zip", type=FILE, help="Le lot de relecture.")
@utilisateur_option
def replay_command(lot: Path, utilisateur: str | None) -> None:
    """Rejoue un lot sur les mêmes versions des tables, et dit en dernière ligne si tout est identique."""
    from apps.analyses.lot import IDENTIQUE, RENDU, opened, replayed

    settings = Settings.from_env()
    lake = Lake(settings)
    found = replayed(lake, opened(_read(lot)), reads_as(settings, utilisateur, lake), click.echo)
    click.echo(found)
    if found not in (IDENTIQUE, RENDU):
        raise SystemExit(1)


@analyse_group.command("modeles", cls=Command)
@click.option("--revenir", is_flag=True, help="Revient au modèle livré quand il a été modifié ici.")
def models_command(revenir: bool) -> None:
    """Charge les modèles livrés avec l'observatoire ; une seconde fois ne change rien."""
    from functools import partial

    from apps.analyses.modeles import load
    from lake.store.analyses.models import ship
    from lake.store.migrate import open_store

    store = open_store(Settings.from_env())
    try:
        for title, done in load(partial(ship, store, back=revenir)):
            click.echo(f"{done:<11} {title}")
    finally:
        store.close()
