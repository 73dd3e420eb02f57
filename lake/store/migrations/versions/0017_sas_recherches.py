"""Searches made in advance set a horizon and modalities too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017_sas_recherches"
down_revision = "0017_saisie_produits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; the searches that are kept set none."""
    with op.batch_alter_table("sas_presets") as presets:
        presets.add_column(
            sa.Column(
                "modalites", sa.Integer, nullable=False, server_default="0",
                comment="Modalités posées d’avance ; 0 sans",
            )
        )  # fmt: skip
        presets.add_column(
            sa.Column(
                "horizon", sa.String(12), nullable=False, server_default="",
                comment="Horizon posé d’avance ; vide sans",
            )
        )  # fmt: skip


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("sas_presets") as presets:
        presets.drop_column("horizon")
        presets.drop_column("modalites")
