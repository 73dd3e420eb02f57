"""A demonstration lake, through the real ingestion of generated files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from demo.ages.write import write_ages
from demo.annuaire.write import DATES, EARLIER, write_extractions
from demo.apl.write import write_apl
from demo.ban.write import ROWS_FULL, ROWS_SMALL, write_ban
from demo.convergence.generate import write as write_campaigns
from demo.finess.write import write_finess
from demo.present import begun, ended, present
from demo.referencement.write import write_catalogues
from demo.segur.write import write_deliveries
from ingest.delivery import snapshot_of
from ingest.geocode.ban import holding_indexes
from ingest.run import Request, run
from ingest.sources import source
from ingest.sources.annuaire.nomenclature import MEDECINE_GENERALE
from lake.catalog.annuaire import ACTIVITES, PRECISIONS_LOCALISEES
from lake.catalog.apl import PROFESSIONS
from lake.catalog.journal import EXECUTIONS
from lake.catalog.territoires import CODES_POSTAUX, COMMUNES, FUSIONS
from lake.settings import Settings
from lake.tables import Lake
from lake.words import grouped

Ingest = Callable[[str, tuple[Path, ...]], None]


def build(
    settings: Settings,
    *,
    petit: bool,
    extractions: int,
    again: bool,
    folder: Path | None,
    say: Callable[[str, float | None], None],
) -> str:
    """Generate the files of every source and ingest them; what an interrupted run published already is kept.

    Args:
        settings: where the lake rests.
        petit: a small lake, for tests.
        extractions: of the directory, a fortnight apart: four at least, twelve at most.
        again: build even if a demonstration lake is there.
        folder: where to keep the generated files; a temporary folder when None.
        say: progress.

    Returns:
        One French sentence: what was done.

    Raises:
        LakeError: an ingestion was refused.
    """
    if not again and (there := present(settings)):
        return there
    settings = replace(settings, region="44", geocodeur="ban")
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="obs-demo-") as temporary:
            return _build(settings, petit, extractions, Path(temporary), again, say)
    folder.mkdir(parents=True, exist_ok=True)
    return _build(settings, petit, extractions, folder, again, say)


def _build(
    settings: Settings,
    petit: bool,
    extractions: int,
    folder: Path,
    again: bool,
    say: Callable[[str, float | None], None],
) -> str:
    lake = Lake(settings)
    # In their order, deliveries of one date replace one another: none is published anew over a later one.
    kept = _published(lake) if begun(lake) and not again else set()

    def ingest(name: str, files: tuple[Path, ...]) -> None:
        if files and (name, snapshot_of(source(name), files, None).sha256) in kept:
            say(f"{name} : {files[0].name} est déjà publié", None)
            return
        report = run(source(name), Request(files=files, force=again), settings, say)
        day = f" du {report.date:%d/%m/%Y}" if report.date else ""
        say(f"{name}{day} : {grouped(report.total('publiees'))} lignes publiées", None)

    ingest("territoires", ())
    # What the directory is made of and what the services are made of share nothing but the territories.
    with holding_indexes(), ThreadPoolExecutor(1) as beside:
        services = beside.submit(_services, ingest, folder, petit, say)
        days = _directory(lake, ingest, folder, petit, extractions, say)
        campaigns = services.result()
    ended(lake)
    return (
        f"Lac de démonstration prêt : {settings.lake} ({days} extractions de l'annuaire, "
        f"{campaigns} campagnes Convergence)."
    )


def _published(lake: Lake) -> set[tuple[str, str]]:
    """Sources and fingerprints of the deliveries that the journal says are published."""
    if not lake.exists(EXECUTIONS):
        return set()
    runs = lake.scan(EXECUTIONS).filter(pl.col("statut") == "publiee").select("source", "sha256").drop_nulls()
    return set(runs.collect().iter_rows())


def _directory(
    lake: Lake,
    ingest: Ingest,
    folder: Path,
    petit: bool,
    extractions: int,
    say: Callable[[str, float | None], None],
) -> int:
    """Ages, addresses, persons and establishments; how many extractions of the directory."""
    communes, codes_postaux, fusions = (
        lake.scan(one).collect() for one in (COMMUNES, CODES_POSTAUX, FUSIONS)
    )
    # Ages of part of the communes only in the small lake: it stays quick to build, and shows that case too.
    ingest("ages", (write_ages(folder, communes, departements=("67", "68") if petit else ()),))
    rows = ROWS_SMALL if petit else ROWS_FULL
    ban = write_ban(folder, communes, codes_postaux, rows=rows, fusions=fusions, say=say)
    ingest("ban", tuple(ban.paths.values()))
    days = (*EARLIER, *DATES)[-extractions:]
    # One extraction is ingested while the next one is written.
    with holding_indexes(), ThreadPoolExecutor(1) as beside:
        ingested: list[Future[None]] = []
        annuaire = write_extractions(
            folder, communes, codes_postaux, fusions, ban, petit=petit, days=days, say=say,
            written=lambda path: ingested.append(beside.submit(copy_context().run, ingest, "annuaire", (path,))),
        )  # fmt: skip
        try:
            for one in ingested:
                one.result()
        except BaseException:
            beside.shutdown(wait=False, cancel_futures=True)
            raise
    newest = max(annuaire.paths)
    positions = (
        lake.scan(ACTIVITES)
        .filter((pl.col("date_extraction") == newest) & pl.col("geo_precision").is_in(PRECISIONS_LOCALISEES))
        .select("longitude", "latitude", finess="finess_site")
        .drop_nulls()
        .sort("finess", "longitude", "latitude")
        .collect()
    )
    ingest("apl", tuple(write_apl(folder, communes, _heads(lake, newest))))
    ingest("finess", (write_finess(folder, annuaire.sites, communes, newest, positions=positions).path,))
    return len(annuaire.paths)


def _services(ingest: Ingest, folder: Path, petit: bool, say: Callable[[str, float | None], None]) -> int:
    """Ségur, referenced software, Convergence; how many campaigns of the latter."""
    for files in write_deliveries(folder, petit=petit, say=say).deliveries:
        ingest("segur", files)
    for files in write_catalogues(folder):
        ingest("referencement", files)
    say("convergence : construction des campagnes", None)
    campaigns = write_campaigns(folder, petit=petit)
    for delivery in campaigns:
        ingest("convergence", tuple(delivery.fichiers.values()))
    return len(campaigns)


def _heads(lake: Lake, day: date) -> pl.DataFrame:
    """Persons by commune of the professions that the DREES follows; of physicians, general practitioners only."""
    rows = lake.scan(ACTIVITES).filter(
        (pl.col("date_extraction") == day)
        & pl.col("code_profession").is_in(list(PROFESSIONS))
        & ((pl.col("code_profession") != "10") | pl.col("code_specialite").is_in(MEDECINE_GENERALE))
    )
    return (
        rows.drop_nulls("code_commune")
        .group_by("code_profession", "code_commune")
        .agg(offre=pl.col("identification_nationale_pp").n_unique())
        .collect()
    )
