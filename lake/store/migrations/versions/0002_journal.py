"""The audit journal: rows are only added; a purge of the oldest ones is declared before it is done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The database itself refuses, so that neither a mistake of ours nor a console rewrites what happened.
_SQLITE = (
    """CREATE TRIGGER journal_sans_modification BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'journal: append only'); END""",
    # Without this one, INSERT OR REPLACE would erase a row and no DELETE trigger would hear of it.
    """CREATE TRIGGER journal_sans_remplacement BEFORE INSERT ON journal
    WHEN EXISTS (SELECT 1 FROM journal WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'journal: append only'); END""",
    """CREATE TRIGGER journal_sans_effacement BEFORE DELETE ON journal
    WHEN NOT EXISTS (SELECT 1 FROM journal_purges WHERE lignes IS NULL AND OLD.moment < avant)
    BEGIN SELECT RAISE(ABORT, 'journal: append only'); END""",
    """CREATE TRIGGER journal_purges_sans_modification BEFORE UPDATE ON journal_purges
    WHEN OLD.lignes IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'journal_purges: append only'); END""",
    """CREATE TRIGGER journal_purges_sans_effacement BEFORE DELETE ON journal_purges
    BEGIN SELECT RAISE(ABORT, 'journal_purges: append only'); END""",
)

_POSTGRESQL = (
    """CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '%: append only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    """CREATE FUNCTION journal_efface() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM journal_purges WHERE lignes IS NULL AND OLD.moment < avant) THEN
            RAISE EXCEPTION 'journal: append only' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN OLD;
    END $$""",
    """CREATE TRIGGER journal_sans_modification BEFORE UPDATE ON journal
    FOR EACH ROW EXECUTE FUNCTION journal_refuse()""",
    """CREATE TRIGGER journal_sans_effacement BEFORE DELETE ON journal
    FOR EACH ROW EXECUTE FUNCTION journal_efface()""",
    """CREATE TRIGGER journal_sans_vidage BEFORE TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()""",
    """CREATE TRIGGER journal_purges_sans_modification BEFORE UPDATE ON journal_purges
    FOR EACH ROW WHEN (OLD.lignes IS NOT NULL) EXECUTE FUNCTION journal_refuse()""",
    """CREATE TRIGGER journal_purges_sans_effacement BEFORE DELETE ON journal_purges
    FOR EACH ROW EXECUTE FUNCTION journal_refuse()""",
    """CREATE TRIGGER journal_purges_sans_vidage BEFORE TRUNCATE ON journal_purges
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()""",
)


def upgrade() -> None:
    """Create the tables and what guards them."""
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.Column("auteur", sa.String(254), nullable=True, comment="Compte ; vide pour un anonyme"),
        sa.Column("action", sa.String(60), nullable=False, comment="domaine.verbe : export.personnes"),
        sa.Column("objet", sa.String(200), nullable=False, comment="Ce sur quoi porte l'action"),
        sa.Column("details", sa.Text, nullable=False, comment="Objet JSON"),
        sa.Column("adresse", sa.String(45), nullable=True, comment="Adresse IP, si elle est connue"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_journal_moment", "journal", ["moment"])
    op.create_index("ix_journal_auteur", "journal", ["auteur"])
    op.create_table(
        "journal_purges",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("avant", sa.DateTime(timezone=True), nullable=False, comment="Lignes plus anciennes (UTC)"),
        sa.Column("faite_le", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.Column("lignes", sa.Integer, nullable=True, comment="Lignes effacées ; vide tant qu'elle dure"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_purges")),
        sqlite_autoincrement=True,
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    """Drop the journal and what guards it."""
    op.drop_index("ix_journal_auteur", table_name="journal")
    op.drop_index("ix_journal_moment", table_name="journal")
    op.drop_table("journal")
    op.drop_table("journal_purges")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION journal_efface()")
        op.execute("DROP FUNCTION journal_refuse()")
