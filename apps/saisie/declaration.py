"""The screens of the entry."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apps.kit.pages.page import Page
from apps.kit.shell.portal import declare_screens
from apps.saisie.administration import REFERENTIEL
from apps.saisie.ameliorations import AMELIORATIONS
from apps.saisie.appuis import APPUIS
from apps.saisie.campagnes import CAMPAGNE
from apps.saisie.catalogue import CATALOGUE
from apps.saisie.commencer import COMMENCER
from apps.saisie.equipe import EQUIPE
from apps.saisie.guide import AIDE
from apps.saisie.historique import HISTORIQUE
from apps.saisie.interpretations import INTERPRETATIONS
from apps.saisie.plan import PLAN
from apps.saisie.questionnaire import QUESTIONNAIRE
from apps.saisie.recommandations import RECOMMANDATIONS
from apps.saisie.semblable import SEMBLABLE
from apps.saisie.tableau import TABLEAU
from apps.saisie.validation import VALIDATION

PAGES: tuple[Page, ...] = ()
"""No page of figures: what is validated here is shown by the pages of Convergence."""
SCREENS = (
    TABLEAU,
    COMMENCER,
    QUESTIONNAIRE,
    PLAN,
    VALIDATION,
    HISTORIQUE,
    RECOMMANDATIONS,
    SEMBLABLE,
    APPUIS,
    INTERPRETATIONS,
    EQUIPE,
    REFERENTIEL,
    CAMPAGNE,
    AMELIORATIONS,
    AIDE,
    CATALOGUE,
)


def pages(prefix: str = "") -> dict[str, list[Any]]:
    """The application's screens, for the portal or alone."""
    return {"": declare_screens([replace(one, name=f"saisie-{one.name}") for one in SCREENS])}
