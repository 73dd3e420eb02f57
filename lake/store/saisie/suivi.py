"""Who answers for a service, and who changed it last: what a list of services says of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from lake.droits_saisie import ENSEMBLES
from lake.store.engine import Store
from lake.store.saisie.tables import FEUILLES, HABILITATIONS, REPONSES, SERVICES
from lake.store.schema import COMPTES


@dataclass(frozen=True)
class Suivi:
    """What is known of the people of a service.

    Attributes:
        responsable: who answers for it; empty when nobody was named.
        le, par: its last change, of its card or of one of its sheets; ``par`` is empty for the operator.
    """

    responsable: str
    le: datetime
    par: str


def suivis(store: Store) -> Mapping[int, Suivi]:
    """Number of each service -> its :class:`Suivi`; three queries, however many services there are."""
    cards = sa.select(SERVICES.c.id, SERVICES.c.responsable_id, SERVICES.c.modifie_le, SERVICES.c.modifie_par)
    sheets = sa.select(FEUILLES.c.service_id, FEUILLES.c.modifie_le, FEUILLES.c.modifie_par)
    people = sa.select(COMPTES.c.id, COMPTES.c.email, COMPTES.c.prenom, COMPTES.c.nom)
    with store.reading() as connection:
        known = {row.id: (row.email, f"{row.prenom} {row.nom}") for row in connection.execute(people)}
        described = list(connection.execute(cards))
        moves: dict[int, tuple[datetime, str]] = {
            row.id: (row.modifie_le, row.modifie_par) for row in described
        }
        for number, moment, by in connection.execute(sheets):
            if number in moves and moment > moves[number][0]:
                moves[number] = (moment, by)
    named = dict(known.values())
    return {
        row.id: Suivi(
            known.get(row.responsable_id, ("", ""))[1],
            moves[row.id][0],
            named.get(moves[row.id][1], moves[row.id][1]),
        )
        for row in described
    }


def touches(store: Store, criteres: Sequence[str]) -> tuple[int, int]:
    """How many services answered one of these criteria, and how many people have a grant on them or on their system."""
    answered = (
        sa.select(SERVICES.c.id, SERVICES.c.region)
        .join(FEUILLES, FEUILLES.c.service_id == SERVICES.c.id)
        .join(REPONSES, REPONSES.c.feuille_id == FEUILLES.c.id)
        .where(REPONSES.c.critere.in_(criteres), REPONSES.c.nature != "vide", SERVICES.c.etat != "archive")
        .distinct()
        .subquery()
    )
    systems = sa.select(SERVICES.c.id).where(
        SERVICES.c.kind.in_(ENSEMBLES), SERVICES.c.region.in_(sa.select(answered.c.region))
    )
    people = sa.select(sa.func.count(sa.distinct(HABILITATIONS.c.compte_id))).where(
        HABILITATIONS.c.retire_le.is_(None),
        HABILITATIONS.c.service_id.in_(sa.select(answered.c.id)) | HABILITATIONS.c.service_id.in_(systems),
    )
    with store.reading() as connection:
        services = connection.execute(sa.select(sa.func.count()).select_from(answered)).scalar_one()
        return int(services), int(connection.execute(people).scalar_one())
