"""Whether a demonstration is there already: asked before anything that makes one is imported."""

from __future__ import annotations

from lake.catalog.annuaire import ACTIVITES
from lake.catalog.sas import OFFRE
from lake.settings import Settings
from lake.store.migrate import open_store
from lake.store.saisie import services
from lake.tables import Lake
from lake.words import agreed


def present(settings: Settings) -> str:
    """What a demonstration lake that is there holds, in one French sentence; empty where there is none."""
    lake = Lake(settings)
    if not lake.exists(ACTIVITES):
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
    """Whether days of the SAS are published."""
    return Lake(settings).exists(OFFRE)


def entered(settings: Settings) -> bool:
    """Whether the entry of Convergence holds services."""
    store = open_store(settings)
    try:
        return bool(services.tous(store))
    finally:
        store.close()
