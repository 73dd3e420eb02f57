"""The entry of Convergence: services, drafts, immutable versions, grants, events, files, notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_saisie"
down_revision = "0005_analyses"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)

# The database itself refuses, so that neither a mistake of ours nor a console rewrites what was validated.
_SQLITE = (
    """CREATE TRIGGER saisie_versions_sans_modification BEFORE UPDATE ON saisie_versions
    BEGIN SELECT RAISE(ABORT, 'saisie_versions: append only'); END""",
    # Without this one, INSERT OR REPLACE would erase a row and no DELETE trigger would hear of it.
    """CREATE TRIGGER saisie_versions_sans_remplacement BEFORE INSERT ON saisie_versions
    WHEN EXISTS (SELECT 1 FROM saisie_versions WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'saisie_versions: append only'); END""",
    """CREATE TRIGGER saisie_versions_sans_effacement BEFORE DELETE ON saisie_versions
    BEGIN SELECT RAISE(ABORT, 'saisie_versions: append only'); END""",
)
_POSTGRESQL = (
    """CREATE FUNCTION saisie_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '%: append only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    """CREATE TRIGGER saisie_versions_sans_modification BEFORE UPDATE OR DELETE ON saisie_versions
    FOR EACH ROW EXECUTE FUNCTION saisie_refuse()""",
    """CREATE TRIGGER saisie_versions_sans_vidage BEFORE TRUNCATE ON saisie_versions
    FOR EACH STATEMENT EXECUTE FUNCTION saisie_refuse()""",
)


def upgrade() -> None:
    """Create the tables and what guards the versions."""
    op.create_table(
        "saisie_publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("jusqua", sa.Integer(), nullable=False, comment="Dernier événement publié"),
        sa.Column("campagne", sa.String(length=10), nullable=False),
        sa.Column("empreinte", sa.String(length=64), nullable=False, comment="SHA-256 des lignes publiées"),
        sa.Column("mises_de_cote", sa.Integer(), nullable=False),
        sa.Column("faite_le", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saisie_publications")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "saisie_avis",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("compte_id", sa.Integer(), nullable=False),
        sa.Column(
            "cle", sa.String(length=200), nullable=False, comment="Un avis par événement et par personne"
        ),
        sa.Column("titre", sa.String(length=300), nullable=False),
        sa.Column("lien", sa.String(length=300), nullable=False),
        sa.Column("cree_le", _MOMENT, nullable=False),
        sa.Column("lu_le", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["compte_id"], ["comptes.id"], name=op.f("fk_saisie_avis_compte_id_comptes"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saisie_avis")),
        sa.UniqueConstraint("compte_id", "cle", name=op.f("uq_saisie_avis_compte_id_cle")),
    )
    op.create_table(
        "saisie_services",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False, comment="Identifiant au lac : jamais repris"),
        sa.Column("region", sa.String(length=3), nullable=False, comment="Code INSEE"),
        sa.Column(
            "kind", sa.String(length=20), nullable=False, comment="metier, infrastructure ou si_regional"
        ),
        sa.Column("nom", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("prestataire", sa.String(length=200), nullable=False),
        sa.Column("hebergeur", sa.String(length=200), nullable=False),
        sa.Column("zone_pos", sa.String(length=10), nullable=True),
        sa.Column("type_service", sa.String(length=200), nullable=True),
        sa.Column("tronc_commun", sa.Boolean(), nullable=False),
        sa.Column("publiable", sa.Boolean(), nullable=False),
        sa.Column("publiable_motif", sa.Text(), nullable=False),
        sa.Column(
            "etat", sa.String(length=20), nullable=False, comment="actif, a_decommissionner ou archive"
        ),
        sa.Column("decommission", sa.String(length=7), nullable=False, comment="Trimestre ; vide sans"),
        sa.Column(
            "besoins", sa.Text(), nullable=False, comment="Objet JSON : C, D, I, P (1 à 4) et justifications"
        ),
        sa.Column("responsable_id", sa.Integer(), nullable=True, comment="Qui en répond"),
        sa.Column("cree_le", _MOMENT, nullable=False),
        sa.Column(
            "cree_par", sa.String(length=254), nullable=False, comment="Compte ; vide pour l'exploitant"
        ),
        sa.Column("rev", sa.Integer(), nullable=False, comment="Croît à chaque changement"),
        sa.Column("modifie_le", _MOMENT, nullable=False),
        sa.Column("modifie_par", sa.String(length=254), nullable=False),
        sa.CheckConstraint(
            "etat IN ('actif', 'a_decommissionner', 'archive')", name=op.f("ck_saisie_services_etat")
        ),
        sa.CheckConstraint(
            "kind IN ('metier', 'infrastructure', 'si_regional')", name=op.f("ck_saisie_services_kind")
        ),
        sa.ForeignKeyConstraint(
            ["responsable_id"],
            ["comptes.id"],
            name=op.f("fk_saisie_services_responsable_id_comptes"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saisie_services")),
        sa.UniqueConstraint("code", name=op.f("uq_saisie_services_code")),
    )
    op.create_index(op.f("ix_saisie_services_region"), "saisie_services", ["region"], unique=False)
    op.create_index(
        op.f("ix_saisie_services_responsable_id"), "saisie_services", ["responsable_id"], unique=False
    )
    op.create_index(
        "uq_saisie_services_si",
        "saisie_services",
        ["region"],
        unique=True,
        sqlite_where=sa.text("kind = 'si_regional' AND etat <> 'archive'"),
        postgresql_where=sa.text("kind = 'si_regional' AND etat <> 'archive'"),
    )
    op.create_table(
        "saisie_feuilles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column(
            "questionnaire", sa.String(length=60), nullable=False, comment="QU… ; PLAN-QU pour son plan"
        ),
        sa.Column(
            "etat", sa.String(length=10), nullable=False, comment="vide, brouillon, a_valider ou validee"
        ),
        sa.Column("rev", sa.Integer(), nullable=False, comment="Croît à chaque saisie"),
        sa.Column("soumise_le", _MOMENT, nullable=True),
        sa.Column("soumise_par", sa.String(length=254), nullable=False),
        sa.Column(
            "renvoi_motif", sa.Text(), nullable=False, comment="Pourquoi elle a été renvoyée ; vide sans"
        ),
        sa.Column("derniere_version", sa.Integer(), nullable=False, comment="0 : jamais validée"),
        sa.Column("modifie_le", _MOMENT, nullable=False),
        sa.Column("modifie_par", sa.String(length=254), nullable=False),
        sa.CheckConstraint(
            "etat IN ('vide', 'brouillon', 'a_valider', 'validee')", name=op.f("ck_saisie_feuilles_etat")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["saisie_services.id"], name=op.f("fk_saisie_feuilles_service_id_saisie_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saisie_feuilles")),
        sa.UniqueConstraint(
            "service_id", "questionnaire", name=op.f("uq_saisie_feuilles_service_id_questionnaire")
        ),
    )
    op.create_table(
        "saisie_habilitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("compte_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("questionnaires", sa.Text(), nullable=True, comment="Liste JSON ; vide : tous"),
        sa.Column("peut_valider", sa.Boolean(), nullable=False),
        sa.Column("peut_deleguer", sa.Boolean(), nullable=False),
        sa.Column("donne_par", sa.String(length=254), nullable=False),
        sa.Column("donne_le", _MOMENT, nullable=False),
        sa.Column("retire_le", _MOMENT, nullable=True),
        sa.Column("retire_par", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(
            ["compte_id"],
            ["comptes.id"],
            name=op.f("fk_saisie_habilitations_compte_id_comptes"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["saisie_services.id"],
            name=op.f("fk_saisie_habilitations_service_id_saisie_services"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saisie_habilitations")),
    )
    op.create_index(
        op.f("ix_saisie_habilitations_compte_id"), "saisie_habilitations", ["compte_id"], unique=False
    )
    op.create_index(
        "uq_saisie_habilitations_active",
        "saisie_habilitations",
        ["compte_id", "service_id", "role"],
        unique=True,
        sqlite_where=sa.text("retire_le IS NULL"),
        postgresql_where=sa.text("retire_le IS NULL"),
    )
    op.create_table(
        "saisie_liens",
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("utilise_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("service_id <> utilise_id", name=op.f("ck_saisie_liens_autre")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["saisie_services.id"], name=op.f("fk_saisie_liens_service_id_saisie_services")
        ),
        sa.ForeignKeyConstraint(
            ["utilise_id"], ["saisie_services.id"], name=op.f("fk_saisie_liens_utilise_id_saisie_services")
        ),
        sa.PrimaryKeyConstraint("service_id", "utilise_id", name=op.f("pk_saisie_liens")),
    )
    op.create_table(
        "saisie_pieces",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("critere", sa.String(length=60), nullable=False, comment="Vide : tout le service"),
        sa.Column("nom", sa.String(length=200), nullable=False),
        sa.Column("octets", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "etat", sa.String(length=15), nullable=False, comment="saine, non_analysee, refusee ou retiree"
        ),
        sa.Column("depose_le", _MOMENT, nullable=False),
        sa.Column("depose_par", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["saisie_services.id"], name=op.f("fk_saisie_pieces_service_id_saisie_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saisie_pieces")),
    )
    op.create_index(op.f("ix_saisie_pieces_service_id"), "saisie_pieces", ["service_id"], unique=False)
    op.create_table(
        "saisie_preliminaires",
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=60), nullable=False),
        sa.Column("valeur", sa.Boolean(), nullable=True, comment="Vide : inconnue, le critère est posé"),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("modifie_le", _MOMENT, nullable=False),
        sa.Column("modifie_par", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["saisie_services.id"],
            name=op.f("fk_saisie_preliminaires_service_id_saisie_services"),
        ),
        sa.PrimaryKeyConstraint("service_id", "question", name=op.f("pk_saisie_preliminaires")),
    )
    op.create_table(
        "saisie_solutions",
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("editeur", sa.String(length=200), nullable=False),
        sa.Column("solution", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["saisie_services.id"],
            name=op.f("fk_saisie_solutions_service_id_saisie_services"),
        ),
        sa.PrimaryKeyConstraint("service_id", "editeur", "solution", name=op.f("pk_saisie_solutions")),
    )
    op.create_table(
        "saisie_etapes",
        sa.Column("feuille_id", sa.Integer(), nullable=False),
        sa.Column("critere", sa.String(length=60), nullable=False),
        sa.Column("etape", sa.Integer(), nullable=False, comment="Niveau visé, plus 1 ; 0 : non planifiable"),
        sa.Column("niveau", sa.Integer(), nullable=True),
        sa.Column("trimestre", sa.String(length=7), nullable=True),
        sa.Column(
            "motif", sa.String(length=30), nullable=False, comment="Pourquoi non planifiable ; vide sans"
        ),
        sa.Column("texte", sa.Text(), nullable=False),
        sa.Column("modifie_le", _MOMENT, nullable=False),
        sa.Column("modifie_par", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(
            ["feuille_id"], ["saisie_feuilles.id"], name=op.f("fk_saisie_etapes_feuille_id_saisie_feuilles")
        ),
        sa.PrimaryKeyConstraint("feuille_id", "critere", "etape", name=op.f("pk_saisie_etapes")),
    )
    op.create_table(
        "saisie_evenements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("moment", _MOMENT, nullable=False),
        sa.Column(
            "genre", sa.String(length=30), nullable=False, comment="validation, conflit, renvoi, abandon…"
        ),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("feuille_id", sa.Integer(), nullable=True),
        sa.Column("auteur", sa.String(length=254), nullable=False),
        sa.Column("contenu", sa.Text(), nullable=False, comment="Objet JSON"),
        sa.ForeignKeyConstraint(
            ["feuille_id"],
            ["saisie_feuilles.id"],
            name=op.f("fk_saisie_evenements_feuille_id_saisie_feuilles"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["saisie_services.id"],
            name=op.f("fk_saisie_evenements_service_id_saisie_services"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saisie_evenements")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "saisie_reponses",
        sa.Column("feuille_id", sa.Integer(), nullable=False),
        sa.Column("critere", sa.String(length=60), nullable=False),
        sa.Column(
            "nature", sa.String(length=10), nullable=False, comment="vide, niveau, na, porte ou valeur"
        ),
        sa.Column("niveau", sa.Integer(), nullable=True),
        sa.Column(
            "valeur", sa.Text(), nullable=False, comment="Nombre, date ou texte d'un critère sans niveau"
        ),
        sa.Column("porte_par_id", sa.Integer(), nullable=True),
        sa.Column("transmis", sa.Boolean(), nullable=False),
        sa.Column("justification_na", sa.Text(), nullable=False),
        sa.Column("rev_n", sa.Integer(), nullable=False, comment="Révision de la réponse"),
        sa.Column("commentaire", sa.Text(), nullable=False, comment="Interne : ne quitte pas la base"),
        sa.Column("commentaire_public", sa.Text(), nullable=False),
        sa.Column("rev_c", sa.Integer(), nullable=False, comment="Révision des commentaires"),
        sa.Column(
            "origine",
            sa.String(length=20),
            nullable=False,
            comment="saisie, importee, reprise, correspondance",
        ),
        sa.Column("confirmee", sa.Boolean(), nullable=False, comment="Faux : reprise, à confirmer"),
        sa.Column("modifie_le", _MOMENT, nullable=False),
        sa.Column("modifie_par", sa.String(length=254), nullable=False),
        sa.CheckConstraint(
            "(nature = 'niveau') = (niveau IS NOT NULL) AND (nature = 'porte') = (porte_par_id IS NOT NULL)",
            name=op.f("ck_saisie_reponses_une_reponse"),
        ),
        sa.ForeignKeyConstraint(
            ["feuille_id"], ["saisie_feuilles.id"], name=op.f("fk_saisie_reponses_feuille_id_saisie_feuilles")
        ),
        sa.ForeignKeyConstraint(
            ["porte_par_id"],
            ["saisie_services.id"],
            name=op.f("fk_saisie_reponses_porte_par_id_saisie_services"),
        ),
        sa.PrimaryKeyConstraint("feuille_id", "critere", name=op.f("pk_saisie_reponses")),
    )
    op.create_table(
        "saisie_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feuille_id", sa.Integer(), nullable=False),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column("version_referentiel", sa.String(length=60), nullable=False),
        sa.Column("validee_le", _MOMENT, nullable=False),
        sa.Column(
            "validee_par", sa.String(length=254), nullable=False, comment="Compte ; vide pour l'exploitant"
        ),
        sa.Column("validee_org", sa.String(length=200), nullable=False, comment="Ce que le lac en dit"),
        sa.Column(
            "nature", sa.String(length=12), nullable=False, comment="validation, correction ou reprise"
        ),
        sa.Column("motif", sa.Text(), nullable=False),
        sa.Column("soumise_rev", sa.Integer(), nullable=False, comment="Révision de la feuille validée"),
        sa.Column("contenu", sa.Text(), nullable=False, comment="JSON canonique : réponses ou étapes"),
        sa.Column(
            "empreinte", sa.String(length=64), nullable=False, comment="SHA-256 de tout ce qui précède"
        ),
        sa.ForeignKeyConstraint(
            ["feuille_id"], ["saisie_feuilles.id"], name=op.f("fk_saisie_versions_feuille_id_saisie_feuilles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saisie_versions")),
        sa.UniqueConstraint("feuille_id", "numero", name=op.f("uq_saisie_versions_feuille_id_numero")),
    )
    op.create_index(
        "uq_saisie_versions_soumise", "saisie_versions", ["feuille_id", "soumise_rev"], unique=True
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    """Drop the tables, those that point to others first."""
    for name in (
        "saisie_versions",
        "saisie_reponses",
        "saisie_evenements",
        "saisie_etapes",
        "saisie_solutions",
        "saisie_preliminaires",
        "saisie_pieces",
        "saisie_liens",
        "saisie_habilitations",
        "saisie_feuilles",
        "saisie_services",
        "saisie_avis",
        "saisie_publications",
    ):
        op.drop_table(name)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION saisie_refuse()")
