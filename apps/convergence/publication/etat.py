"""What every part of the publication reads: the campaign's view, its moments, its scores at each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from apps.convergence.chiffres import rates, regions
from apps.convergence.domaines import moments
from apps.convergence.publication.dessins import map_maker
from apps.convergence.synthese import SYNTHESE
from apps.convergence.words import at, region_names
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.export.report import view_of
from apps.kit.maps.maps import Classes
from lake.errors import UnknownName
from scoring.universes.convergence import VOLET
from scoring.universes.selection import Selection


@dataclass(frozen=True)
class Etat:
    """A campaign being published.

    Attributes:
        view: the whole campaign, without filter.
        horizons: quarters told beside the campaign's own date (empty text): end of the second and fifth year.
        regions: the regions that answered, code -> name, in alphabetical order of their names.
    """

    view: View
    horizons: tuple[str, ...]
    regions: Mapping[str, str]
    _maps: list[object] = field(default_factory=list, repr=False)

    def scores(self, *par: str) -> dict[str, pl.DataFrame]:
        """Services, rates and levels by questionnaire and these dimensions, at each moment."""
        return {horizon: rates(self.view, *par, horizon=horizon) for horizon in self.horizons}

    def titles(self) -> dict[str, str]:
        """Each moment in words: « à date », « fin décembre 2022 »."""
        return {horizon: at(horizon) if horizon else "à date" for horizon in self.horizons}

    def map(self, values: Mapping[str, float | None], classes: Classes) -> str:
        """The regions as SVG; empty when no outline was ever published."""
        if not self._maps:
            self._maps.append(map_maker(self.view))
        draw = self._maps[0]
        return draw(values, classes) if callable(draw) else ""

    def option(self, **options: str) -> View:
        """The view with options of its page."""
        return replace(self.view, state=replace(self.view.state, options=options))


def etat(data: Data, volet: str, jour: date | None) -> Etat:
    """The campaign to publish.

    Args:
        data: cached reads.
        volet: ``regions`` or ``industriels``.
        jour: the campaign; the latest by default.

    Raises:
        UnknownName: no such campaign; the published ones are suggested.
        MissingTable: no campaign was ever published.
    """
    chosen = Selection({} if volet == VOLET else {"volet": (volet,)})
    view = view_of(SYNTHESE, data, State(chosen.at(jour)))
    if not view.dates or (jour is not None and jour not in (*view.dates, view.live)):
        asked = jour.isoformat() if jour else volet
        raise UnknownName("campagne", asked, [day.isoformat() for day in view.dates])
    names = region_names(view)
    codes = sorted(regions(view), key=lambda code: _plain(names.get(code, code)))
    return Etat(view, tuple(moments(view)), {code: names.get(code, code) for code in codes})


def _plain(name: str | None) -> str:
    return (name or "").replace("Î", "I").replace("É", "E").lower()
