"""A PostgreSQL server of the tests' own: a temporary folder, a free port of the loopback, no durability."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _binaries() -> Path:
    """Debian keeps the server's binaries out of the path, one folder a version."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0])
    )
    found = installed[-1] if installed else shutil.which("initdb")
    if found is None:
        raise RuntimeError("PostgreSQL's server is not installed (Debian: apt-get install postgresql)")
    return Path(found).parent


@contextmanager
def postgres() -> Iterator[str]:
    """A running server; gives the URL of its administration database."""
    binaries = _binaries()
    folder = tempfile.mkdtemp(prefix="obs-postgres-")
    # The server refuses to run as root: there, everything goes through its own account.
    account: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        account = ["runuser", "-u", "postgres", "--"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = f"{folder}/data"

    def call(*command: str) -> None:
        # Not captured: a server that keeps the pipe open would never let the call end.
        with open(f"{folder}.log", "ab") as log:
            subprocess.run([*account, *command], check=True, cwd="/", stdout=log, stderr=log)

    try:
        call(str(binaries / "initdb"), "-D", data, "-U", "obs", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off "
            "-c synchronous_commit=off -c full_page_writes=off -c max_connections=60"
        )
        call(str(binaries / "pg_ctl"), "-D", data, "-w", "-t", "60", "-o", options, "start")
        try:
            yield f"postgresql://obs@127.0.0.1:{port}/postgres"
        finally:
            call(str(binaries / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        Path(f"{folder}.log").unlink(missing_ok=True)
