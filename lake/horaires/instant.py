"""The range of one day, by hand: what :func:`lake.horaires.plages.occurrences` says of many, for one booking.

A booking holds a lock that others wait for: it cannot afford a frame. A property test holds both to one answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from lake.horaires.heures import moment, monday


@dataclass(frozen=True)
class Plage:
    """A range of one day.

    Attributes:
        serie: number of the series it comes of.
        date_locale: the day it begins, by the clock of its place.
        lieu: number of the place.
        debut, fin: its hours (UTC).
        capacite: seats; None where each slot has one.
        duree_min: how long a consultation lasts.
        modalites: by :data:`lake.horaires.plages.BITS`.
    """

    serie: int
    date_locale: date
    lieu: int
    debut: datetime
    fin: datetime
    capacite: int | None
    duree_min: int
    modalites: int


def plage(serie: Mapping[Any, Any], jour: date, autre: Mapping[Any, Any] | None = None) -> Plage | None:
    """The range of a series on a day; None for none.

    Args:
        serie: a row of :data:`lake.horaires.plages.SERIES`.
        jour: the day, by the clock of the place.
        autre: what differs on that day, a row of :data:`lake.horaires.plages.EXCEPTIONS`; None for nothing.
    """
    if autre is None and not _reguliere(serie, jour):
        return None
    if autre is not None and autre["genre"] == "supprimee":
        return None

    def said(name: str) -> Any:
        return serie[name] if autre is None or autre[name] is None else autre[name]

    day = datetime.combine(jour, time())
    begin = moment(day + timedelta(minutes=said("debut_min")), serie["fuseau"])
    end = moment(day + timedelta(minutes=said("fin_min")), serie["fuseau"], end=True)
    if end <= begin:
        return None
    return Plage(
        serie["serie"], jour, serie["lieu"], begin, end, said("capacite"), serie["duree_min"], serie["modalites"]
    )  # fmt: skip


def _reguliere(serie: Mapping[Any, Any], jour: date) -> bool:
    if not serie["du"] <= jour <= serie["au"] or jour.isoweekday() != serie["jour"]:
        return False
    return bool((monday(jour) - serie["ancre"]).days // 7 % serie["cycle"] == serie["rang"])
