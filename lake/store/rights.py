"""What an account may see: its profile, narrowed by what its managers decided."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from lake.errors import LakeError

PROFILS = {
    "grand_public": "Grand public",
    "industriel": "Industriel",
    "pilote_regional": "Pilote régional",
    "grades_ars": "GRADeS ou ARS",
    "expert_national": "Expert national",
    "administrateur": "Administrateur",
}
"""Profiles, and their French names."""
UNIVERS = {"annuaire": "Annuaire", "segur": "Ségur", "convergence": "Convergence"}
_ALL = frozenset(UNIVERS)
_OPENED = {"grand_public": frozenset({"annuaire"})}
REGIONAL = ("pilote_regional", "grades_ars")


@dataclass(frozen=True)
class Droits:
    """What may be seen. None means everything; an empty set, nothing.

    Attributes:
        univers: universes whose pages open.
        regions: INSEE region codes.
        departements: département codes.
        editeurs: software editors, by name.
    """

    univers: frozenset[str] = frozenset()
    regions: frozenset[str] | None = None
    departements: frozenset[str] | None = None
    editeurs: frozenset[str] | None = None

    def meet(self, other: Droits) -> Droits:
        """What both allow."""
        return Droits(
            self.univers & other.univers,
            _both(self.regions, other.regions),
            _both(self.departements, other.departements),
            _both(self.editeurs, other.editeurs),
        )

    def to_json(self) -> str:
        """As the store keeps it; what is not restricted is left out."""
        found = {name: sorted(value) for name, value in vars(self).items() if value is not None}
        return json.dumps(found, ensure_ascii=False, sort_keys=True)

    def words(self) -> str:
        """In one French sentence."""
        said = [" et ".join(UNIVERS[name] for name in UNIVERS if name in self.univers) or "aucun univers"]
        for label, values in (
            ("régions", self.regions),
            ("départements", self.departements),
            ("éditeurs", self.editeurs),
        ):
            if values is not None:
                said.append(f"{label} : {', '.join(sorted(values)) or 'aucun'}")
        return " ; ".join(said)


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def narrowing(text: str) -> Droits:
    """A narrowing as the store keeps it; nothing said narrows nothing."""
    said = json.loads(text or "{}")
    return Droits(
        frozenset(said["univers"]) if "univers" in said else _ALL,
        *(
            frozenset(said[name]) if name in said else None
            for name in ("regions", "departements", "editeurs")
        ),
    )


def of_profile(profil: str, organisation: str) -> Droits:
    """What a profile opens by itself.

    An industrial sees the rows of its own products: its organisation is the editor's name.

    Raises:
        LakeError: there is no such profile.
    """
    if profil not in PROFILS:
        raise LakeError(
            f"Profil inconnu : « {profil} ».", conseil=f"Valeurs possibles : {', '.join(PROFILS)}."
        )
    editeurs = frozenset({organisation}) if profil == "industriel" else None
    return Droits(_OPENED.get(profil, _ALL), editeurs=editeurs)


def effective(chain: Iterable[tuple[str, str, str]]) -> Droits:
    """What an account may see: its profile's rights, and every narrowing from it up to its first manager.

    Args:
        chain: (profile, organisation, narrowing as kept) of the account, then of its managers, the nearest first.
            A manager's profile bounds those under it, except an administrator's, which bounds nobody.
    """
    found: Droits | None = None
    for profil, organisation, text in chain:
        here = of_profile(profil, organisation).meet(narrowing(text))
        found = here if found is None else found.meet(here)
    return found or Droits()
