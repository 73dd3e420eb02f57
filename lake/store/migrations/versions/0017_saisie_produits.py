"""The entry: editors, and their products, beside regions and their services."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017_saisie_produits"
down_revision = "0016_sas_editeurs"
branch_labels = None
depends_on = None

_NAME = "uq_saisie_services_editeur"
_ONE = sa.text("kind = 'editeur' AND etat <> 'archive'")


_SAID = {
    "region": (sa.String(3), "Code INSEE", "Code INSEE ; E01… pour ce qui est d'un éditeur"),
    "kind": (
        sa.String(20),
        "metier, infrastructure ou si_regional",
        "metier, infrastructure, si_regional, editeur ou produit",
    ),
}
"""Column: its type, what was said of it, what is."""


def _kinds(*allowed: str, back: bool = False) -> None:
    listed = ", ".join(f"'{one}'" for one in allowed)
    with op.batch_alter_table("saisie_services") as services:
        for name, (kind, old, new) in _SAID.items():
            services.alter_column(
                name,
                existing_type=kind,
                existing_nullable=False,
                comment=old if back else new,
                existing_comment=new if back else old,
            )
        services.drop_constraint(op.f("ck_saisie_services_kind"), type_="check")
        services.create_check_constraint(op.f("ck_saisie_services_kind"), f"kind IN ({listed})")


def upgrade() -> None:
    """Let a row be an editor or a product; an editor is there once."""
    _kinds("metier", "infrastructure", "si_regional", "editeur", "produit")
    op.create_index(_NAME, "saisie_services", ["nom"], unique=True, sqlite_where=_ONE, postgresql_where=_ONE)


def downgrade() -> None:
    """Forget that they may be; those that are there must have left before."""
    op.drop_index(_NAME, "saisie_services")
    _kinds("metier", "infrastructure", "si_regional", back=True)
