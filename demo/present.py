"""Whether a demonstration is there already: asked before anything that makes one is imported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lake.catalog.annuaire import ACTIVITES
from lake.catalog.sas import PREVISIONS
from lake.settings import Settings
from lake.store.migrate import open_store
from lake.store.saisie import services
from lake.tables import Lake
from lake.words import agreed

FOLDER = "_demonstration"
UNDER_WAY = f"{FOLDER}/en-cours"
"""What rests in a lake while its demonstration is being made: one that was interrupted is taken up again."""
ENTERING = "_saisie-de-demonstration/en-cours"
"""The same of its entry, which comes once the lake is whole."""


def begun(lake: Lake) -> bool:
    """Note that a demonstration is being made in a lake; whether another was begun there and never ended."""
    return not lake.objects.create(UNDER_WAY, "Démonstration en construction.\n".encode())


def ended(lake: Lake) -> None:
    """The demonstration is whole."""
    lake.objects.remove(FOLDER)


def present(settings: Settings) -> str:
    """What a whole demonstration lake holds, in one French sentence; empty where there is none."""
    lake = Lake(settings)
    if not lake.exists(ACTIVITES) or lake.objects.exists(UNDER_WAY):
        return ""
    days = lake.values(ACTIVITES, "date_extraction")
    return (
        agreed(
            len(days),
            f"Le lac {settings.lake} contient déjà {len(days)} extraction(s), la dernière du {days[-1]} : ",
        )
        + "rien à faire (obs demo --refaire pour le reconstruire)."
    )


def published(settings: Settings) -> bool:
    """Whether days of the SAS are published, to the last of their tables."""
    return Lake(settings).exists(PREVISIONS)


def entered(settings: Settings) -> bool:
    """Whether the entry of Convergence holds services, all that the demonstration enters included."""
    if Lake(settings).objects.exists(ENTERING):
        return False
    store = open_store(settings)
    try:
        return bool(services.tous(store))
    finally:
        store.close()


@contextmanager
def entering(settings: Settings) -> Iterator[None]:
    """Note that the demonstration's entry is being made, until it is: one that was interrupted is taken up again."""
    objects = Lake(settings).objects
    objects.create(ENTERING, "Saisie de démonstration en cours.\n".encode())
    yield
    objects.remove(ENTERING.split("/", 1)[0])
