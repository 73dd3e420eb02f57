"""Improvements proposed from an axis: by whom, decided by whom, told, and what of them is published."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lake.errors import AccessDenied, LakeError, Refused
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.saisie import acteurs, ameliorations, avis, publications
from lake.store.saisie.ameliorations import ECARTEE, PROPOSEE, RETENUE
from tests.unit.test_saisie_base import person, service

NOW = datetime(2026, 11, 29, 22, 30, tzinfo=UTC)
"""Half past eleven in Paris."""


def proposed(
    store: Store, number: int, par: str | None, texte: str = "Un lecteur de cartes sans contact"
) -> int:
    return ameliorations.proposer(
        store, number, "QU", "A05", texte, par=par, porteur="national", volet="regions", version="v1",
        critere="A05.1", now=NOW,
    )  # fmt: skip


def titles(store: Store, who: Compte) -> list[str]:
    return [one["titre"] for one in avis.non_lus(store, who.id)]


def test_who_may_comment_proposes_and_an_administrator_decides(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    anne, paul = person(store, "anne"), person(store, "paul")
    chief = person(store, "chef", "administrateur")
    acteurs.donner(store, anne.id, telec, "expert", par=None)
    acteurs.donner(store, paul.id, telec, "lecteur", par=None)
    with pytest.raises(AccessDenied):
        proposed(store, telec, paul.email)
    with pytest.raises(Refused, match="Dites en une phrase"):
        proposed(store, telec, anne.email, " court ")
    number = proposed(store, telec, anne.email, " Un lecteur\n de cartes sans contact ")
    with pytest.raises(Refused, match="Votre organisation l'a déjà proposée le 29/11/2026"):
        proposed(store, telec, anne.email)
    assert titles(store, chief) == ["Une amélioration est proposée sur A05, par Org anne."]
    one = ameliorations.toutes(store, par=chief.email)[0]
    assert (one.texte, one.propose_par, one.statut) == (
        "Un lecteur de cartes sans contact",
        "Org anne",
        PROPOSEE,
    )
    # The region reads its own; another one nothing.
    assert [each.id for each in ameliorations.toutes(store, par=paul.email)] == [number]
    assert ameliorations.toutes(store, par=person(store, "dehors").email) == []
    with pytest.raises(AccessDenied):
        ameliorations.decider(store, number, RETENUE, par=anne.email, vu=PROPOSEE)
    with pytest.raises(Refused, match="Dites pourquoi elle est écartée"):
        ameliorations.decider(store, number, ECARTEE, par=chief.email, vu=PROPOSEE, motif="non")
    ameliorations.decider(store, number, ECARTEE, par=chief.email, vu=PROPOSEE, motif="Déjà prévu en 2027")
    assert titles(store, anne) == ["Votre proposition sur A05 est écartée : Déjà prévu en 2027"]
    assert titles(store, chief) == [], "it is decided"
    # Two administrators: the second one is told what the first decided.
    with pytest.raises(LakeError, match="vient d'en décider : elle est écartée"):
        ameliorations.decider(store, number, RETENUE, par=chief.email, vu=PROPOSEE)
    ameliorations.decider(store, number, RETENUE, par=chief.email, vu=ECARTEE)
    ameliorations.decider(store, number, RETENUE, par=chief.email, vu=ECARTEE)  # a double click
    assert titles(store, anne) == [
        "Votre proposition sur A05 est retenue : elle sera publiée avec la campagne."
    ]


def test_what_is_retained_waits_to_be_published_without_a_person_s_name(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    anne = person(store, "anne")
    acteurs.donner(store, anne.id, telec, "expert", par=None)
    kept, _ = (proposed(store, telec, anne.email, f"Proposition numéro {rank}") for rank in (1, 2))
    assert publications.en_attente(store) is None
    ameliorations.decider(store, kept, RETENUE, par=None, vu=PROPOSEE, now=NOW)
    assert publications.en_attente(store) == (NOW, NOW)
    rows = ameliorations.retenues(store, "regions", date(2026, 11, 29))
    assert rows.rows() == [
        (
            "regions", date(2026, 11, 29), "saisie-0001", "A05", "A05.1", "Proposition numéro 1", "national",
            "Org anne", date(2026, 11, 29), "retenue",
        )
    ]  # fmt: skip
    assert ameliorations.retenues(store, "regions", date(2026, 11, 28)).is_empty(), "decided the day after"
    assert ameliorations.retenues(store, "industriels", date(2026, 11, 29)).is_empty()
    assert ameliorations.identifiants(store, "regions") == ["saisie-0001", "saisie-0002"]
