"""Territories that a SAS names: sets of its communes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_sas_territoires"
down_revision = "0012_saisie_portage_fils"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables; no territory is named yet."""
    op.create_table(
        "sas_territoires",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("sas", sa.String(8), nullable=False, comment="SAS-54"),
        sa.Column("titre", sa.String(60), nullable=False, comment="Nom du territoire, public dans le SAS"),
        sa.Column("revision", sa.Integer, nullable=False, comment="Croît à chaque changement"),
        sa.Column("cree_le", _MOMENT, nullable=False),
        sa.Column("maj_le", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_territoires")),
        sa.UniqueConstraint("sas", "titre", name=op.f("uq_sas_territoires_sas_titre")),
    )
    op.create_table(
        "sas_territoires_communes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("territoire_id", sa.Integer, nullable=False),
        sa.Column("sas", sa.String(8), nullable=False, comment="Celui du territoire"),
        sa.Column("code_commune", sa.String(5), nullable=False),
        sa.ForeignKeyConstraint(
            ["territoire_id"],
            ["sas_territoires.id"],
            name=op.f("fk_sas_territoires_communes_territoire_id_sas_territoires"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_territoires_communes")),
        sa.UniqueConstraint("sas", "code_commune", name=op.f("uq_sas_territoires_communes_sas_code_commune")),
    )
    op.create_index(
        op.f("ix_sas_territoires_communes_territoire_id"), "sas_territoires_communes", ["territoire_id"]
    )


def downgrade() -> None:
    """Drop them and what they hold."""
    for name in ("sas_territoires_communes", "sas_territoires"):
        op.drop_table(name)
