"""What starts the server again when it ends by itself, and keeps several of them at work on one machine.

Run as ``python -m apps.commands.supervision [--ports=P,Q…] COMMANDE…`` it imports nothing of the suite: ``obs serve``
becomes this process, which waits for as long as the server lives, instead of keeping for it the 300 MiB of the whole
command line.

Of several servers, each has its port (``{port}`` in the command). They end together; one that dies is started again
while the others serve; ``SIGUSR1`` starts them anew one after the other, each once the one before says that it is
ready: a visitor whose server ends is served by another (deploy/nginx).
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

PORTS = "OBS_PROCESSUS"
"""The ports of the servers of one ``obs serve``, as each of them is told (``Settings.processus``)."""
SECRET = "STREAMLIT_SERVER_COOKIE_SECRET"
"""What signs Streamlit's own cookies: drawn by each server where nobody says it, and then unknown to the others."""
_READY = "/obs-pret"
_OPTION = "--ports="
_PORT = "{port}"
_LOOK_S = 0.2
_ASK_S = 1.0
_LONGEST_PAUSE_S = 60.0


def supervised(command: list[str], environment: Mapping[str, str], *, settled: float = 20.0) -> int:
    """Run the server, and start it again when it ends by itself (see :mod:`apps.kit.shell.watch`).

    Args:
        command: what starts it.
        environment: its environment.
        settled: seconds that it must have lasted to be started again: one that cannot start is left at that.

    Returns:
        Its exit code, once it was asked to end or could not start.
    """
    asked: list[int] = []
    child: subprocess.Popen[bytes] | None = None

    def end(number: int, _frame: object) -> None:
        asked.append(number)
        if child is not None:
            child.send_signal(signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    while True:
        started = time.monotonic()
        child = subprocess.Popen(command, env=dict(environment), start_new_session=True)
        if asked:
            child.send_signal(signal.SIGTERM)
        code = child.wait()
        if asked:
            return 0
        if code == 0 or time.monotonic() - started < settled:
            return code if code >= 0 else 128 - code
        print(f"Le serveur s'est arrêté (code {code}) : il redémarre.", file=sys.stderr, flush=True)


@dataclass
class _Server:
    """One of several servers.

    Attributes:
        rank: what the messages call it, from 1.
        port: where it listens.
        process: it, while it lives.
        since: when it was started (monotonic, s).
        proven: whether one of its lives lasted, or was ready: it can start.
        asked: when it was last asked whether it is ready (monotonic, s).
        pause: seconds to wait before its next start.
        due: when that start is (monotonic, s).
    """

    rank: int
    port: int
    process: subprocess.Popen[bytes] | None = None
    since: float = 0.0
    proven: bool = False
    asked: float = 0.0
    pause: float = 0.0
    due: float = 0.0


@dataclass
class Several:
    """Servers of one machine, kept at work together.

    Args:
        command: what starts one, ``{port}`` standing for its port.
        ports: one a server.
        environment: theirs; the ports of all and one secret for Streamlit's cookies are added to it.
        settled: seconds that one must have lasted once, if it was not ready before; one that never did ends them all,
            with its code.
        patience: seconds given to one that is asked to end, before it is killed.
        ready: seconds given to one that starts in turn, before the turn is given up.
    """

    command: Sequence[str]
    ports: Sequence[int]
    environment: Mapping[str, str]
    settled: float = 20.0
    patience: float = 20.0
    ready: float = 180.0
    _servers: list[_Server] = field(default_factory=list)
    _ending: bool = False
    _turn: bool = False

    def run(self) -> int:
        """Serve until asked to end (``SIGTERM``, ``SIGINT``, ``SIGHUP``); the exit code, as :func:`supervised`."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._end)
        signal.signal(signal.SIGUSR1, self._begin_turn)
        self._servers = [_Server(rank, port) for rank, port in enumerate(self.ports, 1)]
        self.environment = {
            SECRET: secrets.token_hex(32),
            **self.environment,
            PORTS: ",".join(str(port) for port in self.ports),
        }
        try:
            return self._keep()
        finally:
            self._stop(self._servers)

    def _keep(self) -> int:
        while not self._ending:
            for server in self._servers:
                if (code := self._looked_after(server)) is not None:
                    return code
            if self._turn:
                self._turn = False
                self._renew()
            time.sleep(_LOOK_S)
        return 0

    def _looked_after(self, server: _Server) -> int | None:
        """Start a server that does not run; its code where it cannot."""
        now = time.monotonic()
        if server.process is None:
            if now >= server.due:
                self._start(server)
            return None
        code = server.process.poll()
        lasted = now - server.since >= self.settled
        if code is None:
            if not server.proven and now - server.asked >= _ASK_S:
                server.proven, server.asked = _ready(server.port), now
            if lasted:
                server.proven, server.pause = True, 0.0
            return None
        server.process = None
        if not (server.proven or lasted):
            _say(
                f"Le processus {server.rank} (port {server.port}) ne démarre pas (code {code}) : tout s'arrête."
            )
            return code if code >= 0 else 128 - code
        server.proven, server.due = True, now + server.pause
        again = f"il redémarre dans {server.pause:.0f} s" if server.pause else "il redémarre"
        server.pause = min(max(1.0, 2 * server.pause), _LONGEST_PAUSE_S)
        _say(f"Le processus {server.rank} (port {server.port}) s'est arrêté (code {code}) : {again}.")
        return None

    def _start(self, server: _Server) -> None:
        command = [word.replace(_PORT, str(server.port)) for word in self.command]
        server.since = time.monotonic()
        server.process = subprocess.Popen(command, env=dict(self.environment), start_new_session=True)

    def _renew(self) -> None:
        """Start each server anew, the next one once this one is ready."""
        for server in self._servers:
            if self._ending:
                return
            _say(f"Le processus {server.rank} (port {server.port}) est renouvelé.")
            self._stop([server])
            self._start(server)
            if not self._until(lambda one=server: _ready(one.port), server):  # type: ignore[misc]
                if not self._ending:
                    _say(
                        f"Le processus {server.rank} n'est pas prêt : les suivants ne sont pas renouvelés. "
                        "Lisez ce qu'il dit ci-dessus."
                    )
                return
            server.proven = True
        _say("Tous les processus sont renouvelés.")

    def _until(self, done: Callable[[], bool], server: _Server) -> bool:
        limit = time.monotonic() + self.ready
        while time.monotonic() < limit and not self._ending:
            if server.process is None or server.process.poll() is not None:
                return False
            if done():
                return True
            for other in self._servers:
                if other is not server:
                    self._looked_after(other)
            time.sleep(_LOOK_S)
        return False

    def _stop(self, servers: Sequence[_Server]) -> None:
        alive = [one.process for one in servers if one.process is not None]
        for process in alive:
            process.terminate()
        limit = time.monotonic() + self.patience
        for process in alive:
            try:
                process.wait(max(0.1, limit - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for one in servers:
            one.process = None

    def _end(self, _number: int, _frame: object) -> None:
        self._ending = True

    def _begin_turn(self, _number: int, _frame: object) -> None:
        self._turn = True


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{_READY}", timeout=_ASK_S) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def become(command: list[str], environment: Mapping[str, str], ports: Sequence[int] = ()) -> None:
    """Let this process be the supervisor and nothing else; does not return."""
    several = [f"{_OPTION}{','.join(str(port) for port in ports)}"] if ports else []
    arguments = [sys.executable, "-m", "apps.commands.supervision", *several, *command]
    os.execve(sys.executable, arguments, dict(environment))


def main(arguments: Sequence[str]) -> int:
    """The command line of this module; its exit code."""
    if arguments and arguments[0].startswith(_OPTION):
        ports = [int(port) for port in arguments[0].removeprefix(_OPTION).split(",")]
        return Several(arguments[1:], ports, os.environ).run()
    return supervised(list(arguments), os.environ)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
