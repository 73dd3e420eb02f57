"""Demo catalogues of the Ségur referencing. Companies and software are invented; three counts are those printed.

The first catalogue has the shapes that the trade press printed for wave 1 on 27 February 2024: 167 référencements
(90 + 43 + 13 + 11 + 10 by couloir), 138 logiciels, 103 sociétés. Which couloir has which count was not printed with
certainty. The second, seven months later, shows a life: versions referenced again, withdrawals, a suspension, a company
renamed, software of wave 2. Same seed, same files.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path
from random import Random

from demo.convergence.services import FICTIFS
from ingest.sources.segur.profiles import EDITEURS
from lake.catalog.referencement import SERVICES_SOCLES

FIRST, SECOND = date(2024, 2, 27), date(2024, 9, 30)
COULOIRS = {"MDV": 90, "HOP": 43, "RAD": 13, "BIO": 11, "OFF": 10}
SOFTWARE, COMPANIES = 138, 103
DISPOSITIFS = {
    "MDV": ("LGC",),
    "HOP": ("DPI", "PFI", "RI"),
    "RAD": ("RIS", "DRIMbox"),
    "BIO": ("SGL",),
    "OFF": ("LGO",),
    "ESMS": ("DUI",),
}
COLUMNS = (
    "produit", "nom", "editeur", "siren", "version", "couloir", "dispositif", "vague", "statut",
    "date_referencement", "date_retrait", "services",
)  # fmt: skip
_FORMS = (
    "Médica",
    "Clinéo",
    "Soigna",
    "Ordoline",
    "Consulta",
    "Praticia",
    "Labora",
    "Radiolis",
    "Officia",
    "Asclé",
)
_LAST = (
    "Informatique",
    "Logiciels",
    "Numérique",
    "Systèmes",
    "Technologies",
    "Services",
    "Conseil",
    "Solutions",
)
OTHERWISE = {
    "Boréal Santé": ("Groupe Boréal", "segur"),
    "Karst Logiciels": ("Karst & Associés", "convergence"),
}
"""Editors of another universe whose company bears another name in the catalogue: (name, universe)."""
Row = dict[str, str]


def write_catalogues(folder: Path, *, seed: int = 20240227) -> list[tuple[Path, ...]]:
    """Write the files of two deliveries, oldest first; the second comes with the names known elsewhere."""
    random = Random(seed)
    first = _first(random)
    second = _second(first, random)
    names = folder / "referencement_correspondances.csv"
    _written(names, ("societe", "univers", "nom"), _links(first))
    paths = [folder / f"referencement_{day.isoformat()}.csv" for day in (FIRST, SECOND)]
    for path, rows in zip(paths, (first, second), strict=True):
        _written(path, COLUMNS, rows)
    return [(paths[0],), (paths[1], names)]


def _companies() -> list[str]:
    known = [*dict.fromkeys(name for group in EDITEURS.values() for name in group), *FICTIFS]
    made = [f"{form} {last}" for last in _LAST for form in _FORMS]
    named = [OTHERWISE[name][0] if name in OTHERWISE else name for name in (*known, *made)]
    return list(dict.fromkeys(named))[:COMPANIES]


def _first(random: Random) -> list[Row]:
    companies = _companies()
    owners = list(islice(cycle(companies), SOFTWARE))  # thirty-five companies have two
    sirens = {name: f"{820_000_000 + 7919 * rank:09d}" for rank, name in enumerate(companies)}
    places = [couloir for couloir, count in COULOIRS.items() for _ in range(count)]
    random.shuffle(places)
    rows: list[Row] = []
    taken: set[tuple[int, str]] = set()
    for rank, couloir in enumerate(places):
        # One référencement each, then twenty-nine software have a second one.
        number = rank if rank < SOFTWARE else _other(rank, couloir, taken)
        dispositifs = DISPOSITIFS[couloir]
        dispositif = dispositifs[number % len(dispositifs)]
        taken.add((number, couloir))
        day = date(2021, 11, 2) + timedelta(days=random.randrange((FIRST - date(2021, 11, 2)).days))
        company = owners[number]
        services = [name for name in SERVICES_SOCLES if random.random() < 0.72]
        rows.append(
            {
                "produit": f"SEG-{number + 1:04d}",
                "nom": f"{company.split()[0]} {_product(number)}",
                "editeur": company,
                # Some companies are published without their SIREN.
                "siren": "" if companies.index(company) % 17 == 3 else sirens[company],
                "version": f"{1 + number % 5}.{number % 10}",
                "couloir": couloir,
                "dispositif": dispositif,
                "vague": "1",
                "statut": "référencé",
                "date_referencement": day.isoformat(),
                "date_retrait": "",
                "services": "|".join(services),
            }
        )
    return rows


def _other(rank: int, couloir: str, taken: set[tuple[int, str]]) -> int:
    return next(n for n in range(rank - SOFTWARE, SOFTWARE) if (n, couloir) not in taken)


def _product(number: int) -> str:
    return ("Dossier", "Cabinet", "Suite", "Clinique", "Flux")[number % 5] + f" {number // 5 + 1}"


def _second(first: Sequence[Row], random: Random) -> list[Row]:
    rows = [dict(row) for row in first]
    for row in random.sample(rows, 9):
        row["statut"] = "retiré"
        row["date_retrait"] = (FIRST + timedelta(days=random.randrange(20, 200))).isoformat()
    kept = [row for row in rows if row["statut"] == "référencé"]
    for row in random.sample(kept, 3):
        row["statut"], row["date_retrait"] = "suspendu", "2024-08-01"
    again = [row for row in rows if row["statut"] == "référencé"][:14]
    for row in again:  # a newer version of the same référencement: still one
        day = FIRST + timedelta(days=random.randrange(30, 210))
        rows.append({**row, "version": f"{row['version']}.1", "date_referencement": day.isoformat()})
    old = next(row["editeur"] for row in rows if row["siren"])
    for row in rows:
        if row["editeur"] == old and row["date_referencement"] > FIRST.isoformat():
            row["editeur"] = f"{old} Groupe"
    for number in range(12):
        source = first[number * 5]
        rows.append(
            {
                **source,
                "produit": f"SEG-{SOFTWARE + number + 1:04d}",
                "nom": f"{source['editeur'].split()[0]} Résidence {number + 1}",
                "version": "1.0",
                "couloir": "ESMS",
                "dispositif": "DUI",
                "vague": "2",
                "statut": "référencé",
                "date_referencement": (SECOND - timedelta(days=10 + 9 * number)).isoformat(),
                "date_retrait": "",
            }
        )
    return rows


def _links(rows: Sequence[Row]) -> list[Row]:
    """Companies that bear another name elsewhere: declared, since a name alone does not tell."""
    sirens = {row["editeur"]: row["siren"] for row in rows}
    return [
        {"societe": sirens[name] or name, "univers": universe, "nom": elsewhere}
        for elsewhere, (name, universe) in OTHERWISE.items()
    ]


def _written(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
