"""The point map of the directory: a person at each of the places where it practises."""

from __future__ import annotations

import polars as pl

from apps.annuaire.base import counted
from apps.kit import french
from apps.kit.points import Points, point_map
from apps.kit.tables import Table, measure_columns, split_total
from apps.kit.view import View
from lake.catalog.annuaire import PRECISIONS_LOCALISEES
from scoring.repertoire import PERSON
from scoring.universes import engine

_SAID = (
    "nom_exercice",
    "prenom_exercice",
    "libelle_profession",
    "enseigne_commerciale_site",
    "raison_sociale_site",
)


def located(view: View) -> pl.DataFrame:
    """The located places of the selection's persons, once each (cached).

    Returns:
        DataFrame: ``id`` (person), ``longitude``, ``latitude``, ``texte`` (plain text).
    """
    selection = view.data.dated(view.universe, view.selection)

    def compute() -> pl.DataFrame:
        rows = engine.detail(view.universe, view.data.scan, selection, restrict=view.data.access.restrict)
        name = pl.concat_str(["nom_exercice", "prenom_exercice"], separator=" ", ignore_nulls=True)
        site = pl.coalesce("enseigne_commerciale_site", "raison_sociale_site")
        return (
            rows.filter(pl.col("geo_precision").is_in(PRECISIONS_LOCALISEES))
            .select(PERSON, "longitude", "latitude", *_SAID)
            .unique([PERSON, "longitude", "latitude"], keep="first", maintain_order=True)
            .select(
                "longitude",
                "latitude",
                id=PERSON,
                texte=pl.concat_str([name, "libelle_profession", site], separator=" · ", ignore_nulls=True),
            )
            .collect()
        )

    found: pl.DataFrame = view.data.cached(
        ("points", view.universe.name, selection), [view.universe.table], compute
    )
    return found


def points(view: View) -> Points:
    """Who practises where, person by person, or by cells when there are too many."""
    rows = located(view)
    deck, grouped = point_map(view.data, rows, base_map=view.option("fond") == "ign")
    base = counted(view)
    by, measures = ["code_commune", "commune"], (base.effectif, base.part)
    places, total = split_total(view.query(measures, by, total=True), by)
    table = Table(
        places.sort(base.effectif, descending=True),
        measure_columns(view.universe, ["commune", *measures]),
        total,
        key="code_commune",
    )
    now, share = view.value(base.effectif) or 0, view.value(base.part) or 0
    placed = round(now * share)
    return Points(
        deck,
        table,
        placed,
        round(now) - placed,
        grouped=grouped,
        title="Où exercent-ils ?",
        reading=f"{base.count(placed)}, à {french.counted(rows.height, 'lieu d’exercice', 'lieux d’exercice')}.",
        option="personne",
        counted=base.count(now),
        measures=measures,
    )
