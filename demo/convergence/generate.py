"""Write the files of the demo: the published campaign, three earlier ones, and the vendors' side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from demo.convergence import campaign, frames, industriels
from demo.convergence.frames import Fichiers
from demo.convergence.program import Infeasible
from ingest.sources.convergence.referentiel import packaged

GRAINE = 44
CAMPAGNES_PASSEES = (date(2020, 6, 30), date(2019, 12, 15), date(2019, 6, 30))
INDUSTRIELS = (date(2020, 6, 30), date(2020, 12, 15))


@dataclass(frozen=True)
class Livraison:
    """The files of one campaign on disk.

    Attributes:
        volet: ``regions`` or ``industriels``.
        campagne: its date.
        fichiers: path by name (``services``, ``reponses``…).
    """

    volet: str
    campagne: date
    fichiers: Mapping[str, Path]


def publication(graine: int = GRAINE) -> Fichiers:
    """The campaign of 15 December 2020, under every printed figure.

    A draw of who answers what may leave no room for the figures; the next seed is then tried.

    Raises:
        Infeasible: ten draws in a row left no room.
    """
    for attempt in range(10):
        rng = np.random.default_rng(graine + attempt)
        try:
            return frames.build(campaign.build(packaged(), rng), rng)
        except Infeasible:
            continue
    raise Infeasible("Dix tirages de suite ne laissent aucune place aux chiffres publiés.")


def campaigns(graine: int = GRAINE, *, petit: bool = False) -> Iterator[Fichiers]:
    """Every campaign of the demo, oldest first on each side.

    Args:
        graine: the seed.
        petit: only the published campaign, the one before, and the vendors' last one.
    """
    rng = np.random.default_rng(graine)
    lowest = dict(packaged().niveaux.group_by("critere").agg(pl.col("niveau").min()).iter_rows())
    found = [publication(graine)]
    for day in CAMPAGNES_PASSEES[:1] if petit else CAMPAGNES_PASSEES:
        found.append(frames.earlier(found[-1], day, lowest, rng))
    yield from reversed(found)
    vendors = industriels.build(packaged("industriels"), INDUSTRIELS[-1], rng)
    if not petit:
        floor = dict.fromkeys(packaged("industriels").criteres["critere"], 0)
        yield frames.earlier(vendors, INDUSTRIELS[0], floor, rng)
    yield vendors


def write(folder: Path, graine: int = GRAINE, *, petit: bool = False) -> list[Livraison]:
    """Write the campaigns as CSV files, one folder each (``regions-2020-12-15/services_2020-12-15.csv``…)."""
    written = []
    for files in campaigns(graine, petit=petit):
        target = folder / f"{files.volet}-{files.campagne}"
        target.mkdir(parents=True, exist_ok=True)
        paths = {}
        for name, frame in files.files().items():
            paths[name] = target / f"{name}_{files.campagne}.csv"
            frame.write_csv(paths[name])
        written.append(Livraison(files.volet, files.campagne, paths))
    return written
