"""The Annuaire Santé: activities, diplomas and savoir-faire of health professionals (ANS, RPPS)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from ingest.files.blocks import lines_at
from ingest.geocode.locate import locate, precision_figures
from ingest.source import Context, Fall, Group, Parsed, Snapshot
from ingest.sources.annuaire import packaging, personal
from ingest.sources.annuaire.columns import with_place, with_site, with_specialty, with_territory
from ingest.sources.annuaire.corrected import correct, corrections
from ingest.sources.annuaire.departements import RegionFilter
from ingest.sources.annuaire.identifiers import NATIONAL
from ingest.sources.annuaire.labels import named
from ingest.sources.annuaire.packaging import Member
from ingest.sources.annuaire.persons import PersonFilter, everyone
from ingest.sources.annuaire.scanning import Keep, Scanned, scan
from ingest.sources.annuaire.territories import NEEDED, Territories
from lake.catalog.annuaire import ACTIVITES, DIPLOMES, LICENCE, SAVOIR_FAIRE
from lake.catalog.ban import ADRESSES
from lake.catalog.corrections import CORRECTIONS
from lake.contract import Table
from lake.errors import ContractError, MissingTable

#: The ANS delivers one national archive. Its server's certificate comes from the health sector's own authority
#: (IGC-Santé): where that authority is not trusted, REQUESTS_CA_BUNDLE names its certificates.
ARCHIVE = (
    "https://service.annuaire.sante.fr/annuaire-sante-webservices/V300/services/extraction/PS_LibreAcces"
)


class Annuaire:
    """Source ``annuaire`` (see :class:`ingest.source.Source`)."""

    name = "annuaire"
    title = "Annuaire Santé (RPPS), extractions en libre accès"
    licence = LICENCE
    tables: tuple[Table, ...] = (DIPLOMES, SAVOIR_FAIRE, ACTIVITES)
    budget = 0.01
    # A fortnight moves a few rows in a hundred. A small profession may lose its only members.
    falls: tuple[Fall, ...] = (
        Fall(
            ACTIVITES,
            groups=(
                Group("code_departement", "département"),
                Group("code_profession", "profession", floor=5, share=0.002),
            ),
            # Where an address was found depends on the BAN too.
            derived=("longitude", "latitude", "geo_precision", "geo_score", "geo_motif", "geo_source"),
            dated="date_extraction",
        ),
        Fall(DIPLOMES, dated="date_extraction"),
        Fall(SAVOIR_FAIRE, dated="date_extraction"),
    )
    depends: tuple[Table, ...] = (*NEEDED, ADRESSES, CORRECTIONS)

    def urls(self, region: str) -> Mapping[str, str]:  # noqa: ARG002 — one national file for all regions
        """The national archive: file name -> URL."""
        return {"PS_LibreAcces.zip": ARCHIVE}

    def date_of(self, paths: Sequence[Path]) -> date | None:
        """The date in the names of the files or of the archive's members (``…_AAAAMMJJhhmm``).

        Raises:
            ContractError: the names announce several dates.
            SourceUnavailable: an archive cannot be read.
        """
        return packaging.date_of(paths)

    def withheld(self, path: Path, folder: Path) -> Path:
        """The file without its personal columns: what is read, hashed and archived (see :mod:`.personal`)."""
        return personal.withheld(path, folder)

    def parse(self, snapshot: Snapshot, context: Context) -> Iterator[Parsed]:
        """Read the files that are there, any subset of the three.

        Activities are read first, for the other two files are cut down to the persons that they keep; they
        are yielded last, for their publication is what readers see.

        Raises:
            ContractError: no date, a file that is not of the ANS, empty, or without a required column.
            SourceUnavailable: a file or an archive cannot be read to its end.
            MissingTable: the territories were never ingested.
        """
        delivery = packaging.open_delivery(snapshot.files)
        day = _day(snapshot)
        territories = Territories.read(context)
        first = list(delivery.warnings)
        members = delivery.members
        activites: Parsed | None = None
        by_products: list[Parsed] = []
        if (member := members.get("activites")) is not None:
            activites, by_products = read_activites(member, day, territories, context)
            persons: pl.Series | None = activites.frame[NATIONAL].unique()
            origin: list[str] = []
        else:
            persons, origin = persons_of_the_lake(day, context)
        yield from by_products
        by_products.clear()
        for kind in ("diplomes", "savoir_faire"):
            if (member := members.get(kind)) is not None:
                parsed = read_by_person(member, day, persons, context)
                parsed.warnings = [*first, *parsed.warnings, *origin]
                first, origin = [], []
                yield parsed
        if activites is not None:
            activites.warnings = [*first, *activites.warnings]
            yield activites


SOURCE = Annuaire()


def read_activites(
    member: Member, day: date, territories: Territories, context: Context
) -> tuple[Parsed, list[Parsed]]:
    """Read Personne_activite: the activities of the region, placed, corrected, and the geocoder's memory if it grew."""
    scanned = read_region(member, territories, context)
    read, remarks = named(scanned.frame, member.header)
    frame = derive(read, day, territories)
    located = locate(frame, context)
    frame = located.frame.with_columns(code_commune=pl.coalesce("code_commune", "code_commune_trouve"))
    corrected = correct(frame, corrections(context), territories.fusions)
    frame = with_territory(corrected.frame, territories).select(ACTIVITES.columns)
    by_products = [] if located.memory.is_empty() else [located.memory_parsed()]
    figures = {**located.figures, **precision_figures(frame), **corrected.figures}
    parsed = _parsed(member, day, scanned, frame, figures)
    parsed.warnings = [*remarks, *corrected.warnings]
    return parsed, by_products


def read_region(member: Member, territories: Territories, context: Context) -> Scanned:
    """Check every line of Personne_activite and keep those of the region."""
    return read_lines(member, RegionFilter(territories.wanted, territories.departements), context)


def derive(frame: pl.DataFrame, day: date, territories: Territories) -> pl.DataFrame:
    """Rows as read -> rows with every derived column but those of the geocoder."""
    frame = frame.with_columns(date_extraction=pl.lit(day))
    return with_site(with_specialty(with_territory(with_place(frame, territories), territories)))


def read_by_person(member: Member, day: date, persons: pl.Series | None, context: Context) -> Parsed:
    """Read Dipl_AutExerc or SavoirFaire: the lines about ``persons`` (everyone when None).

    Lines about other persons count as outside the region.
    """
    chosen = None if persons is None else PersonFilter(persons)
    scanned = read_lines(member, everyone if chosen is None else chosen, context)
    frame = scanned.frame if chosen is None else chosen.settle(scanned.frame)
    scanned.hors_region += scanned.frame.height - frame.height
    frame = frame.with_columns(date_extraction=pl.lit(day))
    return _parsed(member, day, scanned, frame, {})


def persons_of_the_lake(day: date, context: Context) -> tuple[pl.Series | None, list[str]]:
    """Persons kept in the lake's extraction of that date, else in its most recent; None when there is none.

    Returns:
        The national identifiers, and a French remark on where they come from.
    """
    try:
        activites = context.scan(ACTIVITES).select("date_extraction", NATIONAL)
        days = activites.select("date_extraction").unique().collect()["date_extraction"].to_list()
    except MissingTable:
        days = []
    if not days:
        return None, ["Aucune activité dans le lac : les lignes de toutes les personnes sont gardées."]
    chosen = day if day in days else max(days)
    persons = activites.filter(pl.col("date_extraction") == chosen).select(NATIONAL).unique().collect()
    return persons.to_series(), [
        f"Personnes gardées : celles de l'extraction du {chosen:%d/%m/%Y} déjà dans le lac."
    ]


def read_lines(member: Member, keep: Keep, context: Context) -> Scanned:
    """Check every line of a file and keep those that ``keep`` chooses.

    Raises:
        ContractError: the file has no data line.
    """
    sentence = f"Lecture de {member.name}"
    with member.open() as stream:
        scanned = scan(
            stream,
            member.header,
            keep,
            name=member.name,
            size=member.size,
            say=lambda share: context.say(sentence, share),
        )
    if scanned.lues == 0:
        raise ContractError(
            f"{member.name} ne contient que son en-tête, aucune ligne de données.",
            conseil="Téléchargez-le de nouveau : la version publiée n'a pas changé.",
        )
    return scanned


def _parsed(
    member: Member,
    day: date,
    scanned: Scanned,
    frame: pl.DataFrame,
    figures: dict[str, float | int | str],
) -> Parsed:
    table = member.header.layout.table

    def contents(numbers: Sequence[int]) -> dict[int, str]:
        with member.open() as stream:
            return lines_at(stream, np.array(numbers, dtype=np.int64), name=member.name)

    return Parsed(
        table=table,
        frame=frame.select(table.columns),
        lues=scanned.lues,
        doublons=scanned.doublons,
        hors_region=scanned.hors_region,
        rejects=scanned.rejects,
        replace={"date_extraction": [day]},
        warnings=list(member.header.warnings),
        figures=figures,
        contents=contents,
    )


def _day(snapshot: Snapshot) -> date:
    """The date of the extraction.

    Raises:
        ContractError: neither the operator nor the names of the files say it.
    """
    day = snapshot.date or packaging.date_of([file.path for file in snapshot.files])
    if day is None:
        names = ", ".join(file.name for file in snapshot.files)
        raise ContractError(
            f"La date de l'extraction n'est pas dans le nom des fichiers ({names}).",
            conseil="Annoncez-la : --date AAAA-MM-JJ.",
        )
    return day
