"""Colours that belong to the values of an axis: Grand Est is the same colour on every chart, whatever is filtered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apps.kit.data.view import View
from apps.kit.style.theme import SECONDARY, VALUES
from scoring.universes.rows import NON_RENSEIGNE


def colours(view: View, axis: str, codes: Sequence[str]) -> dict[str, str]:
    """The colour of each of these values of an axis.

    A value's colour is that of its rank among all the values of its axis, filtered or not. On an axis of more values
    than there are colours, two of those drawn together may want the same one: the later one takes the next free.

    Args:
        view: what the page shows.
        axis: name of the axis.
        codes: the values drawn; :data:`~scoring.universes.rows.NON_RENSEIGNE` is grey.
    """
    found = view.universe.axis(axis)
    ranks: Mapping[str, int] = view.data.cached(
        ("rangs", view.universe.name, found.name), [view.universe.table], lambda: _ranks(view, found.name)
    )
    return paired(codes, ranks)


def _ranks(view: View, axis: str) -> dict[str, int]:
    values = sorted(view.data.every_choice(view.universe, axis)["code"].to_list())
    return {code: rank for rank, code in enumerate(values)}


def paired(codes: Sequence[str], ranks: Mapping[str, int]) -> dict[str, str]:
    """The colours of these codes by their ranks, two of them never alike while colours are left."""
    wanted = [code for code in codes if code != NON_RENSEIGNE]
    made = {code: SECONDARY for code in codes if code == NON_RENSEIGNE}
    taken: set[int] = set()
    for code in sorted(wanted, key=lambda one: (ranks.get(one, len(ranks)), one)):
        place = ranks.get(code, len(ranks)) % len(VALUES)
        while place in taken and len(taken) < len(VALUES):
            place = (place + 1) % len(VALUES)
        taken.add(place)
        made[code] = VALUES[place]
    return made
