"""A small world, laid by hand, that the geocoding tests share: communes, streets, a lake in memory."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ingest.source import Context
from lake.catalog.ban import ADRESSES
from lake.catalog.territoires import CODES_POSTAUX, COMMUNES, FUSIONS
from lake.contract import Table
from lake.errors import MissingTable
from scoring.geocode.addresses import RAW_COLUMNS

COMMUNES_ROWS = [
    ("67482", "Strasbourg", "67", 7.76762, 48.5714),
    ("67180", "Haguenau", "67", 7.8304, 48.84194),
    ("67372", "Val-de-Moder", "67", 7.60934, 48.84125),
    ("67418", "Rountzenheim-Auenheim", "67", 8.0066, 48.81671),
    ("67900", "Sans-Centre", "67", None, None),
    ("57463", "Metz", "57", 6.19595, 49.10814),
    ("57049", "Le Ban-Saint-Martin", "57", 6.14333, 49.12429),
    ("57447", "Marly", "57", 6.15264, 49.06585),
    ("88160", "Épinal", "88", 6.47973, 48.16311),
    ("88447", "Saint-Nabord", "88", 6.58, 48.05),
    ("2A004", "Ajaccio", "2A", 8.7, 41.93),
    ("2B033", "Bastia", "2B", 9.45, 42.7),
    ("75056", "Paris", "75", 2.347, 48.859),
]
CODES_POSTAUX_ROWS = [
    ("67000", "67482"),
    ("67100", "67482"),
    ("67200", "67482"),
    ("67500", "67180"),
    ("67350", "67372"),
    ("67480", "67418"),
    ("57000", "57463"),
    ("57050", "57463"),
    ("57050", "57049"),
    ("57155", "57447"),
    ("88000", "88160"),
    ("88200", "88447"),
    ("20000", "2A004"),
    ("20200", "2B033"),
    ("75012", "75056"),
]
FUSIONS_ROWS = [
    ("67402", "Ringeldorf", "67372"),
    ("67372", "Pfaffenhoffen", "67372"),
    ("67014", "Auenheim", "67418"),
    ("67015", "Vieil-Auenheim", "67014"),
]

_S = ("67000", "67482", "Strasbourg", None, None)
# numero, repetition, nom_voie, nom_lieu_dit, (postal, commune, name, former code, former name), lon, lat
BAN_ROWS = [
    ("2", None, "Rue de la Gare", None, _S, 7.7400, 48.5800),
    ("4", None, "Rue de la Gare", None, _S, 7.7410, 48.5801),
    ("6", None, "Rue de la Gare", None, _S, 7.7420, 48.5802),
    ("12", None, "Rue de la Gare", None, _S, 7.7450, 48.5805),
    ("12", "bis", "Rue de la Gare", None, _S, 7.7452, 48.5805),
    ("14", None, "Rue de la Gare", None, _S, 7.7460, 48.5806),
    ("1", None, "Place Kléber", None, _S, 7.7455, 48.5834),
    ("10", None, "Avenue du Général de Gaulle", None, _S, 7.7500, 48.5700),
    ("3", None, "Rue Saint-Étienne", None, _S, 7.7555, 48.5825),
    ("5", None, "Grand'Rue", None, _S, 7.7411, 48.5811),
    ("3", None, "Rue du 8 Mai 1945", None, _S, 7.7300, 48.5750),
    ("7", "ter", "Boulevard de la Victoire", None, _S, 7.7650, 48.5805),
    ("1", None, "Quai des Bateliers", None, _S, 7.7530, 48.5815),
    ("8", None, "Rue du Docteur Albert Schweitzer", None, _S, 7.7700, 48.5900),
    ("31", "a", "Impasse de l'Œuvre Notre-Dame", None, _S, 7.7510, 48.5816),
    ("9", None, "Place de l'Hôpital", None, _S, 7.7490, 48.5770),
    ("1", None, "Route des Romains", None, _S, 7.7200, 48.5830),
    ("150", None, "Route des Romains", None, ("67200", "67482", "Strasbourg", None, None), 7.6900, 48.5880),
    (None, None, "Chemin du Canal", None, _S, 7.7600, 48.5600),
    (None, None, "Le Neuhof", None, _S, 7.7660, 48.5350),
    (None, None, "Le Pont de Pierre", None, _S, 7.7670, 48.5360),
    (None, None, None, "Ferme de la Forge", _S, 7.7111, 48.5511),
    ("40", None, "Rue du Fossé des Treize", "Résidence des Tanneurs", _S, 7.7440, 48.5870),
    ("99", None, "Rue Sans Point", None, _S, None, None),
    (
        "5",
        None,
        "Rue de l'Église",
        None,
        ("67350", "67372", "Val-de-Moder", "67402", "Ringeldorf"),
        7.6000,
        48.8400,
    ),
    (
        "7",
        None,
        "Rue de l'Église",
        None,
        ("67350", "67372", "Val-de-Moder", "67372", "Pfaffenhoffen"),
        7.6200,
        48.8500,
    ),
    (
        "5",
        None,
        "Rue de l'Église",
        None,
        ("67350", "67372", "Val-de-Moder", "67372", "Pfaffenhoffen"),
        7.6210,
        48.8500,
    ),
    (
        "6",
        None,
        "Rue Basse",
        None,
        ("67350", "67372", "Val-de-Moder", "67999", "Val-de-Moder"),
        7.6300,
        48.8600,
    ),
    (
        "6",
        None,
        "Rue Basse",
        None,
        ("67350", "67372", "Val-de-Moder", "67402", "Ringeldorf"),
        7.6001,
        48.8401,
    ),
    # A BAN older than the merger of Auenheim.
    ("9", None, "Rue Principale", None, ("67480", "67014", "Auenheim", None, None), 8.0100, 48.8100),
    ("12", None, "Rue de la Gare", None, ("57000", "57463", "Metz", None, None), 6.1770, 49.1095),
    ("1", None, "Rue de Metz", None, ("57050", "57049", "Le Ban-Saint-Martin", None, None), 6.1500, 49.1230),
    (
        "2",
        None,
        "Rue de Verdun",
        None,
        ("57050", "57049", "Le Ban-Saint-Martin", None, None),
        6.1510,
        49.1240,
    ),
    ("2", None, "Rue de Verdun", None, ("57050", "57463", "Metz", None, None), 6.1900, 49.1200),
]


def ban_rows(rows: list[tuple[object, ...]] | None = None) -> pl.DataFrame:
    """The world's BAN in the contract's columns."""
    flat = []
    for index, (number, index_, street, place, where, longitude, latitude) in enumerate(
        BAN_ROWS if rows is None else rows
    ):
        postal, commune, name, former, former_name = where  # type: ignore[misc]
        flat.append(
            {
                "code_departement": str(commune)[:2],
                "id": f"{commune}_{index:05d}",
                "numero": number,
                "repetition": index_,
                "nom_voie": street,
                "nom_lieu_dit": place,
                "code_postal": postal,
                "code_commune": commune,
                "nom_commune": name,
                "ancien_code_commune": former,
                "ancienne_commune": former_name,
                "longitude": longitude,
                "latitude": latitude,
            }
        )
    return pl.DataFrame(flat, schema=ADRESSES.dtypes())


def communes() -> pl.DataFrame:
    """``territoires__communes`` of the world."""
    return pl.DataFrame(
        [
            {
                "code_commune": code,
                "commune": name,
                "code_departement": departement,
                "code_region": "44",
                "longitude": longitude,
                "latitude": latitude,
            }
            for code, name, departement, longitude, latitude in COMMUNES_ROWS
        ],
        schema=COMMUNES.dtypes(),
    )


def codes_postaux() -> pl.DataFrame:
    """``territoires__codes_postaux`` of the world."""
    return pl.DataFrame(CODES_POSTAUX_ROWS, schema=CODES_POSTAUX.dtypes(), orient="row")


def fusions() -> pl.DataFrame:
    """``territoires__fusions`` of the world."""
    return pl.DataFrame(FUSIONS_ROWS, schema=FUSIONS.dtypes(), orient="row")


class World:
    """A lake in memory, and how often each table was read."""

    def __init__(self, **tables: pl.DataFrame) -> None:
        self.tables: dict[str, pl.DataFrame] = {
            ADRESSES.name: ban_rows(),
            COMMUNES.name: communes(),
            CODES_POSTAUX.name: codes_postaux(),
            FUSIONS.name: fusions(),
            **tables,
        }

    def scan(self, table: Table) -> pl.LazyFrame:
        """``Context.scan``."""
        if table.name not in self.tables:
            raise MissingTable(f"La table {table.name} n'a jamais été publiée.")
        return self.tables[table.name].lazy()

    def context(self, geocodeur: str = "ban") -> Context:
        """A context over this lake."""
        return Context(scan=self.scan, region="44", geocodeur=geocodeur, budget=0.01)


def address(**columns: str | None) -> Mapping[str, str | None]:
    """One row of the address columns: Strasbourg 67000 unless said otherwise."""
    here = {"code_postal": "67000", "code_commune": "67482", "code_departement": "67"}
    unknown = set(columns) - set(RAW_COLUMNS)
    assert not unknown, unknown
    return {**dict.fromkeys(RAW_COLUMNS), **here, **columns}


def frame(rows: list[Mapping[str, str | None]]) -> pl.DataFrame:
    """Rows of :func:`address` as a frame."""
    return pl.DataFrame(rows, schema=dict.fromkeys(RAW_COLUMNS, pl.String))
