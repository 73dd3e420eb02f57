"""The criteria of a service as a screen shows them, and the conflicts that wait for a choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from apps.kit.style.theme import MATURITY
from apps.saisie.calcul import porteurs_valides, poses
from apps.saisie.entree import Entree
from lake.store.saisie.feuilles import Reponse
from lake.valeurs import NIVEAU, valeur_dite
from scoring.convergence.usages import niveau_atteint

_HELD = "saisie.conflits"
MOTS = {0: "très faible", 1: "faible", 2: "moyenne", 3: "élevée"}
"""The scale of the referential, in words."""
NA = "na"
"""The answer *non applicable*."""
SQUARES = {
    NA if level is None else level: f':color[■]{{foreground="{colour}"}}'
    for level, (colour, _, _) in MATURITY.items()
}
"""The colour of each answer, beside its number and its word."""
About = tuple[int, str, str, int]
"""Service, questionnaire, criterion, last version seen."""


@dataclass(frozen=True)
class Critere:
    """A criterion that is asked.

    Attributes:
        code, libelle, axe, libelle_axe, questionnaire, libelle_questionnaire: as in the referential.
        attendu: the level expected today.
        na: whether *non applicable* is allowed.
        libelle_na: what that means here.
        type_reponse: ``niveau``, ``nombre``, ``date`` or ``texte``.
        unite: of a number.
        niveaux: level -> its words; empty for another type.
        paliers: level -> its words, where thresholds give a number its level; empty otherwise.
        porteurs: number of an infrastructure service -> what its validated answer says.
        seuils: the thresholds of these levels, as in the referential.
    """

    code: str
    libelle: str
    axe: str
    libelle_axe: str
    questionnaire: str
    libelle_questionnaire: str
    attendu: int
    na: bool
    libelle_na: str
    type_reponse: str
    unite: str
    niveaux: Mapping[int, str] = field(default_factory=dict)
    porteurs: Mapping[int, str] = field(default_factory=dict)
    paliers: Mapping[int, str] = field(default_factory=dict)
    seuils: str = ""

    @property
    def degres(self) -> Mapping[int, str]:
        """The levels that it may be worth, chosen or reached: level -> its words."""
        return self.niveaux or self.paliers

    def dite(self, valeur: str) -> str:
        """A value of this criterion in words, with its unit: « 1 234,5 personnes par mois »."""
        return valeur_dite(valeur, self.type_reponse, self.unite)

    def niveau_de(self, answer: Mapping[str, Any]) -> int | None:
        """The level of an answer, chosen or given by the thresholds; None where it has none."""
        if answer.get("nature") != "valeur":
            level = answer.get("niveau")
            return None if level is None else int(level)
        return niveau_atteint(str(answer["valeur"]), self.seuils)


def mot(niveau: int) -> str:
    """A level in words: « moyenne »."""
    return MOTS[niveau]


def criteres_de(here: Entree, service: Mapping[str, Any]) -> list[Critere]:
    """The criteria asked of a service today, in the referential's order."""
    asked = poses(here.store, here.referentiel, service, here.jour)
    words: dict[str, dict[int, str]] = {}
    for critere, level, text in here.referentiel.niveaux.select(
        "critere", "niveau", "libelle_niveau"
    ).iter_rows():
        words.setdefault(critere, {})[level] = text
    carried = porteurs_valides(here.store, here.referentiel, service)
    return [
        Critere(
            row["critere"],
            row["libelle_critere"],
            row["axe"],
            "" if row["libelle_axe"] == row["axe"] else row["libelle_axe"],
            row["questionnaire"],
            row["libelle_questionnaire"],
            row["niveau_attendu"],
            row["non_applicable"] or row["question"] is not None,
            row["libelle_na"] or "",
            row["type_reponse"] or "niveau",
            row["unite"] or "",
            {} if _typed(row) else dict(sorted(words.get(row["critere"], {}).items())),
            carried.get(row["critere"], {}),
            dict(sorted(words.get(row["critere"], {}).items())) if _typed(row) else {},
            row["seuils"] or "",
        )
        for row in asked.iter_rows(named=True)
    ]


def _typed(row: Mapping[str, Any]) -> bool:
    return (row["type_reponse"] or NIVEAU) != NIVEAU


def repondu(answer: Mapping[str, Any]) -> bool:
    """Whether an answer of a draft is one, that its author gave or confirmed."""
    return answer.get("nature", "vide") != "vide" and bool(answer.get("confirmee", True))


def axes_de(criteria: list[Critere]) -> dict[str, str]:
    """The axes of criteria, in order: code -> name."""
    return {one.axe: one.libelle_axe for one in criteria}


def conflit_de(about: About) -> tuple[Reponse, Mapping[str, Any], int] | None:
    """What this person typed and was refused, what is kept, and its revision."""
    held: dict[About, Any] = st.session_state.get(_HELD, {})
    return held.get(about)


def ranger_conflit(about: About, found: tuple[Reponse, Mapping[str, Any], int] | None) -> None:
    """Keep a conflict until it is chosen; None settles it."""
    held: dict[About, Any] = st.session_state.setdefault(_HELD, {})
    if found is None:
        held.pop(about, None)
    else:
        held[about] = found
