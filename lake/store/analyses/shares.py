"""Sharing an analysis with a person, an organisation or a profile: each reads it under its own rights.

A share opens the document, never a figure: figures are asked again under the reader's account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from lake.droits import PROFILS
from lake.errors import Refused
from lake.store.accounts.identity import Compte, address, profile
from lake.store.analyses.documents import note
from lake.store.analyses.reading import OWN, READ, WRITE, may, national
from lake.store.analyses.tables import ABONNEMENTS, ANALYSES, PARTS
from lake.store.engine import Store
from lake.store.schema import COMPTES

RIGHTS = {READ: "Lire", WRITE: "Modifier"}


@dataclass(frozen=True)
class Share:
    """With whom an analysis is shared.

    Attributes:
        id: number.
        kind: ``personne``, ``organisation`` or ``profil``.
        name: as it is shown.
        right: ``lire`` or ``modifier``.
        profil: the person's profile (of a person), or the profile; empty for an organisation.
        compte_id: the person's account; None otherwise.
    """

    id: int
    kind: str
    name: str
    right: str
    profil: str
    compte_id: int | None


def share(
    store: Store,
    actor: Compte,
    number: int,
    *,
    email: str = "",
    organisation: bool = False,
    profil: str = "",
    right: str = READ,
    now: datetime | None = None,
) -> None:
    """Share an analysis; sharing again with the same changes the right.

    Args:
        store: where.
        actor: its owner.
        number: which.
        email: a person's address.
        organisation: with the owner's own organisation.
        profil: with a profile: for national administrators.
        right: ``lire`` or ``modifier``.
        now: the moment (UTC); the clock's by default.

    Raises:
        Refused: nobody has that address, the owner itself, no organisation, or a profile without the right to it.
        UnknownName: the analysis is not this person's to read; the profile is unknown.
        AccessDenied: it is not this person's.
    """
    if right not in RIGHTS:
        raise Refused("droit", f"« {right} » n'est pas un droit.", conseil="Lire, ou modifier.")
    if (bool(email) + organisation + bool(profil)) != 1:
        raise Refused("email", "Choisissez une personne, votre organisation ou un profil.")
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        may(connection, actor, number, OWN)
        if email:
            known = sa.select(COMPTES.c.id).where(
                COMPTES.c.email == address(email), COMPTES.c.etat != "desactive"
            )
            person = connection.execute(known).scalar_one_or_none()
            if person is None:
                raise Refused(
                    "email",
                    "Aucun compte n'a cette adresse.",
                    conseil="Vérifiez l'adresse, ou demandez la création du compte.",
                )
            if person == actor.id:
                raise Refused("email", "Cette analyse est déjà la vôtre.")
            target: dict[str, Any] = {"compte_id": person}
        elif organisation:
            if not actor.organisation:
                raise Refused("organisation", "Votre compte ne dit pas votre organisation.")
            target = {"organisation": actor.organisation}
        else:
            if not national(actor):
                raise Refused("profil", "Seule l'administration nationale partage avec tout un profil.")
            target = {"profil": profile(profil)}
        (column, value), *_ = target.items()
        same = (PARTS.c.analyse_id == number, PARTS.c[column] == value)
        done = connection.execute(sa.update(PARTS).where(*same).values(droit=right, le=moment))
        if not done.rowcount:
            connection.execute(sa.insert(PARTS).values(analyse_id=number, droit=right, le=moment, **target))
        note(connection, "partage", number, actor, {"avec": email or str(value), "droit": right}, moment)


def unshare(store: Store, actor: Compte, number: int, share_id: int, *, now: datetime | None = None) -> None:
    """Take a share back: at its next click the reader is refused; its draft and its subscription wait.

    Raises:
        UnknownName: the analysis is not this person's to read.
        AccessDenied: it is not this person's.
    """
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        may(connection, actor, number, OWN)
        connection.execute(sa.delete(PARTS).where(PARTS.c.id == share_id, PARTS.c.analyse_id == number))
        note(connection, "retrait", number, actor, {}, moment)


def shares(store: Store, actor: Compte, number: int) -> list[Share]:
    """With whom an analysis is shared, told to its owner.

    Raises:
        UnknownName: the analysis is not this person's to read.
        AccessDenied: it is not this person's.
    """
    wanted = (
        sa.select(
            PARTS,
            COMPTES.c.prenom,
            COMPTES.c.nom,
            COMPTES.c.email,
            COMPTES.c.profil.label("profil_compte"),
        )
        .outerjoin(COMPTES, COMPTES.c.id == PARTS.c.compte_id)
        .where(PARTS.c.analyse_id == number)
        .order_by(PARTS.c.id)
    )
    with store.writing() as connection:
        may(connection, actor, number, OWN)
        rows = connection.execute(wanted).mappings().all()
    return [_share(row) for row in rows]


def _share(row: sa.RowMapping) -> Share:
    if row["compte_id"] is not None:
        name = f"{row['prenom']} {row['nom']}".strip() or row["email"]
        return Share(row["id"], "personne", name, row["droit"], row["profil_compte"], row["compte_id"])
    if row["organisation"] is not None:
        return Share(row["id"], "organisation", row["organisation"], row["droit"], "", None)
    label = PROFILS.get(row["profil"], row["profil"])
    return Share(row["id"], "profil", label, row["droit"], row["profil"], None)


def loss(store: Store, actor: Compte, number: int) -> tuple[int, int]:
    """What deleting an analysis takes from others: (shares, subscriptions of others)."""
    with store.reading() as connection:
        shared = sa.select(sa.func.count()).select_from(PARTS).where(PARTS.c.analyse_id == number)
        follow = (
            sa.select(sa.func.count())
            .select_from(ABONNEMENTS.join(ANALYSES, ANALYSES.c.id == ABONNEMENTS.c.analyse_id))
            .where(ABONNEMENTS.c.analyse_id == number, ABONNEMENTS.c.compte_id != actor.id)
        )
        return connection.execute(shared).scalar_one(), connection.execute(follow).scalar_one()
