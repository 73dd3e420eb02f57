"""« Base de comptage »: what the directory's pages count, chosen once, everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from apps.kit.data.view import View
from apps.kit.filters.filters import Choice
from apps.kit.filters.inputs import Picked
from apps.kit.style import french
from apps.kit.views.own import METHODS, WORDS
from scoring.universes.annuaire import Base

PEOPLE = tuple(Choice(name, shared=True) for name in ("profession", "specialite", "mode_exercice"))
"""Who is counted: among the filters of a page, ``filters=(Territory(), *PEOPLE, Snapshot(), BASE)``."""
BASE = Picked(
    "base",
    "Base de comptage",
    {
        Base.PERSONNES: "Personnes, chaque territoire",
        Base.PERSONNES_PRINCIPAL: "Personnes, lieu principal",
        Base.ACTIVITES: "Activités",
        Base.SITES: "Sites",
    },
    shared=True,
    help=(
        "Une personne qui exerce dans deux territoires compte dans chacun et une seule fois dans le total, ou "
        "seulement dans son territoire principal : les territoires s'additionnent alors. Une activité est une "
        "ligne publiée, un site un lieu d'exercice."
    ),
)
"""What is counted of them: the switch."""


@dataclass(frozen=True)
class Counted:
    """What is counted under a base, and the words for it.

    Attributes:
        base: the base.
        effectif: measure of the count.
        densite: measure of the density.
        part: measure of the share located.
        label: label of the count's figure.
        one: noun, singular.
        many: noun, plural.
        sums: how the territories relate to the total, in one sentence.
    """

    base: Base
    effectif: str
    densite: str
    part: str
    label: str
    one: str
    many: str
    sums: str

    @property
    def figures(self) -> tuple[str, str, str]:
        """The three figures of a selection, asked in one question: the count, its density, the share located."""
        return self.effectif, self.densite, self.part

    def count(self, number: float | int | None) -> str:
        """``4 871 personnes``, ``12 sites``."""
        return french.counted(int(number or 0), self.one, self.many)

    @property
    def located(self) -> str:
        """``localisé`` or ``localisée``: agrees with the label (professionnels, activités, sites)."""
        return "localisée" if self.base is Base.ACTIVITES else "localisé"

    @property
    def feminine(self) -> bool:
        """Whether the noun is feminine (personne, activité)."""
        return self.base is not Base.SITES

    @property
    def placed(self) -> str:
        """``localisé`` or ``localisée``: agrees with the noun (personne, activité, site)."""
        return "localisée" if self.feminine else "localisé"


_BASES = {
    one.base: one
    for one in (
        Counted(
            Base.PERSONNES,
            "professionnels",
            "densite_pour_10000",
            "part_localises",
            "Professionnels",
            "personne",
            "personnes",
            "Une personne qui exerce dans plusieurs territoires compte une fois dans chacun et une fois dans le total.",
        ),
        Counted(
            Base.PERSONNES_PRINCIPAL,
            "professionnels_principal",
            "densite_principal_pour_10000",
            "part_localises_principal",
            "Professionnels",
            "personne",
            "personnes",
            "Chaque personne compte dans son seul territoire principal : les territoires s'additionnent.",
        ),
        Counted(
            Base.ACTIVITES,
            "activites",
            "activites_pour_10000",
            "part_activites_localisees",
            "Activités",
            "activité",
            "activités",
            "Chaque ligne d'activité compte : les territoires s'additionnent.",
        ),
        Counted(
            Base.SITES,
            "sites",
            "sites_pour_10000",
            "part_sites_localises",
            "Sites",
            "site",
            "sites",
            "Un site compte une fois dans chaque territoire où il est connu, et une fois dans le total.",
        ),
    )
}


def sentences() -> dict[str, str]:
    """How the territories relate to the total under each base, by its name in the address."""
    return {base.value: one.sums for base, one in _BASES.items()}


def counted(view: View) -> Counted:
    """What the page counts now; persons where it has no switch."""
    return _BASES[Base(view.option(BASE.name) or Base.PERSONNES)]


METHODS["base.effectif"] = lambda view: (counted(view).effectif,)
METHODS["base.densite"] = lambda view: (counted(view).densite,)
WORDS["base_effectif"] = lambda s: counted(s.view).effectif
WORDS["base_densite"] = lambda s: counted(s.view).densite
WORDS["base"] = lambda s: counted(s.view).label
WORDS["base_noms"] = lambda s: counted(s.view).many
