"""What one visitor can do to a served suite: floods, other people's caches, files without a field, forged addresses.

Each attack is done while another reader opens a page, whose answer is compared with the one before: a server that
holds everybody up has not held. Ratios, never seconds: the machine is shared.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.attaques.attack import Attack
from bench.charge import ROOT, Session, resident_mib, start

FORGED = 200
LAKE = "OBS_ATTAQUES_LAC"
"""Variable that names a demonstration lake already built; the small one is built without it."""
SLOWER = 8.0
"""Times that another reader's page may take under attack, of what it took before."""
GROWN = 120.0
"""MiB that the server's memory may grow by under an attack, and keep."""
HUNG_UP = (websockets.ConnectionClosed, OSError, asyncio.TimeoutError)
AXES = (
    "departement", "epci", "commune", "profession", "mode_exercice", "date", "du", "au", "maille", "axe",
    "communes.tableau",
)  # fmt: skip
VALUES = (
    "zzz", "'", "<script>alert(1)</script>", "../../etc/passwd", "67'; DROP TABLE comptes;--", "%00", "\u202e67",
    "9" * 400, "-1", "nan", "2025-13-45", "1e999", "{[,", "67,68", " ", "javascript:alert(1)", "__class__", "None", "*",
)  # fmt: skip


class Served:
    """A server under attack, and a reader of it."""

    def __init__(self) -> None:
        given = os.environ.get(LAKE)
        self._folder = None if given else tempfile.TemporaryDirectory(prefix="attaques-")
        lake = Path(given) if given else Path(self._folder.name if self._folder else "") / "lac"
        self._store = tempfile.TemporaryDirectory(prefix="attaques-")
        os.environ.update(OBS_ACCES="ouvert", OBS_STORE=f"sqlite:///{self._store.name}/base.db")
        if not given:
            command = [sys.executable, "-m", "apps.cli", "demo", "--petit"]
            subprocess.run(command, cwd=ROOT, env={**os.environ, "OBS_LAKE": str(lake)}, check=True)
        self.process, self.port = start(lake)
        asyncio.run(self.page())  # caches are warm: what is compared is a page like any other
        self.usual = min(asyncio.run(self.page()) for _ in range(5))

    async def page(self) -> float:
        """Open a page as another reader; seconds."""
        async with Session(self.port) as reader:
            return (await reader.ask("departement=67"))[0]

    def under(self, attack: Callable[[], Awaitable[None]]) -> str:
        """Attack while another reader opens pages: empty when they are answered and memory comes back."""
        before = resident_mib(self.process.pid)

        async def both() -> float:
            striking = asyncio.ensure_future(attack())
            await asyncio.sleep(0.3)
            slowest = max([await self.page() for _ in range(3)])
            with suppress(*HUNG_UP):
                await asyncio.wait_for(striking, 60)
            return slowest

        slowest = asyncio.run(both())
        asyncio.run(self.page())
        grown = resident_mib(self.process.pid) - before
        if self.process.poll() is not None:
            return "le serveur est mort"
        if slowest > SLOWER * max(self.usual, 0.1):
            return f"un autre lecteur attend {slowest:.1f} s au lieu de {self.usual:.2f} s"
        return f"la mémoire a crû de {grown:.0f} Mio" if grown > GROWN else ""

    def close(self) -> None:
        """Stop the server and erase everything."""
        self.process.terminate()
        self.process.wait(timeout=15)
        for folder in (self._folder, self._store):
            if folder is not None:
                folder.cleanup()


def rerun(query: str = "") -> bytes:
    """A gesture of a reader."""
    message = BackMsg()
    message.rerun_script.query_string = query
    return message.SerializeToString()


def flood(served: Served, count: int, sockets: int = 1, query: str = "") -> str:
    """Send gestures as fast as the network takes them."""

    async def one() -> None:
        async with Session(served.port) as visitor:
            for _ in range(count // sockets):
                await visitor.socket.send(rerun(query))
            while True:  # until the server hangs up, or has answered all
                await asyncio.wait_for(visitor.socket.recv(), 5)

    async def strike() -> None:
        await asyncio.gather(*(one() for _ in range(sockets)), return_exceptions=True)

    return served.under(strike)


def order(served: Served, kind: str) -> str:
    """Send an order that drives the server or empties everyone's caches, then see that pages are still warm."""

    async def strike() -> None:
        async with Session(served.port) as visitor:
            message = BackMsg()
            setattr(message, kind, True)
            for _ in range(20):
                await visitor.socket.send(message.SerializeToString())
            await visitor.ask("departement=68")

    return served.under(strike)


def garbage(served: Served, seed: int) -> str:
    """Send bytes that are no message."""
    draw = random.Random(seed)

    async def strike() -> None:
        async with Session(served.port) as visitor:
            for _ in range(50):
                await visitor.socket.send(draw.randbytes(draw.choice((0, 1, 40, 4_000, 400_000))))

    return served.under(strike)


def uploads(served: Served, count: int, field: bool) -> str:
    """Send files of 19 MB that no page asked for, with or without a file's field."""
    name = 'name="f"; filename="f.csv"' if field else 'name="f"'
    head = f"--b\r\nContent-Disposition: form-data; {name}\r\n\r\n".encode()
    body = head + b"x" * (19 << 20) + b"\r\n--b--\r\n"
    taken = []

    def send(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
        try:
            connection.request(
                "PUT",
                f"/_stcore/upload_file/inconnu/{number}",
                body,
                {"Content-Type": "multipart/form-data; boundary=b"},
            )
            taken.append(connection.getresponse().status)
        except OSError:
            taken.append(429)  # hung up on before the end
        finally:
            connection.close()

    async def strike() -> None:
        for number in range(count):
            await asyncio.to_thread(send, number)

    wrong = served.under(strike)
    return wrong or ("" if all(status >= 400 for status in taken) else f"acceptés : {sorted(set(taken))}")


def forged(served: Served, seed: int) -> str:
    """Open an address that no page makes: it is answered, and never by an incident."""
    draw = random.Random(seed)
    query = "&".join(f"{draw.choice(AXES)}={draw.choice(VALUES)}" for _ in range(draw.randint(1, 4)))

    async def strike() -> str:
        async with Session(served.port) as visitor:
            await visitor.socket.send(rerun(query))
            said = b""
            while True:
                part = await asyncio.wait_for(visitor.socket.recv(), 60)
                assert isinstance(part, bytes)
                said += part
                if b"Incident n" in said or b"Traceback" in said:
                    return f"un incident pour {query!r}"
                if finished(part):
                    return ""

    return asyncio.run(strike())


def finished(part: bytes) -> bool:
    """Whether a message says that the page is drawn."""
    return ForwardMsg.FromString(part).WhichOneof("type") == "script_finished"


def attacks(addresses: int = FORGED) -> Iterator[Attack]:
    """Every attack of this family.

    Args:
        addresses: forged addresses opened.
    """
    served = Served()
    try:
        for count, sockets in ((1_000, 1), (3_000, 1), (3_000, 10), (300, 30)):
            name = f"{count} gestes par {sockets} connexion(s)"
            yield Attack("déluges de gestes", name, lambda c=count, s=sockets: flood(served, c, s))
        yield Attack("déluges de gestes", "1 000 filtres", lambda: flood(served, 1_000, 1, "profession=10"))
        for kind in ("clear_cache", "debug_disconnect_websocket", "debug_shutdown_runtime", "load_git_info"):
            yield Attack("ordres au serveur", kind, lambda kind=kind: order(served, kind))
        for seed in range(5):
            yield Attack("messages illisibles", f"n° {seed}", lambda seed=seed: garbage(served, seed))
        for field in (False, True):
            name = "12 fichiers de 19 Mo, " + ("avec" if field else "sans") + " champ"
            yield Attack("fichiers envoyés", name, lambda field=field: uploads(served, 12, field))
        for seed in range(addresses):
            yield Attack("adresses forgées", f"n° {seed}", lambda seed=seed: forged(served, seed))
    finally:
        served.close()
