"""The analyses that the suite ships, as files, and how they are loaded in a store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Protocol

from lake.droits import PROFILS
from scoring.analyses.codec import decode, encode
from scoring.analyses.spec import Analyse

MODELES = ("indicateurs-cles", "psc", "maturite-regions", "maturite-industriels", "dmp", "insi")
"""The shipped analyses, in the order of their list."""
HOME = "indicateurs-cles"
"""The one that a person arrives on."""
_OF_SEGUR = tuple(profil for profil in PROFILS if profil != "grand_public")
"""Who reads them: every profile that opens the universes they count."""


class Ships(Protocol):
    """What loads one model: see :func:`lake.store.analyses.models.ship`."""

    def __call__(
        self, cle: str, document: dict[str, Any], *, profils: tuple[str, ...], home: tuple[str, ...]
    ) -> str:
        """Load a model; returns what was done, in French."""
        ...


def shipped(name: str) -> Analyse:
    """A shipped analysis by its name."""
    return decode(files(__package__).joinpath(f"{name}.json").read_bytes())


def load(ship: Ships) -> Iterator[tuple[str, str]]:
    """Load every shipped analysis; twice is once.

    Args:
        ship: loads one in a store.

    Yields:
        The title of each and what was done: ``créé``, ``mis à jour``, ``inchangé``, ``gardé``.
    """
    for name in MODELES:
        yield load_one(ship, name)


def load_one(ship: Ships, name: str) -> tuple[str, str]:
    """Load one shipped analysis; returns its title and what was done."""
    analyse = shipped(name)
    home = _OF_SEGUR if name == HOME else ()
    document = json.loads(json.dumps(encode(analyse)))
    return analyse.titre, ship(name, document, profils=_OF_SEGUR, home=home)
