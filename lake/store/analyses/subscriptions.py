"""Subscriptions: who is told what changed in an analysis, with which filters, and how to stop it in one click.

The link that stops a subscription is signed with a key of its own: it opens nothing else, needs no sign-in, cannot be
made from a subscription's number, and dies with it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from lake.errors import AccessDenied, LakeError, Refused, UnknownName
from lake.store.accounts.identity import Compte, compte_of
from lake.store.analyses.documents import note
from lake.store.analyses.reading import opened
from lake.store.analyses.tables import ABONNEMENTS, ANALYSES
from lake.store.engine import Store
from lake.store.schema import COMPTES

RHYTHMS = {"publication": "À chaque publication", "mensuel": "Une fois par mois"}
ABOVE, BELOW = "au-dessus", "au-dessous"
MOST_THRESHOLDS = 12
LEFT = "désabonnement demandé"


@dataclass(frozen=True)
class Threshold:
    """A value that a figure crosses: told once, and again only after the figure came back.

    Attributes:
        section: id of the section.
        measure: name of the measure, whose total in the section is compared.
        sense: ``au-dessus`` or ``au-dessous``.
        value: in the unit of the measure (a share between 0 and 1).
        crossed: whether it was told already.
    """

    section: str
    measure: str
    sense: str
    value: float
    crossed: bool = False

    def passes(self, value: float | None) -> bool:
        """Whether a figure is on the watched side; a missing one keeps what was."""
        if value is None:
            return self.crossed
        return value > self.value if self.sense == ABOVE else value < self.value


@dataclass(frozen=True)
class Subscription:
    """A subscription.

    Attributes:
        id: number.
        analyse_id: which analysis.
        reader: the account that is told.
        choices: section -> axis -> values that the reader kept.
        thresholds: what it watches.
        rhythm: ``publication`` or ``mensuel``.
        last: what was told the last time; empty when nothing was.
        last_at: when (UTC); None when nothing was.
        stopped: why it is suspended; empty when it is active.
        token: end of the link that stops it.
    """

    id: int
    analyse_id: int
    reader: Compte
    choices: Mapping[str, Mapping[str, Sequence[str]]] = field(hash=False)
    thresholds: tuple[Threshold, ...]
    rhythm: str
    last: Mapping[str, Any] = field(hash=False)
    last_at: datetime | None
    stopped: str
    token: str = field(repr=False)


def subscribe(
    store: Store,
    actor: Compte,
    number: int,
    *,
    choices: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    thresholds: Sequence[Threshold] = (),
    rhythm: str = "publication",
    now: datetime | None = None,
) -> Subscription:
    """Follow an analysis with the filters shown; doing it again changes the filters, and wakes a suspended one.

    Raises:
        UnknownName: the analysis is not this person's to read.
        Refused: unknown rhythm or sense, or too many thresholds.
    """
    if rhythm not in RHYTHMS:
        raise Refused(
            "rythme", f"« {rhythm} » n'est pas un rythme.", conseil="À chaque publication, ou mensuel."
        )
    _checked(thresholds)
    moment = now or datetime.now(UTC)
    opened(store, actor, number)
    values = {
        "choix": _json(choices or {}),
        "seuils": _json([vars(one) for one in thresholds]),
        "rythme": rhythm,
        "arret": "",
    }
    mine = (ABONNEMENTS.c.analyse_id == number, ABONNEMENTS.c.compte_id == actor.id)
    with store.writing() as connection:
        known = connection.execute(
            sa.select(ABONNEMENTS.c.choix).where(*mine).with_for_update()
        ).scalar_one_or_none()
        if known is None:
            connection.execute(
                sa.insert(ABONNEMENTS).values(
                    analyse_id=number,
                    compte_id=actor.id,
                    dernier="{}",
                    cle=secrets.token_hex(32),
                    cree_le=moment,
                    **values,
                )
            )
            note(connection, "abonnement", number, actor, {}, moment)
        else:
            # What was told with other filters is no reference for these.
            again = {} if known == values["choix"] else {"dernier": "{}"}
            connection.execute(sa.update(ABONNEMENTS).where(*mine).values(**values, **again))
    found = of_analysis(store, actor, number)
    assert found is not None
    return found


def of_analysis(store: Store, actor: Compte, number: int) -> Subscription | None:
    """A person's subscription to an analysis; None without."""
    found = _found(store, ABONNEMENTS.c.analyse_id == number, ABONNEMENTS.c.compte_id == actor.id)
    return found[0] if found else None


def of_number(store: Store, number: int) -> Subscription | None:
    """A subscription by its number; None when it is gone."""
    found = _found(store, ABONNEMENTS.c.id == number)
    return found[0] if found else None


def watch(store: Store, actor: Compte, number: int, thresholds: Sequence[Threshold]) -> None:
    """Keep the thresholds of a subscription, whole; its filters and what was told stay.

    Raises:
        Refused: too many of them, or an unknown sense.
    """
    _checked(thresholds)
    mine = (ABONNEMENTS.c.analyse_id == number, ABONNEMENTS.c.compte_id == actor.id)
    with store.writing() as connection:
        row = sa.update(ABONNEMENTS).where(*mine)
        connection.execute(row.values(seuils=_json([vars(one) for one in thresholds])))


def unsubscribe(store: Store, actor: Compte, number: int) -> bool:
    """Forget a subscription; whether there was one."""
    mine = (ABONNEMENTS.c.analyse_id == number, ABONNEMENTS.c.compte_id == actor.id)
    with store.writing() as connection:
        return connection.execute(sa.delete(ABONNEMENTS).where(*mine)).rowcount > 0


def active(store: Store) -> list[Subscription]:
    """The subscriptions of active accounts to analyses that are not in the bin, by analysis: one statement."""
    return _found(
        store,
        ABONNEMENTS.c.arret == "",
        COMPTES.c.etat == "actif",
        ANALYSES.c.supprime_le.is_(None),
    )


def leave(store: Store, token: str, *, back: bool = False, now: datetime | None = None) -> str:
    """Stop the subscription of a link (or wake it again); returns the analysis' title.

    Args:
        store: where.
        token: end of the link.
        back: whether the reader changed its mind.
        now: the moment (UTC); the clock's by default.

    Raises:
        UnknownName: the link is not ours, or its subscription is gone.
    """
    number = token.partition("-")[0]
    found = _found(store, ABONNEMENTS.c.id == int(number)) if number.isdigit() and len(number) < 10 else []
    if not found or not hmac.compare_digest(found[0].token.encode(), token.encode()):
        error = UnknownName("désabonnement", token[:40], ())
        error.conseil = "Vérifiez le lien reçu ; l'abonnement a pu déjà être supprimé."
        raise error
    one, moment = found[0], now or datetime.now(UTC)
    with store.writing() as connection:
        connection.execute(
            sa.update(ABONNEMENTS).where(ABONNEMENTS.c.id == one.id).values(arret="" if back else LEFT)
        )
        verb = "abonnement" if back else "desabonnement"
        note(connection, verb, one.analyse_id, one.reader, {"par": "lien"}, moment)
        title = sa.select(ANALYSES.c.titre).where(ANALYSES.c.id == one.analyse_id)
        return str(connection.execute(title).scalar_one())


def told(
    store: Store,
    number: int,
    last: Mapping[str, Any],
    thresholds: Sequence[Threshold],
    *,
    sent: bool,
    now: datetime | None = None,
) -> None:
    """Keep what a reader was told, or what it starts from when nothing was sent.

    Args:
        store: where.
        number: the subscription's.
        last: what was told.
        thresholds: with those that are crossed now.
        sent: whether a message was composed.
        now: the moment (UTC); the clock's by default.
    """
    values: dict[str, Any] = {"dernier": _json(last), "seuils": _json([vars(one) for one in thresholds])}
    if sent:
        values["dernier_le"] = now or datetime.now(UTC)
    with store.writing() as connection:
        connection.execute(sa.update(ABONNEMENTS).where(ABONNEMENTS.c.id == number).values(**values))


def stop(store: Store, number: int, why: str) -> None:
    """Suspend a subscription, and say why: its reader finds it so beside the analysis."""
    with store.writing() as connection:
        row = sa.update(ABONNEMENTS).where(ABONNEMENTS.c.id == number)
        connection.execute(row.values(arret=why[:200]))


def readable(store: Store, one: Subscription) -> bool:
    """Whether its reader may still open the analysis."""
    try:
        opened(store, one.reader, one.analyse_id)
    except (UnknownName, AccessDenied):
        return False
    return True


# -- inside ------------------------------------------------------------------------------------------


def _found(store: Store, *where: sa.ColumnElement[bool]) -> list[Subscription]:
    own = [column.label(f"abonnement_{column.name}") for column in ABONNEMENTS.c]
    wanted = (
        sa.select(*own, COMPTES)
        .join(COMPTES, COMPTES.c.id == ABONNEMENTS.c.compte_id)
        .join(ANALYSES, ANALYSES.c.id == ABONNEMENTS.c.analyse_id)
        .where(*where)
        .order_by(ABONNEMENTS.c.analyse_id, ABONNEMENTS.c.id)
    )
    with store.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [
        Subscription(
            id=row["abonnement_id"],
            analyse_id=row["abonnement_analyse_id"],
            reader=compte_of(row),
            choices=json.loads(row["abonnement_choix"]),
            thresholds=tuple(Threshold(**one) for one in json.loads(row["abonnement_seuils"])),
            rhythm=row["abonnement_rythme"],
            last=json.loads(row["abonnement_dernier"]),
            last_at=row["abonnement_dernier_le"],
            stopped=row["abonnement_arret"],
            token=_token(row["abonnement_id"], row["abonnement_cle"]),
        )
        for row in rows
    ]


def _checked(thresholds: Sequence[Threshold]) -> None:
    if len(thresholds) > MOST_THRESHOLDS:
        raise Refused("seuils", f"{len(thresholds)} seuils : {MOST_THRESHOLDS} au plus.")
    if odd := [one.sense for one in thresholds if one.sense not in (ABOVE, BELOW)]:
        raise Refused("seuils", f"« {odd[0]} » n'est pas un sens.", conseil=f"{ABOVE} ou {BELOW}.")


def _token(number: int, key: str) -> str:
    signed = hmac.new(bytes.fromhex(key), f"desabonnement:{number}".encode(), hashlib.sha256)
    return f"{number}-{signed.hexdigest()[:40]}"


def _json(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise LakeError("Cet abonnement ne peut pas être gardé : il ne s'écrit pas en JSON.") from error
