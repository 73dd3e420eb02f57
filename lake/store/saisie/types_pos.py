"""A service's type in its zone, and whether it is of the *tronc commun*: as its type says, or with a reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from lake.catalog.convergence_pos import ZONES, du_tronc, zones_du_type
from lake.errors import Refused
from lake.store.engine import Store
from lake.store.saisie.tables import EVENEMENTS

GENRE = "tronc_commun"
"""The event that keeps the reason."""


def contredit(service: Mapping[str, Any]) -> bool:
    """Whether a service is of the *tronc commun*, or is not, against what its type says."""
    says = du_tronc(service["zone_pos"], service["type_service"])
    return says is not None and bool(service["tronc_commun"]) != says


def raison(store: Store, numero: int) -> tuple[str, str, datetime] | None:
    """Why a service is of the *tronc commun* against its type, who said it and when; None where nobody said."""
    wanted = (
        sa.select(EVENEMENTS.c.contenu, EVENEMENTS.c.auteur, EVENEMENTS.c.moment)
        .where(EVENEMENTS.c.service_id == numero, EVENEMENTS.c.genre == GENRE)
        .order_by(EVENEMENTS.c.id.desc())
        .limit(1)
    )
    with store.reading() as connection:
        row = connection.execute(wanted).first()
    return None if row is None else (str(json.loads(row.contenu)["motif"]), row.auteur, row.moment)


def placed(
    known: Mapping[str, Any], row: dict[str, Any], motif: str = "", *, decide: bool = False
) -> dict[str, Any]:
    """What is changed of a service, its type in its zone; the *tronc commun* as its type says, or with a reason.

    Args:
        known: the service as it is.
        row: what changes; the zone of a type that only one holds is added, and the *tronc commun* of a new type.
        motif: why the *tronc commun* is not what the type says.
        decide: the *tronc commun* is what the row says, whatever the type (a program that creates services).

    Raises:
        Refused: the type is one of another zone, or the *tronc commun* contradicts it without a reason.
    """
    before = (known["zone_pos"] or None, known["type_service"] or None)
    zone, kind = (
        row.get(name, now) or None for name, now in zip(("zone_pos", "type_service"), before, strict=True)
    )
    zones = zones_du_type(kind or "")
    if (zone, kind) != before and zones:
        if zone and zone not in zones:
            where = " ou ".join(f"{one} {ZONES[one]}" for one in zones)
            raise Refused(
                "type_service",
                f"« {kind} » est un type de la zone {where}, pas de la zone {zone} {ZONES.get(zone, '')}.",
                conseil="Changez la zone, ou le type.",
            )
        if not zone and len(zones) == 1:
            row = {**row, "zone_pos": zones[0]}
            zone = zones[0]
    says = du_tronc(zone, kind)
    if says is None or decide:
        return row
    was = known.get("tronc_commun")
    chosen = row.get("tronc_commun", was)
    if (zone, kind) != before and chosen == was and not motif.strip():
        return {**row, "tronc_commun": says}
    if chosen != was and chosen != says and not motif.strip():
        word = "est" if says else "n'est pas"
        raise Refused(
            "tronc_commun",
            f"Le type « {kind} » {word} du tronc commun.",
            conseil="Laissez ce que dit le type, ou dites pourquoi il en va autrement.",
        )
    return row
