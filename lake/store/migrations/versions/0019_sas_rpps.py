"""One account a professional: two that were written at the same instant could bear one RPPS."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019_sas_rpps"
down_revision = "0018_sas_lieux"
branch_labels = None
depends_on = None

_WRITTEN = sa.text("rpps <> ''")


def upgrade() -> None:
    """Of accounts that share an RPPS, the one that serves (then the oldest) keeps it: a number shared by two opened
    neither by Pro Santé Connect. Then none may be shared again."""
    comptes = sa.table("comptes", *(sa.column(name) for name in ("id", "rpps", "etat")))
    connection = op.get_bind()
    serves = sa.case((comptes.c.etat == "actif", 0), (comptes.c.etat == "invite", 1), else_=2)
    rows = connection.execute(
        sa.select(comptes.c.id, comptes.c.rpps).where(comptes.c.rpps != "").order_by(serves, comptes.c.id)
    ).all()
    seen: set[str] = set()
    for number, rpps in rows:
        if rpps in seen:
            connection.execute(sa.update(comptes).where(comptes.c.id == number).values(rpps=""))
        seen.add(rpps)
    op.create_index(
        "ix_comptes_rpps", "comptes", ["rpps"], unique=True, sqlite_where=_WRITTEN, postgresql_where=_WRITTEN
    )


def downgrade() -> None:
    """Numbers may be shared again."""
    op.drop_index("ix_comptes_rpps", "comptes")
