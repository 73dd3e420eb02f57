"""What an axis leans on: the milestones that hold it, and what is proposed to improve it."""

from __future__ import annotations

import polars as pl

from apps.convergence.choix import AXIS
from apps.convergence.words import own_regions
from apps.kit.charts.tables import Column
from apps.kit.data.view import View
from apps.kit.style import french
from apps.kit.style.worded import worded
from apps.kit.views.own import ROWS, WORDS, Rows, Shown
from lake.catalog.convergence import trimestre_fin
from scoring.universes.convergence_axes import LINKS, OWNERS, STATUSES
from scoring.universes.convergence_listes import AMELIORATIONS_PROPOSEES, JALONS_DECLARES
from scoring.universes.model import Universe


def _rows(view: View, universe: Universe) -> pl.DataFrame:
    """The rows of the axis chosen; what regions may not see is not in it."""
    known = tuple(axis.name for axis in universe.axes)
    side = view.selection.only(known).with_filter("axe", [AXIS.chosen(view).rpartition("-")[2]])
    rows = view.on(universe, side).detail()
    return rows.with_columns(pl.col("porteur").replace_strict(OWNERS, default=pl.col("porteur")))


@ROWS("axe.jalons")
def milestones(view: View) -> pl.DataFrame:
    """The milestones that hold the axis chosen."""
    columns = ("jalon", "libelle_jalon", "porteur", "dependance", "trimestre")
    rows = _rows(view, JALONS_DECLARES).select(columns).unique(maintain_order=True)
    rows = rows.sort("dependance", "trimestre", nulls_last=True)
    rows = rows.pipe(worded, trimestre_fin, "trimestre", "prevu", dtype=pl.Date)
    return rows.with_columns(pl.col("dependance").replace_strict(LINKS, default=pl.col("dependance")))


@ROWS("axe.ameliorations")
def improvements(view: View) -> pl.DataFrame:
    """What is proposed to improve the axis chosen, the latest first."""
    rows = _rows(view, AMELIORATIONS_PROPOSEES)
    return rows.with_columns(
        suite=pl.col("statut").replace_strict(STATUSES, default=pl.col("statut"), return_dtype=pl.String)
    )


@WORDS("jalons_dits")
def _milestones(shown: Shown) -> str:
    owners = [word.lower() for word in OWNERS.values() if word in set(shown.frame["porteur"])]
    return f"{french.counted(shown.frame.height, 'jalon')} ; porteurs : {french.listing(owners)}."


@WORDS("propositions_dites")
def _improvements(shown: Shown) -> str:
    kept = shown.frame.filter(pl.col("statut").is_in(["retenue", "realisee"])).height
    return (
        f"{french.counted(shown.frame.height, 'proposition')}, dont {french.number(kept)} "
        f"{french.plural(kept, 'retenue ou réalisée', 'retenues ou réalisées')}."
    )


WORDS["sans_proposition"] = lambda s: (
    "Aucune amélioration n'est proposée sur cet axe dans cette campagne."
    if own_regions(s.view) is None
    else "Les propositions des régions ne sont pas ouvertes à votre profil."
)
MILESTONES = Rows(
    "axe.jalons",
    (
        Column("libelle_jalon", "Jalon"),
        Column("porteur", "Porteur"),
        Column("dependance", "Dépendance"),
        Column("prevu", "Prévu au plus tard"),
    ),
    "De quoi dépend cet axe ?",
    ("jalon",),
    "{jalons_dits}",
    "Aucun jalon déclaré ne retient cet axe.",
)
IMPROVEMENTS = Rows(
    "axe.ameliorations",
    (
        Column("libelle_amelioration", "Proposition"),
        Column("critere", "Critère"),
        Column("porteur", "Adressée à"),
        Column("propose_par", "Proposée par"),
        Column("propose_le", "Le"),
        Column("suite", "Suite"),
    ),
    "Quelles améliorations sont proposées ?",
    ("proposition",),
    "{propositions_dites}",
    "{sans_proposition}",
)
