"""The sequence of an ingestion: fetch, archive, parse, check, publish, report. No source can skip a step.

Publishing is all or nothing: tables are published in the order the source declares, the main one last. If one
of them fails, those already published by this run go back to the version they had. A run that is killed
leaves either the previous version of the main table or the new one, and running it again repairs the rest.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import requests

from ingest.report import RunReport, TableReport
from ingest.source import REJECTS_SCHEMA, Context, Parsed, Snapshot, Source, SourceFile
from lake.catalog.journal import EXECUTIONS, REJETS
from lake.contract import Table
from lake.errors import BudgetExceeded, ContractError, LakeError, SourceUnavailable
from lake.objects import Objects, disk_error, open_objects
from lake.settings import Settings
from lake.tables import Lake

Say = Callable[[str, float | None], None]


def _silent(_sentence: str, _share: float | None) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Request:
    """What an operator asked of one ingestion.

    Attributes:
        files: paths of the source files; empty when the source carries its own data or downloads them.
        day: date announced for the data (``--date``).
        download: fetch the official files (``--telecharger``).
        budget: rejection budget (0–1); the source's own when None.
        force: publish again what was already published.
    """

    files: tuple[Path, ...] = ()
    day: date | None = None
    download: bool = False
    budget: float | None = None
    force: bool = False


def run(source: Source, request: Request, settings: Settings, say: Say = _silent) -> RunReport:
    """Ingest one delivery of a source.

    Args:
        source: the source.
        request: files and options.
        settings: lake, region, geocoder.
        say: progress: (French sentence, done share 0–1 or None).

    Returns:
        The report; its status is ``publiee`` or ``deja_publiee``.

    Raises:
        LakeError: one French sentence; nothing was published, and the journal keeps the refused run.
    """
    lake, objects = Lake(settings), open_objects(settings)
    report = RunReport(
        execution=f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}",
        source=source.name,
        statut="en_erreur",
        debut=datetime.now(UTC),
        region=settings.region,
    )
    started = time.perf_counter()
    rejects = pl.DataFrame(schema=REJECTS_SCHEMA)
    try:
        with tempfile.TemporaryDirectory(prefix="obs-") as folder:
            with _timed(report, "lecture"):
                paths = _fetch(source, request, settings, Path(folder), say)
                snapshot = _snapshot(source, paths, request)
            _describe(report, snapshot)
            known = None if request.force else _already_published(lake, source, snapshot, settings)
            if known is not None:
                report.statut = "deja_publiee"
                report.message = (
                    f"Ces fichiers ont déjà été publiés le {known:%d/%m/%Y à %H:%M} UTC : rien à faire."
                )
                return report
            with _timed(report, "archivage"):
                _archive(objects, snapshot, say)
            parsed, rejects = _parse(source, snapshot, lake, settings, request, report, say)
            with _timed(report, "publication"):
                _publish(lake, parsed, report, source, say)
            report.statut = "publiee"
        return report
    except BudgetExceeded as error:
        report.statut, report.message = "refusee", str(error)
        rejects = getattr(error, "rejects", rejects)
        raise
    except LakeError as error:
        report.message = str(error)
        raise
    except OSError as error:
        failure = disk_error(error, str(error.filename or "le fichier"))
        report.message = str(failure)
        raise failure from error
    finally:
        report.duree_s = round(time.perf_counter() - started, 3)
        if report.statut != "deja_publiee":
            _record(lake, report, rejects, settings, source)


# -- fetch -------------------------------------------------------------------------------------------


def _fetch(source: Source, request: Request, settings: Settings, folder: Path, say: Say) -> tuple[Path, ...]:
    if request.download:
        urls = source.urls(settings.region)
        if not urls:
            raise SourceUnavailable(f"La source {source.name} n'a pas d'adresse de téléchargement.")
        return tuple(_download(url, folder / name, say) for name, url in urls.items())
    for path in request.files:
        if not path.is_file():
            raise SourceUnavailable(f"Fichier introuvable : {path}.", conseil="Vérifiez le chemin donné.")
        if path.stat().st_size == 0:
            raise ContractError(
                f"Le fichier {path.name} est vide (0 octet).", conseil="Téléchargez-le de nouveau."
            )
    return request.files


def _download(url: str, target: Path, say: Say) -> Path:
    say(f"Téléchargement de {target.name}", 0.0)
    try:
        with requests.get(url, stream=True, timeout=(10, 60)) as answer:
            answer.raise_for_status()
            expected = int(answer.headers.get("Content-Length") or 0)
            received = 0
            with target.open("wb") as out:
                for block in answer.iter_content(1 << 20):
                    out.write(block)
                    received += len(block)
                    if expected:
                        say(f"Téléchargement de {target.name}", min(1.0, received / expected))
    except requests.RequestException as error:
        raise SourceUnavailable(
            f"Téléchargement impossible : {url} ({error}).",
            conseil="Réessayez plus tard, ou téléchargez le fichier à la main et donnez son chemin.",
        ) from error
    if expected and received != expected:
        raise SourceUnavailable(f"Téléchargement incomplet : {url} ({received} octets sur {expected}).")
    return target


def _snapshot(source: Source, paths: Sequence[Path], request: Request) -> Snapshot:
    files = []
    for path in paths:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        files.append(SourceFile(path, path.name, digest, path.stat().st_size))
    found = source.date_of(paths)
    if request.day is not None and found is not None and found != request.day:
        raise ContractError(
            f"Les fichiers portent la date du {found:%d/%m/%Y}, pas celle annoncée ({request.day:%d/%m/%Y}).",
            conseil="Corrigez --date, ou donnez les fichiers de cette date.",
        )
    day = request.day or found
    if day is None and any("date_extraction" in table.unit for table in source.tables):
        raise ContractError(
            "La date des données n'est pas dans le nom des fichiers.",
            conseil="Annoncez-la : --date AAAA-MM-JJ.",
        )
    whole = hashlib.sha256("".join(sorted(file.sha256 for file in files)).encode()).hexdigest()
    return Snapshot(source.name, tuple(files), whole, day)


def _describe(report: RunReport, snapshot: Snapshot) -> None:
    report.date, report.sha256 = snapshot.date, snapshot.sha256
    report.fichiers = [
        {"fichier": file.name, "octets": file.size, "sha256": file.sha256} for file in snapshot.files
    ]


def _archive(objects: Objects, snapshot: Snapshot, say: Say) -> None:
    """Keep the untouched files: ``raw/<source>/<date>-<sha256>/<name>``."""
    day = (snapshot.date or datetime.now(UTC).date()).isoformat()
    for file in snapshot.files:
        key = f"raw/{snapshot.source}/{day}-{file.sha256}/{file.name}"
        if not objects.exists(key):
            say(f"Archivage de {file.name}", None)
            objects.put(key, file.path)


# -- parse and check ---------------------------------------------------------------------------------


def _parse(
    source: Source,
    snapshot: Snapshot,
    lake: Lake,
    settings: Settings,
    request: Request,
    report: RunReport,
    say: Say,
) -> tuple[list[tuple[Parsed, pl.DataFrame]], pl.DataFrame]:
    budget = source.budget if request.budget is None else request.budget
    context = Context(
        scan=lake.scan, region=settings.region, geocodeur=settings.geocodeur, budget=budget, say=say
    )
    kept: list[tuple[Parsed, pl.DataFrame]] = []
    refused: list[pl.DataFrame] = []
    with _timed(report, "analyse"):
        for parsed in source.parse(snapshot, context):
            conformed = parsed.table.conform(parsed.frame)
            refused.append(parsed.rejects)
            broken = _contract_rejects(parsed, conformed.rejects)
            refused.append(broken)
            kept.append((parsed, conformed.valid))
            report.avertissements += parsed.warnings
            report.chiffres |= parsed.figures
            if parsed.counted:
                counts = TableReport(
                    table=parsed.table.name,
                    lues=parsed.lues,
                    publiees=conformed.valid.height,
                    doublons=parsed.doublons,
                    hors_region=parsed.hors_region,
                    rejetees=parsed.rejects.height + broken.height,
                )
                if not counts.closes():
                    raise ContractError(f"Les comptes de {parsed.table.name} ne ferment pas : {counts}.")
                report.tables.append(counts)
            parsed.frame = parsed.table.empty()  # free the memory before the next table
    rejects = pl.concat(refused) if refused else pl.DataFrame(schema=REJECTS_SCHEMA)
    counted = rejects.group_by("motif").len().sort("len", "motif", descending=[True, False])
    report.rejets = dict(counted.iter_rows())
    _check_counts(source, report, budget, rejects)
    return kept, rejects


def _contract_rejects(parsed: Parsed, broken: pl.DataFrame) -> pl.DataFrame:
    """Rows that break the contract, as rejected lines."""
    if broken.is_empty():
        return pl.DataFrame(schema=REJECTS_SCHEMA)
    lines = (
        broken.get_column("ligne").fill_null(0)
        if "ligne" in broken.columns
        else pl.Series("ligne", [0] * broken.height, dtype=pl.Int64)
    )
    texts = dict(parsed.contents(lines.to_list())) if parsed.contents is not None else {}
    written = broken.select(pl.struct(parsed.table.columns).struct.json_encode()).to_series()
    return pl.DataFrame(
        {
            "fichier": [parsed.table.name] * broken.height,
            "ligne": lines,
            "motif": broken.get_column("motif"),
            "contenu": [texts.get(line, row) for line, row in zip(lines, written, strict=True)],
        },
        schema=REJECTS_SCHEMA,
    )


def _check_counts(source: Source, report: RunReport, budget: float, rejects: pl.DataFrame) -> None:
    for counts in report.tables:
        if counts.lues == 0:
            raise ContractError(
                f"Le fichier de {counts.table} ne contient aucune ligne de données.",
                conseil="Téléchargez-le de nouveau : la version publiée n'a pas changé.",
            )
        if counts.rejetees > budget * counts.lues:
            share = f"{100 * counts.rejetees / counts.lues:.2f}".replace(".", ",")
            main = next(iter(report.rejets), "")
            error = BudgetExceeded(
                f"{counts.rejetees} lignes rejetées sur {counts.lues} ({share} %) pour {counts.table}, "
                f"au-delà du budget de {f'{100 * budget:g}'.replace('.', ',')} % ; motif principal : {main}.",
                conseil=f"Rien n'est publié. Lignes rejetées : obs lake rejets --source {source.name}.",
            )
            error.rejects = rejects  # type: ignore[attr-defined]  # for the journal of the refused run
            raise error
    if report.tables and report.tables[-1].publiees == 0:
        raise ContractError(
            f"Aucune ligne à publier pour la région {report.region} "
            f"({report.tables[-1].hors_region} lignes hors de la région).",
            conseil="Vérifiez --region (ou OBS_REGION) et le fichier.",
        )


# -- publish and record ------------------------------------------------------------------------------


def _publish(
    lake: Lake, parsed: Sequence[tuple[Parsed, pl.DataFrame]], report: RunReport, source: Source, say: Say
) -> None:
    info = {"source": source.name, "execution": report.execution, "sha256": report.sha256}
    done: list[tuple[Table, int | None]] = []
    try:
        for item, valid in parsed:
            say(f"Publication : {item.table.title}", None)
            before = lake.version(item.table)
            version = lake.publish(
                item.table, valid, replace=item.replace or None, append=item.append, info=info
            )
            done.append((item.table, before))
            for counts in report.tables:
                if counts.table == item.table.name:
                    counts.version = version
    except BaseException:
        for table, before in reversed(done):
            if before is not None:
                lake.restore(table, before)
            else:
                lake.publish(table, table.empty(), info=info)
        raise


def _already_published(lake: Lake, source: Source, snapshot: Snapshot, settings: Settings) -> datetime | None:
    """When these very files were published by the last successful run of their date, if they were."""
    if not snapshot.files or not lake.exists(EXECUTIONS):
        return None
    runs = (
        lake.scan(EXECUTIONS)
        .filter(
            (pl.col("source") == source.name)
            & (pl.col("statut") == "publiee")
            & pl.col("date_donnees").eq_missing(snapshot.date)
        )
        .sort("debut")
        .select("debut", "empreinte")
        .last()
        .collect()
    )
    if runs.is_empty() or runs["empreinte"].item() != _fingerprint(lake, source, snapshot, settings):
        return None
    moment = runs["debut"].item()
    return moment if isinstance(moment, datetime) else None


def _fingerprint(lake: Lake, source: Source, snapshot: Snapshot, settings: Settings) -> str:
    """What makes two ingestions the same: files, date, region, geocoder, and the tables they lean on."""
    versions = ",".join(f"{table.name}@{lake.version(table)}" for table in source.depends)
    mark = f"{snapshot.sha256}|{snapshot.date}|{settings.region}|{settings.geocodeur}|{versions}"
    return hashlib.sha256(mark.encode()).hexdigest()


def _record(lake: Lake, report: RunReport, rejects: pl.DataFrame, settings: Settings, source: Source) -> None:
    """Keep the run and its rejected lines; a journal that fails never hides the run's own error."""
    snapshot = Snapshot(report.source, (), report.sha256, report.date)
    try:
        if not rejects.is_empty():
            lines = rejects.with_columns(
                source=pl.lit(report.source), execution=pl.lit(report.execution)
            ).select(REJETS.columns)
            lake.publish(REJETS, REJETS.conform(lines).valid, append=True)
        row = pl.DataFrame(
            {
                "execution": report.execution,
                "source": report.source,
                "statut": report.statut,
                "debut": report.debut,
                "duree_s": report.duree_s,
                "date_donnees": report.date,
                "fichiers": "|".join(str(file["fichier"]) for file in report.fichiers) or None,
                "sha256": report.sha256 or None,
                "empreinte": _fingerprint(lake, source, snapshot, settings),
                **{
                    name: report.total(name)
                    for name in ("lues", "publiees", "doublons", "hors_region", "rejetees")
                },
                "message": report.message or None,
                "rapport": report.to_json(),
            },
            schema=EXECUTIONS.dtypes(),
        )
        lake.publish(EXECUTIONS, row, append=True)
    except LakeError:
        if report.statut == "publiee":
            raise


@contextmanager
def _timed(report: RunReport, step: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        report.durees[step] = round(report.durees.get(step, 0.0) + time.perf_counter() - started, 3)
