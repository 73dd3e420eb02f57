"""Analyses: documents, history, drafts, shares, published models, the bar of each person, subscriptions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_analyses"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def _to(
    table: str, column: str, *, target: str = "comptes", gone: str | None = "CASCADE"
) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], ondelete=gone, name=name)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "analyses",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column(
            "proprietaire_id",
            sa.Integer,
            nullable=True,
            comment="Va à l'héritier ; vide pour un modèle livré avec la suite",
        ),
        sa.Column("genre", sa.String(12), nullable=False, comment="analyse, indicateurs ou modele"),
        sa.Column("titre", sa.String(200), nullable=False, comment="Celui du document, pour les listes"),
        sa.Column(
            "contenu", sa.Text, nullable=False, comment="Le document, JSON : version, titre, sections…"
        ),
        sa.Column("sections", sa.Integer, nullable=False, comment="Nombre de sections du document"),
        sa.Column("badges", sa.Text, nullable=False, comment="Liste JSON : a_relire, a_reparer"),
        sa.Column("revision", sa.Integer, nullable=False, comment="Croît à chaque enregistrement"),
        sa.Column("cle", sa.String(60), nullable=True, comment="Nom d'un modèle livré avec la suite"),
        sa.Column(
            "origine_id", sa.Integer, nullable=True, comment="Le modèle (ou l'analyse) suivi ; sans clé"
        ),
        sa.Column("origine_revision", sa.Integer, nullable=True, comment="Sa révision reprise en dernier"),
        sa.Column("cree_le", _MOMENT, nullable=False),
        sa.Column("modifie_le", _MOMENT, nullable=False),
        sa.Column(
            "modifie_par_id", sa.Integer, nullable=True, comment="Vide : la suite, ou un compte supprimé"
        ),
        sa.Column("supprime_le", _MOMENT, nullable=True, comment="À la corbeille depuis"),
        sa.CheckConstraint("genre IN ('analyse', 'indicateurs', 'modele')", name=op.f("ck_analyses_genre")),
        _to("analyses", "proprietaire_id", gone=None),
        _to("analyses", "modifie_par_id", gone="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analyses")),
        sa.UniqueConstraint("cle", name=op.f("uq_analyses_cle")),
    )
    op.create_index(op.f("ix_analyses_proprietaire_id"), "analyses", ["proprietaire_id"])
    op.create_table(
        "analyses_revisions",
        sa.Column("analyse_id", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("contenu", sa.Text, nullable=False, comment="Le document entier, JSON"),
        sa.Column("motif", sa.String(200), nullable=False, comment="Vide ; « restaure r3 », « réunit r4 »…"),
        sa.Column("auteur_id", sa.Integer, nullable=True),
        sa.Column("le", _MOMENT, nullable=False),
        _to("analyses_revisions", "analyse_id", target="analyses"),
        _to("analyses_revisions", "auteur_id", gone="SET NULL"),
        sa.PrimaryKeyConstraint("analyse_id", "revision", name=op.f("pk_analyses_revisions")),
    )
    op.create_index(op.f("ix_analyses_revisions_auteur_id"), "analyses_revisions", ["auteur_id"])
    op.create_table(
        "analyses_brouillons",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("compte_id", sa.Integer, nullable=False),
        sa.Column(
            "analyse_id",
            sa.Integer,
            nullable=True,
            comment="Vide : une analyse qui n'a pas encore été enregistrée",
        ),
        sa.Column("base_revision", sa.Integer, nullable=False, comment="Révision lue au départ ; 0 sans"),
        sa.Column("contenu", sa.Text, nullable=False, comment="Le document en cours, JSON"),
        sa.Column("revision", sa.Integer, nullable=False, comment="Croît à chaque saisie"),
        sa.Column("modifie_le", _MOMENT, nullable=False),
        _to("analyses_brouillons", "compte_id"),
        _to("analyses_brouillons", "analyse_id", target="analyses"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analyses_brouillons")),
        sa.UniqueConstraint(
            "compte_id", "analyse_id", name=op.f("uq_analyses_brouillons_compte_id_analyse_id")
        ),
    )
    op.create_index(op.f("ix_analyses_brouillons_analyse_id"), "analyses_brouillons", ["analyse_id"])
    op.create_table(
        "analyses_partages",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("analyse_id", sa.Integer, nullable=False),
        sa.Column("compte_id", sa.Integer, nullable=True, comment="Partagée avec cette personne"),
        sa.Column("organisation", sa.String(200), nullable=True, comment="…ou avec cette organisation"),
        sa.Column("profil", sa.String(30), nullable=True, comment="…ou avec ce profil"),
        sa.Column("droit", sa.String(8), nullable=False, comment="lire ou modifier"),
        sa.Column("le", _MOMENT, nullable=False),
        sa.CheckConstraint("droit IN ('lire', 'modifier')", name=op.f("ck_analyses_partages_droit")),
        sa.CheckConstraint(
            "(compte_id IS NOT NULL AND organisation IS NULL AND profil IS NULL)"
            " OR (compte_id IS NULL AND organisation IS NOT NULL AND profil IS NULL)"
            " OR (compte_id IS NULL AND organisation IS NULL AND profil IS NOT NULL)",
            name=op.f("ck_analyses_partages_cible"),
        ),
        _to("analyses_partages", "analyse_id", target="analyses"),
        _to("analyses_partages", "compte_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analyses_partages")),
        sa.UniqueConstraint(
            "analyse_id", "compte_id", name=op.f("uq_analyses_partages_analyse_id_compte_id")
        ),
        sa.UniqueConstraint("analyse_id", "organisation", name="uq_analyses_partages_organisation"),
        sa.UniqueConstraint("analyse_id", "profil", name="uq_analyses_partages_profil"),
    )
    op.create_index(op.f("ix_analyses_partages_compte_id"), "analyses_partages", ["compte_id"])
    op.create_table(
        "analyses_modeles",
        sa.Column("analyse_id", sa.Integer, nullable=False),
        sa.Column("profil", sa.String(30), nullable=False, comment="Qui le lit"),
        sa.Column(
            "revision", sa.Integer, nullable=False, comment="La révision publiée : les suivantes attendent"
        ),
        sa.Column("accueil", sa.Boolean, nullable=False, comment="Page d'accueil de ce profil"),
        sa.Column("le", _MOMENT, nullable=False),
        _to("analyses_modeles", "analyse_id", target="analyses"),
        sa.PrimaryKeyConstraint("analyse_id", "profil", name=op.f("pk_analyses_modeles")),
    )
    op.create_index(op.f("ix_analyses_modeles_profil"), "analyses_modeles", ["profil"])
    op.create_table(
        "analyses_barre",
        sa.Column("compte_id", sa.Integer, nullable=False),
        sa.Column("analyse_id", sa.Integer, nullable=False),
        sa.Column("rang", sa.Integer, nullable=False, comment="De gauche à droite, depuis 1"),
        sa.Column("accueil", sa.Boolean, nullable=False, comment="Page d'arrivée de cette personne"),
        _to("analyses_barre", "compte_id"),
        _to("analyses_barre", "analyse_id", target="analyses"),
        sa.PrimaryKeyConstraint("compte_id", "analyse_id", name=op.f("pk_analyses_barre")),
    )
    op.create_table(
        "analyses_abonnements",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("analyse_id", sa.Integer, nullable=False),
        sa.Column("compte_id", sa.Integer, nullable=False),
        sa.Column("choix", sa.Text, nullable=False, comment="JSON : section -> filtres gardés"),
        sa.Column(
            "seuils", sa.Text, nullable=False, comment="Liste JSON : section, mesure, sens, valeur, franchi"
        ),
        sa.Column("rythme", sa.String(12), nullable=False, comment="publication ou mensuel"),
        sa.Column(
            "dernier", sa.Text, nullable=False, comment="JSON : ce qui a été dit la dernière fois ; {} : rien"
        ),
        sa.Column("dernier_le", _MOMENT, nullable=True, comment="Dernier message composé"),
        sa.Column(
            "arret", sa.String(200), nullable=False, comment="Pourquoi il est suspendu ; vide s'il est actif"
        ),
        sa.Column("cle", sa.String(64), nullable=False, comment="Signe le lien de désabonnement"),
        sa.Column("cree_le", _MOMENT, nullable=False),
        sa.CheckConstraint(
            "rythme IN ('publication', 'mensuel')", name=op.f("ck_analyses_abonnements_rythme")
        ),
        _to("analyses_abonnements", "analyse_id", target="analyses"),
        _to("analyses_abonnements", "compte_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analyses_abonnements")),
        sa.UniqueConstraint(
            "analyse_id", "compte_id", name=op.f("uq_analyses_abonnements_analyse_id_compte_id")
        ),
    )
    op.create_index(op.f("ix_analyses_abonnements_compte_id"), "analyses_abonnements", ["compte_id"])


def downgrade() -> None:
    """Drop them, those that point to others first."""
    for name in ("abonnements", "barre", "modeles", "partages", "brouillons", "revisions"):
        op.drop_table(f"analyses_{name}")
    op.drop_table("analyses")
