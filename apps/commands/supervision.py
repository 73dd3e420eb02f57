"""What starts the server again when it ends by itself.

Run as ``python -m apps.commands.supervision COMMANDE…`` it imports nothing of the suite: ``obs serve`` becomes this
process, which waits for as long as the server lives, instead of keeping for it the 300 MiB of the whole command line.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping


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


def become(command: list[str], environment: Mapping[str, str]) -> None:
    """Let this process be the supervisor and nothing else; does not return."""
    arguments = [sys.executable, "-m", "apps.commands.supervision", *command]
    os.execve(sys.executable, arguments, dict(environment))


if __name__ == "__main__":
    sys.exit(supervised(sys.argv[1:], os.environ))
