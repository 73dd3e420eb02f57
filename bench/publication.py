"""The two great files, made cold: the publication of Convergence and the full report of Ségur.

    python -m bench.publication [--lac DOSSIER] [--avant DOSSIER] [--fois N]

Each is made in a process of its own, from the call to the bytes (then with the imports), with this folder's sources
and, with ``--avant``, with those of another revision (a worktree), turn about. Processor time of that process and of
those that draw for it are told apart; the bytes of both revisions are compared. Aim: 10 s each, the machine quiet.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MAKES = {
    "publication Convergence": """
from apps.convergence.publication import publication_pdf
def made():
    return publication_pdf(data(), now=NOW)
""",
    "rapport Ségur": """
from apps.kit.data.state import State
from apps.kit.export.report import report_pdf
from apps.segur.declaration import PAGES
def made():
    return report_pdf("Ségur", "tout", [one for one in PAGES if one.printable], data(), State(), now=NOW)
""",
}
TIMED = """
import hashlib, json, os, time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from apps.kit.data.data import data
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=ZoneInfo("Europe/Paris"))
{make}
began, before = time.perf_counter(), time.process_time()
file = made()
took, spent = time.perf_counter() - began, time.process_time() - before
drawn = 0.0
for folder in Path("/proc").glob("[0-9]*"):
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        continue
    if int(fields[1]) == os.getpid():
        drawn += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
print(json.dumps([took, spent, drawn, len(file), hashlib.sha256(file).hexdigest()[:12]]), flush=True)
os._exit(0)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lac", type=Path)
    parser.add_argument("--avant", type=Path, help="sources d'une autre révision")
    parser.add_argument("--fois", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="obs-bench-") as folder:
        lake = asked.lac or Path(folder) / "lac"
        environment = {
            **os.environ,
            "OBS_LAKE": str(lake.absolute()),
            "OBS_STORE": f"sqlite:///{folder}/store.db",
        }
        environment |= {"OBS_ACCES": "ouvert"}
        if asked.lac is None:
            subprocess.run([sys.executable, "-m", "apps.cli", "demo"], cwd=ROOT, env=environment, check=True)
        sources = {"cette version": ROOT} | ({"avant": asked.avant.absolute()} if asked.avant else {})
        heads = (
            f"{'durée':>8} {'imports compris':>16} {'processeur':>11} {'dessins':>8} {'octets':>9}  empreinte"
        )
        print(f"{'fichier':24} {'version':14} {heads}")
        for name, make in MAKES.items():
            made: dict[str, list[list[Any]]] = {version: [] for version in sources}
            for _ in range(asked.fois):
                for version, where in sources.items():
                    made[version].append(_made(make, where, environment))
            for version, runs in made.items():
                took, spent, drawn = (statistics.median(run[rank] for run in runs) for rank in range(3))
                size, mark, whole = runs[0][3:]
                print(
                    f"{name:24} {version:14} {took:6.1f} s {whole:14.1f} s {spent:9.1f} s {drawn:6.1f} s {size:9,d}  "
                    f"{mark} (charge {os.getloadavg()[0]:.1f})",
                    flush=True,
                )


def _made(make: str, where: Path, environment: dict[str, str]) -> list[Any]:
    """One file in a process of its own: seconds, processor seconds, those of the drawings, bytes, fingerprint."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", TIMED.format(make=make)],
        cwd=where, env=environment | {"PYTHONPATH": str(where)}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    told: list[Any] = json.loads(done.stdout.splitlines()[-1])
    return [*told, time.perf_counter() - began]


if __name__ == "__main__":
    main()
