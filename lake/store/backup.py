"""Backups of the store: one file, read back into SQLite or PostgreSQL, whatever it was made from.

The file is a zip: ``sauvegarde.json`` (revision, date, rows a table), then one JSON line a row for each table. It
holds the fingerprints of passwords and the secrets of second factors: only its owner may read it.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.runtime.migration import MigrationContext

from lake.errors import ContractError, LakeError
from lake.store.engine import Store
from lake.store.migrate import config, head, revision, upgrade

_HEAD = "sauvegarde.json"
_VERSION = "alembic_version"


@dataclass(frozen=True)
class Backup:
    """What a backup holds.

    Attributes:
        revision: the schema it was made at.
        faite_le: when (UTC).
        lignes: table -> rows.
    """

    revision: str
    faite_le: datetime
    lignes: Mapping[str, int]


def backup(store: Store, path: Path, *, now: datetime | None = None) -> Backup:
    """Write everything the store holds to a file; readers and writers go on meanwhile.

    Raises:
        LakeError: the file exists already, the store has no table yet, or the disk refuses.
        SourceUnavailable: the database does not answer.
    """
    at = revision(store)
    if at is None:
        raise LakeError(f"La base {store} est vide : rien à sauvegarder.", conseil="Vérifiez OBS_STORE.")
    counts: dict[str, int] = {}
    bodies: dict[str, str] = {}
    with store.reading() as connection:
        if not store.sqlite:  # one state of the whole base; SQLite's readers always see one
            connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        for table in _tables(connection):
            key = list(table.primary_key.columns)
            rows = connection.execute(sa.select(table).order_by(*key)).mappings().all()
            counts[table.name] = len(rows)
            bodies[table.name] = "".join(json.dumps(_written(row), ensure_ascii=False) + "\n" for row in rows)
    made = Backup(at, now or datetime.now(UTC), counts)
    summary = {"revision": at, "faite_le": made.faite_le.isoformat(), "lignes": counts}
    try:
        # Created closed to others, and never over an older backup.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(_HEAD, json.dumps(summary, ensure_ascii=False, indent=1))
            for name, body in bodies.items():
                archive.writestr(f"{name}.jsonl", body)
    except FileExistsError as error:
        raise LakeError(f"Le fichier {path} existe déjà.", conseil="Donnez un autre nom.") from error
    except OSError as error:
        raise LakeError(f"La sauvegarde {path} ne peut pas être écrite : {error.strerror}.") from error
    return made


def restore(store: Store, path: Path) -> Backup:
    """Read a backup into an empty database, then bring it to this version's schema; everything or nothing.

    Raises:
        ContractError: the file is no backup, is damaged, or was made by a newer version of the suite.
        LakeError: the database is not empty.
        SourceUnavailable: it does not answer.
    """
    if revision(store) is not None:
        raise LakeError(
            f"La base {store} n'est pas vide : restaurer l'écraserait.",
            conseil="Donnez dans OBS_STORE une base neuve, restaurez, vérifiez, puis changez OBS_STORE.",
        )
    try:
        with zipfile.ZipFile(path) as archive:
            summary = json.loads(archive.read(_HEAD))
            found = Backup(
                summary["revision"], datetime.fromisoformat(summary["faite_le"]), dict(summary["lignes"])
            )
            lines = {
                name: [json.loads(line) for line in io.TextIOWrapper(archive.open(f"{name}.jsonl"), "utf-8")]
                for name in found.lignes
            }
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ContractError(f"{path} n'est pas une sauvegarde lisible de la base.") from error
    if any(len(lines[name]) != count for name, count in found.lignes.items()):
        raise ContractError(f"La sauvegarde {path} est incomplète : des lignes manquent.")
    with store.writing() as connection:
        wanted = config()
        wanted.attributes["connection"] = connection
        try:
            command.upgrade(wanted, found.revision)
        except Exception as error:
            raise ContractError(
                f"La sauvegarde {path} vient d'une autre version de la suite (révision {found.revision}).",
                conseil="Mettez la suite à jour.",
            ) from error
        for table in _tables(connection):
            rows = [_read(table, row) for row in _parents_first(lines.get(table.name, []))]
            if rows:
                connection.execute(sa.insert(table), rows)
            if not store.sqlite:
                _renumber(connection, table)
    upgrade(store)
    return found


def check(store: Store) -> list[str]:
    """What is wrong with the store, in French sentences; an empty list when all is well."""
    said: list[str] = []
    with store.reading() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
        if at != head():
            said.append(f"schéma à la révision {at or 'aucune'}, {head()} attendue")
        if store.sqlite:
            whole = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
            said += [f"fichier abîmé : {one}" for one in whole if one != "ok"]
            loose = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            said += [f"ligne orpheline dans {one[0]} (vers {one[2]})" for one in loose]
        if at == head():
            wanted = sa.text(
                "SELECT count(*) FROM comptes WHERE profil = 'administrateur' AND etat <> 'desactive'"
            )
            everyone = connection.execute(sa.text("SELECT count(*) FROM comptes")).scalar_one()
            if everyone and not connection.execute(wanted).scalar_one():
                said.append("aucun administrateur : obs user add --role administrateur")
    return said


def _tables(connection: sa.engine.Connection) -> list[sa.Table]:
    """The tables that the database has, those that others point to first."""
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != _VERSION]


def _written(row: sa.RowMapping) -> dict[str, Any]:
    return {
        name: (value.replace(tzinfo=UTC) if value.tzinfo is None else value).astimezone(UTC).isoformat()
        if isinstance(value, datetime)
        else value
        for name, value in row.items()
    }


def _read(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    moments = {column.name for column in table.columns if isinstance(column.type, sa.DateTime)}
    return {
        name: datetime.fromisoformat(value) if name in moments and value is not None else value
        for name, value in row.items()
    }


def _parents_first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Accounts after their managers: a manager may be newer than those under it."""
    if not rows or "responsable_id" not in rows[0] or "empreinte" not in rows[0]:
        return rows
    ordered: list[dict[str, Any]] = []
    placed: set[int | None] = {None}
    left = rows
    while left:
        ready = [row for row in left if row["responsable_id"] in placed]
        if not ready:
            return ordered + left  # the database will refuse, and say which
        ordered += ready
        placed |= {row["id"] for row in ready}
        left = [row for row in left if row["id"] not in placed]
    return ordered


def _renumber(connection: sa.engine.Connection, table: sa.Table) -> None:
    """Numbers given next follow those restored (PostgreSQL counts apart from the rows)."""
    if "id" in table.columns and isinstance(table.c.id.type, sa.Integer):
        top = connection.execute(sa.select(sa.func.max(table.c.id))).scalar()
        if top:
            connection.execute(
                sa.text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :top)"),
                {"name": table.name, "top": top},
            )
