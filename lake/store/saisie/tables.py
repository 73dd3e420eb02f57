"""The tables of the entry. Drafts change, versions never do: the database itself refuses.

Calendar days are texts (``2026-11-29``), quarters too (``2027-T2``), so that a backup reads back everywhere.
"""

from __future__ import annotations

import sqlalchemy as sa

from lake.store.schema import METADATA, Moment

ETATS = ("vide", "brouillon", "a_valider", "validee")
ROLES = ("responsable_si", "responsable_service", "expert", "validateur", "lecteur")
NATURES = ("vide", "niveau", "na", "porte", "valeur")
COPIE = "copie"
"""Where an answer comes from when it was copied from a like service, until somebody confirms it."""
A_CONFIRMER = ("reprise", "correspondance", COPIE)
"""Where answers come from that nobody gave, nor confirmed, for this service."""


def _account(name: str, comment: str) -> sa.Column[int]:
    """A column that points to an account and is emptied when it leaves."""
    return sa.Column(
        name, sa.Integer, sa.ForeignKey("comptes.id", ondelete="SET NULL"), nullable=True, comment=comment
    )


def _service(name: str = "service_id", *, nullable: bool = False) -> sa.Column[int]:
    """A column that points to a service."""
    return sa.Column(name, sa.Integer, sa.ForeignKey("saisie_services.id"), nullable=nullable)


def _sheet() -> sa.Column[int]:
    """A column that points to a sheet."""
    return sa.Column("feuille_id", sa.Integer, sa.ForeignKey("saisie_feuilles.id"), nullable=False)


SERVICES = sa.Table(
    "saisie_services",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("code", sa.String(60), nullable=False, comment="Identifiant au lac : jamais repris"),
    sa.Column(
        "region", sa.String(3), nullable=False, comment="Code INSEE ; E01… pour ce qui est d'un éditeur"
    ),
    sa.Column(
        "kind",
        sa.String(20),
        nullable=False,
        comment="metier, infrastructure, si_regional, editeur ou produit",
    ),
    sa.Column("nom", sa.String(200), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("prestataire", sa.String(200), nullable=False),
    sa.Column("hebergeur", sa.String(200), nullable=False),
    sa.Column("zone_pos", sa.String(10), nullable=True),
    sa.Column("type_service", sa.String(200), nullable=True),
    sa.Column("tronc_commun", sa.Boolean, nullable=False),
    sa.Column("publiable", sa.Boolean, nullable=False),
    sa.Column("publiable_motif", sa.Text, nullable=False),
    sa.Column("etat", sa.String(20), nullable=False, comment="actif, a_decommissionner ou archive"),
    sa.Column("decommission", sa.String(7), nullable=False, comment="Trimestre ; vide sans"),
    sa.Column(
        "besoins", sa.Text, nullable=False, comment="Objet JSON : C, D, I, P (1 à 4) et justifications"
    ),
    sa.Column(
        "portage",
        sa.Text,
        nullable=False,
        server_default="{}",
        comment="Objet JSON : financeur, moa, moe (listes) ; absent : inconnu",
    ),
    sa.Column(
        "ouverture",
        sa.String(7),
        nullable=False,
        server_default="",
        comment="Trimestre d'ouverture d'un service à venir ; vide : il existe",
    ),
    sa.Column(
        "catalogue",
        sa.Text,
        nullable=False,
        server_default="{}",
        comment="Objet JSON : fiche publique (public, territoire, contact) ; vide : absent du catalogue",
    ),
    _account("responsable_id", "Qui en répond"),
    sa.Column("cree_le", Moment, nullable=False),
    sa.Column("cree_par", sa.String(254), nullable=False, comment="Compte ; vide pour l'exploitant"),
    sa.Column("rev", sa.Integer, nullable=False, comment="Croît à chaque changement"),
    sa.Column("modifie_le", Moment, nullable=False),
    sa.Column("modifie_par", sa.String(254), nullable=False),
    sa.UniqueConstraint("code"),
    sa.CheckConstraint(
        "kind IN ('metier', 'infrastructure', 'si_regional', 'editeur', 'produit')", name="kind"
    ),
    sa.CheckConstraint("etat IN ('actif', 'a_decommissionner', 'archive')", name="etat"),
    sa.Index(None, "region"),
    sa.Index(None, "responsable_id"),
    # One information system a region, however many people create it at once.
    sa.Index(
        "uq_saisie_services_si",
        "region",
        unique=True,
        sqlite_where=sa.text("kind = 'si_regional' AND etat <> 'archive'"),
        postgresql_where=sa.text("kind = 'si_regional' AND etat <> 'archive'"),
    ),
    sa.Index(
        "uq_saisie_services_editeur",
        "nom",
        unique=True,
        sqlite_where=sa.text("kind = 'editeur' AND etat <> 'archive'"),
        postgresql_where=sa.text("kind = 'editeur' AND etat <> 'archive'"),
    ),
)
"""Services and regional information systems, editors and their products, as those responsible describe them.

An editor is to its products what a region's system is to its services: what one holds on it covers them all. ``region``
says whose something is, a region's or an editor's."""

LIENS = sa.Table(
    "saisie_liens",
    METADATA,
    _service(),
    _service("utilise_id"),
    sa.PrimaryKeyConstraint("service_id", "utilise_id"),
    sa.CheckConstraint("service_id <> utilise_id", name="autre"),
)
"""Who leans on whom."""

SOLUTIONS = sa.Table(
    "saisie_solutions",
    METADATA,
    _service(),
    sa.Column("editeur", sa.String(200), nullable=False),
    sa.Column("solution", sa.String(200), nullable=False),
    sa.PrimaryKeyConstraint("service_id", "editeur", "solution"),
)
"""The software of each service."""

PRELIMINAIRES = sa.Table(
    "saisie_preliminaires",
    METADATA,
    _service(),
    sa.Column("question", sa.String(60), nullable=False),
    sa.Column("valeur", sa.Boolean, nullable=True, comment="Vide : inconnue, le critère est posé"),
    sa.Column("rev", sa.Integer, nullable=False),
    sa.Column("modifie_le", Moment, nullable=False),
    sa.Column("modifie_par", sa.String(254), nullable=False),
    sa.PrimaryKeyConstraint("service_id", "question"),
)
"""The answers that show or hide criteria."""

FEUILLES = sa.Table(
    "saisie_feuilles",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _service(),
    sa.Column("questionnaire", sa.String(60), nullable=False, comment="QU… ; PLAN-QU pour son plan"),
    sa.Column("etat", sa.String(10), nullable=False, comment="vide, brouillon, a_valider ou validee"),
    sa.Column("rev", sa.Integer, nullable=False, comment="Croît à chaque saisie"),
    sa.Column("soumise_le", Moment, nullable=True),
    sa.Column("soumise_par", sa.String(254), nullable=False),
    sa.Column("renvoi_motif", sa.Text, nullable=False, comment="Pourquoi elle a été renvoyée ; vide sans"),
    sa.Column("derniere_version", sa.Integer, nullable=False, comment="0 : jamais validée"),
    sa.Column("modifie_le", Moment, nullable=False),
    sa.Column("modifie_par", sa.String(254), nullable=False),
    sa.UniqueConstraint("service_id", "questionnaire"),
    sa.CheckConstraint("etat IN ('vide', 'brouillon', 'a_valider', 'validee')", name="etat"),
)
"""One questionnaire of one service (or its plan): the unit that is validated."""

REPONSES = sa.Table(
    "saisie_reponses",
    METADATA,
    _sheet(),
    sa.Column("critere", sa.String(60), nullable=False),
    sa.Column("nature", sa.String(10), nullable=False, comment="vide, niveau, na, porte ou valeur"),
    sa.Column("niveau", sa.Integer, nullable=True),
    sa.Column("valeur", sa.Text, nullable=False, comment="Nombre, date ou texte d'un critère sans niveau"),
    _service("porte_par_id", nullable=True),
    sa.Column("transmis", sa.Boolean, nullable=False),
    sa.Column("justification_na", sa.Text, nullable=False),
    sa.Column("rev_n", sa.Integer, nullable=False, comment="Révision de la réponse"),
    sa.Column("commentaire", sa.Text, nullable=False, comment="Interne : ne quitte pas la base"),
    sa.Column("commentaire_public", sa.Text, nullable=False),
    sa.Column("rev_c", sa.Integer, nullable=False, comment="Révision des commentaires"),
    sa.Column("origine", sa.String(20), nullable=False, comment="saisie, importee, reprise, correspondance"),
    sa.Column("confirmee", sa.Boolean, nullable=False, comment="Faux : reprise, à confirmer"),
    sa.Column("modifie_le", Moment, nullable=False),
    sa.Column("modifie_par", sa.String(254), nullable=False),
    sa.PrimaryKeyConstraint("feuille_id", "critere"),
    sa.CheckConstraint(
        "(nature = 'niveau') = (niveau IS NOT NULL) AND (nature = 'porte') = (porte_par_id IS NOT NULL)",
        name="une_reponse",
    ),
)
"""The answers in draft, each with two revisions: its level, its comments."""

ETAPES = sa.Table(
    "saisie_etapes",
    METADATA,
    _sheet(),
    sa.Column("critere", sa.String(60), nullable=False),
    sa.Column("etape", sa.Integer, nullable=False, comment="Niveau visé, plus 1 ; 0 : non planifiable"),
    sa.Column("niveau", sa.Integer, nullable=True),
    sa.Column("trimestre", sa.String(7), nullable=True),
    sa.Column("motif", sa.String(30), nullable=False, comment="Pourquoi non planifiable ; vide sans"),
    sa.Column("texte", sa.Text, nullable=False),
    sa.Column(
        "jalons",
        sa.Text,
        nullable=False,
        server_default="",
        comment="Jalons attendus, séparés par | ; vide : aucun n'est nommé",
    ),
    sa.Column("modifie_le", Moment, nullable=False),
    sa.Column("modifie_par", sa.String(254), nullable=False),
    sa.PrimaryKeyConstraint("feuille_id", "critere", "etape"),
)
"""The steps of a plan in draft."""

VERSIONS = sa.Table(
    "saisie_versions",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _sheet(),
    sa.Column("numero", sa.Integer, nullable=False),
    sa.Column("version_referentiel", sa.String(60), nullable=False),
    sa.Column("validee_le", Moment, nullable=False),
    sa.Column("validee_par", sa.String(254), nullable=False, comment="Compte ; vide pour l'exploitant"),
    sa.Column("validee_org", sa.String(200), nullable=False, comment="Ce que le lac en dit"),
    sa.Column("nature", sa.String(12), nullable=False, comment="validation, correction ou reprise"),
    sa.Column("motif", sa.Text, nullable=False),
    sa.Column("soumise_rev", sa.Integer, nullable=False, comment="Révision de la feuille validée"),
    sa.Column("contenu", sa.Text, nullable=False, comment="JSON canonique : réponses ou étapes"),
    sa.Column("empreinte", sa.String(64), nullable=False, comment="SHA-256 de tout ce qui précède"),
    sa.UniqueConstraint("feuille_id", "numero"),
    sa.Index("uq_saisie_versions_soumise", "feuille_id", "soumise_rev", unique=True),
)
"""What was validated. The database refuses to change or to erase a row."""

HABILITATIONS = sa.Table(
    "saisie_habilitations",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("compte_id", sa.Integer, sa.ForeignKey("comptes.id", ondelete="CASCADE"), nullable=False),
    _service(),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("questionnaires", sa.Text, nullable=True, comment="Liste JSON ; vide : tous"),
    sa.Column("peut_valider", sa.Boolean, nullable=False),
    sa.Column("peut_deleguer", sa.Boolean, nullable=False),
    sa.Column("donne_par", sa.String(254), nullable=False),
    sa.Column("donne_le", Moment, nullable=False),
    sa.Column("retire_le", Moment, nullable=True),
    sa.Column("retire_par", sa.String(254), nullable=False),
    sa.Index(None, "compte_id"),
    sa.Index(
        "uq_saisie_habilitations_active",
        "compte_id",
        "service_id",
        "role",
        unique=True,
        sqlite_where=sa.text("retire_le IS NULL"),
        postgresql_where=sa.text("retire_le IS NULL"),
    ),
)
"""Who may do what, on a service, or on a whole information system (the grant is on the system's own row)."""

EVENEMENTS = sa.Table(
    "saisie_evenements",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("moment", Moment, nullable=False),
    sa.Column("genre", sa.String(30), nullable=False, comment="validation, conflit, renvoi, abandon…"),
    _service(nullable=True),
    sa.Column("feuille_id", sa.Integer, sa.ForeignKey("saisie_feuilles.id"), nullable=True),
    sa.Column("auteur", sa.String(254), nullable=False),
    sa.Column("contenu", sa.Text, nullable=False, comment="Objet JSON"),
    sqlite_autoincrement=True,
)
"""What happened: the publisher's outbox, and the box of refused values (nothing typed is lost)."""

PUBLICATIONS = sa.Table(
    "saisie_publications",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("jusqua", sa.Integer, nullable=False, comment="Dernier événement publié"),
    sa.Column("campagne", sa.String(10), nullable=False),
    sa.Column("empreinte", sa.String(64), nullable=False, comment="SHA-256 des lignes publiées"),
    sa.Column("mises_de_cote", sa.Integer, nullable=False),
    sa.Column("faite_le", Moment, nullable=False),
    sqlite_autoincrement=True,
)
"""The publications of the live campaign."""

PIECES = sa.Table(
    "saisie_pieces",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _service(),
    sa.Column("critere", sa.String(60), nullable=False, comment="Vide : tout le service"),
    sa.Column("nom", sa.String(200), nullable=False),
    sa.Column("octets", sa.Integer, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("etat", sa.String(15), nullable=False, comment="saine, non_analysee, refusee ou retiree"),
    sa.Column("depose_le", Moment, nullable=False),
    sa.Column("depose_par", sa.String(254), nullable=False),
    sa.Column(
        "valable_au",
        sa.String(10),
        nullable=False,
        server_default="",
        comment="Dernier jour (Paris) ; vide : sans fin",
    ),
    sa.Column("rev", sa.Integer, nullable=False, server_default="1"),
    sa.Index(None, "service_id"),
)
"""The files given as proofs; their bytes rest under ``saisie/pieces`` in the lake's objects."""

AVIS = sa.Table(
    "saisie_avis",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("compte_id", sa.Integer, sa.ForeignKey("comptes.id", ondelete="CASCADE"), nullable=False),
    sa.Column("cle", sa.String(200), nullable=False, comment="Un avis par événement et par personne"),
    sa.Column("titre", sa.String(300), nullable=False),
    sa.Column("lien", sa.String(300), nullable=False),
    sa.Column("cree_le", Moment, nullable=False),
    sa.Column("lu_le", Moment, nullable=True),
    sa.Column("courriel_le", Moment, nullable=True, comment="Confié à la messagerie"),
    sa.UniqueConstraint("compte_id", "cle"),
)
"""What people are told in the tool: once each."""

MESSAGES = sa.Table(
    "saisie_messages",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _service(),
    sa.Column("questionnaire", sa.String(60), nullable=False),
    sa.Column("critere", sa.String(60), nullable=False),
    sa.Column("version_referentiel", sa.String(60), nullable=False),
    sa.Column("texte", sa.Text, nullable=False),
    sa.Column("auteur", sa.String(254), nullable=False, comment="Compte ; vide pour l'exploitant"),
    sa.Column("cree_le", Moment, nullable=False),
    sa.Column("traite_le", Moment, nullable=True, comment="Le fil est clos depuis ce message"),
    sa.Column("traite_par", sa.String(254), nullable=False),
    sa.Column(
        "national",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="Dit par un expert national",
    ),
    sa.Index(None, "service_id"),
)
"""What is said of a criterion between those who answer and those who validate: never published."""

PRESENCES = sa.Table(
    "saisie_presences",
    METADATA,
    _sheet(),
    sa.Column("session_id", sa.Integer, sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    sa.Column("compte_id", sa.Integer, sa.ForeignKey("comptes.id", ondelete="CASCADE"), nullable=False),
    sa.Column("critere", sa.String(60), nullable=False),
    sa.Column("vue_le", Moment, nullable=False),
    sa.PrimaryKeyConstraint("feuille_id", "session_id"),
    sa.Index(None, "vue_le"),
)
"""Who is on which criterion, for less than a minute: information, never a lock."""
