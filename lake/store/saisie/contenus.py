"""What sheets hold in draft, as a version keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.store.saisie.tables import ETAPES, REPONSES, SERVICES

_ANSWER = (
    "critere",
    "nature",
    "niveau",
    "porte_par",
    "valeur",
    "transmis",
    "justification_na",
    "commentaire",
    "commentaire_public",
    "origine",
    "modifie_par",
)
_STEP = ("critere", "niveau", "trimestre", "motif", "texte", "jalons")
_PLACE = 500
"""Sheets asked at once: engines bound how many values a question names."""


def contenus_de(
    connection: Connection, sheets: Sequence[Mapping[str, Any]], services: Mapping[int, Mapping[str, Any]]
) -> dict[int, dict[str, Any]]:
    """The content of sheets, by their number, in a few questions whatever their number.

    Args:
        connection: the transaction that locked them.
        sheets: their rows.
        services: number of a service -> its row.
    """
    found: dict[int, dict[str, Any]] = {}
    for sheet in sheets:
        plan = sheet["questionnaire"].startswith("PLAN-")
        found[sheet["id"]] = {
            "service": services[sheet["service_id"]]["code"],
            "questionnaire": sheet["questionnaire"],
            "etapes" if plan else "reponses": [],
        }
    carrier = SERVICES.alias("porteur")
    for numbers in _parts([number for number, one in found.items() if "reponses" in one]):
        answers = connection.execute(
            sa.select(REPONSES, carrier.c.code.label("porte_par"))
            .join(carrier, carrier.c.id == REPONSES.c.porte_par_id, isouter=True)
            .where(REPONSES.c.feuille_id.in_(numbers), REPONSES.c.nature != "vide")
            .order_by(REPONSES.c.feuille_id, REPONSES.c.critere)
        ).mappings()
        for row in answers:
            kept = {name: row[name] for name in _ANSWER}
            found[row["feuille_id"]]["reponses"].append({**kept, "modifie_le": row["modifie_le"].isoformat()})
    for numbers in _parts([number for number, one in found.items() if "etapes" in one]):
        steps = connection.execute(
            sa.select(ETAPES)
            .where(ETAPES.c.feuille_id.in_(numbers))
            .order_by(ETAPES.c.feuille_id, ETAPES.c.critere, ETAPES.c.etape)
        ).mappings()
        for row in steps:
            found[row["feuille_id"]]["etapes"].append({name: row[name] for name in _STEP})
    return found


def _parts(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), _PLACE):
        yield numbers[start : start + _PLACE]
