"""What Alembic runs: the migrations, in the transaction it is given."""

from __future__ import annotations

from alembic import context

from lake.store.analyses import tables as _analyses  # noqa: F401 — its tables join METADATA
from lake.store.saisie import echanges as _echanges  # noqa: F401 — its tables join the metadata
from lake.store.saisie import tables as _saisie  # noqa: F401 — its tables join the metadata
from lake.store.sas import tables as _sas  # noqa: F401 — its tables join the metadata
from lake.store.schema import METADATA

# SQLite alters tables by copying them: batches make the same migration run on both engines.
context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True
)
context.run_migrations()
