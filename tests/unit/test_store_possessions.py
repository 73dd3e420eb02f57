"""What the store holds of a person: no column that points to accounts escapes deletion and the personal export."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.errors import LakeError
from lake.store.accounts import accounts, personal, possessions
from lake.store.accounts.identity import Compte
from lake.store.accounts.possessions import POSSESSIONS, Fate, Possession
from lake.store.analyses import documents
from lake.store.engine import Store
from lake.store.schema import COMPTES, METADATA

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def made(store: Store, name: str, **more: Any) -> Compte:
    given = {
        "organisation": "CHU",
        "nom": name.title(),
        "prenom": "Anne",
        "profil": "expert_national",
        **more,
    }
    return accounts.create(store, email=f"{name}@ex.fr", **given)


VALID: dict[str, dict[str, Any]] = {
    "saisie_services": {"kind": "metier", "etat": "actif", "region": "44"},
    "saisie_feuilles": {"etat": "vide"},
    "saisie_etapes": {"etape": 0},
    "saisie_reponses": {"nature": "vide"},
    "comptes": {"etat": "actif", "profil": "grades_ars"},
    "sessions": {},
    "sas_effecteurs": {"genre": "ps", "etat": "actif"},
    "sas_rendez_vous": {"statut": "booked", "fin": NOW + timedelta(minutes=20), "modalite": "AMB"},
    "sas_delegations": {"etat": "active"},
}
"""Values that the checks of a table allow."""


def _parent(connection: Connection, table: sa.Table) -> int:
    """A row that another one needs to point to, made with its own parents; its number."""
    row: dict[str, Any] = {}
    for column in table.columns:
        if not column.nullable and not column.primary_key:
            row[column.name] = {bool: False, int: 1, str: uuid4().hex[:3]}.get(column.type.python_type, NOW)
    row |= VALID.get(table.name, {})
    for key in table.foreign_keys:
        if not key.parent.nullable:
            row[key.parent.name] = _parent(connection, key.column.table)
    done = connection.execute(sa.insert(table).values(**row)).inserted_primary_key
    assert done is not None
    return int(done[0])


def filled(connection: Connection, one: Possession, compte: Compte, rank: int) -> None:
    """A row of a table that points to this account by this column, whatever the table."""
    row: dict[str, Any] = {}
    for column in one.table.columns:
        if column.nullable or column is one.table.autoincrement_column:
            continue
        known = {
            bool: False,
            int: rank,
            float: 1.0,
            str: f"{column.name[:6]}{rank}"[: getattr(column.type, "length", None)],
            bytes: b"x",
            date: NOW.date(),
        }
        # Moments have no Python type of their own to SQLAlchemy.
        row[column.name] = known.get(column.type.python_type, NOW)
        if column.name in {"details", "contenu"}:
            row[column.name] = "{}"
    row |= {"genre": "territoire", "etat": "acceptee"} if "etat" in one.table.c else {"genre": "territoire"}
    for check in one.table.constraints:
        # The first value of a list that the database allows.
        allowed = re.match(r"(\w+) IN \('(\w+)'", str(getattr(check, "sqltext", "")))
        if allowed:
            row[allowed[1]] = allowed[2]
    row |= VALID.get(one.table.name, {})
    for key in one.table.foreign_keys:
        parent = key.column.table
        if key.parent.nullable:
            continue
        if parent is COMPTES:
            row[key.parent.name] = compte.id
        else:
            known = parent.name in VALID or parent.name.startswith("sas_")
            row[key.parent.name] = _parent(connection, parent) if known else _analysis(connection)
    row[one.column] = compte.email if one.by_address else compte.id
    if "compte_id" in one.table.c and not one.table.c.compte_id.nullable:
        row["compte_id"] = compte.id
    known = {name: value for name, value in row.items() if name in one.table.c}
    connection.execute(sa.insert(one.table).values(**known))


def _analysis(connection: Connection) -> int:
    """An analysis of nobody, for the rows that point to one."""
    return documents.insert(connection, {"titre": "Modèle", "sections": []}, {"genre": "modele"}, NOW)


@pytest.mark.parametrize(
    "one",
    [one for one in POSSESSIONS if one.table is not COMPTES],
    ids=lambda one: f"{one.table.name}.{one.column}",
)
def test_each_possession_is_exported_and_has_its_fate_when_the_account_leaves(
    store: Store, one: Possession
) -> None:
    anne, heir = made(store, "anne"), made(store, "heritier")
    with store.writing() as connection:
        before = connection.execute(sa.select(sa.func.count()).select_from(one.table)).scalar_one()
        filled(connection, one, anne, 7)
    found = personal.of_person(store, anne.email)
    if one.section:
        rows = found[one.section]
        assert len(rows) >= 1
        assert not {name for row in rows for name in row} & one.secret
    assert possessions.count(store, anne.id) == (1 if one.counted else 0)
    possessions.delete(store, anne.id, heir.id, "chef@ex.fr")
    column = one.table.c[one.column]
    with store.reading() as connection:
        values = connection.execute(sa.select(column)).scalars().all()
    mine = anne.email if one.by_address else anne.id
    if one.fate is Fate.DELETED:
        assert len(values) == before
    elif one.fate is Fate.INHERITED:
        assert heir.id in values
        assert mine not in values
    elif one.fate is Fate.ANONYMISED:
        assert None in values
        assert mine not in values
    else:
        assert mine in values


def test_a_table_that_points_to_accounts_and_is_not_declared_is_named() -> None:
    assert possessions.undeclared() == []
    other = sa.MetaData()
    for table in METADATA.tables.values():
        table.to_metadata(other)
    sa.Table("habilitations", other, sa.Column("personne", sa.Integer, sa.ForeignKey("comptes.id")))
    sa.Table("avis", other, sa.Column("auteur", sa.String(254)), sa.Column("compte_id", sa.Integer))
    assert possessions.undeclared(other) == ["avis.auteur", "avis.compte_id", "habilitations.personne"]


def test_the_database_itself_points_to_accounts_nowhere_else(store: Store) -> None:
    known = {(one.table.name, one.column) for one in POSSESSIONS}
    with store.reading() as connection:
        seen = sa.inspect(connection)
        pointing = {
            (table, column)
            for table in seen.get_table_names()
            for key in seen.get_foreign_keys(table)
            if key["referred_table"] == "comptes"
            for column in key["constrained_columns"]
        }
    assert pointing <= known
    assert ("brouillons", "compte_id") in pointing


def test_an_heir_that_answered_to_the_account_answers_to_who_stood_above(store: Store) -> None:
    top = made(store, "haut")
    leaving = made(store, "part", responsable_id=top.id)
    heir = made(store, "heritier", responsable_id=leaving.id)
    other = made(store, "autre", responsable_id=leaving.id)
    possessions.delete(store, leaving.id, heir.id, "x")
    assert accounts.get(store, heir.id).responsable_id == top.id
    assert accounts.get(store, other.id).responsable_id == heir.id
    with pytest.raises(LakeError, match="héritier"):
        possessions.delete(store, heir.id, heir.id, "x")
