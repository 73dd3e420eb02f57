"""Answers copied from a like service: each a draft to be confirmed, none over what is already answered.

Nobody has read them for this service yet: they are in no count before somebody confirms them, and a sheet that holds
one that is not confirmed cannot be validated.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.droits_saisie import Objet
from lake.errors import Refused
from lake.store.engine import Store
from lake.store.saisie.acteurs import refuse
from lake.store.saisie.evenements import note
from lake.store.saisie.feuilles import BLANC, Reponse, ouverte, touchee
from lake.store.saisie.porteurs import appuyer, refuser_porteur
from lake.store.saisie.services import lu
from lake.store.saisie.tables import COPIE, REPONSES

Cle = tuple[str, str]
"""Questionnaire, criterion."""


def refus(store: Store, service_id: int, answers: Mapping[Cle, Reponse]) -> dict[Cle, str]:
    """Why some answers cannot be copied to a service, in French: their carrier cannot carry them there."""
    found = {}
    with store.reading() as connection:
        for key, answer in answers.items():
            if why := _refus(connection, service_id, key, answer):
                found[key] = why
    return found


def copier(
    store: Store,
    source_id: int,
    service_id: int,
    answers: Mapping[Cle, Reponse],
    *,
    par: str | None,
    now: datetime | None = None,
) -> int:
    """Write answers of a like service in the drafts of another, to be confirmed; returns how many were.

    What is already answered stays as it is, and what its carrier cannot carry is left out: :func:`refus` tells it
    beforehand. All of it, or nothing.

    Args:
        store: where.
        source_id: whose answers they are.
        service_id: whose drafts are filled.
        answers: what is copied.
        par: who; None for the operator.
        now: the moment.

    Raises:
        AccessDenied: it may not see the one, or not answer for the other.
        FeuilleFermee: a sheet waits to be validated, or the service is archived.
        Refused: a service copied onto itself, or onto one of another kind.
    """
    moment, written = now or datetime.now(UTC), 0
    with store.writing() as connection:
        source, service = lu(connection, source_id), lu(connection, service_id)
        refuse(connection, par, "voir", Objet(source["region"], source_id))
        if source_id == service_id or source["kind"] != service["kind"]:
            raise Refused("source", "Un service se copie d'un autre de même nature.")
        for questionnaire in dict.fromkeys(name for name, _ in answers):
            refuse(connection, par, "voir", Objet(source["region"], source_id, questionnaire))
            sheet = ouverte(connection, service_id, questionnaire, "saisir", par, None, moment)
            if (failed := sheet.pop("refus", None)) is not None:
                raise failed
            mine = {key: one for key, one in answers.items() if key[0] == questionnaire}
            done = _sheet(connection, sheet["id"], service_id, mine, par, moment)
            if done:
                touchee(connection, sheet["id"], par, moment)
                note(
                    connection, COPIE, service_id=service_id, feuille_id=sheet["id"], auteur=par,
                    contenu={"de": source["code"], "reponses": done}, now=moment,
                )  # fmt: skip
            written += done
    return written


def _sheet(
    connection: Connection,
    feuille_id: int,
    service_id: int,
    answers: Mapping[Cle, Reponse],
    par: str | None,
    moment: datetime,
) -> int:
    here = REPONSES.c.feuille_id == feuille_id
    known = {
        row.critere: row.nature
        for row in connection.execute(sa.select(REPONSES.c.critere, REPONSES.c.nature).where(here))
    }
    written = 0
    for key, answer in answers.items():
        critere = key[1]
        if known.get(critere, "vide") != "vide" or _refus(connection, service_id, key, answer):
            continue
        values: dict[str, Any] = {
            "nature": answer.nature,
            "niveau": answer.niveau,
            "porte_par_id": answer.porte_par,
            "transmis": answer.transmis,
            "origine": COPIE,
            "confirmee": False,
            "modifie_le": moment,
            "modifie_par": par or "",
        }
        if critere in known:
            change = sa.update(REPONSES).where(here, REPONSES.c.critere == critere)
            connection.execute(change.values(**values, rev_n=REPONSES.c.rev_n + 1))
        else:
            row = {**BLANC, **values, "feuille_id": feuille_id, "critere": critere, "rev_n": 1}
            connection.execute(sa.insert(REPONSES).values(row))
        if answer.porte_par is not None:
            appuyer(connection, service_id, answer.porte_par)
        written += 1
    return written


def _refus(connection: Connection, service_id: int, key: Cle, answer: Reponse) -> str:
    if answer.porte_par is None:
        return ""
    if answer.porte_par == service_id:
        return f"{key[1]} : un service ne se porte pas lui-même."
    try:
        refuser_porteur(connection, service_id, key[1], answer.porte_par)
    except Refused as error:
        return str(error)
    return ""
