"""A professional of several places may be unavailable in one of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018_sas_lieux"
down_revision = "0017_sas_recherches"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the moment; every place is open."""
    op.add_column(
        "sas_lieux",
        sa.Column(
            "indisponible_le",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Depuis quand il ne reçoit plus ici",
        ),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_column("sas_lieux", "indisponible_le")
