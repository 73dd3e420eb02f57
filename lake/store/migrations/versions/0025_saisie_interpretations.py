"""The entry: threads that national experts read, and what is proposed to improve an axis."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025_saisie_interpretations"
down_revision = "0024_saisie_validites"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; every thread is the team's, and nothing is proposed yet."""
    op.add_column(
        "saisie_messages",
        sa.Column(
            "national",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="Dit par un expert national",
        ),
    )
    op.create_table(
        "saisie_fils",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire", sa.String(60), nullable=False),
        sa.Column("critere", sa.String(60), nullable=False),
        sa.Column("version_referentiel", sa.String(60), nullable=False),
        sa.Column("visibilite", sa.String(10), nullable=False, comment="equipe ou national"),
        sa.Column(
            "change_le", sa.DateTime(timezone=True), nullable=False, comment="Ouvert, ou refermé, depuis"
        ),
        sa.Column("change_par", sa.String(254), nullable=False),
        sa.CheckConstraint("visibilite IN ('equipe', 'national')", name=op.f("ck_saisie_fils_visibilite")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["saisie_services.id"], name=op.f("fk_saisie_fils_service_id_saisie_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saisie_fils")),
        sa.UniqueConstraint(
            "service_id",
            "questionnaire",
            "critere",
            "version_referentiel",
            name=op.f("uq_saisie_fils_fil"),
        ),
    )
    op.create_table(
        "saisie_ameliorations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volet", sa.String(20), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire", sa.String(60), nullable=False),
        sa.Column("axe", sa.String(60), nullable=False),
        sa.Column("critere", sa.String(60), nullable=False, comment="Vide : tout l'axe"),
        sa.Column("version_referentiel", sa.String(60), nullable=False),
        sa.Column("porteur", sa.String(10), nullable=False, comment="national, editeur ou regional"),
        sa.Column("texte", sa.Text(), nullable=False),
        sa.Column("propose_par", sa.String(200), nullable=False, comment="Organisation"),
        sa.Column("auteur", sa.String(254), nullable=False),
        sa.Column("propose_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("statut", sa.String(10), nullable=False, comment="proposee, retenue ou ecartee"),
        sa.Column("motif", sa.Text(), nullable=False, comment="Pourquoi elle est écartée"),
        sa.Column("decide_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decide_par", sa.String(254), nullable=False),
        sa.CheckConstraint(
            "statut IN ('proposee', 'retenue', 'ecartee')", name=op.f("ck_saisie_ameliorations_statut")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["saisie_services.id"],
            name=op.f("fk_saisie_ameliorations_service_id_saisie_services"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saisie_ameliorations")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("saisie_ameliorations")
    op.drop_table("saisie_fils")
    op.drop_column("saisie_messages", "national")
