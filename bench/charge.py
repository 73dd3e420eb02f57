"""Load on the served suite, through the protocol that browsers speak: no browser, no page painted.

Measures, on a lake and a server that this script starts and stops:

* the server's time for a filter change on *Carte* (each change a selection never asked before, then asked again);
* the memory of the server while 250 sessions are opened and closed.

Run: ``python -m bench.charge [--lac DOSSIER] [--sessions 250] [--changements 60]``. Without ``--lac`` a full
demonstration lake is built in a temporary folder.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT = 60.0
SHORT = 400
"""Bytes of a message that may be the end of a page."""
LETS_GO_S = 35.0
"""Seconds after which the server has let closed sessions go (``disconnectedSessionTTL``)."""


class Session:
    """One reader's connection.

    Args:
        port: of the server, or of the proxy before it.
        tls: what to accept of the proxy's certificate; None to speak to the server itself.
    """

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self.port, self._tls = port, tls

    async def __aenter__(self) -> Session:
        secure = "s" if self._tls else ""
        self.socket = await websockets.connect(
            f"ws{secure}://127.0.0.1:{self.port}/_stcore/stream",
            origin=f"http{secure}://127.0.0.1:{self.port}",  # type: ignore[arg-type]
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            ssl=self._tls,
        )
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.socket.close()

    async def ask(self, query: str) -> tuple[float, int]:
        """Run the page under these query parameters; seconds until the script ends, bytes received."""
        message = BackMsg()
        message.rerun_script.query_string = query
        started = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        received = 0
        while True:
            data = await asyncio.wait_for(self.socket.recv(), TIMEOUT)
            assert isinstance(data, bytes)
            received += len(data)
            if len(data) > SHORT:
                continue  # the client runs on the cores of the server: it reads no more than it has to
            answer = ForwardMsg()
            answer.ParseFromString(data)
            if answer.WhichOneof("type") == "script_finished":
                return time.perf_counter() - started, received


def selections() -> Iterator[str]:
    """Filter combinations that readers ask, none twice."""
    places = [f"departement={code}" for code in ("67", "68", "57", "54", "51", "10", "88", "08", "52", "55")]
    trades = [f"profession={code}" for code in ("10", "60", "70", "40", "21", "50", "91", "80")]
    modes = ["mode_exercice=L", "mode_exercice=S"]
    for parts in itertools.chain(itertools.product(trades), itertools.product(places, trades)):
        yield "&".join(parts)
    for triple in itertools.product(places, trades, modes):
        yield "&".join(triple)


def resident_mib(pid: int) -> float:
    """Resident memory of a process and of all that it started, MiB: the server runs under a supervisor."""
    total = 0.0
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            total = int(line.split()[1]) / 1024
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):  # a thread or a process ended meanwhile
            total += sum(resident_mib(int(child)) for child in (thread / "children").read_text().split())
    return total


def start(lake: Path, count: int = 1) -> tuple[subprocess.Popen[bytes], int]:
    """Serve the directory on a free port, by so many processes on as many ports; returns when all are ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    several = ["--processus", str(count)] if count > 1 else []
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "apps.cli",
            "serve",
            "annuaire",
            "--port",
            str(port),
            "--sans-navigateur",
            *several,
        ],
        cwd=ROOT,
        env={**os.environ, "OBS_LAKE": str(lake)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    limit = time.monotonic() + 180  # a busy machine takes its time
    waiting = list(range(port, port + count))
    while waiting and time.monotonic() < limit:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{waiting[0]}/obs-pret", timeout=1):
                waiting.pop(0)
        except OSError:
            time.sleep(0.2)
    if waiting:
        process.terminate()
        raise RuntimeError("the server did not start")
    return process, port


async def measure(port: int, pid: int, changes: int, sessions: int) -> None:
    """Print the figures."""
    asked = list(itertools.islice(selections(), changes))
    async with Session(port) as reader:
        first, size = await reader.ask("")
        print(f"première page : {first * 1000:.0f} ms, {size / 1024:.0f} Kio")
        new = [await reader.ask(query) for query in asked]
        again = [await reader.ask(query) for query in asked]
    for label, runs in (("jamais demandé", new), ("déjà demandé", again)):
        times = sorted(seconds * 1000 for seconds, _ in runs)
        print(
            f"changement de filtre, {label} : médiane {statistics.median(times):.0f} ms, "
            f"p95 {times[int(0.95 * (len(times) - 1))]:.0f} ms, "
            f"{statistics.median(size for _, size in runs) / 1024:.0f} Kio ({len(runs)} changements)"
        )
    print(f"mémoire après les filtres : {resident_mib(pid):.0f} Mio")

    await visits(port, pid, asked, sessions)


async def visits(port: int, pid: int, asked: list[str], sessions: int) -> None:
    """Open and close sessions, ten at a time, each reading one page; print the memory of the server as they go."""

    async def visit(number: int) -> None:
        async with Session(port) as reader:
            await reader.ask(asked[number % len(asked)])

    step = max(50, sessions // 10)
    for done in range(0, sessions, 10):
        await asyncio.gather(*(visit(done + number) for number in range(10)))
        if (done + 10) % step == 0:
            await asyncio.sleep(LETS_GO_S)
            print(f"  {done + 10} sessions ouvertes et fermées : {resident_mib(pid):.0f} Mio", flush=True)


def main() -> None:
    """Build or take a lake, serve it, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lac", type=Path)
    parser.add_argument("--sessions", type=int, default=250)
    parser.add_argument("--changements", type=int, default=60)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="obs-charge-") as folder:
        lake = asked.lac or Path(folder) / "lac"
        if asked.lac is None:
            subprocess.run(
                [sys.executable, "-m", "apps.cli", "demo", "--extractions", "4"],
                cwd=ROOT, env={**os.environ, "OBS_LAKE": str(lake)}, check=True, capture_output=True,
            )  # fmt: skip
        process, port = start(lake)
        try:
            asyncio.run(measure(port, process.pid, asked.changements, asked.sessions))
        finally:
            process.terminate()
            process.wait(timeout=20)


if __name__ == "__main__":
    main()
