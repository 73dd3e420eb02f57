"""Short links stand for the filters of an analysis too: ``vue``."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_analyses_vues"
down_revision = "0009_sas_avis"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a link be of a view."""
    _genres("'territoire', 'scenario', 'vue'")


def downgrade() -> None:
    """Forget the links of views, which an older suite does not know."""
    op.execute(sa.text("DELETE FROM partages WHERE genre = 'vue'"))
    _genres("'territoire', 'scenario'")


def _genres(known: str) -> None:
    with op.batch_alter_table("partages") as partages:
        partages.drop_constraint(op.f("ck_partages_genre"), type_="check")
        partages.create_check_constraint(op.f("ck_partages_genre"), f"genre IN ({known})")
