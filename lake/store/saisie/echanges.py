"""The tables of what a team says beyond itself: threads that national experts read, improvements that are proposed."""

from __future__ import annotations

import sqlalchemy as sa

from lake.store.schema import METADATA, Moment

FILS = sa.Table(
    "saisie_fils",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("service_id", sa.Integer, sa.ForeignKey("saisie_services.id"), nullable=False),
    sa.Column("questionnaire", sa.String(60), nullable=False),
    sa.Column("critere", sa.String(60), nullable=False),
    sa.Column("version_referentiel", sa.String(60), nullable=False),
    sa.Column("visibilite", sa.String(10), nullable=False, comment="equipe ou national"),
    sa.Column("change_le", Moment, nullable=False, comment="Ouvert, ou refermé, depuis"),
    sa.Column("change_par", sa.String(254), nullable=False),
    sa.UniqueConstraint(
        "service_id", "questionnaire", "critere", "version_referentiel", name="uq_saisie_fils_fil"
    ),
    sa.CheckConstraint("visibilite IN ('equipe', 'national')", name="visibilite"),
)
"""Who reads the thread of a criterion, under one version of the questions: one that is not there is the team's."""

AMELIORATIONS = sa.Table(
    "saisie_ameliorations",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("volet", sa.String(20), nullable=False),
    sa.Column("service_id", sa.Integer, sa.ForeignKey("saisie_services.id"), nullable=False),
    sa.Column("questionnaire", sa.String(60), nullable=False),
    sa.Column("axe", sa.String(60), nullable=False),
    sa.Column("critere", sa.String(60), nullable=False, comment="Vide : tout l'axe"),
    sa.Column("version_referentiel", sa.String(60), nullable=False),
    sa.Column("porteur", sa.String(10), nullable=False, comment="national, editeur ou regional"),
    sa.Column("texte", sa.Text, nullable=False),
    sa.Column("propose_par", sa.String(200), nullable=False, comment="Organisation"),
    sa.Column("auteur", sa.String(254), nullable=False),
    sa.Column("propose_le", Moment, nullable=False),
    sa.Column("statut", sa.String(10), nullable=False, comment="proposee, retenue ou ecartee"),
    sa.Column("motif", sa.Text, nullable=False, comment="Pourquoi elle est écartée"),
    sa.Column("decide_le", Moment, nullable=True),
    sa.Column("decide_par", sa.String(254), nullable=False),
    sa.CheckConstraint("statut IN ('proposee', 'retenue', 'ecartee')", name="statut"),
)
"""What is proposed to improve an axis; what an administrator retains is published with the campaign."""
