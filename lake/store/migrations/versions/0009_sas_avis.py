"""Unscheduled care: links of one use, what was told, searches of a SAS."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_sas_avis"
down_revision = "0010_messages_essais"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables; nothing is told yet."""
    op.create_table(
        "sas_liens",
        sa.Column("empreinte", sa.String(60), nullable=False, comment="Début du SHA-256 de la fin du lien"),
        sa.Column("effecteur_id", sa.Integer, nullable=False),
        sa.Column("genre", sa.String(10), nullable=False, comment="retour"),
        sa.Column("cree_le", _MOMENT, nullable=False),
        sa.Column("expire_le", _MOMENT, nullable=False),
        sa.Column("servi_le", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["effecteur_id"], ["sas_effecteurs.id"], ondelete="CASCADE",
            name=op.f("fk_sas_liens_effecteur_id_sas_effecteurs"),
        ),
        sa.PrimaryKeyConstraint("empreinte", name=op.f("pk_sas_liens")),
    )  # fmt: skip
    op.create_table(
        "sas_avis",
        sa.Column("cle", sa.String(60), nullable=False, comment="Condensé de ce qui a été dit, et à qui"),
        sa.Column("moment", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("cle", name=op.f("pk_sas_avis")),
    )
    op.create_table(
        "sas_presets",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("sas", sa.String(8), nullable=False, comment="SAS-54"),
        sa.Column("titre", sa.String(40), nullable=False, comment="Nom de la recherche"),
        sa.Column("specialite", sa.String(10), nullable=False, comment="SM54… ; vide pour toutes"),
        sa.Column("acte", sa.String(40), nullable=False, comment="Code ; vide sans"),
        sa.Column("equipement", sa.String(40), nullable=False, comment="Code ; vide sans"),
        sa.Column("langue", sa.String(3), nullable=False, comment="ISO 639 ; vide sans"),
        sa.Column("genre", sa.String(10), nullable=False, comment="ps, structure ; vide pour tous"),
        sa.Column("cree_le", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_presets")),
        sa.UniqueConstraint("sas", "titre", name=op.f("uq_sas_presets_sas_titre")),
    )


def downgrade() -> None:
    """Drop them and what they hold."""
    for name in ("sas_presets", "sas_avis", "sas_liens"):
        op.drop_table(name)
