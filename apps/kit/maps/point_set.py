"""Points at any scale: a set ordered along a space-filling curve, cut into tiles that add nobody and lose nobody.

A point's code interleaves the bits of its two web-Mercator coordinates. In the order of codes the points of any tile
of any zoom follow one another, and so do those of any cell of a tile: a tile is two bisections and one pass over its
own points, in numpy alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

LEVEL = 26
"""Bits of a coordinate: 0.6 m at the equator, finer than any address."""
DEEPEST = 16
"""From this zoom on (a tile is 400 m wide in France), what is told apart is told apart."""
INDIVIDUALS = 400
"""A tile with at most so many points shows them one by one."""
SPLIT = 3
"""A tile that has more shows 2³ × 2³ cells of 32 pixels."""
POINT, PLACE, CELL = 0, 1, 2
"""Kinds of items: one point; several at the same spot; several in a cell."""

Numbers = np.ndarray[Any, np.dtype[Any]]
Item = list[Any]


@dataclass(frozen=True)
class PointSet:
    """Points in the order of their codes; see :func:`point_set`.

    Attributes:
        rows: ``id``, ``texte`` (String), in the order of ``codes``.
        codes: codes of the points (UInt64), increasing.
        longitude: degrees (Float64).
        latitude: degrees (Float64).
        category: rank of each point's category (UInt8).
        categories: how many categories there are.
    """

    rows: pl.DataFrame
    codes: Numbers
    longitude: Numbers
    latitude: Numbers
    category: Numbers
    categories: int

    def tile(self, z: int, x: int, y: int) -> list[Item]:
        """What a tile shows.

        Args:
            z: zoom, 0 to 26; 2^z tiles a side.
            x: column, from the west.
            y: row, from the north.

        Returns:
            list: ``[kind, longitude, latitude, number, category]``, then for one point its identifier and text, for
            a place its code. Numbers add up to the points of the tile. The category of several is the most
            frequent one (the first of equals); their place is their mean.
        """
        if not (0 <= z <= LEVEL and 0 <= x < 1 << z and 0 <= y < 1 << z):
            return []
        prefix = int(_interleaved(np.array([x], np.uint64), np.array([y], np.uint64))[0])
        shift = 2 * (LEVEL - z)
        low, high = np.searchsorted(self.codes, np.array([prefix << shift, (prefix + 1) << shift], np.uint64))
        count = int(high - low)
        if not count:
            return []
        exact = count <= INDIVIDUALS or z >= DEEPEST
        kept = slice(int(low), int(high))
        keys = self.codes[kept] if exact else self.codes[kept] >> np.uint64(max(shift - 2 * SPLIT, 0))
        return self._grouped(keys, kept, PLACE if exact else CELL)

    def _grouped(self, keys: Numbers, kept: slice, several: int) -> list[Item]:
        starts = np.concatenate([[0], np.flatnonzero(keys[1:] != keys[:-1]) + 1])
        counts = np.diff(np.append(starts, len(keys)))
        longitude = np.add.reduceat(self.longitude[kept], starts) / counts
        latitude = np.add.reduceat(self.latitude[kept], starts) / counts
        group = np.repeat(np.arange(len(starts)), counts)
        tally = np.bincount(
            group * self.categories + self.category[kept], minlength=len(starts) * self.categories
        )
        main = tally.reshape(len(starts), self.categories).argmax(axis=1)
        alone = starts[counts == 1] + kept.start
        named = iter(self.rows[alone].iter_rows())
        items: list[Item] = []
        for index, (lon, lat, number, category) in enumerate(
            zip(
                longitude.round(6).tolist(),
                latitude.round(6).tolist(),
                counts.tolist(),
                main.tolist(),
                strict=True,
            )
        ):
            if number == 1:
                items.append([POINT, lon, lat, 1, category, *next(named)])
            elif several == PLACE:
                items.append([PLACE, lon, lat, number, category, str(int(keys[starts[index]]))])
            else:
                items.append([CELL, lon, lat, number, category])
        return items


def point_set(points: pl.DataFrame, categories: int) -> PointSet:
    """Order points for tiles.

    Args:
        points: ``id``, ``texte`` (String), ``longitude``, ``latitude`` (Float64, degrees), ``categorie`` (integer,
            from 0). Points without coordinates are left out.
        categories: how many categories there are.
    """
    placed = points.drop_nulls(["longitude", "latitude"])
    longitude, latitude = placed["longitude"].to_numpy(), placed["latitude"].to_numpy()
    code = codes(longitude, latitude)
    order = np.argsort(code, kind="stable")
    return PointSet(
        placed.select("id", "texte")[order],
        code[order],
        longitude[order],
        latitude[order],
        placed["categorie"].cast(pl.UInt8).to_numpy()[order],
        categories,
    )


def codes(longitude: Numbers | Sequence[float], latitude: Numbers | Sequence[float]) -> Numbers:
    """Codes of places (UInt64): the same to half a metre, the same code."""
    size = float(1 << LEVEL)
    # Web Mercator (EPSG:3857) on the unit square, y from the north; the poles themselves have no place there.
    x = (np.asarray(longitude, np.float64) + 180.0) / 360.0
    bounded = np.clip(np.asarray(latitude, np.float64), -85.05, 85.05)
    y = (1.0 - np.arcsinh(np.tan(np.radians(bounded))) / np.pi) / 2.0
    column, row = (np.clip(v * size, 0, size - 1).astype(np.uint64) for v in (x, y))
    return _interleaved(column, row)


def _interleaved(x: Numbers, y: Numbers) -> Numbers:
    made: Numbers = _spread(x) | (_spread(y) << np.uint64(1))
    return made


def _spread(values: Numbers) -> Numbers:
    """Put a zero between the bits of numbers of 32 bits at most."""
    spread = values.astype(np.uint64)
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        spread = (spread | (spread << np.uint64(shift))) & np.uint64(mask)
    return spread
