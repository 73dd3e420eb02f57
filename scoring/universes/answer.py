"""The engine's answer to one reader: figures within the reader's rights, and in words what these rights narrowed.

:class:`Lecture` is the one object that carries a reader's rights to the engine. What a question reads goes through
it, and what it narrowed is never silent: :class:`Portee` says to what, and how the whole may still be known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from lake.catalog.territoires import DEPARTEMENTS, REGIONS
from lake.contract import Table
from lake.droits import SAS, UNIVERS, Droits
from lake.errors import MissingTable, RefusedCombination
from scoring import droits as rights
from scoring.universes import engine
from scoring.universes.few import without_means_of_few
from scoring.universes.model import Measure, Scan, Universe
from scoring.universes.selection import Selection

Write = Callable[[Measure, float | int | None], str]
_SPACE = "\u202f"


@dataclass(frozen=True)
class Lecture:
    """What a reader reads with.

    Attributes:
        droits: what may be seen; None for whoever sees everything (the operator, a closed network).
        opened: universes that the installation shows to everyone.
    """

    droits: Droits | None = None
    opened: tuple[str, ...] = ()

    def rows(self, scan: Scan) -> Scan:
        """The same scan, of the rows that may be shown one by one."""
        return self._restricted(scan, None)

    def figures(self, scan: Scan, question: Iterable[str]) -> Scan:
        """The same scan, of the rows that count in the figures of a question (its dimensions and filters)."""
        return self._restricted(scan, tuple(question))

    def restriction(self, universe: str) -> pl.Expr | None:
        """The predicate on a universe's rows that also decides which of its forms may answer."""
        return None if self.droits is None else rights.restriction(self.droits, universe)

    def _restricted(self, scan: Scan, question: Iterable[str] | None) -> Scan:
        if self.droits is None:
            return scan
        of = rights.rule(self.droits, scan, opened=self.opened, question=question)
        return rights.restricted(scan, of)


EVERYTHING = Lecture()
"""The operator's: everything."""


@dataclass(frozen=True)
class Portee:
    """What the reader's rights narrowed a question to.

    Attributes:
        seulement: to what, in French ("Grand Est").
        raison: why, in French, the profile named by its right.
        mesures: the measures narrowed, by name.
        partie: their French labels, when only some of the measures asked are narrowed.
        regions: the region codes that the figures hold; None when it is not by regions that they are narrowed.
        ensemble: the selection under which the same measures, asked without dimension, are the whole's, when the reader
            may know it; None when not.
        sans: French labels of the filters that the whole leaves out: they are finer than what is open.
    """

    seulement: str
    raison: str
    mesures: tuple[str, ...]
    partie: tuple[str, ...] = ()
    regions: frozenset[str] | None = None
    ensemble: Selection | None = None
    sans: tuple[str, ...] = ()

    def phrase(self) -> str:
        """One French sentence: to what the figures are narrowed, and why."""
        which = f"{', '.join(self.partie)}, " if self.partie else ""
        return f"{which}{self.seulement} seulement{_SPACE}: {self.raison}."

    def reste(self, universe: Universe, figures: Mapping[str, float | int | None], write: Write) -> str:
        """One French sentence: what the whole is.

        Args:
            universe: where the measures are declared.
            figures: the whole's figures, measure -> value (of :attr:`ensemble`); what is not known is left out.
            write: a value in its measure's format.
        """
        known = [
            (universe.measure(name), figures[name]) for name in self.mesures if figures.get(name) is not None
        ]
        if self.ensemble is None or not known:
            return ""
        said = ", ".join(f"{measure.label.lower()} {write(measure, value)}" for measure, value in known[:3])
        whole = "Régions choisies ensemble" if self.ensemble.values("region") else "Toutes régions"
        without = f" (sans le filtre {', '.join(name.lower() for name in self.sans)})" if self.sans else ""
        return f"{whole}{without}{_SPACE}: {said}."


TUES = "Une moyenne de un ou deux services d'une autre région est laissée vide\u202f: ce serait la leur."
"""Said where groups were left empty."""


@dataclass(frozen=True)
class Answer:
    """Figures, and what they hold.

    Attributes:
        frame: the figures, as :func:`scoring.universes.engine.query` gives them.
        portee: what the reader's rights narrowed; None when nothing was.
        whole: the whole's figures beside a narrowed answer (one row); None where they are not open, or have no sense.
        few: how many groups were left empty because their mean would be one or two services' own (one row ``tues``);
            None where none can be.
    """

    frame: pl.LazyFrame
    portee: Portee | None = None
    whole: pl.LazyFrame | None = field(default=None, repr=False)
    few: pl.LazyFrame | None = field(default=None, repr=False)


def answer(
    universe: Universe,
    scan: Scan,
    selection: Selection,
    measures: Sequence[str],
    by: Sequence[str] = (),
    *,
    lecture: Lecture = EVERYTHING,
    restrict: pl.Expr | None = None,
    complete: bool = False,
    total: bool = False,
) -> Answer:
    """A question answered for one reader. Arguments and errors as in :func:`scoring.universes.engine.query`.

    Args:
        universe: what can be asked.
        scan: reads tables without restriction; the reader's rights are applied here.
        selection: filters, period and parameters.
        measures: names of measures.
        by: names of dimensions.
        lecture: what the reader reads with.
        restrict: another predicate than that of the reader's rights on the universe's rows.
        complete: also the territories where nothing occurs.
        total: one more row, computed on its own.
    """
    reads = lecture.figures(scan, asked(by, selection))
    restrict = lecture.restriction(family(universe)) if restrict is None else restrict
    if universe.open_data:
        restrict = None  # the predicate is about the columns of the universe whose rights open this one
    frame = engine.query(
        universe, reads, selection, measures, by, complete=complete, total=total, restrict=restrict
    )
    droits, few = lecture.droits, None
    if universe.name == "convergence" and droits is not None and family(universe) in droits.univers:
        frame, few = without_means_of_few(frame, universe, reads, selection, measures, by, droits)
    narrowed = portee(universe, scan, selection, measures, by, lecture=lecture)
    if narrowed is None or narrowed.ensemble is None:
        return Answer(frame, narrowed, few=few)
    wide = lecture.figures(scan, narrowed.ensemble.filters)
    try:
        whole = engine.query(universe, wide, narrowed.ensemble, narrowed.mesures, restrict=restrict)
    except RefusedCombination:  # the whole has no meaning (a mean over several questionnaires)
        whole = None
    return Answer(frame, narrowed, whole, few)


def family(universe: Universe) -> str:
    """The universe whose rights open a universe: itself, or the one that it is made from."""
    return universe.opened_by or universe.name


def asked(by: Iterable[str], selection: Selection) -> tuple[str, ...]:
    """The dimensions and filters of a question: what decides whether others' rows may count in it."""
    return (*by, *selection.filters)


def portee(
    universe: Universe,
    scan: Scan,
    selection: Selection,
    measures: Sequence[str],
    by: Sequence[str] = (),
    *,
    lecture: Lecture,
) -> Portee | None:
    """What the reader's rights narrow a question to; None when it is answered as asked.

    A reader who chose nothing but what is open (his own region) is told nothing: the filter says it already.
    """
    droits = lecture.droits
    name = family(universe)
    if droits is None or (name not in UNIVERS and name != SAS):
        return None
    if name not in droits.univers:
        if name in lecture.opened:
            return None
        return Portee("Rien", "votre profil n'ouvre pas cet univers", tuple(measures))
    if universe.open_data:
        return None
    if droits.departements is not None:
        return _of_departements(droits, universe, scan, selection, measures)
    if name in lecture.opened:
        return None
    if droits.editeurs is not None and name != "annuaire":
        own = set(droits.editeurs)
        if not (chosen := selection.values("editeur")) or not set(chosen) <= own:
            named = ", ".join(sorted(own)) or "Aucun éditeur"
            return Portee(
                named, "ce que font les autres éditeurs n'est pas ouvert à votre profil", tuple(measures)
            )
    if droits.regions is None:
        return None
    return _of_regions(droits, universe, scan, selection, measures, by, lecture)


def rows_portee(universe: Universe, scan: Scan, selection: Selection, *, lecture: Lecture) -> Portee | None:
    """What the reader's rights leave out of a list of Convergence: rows of others are never shown one by one.

    Arguments as in :func:`portee`; None when every row asked is shown.
    """
    droits = lecture.droits
    if droits is None or family(universe) != "convergence":
        return None
    allowed = rights.rule(droits, scan, opened=lecture.opened)(universe.table)
    if allowed is None:
        return None
    finest = ("service",) if any(axis.name == "service" for axis in universe.axes) else ()
    names = [measure.name for measure in universe.measures]
    found = portee(universe, scan, selection, names, finest, lecture=lecture) if names else None
    if found is not None or droits.regions is None:
        return found
    chosen = selection.values("region")
    if chosen and set(chosen) <= droits.regions:
        return None
    named = _names(scan, REGIONS, droits.regions) if finest else "Votre périmètre"
    return Portee(
        named or "Rien", "ce que les autres régions ont déclaré n'est pas ouvert à votre profil", ()
    )


def _of_departements(
    droits: Droits, universe: Universe, scan: Scan, selection: Selection, measures: Sequence[str]
) -> Portee | None:
    own = droits.departements or frozenset()
    if family(universe) == "convergence":
        why = "les services sont des régions, et votre profil n'ouvre que des départements"
        return Portee("Aucun service", why, tuple(measures))
    chosen = selection.values("departement")
    if chosen and set(chosen) <= own:
        return None
    return Portee(
        _names(scan, DEPARTEMENTS, own) or "Aucun département",
        "les autres départements ne sont pas ouverts à votre profil",
        tuple(measures),
    )


def _of_regions(
    droits: Droits,
    universe: Universe,
    scan: Scan,
    selection: Selection,
    measures: Sequence[str],
    by: Sequence[str],
    lecture: Lecture,
) -> Portee | None:
    own = droits.regions or frozenset()
    chosen = selection.values("region")
    if chosen and set(chosen) <= own:
        return None

    def narrowed(names: Sequence[str], under: Selection, dimensions: Sequence[str]) -> tuple[str, ...]:
        question = asked(dimensions, under)
        restrict = lecture.restriction(family(universe))
        columns = () if restrict is None else restrict.meta.root_names()
        forms = {name: universe.answering((name,), question, columns).table for name in names}
        return tuple(name for name in names if not rights.aggregated(droits, forms[name], question))

    less = narrowed(measures, selection, by)
    if not less:
        return None
    some = tuple(universe.measure(name).label for name in less) if len(less) < len(measures) else ()
    ensemble: Selection | None = None
    sans: tuple[str, ...] = ()
    # The filters that stand in an open question are kept: the whole is that of the same campaign, actor, month.
    kept = [name for name in selection.filters if not narrowed(less, selection.only([name]), ())]
    if not narrowed(less, selection.only(kept), ()):
        ensemble = selection.only(kept)
        sans = tuple(universe.axis(name).label for name in selection.filters if name not in kept)
    why = (
        "le détail des autres régions n'est pas ouvert à votre profil"
        if droits.agreges
        else "les autres régions ne sont pas ouvertes à votre profil"
    )
    named = _names(scan, REGIONS, own) or "Aucune région"
    return Portee(named, why, less, some, own, ensemble, sans)


def _names(scan: Scan, table: Table, codes: Iterable[str]) -> str:
    """The names of territories in a French listing; their codes where names are not published."""
    code, name = table.key[0], "region" if table is REGIONS else "departement"
    wanted = sorted(codes)
    try:
        rows = scan(table).filter(pl.col(code).is_in(wanted)).select(code, name).collect()
        known = dict(rows.iter_rows())
    except MissingTable:
        known = {}
    said = [known.get(one, one) for one in wanted]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} et {said[-1]}" if said else ""
