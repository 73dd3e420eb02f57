"""One delivery, one visible change: tables are written one after the other, and shown together.

Each table is written on top of what readers see of it. If its log holds something newer (a run that was killed
left it), the log is first put back to what readers see: what was never shown is never built upon, so that a
rerun never doubles. The record that pins all versions is written last; it is refused when another writer showed
something of the same tables meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

import polars as pl

from lake.contract import Table
from lake.errors import LakeError, PublishConflict
from lake.publications import ETAT, LIVRAISON, Delivered, Publication, Register


class Writing(Protocol):
    """What a delivery asks of the lake: commits that readers do not see yet."""

    @property
    def register(self) -> Register:
        """The lake's publications."""
        ...

    def newest(self, table: Table) -> int | None:
        """The last version in the table's own log, whatever readers see."""
        ...

    def write(
        self,
        table: Table,
        frame: pl.DataFrame,
        *,
        replace: Mapping[str, Sequence[object]] | None = None,
        append: bool = False,
        info: Mapping[str, str] | None = None,
    ) -> int:
        """Commit a new version."""
        ...

    def put_back(self, table: Table, version: int) -> int:
        """Commit a new version that holds an older one's rows."""
        ...

    def compacted(self, table: Table) -> tuple[int, int]:
        """Commit a version of the same rows in fewer files: (version, files removed)."""
        ...

    def rows(self, table: Table, version: int) -> int | None:
        """How many rows a version holds, when its log says it."""
        ...


class Delivery:
    """The tables of one source, changed together. Made by :meth:`lake.tables.Lake.delivery`, under its lease.

    Args:
        lake: where tables are written.
        source: the source.
        tables: the tables that the source feeds.
        execution: the run.
    """

    def __init__(self, lake: Writing, source: str, tables: Sequence[Table], execution: str) -> None:
        self._lake = lake
        self.source = source
        self.tables = tuple(tables)
        self.execution = execution
        self.base = lake.register.newest()
        self.written: dict[str, int] = {}
        self._done: list[Table] = []
        self._uncertain = False

    def announce(self, known: Mapping[str, Delivered] | None = None) -> None:
        """Pin what readers see now of the source's tables, the first time: what is not published yet stays so
        until the delivery ends.

        Args:
            known: what is published of the source by date, for a lake older than the register.
        """
        lacking = [t for t in self.tables if self.base is None or t.name not in self.base.tables]
        if not lacking:
            return
        found = {table.name: self._lake.newest(table) for table in lacking}
        rows = {
            table.name: count
            for table in lacking
            if (version := found[table.name]) is not None
            and (count := self._lake.rows(table, version)) is not None
        }

        def build(base: Publication | None) -> dict[str, Any]:
            before = base.livraisons if base else {}
            return {
                "genre": ETAT,
                "source": self.source,
                "execution": self.execution,
                "tables": {**found, **(base.tables if base else {})},
                "change": {},
                "lignes": {**rows, **(base.lignes if base else {})},
                "livraisons": {**before, self.source: {**(known or {}), **before.get(self.source, {})}},
            }

        self.base = self._lake.register.add(build)

    def write(
        self,
        table: Table,
        frame: pl.DataFrame,
        *,
        replace: Mapping[str, Sequence[object]] | None = None,
        append: bool = False,
    ) -> int:
        """Write one table's part of the delivery; readers do not see it yet.

        Returns:
            The number of the version written.

        Raises:
            ContractError, PublishConflict, SourceUnavailable: see :meth:`lake.tables.Lake.publish`.
        """
        self.announce()
        before = self._settled(table)
        if before is None:  # nothing that readers see: the version is this delivery's rows alone
            replace, append = None, False
        last = self._lake.newest(table)
        info = {"source": self.source, "execution": self.execution}
        version = self._lake.write(table, frame, replace=replace, append=append, info=info)
        return self._noted(table, version, last)

    def put_back(self, table: Table, version: int) -> int:
        """Give a table an older version's rows; readers do not see it yet."""
        self.announce()
        last = self._lake.newest(table)
        return self._noted(table, self._lake.put_back(table, version), last)

    def point(self, table: Table, version: int) -> None:
        """Show an older version as it is, without any commit: for a log that cannot be written any more."""
        self.written[table.name] = version
        self._done.append(table)

    def compact(self, table: Table) -> int:
        """Put a table's rows in fewer files; the number of files removed."""
        self.announce()
        self._settled(table)
        last = self._lake.newest(table)
        version, removed = self._lake.compacted(table)
        if version != last:
            self._noted(table, version, last)
        return removed

    def publish(
        self,
        *,
        genre: str = LIVRAISON,
        facts: Mapping[str, Any] | None = None,
        delivered: Mapping[str, Mapping[str, Delivered]] | None = None,
        hidden: Sequence[str] = (),
        replacing: bool = False,
    ) -> Publication | None:
        """Show everything that was written, at once.

        Args:
            genre: kind of the record.
            facts: what to note with it.
            delivered: source -> date -> delivery (its number is set here), merged into what is published; a source with
                an empty mapping forgets what it had.
            hidden: tables that readers stop seeing.
            replacing: ``delivered`` is all that is published of its sources, not an addition.

        Returns:
            The record, None when there was nothing to show.

        Raises:
            PublishConflict: another writer showed something of the same tables meanwhile; nothing is shown.
            SourceUnavailable: the storage refuses, or does not say whether the record was written.
        """
        if not self.written and not hidden and not delivered:
            return None
        self.announce()
        counts = {t.name: self._lake.rows(t, self.written[t.name]) for t in self._done}
        lignes = {name: count for name, count in counts.items() if count is not None}
        start = self.base.tables if self.base else {}
        change: dict[str, int | None] = {**self.written, **dict.fromkeys(hidden)}

        def build(base: Publication | None) -> dict[str, Any]:
            now = base.tables if base else {}
            moved = [name for name in change if now.get(name) != start.get(name)]
            if moved:
                raise PublishConflict(
                    f"Une autre publication de {moved[0]} a eu lieu au même moment.",
                    conseil="Relancez la commande : l'autre publication est intacte.",
                )
            number = (base.numero if base else 0) + 1
            before = dict(base.livraisons) if base else {}
            for source, days in (delivered or {}).items():
                dated = {d: one if replacing else _numbered(one, number) for d, one in days.items()}
                keep = {} if replacing or not days else before.get(source, {})
                before[source] = {**keep, **dated}
            kept = {name: n for name, n in (base.lignes if base else {}).items() if name not in change}
            return {
                "genre": genre,
                "source": self.source,
                "execution": self.execution,
                "tables": {**now, **change},
                "change": change,
                "lignes": {**kept, **lignes},
                "livraisons": before,
                "faits": dict(facts or {}),
            }

        self._uncertain = True
        record = self._lake.register.add(build)
        self._uncertain = False
        self.base, self.written = record, {}
        self._done = []
        return record

    def take_back(self) -> None:
        """Put back the logs of what was written and not shown, for engines that read tables without the register.

        Readers of the suite never saw it. What cannot be put back now will be by the next delivery.
        """
        if self._uncertain or self.base is None:
            return
        for table in reversed(self._done):
            with suppress(LakeError):
                self._settled(table, forget=True)

    # -- inside --------------------------------------------------------------------------------

    def _settled(self, table: Table, *, forget: bool = False) -> int | None:
        """The version to build upon: the log's newest holds the same rows when this returns.

        Args:
            table: the table.
            forget: what this delivery wrote is left out too.
        """
        assert self.base is not None
        wanted = None if forget else self.written.get(table.name)
        if wanted is None:
            wanted = self.base.tables.get(table.name)
        if wanted is not None and self._lake.newest(table) != wanted:
            self._lake.put_back(table, wanted)
        return wanted

    def _noted(self, table: Table, version: int, last: int | None) -> int:
        if version != (0 if last is None else last + 1):
            raise PublishConflict(
                f"Une autre publication de {table.name} a eu lieu au même moment.",
                conseil="Relancez la commande : l'autre publication est intacte.",
            )
        self.written[table.name] = version
        if table not in self._done:
            self._done.append(table)
        return version


def _numbered(one: Delivered, number: int) -> Delivered:
    return Delivered(one.empreinte, one.execution, one.le, number, one.region)
