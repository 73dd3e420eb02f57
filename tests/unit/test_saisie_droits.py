"""Who may do what in the entry: one function, the whole table."""

from __future__ import annotations

import pytest

from lake.droits import Droits
from lake.droits_saisie import ACTIONS, EXPLOITANT, Acteur, Grant, Objet, may, may_give

MINE, OTHER, ELSEWHERE = Objet("44", 7, "QU"), Objet("44", 8, "QU"), Objet("11", 9, "QU")
EDITS = {"voir", "saisir", "commenter", "soumettre", "telecharger"}
ALLOWED = {
    "responsable_si": EDITS | {"creer", "modifier", "planifier", "valider", "renvoyer"},
    "responsable_service": EDITS | {"modifier", "planifier"},
    "expert": EDITS,
    "validateur": {"voir", "commenter", "valider", "renvoyer", "telecharger"},
    "lecteur": {"voir", "telecharger"},
}


def actor(role: str, profil: str = "grades_ars", region: str = "44", **more: object) -> Acteur:
    droits = Droits(frozenset({"convergence"}), regions=frozenset({region}))
    kind = "si_regional" if role == "responsable_si" else "metier"
    grant = Grant(1 if kind == "si_regional" else 7, kind, "44", role, **more)  # type: ignore[arg-type]
    return Acteur("a@ex.fr", profil, "Org", droits, (grant,), 5)


@pytest.mark.parametrize("role", ALLOWED)
@pytest.mark.parametrize("action", ACTIONS)
def test_each_role_does_what_its_line_says_on_its_own_object_only(role: str, action: str) -> None:
    who = actor(role)
    assert may(action, MINE, who) == (action in ALLOWED[role])
    assert may(action, OTHER, who) == (role == "responsable_si" and action in ALLOWED[role])
    assert not may(action, ELSEWHERE, who)


@pytest.mark.parametrize("action", ACTIONS)
def test_the_account_bounds_its_grants(action: str) -> None:
    narrowed = actor("responsable_si", region="11")
    assert not may(action, MINE, narrowed)
    assert may(action, MINE, EXPLOITANT)
    off = Acteur("a@ex.fr", "administrateur", "", Droits(), (), 5, actif=False)
    assert not may(action, MINE, off)
    # Experts from outside come in by a grant that names a service, never by one on a system.
    assert not may(action, MINE, actor("responsable_si", "expert_national"))
    assert may(action, MINE, actor("expert", "industriel")) == (action in EDITS)


def test_a_grant_on_a_questionnaire_opens_no_other() -> None:
    who = actor("expert", questionnaires=frozenset({"QU"}))
    assert may("saisir", MINE, who)
    assert not may("saisir", Objet("44", 7, "QI"), who)


def test_delegation_never_grows() -> None:
    chef = actor("responsable_service", peut_deleguer=True)
    assert may_give(MINE, "expert", chef)
    assert not may_give(MINE, "responsable_si", chef)
    assert not may_give(OTHER, "expert", chef)
    assert not may_give(MINE, "expert", actor("responsable_service"))


def test_nobody_validates_its_own_submission_but_who_answers_for_the_system() -> None:
    mine = Objet("44", 7, "QU", soumise_par="a@ex.fr")
    assert not may("valider", mine, actor("responsable_service", peut_valider=True))
    assert may("valider", Objet("44", 7, "QU"), actor("responsable_service", peut_valider=True))
    assert may("valider", mine, actor("responsable_si"))
