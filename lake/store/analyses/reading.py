"""Who may read and change an analysis, and the lists of those: one place, asked again at each save."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.errors import AccessDenied, UnknownName
from lake.store.accounts.identity import Compte, narrowed
from lake.store.analyses.merging import Document
from lake.store.analyses.tables import ABONNEMENTS, ANALYSES, BARRE, MODELES, PARTS, REVISIONS, TRAVAUX
from lake.store.engine import Store
from lake.store.schema import COMPTES

READ, WRITE, OWN = "lire", "modifier", "proprietaire"


@dataclass(frozen=True)
class Analyse:
    """An analysis, as one person may read it.

    Attributes:
        id: number.
        genre: ``analyse``, ``indicateurs`` or ``modele``.
        document: ``{version, titre, description, sections: [{id, …}], …}``.
        revision: the one read; for a reader of a published model, the one that was published.
        right: ``lire``, ``modifier`` or ``proprietaire``.
        owner: name of its owner; empty for a model of the suite.
        author: who saved it last; empty for the suite or a deleted account.
        cle: name of the shipped model; empty otherwise.
        origine_id: the model or analysis that it was copied from; None without.
        origine_revision: the revision of it that was taken last.
        cree_le: when (UTC).
        modifie_le: when it was last saved (UTC).
        supprime_le: since when it is in the bin; None when it is not.
    """

    id: int
    genre: str
    document: Document = field(hash=False)
    revision: int
    right: str
    owner: str
    author: str
    cle: str
    origine_id: int | None
    origine_revision: int | None
    cree_le: datetime
    modifie_le: datetime
    supprime_le: datetime | None

    @property
    def title(self) -> str:
        """Its title."""
        return str(self.document.get("titre", ""))

    @property
    def editable(self) -> bool:
        """Whether this person may save it."""
        return self.right != READ and self.supprime_le is None


@dataclass(frozen=True)
class Line:
    """An analysis in a list: no document is read for it.

    Attributes:
        id: number.
        genre: ``analyse``, ``indicateurs`` or ``modele``.
        titre: its title.
        sections: how many.
        badges: ``a_relire``, ``a_reparer``: what was noted of it.
        right: ``lire``, ``modifier`` or ``proprietaire``.
        owner: name of its owner; empty for a model of the suite.
        shares: with how many persons, organisations and profiles it is shared (told to its owner only).
        draft: whether this person has a draft of it.
        followed: whether this person is subscribed.
        pinned: whether it is in this person's bar.
        home: whether it is where this person's profile arrives (a model's page).
        cree_le: when (UTC).
        modifie_le: when it was last saved (UTC).
        supprime_le: since when it is in the bin; None when it is not.
    """

    id: int
    genre: str
    titre: str
    sections: int
    badges: tuple[str, ...]
    right: str
    owner: str
    shares: int
    draft: bool
    followed: bool
    pinned: bool
    home: bool
    cree_le: datetime
    modifie_le: datetime
    supprime_le: datetime | None


def national(actor: Compte) -> bool:
    """Whether a person writes and publishes models: an administrator that no region bounds."""
    return actor.administrateur and narrowed(actor).regions is None


def aimed(actor: Compte) -> sa.ColumnElement[bool]:
    """The shares that reach a person: to it, to its organisation, to its profile."""
    reached = [PARTS.c.compte_id == actor.id, PARTS.c.profil == actor.profil]
    if actor.organisation:
        reached.append(PARTS.c.organisation == actor.organisation)
    return sa.or_(*reached)


def opened(store: Store, actor: Compte, number: int) -> Analyse:
    """An analysis, under the rights that a person has on it now.

    Raises:
        UnknownName: there is none, or it is not this person's to read: the same words for both.
    """
    with store.reading() as connection:
        return read(connection, actor, number)


def read(connection: Connection, actor: Compte, number: int, *, locked: bool = False) -> Analyse:
    """The same, within a transaction; ``locked`` keeps other writers out until its end."""
    owner, author = COMPTES.alias("proprietaire"), COMPTES.alias("auteur")
    wanted = (
        sa.select(
            ANALYSES,
            *_names("proprietaire", owner),
            *_names("auteur", author),
            _shared(actor, WRITE).label("modifie"),
            _shared(actor, READ).label("lit"),
            _published(actor).label("publiee"),
        )
        .outerjoin(owner, owner.c.id == ANALYSES.c.proprietaire_id)
        .outerjoin(author, author.c.id == ANALYSES.c.modifie_par_id)
        .where(ANALYSES.c.id == number)
    )
    if locked:
        wanted = wanted.with_for_update(of=ANALYSES)
    row = connection.execute(wanted).mappings().one_or_none()
    right = None if row is None else _right(row, actor)
    if row is None or right is None or (row["supprime_le"] is not None and right != OWN):
        raise unknown(number)
    document, revision = row["contenu"], row["revision"]
    if row["publiee"] is not None and right == READ and not row["lit"]:
        snapshot = sa.select(REVISIONS.c.contenu).where(
            REVISIONS.c.analyse_id == number, REVISIONS.c.revision == row["publiee"]
        )
        document, revision = connection.execute(snapshot).scalar_one(), row["publiee"]
    return Analyse(
        id=row["id"],
        genre=row["genre"],
        document=json.loads(document),
        revision=revision,
        right=right,
        owner=_name(row, "proprietaire"),
        author=_name(row, "auteur"),
        cle=row["cle"] or "",
        origine_id=row["origine_id"],
        origine_revision=row["origine_revision"],
        cree_le=row["cree_le"],
        modifie_le=row["modifie_le"],
        supprime_le=row["supprime_le"],
    )


def may(connection: Connection, actor: Compte, number: int, right: str) -> Analyse:
    """The analysis, locked, when a person has a right on it.

    Args:
        connection: a transaction that writes.
        actor: who asks.
        number: which.
        right: ``modifier`` or ``proprietaire``.

    Raises:
        UnknownName: it is not this person's to read.
        AccessDenied: it may be read and no more.
    """
    found = read(connection, actor, number, locked=True)
    if found.right == OWN or (right == WRITE and found.right == WRITE):
        return found
    if right == OWN:
        raise AccessDenied(
            "Cette analyse n'est pas la vôtre : son propriétaire seul la partage et la supprime.",
            conseil="Enregistrez-la sous un autre nom pour avoir la vôtre.",
        )
    raise AccessDenied(
        "Vous ne pouvez plus modifier cette analyse : elle ne vous est ouverte qu'en lecture.",
        conseil="Votre brouillon est gardé : enregistrez-le sous un autre nom.",
    )


def listed(store: Store, actor: Compte, *, pinned: bool = False) -> list[Line]:
    """All that a person may open, last changed first: one statement, whatever their number.

    Its own (those in the bin included), those shared with it, and the models that its profile reads.

    Args:
        store: where.
        actor: who asks.
        pinned: only what is in this person's bar.
    """
    owner = COMPTES.alias("proprietaire")
    mine = ANALYSES.c.proprietaire_id == actor.id
    shared = _shared(actor, READ)
    model = _published(actor)
    columns = [one for one in ANALYSES.c if one.name != "contenu"]
    counted = sa.select(sa.func.count()).where(PARTS.c.analyse_id == ANALYSES.c.id).scalar_subquery()
    wanted = (
        sa.select(
            *columns,
            *_names("proprietaire", owner),
            _shared(actor, WRITE).label("modifie"),
            shared.label("lit"),
            model.label("publiee"),
            counted.label("parts"),
            _has(TRAVAUX, actor).label("brouillon"),
            _has(ABONNEMENTS, actor).label("abonne"),
            _has(BARRE, actor).label("epingle"),
            sa.exists()
            .where(
                MODELES.c.analyse_id == ANALYSES.c.id,
                MODELES.c.profil == actor.profil,
                MODELES.c.accueil.is_(sa.true()),
            )
            .label("arrivee"),
        )
        .outerjoin(owner, owner.c.id == ANALYSES.c.proprietaire_id)
        .where(
            sa.or_(
                mine,
                sa.and_(ANALYSES.c.supprime_le.is_(None), sa.or_(shared, model.is_not(None), _edits(actor))),
            )
        )
        .order_by(ANALYSES.c.modifie_le.desc(), ANALYSES.c.id.desc())
    )
    if pinned:
        wanted = wanted.where(_has(BARRE, actor))
    with store.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [
        Line(
            id=row["id"],
            genre=row["genre"],
            titre=row["titre"],
            sections=row["sections"],
            badges=tuple(json.loads(row["badges"])),
            right=_right(row, actor) or READ,
            owner=_name(row, "proprietaire"),
            shares=row["parts"] if row["proprietaire_id"] == actor.id else 0,
            draft=bool(row["brouillon"]),
            followed=bool(row["abonne"]),
            pinned=bool(row["epingle"]),
            home=bool(row["arrivee"]),
            cree_le=row["cree_le"],
            modifie_le=row["modifie_le"],
            supprime_le=row["supprime_le"],
        )
        for row in rows
    ]


def unknown(number: int) -> UnknownName:
    """What a person is told of an analysis that does not exist, or is not for it: the same words."""
    error = UnknownName("analyse", str(number), ())
    error.conseil = "Elle a pu être supprimée, ou n'est plus partagée avec vous."
    return error


# -- inside ------------------------------------------------------------------------------------------


def _shared(actor: Compte, right: str) -> sa.ColumnElement[bool]:
    where = [PARTS.c.analyse_id == ANALYSES.c.id, aimed(actor)]
    if right == WRITE:
        where.append(PARTS.c.droit == WRITE)
    return sa.exists().where(*where)


def _published(actor: Compte) -> sa.ScalarSelect[int]:
    """The revision of a model that a profile reads; null where it is no model of this profile."""
    return (
        sa.select(MODELES.c.revision)
        .where(MODELES.c.analyse_id == ANALYSES.c.id, MODELES.c.profil == actor.profil)
        .scalar_subquery()
    )


def _edits(actor: Compte) -> sa.ColumnElement[bool]:
    return ANALYSES.c.genre == "modele" if national(actor) else sa.false()


def _has(table: sa.Table, actor: Compte) -> sa.ColumnElement[bool]:
    return sa.exists().where(table.c.analyse_id == ANALYSES.c.id, table.c.compte_id == actor.id)


def _right(row: sa.RowMapping, actor: Compte) -> str | None:
    if row["proprietaire_id"] == actor.id:
        return OWN
    if row["genre"] == "modele" and national(actor):
        return OWN
    if row["modifie"]:
        return WRITE
    return READ if row["lit"] or row["publiee"] is not None else None


def _names(prefix: str, table: sa.FromClause) -> list[sa.Label[Any]]:
    return [table.c[name].label(f"{prefix}_{name}") for name in ("prenom", "nom", "email")]


def _name(row: sa.RowMapping, prefix: str) -> str:
    full = f"{row[f'{prefix}_prenom'] or ''} {row[f'{prefix}_nom'] or ''}".strip()
    return full or row[f"{prefix}_email"] or ""
