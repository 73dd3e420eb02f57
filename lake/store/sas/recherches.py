"""What was searched and shown, and who was solicited: a commune at most, never an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa

from lake.errors import UnknownName
from lake.store import journal
from lake.store.engine import Store
from lake.store.sas import agendas, essais
from lake.store.sas.tables import AFFICHAGES, RECHERCHES, SOLLICITATIONS

DEMANDE = timedelta(minutes=15)
"""Searches of one account, for one commune and one need, within this time are one demand."""
CANAUX = {"appel": "Appel", "surbooking": "Demande en surnombre"}
ISSUES = {"accepte": "Accepté", "refuse": "Refusé", "injoignable": "Injoignable"}
CONSERVATION = timedelta(days=30)
"""How long searches keep their author, and what was shown."""


@dataclass(frozen=True)
class Recherche:
    """A search, as it is kept.

    Attributes:
        sas: the SAS of the place.
        code_commune: its commune; empty when not known.
        precision: how precisely it was typed, not what was.
        preset, modalites, horizon, rayon_km, elargie: what was asked.
        issue: ``pourvue``, ``elargie``, ``incertaine`` or ``non_pourvue``.
        resultats: rows that had a place.
        graine: seed of the draw.
        sources_muettes: editors that did not answer.
        compte_id: who searched.
    """

    sas: str
    code_commune: str
    precision: str
    preset: str
    modalites: int
    horizon: str
    rayon_km: float
    elargie: int
    issue: str
    resultats: int
    graine: int
    sources_muettes: int = 0
    compte_id: int | None = None


@dataclass(frozen=True)
class Affichage:
    """One row that was shown: whose, and the numbers of its rank."""

    effecteur_id: int
    rang: int
    palier: int
    panier: int
    bande: int
    poids: int
    places: int


def noter(
    store: Store, recherche: Recherche, affichages: Sequence[Affichage] = (), *, now: datetime | None = None
) -> int:
    """Keep a search and what it showed; returns its number."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    row = {
        "moment": moment, "sas": recherche.sas, "compte_id": recherche.compte_id,
        "code_commune": recherche.code_commune, "lieu_precision": recherche.precision, "preset": recherche.preset,
        "modalites": recherche.modalites, "horizon": recherche.horizon, "rayon_km": recherche.rayon_km,
        "elargie": recherche.elargie, "issue": recherche.issue, "resultats": recherche.resultats,
        "sources_muettes": recherche.sources_muettes, "graine": recherche.graine,
    }  # fmt: skip
    same = sa.and_(
        RECHERCHES.c.moment > moment - DEMANDE,
        RECHERCHES.c.moment <= moment,
        *(RECHERCHES.c[name] == row[name] for name in ("sas", "code_commune", "preset", "modalites")),
        RECHERCHES.c.compte_id.is_(None)
        if recherche.compte_id is None
        else RECHERCHES.c.compte_id == recherche.compte_id,
    )
    with store.writing() as connection:
        before = connection.execute(
            sa.select(RECHERCHES.c.demande).where(same).order_by(RECHERCHES.c.moment.desc()).limit(1)
        ).scalar_one_or_none()
        done = connection.execute(sa.insert(RECHERCHES).values(**row, demande=before or uuid4().hex))
        assert done.inserted_primary_key is not None
        number = int(done.inserted_primary_key[0])
        if affichages:
            connection.execute(
                sa.insert(AFFICHAGES), [{"recherche_id": number, **vars(one)} for one in affichages]
            )
    return number


def solliciter(
    store: Store,
    identifiant: str,
    canal: str,
    issue: str,
    *,
    sas: str = "",
    auteur: str = "",
    now: datetime | None = None,
) -> None:
    """Log a call or a demand beyond the slots, and what came of it.

    Raises:
        UnknownName: there is no such channel or outcome.
        LakeError: there is no such person.
    """
    if canal not in CANAUX:
        raise UnknownName("canal", canal, list(CANAUX))
    if issue not in ISSUES:
        raise UnknownName("issue", issue, list(ISSUES))
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    with store.writing() as connection:
        person = agendas.locked(connection, identifiant)
        connection.execute(
            sa.insert(SOLLICITATIONS).values(
                effecteur_id=person["id"],
                sas=sas or person["sas"],
                canal=canal,
                issue=issue,
                reference="",
                moment=moment,
            )
        )
        journal.write(
            connection,
            f"sas.{canal}",
            identifiant,
            auteur=auteur or None,
            details={"issue": issue},
            now=moment,
        )


def purger(store: Store, *, now: datetime | None = None) -> dict[str, int]:
    """Forget who searched, and what was shown, after :data:`CONSERVATION`."""
    limit = (now or datetime.now(UTC)).astimezone(UTC) - CONSERVATION
    with store.writing() as connection:
        old = sa.select(RECHERCHES.c.id).where(RECHERCHES.c.moment < limit)
        shown = connection.execute(sa.delete(AFFICHAGES).where(AFFICHAGES.c.recherche_id.in_(old))).rowcount
        nameless = connection.execute(
            sa.update(RECHERCHES)
            .where(RECHERCHES.c.moment < limit, RECHERCHES.c.compte_id.is_not(None))
            .values(compte_id=None)
        ).rowcount
    return {"affichages": shown, "recherches": nameless, "fiches_d_editeurs": essais.purger(store, now=now)}


def silences(store: Store, since: datetime) -> tuple[int, int]:
    """Searches made since a moment, and those in which a source did not answer."""
    with store.reading() as connection:
        wanted = sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(sa.case((RECHERCHES.c.sources_muettes > 0, 1), else_=0)), 0),
        ).where(RECHERCHES.c.moment >= since)
        every, silent = connection.execute(wanted).one()
    return int(every), int(silent)
