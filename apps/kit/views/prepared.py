"""Chart templates built before the first reader: Altair takes 15 to 60 ms to check each, once for the process.

Of each drawing the forms that pages use most; another one is built when it is first asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from apps.kit.charts import bars, charts, levels
from apps.kit.charts.template import Template
from apps.kit.maps import maps

FORMS: tuple[tuple[Callable[..., Template], tuple[tuple[object, ...], ...]], ...] = (
    (charts._bars, ((True,),)),
    (charts._columns, ((True,),)),
    # several, legend, zero, whole, daily: one curve of a rate, curves by an axis
    (charts._lines, ((False, False, False, False, False), (True, False, False, False, False))),
    (bars._grouped, ((False, False, True),)),
    (bars._paired, ((),)),
    (levels._radar, ((levels.ROOM, True, True),)),
    # outlined, insets, picks: the regions of the country
    (maps._template, ((False, True, True),)),
)  # fmt: skip
"""What builds a template -> the forms built in advance."""


def prepare() -> Iterator[None]:
    """Build the templates that most pages draw, one at a step."""
    for build, forms in FORMS:
        for form in forms:
            build(*form)
            yield
