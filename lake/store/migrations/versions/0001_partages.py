"""Shared territory lists and scenarios, under short links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "partages",
        sa.Column("code", sa.String(12), nullable=False, comment="Fin du lien court"),
        sa.Column("genre", sa.String(20), nullable=False, comment="territoire ou scenario"),
        sa.Column("titre", sa.String(200), nullable=False),
        sa.Column("contenu", sa.Text, nullable=False, comment="Objet JSON"),
        sa.Column(
            "empreinte", sa.String(64), nullable=False, comment="SHA-256 du genre, du titre et du contenu"
        ),
        sa.Column("cree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "ouvert_le",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Dernière ouverture, au jour près",
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_partages")),
        sa.UniqueConstraint("empreinte", name=op.f("uq_partages_empreinte")),
        sa.CheckConstraint("genre IN ('territoire', 'scenario')", name=op.f("ck_partages_genre")),
    )
    op.create_index("ix_partages_ouvert_le", "partages", ["ouvert_le"])


def downgrade() -> None:
    """Drop the table and what it holds."""
    op.drop_index("ix_partages_ouvert_le", table_name="partages")
    op.drop_table("partages")
