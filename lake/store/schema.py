"""The tables of the store. A change here goes with a migration; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

METADATA = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC: aware in Python whatever the database keeps."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To the database, in UTC.

        Raises:
            ValueError: the moment does not say its time zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs a time zone.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


PARTAGES = sa.Table(
    "partages",
    METADATA,
    sa.Column("code", sa.String(12), primary_key=True, comment="Fin du lien court"),
    sa.Column("genre", sa.String(20), nullable=False, comment="territoire ou scenario"),
    sa.Column("titre", sa.String(200), nullable=False),
    sa.Column("contenu", sa.Text, nullable=False, comment="Objet JSON"),
    sa.Column("empreinte", sa.String(64), nullable=False, comment="SHA-256 du genre, du titre et du contenu"),
    sa.Column("cree_le", Moment, nullable=False),
    sa.Column("ouvert_le", Moment, nullable=False, comment="Dernière ouverture, au jour près"),
    sa.UniqueConstraint("empreinte"),
    sa.CheckConstraint("genre IN ('territoire', 'scenario')", name="genre"),
    sa.Index(None, "ouvert_le"),
)
"""What anyone with the link can open: territory lists and scenarios."""

JOURNAL = sa.Table(
    "journal",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("moment", Moment, nullable=False, comment="UTC"),
    sa.Column("auteur", sa.String(254), nullable=True, comment="Compte ; vide pour un anonyme"),
    sa.Column("action", sa.String(60), nullable=False, comment="domaine.verbe : export.personnes"),
    sa.Column("objet", sa.String(200), nullable=False, comment="Ce sur quoi porte l'action"),
    sa.Column("details", sa.Text, nullable=False, comment="Objet JSON"),
    sa.Column("adresse", sa.String(45), nullable=True, comment="Adresse IP, si elle est connue"),
    sa.Index(None, "moment"),
    sa.Index(None, "auteur"),
    sqlite_autoincrement=True,
)
"""What was done, by whom. The database refuses to change a row, or to delete one that no purge declares."""

JOURNAL_PURGES = sa.Table(
    "journal_purges",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("avant", Moment, nullable=False, comment="Lignes plus anciennes (UTC)"),
    sa.Column("faite_le", Moment, nullable=False, comment="UTC"),
    sa.Column("lignes", sa.Integer, nullable=True, comment="Lignes effacées ; vide tant qu'elle dure"),
    sqlite_autoincrement=True,
)
"""The purges of the journal: what they erased is gone, that they erased it stays."""
