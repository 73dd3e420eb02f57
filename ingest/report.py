"""What an ingestion did: counts that close, by file and by reason."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass
class TableReport:
    """Counts of one file or table, in source lines (header apart)."""

    table: str
    lues: int
    publiees: int
    doublons: int
    hors_region: int
    rejetees: int
    version: int | None = None

    def closes(self) -> bool:
        """Whether every line read is accounted for."""
        return self.lues == self.publiees + self.doublons + self.hors_region + self.rejetees


@dataclass
class RunReport:
    """One ingestion run.

    Attributes:
        execution: its identifier, in the journal too.
        source: the source.
        statut: ``publiee``, ``deja_publiee``, ``refusee`` or ``en_erreur``.
        debut: start (UTC).
        duree_s: total duration in seconds.
        date: date of the data, when they have one.
        region: what was kept.
        fichiers: name, bytes and SHA-256 of each source file.
        sha256: fingerprint of the whole delivery.
        tables: counts by table.
        rejets: rejected lines by reason, most frequent first.
        avertissements: French remarks.
        chiffres: other figures, French label -> value.
        durees: seconds by step.
        message: what the operator should read first, in French.
        baisses: what the delivery loses beyond what its source allows, in French.
        publication: number of the record that shows the delivery (``obs lake publications``).
    """

    execution: str
    source: str
    statut: str
    debut: datetime
    duree_s: float = 0.0
    date: date | None = None
    region: str = ""
    fichiers: list[dict[str, Any]] = field(default_factory=list)
    sha256: str = ""
    tables: list[TableReport] = field(default_factory=list)
    rejets: dict[str, int] = field(default_factory=dict)
    avertissements: list[str] = field(default_factory=list)
    chiffres: dict[str, float | int | str] = field(default_factory=dict)
    durees: dict[str, float] = field(default_factory=dict)
    message: str = ""
    baisses: list[str] = field(default_factory=list)
    publication: int | None = None

    def total(self, count: str) -> int:
        """A count over every table: ``lues``, ``publiees``, ``doublons``, ``hors_region``, ``rejetees``."""
        return sum(int(getattr(table, count)) for table in self.tables)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values, with the promised names at the top level."""
        counts = {
            name: self.total(name) for name in ("lues", "publiees", "doublons", "hors_region", "rejetees")
        }
        plain = asdict(self)
        plain["debut"] = self.debut.isoformat()
        plain["date"] = self.date.isoformat() if self.date else None
        return {**counts, **plain}

    def to_json(self) -> str:
        """The report as one JSON object."""
        return json.dumps(self.to_dict(), ensure_ascii=False)
