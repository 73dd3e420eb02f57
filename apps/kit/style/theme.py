"""Colours of the suite and the Altair theme; the widget theme itself is in ``.streamlit/config.toml``."""

from __future__ import annotations

from typing import Any

import altair as alt

from apps.kit.style.french import DAYS, MONTHS, NNBSP, SHORT_MONTHS

INK = "#14213d"
SECONDARY = "#475569"
LINE = "#e3e8ee"
PANEL = "#f6f8fa"
EDGE = "#a9b4c0"
ACCENT = "#0b6b66"
WHITE = "#ffffff"

QUANTITY = ("#eef6f5", "#cfe6e3", "#9fcfca", "#66b2ab", "#358f88", "#12716b", "#084f4c")
"""Seven steps of one hue, light to dark, for quantities."""
BAR = QUANTITY[4]
UP_COLOUR = "#1f7a4d"
DOWN_COLOUR = "#b3261e"
DIVERGING = ("#762a83", "#9970ab", "#c2a5cf", "#f2f2f2", "#a6dba0", "#5aae61", "#1b7837")
"""Purple to green, zero in the middle: colour-blind readers tell the two sides apart."""
NO_DATA = "#d5d9de"
NO_DATA_LINE = "#9aa3ad"
HATCHED = f"url(#obs-hachures) {NO_DATA}"
"""Fill of « no data »: hatches where the document has their pattern, plain grey elsewhere."""
HATCH_PATTERN = (
    '<pattern id="obs-hachures" patternUnits="userSpaceOnUse" width="6" height="6" '
    'patternTransform="rotate(45)">'
    f'<rect width="6" height="6" fill="{NO_DATA}"></rect>'
    f'<line x1="0" y1="0" x2="0" y2="6" stroke="{NO_DATA_LINE}" stroke-width="2.4"></line></pattern>'
)
SERIES = ("#0b6b66", "#b35806", "#542788", "#1f5f99", "#a3195b", "#5b6770")
"""Six series at most, all above 4.5:1 on white, told apart by colour-blind readers; labelled directly."""
VALUES = (
    *SERIES, "#1d871d", "#541f12", "#c819c8", "#1919c8", "#7a7229", "#c8192a", "#452145", "#1f4d19", "#195fc8",
    "#a8389d", "#976049", "#453e21", "#1d8752", "#0b1b5b", "#7015ac", "#833f53", "#91122b", "#19334d",
)  # fmt: skip
"""Colours that values of an axis own (:mod:`apps.kit.views.colours`): all above 4.5:1 on white, each the farthest in
CIELAB from those before it. A chart shows six of them at most."""
OTHERS_COLOUR = "#8a8f98"
"""Of what is put together."""
MATURITY = {
    None: ("#8a8f98", "Non applicable", "#14213d"),
    0: ("#c0392b", "Niveau 0", "#ffffff"),
    1: ("#e08a1e", "Niveau 1", "#14213d"),
    2: ("#e9c46a", "Niveau 2", "#14213d"),
    3: ("#46a06b", "Niveau 3", "#14213d"),
}
"""Level -> (colour, word, colour of a text written on it)."""

SCREEN_FONT = "Source Sans, Source Sans Pro, sans-serif"
PRINT_FONT = "Source Sans Pro"


def number_locale() -> dict[str, Any]:
    """Vega's number locale for French."""
    return {
        "decimal": ",",
        "thousands": NNBSP,
        "grouping": [3],
        "currency": ["", f"{NNBSP}€"],
        "percent": f"{NNBSP}%",
        "minus": "\u2212",
        "nan": "—",
    }


def time_locale() -> dict[str, Any]:
    """Vega's time locale for French."""
    sunday_first = (DAYS[6], *DAYS[:6])
    return {
        "dateTime": "%A %e %B %Y à %X",
        "date": "%d/%m/%Y",
        "time": "%H:%M:%S",
        "periods": ["", ""],
        "days": list(sunday_first),
        "shortDays": [f"{day[:3]}." for day in sunday_first],
        "months": list(MONTHS),
        "shortMonths": list(SHORT_MONTHS),
    }


def vega_config(font: str = SCREEN_FONT) -> dict[str, Any]:
    """The Vega-Lite configuration shared by every chart.

    Args:
        font: font family; the print font must be registered with the renderer, else all text vanishes.
    """
    text = {"labelFont": font, "titleFont": font, "labelFontSize": 13, "titleFontSize": 13}
    return {
        "font": font,
        "background": None,
        "locale": {"number": number_locale(), "time": time_locale()},
        "view": {"stroke": None, "continuousHeight": 300},
        "axis": {
            **text,
            "labelColor": SECONDARY,
            "titleColor": SECONDARY,
            "titleFontWeight": "normal",
            "gridColor": LINE,
            "domainColor": "#b6c0cb",
            "tickColor": "#b6c0cb",
            "labelPadding": 6,
            "labelLimit": 260,
        },
        "axisY": {  # the unit above the axis, horizontal: nobody reads sideways
            "domain": False,
            "ticks": False,
            "titleAngle": 0,
            "titleAlign": "left",
            "titleAnchor": "start",
            "titleBaseline": "bottom",
            "titleX": -36,
            "titleY": -10,
        },
        "legend": {
            **text,
            "labelColor": INK,
            "titleColor": SECONDARY,
            "titleFontWeight": "normal",
            "symbolType": "square",
            "orient": "top",
        },
        "header": {**text, "labelColor": INK, "labelFontWeight": 600, "title": None},
        "title": {"font": font, "fontSize": 15, "color": INK, "anchor": "start"},
        "text": {"font": font, "fontSize": 13, "color": INK},
        "bar": {"color": BAR},
        "line": {"color": SERIES[0], "strokeWidth": 2.25},
        "point": {"color": SERIES[0], "filled": True, "size": 40},
        "rule": {"color": SECONDARY},
        "range": {
            "category": list(SERIES),
            "ordinal": list(QUANTITY),
            "ramp": list(QUANTITY),
            "heatmap": list(QUANTITY),
            "diverging": list(DIVERGING),
        },
    }


@alt.theme.register("observatoire", enable=True)
def _theme() -> alt.theme.ThemeConfig:
    config: Any = vega_config()
    return alt.theme.ThemeConfig({"config": config})
