"""The publication that writes itself: the complete report of a campaign, as PDF, from data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from apps.convergence.publication import acteurs, annexe, axes, national, regions
from apps.convergence.publication.etat import Etat, etat
from apps.kit.data.data import Data
from apps.kit.export import pdf
from apps.kit.style import french, theme
from apps.kit.style.french import typographic
from scoring.universes.convergence import CONVERGENCE, VOLET, VOLET_WORDS

LAYOUT = Path(__file__).with_name("publication.typ")
Say = Callable[[str, float], None]


def publication_pdf(
    data: Data,
    *,
    volet: str = VOLET,
    jour: date | None = None,
    say: Say = lambda _sentence, _share: None,
    now: datetime | None = None,
) -> bytes:
    """The publication of a campaign.

    Args:
        data: cached reads.
        volet: ``regions`` or ``industriels``.
        jour: the campaign; the latest by default.
        say: progress (what is being done, share done from 0 to 1).
        now: moment printed at the foot; the present by default.

    Raises:
        UnknownName: no such campaign.
        MissingTable: no campaign was ever published.
        SourceUnavailable: set-up has not installed the font.
    """
    content = contents(etat(data, volet, jour), say=say, now=now)
    say("Mise en page", 0.9)
    made = pdf.compose(content, LAYOUT, now=now)
    say("Terminé", 1.0)
    return made


def contents(
    of: Etat, *, say: Say = lambda _sentence, _share: None, now: datetime | None = None
) -> dict[str, Any]:
    """What the publication says, ready for its layout."""
    moment = now or datetime.now(ZoneInfo("Europe/Paris"))

    def part(start: float, end: float) -> Say:
        return lambda sentence, share: say(sentence, start + share * (end - start))

    say("Vue nationale", 0.0)
    sections = [national.national(of), axes.axes(of, part(0.05, 0.4)), acteurs.domains(of)]
    sections.append(acteurs.editors(of, part(0.45, 0.6)))
    if of.regions:
        sections.append(regions.regions(of, part(0.6, 0.88)))
    sections.append(annexe.annex(of))
    view = of.view
    side = next(iter(view.selection.values("volet")), VOLET)
    return {
        "suite": pdf.SUITE,
        "police": theme.PRINT_FONT,
        "titre": "Convergence" if side == VOLET else VOLET_WORDS[side],
        "sous-titre": typographic("Maturité des services numériques en santé face à la doctrine nationale"),
        "campagne": typographic(view.provisional or f"Campagne du {french.long_date(view.date)}"),
        "marque": typographic(view.provisional),
        "pied": typographic(
            f"{view.source()} · {CONVERGENCE.table.licence} · édité le {french.long_date(moment.date())}"
        ),
        "sections": sections,
    }
