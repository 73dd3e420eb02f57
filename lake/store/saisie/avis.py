"""What people are told in the tool: once each for one event, whoever asks again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.droits_saisie import ENSEMBLES, SI, VALIDATEUR, Objet, may
from lake.store.accounts import outbox
from lake.store.engine import Store
from lake.store.saisie.acteurs import acteur_in
from lake.store.saisie.tables import AVIS, HABILITATIONS, SERVICES
from lake.store.schema import COMPTES


def prevenir(
    connection: Connection,
    services: Mapping[int, int],
    *,
    cle: str,
    dit: Callable[[int], str],
    lien: str,
    now: datetime,
    sauf: str | None = None,
    questionnaire: str = "",
    validant: bool = False,
    action: str = "",
) -> int:
    """Tell who holds a grant on services, or on their system, what happened to them; returns how many were told.

    Somebody who holds two grants is told once.

    Args:
        connection: within a transaction.
        services: number of a service -> how many of its answers are touched.
        cle: names the event: a person is told once of it.
        dit: the sentence, from how many of that person's answers are touched.
        lien: where it leads.
        now: the moment.
        sauf: whoever did it, who knows.
        questionnaire: only those whose grant opens it.
        validant: only those who may validate.
        action: only those who may do it, their account's own rights as they stand now included.
    """
    if not services:
        return 0
    systems = dict(
        connection.execute(
            sa.select(SERVICES.c.region, SERVICES.c.id).where(SERVICES.c.kind.in_(ENSEMBLES))
        ).all()
    )
    regions = dict(
        connection.execute(
            sa.select(SERVICES.c.id, SERVICES.c.region).where(SERVICES.c.id.in_(services))
        ).all()
    )
    grants = connection.execute(
        sa.select(
            HABILITATIONS.c.compte_id,
            HABILITATIONS.c.service_id,
            HABILITATIONS.c.role,
            HABILITATIONS.c.peut_valider,
            HABILITATIONS.c.questionnaires,
        )
        .join(COMPTES, COMPTES.c.id == HABILITATIONS.c.compte_id)
        .where(
            HABILITATIONS.c.retire_le.is_(None),
            COMPTES.c.etat != "desactive",
            COMPTES.c.email != (sauf or ""),
        )
    ).all()
    told: dict[int, set[int]] = {}
    for compte, about, role, validates, names in grants:
        if questionnaire and names is not None and questionnaire not in json.loads(names):
            continue
        if validant and not (validates or role in (SI, VALIDATEUR)):
            continue
        mine = {one for one in services if about in (one, systems.get(regions.get(one, "")))}
        if mine:
            told.setdefault(compte, set()).update(mine)
    known = set(connection.execute(sa.select(AVIS.c.compte_id).where(AVIS.c.cle == cle)).scalars())
    if action:
        fresh = [compte for compte in told if compte not in known]
        able = _able(
            connection,
            fresh,
            action,
            {one: regions[one] for one in services if one in regions},
            questionnaire,
        )
        told = {
            compte: mine & able[compte] for compte, mine in told.items() if able.get(compte, set()) & mine
        }
    rows = [
        {
            "compte_id": compte, "cle": cle, "titre": dit(sum(services[one] for one in mine))[:300], "lien": lien,
            "cree_le": now, "lu_le": None,
        }
        for compte, mine in sorted(told.items())
        if compte not in known
    ]  # fmt: skip
    if rows:
        connection.execute(sa.insert(AVIS), rows)
    return len(rows)


def _able(
    connection: Connection,
    comptes: Sequence[int],
    action: str,
    regions: Mapping[int, str],
    questionnaire: str,
) -> dict[int, set[int]]:
    """On which of some services each account may do something, as its rights stand now."""
    found: dict[int, set[int]] = {}
    emails = sa.select(COMPTES.c.id, COMPTES.c.email).where(COMPTES.c.id.in_(comptes))
    for compte, email in connection.execute(emails).all():
        who = acteur_in(connection, email)
        found[compte] = {
            number
            for number, region in regions.items()
            if may(action, Objet(region, number, questionnaire), who)
        }
    return found


def lu_par(connection: Connection, email: str, lien: str, now: datetime) -> None:
    """One person did what it was asked at a place: it is reminded of it no more."""
    who = sa.select(COMPTES.c.id).where(COMPTES.c.email == email).scalar_subquery()
    here = [AVIS.c.compte_id == who, AVIS.c.lien == lien, AVIS.c.lu_le.is_(None)]
    connection.execute(sa.update(AVIS).where(*here).values(lu_le=now))


def redire(connection: Connection, cle: str, titre: str) -> None:
    """What people were told is said otherwise: the notice is the same, nobody has two."""
    connection.execute(sa.update(AVIS).where(AVIS.c.cle == cle).values(titre=titre[:300]))


def oublier(connection: Connection, cle: str) -> None:
    """What was told is not so any more: nobody keeps the notice of it, and it may be told again."""
    connection.execute(sa.delete(AVIS).where(AVIS.c.cle == cle))


def prevenir_auteur(
    connection: Connection, email: str, *, cle: str, titre: str, lien: str, now: datetime
) -> bool:
    """Tell one person what happened to what it did; False where it is no account, or was told already."""
    compte = connection.execute(sa.select(COMPTES.c.id).where(COMPTES.c.email == email)).scalar()
    if compte is None:
        return False
    known = sa.select(AVIS.c.id).where(AVIS.c.cle == cle, AVIS.c.compte_id == compte)
    if connection.execute(known).scalar() is not None:
        return False
    values = {
        "compte_id": compte,
        "cle": cle,
        "titre": titre[:300],
        "lien": lien,
        "cree_le": now,
        "lu_le": None,
    }
    connection.execute(sa.insert(AVIS).values(values))
    return True


def classer(connection: Connection, lien: str, now: datetime) -> None:
    """What was asked at a place is done: nobody is reminded of it any more, nor written to."""
    connection.execute(sa.update(AVIS).where(AVIS.c.lien == lien, AVIS.c.lu_le.is_(None)).values(lu_le=now))


COURRIEL = "courriel_saisie"
"""The preference of an account: its notices of the entry come by mail too."""


def confier(store: Store, url: str, *, now: datetime | None = None) -> int:
    """Hand to the outbox, once each, the notices of those who want them by mail too; returns how many.

    A mail that a crash makes ask twice replaces the one that waits about the same notice: nobody has two.

    Args:
        store: where.
        url: public address of the suite; without one the mail names the page only.
        now: the moment.
    """
    moment = now or datetime.now(UTC)
    wanted = (
        sa.select(AVIS, COMPTES.c.preferences)
        .join(COMPTES, COMPTES.c.id == AVIS.c.compte_id)
        .where(AVIS.c.courriel_le.is_(None), AVIS.c.lu_le.is_(None), COMPTES.c.etat != "desactive")
        .order_by(AVIS.c.id)
    )
    with store.reading() as connection:
        rows = [dict(row) for row in connection.execute(wanted).mappings()]
    count = 0
    for row in rows:
        if not json.loads(row["preferences"] or "{}").get(COURRIEL):
            continue
        place = (
            f"{url.rstrip('/')}/{row['lien'].removeprefix('./')}" if url else "Tableau de bord de la saisie"
        )
        outbox.keep(
            store, row["compte_id"], "Saisie de Convergence", f"{row['titre']}\n\n{place}\n",
            envoi_le=moment, expire_le=moment + timedelta(days=7), genre="saisie", objet=row["cle"],
        )  # fmt: skip
        with store.writing() as connection:
            connection.execute(sa.update(AVIS).where(AVIS.c.id == row["id"]).values(courriel_le=moment))
        count += 1
    return count


def non_lus(store: Store, compte_id: int) -> list[dict[str, Any]]:
    """What somebody was told and has not read: ``id, titre, lien, cree_le``, newest first."""
    wanted = (
        sa.select(AVIS.c.id, AVIS.c.titre, AVIS.c.lien, AVIS.c.cree_le)
        .where(AVIS.c.compte_id == compte_id, AVIS.c.lu_le.is_(None))
        .order_by(AVIS.c.id.desc())
    )
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def lus(store: Store, compte_id: int, *, now: datetime | None = None) -> None:
    """All that somebody was told is read."""
    with store.writing() as connection:
        connection.execute(
            sa.update(AVIS)
            .where(AVIS.c.compte_id == compte_id, AVIS.c.lu_le.is_(None))
            .values(lu_le=now or datetime.now(UTC))
        )
