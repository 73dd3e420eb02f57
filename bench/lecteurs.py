"""Readers together: steps of 2, 12, 30 and 100 sessions, each reading for two minutes, through the browser's protocol.

A reader opens *Carte*, then changes filters, thinking a moment between two (five seconds on average). For each step:
how many pages, the median and the 95th percentile of the time until a page is drawn, the processor time of the server
for a page, its memory and what a session adds to it, and freezes: pages that took more than ten seconds, or that never
came. Then sessions are opened and closed, ten at a time: memory must not grow with them.

What the selections read is in memory before the first step: a session's memory is then its own. Readers run on the
cores of the server, and so does whatever else the machine does: its load is printed beside each step.

With ``--processus N`` the readers come through nginx as ``deploy/nginx`` sets it, before N processes: TLS is its
work, whose processor time is told apart. Memory is then that of all processes, and of each.

Run: ``python -m bench.lecteurs [--lac DOSSIER] [--paliers 2,12,30,100] [--duree 120] [--pause 5] [--ouvertures 1000]
[--processus N]``.
Without ``--lac`` the small demonstration lake is built in a temporary folder.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import websockets

from bench.charge import LETS_GO_S, ROOT, Session, resident_mib, selections, start, visits
from bench.relance import processor_of

FROZEN_S = 10.0
"""Seconds after which a page is counted as a freeze."""
_LOST = (websockets.ConnectionClosed, OSError, asyncio.TimeoutError)


@dataclass
class Step:
    """What one number of readers met.

    Attributes:
        readers: sessions together.
        times: seconds of each page drawn.
        lost: pages that never came.
        memory: highest resident memory of the server, MiB.
        before: its memory before the first of them came, MiB.
        spent: processor seconds of the server.
        load: of the machine, over the last minute.
        each: highest resident memory of each process, MiB; one where the server is alone.
        proxy: processor seconds of the proxy; 0 without one.
    """

    readers: int
    times: list[float] = field(default_factory=list)
    lost: int = 0
    memory: float = 0.0
    before: float = 0.0
    spent: float = 0.0
    load: float = 0.0
    each: list[float] = field(default_factory=list)
    proxy: float = 0.0

    def line(self) -> str:
        """The step in one French line."""
        if not self.times:
            return f"{self.readers} lecteurs : aucune page, {self.lost} perdues"
        ordered = sorted(self.times)
        late = ordered[int(0.95 * (len(ordered) - 1))]
        each = (self.memory - self.before) / self.readers
        frozen = sum(one > FROZEN_S for one in ordered) + self.lost
        apart = f", dont {' et '.join(f'{one:.0f}' for one in self.each)}" if len(self.each) > 1 else ""
        relayed = f" (et {1000 * self.proxy / len(ordered):.0f} du relais)" if self.proxy else ""
        return (
            f"{self.readers} lecteurs : {len(ordered)} pages, médiane {1000 * statistics.median(ordered):.0f} ms, "
            f"p95 {1000 * late:.0f} ms, processeur {1000 * self.spent / len(ordered):.0f} ms par page{relayed}, "
            f"mémoire {self.memory:.0f} Mio{apart} ({each:.1f} par session), gels {frozen} "
            f"(charge {self.load:.1f})"
        )


@dataclass(frozen=True)
class Suite:
    """What is served.

    Attributes:
        pid: of what started it all.
        ports: of its processes.
        door: port where readers come: the proxy's, or the server's.
        tls: what readers accept of the proxy; None without one.
        proxy: pid of the proxy; 0 without one.
    """

    pid: int
    ports: tuple[int, ...]
    door: int
    tls: ssl.SSLContext | None = None
    proxy: int = 0

    def reader(self) -> Session:
        """A reader who comes."""
        return Session(self.door, self.tls)

    def memories(self) -> list[float]:
        """Resident memory of each process, MiB."""
        if len(self.ports) == 1:
            return [resident_mib(self.pid)]
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [resident_mib(int(child)) for child in children]


async def read_together(suite: Suite, readers: int, seconds: float, pause: float) -> Step:
    """Let readers read for some seconds.

    Args:
        suite: what is served.
        readers: how many together.
        seconds: how long.
        pause: what a reader thinks between two pages, on average.
    """
    step, asked = Step(readers, before=sum(suite.memories())), list(selections())
    spent, relayed = processor_of(suite.pid), processor_of(suite.proxy) if suite.proxy else 0.0
    until = time.monotonic() + seconds

    async def reader(number: int) -> None:
        draw = random.Random(number)
        await asyncio.sleep(draw.uniform(0, pause))
        try:
            async with suite.reader() as session:
                await session.ask("")
                while time.monotonic() < until:
                    await asyncio.sleep(draw.uniform(0.5, 1.5) * pause)
                    step.times.append((await session.ask(draw.choice(asked)))[0])
        except _LOST:
            step.lost += 1

    async def watch() -> None:
        while time.monotonic() < until:
            found = suite.memories()
            step.memory = max(step.memory, sum(found))
            step.each = [max(pair) for pair in zip(found, step.each or found, strict=True)]
            await asyncio.sleep(1.0)

    await asyncio.gather(watch(), *(reader(number) for number in range(readers)))
    step.spent, step.load = processor_of(suite.pid) - spent, os.getloadavg()[0]
    step.proxy = processor_of(suite.proxy) - relayed if suite.proxy else 0.0
    return step


async def read_all(port: int) -> None:
    """Ask every selection once: what they read is then in memory."""
    async with Session(port) as session:
        for query in ("", *selections()):
            await session.ask(query)


def main() -> None:
    """Build or take a lake, serve it, let readers read, print a line a step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lac", type=Path)
    parser.add_argument("--paliers", default="2,12,30,100", help="nombres de lecteurs ensemble")
    parser.add_argument("--duree", type=float, default=120.0, help="secondes par palier")
    parser.add_argument(
        "--pause", type=float, default=5.0, help="secondes entre deux pages d'un lecteur, en moyenne"
    )
    parser.add_argument(
        "--processus", type=int, default=1, choices=(1, 2), help="processus qui servent, derrière nginx"
    )
    parser.add_argument("--ouvertures", type=int, default=1000, help="sessions ouvertes puis fermées ensuite")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="obs-lecteurs-") as folder:
        lake = asked.lac or Path(folder) / "lac"
        os.environ.update(OBS_ACCES="ouvert", OBS_STORE=f"sqlite:///{folder}/base.db")
        if asked.lac is None:
            subprocess.run(
                [sys.executable, "-m", "apps.cli", "demo", "--petit"],
                cwd=ROOT, env={**os.environ, "OBS_LAKE": str(lake)}, check=True, capture_output=True,
            )  # fmt: skip
        process, port = start(lake, asked.processus)
        ports = tuple(range(port, port + asked.processus))
        try:
            for one in ports:
                asyncio.run(read_all(one))
            with served(process.pid, ports, Path(folder)) as suite:
                for readers in (int(number) for number in asked.paliers.split(",")):
                    step = asyncio.run(read_together(suite, readers, asked.duree, asked.pause))
                    print(step.line(), flush=True)
                    time.sleep(LETS_GO_S)
                print(f"mémoire, toutes les sessions fermées : {sum(suite.memories()):.0f} Mio", flush=True)
            if asked.ouvertures:
                asyncio.run(visits(port, process.pid, list(selections()), asked.ouvertures))
        finally:
            process.terminate()
            process.wait(timeout=60)


@contextmanager
def served(pid: int, ports: tuple[int, ...], folder: Path) -> Iterator[Suite]:
    """The suite as readers reach it: its server alone, or nginx before several."""
    if len(ports) == 1:
        yield Suite(pid, ports, ports[0])
        return
    from tests.browser.proxy import (
        nginx,
        unverified,
    )  # the configuration of the documentation, started for real

    with nginx(folder / "nginx", *ports) as (address, _):
        number = int((folder / "nginx" / "nginx.pid").read_text())
        yield Suite(pid, ports, int(address.rpartition(":")[2]), unverified(), number)


if __name__ == "__main__":
    main()
