"""Closing a campaign through the ingestion, and taking a closed one up again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from apps.saisie import publication
from apps.saisie.editeurs import ranger
from apps.saisie.publication import TABLES
from lake.catalog.convergence import CAMPAGNES, JALONS, PLANS, PRELIMINAIRES, REPONSES, SERVICES, SOLUTIONS
from lake.catalog.convergence_usages import USAGES
from lake.contract import Table
from lake.errors import LakeError
from lake.store.engine import Store
from lake.store.saisie import lots, services
from lake.store.saisie.apports import Charge, Lot
from lake.store.saisie.validation import valider_tout
from lake.tables import Lake
from scoring.convergence.usages import en_reponses
from scoring.saisie.referentiel import Referentiel
from scoring.saisie.volets import REGIONS, version_de

_KEY = ("volet", "campagne")
_DEDUCED = {PLANS.name: ("etape",), USAGES.name: ("nombre", "niveau")}
"""Columns that the ingestion works out of the others."""


def arreter(
    lake: Lake, store: Store, jour: date, clore: Callable[[Path, date], list[str]], volet: str = REGIONS
) -> list[str]:
    """Close a campaign: what was validated by the end of a day goes through the ingestion, as delivered files do.

    The same asked twice changes nothing. The live campaign goes on, after it.

    Args:
        lake: the lake.
        store: the entry.
        jour: the campaign's date.
        clore: ingests a folder of files; what to tell.
        volet: the side.

    Returns:
        What was done, in French lines.

    Raises:
        LakeError: nothing was validated by then, or another campaign is closed at that date.
    """
    found = publication.preparer(lake, store, jour, volet)
    scan = lake.snapshot().scan
    if jour in publication.closes(scan, volet):
        kept = publication.campagne(scan, jour, volet)
        same = all(
            _alike(kept[table], frame) for table, frame in found.frames.items() if table is not CAMPAGNES
        )
        if not same:
            raise LakeError(
                f"Une campagne du {jour:%d/%m/%Y} est déjà close, avec d'autres réponses.",
                conseil="Donnez une autre date : une campagne close ne change plus.",
            )
        return [f"La campagne du {jour:%d/%m/%Y} est déjà close, avec ces mêmes réponses : rien à faire."]
    publication.placer(lake, found, jour, volet)
    placed = publication.campagne(lake.snapshot().scan, jour, volet)
    with tempfile.TemporaryDirectory(prefix="obs-") as folder:
        for table in TABLES:
            if table is CAMPAGNES:
                continue
            name = table.name.removeprefix("convergence__")
            rows = placed[table]
            if rows.height or table in (SERVICES, REPONSES):
                _file(table, rows).write_csv(Path(folder) / f"{name}_{jour.isoformat()}.csv")
        said = clore(Path(folder), jour)
    counts = [found.frames[table].height for table in (SERVICES, REPONSES, PLANS)]
    live = publication.publier(lake, store, toujours=True)
    return [
        f"Campagne arrêtée au {jour:%d/%m/%Y} : {counts[0]} services, {counts[1]} réponses, {counts[2]} étapes.",
        *said,
        f"La campagne en cours continue, au {live.campagne:%d/%m/%Y}.",
    ]


def reprendre(
    lake: Lake, store: Store, jour: date, referentiel: Referentiel, volet: str = REGIONS
) -> tuple[Charge, int]:
    """Take a closed campaign up again: its rows become versions to be confirmed, where nothing was entered yet.

    Services are matched by code, then by region and name; what was entered already stays.

    Args:
        lake: the lake.
        store: the entry.
        jour: the campaign's date.
        referentiel: the version in force.
        volet: the side.

    Returns:
        What was loaded, and how many sheets were written.

    Raises:
        LakeError: no campaign is closed at that date.
    """
    scan = lake.snapshot().scan
    known = publication.closes(scan, volet)
    if jour not in known:
        listed = ", ".join(f"{one:%d/%m/%Y}" for one in reversed(known)) or "aucune"
        raise LakeError(f"Aucune campagne close au {jour:%d/%m/%Y}.", conseil=f"Campagnes closes : {listed}.")
    rows = publication.campagne(scan, jour, volet)
    names = _renamed(rows[SERVICES], store)

    def of(table: Table, *columns: str) -> pl.DataFrame:
        frame = rows[table].drop(_KEY)
        return frame.with_columns(pl.col(column).replace(names) for column in ("service", *columns))

    criteria = list(referentiel.questionnaires)
    lot = Lot(
        of(SERVICES),
        en_reponses(of(REPONSES, "porte_par"), of(USAGES), referentiel.criteres).filter(
            pl.col("critere").is_in(criteria)
        ),
        _attendus(of(PLANS), of(JALONS)).filter(pl.col("critere").is_in(criteria)),
        of(PRELIMINAIRES),
        of(SOLUTIONS),
    )
    lot, unknown = ranger(store, lot, par=None)
    done = lots.charger(store, lot, referentiel.questionnaires, par=None, origine="reprise", neuves=True)
    written, refused = valider_tout(
        store,
        par=None,
        version_referentiel=partial(version_de, referentiel),
        feuilles=done.feuilles,
        nature="reprise",
    )
    done.refus += [*unknown, *refused]
    return done, written


def _attendus(plans: pl.DataFrame, jalons: pl.DataFrame) -> pl.DataFrame:
    """Steps with the milestones that the campaign says they wait for, in ``jalons``."""
    named = (
        jalons.filter(pl.col("service") != "", pl.col("critere") != "")
        .group_by("service", "critere")
        .agg(jalons=pl.col("jalon").unique().sort().str.join("|"))
    )
    return plans.join(named, on=["service", "critere"], how="left", maintain_order="left")


def _renamed(given: pl.DataFrame, store: Store) -> dict[str, str]:
    """Code of a campaign -> code of the entry, where only the region and the name are the same."""
    mine = services.tous(store)
    codes = {one["code"] for one in mine}
    named: dict[tuple[str, str], list[str]] = {}
    for one in mine:
        named.setdefault((one["region"], one["nom"].casefold()), []).append(one["code"])
    found = {}
    for code, region, nom in given.select("service", "region", "nom").drop_nulls().iter_rows():
        matches = named.get((region, nom.casefold()), [])
        if code not in codes and len(matches) == 1:
            found[code] = matches[0]
    return found


def _file(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows as the files of a campaign have them; those of services say their side."""
    if table is SERVICES:
        return rows.drop("campagne")
    gone = {*_KEY, *_DEDUCED.get(table.name, ())}
    return rows.select(name for name in rows.columns if name not in gone)


def _alike(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    columns = sorted(set(one.columns) - set(_KEY))
    return one.select(columns).sort(columns).equals(other.select(columns).sort(columns))
