"""``obs lake``: look after the tables: list, versions, checks, restore, vacuum, rejected lines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import click
import polars as pl

from apps.commands.french import Group
from apps.commands.lake_register import go_back_command, publications_command
from apps.commands.output import FORMATS, FORMATS_HELP, emit
from lake.catalog import all_tables, table
from lake.catalog.agreements import AGREEMENTS
from lake.catalog.journal import EXECUTIONS, REJETS
from lake.contract import Table
from lake.dictionary import dictionary
from lake.errors import ContractError, LakeError, MissingTable, StaleTable, UnknownName
from lake.freshness import freshness
from lake.settings import Settings
from lake.snapshot import Snapshot
from lake.tables import Lake
from lake.words import agreed, grouped

_NOT_INGESTED = {"journal", "geocodage"}
"""Sources of tables that the house writes itself."""
_FORM = click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help=FORMATS_HELP
)


@click.group("lake", cls=Group)
def lake_group() -> None:
    """Les tables du lac : liste, versions, contrôles, retour en arrière, purge."""


lake_group.add_command(publications_command)
lake_group.add_command(go_back_command)


@lake_group.command("tables")
@_FORM
def tables_command(form: str) -> None:
    """Liste les tables : version, lignes, date de publication, fraîcheur."""
    lake = Lake(Settings.from_env())
    state = lake.snapshot()
    rows: list[tuple[object, ...]] = []
    for one in all_tables().values():
        version = state.version(one)
        if version is None:
            rows.append((one.name, one.title, None, None, None, "jamais publiée"))
            continue
        count = lake.rows(one, version)
        moment = state.published(one).moment
        rows.append((one.name, one.title, version, count, moment.date(), freshness(one, state).words))
    frame = pl.DataFrame(
        rows, schema=["table", "titre", "version", "lignes", "publiee_le", "fraicheur"], orient="row"
    )
    emit(frame, form)


@lake_group.command("history")
@click.argument("nom", metavar="TABLE", help="Nom de la table.")
@_FORM
def history_command(nom: str, form: str) -> None:
    """Liste les versions d'une table, de la plus récente à la plus ancienne."""
    rows = [
        (v.number, f"{v.moment:%d/%m/%Y %H:%M:%S}", v.operation, v.rows, v.info.get("execution", ""))
        for v in Lake(Settings.from_env()).history(table(nom))
    ]
    columns = ["version", "publiee_le_utc", "operation", "lignes_ecrites", "execution"]
    emit(pl.DataFrame(rows, schema=columns, orient="row"), form)


@lake_group.command("check")
@click.argument("noms", metavar="[TABLES]…", nargs=-1, help="Tables ; toutes par défaut.")
@click.option(
    "--course", is_flag=True, help="Lance aussi 16 écritures simultanées pour éprouver le stockage."
)
@click.option("--fraiches", is_flag=True, help="Échoue aussi quand une promesse de fraîcheur est dépassée.")
def check_command(noms: tuple[str, ...], course: bool, fraiches: bool) -> None:
    """Vérifie les tables publiées : fichiers, contrat (types, clés, règles), sommes d'une même livraison, fraîcheur.

    Les tables d'une livraison doivent dire les mêmes sommes : une région et ses structures, par exemple.

    Avec --course, éprouve une fois le stockage : 16 écritures simultanées dans une table d'essai doivent
    toutes être conservées (certains serveurs S3 acceptent tout le monde et perdent des lignes).
    """
    lake = Lake(Settings.from_env())
    state = lake.snapshot()
    chosen = [table(nom) for nom in noms] or list(all_tables().values())
    bad, late = 0, []
    for one in chosen:
        try:
            if not state.exists(one):
                click.echo(f"—  {one.name} : jamais publiée")
                continue
            sound, said = _checked(lake, state, one)
            fresh = freshness(one, state)
            if sound:
                said = f"{said}, {fresh.words}"
                late += [one.name] if fresh.late else []
        except LakeError as error:
            sound, said = False, str(error)
        click.echo(f"{'ok' if sound else 'KO'} {one.name} : {said}")
        bad += not sound
    bad += _disagreements(state, {one.name for one in chosen})
    if course:
        kept = _race(lake)
        click.echo(f"{'ok' if kept == 16 else 'KO'} écritures simultanées : {kept} conservées sur 16")
        bad += kept != 16
    if bad:
        raise LakeError(
            agreed(bad, f"{bad} contrôle(s) en échec."),
            conseil="Voyez obs lake publications et obs lake revenir pour revenir en arrière.",
        )
    if fraiches and late:
        raise StaleTable(
            agreed(len(late), f"{len(late)} promesse(s) de fraîcheur dépassée(s) : {', '.join(late)}."),
            conseil="Ingérez la livraison suivante de ces sources.",
        )


def _checked(lake: Lake, state: Snapshot, one: Table) -> tuple[bool, str]:
    """Whether a table keeps its contract, and how to say it. Read unit by unit: a table may exceed memory."""
    if damaged := lake.damaged(one):
        return False, f"abîmée, {damaged}. {lake.remedy(one)}"
    rows, reasons = 0, pl.Series("motif", [], dtype=pl.String)
    column = next((name for name in one.unit if name in one.partition_by), None)
    try:
        parts = state.values(one, column) if column else [None]
        for part in parts:
            frame = state.scan(one)
            if column and part is not None:
                value = date.fromisoformat(part) if one.dtypes()[column] == pl.Date else part
                frame = frame.filter(pl.col(column) == value)
            conformed = one.conform(frame)
            rows += conformed.valid.height
            reasons = pl.concat([reasons, conformed.rejects.get_column("motif")])
    except ContractError as error:
        return False, str(error)
    except BaseException as error:
        if not lake.failed(error):
            raise
        return False, str(lake.explained(one, error))
    if reasons.is_empty():
        return True, agreed(rows, f"{grouped(rows)} ligne(s) conforme(s)")
    main = reasons.value_counts(sort=True)["motif"][0]
    return False, agreed(reasons.len(), f"{grouped(reasons.len())} ligne(s)") + f" hors contrat ({main})"


def _disagreements(state: Snapshot, names: set[str]) -> int:
    """Say where two tables of one delivery disagree; how many pairs do."""
    bad = 0
    for one in AGREEMENTS:
        if not {one.left.name, one.right.name} <= names:
            continue
        try:
            apart = one.differences(state.scan(one.left), state.scan(one.right))
        except (LakeError, OSError, pl.exceptions.PolarsError):
            continue  # not published, or already told unreadable above
        pair = f"{one.left.name} et {one.right.name}"
        if apart.is_empty():
            click.echo(f"ok {pair} : {one.what} concorde")
            continue
        first = apart.row(0, named=True)
        where = ", ".join(str(first[name]) for name in one.by if first[name] is not None)
        values = f"{first['gauche'] or 0} et {first['droite'] or 0}"
        click.echo(
            agreed(
                apart.height,
                f"KO {pair} : {one.what} diffère, {apart.height} écart(s) ; premier écart {where} : {values}",
            )
        )
        bad += 1
    return bad


def _race(lake: Lake) -> int:
    """16 simultaneous appends to a scratch table of the same storage: how many were kept."""
    scratch = replace(EXECUTIONS, name=f"essai__course_{datetime.now(UTC):%Y%m%d%H%M%S}", title="Essai")
    empty = dict.fromkeys(scratch.columns)

    def row(number: int) -> pl.DataFrame:
        values = {**empty, "execution": str(number), "source": "essai", "statut": "essai", "rapport": "{}"}
        return pl.DataFrame([values], schema=scratch.dtypes())

    lake.publish(scratch, scratch.empty())
    try:
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda n: lake.publish(scratch, row(n), append=True), range(16)))
        kept: int = lake.scan(scratch).select(pl.col("execution").n_unique()).collect().item()
    finally:
        lake.drop(scratch)
    return kept


@lake_group.command("restore")
@click.argument("nom", metavar="TABLE", help="Nom de la table.")
@click.argument("version", type=int, help="Numéro de la version (obs lake history).")
def restore_command(nom: str, version: int) -> None:
    """Rétablit une version antérieure d'une table (comme nouvelle version : rien n'est effacé)."""
    lake = Lake(Settings.from_env())
    if lake.version(table(nom)) == version:
        click.echo(f"{nom} : la version {version} est déjà celle que lisent les pages, rien à faire.")
        return
    new = lake.restore(table(nom), version)
    told = "" if new == version else f" (c'est la version {new})"
    click.echo(f"{nom} : version {version} rétablie{told}.")


@lake_group.command("vacuum")
@click.argument("noms", metavar="[TABLES]…", nargs=-1, help="Tables ; toutes par défaut.")
@click.option(
    "--jours",
    metavar="JOURS",
    type=click.IntRange(0),
    default=30,
    show_default=True,
    help="Âge gardé, en jours.",
)
@click.option("--essai", is_flag=True, help="Dit ce qui serait effacé, sans effacer.")
def vacuum_command(noms: tuple[str, ...], jours: int, essai: bool) -> None:
    """Efface les fichiers dont aucune version récente n'a besoin."""
    lake = Lake(Settings.from_env())
    for one in [table(nom) for nom in noms] or [t for t in all_tables().values() if lake.exists(t)]:
        files = lake.vacuum(one, keep_days=jours, dry_run=essai)
        click.echo(
            agreed(
                len(files), f"{one.name} : {len(files)} fichier(s) {'à effacer' if essai else 'effacé(s)'}"
            )
        )


@lake_group.command("compacter")
@click.argument("noms", metavar="[TABLES]…", nargs=-1, help="Tables ; toutes par défaut.")
@click.option("--essai", is_flag=True, help="Dit combien de fichiers chaque table compte, sans rien écrire.")
def compact_command(noms: tuple[str, ...], essai: bool) -> None:
    """Réunit les petits fichiers : mêmes lignes, moins de fichiers à ouvrir.

    Une table écrite par une version plus ancienne de la suite est réécrite comme celle-ci découpe les siennes. Les
    anciens fichiers restent pour les versions passées, jusqu'à obs lake vacuum.
    """
    lake = Lake(Settings.from_env())
    for one in [table(nom) for nom in noms] or [t for t in all_tables().values() if lake.exists(t)]:
        before = len(lake.files(one, lake.version(one)))
        if essai:
            click.echo(agreed(before, f"{one.name} : {before} fichier(s)"))
            continue
        lake.compact(one)
        after = len(lake.files(one, lake.version(one)))
        click.echo(agreed(before, f"{one.name} : {before} fichier(s) avant, {after} après"))


def _known_source(name: str | None) -> None:
    """Refuse the name of a source that feeds no table: an empty answer would look like good news.

    Raises:
        UnknownName: there is none; close names are suggested.
    """
    known = {one.source for one in all_tables().values()} - _NOT_INGESTED
    with suppress(MissingTable):  # sources that were ingested once, and are not any more
        past = Lake(Settings.from_env()).scan(EXECUTIONS).select(pl.col("source").unique()).collect()
        known |= set(past.to_series())
    if name is not None and name not in known:
        raise UnknownName("source", name, known)


def _executions(source: str | None) -> list[str]:
    """The runs of the journal, of one source or of all."""
    try:
        rows = Lake(Settings.from_env()).scan(EXECUTIONS)
    except MissingTable:
        return []
    kept = rows.filter(pl.col("source") == source) if source else rows
    return kept.select("execution").collect().to_series().to_list()


@lake_group.command("rejets")
@click.option("--source", metavar="SOURCE", help="Une source seulement.")
@click.option(
    "--execution",
    metavar="EXECUTION",
    help="Une exécution seulement (défaut : la dernière de la source qui a rejeté).",
)
@_FORM
def rejects_command(source: str | None, execution: str | None, form: str) -> None:
    """Relit les lignes rejetées, avec leur numéro de ligne et le motif."""
    _known_source(source)
    try:
        rows = Lake(Settings.from_env()).scan(REJETS)
    except MissingTable:
        rows = REJETS.empty().lazy()  # no line was ever rejected
    if source:
        rows = rows.filter(pl.col("source") == source)
    if execution:
        known = _executions(source)
        if execution not in known:
            raise UnknownName("exécution", execution, known)
    rows = rows.filter(pl.col("execution") == (execution or pl.col("execution").max()))
    emit(rows.sort("fichier", "ligne").collect(), form)


@lake_group.command("executions")
@click.option("--source", metavar="SOURCE", help="Une source seulement.")
@click.option(
    "--rapport",
    "identifiant",
    metavar="EXECUTION",
    help="Affiche le rapport JSON complet de cette exécution.",
)
@_FORM
def runs_command(source: str | None, identifiant: str | None, form: str) -> None:
    """Liste les ingestions passées et leurs comptes."""
    _known_source(source)
    try:
        rows = Lake(Settings.from_env()).scan(EXECUTIONS)
    except MissingTable as error:
        raise MissingTable("Aucune ingestion n'a encore eu lieu.", conseil="Lancez obs ingest.") from error
    if identifiant:
        found = rows.filter(pl.col("execution") == identifiant).collect()
        if found.is_empty():
            raise LakeError(f"Aucune exécution « {identifiant} ».", conseil="Voyez obs lake executions.")
        click.echo(found["rapport"].item())
        return
    if source:
        rows = rows.filter(pl.col("source") == source)
    emit(rows.drop("rapport", "sha256", "empreinte").sort("debut", descending=True).collect(), form)


@lake_group.command("dictionnaire")
@click.option("--ecrire", type=click.Path(dir_okay=False, path_type=Path), help="Écrit dans ce fichier.")
def dictionary_command(ecrire: Path | None) -> None:
    """Affiche le dictionnaire des données, produit depuis les contrats."""
    text = dictionary()
    if ecrire is None:
        click.echo(text, nl=False)
    else:
        ecrire.write_text(text, encoding="utf-8")
        click.echo(f"Dictionnaire écrit : {ecrire}")
