"""Texts of a section with their live figures written, under the reader's own rights and filters."""

from __future__ import annotations

from datetime import date

from apps.kit.data.view import View
from apps.kit.style import french
from apps.kit.views.base import ask
from apps.kit.views.words import moment, monthly, write
from lake.errors import AccessDenied, DamagedLake, LakeError
from scoring.analyses.jetons import Jeton, replaced


def alive(text: str, view: View) -> str:
    """A text, its live figures asked now."""
    return replaced(text, lambda one: _written(one, view)) if "{{" in text else text


def _written(token: Jeton, view: View) -> str:
    try:
        measure = view.universe.measure(token.mesure)
        if token.faute:
            raise LakeError(token.faute)
        selection = view.selection
        for axis, values in token.filtres.items():
            selection = selection.with_filter(view.universe.axis(axis).name, values)
        shown = view.on(selection=selection)
        if token.forme == "date":
            return moment(shown, measure.name)
        if token.forme == "ecart":
            day = shown.before
            now, then = _value(shown, token.mesure), None if day is None else _value(shown, token.mesure, day)
            return french.change(now, then, measure.format, decimals=2).text
        return write(shown, measure.name, _value(shown, token.mesure))
    except (AccessDenied, DamagedLake):
        raise
    except LakeError as error:
        return f"(chiffre non lu : {error})"


def _value(view: View, measure: str, day: date | None = None) -> float | int | None:
    shown = view
    if day is not None:
        selection = view.selection.at(None).during(None, None)
        shown = view.on(selection=selection.during(day, day) if monthly(view) else selection.at(day))
    frame = ask(shown, [measure])
    found: float | int | None = frame.item(0, measure) if frame.height else None
    return found
