"""The hand-worked lake, and pages seen through it without a browser."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit import config
from streamlit.components.v2 import manifest_scanner

from apps.kit.data.data import Data, open_lake
from apps.kit.data.state import Scope, State
from apps.kit.data.view import View
from lake.settings import Settings
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.tables import Lake
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.selection import Selection
from tests.kit_lake import build


@pytest.fixture(scope="session", autouse=True)
def _packages_read_once() -> Iterator[None]:
    """Streamlit looks for components in every installed package for each AppTest; none comes during a run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests)
        )
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_collection_after_each_page() -> Iterator[None]:
    """Streamlit visits every object of the process after each page drawn; here these are the whole suite's."""
    before = config.get_option("runner.postScriptGC")
    config.set_option("runner.postScriptGC", False)
    yield
    config.set_option("runner.postScriptGC", before)


@pytest.fixture(autouse=True)
def _open_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are drawn as on a closed network, where everyone sees everything; accounts have tests of their own."""
    monkeypatch.setenv("OBS_ACCES", "ouvert")


@pytest.fixture(autouse=True)
def _no_incident(request: pytest.FixtureRequest) -> Iterator[None]:
    """A page that fails draws its failure and goes on: its test fails, unless it is marked ``incident``."""
    told: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append("".join(traceback.format_exception(record.exc_info[1])) if record.exc_info else "")

    kept, log = Kept(logging.ERROR), logging.getLogger("observatoire.incident")
    log.addHandler(kept)
    yield
    log.removeHandler(kept)
    if any(told) and request.node.get_closest_marker("incident") is None:
        pytest.fail("\n".join(told))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store of its own, empty; a file whose pages read one that is filled fills it under the same name."""
    made = open_store(Settings(store=f"sqlite:///{tmp_path}/store.db"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def kit_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The lake of :mod:`tests.kit_lake`, published once."""
    return build(tmp_path_factory.mktemp("lac"))


@pytest.fixture
def kit_view(kit_lake: Lake) -> Callable[..., View]:
    """``kit_view(departement=["67"])``: what a page reads under these filters."""

    def see(date: object = None, options: dict[str, str] | None = None, **filters: list[str]) -> View:
        state = State(Selection(filters, date), options or {})  # type: ignore[arg-type]
        scope = Scope(
            "essai", ("departement", "epci", "commune", "profession"), options={"maille": ("epci", "commune")}
        )
        return View("Essai", ANNUAIRE, state, Data(kit_lake), scope)

    return see


@pytest.fixture
def served_lake(kit_lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """The lake that pages open by themselves is the hand-worked one."""
    monkeypatch.setenv("OBS_LAKE", kit_lake.root)
    open_lake.clear()
    yield kit_lake
    open_lake.clear()
