"""The ``apl`` source: the workbooks of the DREES, one profession each, kept year by year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from ingest.source import REJECTS_SCHEMA, Context, Fall, Parsed, Snapshot, SourceFile
from ingest.sources.annuaire.territories import NEEDED, Territories
from ingest.sources.apl.reading import SCHEMA, Sheet, read
from lake.catalog.apl import COMMUNES_APL, PROFESSIONS
from lake.contract import Table
from lake.errors import ContractError
from scoring.geocode.communes import departement_of_commune


class Apl:
    """Source ``apl`` (see :class:`ingest.source.Source`)."""

    name = "apl"
    title = "Indicateur APL de la DREES"
    licence = COMMUNES_APL.licence
    tables: tuple[Table, ...] = (COMMUNES_APL,)
    budget = 0.01
    falls: tuple[Fall, ...] = (Fall(COMMUNES_APL, rows=0.1),)  # a profession and its years, delivered again
    depends: tuple[Table, ...] = NEEDED

    def urls(self, region: str) -> Mapping[str, str]:  # noqa: ARG002 — the addresses change with each edition
        """None: the workbooks are downloaded by hand from the DREES's open data site."""
        return {}

    def date_of(self, paths: Sequence[Path]) -> date | None:  # noqa: ARG002 — a workbook holds several years
        """A workbook holds several years: it has no date of its own."""
        return None

    def parse(self, snapshot: Snapshot, context: Context) -> Iterator[Parsed]:
        """Read the workbooks; communes of other régions are counted and left out.

        Raises:
            ContractError: no file, a file that is no workbook of the DREES, or two for one profession.
            MissingTable: the territories were never ingested.
        """
        if not snapshot.files:
            raise ContractError(
                "Aucun classeur de la DREES n'a été donné.",
                conseil="Téléchargez-les de data.drees.solidarites-sante.gouv.fr, puis : obs ingest apl FICHIERS….",
            )
        territories = Territories.read(context)
        books: dict[str, tuple[SourceFile, list[Sheet]]] = {}
        for file in snapshot.files:
            context.say(f"Lecture de {file.name}", None)
            sheets = read(file)
            code = sheets[0].profession
            if code in books:
                raise ContractError(
                    f"{books[code][0].name} et {file.name} portent sur la même profession "
                    f"({PROFESSIONS[code]}).",
                    conseil="Donnez un seul classeur par profession.",
                )
            books[code] = file, sheets
        for code, (file, sheets) in books.items():
            yield _parsed(file, code, sheets, territories)


def _parsed(file: SourceFile, code: str, sheets: Sequence[Sheet], territories: Territories) -> Parsed:
    rows = pl.concat([pl.DataFrame(schema=SCHEMA), *(sheet.frame() for sheet in sheets)])
    mine = rows.filter(
        departement_of_commune(pl.col("code_commune_source")).is_in(sorted(territories.wanted))
    )
    settled = mine.join(
        territories.in_force(mine["code_commune_source"].unique()),
        left_on="code_commune_source",
        right_on="code",
        how="left",
        maintain_order="left",
    )
    known = settled.filter(pl.col("code_commune").is_not_null())
    key = ("annee", "code_commune_source")
    kept = known.unique(key, keep="first", maintain_order=True)
    rejects = [
        (file.name, number, f"feuille APL {sheet.annee} : {why}", content)
        for sheet in sheets
        for number, why, content in sheet.rejects
    ]
    rejects += _lines(
        file, settled.filter(pl.col("code_commune").is_null()), "commune inconnue du référentiel"
    )
    again = known.join(kept.select("annee", "ligne"), on=["annee", "ligne"], how="anti")
    rejects += _lines(file, again, "commune déjà donnée dans la feuille")
    years = [sheet.annee for sheet in sheets]
    return Parsed(
        table=COMMUNES_APL,
        frame=kept.select(COMMUNES_APL.columns),
        lues=rows.height + sum(len(sheet.rejects) for sheet in sheets),
        hors_region=rows.height - mine.height,
        rejects=pl.DataFrame(rejects, schema=REJECTS_SCHEMA, orient="row"),
        replace={"code_profession": [code], "annee": years},
        figures={
            f"{PROFESSIONS[code]} : millésimes": ", ".join(years),
            f"{PROFESSIONS[code]} : communes sans valeur": kept["apl"].null_count(),
            f"{PROFESSIONS[code]} : lignes de notes": sum(sheet.notes for sheet in sheets),
        },
        file=file.name,
    )


def _lines(file: SourceFile, rows: pl.DataFrame, why: str) -> list[tuple[str, int, str, str]]:
    return [
        (file.name, number, f"feuille APL {year} : {why}", content)
        for number, year, content in rows.select("ligne", "annee", "contenu").iter_rows()
    ]


SOURCE = Apl()
