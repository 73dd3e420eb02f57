"""The tables of analyses. They join the store's own through ``METADATA``; a change goes with a migration."""

from __future__ import annotations

import sqlalchemy as sa

from lake.store.schema import METADATA, Moment


def _account(
    name: str, *, gone: str = "CASCADE", nullable: bool = False, comment: str = ""
) -> sa.Column[int]:
    """A column that points to an account: its rows leave with it (CASCADE), or forget it (SET NULL)."""
    target = sa.ForeignKey("comptes.id", ondelete=gone)
    return sa.Column(name, sa.Integer, target, nullable=nullable, comment=comment or None)


def _analysis(*, nullable: bool = False, comment: str = "") -> sa.Column[int]:
    """A column that points to an analysis: its rows leave with it."""
    target = sa.ForeignKey("analyses.id", ondelete="CASCADE")
    return sa.Column("analyse_id", sa.Integer, target, nullable=nullable, comment=comment or None)


ANALYSES = sa.Table(
    "analyses",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "proprietaire_id",
        sa.Integer,
        sa.ForeignKey("comptes.id"),
        nullable=True,
        comment="Va à l'héritier ; vide pour un modèle livré avec la suite",
    ),
    sa.Column("genre", sa.String(12), nullable=False, comment="analyse, indicateurs ou modele"),
    sa.Column("titre", sa.String(200), nullable=False, comment="Celui du document, pour les listes"),
    sa.Column("contenu", sa.Text, nullable=False, comment="Le document, JSON : version, titre, sections…"),
    sa.Column("sections", sa.Integer, nullable=False, comment="Nombre de sections du document"),
    sa.Column("badges", sa.Text, nullable=False, comment="Liste JSON : a_relire, a_reparer"),
    sa.Column("revision", sa.Integer, nullable=False, comment="Croît à chaque enregistrement"),
    sa.Column("cle", sa.String(60), nullable=True, comment="Nom d'un modèle livré avec la suite"),
    sa.Column("origine_id", sa.Integer, nullable=True, comment="Le modèle (ou l'analyse) suivi ; sans clé"),
    sa.Column("origine_revision", sa.Integer, nullable=True, comment="Sa révision reprise en dernier"),
    sa.Column("cree_le", Moment, nullable=False),
    sa.Column("modifie_le", Moment, nullable=False),
    _account(
        "modifie_par_id", gone="SET NULL", nullable=True, comment="Vide : la suite, ou un compte supprimé"
    ),
    sa.Column("supprime_le", Moment, nullable=True, comment="À la corbeille depuis"),
    sa.UniqueConstraint("cle"),
    sa.CheckConstraint("genre IN ('analyse', 'indicateurs', 'modele')", name="genre"),
    sa.Index(None, "proprietaire_id"),
)
"""The analyses as they are now."""

REVISIONS = sa.Table(
    "analyses_revisions",
    METADATA,
    _analysis(),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("contenu", sa.Text, nullable=False, comment="Le document entier, JSON"),
    sa.Column("motif", sa.String(200), nullable=False, comment="Vide ; « restaure r3 », « réunit r4 »…"),
    _account("auteur_id", gone="SET NULL", nullable=True),
    sa.Column("le", Moment, nullable=False),
    sa.PrimaryKeyConstraint("analyse_id", "revision"),
    sa.Index(None, "auteur_id"),
)
"""What was saved, one row a save: nothing of it is changed."""

TRAVAUX = sa.Table(
    "analyses_brouillons",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _account("compte_id"),
    _analysis(nullable=True, comment="Vide : une analyse qui n'a pas encore été enregistrée"),
    sa.Column("base_revision", sa.Integer, nullable=False, comment="Révision lue au départ ; 0 sans"),
    sa.Column("contenu", sa.Text, nullable=False, comment="Le document en cours, JSON"),
    sa.Column("revision", sa.Integer, nullable=False, comment="Croît à chaque saisie"),
    sa.Column("modifie_le", Moment, nullable=False),
    sa.UniqueConstraint("compte_id", "analyse_id"),
    sa.Index(None, "analyse_id"),
)
"""Drafts: what one person is changing and has not saved yet."""

PARTS = sa.Table(
    "analyses_partages",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _analysis(),
    _account("compte_id", nullable=True, comment="Partagée avec cette personne"),
    sa.Column("organisation", sa.String(200), nullable=True, comment="…ou avec cette organisation"),
    sa.Column("profil", sa.String(30), nullable=True, comment="…ou avec ce profil"),
    sa.Column("droit", sa.String(8), nullable=False, comment="lire ou modifier"),
    sa.Column("le", Moment, nullable=False),
    sa.UniqueConstraint("analyse_id", "compte_id"),
    sa.UniqueConstraint("analyse_id", "organisation", name="uq_analyses_partages_organisation"),
    sa.UniqueConstraint("analyse_id", "profil", name="uq_analyses_partages_profil"),
    sa.CheckConstraint("droit IN ('lire', 'modifier')", name="droit"),
    sa.CheckConstraint(
        "(compte_id IS NOT NULL AND organisation IS NULL AND profil IS NULL)"
        " OR (compte_id IS NULL AND organisation IS NOT NULL AND profil IS NULL)"
        " OR (compte_id IS NULL AND organisation IS NULL AND profil IS NOT NULL)",
        name="cible",
    ),
    sa.Index(None, "compte_id"),
)
"""With whom an analysis is shared; each reads it under the rights of its own account."""

MODELES = sa.Table(
    "analyses_modeles",
    METADATA,
    _analysis(),
    sa.Column("profil", sa.String(30), nullable=False, comment="Qui le lit"),
    sa.Column(
        "revision", sa.Integer, nullable=False, comment="La révision publiée : les suivantes attendent"
    ),
    sa.Column("accueil", sa.Boolean, nullable=False, comment="Page d'accueil de ce profil"),
    sa.Column("le", Moment, nullable=False),
    sa.PrimaryKeyConstraint("analyse_id", "profil"),
    sa.Index(None, "profil"),
)
"""The models as they were published, profile by profile."""

BARRE = sa.Table(
    "analyses_barre",
    METADATA,
    _account("compte_id"),
    _analysis(),
    sa.Column("rang", sa.Integer, nullable=False, comment="De gauche à droite, depuis 1"),
    sa.Column("accueil", sa.Boolean, nullable=False, comment="Page d'arrivée de cette personne"),
    sa.PrimaryKeyConstraint("compte_id", "analyse_id"),
)
"""What each person pinned in the bar, in order."""

ABONNEMENTS = sa.Table(
    "analyses_abonnements",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _analysis(),
    _account("compte_id"),
    sa.Column("choix", sa.Text, nullable=False, comment="JSON : section -> filtres gardés"),
    sa.Column(
        "seuils", sa.Text, nullable=False, comment="Liste JSON : section, mesure, sens, valeur, franchi"
    ),
    sa.Column("rythme", sa.String(12), nullable=False, comment="publication ou mensuel"),
    sa.Column(
        "dernier", sa.Text, nullable=False, comment="JSON : ce qui a été dit la dernière fois ; {} : rien"
    ),
    sa.Column("dernier_le", Moment, nullable=True, comment="Dernier message composé"),
    sa.Column(
        "arret", sa.String(200), nullable=False, comment="Pourquoi il est suspendu ; vide s'il est actif"
    ),
    sa.Column("cle", sa.String(64), nullable=False, comment="Signe le lien de désabonnement"),
    sa.Column("cree_le", Moment, nullable=False),
    sa.UniqueConstraint("analyse_id", "compte_id"),
    sa.CheckConstraint("rythme IN ('publication', 'mensuel')", name="rythme"),
    sa.Index(None, "compte_id"),
)
"""Who is told what changed in an analysis, with which filters."""
