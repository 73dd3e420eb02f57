"""What the directory's first reader would wait for, made before he comes."""

from __future__ import annotations

import os
from collections.abc import Iterator

from apps.annuaire.carte import CARTE
from apps.annuaire.points import LAYER
from apps.kit.data.data import data
from apps.kit.data.state import State
from apps.kit.pages.sheet import view_of
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.repertoire import REPERTOIRE
from scoring.universes.selection import Selection


def warm() -> Iterator[None]:
    """Make the index of the latest extraction, the points of its map, and Carte as it opens, a step at a time.

    The page's own functions are called, not a list of what they need: whatever they come to read is read in advance.
    """
    if os.environ.get("OBS_APP", "") not in ("", "portail", "annuaire"):
        return
    reads = data()
    if reads.version(ANNUAIRE.table) is None:
        return
    view = view_of(CARTE, reads, State())
    CARTE.reading(view)
    for block in CARTE.blocks:
        yield
        block.build(view)
    yield
    view.asking(REPERTOIRE, recherche="martin").detail()
    yield
    LAYER.points(reads, reads.dated(ANNUAIRE, Selection()))
