"""Who leaves the directory, or closes in FINESS, offers nothing from that day on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020_sas_sorties"
down_revision = "0019_sas_rpps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the day; nobody has left."""
    op.add_column(
        "sas_effecteurs",
        sa.Column(
            "sorti_le", sa.Date(), nullable=True, comment="Premier jour où FINESS ou l’annuaire ne l’a plus"
        ),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_column("sas_effecteurs", "sorti_le")
