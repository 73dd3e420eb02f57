"""The entry: who carries a service, when one opens, its public card; talks on a criterion; notices sent by mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_saisie_portage_fils"
down_revision = "0011_analyses_vues"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns and the table; nothing is known of the services that are there, and nobody has spoken."""
    with op.batch_alter_table("saisie_services") as services:
        services.add_column(
            sa.Column(
                "portage", sa.Text, nullable=False, server_default="{}",
                comment="Objet JSON : financeur, moa, moe (listes) ; absent : inconnu",
            )
        )  # fmt: skip
        services.add_column(
            sa.Column(
                "ouverture", sa.String(7), nullable=False, server_default="",
                comment="Trimestre d'ouverture d'un service à venir ; vide : il existe",
            )
        )  # fmt: skip
        services.add_column(
            sa.Column(
                "catalogue", sa.Text, nullable=False, server_default="{}",
                comment="Objet JSON : fiche publique (public, territoire, contact) ; vide : absent du catalogue",
            )
        )  # fmt: skip
    with op.batch_alter_table("saisie_avis") as told:
        told.add_column(sa.Column("courriel_le", _MOMENT, nullable=True, comment="Confié à la messagerie"))
    op.create_table(
        "saisie_messages",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("service_id", sa.Integer, nullable=False),
        sa.Column("questionnaire", sa.String(60), nullable=False),
        sa.Column("critere", sa.String(60), nullable=False),
        sa.Column("version_referentiel", sa.String(60), nullable=False),
        sa.Column("texte", sa.Text, nullable=False),
        sa.Column("auteur", sa.String(254), nullable=False, comment="Compte ; vide pour l'exploitant"),
        sa.Column("cree_le", _MOMENT, nullable=False),
        sa.Column("traite_le", _MOMENT, nullable=True, comment="Le fil est clos depuis ce message"),
        sa.Column("traite_par", sa.String(254), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["saisie_services.id"], name=op.f("fk_saisie_messages_service_id_saisie_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saisie_messages")),
    )
    op.create_index(op.f("ix_saisie_messages_service_id"), "saisie_messages", ["service_id"])


def downgrade() -> None:
    """Drop them and what they hold."""
    op.drop_table("saisie_messages")
    with op.batch_alter_table("saisie_avis") as told:
        told.drop_column("courriel_le")
    with op.batch_alter_table("saisie_services") as services:
        for name in ("catalogue", "ouverture", "portage"):
            services.drop_column(name)
