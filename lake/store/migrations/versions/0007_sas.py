"""Unscheduled care: effecteurs, places, series, absences, bookings, searches, roles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_sas"
down_revision = "0005_analyses"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_HELD = sa.text("statut IN ('pending', 'booked', 'fulfilled', 'noshow')")
_NOW = sa.text("jusque IS NULL")
_TABLES = (
    "sas_effecteurs",
    "sas_lieux",
    "sas_horaires",
    "sas_series",
    "sas_exceptions",
    "sas_absences",
    "sas_rendez_vous",
    "sas_recherches",
    "sas_affichages",
    "sas_sollicitations",
    "sas_affectations",
    "sas_chartes",
    "sas_signatures",
    "sas_delegations",
    "sas_version",
)


def upgrade() -> None:
    """Create the tables; nothing is entered yet."""
    op.create_table(
        "sas_effecteurs",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("identifiant", sa.String(20), nullable=False, comment="8 + RPPS, 1 + FINESS"),
        sa.Column("genre", sa.String(10), nullable=False, comment="ps ou structure"),
        sa.Column("nom", sa.String(200), nullable=False, comment="De l’annuaire"),
        sa.Column("specialite", sa.String(10), nullable=False),
        sa.Column("sas", sa.String(8), nullable=False, comment="SAS-54"),
        sa.Column("compte_id", sa.Integer, nullable=True),
        sa.Column(
            "preuve",
            sa.String(16),
            nullable=False,
            comment="psc, courriel, administrateur ; vide : pas encore",
        ),
        sa.Column("etat", sa.String(10), nullable=False, comment="actif ou retire"),
        sa.Column("ligne_pro", sa.String(20), nullable=False, comment="Lue par les membres du SAS seulement"),
        sa.Column("langues", sa.String(60), nullable=False, comment="Codes ISO 639, séparés par |"),
        sa.Column("actes", sa.String(200), nullable=False, comment="Codes séparés par |"),
        sa.Column("equipements", sa.String(200), nullable=False, comment="Codes séparés par |"),
        sa.Column(
            "deux_plages", sa.Boolean, nullable=False, comment="Les heures ordinaires se montrent aussi"
        ),
        sa.Column("indisponible_le", _MOMENT, nullable=True, comment="Depuis quand il se dit indisponible"),
        sa.Column("rappel_le", _MOMENT, nullable=True, comment="Prochain rappel de cette indisponibilité"),
        sa.Column("version", sa.Integer, nullable=False, comment="Croît à chaque changement de l’agenda"),
        sa.Column("cree_le", _MOMENT, nullable=False),
        sa.Column("maj_le", _MOMENT, nullable=False, comment="Dernier changement de l’agenda"),
        sa.CheckConstraint("etat IN ('actif', 'retire')", name=op.f("ck_sas_effecteurs_etat")),
        sa.CheckConstraint("genre IN ('ps', 'structure')", name=op.f("ck_sas_effecteurs_genre")),
        sa.ForeignKeyConstraint(
            ["compte_id"],
            ["comptes.id"],
            ondelete="SET NULL",
            name=op.f("fk_sas_effecteurs_compte_id_comptes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_effecteurs")),
        sa.UniqueConstraint("identifiant", name=op.f("uq_sas_effecteurs_identifiant")),
    )
    op.create_index("ix_sas_effecteurs_compte_id", "sas_effecteurs", ["compte_id"])
    op.create_table(
        "sas_lieux",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("effecteur_id", sa.Integer, nullable=False),
        sa.Column("libelle", sa.String(120), nullable=False, comment="Nom du lieu, public"),
        sa.Column("code_commune", sa.String(5), nullable=False),
        sa.Column("longitude", sa.Float, nullable=False),
        sa.Column("latitude", sa.Float, nullable=False),
        sa.Column("fuseau", sa.String(40), nullable=False),
        sa.Column("perimetre_min", sa.Float, nullable=False, comment="Minutes de route pour une visite"),
        sa.Column("duree_amb", sa.Integer, nullable=False, comment="Durée type en cabinet (min)"),
        sa.Column("duree_hh", sa.Integer, nullable=False, comment="Durée type à domicile (min)"),
        sa.Column("duree_vr", sa.Integer, nullable=False, comment="Durée type en téléconsultation (min)"),
        sa.ForeignKeyConstraint(
            ["effecteur_id"],
            ["sas_effecteurs.id"],
            ondelete="CASCADE",
            name=op.f("fk_sas_lieux_effecteur_id_sas_effecteurs"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_lieux")),
        sa.UniqueConstraint(
            "effecteur_id", "code_commune", name=op.f("uq_sas_lieux_effecteur_id_code_commune")
        ),
    )
    op.create_table(
        "sas_horaires",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("lieu_id", sa.Integer, nullable=False),
        sa.Column("jour", sa.Integer, nullable=False, comment="1 lundi à 7 dimanche ; 8 jours fériés"),
        sa.Column("debut_min", sa.Integer, nullable=False),
        sa.Column("fin_min", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["lieu_id"], ["sas_lieux.id"], ondelete="CASCADE", name=op.f("fk_sas_horaires_lieu_id_sas_lieux")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_horaires")),
    )
    op.create_index("ix_sas_horaires_lieu_id", "sas_horaires", ["lieu_id"])
    op.create_table(
        "sas_series",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("effecteur_id", sa.Integer, nullable=False),
        sa.Column("lieu_id", sa.Integer, nullable=False),
        sa.Column("genre", sa.String(12), nullable=False, comment="snp, consultation ou surbooking"),
        sa.Column("du", sa.Date, nullable=False),
        sa.Column("au", sa.Date, nullable=False),
        sa.Column("ancre", sa.Date, nullable=False, comment="Un lundi : la semaine de rang 0"),
        sa.Column("cycle", sa.Integer, nullable=False, comment="Une semaine sur tant, 1 à 8"),
        sa.Column("rang", sa.Integer, nullable=False, comment="Laquelle, à partir de 0"),
        sa.Column("jour", sa.Integer, nullable=False, comment="1 lundi à 7 dimanche"),
        sa.Column(
            "debut_min", sa.Integer, nullable=False, comment="Minutes depuis minuit, à l’heure du lieu"
        ),
        sa.Column("fin_min", sa.Integer, nullable=False, comment="Au-delà de 1440 : le lendemain"),
        sa.Column("capacite", sa.Integer, nullable=True, comment="Vide : une place par créneau"),
        sa.Column("duree_min", sa.Integer, nullable=False),
        sa.Column(
            "modalites", sa.Integer, nullable=False, comment="1 cabinet, 2 domicile, 4 téléconsultation"
        ),
        sa.Column("remplace_id", sa.Integer, nullable=True, comment="La série dont elle prend la suite"),
        sa.Column("retiree_le", _MOMENT, nullable=True),
        sa.Column("cree_le", _MOMENT, nullable=False),
        sa.CheckConstraint(
            "cycle BETWEEN 1 AND 8 AND rang BETWEEN 0 AND cycle - 1", name=op.f("ck_sas_series_cycle")
        ),
        sa.CheckConstraint(
            "genre IN ('snp', 'consultation', 'surbooking')", name=op.f("ck_sas_series_genre")
        ),
        sa.CheckConstraint("fin_min > debut_min AND duree_min > 0", name=op.f("ck_sas_series_heures")),
        sa.CheckConstraint("modalites BETWEEN 1 AND 7", name=op.f("ck_sas_series_modalites")),
        sa.ForeignKeyConstraint(
            ["effecteur_id"],
            ["sas_effecteurs.id"],
            ondelete="CASCADE",
            name=op.f("fk_sas_series_effecteur_id_sas_effecteurs"),
        ),
        sa.ForeignKeyConstraint(
            ["lieu_id"], ["sas_lieux.id"], ondelete="CASCADE", name=op.f("fk_sas_series_lieu_id_sas_lieux")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_series")),
    )
    op.create_index("ix_sas_series_effecteur_id", "sas_series", ["effecteur_id"])
    op.create_table(
        "sas_exceptions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("serie_id", sa.Integer, nullable=False),
        sa.Column("date_locale", sa.Date, nullable=False),
        sa.Column("genre", sa.String(10), nullable=False, comment="supprimee, deplacee ou ajoutee"),
        sa.Column("debut_min", sa.Integer, nullable=True),
        sa.Column("fin_min", sa.Integer, nullable=True),
        sa.Column("capacite", sa.Integer, nullable=True),
        sa.CheckConstraint(
            "genre IN ('supprimee', 'deplacee', 'ajoutee')", name=op.f("ck_sas_exceptions_genre")
        ),
        sa.ForeignKeyConstraint(
            ["serie_id"],
            ["sas_series.id"],
            ondelete="CASCADE",
            name=op.f("fk_sas_exceptions_serie_id_sas_series"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_exceptions")),
        sa.UniqueConstraint("serie_id", "date_locale", name=op.f("uq_sas_exceptions_serie_id_date_locale")),
    )
    op.create_table(
        "sas_absences",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("effecteur_id", sa.Integer, nullable=False),
        sa.Column("lieu_id", sa.Integer, nullable=True),
        sa.Column("debut", _MOMENT, nullable=False),
        sa.Column("fin", _MOMENT, nullable=False),
        sa.Column("cree_le", _MOMENT, nullable=False),
        sa.Column("annulee_le", _MOMENT, nullable=True),
        sa.CheckConstraint("fin > debut", name=op.f("ck_sas_absences_heures")),
        sa.ForeignKeyConstraint(
            ["effecteur_id"],
            ["sas_effecteurs.id"],
            ondelete="CASCADE",
            name=op.f("fk_sas_absences_effecteur_id_sas_effecteurs"),
        ),
        sa.ForeignKeyConstraint(
            ["lieu_id"], ["sas_lieux.id"], ondelete="CASCADE", name=op.f("fk_sas_absences_lieu_id_sas_lieux")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_absences")),
    )
    op.create_index("ix_sas_absences_effecteur_id_fin", "sas_absences", ["effecteur_id", "fin"])
    op.create_table(
        "sas_rendez_vous",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("reference", sa.String(16), nullable=False, comment="SAS-XXXX-XXXX"),
        sa.Column(
            "cle", sa.String(64), nullable=True, comment="SHA-256 de la clé : un envoi, un rendez-vous"
        ),
        sa.Column("effecteur_id", sa.Integer, nullable=False),
        sa.Column("lieu_id", sa.Integer, nullable=True),
        sa.Column("serie_id", sa.Integer, nullable=True),
        sa.Column("date_locale", sa.Date, nullable=True, comment="Le jour de la plage"),
        sa.Column("siege_le", _MOMENT, nullable=True, comment="Début du créneau, ou de la plage partagée"),
        sa.Column("siege", sa.Integer, nullable=True, comment="Numéro de place, à partir de 1"),
        sa.Column("debut", _MOMENT, nullable=False),
        sa.Column("fin", _MOMENT, nullable=False),
        sa.Column("modalite", sa.String(3), nullable=False),
        sa.Column("sas", sa.String(8), nullable=False, comment="SAS qui oriente"),
        sa.Column("regulateur_id", sa.Integer, nullable=True),
        sa.Column("statut", sa.String(10), nullable=False),
        sa.Column("expire_le", _MOMENT, nullable=True, comment="Fin d’une tenue ; vide une fois réservé"),
        sa.Column("source", sa.String(30), nullable=False, comment="saisie, ou le nom de l’éditeur"),
        sa.Column(
            "identifiant_externe", sa.String(200), nullable=True, comment="Système et valeur, d’un éditeur"
        ),
        sa.Column(
            "maj_source", _MOMENT, nullable=True, comment="Date que l’éditeur donne à son dernier message"
        ),
        sa.Column("remplace_id", sa.Integer, nullable=True, comment="Le rendez-vous qu’il déplace"),
        sa.Column("cree_le", _MOMENT, nullable=False),
        sa.Column("maj_le", _MOMENT, nullable=False),
        sa.CheckConstraint("fin > debut", name=op.f("ck_sas_rendez_vous_heures")),
        sa.CheckConstraint(
            "statut IN ('pending', 'booked', 'fulfilled', 'noshow', 'cancelled')",
            name=op.f("ck_sas_rendez_vous_statut"),
        ),
        sa.ForeignKeyConstraint(
            ["effecteur_id"],
            ["sas_effecteurs.id"],
            ondelete="CASCADE",
            name=op.f("fk_sas_rendez_vous_effecteur_id_sas_effecteurs"),
        ),
        sa.ForeignKeyConstraint(
            ["lieu_id"],
            ["sas_lieux.id"],
            ondelete="CASCADE",
            name=op.f("fk_sas_rendez_vous_lieu_id_sas_lieux"),
        ),
        sa.ForeignKeyConstraint(
            ["regulateur_id"],
            ["comptes.id"],
            ondelete="SET NULL",
            name=op.f("fk_sas_rendez_vous_regulateur_id_comptes"),
        ),
        sa.ForeignKeyConstraint(
            ["serie_id"],
            ["sas_series.id"],
            ondelete="CASCADE",
            name=op.f("fk_sas_rendez_vous_serie_id_sas_series"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_rendez_vous")),
        sa.UniqueConstraint("cle", name=op.f("uq_sas_rendez_vous_cle")),
        sa.UniqueConstraint("identifiant_externe", name=op.f("uq_sas_rendez_vous_identifiant_externe")),
        sa.UniqueConstraint("reference", name=op.f("uq_sas_rendez_vous_reference")),
    )
    op.create_index("ix_sas_rendez_vous_debut", "sas_rendez_vous", ["debut"])
    op.create_index("ix_sas_rendez_vous_effecteur_id_debut", "sas_rendez_vous", ["effecteur_id", "debut"])
    op.create_index(
        "uq_sas_rendez_vous_siege",
        "sas_rendez_vous",
        ["serie_id", "date_locale", "siege_le", "siege"],
        unique=True,
        sqlite_where=_HELD,
        postgresql_where=_HELD,
    )
    op.create_table(
        "sas_recherches",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("moment", _MOMENT, nullable=False),
        sa.Column("sas", sa.String(8), nullable=False),
        sa.Column("compte_id", sa.Integer, nullable=True),
        sa.Column(
            "code_commune", sa.String(5), nullable=False, comment="La commune seule ; vide si inconnue"
        ),
        sa.Column("lieu_precision", sa.String(12), nullable=False),
        sa.Column("preset", sa.String(40), nullable=False),
        sa.Column("modalites", sa.Integer, nullable=False),
        sa.Column("horizon", sa.String(12), nullable=False),
        sa.Column("rayon_km", sa.Float, nullable=False),
        sa.Column("elargie", sa.Integer, nullable=False, comment="Nombre d’élargissements"),
        sa.Column(
            "issue", sa.String(12), nullable=False, comment="pourvue, elargie, incertaine, non_pourvue"
        ),
        sa.Column("resultats", sa.Integer, nullable=False),
        sa.Column("sources_muettes", sa.Integer, nullable=False),
        sa.Column("graine", sa.BigInteger, nullable=False),
        sa.Column("demande", sa.String(32), nullable=False, comment="Recherches d’une même demande"),
        sa.ForeignKeyConstraint(
            ["compte_id"],
            ["comptes.id"],
            ondelete="SET NULL",
            name=op.f("fk_sas_recherches_compte_id_comptes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_recherches")),
    )
    op.create_index("ix_sas_recherches_moment", "sas_recherches", ["moment"])
    op.create_table(
        "sas_affichages",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("recherche_id", sa.Integer, nullable=False),
        sa.Column("effecteur_id", sa.Integer, nullable=False),
        sa.Column("rang", sa.Integer, nullable=False),
        sa.Column("palier", sa.Integer, nullable=False),
        sa.Column("panier", sa.Integer, nullable=False),
        sa.Column("bande", sa.Integer, nullable=False),
        sa.Column("poids", sa.Integer, nullable=False),
        sa.Column("places", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["effecteur_id"],
            ["sas_effecteurs.id"],
            ondelete="CASCADE",
            name=op.f("fk_sas_affichages_effecteur_id_sas_effecteurs"),
        ),
        sa.ForeignKeyConstraint(
            ["recherche_id"],
            ["sas_recherches.id"],
            ondelete="CASCADE",
            name=op.f("fk_sas_affichages_recherche_id_sas_recherches"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_affichages")),
    )
    op.create_index("ix_sas_affichages_recherche_id", "sas_affichages", ["recherche_id"])
    op.create_table(
        "sas_sollicitations",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("effecteur_id", sa.Integer, nullable=False),
        sa.Column("sas", sa.String(8), nullable=False),
        sa.Column("canal", sa.String(12), nullable=False, comment="rendez_vous, appel ou surbooking"),
        sa.Column("issue", sa.String(12), nullable=False, comment="accepte, refuse ou injoignable"),
        sa.Column("reference", sa.String(16), nullable=False, comment="Du rendez-vous ; vide sans"),
        sa.Column("moment", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["effecteur_id"],
            ["sas_effecteurs.id"],
            ondelete="CASCADE",
            name=op.f("fk_sas_sollicitations_effecteur_id_sas_effecteurs"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_sollicitations")),
    )
    op.create_index(
        "ix_sas_sollicitations_effecteur_id_moment", "sas_sollicitations", ["effecteur_id", "moment"]
    )
    op.create_index("ix_sas_sollicitations_moment", "sas_sollicitations", ["moment"])
    op.create_table(
        "sas_affectations",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("compte_id", sa.Integer, nullable=False),
        sa.Column("sas", sa.String(8), nullable=False, comment="SAS-54 ; REGION pour tous ceux de la région"),
        sa.Column("role", sa.String(30), nullable=False),
        sa.Column("depuis", _MOMENT, nullable=False),
        sa.Column("jusque", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["compte_id"],
            ["comptes.id"],
            ondelete="CASCADE",
            name=op.f("fk_sas_affectations_compte_id_comptes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_affectations")),
    )
    op.create_index(
        "uq_sas_affectations_en_cours",
        "sas_affectations",
        ["compte_id", "sas", "role"],
        unique=True,
        sqlite_where=_NOW,
        postgresql_where=_NOW,
    )
    op.create_table(
        "sas_chartes",
        sa.Column("version", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("texte", sa.Text, nullable=False, comment="Texte de la charte"),
        sa.Column("publiee_le", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_sas_chartes")),
    )
    op.create_table(
        "sas_signatures",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("compte_id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("empreinte", sa.String(60), nullable=False, comment="Début du SHA-256 du texte signé"),
        sa.Column("signee_le", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["compte_id"],
            ["comptes.id"],
            ondelete="CASCADE",
            name=op.f("fk_sas_signatures_compte_id_comptes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_signatures")),
        sa.UniqueConstraint("compte_id", "version", name=op.f("uq_sas_signatures_compte_id_version")),
    )
    op.create_table(
        "sas_delegations",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("effecteur_id", sa.Integer, nullable=False),
        sa.Column("compte_id", sa.Integer, nullable=False),
        sa.Column("etat", sa.String(10), nullable=False, comment="demandee, active, refusee ou finie"),
        sa.Column("demandee_le", _MOMENT, nullable=False),
        sa.Column("decidee_le", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["compte_id"],
            ["comptes.id"],
            ondelete="CASCADE",
            name=op.f("fk_sas_delegations_compte_id_comptes"),
        ),
        sa.ForeignKeyConstraint(
            ["effecteur_id"],
            ["sas_effecteurs.id"],
            ondelete="CASCADE",
            name=op.f("fk_sas_delegations_effecteur_id_sas_effecteurs"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_delegations")),
    )
    op.create_table(
        "sas_version",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("numero", sa.BigInteger, nullable=False, comment="Croît à chaque écriture"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_version")),
    )


def downgrade() -> None:
    """Drop them and what they hold."""
    for name in reversed(_TABLES):
        op.drop_table(name)
