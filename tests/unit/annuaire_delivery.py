"""Small files in the official layouts, and a lake of a few territories, for tests of the annuaire source."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from ingest.source import Context, Parsed, Snapshot, SourceFile
from ingest.sources.annuaire.layout import ACTIVITES_LAYOUT, DIPLOMES_LAYOUT, SAVOIR_FAIRE_LAYOUT, Layout
from ingest.sources.annuaire.source import SOURCE
from lake.catalog.territoires import CODES_POSTAUX, COMMUNES, DEPARTEMENTS, FUSIONS
from lake.contract import Table
from lake.errors import MissingTable

DAY = date(2025, 1, 14)

_ACTIVITE = {
    "type_identifiant_pp": "8",
    "identifiant_pp": "90000000001",
    "identification_nationale_pp": "890000000001",
    "nom_exercice": "DURAND",
    "prenom_exercice": "Zoé",
    "code_profession": "10",
    "libelle_profession": "Médecin",
    "code_postal": "67000",
    "code_commune_source": "67482",
    "libelle_commune_source": "Strasbourg",
}


def line(layout: Layout, **values: str) -> str:
    """One line of a file, without end of line; fields that are not given are empty."""
    return "|".join(values.get(column.name, "") for column in layout.columns)


def person(number: int, kind: str = "8") -> dict[str, str]:
    """The identifiers of a person: RPPS by default, ADELI when ``kind`` is ``0``."""
    identifier = f"{90000000000 + number}" if kind == "8" else f"{990000000 + number}"
    return {
        "type_identifiant_pp": kind,
        "identifiant_pp": identifier,
        "identification_nationale_pp": kind + identifier,
    }


def activite(**values: str) -> str:
    """A line of Personne_activite: a physician in Strasbourg unless said otherwise."""
    return line(ACTIVITES_LAYOUT, **(_ACTIVITE | values))


def diplome(number: int = 1, **values: str) -> str:
    """A line of Dipl_AutExerc."""
    return line(DIPLOMES_LAYOUT, **(person(number) | {"code_diplome": "DE09"} | values))


def savoir_faire(number: int = 1, **values: str) -> str:
    """A line of SavoirFaire."""
    return line(
        SAVOIR_FAIRE_LAYOUT,
        **(person(number) | {"code_profession": "10", "code_savoir_faire": "SM54"} | values),
    )


def header(layout: Layout) -> str:
    """The official header line, without end of line."""
    return "|".join(column.label for column in layout.columns)


def write(path: Path, layout: Layout, lines: Sequence[str | bytes], *, end: bytes = b"\n") -> Path:
    """Write a file: the official header, then the lines."""
    rows = [header(layout), *lines]
    path.write_bytes(b"".join((r if isinstance(r, bytes) else r.encode()) + end for r in rows))
    return path


def write_activites(path: Path, lines: Sequence[str | bytes], **options: bytes) -> Path:
    """Write a Personne_activite file."""
    return write(path, ACTIVITES_LAYOUT, lines, **options)


def write_zip(path: Path, members: Mapping[str, bytes]) -> Path:
    """Write a zip archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def text_of(layout: Layout, lines: Sequence[str]) -> bytes:
    """The bytes of a file: header and lines, LF."""
    return "".join(f"{row}\n" for row in (header(layout), *lines)).encode()


def territories() -> dict[Table, pl.DataFrame]:
    """A lake of a few communes of Grand Est, Paris, Corsica and La Réunion, and one merger."""
    communes = [
        ("67482", "Strasbourg", "67", "44", "246700488"),
        ("68066", "Colmar", "68", "44", "246800726"),
        ("57463", "Metz", "57", "44", "200039865"),
        ("08105", "Charleville-Mézières", "08", "44", "200041630"),
        ("67372", "Val-de-Moder", "67", "44", "200072445"),
        ("75056", "Paris", "75", "11", "200054781"),
        ("2A004", "Ajaccio", "2A", "94", "242010056"),
        ("2B033", "Bastia", "2B", "94", "242000354"),
        ("97411", "Saint-Denis", "974", "04", "249740119"),
    ]
    departements = {row[2]: row[3] for row in communes} | {"977": "977", "978": "978", "971": "01"}
    frames: dict[Table, pl.DataFrame] = {
        COMMUNES: pl.DataFrame(
            {
                "code_commune": [row[0] for row in communes],
                "commune": [row[1] for row in communes],
                "code_departement": [row[2] for row in communes],
                "code_region": [row[3] for row in communes],
                "siren_epci": [row[4] for row in communes],
                "population": [1000] * len(communes),
                "population_totale": [1000] * len(communes),
                "longitude": [7.0 + index / 10 for index in range(len(communes))],
                "latitude": [48.0] * len(communes),
            },
            schema=COMMUNES.dtypes(),
        ),
        DEPARTEMENTS: pl.DataFrame(
            {
                "code_departement": list(departements),
                "departement": list(departements),
                "code_region": list(departements.values()),
                "longitude": [None] * len(departements),
                "latitude": [None] * len(departements),
            },
            schema=DEPARTEMENTS.dtypes(),
        ),
        CODES_POSTAUX: pl.DataFrame(
            {
                "code_postal": [
                    "67000",
                    "67100",
                    "68000",
                    "57000",
                    "08000",
                    "67350",
                    "75001",
                    "20000",
                    "97400",
                ],
                "code_commune": [
                    "67482",
                    "67482",
                    "68066",
                    "57463",
                    "08105",
                    "67372",
                    "75056",
                    "2A004",
                    "97411",
                ],
            },
            schema=CODES_POSTAUX.dtypes(),
        ),
        FUSIONS: pl.DataFrame(
            {
                "ancien_code_commune": ["67341"],
                "ancienne_commune": ["Pfaffenhoffen"],
                "code_commune": ["67372"],
            },
            schema=FUSIONS.dtypes(),
        ),
    }
    return frames


def context(
    region: str = "44", extra: Mapping[Table, pl.DataFrame] | None = None, *, empty: bool = False
) -> Context:
    """A context over the small lake; ``empty`` for a lake where nothing was ever published."""
    frames = {} if empty else territories() | dict(extra or {})

    def scan(table: Table) -> pl.LazyFrame:
        if table not in frames:
            raise MissingTable(f"La table {table.name} n'a jamais été publiée.")
        return frames[table].lazy()

    return Context(scan=scan, region=region, geocodeur="aucun", budget=0.01)


def snapshot(*paths: Path, day: date | None = DAY) -> Snapshot:
    """The snapshot of some files."""
    files = tuple(
        SourceFile(path, path.name, hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
        for path in paths
    )
    return Snapshot("annuaire", files, "0" * 64, day)


def parse(*paths: Path, day: date | None = DAY, **options: object) -> dict[str, Parsed]:
    """What the source makes of some files, by table name."""
    parsed = SOURCE.parse(snapshot(*paths, day=day), context(**options))  # type: ignore[arg-type]
    return {one.table.name: one for one in parsed}


def activites(*paths: Path, **options: object) -> Parsed:
    """What the source makes of the activities of some files."""
    return parse(*paths, **options)["annuaire__activites"]


def assert_closes(parsed: Parsed) -> None:
    """Every line is accounted for, once."""
    assert parsed.lues == parsed.frame.height + parsed.doublons + parsed.hors_region + parsed.rejects.height
