"""A pytest plugin (``-p tests.mutants.seen --carte FILE``): which tests run which functions of the project.

Only the calls are traced, not the lines: a suite traced takes little longer than a suite. What a shared fixture ran is
counted to every test that has it. Workers of pytest-xdist write a part each, put together by the run that sent them.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType

import pytest


class Watch:
    """Notes the code that each test enters, and how long the test takes."""

    def __init__(self, root: Path, target: Path) -> None:
        self._root = f"{root}/"
        self._target = target
        self._entered: set[CodeType] = set()
        self._fixtures: dict[int, set[CodeType]] = {}
        self._tests: dict[str, dict[str, object]] = {}

    def _call(self, frame: FrameType, _event: str, _argument: object) -> None:
        self._entered.add(frame.f_code)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Iterator[None]:
        """Note what a fixture runs by itself: other tests may have it too."""
        before = self._entered.copy()
        self._entered.clear()
        try:
            return (yield)
        finally:
            self._fixtures.setdefault(id(fixturedef), set()).update(self._entered)
            self._entered.update(before)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Trace the calls of one test, its fixtures and the threads that it starts."""
        self._entered.clear()
        threading.settrace(self._call)
        sys.settrace(self._call)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]
            asked = getattr(item, "_fixtureinfo", None)
            for one in (one for all_of in asked.name2fixturedefs.values() for one in all_of) if asked else ():
                self._entered |= self._fixtures.get(id(one), set())
            functions = {
                f"{code.co_filename[len(self._root) :]}:{code.co_qualname}"
                for code in self._entered.copy()
                if code.co_filename.startswith(self._root) and "/tests/" not in code.co_filename
            }
            self._tests.setdefault(item.nodeid, {})["functions"] = [
                one for one in sorted(functions) if not one.startswith(".")
            ]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up the seconds of a test's three phases."""
        kept = self._tests.setdefault(report.nodeid, {})
        kept["seconds"] = float(str(kept.get("seconds", 0))) + report.duration

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the map: a worker its part, the run that sent them all of it."""
        worker = getattr(session.config, "workerinput", {}).get("workerid")
        target = self._target if worker is None else Path(f"{self._target}.{worker}")
        for part in [] if worker else sorted(target.parent.glob(f"{target.name}.gw*")):
            self._tests |= json.loads(part.read_text("utf-8"))
            part.unlink()
        target.write_text(json.dumps(self._tests), "utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the map goes."""
    parser.addoption("--carte", required=True, help="file of the map written")


def pytest_configure(config: pytest.Config) -> None:
    """Watch this run."""
    config.pluginmanager.register(Watch(config.rootpath, Path(config.getoption("--carte"))))
