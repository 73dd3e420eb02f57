"""Accounts, sessions, links sent by e-mail, requests, failed sign-ins, saved objects, messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "comptes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(254), nullable=False, comment="En minuscules"),
        sa.Column("nom", sa.String(100), nullable=False),
        sa.Column("prenom", sa.String(100), nullable=False),
        sa.Column("civilite", sa.String(10), nullable=False),
        sa.Column("organisation", sa.String(200), nullable=False),
        sa.Column("rpps", sa.String(11), nullable=False, comment="Vide si inconnu"),
        sa.Column("profil", sa.String(30), nullable=False),
        sa.Column("droits", sa.Text, nullable=False, comment="Objet JSON : ce qui restreint le profil"),
        sa.Column("peut_creer", sa.Boolean, nullable=False, comment="Crée des comptes à son tour"),
        sa.Column("responsable_id", sa.Integer, nullable=True),
        sa.Column("etat", sa.String(12), nullable=False, comment="invite, actif ou desactive"),
        sa.Column("etat_le", _MOMENT, nullable=False, comment="Depuis quand il est dans cet état"),
        sa.Column(
            "empreinte", sa.String(100), nullable=False, comment="bcrypt ; vide tant qu'aucun n'est choisi"
        ),
        sa.Column("totp", sa.String(64), nullable=False, comment="Secret du second facteur ; vide sans"),
        sa.Column("totp_pas", sa.Integer, nullable=False, comment="Dernier pas de temps accepté"),
        sa.Column(
            "fournisseur", sa.String(500), nullable=False, comment="Émetteur et sujet OpenID ; vide sans"
        ),
        sa.Column("demonstration", sa.Boolean, nullable=False),
        sa.Column("preferences", sa.Text, nullable=False, comment="Objet JSON"),
        sa.Column("cree_le", _MOMENT, nullable=False),
        sa.Column("connecte_le", _MOMENT, nullable=True),
        sa.UniqueConstraint("email", name=op.f("uq_comptes_email")),
        sa.ForeignKeyConstraint(
            ["responsable_id"], ["comptes.id"], name=op.f("fk_comptes_responsable_id_comptes")
        ),
        sa.CheckConstraint("etat IN ('invite', 'actif', 'desactive')", name=op.f("ck_comptes_etat")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comptes")),
    )
    op.create_index("ix_comptes_responsable_id", "comptes", ["responsable_id"])
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("empreinte", sa.String(64), nullable=False, comment="SHA-256 de la valeur du cookie"),
        sa.Column("compte_id", sa.Integer, nullable=False),
        sa.Column("porte", sa.String(60), nullable=False, comment="mot_de_passe, ou le nom du fournisseur"),
        sa.Column(
            "arrivee",
            sa.String(64),
            nullable=True,
            comment="Empreinte de l'identité reçue, acceptée une fois",
        ),
        sa.Column("adresse", sa.String(64), nullable=False),
        sa.Column("navigateur", sa.String(200), nullable=False),
        sa.Column("cree_le", _MOMENT, nullable=False),
        sa.Column("vue_le", _MOMENT, nullable=False, comment="À la minute près"),
        sa.Column("expire_le", _MOMENT, nullable=False),
        sa.Column("fermee_le", _MOMENT, nullable=True),
        sa.UniqueConstraint("empreinte", name=op.f("uq_sessions_empreinte")),
        sa.UniqueConstraint("arrivee", name=op.f("uq_sessions_arrivee")),
        sa.ForeignKeyConstraint(
            ["compte_id"], ["comptes.id"], ondelete="CASCADE", name=op.f("fk_sessions_compte_id_comptes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_compte_id", "sessions", ["compte_id"])
    op.create_table(
        "jetons",
        sa.Column("empreinte", sa.String(64), nullable=False, comment="SHA-256 de la fin du lien"),
        sa.Column("compte_id", sa.Integer, nullable=False),
        sa.Column("genre", sa.String(20), nullable=False, comment="activation ou oubli"),
        sa.Column("renouvele", sa.Boolean, nullable=False, comment="Issu du renouvellement automatique"),
        sa.Column("cree_le", _MOMENT, nullable=False),
        sa.Column(
            "valable_le", _MOMENT, nullable=False, comment="Début de validité : date choisie pour l'envoi"
        ),
        sa.Column("expire_le", _MOMENT, nullable=False),
        sa.Column("servi_le", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["compte_id"], ["comptes.id"], ondelete="CASCADE", name=op.f("fk_jetons_compte_id_comptes")
        ),
        sa.PrimaryKeyConstraint("empreinte", name=op.f("pk_jetons")),
    )
    op.create_index("ix_jetons_compte_id", "jetons", ["compte_id"])
    op.create_table(
        "demandes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("nom", sa.String(100), nullable=False),
        sa.Column("prenom", sa.String(100), nullable=False),
        sa.Column("civilite", sa.String(10), nullable=False),
        sa.Column("organisation", sa.String(200), nullable=False),
        sa.Column("etat", sa.String(12), nullable=False, comment="attente, acceptee ou refusee"),
        sa.Column("responsable_id", sa.Integer, nullable=True, comment="Responsable nommé à l'acceptation"),
        sa.Column("envoi_le", _MOMENT, nullable=True, comment="Date choisie pour l'envoi du lien"),
        sa.Column("cree_le", _MOMENT, nullable=False),
        sa.Column("decidee_le", _MOMENT, nullable=True),
        sa.Column("decidee_par", sa.String(254), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demandes")),
    )
    op.create_index("ix_demandes_etat", "demandes", ["etat"])
    op.create_table(
        "essais",
        sa.Column(
            "cle", sa.String(64), nullable=False, comment="SHA-256 de l'adresse électronique ou du réseau"
        ),
        sa.Column("echecs", sa.Integer, nullable=False),
        sa.Column("dernier_le", _MOMENT, nullable=False),
        sa.Column("bloque_le", _MOMENT, nullable=True, comment="Fin du blocage"),
        sa.PrimaryKeyConstraint("cle", name=op.f("pk_essais")),
    )
    op.create_table(
        "objets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("proprietaire_id", sa.Integer, nullable=False, comment="Va à l'héritier"),
        sa.Column("genre", sa.String(30), nullable=False, comment="analyse, selection…"),
        sa.Column("titre", sa.String(200), nullable=False),
        sa.Column("contenu", sa.Text, nullable=False, comment="Objet JSON"),
        sa.Column("cree_le", _MOMENT, nullable=False),
        sa.Column("modifie_le", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["proprietaire_id"], ["comptes.id"], name=op.f("fk_objets_proprietaire_id_comptes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objets")),
    )
    op.create_index("ix_objets_proprietaire_id", "objets", ["proprietaire_id"])
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("compte_id", sa.Integer, nullable=False),
        sa.Column("sujet", sa.String(200), nullable=False),
        sa.Column("texte", sa.Text, nullable=False, comment="Effacé dès l'envoi, la remise ou l'expiration"),
        sa.Column("envoi_le", _MOMENT, nullable=False, comment="Pas avant"),
        sa.Column("expire_le", _MOMENT, nullable=False),
        sa.Column(
            "erreur", sa.String(300), nullable=False, comment="Ce qu'a répondu le serveur ; vide sans essai"
        ),
        sa.ForeignKeyConstraint(
            ["compte_id"], ["comptes.id"], ondelete="CASCADE", name=op.f("fk_messages_compte_id_comptes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index("ix_messages_compte_id", "messages", ["compte_id"])
    with op.batch_alter_table("partages") as partages:
        partages.add_column(
            sa.Column(
                "proprietaire_id", sa.Integer, nullable=True, comment="Vide pour un lecteur sans compte"
            )
        )
        partages.create_foreign_key(
            op.f("fk_partages_proprietaire_id_comptes"),
            "comptes",
            ["proprietaire_id"],
            ["id"],
            ondelete="SET NULL",
        )


def downgrade() -> None:
    """Drop the tables and what they hold."""
    with op.batch_alter_table("partages") as partages:
        partages.drop_constraint(op.f("fk_partages_proprietaire_id_comptes"), type_="foreignkey")
        partages.drop_column("proprietaire_id")
    for name in ("messages", "objets", "essais", "demandes", "jetons", "sessions", "comptes"):
        op.drop_table(name)
