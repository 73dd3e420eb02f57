"""The regions by code or by label, as declarations write them.

Source: INSEE, Code officiel géographique (regions of 2016 on, and the collectivities overseas).
"""

from __future__ import annotations

from lake.text import words

REGIONS = {
    "01": "Guadeloupe",
    "02": "Martinique",
    "03": "Guyane",
    "04": "La Réunion",
    "06": "Mayotte",
    "11": "Île-de-France",
    "24": "Centre-Val de Loire",
    "27": "Bourgogne-Franche-Comté",
    "28": "Normandie",
    "32": "Hauts-de-France",
    "44": "Grand Est",
    "52": "Pays de la Loire",
    "53": "Bretagne",
    "75": "Nouvelle-Aquitaine",
    "76": "Occitanie",
    "84": "Auvergne-Rhône-Alpes",
    "93": "Provence-Alpes-Côte d'Azur",
    "94": "Corse",
    "975": "Saint-Pierre-et-Miquelon",
    "977": "Saint-Barthélemy",
    "978": "Saint-Martin",
    "986": "Wallis-et-Futuna",
    "987": "Polynésie française",
    "988": "Nouvelle-Calédonie",
}


_BY_LABEL = {words(label): code for code, label in REGIONS.items()} | {
    "reunion": "04",
    "paca": "93",
    "ile de france": "11",
}


def region_code(text: str) -> str | None:
    """The code of a region given by code (a lost zero is put back) or by label; None when unknown."""
    given = text.strip()
    if given.zfill(2) in REGIONS:
        return given.zfill(2)
    return _BY_LABEL.get(words(given))
