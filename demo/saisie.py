"""The entry of the demonstration: the last campaign taken up again, and a region at work on the next one.

Pauline answers, Gaspard validates: one sheet is validated, one waits for him, others are drafts. Inès has begun on a
product of her editor. Services and levels are those of the campaign, so that what an answer changes can be looked at on
real figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lake.store.accounts import accounts
from lake.store.engine import Store
from lake.store.saisie import acteurs, ensembles, feuilles, services, versions
from lake.store.saisie.feuilles import Reponse

REGION, QUESTIONNAIRE, PRODUIT = "44", "QU", "CI"
QUESTIONNAIRE_NOM = "Urbanisation des services"
PAULINE, GASPARD = "pilote-regional@demo.example", "grades-ars@demo.example"
INES = "industriel@demo.example"
AT_WORK = 5
"""Services whose sheet has moved since the campaign."""
_HIGHEST = 3


def _grants(store: Store) -> None:
    """Pauline answers for the region, Gaspard validates and gives grants in turn; again is the same."""
    system = ensembles.systeme(store, REGION)
    if system is None:
        return
    for email, role, validates in (
        (GASPARD, "responsable_si", True),
        (PAULINE, "responsable_service", False),
    ):
        compte = accounts.find(store, email)
        if compte is not None:
            acteurs.donner(
                store, compte.id, system, role, par=None, peut_valider=validates, peut_deleguer=validates
            )
            # Who validates answers for the whole; who answers, for each of its services.
            for service in services.tous(store, REGION):
                if validates == (service["id"] == system):
                    services.changer(
                        store, service["id"], rev=service["rev"], par=None, responsable_id=compte.id
                    )


def _products(store: Store) -> None:
    """Inès answers for her editor, and has begun on one of its products; nothing where none was taken up."""
    compte = accounts.find(store, INES)
    mine = None if compte is None else ensembles.editeur(store, compte.organisation)
    if compte is None or mine is None:
        return
    acteurs.donner(
        store, compte.id, mine["id"], "responsable_si", par=None, peut_valider=True, peut_deleguer=True
    )
    products = [one for one in services.tous(store, mine["region"]) if one["kind"] == "produit"]
    for product in products:
        services.changer(store, product["id"], rev=product["rev"], par=None, responsable_id=compte.id)
    for product in products:
        if _raised(store, product["id"], rank=2, questionnaire=PRODUIT, par=INES):
            return


def at_work(store: Store, referentiel: str) -> int:
    """Who may what, then what the region did since the campaign; returns how many sheets moved.

    Args:
        store: the entry, where the campaign was taken up.
        referentiel: the version of the questions in force.
    """
    _grants(store)
    _products(store)
    moved = 0
    for service in services.tous(store, REGION):
        if not (service["tronc_commun"] and service["publiable"]):
            continue  # what is published of the others is nothing: the live campaign would not move
        sheet = feuilles.feuille(store, service["id"], QUESTIONNAIRE)
        if sheet["etat"] != "validee":
            continue
        answered = _raised(store, service["id"], rank=moved)
        if not answered:
            continue
        sheet = feuilles.feuille(store, service["id"], QUESTIONNAIRE)
        if moved < 2:
            versions.soumettre(store, sheet["id"], rev=sheet["rev"], par=PAULINE, nom=QUESTIONNAIRE_NOM)
        if moved == 0:
            versions.valider(
                store, sheet["id"], rev=sheet["rev"], par=GASPARD, version_referentiel=referentiel
            )
        moved += 1
        if moved == AT_WORK:
            break
    return moved


def _raised(
    store: Store, service: int, rank: int, questionnaire: str = QUESTIONNAIRE, par: str = PAULINE
) -> int:
    """Raise by one the first levels that can be; more of them on the first services."""
    known = feuilles.reponses(store, service, questionnaire)
    low = [one for one in sorted(known) if _can_rise(known[one])]
    for critere in low[: max(1, 3 - rank)]:
        row = known[critere]
        feuilles.repondre(
            store,
            service,
            questionnaire,
            critere,
            Reponse("niveau", row["niveau"] + 1, transmis=row["transmis"]),
            rev=row["rev_n"],
            par=par,
        )
    return len(low)


def _can_rise(row: Mapping[str, Any]) -> bool:
    return row["nature"] == "niveau" and int(row["niveau"]) < _HIGHEST - 1
