"""What the blocks of a page read: the reader's selection, the figures under it, and words for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date as Day
from functools import cached_property

import polars as pl

from apps.kit.data.closes import en_cours
from apps.kit.data.data import Data
from apps.kit.data.reads import tables_of
from apps.kit.data.state import Scope, State
from apps.kit.style import french
from lake.catalog.territoires import COMMUNES, DEPARTEMENTS, EPCI, REGIONS
from lake.settings import Settings
from scoring.analyses.petites_cellules import FOLDED, HELD_BACK, SMALL
from scoring.universes.answer import TUES, Portee
from scoring.universes.model import Format, Measure, Rhythm, Universe
from scoring.universes.rows import NON_RENSEIGNE
from scoring.universes.selection import Selection


def small_words(least: int, count: int) -> str:
    """What is said where cells were folded."""
    cells = french.counted(
        count, "case d’une autre région n’est pas montrée", "cases d’autres régions ne sont pas montrées"
    )
    return (
        f"« < {least} »\u202f: {cells}\u202f; moins de {least} structures y comptent, ou la case aiderait à deviner "
        "celles-là."
    )


def _written(measure: Measure, value: float | int | None) -> str:
    return f"{french.write(value, measure.format)} {measure.unit if measure.format is Format.INTEGER else ''}".strip()


_PLACES = {
    "region": (REGIONS, "code_region", "region"),
    "departement": (DEPARTEMENTS, "code_departement", "departement"),
    "epci": (EPCI, "siren_epci", "epci"),
    "commune": (COMMUNES, "code_commune", "commune"),
}


@dataclass(frozen=True)
class View:
    """One rendering of a page for one reader.

    Attributes:
        title: title of the page.
        universe: what the page counts.
        state: what the reader selected.
        data: cached reads.
        scope: what the page's state is made of.
        said: what the reader chose besides filters of axes (see :class:`apps.kit.pages.page.Page`).
    """

    title: str
    universe: Universe
    state: State
    data: Data
    scope: Scope = field(default_factory=lambda: Scope(""))
    said: Callable[[View], list[tuple[str, str]]] | None = None

    @property
    def selection(self) -> Selection:
        """The reader's selection."""
        return self.state.selection

    @cached_property
    def dates(self) -> list[Day]:
        """Dates of the universe, newest first."""
        return self.data.dates(self.universe, self.selection)

    @property
    def date(self) -> Day | None:
        """The date shown: the one asked, else the newest."""
        return self.selection.date or self.selection.au or (self.dates[0] if self.dates else None)

    @property
    def live(self) -> Day | None:
        """The date of the campaign that is being entered, where the universe has one: shown when asked, by its date."""
        return en_cours(self.data, self.universe, self.selection)

    @property
    def provisional(self) -> str:
        """What is said of figures that still move: « Provisoire, état au 30 novembre 2026 »; empty for the others."""
        asked = self.selection.date
        if asked is None or asked != self.live:
            return ""
        return f"Provisoire, état au {french.long_date(asked)}"

    @property
    def before(self) -> Day | None:
        """The date just before the one shown, None when there is none."""
        shown = self.date
        return next((day for day in self.dates if shown is not None and day < shown), None)

    def option(self, name: str) -> str:
        """The value of one of the page's options (its default when the address does not say)."""
        return self.state.options.get(name) or next(iter(self.scope.options.get(name, ())), "")

    def query(
        self,
        measures: Sequence[str],
        by: Sequence[str] = (),
        *,
        complete: bool = False,
        total: bool = False,
        apart: Sequence[str] = (),
        at: Day | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> pl.DataFrame:
        """Figures under the selection.

        Args:
            measures: names of measures.
            by: names of dimensions.
            complete: also the territories where nothing occurs.
            total: one more row, computed on its own.
            apart: axes whose filter is left out: a chart that filters an axis shows all of its values. That of
                time leaves the date or period out.
            at: another date than the one shown.
            parameters: parameters of the universe, over those of the selection.
        """
        selection = self.selection_apart(apart)
        if at is not None:
            selection = selection.at(at)
        return self.data.query(
            self.universe, selection, measures, by, complete=complete, total=total, parameters=parameters
        )

    def on(self, universe: Universe | None = None, selection: Selection | None = None) -> View:
        """The same page on another universe, or under another selection."""
        shown = self.state if selection is None else replace(self.state, selection=selection)
        return replace(self, universe=universe or self.universe, state=shown)

    def portee(
        self, measures: Sequence[str], by: Sequence[str] = (), *, apart: Sequence[str] = ()
    ) -> Portee | None:
        """What the reader's rights narrow a question to: who titles figures « Ensemble des régions » asks it first."""
        return self.data.portee(self.universe, self.selection_apart(apart), measures, by)

    def listening(self) -> View:
        """The same view, that tells apart what is narrowed from now on: one for each block of a page."""
        return replace(self, data=self.data.listening())

    def marked(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Figures just asked, with a column beside each measure that had cells folded: what is read in their place.

        Args:
            frame: the answer to the last question.
        """
        last = next((one for _, one in reversed(self.data.told) if one.frame is frame), None)
        if last is None or last.folded is None:
            return frame
        words = {SMALL: f"<{french.NBSP}{Settings.from_env().petites_cellules}", HELD_BACK: "masqué"}
        marks = [name for name in last.folded.columns if name.startswith(FOLDED)]
        return frame.with_columns(last.folded[name].replace_strict(words, default=None) for name in marks)

    def told(self) -> list[str]:
        """What the reader's rights narrowed in the figures read since :meth:`listening`, in French, each once."""
        sentences: dict[str, list[str]] = {}
        for universe, found in self.data.told:
            if found.few:
                sentences.setdefault(TUES, [])
            if found.small:
                sentences.setdefault(small_words(Settings.from_env().petites_cellules, found.small), [])
            if found.portee is None:
                continue
            rest = sentences.setdefault(found.portee.phrase(), [])
            whole = found.portee.reste(universe, found.whole, _written)
            if whole and whole not in rest:
                rest.append(whole)
        # Several wholes under one sentence (a curve's months) would be read as one: they are then left to the question.
        return [
            " ".join([phrase, *rest] if len(rest) == 1 else [phrase]) for phrase, rest in sentences.items()
        ]

    def asking(self, universe: Universe, **said: str) -> View:
        """The same reader, filters and date before another universe, its parameters said.

        Args:
            universe: what is asked.
            said: its parameters; an empty text leaves the default.
        """
        selection = self.selection if self.selection.au or self.selection.du else self.selection.at(self.date)
        for name in self.selection.parameters:
            selection = selection.with_parameter(name, "")
        for name, value in said.items():
            selection = selection.with_parameter(name, value)
        return replace(self, universe=universe, state=replace(self.state, selection=selection))

    def detail(
        self,
        *,
        apart: Sequence[str] = (),
        at: Day | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> pl.DataFrame:
        """The rows under the selection, those that the reader may see one by one: lists of persons, of sites.

        Args:
            apart: axes whose filter is left out.
            at: another date than the one shown.
            parameters: parameters of the universe, over those of the selection.
        """
        selection = self.selection_apart(apart)
        chosen = selection if at is None else selection.at(at)
        return self.data.detail(self.universe, chosen, parameters=parameters)

    def notes(self) -> dict[str, str]:
        """What must be said beside the figures, name -> sentence."""
        return self.data.notes(self.universe, self.selection)

    def selection_apart(self, axes: Sequence[str]) -> Selection:
        """The selection without the filters of these axes; without date or period when time is one of them."""
        return self.data.apart(self.universe, self.selection, axes) if axes else self.selection

    def value(
        self, measure: str, *, at: Day | None = None, selection: Selection | None = None
    ) -> float | int | None:
        """One figure under the selection, None where nothing was observed."""
        chosen = self.selection if selection is None else selection
        if at is not None:
            chosen = chosen.at(at)
        frame = self.data.query(self.universe, chosen, [measure])
        found: float | int | None = frame.item(0, measure) if frame.height else None
        return found

    def values(self, measures: Sequence[str]) -> dict[str, float | int | None]:
        """Several figures under the selection, in one question: measure -> value, None where nothing was observed."""
        frame = self.query(measures)
        return dict.fromkeys(measures) if frame.is_empty() else frame.select(measures).row(0, named=True)

    def write(self, measure: str, value: float | int | None) -> str:
        """A value in its measure's format."""
        return french.write(value, self.universe.measure(measure).format)

    def word(self, axis_name: str, value: str) -> str:
        """The label of a selected value: ``67`` -> Bas-Rhin."""
        axis = self.universe.axis(axis_name)
        if value == NON_RENSEIGNE:
            return f"{axis.label}\u202f: {'non réparti' if axis.territory else 'non renseigné'}"
        if value in axis.words:
            return axis.word(value)
        return self.labels(axis.name).get(value, value)

    def labels(self, axis_name: str) -> dict[str, str]:
        """The labels of an axis' codes, code -> label (cached)."""
        if axis_name in self._labels:
            return self._labels[axis_name]

        def compute() -> dict[str, str]:
            axis = self.universe.axis(axis_name)
            if axis.territory in _PLACES:
                table, code, text = _PLACES[axis.territory]
                frame = self.data.frame(table).select(code=code, texte=text)
            else:
                frame = self.data.every_choice(self.universe, axis_name)
            return dict(zip(frame["code"], frame["texte"], strict=True))

        labels: dict[str, str] = self.data.cached(
            ("labels", self.universe.name, axis_name), tables_of(self.universe), compute
        )
        self._labels[axis_name] = labels
        return labels

    @cached_property
    def _labels(self) -> dict[str, dict[str, str]]:
        """What :meth:`labels` gave already: a list of structures asks it a row."""
        return {}

    def filters_in_words(self) -> list[tuple[str, str]]:
        """Each filtered axis and its values, each parameter that was said, then what the page says besides."""
        words = [
            (self.universe.axis(name).label, french.listing(self.word(name, value) for value in values))
            for name, values in self.selection.filters.items()
        ]
        words += [(self.universe.axis(name).label, "aucun filtre") for name in sorted(self.selection.emptied)]
        for name, value in self.universe.settled(self.selection).parameters.items():
            parameter = self.universe.parameter(name)
            words.append((parameter.label, parameter.word(value)))
        if self.has_period():
            words.append(("Période", french.period(self.selection.du, self.selection.au or self.date)))
        return words + (self.said(self) if self.said else [])

    def options_in_words(self) -> list[tuple[str, str]]:
        """Each option that figures depend on and its value in words: ``[("Base de comptage", "Sites")]``."""
        return [
            (label, words.get(self.option(name), self.option(name)))
            for name, (label, words) in self.scope.told.items()
        ]

    def has_period(self) -> bool:
        """Whether the reader chose a period of months."""
        chosen = self.selection.du is not None or self.selection.au is not None
        return chosen and self.universe.rhythm is Rhythm.MONTHLY

    def date_in_words(self) -> str:
        """The date or period shown, in words."""
        if self.universe.rhythm is Rhythm.MONTHLY:
            return french.period(self.selection.du, self.selection.au or self.date)
        if self.universe.rhythm is Rhythm.DAILY and self.selection.date is None:
            return french.days(self.selection.du or min(self.dates, default=None), self.date)
        return french.long_date(self.date)

    def source(self) -> str:
        """Source and date, as captions give them: ``ANS, Annuaire Santé, 14 janvier 2025``."""
        moving = ", provisoire" if self.provisional else ""
        return f"{self.universe.source or self.universe.title}, {self.date_in_words()}{moving}"
