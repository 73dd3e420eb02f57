"""What the store holds of a person: one list, that deletion, the personal export and the heir's count go through.

A table that points to accounts (by a foreign key, by a column that holds an account's number or its address) has its
line here, or a test fails: it would make the deletion of accounts fail, and escape the personal export.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.errors import LakeError
from lake.store.accounts import actions
from lake.store.accounts.accounts import refuse_last
from lake.store.accounts.identity import row_of
from lake.store.analyses.tables import ABONNEMENTS, ANALYSES, BARRE, PARTS, REVISIONS, TRAVAUX
from lake.store.engine import Store
from lake.store.saisie import echanges
from lake.store.saisie import tables as saisie
from lake.store.sas import tables as sas
from lake.store.schema import (
    BROUILLONS,
    COMPTES,
    DEMANDES,
    JETONS,
    JOURNAL,
    MESSAGES,
    METADATA,
    OBJETS,
    PARTAGES,
    SESSIONS,
)


class Fate(StrEnum):
    """What becomes of a row when its account is deleted."""

    DELETED = "effacé"
    INHERITED = "transmis à l'héritier"
    ANONYMISED = "gardé sans le nom"
    KEPT = "gardé jusqu'à sa purge"


@dataclass(frozen=True)
class Possession:
    """A column that points to a person.

    Attributes:
        table: where.
        column: the column.
        fate: what becomes of its rows when the account is deleted.
        section: name of the rows in the personal export; empty for rows that are somebody else's.
        by_address: the column holds the account's e-mail, not its number.
        secret: columns that the export leaves out: they would let somebody sign in, or hold a link.
        counted: whether its rows are told as what an heir receives.
    """

    table: sa.Table
    column: str
    fate: Fate
    section: str = ""
    by_address: bool = False
    secret: frozenset[str] = field(default=frozenset())
    counted: bool = False

    def of(self, number: int, email: str) -> sa.ColumnElement[bool]:
        """The rows of a person."""
        return self.table.c[self.column] == (email if self.by_address else number)


POSSESSIONS = (
    Possession(
        COMPTES,
        "email",
        Fate.DELETED,
        "compte",
        by_address=True,
        secret=frozenset({"empreinte", "totp", "totp_pas"}),
    ),
    Possession(COMPTES, "responsable_id", Fate.INHERITED),
    Possession(SESSIONS, "compte_id", Fate.DELETED, "sessions", secret=frozenset({"empreinte", "arrivee"})),
    Possession(JETONS, "compte_id", Fate.DELETED, "liens", secret=frozenset({"empreinte"})),
    Possession(MESSAGES, "compte_id", Fate.DELETED, "messages", secret=frozenset({"texte", "html"})),
    Possession(BROUILLONS, "compte_id", Fate.DELETED, "brouillons"),
    Possession(OBJETS, "proprietaire_id", Fate.INHERITED, "objets", counted=True),
    Possession(PARTAGES, "proprietaire_id", Fate.INHERITED, "partages", counted=True),
    Possession(ANALYSES, "proprietaire_id", Fate.INHERITED, "analyses", counted=True),
    Possession(ANALYSES, "modifie_par_id", Fate.ANONYMISED),
    Possession(REVISIONS, "auteur_id", Fate.ANONYMISED, "revisions_d_analyses"),
    Possession(TRAVAUX, "compte_id", Fate.DELETED, "brouillons_d_analyses"),
    Possession(PARTS, "compte_id", Fate.DELETED, "analyses_partagees"),
    Possession(BARRE, "compte_id", Fate.DELETED, "barre"),
    Possession(ABONNEMENTS, "compte_id", Fate.DELETED, "abonnements", secret=frozenset({"cle"})),
    Possession(DEMANDES, "email", Fate.KEPT, "demandes", by_address=True),
    Possession(DEMANDES, "responsable_id", Fate.ANONYMISED),
    Possession(DEMANDES, "decidee_par", Fate.KEPT, by_address=True),
    Possession(JOURNAL, "auteur", Fate.KEPT, "journal", by_address=True),
    Possession(JOURNAL, "objet", Fate.KEPT, "journal", by_address=True),
    Possession(saisie.HABILITATIONS, "compte_id", Fate.DELETED, "habilitations"),
    Possession(saisie.SERVICES, "responsable_id", Fate.INHERITED, "services", counted=True),
    Possession(saisie.AVIS, "compte_id", Fate.DELETED, "avis"),
    Possession(saisie.PRESENCES, "compte_id", Fate.DELETED, "presences"),
    # What was entered and validated stays under the name of who did it: the history of a region's system.
    Possession(saisie.REPONSES, "modifie_par", Fate.KEPT, "reponses", by_address=True),
    Possession(saisie.ETAPES, "modifie_par", Fate.KEPT, "etapes", by_address=True),
    Possession(saisie.VERSIONS, "validee_par", Fate.KEPT, "validations", by_address=True),
    Possession(saisie.EVENEMENTS, "auteur", Fate.KEPT, "evenements", by_address=True),
    Possession(saisie.PIECES, "depose_par", Fate.KEPT, "pieces", by_address=True),
    Possession(saisie.MESSAGES, "auteur", Fate.KEPT, "fils", by_address=True),
    Possession(echanges.FILS, "change_par", Fate.KEPT, "fils_ouverts", by_address=True),
    Possession(echanges.AMELIORATIONS, "auteur", Fate.KEPT, "ameliorations", by_address=True),
    Possession(echanges.AMELIORATIONS, "decide_par", Fate.KEPT, by_address=True),
    # The agenda stays the professional's, whoever signs in for it; counts of searches and bookings stay nobody's.
    Possession(sas.EFFECTEURS, "compte_id", Fate.ANONYMISED, "sas_agenda"),
    Possession(
        sas.RENDEZ_VOUS, "regulateur_id", Fate.ANONYMISED, "sas_rendez_vous", secret=frozenset({"cle"})
    ),
    Possession(sas.RECHERCHES, "compte_id", Fate.ANONYMISED, "sas_recherches"),
    Possession(sas.AFFECTATIONS, "compte_id", Fate.DELETED, "sas_affectations"),
    Possession(sas.SIGNATURES, "compte_id", Fate.DELETED, "sas_signatures"),
    Possession(sas.DELEGATIONS, "compte_id", Fate.DELETED, "sas_delegations"),
)
"""Every column of the store that points to a person."""
_ADDRESSES = frozenset({"email", "auteur", "decidee_par"})
_NUMBERS = frozenset({"compte_id", "responsable_id", "proprietaire_id"})


def undeclared(metadata: sa.MetaData = METADATA) -> list[str]:
    """The columns that point to accounts and that :data:`POSSESSIONS` forgets, as ``table.colonne``."""
    known = {(one.table.name, one.column) for one in POSSESSIONS}
    return sorted(
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if (table.name, column.name) not in known
        and (
            column.name in _ADDRESSES | _NUMBERS
            or any(key.target_fullname == "comptes.id" for key in column.foreign_keys)
        )
    )


def count(store: Store, number: int) -> int:
    """How many things an account saved or shared: what its heir would receive."""
    with store.reading() as connection:
        return sum(
            connection.execute(
                sa.select(sa.func.count()).select_from(one.table).where(one.of(number, ""))
            ).scalar_one()
            for one in POSSESSIONS
            if one.counted
        )


def exported(connection: Connection, number: int, email: str) -> dict[str, list[dict[str, Any]]]:
    """Everything that is kept of a person, by section; without what would let someone sign in in its place.

    Args:
        connection: a transaction that reads.
        number: the account's; -1 for an address without account.
        email: its address.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    wanted: dict[str, list[Possession]] = {}
    for one in POSSESSIONS:
        if one.section:
            wanted.setdefault(one.section, []).append(one)
    for section, lines in wanted.items():
        table, secret = lines[0].table, frozenset().union(*(one.secret for one in lines))
        rows = connection.execute(
            sa.select(table).where(sa.or_(*(one.of(number, email) for one in lines)))
        ).mappings()
        found[section] = [
            {name: _written(value) for name, value in row.items() if name not in secret} for row in rows
        ]
    return found


def _written(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    # A file that a person sent is told, not shipped: JSON has no place for its bytes.
    return f"{len(value)} octets" if isinstance(value, bytes) else value


def delete(store: Store, number: int, heir: int, auteur: str) -> None:
    """Delete an account: each of its possessions has its fate; those who answered to it answer to its heir.

    Args:
        store: where.
        number: whose.
        heir: the account that receives what is handed on.
        auteur: e-mail of who deletes it.

    Raises:
        LakeError: there is no such account, the heir is itself or unknown, or it is the last administrator.
    """
    with store.writing() as connection:
        row = row_of(connection, COMPTES.c.id == number)
        kept = row_of(connection, COMPTES.c.id == heir)
        if row is None or kept is None or heir == number:
            raise LakeError("Choisissez un autre compte, existant, comme héritier.")
        if row["profil"] == "administrateur":
            refuse_last(connection, number)
        # The heir may answer to the account: it then answers to who stood above.
        connection.execute(
            sa.update(COMPTES)
            .where(COMPTES.c.id == heir, COMPTES.c.responsable_id == number)
            .values(responsable_id=row["responsable_id"])
        )
        left = 0
        for one in reversed(POSSESSIONS):  # the account itself goes last
            rows = one.of(number, row["email"])
            if one.fate is Fate.DELETED:
                connection.execute(sa.delete(one.table).where(rows))
            elif one.fate is not Fate.KEPT:
                value = heir if one.fate is Fate.INHERITED else None
                done = connection.execute(sa.update(one.table).where(rows).values({one.column: value}))
                left += done.rowcount if one.counted else 0
        actions.note(
            connection,
            "suppression",
            auteur=auteur,
            objet=row["email"],
            detail=f"héritier : {kept['email']}, {left} objet(s)",
        )
