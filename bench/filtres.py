"""What a changed filter costs on every page of the suite, in processor time: the page run again, no browser, no socket.

    python -m bench.filtres [--lac DOSSIER] [--changements 20] [--page annuaire/carte …]

Each change asks a selection never asked before, then all are asked again. Processor time of the whole process (the
threads of the engine included), so that other work on the machine counts little. The aim stands for the page in the
middle: a 95th percentile under 100 ms. Without ``--lac`` a full demonstration lake is built first.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from streamlit import config
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from apps.annuaire.points import LAYER
from apps.kit.access.access import PUBLIC
from apps.kit.data.data import data
from apps.kit.maps.outline_route import outline_routes
from apps.kit.maps.point_route import point_routes
from apps.kit.pages.page import Page
from lake.catalog.territoires import COMMUNES

ROOMS = ("annuaire", "segur", "convergence")
AIM_MS = 100.0
VALUES = 12
"""Values taken of each of the two axes whose pairs are asked."""
SCRIPT = """
import importlib
import time
from apps.kit.shell.draw import draw
spent = importlib.import_module("bench.filtres").SPENT
pages = importlib.import_module("apps.{room}.declaration").PAGES
started = time.process_time()
draw(next(page for page in pages if page.name == "{name}"))
spent.append(1e3 * (time.process_time() - started))
"""
SPENT: list[float] = []
"""Processor milliseconds of each run: the page's own, without what a test application then reads of it."""


def selections(page: Page) -> list[dict[str, list[str]]]:
    """Filters that the page's own axes offer, one value then pairs of them, none twice."""
    reads = data(PUBLIC)
    universe = reads.universe(page.universe)
    here = set(reads.frame(COMMUNES)["code_departement"])
    offered = []
    for axis in page.scope.axes:
        codes = reads.choices(universe, axis)["code"].drop_nulls().to_list()
        if axis == "departement":  # those that the bar offers: the others are of all France, and mostly empty
            codes = [code for code in codes if code in here]
        codes = codes[:VALUES]
        if len(codes) > 1:
            offered.append([{axis: [str(code)]} for code in codes])
    chosen = [one for values in offered[:2] for one in values]
    if len(offered) > 1:
        chosen += [first | second for first, second in itertools.product(*offered[:2])]
    return chosen


def run(at: AppTest, params: dict[str, list[str]]) -> float:
    """Processor milliseconds of one run of the page under these query parameters."""
    for name in list(at.query_params):
        del at.query_params[name]
    for name, values in params.items():
        at.query_params[name] = values
    at.run()
    assert not at.exception, at.exception
    return importlib.import_module("bench.filtres").SPENT.pop()  # not this module's, run as a script


def late(times: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


def measured(room: str, page: Page, changes: int) -> tuple[list[float], list[float]] | None:
    """Changes never asked, then the same asked again; None for a page without filters."""
    at = AppTest.from_string(SCRIPT.format(room=room, name=page.name), default_timeout=120)
    run(at, {})
    asked = selections(page)[: changes + 2]
    if len(asked) < 4:
        return None
    for params in asked[:2]:
        run(at, params)
    gc.collect()
    return tuple([run(at, params) for params in asked[2:]] for _ in range(2))  # type: ignore[return-value]


def main() -> None:
    """Print a line a page, then the page in the middle."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lac", type=Path)
    parser.add_argument("--changements", type=int, default=20)
    parser.add_argument("--page", action="append", help="application/page")
    asked = parser.parse_args()
    outline_routes(), point_routes([LAYER])  # as the server does: maps then carry addresses, not outlines
    # The server freezes what was imported and never visits it again; a process of tests visits all at each run.
    config.set_option("runner.postScriptGC", False)
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)  # type: ignore[assignment]
    with tempfile.TemporaryDirectory(prefix="obs-bench-") as folder:
        lake = asked.lac or Path(folder) / "lac"
        os.environ |= {
            "OBS_LAKE": str(lake), "OBS_STORE": f"sqlite:///{folder}/store.db", "OBS_ACCES": "ouvert",
        }  # fmt: skip
        if asked.lac is None:
            command = [sys.executable, "-m", "apps.cli", "demo", "--extractions", "4"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found: list[tuple[float, str]] = []
        print(f"{'page':<38}{'jamais demandé (ms)':>22}{'redemandé (ms)':>20}   médiane / p95")
        for room in ROOMS:
            for page in importlib.import_module(f"apps.{room}.declaration").PAGES:
                name = f"{room}/{page.name}"
                if asked.page and name not in asked.page:
                    continue
                times = measured(room, page, asked.changements)
                if times is None:
                    continue
                said = [f"{statistics.median(one):.0f} / {late(one):.0f}" for one in times]
                print(f"{name:<38}{said[0]:>22}{said[1]:>20}", flush=True)
                found.append((late(times[0]), name))
        found.sort()
        middle, name = found[len(found) // 2]
        print(f"page du milieu : {name}, p95 {middle:.0f} ms de processeur (but : {AIM_MS:.0f} ms)")


if __name__ == "__main__":
    main()
