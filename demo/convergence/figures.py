"""What the publication printed, as data: the demo is built so that each figure comes out to its digit.

Source: Convergence, regional publication v1.2, state on 15 December 2020 (Agence du Numérique en Santé). Only
aggregates were ever published; the individual answers of the demo are made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

CAMPAGNE = date(2020, 12, 15)
ACTIFS, PUBLIABLES, TRONC_COMMUN, CONVERGENTS = 365, 332, 299, 290


@dataclass(frozen=True)
class Chiffre:
    """A printed pair: rate in %, level out of 3, with as many decimals as printed.

    Attributes:
        concernes: services concerned.
        taux: lowest and highest rate that print as published.
        niveau: lowest and highest level that print as published.
    """

    concernes: int
    taux: tuple[float, float]
    niveau: tuple[float, float]


def printed(value: float, decimals: int) -> tuple[float, float]:
    """The values that print as ``value`` with so many decimals, a hair inside the rounding."""
    half = 0.5 * 10**-decimals
    return value - 0.96 * half, value + 0.96 * half


def _exact(concernes: int, taux: float, niveau: float, decimals: int = 0) -> Chiffre:
    return Chiffre(concernes, printed(taux, decimals), printed(niveau, 2))


QUESTIONNAIRES = {
    "QR": _exact(17, 75.3, 1.91, 1),
    "QU": _exact(299, 78.8, 1.69, 1),
    "QI": _exact(299, 83.4, 1.96, 1),
}
# Where the figure was only in a picture, the words beside it bound it.
AXES = {
    ("QU", "A04.1"): Chiffre(272, (60, 90), (1.2, 2.4)),  # « 9 % des services non concernés »
    ("QU", "A04.2"): Chiffre(150, (38, 56), (0.7, 1.4)),  # « environ la moitié des services »
    ("QU", "A05"): _exact(292, 79, 1.78),
    ("QU", "A06"): Chiffre(
        197, (98.2, 99.4), (1.4, 2.2)
    ),  # « près des deux tiers », taux « proche de 100 % »
    ("QU", "A08.7"): _exact(299, 87, 1.88),
    ("QU", "A11"): _exact(112, 47, 0.54),
    ("QU", "A12"): _exact(105, 86, 2.23),
    ("QU", "A14"): _exact(64, 98, 2.36),
    ("QI", "A08.1"): Chiffre(299, (98.2, 99.4), (2.1, 2.42)),  # taux « proche de 100 % »
    ("QI", "A08.2"): _exact(182, 81, 2.09),
    ("QI", "A08.3"): _exact(171, 75, 2.02),
    ("QI", "A08.4"): _exact(100, 88, 1.90),
    ("QI", "A08.5"): _exact(205, 70, 1.56),
    ("QI", "A10"): _exact(246, 79, 1.81),
    # Nothing is printed of the regional systems' axes but their projections: A17 stays flat although every
    # axis ends at 80 % or above and at a level of 2 or more, so it is there today; A03 and A09 have to rise.
    ("QR", "A03"): Chiffre(17, (35, 60), (1.0, 1.8)),
    ("QR", "A06"): Chiffre(16, (100, 100), (1.5, 2.4)),
    ("QR", "A08.6"): Chiffre(17, (92, 98.5), (2.0, 2.6)),
    ("QR", "A09"): Chiffre(17, (45, 70), (1.35, 2.1)),
    ("QR", "A17"): Chiffre(14, (80.5, 95), (2.05, 2.5)),
}

DOMAINES = {
    "1": 3,
    "2": 9,
    "3": 7,
    "4": 11,
    "5": 6,
    "6.1": 2,
    "6.2": 56,  # printed, as 6.4, 6.5 and 7; the others share what is left
    "6.3": 3,
    "6.4": 52,
    "6.5": 60,
    "6.6": 22,
    "6.7": 5,
    "6.8": 2,
    "7": 59,
    "8": 2,
}
# region code -> publishable services, of which in the tronc commun
REGIONS = {
    "84": (13, 13),
    "27": (16, 14),
    "53": (14, 14),
    "24": (12, 12),
    "94": (11, 11),
    "44": (27, 21),
    "01": (35, 34),
    "03": (18, 17),
    "32": (20, 20),
    "11": (18, 18),
    "04": (14, 14),
    "02": (30, 29),
    "28": (21, 20),
    "75": (26, 14),
    "76": (19, 15),
    "52": (20, 16),
    "93": (18, 17),
}
SIGLES = {
    "84": "ARA",
    "27": "BFC",
    "53": "BRE",
    "24": "CVL",
    "94": "COR",
    "44": "GES",
    "01": "GUA",
    "03": "GUY",
    "32": "HDF",
    "11": "IDF",
    "04": "REU",
    "02": "MAR",
    "28": "NOR",
    "75": "NAQ",
    "76": "OCC",
    "52": "PDL",
    "93": "PAC",
}


@dataclass(frozen=True)
class Solution:
    """A printed solution: its domains, in how many regions, used by how many services, for which types."""

    editeur: str
    solution: str
    domaines: tuple[str, ...]
    regions: int
    services: int
    types: tuple[str, ...]


_ONCO = ("Outillage des équipes d'oncologie (DCC)", "Outillage des RCP")
_MSS = ("MSSanté (Client)", "MSSanté (Serveur)")
SOLUTIONS = (
    Solution("Maincare", "IdeoPHM ou IdeoCM", ("6.2",), 7, 26, ("Outillage des SNAC",)),
    Solution("Orion Health", "Coordinate", ("6.2",), 3, 8, ("Outillage des SNAC",)),
    Solution("Ki-Lab", "Globule", ("6.2",), 5, 5, ("Outillage des SNAC",)),
    Solution("Maincare", "DCC", ("6.2",), 4, 5, _ONCO[:1]),
    Solution("Inovelan", "WebDCR", ("6.2",), 3, 6, _ONCO),
    Solution(
        "Maincare",
        "Covalia",
        ("6.5",),
        11,
        26,
        ("Téléconsultation planifiée", "Téléexpertise planifiée", "Téléexpertise non planifiée"),
    ),
    Solution("GRADeS AURA", "ViaTrajectoire", ("6.6",), 15, 20, ("PA", "PH", "Sanitaire")),
    Solution("Maincare", "MSSanté", ("6.4",), 5, 8, _MSS),
    Solution("MiPIH", "Médimail", ("6.4",), 3, 6, _MSS),
    Solution("Enovacom", "Secure Messaging", ("6.4",), 3, 4, _MSS),
    Solution("PLEIADES", "ROR-IR", ("7",), 8, 15, ("ROR",)),
    Solution("GRADeS PACA", "ROR-PACA", ("7",), 9, 26, ("ROR",)),
    Solution("PLEIADES", "STIC", ("7",), 3, 4, ("SRRI",)),
    Solution("Maincare", "Ideoidentity", ("7",), 11, 20, ("SRI", "SRRI")),
    Solution("Maincare", "IdeoDirectory", ("7",), 7, 12, ("Annuaire",)),
    Solution("Maincare", "IdeoODS", ("7",), 4, 8, ("Annuaire",)),
    Solution("Maincare", "IdeoSSO", ("4", "5"), 8, 11, ("SSO",)),
    Solution("Maincare", "Portail", ("2", "3"), 9, 14, ("Portail",)),
)
EDITEURS = {("6.2",): 12, ("6.5",): 10, ("6.6",): 5, ("6.4",): 14, ("7",): 5, ("2", "3", "4", "5"): 3}
"""Editors per domain (or group of domains), as printed."""


@dataclass(frozen=True)
class Trajectoire:
    """What the publication says of an axis's plans, over the services that converge.

    Attributes:
        annees: years to the plateau (0: flat, nothing is planned).
        taux: bounds of the rate at the plateau (%).
        niveau: bounds of the level at the plateau.
        paliers: steps at the ends of years only.
        debut: share of the gain that is there at the end of 2022, as bounds.
    """

    annees: int
    taux: tuple[float, float]
    niveau: tuple[float, float]
    paliers: bool = False
    debut: tuple[float, float] = (0.55, 0.85)


# A plateau is reached to its printed digit, with what other figures impose: every axis but A04.2 and A11 ends
# at 80 % or above (A04.2 just below: it prints 80), every axis but A11 at a level of 2 or above; A08.3 cannot
# be at 80 % and 2.5 at once (the test of the printed figures proves it): 2.4; A05's « 2 » is read to the
# nearest quarter, for a fifth of its answers are above their expected level already.
_LIBRE = (2.05, 2.9)
TRAJECTOIRES = {
    ("QU", "A04.1"): Trajectoire(3, printed(95, 0), _LIBRE),
    ("QU", "A04.2"): Trajectoire(3, (79.52, 79.98), _LIBRE),
    ("QU", "A05"): Trajectoire(2, printed(95, 0), (2.001, 2.099)),
    ("QU", "A06"): Trajectoire(2, (99.52, 100.0), printed(2.5, 1)),
    ("QU", "A08.7"): Trajectoire(3, printed(95, 0), printed(2.5, 1)),
    ("QU", "A11"): Trajectoire(2, printed(75, 0), printed(1.5, 1)),
    ("QU", "A12"): Trajectoire(3, printed(90, 0), (2.25, 2.8)),
    ("QU", "A14"): Trajectoire(0, (0, 100), (0, 3)),
    ("QI", "A08.1"): Trajectoire(3, (99.52, 100.0), printed(2.5, 1)),
    ("QI", "A08.2"): Trajectoire(2, printed(90, 0), printed(2.5, 1)),
    ("QI", "A08.3"): Trajectoire(4, (80.02, 80.48), (2.376, 2.42), debut=(0.3, 0.7)),
    ("QI", "A08.4"): Trajectoire(3, (99.52, 100.0), (2.001, 2.048)),
    ("QI", "A08.5"): Trajectoire(2, printed(90, 0), printed(2.25, 2)),
    ("QI", "A10"): Trajectoire(5, printed(95, 0), _LIBRE, paliers=True, debut=(0.25, 0.6)),
    ("QR", "A03"): Trajectoire(1, (98.0, 100.0), (2.9, 3.0)),
    ("QR", "A06"): Trajectoire(2, (100.0, 100.0), (2.1, 2.9)),
    ("QR", "A08.6"): Trajectoire(1, (100.0, 100.0), (2.1, 3.0)),
    ("QR", "A09"): Trajectoire(5, (85.0, 92.0), (2.5, 2.9), debut=(0.25, 0.6)),
    ("QR", "A17"): Trajectoire(0, (0, 100), (0, 3)),
}
