"""Columns of the two layouts, and the common frame that both become."""

from __future__ import annotations

import polars as pl

from lake.text import tidy

STRUCTURE = tuple(
    (
        "nofinesset nofinessej rs rslongue complrs compldistrib numvoie typvoie voie compvoie lieuditbp commune "
        "departement libdepartement ligneacheminement telephone telecopie categetab libcategetab categagretab "
        "libcategagretab siret codeape codemft libmft codesph libsph dateouv dateautor datemaj numuai"
    ).split()
)
"""Columns of a ``structureet`` line, after the record's name."""
GEOLOCALISATION = ("nofinesset", "coordxet", "coordyet", "sourcecoordet", "datemaj")
"""Columns of a ``geolocalisation`` line, after the record's name."""

TEXT = (
    "finess",
    "finess_juridique",
    "raison_sociale",
    "raison_sociale_longue",
    "complement_raison_sociale",
    "complement_distribution",
    "numero_voie",
    "type_voie",
    "voie",
    "complement_voie",
    "lieu_dit_bp",
    "code_commune_source",
    "code_postal",
    "ligne_acheminement",
    "telephone",
    "telecopie",
    "code_categorie",
    "libelle_categorie",
    "code_agregat",
    "libelle_agregat",
    "siret",
    "code_ape",
    "code_mft",
    "libelle_mft",
    "code_sph",
    "libelle_sph",
    "date_ouverture",
    "date_autorisation",
    "date_maj",
    "date_fermeture",
    "etat",
    "x1",
    "y1",
    "x2",
    "y2",
    "cle_ban",
)
READ = pl.Schema({"fichier": pl.String, "ligne": pl.Int64} | dict.fromkeys(TEXT, pl.String))
"""What both readers give: text as delivered (null where empty), one or two pairs of coordinates
(``x1, y1`` and ``x2, y2``, in any system and order), ``etat`` ``A`` (open) or ``I``."""


FORMER_CODES = {"97123": "97701", "97127": "97801"}
"""Codes that Saint-Barthélemy and Saint-Martin had as communes of Guadeloupe, and those in force."""


def tidied(name: str) -> pl.Expr:
    """A text column on one line, without control characters; null when nothing is left."""
    return tidy(pl.col(name)).alias(name)


def commune_code(given: pl.Expr) -> pl.Expr:
    """A commune's code as INSEE writes it: five signs, a lost zero restored, codes in force overseas."""
    bare = given.str.strip_chars().str.to_uppercase()
    whole = pl.when(bare.str.contains(r"^[0-9]{4}$")).then(pl.lit("0") + bare).otherwise(bare)
    return whole.replace(FORMER_CODES)
