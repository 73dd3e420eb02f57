"""Bringing a database to the schema of this version of the suite, with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from lake.errors import LakeError
from lake.settings import Settings
from lake.store.engine import Store

_FOLDER = Path(__file__).parent / "migrations"


def config() -> Config:
    """Alembic's configuration: where the migrations are, nothing else."""
    made = Config()
    # Interpolation of "%" in a path would be an error in a configuration file.
    made.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return made


def head() -> str:
    """The revision that this version of the suite needs."""
    found = ScriptDirectory.from_config(config()).get_current_head()
    assert found is not None
    return found


def revision(store: Store) -> str | None:
    """The revision of a database; None when it has no table of ours."""
    with store.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(store: Store) -> bool:
    """Bring a database to this version's schema; every change or none.

    Returns:
        Whether something was done.

    Raises:
        LakeError: the database was made by a newer version of the suite.
        SourceUnavailable: it does not answer.
    """
    if revision(store) == head():
        return False
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    with store.migrating() as connection:
        # Another process may have done it while this one waited.
        current = MigrationContext.configure(connection).get_current_revision()
        if current == head():
            return False
        if current is not None and current not in known:
            raise LakeError(
                f"La base {store} a été créée par une version plus récente de la suite (révision {current}).",
                conseil="Mettez la suite à jour, ou rétablissez une sauvegarde de la base.",
            )
        wanted = config()
        wanted.attributes["connection"] = connection
        command.upgrade(wanted, "head")
    return True


def open_store(settings: Settings, *, hurried: bool = False) -> Store:
    """Open the store, created and brought to this version's schema if need be.

    Args:
        settings: its address.
        hurried: readers wait for its answers; see :class:`~lake.store.engine.Store`. Migrations take their time.

    Raises:
        LakeError: the URL cannot be understood, or the database is newer than the suite.
        SourceUnavailable: the database does not answer.
    """
    store = Store(settings)
    upgrade(store)
    if not hurried or store.sqlite:
        return store
    store.close()
    return Store(settings, hurried=True)
