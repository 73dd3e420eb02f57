"""Who may do what in the entry: one pure function, asked by pages, exports and the store's own transactions.

A grant names an account, a service (or a region's information system, which covers every service of the region) and a
role; the account's own rights bound it: a manager that withdraws a region or the universe stops writing at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lake.droits import REGIONAL, Droits

SI, SERVICE, EXPERT, VALIDATEUR, LECTEUR = (
    "responsable_si",
    "responsable_service",
    "expert",
    "validateur",
    "lecteur",
)
ROLES = {
    SI: "Responsable du système d’information",
    SERVICE: "Responsable de service",
    EXPERT: "Expert",
    VALIDATEUR: "Validateur",
    LECTEUR: "Lecteur",
}
"""Roles, and their French names."""
ACTIONS = (
    "voir",
    "creer",
    "modifier",
    "saisir",
    "commenter",
    "planifier",
    "soumettre",
    "valider",
    "renvoyer",
    "deleguer",
    "telecharger",
    "administrer",
)
"""What can be asked."""
_ALLOWED = {
    SI: frozenset(ACTIONS) - {"administrer", "deleguer"},
    SERVICE: frozenset({"voir", "modifier", "saisir", "commenter", "planifier", "soumettre", "telecharger"}),
    EXPERT: frozenset({"voir", "saisir", "commenter", "soumettre", "telecharger"}),
    VALIDATEUR: frozenset({"voir", "commenter", "valider", "renvoyer", "telecharger"}),
    LECTEUR: frozenset({"voir", "telecharger"}),
}
_RANK = {SI: 4, SERVICE: 3, VALIDATEUR: 2, EXPERT: 1, LECTEUR: 0}
_NAMED_ONLY = frozenset({EXPERT, LECTEUR, VALIDATEUR})
ENSEMBLES = ("si_regional", "editeur")
"""Kinds that stand for all that is of their region, or of their editor."""


@dataclass(frozen=True)
class Grant:
    """A grant that has not been withdrawn.

    Attributes:
        service: number of the service it names.
        kind: that service's; ``si_regional`` covers its whole region, ``editeur`` all its products.
        region: that service's: a region, or an editor's code.
        role: one of :data:`ROLES`.
        questionnaires: those it opens; None for all.
        peut_valider: a *responsable de service* or an expert validates too.
        peut_deleguer: gives grants in turn.
        editeur: name of the editor whose product it is on; empty on a region's service.
    """

    service: int
    kind: str
    region: str
    role: str
    questionnaires: frozenset[str] | None = None
    peut_valider: bool = False
    peut_deleguer: bool = False
    editeur: str = ""

    def covers(self, objet: Objet) -> bool:
        """Whether the grant is on this object."""
        if self.kind in ENSEMBLES and self.region == objet.region:
            here = True
        else:
            here = objet.service is not None and self.service == objet.service
        if not here:
            return False
        named = objet.questionnaire.removeprefix("PLAN-")
        return self.questionnaires is None or not named or named in self.questionnaires


@dataclass(frozen=True)
class Objet:
    """What something is done to.

    Attributes:
        region: its region, or its editor's code.
        service: its number; None for a region's system, or an editor, that is not there yet.
        questionnaire: a sheet's; empty for the service itself.
        soumise_par: who submitted the sheet, when it waits to be validated.
        editeur: name of an editor that is not there yet.
    """

    region: str
    service: int | None = None
    questionnaire: str = ""
    soumise_par: str = ""
    editeur: str = ""


@dataclass(frozen=True)
class Acteur:
    """Who acts.

    Attributes:
        email: its address; empty for the operator at the server's command line.
        profil: its profile.
        organisation: its organisation, which is all that the lake says of who validated.
        droits: what it may see, its managers' narrowings included.
        grants: its grants.
        compte_id: its number; None for the operator.
        actif: an account that was disabled does nothing.
    """

    email: str
    profil: str
    organisation: str
    droits: Droits
    grants: tuple[Grant, ...] = ()
    compte_id: int | None = None
    actif: bool = True

    @property
    def tout(self) -> bool:
        """The operator and administrators do everything; the journal says in whose name."""
        return self.compte_id is None or self.profil == "administrateur"


EXPLOITANT = Acteur("", "administrateur", "", Droits(frozenset({"convergence"})))
"""Who stands at the server's command line."""


def may(action: str, objet: Objet, acteur: Acteur) -> bool:
    """Whether someone may do something to something.

    Args:
        action: one of :data:`ACTIONS`.
        objet: to what.
        acteur: who, with its grants.
    """
    if action not in ACTIONS or not acteur.actif:
        return False
    if acteur.tout:
        return True
    if action == "administrer" or not _open(objet, acteur):
        return False
    if action == "creer" and objet.service is None:
        # A region's first system: whoever the account's rights place in that region; an editor, whom they name.
        if objet.editeur:
            return acteur.profil == "industriel" and objet.editeur in (acteur.droits.editeurs or ())
        return acteur.profil in REGIONAL
    return any(_grants(action, objet, acteur, grant) for grant in acteur.grants)


def _open(objet: Objet, acteur: Acteur) -> bool:
    """Whether the account's own rights reach the object at all."""
    if acteur.profil in REGIONAL:
        regions = acteur.droits.regions
        return "convergence" in acteur.droits.univers and (regions is None or objet.region in regions)
    return acteur.profil in ("industriel", "grand_public", "expert_national")


def _grants(action: str, objet: Objet, acteur: Acteur, grant: Grant) -> bool:
    if not grant.covers(objet):
        return False
    if grant.editeur and acteur.profil == "industriel":
        # The account's own rights bound it: an editor that a manager withdraws is written no more.
        if acteur.droits.editeurs is None or grant.editeur not in acteur.droits.editeurs:
            return False
    elif acteur.profil not in REGIONAL and grant.role not in _NAMED_ONLY:
        return False
    if action == "deleguer":
        return grant.peut_deleguer and grant.role in (SI, SERVICE)
    if action in ("valider", "renvoyer"):
        return _validates(objet, acteur, grant)
    return action in _ALLOWED[grant.role]


def _validates(objet: Objet, acteur: Acteur, grant: Grant) -> bool:
    """Nobody validates its own submission, except who answers for the whole system."""
    if grant.role == SI:
        return True
    allowed = grant.role == VALIDATEUR or (grant.peut_valider and grant.role in (SERVICE, EXPERT))
    return allowed and objet.soumise_par != acteur.email


def interprete(region: str, acteur: Acteur) -> bool:
    """Whether someone reads, and answers, what a region asks of the national experts: by its profile, within its own
    rights. It opens nothing else of the region: neither answers, nor drafts, nor files."""
    if not acteur.actif:
        return False
    if acteur.tout:
        return True
    regions = acteur.droits.regions
    return (
        acteur.profil == "expert_national"
        and "convergence" in acteur.droits.univers
        and (regions is None or region in regions)
    )


def may_give(objet: Objet, role: str, acteur: Acteur) -> bool:
    """Whether someone may give a role on something: never more than it holds itself."""
    if acteur.tout:
        return True
    if role not in _RANK or not may("deleguer", objet, acteur):
        return False
    held = [_RANK[g.role] for g in acteur.grants if g.covers(objet) and g.peut_deleguer]
    return bool(held) and _RANK[role] <= max(held)


def visible(regions: Iterable[Objet], acteur: Acteur) -> list[Objet]:
    """The objects that someone may see, in their order."""
    return [one for one in regions if may("voir", one, acteur)]
