"""Beside one's own answer: what the others answered in the last closed campaign, as far as one's rights go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import polars as pl
import streamlit as st

from apps.kit.access import access
from apps.kit.data.data import Data, data
from apps.kit.style.french import NNBSP, counted, long_date, number, percent, typographic
from apps.saisie.criteres import MOTS
from lake.errors import AccessDenied, LakeError
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.convergence_listes import REPONSES_DONNEES
from scoring.universes.selection import Selection

LEAST = 3
"""Answers under which a distribution would tell those of somebody."""
_ORDER = {"QR": 0, "QU": 1, "QI": 2}
_RATE, _COUNT = "taux_maturite_pct", "services_concernes"


def lues() -> Data | None:
    """The campaigns as the reader may read them; None where Convergence is not open to it."""
    try:
        return data(access.require("saisie-voisins", "convergence"))
    except AccessDenied:
        return None


@dataclass(frozen=True)
class Repartition:
    """How many answered each level of a criterion.

    Attributes:
        campagne: the closed campaign, in words.
        ou: whose answers: « toutes régions », or the region to which the reader's rights narrow them.
        niveaux: level -> answers.
        quoi: what answers: services, or regions for a criterion of the regional systems.
    """

    campagne: str
    ou: str
    niveaux: dict[int, int]
    quoi: tuple[str, str]

    @property
    def total(self) -> int:
        """Answers that count."""
        return sum(self.niveaux.values())

    def phrase(self) -> str:
        """« 7 régions sur 17 au niveau 2 (moyenne) », the most frequent first, then each level."""
        top = max(self.niveaux, key=lambda level: (self.niveaux[level], level))
        each = " ; ".join(
            f"{level} {MOTS[level]}{NNBSP}: {number(count)}" for level, count in sorted(self.niveaux.items())
        )
        return (
            f"{counted(self.niveaux[top], *self.quoi)} sur {number(self.total)} au niveau {top} ({MOTS[top]}). "
            f"{each}. {self.ou}, campagne du {self.campagne}."
        )


def repartition(critere: str, sujet: str) -> Repartition | None:
    """What a criterion was answered in the last closed campaign; None where nobody may say it, or too few answered."""
    here = lues()
    if here is None:
        return None
    asked = Selection().with_filter("critere", [critere])
    try:
        found = here.answer(REPONSES_DONNEES, asked, ["reponses_comptees"], ["niveau"])
        day = here.dated(REPONSES_DONNEES, asked).date
    except LakeError:  # no campaign is closed, or the criterion is younger than the last one
        return None
    rows = found.frame.drop_nulls().filter(pl.col("reponses_comptees") > 0)
    levels = {
        int(level): int(count) for level, count in rows.select("niveau", "reponses_comptees").iter_rows()
    }
    if sum(levels.values()) < LEAST or day is None:
        return None
    systems = sujet == "si_regional"
    where = found.portee.seulement if found.portee is not None else "Toutes régions"
    quoi = ("région", "régions") if systems else ("service", "services")
    return Repartition(long_date(day), where, levels, quoi)


def dire(critere: str, sujet: str) -> None:
    """Draw the distribution of a criterion, where there is one to tell."""
    found = repartition(critere, sujet)
    if found is not None:
        st.html(f'<p class="obs-source">{escape(typographic(found.phrase()))}</p>')


def _sur(questionnaire: str, taux: float, combien: int) -> str:
    """« 43,1 % sur 17 services »: a rate beside what it is counted on; regional systems are one a region."""
    what = ("région", "régions") if questionnaire == "QR" else ("service", "services")
    return typographic(f"{percent(taux)} sur {counted(combien, *what)}")


def table(codes: Sequence[str], region: str, nom_region: str, nomme: Callable[[str], str]) -> str:
    """One's own services, the region, the nation: the same measure of the same campaign, side by side; as HTML.

    Empty where Convergence is not open to the reader, or no campaign is closed.
    """
    here = lues()
    if here is None:
        return ""
    columns = {
        "Vos services": Selection().with_filter("service", codes),
        nom_region: Selection().with_filter("region", [region]),
        "Toutes régions": Selection(),
    }
    cells: dict[str, dict[str, str]] = {}
    counts: dict[str, dict[str, int]] = {}
    try:
        day = here.dated(CONVERGENCE, Selection()).date
        for title, asked in columns.items():
            found = here.answer(CONVERGENCE, asked, [_RATE, _COUNT], ["questionnaire"])
            if title == "Toutes régions" and found.portee is not None:
                continue  # narrowed to the region: it is no nation
            for name, rate, count in found.frame.select("questionnaire", _RATE, _COUNT).iter_rows():
                if rate is not None and count:
                    cells.setdefault(name, {})[title] = _sur(name, rate, count)
                    counts.setdefault(name, {})[title] = count
    except LakeError:
        return ""
    if day is None or not cells:
        return ""
    # Whoever follows the whole region reads it once.
    same = all(one.get("Vos services") == one.get(nom_region) for one in counts.values())
    shown = [one for one in columns if any(one in row for row in cells.values())]
    shown = [one for one in shown if not (same and one == "Vos services")]
    head = "".join(f'<th scope="col">{escape(typographic(one))}</th>' for one in shown)
    body = "".join(
        f'<tr><th scope="row">{escape(typographic(nomme(name)))}</th>'
        + "".join(f"<td>{row.get(one, '—')}</td>" for one in shown)
        + "</tr>"
        for name, row in sorted(cells.items(), key=lambda one: _ORDER.get(one[0], len(_ORDER)))
    )
    caption = typographic(f"Taux de maturité, campagne du {long_date(day)}, périmètre publié.")
    return (
        f'<div class="obs-deborde"><table class="obs-table"><thead><tr><th scope="col">Questionnaire</th>'
        f"{head}</tr></thead>"
        f'<tbody>{body}</tbody></table></div><p class="obs-source">{escape(caption)}</p>'
    )
