"""The referential that the entry follows: read from the lake, and a new version published from files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from lake.catalog.convergence import NIVEAUX, REFERENTIEL, VERSIONS
from lake.catalog.convergence_fiches import CORRESPONDANCES, FICHES, QUESTIONS
from lake.contract import Table
from lake.delimited import cut
from lake.errors import ContractError, LakeError, MissingTable
from lake.tables import Lake
from scoring.saisie.correspondance import Passage
from scoring.saisie.referentiel import Referentiel, composer, differences, fautes, fingerprint
from scoring.saisie.volets import INDUSTRIELS, REGIONS, reunir
from scoring.universes.model import Scan

VOLET = REGIONS
FICHIERS = ("referentiel", "niveaux", "fiches", "questions", "correspondances")
"""The files of a version, in CSV."""
_TABLES = (REFERENTIEL, NIVEAUX, FICHES, QUESTIONS, CORRESPONDANCES, VERSIONS)


def versions(scan: Scan, volet: str = VOLET) -> pl.DataFrame:
    """The published versions of a side, oldest first: ``version, en_vigueur_le, criteres, niveaux, empreinte``.

    A version that says no day is in force from the one that its name says, or always.
    """
    rows = _rows(scan, VERSIONS, pl.lit(True), volet)
    day = pl.coalesce("en_vigueur_le", pl.col("version").str.to_date(strict=False))
    return (
        rows.with_columns(en_vigueur_le=day)
        .select("version", "en_vigueur_le", "criteres", "niveaux", "empreinte")
        .sort("en_vigueur_le", "version", nulls_last=False)
    )


def libelles(scan: Scan, names: Collection[str]) -> dict[tuple[str, str], str]:
    """The criteria as each of some versions words them, of either side: (version, code) -> name."""
    found: dict[tuple[str, str], str] = {}
    for volet in (REGIONS, INDUSTRIELS):
        rows = _rows(scan, REFERENTIEL, pl.col("version").is_in(sorted(names)), volet)
        for version, code, name in rows.select("version", "critere", "libelle_critere").unique().iter_rows():
            found.setdefault((version, code), name or "")
    return found


def en_vigueur_partout(scan: Scan, jour: date) -> Referentiel:
    """The versions in force on a day, of both sides where industry's has one: what whoever answers meets.

    Raises:
        LakeError: no version of the regions was ever published.
    """
    ours = en_vigueur(scan, jour)
    try:
        return reunir(ours, en_vigueur(scan, jour, INDUSTRIELS))
    except LakeError:
        return ours


def en_vigueur(scan: Scan, jour: date, volet: str = VOLET) -> Referentiel:
    """The version of a side in force on a day.

    Raises:
        LakeError: no version was ever published.
    """
    published = versions(scan, volet)
    known = published.filter(pl.col("en_vigueur_le").is_null() | (pl.col("en_vigueur_le") <= jour))
    if known.is_empty() and published.height:
        raise LakeError(
            f"Aucun référentiel n'était en vigueur au {jour:%d/%m/%Y}.",
            conseil=f"Le premier publié l'est depuis le {min(published['en_vigueur_le']):%d/%m/%Y}.",
        )
    if known.is_empty():
        raise LakeError(
            "Aucun référentiel n'est publié : la saisie n'a pas de questions.",
            conseil="Ingérez une campagne (obs ingest convergence) ou un référentiel (obs referentiel importer).",
        )
    links = _rows(scan, CORRESPONDANCES, pl.lit(True), volet)
    chain = (Passage(one, links.filter(pl.col("version") == one)) for one in known["version"])
    return replace(lu(scan, str(known["version"][-1]), volet), chaine=tuple(chain))


def lu(scan: Scan, version: str, volet: str = VOLET) -> Referentiel:
    """A published version of a side."""
    here = pl.col("version") == version
    criteres, niveaux, fiches, questions, links = (
        _rows(scan, one, here, volet) for one in (REFERENTIEL, NIVEAUX, FICHES, QUESTIONS, CORRESPONDANCES)
    )
    return Referentiel(version, criteres.sort("ordre", "a_partir_du"), niveaux, fiches, questions, links)


def importer(
    lake: Lake,
    dossier: Path,
    *,
    jour: date,
    essai: bool,
    nom: str | None = None,
    depuis: date | None = None,
    volet: str = VOLET,
) -> tuple[pl.DataFrame, str | None]:
    """Publish the version that a folder of files makes of the one in force.

    Args:
        lake: where.
        dossier: the folder.
        jour: today.
        essai: say the differences, publish nothing.
        nom: the version's name; the day's, or the one in ``referentiel.csv``, by default.
        depuis: day from which it is in force; today by default.
        volet: the side.

    Returns:
        The differences with the version in force, and the name of the new version (None when nothing was published).

    Raises:
        ContractError: a file cannot be read, or the version cannot be published: every reason is said.
    """
    files = _read(dossier)
    scan = lake.snapshot().scan
    try:
        old = en_vigueur(scan, jour, volet)
    except LakeError:
        criteres, niveaux, fiches, questions, links = (
            one.empty() for one in (REFERENTIEL, NIVEAUX, FICHES, QUESTIONS, CORRESPONDANCES)
        )
        old = Referentiel("", criteres, niveaux, fiches, questions, links)
    given = files.get("referentiel")
    if nom is None and given is not None and "version" in given.columns:
        nom = str(given["version"][0])
    if volet == INDUSTRIELS and given is not None and "sujet" not in given.columns:
        files = {**files, "referentiel": given.with_columns(sujet=pl.lit("produit"))}
    other = REGIONS if volet == INDUSTRIELS else INDUSTRIELS
    known = set(versions(scan, volet)["version"])
    theirs_too = set(versions(scan, other)["version"])
    name = nom or _free(jour, known | theirs_too)
    if name not in known and name in theirs_too:  # drafts pass under a version once, by its name
        raise ContractError(
            f"La version {name} est déjà celle du volet {other}.",
            conseil="Donnez-lui un autre nom (--version).",
        )
    since = depuis or jour
    new = composer(old, files, volet=volet, version=name, jour=since)
    theirs = set(_rows(scan, REFERENTIEL, pl.lit(True), other)["critere"])
    taken = sorted(theirs & set(new.criteres["critere"]))
    if wrong := [
        *fautes(old, new),
        *(f"référentiel, critère {one} : ce code est déjà celui du volet {other}" for one in taken),
    ]:
        raise ContractError(f"Référentiel refusé : {' ; '.join(wrong)}.", conseil="Rien n'a été publié.")
    changes = differences(old, new)
    if name in known:
        if fingerprint(new.criteres, new.niveaux) != _digest(scan, name, volet):
            raise ContractError(
                f"La version {name} du référentiel est déjà publiée avec un autre contenu.",
                conseil="Une version publiée ne change plus : donnez-lui un autre nom (--version).",
            )
        return changes, None
    same = not changes.height and all(files.get(one) is None for one in ("fiches", "questions"))
    if essai or same:
        return changes, None
    publier(lake, new, since)
    return changes, name


def publier(lake: Lake, new: Referentiel, since: date | None) -> None:
    """Publish a version; without a day, it is in force from the one that its name says."""
    volet = str(new.criteres["volet"][0])
    key: dict[str, list[object]] = {"volet": [volet], "version": [new.version]}
    row = {
        "volet": [volet],
        "version": [new.version],
        "empreinte": [fingerprint(new.criteres, new.niveaux)],
        "criteres": [new.criteres["critere"].n_unique()],
        "niveaux": [new.niveaux.height],
        "en_vigueur_le": [since],
    }
    frames = (
        new.criteres,
        new.niveaux,
        new.fiches,
        new.questions,
        new.correspondances,
        pl.DataFrame(row, schema=VERSIONS.dtypes()),
    )
    with lake.delivery("convergence", _TABLES, execution=f"referentiel-{new.version}") as delivery:
        for table, frame in zip(_TABLES, frames, strict=True):
            if frame.height:
                delivery.write(table, table.conform(frame).valid, replace=key)
        delivery.publish(genre="ecriture")


def _digest(scan: Scan, version: str, volet: str) -> str:
    kept = _rows(scan, VERSIONS, pl.col("version") == version, volet)
    return str(kept["empreinte"][0])


def _free(jour: date, known: set[str]) -> str:
    name, rank = jour.isoformat(), 1
    while name in known:
        rank += 1
        name = f"{jour.isoformat()}-{rank}"
    return name


def _read(dossier: Path) -> Mapping[str, pl.DataFrame]:
    """The files of a folder, as text columns."""
    if not dossier.is_dir():
        raise ContractError(
            f"{dossier} n'est pas un dossier.",
            conseil=f"Il contient {', '.join(f'{one}.csv' for one in FICHIERS)}.",
        )
    found = {}
    for name in FICHIERS:
        path = dossier / f"{name}.csv"
        if path.is_file():
            cells = cut(path.read_bytes(), path.name, short=True)
            if cells.broken:
                first = cells.broken[0]
                raise ContractError(f"{path.name}, ligne {first.ligne} : {first.motif}.")
            found[name] = cells.named()
    if not found:
        raise ContractError(
            f"Aucun fichier du référentiel dans {dossier}.",
            conseil=f"Fichiers attendus : {', '.join(f'{one}.csv' for one in FICHIERS)}.",
        )
    return found


def _rows(scan: Scan, table: Table, where: pl.Expr, volet: str = VOLET) -> pl.DataFrame:
    """Rows of a table already published; none where it never was."""
    try:
        return scan(table).filter(pl.col("volet") == volet, where).collect()
    except MissingTable:
        return table.empty()
