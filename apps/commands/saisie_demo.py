"""What the demonstration's visitors find in the entry: the last campaign taken up, and a region at work on it."""

from __future__ import annotations

from apps.saisie import cloture, publication, referentiels
from lake.errors import LakeError
from lake.settings import Settings
from lake.store.accounts import accounts
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.saisie import acteurs, feuilles, fils, services, versions
from lake.store.saisie.feuilles import Reponse
from lake.tables import Lake

RESPONSABLE, VALIDATEUR = "grades-ars@demo.example", "pilote-regional@demo.example"
"""Who answers for the region's system, and who validates."""


def prise(settings: Settings) -> str:
    """Take up the last closed campaign where nothing was entered yet; what was done, empty when nothing was.

    The region of the installation goes on from there: one sheet confirmed and validated, one that waits, a question.
    """
    lake, store = Lake(settings), open_store(settings)
    try:
        closed = publication.closes(lake.snapshot().scan)
        if not closed or services.tous(store):
            return ""
        known = referentiels.en_vigueur(lake.snapshot().scan, publication.aujourdhui())
        done, _ = cloture.reprendre(lake, store, closed[-1], known)
        _at_work(store, settings.region, known.version)
    finally:
        store.close()
    return f"Saisie : campagne du {closed[-1]:%d/%m/%Y} reprise, {done.services} services à confirmer."


def _at_work(store: Store, region: str, version: str) -> None:
    """Who may do what in a region, and what has been done there since."""
    system = services.systeme(store, region)
    people = {email: accounts.find(store, email) for email in (RESPONSABLE, VALIDATEUR)}
    who, judge = people[RESPONSABLE], people[VALIDATEUR]
    if system is None or who is None or judge is None:
        return
    acteurs.donner(store, who.id, system, "responsable_si", par=None, peut_valider=True, peut_deleguer=True)
    acteurs.donner(store, judge.id, system, "validateur", par=None)
    first, second = [one["id"] for one in services.tous(store, region) if one["kind"] == "infrastructure"][:2]
    try:
        for number, raised in ((first, False), (second, True)):
            _confirmed(store, number, raised)
            sheet = feuilles.feuille(store, number, "QU")
            if raised:
                versions.soumettre(store, sheet["id"], rev=sheet["rev"], par=RESPONSABLE)
            else:
                versions.valider(
                    store, sheet["id"], rev=sheet["rev"], par=RESPONSABLE, version_referentiel=version
                )
        fils.dire(
            store, second, "QU", "A05.1", "La double authentification couvre-t-elle aussi les comptes techniques ?",
            par=VALIDATEUR, version_referentiel=version,
        )  # fmt: skip
    except LakeError:
        return  # a campaign of one's own, where these sheets are not: the rest stands


def _confirmed(store: Store, number: int, raised: bool) -> None:
    """Confirm every answer of a sheet as it was; ``raised`` lifts the first that can be by a level."""
    for critere, row in sorted(feuilles.reponses(store, number, "QU").items()):
        level = row["niveau"]
        if raised and level is not None and level < 3:
            level, raised = level + 1, False
        why = row["justification_na"] or ("Sans objet pour ce service." if row["nature"] == "na" else "")
        answer = Reponse(
            row["nature"], niveau=level, porte_par=row["porte_par_id"], transmis=row["transmis"], justification_na=why
        )  # fmt: skip
        feuilles.repondre(store, number, "QU", critere, answer, rev=row["rev_n"], par=RESPONSABLE)
