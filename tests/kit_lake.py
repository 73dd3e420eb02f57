"""A very small lake with known figures: two départements of squares, three EPCI, six communes, two extractions.

Squares are 0.1° wide, side by side. Persons are fictional. The figures below are worked by hand:

========  ======  ==========  ==========  ========================  ========================
commune   EPCI    département population  personnes 2025-01-14      personnes 2024-12-31
========  ======  ==========  ==========  ========================  ========================
67001     Est     67          10 000      P1 P2 P3 (médecins), P4   P1 P2, P4
67002     Est     67          5 000       P5 (infirmier), P1 aussi  P5
67003     Nord    67          1 000       personne                  personne
68001     Sud     68          20 000      P6 P7 (infirmiers)        P6 P7 P9
68002     Sud     68          4 000       P8 (médecin)              P8
68003     hors    68          500         personne                  personne
========  ======  ==========  ==========  ========================  ========================

P4 est sage-femme. P9 est parti en janvier. P3 est arrivé en janvier ; son adresse n'est pas trouvée.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl

from lake.catalog.annuaire import ACTIVITES
from lake.catalog.territoires import COMMUNES, CONTOURS, DEPARTEMENTS, EPCI, REGIONS
from lake.contract import Table
from lake.settings import Settings
from lake.tables import Lake

DECEMBER, JANUARY = date(2024, 12, 31), date(2025, 1, 14)
EST, NORD, SUD = "200000001", "200000002", "200000003"
_PLACES = (
    ("67001", "Strasville", "67", EST, 10_000, 7.0, 48.5),
    ("67002", "Ostwiller", "67", EST, 5_000, 7.1, 48.5),
    ("67003", "Nordheim", "67", NORD, 1_000, 7.0, 48.6),
    ("68001", "Mulbourg", "68", SUD, 20_000, 7.0, 48.4),
    ("68002", "L'Isle-sur-Ill", "68", SUD, 4_000, 7.1, 48.4),
    ("68003", "=Hameau", "68", None, 500, 7.2, 48.4),
)
_PROFESSIONS = {"10": "Médecin", "60": "Infirmier", "50": "Sage-femme"}
_MODES = {"L": "Libéral", "S": "Salarié"}
# identifier, profession, mode, commune, precision
_JANUARY = (
    ("P1", "10", "L", "67001", "numero"),
    ("P2", "10", "S", "67001", "numero"),
    ("P3", "10", "L", "67001", "commune"),
    ("P4", "50", "L", "67001", "rue"),
    ("P5", "60", "S", "67002", "numero"),
    ("P1", "10", "L", "67002", "numero"),
    ("P6", "60", "L", "68001", "numero"),
    ("P7", "60", "S", "68001", "lieu_dit"),
    ("P8", "10", "L", "68002", "numero"),
)
_DECEMBER = (
    *(row for row in _JANUARY if row[0] not in {"P3"} and row != ("P1", "10", "L", "67002", "numero")),
    ("P9", "60", "S", "68001", "numero"),
)


def build(folder: Path) -> Lake:
    """Publish the small lake in a folder and open it."""
    lake = Lake(Settings(lake=str(folder)))
    _publish(lake, REGIONS, [{"code_region": "44", "region": "Grand Est"}])
    _publish(
        lake,
        DEPARTEMENTS,
        [
            {"code_departement": "67", "departement": "Bas-Rhin", "code_region": "44"},
            {"code_departement": "68", "departement": "Haut-Rhin", "code_region": "44"},
        ],
    )
    _publish(
        lake,
        EPCI,
        [
            {"siren_epci": EST, "epci": "CC de l'Est", "nature_epci": "CC", "population": 15_000},
            {"siren_epci": NORD, "epci": "CC du Nord", "nature_epci": "CC", "population": 1_000},
            {"siren_epci": SUD, "epci": "CA du Sud", "nature_epci": "CA", "population": 24_000},
        ],
    )
    _publish(
        lake,
        COMMUNES,
        [
            {
                "code_commune": code, "commune": name, "code_departement": departement, "code_region": "44",
                "siren_epci": epci, "population": people, "population_totale": people,
                "longitude": x + 0.05, "latitude": y + 0.05,
            }
            for code, name, departement, epci, people, x, y in _PLACES
        ],
    )  # fmt: skip
    outlines = [("commune", code, [_square(x, y)]) for code, _, _, _, _, x, y in _PLACES]
    for mesh, column in (("departement", 2), ("epci", 3)):
        for value in sorted({place[column] for place in _PLACES if place[column]}):
            squares = [_square(place[5], place[6]) for place in _PLACES if place[column] == value]
            outlines.append((mesh, str(value), squares))
    outlines.append(("region", "44", [_square(place[5], place[6]) for place in _PLACES]))
    _publish(
        lake,
        CONTOURS,
        [
            {
                "maille": mesh,
                "code": code,
                "geojson": json.dumps({"type": "MultiPolygon", "coordinates": [[ring] for ring in squares]}),
            }
            for mesh, code, squares in outlines
        ],
    )
    for day, rows in ((DECEMBER, _DECEMBER), (JANUARY, _JANUARY)):
        publish_extraction(lake, day, rows)
    return lake


def publish_extraction(
    lake: Lake, day: date, rows: tuple[tuple[str, str, str, str, str], ...] = _JANUARY, without: str = ""
) -> None:
    """Publish an extraction (January's persons by default), a person left out if one is named."""
    kept = tuple(row for row in rows if row[0] != without)
    _publish(lake, ACTIVITES, _activities(day, kept), replace={"date_extraction": [day]})


def _square(x: float, y: float) -> list[list[float]]:
    return [[x, y], [x + 0.1, y], [x + 0.1, y + 0.1], [x, y + 0.1], [x, y]]


def _activities(day: date, rows: tuple[tuple[str, str, str, str, str], ...]) -> list[dict[str, object]]:
    places = {place[0]: place for place in _PLACES}
    return [
        {
            "date_extraction": day, "ligne": line, "type_identifiant_pp": "8",
            "identifiant_pp": f"9900000000{person[1]}", "identification_nationale_pp": f"89900000000{person[1]}",
            "nom_exercice": f"FICTIF {person}", "prenom_exercice": "Camille",
            "code_profession": profession, "libelle_profession": _PROFESSIONS[profession],
            "code_mode_exercice": mode, "libelle_mode_exercice": _MODES[mode],
            "code_categorie_professionnelle": "C", "libelle_categorie_professionnelle": "Civil",
            "id_site": f"S-{commune}", "code_commune": commune,
            "code_departement": places[commune][2], "siren_epci": places[commune][3],
            "longitude": places[commune][5] + 0.05, "latitude": places[commune][6] + 0.05,
            "geo_precision": precision, "geo_score": 1.0,
            "geo_motif": "introuvable" if precision == "commune" else None,
        }
        for line, (person, profession, mode, commune, precision) in enumerate(rows, start=2)
    ]  # fmt: skip


def _publish(lake: Lake, table: Table, rows: list[dict[str, object]], **options: object) -> None:
    frame = pl.DataFrame(rows, infer_schema_length=None)
    absent = [
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in table.dtypes().items() if name not in frame
    ]
    checked = table.conform(frame.with_columns(absent))
    assert not checked.rejects.height, checked.rejects["motif"].to_list()
    lake.publish(table, checked.valid, **options)  # type: ignore[arg-type]
