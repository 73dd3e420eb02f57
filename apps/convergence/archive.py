"""« Tout télécharger »: a campaign's complete data as one archive, for one region or for all.

Each table comes as CSV and as Parquet, with the scores made from them and the dictionary of their columns. The
CSV files bear the names and columns that ``obs ingest convergence`` and ``obs score convergence`` read.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from apps.convergence.chiffres import ends, rates, regions
from apps.convergence.synthese import SYNTHESE
from apps.convergence.words import region_names
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.export.report import view_of
from apps.kit.pages.export import slug
from apps.kit.style import french
from lake.catalog.convergence import CAMPAGNES, LICENCE
from lake.dictionary import dictionary
from lake.errors import LakeError, UnknownName
from scoring.universes.convergence import VOLET
from scoring.universes.convergence_tables import TABLES
from scoring.universes.selection import Selection

SCORES: Mapping[str, tuple[str, ...]] = {
    "questionnaire": ("questionnaire",),
    "axe": ("axe",),
    "critere": ("critere",),
    "domaine": ("domaine",),
    "region": ("region",),
    "region-axe": ("region", "axe"),
    "solution": ("editeur", "solution"),
    "service": ("service",),
    "service-axe": ("service", "axe"),
}
"""Scores of the archive: name of the file -> dimensions."""


def archive_view(data: Data, *, volet: str = VOLET, jour: date | None = None, region: str = "") -> View:
    """The campaign to take away.

    Args:
        data: cached reads.
        volet: ``regions`` or ``industriels``.
        jour: the campaign; the latest by default.
        region: code or name of a region; empty for all.

    Raises:
        UnknownName: no such campaign or region.
        LakeError: a region is asked of products, which have none.
    """
    side = {} if volet == VOLET else {"volet": (volet,)}
    view = view_of(SYNTHESE, data, State(Selection(side).at(jour)))
    if not view.dates or (jour is not None and jour not in (*view.dates, view.live)):
        raise UnknownName("campagne", str(jour or volet), [day.isoformat() for day in view.dates])
    if not region:
        return view
    names = region_names(view)
    declared = set(regions(view))
    if not declared:
        raise LakeError(
            "Les produits des éditeurs n'ont pas de région.",
            conseil="Demandez l'archive entière, sans --region.",
        )
    code = next((one for one in declared if region in (one, names.get(one))), None)
    if code is None:
        raise UnknownName("région", region, [names.get(one, one) for one in sorted(declared)])
    return view_of(SYNTHESE, data, State(Selection({**side, "region": (code,)}).at(view.date)))


def tables(view: View) -> dict[str, pl.DataFrame]:
    """The tables of the archive by name: those of the services selected, and what holds for all of them."""
    return {name: view.on(universe).detail() for name, universe in TABLES.items()}


def scores(view: View) -> dict[str, pl.DataFrame]:
    """The scores of the archive: at the campaign's date (``horizon`` empty) and at each planned end of year."""
    horizons = ["", *ends(view)]
    found = {}
    for name, par in SCORES.items():
        parts = [
            rates(view, *par, horizon=horizon).with_columns(horizon=pl.lit(horizon or None, pl.String))
            for horizon in horizons
        ]
        frame = pl.concat(parts)
        found[name] = frame.select("horizon", pl.exclude("horizon"))
    return found


def name_of(view: View) -> str:
    """``convergence_grand-est_2020-12-15.zip``."""
    chosen = view.selection.values("region")
    side = next(iter(view.selection.values("volet")), "")
    where = region_names(view).get(chosen[0], chosen[0]) if chosen else side or "national"
    return f"convergence_{slug(where)}_{view.date}.zip"


def archive_zip(view: View, *, now: datetime | None = None) -> bytes:
    """The archive.

    Args:
        view: what :func:`archive_view` gives.
        now: moment written in it; the present by default.
    """
    moment = now or datetime.now(ZoneInfo("Europe/Paris"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        kept = tables(view)
        for name, frame in kept.items():
            _both(archive, f"{name}_{view.date}", frame)
        made = scores(view)
        for name, frame in made.items():
            _both(archive, f"scores/{name}_{view.date}", frame)
        archive.writestr("dictionnaire.md", dictionary([*(one.table for one in TABLES.values()), CAMPAGNES]))
        archive.writestr("LISEZMOI.txt", _read_me(view, {**kept, **made}, moment))
    return out.getvalue()


def _both(archive: zipfile.ZipFile, stem: str, frame: pl.DataFrame) -> None:
    archive.writestr(f"csv/{stem}.csv", frame.write_csv())
    parquet = io.BytesIO()
    frame.write_parquet(parquet)
    archive.writestr(f"parquet/{stem}.parquet", parquet.getvalue())


def _read_me(view: View, frames: Mapping[str, Any], moment: datetime) -> str:
    chosen = view.selection.values("region")
    whole = region_names(view).get(chosen[0], chosen[0]) if chosen else "toute la campagne"
    lines = [
        f"Convergence, campagne du {french.long_date(view.date)} : {whole}",
        f"Source : {view.source()}",
        f"Licence : {LICENCE}",
        f"Archive du {french.long_date(moment.date())}",
        "",
        "csv/ et parquet/ contiennent les mêmes tables. CSV : UTF-8, virgule entre les champs, point décimal.",
        "scores/ : taux (0 à 100) et niveaux (0 à 3) au périmètre de la publication ; horizon vide : à la date de la",
        "campagne ; sinon, projection à la fin du trimestre. Les colonnes sont dans dictionnaire.md.",
        "",
        "Lignes par fichier :",
        *(f"  {name} : {frame.height}" for name, frame in frames.items()),
        "",
        "Recalculer sans lac : obs score convergence --services csv/services_….csv --reponses csv/reponses_….csv",
        "",
    ]
    return "\r\n".join(lines)
