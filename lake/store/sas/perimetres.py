"""How far a professional goes to homes (minutes of road, or communes one by one), and how long consultations last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.errors import ContractError
from lake.horaires.heures import local_day
from lake.horaires.plages import BITS
from lake.store import journal
from lake.store.engine import Store
from lake.store.sas import agendas
from lake.store.sas.tables import EFFECTEURS, LIEUX, SERIES

LE_PLUS = 400
"""Communes of a list: more is a radius."""
_CODE = re.compile(r"^(\d{5}|2[AB]\d{3})$")


def ecrit(communes: Iterable[str]) -> str:
    """A list of communes as the base keeps it: codes once each, in order.

    Raises:
        ContractError: a code is none, or there are too many.
    """
    codes = sorted(dict.fromkeys(communes))
    wrong = [one for one in codes if not _CODE.match(one)]
    if wrong:
        raise ContractError(f"Code de commune illisible : « {wrong[0]} ».", conseil="Forme : 54395.")
    if len(codes) > LE_PLUS:
        raise ContractError(
            f"{len(codes)} communes, {LE_PLUS} au plus.", conseil="Donnez plutôt des minutes de route."
        )
    return "|".join(codes)


def lu(ecrits: str) -> list[str]:
    """The codes of a list."""
    return ecrits.split("|") if ecrits else []


def regler(
    store: Store, identifiant: str, *, lieu: int, perimetre_min: float, durees: dict[str, int], auteur: str = "",
    communes: Sequence[str] = (), now: datetime | None = None,
) -> None:  # fmt: skip
    """Set how far one drives to a home, and how long consultations last; booked slots do not move.

    Args:
        store: where.
        identifiant: whose agenda.
        lieu: number of the place.
        perimetre_min: minutes of road.
        durees: modality -> minutes.
        auteur: who.
        communes: INSEE codes of the communes visited, in place of minutes.
        now: the moment.

    Raises:
        ContractError: a duration or the perimeter makes no sense, or visits are offered and it is empty.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    if not 0 <= perimetre_min <= 120 or any(not 5 <= value <= 240 for value in durees.values()):
        raise ContractError("Périmètre de 0 à 120 minutes, consultations de 5 à 240 minutes.")
    listed = ecrit(communes)
    with store.writing() as connection:
        person = agendas.locked(connection, identifiant)
        if not perimetre_min and not listed:
            refuser_vide(connection, lieu, local_day(moment))
        connection.execute(
            sa.update(LIEUX)
            .where(LIEUX.c.id == lieu, LIEUX.c.effecteur_id == person["id"])
            .values(
                perimetre_min=perimetre_min,
                perimetre_communes=listed,
                **{f"duree_{code.lower()}": value for code, value in durees.items()},
            )
        )
        journal.write(connection, "sas.reglages", person["identifiant"], auteur=auteur or None, now=moment)
        agendas.written(connection, person["id"], moment)


def traduire(store: Store, successeurs: Mapping[str, str], *, now: datetime | None = None) -> int:
    """Put, in the lists of communes visited, those that took former ones in; returns how many places changed.

    The journal says which; asked twice, it changes nothing.

    Args:
        store: where.
        successeurs: former commune -> today's.
        now: the moment.
    """
    moment, changed = (now or datetime.now(UTC)).astimezone(UTC), 0
    wanted = (
        sa.select(LIEUX.c.id, LIEUX.c.perimetre_communes, EFFECTEURS.c.identifiant)
        .join(EFFECTEURS, EFFECTEURS.c.id == LIEUX.c.effecteur_id)
        .where(LIEUX.c.perimetre_communes != "")
        .order_by(LIEUX.c.id)
    )
    with store.reading() as connection:
        rows = connection.execute(wanted).all()
    for number, listed, who in rows:
        if not any(code in successeurs for code in lu(listed)):
            continue
        with store.writing() as connection:
            person = agendas.locked(connection, who)
            here = sa.select(LIEUX.c.perimetre_communes).where(LIEUX.c.id == number)
            now_listed = lu(str(connection.execute(here).scalar_one()))
            moved = [code for code in now_listed if code in successeurs]
            if not moved:
                continue
            kept = "|".join(sorted({successeurs.get(code, code) for code in now_listed}))
            connection.execute(sa.update(LIEUX).where(LIEUX.c.id == number).values(perimetre_communes=kept))
            said = ", ".join(f"{code} devient {successeurs[code]}" for code in moved)
            journal.write(connection, "sas.reglages", who, details={"detail": said}, now=moment)
            agendas.written(connection, person["id"], moment)
            changed += 1
    return changed


def visite(place: Mapping[str, Any]) -> bool:
    """Whether a place is visited from at all."""
    return bool(place["perimetre_min"]) or bool(place["perimetre_communes"])


def sans_perimetre() -> ContractError:
    """Why home visits are refused."""
    return ContractError(
        "Des visites à domicile, et aucun périmètre où les faire.",
        conseil="Donnez des minutes de route ou des communes, ou retirez « domicile » des plages.",
    )


def refuser_vide(connection: Connection, lieu: int, jour: date) -> None:
    """Refuse an empty perimeter while ranges of the place offer visits from a day on."""
    rows = connection.execute(
        sa.select(SERIES.c.modalites).where(
            SERIES.c.lieu_id == lieu, SERIES.c.retiree_le.is_(None), SERIES.c.au >= jour
        )
    ).scalars()
    if any(bits & BITS["HH"] for bits in rows):
        raise sans_perimetre()
