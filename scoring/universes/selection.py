"""A reader's selection: period and filters, as one frozen value with one codec for the URL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date as Date  # the attribute is named date
from types import MappingProxyType

from lake.errors import LakeError, RefusedCombination

_DATES = ("date", "du", "au")


@dataclass(frozen=True)
class Selection:
    """What a reader selected. Screen, CSV, PDF and map are renderings of one such value.

    Attributes:
        filters: axis name -> selected values (codes where the axis has codes, ``non_renseigne`` for rows
            where the axis says nothing), each in the order chosen; several values of one axis add up (or),
            several axes narrow (and); empty texts are left out.
        date: extraction or campaign; None for the latest.
        du: first month of the period (its first day), None for the beginning.
        au: last month of the period (its first day), None for the latest.
        parameters: parameter name -> value, those that were said (see :mod:`scoring.universes.parameters`); empty
            texts are left out.
        emptied: axes whose filter the reader emptied: no filter there, and said so, where an axis that is not named may
            take a default. An axis with values is never among them.
    """

    filters: Mapping[str, tuple[str, ...]]
    date: Date | None = None
    du: Date | None = None
    au: Date | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    emptied: frozenset[str] = frozenset()

    def __init__(
        self,
        filters: Mapping[str, Iterable[str]] | None = None,
        date: Date | None = None,
        du: Date | None = None,
        au: Date | None = None,
        parameters: Mapping[str, str] | None = None,
        emptied: Iterable[str] = (),
    ) -> None:
        clean = {
            name: tuple(dict.fromkeys(v for v in _several(values) if v))
            for name, values in (filters or {}).items()
        }
        kept = MappingProxyType({name: clean[name] for name in sorted(clean) if clean[name]})
        object.__setattr__(self, "filters", kept)
        object.__setattr__(self, "date", date)
        object.__setattr__(self, "du", du)
        object.__setattr__(self, "au", au)
        given = parameters or {}
        said = MappingProxyType({name: given[name] for name in sorted(given) if given[name]})
        object.__setattr__(self, "parameters", said)
        object.__setattr__(self, "emptied", frozenset(emptied) - set(kept))

    def __hash__(self) -> int:
        said = tuple(self.parameters.items())
        return hash((tuple(self.filters.items()), self.date, self.du, self.au, said, self.emptied))

    def __reduce__(self) -> tuple[type[Selection], tuple[object, ...]]:
        said = (dict(self.filters), self.date, self.du, self.au, dict(self.parameters), sorted(self.emptied))
        return Selection, said

    def values(self, name: str) -> tuple[str, ...]:
        """The values selected on an axis; empty when it is not filtered."""
        return self.filters.get(name, ())

    def parameter(self, name: str) -> str:
        """The value said for a parameter; empty when none was (the universe then has a default)."""
        return self.parameters.get(name, "")

    def with_parameter(self, name: str, value: str) -> Selection:
        """The same selection with a parameter set to a value (the empty text says nothing of it)."""
        return replace(self, parameters={**self.parameters, name: value})

    def with_filter(self, name: str, values: Iterable[str]) -> Selection:
        """The same selection with an axis set to these values (none removes the filter, as :meth:`without`)."""
        chosen = replace_filters(self, {**self.filters, name: tuple(values)})
        return replace(chosen, emptied=chosen.emptied - {name})

    def emptying(self, name: str) -> Selection:
        """The same selection with the filter of an axis emptied: none, and said so, whatever the default."""
        return replace(self.without(name), emptied=self.emptied | {name})

    def narrowed(self, name: str, values: Iterable[str]) -> Selection:
        """The same selection within these values of an axis too: what both keep.

        Raises:
            RefusedCombination: nothing is in both. It is never the same as no filter.
        """
        bound, now = _several(values), self.values(name)
        both = tuple(value for value in now if value in bound) if now else bound
        if not both:
            raise RefusedCombination(
                f"Rien n'est à la fois dans {_listed(now)} et dans {_listed(bound)} ({name}).",
                conseil="Retirez l'un des deux filtres.",
            )
        return self.with_filter(name, both)

    def toggled(self, name: str, value: str) -> Selection:
        """The same selection with one value added to an axis, or taken away if it was there."""
        now = self.values(name)
        return self.with_filter(name, tuple(v for v in now if v != value) if value in now else (*now, value))

    def without(self, name: str, value: str | None = None) -> Selection:
        """The same selection less one value of an axis, or less the whole axis (then no longer said at all)."""
        if value is None:
            return self.with_filter(name, ())
        return self.with_filter(name, (v for v in self.values(name) if v != value))

    def only(self, names: Iterable[str]) -> Selection:
        """The same period and parameters, with the filters of these axes only."""
        kept = set(names)
        chosen = replace_filters(self, {n: v for n, v in self.filters.items() if n in kept})
        return replace(chosen, emptied=self.emptied & kept)

    def at(self, day: Date | None) -> Selection:
        """The same filters on another extraction or campaign."""
        return replace(self, date=day)

    def during(self, du: Date | None, au: Date | None) -> Selection:
        """The same filters on another period."""
        return replace(self, du=du, au=au)

    def to_params(self) -> dict[str, list[str]]:
        """The URL's query parameters: one key an axis, repeated for several values; parameters; ISO dates.

        A filter emptied is a key without value (``region=``).
        """
        params = {name: list(values) for name, values in self.filters.items()}
        params |= {name: [""] for name in sorted(self.emptied)}
        params |= {name: [value] for name, value in self.parameters.items()}
        for name in _DATES:
            if (day := getattr(self, name)) is not None:
                params[name] = [day.isoformat()]
        return params

    @classmethod
    def from_params(
        cls,
        params: Mapping[str, Sequence[str]],
        *,
        axes: Iterable[str] | None = None,
        parameters: Iterable[str] = (),
    ) -> Selection:
        """Read a selection back from query parameters.

        Args:
            params: parameter -> values, as :meth:`to_params` gives them.
            axes: the axes to keep; other parameters (a page's own) are left out. All when None.
            parameters: names of the universe's parameters: they are no axes.

        Raises:
            LakeError: a date is not written AAAA-MM-JJ, or a period ends before it starts.
        """
        known = None if axes is None else set(axes)
        settings = set(parameters)
        filters = {
            name: _several(values)
            for name, values in params.items()
            if name not in _DATES and name not in settings and (known is None or name in known)
        }
        said = {name: _several(params[name])[-1] for name in settings if params.get(name)}
        days = {name: _day(name, _several(params[name])[0]) for name in _DATES if params.get(name)}
        refuse_inverted(days.get("du"), days.get("au"))
        emptied = [name for name, values in filters.items() if values and not any(values)]
        return cls(filters, **days, parameters=said, emptied=emptied)


def refuse_inverted(du: Date | None, au: Date | None) -> None:
    """Refuse a period that ends before it starts: it would look like a period without anything.

    Raises:
        LakeError: it does; the message gives both dates.
    """
    if du is not None and au is not None and du > au:
        raise LakeError(
            f"La période commence le {du:%d/%m/%Y} et finit avant, le {au:%d/%m/%Y}.",
            conseil="Échangez les deux dates.",
        )


def _several(values: Iterable[str]) -> tuple[str, ...]:
    """Values as a tuple; one text is one value, not its letters."""
    return (values,) if isinstance(values, str) else tuple(values)


def replace_filters(selection: Selection, filters: Mapping[str, Iterable[str]]) -> Selection:
    """The same period and parameters with other filters."""
    return Selection(
        filters, selection.date, selection.du, selection.au, selection.parameters, selection.emptied
    )


def _listed(values: Sequence[str]) -> str:
    return ", ".join(values) or "aucune valeur"


def _day(name: str, value: str) -> Date:
    try:
        return Date.fromisoformat(value)
    except ValueError as error:
        raise LakeError(
            f"« {value} » n'est pas une date ({name}).",
            conseil="Écrivez-la AAAA-MM-JJ, par exemple 2025-01-14.",
        ) from error
