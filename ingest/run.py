"""The sequence of an ingestion: fetch, archive, parse, check, publish, report. No source can skip a step.

Publishing is all or nothing: under the lease of its source, a run writes the tables that its delivery changes, then
one record shows them together (:mod:`lake.delivery`). Killed at any moment, it leaves what readers saw before or
all of the delivery; running it again builds on what readers see, so that nothing is added twice.
"""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from ingest.delivery import Say, archive, archived, fetch, snapshot_of
from ingest.falls import check_falls
from ingest.journal import already_published, catch_up, fingerprint, known_deliveries, record
from ingest.report import RunReport, TableReport
from ingest.source import REJECTS_SCHEMA, Context, Parsed, Snapshot, Source, Spread
from ingest.sources import source as find_source
from lake.delivery import Delivery
from lake.errors import BudgetExceeded, ContractError, DamagedLake, DeliveryFell, LakeError
from lake.leases import PATIENCE_S
from lake.objects import disk_error
from lake.publications import Delivered
from lake.settings import Settings
from lake.snapshot import Snapshot as State
from lake.spark.engine import spreading
from lake.tables import Lake
from lake.words import agreed, grouped


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
        accept_fall: publish a delivery that loses more than its source allows (``--accepter-baisse``).
        patience: seconds to wait for another ingestion of the same source.
        moteur: ``polars``, or ``spark`` to have heavy work (geocoding) done by another engine (``--moteur``).
    """

    files: tuple[Path, ...] = ()
    day: date | None = None
    download: bool = False
    budget: float | None = None
    force: bool = False
    accept_fall: bool = False
    patience: float = PATIENCE_S
    moteur: str = "polars"


def lay_ground(source: Source, settings: Settings, say: Say = _silent) -> RunReport | None:
    """Publish the packaged territories when a source leans on them and the lake has none yet.

    A first ingestion works on an empty lake: the territories come with the project, so asking the operator to
    publish them first would teach nothing.

    Returns:
        The report of that publication, None when it was not needed.

    Raises:
        LakeError: the territories could not be published.
    """
    lake = Lake(settings)
    missing = [t for t in source.depends if t.source == "territoires" and not lake.exists(t)]
    if not missing:
        return None
    return run(find_source("territoires"), Request(), settings, say)


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
    lake = Lake(settings)
    report = RunReport(
        execution=f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid.uuid4().hex[:6]}",  # identifiers sort by start
        source=source.name,
        statut="en_erreur",
        debut=datetime.now(UTC),
        region=settings.region,
    )
    started = time.perf_counter()
    rejects = pl.DataFrame(schema=REJECTS_SCHEMA)
    mark = ""
    try:
        with tempfile.TemporaryDirectory(prefix="obs-") as folder:
            with _timed(report, "lecture"):
                paths = fetch(
                    source,
                    request.files,
                    download=request.download,
                    region=settings.region,
                    folder=Path(folder),
                    say=say,
                )
                snapshot = snapshot_of(source, paths, request.day)
            _describe(report, snapshot)
            with lake.delivery(
                source.name, source.tables, execution=report.execution, say=say, patience=request.patience
            ) as delivery:
                _refuse_damaged(lake, source)
                catch_up(lake, delivery.base, source.name)
                # Taken before parsing: a table that changes while this run leans on it makes the next one start.
                state = lake.snapshot()
                mark = fingerprint(state, source, snapshot, settings)
                known = None
                if snapshot.files and not request.force:
                    known = already_published(lake, state.record, source.name, snapshot.date, mark)
                if known is not None:
                    report.statut = "deja_publiee"
                    report.message = (
                        f"Ces fichiers ont déjà été publiés le {known:%d/%m/%Y à %H:%M} UTC : rien à faire "
                        "(--forcer pour les publier de nouveau)."
                    )
                    return report
                with _timed(report, "archivage"):
                    archive(lake.objects, snapshot, say)
                with spreading(lake.settings, state, lake.root, asked=request.moteur == "spark") as spread:
                    parsed, rejects = _parse(source, snapshot, state, settings, request, report, say, spread)
                with _timed(report, "publication"):
                    _publish(lake, delivery, parsed, report, source, say)
                    report.duree_s = round(time.perf_counter() - started, 3)
                    _show(delivery, snapshot, settings, request, report, mark)
                report.statut = "publiee"
                # Under the lease of the source, as catching up: a run is entered once, whoever comes next.
                _enter(lake, report, rejects, mark, started)
        return report
    except LakeError as error:
        if isinstance(error, BudgetExceeded | DeliveryFell):
            report.statut = "refusee"
        if ignored := [said for said in report.avertissements if "ignorée" in said]:
            # A column with another name may be why: the report that would have said it is not printed.
            error.conseil = f"{error.conseil} {' ; '.join(ignored)}.".strip()
        report.message = str(error)
        error.report = report  # type: ignore[attr-defined]  # for whoever tells of the refusal
        rejects = getattr(error, "rejects", rejects)
        raise
    except OSError as error:
        failure = disk_error(error, str(error.filename or "le fichier"))
        report.message = str(failure)
        raise failure from error
    except Exception as error:
        report.message = f"Erreur inattendue ({type(error).__name__}) : {error}"
        raise
    finally:
        if report.statut not in ("publiee", "deja_publiee"):
            _enter(lake, report, rejects, mark, started)


def _enter(lake: Lake, report: RunReport, rejects: pl.DataFrame, mark: str, started: float) -> None:
    report.duree_s = round(time.perf_counter() - started, 3)
    if unwritten := record(lake, report, rejects, mark):
        report.avertissements.append(unwritten)


def _refuse_damaged(lake: Lake, source: Source) -> None:
    """Refuse to build upon a damaged table: the delivery would hide the damage or spread it.

    Raises:
        DamagedLake: a table that the source feeds or leans on is damaged.
    """
    for table in (*source.tables, *source.depends):
        if said := lake.damaged(table):
            raise DamagedLake(
                f"La table {table.name} est abîmée : {said} ; rien n'est publié.",
                conseil=lake.remedy(table),
            )


def _describe(report: RunReport, snapshot: Snapshot) -> None:
    report.date, report.sha256 = snapshot.date, snapshot.sha256
    report.fichiers = [
        {"fichier": file.name, "octets": file.size, "sha256": file.sha256} for file in snapshot.files
    ]


# -- parse and check ---------------------------------------------------------------------------------


def _parse(
    source: Source,
    snapshot: Snapshot,
    state: State,
    settings: Settings,
    request: Request,
    report: RunReport,
    say: Say,
    spread: Spread | None,
) -> tuple[list[tuple[Parsed, pl.DataFrame]], pl.DataFrame]:
    budget = source.budget if request.budget is None else request.budget
    context = Context(
        scan=state.scan,
        region=settings.region,
        geocodeur=settings.geocodeur,
        budget=budget,
        say=say,
        spread=spread,
    )
    kept: list[tuple[Parsed, pl.DataFrame]] = []
    refused: list[pl.DataFrame] = []
    with _timed(report, "analyse"):
        for parsed in source.parse(snapshot, context):
            conformed = parsed.table.conform(parsed.frame)
            refused.append(parsed.rejects)
            broken = _contract_rejects(parsed, conformed.rejects, snapshot)
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
    accepted = request.accept_fall
    check_falls(source, kept, state, region=settings.region, accepted=accepted, report=report)
    return kept, rejects


def _contract_rejects(parsed: Parsed, broken: pl.DataFrame, snapshot: Snapshot) -> pl.DataFrame:
    """Rows that break the contract, as rejected lines."""
    only = snapshot.files[0].name if len(snapshot.files) == 1 else ""
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
            "fichier": [parsed.file or only or parsed.table.name] * broken.height,
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
            admitted = f"{100 * budget:g}".replace(".", ",")
            said = agreed(counts.rejetees, f"{grouped(counts.rejetees)} ligne(s) rejetée(s)")
            error = BudgetExceeded(
                f"{said} sur {grouped(counts.lues)} ({share} %) pour {counts.table}, "
                f"au-delà du budget de {admitted} % ; motif principal : {main}.",
                conseil=f"Rien n'est publié. Lignes rejetées : obs lake rejets --source {source.name}.",
            )
            error.rejects = rejects  # type: ignore[attr-defined]  # for the journal of the refused run
            raise error
    last = report.tables[-1] if report.tables else None
    if last is not None and last.rejetees == last.lues:
        refused = ContractError(
            f"Rien à publier dans {last.table} : {_all_of(last.rejetees)} ; motif principal : "
            f"{next(iter(report.rejets), '')}.",
            conseil=f"Lignes rejetées : obs lake rejets --source {source.name}.",
        )
        refused.rejects = rejects  # type: ignore[attr-defined]  # for the journal of the refused run
        raise refused
    if last is not None and last.publiees == 0 and last.hors_region:
        raise ContractError(
            f"Aucune ligne à publier pour la région {report.region} "
            + agreed(last.hors_region, f"({grouped(last.hors_region)} ligne(s) hors de la région)."),
            conseil="Vérifiez --region (ou OBS_REGION) et le fichier.",
        )


def _all_of(count: int) -> str:
    return "la seule ligne est rejetée" if count == 1 else f"les {grouped(count)} lignes sont rejetées"


# -- publish and record ------------------------------------------------------------------------------


def _publish(
    lake: Lake,
    delivery: Delivery,
    parsed: Sequence[tuple[Parsed, pl.DataFrame]],
    report: RunReport,
    source: Source,
    say: Say,
) -> None:
    """Write every table of the delivery; readers do not see them yet.

    A memory that belongs to no source (the geocoder's) is published apart: what it holds is true without this run.
    """
    delivery.announce(known_deliveries(lake, source.name))
    for item, valid in parsed:
        if item.append and valid.is_empty():
            continue  # nothing is new: no version for nothing
        say(f"Publication : {item.table.title}", None)
        if item.table.source != source.name:
            lake.publish(item.table, valid, replace=item.replace or None, append=item.append)
            continue
        version = delivery.write(item.table, valid, replace=item.replace or None, append=item.append)
        for counts in report.tables:
            if counts.table == item.table.name:
                counts.version = version


def _show(
    delivery: Delivery,
    snapshot: Snapshot,
    settings: Settings,
    request: Request,
    report: RunReport,
    mark: str,
) -> None:
    """Make the delivery visible: one record pins its tables and notes how to do it again."""
    day = "" if snapshot.date is None else snapshot.date.isoformat()
    now = datetime.now(UTC).isoformat()
    published = Delivered(empreinte=mark, execution=report.execution, le=now, region=settings.region)
    shown = replace(report, statut="publiee")
    facts = {
        "date": day or None,
        "sha256": snapshot.sha256,
        "region": settings.region,
        "geocodeur": settings.geocodeur,
        "budget": request.budget,
        "baisse_acceptee": request.accept_fall,
        "fichiers": [
            {"cle": archived(snapshot, file), "sha256": file.sha256, "octets": file.size}
            for file in snapshot.files
        ],
        "empreinte": mark,
        "rapport": shown.to_dict(),
    }
    made = delivery.publish(facts=facts, delivered={delivery.source: {day: published}})
    report.publication = made.numero if made else None


@contextmanager
def _timed(report: RunReport, step: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        report.durees[step] = round(report.durees.get(step, 0.0) + time.perf_counter() - started, 3)
