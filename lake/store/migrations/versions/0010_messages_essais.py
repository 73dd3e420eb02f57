"""How many times a message was refused: a subscription stops after the third, and says so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_messages_essais"
down_revision = "0007_sas"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the count; of the messages that wait, none is known to have been refused."""
    with op.batch_alter_table("messages") as messages:
        messages.add_column(
            sa.Column(
                "essais",
                sa.Integer,
                nullable=False,
                server_default="0",
                comment="Envois que le serveur a refusés",
            )
        )


def downgrade() -> None:
    """Drop it."""
    with op.batch_alter_table("messages") as messages:
        messages.drop_column("essais")
