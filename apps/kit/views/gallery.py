"""Every view of the gallery: importing this module makes each of them known to the codec."""

from __future__ import annotations

from apps.kit.views.bars import Histogram, Ranked
from apps.kit.views.base import GALLERY, Drawing, Refusal
from apps.kit.views.dates import BeforeAfter, Columns, Curve, Multiples
from apps.kit.views.figures import KeyFigures
from apps.kit.views.heat import Heat
from apps.kit.views.maps import TerritoryMap
from apps.kit.views.parts import Breakdown, Levels, Ring, Stacked
from apps.kit.views.radar import Radar
from apps.kit.views.spread import Scatter, Spread
from apps.kit.views.tables import Listing, Values

__all__ = [
    "GALLERY", "BeforeAfter", "Breakdown", "Columns", "Curve", "Drawing", "Heat", "Histogram", "KeyFigures",
    "Levels", "Listing", "Multiples", "Radar", "Ranked", "Refusal", "Ring", "Scatter", "Spread", "Stacked",
    "TerritoryMap", "Values",
]  # fmt: skip
