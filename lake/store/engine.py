"""Engines: one store, two ways in. Reading never blocks; writing never loses another writer's work.

SQLite under Python's default transaction handling loses updates silently when a transaction reads before it
writes: the driver begins late. Here transactions begin when asked, and a writing one begins ``IMMEDIATE``: it
waits for the other writer instead of overwriting it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from threading import Lock
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, TimeoutError
from sqlalchemy.pool import QueuePool

from lake.errors import LakeError, SourceUnavailable, cause_of
from lake.settings import Settings

BUSY_SECONDS = 10
"""How long a connection, a lock or a free place in the pool is waited for (s)."""
MIGRATION_SECONDS = 300
"""How long a process waits for another that brings the database to its schema (s): it has work of its own to do."""
STATEMENT_SECONDS = 15
"""How long PostgreSQL works at one statement (s)."""
SILENT_SECONDS = 20
"""How long a server that says nothing is waited for (s): past it the connection is given up, and the page says so."""
_MIGRATION = 4_418_082_026
"""Number of the PostgreSQL lock that keeps two processes from migrating at once."""
_POOL: dict[str, Any] = {
    "poolclass": QueuePool,
    "pool_size": 5,
    "max_overflow": 15,
    "pool_timeout": BUSY_SECONDS,
}


_LINES: dict[str, Lock] = {}
_LINES_LOCK = Lock()


def _line_of(path: str) -> Lock:
    """One writer at a time of a SQLite file in this process, whatever the number of stores opened on it."""
    with _LINES_LOCK:
        return _LINES.setdefault(path, Lock())


class Store:
    """A database and its transactions.

    Args:
        settings: ``store`` is its SQLAlchemy URL: ``sqlite:///path`` or ``postgresql://…``.
        hurried: readers wait for the answers: a statement that lasts and a server that says nothing are given up
            (:data:`STATEMENT_SECONDS`, :data:`SILENT_SECONDS`). The operator's commands (a purge of a million lines,
            a migration) take the time they take.

    Raises:
        LakeError: the URL cannot be understood, or names another kind of database.
    """

    def __init__(self, settings: Settings, *, hurried: bool = False) -> None:
        self.url = _url(settings.store)
        self.writes = 0
        """How many transactions wrote in this process: what was read before the last one may have changed."""
        self._open: ContextVar[Connection | None] = ContextVar("ecriture_ouverte", default=None)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self._line: Lock | None = None
        if self.sqlite:
            self._line = _line_of(str(Path(str(self.url.database)).resolve()))
            self._reader, self._writer = _sqlite(self.url, "BEGIN"), _sqlite(self.url, "BEGIN IMMEDIATE")
        else:
            self._reader = self._writer = _postgresql(self.url, hurried=hurried)

    def __str__(self) -> str:
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads.

        Raises:
            SourceUnavailable: the database does not answer.
        """
        with self._transaction(self._reader) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes: committed at the end, rolled back on any error.

        One that is opened within another of the same thread joins it: both are committed together, or neither.

        On PostgreSQL, rows that are read before they are written need ``with_for_update()``.

        Raises:
            SourceUnavailable: the database does not answer, or another writer held it too long.
        """
        if (outer := self._open.get()) is not None:
            yield outer
            return
        try:
            with self._turn(), self._transaction(self._writer) as connection:
                token = self._open.set(connection)
                try:
                    yield connection
                finally:
                    self._open.reset(token)
        finally:
            self.writes += 1

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """:meth:`writing`, where tables are made anew: every change, or none.

        SQLite alters a table by copying it and dropping the first one. Dropped with foreign keys watched, it takes with
        it the rows that point to it (ON DELETE CASCADE) or refuses: they are checked once, at the end.

        Another process that does the same is waited for (:data:`MIGRATION_SECONDS`): the suite, its timers and its
        other servers start together after an update.

        Raises:
            LakeError: a row would point to nothing; nothing is changed.
            SourceUnavailable: the database does not answer, or another writer held it too long.
        """
        if not self.sqlite:
            with self.writing() as connection:
                # One at a time, for as long as the first one takes; the tables themselves are not waited for so long.
                connection.execute(sa.text(f"SET LOCAL lock_timeout = '{MIGRATION_SECONDS}s'"))
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION})
                connection.execute(sa.text(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'"))
                yield connection
            return
        engine = _sqlite(self.url, "BEGIN IMMEDIATE", keys="OFF", patience=MIGRATION_SECONDS)
        try:
            with self._turn(MIGRATION_SECONDS), self._transaction(engine) as connection:
                yield connection
                lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if lost is not None:
                    raise LakeError(
                        f"La base {self} n'a pas été mise à jour : une ligne de {lost[0]} désigne une ligne absente de "
                        f"{lost[2]}.",
                        conseil="Rétablissez une sauvegarde de la base, ou prévenez l'exploitant.",
                    )
        finally:
            engine.dispose()
            self.writes += 1

    @contextmanager
    def _turn(self, patience: float | None = None) -> Iterator[None]:
        """Wait for the other writers of this process in line, where the database has room for one.

        SQLite's own wait sleeps longer and longer between two tries, whoever came first: forty at once then wait ten
        times what their work takes. Writers of other processes are still waited for by the database.

        Raises:
            SourceUnavailable: another one held it too long.
        """
        if self._line is None:
            yield
            return
        if not self._line.acquire(timeout=BUSY_SECONDS if patience is None else patience):
            raise self._unreachable(RuntimeError("locked"))
        try:
            yield
        finally:
            self._line.release()

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        try:
            with engine.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError, TimeoutError) as error:
            raise self._unreachable(error) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise self._unreachable(error) from error
            raise

    def _unreachable(self, error: Exception) -> SourceUnavailable:
        said = str(getattr(error, "orig", None) or error)
        if "locked" in said or "lock timeout" in said or "deadlock" in said:
            return SourceUnavailable(
                f"La base {self} est occupée par une autre écriture depuis plus de {BUSY_SECONDS} secondes.",
                conseil="Réessayez dans un instant.",
            )
        if "statement timeout" in said:
            return SourceUnavailable(
                f"La base {self} met plus de {STATEMENT_SECONDS} secondes à répondre.",
                conseil="Réessayez dans un instant ; si cela dure, prévenez l'exploitant.",
            )
        return SourceUnavailable(
            f"La base {self} ne répond pas : {cause_of(said)}.",
            conseil="Vérifiez OBS_STORE, le serveur et les droits.",
        )

    def close(self) -> None:
        """Close every connection."""
        self._reader.dispose()
        self._writer.dispose()


def _url(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise LakeError(
            "OBS_STORE n'est pas une adresse de base de données.",
            conseil="Exemples : sqlite:///data/store.db ou postgresql://utilisateur@serveur/base.",
        ) from error
    backend = url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise LakeError(
            f"OBS_STORE désigne une base « {backend} », qui n'est pas prise en charge.",
            conseil="Utilisez SQLite (sqlite:///chemin) ou PostgreSQL (postgresql://…).",
        )
    if not url.database or url.database == ":memory:":
        raise LakeError(
            "OBS_STORE désigne une base SQLite en mémoire : elle disparaîtrait avec le serveur.",
            conseil="Donnez un chemin : sqlite:///data/store.db.",
        )
    return url


class _Bounded(psycopg.Connection[Any]):
    """A connection that gives up a server that hangs: the limits above are the server's own to keep."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the server as the driver does, but not for ever.

        Raises:
            OperationalError: the server said nothing for :data:`SILENT_SECONDS`; the connection is closed.
        """
        limit, began = timeout or SILENT_SECONDS, time.monotonic()
        try:
            return super().wait(gen, interval, limit)
        except Exception as error:
            if timeout is None and time.monotonic() - began >= limit:
                self.pgconn.finish()  # its state is unknown: nothing more is asked of it
                raise psycopg.OperationalError("timed out: the server does not answer") from error
            raise


def _postgresql(url: URL, *, hurried: bool) -> Engine:
    # Sent with the connection: a setting of the database never lengthens them.
    options = f"-c lock_timeout={BUSY_SECONDS}s"
    if hurried:
        options += (
            f" -c statement_timeout={STATEMENT_SECONDS}s"
            f" -c idle_in_transaction_session_timeout={4 * STATEMENT_SECONDS}s"
        )
    parameters = {
        **url.translate_connect_args(username="user", database="dbname"),
        **url.query,
        "connect_timeout": BUSY_SECONDS,
        "options": options,
    }

    def connect() -> psycopg.Connection[Any]:
        kind = _Bounded if hurried else psycopg.Connection
        return kind.connect(**parameters)

    return sa.create_engine(url, creator=connect, pool_pre_ping=True, **_POOL)


def _sqlite(url: URL, begin: str, *, keys: str = "ON", patience: float | None = None) -> Engine:
    seconds = BUSY_SECONDS if patience is None else patience
    folder = Path(str(url.database)).resolve().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SourceUnavailable(
            f"Le dossier {folder} de la base ne peut pas être créé : {cause_of(str(error))}.",
            conseil="Vérifiez OBS_STORE et les droits.",
        ) from error
    # isolation_level None: the driver leaves transactions alone, and the event below begins them.
    engine = sa.create_engine(
        url,
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": seconds},
        **_POOL,
    )

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: object) -> None:
        for pragma in (
            f"busy_timeout = {int(seconds * 1000)}",
            "journal_mode = WAL",
            "synchronous = NORMAL",
            f"foreign_keys = {keys}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
