"""A small table and a real source of the suite's tests: visits, one CSV line each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import dataframely as dy
import polars as pl

from ingest.source import REJECTS_SCHEMA, Context, Fall, Parsed, Snapshot
from lake.contract import Table
from lake.errors import ContractError

JANVIER, FEVRIER, MARS = date(2025, 1, 14), date(2025, 2, 14), date(2025, 3, 14)


class VisitesSchema(dy.Schema):
    """One row per visit."""

    date_extraction = dy.Date(primary_key=True, description="Date de l'extraction")
    ligne = dy.Int64(primary_key=True, min=2, description="Ligne du fichier")
    code_departement = dy.String(regex=r"^[0-9]{2}$", description="Département")
    note = dy.String(nullable=True, description="Note")


class PersonnesSchema(dy.Schema):
    """One row per person seen in the visits."""

    date_extraction = dy.Date(primary_key=True, description="Date de l'extraction")
    personne = dy.String(primary_key=True, description="Personne")


VISITES = Table(
    name="essai__visites",
    title="Visites",
    description="Une ligne par visite.",
    schema=VisitesSchema,
    source="essai",
    partition_by=("date_extraction", "code_departement"),
    unit=("date_extraction",),
)
PERSONNES = Table(
    name="essai__personnes",
    title="Personnes",
    description="Une ligne par personne.",
    schema=PersonnesSchema,
    source="essai",
    partition_by=("date_extraction",),
    unit=("date_extraction",),
)


def visites(jour: date, note: str = "", count: int = 4) -> pl.DataFrame:
    """Rows of one date, half in the Ain, half in the Bas-Rhin."""
    lines = [(jour, n + 2, ("01", "67")[n % 2], note or None) for n in range(count)]
    return pl.DataFrame(lines, schema=VISITES.dtypes(), orient="row")


class Visites:
    """The source: ``visites_<AAAAMMJJ>.csv``, lines ``departement;personne;note``, one table of persons too.

    Lines of another number of fields are rejected, departments outside 01 and 67 are outside the region,
    exact duplicates are set aside.
    """

    name = "essai"
    title = "Visites d'essai"
    licence = "Licence Ouverte 2.0"
    tables: tuple[Table, ...] = (PERSONNES, VISITES)
    budget = 0.25
    falls: tuple[Fall, ...] = ()

    def __init__(self, depends: tuple[Table, ...] = (), urls: Mapping[str, str] | None = None) -> None:
        self.depends = depends
        self.addresses = dict(urls or {})
        self.before_parse: Callable[[], None] = lambda: None

    def urls(self, region: str) -> Mapping[str, str]:
        return {name: url.replace("{region}", region) for name, url in self.addresses.items()}

    def date_of(self, paths: Sequence[Path]) -> date | None:
        found = {m[1] for path in paths if (m := re.search(r"_(\d{8})\.csv$", path.name))}
        if len(found) > 1:
            raise ContractError("Les fichiers annoncent des dates différentes.")
        return date.fromisoformat(found.pop()) if found else None

    def parse(self, snapshot: Snapshot, context: Context) -> Iterable[Parsed]:
        self.before_parse()
        rows: list[tuple[date, int, str, str]] = []
        people: set[str] = set()
        rejects: list[tuple[str, int, str, str]] = []
        texts: dict[int, str] = {}
        seen: set[str] = set()
        read = doubles = outside = 0
        assert snapshot.date is not None
        for file in snapshot.files:
            for number, line in enumerate(file.path.read_text("utf-8").splitlines(), start=1):
                if number == 1:
                    if line != "departement;personne;note":
                        raise ContractError(f"{file.name} n'est pas un fichier de visites.")
                    continue
                read += 1
                texts[number] = line
                fields = line.split(";")
                if len(fields) != 3:
                    rejects.append((file.name, number, f"{len(fields)} champs au lieu de 3", line))
                elif line in seen:
                    doubles += 1
                elif context.region != "france" and fields[0] not in {"01", "67", "xx"}:
                    outside += 1
                else:
                    rows.append((snapshot.date, number, fields[0], fields[2]))
                    people.add(fields[1])
                seen.add(line)
        persons = pl.DataFrame(
            [(snapshot.date, person) for person in sorted(people)], schema=PERSONNES.dtypes(), orient="row"
        )
        replace = {"date_extraction": [snapshot.date]}
        yield Parsed(PERSONNES, persons, lues=0, replace=replace, counted=False)
        yield Parsed(
            VISITES,
            pl.DataFrame(rows, schema=VISITES.dtypes(), orient="row"),
            lues=read,
            doublons=doubles,
            hors_region=outside,
            rejects=pl.DataFrame(rejects, schema=REJECTS_SCHEMA, orient="row"),
            replace=replace,
            warnings=["Colonne facultative absente."] if read else [],
            figures={"Personnes": len(people)},
            contents=lambda wanted: {n: texts[n] for n in wanted if n in texts},
        )


def write_file(folder: Path, jour: date | None, lines: Iterable[str], name: str = "visites") -> Path:
    """A file of visits; the header is added."""
    stamp = f"_{jour:%Y%m%d}" if jour else ""
    path = folder / f"{name}{stamp}.csv"
    path.write_text("\n".join(["departement;personne;note", *lines]) + "\n", encoding="utf-8")
    return path
