"""The ``obs`` command line: the composition root. Only this module sees every room of the house."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apps.commands.french import Command, Day, Group
from apps.commands.moteur import moteur_option
from apps.commands.native_stderr import set_aside
from apps.commands.output import progress, written
from lake.errors import ContractError, LakeError
from lake.settings import Settings
from lake.words import agreed

if TYPE_CHECKING:
    from apps.commands.saisie_outils import Outils
    from apps.commands.score import Inputs


def _version() -> str:
    try:
        return version("observatoire-esante")
    except PackageNotFoundError:  # run from the sources, not installed
        return "(sources non installées)"


@click.command("ingest", cls=Command)
@click.argument("source", metavar="SOURCE", help="Nom de la source.")
@click.argument(
    "fichiers",
    metavar="[FICHIERS]…",
    nargs=-1,
    type=click.Path(path_type=Path),
    help="Fichiers sources, tels que téléchargés.",
)
@click.option("--date", "jour", type=Day(), help="Date des données, quand les fichiers ne la portent pas.")
@click.option("--telecharger", is_flag=True, help="Télécharge les fichiers officiels.")
@click.option(
    "--region",
    metavar="CODE",
    help="Code INSEE de la région à garder, ou « france » pour toutes (défaut : OBS_REGION). Une ligne sans "
    "département, ni par sa commune, ni par son code postal, est comptée hors région, même avec « france ».",
)
@click.option(
    "--budget",
    metavar="POURCENTAGE",
    type=click.FloatRange(0, 100),
    help="Part de lignes rejetées tolérée, en %.",
)
@click.option("--forcer", is_flag=True, help="Publie de nouveau des fichiers déjà publiés.")
@click.option(
    "--accepter-baisse",
    is_flag=True,
    help="Publie une livraison qui perd plus que la source ne l'admet (lignes, départements, colonnes).",
)
@moteur_option
@click.option(
    "--rapport",
    "form",
    type=click.Choice(["texte", "json"]),
    default="texte",
    show_default=True,
    help="Forme du rapport : texte pour lire, json pour une machine.",
)
def ingest_command(
    source: str,
    fichiers: tuple[Path, ...],
    jour: datetime | None,
    telecharger: bool,
    region: str | None,
    budget: float | None,
    forcer: bool,
    accepter_baisse: bool,
    moteur: str,
    form: str,
) -> None:
    """Ingère une source, parmi : territoires, ages, apl, ban, finess, annuaire, corrections, segur, referencement,
    convergence.

    Les fichiers sont archivés intacts, vérifiés, puis publiés d'un coup ou pas du tout. Le rapport dit les
    lignes lues = publiées + doublons + hors région + rejetées.

    \b
    Exemples :
      obs ingest territoires
      obs ingest ages TD_POP1B_2021_csv.zip
      obs ingest apl apl_medecins_generalistes.xlsx
      obs ingest ban adresses-67.csv.gz adresses-68.csv.gz
      obs ingest annuaire PS_LibreAcces_202501140800.zip
      obs ingest corrections a-corriger.csv
      obs ingest referencement referencement_2024-02-27.csv
      obs ingest convergence services_2020-12-15.csv reponses_2020-12-15.csv plans_2020-12-15.csv
    """
    from dataclasses import replace

    from apps.commands.query import day_of
    from ingest.run import Request, lay_ground, run
    from ingest.sources import PLACED
    from ingest.sources import source as find

    settings = Settings.from_env()
    if region:
        settings = replace(settings, region=region)
    if moteur == "spark" and not (find(source).name in PLACED and settings.geocodeur == "ban"):
        click.echo(
            f"moteur : « {source} » reste sur Polars, seule la recherche d'adresses se répartit.", err=True
        )
    request = Request(
        files=fichiers,
        day=day_of(jour),
        download=telecharger,
        budget=None if budget is None else budget / 100,
        force=forcer,
        accept_fall=accepter_baisse,
        moteur=moteur,
    )
    say = progress(quiet=form == "json")
    try:
        with set_aside():
            ground = lay_ground(find(source), settings, say)
            report = run(find(source), request, settings, say)
    except LakeError as error:
        if form == "json":
            click.echo(_refusal(source, error))
        raise
    finally:
        if form != "json" and sys.stderr.isatty():
            click.echo("\r\033[K", err=True, nl=False)
    if ground is not None and form != "json":
        click.echo("Territoires absents du lac : la référence livrée avec le projet a été publiée d'abord.")
    click.echo(report.to_json() if form == "json" else report_text(report))


def _refusal(source: str, error: LakeError) -> str:
    """The report of a run that published nothing, as one JSON document."""
    from datetime import UTC

    from ingest.report import RunReport

    report = getattr(error, "report", None)
    if not isinstance(report, RunReport):  # refused before the run began: an unknown source, a missing file
        report = RunReport("", source, "en_erreur", datetime.now(UTC), message=str(error))
    return report.to_json()


def report_text(report: object) -> str:
    """An ingestion report for a person (French)."""
    from ingest.report import RunReport

    assert isinstance(report, RunReport)
    status = {"publiee": "publiée", "deja_publiee": "déjà publiée"}[report.statut]
    day = f" du {report.date:%d/%m/%Y}" if report.date else ""
    lines = [f"Source {report.source}{day} : {status} en {written(report.duree_s)} s ({report.execution})"]
    if report.message:
        lines.append(report.message)
    for file in report.fichiers:
        lines.append(
            f"  fichier {file['fichier']} : {written(file['octets'])} octets, SHA-256 {file['sha256']}"
        )
    for one in report.tables:
        version = "" if one.version is None else f" (version {one.version})"
        lines.append(
            f"  {one.table}{version} : {written(one.lues)} lues = {written(one.publiees)} publiées"
            f" + {written(one.doublons)} doublons + {written(one.hors_region)} hors région"
            f" + {written(one.rejetees)} rejetées"
        )
    lines += [f"  rejet : {written(count)} × {why}" for why, count in report.rejets.items()]
    lines += [f"  {label} : {written(value)}" for label, value in report.chiffres.items()]
    lines += [f"  attention : {warning}" for warning in report.avertissements]
    steps = ", ".join(f"{step} {written(seconds)} s" for step, seconds in report.durees.items())
    if steps:
        lines.append(f"  durées : {steps}")
    return "\n".join(lines)


@click.command("reconstruire", cls=Command)
@click.argument(
    "ancien", metavar="ANCIEN", help="Le lac à refaire : dossier ou s3://…, ses tables peuvent manquer."
)
@click.option("--essai", is_flag=True, help="Dit ce qui serait refait, sans rien publier.")
def rebuild_command(ancien: str, essai: bool) -> None:
    """Reconstruit un lac dans OBS_LAKE, vide, depuis les fichiers archivés d'un autre.

    Les livraisons publiées sont refaites dans leur ordre, chacune avec les fichiers donnés ensemble ; celles sur
    lesquelles on est revenu ne le sont pas. Il faut les dossiers raw et _publications de l'ancien lac.
    """
    from dataclasses import replace

    from ingest.rebuild import plan, rebuild
    from lake.tables import Lake

    settings = Settings.from_env()
    old = Lake(replace(settings, lake=ancien))
    made = plan(old)
    for remark in made.remarques:
        click.echo(f"attention : {remark}", err=True)
    if not made.livraisons:
        raise LakeError(
            f"Aucune livraison à refaire dans {ancien}.", conseil="Vérifiez le chemin de l'ancien lac."
        )
    if essai:
        for one in made.livraisons:
            click.echo(one.words)
        return
    refused = 0
    for one, outcome in rebuild(old, settings, made, progress(quiet=False)):
        click.echo(f"{one.words} : {outcome}")
        refused += outcome.startswith("refusée")
    if refused:
        raise LakeError(
            agreed(refused, f"{refused} livraison(s) refusée(s) sur {len(made.livraisons)}."),
            conseil="Les autres sont publiées ; ingérez celles-ci à la main.",
        )


_SAID = 20
"""Rejected lines that are named; the others are counted."""


def _plain_files(paths: Mapping[str, Path]) -> Inputs:
    """The plain files of a Convergence campaign, checked.

    Raises:
        LakeError: a file is missing or unreadable, or answers are carried in a cycle (they are named).
    """
    from apps.commands.score import Inputs
    from ingest.sources.convergence.lot import read_lot

    lot = read_lot(paths)
    if lot.cycles:
        raise ContractError(
            f"Réponses portées en cycle : {' ; '.join(lot.cycles)}.",
            conseil="L'un des services de chaque cycle doit répondre par un niveau.",
        )
    rejected = lot.rejects.height
    remarks = [
        f"{line['fichier']}, ligne {line['ligne']} refusée : {line['motif']}"
        for line in lot.rejects.head(_SAID).iter_rows(named=True)
    ]
    if rejected > _SAID:
        counted = " ; ".join(f"{written(count)} × {why}" for why, count in lot.summary().items())
        remarks.append(f"{written(rejected)} lignes refusées en tout : {counted}")
    return Inputs(
        services=lot.services.lazy(),
        reponses=lot.reponses.lazy(),
        referentiel=lot.referentiel.criteres.lazy(),
        plans=lot.plans.lazy(),
        preliminaires=lot.preliminaires.lazy(),
        solutions=lot.solutions.lazy() if "solutions" in paths else None,
        remarks=[*lot.warnings, *remarks],
    )


def _closed(folder: Path, jour: date) -> list[str]:
    """Ingest the files of a campaign that is being closed; what a reader must know."""
    from ingest.run import Request, run
    from ingest.sources import source as find

    files = tuple(sorted(folder.iterdir()))
    # Closing is somebody's decision: fewer services than last time is told, not refused.
    report = run(find("convergence"), Request(files=files, day=jour, accept_fall=True), Settings.from_env())
    return [f"attention : {warning}" for warning in report.avertissements]


def _of_ingestion() -> object:
    """The referential and the reading of files, as the entry borrows them from the ingestion."""
    from ingest.sources.convergence import lot

    return lot


def _entry() -> Outils:
    """What the entry's commands borrow of the ingestion."""
    from apps.commands.saisie_outils import Outils

    return Outils(_of_ingestion, _closed)


def _of(module: str, name: str) -> Callable[[], click.Command]:
    """What imports a command from its module of ``apps.commands``."""

    def command() -> click.Command:
        found: click.Command = getattr(importlib.import_module(f"apps.commands.{module}"), name)
        return found

    return command


def _annuaire() -> click.Command:
    from apps.commands.annuaire import annuaire_group
    from apps.commands.decision import diagnostic_command, scenario_command
    from apps.commands.repertoire import establishments_command, search_command

    for command in (diagnostic_command, scenario_command, establishments_command, search_command):
        annuaire_group.add_command(command)
    return annuaire_group


def _demo() -> click.Command:
    from apps.commands.demo import demo_command

    return demo_command(_entry)


def _lake() -> click.Command:
    from apps.commands.lake import lake_group

    lake_group.add_command(rebuild_command)
    return lake_group


def _referentiel() -> click.Command:
    from apps.commands.referentiel import referentiel_group

    return referentiel_group(_entry())


def _saisie() -> click.Command:
    from apps.commands.saisie import saisie_group

    return saisie_group(_entry())


def _score() -> click.Command:
    from apps.commands.score import score_group

    return score_group(_plain_files)


# A command imports what it needs when it is asked for: « serve » and « demo » do not wait for the others' libraries.
COMMANDS: dict[str, Callable[[], click.Command]] = {
    "analyse": _of("analyse", "analyse_group"),
    "annuaire": _annuaire,
    "archive": _of("publication", "archive_group"),
    "commandes": _of("manual", "manual_command"),
    "demo": _demo,
    "exploitation": _of("exploitation", "exploitation_group"),
    "export": _of("export", "export_command"),
    "ingest": lambda: ingest_command,
    "lake": _lake,
    "nouvelle-page": _of("nouvelle", "new_page_command"),
    "nouvelle-source": _of("nouvelle_source", "new_source_command"),
    "publication": _of("publication", "publication_group"),
    "query": _of("query", "query_command"),
    "referentiel": _referentiel,
    "saisie": _saisie,
    "sas": _of("sas", "sas_group"),
    "score": _score,
    "serve": _of("serve", "serve_command"),
    "store": _of("store", "store_group"),
    "univers": _of("query", "universe_command"),
    "user": _of("user", "user_group"),
}


@click.group(
    "obs",
    cls=Group,
    later=COMMANDS,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 110},
)
@click.version_option(_version(), prog_name="obs", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="En cas d'erreur, affiche la trace technique.")
def obs(debug: bool) -> None:
    """Observatoire e-santé Grand Est : alimenter le lac, l'interroger, servir les pages.

    \b
    Réglages (variables d'environnement) : OBS_LAKE, OBS_STORE, OBS_REGION, OBS_GEOCODEUR.
    """


def main() -> None:
    """Entry point of the ``obs`` command."""
    obs()


if __name__ == "__main__":
    main()
