"""A saved analysis as a page: its sections are the page's parts, drawn and exported by the renderer of every page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from apps.analyses.dessin import header, views_of
from apps.analyses.liens import Relecture, banner, reread
from apps.analyses.vivants import alive
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.filters.filters import Choice
from apps.kit.pages import captions
from apps.kit.pages.page import Block, Page, Part
from apps.kit.pages.pieces import Note
from apps.kit.pages.sheet import Shown, sheet
from apps.kit.style import french
from lake.errors import AccessDenied, LakeError, MissingTable
from scoring.analyses.cadrage import Cadrage
from scoring.analyses.references import section_faults, up_to_date
from scoring.analyses.spec import Analyse, Graphique, Section
from scoring.universes.model import Universe
from scoring.universes.registry import UNIVERSES, universe


def opens(found: Universe) -> str:
    """The universe whose rights open a universe."""
    return found.opened_by or found.name


Reads = Callable[[str], Data]
"""Universe whose rights open what is read -> the reads of a reader who has them; raises AccessDenied otherwise."""


@dataclass(frozen=True)
class Fixed:
    """A filter that leaves nothing to choose: said, not drawn as a list.

    Attributes:
        axis: name of the axis.
    """

    axis: str
    shared: bool = False

    @property
    def axes(self) -> tuple[str, ...]:
        """The axis."""
        return (self.axis,)

    def draw(self, view: View) -> None:
        """Say what is imposed."""
        words = french.listing(view.word(self.axis, value) for value in view.selection.values(self.axis))
        label = view.universe.axis(self.axis).label
        captions.line(f"{label} : {words} (imposé par l’auteur)")


@dataclass(frozen=True)
class Feuille:
    """An analysis as one reader sees it.

    Attributes:
        analyse: what is saved.
        page: its declaration.
        view: what stands for the page as a whole.
        reads: the reads of the reader, by universe.
        ouverte: whether one section at least is open to the reader.
    """

    analyse: Analyse
    page: Page
    view: View
    reads: Reads
    ouverte: bool

    def shown(self, states: list[State] | None = None) -> list[Shown]:
        """Its parts, the page's own first, under the state of each; their texts with what became of their figures."""
        return [self._alive(one) for one in sheet(self.page, self.view, self.reads, states or ())]

    def _reread(self, one: Shown) -> Relecture | None:
        section = self.analyse.section(one.part.name)
        if section is None or one.view is None:
            return None
        return reread(section, one.view.on(selection=one.part.start.selection))

    def _alive(self, one: Shown) -> Shown:
        """A part whose texts have their live figures written under what it shows."""
        section = self.analyse.section(one.part.name)
        if section is None or one.view is None:
            return one
        part, found = one.part, self._reread(one)
        told = banner(found, one.view, section.lien)
        before, after = alive(part.introduction, one.view), alive(part.conclusion, one.view)
        before = f"{told}\n\n{before}" if told else before
        return replace(one, part=replace(part, introduction=before, conclusion=after))


def feuille(analyse: Analyse, reads: Reads, name: str = "analyse", texts: tuple[str, ...] = ()) -> Feuille:
    """An analysis as a page.

    Args:
        analyse: what is saved.
        reads: the reads of the reader, by the universe whose rights open them.
        name: name of the page, unique in the suite: part of the address and of the names of files.
        texts: names of the address that are the page's own (the number of the analysis).

    Raises:
        AccessDenied: the reader opens none of its universes.
    """
    analyse = up_to_date(analyse)
    sure, ouverte = _opened(analyse, reads)
    parts = tuple(_part(section, reads, sure) for section in analyse.sections)
    page = Page(
        name, analyse.titre, analyse.titre, lambda _: analyse.description, sure, parts=parts, texts=texts
    )
    data = reads(opens(sure))
    return Feuille(
        analyse, page, View(analyse.titre, data.universe(sure), State(), data, page.scope), reads, ouverte
    )


def _opened(analyse: Analyse, reads: Reads) -> tuple[Universe, bool]:
    """The universe that stands for the whole: the first of its sections that the reader opens."""
    refused: LakeError | None = None
    for section in analyse.sections:
        if section.graphique is None or section.graphique.univers not in UNIVERSES:
            continue
        found = universe(section.graphique.univers)
        try:
            reads(opens(found))
        except AccessDenied as error:
            refused = error
            continue
        return found, True
    if refused is not None:
        raise refused
    return _first(reads), False


def _first(reads: Reads) -> Universe:
    """A universe that the reader opens, for an analysis that has texts only."""
    error: LakeError | None = None
    for name in ("annuaire", "segur", "convergence"):
        try:
            reads(name)
        except AccessDenied as refused:
            error = refused
            continue
        return universe(name)
    assert error is not None
    raise error


def _part(section: Section, reads: Reads, sure: Universe) -> Part:
    chart = section.graphique
    text = Part(
        section.id,
        sure,
        title=section.titre,
        introduction=section.introduction,
        conclusion=section.conclusion,
        is_text=True,
    )
    if chart is None:
        return text
    faults = section_faults(section, lambda name: _known(name, reads))
    if faults:
        told = "\n".join(f"- {one.message}" for one in faults)
        note = f"**Section à réparer.** Son graphique ne peut pas être dessiné :\n\n{told}"
        return replace(text, introduction=f"{section.introduction}\n\n{note}".strip())
    found = universe(chart.univers)
    try:
        data = reads(opens(found))
    except AccessDenied:
        # Its title only: a text may hold figures of what is not open to this reader.
        return Part(section.id, found, (Block("vue", _closed),), title=section.titre)
    try:
        return _drawn(section, chart, data)
    except MissingTable as error:
        return replace(text, introduction=f"{section.introduction}\n\n**Pas encore publié.** {error}".strip())


def _closed(_view: View) -> Note:
    """Of a part that is not open, nothing is drawn: the refusal is."""
    return Note("")


def _known(name: str, reads: Reads) -> Universe:
    """A universe as the lake describes it; the packaged one where the reader may not open it."""
    found = universe(name)
    try:
        return reads(opens(found)).universe(found)
    except AccessDenied:
        return found


def _drawn(section: Section, chart: Graphique, data: Data) -> Part:
    found = data.universe(universe(chart.univers))
    cadrage = Cadrage.of(chart)
    blocks = [Block(f"vue{rank or ''}", made) for rank, made in enumerate(views_of(chart, found))]
    start = State(cadrage.start(found, data.dates(found)))
    return Part(
        section.id,
        found,
        tuple(blocks),
        section.titre or question(chart, found),
        section.introduction,
        section.conclusion,
        filters=tuple(
            Fixed(axis)
            if tree.proposes == frozenset(tree.imposes)
            else Choice(axis, default=tree.preselectionnes)
            for axis, tree in chart.cadres.items()
            if tree.proposes is None or tree.proposes
        ),
        figures=header(chart),
        start=start,
        cadrage=cadrage,
    )


def question(chart: Graphique, found: Universe) -> str:
    """The title of a section that has none: what its chart answers."""
    measures = french.listing(found.measure(name).label for name in chart.mesures[:3])
    axes = french.listing(_of(found, name) for name in chart.axes)
    return f"{measures} par {axes}" if axes else measures


def _of(found: Universe, name: str) -> str:
    label = found.axis(name).label
    return label if label.isupper() else f"{label[0].lower()}{label[1:]}"
