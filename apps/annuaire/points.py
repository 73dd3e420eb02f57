"""The point map of the directory: a person at each of the places where it practises."""

from __future__ import annotations

from typing import Any

import polars as pl

from apps.annuaire.base import counted
from apps.kit.charts.tables import Table, measure_columns, split_total
from apps.kit.data.data import Data
from apps.kit.data.view import View
from apps.kit.maps.outlines import bounds_in_degrees, geometries
from apps.kit.maps.point_route import Layer, query, served
from apps.kit.maps.point_set import PointSet, point_set
from apps.kit.maps.points import Points, point_map
from apps.kit.maps.tile_map import TileMap, bounds_of
from apps.kit.style import french, theme
from lake.catalog.annuaire import ACTIVITES, PRECISIONS_LOCALISEES
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.repertoire import PERSON
from scoring.universes.selection import Selection

CLASSES = 5
"""Professions that have a colour of their own; the others share one."""
OTHERS = "Autres professions"
_PLACED = ("longitude", "latitude", "geo_precision", "code_profession")
_SAID = (
    "nom_exercice",
    "prenom_exercice",
    "libelle_profession",
    "enseigne_commerciale_site",
    "raison_sociale_site",
)


def located(reads: Data, selection: Selection) -> pl.DataFrame:
    """The located places of the selection's persons, once each.

    Returns:
        DataFrame: ``id`` (person), ``longitude``, ``latitude``, ``texte`` (plain text), ``code_profession``.
    """
    rows = reads.detail(ANNUAIRE, selection, columns=(PERSON, *_PLACED, *_SAID))
    name = pl.concat_str(["nom_exercice", "prenom_exercice"], separator=" ", ignore_nulls=True)
    site = pl.coalesce("enseigne_commerciale_site", "raison_sociale_site")
    return (
        rows.lazy()
        .filter(pl.col("geo_precision").is_in(PRECISIONS_LOCALISEES))
        .select(PERSON, "longitude", "latitude", "code_profession", *_SAID)
        .unique([PERSON, "longitude", "latitude"], keep="first", maintain_order=True)
        .select(
            "longitude",
            "latitude",
            "code_profession",
            id=PERSON,
            texte=pl.concat_str([name, "libelle_profession", site], separator=" · ", ignore_nulls=True),
        )
        .collect()
    )


def ranked(reads: Data, selection: Selection) -> dict[str, str]:
    """The professions, code -> label: those chosen first, then the most numerous of the whole extraction.

    The extraction, not the territory: a colour keeps its meaning when another territory is chosen.
    """
    chosen = selection.values("profession")

    def compute() -> dict[str, str]:
        everyone = reads.query(
            ANNUAIRE, Selection(date=selection.date), ["professionnels"], ["code_profession", "profession"]
        )
        rows = everyone.drop_nulls("code_profession").sort(
            ~pl.col("code_profession").is_in(list(chosen)),
            "professionnels",
            "code_profession",
            descending=[False, True, False],
        )
        return {
            code: label or code for code, label in rows.select("code_profession", "profession").iter_rows()
        }

    found: dict[str, str] = reads.cached(
        ("professions des points", selection.date, chosen), [ACTIVITES], compute
    )
    return found


def legend(reads: Data, selection: Selection) -> dict[str, str]:
    """What colours say: the professions chosen when they are five at most, else the first five; then the others."""
    names = list(ranked(reads, selection).values())
    chosen = len(selection.values("profession"))
    own = names[: chosen if 0 < chosen <= CLASSES else CLASSES]
    colours = dict(zip(own, theme.SERIES, strict=False))
    return colours if len(own) == len(names) else {**colours, OTHERS: theme.SERIES[-1]}


def _build(reads: Data, selection: Selection) -> PointSet:
    known = list(ranked(reads, selection))
    rank = pl.col("code_profession").replace_strict(
        known, range(len(known)), default=len(known), return_dtype=pl.UInt8
    )
    return point_set(located(reads, selection).with_columns(categorie=rank), len(known) + 1)


LAYER = Layer(
    name="annuaire",
    page="carte",
    axes=tuple(axis.name for axis in ANNUAIRE.axes),
    tables=(ACTIVITES,),
    build=_build,
)


def at_place(view: View, code: str) -> list[str]:
    """The persons of the selection at a place of the map, by the order of their names.

    Args:
        view: what the page shows.
        code: code of the place, as the map reports it.
    """
    selection = view.data.dated(view.universe, view.selection)
    points = LAYER.points(view.data, selection)
    found = (
        points.rows.filter(pl.Series(points.codes == int(code))) if code.isdigit() else points.rows.clear()
    )
    return found.sort("texte")["id"].to_list()


def chosen_outlines(view: View) -> tuple[dict[str, Any], ...]:
    """The outlines of the smallest territories that the reader chose: the map frames them; none for the whole."""
    for mesh in ("commune", "epci", "departement"):
        if codes := view.selection.values(mesh):
            return geometries(view.data, mesh, codes)
    return ()


def points(view: View) -> TileMap | Points:
    """Who practises where, at any scale; by cells where this process serves no tiles."""
    selection = view.data.dated(view.universe, view.selection)
    base = counted(view)
    by, measures = ["code_commune", "commune"], (base.effectif, base.part)
    places, total = split_total(view.query(measures, by, total=True), by)
    table = Table(
        places.sort(base.effectif, descending=True),
        measure_columns(view.universe, ["commune", *measures]),
        total,
        key="code_commune",
    )
    now, _, share = (value or 0 for value in view.values(base.figures).values())
    placed = round(now * share)
    plan = view.option("fond") == "ign"
    if not served(LAYER):
        deck, grouped = point_map(view.data, located(view.data, selection), base_map=plan)
        return Points(
            deck,
            table,
            placed,
            round(now) - placed,
            grouped=grouped,
            title="Où exercent-ils ?",
            option="personne",
            counted=base.count(now),
            measures=measures,
        )
    layer = LAYER.points(view.data, selection)
    shapes = chosen_outlines(view)
    return TileMap(
        LAYER.name,
        query(LAYER, view.data, selection),
        bounds_in_degrees(shapes) if shapes else bounds_of(layer),
        table,
        tuple(ranked(view.data, selection).values()),
        legend(view.data, selection),
        placed,
        round(now) - placed,
        counts=(base.one, base.many, base.placed),
        noun="lieux d’exercice",
        plan=plan,
        title="Où exercent-ils ?",
        reading=f"{base.count(placed)}, à {french.counted(len(layer.codes), 'lieu d’exercice', 'lieux d’exercice')}.",
        option="personne",
        place_option="lieu",
        counted=base.count(now),
        measures=measures,
        outlines=shapes,
    )
