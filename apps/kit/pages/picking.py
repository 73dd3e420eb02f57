"""What a click on a view means for the selection: codes of an axis, or months of a period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from apps.kit.data.view import View
from apps.kit.filters.filters import within_regions
from scoring.universes.selection import Selection


def selected(view: View, axis: str) -> tuple[str, ...]:
    """The codes that a view filtering this axis shows as chosen: for time, the months of the period (ISO dates)."""
    if not is_time(view, axis):
        return view.selection.values(axis)
    if not view.has_period():
        return ()
    du, au = view.selection.du or date.min, view.selection.au or date.max
    return tuple(month.isoformat() for month in sorted(view.dates) if du <= month <= au)


def is_time(view: View, axis: str) -> bool:
    """Whether clicks choose months."""
    return view.universe.axis(axis) is view.universe.time


def applied(view: View, now: Selection, axis: str, codes: Sequence[str]) -> Selection:
    """The selection after a view reported its codes.

    Args:
        view: what the page showed when it was clicked.
        now: the selection of this moment.
        axis: the axis filtered.
        codes: every code chosen on the view.
    """
    if is_time(view, axis):
        return now.during(*period_of(_months(selected(view, axis)), _months(codes)))
    return within_regions(view, now.with_filter(axis, codes))


def period_of(before: Sequence[date], chosen: Sequence[date]) -> tuple[date | None, date | None]:
    """The period that clicks on months make: from the first to the last month chosen.

    A month taken away at an end shortens the period; taken away inside, it cuts the period, whose latest part
    stays.

    Args:
        before: months of the period that was shown.
        chosen: months chosen now.

    Returns:
        tuple: first and last month, both None when no month is chosen.
    """
    if not chosen:
        return None, None
    gone = set(before) - set(chosen)
    if gone and set(chosen) <= set(before):
        later = [month for month in chosen if month > max(gone)]
        chosen = later or [month for month in chosen if month < min(gone)] or chosen
    return min(chosen), max(chosen)


def _months(codes: Iterable[str]) -> list[date]:
    return [date.fromisoformat(code) for code in codes]
