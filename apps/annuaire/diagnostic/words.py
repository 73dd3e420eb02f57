"""What « Diagnostic » says of its figures: how they are counted, whom a territory is ranked among."""

from __future__ import annotations

from apps.kit.data.method import Method
from apps.kit.style import french
from scoring.universes.diagnostic import PARTNER

PEERS = {
    "commune": ("commune", "communes"),
    "epci": ("EPCI", "EPCI"),
    "departement": ("département", "départements"),
    PARTNER: ("territoire partenaire", "territoires partenaires"),
}
METHODS = (
    Method(
        "Effectif et densité",
        "Personnes distinctes qui ont au moins une activité dans le territoire ; pour 10 000 habitants (population "
        "municipale INSEE 2023). Le département et la région de comparaison sont ceux que le territoire touche.",
        "Ne mesure pas le temps de présence : une personne compte pour une dans chaque territoire où elle exerce.",
    ),
    Method(
        "Rang",
        "Rang de la densité parmi les territoires de même nature de la région, le 1er étant le mieux doté ; les "
        "égaux partagent le meilleur rang. Un territoire composé est classé comme un EPCI de plus.",
    ),
    Method(
        "Évolution",
        "Entre les deux extractions : début + arrivées + entrées − départs − sorties = fin, à l'unité.",
        "Un départ est une disparition de l'extraction, non une cessation d'activité constatée.",
    ),
    Method(
        "Communes sans personne",
        "Aucune activité déclarée dans la commune ; distance à vol d'oiseau entre les centres, et temps par la "
        "route estimé (détour 1,3, 50 km/h).",
        "Ne mesure ni les vrais trajets, ni l'offre au-delà de la région.",
    ),
    Method(
        "Voisins et territoires semblables",
        "Un voisin touche le territoire. Un semblable est un territoire de même nature, dans la région, de la même "
        "classe de densité (habitants au km² : moins de 30, 60, 120, 300, au-delà) et de la même classe de "
        "population ; au plus huit, les densités les plus proches d'abord. L'accessibilité est celle de la page "
        "Accessibilité.",
    ),
)


def rank_words(rank: int | None) -> str:
    """``1er``, ``12e``; a dash without rank."""
    if rank is None:
        return french.ABSENT
    return f"{french.number(rank)}{'er' if rank == 1 else 'e'}"
