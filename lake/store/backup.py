"""Backups of the store: one sealed file, read back into SQLite or PostgreSQL, whatever it was made from.

The file is a zip (:mod:`lake.store.sealed`): what it holds, then one JSON line a row for each table. It holds the
fingerprints of passwords and the secrets of second factors: only its owner may read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.runtime.migration import MigrationContext

from lake.errors import ContractError, LakeError
from lake.store import sealed
from lake.store.dump import own_references, parents_first, plain, read_back
from lake.store.engine import Store
from lake.store.migrate import config, head, revision, upgrade

_VERSION = "alembic_version"


@dataclass(frozen=True)
class Backup:
    """What a backup holds.

    Attributes:
        revision: the schema it was made at.
        faite_le: when (UTC).
        lignes: table -> rows.
        scellee: whether its file bears a seal; one of an older version does not.
    """

    revision: str
    faite_le: datetime
    lignes: Mapping[str, int]
    scellee: bool = True


def backup(store: Store, path: Path, *, now: datetime | None = None) -> Backup:
    """Write everything the store holds to a file; readers and writers go on meanwhile.

    Raises:
        LakeError: the file exists already, the store has no table yet, or the disk refuses.
        SourceUnavailable: the database does not answer.
    """
    at = revision(store)
    if at is None:
        raise LakeError(f"La base {store} est vide : rien à sauvegarder.", conseil="Vérifiez OBS_STORE.")
    rows: dict[str, list[dict[str, Any]]] = {}
    with store.reading() as connection:
        if not store.sqlite:  # one state of the whole base; SQLite's readers always see one
            connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        for table in _tables(connection):
            key = list(table.primary_key.columns)
            found = connection.execute(sa.select(table).order_by(*key)).mappings()
            rows[table.name] = [plain(row) for row in found]
    moment = now or datetime.now(UTC)
    sealed.write(path, at, moment, rows)
    return Backup(at, moment, {name: len(lines) for name, lines in rows.items()})


def restore(store: Store, path: Path) -> Backup:
    """Read a backup into an empty database, then bring it to this version's schema; everything or nothing.

    Raises:
        ContractError: the file is no backup, is cut or altered, or was made by a newer version of the suite.
        LakeError: the database is not empty.
        SourceUnavailable: it does not answer.
    """
    if revision(store) is not None:
        raise LakeError(
            f"La base {store} n'est pas vide : restaurer l'écraserait.",
            conseil="Donnez dans OBS_STORE une base neuve, restaurez, vérifiez, puis changez OBS_STORE.",
        )
    found = sealed.read(path)
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
        tables = _tables(connection)
        names = {table.name for table in tables}
        if odd := sorted(names ^ found.contenu.keys()):
            raise ContractError(
                f"La sauvegarde {path} n'a pas les tables de sa révision {found.revision} : {odd[0]}.",
                conseil="Restaurez une autre sauvegarde.",
            )
        for table in tables:
            try:
                _put(connection, table, found.contenu[table.name])
            except sa.exc.SQLAlchemyError as error:
                raise ContractError(
                    f"La sauvegarde {path} est incohérente : des lignes de {table.name} contredisent le schéma "
                    "(doublon, référence ou valeur impossible).",
                    conseil="Restaurez une autre sauvegarde : rien n'a été écrit dans la base.",
                ) from error
            if not store.sqlite:
                _renumber(connection, table)
    upgrade(store)
    return Backup(found.revision, found.faite_le, found.lignes, found.scellee)


def _put(connection: sa.engine.Connection, table: sa.Table, lines: list[dict[str, Any]]) -> None:
    """Insert the rows of a table, each after those of the same table that it points to."""
    rows = [read_back(table, row, number) for number, row in enumerate(lines, start=1)]
    ordered, circle = parents_first(table, rows)
    if ordered:
        connection.execute(sa.insert(table), ordered)
    if not circle:
        return
    # Two accounts that answer for one another: put in without saying so, then told.
    pointing = {name for columns, _ in own_references(table) for name in columns}
    connection.execute(sa.insert(table), [{**row, **dict.fromkeys(pointing)} for row in circle])
    key = [column.name for column in table.primary_key.columns]
    for row in circle:
        which = [table.c[name] == row[name] for name in key]
        connection.execute(sa.update(table).where(*which).values({name: row[name] for name in pointing}))


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


def _renumber(connection: sa.engine.Connection, table: sa.Table) -> None:
    """Numbers given next follow those restored (PostgreSQL counts apart from the rows)."""
    if "id" in table.columns and isinstance(table.c.id.type, sa.Integer):
        top = connection.execute(sa.select(sa.func.max(table.c.id))).scalar()
        if top:
            connection.execute(
                sa.text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :top)"),
                {"name": table.name, "top": top},
            )
