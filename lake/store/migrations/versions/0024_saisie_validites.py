"""The last day on which a proof is valid."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024_saisie_validites"
down_revision = "0023_sas_ages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; no proof says any yet."""
    op.add_column(
        "saisie_pieces",
        sa.Column(
            "valable_au",
            sa.String(10),
            nullable=False,
            server_default="",
            comment="Dernier jour (Paris) ; vide : sans fin",
        ),
    )
    op.add_column("saisie_pieces", sa.Column("rev", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("saisie_pieces", "rev")
    op.drop_column("saisie_pieces", "valable_au")
