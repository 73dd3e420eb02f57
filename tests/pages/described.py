"""A piece in words: all that screens, tables and exports are made of, so that an approved text says what moved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figures
from apps.kit.charts.tables import Table
from apps.kit.maps.maps import Map
from apps.kit.maps.points import Points
from apps.kit.maps.tile_map import TileMap
from apps.kit.pages.pieces import Drawn, Note, Piece, counted, twin

FIRST, LAST = 3, 1
"""Rows that are written whole at each end; the others are in a fingerprint."""
CHANNEL = (
    "field",
    "type",
    "aggregate",
    "format",
    "timeUnit",
    "stack",
    "sort",
    "title",
    "value",
    "bandPosition",
)
"""What a channel of a drawing says besides its scale and its axis."""


def fingerprint(value: Any) -> str:
    """Twelve digits of a value; figures at nine digits, for sums may be added in another order."""
    return hashlib.sha256(json.dumps(rounded(value), default=str).encode()).hexdigest()[:12]


def rounded(value: Any) -> Any:
    """A value with its figures at nine digits."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list | tuple) else value


def shapes(spec: Any, path: str = "") -> Iterator[str]:
    """Each mark of a chart: what it is, what each channel shows, in which order and from where to where.

    A colour or a width apart, which are the theme's: what a reader reads the figures by.
    """
    if isinstance(spec, list):
        for one in spec:
            yield from shapes(one, path)
        return
    if not isinstance(spec, dict):
        return
    if "mark" in spec:
        mark = spec["mark"] if isinstance(spec["mark"], dict) else {"type": spec["mark"]}
        pointed = f" ({mark['cursor']})" if "cursor" in mark else ""
        yield f"{path}{mark['type']}{pointed}" + "".join(
            f" | {name}: {channel}"
            for name, value in sorted(spec.get("encoding", {}).items())
            if (channel := _channel(value))
        )
    elif encoding := spec.get("encoding"):
        shared = "".join(f" | {n}: {c}" for n, v in sorted(encoding.items()) if (c := _channel(v)))
        yield f"{path}ensemble{shared}"
    for facet in ("facet", "row", "column"):
        if isinstance(spec.get(facet), dict):
            yield f"{path}{facet}: {_channel(spec[facet])}"
    if isinstance(spec.get("transform"), list):
        yield f"{path}transforme {_short(spec['transform'])}"
    for name in ("layer", "hconcat", "vconcat", "spec"):
        if name in spec:
            yield from shapes(spec[name], f"{path}  ")


def _channel(value: Any) -> str:
    if isinstance(value, list):
        return " + ".join(filter(None, (_channel(one) for one in value)))
    if not isinstance(value, dict):
        return ""
    told = {name: value[name] for name in CHANNEL if value.get(name) is not None}
    if isinstance(value.get("condition"), dict | list):
        told["si"] = value["condition"]
    scale, axis = value.get("scale") or {}, value.get("axis") or {}
    told |= {name: scale[name] for name in ("domain", "zero", "reverse", "nice") if name in scale}
    told |= {
        f"axe {name}": axis[name] for name in ("format", "values", "labelExpr", "title") if axis.get(name)
    }
    return _short(told) if told else ""


def _short(value: Any) -> str:
    text = json.dumps(rounded(value), ensure_ascii=False, default=str)
    return text if len(text) <= 240 else f"{text[:200]}… {fingerprint(value)}"


def rows(found: list[Any]) -> Iterator[str]:
    """The first rows, the last, how many there are and a fingerprint of all, in their order."""
    shown = found if len(found) <= FIRST + LAST else [*found[:FIRST], *found[-LAST:]]
    yield from (_short(one) for one in shown)
    if len(found) > FIRST + LAST:
        yield f"{len(found)} lignes, empreinte {fingerprint(found)}"


def told_table(table: Table) -> Iterator[str]:
    """A table as its reader has it: headings with how they are counted, cells as written, total, what a click does."""
    for column in table.columns:
        yield f"  colonne · {column.label}{' (variation)' if column.change else ''} : {column.help}".rstrip(
            " :"
        )
    cells = [
        [one.write(row.get(one.name)) for one in table.columns] for row in table.frame.iter_rows(named=True)
    ]
    yield from (f"  ligne · {one}" for one in rows(cells))
    if table.key and table.key in table.frame.columns:
        yield f"  codes · {fingerprint([str(one) for one in table.frame[table.key].to_list()])}"
    if table.total is not None:
        yield f"  ensemble · {[one.write(table.total.get(one.name)) for one in table.columns]}"


def described(piece: Piece) -> Iterator[str]:
    """Everything that a piece says and shows, a line each."""
    yield f"{type(piece).__name__} · {piece.title}"
    if piece.reading:
        yield f"  lecture · {piece.reading}"
    if isinstance(piece, Note):
        yield f"  texte · {piece.text}"
        return
    yield f"  compte · {counted(piece)}"
    if picks := getattr(piece, "picks", ""):
        yield f"  clic · {picks}"
    yield f"  mesures · {_short(list(map(str, piece.measures)))}"
    if isinstance(piece, Figures):
        for figure in piece.items:
            yield f"  chiffre · {figure.label} : {figure.value} | {figure.reference} | {figure.closing}"
            if figure.change is not None:
                yield f"    variation · {figure.change.text}"
            yield from (f"    part · {part.label} : {part.value}" for part in figure.parts)
        yield from (f"  autre · {one}" for one in piece.others)
    if isinstance(piece, Map):
        yield f"  carte · {piece.mesh} | {piece.unit} | {piece.alt} | {piece.corner} | {piece.outlines}"
        yield f"  classes · {list(piece.classes.labels)}"
    if isinstance(piece, Points | TileMap):
        yield f"  points · {piece.located} placés, {piece.missing} non | {piece.noun} | {piece.option} | {piece.legend}"
    if isinstance(piece, TileMap):
        first = list(piece.categories[:6])
        yield f"  tuiles · {piece.counts} | {first} | {rounded(piece.bounds)} | {piece.place_option}"
    if isinstance(piece, Chart | Map):
        yield from (f"  dessin · {one}" for one in shapes(piece.spec))
        for name, found in sorted(piece.spec.get("datasets", {}).items()):
            if isinstance(found, list) and name not in ("departements", "adresse"):
                yield f"  données · {name}, {len(found)} lignes, empreinte {fingerprint(found)}"
    if isinstance(piece, Drawn):
        printed = _short(piece.printed()) if piece.printed else "par son tableau"
        yield f"  dessinée par elle-même, imprimée · {printed}"
    if (table := twin(piece)) is not None:
        yield from told_table(table)


def shortly(piece: Piece, *, cells: bool = False) -> Iterator[str]:
    """What is read of a piece first, with the first rows of its table or not, and a fingerprint of all that it says."""
    whole = list(described(piece))
    kept = (
        "  lecture ·",
        "  compte ·",
        "  chiffre ·",
        "  texte ·",
        "  ensemble ·",
        *(["  ligne ·"] if cells else []),
    )
    yield whole[0]
    yield from (one for one in whole[1:] if one.startswith(kept))
    yield f"  tout · {len(whole)} lignes, empreinte {fingerprint(whole)}"


def marks(spec: dict[str, Any]) -> str:
    """The marks of a chart in a line, and a fingerprint of what each channel shows."""
    found = [one.strip() for one in shapes(spec)]
    return f"{', '.join(one.partition(' |')[0] for one in found)}, empreinte {fingerprint(found)}"
