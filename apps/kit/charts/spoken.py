"""What a chart says to who does not see it: each mark in French, once, and nothing that is only drawing.

Vega reads a mark aloud from its fields (``couleur: #9fcfca; nom: …``). Here the mark that has a tooltip says the same
words as the tooltip; the others (values written at the end of bars, lines through points, rules) repeat it and are
left out of what is read. The words of axes and legends are French in the served script
(:mod:`apps.kit.shell.translations`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from apps.kit.style.french import NNBSP

ROLES = {
    "arc": "part",
    "bar": "barre",
    "circle": "point",
    "geoshape": "territoire",
    "line": "courbe",
    "point": "point",
    "rect": "case",
    "rule": "trait",
    "tick": "trait",
}
"""What a mark is called when it is read."""
_COMPOSED = ("layer", "hconcat", "vconcat", "concat")


def spoken(spec: dict[str, Any]) -> dict[str, Any]:
    """The specification whose marks are read in French; the one given is changed.

    A mark whose tooltip another one already said (bars and the points over them) is left out too. A chart none of
    whose marks has a tooltip is left as it is: it would have nothing to say.
    """
    told: set[str] = set()
    units = list(_units(spec))
    if not any(_words(unit) for unit in units):
        return spec
    for unit in units:
        mark = unit["mark"] = dict(unit["mark"]) if isinstance(unit["mark"], dict) else {"type": unit["mark"]}
        words = _words(unit)
        if not words or words in told:
            mark["aria"] = False
            continue
        told.add(words)
        mark["description"] = {"expr": words}
        mark["ariaRoleDescription"] = ROLES.get(mark["type"], "repère")
    return spec


def _units(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The drawings of a specification, through its layers, panels and concatenations."""
    if "mark" in spec:
        yield spec
    for name in _COMPOSED:
        for part in spec.get(name, ()):
            yield from _units(part)
    if isinstance(spec.get("spec"), dict):
        yield from _units(spec["spec"])


def _words(unit: dict[str, Any]) -> str:
    """The Vega expression of what a mark says: its tooltip's values, each after its title; empty without tooltip."""
    tips = unit.get("encoding", {}).get("tooltip")
    kind = unit["mark"]["type"] if isinstance(unit["mark"], dict) else unit["mark"]
    if kind == "text" or not isinstance(tips, list):
        return ""
    said = []
    for tip in tips:
        value = f"datum[{json.dumps(tip['field'], ensure_ascii=False)}]"
        title = str(tip.get("title") or "").strip()
        head = json.dumps(f", {title}{NNBSP}: " if title else ", ", ensure_ascii=False)
        # Empty values are not read: a comma would be heard for nothing.
        said.append(f"({value} == null || {value} === '' ? '' : {head} + {value})")
    return f"slice({' + '.join(said)}, 2)"
