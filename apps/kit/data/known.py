"""What a link asks that no register knows: said, and never counted.

A code of the address that is no territory's (a slip, an old link) would count nobody, and the page would say so of a
territory that does not exist. It is left out of what is counted, and told. A commune merged since becomes the one
that took it in, and that is told too.
"""

from __future__ import annotations

from dataclasses import replace

from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.style import french
from lake.catalog.territoires import FUSIONS
from lake.errors import MissingTable
from scoring.universes.model import Rhythm
from scoring.universes.rows import NON_RENSEIGNE
from scoring.universes.selection import Selection


def known(view: View) -> tuple[State, list[str]]:
    """The state whose filters all exist, and what the reader must know of the others.

    Every territorial filter is checked, and every filter of a universe whose rows are a picture at a date.

    Returns:
        tuple: the state, and sentences in French (none when all was known).
    """
    selection, told = _published(view)
    for name, values in view.selection.filters.items():
        axis = view.universe.axis(name)
        if not axis.territory and not _whole_list(view):
            continue
        codes = {*view.labels(axis.name), *axis.words, *axis.aliases, NON_RENSEIGNE}
        kept: list[str] = []
        for value in values:
            now = value if value in codes else _merged(view, value) if axis.territory == "commune" else ""
            if now not in codes:
                told.append(f"{axis.label} « {value} » : ce code n'existe pas, il n'est pas compté.")
                continue
            if now != value:
                told.append(
                    f"La commune {value} a fusionné : elle est comptée dans {view.word(axis.name, now)}."
                )
            kept.append(now)
        if tuple(kept) != values:
            selection = selection.with_filter(name, kept)
    return replace(view.state, selection=selection), told


def _published(view: View) -> tuple[Selection, list[str]]:
    """The selection at a date that is published, and what is said when the one asked is not.

    A date without rows (a slip, an old link to a campaign that was being entered) would count nobody at a day of which
    nothing is known: the newest picture is shown instead.
    """
    selection = view.selection
    asked, newest = selection.date, next(iter(view.dates), None)
    if view.universe.rhythm is not Rhythm.SNAPSHOT or asked is None or newest is None:
        return selection, []
    if asked in view.dates or asked == view.live:
        return selection, []
    return selection.at(None), [
        f"Rien n'est publié au {french.long_date(asked)} : le {french.long_date(newest)} est montré."
    ]


def _whole_list(view: View) -> bool:
    """Whether the values that the reader may choose are all there are: rights or a period may leave some out."""
    universe = view.universe
    snapshot = universe.rhythm is Rhythm.SNAPSHOT and universe.derived is None
    lecture = view.data.access.lecture
    opened = (universe.opened_by or universe.name) in lecture.opened
    droits = lecture.droits
    narrowed = droits is not None and any(
        one is not None for one in (droits.regions, droits.departements, droits.editeurs)
    )
    # What any visitor sees is whole, unless départements narrow even that (see scoring/droits.py).
    if opened and (droits is None or droits.departements is None):
        narrowed = False
    return snapshot and not narrowed


def _merged(view: View, code: str) -> str:
    """The commune that took a former one in; the code itself when no merger is known."""

    def read() -> dict[str, str]:
        try:
            return dict(view.data.frame(FUSIONS).select("ancien_code_commune", "code_commune").iter_rows())
        except MissingTable:
            return {}

    mergers: dict[str, str] = view.data.cached("fusions", [FUSIONS], read)
    for _ in range(len(mergers)):
        if code not in mergers:
            break
        code = mergers[code]
    return code


def left_out(view: View, shared: dict[str, tuple[str, ...]]) -> list[str]:
    """What was chosen on another page and that this one does not filter by, in words.

    Args:
        view: what the page shows.
        shared: the filters that carry over from page to page.
    """
    axes = {axis.name: axis for axis in view.universe.axes}
    chosen = [
        f"{axes[name].label} : {french.listing(view.word(name, value) for value in values)}"
        for name, values in shared.items()
        if values and name in axes and name not in view.scope.axes
    ]
    return [f"Cette page ne filtre pas par {one[0].lower()}{one[1:]}." for one in chosen]
