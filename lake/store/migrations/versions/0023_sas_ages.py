"""The ages that an effecteur receives, and those that a search of a SAS asks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023_sas_ages"
down_revision = "0022_saisie_jalons"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; nobody has said anything yet, and no search asks any."""
    op.add_column(
        "sas_effecteurs",
        sa.Column(
            "ages",
            sa.String(60),
            nullable=False,
            server_default="",
            comment="Codes séparés par | ; vide : tous",
        ),
    )
    op.add_column(
        "sas_presets",
        sa.Column("age", sa.String(12), nullable=False, server_default="", comment="Code ; vide sans"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_column("sas_presets", "age")
    op.drop_column("sas_effecteurs", "ages")
