"""Who closed a campaign, and who took one up again, from a screen: the entry's own trace of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from lake.droits_saisie import Objet
from lake.store.engine import Store
from lake.store.saisie.acteurs import refuse
from lake.store.saisie.evenements import note
from lake.store.saisie.tables import EVENEMENTS

ARRET, REPRISE = "arret", "reprise_campagne"


@dataclass(frozen=True)
class Geste:
    """What somebody did to a campaign.

    Attributes:
        genre: :data:`ARRET` or :data:`REPRISE`.
        volet, jour: of which campaign.
        par: the account; empty for the operator.
        le: when.
    """

    genre: str
    volet: str
    jour: date
    par: str
    le: datetime


def autoriser(store: Store, par: str | None) -> None:
    """Refuse who is no administrator, as its account stands now.

    Raises:
        AccessDenied: it is not.
    """
    with store.reading() as connection:
        refuse(connection, par, "administrer", Objet(""))


def noter(
    store: Store, genre: str, volet: str, jour: date, *, par: str | None, now: datetime | None = None
) -> None:
    """Keep who closed a campaign, or took it up again.

    Raises:
        AccessDenied: it is no administrator.
    """
    with store.writing() as connection:
        refuse(connection, par, "administrer", Objet(""))
        note(connection, genre, auteur=par, contenu={"volet": volet, "campagne": jour.isoformat()}, now=now)


def gestes(store: Store) -> list[Geste]:
    """What was done to campaigns from screens, newest first."""
    wanted = (
        sa.select(EVENEMENTS.c.genre, EVENEMENTS.c.moment, EVENEMENTS.c.auteur, EVENEMENTS.c.contenu)
        .where(EVENEMENTS.c.genre.in_((ARRET, REPRISE)))
        .order_by(EVENEMENTS.c.id.desc())
    )
    with store.reading() as connection:
        found = list(connection.execute(wanted))
    made = []
    for genre, moment, author, text in found:
        said = json.loads(text)
        made.append(Geste(genre, said["volet"], date.fromisoformat(said["campagne"]), author, moment))
    return made
