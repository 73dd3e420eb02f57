"""The tables of the store. A change here goes with a migration; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

METADATA = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC: aware in Python whatever the database keeps."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To the database, in UTC.

        Raises:
            ValueError: the moment does not say its time zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs a time zone.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


PARTAGES = sa.Table(
    "partages",
    METADATA,
    sa.Column("code", sa.String(12), primary_key=True, comment="Fin du lien court"),
    sa.Column("genre", sa.String(20), nullable=False, comment="territoire ou scenario"),
    sa.Column("titre", sa.String(200), nullable=False),
    sa.Column("contenu", sa.Text, nullable=False, comment="Objet JSON"),
    sa.Column("empreinte", sa.String(64), nullable=False, comment="SHA-256 du genre, du titre et du contenu"),
    sa.Column("cree_le", Moment, nullable=False),
    sa.Column("ouvert_le", Moment, nullable=False, comment="Dernière ouverture, au jour près"),
    sa.Column(
        "proprietaire_id",
        sa.Integer,
        sa.ForeignKey("comptes.id", ondelete="SET NULL"),
        nullable=True,
        comment="Vide pour un lecteur sans compte",
    ),
    sa.UniqueConstraint("empreinte"),
    sa.CheckConstraint("genre IN ('territoire', 'scenario', 'vue')", name="genre"),
    sa.Index(None, "ouvert_le"),
)
"""What anyone with the link can open: territory lists and scenarios; of a view of an analysis, its filters only."""

COMPTES = sa.Table(
    "comptes",
    METADATA,
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
    sa.Column("responsable_id", sa.Integer, sa.ForeignKey("comptes.id"), nullable=True),
    sa.Column("etat", sa.String(12), nullable=False, comment="invite, actif ou desactive"),
    sa.Column("etat_le", Moment, nullable=False, comment="Depuis quand il est dans cet état"),
    sa.Column(
        "empreinte", sa.String(100), nullable=False, comment="bcrypt ; vide tant qu'aucun n'est choisi"
    ),
    sa.Column("totp", sa.String(64), nullable=False, comment="Secret du second facteur ; vide sans"),
    sa.Column("totp_pas", sa.Integer, nullable=False, comment="Dernier pas de temps accepté"),
    sa.Column("fournisseur", sa.String(500), nullable=False, comment="Émetteur et sujet OpenID ; vide sans"),
    sa.Column("demonstration", sa.Boolean, nullable=False),
    sa.Column("preferences", sa.Text, nullable=False, comment="Objet JSON"),
    sa.Column("revision", sa.Integer, nullable=False, comment="Croît à chaque changement du compte"),
    sa.Column("cree_le", Moment, nullable=False),
    sa.Column("connecte_le", Moment, nullable=True),
    sa.UniqueConstraint("email"),
    sa.CheckConstraint("etat IN ('invite', 'actif', 'desactive')", name="etat"),
    sa.Index(None, "responsable_id"),
    sa.Index(
        "ix_comptes_rpps",
        "rpps",
        unique=True,
        sqlite_where=sa.text("rpps <> ''"),
        postgresql_where=sa.text("rpps <> ''"),
    ),
)
"""Who may sign in."""

SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("empreinte", sa.String(64), nullable=False, comment="SHA-256 de la valeur du cookie"),
    sa.Column("compte_id", sa.Integer, sa.ForeignKey("comptes.id", ondelete="CASCADE"), nullable=False),
    sa.Column("porte", sa.String(60), nullable=False, comment="mot_de_passe, ou le nom du fournisseur"),
    sa.Column(
        "arrivee", sa.String(64), nullable=True, comment="Empreinte de l'identité reçue, acceptée une fois"
    ),
    sa.Column("adresse", sa.String(64), nullable=False),
    sa.Column("navigateur", sa.String(200), nullable=False),
    sa.Column("cree_le", Moment, nullable=False),
    sa.Column("vue_le", Moment, nullable=False, comment="À la minute près"),
    sa.Column("expire_le", Moment, nullable=False),
    sa.Column("fermee_le", Moment, nullable=True),
    sa.UniqueConstraint("empreinte"),
    sa.UniqueConstraint("arrivee"),
    sa.Index(None, "compte_id"),
)
"""Who is signed in, where."""

JETONS = sa.Table(
    "jetons",
    METADATA,
    sa.Column("empreinte", sa.String(64), primary_key=True, comment="SHA-256 de la fin du lien"),
    sa.Column("compte_id", sa.Integer, sa.ForeignKey("comptes.id", ondelete="CASCADE"), nullable=False),
    sa.Column("genre", sa.String(20), nullable=False, comment="activation ou oubli"),
    sa.Column("renouvele", sa.Boolean, nullable=False, comment="Issu du renouvellement automatique"),
    sa.Column("cree_le", Moment, nullable=False),
    sa.Column("valable_le", Moment, nullable=False, comment="Début de validité : date choisie pour l'envoi"),
    sa.Column("expire_le", Moment, nullable=False),
    sa.Column("servi_le", Moment, nullable=True),
    sa.Index(None, "compte_id"),
)
"""Links sent by e-mail: each works once."""

DEMANDES = sa.Table(
    "demandes",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("nom", sa.String(100), nullable=False),
    sa.Column("prenom", sa.String(100), nullable=False),
    sa.Column("civilite", sa.String(10), nullable=False),
    sa.Column("organisation", sa.String(200), nullable=False),
    sa.Column("etat", sa.String(12), nullable=False, comment="attente, acceptee ou refusee"),
    sa.Column("responsable_id", sa.Integer, nullable=True, comment="Responsable nommé à l'acceptation"),
    sa.Column("envoi_le", Moment, nullable=True, comment="Date choisie pour l'envoi du lien"),
    sa.Column("cree_le", Moment, nullable=False),
    sa.Column("decidee_le", Moment, nullable=True),
    sa.Column("decidee_par", sa.String(254), nullable=False),
    sa.Index(None, "etat"),
    # One request waits for an address, however many are sent at once.
    sa.Index(
        "uq_demandes_en_attente",
        "email",
        unique=True,
        sqlite_where=sa.text("etat = 'attente'"),
        postgresql_where=sa.text("etat = 'attente'"),
    ),
)
"""Registration requests."""

ESSAIS = sa.Table(
    "essais",
    METADATA,
    sa.Column(
        "cle", sa.String(64), primary_key=True, comment="SHA-256 de l'adresse électronique ou du réseau"
    ),
    sa.Column("echecs", sa.Integer, nullable=False),
    sa.Column("dernier_le", Moment, nullable=False),
    sa.Column("bloque_le", Moment, nullable=True, comment="Fin du blocage"),
)
"""Failed sign-ins: the longer the series, the longer the wait."""

OBJETS = sa.Table(
    "objets",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "proprietaire_id", sa.Integer, sa.ForeignKey("comptes.id"), nullable=False, comment="Va à l'héritier"
    ),
    sa.Column("genre", sa.String(30), nullable=False, comment="analyse, selection…"),
    sa.Column("titre", sa.String(200), nullable=False),
    sa.Column("contenu", sa.Text, nullable=False, comment="Objet JSON"),
    sa.Column("cree_le", Moment, nullable=False),
    sa.Column("modifie_le", Moment, nullable=False),
    sa.Index(None, "proprietaire_id"),
)
"""What a person saved. No cascade: an account leaves once its objects have an heir."""

MESSAGES = sa.Table(
    "messages",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("compte_id", sa.Integer, sa.ForeignKey("comptes.id", ondelete="CASCADE"), nullable=False),
    sa.Column("genre", sa.String(20), nullable=False, comment="lien, avis, abonnement…"),
    sa.Column("objet", sa.String(120), nullable=False, comment="Ce dont il parle ; vide pour un lien"),
    sa.Column("sujet", sa.String(200), nullable=False),
    sa.Column("texte", sa.Text, nullable=False, comment="Effacé dès l'envoi, la remise ou l'expiration"),
    sa.Column("html", sa.Text, nullable=False, comment="Le même, mis en forme ; vide sans"),
    sa.Column("envoi_le", Moment, nullable=False, comment="Pas avant"),
    sa.Column("expire_le", Moment, nullable=False),
    sa.Column(
        "erreur", sa.String(300), nullable=False, comment="Ce qu'a répondu le serveur ; vide sans essai"
    ),
    sa.Column("essais", sa.Integer, nullable=False, comment="Envois que le serveur a refusés"),
    sa.Column("pris_le", Moment, nullable=True, comment="Un envoi l'a pris ; vide quand il attend"),
    # A newer message on the same thing replaces the older; others of the account stay.
    sa.UniqueConstraint("compte_id", "genre", "objet"),
    sa.Index(None, "compte_id"),
)
"""Messages that still have to reach their reader: sent by SMTP, or shown to an administrator."""

BROUILLONS = sa.Table(
    "brouillons",
    METADATA,
    sa.Column("compte_id", sa.Integer, sa.ForeignKey("comptes.id", ondelete="CASCADE"), nullable=False),
    sa.Column("formulaire", sa.String(120), nullable=False, comment="Formulaire et ce sur quoi il porte"),
    sa.Column("champ", sa.String(60), nullable=False),
    sa.Column("valeur", sa.Text, nullable=False, comment="JSON : ce qui est saisi ; jamais un mot de passe"),
    sa.Column(
        "vue", sa.Text, nullable=False, comment="JSON : ce qui était enregistré quand la saisie a commencé"
    ),
    sa.Column("revision", sa.Integer, nullable=False, comment="Croît à chaque saisie"),
    sa.Column("modifie_le", Moment, nullable=False),
    sa.PrimaryKeyConstraint("compte_id", "formulaire", "champ"),
)
"""What a person typed in a form and has not sent yet, field by field."""

JOURNAL = sa.Table(
    "journal",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("moment", Moment, nullable=False, comment="UTC"),
    sa.Column("auteur", sa.String(254), nullable=True, comment="Compte ; vide pour un anonyme"),
    sa.Column("action", sa.String(60), nullable=False, comment="domaine.verbe : export.personnes"),
    sa.Column("objet", sa.String(200), nullable=False, comment="Ce sur quoi porte l'action"),
    sa.Column("details", sa.Text, nullable=False, comment="Objet JSON"),
    sa.Column("adresse", sa.String(45), nullable=True, comment="Adresse IP, si elle est connue"),
    sa.Index(None, "moment"),
    sa.Index(None, "auteur"),
    sqlite_autoincrement=True,
)
"""What was done, by whom. The database refuses to change a row, or to delete one that no purge declares."""

JOURNAL_PURGES = sa.Table(
    "journal_purges",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("avant", Moment, nullable=False, comment="Lignes plus anciennes (UTC)"),
    sa.Column("faite_le", Moment, nullable=False, comment="UTC"),
    sa.Column("lignes", sa.Integer, nullable=True, comment="Lignes effacées ; vide tant qu'elle dure"),
    sqlite_autoincrement=True,
)
"""The purges of the journal: what they erased is gone, that they erased it stays."""
