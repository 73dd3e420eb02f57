"""What « Accessibilité » and « Scénario » share: the parameters on the page, and the figures behind both."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import streamlit as st

from apps.kit.data.method import Method
from apps.kit.data.view import View
from apps.kit.filters.filters import Choice, Filter, Snapshot, Territory
from apps.kit.filters.inputs import Number, Numbers, Picked
from apps.kit.style import french
from lake.catalog.ages import POPULATION as AGES_TABLE
from lake.errors import LakeError
from scoring.annuaire.inside import everywhere
from scoring.reach import asked as asked
from scoring.reach import official as official_apl
from scoring.reach.floating import Accessibilite, Parametres

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
    {"": "Standardisée par âge", asked.TOTALE: "Totale"},
    help="Standardisée : chaque âge pèse selon son recours au médecin généraliste (DREES).",
)


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


def per(view: View) -> str:
    """``pour 10 000 habitants``, standardised where they are."""
    return f"pour 10 000 habitants{' standardisés' if demanded(view).base == asked.AGES else ''}"


def demanded(view: View) -> asked.Demande:
    """Which population asks for care on this page."""
    return ground(view).population


def base_words(view: View) -> str:
    """Which population is used, in three words."""
    return "population standardisée par âge" if demanded(view).base == asked.AGES else "population totale"


def population_words(view: View) -> str:
    """Which population is used, in sentences."""
    return demanded(view).words(generalistes=official_apl.profession(view.selection) == "10")


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
        with st.expander(french.typographic("Paramètres de calcul"), expanded=bool(changed)):
            for one in PARAMETERS:
                one.draw(view)


PARAMETERS = (SPEED, DETOUR, STEPS, WEIGHTS, POPULATION)
PARAMETER_NAMES = tuple(one.name for one in PARAMETERS)
FILTERS: tuple[Filter, ...] = (
    Choice("profession", shared=True),
    Choice("specialite", shared=True),
    Choice("mode_exercice", shared=True),
    Territory(),
    THRESHOLD,
    Fold(),
    Snapshot(),
)


def assumed(view: View) -> Parametres:
    """The parameters of the page.

    Raises:
        LakeError: one of them has no meaning.
    """
    return asked.parametres(SPEED.read(view), DETOUR.read(view), STEPS.read(view), WEIGHTS.read(view))


def ground(view: View) -> asked.Terrain:
    """The communes and their neighbourhood under the parameters (kept)."""
    how, base = assumed(view), view.option(POPULATION.name)
    found: asked.Terrain = view.data.kept(
        ("acces", how, base), asked.TABLES[1:], lambda: asked.terrain(view.data.scan, how, base)
    )
    return found


def offer(view: View) -> pl.DataFrame:
    """The heads of the professionals selected, by commune of the region (cached)."""
    selection = everywhere(view.data.dated(view.universe, view.selection))
    found: pl.DataFrame = view.data.cached(
        ("acces offre", selection),
        [view.universe.table],
        lambda: asked.offered(view.data.scan, selection, restrict=view.data.access.restrict),
    )
    return found


def result(view: View) -> Accessibilite:
    """The accessibility of every commune (cached)."""
    how, selection = assumed(view), everywhere(view.data.dated(view.universe, view.selection))
    found: Accessibilite = view.data.cached(
        ("acces resultat", how, view.option(POPULATION.name), selection),
        asked.TABLES,
        lambda: asked.computed(ground(view), offer(view)),
    )
    return found


def communes(view: View, apart: str = "") -> pl.DataFrame:
    """The communes of the territories selected, with their accessibility; the filter of one axis may be left out."""
    selection = view.selection.without(apart) if apart else view.selection
    return asked.shown(ground(view), result(view).communes, selection)


def threshold(view: View) -> float:
    """The threshold of the page: the reader's, or half of the mean of the region."""
    given = THRESHOLD.read(view)
    return asked.usual_threshold(result(view).communes) if given is None else given


def threshold_words(view: View) -> str:
    """``10,9 pour 10 000 (moitié de la moyenne)``."""
    text = f"{french.number(threshold(view), 1)} pour 10 000"
    return text if THRESHOLD.read(view) is not None else f"{text} (moitié de la moyenne)"
