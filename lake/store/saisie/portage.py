"""Who carries a service, when one opens, and what the public catalogue shows of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from lake.catalog.convergence import trimestre_rang
from lake.errors import Refused
from lake.store.engine import Store
from lake.store.saisie.tables import SERVICES

PORTAGE = {"financeur": "Financeur", "moa": "Maître d’ouvrage", "moe": "Maître d’œuvre"}
"""Who carries a service: who pays, who owns, who builds."""
CATALOGUE = ("publique", "public", "territoire", "contact", "deploiement")
"""What the public card of a service adds to its name and its description."""


def portage_de(given: Mapping[str, Any]) -> str:
    """Who carries a service, as the base keeps it: names once each; what is not said is unknown, not nobody.

    Raises:
        Refused: a part that nobody plays.
    """
    for name in given:
        if name not in PORTAGE:
            raise Refused(
                "portage", f"Porteur inconnu : « {name} ».", conseil=f"Valeurs : {', '.join(PORTAGE)}."
            )
    kept = {name: _names(given[name]) for name in PORTAGE if given.get(name)}
    return json.dumps(
        {name: names for name, names in kept.items() if names}, ensure_ascii=False, sort_keys=True
    )


def _names(given: str | Sequence[str]) -> list[str]:
    said = given.replace("\n", ";").split(";") if isinstance(given, str) else given
    return list(dict.fromkeys(" ".join(one.split()) for one in said if one.strip()))


def catalogue_de(given: Mapping[str, Any]) -> str:
    """The public card of a service, as the base keeps it.

    Raises:
        Refused: a field that the card has not, or a card shown without saying to whom the service speaks.
    """
    for name in given:
        if name not in CATALOGUE:
            raise Refused(
                "catalogue", f"Champ inconnu : « {name} ».", conseil=f"Valeurs : {', '.join(CATALOGUE)}."
            )
    card = {name: value for name, value in given.items() if value}
    if card.get("publique") and not str(card.get("public", "")).strip():
        raise Refused("catalogue", "Dites à qui le service s'adresse avant de le montrer au public.")
    return json.dumps(card, ensure_ascii=False, sort_keys=True)


def a_venir(ouverture: str, jour: date | None = None) -> bool:
    """Whether a service opens in a quarter that has not begun: until then no published figure holds it."""
    if not ouverture:
        return False
    day = jour or datetime.now(UTC).date()
    return trimestre_rang(ouverture) > trimestre_rang(f"{day.year}-T{(day.month + 2) // 3}")


def catalogue(store: Store) -> list[dict[str, Any]]:
    """What anyone may read: ``nom, region, description, public, territoire, contact, deploiement``.

    Nothing else of a service leaves: neither its needs, nor its answers, nor who hosts it.
    """
    wanted = (
        sa.select(SERVICES.c.nom, SERVICES.c.region, SERVICES.c.description, SERVICES.c.catalogue)
        .where(SERVICES.c.etat != "archive", SERVICES.c.catalogue != "{}")
        .order_by(SERVICES.c.region, SERVICES.c.nom)
    )
    with store.reading() as connection:
        rows = connection.execute(wanted).all()
    found = []
    for nom, region, description, text in rows:
        card = json.loads(text)
        if card.pop("publique", False):
            blank = dict.fromkeys(CATALOGUE[1:], "")
            found.append({"nom": nom, "region": region, "description": description, **blank, **card})
    return found
