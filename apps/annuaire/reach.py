"""What « Accessibilité » and « Scénario » share: the parameters on the page, and the question behind both."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from apps.annuaire.base import PEOPLE
from apps.kit.data.method import Method
from apps.kit.data.view import View
from apps.kit.filters.filters import Filter, Snapshot, Territory
from apps.kit.filters.inputs import Number, Numbers, Picked
from apps.kit.style import french
from lake.catalog.ages import POPULATION as AGES_TABLE
from lake.errors import LakeError
from scoring.universes.accessibilite import ACCESSIBILITE, AGES, TOTALE

SPEED = Number(
    "vitesse",
    "Vitesse moyenne (km/h)",
    default=50,
    low=5,
    high=130,
    step=5,
    help="Par la route, de centre à centre.",
)
DETOUR = Number(
    "detour",
    "Facteur de détour",
    default=1.3,
    low=1,
    high=3,
    step=0.1,
    decimals=1,
    help="Longueur par la route sur distance à vol d'oiseau.",
)
STEPS = Numbers(
    "paliers",
    "Paliers de temps (minutes)",
    default=(5.0, 10.0, 15.0),
    help="Bornes croissantes ; au-delà de la dernière, rien n'est à portée.",
)
WEIGHTS = Numbers(
    "poids", "Poids de chaque palier", default=(1.0, 0.3, 0.1), help="De 0 à 1, un par palier, décroissants."
)
THRESHOLD = Number(
    "seuil",
    "Seuil (pour 10 000 hab.)",
    low=0.1,
    high=1_000.0,
    step=0.5,
    decimals=1,
    help="Vide : la moitié de la moyenne régionale.",
)


@dataclass(frozen=True)
class Population(Picked):
    """Which population asks for care: offered where a population by age is ingested."""

    def draw(self, view: View, *, bare: bool = False) -> None:
        """Draw the list, if there is a choice."""
        if view.data.version(AGES_TABLE) is not None:
            super().draw(view, bare=bare)


POPULATION = Population(
    "demande",
    "Population qui demande des soins",
    {"": "Standardisée par âge", TOTALE: "Totale"},
    help="Standardisée : chaque âge pèse selon son recours au médecin généraliste (DREES).",
)


def asking(view: View, **more: str) -> View:
    """The question that the page asks: the accessibility under its parameters.

    Args:
        view: what the page shows.
        more: parameters of the question beside those of the left bar (the actions of a scenario).
    """
    for one in (SPEED, DETOUR, STEPS, WEIGHTS, THRESHOLD):
        one.read(view)  # what has no meaning is told by the field's own name
    said = {one.name: view.option(one.name) for one in (*PARAMETERS, THRESHOLD)}
    return view.asking(ACCESSIBILITE, **said, **more)


def everywhere(asked: View) -> View:
    """The same question over the whole region."""
    return replace(asked, state=replace(asked.state, selection=asked.selection_apart(TERRITORIES)))


def method(view: View) -> Method:
    """How the accessibility is counted, with the population that is used."""
    return Method(
        "Accessibilité potentielle (têtes, distance)",
        "Secteur flottant à deux pas : dans chaque commune, les professionnels sont rapportés à la population qui peut "
        f"y venir, puis chaque commune additionne ce qui est à sa portée, {per(view)}. Le poids décroît par paliers "
        "de temps ; le temps vient de la distance entre les centres des communes, du détour et de la vitesse choisis. "
        f"Une personne qui exerce dans k communes compte pour 1/k dans chacune. La demande est la "
        f"{population_words(view)}",
        "Ne mesure ni le temps de travail, ni l'activité, ni les délais, ni les vrais trajets ; l'offre des régions et "
        "des pays voisins manque près des frontières. Ce n'est pas l'indicateur officiel de la DREES (APL).",
    )


def by_age(view: View) -> bool:
    """Whether the population that asks for care is standardised by age on this page."""
    return asking(view).notes()["base"] == AGES


def per(view: View) -> str:
    """``pour 10 000 habitants``, standardised where they are."""
    return f"pour 10 000 habitants{' standardisés' if by_age(view) else ''}"


def base_words(view: View) -> str:
    """Which population is used, in three words."""
    return "population standardisée par âge" if by_age(view) else "population totale"


def population_words(view: View) -> str:
    """Which population is used, in sentences."""
    return asking(view).notes()["population"]


def said(view: View) -> list[tuple[str, str]]:
    """The population used, for exports."""
    try:
        return [("Population", population_words(view))]
    except LakeError:
        return []


@dataclass(frozen=True)
class Fold:
    """The parameters, folded under one heading; each one is an option of the page of its own."""

    axes: tuple[str, ...] = ()
    shared: bool = False

    def draw(self, view: View) -> None:
        """Draw the parameters."""
        changed = [one for one in PARAMETERS if view.option(one.name)]
        with st.expander(
            french.typographic("Paramètres de calcul"),
            expanded=bool(changed),
            key=f"parametres.{view.scope.page}",
        ):
            for one in PARAMETERS:
                one.draw(view)


PARAMETERS = (SPEED, DETOUR, STEPS, WEIGHTS, POPULATION)
PARAMETER_NAMES = tuple(one.name for one in PARAMETERS)
TERRITORIES = ("commune", "epci", "departement", "region")
FILTERS: tuple[Filter, ...] = (
    *PEOPLE,
    Territory(),
    THRESHOLD,
    Fold(),
    Snapshot(),
)


def threshold_words(view: View) -> str:
    """``10,9 pour 10 000 (moitié de la moyenne)``."""
    limit = everywhere(asking(view)).value("seuil")
    text = f"{french.number(limit, 1)} pour 10 000"
    return text if THRESHOLD.read(view) is not None else f"{text} (moitié de la moyenne)"
