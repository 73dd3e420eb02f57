"""Who may carry a criterion for another service: infrastructure of the region, that passes it on, without loop."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.errors import Refused
from lake.store.saisie.services import lu
from lake.store.saisie.tables import FEUILLES, LIENS, REPONSES, SERVICES


def appuyer(connection: Connection, service_id: int, carrier: int) -> None:
    """A service leans on who carries one of its criteria."""
    known = connection.execute(
        sa.select(LIENS).where(LIENS.c.service_id == service_id, LIENS.c.utilise_id == carrier)
    ).first()
    if known is None:
        connection.execute(sa.insert(LIENS).values(service_id=service_id, utilise_id=carrier))


def refuser_porteur(connection: Connection, service_id: int, critere: str, carrier: int) -> None:
    """Refuse a carrier that is no active infrastructure service of the region, declines, or closes a loop."""
    mine, target = lu(connection, service_id), lu(connection, carrier)
    if (
        target["kind"] != "infrastructure"
        or target["region"] != mine["region"]
        or target["etat"] == "archive"
    ):
        raise Refused(
            "porte_par",
            f"{critere} : « {target['nom']} » n'est pas un service d'infrastructure actif de la région.",
        )
    links = {
        row.service_id: row.porte_par_id
        for row in connection.execute(
            sa.select(FEUILLES.c.service_id, REPONSES.c.porte_par_id)
            .join(FEUILLES, FEUILLES.c.id == REPONSES.c.feuille_id)
            .where(REPONSES.c.critere == critere, REPONSES.c.porte_par_id.is_not(None))
        )
    }
    declines = connection.execute(
        sa.select(REPONSES.c.transmis)
        .join(FEUILLES, FEUILLES.c.id == REPONSES.c.feuille_id)
        .where(REPONSES.c.critere == critere, FEUILLES.c.service_id == carrier)
    ).scalar()
    if declines is False:
        raise Refused("porte_par", f"{critere} : « {target['nom']} » ne transmet pas ce critère.")
    path: list[int] = [service_id]
    step: int | None = carrier
    while step is not None and step not in path:
        path.append(step)
        step = links.get(step)
    if step == service_id:
        names = dict(
            connection.execute(sa.select(SERVICES.c.id, SERVICES.c.nom).where(SERVICES.c.id.in_(path))).all()
        )
        loop = " → ".join(names[one] for one in [*path, service_id])
        raise Refused(
            "porte_par",
            f"{critere} : {loop} : les services se porteraient en boucle.",
            conseil="L'un d'eux doit répondre par un niveau.",
        )
