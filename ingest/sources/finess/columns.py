"""Columns of the two layouts, and the common frame that both become."""

from __future__ import annotations

import polars as pl

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


def blank_to_null(name: str) -> pl.Expr:
    """A text column without blanks around it; null when nothing is left."""
    bare = pl.col(name).str.strip_chars()
    return pl.when(bare != "").then(bare).alias(name)
