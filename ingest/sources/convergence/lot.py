"""A campaign, read and checked: the one entrance for the ingestion and for plain files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from ingest.sources.convergence.checks import Checks
from ingest.sources.convergence.files import LAYOUTS, read
from ingest.sources.convergence.referentiel import Referentiel, packaged, packaged_cards
from lake.errors import ContractError, UnknownName

__all__ = ["Lot", "Referentiel", "packaged", "packaged_cards", "read_lot"]


@dataclass
class Lot:
    """The files of one campaign, checked.

    Attributes:
        volet: ``regions`` or ``industriels``.
        campagne: the campaign's date; None when plain files give none.
        referentiel: the referential that applies.
        services, reponses, usages, plans, preliminaires, solutions, jalons, ameliorations: the rows that keep every
            rule, in the columns of their table but ``volet`` and ``campagne``, plus ``ligne``.
        rejects: every rejected line (columns of ``ingest.source.REJECTS_SCHEMA``), by file and line.
        lues: data lines read, by file stem.
        doublons: exact repetitions set aside, by file stem.
        warnings: French remarks.
        cycles: the cycles of carried answers, in words.
        noms: file name on disk, by name.
    """

    volet: str
    campagne: date | None
    referentiel: Referentiel
    services: pl.DataFrame
    reponses: pl.DataFrame
    usages: pl.DataFrame
    plans: pl.DataFrame
    preliminaires: pl.DataFrame
    solutions: pl.DataFrame
    jalons: pl.DataFrame
    ameliorations: pl.DataFrame
    rejects: pl.DataFrame
    lues: Mapping[str, int]
    doublons: Mapping[str, int]
    warnings: list[str] = field(default_factory=list)
    cycles: list[str] = field(default_factory=list)
    noms: Mapping[str, str] = field(default_factory=dict)

    def rejects_of(self, name: str) -> pl.DataFrame:
        """The rejected lines of one file (``services``, ``reponses``…)."""
        return self.rejects.filter(pl.col("fichier") == self.noms.get(name, name))

    def summary(self) -> dict[str, int]:
        """How many lines were rejected for each reason (quoted values apart), most frequent first."""
        counted = (
            self.rejects.group_by(motif=pl.col("motif").str.split(" : ").list.first())
            .agg(pl.len())
            .sort("len", "motif", descending=[True, False])
        )
        return dict(counted.iter_rows())


def read_lot(
    paths: Mapping[str, Path],
    *,
    campagne: date | None = None,
    published: Callable[[str], Referentiel | None] = lambda _volet: None,
) -> Lot:
    """Read and check the files of a campaign.

    Args:
        paths: file by name: ``services`` and ``reponses`` at least; ``usages``, ``plans``, ``preliminaires``,
            ``solutions``, ``jalons``, ``ameliorations``, ``referentiel`` when given.
        campagne: date of the campaign; without it a plan is in the past when it was due before the latest
            validation, or else before the referential.
        published: side -> the referential under which the campaign is already published, which applies when no
            ``referentiel`` file is given; the packaged one applies otherwise.

    Raises:
        SourceUnavailable: a file cannot be opened.
        ContractError: a file is missing or is not what it should be.
        UnknownName: a file name or a side that does not exist.
    """
    for name in paths:
        if name not in LAYOUTS:
            raise UnknownName("fichier", name, LAYOUTS)
    absent = [name for name in ("services", "reponses") if name not in paths]
    if absent:
        raise ContractError(
            f"Fichier obligatoire absent : {', '.join(absent)}.",
            conseil="Une campagne demande au moins les fichiers services et reponses.",
        )
    lines = {name: read(path, LAYOUTS[name]) for name, path in paths.items()}
    names = {name: path.name for name, path in paths.items()}
    checks = Checks(lines, names, campagne, published)
    services = checks.services()
    preliminaires = checks.preliminaires(services)
    reponses = checks.reponses(services, preliminaires)
    usages = checks.usages(services, preliminaires, reponses)
    plans = checks.plans(services, reponses)
    solutions, jalons = checks.solutions(services), checks.jalons(services)
    ameliorations = checks.ameliorations()
    return Lot(
        volet=checks.volet,
        campagne=campagne,
        referentiel=checks.referentiel,
        services=services,
        reponses=reponses,
        usages=usages,
        plans=plans,
        preliminaires=preliminaires,
        solutions=solutions,
        jalons=jalons,
        ameliorations=ameliorations,
        rejects=pl.concat(checks.rejects).sort("fichier", "ligne", maintain_order=True),
        lues={name: part.lues for name, part in lines.items()},
        doublons={name: part.doublons for name, part in lines.items()},
        warnings=checks.warnings,
        cycles=checks.cycles,
        noms=names,
    )
