"""What an administrator may read of an account of his SAS: days of sign-in, and who changed its agenda, when.

Days and counts of the last quarter, from the audit journal: no hour, no network address, no content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from lake.horaires.heures import local_day
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.sas.tables import DELEGATIONS, EFFECTEURS
from lake.store.schema import COMPTES, JOURNAL, JOURNAL_PURGES

JOURS = 90
"""Days that are told."""
DELAISSE = 30
"""Days without change after which an agenda is said not to be kept."""
VERBES: Mapping[str, str] = {
    "sas.plage": "Plage ajoutée",
    "sas.plage_modifiee": "Plage modifiée",
    "sas.semaine_copiee": "Semaine copiée",
    "sas.plage_retiree": "Plage retirée",
    "sas.date": "Date qui diffère",
    "sas.absence": "Absence prévue",
    "sas.retour": "Absence annulée",
    "sas.disponible": "De nouveau disponible",
    "sas.indisponible": "Indisponible",
    "sas.reglages": "Périmètre ou durées",
    "sas.fiche": "Fiche",
    "sas.consentement": "Créneaux d’éditeurs",
    "sas.depart": "Départ du SAS",
    "sas.arrivee": "Retour dans le SAS",
}
"""Actions that change an agenda: what a file or an editor brings is no update of it."""


@dataclass(frozen=True)
class Connexions:
    """The sign-ins of an account.

    Attributes:
        jours: local day -> how many, the latest first.
        connu: first day that is known: a purge of the journal erased what was before.
    """

    jours: Mapping[date, int]
    connu: date


@dataclass(frozen=True)
class Changement:
    """Changes of an agenda, of one kind, by one hand, on one day.

    Attributes:
        jour: local day.
        par: ``titulaire``, ``délégué``, ``administrateur`` or ``exploitant``.
        quoi: in words.
        nombre: how many.
    """

    jour: date
    par: str
    quoi: str
    nombre: int


def connexions(store: Store, compte: Compte, *, now: datetime | None = None) -> Connexions:
    """The days on which an account signed in, in the last ninety."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    since = moment - timedelta(days=JOURS)
    wanted = sa.select(JOURNAL.c.moment).where(
        JOURNAL.c.auteur == compte.email, JOURNAL.c.action == "compte.connexion", JOURNAL.c.moment >= since
    )
    with store.reading() as connection:
        days = Counter(local_day(one) for one in connection.execute(wanted).scalars())
        purged = connection.execute(sa.select(sa.func.max(JOURNAL_PURGES.c.avant))).scalar()
    known = max(since, purged) if purged else since
    return Connexions(dict(sorted(days.items(), reverse=True)), local_day(known))


def changements(store: Store, identifiant: str, *, now: datetime | None = None) -> list[Changement]:
    """Who changed an agenda in the last ninety days, the latest first."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    wanted = sa.select(JOURNAL.c.moment, JOURNAL.c.auteur, JOURNAL.c.action).where(
        JOURNAL.c.objet == identifiant,
        JOURNAL.c.action.in_(list(VERBES)),
        JOURNAL.c.moment >= moment - timedelta(days=JOURS),
    )
    holder = sa.select(COMPTES.c.email).join(
        EFFECTEURS,
        sa.or_(
            EFFECTEURS.c.compte_id == COMPTES.c.id,
            sa.and_(COMPTES.c.rpps != "", EFFECTEURS.c.identifiant == sa.literal("8").concat(COMPTES.c.rpps)),
        ),
    )
    delegates = (
        sa.select(COMPTES.c.email)
        .join(DELEGATIONS, DELEGATIONS.c.compte_id == COMPTES.c.id)
        .join(EFFECTEURS, EFFECTEURS.c.id == DELEGATIONS.c.effecteur_id)
    )
    mine = EFFECTEURS.c.identifiant == identifiant
    with store.reading() as connection:
        own = set(connection.execute(holder.where(mine)).scalars())
        others = set(connection.execute(delegates.where(mine)).scalars())
        rows = connection.execute(wanted).all()

    def hand(author: str | None) -> str:
        if not author:
            return "exploitant"
        return "titulaire" if author in own else "délégué" if author in others else "administrateur"

    counts = Counter((local_day(at), hand(author), VERBES[action]) for at, author, action in rows)
    found = [Changement(*key, number) for key, number in counts.items()]
    return sorted(found, key=lambda one: (-one.jour.toordinal(), one.par, one.quoi))


def agendas_du(store: Store, compte: Compte) -> list[tuple[str, str, datetime]]:
    """The agendas of an account itself: (identifier, SAS, last change)."""
    mine = EFFECTEURS.c.compte_id == compte.id
    if compte.rpps:
        mine = sa.or_(mine, EFFECTEURS.c.identifiant == "8" + compte.rpps)
    columns = (EFFECTEURS.c.identifiant, EFFECTEURS.c.sas, EFFECTEURS.c.maj_le)
    with store.reading() as connection:
        rows = connection.execute(sa.select(*columns).where(mine).order_by(EFFECTEURS.c.id)).all()
    return [(row[0], row[1], row[2]) for row in rows]
