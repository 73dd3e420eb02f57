"""The milestones that a planned step waits for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022_saisie_jalons"
down_revision = "0021_sas_perimetre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; no step names any yet."""
    op.add_column(
        "saisie_etapes",
        sa.Column(
            "jalons",
            sa.Text(),
            nullable=False,
            server_default="",
            comment="Jalons attendus, séparés par | ; vide : aucun n'est nommé",
        ),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_column("saisie_etapes", "jalons")
