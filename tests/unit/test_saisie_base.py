"""The entry's store, on SQLite and PostgreSQL: nothing typed is lost, nothing validated changes."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from lake.catalog import convergence_pos
from lake.droits import Droits
from lake.errors import AccessDenied, ContractError, EditConflict, LakeError, Refused
from lake.store.accounts import accounts, personal, sessions
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.saisie import (
    abandons,
    acteurs,
    attentes,
    copies,
    evenements,
    feuilles,
    plans,
    presences,
    sceaux,
    services,
    versions,
)
from lake.store.saisie.feuilles import FeuilleFermee, Reponse
from lake.store.saisie.presences import Vu
from lake.store.saisie.tables import EVENEMENTS, FEUILLES, PRESENCES, REPONSES, SERVICES, VERSIONS

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


def niveau(value: int) -> Reponse:
    return Reponse("niveau", niveau=value)


def service(store: Store, nom: str, kind: str = "metier", region: str = "44") -> int:
    return services.creer(store, region=region, kind=kind, nom=nom, par=None, now=NOW)


def person(store: Store, name: str, profil: str = "grades_ars", **more: Any) -> Compte:
    droits = Droits(frozenset({"convergence"}), regions=frozenset({"44"})) if profil == "grades_ars" else None
    made = accounts.create(
        store, email=f"{name}@ex.fr", nom=name.title(), prenom="A", organisation=f"Org {name}", profil=profil,
        droits=droits, **more,
    )  # fmt: skip
    return accounts.change(store, made.id, "x", etat="actif")


def sheet(store: Store, number: int, questionnaire: str = "QU") -> dict[str, Any]:
    return feuilles.feuille(store, number, questionnaire)


def validated(store: Store, number: int, questionnaire: str = "QU", **more: Any) -> int:
    one = sheet(store, number, questionnaire)
    return versions.valider(
        store, one["id"], rev=one["rev"], par=None, version_referentiel="2020-12-15", now=NOW, **more
    )


def test_two_people_on_one_criterion_keep_both_values(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    feuilles.repondre(store, telec, "QU", "A05.1", niveau(0), rev=0, par=None)
    assert feuilles.repondre(store, telec, "QU", "A05.1", niveau(2), rev=1, par=None) == 2
    with pytest.raises(EditConflict) as told:
        feuilles.repondre(store, telec, "QU", "A05.1", niveau(3), rev=1, par=None)
    assert (told.value.theirs["niveau"], told.value.revision) == (2, 2)
    # The refused value is not lost, and either choice saves in one more step.
    assert feuilles.mises_de_cote(store, telec, "QU")[0]["contenu"]["niveau"] == 3
    assert feuilles.repondre(store, telec, "QU", "A05.1", niveau(3), rev=2, par=None) == 3


def test_the_same_save_sent_twice_is_one(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    assert feuilles.repondre(store, telec, "QU", "A05.1", niveau(2), rev=0, par=None) == 1
    assert feuilles.repondre(store, telec, "QU", "A05.1", niveau(2), rev=0, par=None) == 1
    assert feuilles.mises_de_cote(store, telec, "QU") == []


def test_a_level_and_a_comment_never_conflict(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    feuilles.repondre(store, telec, "QU", "A05.1", niveau(1), rev=0, par=None)
    feuilles.commenter(store, telec, "QU", "A05.1", interne="<b>=1+1 | é\n😀", rev=0, par=None)
    feuilles.repondre(store, telec, "QU", "A05.1", niveau(2), rev=1, par=None)
    kept = feuilles.reponses(store, telec, "QU")["A05.1"]
    assert (kept["niveau"], kept["commentaire"]) == (2, "<b>=1+1 | é\n😀")
    feuilles.commenter(store, telec, "QU", "A05.1", interne="   ", rev=1, par=None)
    assert feuilles.reponses(store, telec, "QU")["A05.1"]["commentaire"] == ""
    with pytest.raises(Refused, match="4000 au plus"):
        feuilles.commenter(store, telec, "QU", "A05.1", interne="x" * 4001, rev=2, par=None)


def test_twenty_first_answers_at_once_make_one_row(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    outcomes: list[object] = []

    def save(value: int) -> None:
        try:
            outcomes.append(feuilles.repondre(store, telec, "QU", "A05.1", niveau(value), rev=0, par=None))
        except EditConflict as error:
            outcomes.append(error)

    threads = [threading.Thread(target=save, args=(rank % 4,)) for rank in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(REPONSES)).scalar_one() == 1
        assert connection.execute(sa.select(sa.func.count()).select_from(FEUILLES)).scalar_one() == 1
    kept = feuilles.reponses(store, telec, "QU")["A05.1"]["niveau"]
    refused = sum(isinstance(one, EditConflict) for one in outcomes)
    assert len(outcomes) == 12
    # Those that typed what is kept are told nothing; every other value is in the box.
    assert refused == len(feuilles.mises_de_cote(store, telec, "QU"))
    assert all(one["contenu"]["niveau"] != kept for one in feuilles.mises_de_cote(store, telec, "QU"))


def test_a_late_save_does_not_reopen_what_was_validated(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    for rank in range(11):
        feuilles.repondre(store, telec, "QU", f"C{rank:02d}", niveau(1), rev=0, par=None, vue=0)
    assert validated(store, telec) == 1
    with pytest.raises(FeuilleFermee, match="vient d'être validée"):
        feuilles.repondre(store, telec, "QU", "C00", niveau(3), rev=1, par=None, vue=0)
    assert sheet(store, telec)["etat"] == "validee"
    assert len(versions.historique(store, sheet(store, telec)["id"])[0].contenu["reponses"]) == 11
    assert feuilles.mises_de_cote(store, telec, "QU")[0]["contenu"]["niveau"] == 3
    # Opened again knowingly, it is a draft copied from the version.
    feuilles.repondre(store, telec, "QU", "C00", niveau(3), rev=1, par=None, vue=1)
    assert sheet(store, telec)["etat"] == "brouillon"


def test_a_double_click_validates_once_and_nothing_new_is_refused(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    feuilles.repondre(store, telec, "QU", "A05.1", niveau(1), rev=0, par=None)
    one = sheet(store, telec)
    again = [
        versions.valider(store, one["id"], rev=one["rev"], par=None, version_referentiel="v") for _ in "ab"
    ]
    assert again == [1, 1]
    feuilles.repondre(store, telec, "QU", "A05.1", niveau(2), rev=1, par=None)
    feuilles.repondre(store, telec, "QU", "A05.1", niveau(1), rev=2, par=None)
    with pytest.raises(Refused, match="Rien n'a changé depuis la version 1"):
        validated(store, telec)


def test_a_recap_that_is_not_the_latest_is_shown_again(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    feuilles.repondre(store, telec, "QU", "A05.1", niveau(1), rev=0, par=None)
    read = sheet(store, telec)
    feuilles.repondre(store, telec, "QU", "A05.2", niveau(1), rev=0, par=None)
    with pytest.raises(EditConflict):
        versions.valider(store, read["id"], rev=read["rev"], par=None, version_referentiel="v")
    assert sheet(store, telec)["derniere_version"] == 0


def test_not_applicable_asks_why_before_it_is_validated(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    feuilles.repondre(store, telec, "QU", "A05.2", Reponse("na"), rev=0, par=None)
    with pytest.raises(Refused, match=r"sans justification : A05\.2"):
        validated(store, telec)
    feuilles.repondre(
        store, telec, "QU", "A05.2", Reponse("na", justification_na="Aucun compte"), rev=1, par=None
    )
    assert validated(store, telec) == 1


def test_the_highest_need_is_justified_before_anything_is_validated(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    services.changer(store, telec, rev=1, par=None, besoins={"C": 4, "D": 3, "C_pourquoi": "  "})
    feuilles.repondre(store, telec, "QU", "A05.1", niveau(1), rev=0, par=None)
    with pytest.raises(
        Refused, match="Besoin 4 sans justification sur la fiche du service : Confidentialité"
    ):
        validated(store, telec)
    services.changer(store, telec, rev=2, par=None, besoins={"C": 4, "C_pourquoi": "Dossiers médicaux"})
    assert validated(store, telec) == 1


def test_a_draft_given_up_is_its_last_version_again_and_can_be_taken_back(store: Store) -> None:
    sso, telec = service(store, "Portail SSO", "infrastructure"), service(store, "Téléconsultation")

    def give_up(questionnaire: str = "QU", *, par: str | None = None, **more: Any) -> int:
        one = sheet(store, telec, questionnaire)
        said = {"rev": one["rev"], "version_referentiel": "2020-12-15", "now": NOW, **more}
        return abandons.abandonner(store, one["id"], par=par, **said)

    def held() -> dict[str, tuple[Any, ...]]:
        kept = ("nature", "niveau", "porte_par_id", "commentaire", "confirmee")
        rows = feuilles.reponses(store, telec, "QU")
        return {code: tuple(row[name] for name in kept) for code, row in rows.items()}

    feuilles.repondre(store, telec, "QU", "A05.1", niveau(1), rev=0, par=None)
    feuilles.repondre(store, telec, "QU", "A05.2", Reponse("porte", porte_par=sso), rev=0, par=None)
    feuilles.commenter(store, telec, "QU", "A05.1", interne="Vu en comité", rev=0, par=None)
    validated(store, telec)
    before = held()
    with pytest.raises(Refused, match="Rien à abandonner"):
        give_up()
    feuilles.repondre(store, telec, "QU", "A05.1", niveau(3), rev=1, par=None)
    feuilles.repondre(store, telec, "QU", "A11.1", niveau(2), rev=0, par=None)
    feuilles.commenter(store, telec, "QU", "A05.1", interne="Passé à 3", rev=1, par=None)
    draft = held()
    with pytest.raises(EditConflict):
        give_up(rev=1)
    with pytest.raises(Refused, match="sous le référentiel 2020-12-15"):
        give_up(version_referentiel="2027-01-01")
    # Who answers for the service may; an expert does not undo what others typed.
    anne, paul = person(store, "anne"), person(store, "paul")
    acteurs.donner(store, anne.id, telec, "expert", par=None)
    acteurs.donner(store, paul.id, telec, "responsable_service", par=None)
    with pytest.raises(AccessDenied):
        give_up(par=anne.email)
    assert give_up(par=paul.email) == 1
    assert {code: row for code, row in held().items() if row[0] != "vide"} == before
    assert sheet(store, telec)["etat"] == "validee"
    # A save that was on its way is refused and kept, as any late one.
    with pytest.raises(EditConflict):
        feuilles.repondre(store, telec, "QU", "A11.1", niveau(3), rev=1, par=None)
    number = sheet(store, telec)["id"]
    late = NOW + evenements.GARDE + timedelta(seconds=1)
    assert abandons.a_retablir(store, number, now=NOW) == NOW
    assert abandons.a_retablir(store, number, now=late) is None
    with pytest.raises(Refused, match="Aucun brouillon à rétablir"):
        abandons.retablir(store, number, rev=sheet(store, telec)["rev"], par=None, now=late)
    abandons.retablir(store, number, rev=sheet(store, telec)["rev"], par=paul.email, now=NOW)
    assert held() == draft
    assert sheet(store, telec)["etat"] == "brouillon"
    assert validated(store, telec) == 2
    assert sceaux.verifier(store) == (2, [])
    # A plan that was never validated is empty again; what is typed since is not written over.
    plans.planifier(store, telec, "QU", "A11.1", {3: "2027-T2"}, rev=0, par=None, now=NOW)
    assert give_up("PLAN-QU") == 0
    assert plans.etapes(store, telec, "QU") == []
    plan = sheet(store, telec, "PLAN-QU")
    assert plan["etat"] == "vide"
    abandons.retablir(store, plan["id"], rev=plan["rev"], par=None, now=NOW)
    assert [(one["etape"], one["trimestre"]) for one in plans.etapes(store, telec, "QU")] == [(4, "2027-T2")]
    give_up("PLAN-QU")
    plans.planifier(
        store,
        telec,
        "QU",
        "A11.1",
        {3: "2028-T1"},
        rev=sheet(store, telec, "PLAN-QU")["rev"],
        par=None,
        now=NOW,
    )
    assert abandons.a_retablir(store, plan["id"], now=NOW) is None


def test_answers_are_copied_of_a_like_service_and_confirmed_before_they_are_validated(store: Store) -> None:
    si, sso = service(store, "SI Grand Est", "si_regional"), service(store, "Portail", "infrastructure")
    telec, new = service(store, "Téléconsultation"), service(store, "Téléexpertise")
    away = service(store, "Ailleurs", region="11")
    paul = person(store, "paul")
    acteurs.donner(store, paul.id, new, "responsable_service", par=None)
    feuilles.repondre(store, new, "QU", "A05.2", niveau(3), rev=0, par=paul.email, now=NOW)
    feuilles.repondre(store, new, "QU", "A12.1", Reponse(), rev=0, par=paul.email, now=NOW)  # cleared
    answers = {
        ("QU", "A05.1"): Reponse("porte", porte_par=sso),
        ("QU", "A05.2"): niveau(1),
        ("QU", "A12.1"): niveau(2),
        ("QI", "A10.1"): Reponse("na"),
    }
    with pytest.raises(AccessDenied):  # he does not see the one that he would copy
        copies.copier(store, telec, new, answers, par=paul.email, now=NOW)
    acteurs.donner(store, paul.id, telec, "lecteur", par=None)
    with pytest.raises(AccessDenied):  # nor answers for the one that he reads
        copies.copier(store, new, telec, answers, par=paul.email, now=NOW)
    with pytest.raises(Refused, match="de même nature"):
        copies.copier(store, sso, new, answers, par=None, now=NOW)
    assert copies.refus(store, new, answers) == {}
    assert (
        "n'est pas un service d'infrastructure actif de la région"
        in (copies.refus(store, away, answers)["QU", "A05.1"])
    )
    assert copies.copier(store, telec, new, answers, par=paul.email, now=NOW) == 3
    kept = feuilles.reponses(store, new, "QU")
    assert {code: (one["nature"], one["niveau"], one["confirmee"]) for code, one in kept.items()} == {
        "A05.1": ("porte", None, False), "A05.2": ("niveau", 3, True), "A12.1": ("niveau", 2, False),
    }  # fmt: skip
    assert services.utilise(store, new) == [sso]
    assert copies.copier(store, telec, new, answers, par=paul.email, now=NOW) == 0, "the same copied twice"
    # Nobody read them yet: they are validated by nobody, not even the operator.
    with pytest.raises(Refused, match=r"que personne n'a confirmées : A05\.1, A12\.1"):
        validated(store, new)
    feuilles.repondre(store, new, "QU", "A05.1", Reponse("porte", porte_par=sso), rev=1, par=None, now=NOW)
    feuilles.repondre(store, new, "QU", "A12.1", niveau(1), rev=2, par=None, now=NOW)
    assert validated(store, new) == 1
    # Given up, a copy is undone.
    here = sheet(store, new, "QI")
    abandons.abandonner(
        store, here["id"], rev=here["rev"], par=None, version_referentiel="2020-12-15", now=NOW
    )
    assert feuilles.reponses(store, new, "QI")["A10.1"]["nature"] == "vide"
    # A sheet that waits to be validated takes nothing, and the whole copy is taken back.
    feuilles.repondre(store, new, "QU", "A05.2", niveau(2), rev=1, par=None, now=NOW)
    here = sheet(store, new)
    versions.soumettre(store, here["id"], rev=here["rev"], par=None, now=NOW)
    with pytest.raises(FeuilleFermee):
        copies.copier(
            store, telec, new, {("QI", "A10.1"): Reponse("na"), ("QU", "A13.1"): niveau(1)}, par=None, now=NOW
        )
    assert feuilles.reponses(store, new, "QI")["A10.1"]["nature"] == "vide"
    assert si


def test_the_database_refuses_to_touch_a_version(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    feuilles.repondre(store, telec, "QU", "A05.1", niveau(1), rev=0, par=None)
    validated(store, telec)
    for statement in (sa.update(VERSIONS).values(motif="autre"), sa.delete(VERSIONS)):
        with pytest.raises(sa.exc.DBAPIError, match="append only"), store.writing() as connection:
            connection.execute(statement)
    assert sceaux.verifier(store) == (1, [])


def test_a_byte_changed_under_the_guard_is_named(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    feuilles.repondre(store, telec, "QU", "A05.1", niveau(1), rev=0, par=None)
    validated(store, telec)
    with store.writing() as connection:  # what somebody with the keys of the database could do
        if store.sqlite:
            connection.exec_driver_sql("DROP TRIGGER saisie_versions_sans_modification")
        else:
            connection.exec_driver_sql("DROP TRIGGER saisie_versions_sans_modification ON saisie_versions")
        text = connection.execute(sa.select(VERSIONS.c.contenu)).scalar_one()
        connection.execute(sa.update(VERSIONS).values(contenu=text.replace('"niveau":1', '"niveau":2')))
    count, wrong = sceaux.verifier(store)
    assert count == 1
    assert wrong == ["44-0001 / QU, version 1 : le contenu n'est plus celui qui a été validé"]


def test_a_region_has_one_system_however_many_create_it(store: Store) -> None:
    outcomes: list[object] = []

    def create(name: str) -> None:
        try:
            outcomes.append(service(store, name, "si_regional"))
        except Refused as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=create, args=(f"SI {rank}",)) for rank in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(isinstance(one, int) for one in outcomes) == 1
    assert all("a déjà son système d'information" in one for one in outcomes if isinstance(one, str))


def test_carriers_are_infrastructure_of_the_region_without_loop(store: Store) -> None:
    sso, hub, telec = (
        service(store, "Portail SSO", "infrastructure"),
        service(store, "Hub", "infrastructure"),
        service(store, "Téléconsultation"),
    )
    elsewhere = service(store, "SSO Île-de-France", "infrastructure", region="11")

    def carried(who: int, by: int, rev: int = 0) -> int:
        return feuilles.repondre(store, who, "QU", "A05.1", Reponse("porte", porte_par=by), rev=rev, par=None)

    for wrong in (telec, elsewhere):
        with pytest.raises(Refused, match=r"A05\.1 : .*infrastructure actif de la région"):
            carried(sso, wrong)
    carried(telec, sso)
    assert services.utilise(store, telec) == [sso]
    carried(sso, hub)
    with pytest.raises(Refused, match="Hub → Portail SSO → Hub"):
        carried(hub, sso)
    feuilles.repondre(store, hub, "QU", "A05.2", Reponse("niveau", niveau=1, transmis=False), rev=0, par=None)
    with pytest.raises(Refused, match="ne transmet pas ce critère"):
        feuilles.repondre(store, telec, "QU", "A05.2", Reponse("porte", porte_par=hub), rev=0, par=None)


def test_two_validations_cannot_close_a_loop_together(store: Store) -> None:
    one, other = service(store, "Un", "infrastructure"), service(store, "Deux", "infrastructure")
    feuilles.repondre(store, one, "QU", "A05.1", Reponse("porte", porte_par=other), rev=0, par=None)
    validated(store, one)
    # The draft of one leaves the loop; what was validated still holds it.
    feuilles.repondre(store, one, "QU", "A05.1", niveau(1), rev=1, par=None)
    feuilles.repondre(store, other, "QU", "A05.1", Reponse("porte", porte_par=one), rev=0, par=None)
    with pytest.raises(ContractError, match="44-0001 → 44-0002 → 44-0001"):
        validated(store, other)
    assert sheet(store, other)["derniere_version"] == 0


def test_a_plan_holds_together_and_begins_now(store: Store) -> None:
    telec = service(store, "Téléconsultation")

    def plan(steps: dict[int, str], rev: int, now: datetime = NOW, **more: Any) -> int:
        return plans.planifier(store, telec, "QU", "A11.1", steps, rev=rev, par=None, now=now, **more)

    with pytest.raises(Refused, match="un niveau plus haut ne vient pas avant un plus bas"):
        plan({1: "2027-T3", 2: "2027-T2"}, 0)
    with pytest.raises(Refused, match="2026-T3 est passé"):
        plan({1: "2026-T3", 2: "2027-T2"}, 0)
    with pytest.raises(Refused, match="« bientôt » n'est pas un trimestre"):
        plan({1: "bientôt"}, 0)
    assert plans.etapes(store, telec, "QU") == []
    # Equal quarters and skipped levels hold; so does the current quarter, until its last day in Paris.
    assert plan({1: "2026-T4", 3: "2026-T4"}, 0, jalons=["J06", "J07", "J06"]) == 1
    assert {one["jalons"] for one in plans.etapes(store, telec, "QU")} == {"J06|J07"}
    # A step that was there when its quarter ended stays there: only what is newly planned begins now.
    later = datetime(2027, 2, 1, tzinfo=UTC)
    assert plan({1: "2026-T4", 3: "2027-T2"}, 1, later) == 2
    with pytest.raises(Refused, match="2026-T4 est passé"):
        plan({1: "2026-T4", 2: "2026-T4"}, 2, later)
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # the first of January, in Paris
    with pytest.raises(Refused, match="2026-T4 est passé"):
        plan({2: "2026-T4"}, 2, new_year)


def test_a_plan_says_what_it_waits_for_and_versions_without_it_are_no_change(store: Store) -> None:
    telec = service(store, "Téléconsultation")

    def plan(rev: int, *jalons: str) -> int:
        return plans.planifier(
            store, telec, "QU", "A11.1", {2: "2027-T2"}, rev=rev, par=None, jalons=jalons, now=NOW
        )

    plan(0)
    assert validated(store, telec, "PLAN-QU") == 1
    content = versions.historique(store, sheet(store, telec, "PLAN-QU")["id"])[0].contenu
    assert content["etapes"][0]["jalons"] == ""
    before = {"etapes": [{k: v for k, v in content["etapes"][0].items() if k != "jalons"}]}
    assert versions._plain(before) == versions._plain(content)
    plan(sheet(store, telec, "PLAN-QU")["rev"], "J06")
    assert validated(store, telec, "PLAN-QU") == 2
    # Given up, the draft is the last version again, its milestones with it.
    plan(sheet(store, telec, "PLAN-QU")["rev"], "J07")
    here = sheet(store, telec, "PLAN-QU")
    abandons.abandonner(
        store, here["id"], rev=here["rev"], par=None, version_referentiel="2020-12-15", now=NOW
    )
    assert [one["jalons"] for one in plans.etapes(store, telec, "QU")] == ["J06"]
    assert sceaux.verifier(store) == (2, [])


def test_a_draft_given_up_is_purged_after_its_thirty_days(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    feuilles.repondre(store, telec, "QU", "A05.1", niveau(2), rev=0, par=None)
    here = sheet(store, telec)
    abandons.abandonner(
        store, here["id"], rev=here["rev"], par=None, version_referentiel="2020-12-15", now=NOW
    )
    assert personal.purge(store, now=NOW + timedelta(days=29))["brouillons_abandonnes"] == 0
    assert abandons.a_retablir(store, here["id"], now=NOW + timedelta(days=29)) == NOW
    assert personal.purge(store, now=NOW + timedelta(days=31))["brouillons_abandonnes"] == 1
    assert abandons.a_retablir(store, here["id"], now=NOW) is None
    with store.reading() as connection:
        assert "abandon" not in set(connection.execute(sa.select(EVENEMENTS.c.genre)).scalars())


def test_a_plan_has_steps_or_a_reason(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    assert plans.planifier(store, telec, "QU", "A11.1", {3: "2027-T2"}, rev=0, par=None, now=NOW) == 1
    assert [(one["etape"], one["trimestre"]) for one in plans.etapes(store, telec, "QU")] == [(4, "2027-T2")]
    with pytest.raises(EditConflict):
        plans.planifier(store, telec, "QU", "A11.1", {}, rev=0, par=None)
    with pytest.raises(Refused, match="s'excluent"):
        plans.planifier(
            store, telec, "QU", "A11.1", {2: "2027-T1"}, rev=1, par=None, non_planifiable="bloque_editeur"
        )
    plans.planifier(store, telec, "QU", "A11.1", {}, rev=1, par=None, non_planifiable="bloque_editeur")
    assert [one["motif"] for one in plans.etapes(store, telec, "QU")] == ["bloque_editeur"]
    assert validated(store, telec, "PLAN-QU") == 1


# -- rights ------------------------------------------------------------------------------------------


def test_narrowing_stops_writing_at_the_next_save_and_keeps_what_was_typed(store: Store) -> None:
    si, telec = service(store, "SI Grand Est", "si_regional"), service(store, "Téléconsultation")
    claire = person(store, "claire")
    acteurs.donner(store, claire.id, si, "responsable_si", par=None)
    feuilles.repondre(store, telec, "QU", "A05.1", niveau(1), rev=0, par=claire.email)
    narrow = Droits(frozenset({"convergence"}), regions=frozenset({"11"}))
    accounts.narrow(store, claire.id, narrow, "chef")
    with pytest.raises(AccessDenied, match="rien n'a été enregistré"):
        feuilles.repondre(store, telec, "QU", "A05.1", niveau(2), rev=1, par=claire.email)
    assert feuilles.reponses(store, telec, "QU")["A05.1"]["niveau"] == 1


def test_who_submits_does_not_validate_and_a_reason_is_needed_to_send_back(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    anne, paul = person(store, "anne"), person(store, "paul")
    acteurs.donner(store, anne.id, telec, "responsable_service", par=None, peut_valider=True)
    acteurs.donner(store, paul.id, telec, "validateur", par=None)
    feuilles.repondre(store, telec, "QU", "A05.1", niveau(1), rev=0, par=anne.email)
    one = sheet(store, telec)
    versions.soumettre(store, one["id"], rev=one["rev"], par=anne.email)
    with pytest.raises(FeuilleFermee, match="attend sa validation"):
        feuilles.repondre(store, telec, "QU", "A05.1", niveau(2), rev=1, par=anne.email)
    with pytest.raises(AccessDenied):
        versions.valider(store, one["id"], rev=one["rev"], par=anne.email, version_referentiel="v")
    with pytest.raises(Refused, match="10 caractères"):
        versions.renvoyer(store, one["id"], "non", par=paul.email)
    versions.renvoyer(store, one["id"], "Le niveau 1 est à revoir", par=paul.email)
    assert (sheet(store, telec)["etat"], sheet(store, telec)["renvoi_motif"]) == (
        "brouillon",
        "Le niveau 1 est à revoir",
    )
    versions.soumettre(store, one["id"], rev=one["rev"], par=anne.email)
    assert versions.valider(store, one["id"], rev=one["rev"], par=paul.email, version_referentiel="v") == 1
    kept = versions.historique(store, one["id"])[0]
    assert (kept.validee_par, kept.validee_org) == ("paul@ex.fr", "Org paul")


def test_nobody_gives_more_than_it_has(store: Store) -> None:
    si, telec = service(store, "SI Grand Est", "si_regional"), service(store, "Téléconsultation")
    chef = person(store, "chef")
    acteurs.donner(store, chef.id, telec, "responsable_service", par=None, peut_deleguer=True)
    under, stranger = person(store, "sous", responsable_id=chef.id), person(store, "autre")
    acteurs.donner(store, under.id, telec, "expert", par=chef.email, questionnaires=["QU"])
    for who, on, role in (
        (under, telec, "responsable_si"),
        (under, si, "expert"),
        (stranger, telec, "expert"),
    ):
        with pytest.raises(AccessDenied):
            acteurs.donner(store, who.id, on, role, par=chef.email)
    feuilles.repondre(store, telec, "QU", "A05.1", niveau(1), rev=0, par=under.email)
    with pytest.raises(AccessDenied):
        feuilles.repondre(store, telec, "QI", "A10.1", niveau(1), rev=0, par=under.email)
    acteurs.retirer(store, under.id, telec, "expert", par=chef.email)
    with pytest.raises(AccessDenied):
        feuilles.repondre(store, telec, "QU", "A05.1", niveau(2), rev=1, par=under.email)


def test_who_signs_in_lands_on_what_waits_for_it(store: Store) -> None:
    si, telec = service(store, "SI Grand Est", "si_regional"), service(store, "Téléconsultation")
    claire = person(store, "claire")
    acteurs.donner(store, claire.id, si, "responsable_si", par=None, peut_deleguer=True)
    anne = person(store, "anne", responsable_id=claire.id)
    far = service(store, "Ailleurs", region="11")
    assert [attentes.attente(store, one.email) for one in (claire, anne)] == ["", ""]
    # Invited: the service that somebody gave, until something of it is answered.
    acteurs.donner(store, anne.id, telec, "expert", par=claire.email)
    assert attentes.attente(store, anne.email) == "saisie-questionnaire?s=44-0002"
    feuilles.repondre(store, telec, "QU", "A11.1", niveau(1), rev=0, par=anne.email, now=NOW)
    feuilles.repondre(
        store, telec, "QU", "A05.1", niveau(1), rev=0, par=anne.email, now=NOW + timedelta(seconds=1)
    )
    feuilles.repondre(store, far, "QU", "A05.1", niveau(1), rev=0, par=None, now=NOW)
    # Its last criterion, as long as the sheet is a draft.
    assert attentes.attente(store, anne.email) == "saisie-questionnaire?s=44-0002&q=QU&critere=A05.1"
    versions.soumettre(store, sheet(store, telec)["id"], rev=sheet(store, telec)["rev"], par=anne.email)
    assert attentes.attente(store, anne.email) == ""
    # What is to be validated comes first; several are on the dashboard, and another region's are nobody's here.
    feuilles.repondre(store, si, "QR", "A03.1", niveau(1), rev=0, par=claire.email, now=NOW)
    assert attentes.attente(store, claire.email) == "saisie-validation?s=44-0002&q=QU"
    feuilles.repondre(store, telec, "QI", "A10.1", niveau(1), rev=0, par=anne.email, now=NOW)
    for number, name in ((telec, "QI"), (far, "QU")):
        one = sheet(store, number, name)
        versions.soumettre(store, one["id"], rev=one["rev"], par=None)
    assert attentes.attente(store, claire.email) == "saisie-tableau"
    admin = person(store, "admin", "administrateur")
    assert attentes.attente(store, admin.email) == ""
    acteurs.retirer(store, anne.id, telec, "expert", par=claire.email)
    assert attentes.attente(store, anne.email) == ""


def test_a_type_stands_in_its_zone_and_says_whether_it_is_of_the_tronc_commun(store: Store) -> None:
    assert sum(len(types) for types in convergence_pos.TYPES.values()) == 36
    telec = service(store, "Téléconsultation")

    def change(**fields: Any) -> tuple[Any, ...]:
        rev = services.de_code(store, "44-0001")["rev"]
        services.changer(store, telec, rev=rev, par=None, now=NOW, **fields)
        kept = services.de_code(store, "44-0001")
        return kept["zone_pos"], kept["type_service"], kept["tronc_commun"]

    for zone, name in (("6.1", "Télésoin"), ("4.1", "Fournisseur local"), ("8", "Portail")):
        with pytest.raises(Refused, match="est un type de la zone") as told:
            change(zone_pos=zone, type_service=name)
        assert told.value.champ == "type_service"
    # A type of one zone alone brings it; one of two waits for its zone.
    assert change(type_service="Télésoin") == ("6.5", "Télésoin", True)
    assert change(zone_pos=None, type_service="Portail") == (None, "Portail", True)
    assert change(zone_pos="3") == ("3", "Portail", True)
    # Another type is not of the tronc commun; against what the type says, a reason is asked and kept.
    assert change(type_service="Agenda partagé", tronc_commun=True) == ("3", "Agenda partagé", False)
    with pytest.raises(Refused, match="« Agenda partagé » n'est pas du tronc commun") as told:
        change(tronc_commun=True)
    assert told.value.champ == "tronc_commun"
    assert change(tronc_commun=True, tronc_motif=" Arbitré en comité ") == ("3", "Agenda partagé", True)
    assert change(nom="Téléconsultation de l'Est", tronc_commun=True) == ("3", "Agenda partagé", True)
    with store.reading() as connection:
        events = sa.select(EVENEMENTS.c.contenu).where(EVENEMENTS.c.genre == "tronc_commun")
        assert [json.loads(one) for one in connection.execute(events).scalars()] == [
            {"motif": "Arbitré en comité", "tronc_commun": True}
        ]
    # Unsaid, nothing is derived.
    assert change(type_service=None) == ("3", None, True)
    # What a file said otherwise stays as it is until somebody changes it; an unsaid zone is no change.
    for zone in ("6.1", ""):
        with store.writing() as connection:
            found = sa.update(SERVICES).where(SERVICES.c.id == telec)
            connection.execute(found.values(zone_pos=zone, type_service="Portail", tronc_commun=False))
        assert change(nom="Portail de l'Est")[1:] == ("Portail", False)


def test_a_service_changed_twice_is_told(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    assert services.changer(store, telec, rev=1, par=None, besoins={"C": 4}) == 2
    with pytest.raises(EditConflict) as told:
        services.changer(store, telec, rev=1, par=None, nom="Autre nom")
    assert told.value.theirs == {"nom": "Téléconsultation"}
    with pytest.raises(Refused, match="de 2 à 200"):
        services.changer(store, telec, rev=2, par=None, nom="x")
    with pytest.raises(Refused, match="de 1 à 4"):
        services.changer(store, telec, rev=2, par=None, besoins={"D": 5})
    services.changer(store, telec, rev=2, par=None, etat="archive")
    with pytest.raises(FeuilleFermee, match="archivé"):
        feuilles.repondre(store, telec, "QU", "A05.1", niveau(1), rev=0, par=None)
    with pytest.raises(LakeError, match="n'existe pas"):
        services.changer(store, 999, rev=1, par=None, nom="Rien")


def seen(store: Store, name: str) -> Vu:
    """Somebody signed in."""
    made = person(store, name)
    current = sessions.current(store, sessions.open_session(store, made, now=NOW), now=NOW)
    assert current is not None
    return Vu(current[0], made.id)


def test_who_is_on_a_criterion_is_told_for_45_seconds_and_locks_nobody_out(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    claire, paul = seen(store, "claire"), seen(store, "paul")
    acteurs.donner(store, claire.compte, telec, "expert", par=None)

    def there(after: int) -> list[tuple[str, str]]:
        return [(one.nom, one.critere) for one in presences.presentes(store, NOW + timedelta(seconds=after))]

    presences.marquer(store, telec, "QU", "A05.1", claire, par="claire@ex.fr", now=NOW)
    assert there(44) == [("A Claire", "A05.1")]
    assert there(45) == []
    # An answer moves her on in its own transaction; somebody else answers the criterion that she is on.
    later = NOW + timedelta(seconds=60)
    feuilles.repondre(
        store,
        telec,
        "QU",
        "A05.2",
        niveau(1),
        rev=0,
        par="claire@ex.fr",
        avec=presences.avec("A05.2", claire, later),
    )
    feuilles.repondre(store, telec, "QU", "A05.2", niveau(2), rev=1, par=None, now=later)
    assert there(90) == [("A Claire", "A05.2")]
    # Refused, an answer marks nobody; without a right to answer, nobody is there.
    with pytest.raises(EditConflict):
        feuilles.repondre(
            store, telec, "QU", "A05.2", niveau(3), rev=1, par=None,
            avec=presences.avec("A11.1", claire, later),
        )  # fmt: skip
    with pytest.raises(AccessDenied):
        presences.marquer(store, telec, "QU", "A05.1", paul, par="paul@ex.fr", now=later)
    assert there(90) == [("A Claire", "A05.2")]
    # Two tabs at once are one row; who left is forgotten, and a session that ends is nobody's.
    threads = [
        threading.Thread(
            target=presences.marquer,
            args=(store, telec, "QU", "A12.1", claire),
            kwargs={"par": None, "now": later},
        )
        for _ in range(4)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert there(61) == [("A Claire", "A12.1")]
    presences.marquer(store, telec, "QI", "A04.1", paul, par=None, now=NOW + timedelta(seconds=200))
    with store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(PRESENCES)).scalar() == 1
    sessions.close(store, accounts.get(store, paul.compte))
    assert there(201) == []
