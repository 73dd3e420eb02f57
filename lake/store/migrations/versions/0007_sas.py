"""Unscheduled care: effecteurs, places, series, absences, bookings, searches, roles."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007_sas"
down_revision = "0006_saisie"
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


def _col(name: str, kind: Any, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, comment=comment)


def _opt(name: str, kind: Any, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True, comment=comment)


def _key(name: str, kind: Any, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, autoincrement=False, comment=comment)


def _to(table: str, column: str, target: str, gone: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target.partition('.')[0]}")
    return sa.ForeignKeyConstraint([column], [target], ondelete=gone, name=name)


def upgrade() -> None:
    """Create the tables; nothing is entered yet."""
    op.create_table(
        "sas_effecteurs",
        _col("id", sa.Integer),
        _col("identifiant", sa.String(20), "8 + RPPS, 1 + FINESS"),
        _col("genre", sa.String(10), "ps ou structure"),
        _col("nom", sa.String(200), "De l’annuaire"),
        _col("specialite", sa.String(10)),
        _col("sas", sa.String(8), "SAS-54"),
        _opt("compte_id", sa.Integer),
        _col("preuve", sa.String(16), "psc, courriel, administrateur ; vide : pas encore"),
        _col("etat", sa.String(10), "actif ou retire"),
        _col("ligne_pro", sa.String(20), "Lue par les membres du SAS seulement"),
        _col("langues", sa.String(60), "Codes ISO 639, séparés par |"),
        _col("actes", sa.String(200), "Codes séparés par |"),
        _col("equipements", sa.String(200), "Codes séparés par |"),
        _col("deux_plages", sa.Boolean, "Les heures ordinaires se montrent aussi"),
        _opt("indisponible_le", _MOMENT, "Depuis quand il se dit indisponible"),
        _opt("rappel_le", _MOMENT, "Prochain rappel de cette indisponibilité"),
        _col("version", sa.Integer, "Croît à chaque changement de l’agenda"),
        _col("cree_le", _MOMENT),
        _col("maj_le", _MOMENT, "Dernier changement de l’agenda"),
        sa.CheckConstraint("etat IN ('actif', 'retire')", name=op.f("ck_sas_effecteurs_etat")),
        sa.CheckConstraint("genre IN ('ps', 'structure')", name=op.f("ck_sas_effecteurs_genre")),
        _to("sas_effecteurs", "compte_id", "comptes.id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_effecteurs")),
        sa.UniqueConstraint("identifiant", name=op.f("uq_sas_effecteurs_identifiant")),
    )
    op.create_index("ix_sas_effecteurs_compte_id", "sas_effecteurs", ["compte_id"])
    op.create_table(
        "sas_lieux",
        _col("id", sa.Integer),
        _col("effecteur_id", sa.Integer),
        _col("libelle", sa.String(120), "Nom du lieu, public"),
        _col("code_commune", sa.String(5)),
        _col("longitude", sa.Float),
        _col("latitude", sa.Float),
        _col("fuseau", sa.String(40)),
        _col("perimetre_min", sa.Float, "Minutes de route pour une visite"),
        _col("duree_amb", sa.Integer, "Durée type en cabinet (min)"),
        _col("duree_hh", sa.Integer, "Durée type à domicile (min)"),
        _col("duree_vr", sa.Integer, "Durée type en téléconsultation (min)"),
        _to("sas_lieux", "effecteur_id", "sas_effecteurs.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_lieux")),
        sa.UniqueConstraint(
            "effecteur_id", "code_commune", name=op.f("uq_sas_lieux_effecteur_id_code_commune")
        ),
    )
    op.create_table(
        "sas_horaires",
        _col("id", sa.Integer),
        _col("lieu_id", sa.Integer),
        _col("jour", sa.Integer, "1 lundi à 7 dimanche ; 8 jours fériés"),
        _col("debut_min", sa.Integer),
        _col("fin_min", sa.Integer),
        _to("sas_horaires", "lieu_id", "sas_lieux.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_horaires")),
    )
    op.create_index("ix_sas_horaires_lieu_id", "sas_horaires", ["lieu_id"])
    op.create_table(
        "sas_series",
        _col("id", sa.Integer),
        _col("effecteur_id", sa.Integer),
        _col("lieu_id", sa.Integer),
        _col("genre", sa.String(12), "snp, consultation ou surbooking"),
        _col("du", sa.Date),
        _col("au", sa.Date),
        _col("ancre", sa.Date, "Un lundi : la semaine de rang 0"),
        _col("cycle", sa.Integer, "Une semaine sur tant, 1 à 8"),
        _col("rang", sa.Integer, "Laquelle, à partir de 0"),
        _col("jour", sa.Integer, "1 lundi à 7 dimanche"),
        _col("debut_min", sa.Integer, "Minutes depuis minuit, à l’heure du lieu"),
        _col("fin_min", sa.Integer, "Au-delà de 1440 : le lendemain"),
        _opt("capacite", sa.Integer, "Vide : une place par créneau"),
        _col("duree_min", sa.Integer),
        _col("modalites", sa.Integer, "1 cabinet, 2 domicile, 4 téléconsultation"),
        _opt("remplace_id", sa.Integer, "La série dont elle prend la suite"),
        _opt("retiree_le", _MOMENT),
        _col("cree_le", _MOMENT),
        sa.CheckConstraint(
            "cycle BETWEEN 1 AND 8 AND rang BETWEEN 0 AND cycle - 1", name=op.f("ck_sas_series_cycle")
        ),
        sa.CheckConstraint(
            "genre IN ('snp', 'consultation', 'surbooking')", name=op.f("ck_sas_series_genre")
        ),
        sa.CheckConstraint("fin_min > debut_min AND duree_min > 0", name=op.f("ck_sas_series_heures")),
        sa.CheckConstraint("modalites BETWEEN 1 AND 7", name=op.f("ck_sas_series_modalites")),
        _to("sas_series", "effecteur_id", "sas_effecteurs.id", "CASCADE"),
        _to("sas_series", "lieu_id", "sas_lieux.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_series")),
    )
    op.create_index("ix_sas_series_effecteur_id", "sas_series", ["effecteur_id"])
    op.create_table(
        "sas_exceptions",
        _col("id", sa.Integer),
        _col("serie_id", sa.Integer),
        _col("date_locale", sa.Date),
        _col("genre", sa.String(10), "supprimee, deplacee ou ajoutee"),
        _opt("debut_min", sa.Integer),
        _opt("fin_min", sa.Integer),
        _opt("capacite", sa.Integer),
        sa.CheckConstraint(
            "genre IN ('supprimee', 'deplacee', 'ajoutee')", name=op.f("ck_sas_exceptions_genre")
        ),
        _to("sas_exceptions", "serie_id", "sas_series.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_exceptions")),
        sa.UniqueConstraint("serie_id", "date_locale", name=op.f("uq_sas_exceptions_serie_id_date_locale")),
    )
    op.create_table(
        "sas_absences",
        _col("id", sa.Integer),
        _col("effecteur_id", sa.Integer),
        _opt("lieu_id", sa.Integer),
        _col("debut", _MOMENT),
        _col("fin", _MOMENT),
        _col("cree_le", _MOMENT),
        _opt("annulee_le", _MOMENT),
        sa.CheckConstraint("fin > debut", name=op.f("ck_sas_absences_heures")),
        _to("sas_absences", "effecteur_id", "sas_effecteurs.id", "CASCADE"),
        _to("sas_absences", "lieu_id", "sas_lieux.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_absences")),
    )
    op.create_index("ix_sas_absences_effecteur_id_fin", "sas_absences", ["effecteur_id", "fin"])
    op.create_table(
        "sas_rendez_vous",
        _col("id", sa.Integer),
        _col("reference", sa.String(16), "SAS-XXXX-XXXX"),
        _opt("cle", sa.String(64), "SHA-256 de la clé : un envoi, un rendez-vous"),
        _col("effecteur_id", sa.Integer),
        _opt("lieu_id", sa.Integer),
        _opt("serie_id", sa.Integer),
        _opt("date_locale", sa.Date, "Le jour de la plage"),
        _opt("siege_le", _MOMENT, "Début du créneau, ou de la plage partagée"),
        _opt("siege", sa.Integer, "Numéro de place, à partir de 1"),
        _col("debut", _MOMENT),
        _col("fin", _MOMENT),
        _col("modalite", sa.String(3)),
        _col("sas", sa.String(8), "SAS qui oriente"),
        _opt("regulateur_id", sa.Integer),
        _col("statut", sa.String(10)),
        _opt("expire_le", _MOMENT, "Fin d’une tenue ; vide une fois réservé"),
        _col("source", sa.String(30), "saisie, ou le nom de l’éditeur"),
        _opt("identifiant_externe", sa.String(200), "Système et valeur, d’un éditeur"),
        _opt("maj_source", _MOMENT, "Date que l’éditeur donne à son dernier message"),
        _opt("remplace_id", sa.Integer, "Le rendez-vous qu’il déplace"),
        _col("cree_le", _MOMENT),
        _col("maj_le", _MOMENT),
        sa.CheckConstraint("fin > debut", name=op.f("ck_sas_rendez_vous_heures")),
        sa.CheckConstraint(
            "statut IN ('pending', 'booked', 'fulfilled', 'noshow', 'cancelled')",
            name=op.f("ck_sas_rendez_vous_statut"),
        ),
        _to("sas_rendez_vous", "effecteur_id", "sas_effecteurs.id", "CASCADE"),
        _to("sas_rendez_vous", "lieu_id", "sas_lieux.id", "CASCADE"),
        _to("sas_rendez_vous", "regulateur_id", "comptes.id", "SET NULL"),
        _to("sas_rendez_vous", "serie_id", "sas_series.id", "CASCADE"),
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
        _col("id", sa.Integer),
        _col("moment", _MOMENT),
        _col("sas", sa.String(8)),
        _opt("compte_id", sa.Integer),
        _col("code_commune", sa.String(5), "La commune seule ; vide si inconnue"),
        _col("lieu_precision", sa.String(12)),
        _col("preset", sa.String(40)),
        _col("modalites", sa.Integer),
        _col("horizon", sa.String(12)),
        _col("rayon_km", sa.Float),
        _col("elargie", sa.Integer, "Nombre d’élargissements"),
        _col("issue", sa.String(12), "pourvue, elargie, incertaine, non_pourvue"),
        _col("resultats", sa.Integer),
        _col("sources_muettes", sa.Integer),
        _col("graine", sa.BigInteger),
        _col("demande", sa.String(32), "Recherches d’une même demande"),
        _to("sas_recherches", "compte_id", "comptes.id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_recherches")),
    )
    op.create_index("ix_sas_recherches_moment", "sas_recherches", ["moment"])
    op.create_table(
        "sas_affichages",
        _col("id", sa.Integer),
        _col("recherche_id", sa.Integer),
        _col("effecteur_id", sa.Integer),
        _col("rang", sa.Integer),
        _col("palier", sa.Integer),
        _col("panier", sa.Integer),
        _col("bande", sa.Integer),
        _col("poids", sa.Integer),
        _col("places", sa.Integer),
        _to("sas_affichages", "effecteur_id", "sas_effecteurs.id", "CASCADE"),
        _to("sas_affichages", "recherche_id", "sas_recherches.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_affichages")),
    )
    op.create_index("ix_sas_affichages_recherche_id", "sas_affichages", ["recherche_id"])
    op.create_table(
        "sas_sollicitations",
        _col("id", sa.Integer),
        _col("effecteur_id", sa.Integer),
        _col("sas", sa.String(8)),
        _col("canal", sa.String(12), "rendez_vous, appel ou surbooking"),
        _col("issue", sa.String(12), "accepte, refuse ou injoignable"),
        _col("reference", sa.String(16), "Du rendez-vous ; vide sans"),
        _col("moment", _MOMENT),
        _to("sas_sollicitations", "effecteur_id", "sas_effecteurs.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_sollicitations")),
    )
    op.create_index(
        "ix_sas_sollicitations_effecteur_id_moment", "sas_sollicitations", ["effecteur_id", "moment"]
    )
    op.create_index("ix_sas_sollicitations_moment", "sas_sollicitations", ["moment"])
    op.create_table(
        "sas_affectations",
        _col("id", sa.Integer),
        _col("compte_id", sa.Integer),
        _col("sas", sa.String(8), "SAS-54 ; REGION pour tous ceux de la région"),
        _col("role", sa.String(30)),
        _col("depuis", _MOMENT),
        _opt("jusque", _MOMENT),
        _to("sas_affectations", "compte_id", "comptes.id", "CASCADE"),
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
        _key("version", sa.Integer),
        _col("texte", sa.Text, "Texte de la charte"),
        _col("publiee_le", _MOMENT),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_sas_chartes")),
    )
    op.create_table(
        "sas_signatures",
        _col("id", sa.Integer),
        _col("compte_id", sa.Integer),
        _col("version", sa.Integer),
        _col("empreinte", sa.String(60), "Début du SHA-256 du texte signé"),
        _col("signee_le", _MOMENT),
        _to("sas_signatures", "compte_id", "comptes.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_signatures")),
        sa.UniqueConstraint("compte_id", "version", name=op.f("uq_sas_signatures_compte_id_version")),
    )
    op.create_table(
        "sas_delegations",
        _col("id", sa.Integer),
        _col("effecteur_id", sa.Integer),
        _col("compte_id", sa.Integer),
        _col("etat", sa.String(10), "demandee, active, refusee ou finie"),
        _col("demandee_le", _MOMENT),
        _opt("decidee_le", _MOMENT),
        _to("sas_delegations", "compte_id", "comptes.id", "CASCADE"),
        _to("sas_delegations", "effecteur_id", "sas_effecteurs.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_delegations")),
    )
    op.create_table(
        "sas_version",
        _key("id", sa.Integer),
        _col("numero", sa.BigInteger, "Croît à chaque écriture"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sas_version")),
    )


def downgrade() -> None:
    """Drop them and what they hold."""
    for name in reversed(_TABLES):
        op.drop_table(name)
