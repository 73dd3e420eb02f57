"""What one visitor may ask of the server: messages of a socket, sockets of an address, files sent.

Every gesture of a reader is one message, and every message runs a page. Streamlit takes them as fast as they come:
a socket that sends a thousand holds everyone's answers for a minute. Here a socket speaks at the pace of a hand,
what comes faster waits, and what never stops is hung up on; pages run a few at once, whoever asks least passing first
(:mod:`apps.kit.shell.turns`). The proxy has limits of its own (deploy/nginx); these
hold without it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from apps.kit.shell import resumed
from apps.kit.shell.turns import AT_ONCE, PATIENCE, Turns

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_log = logging.getLogger(__name__)

REFUSED = frozenset(
    (
        "clear_cache",
        "set_run_on_save",
        "load_git_info",
        "debug_disconnect_websocket",
        "debug_shutdown_runtime",
    )
)
"""Messages that no page of the suite sends: they empty everyone's caches, or drive the server."""
TOO_MANY = 1008
"""Code of the closing (policy violation): the reader's browser says that the connection was lost, and reconnects."""
_SHORT = 400
"""Bytes of a message that may be the end of a page: longer ones are not read again."""
UPLOADS = "/_stcore/upload_file"


@dataclass(frozen=True)
class Limits:
    """How much is taken, of one connection and of one address.

    Attributes:
        burst: gestures taken at once by a connection: a page that opens, a filter that is typed.
        pace: gestures a second after that.
        waiting: messages that may wait; more hangs up.
        address_burst: gestures taken at once from an address: a hospital has one for all of its readers.
        address_pace: gestures a second after that.
        connections: sockets open at once for an address.
        upload_bytes: bytes of files an address may send in ``upload_seconds``.
        upload_seconds: over how long they count.
        at_once: pages that run at once, for everybody.
        patience: seconds after which a page that still runs no longer keeps others waiting.
    """

    burst: int = 40
    pace: float = 6.0
    waiting: int = 120
    address_burst: int = 300
    address_pace: float = 40.0
    connections: int = 200
    upload_bytes: int = 80 << 20
    upload_seconds: float = 600.0
    at_once: int = AT_ONCE
    patience: float = PATIENCE


@dataclass
class Bucket:
    """Tokens that come back with time.

    Attributes:
        size: how many it holds.
        pace: how many come back in a second.
    """

    size: float
    pace: float
    left: float = field(init=False)
    at: float = field(init=False)

    def __post_init__(self) -> None:
        self.left, self.at = self.size, time.monotonic()

    def wait(self, now: float, tokens: float = 1.0) -> float:
        """Take tokens; the seconds to wait before they are there (zero at once)."""
        self.left = min(self.size, self.left + (now - self.at) * self.pace) - tokens
        self.at = now
        return 0.0 if self.left >= 0 else -self.left / self.pace

    def take(self, now: float, tokens: float) -> bool:
        """Take tokens if they are all there; whether they were."""
        if self.wait(now, 0.0) or self.left < tokens:
            return False
        self.left -= tokens
        return True

    def full(self, now: float) -> bool:
        """Whether nothing was taken for long enough: it may be forgotten."""
        return self.left + (now - self.at) * self.pace >= self.size


@dataclass
class Opened:
    """What is open on this process.

    Attributes:
        count: sockets, which is to say tabs.
    """

    count: int = 0


OPENED = Opened()


@dataclass
class _Address:
    messages: Bucket
    files: Bucket
    sockets: int = 0


class Traffic:
    """ASGI middleware in front of Streamlit.

    Args:
        application: the wrapped application.
        limits: how much is taken.
    """

    def __init__(self, application: Application, limits: Limits | None = None) -> None:
        self._application = application
        self._limits = limits or Limits()
        self._addresses: dict[str, _Address] = {}
        self._turns = Turns(self._limits.at_once, self._limits.patience)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on within the limits; a connection or a file beyond them is refused."""
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http" and path.startswith(UPLOADS) and scope["method"] in ("PUT", "POST"):
            await self._upload(scope, receive, send)
        else:
            await self._application(scope, receive, send)

    def _known(self, scope: Scope) -> _Address:
        """What is counted for the address of a request; addresses that rest are forgotten."""
        limits, now = self._limits, time.monotonic()
        if len(self._addresses) > 4096:
            idle = [k for k, a in self._addresses.items() if not a.sockets and a.messages.full(now)]
            for name in idle:
                if self._addresses[name].files.full(now):
                    del self._addresses[name]
        name = address(scope)
        if name not in self._addresses:
            self._addresses[name] = _Address(
                Bucket(limits.address_burst, limits.address_pace),
                Bucket(limits.upload_bytes, limits.upload_bytes / limits.upload_seconds),
            )
        return self._addresses[name]

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = self._known(scope)
        if known.sockets >= self._limits.connections:
            _log.warning("Trop de connexions depuis %s", address(scope))
            await receive()
            await send({"type": "websocket.close", "code": TOO_MANY, "reason": "Trop de connexions."})
            return
        known.sockets += 1
        OPENED.count += 1
        line = _Line(
            receive,
            send,
            known.messages,
            self._limits,
            self._turns,
            address(scope),
            resumed.claimed(scope["headers"]),
        )
        try:
            await self._application(scope, line.next, line.tell)
        finally:
            known.sockets -= 1
            OPENED.count -= 1
            line.close()

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = self._known(scope)
        refused = False

        async def counted() -> Message:
            nonlocal refused
            message = await receive()
            size = len(message.get("body", b""))
            if size and not known.files.take(time.monotonic(), size):
                refused = True
                return {"type": "http.disconnect"}
            return message

        async def answered(message: Message) -> None:
            if not refused:
                await send(message)

        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._limits.upload_bytes:
            refused = True
        else:
            try:
                await self._application(scope, counted, answered)
            except Exception:
                # The application was told that the sender had gone: what it says of that is of no use.
                if not refused:
                    raise
        if refused:
            _log.warning("Trop de fichiers envoyés depuis %s", address(scope))
            body = "Trop de fichiers envoyés : réessayez dans dix minutes.".encode()
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"600")]
            await send({"type": "http.response.start", "status": 429, "headers": headers})
            await send({"type": "http.response.body", "body": body})


class _Line:
    """One socket's messages, at the pace allowed. They are read as they come, so that too many can be told."""

    def __init__(
        self,
        receive: Receive,
        send: Send,
        shared: Bucket,
        limits: Limits,
        turns: Turns,
        name: str,
        claimed: str,
    ) -> None:
        self._receive, self._send = receive, send
        self._shared, self._limits, self._name = shared, limits, name
        self._own = Bucket(limits.burst, limits.pace)
        self._waiting: deque[Message] = deque()
        self._turn = turns.waiter(self._weight)
        self._arrived = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._connected = False
        self._claimed = claimed
        self._resuming = False

    async def next(self) -> Message:
        """The next message that may pass."""
        if not self._connected:  # the opening of the connection
            self._connected = True
            message = await self._receive()
            self._reader = asyncio.create_task(self._read())
            return message
        if claimed := self._claimed:
            self._claimed = ""
            if resumed.unknown(claimed):
                await resumed.ask(self._send)
                self._resuming = True
        message = await self._heard()
        if message["type"] != "websocket.receive":
            return message
        now = time.monotonic()
        pause = max(self._own.wait(now), self._shared.wait(now))
        if pause:
            await asyncio.sleep(pause)
        if asked(message) == "rerun_script" and not self._gone():
            await self._turn.turn()
        return self._waiting.popleft() if self._gone() else message

    async def _heard(self) -> Message:
        """The next message that came; the one that brings a page back asks for all of it, once."""
        while True:
            while not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
            message = self._waiting.popleft()
            if not resumed.answers(message):
                return message
            if self._resuming:
                self._resuming = False
                return await resumed.whole(message, self._send)

    async def tell(self, message: Message) -> None:
        """Pass a message on to the reader; the one that says that a page is drawn ends its turn."""
        await self._send(message)
        if self._turn.running and drawn(message):
            self._turn.done()

    def _gone(self) -> bool:
        return bool(self._waiting) and self._waiting[0]["type"] == "websocket.disconnect"

    def _weight(self) -> float:
        """What this socket asked of late and has not been given back, and what it still asks."""
        return self._own.size - self._own.left + len(self._waiting)

    async def _read(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                self._leave(message)
                return
            if asked(message) in REFUSED:
                continue
            if len(self._waiting) >= self._limits.waiting:
                _log.warning("Trop de messages depuis %s : la connexion est fermée", self._name)
                self._leave({"type": "websocket.disconnect", "code": TOO_MANY})
                await self._send({"type": "websocket.close", "code": TOO_MANY, "reason": "Trop de messages."})
                return
            self._waiting.append(message)
            self._arrived.set()

    def _leave(self, message: Message) -> None:
        """Say that the socket has gone: who has gone waits for nothing."""
        self._waiting.clear()
        self._waiting.append(message)
        self._arrived.set()
        self._turn.close()

    def close(self) -> None:
        """Stop reading."""
        self._turn.close()
        if self._reader is not None:
            self._reader.cancel()


def asked(message: Message) -> str:
    """What a message asks of Streamlit (``rerun_script``, ``clear_cache``…); empty when it cannot be read."""
    body = message.get("bytes")
    if not body:
        return ""
    try:
        return BackMsg.FromString(body).WhichOneof("type") or ""
    except Exception:  # not a message: Streamlit hangs up on it by itself
        return ""


def drawn(message: Message) -> bool:
    """Whether a message to the reader says that the page is drawn, or that it was left for another."""
    body = message.get("bytes")
    if not body or len(body) > _SHORT:
        return False
    return bool(ForwardMsg.FromString(body).WhichOneof("type") == "script_finished")


def address(scope: Scope) -> str:
    """The network address a request comes from; behind a proxy on this machine, the one that the proxy saw."""
    client = scope.get("client")
    host = client[0] if client else ""
    if host in ("127.0.0.1", "::1", ""):
        forwarded = dict(scope.get("headers", ())).get(b"x-forwarded-for", b"").decode("latin-1")
        last = forwarded.rpartition(",")[2].strip()
        return last or host
    return str(host)
