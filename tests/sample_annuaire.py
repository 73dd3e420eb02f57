"""A directory of eight activities in six communes, small enough to be counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from lake.catalog.annuaire import ACTIVITES
from lake.catalog.territoires import COMMUNES, DEPARTEMENTS, EPCI, REGIONS
from lake.contract import Table
from lake.tables import Lake
from scoring.universes.model import Scan

OLD, NEW = date(2024, 12, 31), date(2025, 1, 14)

# commune: (name, department, EPCI, population). Two communes bear the same name; one has no EPCI.
TOWNS = {
    "67482": ("Strasbourg", "67", "246700488", 290_000),
    "67447": ("Schiltigheim", "67", "246700488", 10_000),
    "67071": ("Buhl", "67", "200067783", 500),
    "68058": ("Buhl", "68", "200066041", 3_000),
    "88001": ("Les Ableuvenettes", "88", None, 80),
    "54395": ("Nancy", "54", "245400676", 105_000),
}
EPCIS = {
    "246700488": "Eurométropole de Strasbourg",
    "200067783": "CC de l'Outre-Forêt",
    "200066041": "CC de la Région de Guebwiller",
    "245400676": "Métropole du Grand Nancy",
}
REGION_OF = {"67": "44", "68": "44", "88": "44", "54": "44", "75": "11"}

# person, commune, department, profession, specialty, mode, precision, reason, site
ROWS: list[tuple[str, str | None, str, str, str | None, str | None, str, str | None, str | None]] = [
    ("8A", "67482", "67", "10", "SM54", "L", "numero", None, "s1"),
    ("8A", "67482", "67", "10", "SM54", "S", "numero", None, "s1"),  # twice in one place
    ("8A", "68058", "68", "10", "SM54", "L", "commune", "introuvable", "s2"),  # and in another department
    ("8B", "67447", "67", "10", "SM05", "L", "rue", None, "s3"),
    ("8C", "67071", "67", "60", None, "L", "lieu_dit", None, "s4"),
    ("8D", "68058", "68", "60", None, None, "commune", "adresse_absente", None),
    ("8E", None, "67", "60", None, "S", "aucune", "commune_inconnue", None),
    ("8F", "88001", "88", "70", None, "L", "numero", None, "s5"),
]
LABELS = {"10": "Médecin", "60": "Infirmier", "70": None}
SPECIALTIES = {"SM54": "Médecine générale", "SM05": "Chirurgie générale, digestive"}


def activities(rows: Sequence[tuple[object, ...]], day: date) -> pl.DataFrame:
    names = (
        "identification_nationale_pp",
        "code_commune",
        "code_departement",
        "code_profession",
        "code_specialite",
        "code_mode_exercice",
        "geo_precision",
        "geo_motif",
        "id_site",
    )
    frame = pl.DataFrame(list(rows), schema=dict.fromkeys(names, pl.String), orient="row")
    placed = pl.when(pl.col("geo_precision") != "aucune").then(pl.lit(7.0))
    frame = frame.with_columns(
        date_extraction=pl.lit(day),
        ligne=pl.int_range(2, pl.len() + 2, dtype=pl.Int64),
        type_identifiant_pp=pl.lit("8"),
        identifiant_pp=pl.col("identification_nationale_pp").str.slice(1),
        libelle_profession=pl.col("code_profession").replace_strict(LABELS, default=None),
        libelle_specialite=pl.col("code_specialite").replace_strict(SPECIALTIES, default=None),
        siren_epci=pl.col("code_commune").replace_strict({c: t[2] for c, t in TOWNS.items()}, default=None),
        longitude=placed,
        latitude=placed,
    )
    return _whole(frame, ACTIVITES)


def _whole(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The frame in the contract's columns, order and types; null where it says nothing."""
    dtypes = table.dtypes()
    missing = [pl.lit(None, dtype=dtypes[n]).alias(n) for n in table.columns if n not in frame.columns]
    return frame.with_columns(missing).select(pl.col(name).cast(dtype) for name, dtype in dtypes.items())


def frames(rows: Sequence[tuple[object, ...]] = tuple(ROWS)) -> dict[str, pl.DataFrame]:
    old = [row for row in rows if row[0] != "8B"]
    return {
        ACTIVITES.name: pl.concat([activities(old, OLD), activities(rows, NEW)]),
        COMMUNES.name: pl.DataFrame(
            [
                (code, name, dep, REGION_OF[dep], epci, people)
                for code, (name, dep, epci, people) in TOWNS.items()
            ],
            schema=["code_commune", "commune", "code_departement", "code_region", "siren_epci", "population"],
            orient="row",
        ).pipe(_whole, COMMUNES),
        DEPARTEMENTS.name: pl.DataFrame(
            {
                "code_departement": ["54", "67", "68", "75", "88"],
                "departement": ["Meurthe-et-Moselle", "Bas-Rhin", "Haut-Rhin", "Paris", "Vosges"],
                "code_region": ["44", "44", "44", "11", "44"],
            }
        ).pipe(_whole, DEPARTEMENTS),
        EPCI.name: pl.DataFrame(
            {"siren_epci": list(EPCIS), "epci": list(EPCIS.values()), "nature_epci": ["CC"] * len(EPCIS)}
        ).pipe(_whole, EPCI),
        REGIONS.name: pl.DataFrame({"code_region": ["11", "44"], "region": ["Île-de-France", "Grand Est"]}),
    }


def scanner(tables: dict[str, pl.DataFrame]) -> Scan:
    """A scan over frames in memory."""
    return lambda table: tables[table.name].lazy()


def publish_all(lake: Lake, tables: dict[str, pl.DataFrame] | None = None) -> None:
    """Publish every table of the sample in a lake."""
    for table in (ACTIVITES, COMMUNES, DEPARTEMENTS, EPCI, REGIONS):
        lake.publish(table, (tables or frames())[table.name])
