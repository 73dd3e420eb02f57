"""``obs analyse abonnements``: writes to each subscriber what changed for that reader since it was last told.

The command belongs to the group of :mod:`apps.commands.analyse`, which adds it; it has its own module because it reads
the store, where the others read one file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from apps.commands.french import Command
from lake.errors import AccessDenied, LakeError, UnknownName
from lake.settings import Settings
from lake.tables import Lake

if TYPE_CHECKING:
    from apps.analyses.abonnements import Constat, Courrier
    from apps.kit.data.data import Data
    from lake.droits import Droits
    from lake.store.accounts.identity import Compte
    from lake.store.analyses.subscriptions import Subscription
    from lake.store.engine import Store

GENRE, WAITS = "abonnement", timedelta(days=7)
CLOSED = "votre profil n’ouvre plus ce qu’elle montre"
WITHDRAWN = "l’analyse n’est plus partagée avec vous"


@dataclass(frozen=True)
class Outcome:
    """What became of one subscription.

    Attributes:
        subscription: which.
        courrier: its message; None when there is nothing to say.
        arret: why it is suspended; empty when it goes on.
    """

    subscription: Subscription
    courrier: Courrier | None
    arret: str = ""


@click.command("abonnements", cls=Command)
@click.option(
    "--essai", is_flag=True, help="Écrit les messages à l'écran ; rien n'est envoyé ni noté comme dit."
)
def subscriptions_command(essai: bool) -> None:
    """Compose les messages dus aux abonnés : ce qui a changé pour chacun, avec ses droits et ses filtres.

    Rien n'est écrit à qui rien n'a changé. Les messages attendent dans la boîte d'envoi : obs user envoyer les envoie.
    """
    from lake.store.migrate import open_store

    settings = Settings.from_env()
    store = open_store(settings)
    try:
        written = stopped = quiet = 0
        for outcome in composed(store, Lake(settings), settings, keep=not essai):
            if outcome.arret:
                stopped += 1
                click.echo(f"suspendu : abonnement {outcome.subscription.id}, {outcome.arret}", err=True)
            elif outcome.courrier is None:
                quiet += 1
            else:
                written += 1
                if essai:
                    click.echo(f"À : {outcome.subscription.reader.email}")
                    click.echo(f"Sujet : {outcome.courrier.sujet}\n\n{outcome.courrier.texte}")
        click.echo(
            f"{written} message(s) composé(s), {quiet} abonné(s) sans rien de nouveau, {stopped} suspendu(s).",
            err=True,
        )
    finally:
        store.close()


def composed(
    store: Store, lake: Lake, settings: Settings, *, keep: bool, now: datetime | None = None
) -> Iterator[Outcome]:
    """What each subscription is due, one state of the lake for all of them.

    Args:
        store: where subscriptions are, and the outbox.
        lake: where figures are read.
        settings: the public address, what the installation shows to everyone.
        keep: whether messages go to the outbox and what is told is noted; nothing is written without.
        now: the moment (UTC); the clock's by default.
    """
    from apps.analyses.abonnements import changed, crossed, message
    from lake.store.accounts import outbox
    from lake.store.analyses import subscriptions

    moment = now or datetime.now(UTC)
    work = _Work(store, lake, settings)
    for one in subscriptions.active(store):
        if (
            one.rhythm == "mensuel"
            and one.last_at
            and one.last_at.strftime("%Y%m") == moment.strftime("%Y%m")
        ):
            yield Outcome(one, None)
            continue
        try:
            found, title = work.constat(one)
        except UnknownName:
            yield _stopped(store, one, WITHDRAWN, keep)
            continue
        except AccessDenied:
            yield _stopped(store, one, CLOSED, keep)
            continue
        except LakeError as error:
            # One analysis that cannot be read does not silence the others.
            click.echo(f"abonnement {one.id} : {error}", err=True)
            yield Outcome(one, None)
            continue
        ecarts = changed(one.last, found)
        fired, states = crossed(one.thresholds, found)
        courrier = message(title, one.analyse_id, one, found, ecarts, fired, url=settings.url)
        if keep:
            with store.writing():  # the message and what is noted as told: both, or neither
                if courrier is not None:
                    outbox.keep(
                        store,
                        one.reader.id,
                        courrier.sujet,
                        courrier.texte,
                        html=courrier.html,
                        envoi_le=moment,
                        expire_le=moment + WAITS,
                        genre=GENRE,
                        objet=f"abonnement:{one.id}",
                    )
                subscriptions.told(
                    store, one.id, found.to_json(), states, sent=courrier is not None, now=moment
                )
        yield Outcome(one, courrier)


def reads_of(
    lake: Lake, settings: Settings, compte: Compte, droits: Droits, state: list[object]
) -> Callable[[str], Data]:
    """The reads of an account, by universe whose rights open them, under one state of the lake.

    Args:
        lake: where figures are read.
        settings: whether the directory is public.
        compte: whose.
        droits: all that it may see, its managers' narrowings included.
        state: the state of the lake, shared by those who are written to at once.
    """
    from apps.kit.access.access import Access
    from apps.kit.data.data import Data
    from scoring.universes.answer import Lecture

    opened = ("annuaire",) if settings.annuaire == "public" else ()
    lecture = Lecture(droits, opened)
    scope = hashlib.sha256(droits.to_json().encode()).hexdigest()
    kept: dict[str, Data] = {}

    def read(universe: str) -> Data:
        if universe not in droits.univers and universe not in opened:
            raise AccessDenied(f"Le profil de {compte.email} n'ouvre pas l'univers « {universe} ».")
        if universe not in kept:
            access = Access(scope, lecture.restriction(universe), lecture, auteur=compte.email)
            kept[universe] = Data(lake, access, state)  # type: ignore[arg-type]
        return kept[universe]

    return read


class _Work:
    """One run: figures are computed once for readers of the same rights with the same filters."""

    def __init__(self, store: Store, lake: Lake, settings: Settings) -> None:
        self.store, self.lake, self.settings = store, lake, settings
        self.state: list[object] = [lake.snapshot()]
        self.found: dict[object, Constat] = {}

    def constat(self, one: Subscription) -> tuple[Constat, str]:
        """The figures of a subscription now, and the analysis' title."""
        from apps.analyses.abonnements import constat
        from lake.store.accounts import tree
        from lake.store.analyses.reading import opened
        from scoring.analyses.codec import decode

        read = opened(self.store, one.reader, one.analyse_id)
        droits = tree.rights(self.store, one.reader)
        key = (read.id, read.revision, droits.to_json(), repr(one.choices), repr(one.thresholds))
        if key not in self.found:
            analyse = decode(read.document)
            reads = reads_of(self.lake, self.settings, one.reader, droits, self.state)
            self.found[key] = constat(analyse, reads, one.choices, one.thresholds)
        return self.found[key], read.title


def _stopped(store: Store, one: Subscription, why: str, keep: bool) -> Outcome:
    from lake.store.analyses import subscriptions

    if keep:
        subscriptions.stop(store, one.id, why)
    return Outcome(one, None, why)
