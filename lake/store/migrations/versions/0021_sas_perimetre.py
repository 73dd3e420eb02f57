"""Home visits within a list of communes, in place of minutes of road."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021_sas_perimetre"
down_revision = "0020_sas_sorties"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the list; every perimeter stays in minutes."""
    op.add_column(
        "sas_lieux",
        sa.Column(
            "perimetre_communes",
            sa.Text(),
            nullable=False,
            server_default="",
            comment="Codes des communes visitées, séparés par | ; vide : les minutes",
        ),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_column("sas_lieux", "perimetre_communes")
