"""The pages of the directory."""

from __future__ import annotations

from typing import Any

from apps.annuaire.accessibilite import ACCESSIBILITE
from apps.annuaire.carte import CARTE
from apps.annuaire.diagnostic.page import DIAGNOSTIC
from apps.annuaire.donnees import DONNEES
from apps.annuaire.evolution import EVOLUTION
from apps.annuaire.glossary import defined
from apps.annuaire.notice import NOTICE_PAGE
from apps.annuaire.qualite import QUALITE
from apps.annuaire.repertoire import REPERTOIRE
from apps.annuaire.scenario import SCENARIO
from apps.kit.shell.portal import declare

PAGES = tuple(
    defined(page)
    for page in (
        CARTE,
        DIAGNOSTIC,
        ACCESSIBILITE,
        SCENARIO,
        EVOLUTION,
        REPERTOIRE,
        QUALITE,
        DONNEES,
        NOTICE_PAGE,
    )
)


def pages(prefix: str = "") -> dict[str, list[Any]]:
    """The application's pages, for the portal or alone."""
    return declare(PAGES, prefix)
