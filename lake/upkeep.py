"""What an operator looks after: promises of each source, runs and refusals, what rests on the disk.

One reading for the page, the metrics and the alerts: they cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import polars as pl

from lake.catalog import all_tables
from lake.catalog.journal import EXECUTIONS
from lake.errors import LakeError, MissingTable
from lake.freshness import freshness
from lake.objects import Objects
from lake.snapshot import Snapshot
from lake.words import grouped

PERIOD = timedelta(days=90)
"""How far back runs are looked at, wherever they are listed, counted or alerted."""
HOUSE = frozenset({"journal", "geocodage"})
"""Sources of tables that the house writes itself: nobody delivers them."""
NAMES = {
    "territoires": "Territoires", "ages": "Population par âge", "apl": "Accessibilité (DREES)",
    "ban": "Base Adresse Nationale", "finess": "FINESS", "annuaire": "Annuaire santé", "corrections": "Corrections",
    "segur": "Indicateurs Ségur", "referencement": "Référencement Ségur", "convergence": "Convergence",
    "sas": "Accès aux soins (SAS)",
}  # fmt: skip
PUBLISHED, ALREADY = "publiee", "deja_publiee"
OUTCOMES = {PUBLISHED: "publiée", ALREADY: "déjà publiée", "refusee": "refusée", "en_erreur": "en erreur"}


@dataclass(frozen=True)
class Promise:
    """What one source promises, and where it stands.

    Attributes:
        source: its name in commands.
        last: date that its newest data say something of; None when nothing was ever published.
        days: age that its contract promises never to exceed; None where it does not age.
        overdue: days beyond the promise.
    """

    source: str
    last: date | None
    days: int | None
    overdue: int = 0

    @property
    def name(self) -> str:
        """The source's French name."""
        return NAMES.get(self.source, self.source.capitalize())

    @property
    def next(self) -> date | None:
        """The last day on which the promise is still kept without a new delivery."""
        return None if self.last is None or self.days is None else self.last + timedelta(days=self.days)

    @property
    def words(self) -> str:
        """The state in words."""
        if self.last is None:
            return "jamais livrée"
        if self.days is None:
            return "sans échéance"
        return f"en retard de {grouped(self.overdue)} j" if self.overdue else "à jour"


def promises(state: Snapshot, today: date | None = None) -> list[Promise]:
    """Where each source stands: that of its table that is the most overdue; those late first, then by name."""
    found: dict[str, Promise] = {}
    for table in all_tables().values():
        if table.source in HOUSE:
            continue
        known = found.get(table.source, Promise(table.source, None, None))
        if state.exists(table):
            at = freshness(table, state, today)
            here = Promise(table.source, at.since, at.promise, at.overdue)
            known = max(known, here, key=_pressing)
        found[table.source] = known
    return sorted(found.values(), key=lambda one: (-one.overdue, one.name))


def _pressing(one: Promise) -> tuple[bool, int, date]:
    return one.days is not None, one.overdue, one.last or date.min


def runs(state: Snapshot, *, since: datetime | None = None) -> pl.DataFrame:
    """The runs of the journal, the latest first: its columns, without the reports; empty when there was none."""
    try:
        rows = state.scan(EXECUTIONS)
    except MissingTable:
        return EXECUTIONS.empty().drop("rapport", "empreinte")
    kept = rows if since is None else rows.filter(pl.col("debut") >= since)
    return state.collect(EXECUTIONS, kept.drop("rapport", "empreinte").sort("debut", descending=True))


def refused(ran: pl.DataFrame, *, now: datetime | None = None) -> pl.DataFrame:
    """Of the runs of :data:`PERIOD`, the deliveries that are still not published, the latest first.

    A delivery of another file settles nothing. What does, afterwards and of the same source: the same bytes; files of
    the same names; or, where a name bears its date or its version, files of the same kind and date. Where a source is
    replaced as a whole, newer data take the place of those that were refused. The same bytes refused again are one
    delivery, told by its last run.

    Args:
        ran: as :func:`runs` gives them; older runs are left out.
        now: the moment it is asked.
    """
    since: dict[str, list[dict[str, Any]]] = {}  # what was published later than the run at hand, by source
    seen: set[tuple[object, ...]] = set()
    waiting = []
    recent = ran.filter(pl.col("debut") >= (now or datetime.now(UTC)) - PERIOD)
    ordered = recent.sort("debut", descending=True)
    for row, run in enumerate(ordered.iter_rows(named=True)):
        later = since.setdefault(run["source"], [])
        if run["statut"] in (PUBLISHED, ALREADY):
            later.append(run)
            continue
        same = (run["source"], run["fichiers"], run["sha256"])
        if same not in seen and not _settled(run, later):
            waiting.append(row)
        seen.add(same)
    return ordered[waiting]


def _settled(run: Mapping[str, Any], later: Sequence[Mapping[str, Any]]) -> bool:
    """Whether what was published later holds all that this run would have published."""
    if not run["fichiers"]:  # nothing was received: any delivery is what was awaited
        return bool(later)
    if run["sha256"] and any(one["sha256"] == run["sha256"] for one in later):
        return True
    day = run["date_donnees"]
    if day is not None and run["source"] in _whole():
        return any(one["date_donnees"] is not None and one["date_donnees"] >= day for one in later)
    names = {name for one in later for name in _names(one)}
    kinds = {_kind(name) for one in later if day and one["date_donnees"] == day for name in _names(one)}
    return all(name in names or _kind(name) in kinds for name in _names(run))


def _names(run: Mapping[str, Any]) -> list[str]:
    return run["fichiers"].split("|") if run["fichiers"] else []


def _kind(name: str) -> str:
    """What a file holds, by the words before its date or version: ``segur_2022-11.csv`` is of ``segur``."""
    found = re.match(r"[^\W\d_]+", name)
    return found[0].casefold() if found else name


@cache
def _whole() -> frozenset[str]:
    """The sources that keep nothing of a delivery once the next is published."""
    tables = [table for table in all_tables().values() if table.source not in HOUSE]
    kept = {table.source for table in tables if table.unit or table.partition_by}
    return frozenset(table.source for table in tables) - kept


def weights(objects: Objects, state: Snapshot) -> pl.DataFrame:
    """What each published table keeps on the disk, from one listing.

    Returns:
        DataFrame: ``table``, ``titre``, ``version`` (read now), ``versions`` (kept), ``fichiers``, ``octets``, the
        heaviest first.
    """
    sizes = objects.sizes("tables")
    rows = []
    for table in all_tables().values():
        version = state.version(table)
        if version is None:
            continue
        own = {key: size for key, size in sizes.items() if key.startswith(f"tables/{table.name}/")}
        log = [key for key in own if "/_delta_log/" in key]
        commits = sum(key.endswith(".json") for key in log)
        files = len(own) - len(log)
        rows.append((table.name, table.title, version, commits, files, sum(own.values())))
    columns = {
        "table": pl.String, "titre": pl.String, "version": pl.Int64, "versions": pl.Int64, "fichiers": pl.Int64,
        "octets": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=columns, orient="row").sort("octets", "table", descending=[True, False])


@dataclass(frozen=True)
class Alert:
    """Something that an administrator must be told once.

    Attributes:
        key: what tells it from another; the same until it changes.
        subject: one French line.
        text: what happened, and what to do.
    """

    key: str
    subject: str
    text: str


def alerts(kept: Iterable[Promise], waiting: pl.DataFrame) -> list[Alert]:
    """What is overdue or refused now, one alert each.

    Args:
        kept: as :func:`promises` gives them.
        waiting: as :func:`refused` gives them.
    """
    found = []
    for one in kept:
        if one.overdue and one.next is not None and one.last is not None:
            found.append(
                Alert(
                    f"promesse:{one.source}:{one.last.isoformat()}",
                    f"{one.name} : promesse de fraîcheur dépassée",
                    f"{one.name} était à renouveler au plus tard le {one.next:%d/%m/%Y} : ses données disent le "
                    f"{one.last:%d/%m/%Y}, soit {grouped(one.overdue)} j de retard.\n\n"
                    f"À faire : ingérez la livraison suivante (obs ingest {one.source} FICHIERS…), ou demandez-la à "
                    "qui la produit.",
                )
            )
    for run in waiting.iter_rows(named=True):
        name = NAMES.get(run["source"], run["source"])
        found.append(
            Alert(
                f"execution:{run['execution']}",
                f"{name} : livraison {OUTCOMES.get(run['statut'], run['statut'])}",
                f"L'ingestion du {run['debut']:%d/%m/%Y à %H:%M} UTC n'a rien publié : ce que les lecteurs voient n'a "
                f"pas changé.\n\n{run['message'] or 'Sa raison est au journal : obs lake executions.'}",
            )
        )
    return found


def ready(state: Snapshot) -> str:
    """Why the lake cannot serve, in French; empty when it can."""
    try:
        if not any(state.exists(table) for table in all_tables().values() if table.source not in HOUSE):
            return "le lac est vide"
    except LakeError as error:
        return error.message
    return ""
