"""A week of an agenda as a table: a column a day, a row a half-hour, the heading in sight while one scrolls.

Each kind of range has a colour, a hatch and its word: none of the three is needed to know it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

import polars as pl

from apps.kit.style.french import NNBSP, counted, number, typographic
from apps.sas.words import JOURS_COURTS, held
from lake.horaires.heures import clock
from lake.horaires.plages import GENRES

_STEP = 30
WORDS = {
    "snp": "SNP",
    "consultation": "Ordinaire",
    "surbooking": "Surnombre",
    "absence": "Absence",
    "pris": "Pris",
}
STYLE = """<style>
.sas-semaine { max-height: 30rem; overflow: auto; border: 1px solid #e3e8ee; border-radius: 8px; }
.sas-semaine table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: 13.5px; margin: 0;
  table-layout: fixed; min-width: 46rem; }
.sas-semaine thead th:first-child { width: 4.2rem; }
.sas-semaine th { position: sticky; background: #f6f8fa; z-index: 1; padding: .3rem .4rem; text-align: left; }
.sas-semaine thead th { top: 0; } .sas-semaine tbody th { left: 0; font-weight: 400; color: #475569; }
.sas-semaine thead th:first-child { left: 0; z-index: 2; }
.sas-semaine td { border-top: 1px solid #e3e8ee; border-left: 1px solid #e3e8ee; padding: .1rem .4rem; height: 1.5rem;
  overflow-wrap: anywhere; hyphens: auto; }
.sas-snp { background: #cfe6e3; } .sas-pris { background: #12716b; color: #fff; }
.sas-consultation { background: repeating-linear-gradient(45deg, #e8edf5 0 6px, #f6f8fa 6px 12px); }
.sas-surbooking { background: repeating-linear-gradient(0deg, #f6ead0 0 4px, #fff 4px 8px); }
.sas-absence { background: repeating-linear-gradient(135deg, #f0d9d7 0 5px, #fff 5px 10px); }
@media print { .sas-semaine { max-height: none; overflow: visible; } thead { display: table-header-group; } }
</style>"""


@dataclass(frozen=True)
class Semaine:
    """What one week shows.

    Attributes:
        lundi: its Monday.
        ranges: as :func:`lake.horaires.plages.occurrences`.
        absences: ``debut``, ``fin`` (UTC).
        taken: ``debut``, ``fin`` (UTC) of seats held.
        fuseau: clock of the place.
    """

    lundi: date
    ranges: pl.DataFrame
    absences: pl.DataFrame
    taken: pl.DataFrame
    fuseau: str

    def cells(self) -> dict[tuple[int, int], tuple[str, str]]:
        """(half-hour, day) -> kind and words."""
        found: dict[tuple[int, int], tuple[str, str]] = {}
        for row in self.ranges.sort(pl.col("genre") == "snp").iter_rows(named=True):
            self._put(found, row["debut"], row["fin"], row["genre"], held(row["modalites"], "ps").lower())
        for begin, end in self.absences.select("debut", "fin").iter_rows():
            self._put(found, begin, end, "absence", "")
        for begin, end in self.taken.select("debut", "fin").iter_rows():
            self._put(found, begin, end, "pris", "")
        return found

    def _put(
        self,
        found: dict[tuple[int, int], tuple[str, str]],
        begin: datetime,
        end: datetime,
        kind: str,
        said: str,
    ) -> None:
        zone = ZoneInfo(self.fuseau)
        at, first = begin, True
        while at < end:
            here = at.astimezone(zone)
            day = (here.date() - self.lundi).days
            if 0 <= day < 7:
                words = f"{WORDS[kind]} {said}".strip() if first or here.hour + here.minute == 0 else ""
                found[(here.hour * 60 + here.minute) // _STEP, day] = (kind, words)
            first = False
            # To the next half-hour of the clock; elapsed time, so that a day of 23 or 25 hours is whole.
            at += timedelta(minutes=_STEP - here.minute % _STEP, seconds=-here.second)

    def html(self, *, hide: bool) -> str:
        """The table; with ``hide``, rows that no day uses are left out, and counted."""
        cells = self.cells()
        used = {rank for rank, _ in cells}
        ranks = [rank for rank in range(24 * 60 // _STEP) if not hide or rank in used]
        days = [self.lundi + timedelta(days=rank) for rank in range(7)]
        heads = "".join(
            f'<th scope="col">{JOURS_COURTS[one.weekday()]} {one:%d/%m}{_length(one, self.fuseau)}</th>'
            for one in days
        )
        lines = []
        for rank in ranks:
            tds = []
            for day in range(7):
                kind, words = cells.get((rank, day), ("", ""))
                label = f' class="sas-{kind}" title="{GENRES.get(kind, WORDS.get(kind, ""))}"' if kind else ""
                tds.append(f"<td{label}>{escape(words)}</td>")
            lines.append(f'<tr><th scope="row">{clock(rank * _STEP)}</th>{"".join(tds)}</tr>')
        hidden = (24 * 60 // _STEP - len(ranks)) * _STEP / 60
        empty = number(hidden, 0 if hidden == int(hidden) else 1)
        told = (
            f'<p class="obs-source" role="status">{typographic(f"{empty} h vides masquées")}</p>'
            if hide
            else ""
        )
        return (
            f'{STYLE}<div class="sas-semaine" tabindex="0" role="region" aria-label="Semaine du {self.lundi:%d/%m/%Y}">'
            f'<table><thead><tr><th scope="col">Heure</th>{heads}</tr></thead>'
            f"<tbody>{''.join(lines)}</tbody></table></div>{told}"
        )


def _length(day: date, zone: str) -> str:
    """« (23 h) » on a day when the clock changes."""
    start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    after = day + timedelta(days=1)
    end = datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(zone))
    hours = round((end.timestamp() - start.timestamp()) / 3600)
    return "" if hours == 24 else f" ({hours}{NNBSP}h)"


def summary(ranges: pl.DataFrame, slots: pl.DataFrame) -> str:
    """« 12 plages, 40 places dont 3 prises »."""
    total = int(slots["capacite"].sum() or 0)
    left = int(slots["restantes"].sum() or 0)
    offered = ranges.filter(pl.col("genre") == "snp").height
    said = f"{counted(offered, 'plage')}, {counted(total, 'place')}"
    return typographic(said + (f" dont {counted(total - left, 'prise')}" if total > left else ""))
