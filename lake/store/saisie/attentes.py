"""What waits for a person in the entry: where it goes once signed in, when it asked for no page."""

from __future__ import annotations

from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.droits_saisie import Acteur, Objet, may
from lake.store.engine import Store
from lake.store.saisie.acteurs import acteur_in
from lake.store.saisie.tables import AVIS, FEUILLES, HABILITATIONS, REPONSES, SERVICES

TABLEAU = "saisie-tableau"
QUESTIONS = "saisie-interpretations"


def attente(store: Store, email: str) -> str:
    """The address of what waits most for a person: what it is asked to validate, where it was just invited, the last
    criterion that it answered in a draft.

    Args:
        store: where.
        email: the person.

    Returns:
        ``saisie-validation?s=…&q=…``, the dashboard where several sheets wait, ``saisie-questionnaire?…`` with the
        criterion; the questions of interpretation for a national expert who was told of one and has not read it; empty
        where nothing waits, or for another person that no grant names (an administrator sees everything: nothing waits
        for it in particular).
    """
    with store.reading() as connection:
        who = acteur_in(connection, email)
        if not who.grants:
            return _question(connection, who)
        return _a_valider(connection, who) or _invitation(connection, who) or _dernier(connection, who)


def _question(connection: Connection, who: Acteur) -> str:
    """The questions asked of the national experts, where the person was told of one and has not read it."""
    told = sa.select(AVIS.c.id).where(
        AVIS.c.compte_id == who.compte_id, AVIS.c.lu_le.is_(None), AVIS.c.lien.startswith(f"./{QUESTIONS}?")
    )
    return "" if connection.execute(told.limit(1)).scalar() is None else QUESTIONS


def _page(name: str, **said: str) -> str:
    return f"saisie-{name}?{urlencode(said)}"


def _a_valider(connection: Connection, who: Acteur) -> str:
    rows = connection.execute(
        sa.select(SERVICES, FEUILLES.c.questionnaire, FEUILLES.c.soumise_par)
        .join(SERVICES, SERVICES.c.id == FEUILLES.c.service_id)
        .where(FEUILLES.c.etat == "a_valider", SERVICES.c.etat != "archive")
        .order_by(FEUILLES.c.soumise_le)
    ).mappings()
    mine = [
        row
        for row in rows
        if may("valider", Objet(row["region"], row["id"], row["questionnaire"], row["soumise_par"]), who)
    ]
    if len(mine) == 1:
        return _page("validation", s=mine[0]["code"], q=mine[0]["questionnaire"])
    return TABLEAU if mine else ""


def _invitation(connection: Connection, who: Acteur) -> str:
    """The last service that somebody else gave and where the person answered nothing yet."""
    answered = (
        sa.select(FEUILLES.c.service_id)
        .join(REPONSES, REPONSES.c.feuille_id == FEUILLES.c.id)
        .where(REPONSES.c.modifie_par == who.email)
    )
    wanted = (
        sa.select(SERVICES)
        .join(HABILITATIONS, HABILITATIONS.c.service_id == SERVICES.c.id)
        .where(
            HABILITATIONS.c.compte_id == who.compte_id,
            HABILITATIONS.c.retire_le.is_(None),
            HABILITATIONS.c.donne_par.not_in(["", who.email]),
            SERVICES.c.kind.not_in(["si_regional", "editeur"]),
            SERVICES.c.etat != "archive",
            SERVICES.c.id.not_in(answered),
        )
        .order_by(HABILITATIONS.c.donne_le.desc(), HABILITATIONS.c.id.desc())
    )
    for row in connection.execute(wanted).mappings():
        if may("saisir", Objet(row["region"], row["id"]), who):
            return _page("questionnaire", s=row["code"])
    return ""


def _dernier(connection: Connection, who: Acteur) -> str:
    """The last criterion that the person answered, where its sheet is a draft still."""
    wanted = (
        sa.select(SERVICES, FEUILLES.c.questionnaire, REPONSES.c.critere)
        .join(FEUILLES, FEUILLES.c.id == REPONSES.c.feuille_id)
        .join(SERVICES, SERVICES.c.id == FEUILLES.c.service_id)
        .where(
            REPONSES.c.modifie_par == who.email,
            FEUILLES.c.etat == "brouillon",
            SERVICES.c.etat != "archive",
        )
        .order_by(REPONSES.c.modifie_le.desc(), REPONSES.c.critere)
        .limit(20)
    )
    for row in connection.execute(wanted).mappings():
        if may("saisir", Objet(row["region"], row["id"], row["questionnaire"]), who):
            return _page("questionnaire", s=row["code"], q=row["questionnaire"], critere=row["critere"])
    return ""
