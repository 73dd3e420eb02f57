"""Building a lake again from what it received: the untouched files, in order, delivered together as they were.

The register of publications says it all: each delivery's files, date, region, and what was gone back on. For
deliveries older than the register the run journal says it. Files that neither names are told, never guessed at.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from ingest.delivery import Say
from ingest.report import RunReport
from ingest.run import Request, run
from ingest.sources import source as find_source
from lake.catalog import all_tables
from lake.catalog.journal import EXECUTIONS
from lake.errors import DamagedLake, LakeError
from lake.publications import ECRITURE, LIVRAISON, RESTAURATION, RETOUR, Publication
from lake.settings import Settings
from lake.tables import Lake
from lake.words import agreed, grouped


@dataclass(frozen=True)
class Past:
    """A delivery to do again.

    Attributes:
        numero: number of its record, None when it is older than the register.
        source: the source.
        jour: date of the data.
        region: what was kept.
        geocodeur: the geocoder then.
        budget: the rejection budget asked, None for the source's own.
        fichiers: keys of the archived files and their SHA-256, in the order given.
    """

    numero: int | None
    source: str
    jour: date | None
    region: str
    geocodeur: str
    budget: float | None
    fichiers: tuple[tuple[str, str], ...]

    @property
    def words(self) -> str:
        """The delivery in a few French words."""
        day = f" du {self.jour:%d/%m/%Y}" if self.jour else ""
        return agreed(len(self.fichiers), f"{self.source}{day} ({len(self.fichiers)} fichier(s))")


@dataclass
class Plan:
    """What a rebuilding will do.

    Attributes:
        livraisons: deliveries, in the order to do them.
        remarques: what cannot be done again, in French.
    """

    livraisons: list[Past] = field(default_factory=list)
    remarques: list[str] = field(default_factory=list)


def plan(old: Lake) -> Plan:
    """The deliveries that made what a lake shows, in order.

    Args:
        old: the lake to build again; its tables may be lost.

    Raises:
        LakeError: its storage does not answer.
    """
    made = Plan()
    kept: list[Past] = []
    states: dict[int, list[Past]] = {}
    executions: set[str] = set()
    for number in old.register.numbers():
        try:
            record = old.register.get(number)
        except DamagedLake as error:
            made.remarques.append(error.message)
            continue
        if record.genre == LIVRAISON:
            kept = [*kept, _past(record)]
            executions.add(record.execution)
        elif record.genre == RETOUR:
            kept = _gone_back(kept, states.get(int(record.faits.get("vers", 0)), kept), record)
        elif record.genre in {RESTAURATION, ECRITURE} and record.change:
            made.remarques.append(
                f"Publication n° {number} : {', '.join(record.change)} changée hors d'une livraison, "
                "ce n'est pas refait."
            )
        states[number] = kept
    archived = old.objects.list("raw")
    made.livraisons = [*_older(old, executions, archived, made), *kept]
    named = {key for one in made.livraisons for key, _ in one.fichiers}
    known = set(archived)
    lost = sorted(named - known)
    if lost:
        made.remarques.append(
            agreed(len(lost), f"{len(lost)} fichier(s) archivé(s) manque(nt), dont {lost[0]}.")
        )
    unnamed = sorted(
        known - named - {key for state in states.values() for one in state for key, _ in one.fichiers}
    )
    if unnamed:
        made.remarques.append(
            agreed(
                len(unnamed),
                f"{len(unnamed)} fichier(s) de raw/ ne figure(nt) dans aucune livraison publiée, dont {unnamed[0]}.",
            )
        )
    return made


def _past(record: Publication) -> Past:
    facts = record.faits
    return Past(
        numero=record.numero,
        source=record.source,
        jour=date.fromisoformat(facts["date"]) if facts.get("date") else None,
        region=str(facts["region"]),
        geocodeur=str(facts["geocodeur"]),
        budget=facts.get("budget"),
        fichiers=tuple((str(one["cle"]), str(one["sha256"])) for one in facts["fichiers"]),
    )


def _gone_back(kept: Sequence[Past], then: Sequence[Past], record: Publication) -> list[Past]:
    """The deliveries that count after a return, of every source or of one."""
    only = record.faits.get("source")
    if only is None:
        return list(then)
    both = [one for one in kept if one.source != only] + [one for one in then if one.source == only]
    return sorted(both, key=lambda one: one.numero or 0)


def _older(old: Lake, executions: set[str], archived: Sequence[str], made: Plan) -> list[Past]:
    """Published runs that the register does not hold, as the run journal tells them, oldest first."""
    try:
        rows = (
            old.scan(EXECUTIONS)
            .filter((pl.col("statut") == "publiee") & ~pl.col("execution").is_in(list(executions)))
            .sort("debut")
            .select("source", "date_donnees", "rapport")
            .collect()
        )
    except LakeError:
        return []
    except BaseException as error:
        if not old.failed(error):
            raise
        made.remarques.append(
            "Le journal des exécutions est illisible : les plus anciennes livraisons manquent."
        )
        return []
    found = []
    for source, day, report in rows.iter_rows():
        told = json.loads(report)
        if (files := _archived_files(archived, source, told["fichiers"])) is None:
            made.remarques.append(f"Une livraison {source} ancienne n'a plus ses fichiers dans raw/.")
            continue
        region = str(told.get("region") or old.settings.region)
        found.append(Past(None, source, day, region, old.settings.geocodeur, None, files))
    return found


def _archived_files(
    archived: Sequence[str], source: str, files: Sequence[Mapping[str, Any]]
) -> tuple[tuple[str, str], ...] | None:
    """Where the files of a run of the journal rest: by name and fingerprint."""
    chosen = []
    for one in files:
        ending = f"-{one['sha256']}/{one['fichier']}"
        keys = [key for key in archived if key.startswith(f"raw/{source}/") and key.endswith(ending)]
        if not keys:
            return None
        chosen.append((keys[0], str(one["sha256"])))
    return tuple(chosen)


def rebuild(old: Lake, settings: Settings, made: Plan, say: Say) -> Iterator[tuple[Past, str]]:
    """Do the deliveries again in an empty lake; yields each with what became of it.

    Args:
        old: where the archived files rest.
        settings: the new lake.
        made: what to do (:func:`plan`).
        say: progress.

    Raises:
        LakeError: the new lake already holds tables.
    """
    new = Lake(settings)
    full = [one.name for one in all_tables().values() if new.exists(one)]
    if full or new.register.numbers():
        raise LakeError(
            f"Le lac {settings.lake} n'est pas vide.",
            conseil="Donnez à OBS_LAKE un dossier neuf, reconstruisez, vérifiez, puis changez OBS_LAKE.",
        )
    for one in made.livraisons:
        say(f"Livraison {one.words}", None)
        try:
            report = _again(old, settings, one, say)
        except LakeError as error:
            yield one, f"refusée : {error}"
        else:
            count = report.total("publiees")
            yield one, agreed(count, f"{grouped(count)} ligne(s) publiée(s)")


def _again(old: Lake, settings: Settings, one: Past, say: Say) -> RunReport:
    then = replace(settings, region=one.region, geocodeur=one.geocodeur)
    with tempfile.TemporaryDirectory(prefix="obs-") as folder:
        paths = []
        for rank, (key, sha256) in enumerate(one.fichiers):
            path = Path(folder) / str(rank) / key.rpartition("/")[2]
            path.parent.mkdir()
            old.objects.get(key, path)
            with path.open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != sha256:
                    raise DamagedLake(f"Le fichier archivé {key} a été modifié depuis sa livraison.")
            paths.append(path)
        request = Request(files=tuple(paths), day=one.jour, budget=one.budget, force=True, accept_fall=True)
        return run(find_source(one.source), request, then, say)
