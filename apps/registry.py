"""The applications of the suite: one line each. The portal, the server and the command line read this list."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.kit.access import access
from apps.kit.shell.portal import HIDDEN
from apps.kit.shell.warmup import unremarked
from lake.errors import UnknownName

PORTAL = "portail"
FRONT = "apps.acces.declaration"
UPKEEP = "apps.exploitation.declaration"
"""The page of administrators: no application, it stands under their name in the whole suite's menu."""


@dataclass(frozen=True)
class App:
    """One application.

    Attributes:
        name: name on the command line and before its addresses.
        title: title in the menu.
        module: module that declares ``pages(prefix="") -> {section: [page]}``.
        home: name of its first page.
        text: what it holds, in one sentence, for the home page.
        members: whether it is for persons who are signed in, whatever they open; an open network has none.
        universe: the universe whose rights open it; the application's own name by default.
        anywhere: whether an open network, where nobody signs in, has it although it is for members.
    """

    name: str
    title: str
    module: str
    home: str
    text: str
    members: bool = False
    universe: str = ""
    anywhere: bool = False

    @property
    def opened_by(self) -> str:
        """The universe whose rights open it."""
        return self.universe or self.name

    @property
    def address(self) -> str:
        """The address of its first page in the suite."""
        return f"{self.name}-{self.home}"

    @property
    def offered(self) -> bool:
        """Whether this installation has it at all."""
        return not self.members or self.anywhere or not access.is_open()

    @property
    def opened(self) -> bool:
        """Whether the reader at hand may open it."""
        if not self.members:
            return access.may_open(self.opened_by)
        return access.reader() is not None or (self.anywhere and access.is_open())

    def pages(self, prefix: str = "") -> dict[str, list[Any]]:
        """The application's pages, by section of its menu."""
        declared: Callable[[str], dict[str, list[Any]]] = importlib.import_module(self.module).pages
        return declared(prefix)


APPS: tuple[App, ...] = (
    App(
        "analyses",
        "Analyses",
        "apps.analyses.declaration",
        "indicateurs",
        "Vos indicateurs clés, les analyses de référence et les vôtres : composées, partagées, suivies.",
        members=True,
    ),
    App(
        "annuaire",
        "Annuaire",
        "apps.annuaire.declaration",
        "carte",
        "Les professionnels de santé du Grand Est sur la carte : combien, où, depuis quand, ce qui manque.",
    ),
    App(
        "segur",
        "Ségur",
        "apps.segur.declaration",
        "synthese",
        "Identité, messagerie, dossier partagé : l’adoption des services, mois par mois et région par région.",
    ),
    App(
        "convergence",
        "Convergence",
        "apps.convergence.declaration",
        "synthese",
        "Les services numériques régionaux face à la doctrine : maturité, trajectoire, dépendances.",
    ),
    App(
        "sas",
        "SAS",
        "apps.sas.declaration",
        "consultation",
        "Les soins non programmés : trouver qui peut recevoir un patient, offrir des heures, les administrer.",
        members=True,
        anywhere=True,
    ),
    App(
        "saisie",
        "Saisie",
        "apps.saisie.declaration",
        "tableau",
        "Décrire son système d’information, répondre, planifier, valider : la campagne en cours de Convergence.",
        members=True,
        universe="convergence",
    ),
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


def declare() -> None:
    """Import what the first visitor's menu would: every page of what this server shows (``OBS_APP``)."""
    asked = os.environ.get("OBS_APP", "")
    alone = asked not in ("", PORTAL)
    shown = [app(asked).module] if alone else [*(known.module for known in APPS), UPKEEP]
    with unremarked():
        for module in (FRONT, *shown):
            importlib.import_module(module)


def menu(name: str = PORTAL) -> dict[str, list[Any]]:
    """What the menu shows this reader: every application under its own drop-down, or one application's sections.

    The front door comes along: the home page before, the account after. Pages that are not for this reader keep
    their address, out of the menu, and answer that they are refused.
    """
    alone = name not in ("", PORTAL)
    door: Callable[..., dict[str, list[Any]]] = importlib.import_module(FRONT).pages
    front = door(home=not alone)
    sections: dict[str, list[Any]] = {"": front.pop("", [])}
    if alone:
        for section, pages in app(name).pages().items():
            sections.setdefault(section, []).extend(pages)
    else:
        for known in APPS:
            for section, pages in known.pages(known.name).items():
                sections.setdefault(section if section == HIDDEN else known.title, []).extend(pages)
    for section, pages in front.items():
        sections.setdefault(section, []).extend(pages)
    if not alone:
        looked_after: Callable[[], dict[str, list[Any]]] = importlib.import_module(UPKEEP).pages
        for section, pages in looked_after().items():
            sections.setdefault(section, []).extend(pages)
    return {section: pages for section, pages in sections.items() if pages}
