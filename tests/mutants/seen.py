"""A pytest plugin (``-p tests.mutants.seen --carte FILE``): which tests run which functions of the project.

Only the calls are traced, not the lines: a suite traced takes little longer than a suite. What a shared fixture ran is
counted to the test that asked for it first; whoever reads the map therefore tries whole files too.
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
        self._tests: dict[str, dict[str, object]] = {}

    def _call(self, frame: FrameType, _event: str, _argument: object) -> None:
        self._entered.add(frame.f_code)

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

    def pytest_sessionfinish(self) -> None:
        """Write the map."""
        self._target.write_text(json.dumps(self._tests), "utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the map goes."""
    parser.addoption("--carte", required=True, help="file of the map written")


def pytest_configure(config: pytest.Config) -> None:
    """Watch this run."""
    config.pluginmanager.register(Watch(config.rootpath, Path(config.getoption("--carte"))))
