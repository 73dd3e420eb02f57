"""For the tests of the store: a database of each kind (SQLite and PostgreSQL), and a server that takes mail."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from lake.settings import Settings
from lake.store.engine import Store
from lake.store.migrate import open_store
from tests.mailbox import Mailbox, post
from tests.unit.postgres_server import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """A database that the migrations made, to be copied: its name."""
    open_store(_created(postgres_server, "modele")).close()
    return "modele"


def _created(server: str, name: str, template: str = "template1") -> Settings:
    url = sa.make_url(server)
    admin = sa.create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    admin.dispose()
    return Settings(store=url.set(database=name).render_as_string(hide_password=False))


@pytest.fixture(params=["sqlite", "postgresql"])
def store_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A database of each kind: empty, or with its tables already when the test asks for a ``store``."""
    if request.param == "sqlite":
        return Settings(store=f"sqlite:///{tmp_path}/dossier/store.db")
    template = (
        request.getfixturevalue("postgres_template") if "store" in request.fixturenames else "template1"
    )
    return _created(request.getfixturevalue("postgres_server"), f"essai_{uuid.uuid4().hex[:12]}", template)


@pytest.fixture
def store(store_settings: Settings) -> Iterator[Store]:
    found = open_store(store_settings)
    yield found
    found.close()


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A real SMTP server that the suite sends to."""
    with post() as (address, box):
        monkeypatch.setenv("OBS_SMTP", address)
        yield box
