"""The pages of the front door, and what every page bears because of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apps.acces.accueil import ACCUEIL
from apps.acces.collaborateurs import COLLABORATEURS
from apps.acces.compte import COMPTE
from apps.acces.connexion import CONNEXION, DECONNEXION, INCONNU
from apps.acces.connexion import arrive as _arrive
from apps.acces.inscription import ACTIVATION, INSCRIPTION, OUBLI
from apps.acces.journal import JOURNAL
from apps.acces.mentions import ACCESSIBILITE, MENTIONS
from apps.kit.access import access
from apps.kit.shell.portal import HIDDEN, declare_screens

LEGAL = (MENTIONS, ACCESSIBILITE)
VISITORS = (CONNEXION, INSCRIPTION, OUBLI, ACTIVATION, INCONNU)
MEMBERS = (COMPTE, COLLABORATEURS, JOURNAL, DECONNEXION)
DOOR = "Accès"


def pages(*, home: bool = True) -> dict[str, list[Any]]:
    """The pages of the front door for this reader, by section of the menu.

    Args:
        home: whether the home page opens the menu (the portal), or one application does.
    """
    found: dict[str, list[Any]] = {"": declare_screens([ACCUEIL]) if home else []}
    found[HIDDEN] = declare_screens(LEGAL)
    if access.is_open():
        return found
    person = access.reader()
    # What is not in the menu keeps its address: an open tab, a bookmark, a link of a message still find it.
    mine, others = (VISITORS, MEMBERS) if person is None else (MEMBERS, VISITORS)
    found[DOOR if person is None else person.name] = declare_screens(mine)
    found[HIDDEN] += declare_screens([replace(one, listed=False) for one in others])
    return found


def arrive() -> None:
    """Take in whom an identity provider has just sent back."""
    if not access.is_open():
        _arrive()
