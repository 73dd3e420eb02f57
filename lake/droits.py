"""What an account may see: its profile, narrowed by what its managers decided."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

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
SAS = "sas"
"""The universes of unscheduled care: opened by roles in a SAS, never by a profile (:mod:`lake.store.sas.pilotes`)."""
_ALL = frozenset(UNIVERS)
_OPENED = {"grand_public": frozenset({"annuaire"})}
REGIONAL = ("pilote_regional", "grades_ars")
"""Profiles whose own regions are named in their account (or their manager's): none named, none in detail."""
_SETS = ("univers", "regions", "departements", "editeurs")


@dataclass(frozen=True)
class Droits:
    """What may be seen. None means everything; an empty set, nothing.

    Attributes:
        univers: universes whose pages open.
        regions: INSEE region codes.
        departements: département codes.
        editeurs: software editors, by name.
        agreges: figures of the other regions are seen in aggregate (no structure, no service, no person); without
            it, ``regions`` is all that is seen. Means nothing where ``regions`` is None.
    """

    univers: frozenset[str] = frozenset()
    regions: frozenset[str] | None = None
    departements: frozenset[str] | None = None
    editeurs: frozenset[str] | None = None
    agreges: bool = True

    def meet(self, other: Droits) -> Droits:
        """What both allow."""
        return Droits(
            self.univers & other.univers,
            _both(self.regions, other.regions),
            _both(self.departements, other.departements),
            _both(self.editeurs, other.editeurs),
            self.agreges and other.agreges,
        )

    def to_json(self) -> str:
        """As the store keeps it; what is not restricted is left out."""
        found: dict[str, object] = {
            name: sorted(value) for name in _SETS if (value := getattr(self, name)) is not None
        }
        if not self.agreges:
            found["agreges"] = False
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
        if self.regions is not None and self.agreges:
            said.append("autres régions : chiffres agrégés")
        return " ; ".join(said)


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def narrowing(text: str) -> Droits:
    """A narrowing as the store keeps it; nothing said narrows nothing."""
    said = json.loads(text or "{}")
    sets = {name: frozenset(said[name]) for name in _SETS if name in said}
    return Droits(
        univers=sets.get("univers", _ALL),
        regions=sets.get("regions"),
        departements=sets.get("departements"),
        editeurs=sets.get("editeurs"),
        agreges=said.get("agreges", True) is True,
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
    editeurs = frozenset({organisation.strip()}) if profil == "industriel" else None
    return Droits(_OPENED.get(profil, _ALL), editeurs=editeurs)


def effective(chain: Iterable[tuple[str, str, str]]) -> Droits:
    """What an account may see: its profile's rights, and every narrowing from it up to its first manager.

    Args:
        chain: (profile, organisation, narrowing as kept) of the account, then of its managers, the nearest first.
            A manager's profile bounds those under it, except an administrator's, which bounds nobody.
    """
    found: Droits | None = None
    first = ""
    for profil, organisation, text in chain:
        here = of_profile(profil, organisation).meet(narrowing(text))
        first = first or profil
        found = here if found is None else found.meet(here)
    if found is None:
        return Droits()
    return settled(first, found)


def settled(profil: str, droits: Droits) -> Droits:
    """The same rights, once nothing more bounds them: a regional reader without region sees none in detail."""
    if profil in REGIONAL and droits.regions is None:
        return replace(droits, regions=frozenset())
    return droits
