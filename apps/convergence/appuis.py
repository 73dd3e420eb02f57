"""What an axis leans on: the milestones that hold it, and what is proposed to improve it."""

from __future__ import annotations

import polars as pl

from apps.convergence.words import own_regions
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from apps.kit.style.worded import worded
from lake.catalog.convergence import trimestre_fin
from scoring.universes.convergence_axes import LINKS, OWNERS, STATUSES
from scoring.universes.convergence_listes import AMELIORATIONS_PROPOSEES, JALONS_DECLARES
from scoring.universes.model import Universe


def _rows(view: View, universe: Universe, axe: str) -> pl.DataFrame:
    """The rows of an axis, by its code or its key (``QU-A05``); what regions may not see is not in it."""
    known = tuple(axis.name for axis in universe.axes)
    side = view.selection.only(known).with_filter("axe", [axe.rpartition("-")[2]])
    rows = view.on(universe, side).detail()
    return rows.with_columns(pl.col("porteur").replace_strict(OWNERS, default=pl.col("porteur")))


def milestones(view: View, axe: str) -> Table | Note:
    """The milestones that hold an axis (its code, or its key)."""
    columns = ("jalon", "libelle_jalon", "porteur", "dependance", "trimestre")
    rows = _rows(view, JALONS_DECLARES, axe).select(columns).unique(maintain_order=True)
    title = "De quoi dépend cet axe ?"
    if not rows.height:
        return Note("Aucun jalon déclaré ne retient cet axe.", title=title)
    rows = rows.sort("dependance", "trimestre", nulls_last=True)
    rows = rows.pipe(worded, trimestre_fin, "trimestre", "prevu", dtype=pl.Date)
    owners = [word.lower() for word in OWNERS.values() if word in set(rows["porteur"])]
    count = french.counted(rows.height, "jalon")
    return Table(
        rows.with_columns(pl.col("dependance").replace_strict(LINKS, default=pl.col("dependance"))),
        (
            Column("libelle_jalon", "Jalon"),
            Column("porteur", "Porteur"),
            Column("dependance", "Dépendance"),
            Column("prevu", "Prévu au plus tard"),
        ),
        title=title,
        reading=f"{count} ; porteurs : {french.listing(owners)}.",
        counted=count,
    )


def improvements(view: View, axe: str) -> Table | Note:
    """What is proposed to improve an axis, the latest first; ``axe`` as in :func:`milestones`."""
    rows = _rows(view, AMELIORATIONS_PROPOSEES, axe)
    title = "Quelles améliorations sont proposées ?"
    if not rows.height and own_regions(view) is not None:
        return Note("Les propositions des régions ne sont pas ouvertes à votre profil.", title=title)
    if not rows.height:
        return Note("Aucune amélioration n'est proposée sur cet axe dans cette campagne.", title=title)
    kept = rows.filter(pl.col("statut").is_in(["retenue", "realisee"])).height
    count = french.counted(rows.height, "proposition")
    return Table(
        rows.with_columns(pl.col("statut").replace_strict(STATUSES, default=pl.col("statut"))),
        (
            Column("libelle_amelioration", "Proposition"),
            Column("critere", "Critère"),
            Column("porteur", "Adressée à"),
            Column("propose_par", "Proposée par"),
            Column("propose_le", "Le"),
            Column("statut", "Suite"),
        ),
        title=title,
        reading=f"{count}, dont {french.number(kept)} "
        f"{french.plural(kept, 'retenue ou réalisée', 'retenues ou réalisées')}.",
        counted=count,
    )
