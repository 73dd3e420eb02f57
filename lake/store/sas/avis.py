"""What is to be told to those who keep agendas: bookings, and an unavailability that lasts. Told once each.

Nothing of a patient is known here, so nothing of one can be told.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from lake.errors import UnknownName
from lake.horaires.heures import PARIS, local_day
from lake.store.accounts import accounts
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.sas.tables import ABSENCES, AVIS, DELEGATIONS, EFFECTEURS, LIEUX, RENDEZ_VOUS
from lake.store.schema import COMPTES

CYCLE = 21
"""Days after which somebody unavailable is reminded of it, and again."""
_BACK = timedelta(days=3)
"""How far back changes of bookings are looked for: what a mail job may have missed over a week-end."""
_LATE = timedelta(hours=1)
"""After how long past its beginning a booking is no longer told by itself."""


MODES = {
    "immediat": "Un message à chaque rendez-vous",
    "quotidien": "Un récapitulatif chaque matin",
    "aucun": "Aucun message",
}
"""How an account is told of bookings: its own choice, for every agenda that it keeps."""
MATIN = 7
"""Hour (Paris) of the digest: what changed before it is told by it, what changes after waits for the next."""
_CHOIX = "sas_avis"


@dataclass(frozen=True)
class RendezVous:
    """A booking that changed, to be told.

    Attributes:
        reference: ``SAS-XXXX-XXXX``.
        genre: ``reserve``, ``deplace`` or ``annule``.
        debut, fin: its hours (UTC).
        fuseau: clock of the place.
        modalite: ``AMB``, ``HH`` or ``VR``.
        effecteur: whose agenda.
        lieu: where; empty when it has no name.
        comptes: accounts to tell one by one, now: the practitioner's, and those of the delegates.
        recueil: accounts to tell in the digest of this morning.
    """

    reference: str
    genre: str
    debut: datetime
    fin: datetime
    fuseau: str
    modalite: str
    effecteur: str
    lieu: str
    comptes: tuple[int, ...] = ()
    recueil: tuple[int, ...] = ()

    def cle(self, compte: int) -> str:
        """What an account was told of it, once it is."""
        return condense(
            "rendez_vous", self.reference, "cancelled" if self.genre == "annule" else "booked", str(compte)
        )


@dataclass(frozen=True)
class Rappel:
    """Somebody unavailable for three weeks, six weeks…

    Attributes:
        cle: what was told, once it is.
        effecteur_id: number of the person.
        identifiant: the national one.
        nom: of the person.
        depuis: when it was ticked (UTC).
        jours: local days since.
        comptes: accounts to tell.
    """

    cle: str
    effecteur_id: int
    identifiant: str
    nom: str
    depuis: datetime
    jours: int
    comptes: tuple[int, ...]


def choix(compte: Compte) -> str:
    """How an account is told of bookings: a key of :data:`MODES`."""
    return _choice(compte.preferences)[0]


def choisir(store: Store, compte: Compte, mode: str, *, now: datetime | None = None) -> None:
    """Choose how an account is told of bookings, from now on.

    Raises:
        UnknownName: there is no such way.
    """
    if mode not in MODES:
        raise UnknownName("choix d'avis", mode, list(MODES))
    moment = now or datetime.now(UTC)
    # What went by while one asked for silence is not told afterwards.
    silent, since = _choice(compte.preferences)
    kept = moment if silent == "aucun" else since
    chosen = {"mode": mode} | ({"depuis": kept.isoformat()} if kept else {})
    accounts.change(
        store, compte.id, compte.email, preferences=json.dumps({**compte.preferences, _CHOIX: chosen})
    )


def rendez_vous(store: Store, *, now: datetime | None = None) -> list[RendezVous]:
    """The bookings made, moved or cancelled lately that somebody is still to be told of, the oldest first.

    One that was made and cancelled since is told as cancelled, alone; one that moved is told once, where it is now.
    Who asked for a digest is told in the morning of what changed before it, even of what is over by then.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    morning = _morning(moment)
    wanted = (
        sa.select(RENDEZ_VOUS, EFFECTEURS.c.nom, EFFECTEURS.c.compte_id, LIEUX.c.fuseau, LIEUX.c.libelle)
        .join(EFFECTEURS, EFFECTEURS.c.id == RENDEZ_VOUS.c.effecteur_id)
        .outerjoin(LIEUX, LIEUX.c.id == RENDEZ_VOUS.c.lieu_id)
        .where(RENDEZ_VOUS.c.maj_le >= moment - _BACK, RENDEZ_VOUS.c.statut.in_(("booked", "cancelled")))
        .order_by(RENDEZ_VOUS.c.id)
    )
    with store.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
        moved = set(
            connection.execute(
                sa.select(RENDEZ_VOUS.c.remplace_id).where(RENDEZ_VOUS.c.remplace_id.is_not(None))
            ).scalars()
        )
        keepers = _keepers(connection, [row["effecteur_id"] for row in rows])
        told, choices = _told(connection), _choices(connection, keepers)
    found = []
    for row in rows:
        genre = "annule" if row["statut"] == "cancelled" else "deplace" if row["remplace_id"] else "reserve"
        one = RendezVous(
            row["reference"], genre, row["debut"], row["fin"], row["fuseau"] or "Europe/Paris", row["modalite"],
            row["nom"], row["libelle"] or "",
        )  # fmt: skip
        # Keys of before an account chose for itself: told to all of them.
        if row["id"] in moved or condense("rendez_vous", row["reference"], row["statut"]) in told:
            continue
        now_, digest = [], []
        for account in keepers.get(row["effecteur_id"], ()):
            mode, since = choices.get(account, ("aucun", None))
            if one.cle(account) in told or (since is not None and row["maj_le"] < since):
                continue
            if mode == "immediat" and row["debut"] > moment - _LATE:
                now_.append(account)
            elif mode == "quotidien" and row["maj_le"] < morning:
                digest.append(account)
        if now_ or digest:
            found.append(replace(one, comptes=tuple(now_), recueil=tuple(digest)))
    return found


def _morning(moment: datetime) -> datetime:
    """The last seven o'clock of Paris, in UTC."""
    here = moment.astimezone(ZoneInfo(PARIS))
    day = here.date() if here.hour >= MATIN else here.date() - timedelta(days=1)
    return datetime.combine(day, time(MATIN), ZoneInfo(PARIS)).astimezone(UTC)


def _choice(preferences: Mapping[str, Any]) -> tuple[str, datetime | None]:
    kept = preferences.get(_CHOIX)
    said = kept if isinstance(kept, Mapping) else {}
    mode, since = str(said.get("mode", "")), said.get("depuis")
    return (mode if mode in MODES else "immediat"), (datetime.fromisoformat(since) if since else None)


def _choices(
    connection: sa.engine.Connection, keepers: Mapping[int, tuple[int, ...]]
) -> dict[int, tuple[str, datetime | None]]:
    wanted = {account for accounts_ in keepers.values() for account in accounts_}
    rows = connection.execute(sa.select(COMPTES.c.id, COMPTES.c.preferences).where(COMPTES.c.id.in_(wanted)))
    return {number: _choice(json.loads(kept or "{}")) for number, kept in rows}


def rappels(store: Store, *, now: datetime | None = None) -> list[Rappel]:
    """Those who have said for three weeks that they are not available, and were not reminded of it.

    Days are those of the calendar: the change of the clock makes none longer. A planned absence that covers today puts
    it off.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    away = sa.select(ABSENCES.c.effecteur_id).where(
        ABSENCES.c.annulee_le.is_(None), ABSENCES.c.debut <= moment, ABSENCES.c.fin > moment
    )
    wanted = sa.select(EFFECTEURS).where(
        EFFECTEURS.c.indisponible_le.is_not(None), EFFECTEURS.c.etat == "actif", EFFECTEURS.c.id.not_in(away)
    )
    with store.reading() as connection:
        rows = connection.execute(wanted.order_by(EFFECTEURS.c.id)).mappings().all()
        keepers = _keepers(connection, [row["id"] for row in rows])
        told = _told(connection)
    found = []
    for row in rows:
        days = (local_day(moment) - local_day(row["indisponible_le"])).days
        cle = condense("rappel", row["identifiant"], row["indisponible_le"].isoformat(), str(days // CYCLE))
        if days < CYCLE or cle in told or not (who := keepers.get(row["id"], ())):
            continue
        found.append(
            Rappel(cle, row["id"], row["identifiant"], row["nom"], row["indisponible_le"], days, who)
        )
    return found


def dire(store: Store, cle: str, *, now: datetime | None = None) -> bool:
    """Note that something is being told; False when it was already: of two jobs at once, one tells it."""
    with store.writing() as connection:
        try:
            with connection.begin_nested():
                connection.execute(sa.insert(AVIS).values(cle=cle, moment=now or datetime.now(UTC)))
        except IntegrityError:
            return False
    return True


def _told(connection: sa.engine.Connection) -> set[str]:
    return set(connection.execute(sa.select(AVIS.c.cle)).scalars())


def _keepers(connection: sa.engine.Connection, people: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """The accounts that keep each agenda: the practitioner's, then the delegates'."""
    some = list(dict.fromkeys(people))
    if not some:
        return {}
    own: Any = connection.execute(
        sa.select(EFFECTEURS.c.id, EFFECTEURS.c.compte_id).where(
            EFFECTEURS.c.id.in_(some), EFFECTEURS.c.compte_id.is_not(None)
        )
    )
    kept: Any = connection.execute(
        sa.select(DELEGATIONS.c.effecteur_id, DELEGATIONS.c.compte_id).where(
            DELEGATIONS.c.effecteur_id.in_(some), DELEGATIONS.c.etat == "active"
        )
    )
    found: dict[int, tuple[int, ...]] = {}
    for number, account in [*own, *kept]:
        found[number] = tuple(dict.fromkeys((*found.get(number, ()), account)))
    return found


def condense(*parts: str) -> str:
    """What names a thing told: the same parts, the same name; nothing can be read back from it."""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:60]
