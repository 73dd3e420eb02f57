"""Texts that know the figures they were written on: bound when they are saved, compared when they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from apps.analyses.dessin import dimensions, written
from apps.kit.data.reads import tables_of
from apps.kit.data.view import View
from apps.kit.style import french
from apps.kit.views.words import monthly
from lake.errors import LakeError
from scoring.analyses.empreinte import Ecart, digest, moved
from scoring.analyses.spec import MOST_EXCERPT, Lien, Section

MOST_TOLD = 5


def scope(view: View) -> str:
    """What names the rights under which figures were read: it tells nothing of them."""
    return hashlib.sha256(view.data.access.scope.encode()).hexdigest()[:16]


def bound(section: Section, view: View, *, par: str = "", now: datetime | None = None) -> Section:
    """A section whose texts are bound to the figures that it shows: called when its author saves them.

    Args:
        section: the section; a note, and a section without text, are bound to nothing.
        view: what it shows before any reader chooses.
        par: who writes, as it will be said.
        now: the moment (UTC); the clock's by default.
    """
    chart = section.graphique
    if chart is None or not (section.introduction or section.conclusion):
        return replace(section, lien=None)
    cells = written(chart, view)
    versions = view.data.state.versions(tables_of(view.universe))
    return replace(
        section,
        lien=Lien(
            (now or datetime.now(UTC)).isoformat(timespec="seconds"),
            par,
            {name: number for name, number in sorted(versions.items()) if number is not None},
            view.date.isoformat() if view.date else "",
            scope(view),
            digest(cells),
            tuple(cells[:MOST_EXCERPT]),
        ),
    )


@dataclass(frozen=True)
class Relecture:
    """What became of the figures that a text was written on.

    Attributes:
        ecarts: those that were corrected since, at the date of the text.
        cellules: how many figures the text was written on.
        jour: the date of the text, when newer figures are shown.
        montree: the date shown.
        autres_droits: whether the text was written with other rights than the reader's: no figure of it is told.
    """

    ecarts: tuple[Ecart, ...] = ()
    cellules: int = 0
    jour: date | None = None
    montree: date | None = None
    autres_droits: bool = False

    @property
    def stale(self) -> bool:
        """Whether the text is to be read again."""
        return bool(self.ecarts)


def reread(section: Section, view: View) -> Relecture | None:
    """What became of the figures of a section's texts; None when they are as they were, or were never bound.

    The tables that did not change are not read: same versions, same figures.
    """
    chart, lien = section.graphique, section.lien
    if chart is None or lien is None or not (section.introduction or section.conclusion):
        return None
    if lien.portee != scope(view):
        return Relecture(autres_droits=True)
    then = date.fromisoformat(lien.date) if lien.date else None
    newer = then if then is not None and view.date is not None and view.date > then else None
    versions = view.data.state.versions(tables_of(view.universe))
    same = all(versions.get(name) == number for name, number in lien.versions.items())
    ecarts: tuple[Ecart, ...] = ()
    if not same:
        try:
            cells = written(chart, _at(view, then, chart.periode.genre == "derniere"))
        except LakeError:
            return None  # the section itself says why nothing answers
        known = {name for name, _ in lien.extrait}
        if newer is not None and view.universe.time.name in dimensions(chart, view.universe):
            cells = [one for one in cells if one[0] in known]  # a new date is no correction
        if digest(cells) != lien.cellules:
            # Beyond the excerpt that was kept, what moved is known to have, not which.
            kept = cells if len(lien.extrait) < MOST_EXCERPT else [one for one in cells if one[0] in known]
            ecarts = tuple(moved(lien.extrait, kept))
    if not ecarts and newer is None:
        return None
    return Relecture(ecarts, len(lien.extrait), newer, view.date if newer else None)


def _at(view: View, day: date | None, last: bool) -> View:
    """The same view at the date of the text."""
    if day is None or not last:
        return view
    selection = view.selection.at(None).during(None, None)
    return view.on(selection=selection.during(None, day) if monthly(view) else selection.at(day))


def banner(found: Relecture | None, view: View, lien: Lien | None) -> str:
    """What the reader must know of a section's texts before reading them, as prose; empty for nothing."""
    if found is None or lien is None:
        return ""
    if found.autres_droits:
        return (
            "*Ce texte a été écrit avec d’autres droits que les vôtres\u202f; "
            "les chiffres ci-dessous sont les vôtres.*"
        )
    said = []
    if found.ecarts:
        count = french.counted(len(found.ecarts), "valeur", "valeurs")
        told = " ; ".join(str(one) for one in found.ecarts[:MOST_TOLD])
        more = len(found.ecarts) - MOST_TOLD
        rest = f" ; et {french.counted(more, 'autre', 'autres')}" if more > 0 else ""
        said.append(
            f"**Les chiffres ont été corrigés depuis la rédaction**\u202f: "
            f"{count} sur {found.cellules}{_since(view, lien)}. {told}{rest}."
        )
    if found.jour is not None:
        said.append(
            f"**Rédigé sur {_day(view, found.jour)}**\u202f; les chiffres montrés sont ceux de "
            f"{_day(view, found.montree)}."
        )
    return "\n\n".join(said)


def _since(view: View, lien: Lien) -> str:
    """Since which publication: ``, depuis la publication du 3 juillet 2022``."""
    changed = [
        table
        for table in tables_of(view.universe)
        if view.data.version(table) != lien.versions.get(table.name)
    ]
    moments = []
    for table in changed:
        try:
            moments.append(view.data.state.published(table).moment)
        except (LakeError, StopIteration):
            continue
    return f", depuis la publication du {french.long_date(max(moments).date())}" if moments else ""


def _day(view: View, day: date | None) -> str:
    return french.month(day) if monthly(view) else french.long_date(day)


def stale(sections: Sequence[Relecture | None]) -> bool:
    """Whether one text of an analysis is to be read again."""
    return any(one is not None and one.stale for one in sections)
