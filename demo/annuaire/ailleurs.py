"""Addresses outside the region: a few French cities, and a few abroad."""

from __future__ import annotations

import numpy as np
import polars as pl

from demo.annuaire.adresses import ADDRESS_COLUMNS
from demo.ban.voies import capitales
from ingest.sources.annuaire.nomenclature import PAYS

# Cities outside the region: INSEE code, postal code, name (INSEE, La Poste; Licence Ouverte 2.0).
VILLES_AILLEURS: tuple[tuple[str, str, str], ...] = (
    ("75056", "75013", "Paris"),
    ("69123", "69003", "Lyon"),
    ("13055", "13005", "Marseille"),
    ("31555", "31000", "Toulouse"),
    ("06088", "06000", "Nice"),
    ("44109", "44000", "Nantes"),
    ("34172", "34000", "Montpellier"),
    ("33063", "33000", "Bordeaux"),
    ("59350", "59000", "Lille"),
    ("35238", "35000", "Rennes"),
    ("76351", "76600", "Le Havre"),
    ("76540", "76000", "Rouen"),
    ("38185", "38000", "Grenoble"),
    ("21231", "21000", "Dijon"),
    ("25056", "25000", "Besançon"),
    ("70550", "70000", "Vesoul"),
    ("90010", "90000", "Belfort"),
    ("39300", "39000", "Lons-le-Saunier"),
    ("71076", "71100", "Chalon-sur-Saône"),
    ("89024", "89000", "Auxerre"),
    ("77284", "77100", "Meaux"),
    ("02691", "02100", "Saint-Quentin"),
    ("02408", "02000", "Laon"),
    ("80021", "80000", "Amiens"),
    ("60057", "60000", "Beauvais"),
    ("63113", "63000", "Clermont-Ferrand"),
    ("37261", "37000", "Tours"),
    ("45234", "45000", "Orléans"),
    ("49007", "49000", "Angers"),
    ("14118", "14000", "Caen"),
    ("29019", "29200", "Brest"),
    ("2A004", "20000", "Ajaccio"),
    ("2B033", "20200", "Bastia"),
    ("97105", "97100", "Basse-Terre"),
    ("97209", "97200", "Fort-de-France"),
    ("97302", "97300", "Cayenne"),
    ("97411", "97400", "Saint-Denis"),
    ("97608", "97600", "Mamoudzou"),
    ("98818", "98800", "Nouméa"),
)
# Foreign postal codes that cannot be read as a code of the region once a zero is restored.
VILLES_ETRANGERES: tuple[tuple[str, str, str], ...] = (
    ("99109", "66111", "SAARBRUECKEN"),
    ("99109", "77694", "KEHL"),
    ("99131", "6700", "ARLON"),
    ("99137", "L-1460", "LUXEMBOURG"),
    ("99140", "4051", "BALE"),
)


def elsewhere(rng: np.random.Generator, size: int) -> pl.DataFrame:
    """Addresses outside the region, a few abroad. Columns of :func:`findable`."""
    city = rng.integers(0, len(VILLES_AILLEURS), size)
    abroad = rng.random(size) < 0.06
    foreign = rng.integers(0, len(VILLES_ETRANGERES), size)
    rows = [
        ("", VILLES_ETRANGERES[f][1], VILLES_ETRANGERES[f][2], VILLES_ETRANGERES[f][0])
        if out
        else (*VILLES_AILLEURS[c], "99000")
        for c, f, out in zip(city, foreign, abroad, strict=True)
    ]
    columns = ["code_commune", "code_postal", "libelle_commune", "code_pays"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    number = pl.Series("numero_voie", rng.integers(1, 120, size)).cast(pl.String)
    streets = pl.Series(
        "libelle_voie", ["DE LA PAIX", "VICTOR HUGO", "DES LILAS", "DU GAL LECLERC", "DE LA GARE"]
    )
    empty = pl.lit("")
    return (
        frame.with_columns(
            number,
            streets[rng.integers(0, len(streets), size)],
            indice_repetition_voie=empty,
            code_type_voie=pl.lit("RUE"),
            libelle_type_voie=pl.lit("Rue"),
            complement_destinataire=empty,
            complement_point_geographique=empty,
            mention_distribution=empty,
            bureau_cedex=pl.col("code_postal") + " " + capitales(pl.col("libelle_commune")),
            libelle_pays=pl.col("code_pays").replace_strict(PAYS, return_dtype=pl.String),
        )
        .with_columns(nom_rue="libelle_voie")
        .select(*ADDRESS_COLUMNS, "nom_rue")
    )
