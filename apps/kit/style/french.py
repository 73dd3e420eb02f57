"""French wording of numbers, changes, dates and lists.

Screen text uses the narrow no-break space (U+202F) in thousands and before ``: ; ! ? %`` and within « », the
decimal comma and the real minus sign. Exports have their own, machine-friendly rules (:mod:`apps.kit.pages.export`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from lake.text import fold
from scoring.universes.model import Format

NNBSP = "\u202f"
NBSP = "\u00a0"
MINUS = "\u2212"
ABSENT = "—"
ABSENT_WORDS = "non disponible"
UP, DOWN, SAME = "▲", "▼", "="

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
SHORT_MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def number(value: float | int | None, decimals: int = 0) -> str:
    """A number: ``123 048`` or ``1,77``; an em dash when there is none.

    Args:
        value: the number; None or NaN when it is not known.
        decimals: digits after the comma.
    """
    if value is None or value != value:
        return ABSENT
    text = f"{abs(value):,.{decimals}f}".replace(",", NNBSP).replace(".", ",")
    return text if value >= 0 or not re.search("[1-9]", text) else f"{MINUS}{text}"


def percent(value: float | None, decimals: int = 1) -> str:
    """A percentage given from 0 to 100: ``79,4 %``."""
    text = number(value, decimals)
    return text if text == ABSENT else f"{text}{NNBSP}%"


def share(value: float | None, decimals: int = 1) -> str:
    """A share given from 0 to 1, as a percentage: ``79,4 %``."""
    return percent(None if value is None else value * 100, decimals)


def out_of(value: float | None, top: int, decimals: int = 2) -> str:
    """A value on a scale: ``1,77 / 3``."""
    text = number(value, decimals)
    return text if text == ABSENT else f"{text}{NBSP}/{NBSP}{top}"


def write(value: float | int | None, shape: Format = Format.INTEGER, decimals: int = 1) -> str:
    """A measure's value in its declared format."""
    if shape is Format.SHARE:
        return share(value, decimals)
    if shape is Format.PERCENT:
        return percent(value, decimals)
    return number(value, decimals if shape is Format.DECIMAL else 0)


def signed(value: float | int | None, shape: Format = Format.INTEGER, decimals: int = 1) -> str:
    """A difference with its sign: ``+23``, ``−0,5``, ``0``. Differences of rates are in points."""
    if value is None or value != value:
        return ABSENT
    scaled = value * 100 if shape is Format.SHARE else value
    text = number(scaled, 0 if shape is Format.INTEGER else decimals)
    if re.search("[1-9]", text) and value > 0:
        text = f"+{text}"
    points = shape in (Format.SHARE, Format.PERCENT)
    return f"{text}{NNBSP}pt" if points else text


@dataclass(frozen=True)
class Change:
    """A change between two observations, for eyes and for screen readers.

    Attributes:
        sign: ``▲``, ``▼`` or ``=``; empty when one of the two is not known.
        text: sign and figures: ``▼ −23 (−0,5 %)``.
        words: the same in words: ``baisse de 23 (0,5 %)``.
        direction: 1, −1, 0, or None when not known.
    """

    sign: str
    text: str
    words: str
    direction: int | None


def change(
    now: float | int | None,
    before: float | int | None,
    shape: Format = Format.INTEGER,
    *,
    since: str = "",
    decimals: int = 1,
) -> Change:
    """The change from ``before`` to ``now``: absolute, and relative for counts.

    Rates change in points, never in percent of a percentage. The direction is the direction of what is
    *written*: a change that rounds to nothing is said unchanged.

    Args:
        now: current value.
        before: value compared with.
        shape: the measure's format.
        since: words that end the sentence (``en 15 jours``, ``depuis le 31 décembre 2024``).
        decimals: digits after the comma, integers apart.
    """
    tail = f" {since}" if since else ""
    if now is None or before is None:
        return Change("", f"évolution {ABSENT_WORDS}", f"évolution {ABSENT_WORDS}", None)
    difference = now - before
    amount = signed(difference, shape, decimals)
    if not re.search("[1-9]", amount):
        return Change(SAME, f"{SAME} inchangé{tail}", f"inchangé{tail}", 0)
    direction = 1 if difference > 0 else -1
    relative = ""
    counted = shape not in (Format.SHARE, Format.PERCENT)
    if counted and before:
        relative = percent(abs(difference) / abs(before) * 100, decimals)
    sign = UP if direction > 0 else DOWN
    mark = "+" if direction > 0 else MINUS
    text = f"{sign} {amount}" + (f" ({mark}{relative})" if relative else "")
    verb = "hausse de" if direction > 0 else "baisse de"
    points = difference * 100 if shape is Format.SHARE else difference
    size = amount.lstrip("+" + MINUS).replace(f"{NNBSP}pt", f" {plural(points, 'point')}")
    words = f"{verb} {size}" + (f" ({relative})" if relative else "")
    return Change(sign, f"{text}{tail}", f"{words}{tail}", direction)


def movement(share_of_before: float, decimals: int = 1) -> str:
    """A relative change with arrow, word, sign: ``▲ hausse +3,2 %``, ``= stable``."""
    amount = share(abs(share_of_before), decimals)
    if not re.search("[1-9]", amount):
        return f"{SAME} stable"
    up = share_of_before > 0
    return f"{UP} hausse +{amount}" if up else f"{DOWN} baisse {MINUS}{amount}"


def long_date(day: date | None, *, weekday: bool = False) -> str:
    """A date in words: ``14 janvier 2025``, ``1er mars 2025``."""
    if day is None:
        return ABSENT
    head = f"{DAYS[day.weekday()]} " if weekday else ""
    return f"{head}{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def month(day: date | None, *, short: bool = False) -> str:
    """A month in words: ``novembre 2022`` or ``nov. 2022``."""
    if day is None:
        return ABSENT
    return f"{(SHORT_MONTHS if short else MONTHS)[day.month - 1]} {day.year}"


def quarter(code: str) -> str:
    """A quarter as readers say it: ``T4 2022`` for ``2022-T4``, in one piece; anything else as it is."""
    return f"{code[5:]}{NNBSP}{code[:4]}" if re.fullmatch(r"[0-9]{4}-T[1-4]", code) else code


def days(start: date | None, end: date | None) -> str:
    """A period of days: ``du 2 au 29 novembre 2026``, ``du 28 novembre 2026 au 3 janvier 2027``, ``1er mars 2027``."""
    if start is None or end is None or start == end:
        return long_date(end or start)
    head = long_date(start)
    if start.year == end.year:
        head = head.rsplit(" ", 2 if start.month == end.month else 1)[0]
    return f"du {head} au {long_date(end)}"


def period(start: date | None, end: date | None) -> str:
    """A period of months: ``de décembre 2020 à novembre 2022``, ``novembre 2022``."""
    if start is not None and end is not None and (start.year, start.month) == (end.year, end.month):
        return month(start)
    if start is None:
        return f"jusqu’à {month(end)}" if end else "toute la période"
    tail = f" à {month(end)}" if end else ""
    head = "depuis" if not end else "d’" if month(start)[0] in "ao" else "de"
    return f"{head}{'' if head == 'd’' else ' '}{month(start)}{tail}"


def plural(count: float | int | None, one: str, many: str | None = None) -> str:
    """The noun that goes with a count: French plurals start at two."""
    several = count is not None and abs(count) >= 2
    return (many if many is not None else f"{one}s") if several else one


def counted(count: int | None, one: str, many: str | None = None) -> str:
    """A count and its noun: ``4 871 personnes``, ``1 site``, ``aucun site`` is left to the caller."""
    return f"{number(count)} {plural(count, one, many)}"


def ordinal(rank: int, *, feminine: bool = False) -> str:
    """A rank in a sentence: ``1ᵉʳ``, ``1ʳᵉ``, ``12ᵉ``, raised as French sets them."""
    if rank == 1:
        return "1ʳᵉ" if feminine else "1ᵉʳ"
    return f"{number(rank)}ᵉ"


def listing(items: Iterable[str], last: str = "et") -> str:
    """Items in a sentence: ``a, b et c``."""
    values = [item for item in items if item]
    if len(values) < 2:
        return "".join(values)
    return f"{', '.join(values[:-1])} {last} {values[-1]}"


def of(name: str) -> str:
    """``de`` before a name: ``d’Occitanie``, ``de Corse``, ``de Hauts-de-France``."""
    vowel = fold(name)[:1] in tuple("aeiou")
    return f"d’{name}" if vowel else f"de {name}"


def typographic(text: str) -> str:
    """French typography: narrow no-break spaces before ``: ; ! ? %``, inside « », in thousands; curly apostrophes.

    Addresses (``https://``), times and ratios written without a space are left as they are, and so is what stands
    between backquotes: commands are typed as they are read.
    """
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else _typographic(part) for part in parts)


@lru_cache(maxsize=65_536)
def set_in_type(text: str) -> str:
    """What :func:`typographic` makes of a value, remembered: cells and names of charts come back at every drawing."""
    return typographic(text)


def _typographic(text: str) -> str:
    text = re.sub(r"(?<=[^\W\d_])'(?=[\w«])", "’", text)
    text = re.sub(r"[ \u00a0]+([:;!?%»])", NNBSP + r"\1", text)
    text = re.sub(r"(?<![\d\w])(\d{1,3}) (?=\d{3}(?!\d))", r"\1" + NNBSP, text)
    return re.sub(r"«[ \u00a0]+", "«" + NNBSP, text)


def literal(text: str) -> str:
    """Text for a Markdown element, in which neither a link, an image, a formula nor HTML is read.

    For what comes from data or from the address: a link sent by a stranger must not put theirs on our page.
    """
    text = re.sub(r"([\\\[\]<$`])", r"\\\1", text)
    return re.sub(r"(?i)(:)(?=//)|(?<=www)(\.)", r"\\\g<0>", text)
