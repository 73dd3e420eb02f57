"""Drafts of forms, the kind of messages, the revision of accounts, one waiting request an address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_WAITING = sa.text("etat = 'attente'")


def upgrade() -> None:
    """Create the table, add the columns; of several requests that wait for one address, the first stays."""
    op.create_table(
        "brouillons",
        sa.Column("compte_id", sa.Integer, nullable=False),
        sa.Column("formulaire", sa.String(120), nullable=False, comment="Formulaire et ce sur quoi il porte"),
        sa.Column("champ", sa.String(60), nullable=False),
        sa.Column(
            "valeur", sa.Text, nullable=False, comment="JSON : ce qui est saisi ; jamais un mot de passe"
        ),
        sa.Column(
            "vue",
            sa.Text,
            nullable=False,
            comment="JSON : ce qui était enregistré quand la saisie a commencé",
        ),
        sa.Column("revision", sa.Integer, nullable=False, comment="Croît à chaque saisie"),
        sa.Column("modifie_le", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["compte_id"], ["comptes.id"], ondelete="CASCADE", name=op.f("fk_brouillons_compte_id_comptes")
        ),
        sa.PrimaryKeyConstraint("compte_id", "formulaire", "champ", name=op.f("pk_brouillons")),
    )
    with op.batch_alter_table("comptes") as comptes:
        comptes.add_column(
            sa.Column(
                "revision",
                sa.Integer,
                nullable=False,
                server_default="1",
                comment="Croît à chaque changement du compte",
            )
        )
    # The store has only held links so far, one message an account.
    with op.batch_alter_table("messages") as messages:
        messages.add_column(
            sa.Column(
                "genre",
                sa.String(20),
                nullable=False,
                server_default="lien",
                comment="lien, avis, abonnement…",
            )
        )
        messages.add_column(
            sa.Column(
                "objet",
                sa.String(120),
                nullable=False,
                server_default="",
                comment="Ce dont il parle ; vide pour un lien",
            )
        )
        messages.add_column(
            sa.Column(
                "html",
                sa.Text,
                nullable=False,
                server_default="",
                comment="Le même, mis en forme ; vide sans",
            )
        )
        messages.add_column(
            sa.Column("pris_le", _MOMENT, nullable=True, comment="Un envoi l'a pris ; vide quand il attend")
        )
        messages.create_unique_constraint(
            op.f("uq_messages_compte_id_genre_objet"), ["compte_id", "genre", "objet"]
        )
    op.execute(
        "DELETE FROM demandes WHERE etat = 'attente' AND id NOT IN "
        "(SELECT min(id) FROM demandes WHERE etat = 'attente' GROUP BY email)"
    )
    op.create_index(
        "uq_demandes_en_attente",
        "demandes",
        ["email"],
        unique=True,
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )


def downgrade() -> None:
    """Drop them; messages that are not links are lost, those of links stay."""
    op.drop_index("uq_demandes_en_attente", table_name="demandes")
    op.execute("DELETE FROM messages WHERE genre <> 'lien'")
    with op.batch_alter_table("messages") as messages:
        messages.drop_constraint(op.f("uq_messages_compte_id_genre_objet"), type_="unique")
        for name in ("pris_le", "html", "objet", "genre"):
            messages.drop_column(name)
    # Not by a copy of the table: SQLite would erase, with the old one, all that points to accounts.
    op.execute("ALTER TABLE comptes DROP COLUMN revision")
    op.drop_table("brouillons")
