"""The ``segur`` source: monthly indicators, their catalogue, structures and targets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from ingest.source import Context, Fall, Group, Parsed, Snapshot
from ingest.sources.segur import references, totals
from ingest.sources.segur.check import check
from ingest.sources.segur.nomenclature import Nomenclature, of_lake
from ingest.sources.segur.reading import Delivered, read
from lake.catalog import segur as catalog
from lake.catalog.territoires import DEPARTEMENTS, REGIONS
from lake.contract import Table
from lake.errors import ContractError, MissingTable
from lake.words import agreed

_FILE_MONTH = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])(?!\d)")
_OPTIONAL = {"mesures": ("service", *catalog.DIMENSIONS)}


class SegurSource:
    """Monthly Ségur indicators (see the README beside this module)."""

    name = "segur"
    title = "Indicateurs Ségur"
    licence = catalog.LICENCE
    tables: tuple[Table, ...] = catalog.TABLES
    budget = 0.02
    # A month delivered again; from one month to the next indicators come and go, and the pages say which.
    falls: tuple[Fall, ...] = (
        Fall(
            catalog.MESURES,
            rows=0.5,
            floor=20,
            groups=(Group("code_region", "région", floor=10),),
            filled=0.5,
            dated="mois",
            earlier=False,
        ),
    )
    depends: tuple[Table, ...] = (REGIONS, DEPARTEMENTS)

    def urls(self, region: str) -> Mapping[str, str]:  # noqa: ARG002 - nothing is published in the open
        """No open layout is published: files are received."""
        return {}

    def date_of(self, paths: Sequence[Path]) -> date | None:
        """The month that the files' names announce, when it is a single one (``segur_2022-11.csv``)."""
        months = {
            date(int(found[1]), int(found[2]), 1)
            for path in paths
            for found in _FILE_MONTH.finditer(path.name)
        }
        return months.pop() if len(months) == 1 else None

    def parse(self, snapshot: Snapshot, context: Context) -> Iterable[Parsed]:
        """Read every file of the delivery, whatever their order; yield what they change, measures last.

        Raises:
            ContractError: a file is of no known kind, cannot be read, or there is none.
        """
        if not snapshot.files:
            raise ContractError(
                "Aucun fichier n'est donné pour la source segur.",
                conseil="Donnez les fichiers du mois : obs ingest segur segur_2022-11.csv.",
            )
        files: dict[str, list[Delivered]] = {}
        for rank, file in enumerate(snapshot.files):
            context.say(f"Lecture de {file.name}", rank / len(snapshot.files))
            delivered = read(file.path, file.name)
            files.setdefault(delivered.kind, []).append(delivered)
        yield from _Delivery(files, snapshot, context).outcome()


class _Delivery:
    """One delivery against one lake."""

    def __init__(self, files: Mapping[str, list[Delivered]], snapshot: Snapshot, context: Context) -> None:
        self.files, self.snapshot, self.context = files, snapshot, context
        self.moment = datetime.now(UTC)
        self.catalogue = self._in_lake(catalog.INDICATEURS)
        self.structures = self._in_lake(catalog.STRUCTURES)
        # What an operator or a delivery added stays; packaged names follow the package.
        added = _less(self._in_lake(catalog.PROFESSIONS), catalog.professions_de_base())
        self.professions = pl.concat(
            [catalog.professions_de_base(), added.select("code_profession", "profession")]
        )

    def outcome(self) -> Iterable[Parsed]:
        """What the delivery changes, table by table."""
        base = catalog.indicateurs_de_base()
        new = base.filter(~pl.col("code").is_in(self.catalogue["code"].implode()))
        self.catalogue = pl.concat([self.catalogue, new])
        if "indicateurs" in self.files:
            kept = references.catalogue(self._rows("indicateurs"), self.catalogue, self._published())
            others = self.catalogue.filter(~pl.col("code").is_in(kept.frame["code"].implode()))
            self.catalogue = pl.concat([others, kept.frame])
            yield self._merged("indicateurs", catalog.INDICATEURS, kept, others)
        elif not new.is_empty():
            yield Parsed(catalog.INDICATEURS, self.catalogue, self.catalogue.height, counted=False)
        if "professions" in self.files:
            kept = references.professions(self._rows("professions"))
            others = _less(self.professions, kept.frame)
            self.professions = pl.concat([others, kept.frame])
            yield self._merged("professions", catalog.PROFESSIONS, kept, others)
        elif "mesures" not in self.files:
            yield from self._professions({})
        if "structures" in self.files:
            kept = references.structures(self._rows("structures"), self._names())
            listed = kept.frame["code_departement"].unique().implode()
            others = self.structures.filter(~pl.col("code_departement").is_in(listed))
            self.structures = pl.concat([others, kept.frame])
            yield self._merged("structures", catalog.STRUCTURES, kept, others)
        if "objectifs" in self.files:
            kept = references.objectifs(self._rows("objectifs"), self._names())
            listed = kept.frame["indicateur"].unique().implode()
            others = self._in_lake(catalog.OBJECTIFS).filter(~pl.col("indicateur").is_in(listed))
            yield self._merged("objectifs", catalog.OBJECTIFS, kept, others)
        if "mesures" in self.files:
            yield from self._measures()

    def _names(self) -> Nomenclature:
        return of_lake(self.context.scan, self.catalogue, self.structures, self.professions)

    # -- small files ---------------------------------------------------------------------------------

    def _rows(self, kind: str) -> pl.DataFrame:
        return pl.concat([one.rows for one in self.files[kind]])

    def _merged(self, kind: str, table: Table, kept: references.Kept, others: pl.DataFrame) -> Parsed:
        """A small table whole: the lines of the files, and those of the lake that stay (counted as read)."""
        delivered = self.files[kind]
        parsed = Parsed(
            table=table,
            frame=pl.concat([others, kept.frame]),
            lues=sum(one.lues for one in delivered) + others.height,
            doublons=kept.doublons,
            rejects=pl.concat([*(one.rejects for one in delivered), kept.rejects]),
            warnings=_warnings(delivered),
        )
        parsed.figures[f"{table.title} : lignes conservées"] = others.height
        return parsed

    def _professions(self, met: Mapping[str, str]) -> Iterable[Parsed]:
        """The list of professions with those just met, when it is not what is published."""
        new = pl.DataFrame(
            {"code_profession": list(met), "profession": list(met.values())}, schema=self.professions.schema
        )
        self.professions = pl.concat([self.professions, _less(new, self.professions)])
        listed = self.professions.sort("code_profession")
        if not self._in_lake(catalog.PROFESSIONS).sort("code_profession").equals(listed):
            yield Parsed(catalog.PROFESSIONS, listed, listed.height, counted=False)

    # -- monthly rows --------------------------------------------------------------------------------

    def _measures(self) -> Iterable[Parsed]:
        delivered = self.files["mesures"]
        names = self._names()
        self.context.say("Contrôle des lignes mensuelles", None)
        checked = check(pl.concat([one.rows for one in delivered]), names, self.moment.date())
        rows = checked.frame
        yield from self._professions(names.met)
        months = rows["mois"].unique().sort().to_list()
        former = self._sums(months)
        by_territory = totals.by_territory(rows)
        revised = totals.restatements(
            totals.published_figures(former, names.indicateurs),
            totals.published_figures(by_territory, names.indicateurs),
            moment=self.moment,
            delivery=self.snapshot.sha256,
        )
        # The first delivery of a month revises nothing.
        revised = revised.filter(pl.col("mois").is_in(former["mois"].unique().implode()))
        known = self._regions(months)
        expected = {code for _, code in known} | set(rows["indicateur"])
        covered = totals.coverage(rows, checked.attributed, names.indicateurs, known, self.moment)
        covered = covered.filter(pl.col("mois").is_in(months))
        unit = {"mois": months}
        if not revised.is_empty():
            yield Parsed(catalog.RESTATEMENTS, revised, revised.height, append=True, counted=False)
        if months:
            for table, frame in (
                (catalog.COUVERTURE, covered),
                (catalog.CUMULS_EDITEURS, totals.by_editor(rows)),
                (catalog.CUMULS_TERRITOIRES, by_territory),
            ):
                yield Parsed(table, frame, frame.height, counted=False, replace=unit)
        parsed = Parsed(
            table=catalog.MESURES,
            frame=rows,
            lues=sum(one.lues for one in delivered),
            doublons=checked.doublons,
            rejects=pl.concat([*(one.rejects for one in delivered), checked.rejects]),
            replace=unit,
            warnings=[
                *_warnings(delivered),
                *_unlisted(names.met),
                *_gone(former, rows),
                *_incomplete(covered, expected),
            ],
        )
        parsed.figures["mois livrés"] = ", ".join(f"{month:%Y-%m}" for month in months)
        if not former.is_empty():
            parsed.figures["chiffres publiés révisés"] = revised.height
        if checked.unnamed:
            parsed.figures["structures sans nom au répertoire"] = checked.unnamed
        yield parsed

    # -- the lake ------------------------------------------------------------------------------------

    def _in_lake(self, table: Table) -> pl.DataFrame:
        try:
            return self.context.scan(table).collect()
        except MissingTable:
            return table.empty()

    def _sums(self, months: Sequence[date]) -> pl.DataFrame:
        """What is published of these months."""
        try:
            return (
                self.context.scan(catalog.CUMULS_TERRITOIRES).filter(pl.col("mois").is_in(months)).collect()
            )
        except MissingTable:
            return catalog.CUMULS_TERRITOIRES.empty()

    def _published(self) -> list[str]:
        try:
            covered = self.context.scan(catalog.COUVERTURE)
        except MissingTable:
            return []
        return (
            covered.filter(pl.col("lignes") > 0)
            .select("indicateur")
            .unique()
            .collect()["indicateur"]
            .to_list()
        )

    def _regions(self, months: Sequence[date]) -> dict[tuple[date, str], frozenset[str]]:
        """Regions of each (month, indicator) published before the months delivered."""
        if not months:
            return {}
        try:
            sums = self.context.scan(catalog.CUMULS_TERRITOIRES).filter(pl.col("mois") < max(months))
        except MissingTable:
            return {}
        found = sums.group_by("mois", "indicateur").agg(pl.col("code_region").drop_nulls().unique()).collect()
        return {(month, code): frozenset(regions) for month, code, regions in found.iter_rows()}


def _less(rows: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """Professions that a list does not have."""
    return rows.filter(~pl.col("code_profession").is_in(listed["code_profession"].implode()))


def _unlisted(met: Mapping[str, str]) -> list[str]:
    """Professions that the list did not have."""
    if not met:
        return []
    named = ", ".join(sorted(met.values()))
    return [
        agreed(
            len(met), f"{len(met)} profession(s) hors de la liste, publiée(s) telle(s) quelle(s) : {named}. "
        )
        + "Pour les nommer autrement : un fichier code_profession;profession."
    ]


def _warnings(delivered: Sequence[Delivered]) -> list[str]:
    """Columns that a file does not have, or that are not read."""
    said = [warning for one in delivered for warning in one.warnings]
    for one in delivered:
        missing = [name for name in one.missing if name in _OPTIONAL.get(one.kind, ())]
        if missing:
            said.append(f"{one.name} : colonne(s) absente(s), laissée(s) vide(s) : {', '.join(missing)}")
        if one.ignored:
            said.append(f"{one.name} : colonne(s) ignorée(s) : {', '.join(one.ignored)}")
    return said


def _gone(former: pl.DataFrame, rows: pl.DataFrame) -> list[str]:
    """Indicators that a month had and that its new delivery does not bring."""
    pairs = ["mois", "indicateur"]
    gone = former.select(pairs).unique().join(rows.select(pairs).unique(), on=pairs, how="anti").sort(pairs)
    return [
        f"Mois {month:%Y-%m} : {', '.join(codes)} publié(s) auparavant et absent(s) de cette livraison, qui "
        "remplace tout le mois"
        for month, codes in gone.group_by("mois", maintain_order=True).agg("indicateur").iter_rows()
    ]


def _incomplete(covered: pl.DataFrame, expected: set[str]) -> list[str]:
    """One sentence a month that is not complete; an indicator never delivered is not expected."""
    covered = covered.filter(pl.col("indicateur").is_in(list(expected)))
    said = []
    for (month,), lines in covered.sort("mois", "indicateur").group_by("mois", maintain_order=True):
        partial = lines.filter(pl.col("statut") == "incomplet")["indicateur"].to_list()
        absent = lines.filter(pl.col("statut") == "absent")["indicateur"].to_list()
        parts = [agreed(len(partial), f"{', '.join(partial)} incomplet(s)")] if partial else []
        parts += [agreed(len(absent), f"{', '.join(absent)} absent(s)")] if absent else []
        if parts:
            said.append(f"Mois {month:%Y-%m} incomplet : {' ; '.join(parts)}")
    return said


SOURCE = SegurSource()
