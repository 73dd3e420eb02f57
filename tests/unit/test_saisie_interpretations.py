"""Threads that a team opens to the national experts: what they read, what stays closed, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lake.droits import Droits
from lake.errors import AccessDenied, Refused
from lake.store.accounts import accounts
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.saisie import acteurs, attentes, avis, feuilles, fils, interpretations, services
from lake.store.saisie.feuilles import Reponse
from tests.unit.test_saisie_base import person, service

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
A = ("QU", "A05.1", "v1")


def asked(store: Store, number: int, par: str | None, texte: str = "Une carte compte-t-elle ?") -> int:
    fils.dire(store, number, *A[:2], texte, par=par, version_referentiel=A[2], now=NOW)
    return interpretations.ouvrir(store, number, *A, par=par, ou="Grand Est", now=NOW)


def titles(store: Store, who: Compte) -> list[str]:
    return [one["titre"] for one in avis.non_lus(store, who.id)]


def test_an_expert_reads_what_is_opened_and_nothing_else_of_the_service(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    anne, paul = person(store, "anne"), person(store, "paul")
    expert, other = (person(store, name, "expert_national") for name in ("ernest", "zoe"))
    accounts.narrow(store, other.id, Droits(frozenset({"convergence"}), regions=frozenset({"11"})), "x")
    acteurs.donner(store, anne.id, telec, "responsable_service", par=None)
    acteurs.donner(store, paul.id, telec, "lecteur", par=None)
    with pytest.raises(Refused, match="Aucune question n'est écrite"):
        interpretations.ouvrir(store, telec, *A, par=anne.email, ou="Grand Est")
    fils.dire(store, telec, "QU", "A05.1", "Une carte ?", par=anne.email, version_referentiel="v1", now=NOW)
    assert interpretations.fils(store, expert.email) == [], "a thread is the team's until it is opened"
    with pytest.raises(AccessDenied):
        interpretations.ouvrir(store, telec, *A, par=paul.email, ou="Grand Est")
    number = interpretations.ouvrir(store, telec, *A, par=anne.email, ou="Grand Est", now=NOW)
    assert interpretations.ouvrir(store, telec, *A, par=anne.email, ou="Grand Est") == number
    assert titles(store, expert) == ["Une question d’interprétation vous est posée : A05.1, Grand Est."]
    assert titles(store, other) == []
    # Signing in leads to what was asked, until it is read.
    assert attentes.attente(store, expert.email) == "saisie-interpretations"
    assert attentes.attente(store, other.email) == ""
    one = interpretations.fil(store, number, expert.email)
    # Neither the service's name, nor anybody's address; the question, its region, its kind.
    assert (one.nom, one.code, one.region, one.kind, one.version) == ("", "", "44", "metier", "v1")
    assert [(said["auteur"], said["organisation"]) for said in one.messages] == [("", "Org anne")]
    assert (one.attend, one.ecrit, one.equipe) == (True, True, False)
    for closed in (other, person(store, "dehors")):  # another region's expert, another region's team
        assert interpretations.fils(store, closed.email) == []
        with pytest.raises(AccessDenied, match="n'est pas ouvert aux experts"):
            interpretations.repondre(store, number, "moi", par=closed.email)
    # What else is of the service stays closed: an expert has no grant on it.
    with pytest.raises(AccessDenied):
        fils.dire(store, telec, "QU", "A05.1", "par la porte", par=expert.email, version_referentiel="v1")
    with pytest.raises(AccessDenied):
        feuilles.repondre(store, telec, "QU", "A05.1", Reponse("niveau", niveau=1), rev=0, par=expert.email)
    with pytest.raises(AccessDenied):
        interpretations.refermer(store, telec, *A, par=expert.email)


def test_an_expert_answers_and_the_team_is_told_once(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    anne, expert = person(store, "anne"), person(store, "ernest", "expert_national")
    acteurs.donner(store, anne.id, telec, "responsable_service", par=None)
    number = asked(store, telec, anne.email)
    with pytest.raises(Refused, match="Écrivez votre message"):
        interpretations.repondre(store, number, "  ", par=expert.email)
    interpretations.repondre(store, number, " Oui. ", par=expert.email, now=NOW)
    assert titles(store, expert) == [], "who answered is asked no more"
    assert titles(store, anne) == ["Un expert national a répondu sur A05.1, Téléconsultation."]
    said = fils.fil(store, telec, "QU")["A05.1"]
    assert [(one["texte"], one["national"]) for one in said] == [
        ("Une carte compte-t-elle ?", False),
        ("Oui.", True),
    ]
    assert not interpretations.fil(store, number, expert.email).attend
    # The team goes on, wherever it writes: the expert who answered is told, and something waits again.
    fils.dire(
        store, telec, "QU", "A05.1", "Et un lecteur ?", par=anne.email, version_referentiel="v1", now=NOW
    )
    interpretations.repondre(store, number, "À distance ?", par=anne.email, now=NOW)
    assert titles(store, expert) == ["Une équipe a écrit à la suite de votre réponse, sur A05.1."] * 2
    assert interpretations.fil(store, number, expert.email).attend
    fils.clore(store, telec, "QU", "A05.1", par=anne.email)
    assert interpretations.fil(store, number, expert.email).regle
    assert not interpretations.fil(store, number, expert.email).attend


def test_a_thread_closed_again_is_the_team_s_and_keeps_what_was_answered(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    anne, expert = person(store, "anne"), person(store, "ernest", "expert_national")
    acteurs.donner(store, anne.id, telec, "responsable_service", par=None)
    number = asked(store, telec, anne.email)
    interpretations.repondre(store, number, "Oui.", par=expert.email)
    fils.dire(store, telec, "QU", "A05.1", "Merci", par=anne.email, version_referentiel="v1")
    later = NOW + timedelta(days=1)
    interpretations.refermer(store, telec, *A, par=anne.email, now=later)
    assert titles(store, expert) == [], "no notice leads to what is closed"
    assert interpretations.fils(store, expert.email) == []
    with pytest.raises(AccessDenied, match="rien n'a été enregistré"):
        interpretations.repondre(store, number, "Trop tard", par=expert.email)
    kept = interpretations.fil(store, number, anne.email)
    assert (kept.visibilite, kept.nom, len(kept.messages)) == ("equipe", "Téléconsultation", 3)
    assert kept.messages[1]["auteur"] == expert.email
    # Opened again, the experts are told again.
    assert interpretations.ouvrir(store, telec, *A, par=anne.email, ou="Grand Est") == number
    assert titles(store, expert) == ["Une question d’interprétation vous est posée : A05.1, Grand Est."]


def test_a_thread_survives_a_change_of_the_referential_under_its_version(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    expert = person(store, "ernest", "expert_national")
    number = asked(store, telec, None)
    # The criterion is worded anew: what is said then is another thread, the team's.
    fils.dire(store, telec, "QU", "A05.1", "Et maintenant ?", par=None, version_referentiel="v2")
    one = interpretations.fil(store, number, expert.email)
    assert (one.version, [said["texte"] for said in one.messages]) == ("v1", ["Une carte compte-t-elle ?"])
    said = fils.fil(store, telec, "QU")["A05.1"]
    assert [(row["version_referentiel"], row["visibilite"]) for row in said] == [
        ("v1", "national"),
        ("v2", None),
    ]
    interpretations.repondre(store, number, "Oui, sous v1.", par=expert.email)
    assert fils.fil(store, telec, "QU")["A05.1"][-1]["version_referentiel"] == "v1"


def test_what_waits_comes_first_then_by_criterion_and_region(store: Store) -> None:
    expert = person(store, "ernest", "expert_national")
    made = []
    for region, critere in (("44", "A05.2"), ("11", "A05.2"), ("44", "A05.1"), ("11", "A04.1.1")):
        number = services.creer(store, region=region, kind="metier", nom=f"S {region} {critere}", par=None)
        fils.dire(store, number, "QU", critere, "?", par=None, version_referentiel="v1")
        made.append(interpretations.ouvrir(store, number, "QU", critere, "v1", par=None, ou=region))
    interpretations.repondre(store, made[3], "Oui", par=expert.email)
    found = [(one.critere, one.region) for one in interpretations.fils(store, expert.email)]
    assert found == [("A05.1", "44"), ("A05.2", "11"), ("A05.2", "44"), ("A04.1.1", "11")]
