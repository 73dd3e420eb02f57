"""The run journal: what each ingestion did, the lines it refused, and what was already published."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

import polars as pl

from ingest.report import RunReport
from ingest.source import Snapshot, Source
from lake.catalog.journal import EXECUTIONS, REJETS
from lake.errors import LakeError
from lake.settings import Settings
from lake.tables import Lake


def already_published(lake: Lake, source: str, day: date | None, mark: str) -> datetime | None:
    """When this very ingestion was the last successful one of its date, if it was.

    Args:
        lake: where the journal rests.
        source: name of the source.
        day: date of the data.
        mark: what makes two ingestions the same (:func:`fingerprint`).
    """
    if not lake.exists(EXECUTIONS):
        return None
    runs = (
        lake.scan(EXECUTIONS)
        .filter(
            (pl.col("source") == source)
            & (pl.col("statut") == "publiee")
            & pl.col("date_donnees").eq_missing(day)
        )
        .sort("debut")
        .select("debut", "empreinte")
        .last()
        .collect()
    )
    if runs.is_empty() or runs["empreinte"].item() != mark:
        return None
    moment = runs["debut"].item()
    return moment if isinstance(moment, datetime) else None


def fingerprint(lake: Lake, source: Source, snapshot: Snapshot, settings: Settings) -> str:
    """What makes two ingestions the same: files, date, region, geocoder, and the tables they lean on."""
    versions = ",".join(f"{table.name}@{lake.version(table)}" for table in source.depends)
    mark = f"{snapshot.sha256}|{snapshot.date}|{settings.region}|{settings.geocodeur}|{versions}"
    return hashlib.sha256(mark.encode()).hexdigest()


def record(lake: Lake, report: RunReport, rejects: pl.DataFrame, mark: str) -> None:
    """Keep the run and its rejected lines; a journal that fails never hides the run's own error."""
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
                "empreinte": mark or None,
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
