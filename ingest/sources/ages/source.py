"""The ``ages`` source: how many inhabitants of each age live in each commune."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from ingest.source import REJECTS_SCHEMA, Context, Fall, Parsed, Snapshot
from ingest.sources.ages.columns import NAME
from ingest.sources.ages.reading import lines, opened
from ingest.sources.annuaire.territories import NEEDED, Territories
from lake.catalog.ages import POPULATION
from lake.contract import Table
from lake.errors import ContractError
from lake.words import agreed

LATEST = "https://www.insee.fr/fr/statistiques/fichier/8202264/TD_POP1B_2021_csv.zip"
_KEY = ("code_commune_source", "sexe", "age")


class Ages:
    """Source ``ages`` (see :class:`ingest.source.Source`)."""

    name = "ages"
    title = "Population par âge"
    licence = POPULATION.licence
    tables: tuple[Table, ...] = (POPULATION,)
    budget = 0.01
    falls: tuple[Fall, ...] = (Fall(POPULATION, rows=0.1),)
    depends: tuple[Table, ...] = NEEDED

    def urls(self, region: str) -> Mapping[str, str]:  # noqa: ARG002 — the file is national
        """The table of the 2021 census; a newer one is given by hand."""
        return {"TD_POP1B_2021_csv.zip": LATEST}

    def date_of(self, paths: Sequence[Path]) -> date | None:
        """1 January of the census' year, as the file's name gives it."""
        years = {int(found.group(1)) for path in paths if (found := NAME.search(path.name))}
        return date(years.pop(), 1, 1) if len(years) == 1 else None

    def parse(self, snapshot: Snapshot, context: Context) -> Iterator[Parsed]:
        """Read the table; lines of other régions are counted and left out.

        Raises:
            ContractError: no file or several, another file than POP1B, or a census without year.
            MissingTable: the territories were never ingested.
        """
        if len(snapshot.files) != 1:
            raise ContractError(
                f"Il faut un seul fichier de population par âge, pas {len(snapshot.files)}.",
                conseil="Écrivez : obs ingest ages TD_POP1B_2021_csv.zip (ou --telecharger).",
            )
        if snapshot.date is None:
            raise ContractError(
                "L'année du recensement n'est pas dans le nom du fichier.",
                conseil="Annoncez-la : --date 2021-01-01.",
            )
        file = snapshot.files[0]
        territories = Territories.read(context)
        context.say("Lecture de la population par âge", None)
        with opened(file) as path:
            rows, lues, ailleurs = lines(path, file.name, sorted(territories.wanted))
        sound = _settled(rows.filter(pl.col("motif").is_null()), territories)
        good = sound.filter(pl.col("motif").is_null())
        kept, doublons, repeated = _once(good)
        frame = kept.with_columns(annee=pl.lit(snapshot.date.year, pl.Int64)).select(POPULATION.columns)
        refused = [
            rows.filter(pl.col("motif").is_not_null()),
            sound.filter(pl.col("motif").is_not_null()),
            repeated,
        ]
        columns = [pl.lit(file.name).alias("fichier"), "ligne", "motif", "contenu"]
        rejects = pl.concat([one.select(columns).cast(REJECTS_SCHEMA) for one in refused]).sort("ligne")
        communes = frame["code_commune"].n_unique()
        yield Parsed(
            table=POPULATION,
            frame=frame,
            lues=lues,
            doublons=doublons,
            hors_region=ailleurs,
            rejects=rejects,
            warnings=_remarks(frame, territories),
            figures={"communes": communes, "habitants": round(float(frame["population"].sum()))},
            file=file.name,
        )


def _settled(rows: pl.DataFrame, territories: Territories) -> pl.DataFrame:
    """The commune in force of each line; a code that leads to none is refused."""
    known = territories.in_force(rows["code"].unique())
    return (
        rows.drop("motif")
        .join(known, on="code", how="left", maintain_order="left")
        .rename({"code": "code_commune_source"})
        .with_columns(
            motif=pl.when(pl.col("code_commune").is_null()).then(pl.lit("commune inconnue du référentiel"))
        )
    )


def _once(rows: pl.DataFrame) -> tuple[pl.DataFrame, int, pl.DataFrame]:
    """Each inhabitant once: repeated lines set aside, contradictory ones refused, arrondissements not added twice."""
    whole = set(rows.filter(pl.col("niveau") == "COM")["code_commune_source"].unique())
    twice = (pl.col("niveau") == "ARM") & pl.col("code_commune").is_in(sorted(whole))
    single = rows.filter(~twice.fill_null(False))
    doublons = rows.height - single.height
    if single.select(_KEY).n_unique() == single.height:
        return single, doublons, single.clear()
    first = single.unique(_KEY, keep="first", maintain_order=True)
    rest = single.join(first.select("ligne"), on="ligne", how="anti").join(
        first.select(*_KEY, _ligne="ligne", _population="population"), on=_KEY, how="left"
    )
    same = rest.filter(pl.col("population") == pl.col("_population"))
    other = rest.filter(pl.col("population") != pl.col("_population")).with_columns(
        motif=pl.format("commune, sexe et âge déjà donnés ligne {}, avec un autre effectif", "_ligne")
    )
    return first, doublons + same.height, other.select(single.columns)


def _remarks(frame: pl.DataFrame, territories: Territories) -> list[str]:
    """Communes that the table does not know: their demand stays their total population."""
    mine = territories.communes.filter(
        pl.col("code_departement").is_in(sorted(territories.wanted)) & (pl.col("population") > 0)
    )
    lost = mine.filter(~pl.col("code_commune").is_in(frame["code_commune"].unique().implode())).height
    if not lost:
        return []
    return [
        agreed(
            lost,
            f"{lost} commune(s) habitée(s) sans population par âge : leur population totale en tient lieu.",
        )
    ]


SOURCE = Ages()
