"""What an axis leans on: the milestones that hold it, and what is proposed to improve it."""

from __future__ import annotations

import polars as pl

from apps.convergence.campagne import campagne
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from apps.kit.style.worded import worded
from lake.catalog.convergence import trimestre_fin

OWNERS = {"national": "National", "editeur": "Éditeurs", "regional": "Régions"}
LINKS = {"directe": "Directe", "indirecte": "Indirecte"}
STATUSES = {"proposee": "Proposée", "retenue": "Retenue", "realisee": "Réalisée", "ecartee": "Écartée"}


def milestones(view: View, axe: str) -> Table | Note:
    """The milestones that hold an axis.

    Args:
        view: what the page shows.
        axe: code of the axis, or a key that ends with it (``QU-A05``).
    """
    code = axe.rpartition("-")[2]
    rows = campagne(view).jalons.filter(pl.col("axe") == code)
    rows = rows.sort("dependance", "trimestre", nulls_last=True)
    title = "De quoi dépend cet axe ?"
    if not rows.height:
        return Note("Aucun jalon déclaré ne retient cet axe.", title=title)
    owners = [OWNERS[one].lower() for one in OWNERS if one in set(rows["porteur"])]
    rows = rows.with_columns(
        pl.col("porteur").replace_strict(OWNERS, default=pl.col("porteur")),
        pl.col("dependance").replace_strict(LINKS, default=pl.col("dependance")),
    ).pipe(worded, trimestre_fin, "trimestre", "prevu", dtype=pl.Date)
    return Table(
        rows,
        (
            Column("libelle_jalon", "Jalon"),
            Column("porteur", "Porteur"),
            Column("dependance", "Dépendance"),
            Column("prevu", "Prévu au plus tard"),
        ),
        title=title,
        reading=f"{french.counted(rows.height, 'jalon')} ; porteurs : {french.listing(owners)}.",
        counted=french.counted(rows.height, "jalon"),
    )


def improvements(view: View, axe: str) -> Table | Note:
    """What is proposed to improve an axis, the latest first; ``axe`` as in :func:`milestones`."""
    code = axe.rpartition("-")[2]
    rows = campagne(view).ameliorations.filter(pl.col("axe") == code)
    rows = rows.sort("propose_le", "amelioration", descending=[True, False], nulls_last=True)
    title = "Quelles améliorations sont proposées ?"
    if not rows.height:
        return Note("Aucune amélioration n'est proposée sur cet axe dans cette campagne.", title=title)
    kept = rows.filter(pl.col("statut").is_in(["retenue", "realisee"])).height
    rows = rows.with_columns(
        pl.col("porteur").replace_strict(OWNERS, default=pl.col("porteur")),
        pl.col("statut").replace_strict(STATUSES, default=pl.col("statut")),
    )
    return Table(
        rows,
        (
            Column("libelle_amelioration", "Proposition"),
            Column("critere", "Critère"),
            Column("porteur", "Adressée à"),
            Column("propose_par", "Proposée par"),
            Column("propose_le", "Le"),
            Column("statut", "Suite"),
        ),
        title=title,
        reading=f"{french.counted(rows.height, 'proposition')}, dont {french.number(kept)} "
        f"{french.plural(kept, 'retenue ou réalisée', 'retenues ou réalisées')}.",
        counted=french.counted(rows.height, "proposition"),
    )
