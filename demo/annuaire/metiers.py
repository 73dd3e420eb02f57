"""Structure of the demo's population: professions, where they practise, specialties, diplomas.

Orders of magnitude of Grand Est at the end of 2024, as the RPPS directory and the DREES publish them by
profession; the distribution over kinds of sites is rounded.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metier:
    """A profession, or a part of one.

    Attributes:
        profession: profession code.
        effectif: persons in the full demo (a weight: the total is adjusted).
        femmes: share of women.
        lieux: kind of site -> weight.
        categorie: professional category.
        adeli: share still identified by ADELI.
        savoir_faire: specialty -> weight, empty when the profession has none.
        diplome: code and label of the usual diploma.
        autorite: registration authority.
    """

    profession: str
    effectif: int
    femmes: float
    lieux: dict[str, float]
    categorie: str = "C"
    adeli: float = 0.0
    savoir_faire: tuple[tuple[str, float], ...] = ()
    diplome: tuple[str, str] = ("", "")
    autorite: str = "ARS/ARS/ARS"


_GENERALISTES = (("SM54", 0.45), ("SM26", 0.38), ("SM53", 0.17))
_SPECIALISTES = (
    ("SM42", 1250),
    ("SM02", 1050),
    ("SM44", 780),
    ("SM40", 700),
    ("SM04", 680),
    ("SM59", 620),
    ("SM20", 520),
    ("SM38", 480),
    ("SM25", 420),
    ("SM24", 370),
    ("SM08", 360),
    ("SM41", 320),
    ("SM15", 290),
    ("SM34", 270),
    ("SM18", 260),
    ("SM32", 260),
    ("SM48", 240),
    ("SM27", 230),
    ("SM30", 180),
    ("SM16", 180),
    ("SM29", 170),
    ("SM14", 160),
    ("SM46", 160),
    ("SM49", 160),
    ("SM43", 150),
    ("SM05", 130),
    ("SM12", 120),
    ("SM37", 100),
    ("SM36", 100),
    ("SM19", 90),
    ("SM21", 80),
    ("SM58", 70),
    ("SM61", 70),
    ("SM57", 60),
    ("SM31", 50),
)
_MEDECIN = ("DE28", "Diplôme d'Etat de docteur en médecine")

METIERS: tuple[Metier, ...] = (
    Metier(
        "10",
        9_000,
        0.46,
        {"individuel": 0.33, "groupe": 0.29, "societe": 0.03, "msp": 0.12, "hopital": 0.13, "clinique": 0.03}
        | {"ehpad": 0.02, "centre": 0.02, "prevention": 0.03},
        savoir_faire=_GENERALISTES,
        diplome=_MEDECIN,
        autorite="CNOM/CNOM/CNOM",
    ),
    Metier(
        "10",
        10_300,
        0.45,
        {
            "hopital": 0.46,
            "clinique": 0.12,
            "individuel": 0.16,
            "groupe": 0.15,
            "societe": 0.06,
            "laboratoire": 0.01,
        }
        | {"prevention": 0.04},
        savoir_faire=_SPECIALISTES,
        diplome=_MEDECIN,
        autorite="CNOM/CNOM/CNOM",
    ),
    Metier("10", 1_150, 0.58, {"hopital": 0.95, "clinique": 0.05}, "E", autorite="CNOM/CNOM/CNOM"),
    Metier(
        "10",
        60,
        0.25,
        {"armees": 1.0},
        "M",
        savoir_faire=_GENERALISTES,
        diplome=_MEDECIN,
        autorite="SSA/SSA/SSA",
    ),
    Metier(
        "21",
        6_250,
        0.68,
        {"officine": 0.75, "hopital": 0.11, "laboratoire": 0.09, "clinique": 0.03, "industrie": 0.02},
        diplome=("DE31", "Diplôme d'Etat de docteur en pharmacie"),
        autorite="CNOP/CNOP/CNOP",
    ),
    Metier(
        "26",
        420,
        0.55,
        {"appareillage": 1.0},
        adeli=0.05,
        diplome=("DE24", "Diplôme d'Etat d'audioprothésiste"),
    ),
    Metier(
        "28", 3_900, 0.55, {"appareillage": 1.0}, adeli=0.08, diplome=("DIP21", "BTS d'opticien-lunetier")
    ),
    Metier("31", 2_300, 0.97, {"individuel": 0.3, "groupe": 0.4, "societe": 0.3}),
    Metier("35", 1_250, 0.9, {"hopital": 0.5, "ehpad": 0.4, "clinique": 0.1}),
    Metier("37", 240, 0.99, {"hopital": 0.7, "prevention": 0.3}),
    Metier("39", 900, 0.88, {"officine": 0.92, "hopital": 0.08}),
    Metier(
        "40",
        3_900,
        0.48,
        {"individuel": 0.42, "groupe": 0.35, "societe": 0.15, "centre": 0.05, "hopital": 0.03},
        diplome=("DE29", "Diplôme d'Etat de docteur en chirurgie dentaire"),
        autorite="CNOCD/CNOCD/CNOCD",
    ),
    Metier("40", 160, 0.55, {"hopital": 0.6, "groupe": 0.4}, "E", autorite="CNOCD/CNOCD/CNOCD"),
    Metier(
        "50",
        2_080,
        0.97,
        {
            "hopital": 0.52,
            "clinique": 0.1,
            "individuel": 0.18,
            "groupe": 0.13,
            "msp": 0.04,
            "prevention": 0.03,
        },
        diplome=("DE01", "Diplôme d'Etat de sage-femme"),
        autorite="CNOSF/CNOSF/CNOSF",
    ),
    Metier(
        "60",
        47_300,
        0.87,
        {"hopital": 0.5, "clinique": 0.1, "ehpad": 0.09, "handicap": 0.03, "individuel": 0.1, "groupe": 0.11}
        | {"msp": 0.02, "centre": 0.015, "prevention": 0.035},
        diplome=("DE02", "Diplôme d'Etat d'infirmier"),
        autorite="CNOI/CNOI/CNOI",
    ),
    Metier(
        "60",
        90,
        0.5,
        {"armees": 1.0},
        "M",
        diplome=("DE02", "Diplôme d'Etat d'infirmier"),
        autorite="SSA/SSA/SSA",
    ),
    Metier("69", 60, 0.6, {"hopital": 1.0}, adeli=0.6),
    Metier(
        "70",
        7_500,
        0.5,
        {"individuel": 0.36, "groupe": 0.4, "msp": 0.05, "hopital": 0.1, "clinique": 0.05, "ehpad": 0.02}
        | {"handicap": 0.02},
        diplome=("DE03", "Diplôme d'Etat de masseur-kinésithérapeute"),
        autorite="CNOMK/CNOMK/CNOMK",
    ),
    Metier("71", 2_200, 0.5, {"individuel": 0.75, "groupe": 0.25}, adeli=0.1),
    Metier("72", 560, 0.75, {"individuel": 0.7, "hopital": 0.2, "groupe": 0.1}, adeli=0.15),
    Metier(
        "80",
        1_050,
        0.65,
        {"individuel": 0.6, "groupe": 0.25, "msp": 0.1, "ehpad": 0.05},
        diplome=("DE04", "Diplôme d'Etat de pédicure-podologue"),
        autorite="CNOPP/CNOPP/CNOPP",
    ),
    Metier("81", 150, 0.4, {"appareillage": 1.0}, adeli=0.1),
    Metier("82", 70, 0.3, {"appareillage": 1.0}, adeli=0.1),
    Metier("83", 170, 0.6, {"appareillage": 1.0}, adeli=0.1),
    Metier("84", 8, 0.5, {"appareillage": 1.0}, adeli=0.1),
    Metier("85", 5, 0.5, {"appareillage": 1.0}, adeli=0.1),
    Metier(
        "86",
        4_350,
        0.8,
        {"laboratoire": 0.5, "hopital": 0.5},
        adeli=0.04,
        diplome=("DIP348", "Diplôme de technicien de laboratoire médical"),
    ),
    Metier(
        "91",
        2_020,
        0.97,
        {"individuel": 0.42, "groupe": 0.3, "msp": 0.06, "hopital": 0.1, "handicap": 0.08, "clinique": 0.04},
        adeli=0.03,
        diplome=("DE22", "Certificat de capacité d'orthophoniste"),
    ),
    Metier("92", 390, 0.88, {"individuel": 0.2, "groupe": 0.5, "hopital": 0.3}, adeli=0.03),
    Metier(
        "93",
        6_900,
        0.87,
        {"individuel": 0.4, "hopital": 0.25, "handicap": 0.15, "prevention": 0.15, "ehpad": 0.05},
        adeli=0.08,
        diplome=("DIP71", "Titre de psychologue"),
    ),
    Metier(
        "94",
        1_320,
        0.87,
        {"hopital": 0.35, "clinique": 0.2, "ehpad": 0.2, "handicap": 0.15, "individuel": 0.1},
        adeli=0.03,
        diplome=("DE25", "Diplôme d'Etat d'ergothérapeute"),
    ),
    Metier("95", 1_150, 0.94, {"individuel": 0.45, "hopital": 0.4, "clinique": 0.15}, adeli=0.04),
    Metier(
        "96",
        950,
        0.9,
        {"handicap": 0.4, "hopital": 0.3, "individuel": 0.2, "ehpad": 0.1},
        adeli=0.03,
        diplome=("DE26", "Diplôme d'Etat de psychomotricien"),
    ),
    Metier(
        "98",
        3_350,
        0.72,
        {"hopital": 0.55, "clinique": 0.15, "groupe": 0.3},
        adeli=0.03,
        diplome=("DE27", "Diplôme d'Etat de manipulateur d'électroradiologie médicale"),
    ),
)
