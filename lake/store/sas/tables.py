"""The tables of unscheduled care; they join the store's schema. A change here goes with a migration."""

from __future__ import annotations

import sqlalchemy as sa

from lake.store.schema import METADATA, Moment

VIVANTS = ("pending", "booked", "fulfilled", "noshow")
"""States of a booking that hold its seat."""
_HELD = sa.text("statut IN ('pending', 'booked', 'fulfilled', 'noshow')")
_NOW = sa.text("jusque IS NULL")


def _account(name: str, *, gone: str = "CASCADE", nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, sa.ForeignKey("comptes.id", ondelete=gone), nullable=nullable)


def _of(name: str, table: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=nullable)


EFFECTEURS = sa.Table(
    "sas_effecteurs",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("identifiant", sa.String(20), nullable=False, comment="8 + RPPS, 1 + FINESS"),
    sa.Column("genre", sa.String(10), nullable=False, comment="ps ou structure"),
    sa.Column("nom", sa.String(200), nullable=False, comment="De l’annuaire"),
    sa.Column("specialite", sa.String(10), nullable=False),
    sa.Column("sas", sa.String(8), nullable=False, comment="SAS-54"),
    _account("compte_id", gone="SET NULL", nullable=True),
    sa.Column(
        "preuve", sa.String(16), nullable=False, comment="psc, courriel, administrateur ; vide : pas encore"
    ),
    sa.Column("etat", sa.String(10), nullable=False, comment="actif ou retire"),
    sa.Column("ligne_pro", sa.String(20), nullable=False, comment="Lue par les membres du SAS seulement"),
    sa.Column("langues", sa.String(60), nullable=False, comment="Codes ISO 639, séparés par |"),
    sa.Column("actes", sa.String(200), nullable=False, comment="Codes séparés par |"),
    sa.Column("equipements", sa.String(200), nullable=False, comment="Codes séparés par |"),
    sa.Column(
        "ages", sa.String(60), nullable=False, server_default="", comment="Codes séparés par | ; vide : tous"
    ),
    sa.Column("deux_plages", sa.Boolean, nullable=False, comment="Les heures ordinaires se montrent aussi"),
    sa.Column("indisponible_le", Moment, nullable=True, comment="Depuis quand il se dit indisponible"),
    sa.Column("rappel_le", Moment, nullable=True, comment="Prochain rappel de cette indisponibilité"),
    sa.Column("sorti_le", sa.Date, nullable=True, comment="Premier jour où FINESS ou l’annuaire ne l’a plus"),
    sa.Column("version", sa.Integer, nullable=False, comment="Croît à chaque changement de l’agenda"),
    sa.Column("cree_le", Moment, nullable=False),
    sa.Column("maj_le", Moment, nullable=False, comment="Dernier changement de l’agenda"),
    sa.UniqueConstraint("identifiant"),
    sa.CheckConstraint("genre IN ('ps', 'structure')", name="genre"),
    sa.CheckConstraint("etat IN ('actif', 'retire')", name="etat"),
    sa.Index(None, "compte_id"),
)
"""Who offers care. Its row is what every change of its agenda locks first."""

LIEUX = sa.Table(
    "sas_lieux",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _of("effecteur_id", "sas_effecteurs"),
    sa.Column("libelle", sa.String(120), nullable=False, comment="Nom du lieu, public"),
    sa.Column("code_commune", sa.String(5), nullable=False),
    sa.Column("longitude", sa.Float, nullable=False),
    sa.Column("latitude", sa.Float, nullable=False),
    sa.Column("fuseau", sa.String(40), nullable=False),
    sa.Column("perimetre_min", sa.Float, nullable=False, comment="Minutes de route pour une visite"),
    sa.Column(
        "perimetre_communes",
        sa.Text,
        nullable=False,
        server_default="",
        comment="Codes des communes visitées, séparés par | ; vide : les minutes",
    ),
    sa.Column("duree_amb", sa.Integer, nullable=False, comment="Durée type en cabinet (min)"),
    sa.Column("duree_hh", sa.Integer, nullable=False, comment="Durée type à domicile (min)"),
    sa.Column("duree_vr", sa.Integer, nullable=False, comment="Durée type en téléconsultation (min)"),
    sa.Column("indisponible_le", Moment, nullable=True, comment="Depuis quand il ne reçoit plus ici"),
    sa.UniqueConstraint("effecteur_id", "code_commune"),
)
"""Where, and the settings of the agenda there."""

HORAIRES = sa.Table(
    "sas_horaires",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _of("lieu_id", "sas_lieux"),
    sa.Column("jour", sa.Integer, nullable=False, comment="1 lundi à 7 dimanche ; 8 jours fériés"),
    sa.Column("debut_min", sa.Integer, nullable=False),
    sa.Column("fin_min", sa.Integer, nullable=False),
    sa.Index(None, "lieu_id"),
)
"""Opening hours of structures."""

SERIES = sa.Table(
    "sas_series",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _of("effecteur_id", "sas_effecteurs"),
    _of("lieu_id", "sas_lieux"),
    sa.Column("genre", sa.String(12), nullable=False, comment="snp, consultation ou surbooking"),
    sa.Column("du", sa.Date, nullable=False),
    sa.Column("au", sa.Date, nullable=False),
    sa.Column("ancre", sa.Date, nullable=False, comment="Un lundi : la semaine de rang 0"),
    sa.Column("cycle", sa.Integer, nullable=False, comment="Une semaine sur tant, 1 à 8"),
    sa.Column("rang", sa.Integer, nullable=False, comment="Laquelle, à partir de 0"),
    sa.Column("jour", sa.Integer, nullable=False, comment="1 lundi à 7 dimanche"),
    sa.Column("debut_min", sa.Integer, nullable=False, comment="Minutes depuis minuit, à l’heure du lieu"),
    sa.Column("fin_min", sa.Integer, nullable=False, comment="Au-delà de 1440 : le lendemain"),
    sa.Column("capacite", sa.Integer, nullable=True, comment="Vide : une place par créneau"),
    sa.Column("duree_min", sa.Integer, nullable=False),
    sa.Column("modalites", sa.Integer, nullable=False, comment="1 cabinet, 2 domicile, 4 téléconsultation"),
    sa.Column("remplace_id", sa.Integer, nullable=True, comment="La série dont elle prend la suite"),
    sa.Column("retiree_le", Moment, nullable=True),
    sa.Column("cree_le", Moment, nullable=False),
    sa.CheckConstraint("genre IN ('snp', 'consultation', 'surbooking')", name="genre"),
    sa.CheckConstraint("cycle BETWEEN 1 AND 8 AND rang BETWEEN 0 AND cycle - 1", name="cycle"),
    sa.CheckConstraint("fin_min > debut_min AND duree_min > 0", name="heures"),
    sa.CheckConstraint("modalites BETWEEN 1 AND 7", name="modalites"),
    sa.Index(None, "effecteur_id"),
)
"""Ranges that come back. Never deleted: withdrawn."""

EXCEPTIONS = sa.Table(
    "sas_exceptions",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _of("serie_id", "sas_series"),
    sa.Column("date_locale", sa.Date, nullable=False),
    sa.Column("genre", sa.String(10), nullable=False, comment="supprimee, deplacee ou ajoutee"),
    sa.Column("debut_min", sa.Integer, nullable=True),
    sa.Column("fin_min", sa.Integer, nullable=True),
    sa.Column("capacite", sa.Integer, nullable=True),
    sa.UniqueConstraint("serie_id", "date_locale"),
    sa.CheckConstraint("genre IN ('supprimee', 'deplacee', 'ajoutee')", name="genre"),
)
"""Dates on which a series differs."""

ABSENCES = sa.Table(
    "sas_absences",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _of("effecteur_id", "sas_effecteurs"),
    _of("lieu_id", "sas_lieux", nullable=True),
    sa.Column("debut", Moment, nullable=False),
    sa.Column("fin", Moment, nullable=False),
    sa.Column("cree_le", Moment, nullable=False),
    sa.Column("annulee_le", Moment, nullable=True),
    sa.CheckConstraint("fin > debut", name="heures"),
    sa.Index(None, "effecteur_id", "fin"),
)
"""Planned absences; past ones stay, for what was announced."""

RENDEZ_VOUS = sa.Table(
    "sas_rendez_vous",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("reference", sa.String(16), nullable=False, comment="SAS-XXXX-XXXX"),
    sa.Column("cle", sa.String(64), nullable=True, comment="SHA-256 de la clé : un envoi, un rendez-vous"),
    _of("effecteur_id", "sas_effecteurs"),
    _of("lieu_id", "sas_lieux", nullable=True),
    _of("serie_id", "sas_series", nullable=True),
    sa.Column("date_locale", sa.Date, nullable=True, comment="Le jour de la plage"),
    sa.Column("siege_le", Moment, nullable=True, comment="Début du créneau, ou de la plage partagée"),
    sa.Column("siege", sa.Integer, nullable=True, comment="Numéro de place, à partir de 1"),
    sa.Column("debut", Moment, nullable=False),
    sa.Column("fin", Moment, nullable=False),
    sa.Column("modalite", sa.String(3), nullable=False),
    sa.Column("sas", sa.String(8), nullable=False, comment="SAS qui oriente"),
    _account("regulateur_id", gone="SET NULL", nullable=True),
    sa.Column("statut", sa.String(10), nullable=False),
    sa.Column("expire_le", Moment, nullable=True, comment="Fin d’une tenue ; vide une fois réservé"),
    sa.Column("source", sa.String(30), nullable=False, comment="saisie, ou le nom de l’éditeur"),
    sa.Column("identifiant_externe", sa.String(200), nullable=True, comment="Système et valeur, d’un éditeur"),
    sa.Column("maj_source", Moment, nullable=True, comment="Date que l’éditeur donne à son dernier message"),
    sa.Column("remplace_id", sa.Integer, nullable=True, comment="Le rendez-vous qu’il déplace"),
    sa.Column("praticien", sa.String(20), nullable=True, comment="8 + RPPS, nommé après coup par la structure"),
    sa.Column("cree_le", Moment, nullable=False),
    sa.Column("maj_le", Moment, nullable=False),
    sa.UniqueConstraint("reference"),
    sa.UniqueConstraint("cle"),
    sa.UniqueConstraint("identifiant_externe"),
    sa.CheckConstraint("statut IN ('pending', 'booked', 'fulfilled', 'noshow', 'cancelled')", name="statut"),
    sa.CheckConstraint("fin > debut", name="heures"),
    sa.Index(
        "uq_sas_rendez_vous_siege", "serie_id", "date_locale", "siege_le", "siege", unique=True,
        sqlite_where=_HELD, postgresql_where=_HELD,
    ),
    sa.Index(None, "effecteur_id", "debut"),
    sa.Index(None, "debut"),
)  # fmt: skip
"""Seats held and booked: hours and places, nobody's name."""

RECHERCHES = sa.Table(
    "sas_recherches",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("moment", Moment, nullable=False),
    sa.Column("sas", sa.String(8), nullable=False),
    _account("compte_id", gone="SET NULL", nullable=True),
    sa.Column("code_commune", sa.String(5), nullable=False, comment="La commune seule ; vide si inconnue"),
    sa.Column("lieu_precision", sa.String(12), nullable=False),
    sa.Column("preset", sa.String(40), nullable=False),
    sa.Column("modalites", sa.Integer, nullable=False),
    sa.Column("horizon", sa.String(12), nullable=False),
    sa.Column("rayon_km", sa.Float, nullable=False),
    sa.Column("elargie", sa.Integer, nullable=False, comment="Nombre d’élargissements"),
    sa.Column("issue", sa.String(12), nullable=False, comment="pourvue, elargie, incertaine, non_pourvue"),
    sa.Column("resultats", sa.Integer, nullable=False),
    sa.Column("sources_muettes", sa.Integer, nullable=False),
    sa.Column("graine", sa.BigInteger, nullable=False),
    sa.Column("demande", sa.String(32), nullable=False, comment="Recherches d’une même demande"),
    sa.Index(None, "moment"),
)
"""What was searched: never a place finer than a commune."""

AFFICHAGES = sa.Table(
    "sas_affichages",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _of("recherche_id", "sas_recherches"),
    _of("effecteur_id", "sas_effecteurs"),
    sa.Column("rang", sa.Integer, nullable=False),
    sa.Column("palier", sa.Integer, nullable=False),
    sa.Column("panier", sa.Integer, nullable=False),
    sa.Column("bande", sa.Integer, nullable=False),
    sa.Column("poids", sa.Integer, nullable=False),
    sa.Column("places", sa.Integer, nullable=False),
    sa.Index(None, "recherche_id"),
)
"""What was shown, in which order: what proves that it is neutral."""

SOLLICITATIONS = sa.Table(
    "sas_sollicitations",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _of("effecteur_id", "sas_effecteurs"),
    sa.Column("sas", sa.String(8), nullable=False),
    sa.Column("canal", sa.String(12), nullable=False, comment="rendez_vous, appel ou surbooking"),
    sa.Column("issue", sa.String(12), nullable=False, comment="accepte, refuse ou injoignable"),
    sa.Column("reference", sa.String(16), nullable=False, comment="Du rendez-vous ; vide sans"),
    sa.Column("moment", Moment, nullable=False),
    sa.Index(None, "effecteur_id", "moment"),
    sa.Index(None, "moment"),
)
"""Who was asked, how, and what came of it."""

AFFECTATIONS = sa.Table(
    "sas_affectations",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _account("compte_id"),
    sa.Column("sas", sa.String(8), nullable=False, comment="SAS-54 ; REGION pour tous ceux de la région"),
    sa.Column("role", sa.String(30), nullable=False),
    sa.Column("depuis", Moment, nullable=False),
    sa.Column("jusque", Moment, nullable=True),
    sa.Index(
        "uq_sas_affectations_en_cours", "compte_id", "sas", "role", unique=True, sqlite_where=_NOW,
        postgresql_where=_NOW,
    ),
)  # fmt: skip
"""Who is what in which SAS: one account may be in several."""

CHARTES = sa.Table(
    "sas_chartes",
    METADATA,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("texte", sa.Text, nullable=False, comment="Texte de la charte"),
    sa.Column("publiee_le", Moment, nullable=False),
)
"""Versions of the administrators' charter."""

SIGNATURES = sa.Table(
    "sas_signatures",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _account("compte_id"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("empreinte", sa.String(60), nullable=False, comment="Début du SHA-256 du texte signé"),
    sa.Column("signee_le", Moment, nullable=False),
    sa.UniqueConstraint("compte_id", "version"),
)
"""Who signed which version."""

DELEGATIONS = sa.Table(
    "sas_delegations",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _of("effecteur_id", "sas_effecteurs"),
    _account("compte_id"),
    sa.Column("etat", sa.String(10), nullable=False, comment="demandee, active, refusee ou finie"),
    sa.Column("demandee_le", Moment, nullable=False),
    sa.Column("decidee_le", Moment, nullable=True),
)
"""Who keeps whose agenda: asked, accepted by the practitioner, ended by either."""

VERSION = sa.Table(
    "sas_version",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("numero", sa.BigInteger, nullable=False, comment="Croît à chaque écriture"),
)
"""One row: what was read at this number is still true at this number."""

LIENS = sa.Table(
    "sas_liens",
    METADATA,
    sa.Column("empreinte", sa.String(60), primary_key=True, comment="Début du SHA-256 de la fin du lien"),
    _of("effecteur_id", "sas_effecteurs"),
    sa.Column("genre", sa.String(10), nullable=False, comment="retour"),
    sa.Column("cree_le", Moment, nullable=False),
    sa.Column("expire_le", Moment, nullable=False),
    sa.Column("servi_le", Moment, nullable=True),
)
"""Links that do one thing, once, for who has the message: no sign-in, nothing else."""

AVIS = sa.Table(
    "sas_avis",
    METADATA,
    sa.Column("cle", sa.String(60), primary_key=True, comment="Condensé de ce qui a été dit, et à qui"),
    sa.Column("moment", Moment, nullable=False),
)
"""What was told already: a job that runs twice, or after four days of rest, tells it once."""

PRESETS = sa.Table(
    "sas_presets",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sas", sa.String(8), nullable=False, comment="SAS-54"),
    sa.Column("titre", sa.String(40), nullable=False, comment="Nom de la recherche"),
    sa.Column("specialite", sa.String(10), nullable=False, comment="SM54… ; vide pour toutes"),
    sa.Column("acte", sa.String(40), nullable=False, comment="Code ; vide sans"),
    sa.Column("equipement", sa.String(40), nullable=False, comment="Code ; vide sans"),
    sa.Column("langue", sa.String(3), nullable=False, comment="ISO 639 ; vide sans"),
    sa.Column("genre", sa.String(10), nullable=False, comment="ps, structure ; vide pour tous"),
    sa.Column("modalites", sa.Integer, nullable=False, comment="Modalités posées d’avance ; 0 sans"),
    sa.Column("horizon", sa.String(12), nullable=False, comment="Horizon posé d’avance ; vide sans"),
    sa.Column("age", sa.String(12), nullable=False, server_default="", comment="Code ; vide sans"),
    sa.Column("cree_le", Moment, nullable=False),
    sa.UniqueConstraint("sas", "titre"),
)
"""Searches that a SAS makes often, beside the national ones."""

TERRITOIRES = sa.Table(
    "sas_territoires",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sas", sa.String(8), nullable=False, comment="SAS-54"),
    sa.Column("titre", sa.String(60), nullable=False, comment="Nom du territoire, public dans le SAS"),
    sa.Column("revision", sa.Integer, nullable=False, comment="Croît à chaque changement"),
    sa.Column("cree_le", Moment, nullable=False),
    sa.Column("maj_le", Moment, nullable=False),
    sa.UniqueConstraint("sas", "titre"),
)
"""Territories that a SAS names: « CPTS A »."""

TERRITOIRES_COMMUNES = sa.Table(
    "sas_territoires_communes",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _of("territoire_id", "sas_territoires"),
    sa.Column("sas", sa.String(8), nullable=False, comment="Celui du territoire"),
    sa.Column("code_commune", sa.String(5), nullable=False),
    sa.UniqueConstraint("sas", "code_commune"),
    sa.Index(None, "territoire_id"),
)
"""Their communes: each in one named territory of its SAS at most."""

CONSENTEMENTS = sa.Table(
    "sas_consentements",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _of("effecteur_id", "sas_effecteurs"),
    sa.Column("editeur", sa.String(60), nullable=False, comment="Nom de l’éditeur d’agendas"),
    sa.Column("types", sa.String(40), nullable=False, comment="Types montrés, séparés par | ; vide : rien"),
    sa.Column("depuis", Moment, nullable=False),
    sa.UniqueConstraint("effecteur_id", "editeur"),
)
"""Which slots of which editor a professional lets be shown; without a row, what the operator's file says."""

ESSAIS = sa.Table(
    "sas_essais_editeurs",
    METADATA,
    sa.Column("cle", sa.String(60), primary_key=True, comment="Tirée au sort, une par fiche ouverte"),
    sa.Column("moment", Moment, nullable=False),
    sa.Column("editeur", sa.String(60), nullable=False),
    sa.Column("introuvable", sa.Boolean, nullable=False, comment="Un créneau annoncé ne s’y réservait pas"),
    sa.Index(None, "moment"),
)
"""Lines of editors that régulateurs opened, and those whose slots could not be booked; they name nobody."""

TABLES = (
    EFFECTEURS, LIEUX, HORAIRES, SERIES, EXCEPTIONS, ABSENCES, RENDEZ_VOUS, RECHERCHES, AFFICHAGES, SOLLICITATIONS,
    AFFECTATIONS, CHARTES, SIGNATURES, DELEGATIONS, VERSION, LIENS, AVIS,
    PRESETS, TERRITOIRES, TERRITOIRES_COMMUNES, CONSENTEMENTS, ESSAIS,
)  # fmt: skip
"""Every table of the SAS, parents first."""
