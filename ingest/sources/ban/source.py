"""The Base Adresse Nationale: one row per address or named place, by department."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import polars as pl

from ingest.source import REJECTS_SCHEMA, Context, Fall, Group, Parsed, Snapshot, SourceFile
from ingest.sources.ban.reading import Read, read_lines
from ingest.sources.ban.regions import departements_of
from lake.catalog.ban import ADRESSES, LICENCE
from lake.contract import Table
from lake.errors import ContractError, MissingTable
from scoring.geocode.communes import departement_of_commune

BASE_URL = "https://adresse.data.gouv.fr/data/ban/adresses/latest/csv"
# Files read side by side: decompression and parsing both let the interpreter go.
WORKERS = 2
# Numbers that the BAN gives to named places without any number.
_NO_NUMBER = ("0", "99999")
_COMMUNE = r"^(2[AB]|[0-9]{2})[0-9]{3}$"


class Ban:
    """Source ``ban`` (see :class:`ingest.source.Source`)."""

    name = "ban"
    title = "Base Adresse Nationale"
    licence = LICENCE
    tables: tuple[Table, ...] = (ADRESSES,)
    budget = 0.01
    falls: tuple[Fall, ...] = (Fall(ADRESSES, groups=(Group("code_departement", "département"),)),)
    depends: tuple[Table, ...] = ()

    def urls(self, region: str) -> Mapping[str, str]:
        """Official files of the region's departments: file name -> URL.

        Raises:
            UnknownName: no region has this code.
        """
        names = [f"adresses-{code}.csv.gz" for code in departements_of(region)]
        return {name: f"{BASE_URL}/{name}" for name in names}

    def date_of(self, paths: Sequence[Path]) -> date | None:  # noqa: ARG002 — the protocol's signature
        """None: neither the names nor the content of the BAN's files bear a date."""
        return None

    def parse(self, snapshot: Snapshot, context: Context) -> Iterator[Parsed]:
        """Read the files; the departments are recognised from the commune codes, not from the file names.

        Publishing replaces the departments met and no other.

        Raises:
            ContractError: no file was given, or one is not of the BAN.
            UnknownName: no region has the context's code.
        """
        if not snapshot.files:
            raise ContractError(
                "Aucun fichier de la Base Adresse Nationale n'a été donné.",
                conseil="Donnez des fichiers adresses-<département>.csv.gz, ou --telecharger.",
            )
        wanted = departements_of(context.region)
        outcomes: list[_Outcome] = []
        with ThreadPoolExecutor(WORKERS) as pool:
            for done, outcome in enumerate(
                pool.map(lambda file: _Outcome(file, read_lines(file), wanted), snapshot.files)
            ):
                outcomes.append(outcome)
                context.say(f"Lecture de {snapshot.files[done].name}", (done + 1) / len(snapshot.files))
        rows = pl.concat([outcome.rows for outcome in outcomes])
        stays = _addresses_of_the_lake(outcomes, context)
        rows = pl.concat([rows, stays])
        first = rows["id"].is_first_distinct()
        kept = rows.filter(first)
        warnings = [warning for outcome in outcomes for warning in outcome.warnings]
        departements = kept["code_departement"].unique().sort().to_list()
        figures: dict[str, float | int | str] = {
            "départements": ", ".join(departements),
            "adresses sans coordonnées": kept["longitude"].null_count(),
        }
        if stays.height:
            figures["adresses gardées du lac"] = stays.height
        yield Parsed(
            table=ADRESSES,
            frame=kept,
            lues=sum(outcome.lues for outcome in outcomes) + stays.height,
            doublons=rows.height - kept.height,
            hors_region=sum(outcome.hors_region for outcome in outcomes),
            rejects=pl.concat([outcome.rejects for outcome in outcomes]),
            replace={"code_departement": departements},
            warnings=warnings,
            figures=figures,
        )


def _addresses_of_the_lake(outcomes: Sequence[_Outcome], context: Context) -> pl.DataFrame:
    """What is published of the departments of which the delivery holds named places and no address.

    Named places complete the addresses: alone, they do not replace them.
    """
    met = {
        places: {
            code
            for outcome in outcomes
            if outcome.places is places
            for code in outcome.rows["code_departement"]
        }
        for places in (True, False)
    }
    alone = met[True] - met[False]
    if not alone:
        return ADRESSES.empty()
    try:
        published = context.scan(ADRESSES).filter(pl.col("code_departement").is_in(sorted(alone))).collect()
    except MissingTable:
        return ADRESSES.empty()
    return published.select(ADRESSES.columns)


class _Outcome:
    """What one file gave, in the contract's columns.

    Attributes:
        rows: sound rows of the wanted departments.
        lues: data lines.
        hors_region: sound rows of other departments.
        rejects: rejected lines.
        places: whether they are named places only.
        warnings: French remarks.
    """

    def __init__(self, file: SourceFile, lines: Read, wanted: Sequence[str]) -> None:
        frame, refused = _split(_named(lines.frame), file.name)
        in_region = frame["code_departement"].is_in(list(wanted))
        self.rows = frame.filter(in_region).select(ADRESSES.columns)
        self.lues = lines.lues
        self.hors_region = frame.height - self.rows.height
        self.rejects = pl.concat([lines.rejects, refused]).sort("ligne")
        self.places = lines.places
        self.warnings = [
            f"{file.name} : colonne {name} absente, laissée vide."
            for name in lines.absent
            if not (lines.places and name == "rep")
        ]


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    """The contract's columns, plus ``_lon`` and ``_lat`` as read."""
    longitude = pl.col("lon").cast(pl.Float64, strict=False)
    latitude = pl.col("lat").cast(pl.Float64, strict=False)
    both = longitude.is_not_null() & latitude.is_not_null()
    return frame.select(
        "ligne",
        "id",
        code_departement=departement_of_commune(pl.col("code_insee")),
        numero=pl.when(~pl.col("numero").is_in(_NO_NUMBER)).then("numero"),
        repetition="rep",
        nom_voie="nom_voie",
        nom_lieu_dit="nom_ld",
        code_postal="code_postal",
        code_commune="code_insee",
        nom_commune="nom_commune",
        ancien_code_commune="code_insee_ancienne_commune",
        ancienne_commune="nom_ancienne_commune",
        longitude=pl.when(both).then(longitude),
        latitude=pl.when(both).then(latitude),
        _lon="lon",
        _lat="lat",
    )


def _split(frame: pl.DataFrame, name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows that mean an address, and the others as rejected lines with the reason."""
    written = pl.col("_lon").is_not_null() & pl.col("_lat").is_not_null()
    inside = pl.col("longitude").is_between(-180, 180) & pl.col("latitude").is_between(-90, 90)
    reason = (
        pl.when(pl.col("id").is_null())
        .then(pl.lit("identifiant absent"))
        .when(pl.col("code_commune").is_null())
        .then(pl.lit("code de commune absent"))
        .when(~pl.col("code_commune").str.contains(_COMMUNE))
        .then(pl.lit("code de commune de forme inattendue"))
        .when(pl.col("nom_voie").is_null() & pl.col("nom_lieu_dit").is_null())
        .then(pl.lit("ni voie ni lieu-dit"))
        .when(written & pl.col("longitude").is_null())
        .then(pl.lit("coordonnées illisibles"))
        .when(written & ~inside)
        .then(pl.lit("coordonnées hors des bornes"))
    )
    marked = frame.with_columns(_motif=reason)
    bad = marked.filter(pl.col("_motif").is_not_null())
    if bad.is_empty():
        return frame, pl.DataFrame(schema=REJECTS_SCHEMA)
    content = pl.concat_str(
        "id",
        "numero",
        "nom_voie",
        "code_postal",
        "code_commune",
        "_lon",
        "_lat",
        separator=";",
        ignore_nulls=True,
    )
    rejects = bad.select(fichier=pl.lit(name), ligne="ligne", motif="_motif", contenu=content)
    return marked.filter(pl.col("_motif").is_null()), rejects


SOURCE = Ban()
