"""The screens of the SAS."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apps.kit.access import access
from apps.kit.shell.portal import HIDDEN, declare, declare_screens
from apps.kit.shell.screen import Screen
from apps.sas import acces
from apps.sas.adhesion import REJOINDRE
from apps.sas.agenda import AGENDA
from apps.sas.comptes import COMPTES
from apps.sas.consultation import CONSULTATION
from apps.sas.neutralite import NEUTRALITE
from apps.sas.orientations import ORIENTATIONS
from apps.sas.pilotage import PILOTAGE
from apps.sas.retour import RETOUR
from apps.sas.territoires import NOMMES

SCREENS = (CONSULTATION, ORIENTATIONS, AGENDA, REJOINDRE, COMPTES, NEUTRALITE, NOMMES, RETOUR)
PAGES = PILOTAGE
"""Pages of universes: the measures of the SAS."""


def shown() -> list[Screen]:
    """The screens of the reader at hand; one that has nothing more to offer keeps its address, out of the menu."""
    keeps = acces.tient(access.reader())
    return [
        replace(one, listed=False) if one is REJOINDRE and keeps else one
        for one in SCREENS
        if access.admits(one.audience)
    ]


def pages(prefix: str = "") -> dict[str, list[Any]]:
    """The application's screens, for the portal or alone; their addresses are the same."""
    mine = shown()
    others = [one for one in SCREENS if not access.admits(one.audience)]
    found: dict[str, list[Any]] = {HIDDEN: declare_screens(others)} if others else {}
    if mine:
        found[""] = declare_screens(mine)
    for section, entries in declare(PAGES, prefix).items():
        found.setdefault(section, []).extend(entries)
    return found
