"""The milestones of the road map that a plan waits for: which ones, and whether they come in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from apps.kit.data.data import open_lake
from apps.kit.style.french import quarter
from apps.saisie import publication
from lake.catalog.convergence import trimestre_acheve, trimestre_rang

PORTEURS = {"national": "national", "editeur": "éditeur", "regional": "régional"}
"""Who brings a milestone, in words."""


@dataclass(frozen=True)
class Jalon:
    """A milestone of the road map.

    Attributes:
        code, libelle: which one.
        porteur: ``national``, ``editeur`` or ``regional``.
        trimestre: the quarter announced; empty when none is.
    """

    code: str
    libelle: str
    porteur: str
    trimestre: str

    @property
    def dit(self) -> str:
        """In words: « J06 Fédération nationale (national, T2 2027) »."""
        about = ", ".join(
            one for one in (PORTEURS.get(self.porteur, self.porteur), quarter(self.trimestre)) if one
        )
        return f"{self.code} {self.libelle} ({about})"


def par_axe(volet: str) -> Mapping[str, Mapping[str, Jalon]]:
    """Axis -> its milestones by identifier, as the last closed campaign of a side declares them."""
    lake = open_lake()
    found: dict[str, dict[str, Jalon]] = {}
    for row in publication.jalons(lake.snapshot().scan, volet).iter_rows(named=True):
        one = Jalon(row["jalon"], row["libelle_jalon"] or "", row["porteur"] or "", row["trimestre"] or "")
        found.setdefault(row["axe"], {})[one.code] = one
    return found


def a_venir(known: Mapping[str, Jalon], jour: date) -> list[Jalon]:
    """The milestones whose quarter is not over on a day, soonest first; those without a quarter last."""
    left = [
        one
        for one in known.values()
        if not one.trimestre or trimestre_rang(one.trimestre) > trimestre_acheve(jour)
    ]
    return sorted(left, key=lambda one: (one.trimestre or "9999", one.code))


def nommes(known: Mapping[str, Jalon], codes: str) -> list[str]:
    """The milestones kept with a step (``J06|J07``), in words; one that the road map no longer has says so."""
    return [
        known[code].dit if code in known else f"{code} (la feuille de route ne l’a plus)"
        for code in codes.split("|")
        if code
    ]


def trop_tard(known: Mapping[str, Jalon], codes: Sequence[str], steps: Mapping[int, str]) -> str:
    """What a plan hopes for before the milestone that it waits for, in French; empty when all comes in time.

    It is told, and never refused: a milestone may come sooner than announced.
    """
    if not steps:
        return ""
    first = min(steps.values(), key=trimestre_rang)
    late = [
        known[code]
        for code in codes
        if code in known
        and known[code].trimestre
        and trimestre_rang(known[code].trimestre) > trimestre_rang(first)
    ]
    if not late:
        return ""
    worst = max(late, key=lambda one: trimestre_rang(one.trimestre))
    return f"{worst.code} est annoncé pour {quarter(worst.trimestre)}, après l’étape de {quarter(first)} qui l’attend."
