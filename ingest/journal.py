"""The run journal: what each ingestion did, the lines it refused, and what was already published."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from ingest.report import RunReport
from ingest.source import Snapshot as Delivery
from ingest.source import Source
from lake.catalog.journal import EXECUTIONS, REJETS
from lake.errors import LakeError
from lake.publications import Delivered, Publication
from lake.settings import Settings
from lake.snapshot import Snapshot
from lake.tables import Lake


def already_published(
    lake: Lake, shown: Publication | None, source: str, day: date | None, mark: str
) -> datetime | None:
    """When this very ingestion was published, if it is what readers see of its date.

    The register says it: its numbers grow whatever a clock says, and going back is told there. The journal only
    answers for a lake older than the register.

    Args:
        lake: where the journal rests.
        shown: the publication that readers see.
        source: name of the source.
        day: date of the data.
        mark: what makes two ingestions the same (:func:`fingerprint`).
    """
    written = "" if day is None else day.isoformat()
    if shown is not None and source in shown.livraisons:
        one = shown.livraisons[source].get(written)
    else:
        one = known_deliveries(lake, source).get(written)
    return datetime.fromisoformat(one.le) if one is not None and one.empreinte == mark else None


def known_deliveries(lake: Lake, source: str) -> dict[str, Delivered]:
    """What the journal says is published of a source: date of the data (ISO, or empty) -> its last delivery.

    Runs that bear a date to come (a clock that was wrong) are left out: they would pass for the last for ever.
    """
    if not lake.exists(EXECUTIONS):
        return {}
    runs = (
        lake.scan(EXECUTIONS)
        .filter(
            (pl.col("source") == source)
            & (pl.col("statut") == "publiee")
            & (pl.col("debut") <= datetime.now(UTC) + timedelta(hours=1))
            & pl.col("empreinte").is_not_null()
        )
        .sort("debut")
        .select("date_donnees", "empreinte", "execution", "debut")
        .collect()
    )
    return {
        "" if day is None else day.isoformat(): Delivered(mark, execution, moment.isoformat())
        for day, mark, execution, moment in runs.iter_rows()
    }


def fingerprint(state: Snapshot, source: Source, snapshot: Delivery, settings: Settings) -> str:
    """What makes two ingestions the same: files, date, region, geocoder, and the tables they lean on."""
    versions = ",".join(f"{table.name}@{state.version(table)}" for table in source.depends)
    mark = f"{snapshot.sha256}|{snapshot.date}|{settings.region}|{settings.geocodeur}|{versions}"
    return hashlib.sha256(mark.encode()).hexdigest()


def catch_up(lake: Lake, shown: Publication | None, source: str) -> None:
    """Enter in the journal the published runs of a source that it could not be told of when they ended.

    Those of the other sources are left to them: one that has just shown its delivery is about to enter it itself.

    Args:
        lake: where the journal rests.
        shown: the publication that readers see.
        source: name of the source; the caller holds its lease.
    """
    numbered = {
        one.execution: one.numero
        for one in (shown.livraisons.get(source, {}) if shown else {}).values()
        if one.numero is not None
    }
    if not numbered:
        return
    entered: set[str] = set()
    if lake.exists(EXECUTIONS):
        entered = set(lake.scan(EXECUTIONS).select("execution").collect().to_series())
    for execution in sorted(numbered.keys() - entered):
        facts = lake.register.get(numbered[execution] or 0).faits
        if "rapport" in facts:
            with suppress(LakeError):  # still no room: the next run will try again
                lake.publish(EXECUTIONS, _row(facts["rapport"], str(facts["empreinte"])), append=True)


def record(lake: Lake, report: RunReport, rejects: pl.DataFrame, mark: str) -> str | None:
    """Keep the run and its rejected lines.

    Returns:
        What could not be written, in French: the outcome of the run stands whatever happens to its journal, which
        the next run of the source completes (:func:`catch_up`).
    """
    try:
        if not rejects.is_empty():
            lines = (
                rejects.with_columns(source=pl.lit(report.source), execution=pl.lit(report.execution))
                .select(REJETS.columns)
                .sort("fichier", "ligne", maintain_order=True)
            )
            lake.publish(REJETS, REJETS.conform(lines).valid, append=True)
        lake.publish(EXECUTIONS, _row(report.to_dict(), mark), append=True)
    except LakeError as error:
        return f"Le journal n'a pas pu être écrit ; il le sera à la prochaine ingestion. {error.message}"
    return None


def _row(report: Mapping[str, Any], mark: str) -> pl.DataFrame:
    """A run as a row of the journal, from its report as plain values."""
    counts = {name: report[name] for name in ("lues", "publiees", "doublons", "hors_region", "rejetees")}
    return pl.DataFrame(
        {
            "execution": report["execution"],
            "source": report["source"],
            "statut": report["statut"],
            "debut": datetime.fromisoformat(report["debut"]),
            "duree_s": report["duree_s"],
            "date_donnees": None if report["date"] is None else date.fromisoformat(report["date"]),
            "fichiers": "|".join(str(file["fichier"]) for file in report["fichiers"]) or None,
            "sha256": report["sha256"] or None,
            "empreinte": mark or None,
            **counts,
            "message": report["message"] or None,
            "rapport": json.dumps(report, ensure_ascii=False),
        },
        schema=EXECUTIONS.dtypes(),
    )
