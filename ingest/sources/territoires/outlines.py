"""The table of outlines: communes from the files or the reference, every other mesh dissolved from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
import shapely

from ingest.source import Parsed
from ingest.sources.territoires import geometry
from ingest.sources.territoires.reading import Reading
from ingest.sources.territoires.settle import Settled, rows_of, settle, unreadable
from lake.catalog import territoires as catalog
from lake.words import agreed

Shapes = dict[str, shapely.Geometry]


def build(
    former: pl.DataFrame,
    readings: Sequence[Reading],
    communes: pl.DataFrame,
    departements: pl.DataFrame,
    successors: Mapping[str, str],
    inside: pl.Expr,
) -> Parsed:
    """Outlines of the four meshes.

    Communes take the files' outline, else the reference's; former communes are merged into those that took
    them over. EPCI, départements and régions are dissolved from the communes wherever all of theirs are
    drawn; other départements keep their own (coarser) outline, brought up to the edge of the finer ones.

    Args:
        former: outlines of the reference (contract of the table).
        readings: files read.
        communes: communes in force (contract of the communes).
        departements: all départements (contract of the départements).
        successors: former commune -> commune in force.
        inside: over a column ``code`` of commune codes, True for those of the region.
    """
    codes = communes["code_commune"].to_list()
    given, settled, mended = _given(readings, codes, successors, inside)
    old = {mesh: geometry.from_frame(former, mesh) for mesh in ("commune", "epci", "departement", "region")}
    drawn = _communes(given["commune"], old["commune"], set(codes), successors)

    epci_of = geometry.members(communes, "code_commune", "siren_epci")
    dep_of = geometry.members(communes, "code_commune", "code_departement")
    region_of = geometry.members(departements, "code_departement", "code_region")
    whole = {dep for code, dep in dep_of.items()} - {dep for code, dep in dep_of.items() if code not in drawn}
    epci = geometry.dissolve(drawn, epci_of)
    fine = geometry.dissolve({c: g for c, g in drawn.items() if dep_of[c] in whole}, dep_of)
    coarse = old["departement"] | _national(given["departement"])
    shapes = coarse | fine
    if any(code not in coarse or not geometry.same(coarse[code], shape) for code, shape in fine.items()):
        former_fine = [coarse[code] for code in fine if code in coarse]
        shapes |= geometry.fit_around(shapes, frozenset(fine), former_fine)
    known = {code for code, region in region_of.items() if code not in shapes}
    partial = {region_of[code] for code in known}
    regions = geometry.dissolve(shapes, {c: r for c, r in region_of.items() if r not in partial})
    regions = old["region"] | given["region"] | regions if partial else regions

    frame = pl.concat(
        [
            geometry.to_frame("commune", drawn),
            geometry.to_frame("epci", epci),
            geometry.to_frame("departement", shapes),
            geometry.to_frame("region", regions),
        ]
    )
    # Outlines that are computed, or kept from the reference, are read and published at once.
    # A given outline that a finer, dissolved one stands for says the same thing twice.
    replaced = (
        len(given["epci"]) + len(given["departement"].keys() & fine.keys())
        + len([code for code in given["region"] if code not in partial])
        + settled.kept.filter(pl.col("maille") == "commune").height - len(given["commune"])
    )  # fmt: skip
    out = Parsed(
        table=catalog.CONTOURS,
        frame=frame,
        lues=frame.height + replaced + settled.doublons + settled.hors_region + settled.rejects.height,
        doublons=settled.doublons + replaced,
        hors_region=settled.hors_region,
        rejects=settled.rejects,
    )
    out.figures["contours de communes renouvelés"] = len(given["commune"])
    if mended:
        out.figures["géométries réparées"] = mended
    missing = len(codes) - len(drawn)
    if missing:
        out.warnings.append(agreed(missing, f"{missing} commune(s) sans contour connu."))
    return out


def _given(
    readings: Sequence[Reading], codes: Sequence[str], successors: Mapping[str, str], inside: pl.Expr
) -> tuple[dict[str, Shapes], Settled, int]:
    """Outlines that the files give, by mesh, former communes under their successor's code and merged.

    Returns:
        The outlines, how their lines were sorted, and how many had to be repaired.
    """
    rows = rows_of(readings, "contours")
    shapes = [readings[source].geometries[rang] for source, rang in rows.select("source", "rang").iter_rows()]
    surfaces, repaired = geometry.polygonal(np.array([*shapes, None], dtype=object)[:-1])
    current = (
        pl.when(pl.col("maille") == "commune")
        .then(pl.col("code").replace(dict(successors)))
        .otherwise("code")
    )
    rows = rows.with_columns(
        actuel=current, vide=pl.Series([shape is None for shape in surfaces], dtype=pl.Boolean),
        place=pl.int_range(pl.len(), dtype=pl.Int64),
    )  # fmt: skip
    commune = pl.col("maille") == "commune"
    settled = settle(
        rows,
        ["maille", "code"],
        malformed=[
            (pl.col("code").is_null(), "code absent"),
            (
                commune & ~pl.col("code").str.contains(r"^(2[AB]|[0-9]{2})[0-9]{3}$"),
                "code de commune mal formé",
            ),
        ],
        outside=commune & ~inside,
        unfit=[
            (pl.col("vide"), "géométrie absente, vide ou illisible"),
            (commune & ~pl.col("actuel").is_in(list(codes)), "contour d'une commune inconnue"),
        ],
        broken=unreadable(readings, "contours"),
    )
    out: dict[str, Shapes] = {mesh: {} for mesh in ("commune", "epci", "departement", "region")}
    for mesh, shapes_of in out.items():
        kept = settled.kept.filter(pl.col("maille") == mesh)
        parts = {code: surfaces[place] for code, place in kept.select("code", "place").iter_rows()}
        current_of = dict(kept.select("code", "actuel").iter_rows())
        shapes_of.update(geometry.dissolve(parts, current_of))
    mended = int(repaired[settled.kept["place"].to_numpy()].sum()) if settled.kept.height else 0
    return out, settled, mended


def _communes(given: Shapes, old: Shapes, codes: set[str], successors: Mapping[str, str]) -> Shapes:
    """New outlines among those of the reference, former communes merged, all of them one coverage."""
    current_of = {code: successors.get(code, code) for code in old}
    former = geometry.dissolve({c: g for c, g in old.items() if current_of[c] in codes}, current_of)
    fresh = {c: g for c, g in given.items() if c not in former or not geometry.same(g, former[c])}
    kept = {code: shape for code, shape in former.items() if code not in fresh}
    if not fresh:
        return kept
    drawn = kept | fresh
    if not geometry.fits(drawn):
        # Boundaries of another vintage, or finer than ours: they rule, their neighbours come up to them.
        fresh = _simplified(fresh, geometry.COMMUNE_TOLERANCE, geometry.DECIMALS)
        drawn = kept | fresh
        replaced = [former[code] for code in fresh if code in former]
        drawn = geometry.closed(drawn | geometry.fit_around(drawn, frozenset(fresh), replaced))
    return _simplified(drawn, geometry.COMMUNE_TOLERANCE, geometry.DECIMALS)


def _simplified(shapes: Shapes, tolerance: float, decimals: int) -> Shapes:
    names = sorted(shapes)
    array = np.array([*(shapes[name] for name in names), None], dtype=object)[:-1]
    return dict(zip(names, geometry.simplify(array, tolerance, decimals), strict=True))


def _national(given: Shapes) -> Shapes:
    return _simplified(
        geometry.without_islets(given), geometry.NATIONAL_TOLERANCE, geometry.NATIONAL_DECIMALS
    )
