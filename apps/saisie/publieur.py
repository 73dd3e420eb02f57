"""The publisher: a thread of the served process that shows what was validated, a few seconds after it was.

It waits for five seconds of quiet, thirty at most; what it published is noted with the event it went to, so that one
killed on its way publishes again at its next start. Several processes take turns by the lake's own lease; the one that
comes second finds nothing to do. At midnight the live campaign takes the day's date, and the levels expected that day.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, date, datetime, timedelta

from apps.kit.access import access, session
from apps.kit.data.data import open_lake
from apps.saisie.publication import Publiee, aujourdhui, publier
from lake.errors import LakeError
from lake.settings import Settings
from lake.store.engine import Store
from lake.store.saisie import avis, publications, validites
from lake.tables import Lake

QUIET, MOST = timedelta(seconds=5), timedelta(seconds=30)
EVERY_S = 2.0
"""Seconds between two looks."""
_log = logging.getLogger(__name__)
_started = threading.Event()
_annoncees: dict[str, date] = {}
"""Store -> the day on which the proofs that end were looked at."""


def due(store: Store, now: datetime) -> bool:
    """Whether something validated waits to be published, and is quiet or has waited enough; or the day changed."""
    waiting = publications.en_attente(store)
    if waiting is not None:
        first, last = waiting
        return now - last >= QUIET or now - first >= MOST
    known = publications.derniere(store)
    return known is not None and known[0] < aujourdhui(now)


def tour(lake: Lake, store: Store, now: datetime | None = None) -> Publiee | None:
    """Look once, and publish what is due; None when nothing is."""
    moment = now or datetime.now(UTC)
    if _annoncees.get(str(store.url)) != (day := aujourdhui(moment)):  # once a day: proofs that end are told
        if count := validites.annoncer(store, moment):
            _log.info("Avis de pièces à renouveler : %s", count)
        _annoncees[str(store.url)] = day
    if sent := avis.confier(store, Settings.from_env().url, now=moment):
        _log.info("Avis confiés à la messagerie : %s", sent)
    return publier(lake, store, now=moment) if due(store, moment) else None


def demarrer() -> None:
    """Start the thread, once in the process; a network open to all has no entry."""
    if access.is_open() or _started.is_set():
        return
    _started.set()
    threading.Thread(target=_watch, name="publieur", daemon=True).start()


def _watch() -> None:
    pause = threading.Event()
    told = ""
    while not pause.wait(EVERY_S):
        try:
            if (done := tour(open_lake(), session.store())) is not None:
                _log.info("Campagne en cours publiée au %s : %s réponses", done.campagne, done.reponses)
            told = ""
        except LakeError as error:
            if str(error) != told:  # said once, tried again at each look
                _log.warning("La campagne en cours n'est pas publiée : %s", error)
            told = str(error)
        except Exception:
            _log.exception("La campagne en cours n'est pas publiée")
            pause.wait(60)
