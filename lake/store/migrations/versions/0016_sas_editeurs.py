"""Consents to the slots of editors, lines of editors that were opened, and who receives a structure's patient."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016_sas_editeurs"
down_revision = "0015_saisie_presences"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add them; nobody has chosen yet: the operator's file holds."""
    op.create_table(
        "sas_consentements",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("effecteur_id", sa.Integer, nullable=False),
        sa.Column("editeur", sa.String(60), nullable=False, comment="Nom de l’éditeur d’agendas"),
        sa.Column(
            "types", sa.String(40), nullable=False, comment="Types montrés, séparés par | ; vide : rien"
        ),
        sa.Column("depuis", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["effecteur_id"],
            ["sas_effecteurs.id"],
            name=op.f("fk_sas_consentements_effecteur_id_sas_effecteurs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_consentements")),
        sa.UniqueConstraint(
            "effecteur_id", "editeur", name=op.f("uq_sas_consentements_effecteur_id_editeur")
        ),
    )
    op.create_table(
        "sas_essais_editeurs",
        sa.Column("cle", sa.String(60), nullable=False, comment="Tirée au sort, une par fiche ouverte"),
        sa.Column("moment", _MOMENT, nullable=False),
        sa.Column("editeur", sa.String(60), nullable=False),
        sa.Column(
            "introuvable", sa.Boolean, nullable=False, comment="Un créneau annoncé ne s’y réservait pas"
        ),
        sa.PrimaryKeyConstraint("cle", name=op.f("pk_sas_essais_editeurs")),
    )
    op.create_index(op.f("ix_sas_essais_editeurs_moment"), "sas_essais_editeurs", ["moment"])
    op.add_column(
        "sas_rendez_vous",
        sa.Column(
            "praticien", sa.String(20), nullable=True, comment="8 + RPPS, nommé après coup par la structure"
        ),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_column("sas_rendez_vous", "praticien")
    op.drop_table("sas_essais_editeurs")
    op.drop_table("sas_consentements")
