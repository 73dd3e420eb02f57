"""Convergence: the maturity campaigns of the regions and of the editors.

A delivery is the set of files of one campaign; its names say which file is which and the campaign's date:
``services_2020-12-15.csv``, ``reponses_2020-12-15.csv``… (CSV or Parquet).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from ingest.source import Context, Fall, Group, Parsed, Snapshot
from ingest.sources.convergence.files import LAYOUTS
from ingest.sources.convergence.lot import Lot, read_lot
from ingest.sources.convergence.referentiel import Referentiel, altered, cards_of
from lake.catalog.convergence import (
    AMELIORATIONS,
    CAMPAGNES,
    JALONS,
    LICENCE,
    NIVEAUX,
    PLANS,
    PRELIMINAIRES,
    REFERENTIEL,
    REPONSES,
    SERVICES,
    SOLUTIONS,
    VERSIONS,
)
from lake.catalog.convergence_fiches import FICHES
from lake.catalog.convergence_usages import USAGES
from lake.contract import Table
from lake.errors import ContractError, MissingTable
from lake.words import agreed
from scoring.saisie.referentiel import fingerprint

_DATE = re.compile(r"(20[0-9]{2})-?([01][0-9])-?([0-3][0-9])")
_FILES: tuple[tuple[str, Table], ...] = (
    ("services", SERVICES),
    ("solutions", SOLUTIONS),
    ("preliminaires", PRELIMINAIRES),
    ("jalons", JALONS),
    ("ameliorations", AMELIORATIONS),
    ("plans", PLANS),
    ("reponses", REPONSES),
    ("usages", USAGES),
)


class Convergence:
    """Source ``convergence`` (see :class:`ingest.source.Source`)."""

    name = "convergence"
    title = "Convergence : maturité des services numériques en santé"
    licence = LICENCE
    # The answers count; the row of the campaign comes last and makes it visible.
    tables: tuple[Table, ...] = (
        REFERENTIEL,
        NIVEAUX,
        FICHES,
        VERSIONS,
        *(table for _, table in _FILES),
        CAMPAGNES,
    )
    budget = 0.01
    falls: tuple[Fall, ...] = (
        Fall(
            SERVICES,
            rows=0.5,
            groups=(Group("region", "région", floor=5),),
            filled=0.6,
            dated="campagne",
        ),
        Fall(REPONSES, rows=0.6, floor=30, filled=0.6, dated="campagne"),
    )
    depends: tuple[Table, ...] = ()

    def urls(self, region: str) -> Mapping[str, str]:  # noqa: ARG002 — declarations have no official address
        """No official address: the files come from the regions and the editors."""
        return {}

    def date_of(self, paths: Sequence[Path]) -> date | None:
        """The campaign's date in the file names.

        Raises:
            ContractError: the names announce several dates, or one that does not exist.
        """
        found = set()
        for path in paths:
            if match := _DATE.search(path.stem):
                try:
                    found.add(date(*map(int, match.groups())))
                except ValueError as error:
                    raise ContractError(
                        f"{path.name} : « {match.group()} » n'est pas une date.",
                        conseil="Nommez les fichiers d'après la campagne : services_2020-12-15.csv.",
                    ) from error
        if len(found) > 1:
            raise ContractError(
                f"Les fichiers annoncent plusieurs campagnes : {', '.join(map(str, sorted(found)))}.",
                conseil="Ingérez une campagne à la fois.",
            )
        return next(iter(found), None)

    def parse(self, snapshot: Snapshot, context: Context) -> Iterator[Parsed]:
        """Read and check the files of one campaign.

        Raises:
            ContractError: no date, an unknown or repeated file, a missing required file or column; a version of
                the referential that is published with another content.
            SourceUnavailable: a file cannot be read.
        """
        if snapshot.date is None:
            raise ContractError(
                "La date de la campagne n'est pas dans le nom des fichiers.",
                conseil="Annoncez-la : --date AAAA-MM-JJ.",
            )
        day = snapshot.date
        lot = read_lot(
            named([file.path for file in snapshot.files]),
            campagne=day,
            published=lambda volet: _of_campaign(context, volet, day),
        )
        yield from _referentiel(lot, context)
        key: dict[str, list[object]] = {"volet": [lot.volet], "campagne": [lot.campagne]}
        remarks = [*lot.warnings, *_changes(lot, context)]
        for name, table in _FILES:
            if table is USAGES and not lot.lues.get(name) and not self._has(context, table, lot):
                continue  # a campaign of before, or of a referential that asks no value
            frame: pl.DataFrame = getattr(lot, name)
            lines = dict(frame.select("ligne", "contenu").iter_rows())
            yield Parsed(
                table=table,
                frame=_stamped(frame, lot, table),
                lues=lot.lues.get(name, 0),
                doublons=lot.doublons.get(name, 0),
                rejects=lot.rejects_of(name),
                replace=key,
                # A file that was not given still empties its table for the campaign, uncounted.
                counted=lot.lues.get(name, 0) > 0,
                warnings=remarks if table is REPONSES else [],
                contents=lambda numbers, lines=lines: {  # type: ignore[misc]
                    number: lines[number] for number in numbers if number in lines
                },
            )
        yield Parsed(
            table=CAMPAGNES,
            frame=_campaign(lot),
            lues=1,
            replace=key,
            counted=False,
            figures={
                "services déclarés": lot.services.height,
                "réponses retenues": lot.reponses.height,
                "étapes de plan retenues": lot.plans.height,
            },
        )

    @staticmethod
    def _has(context: Context, table: Table, lot: Lot) -> bool:
        return not _published(context, table, lot.volet, pl.col("campagne") == lot.campagne).is_empty()


SOURCE = Convergence()


def named(paths: Sequence[Path]) -> dict[str, Path]:
    """Which file is which, from its name: the first word of the stem that is the name of a file.

    Raises:
        ContractError: a file is none of those expected, or two are the same one.
    """
    found: dict[str, Path] = {}
    for path in paths:
        words = re.split(r"[^a-zA-Z]+", path.stem.lower())
        names = [word for word in words if word in LAYOUTS]
        if not names:
            raise ContractError(
                f"Fichier inattendu : {path.name}.",
                conseil=f"Noms attendus : {', '.join(f'{name}_AAAA-MM-JJ.csv' for name in LAYOUTS)}.",
            )
        if names[0] in found:
            raise ContractError(
                f"Deux fichiers « {names[0]} » : {found[names[0]].name} et {path.name}.",
                conseil="Ingérez une campagne à la fois.",
            )
        found[names[0]] = path
    return found


def _referentiel(lot: Lot, context: Context) -> Iterator[Parsed]:
    """The referential that applies, under its version.

    Raises:
        ContractError: the version is published and says something else: closed campaigns rest on it.
    """
    given = lot.lues.get("referentiel", 0)
    # What the contract refuses is not published: it is no part of the version.
    said = Referentiel(
        lot.volet,
        lot.referentiel.version,
        REFERENTIEL.conform(lot.referentiel.criteres).valid,
        NIVEAUX.conform(lot.referentiel.niveaux).valid,
    )
    digest = fingerprint(said.criteres, said.niveaux)
    known = _version(context, lot.volet, said.version)
    if known is not None and _digest(context, known) != digest:
        named = lot.noms.get("referentiel", f"référentiel livré avec le logiciel ({said.version})")
        changed = dict.fromkeys(
            [*altered(known.criteres, said.criteres), *altered(known.niveaux, said.niveaux)]
        )
        raise ContractError(
            f"{named} : la version {said.version} du référentiel ({lot.volet}) est déjà publiée avec un autre contenu"
            + (f" ; critères changés : {', '.join(changed)}." if changed else "."),
            conseil="Une version publiée ne change plus : les campagnes closes s'appuient sur elle. Reprenez ses "
            "lignes, ou donnez ce référentiel avec une campagne d'une autre date : il sera une nouvelle version.",
        )
    key: dict[str, list[object]] = {"volet": [lot.volet], "version": [said.version]}
    yield Parsed(
        table=REFERENTIEL,
        frame=lot.referentiel.criteres,
        lues=given,
        doublons=lot.doublons.get("referentiel", 0),
        rejects=lot.rejects_of("referentiel"),
        replace=key,
        counted=given > 0,
    )
    yield Parsed(
        table=NIVEAUX,
        frame=lot.referentiel.niveaux,
        lues=lot.referentiel.niveaux.height,
        replace=key,
        counted=False,
    )
    # Texts that somebody published with the version stay.
    if _published(context, FICHES, lot.volet, pl.col("version") == said.version).is_empty():
        cards = cards_of(said)
        if cards.height:
            yield Parsed(table=FICHES, frame=cards, lues=cards.height, replace=key, counted=False)
    kept = _published(context, VERSIONS, lot.volet, pl.col("version") == said.version)
    row = {
        "volet": [lot.volet],
        "version": [said.version],
        "empreinte": [digest],
        "criteres": [said.criteres["critere"].n_unique()],
        "niveaux": [said.niveaux.height],
        # A version that people answer under stays in force from its day, however often a campaign closes under it.
        "en_vigueur_le": kept["en_vigueur_le"].to_list() or [None],
    }
    yield Parsed(
        table=VERSIONS,
        frame=pl.DataFrame(row, schema=VERSIONS.dtypes()),
        lues=1,
        replace=key,
        counted=False,
    )


def _of_campaign(context: Context, volet: str, campagne: date) -> Referentiel | None:
    """The referential under which a campaign is published: given again without one, it keeps its own."""
    rows = _published(context, CAMPAGNES, volet, pl.col("campagne") == campagne)
    return None if rows.is_empty() else _version(context, volet, rows["version_referentiel"][0])


def _version(context: Context, volet: str, version: str) -> Referentiel | None:
    """A published version of a referential."""
    here = pl.col("version") == version
    criteres = _published(context, REFERENTIEL, volet, here)
    if criteres.is_empty():
        return None
    return Referentiel(volet, version, criteres.sort("ordre"), _published(context, NIVEAUX, volet, here))


def _digest(context: Context, known: Referentiel) -> str:
    """The content hash kept with a published version; computed where a lake is older than that table."""
    kept = _published(context, VERSIONS, known.volet, pl.col("version") == known.version)
    return fingerprint(known.criteres, known.niveaux) if kept.is_empty() else str(kept["empreinte"][0])


def _published(context: Context, table: Table, volet: str, where: pl.Expr) -> pl.DataFrame:
    """Rows of a table already published; none where it never was."""
    try:
        return context.scan(table).filter(pl.col("volet") == volet, where).collect()
    except MissingTable:
        return table.empty()


def _stamped(frame: pl.DataFrame, lot: Lot, table: Table) -> pl.DataFrame:
    """Rows with their side and campaign; columns of the contract and the line they come from."""
    stamped = frame.with_columns(volet=pl.lit(lot.volet), campagne=pl.lit(lot.campagne, pl.Date))
    return stamped.select(*table.columns, "ligne")


def _campaign(lot: Lot) -> pl.DataFrame:
    """The row of the campaign."""
    return pl.DataFrame(
        {
            "volet": [lot.volet],
            "campagne": [lot.campagne],
            "version_referentiel": [lot.referentiel.version],
            "services": [lot.services.height],
            "reponses": [lot.reponses.height],
            "plans": [lot.plans.height],
            "etat": [None],
        },
        schema=CAMPAGNES.dtypes(),
    )


def _changes(lot: Lot, context: Context) -> list[str]:
    """What a campaign that was already published would change: said, never silent."""
    remarks = []
    for name, table in _FILES:
        before = _published(context, table, lot.volet, pl.col("campagne") == lot.campagne)
        if before.is_empty():
            continue
        after = _stamped(getattr(lot, name), lot, table).select(table.columns).cast(before.schema)
        key = list(table.key)
        added = after.join(before, on=key, how="anti").height
        removed = before.join(after, on=key, how="anti").height
        same = after.join(before, on=list(table.columns), how="semi", nulls_equal=True).height
        changed = after.height - added - same
        if added or removed or changed:
            remarks.append(
                f"Campagne du {lot.campagne:%d/%m/%Y} déjà publiée, {name} : "
                + ", ".join(
                    agreed(count, f"{count} {word}(s)")
                    for count, word in ((added, "ajoutée"), (removed, "retirée"), (changed, "modifiée"))
                )
                + "."
            )
    return remarks
