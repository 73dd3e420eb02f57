"""The pages of the front door, and what every page bears because of it."""

from __future__ import annotations

from typing import Any

from apps.acces.accueil import ACCUEIL
from apps.acces.collaborateurs import COLLABORATEURS
from apps.acces.compte import COMPTE
from apps.acces.connexion import CONNEXION, DECONNEXION, INCONNU
from apps.acces.connexion import arrive as _arrive
from apps.acces.inscription import ACTIVATION, INSCRIPTION, OUBLI
from apps.acces.journal import JOURNAL
from apps.acces.mentions import ACCESSIBILITE, MENTIONS
from apps.kit import access
from apps.kit.portal import HIDDEN, declare_screens

LEGAL = (MENTIONS, ACCESSIBILITE)
VISITORS = (CONNEXION, INSCRIPTION, OUBLI, ACTIVATION, INCONNU)
MEMBERS = (COMPTE, COLLABORATEURS, JOURNAL, DECONNEXION)
FOOTER = (
    '<p class="obs-pied"><a href="./mentions-legales" target="_self">Mentions légales et données personnelles</a> · '
    '<a href="./declaration-accessibilite" target="_self">Accessibilité du site</a></p>'
)
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
    visitors, members = declare_screens(VISITORS), declare_screens(MEMBERS)
    if person is None:
        found[DOOR] = visitors
        found[HIDDEN] += [page for page in members if page.visibility == "hidden"]
    else:
        found[person.name] = members
        found[HIDDEN] += [page for page in visitors if page.visibility == "hidden"]
    return found


def arrive() -> None:
    """Take in whom an identity provider has just sent back."""
    if not access.is_open():
        _arrive()
