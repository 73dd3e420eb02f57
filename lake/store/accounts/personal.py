"""Personal data: what is kept of one person, for how long, and what the lake is told of accounts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import sqlalchemy as sa

from lake.catalog.journal import COMPTES as LIFE
from lake.errors import LakeError
from lake.store import journal, sharing
from lake.store.accounts import actions, possessions
from lake.store.accounts.identity import address, row_of
from lake.store.analyses.tables import ANALYSES, TRAVAUX
from lake.store.engine import Store
from lake.store.saisie import evenements
from lake.store.saisie.tables import PRESENCES
from lake.store.sas import recherches
from lake.store.schema import BROUILLONS, COMPTES, DEMANDES, ESSAIS, JETONS, JOURNAL, MESSAGES, SESSIONS

DURATIONS = {
    "journal": 365,
    "sessions": 30,
    "liens": 30,
    "demandes": 365,
    "partages": 730,
    "essais": 2,
    "brouillons": 90,
    "corbeille": 30,
}
"""Days kept by default (``OBS_CONSERVATION_<NAME>``): sessions and links once over, requests once decided."""


def purge(
    store: Store, days: Mapping[str, int] | None = None, *, now: datetime | None = None
) -> dict[str, int]:
    """Erase what is older than its duration; the journal says that it was done.

    Args:
        store: where.
        days: name -> days, over :data:`DURATIONS`.
        now: the moment (UTC); the clock's by default.

    Returns:
        Name -> rows erased.

    Raises:
        LakeError: a duration is shorter than allowed (the journal: 180 days).
    """
    moment = now or datetime.now(UTC)
    kept = {**DURATIONS, **(days or {})}
    if unknown := sorted(set(kept) - set(DURATIONS)):
        raise LakeError(f"Durée de conservation inconnue : {', '.join(unknown)}.")
    if kept["journal"] < journal.LEAST_DAYS or min(kept.values()) < 1:
        raise LakeError(
            f"Le journal se conserve au moins {journal.LEAST_DAYS} jours, le reste au moins un jour.",
            conseil="Vérifiez les réglages OBS_CONSERVATION_….",
        )
    limit = {name: moment - timedelta(days=count) for name, count in kept.items()}
    over = sa.or_(
        SESSIONS.c.fermee_le < limit["sessions"],
        SESSIONS.c.expire_le < limit["sessions"],
    )
    wanted = {
        "sessions": sa.delete(SESSIONS).where(over),
        "liens": sa.delete(JETONS).where(JETONS.c.expire_le < limit["liens"]),
        "demandes": sa.delete(DEMANDES).where(DEMANDES.c.decidee_le < limit["demandes"]),
        "essais": sa.delete(ESSAIS).where(ESSAIS.c.dernier_le < limit["essais"]),
        "brouillons": sa.delete(BROUILLONS).where(BROUILLONS.c.modifie_le < limit["brouillons"]),
        "brouillons_d_analyses": sa.delete(TRAVAUX).where(TRAVAUX.c.modifie_le < limit["brouillons"]),
        "corbeille": sa.delete(ANALYSES).where(ANALYSES.c.supprime_le < limit["corbeille"]),
        # A message holds a link: nothing of it is left once the link is over.
        "messages": sa.delete(MESSAGES).where(MESSAGES.c.expire_le < moment),
        "presences": sa.delete(PRESENCES).where(PRESENCES.c.vue_le < moment - timedelta(minutes=1)),
    }
    with store.writing() as connection:
        done = {name: connection.execute(statement).rowcount for name, statement in wanted.items()}
        done["brouillons_abandonnes"] = evenements.purger(connection, moment)
    done["partages"] = sharing.purge(store, days=max(kept["partages"], 2), now=moment)
    done |= recherches.purger(store, now=moment)
    done["journal"] = journal.purge(store, days=kept["journal"], now=moment)
    said = ", ".join(f"{name} {count}" for name, count in done.items() if count)
    actions.note(store, "purge", detail=said or "rien", now=moment)
    return done


def of_person(store: Store, email: str, *, auteur: str = "") -> dict[str, Any]:
    """Everything that is kept of one person, without what would let someone sign in in its place.

    Args:
        store: where.
        email: its address.
        auteur: who asks; noted in the journal.

    Returns:
        Name -> rows, as JSON can write them.

    Raises:
        LakeError: nothing is kept of this address.
    """
    known = address(email)
    with store.reading() as connection:
        row = row_of(connection, COMPTES.c.email == known)
        found = possessions.exported(connection, -1 if row is None else row["id"], known)
    if not any(found.values()):
        raise LakeError(f"Rien n'est conservé sur « {known} ».")
    actions.note(store, "personne", auteur=auteur, objet=known)
    return found


def life_of_accounts(store: Store) -> pl.DataFrame:
    """What the lake is told of accounts: no name, no address; one row an account, month and action.

    Returns:
        DataFrame: the columns of ``journal__comptes``.
    """
    with store.reading() as connection:
        comptes = connection.execute(sa.select(COMPTES)).mappings().all()
        lines = connection.execute(
            sa.select(JOURNAL.c.moment, JOURNAL.c.auteur, JOURNAL.c.action).where(
                JOURNAL.c.auteur.is_not(None)
            )
        ).all()
    known = {row["email"]: row for row in comptes}
    counted: dict[tuple[str, datetime, str], list[datetime]] = {}
    for moment, auteur, action in lines:
        if auteur in known:
            month = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            counted.setdefault((auteur, month, action), []).append(moment)
    rows = [
        {
            "compte": str(known[email]["id"]),
            "mois": month.date(),
            "action": action,
            "profil": known[email]["profil"],
            "etat": known[email]["etat"],
            "cree_le": known[email]["cree_le"],
            "connecte_le": known[email]["connecte_le"],
            "nombre": len(moments),
            "dernier_le": max(moments),
        }
        for (email, month, action), moments in counted.items()
    ]
    return pl.DataFrame(rows, schema=LIFE.dtypes()) if rows else LIFE.empty()


def written(found: Mapping[str, Any]) -> str:
    """A person's data as a JSON text."""
    return json.dumps(found, ensure_ascii=False, indent=1)
