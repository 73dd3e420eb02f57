"""One writer at a time: the lease that an ingestion holds on its source.

On a folder the kernel keeps the lease (``flock``): it ends with the process that holds it, killed or not. On S3
the lease is a small object, renewed while its holder lives; left alone for :data:`STALE_S` it is taken over.
A lease only saves work: what makes two writers safe is the check at the end (:mod:`lake.delivery`).
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from lake.errors import LakeError, PublishConflict, SourceUnavailable
from lake.objects import LocalObjects, Objects, S3Objects, disk_error

FOLDER = "_verrous"
PATIENCE_S = 300.0
"""How long a writer waits for another one of the same source."""
STALE_S = 90.0
RENEW_S = 20.0
_LOOK_S = 0.2

Say = Callable[[str, float | None], None]


@contextmanager
def leases(
    objects: Objects, names: Sequence[str], holder: str, *, say: Say, patience: float = PATIENCE_S
) -> Iterator[None]:
    """Hold the leases of several sources, always taken in the same order.

    Args:
        objects: the lake's storage.
        names: the sources.
        holder: who asks (the run's identifier).
        say: told once when another writer makes this one wait.
        patience: seconds to wait for each.

    Raises:
        PublishConflict: another writer still holds one after that time.
        SourceUnavailable: the storage refuses or does not answer.
    """
    with ExitStack() as held:
        for name in sorted(set(names)):
            held.enter_context(_lease(objects, name, holder, say, patience))
        yield


def _lease(objects: Objects, name: str, holder: str, say: Say, patience: float) -> Any:
    if isinstance(objects, S3Objects):
        return _on_s3(objects, name, holder, say, patience)
    assert isinstance(objects, LocalObjects)
    return _on_disk(objects.root / FOLDER / f"{name}.json", name, holder, say, patience)


def _card(holder: str) -> dict[str, Any]:
    return {
        "titulaire": holder,
        "machine": socket.gethostname(),
        "pid": os.getpid(),
        "depuis": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _since(card: bytes) -> str:
    """Who holds a lease, for a sentence."""
    try:
        known = json.loads(card)
        moment = datetime.fromisoformat(known["depuis"])
        return f"depuis le {moment:%d/%m/%Y à %H:%M} UTC (processus {known['pid']} sur {known['machine']})"
    except (ValueError, KeyError, TypeError):
        return "depuis peu"


def _patiently(attempt: Callable[[], bytes | None], name: str, say: Say, patience: float) -> None:
    """Try until the lease is ours (None) or the time is over; an attempt tells the card of its holder."""
    limit = time.monotonic() + patience
    told = False
    while (card := attempt()) is not None:
        if not told:
            say(f"Une autre publication de {name} est en cours : attente", None)
            told = True
        if time.monotonic() >= limit:
            raise PublishConflict(
                f"Une autre publication de la source {name} est en cours {_since(card)}.",
                conseil="Relancez la commande quand elle sera finie : elle n'est pas touchée.",
            )
        time.sleep(min(_LOOK_S, max(patience, 0.01)))


@contextmanager
def _on_disk(path: Path, name: str, holder: str, say: Say, patience: float) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError as error:
        raise disk_error(error, str(path)) from error
    with file:  # closing the file ends the lease

        def attempt() -> bytes | None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                return file.read()
            return None

        _patiently(attempt, name, say, patience)
        with suppress(OSError):  # a full disk: the lease holds, only its card is missing
            _write_card(file, holder)
        yield


def _write_card(file: IO[bytes], holder: str) -> None:
    file.truncate(0)
    file.write(json.dumps(_card(holder)).encode())
    file.flush()


@contextmanager
def _on_s3(objects: S3Objects, name: str, holder: str, say: Say, patience: float) -> Iterator[None]:
    key = f"{FOLDER}/{name}.json"
    card = _card(holder)
    body = json.dumps(card).encode()

    def attempt() -> bytes | None:
        with suppress(SourceUnavailable):  # an answer lost: looking tells
            if objects.create(key, body):
                return None
        found = objects.look(key)
        if found is None:
            return b""  # released between the two: try again
        said, mark, age = found
        if said == body or ((age > STALE_S or _dead(said)) and objects.swap(key, body, mark)):
            return None
        return said

    _patiently(attempt, name, say, patience)
    ended = threading.Event()
    keeper = threading.Thread(target=_renew, args=(objects, key, body, ended), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()
        try:
            found = objects.look(key)
            if found is not None and json.loads(found[0]).get("titulaire") == holder:
                objects.drop(key)
        except (LakeError, ValueError):
            pass  # the lease goes stale by itself; the outcome of the run matters more


def _dead(card: bytes) -> bool:
    """Whether the holder was a process of this machine that is no more."""
    try:
        known = json.loads(card)
        if known["machine"] != socket.gethostname():
            return False
        os.kill(int(known["pid"]), 0)
    except ProcessLookupError:
        return True
    except (ValueError, KeyError, TypeError, OSError):
        return False
    return False


def _renew(objects: S3Objects, key: str, body: bytes, ended: threading.Event) -> None:
    """Rewrite the lease while its holder works; give up when another took it over."""
    while not ended.wait(RENEW_S):
        try:
            found = objects.look(key)
            if found is None or found[0] != body or not objects.swap(key, body, found[1]):
                return
        except SourceUnavailable:
            continue
