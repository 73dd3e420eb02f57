"""The entry: who is on which criterion, for less than a minute."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_saisie_presences"
down_revision = "0014_sas_territoires"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; nobody is anywhere yet."""
    op.create_table(
        "saisie_presences",
        sa.Column("feuille_id", sa.Integer, nullable=False),
        sa.Column("session_id", sa.Integer, nullable=False),
        sa.Column("compte_id", sa.Integer, nullable=False),
        sa.Column("critere", sa.String(60), nullable=False),
        sa.Column("vue_le", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["feuille_id"],
            ["saisie_feuilles.id"],
            name=op.f("fk_saisie_presences_feuille_id_saisie_feuilles"),
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_saisie_presences_session_id_sessions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["compte_id"],
            ["comptes.id"],
            name=op.f("fk_saisie_presences_compte_id_comptes"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("feuille_id", "session_id", name=op.f("pk_saisie_presences")),
    )
    op.create_index(op.f("ix_saisie_presences_vue_le"), "saisie_presences", ["vue_le"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("saisie_presences")
