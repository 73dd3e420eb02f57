"""What is said of a criterion between those who answer and those who validate; nothing of it is published."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from lake.droits_saisie import Objet
from lake.store.engine import Store
from lake.store.saisie import avis, interpretations
from lake.store.saisie.acteurs import nom_in, refuse
from lake.store.saisie.echanges import FILS
from lake.store.saisie.services import lu
from lake.store.saisie.tables import MESSAGES

LONGUEUR_MAX = interpretations.LONGUEUR_MAX
"""Characters of a message."""


def dire(
    store: Store,
    service_id: int,
    questionnaire: str,
    critere: str,
    texte: str,
    *,
    par: str | None,
    version_referentiel: str,
    now: datetime | None = None,
) -> int:
    """Add a message to a criterion's thread, and tell those who follow the service; returns its number.

    Raises:
        AccessDenied: no right to comment.
        Refused: nothing is said, or too much.
    """
    moment, text = now or datetime.now(UTC), interpretations.lu_texte(texte)
    with store.writing() as connection:
        service = lu(connection, service_id)
        refuse(connection, par, "commenter", Objet(service["region"], service_id, questionnaire))
        done = connection.execute(
            sa.insert(MESSAGES).values(
                service_id=service_id,
                questionnaire=questionnaire,
                critere=critere,
                version_referentiel=version_referentiel,
                texte=text,
                auteur=par or "",
                cree_le=moment,
                traite_par="",
            )
        ).inserted_primary_key
        assert done is not None
        about = (service_id, questionnaire, critere, version_referentiel)
        who = nom_in(connection, par, "L’exploitant")
        interpretations.suivre(connection, *about, int(done[0]), moment)
        avis.prevenir(
            connection,
            {service_id: 1},
            cle=f"fil:{done[0]}",
            dit=lambda _: f"{who} a écrit sur {critere}, {service['nom']}.",
            lien=f"./saisie-questionnaire?s={service['code']}&q={questionnaire}&critere={critere}",
            now=moment,
            sauf=par,
            questionnaire=questionnaire,
        )
        return int(done[0])


def fil(store: Store, service_id: int, questionnaire: str) -> dict[str, list[dict[str, Any]]]:
    """The messages of a sheet, by criterion, oldest first: ``id, texte, auteur, cree_le, traite_le, traite_par,
    version_referentiel, national`` (an expert's), and who reads them: ``visibilite, change_le, change_par``."""
    wanted = (
        sa.select(MESSAGES, FILS.c.visibilite, FILS.c.change_le, FILS.c.change_par)
        .join(FILS, interpretations.meme_fil(), isouter=True)
        .where(MESSAGES.c.service_id == service_id, MESSAGES.c.questionnaire == questionnaire)
        .order_by(MESSAGES.c.id)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    with store.reading() as connection:
        for row in connection.execute(wanted).mappings():
            found.setdefault(row["critere"], []).append(dict(row))
    return found


def clore(
    store: Store,
    service_id: int,
    questionnaire: str,
    critere: str,
    *,
    par: str | None,
    now: datetime | None = None,
) -> int:
    """Say that what was asked of a criterion is settled; returns how many messages that closes. They stay readable.

    Raises:
        AccessDenied: no right to comment.
    """
    with store.writing() as connection:
        service = lu(connection, service_id)
        refuse(connection, par, "commenter", Objet(service["region"], service_id, questionnaire))
        done = connection.execute(
            sa.update(MESSAGES)
            .where(
                MESSAGES.c.service_id == service_id,
                MESSAGES.c.questionnaire == questionnaire,
                MESSAGES.c.critere == critere,
                MESSAGES.c.traite_le.is_(None),
            )
            .values(traite_le=now or datetime.now(UTC), traite_par=par or "")
        )
        return int(done.rowcount)
