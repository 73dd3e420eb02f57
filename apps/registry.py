"""The applications of the suite: one line each. The portal, the server and the command line read this list."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lake.errors import UnknownName

PORTAL = "portail"


@dataclass(frozen=True)
class App:
    """One application.

    Attributes:
        name: name on the command line and before its addresses.
        title: title in the menu.
        module: module that declares ``pages(prefix="") -> {section: [page]}``.
    """

    name: str
    title: str
    module: str

    def pages(self, prefix: str = "") -> dict[str, list[Any]]:
        """The application's pages, by section of its menu."""
        declared: Callable[[str], dict[str, list[Any]]] = importlib.import_module(self.module).pages
        return declared(prefix)


APPS: tuple[App, ...] = (
    App("annuaire", "Annuaire", "apps.annuaire.declaration"),
    App("segur", "Ségur", "apps.segur.declaration"),
    App("convergence", "Convergence", "apps.convergence.declaration"),
)


def app(name: str) -> App:
    """An application by name.

    Raises:
        UnknownName: there is none; close names are suggested.
    """
    for known in APPS:
        if known.name == name:
            return known
    raise UnknownName("application", name, [known.name for known in APPS])


def menu(name: str = PORTAL) -> dict[str, list[Any]]:
    """What the menu shows: every application under its own drop-down, or one application's sections."""
    if name not in ("", PORTAL):
        return app(name).pages()
    sections = {}
    for known in APPS:
        sections[known.title] = [page for pages in known.pages(known.name).values() for page in pages]
    return sections
