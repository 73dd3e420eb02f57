"""Proportions of the demonstration: professions, invented structures and editors, shape of each indicator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PROFESSIONS: Mapping[str, float] = {
    "60": 520, "10": 235, "70": 96, "21": 75, "40": 46, "91": 28, "93": 78, "50": 25, "31": 18,
    "28": 42, "80": 14, "86": 40, "94": 15, "95": 14, "96": 15, "98": 35, "71": 12, "92": 6, "26": 5,
    "69": 8, "72": 4, "81": 2, "82": 1, "83": 1, "84": 1, "85": 1, "35": 60, "36": 22,
}  # fmt: skip
"""Relative number of professionals, by profession code (order of magnitude of the national directory)."""

HABITANTS: Mapping[str, int] = {
    "01": 657, "02": 525, "03": 334, "04": 166, "05": 141, "06": 1103, "07": 330, "08": 267,
    "09": 154, "10": 312, "11": 377, "12": 279, "13": 2048, "14": 700, "15": 144, "16": 351,
    "17": 660, "18": 299, "19": 240, "2A": 162, "2B": 185, "21": 535, "22": 604, "23": 115,
    "24": 414, "25": 548, "26": 520, "27": 599, "28": 431, "29": 918, "30": 756, "31": 1434,
    "32": 192, "33": 1654, "34": 1201, "35": 1098, "36": 217, "37": 612, "38": 1285, "39": 259,
    "40": 419, "41": 328, "42": 768, "43": 228, "44": 1457, "45": 684, "46": 175, "47": 331,
    "48": 77, "49": 824, "50": 495, "51": 563, "52": 169, "53": 306, "54": 732, "55": 181,
    "56": 769, "57": 1049, "58": 202, "59": 2606, "60": 829, "61": 276, "62": 1461, "63": 665,
    "64": 692, "65": 231, "66": 485, "67": 1152, "68": 768, "69": 1895, "70": 233, "71": 549,
    "72": 566, "73": 443, "74": 841, "75": 2146, "76": 1255, "77": 1439, "78": 1456, "79": 375,
    "80": 568, "81": 393, "82": 263, "83": 1095, "84": 564, "85": 695, "86": 440, "87": 371,
    "88": 360, "89": 334, "90": 140, "91": 1314, "92": 1635, "93": 1668, "94": 1416, "95": 1261,
    "971": 384, "972": 361, "973": 285, "974": 871, "976": 300,
}  # fmt: skip
"""Inhabitants of each department, in thousands, rounded (INSEE): only to weigh departments of a region."""

EDITEURS: Mapping[str, tuple[str, ...]] = {
    "ES": ("Alizé Santé", "Boréal Santé", "Cordanel", "Delphis Soins"),
    "EMS": ("Égéria", "Brocéliande Systèmes", "Gérolog", "Hestia Santé", "Ilisse"),
    "LABO": ("Labrisse", "Mésange Bio"),
    "officine": ("Noria Officine", "Orphée Pharma", "Pastel Pharma", "Quartz Officine"),
    "radiologie": ("Radiance", "Sélène Imagerie"),
    "centre de santé": ("Tilleul Santé", "Vermeil Santé"),
    "PS libéral": ("Tilleul Santé", "Horizon Soins", "Vermeil Santé", "Wagram Soins"),
}


@dataclass(frozen=True)
class StructureKind:
    """A kind of invented structure: name, actor type, how many by department, relative activity."""

    name: str
    type_acteur: str
    count: int
    size: float


KINDS = (
    StructureKind("Centre hospitalier", "ES", 3, 8.0),
    StructureKind("Clinique", "ES", 3, 4.0),
    StructureKind("EHPAD", "EMS", 7, 0.7),
    StructureKind("Foyer d'accueil", "EMS", 3, 0.4),
    StructureKind("Laboratoire", "LABO", 3, 3.0),
    StructureKind("Pharmacie", "officine", 7, 0.5),
    StructureKind("Cabinet d'imagerie", "radiologie", 3, 1.5),
    StructureKind("Centre de santé", "centre de santé", 2, 0.8),
)


@dataclass(frozen=True)
class Series:
    """The shape of one indicator over structures.

    Attributes:
        code: the indicator.
        level: value of a structure of size 1 once grown.
        types: actor types concerned.
        delay: months after the structure's adoption.
        ripening: months to about two thirds of the level.
        seasonal: acts of the month, that follow the season.
        presence: 1 once adopted, 0 before.
        by_editor: rows name the software's editor.
    """

    code: str
    level: float
    types: tuple[str, ...]
    delay: int = 0
    ripening: float = 7.0
    seasonal: bool = False
    presence: bool = False
    by_editor: bool = True


LIBERAL = "PS libéral"
LIBERAL_PROFESSIONS = ("10", "60", "70")
_ALL = ("ES", "EMS", "LABO", "officine", "radiologie", "centre de santé", LIBERAL)
_PATIENTS = ("ES", "EMS", "LABO", "radiologie", "centre de santé", LIBERAL)

STRUCTURE_SERIES = (
    Series("insi_recuperations", 420, _PATIENTS, seasonal=True),
    Series("insi_verifications", 260, _PATIENTS, delay=1, seasonal=True),
    Series("insi_structures_actives", 1, _PATIENTS, presence=True),
    Series("insi_identites", 5200, _PATIENTS, ripening=4),
    Series("insi_identites_qualifiees", 3100, _PATIENTS, ripening=9),
    Series("dmp_documents", 310, _ALL, delay=2, seasonal=True),
    Series("dmp_alimentes", 190, _ALL, delay=2, seasonal=True),
    Series("dmp_structures_alimentantes", 1, _ALL, delay=2, presence=True),
    Series("mss_boites", 22, _ALL, ripening=10),
    Series("mss_boites_actives", 15, _ALL, ripening=14),
    Series("mss_messages_emis", 380, _ALL, seasonal=True),
    Series("mss_messages_recus", 410, _ALL, seasonal=True),
    Series("mss_messages_patients", 16, _ALL, delay=8, seasonal=True),
    Series("certificats_insi", 2, _PATIENTS, ripening=5, by_editor=False),
    Series("certificats_autres", 3, _ALL, ripening=12, by_editor=False),
    Series("certificats_etablissements", 1, _ALL, presence=True, by_editor=False),
    Series("asp_logiciels_commandes", 3, _ALL, delay=-2),
    Series("asp_logiciels_installes", 3, _ALL, delay=2, ripening=9),
    Series("asp_logiciels_payes", 3, _ALL, delay=4, ripening=12),
    Series("securite_audits", 1.2, ("ES", "EMS"), seasonal=True, by_editor=False),
    Series("securite_plans", 1, ("ES", "EMS"), ripening=16, by_editor=False),
)
