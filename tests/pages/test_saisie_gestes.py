"""What each form and each file of the entry does among several: what is kept, and what is told then."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from apps.kit.data.data import open_lake
from apps.kit.forms import Attached, Submission, told
from apps.saisie import (
    administration,
    archive,
    calcul,
    campagnes,
    cloture,
    commencer,
    comparaison,
    conseils,
    fiche_service,
    jalons,
    presences,
    publication,
    publieur,
    recu,
    referentiels,
    rendre,
    tableur,
    trajectoire,
)
from apps.saisie.entree import Entree
from apps.saisie.jalons import Jalon
from apps.saisie.voisins import Repartition
from lake.catalog.convergence import PLANS, REPONSES, SERVICES, trimestre_acheve
from lake.errors import LakeError, Refused
from lake.settings import Settings
from lake.store.accounts import accounts
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.saisie import acteurs, feuilles, plans, services, versions
from lake.store.saisie.feuilles import Reponse
from lake.store.saisie.presences import Vu
from tests.pages.test_saisie_deux_regions import NOW, clock, read_by, store, world
from tests.spoken import plain
from tests.unit.test_saisie_commandes import rewritten

__all__ = ["clock", "read_by", "store", "world"]  # fixtures
JOUR = date(2026, 11, 29)


@pytest.fixture
def here(store: Store, read_by: Callable[[str], None]) -> Callable[[str], Entree]:
    """The entry as one of the people has it."""

    def of(name: str) -> Entree:
        read_by(name)
        email = f"{name}@ex.fr"
        return Entree(
            store, acteurs.acteur(store, email), email,
            referentiels.en_vigueur_partout(open_lake().snapshot().scan, JOUR), JOUR,
        )  # fmt: skip

    return of


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is told beside the sentence of a form."""
    found: list[str] = []
    monkeypatch.setattr(told, "warn", found.append)
    return found


def sent(action: str = "enregistrer", revision: int | None = None, **values: Any) -> Submission:
    return Submission(values, values, action, None, revision, "clé")


# -- Commencer and the card ----------------------------------------------------------------------------


def test_a_name_that_is_taken_is_told_with_whose_it_is(here: Callable[[str], Entree], store: Store) -> None:
    claire = here("claire")
    seen = claire.services()
    values = {"region": "44", "kind": "metier", "description": None}
    said = commencer._service(claire, sent(**values, nom="téléconsultation"), seen)
    assert said == (
        "« téléconsultation » est créé ; il n’est publié qu’une fois une feuille validée. "
        "Attention : « Téléconsultation » existe déjà (44-0004)."
    )
    said = commencer._service(claire, sent(**values, nom="Télérégulation"), seen)
    assert said == "« Télérégulation » est créé ; il n’est publié qu’une fois une feuille validée."
    made = services.de_code(store, "44-0010")
    assert (made["nom"], made["kind"], made["region"], made["description"]) == (
        "Télérégulation",
        "metier",
        "44",
        "",
    )
    assert made["responsable_id"] == claire.who.compte_id


def test_who_begins_reads_what_comes_next(here: Callable[[str], Entree], store: Store) -> None:
    said = commencer._system(here("admin"), sent(region="24", nom="SI Centre"))
    assert said == "« SI Centre » est créé. Décrivez maintenant ses services d’infrastructure."
    assert services.de_code(store, "24-0001")["kind"] == "si_regional"
    ines = here("ines")
    said = commencer._product(ines, sent(region="E01", nom="Messagerie", description="Échange"))
    assert said == "« Messagerie » est créé ; il n’est publié qu’une fois son questionnaire validé."
    made = services.de_code(store, "E01-0003")
    assert (made["kind"], made["description"]) == ("produit", "Échange")


def card(service: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the form of a card holds, changed."""
    kept = {name: service[name] for name in services.PROPRES}
    return kept | {"responsable_id": None, "type_service": None, "type_autre": "", "zone_pos": ""} | more


def test_a_card_keeps_each_thing_where_it_belongs(here: Callable[[str], Entree], store: Store) -> None:
    claire = here("claire")
    service = claire.service("44-0006")
    said = fiche_service._changed(
        claire, service,
        sent(
            revision=service["rev"],
            **card(
                service, nom="Parcours 2", prestataire="P", hebergeur="H", description=None, publiable=False,
                publiable_motif="technique", portage_mandataire="Un ; Deux", besoin_D=2, pourquoi_D="Parce que",
                catalogue_publique=True, catalogue_public="Patients", responsable_id=claire.who.compte_id,
            ),
        ),
        {},
    )  # fmt: skip
    assert said == "Fiche enregistrée."
    now = services.de_code(store, "44-0006")
    assert (now["nom"], now["prestataire"], now["hebergeur"], now["description"]) == (
        "Parcours 2",
        "P",
        "H",
        "",
    )
    assert (now["publiable"], now["publiable_motif"], now["ouverture"]) == (False, "technique", "2027-T3")
    assert (now["zone_pos"], now["responsable_id"]) == (None, claire.who.compte_id)
    needs, shown = json.loads(now["besoins"]), json.loads(now["catalogue"])
    assert (needs["D"], needs["D_pourquoi"], needs["I"]) == (2, "Parce que", None)
    assert (shown["publique"], shown["public"]) == (True, "Patients")
    with pytest.raises(LakeError):  # somebody else changed it meanwhile
        fiche_service._changed(claire, service, sent(revision=service["rev"], **card(service)), {})


def test_a_type_says_whether_the_service_counts_unless_one_says_why_not(
    here: Callable[[str], Entree], store: Store
) -> None:
    claire = here("claire")

    def save(**more: Any) -> str:
        service = services.de_code(store, "44-0006")
        return fiche_service._changed(
            claire, service, sent(revision=service["rev"], **card(service, **more)), {}
        )

    kind = {"zone_pos": "6.5", "type_service": "Télésoin"}
    other = {"zone_pos": "6.5", "type_service": "autre", "type_autre": " Agenda "}
    assert save(**other, tronc_commun=True) == (
        "Fiche enregistrée : d’après son type, le service ne compte pas dans le tronc commun."
    )
    assert services.de_code(store, "44-0006")["type_service"] == "Agenda"
    assert save(**kind, tronc_commun=False) == (
        "Fiche enregistrée : d’après son type, le service compte dans le tronc commun."
    )
    assert save(**kind, tronc_commun=True) == "Fiche enregistrée."
    assert fiche_service._type_initial("Agenda") == {"type_service": "autre", "type_autre": "Agenda"}
    assert fiche_service._type_initial("Télésoin") == {"type_service": "Télésoin", "type_autre": ""}
    assert fiche_service._type_initial(None) == {"type_service": None, "type_autre": ""}


def test_who_leans_on_whom_and_what_runs_it_are_kept_line_by_line(
    here: Callable[[str], Entree], store: Store
) -> None:
    claire = here("claire")
    service = claire.service("44-0004")
    carriers = [services.de_code(store, code)["id"] for code in ("44-0002", "44-0003")]
    assert fiche_service._linked(claire, service, sent(utilise=carriers)) == "Appuis enregistrés."
    assert sorted(services.utilise(store, service["id"])) == sorted(carriers)
    fiche_service._linked(claire, service, sent(utilise=None))
    assert services.utilise(store, service["id"]) == []
    typed = "Éditeur A ; Visio\n\n ; rien\nSeul\nÉditeur B;"
    assert fiche_service._equipped(claire, service, sent(paires=typed)) == "Solutions enregistrées."
    assert sorted(services.solutions(store, service["id"])) == [
        ("Seul", "Seul"), ("Éditeur A", "Visio"), ("Éditeur B", "Éditeur B"),
    ]  # fmt: skip


def test_a_question_shown_again_asks_to_confirm_what_it_hid_and_nothing_else(
    here: Callable[[str], Entree], store: Store, warned: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    claire = here("claire")
    service = services.de_code(store, "44-0004")
    hidden = claire.referentiel.criteres.filter(question="instance_ror", sujet="service")
    code, sheet = hidden.select("critere", "questionnaire").row(0)
    feuilles.repondre(store, service["id"], sheet, code, Reponse("niveau", niveau=1), rev=0, par=None)
    monkeypatch.setattr(fiche_service, "entree", lambda: claire)
    for value in ("oui", "non", "inconnu"):
        monkeypatch.setattr(fiche_service.st, "session_state", {"preliminaire_instance_ror": value})
        fiche_service._answered(service["id"], "instance_ror")
        kept = services.preliminaires(store, service["id"])["instance_ror"]
        assert kept is {"oui": True, "non": False, "inconnu": None}[value]
    assert warned == ["Les réponses aux critères cachés sont gardées, et ne sont pas publiées."]
    answers = feuilles.reponses(store, service["id"], "QU") | feuilles.reponses(store, service["id"], sheet)
    unsure = {code for code, one in answers.items() if one["nature"] != "vide" and not one["confirmee"]}
    assert unsure == {code}, "what the question hides, and no other answer"


# -- What is computed ----------------------------------------------------------------------------------


def test_a_step_is_reached_the_first_time_that_its_level_was(
    here: Callable[[str], Entree], store: Store
) -> None:
    found = (
        calcul.etapes_passees(store, here("claire").referentiel)
        .filter(service="44-0002")
        .sort("critere", "niveau")
    )
    days = [
        (row["critere"], row["niveau"], row["trimestre"], row["le"]) for row in found.iter_rows(named=True)
    ]
    assert days == [
        ("A05.1", 2, "2025-T1", date(2025, 8, 10)),  # lost in February, reached again in July
        ("A05.1", 3, "2026-T1", None),
        ("A05.2", 3, "2027-T1", date(2025, 1, 10)),
    ]


def test_delays_are_those_of_the_steps_whose_quarter_is_over(
    here: Callable[[str], Entree], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[list[int], list[int]]] = []
    monkeypatch.setattr(
        trajectoire, "survie", lambda done, still: given.append((sorted(done), sorted(still)))
    )
    trajectoire._passe(store, here("claire").referentiel, trimestre_acheve(JOUR))
    assert given == [([2], [2, 5, 5])], (
        "reached two quarters late; open since; what is planned for later is not due"
    )


def test_what_is_asked_of_a_service_is_read_beside_those_that_one_sees(
    here: Callable[[str], Entree], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[set[str]] = []

    def questions(*frames: pl.DataFrame) -> pl.DataFrame:
        given.extend(set(frame["service"]) for rank, frame in enumerate(frames) if rank != 3)
        return pl.DataFrame(
            {"service": ["44-0002", "44-0004"], "critere": ["A1", "A2"], "question": ["?", "!"]}
        )

    monkeypatch.setattr(conseils, "questions", questions)
    seen = ["44-0002", "44-0004"]
    assert conseils.a_demander(store, here("claire").referentiel, seen, "44-0002") == [("A1", "?")]
    assert given == [set(seen)] * 4


def test_an_editor_is_asked_for_what_holds_back_its_own_users(
    here: Callable[[str], Entree], store: Store
) -> None:
    def asked(who: str, editor: str) -> dict[str, list[str]]:
        me = here(who)
        found = conseils.a_l_editeur(store, me.referentiel, me.services(), editor, JOUR)
        assert found["gain"].to_list() == sorted(found["gain"].to_list(), reverse=True)
        return dict(found.select("critere", "services").iter_rows())

    for code, editor in (("44-0003", "Éditeur C"), ("11-0002", "Éditeur C"), ("44-0002", "Éditeur D")):
        services.equiper(store, services.de_code(store, code)["id"], [(editor, "Suite")], par=None)
    here_alone, everywhere = asked("claire", "Éditeur C"), asked("admin", "Éditeur C")
    assert {name for names in here_alone.values() for name in names} == {"Annuaire régional"}
    assert everywhere["A05.2"] == ["Annuaire régional", "Portail francilien"]
    assert "A05.1" in everywhere
    assert "A05.1" not in here_alone
    assert asked("rene", "Éditeur D") == {}


def test_a_campaign_that_closes_takes_the_road_map_of_the_one_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[Any] = []
    closed = [date(2024, 1, 1), date(2025, 1, 1), date(2026, 1, 1)]
    monkeypatch.setattr(publication, "closes", lambda *_: closed)
    monkeypatch.setattr(publication, "en_cours", lambda *_: [date(2026, 6, 1)])
    monkeypatch.setattr(
        publication, "_write", lambda _delivery, _found, _scan, days, last, _volet: taken.append((days, last))
    )

    class Given:
        scan = None

        def publish(self, **_facts: object) -> None: ...

        def snapshot(self) -> Given:
            return self

        @contextmanager
        def delivery(self, *_: object, **__: object) -> Iterator[Given]:
            yield self

    for day in (date(2025, 6, 1), date(2026, 1, 1), date(2023, 1, 1)):
        publication.placer(Given(), None, day)  # type: ignore[arg-type]
    live = date(2026, 6, 1)
    assert taken == [
        ([date(2025, 6, 1), live], date(2025, 1, 1)), ([date(2026, 1, 1), live], date(2025, 1, 1)),
        ([date(2023, 1, 1), live], None),
    ]  # fmt: skip


def test_where_to_begin_infrastructure_by_use_then_the_emptiest(
    here: Callable[[str], Entree], store: Store
) -> None:
    claire = here("claire")
    found = calcul.tableau(store, claire.referentiel, claire.who)
    order = [one["nom"] for one in found.ordre(claire.services())]
    assert order[:3] == ["SI Grand Est", "Portail SSO", "Annuaire régional"]
    left = dict(
        found.feuilles.group_by("service").agg((pl.col("visibles") - pl.col("saisis")).sum()).iter_rows()
    )
    rest = [left.get(one["code"], 0) for one in found.ordre(claire.services())[3:]]
    assert rest == sorted(rest, reverse=True)
    assert len(set(rest)) > 1


KNOWN = {
    one.code: one
    for one in (
        Jalon("J04", "Connecteur", "editeur", "2028-T1"), Jalon("J02", "Fédération", "national", "2027-T4"),
        Jalon("J03", "Carte", "national", "2021-T1"), Jalon("J05", "Guichet", "regional", ""),
        Jalon("J06", "Ce trimestre", "national", "2026-T4"), Jalon("J07", "Passé", "national", "2026-T3"),
    )
}  # fmt: skip


def test_milestones_come_soonest_first_and_those_of_a_quarter_that_is_over_do_not() -> None:
    assert [one.code for one in jalons.a_venir(KNOWN, JOUR)] == ["J06", "J02", "J04", "J05"]
    assert [plain(KNOWN[code].dit) for code in ("J04", "J05")] == [
        "J04 Connecteur (éditeur, T1 2028)", "J05 Guichet (régional)",
    ]  # fmt: skip
    assert [plain(one) for one in jalons.nommes(KNOWN, "J02||J99")] == [
        "J02 Fédération (national, T4 2027)", "J99 (la feuille de route ne l’a plus)",
    ]  # fmt: skip
    assert jalons.nommes(KNOWN, "") == []


def test_a_step_before_its_milestones_names_the_last_of_them() -> None:
    steps = {2: "2027-T2", 3: "2028-T2"}
    said = plain(jalons.trop_tard(KNOWN, ["J02", "J04", "J05", "J99"], steps))
    assert said == "J04 est annoncé pour T1 2028, après l’étape de T2 2027 qui l’attend."
    assert jalons.trop_tard(KNOWN, ["J03", "J05", "J99"], steps) == ""
    assert jalons.trop_tard(KNOWN, ["J02"], {2: "2027-T4"}) == "", "in its own quarter it is in time"
    assert jalons.trop_tard(KNOWN, ["J02"], {}) == ""


def test_the_milestones_of_an_axis_are_those_of_the_last_closed_campaign(
    here: Callable[[str], Entree],
) -> None:
    here("claire")
    found = jalons.par_axe("regions")
    assert {axe: sorted(known) for axe, known in found.items()} == {
        "A05": ["J02", "J03", "J04", "J05"],
        "A06": ["J09"],
    }
    assert jalons.par_axe("industriels") == {}


@pytest.mark.parametrize(
    ("before", "after", "expected", "became"),
    [
        (None, {"nature": "niveau"}, ({}, {}), "ajoute"),
        (None, {"nature": "niveau"}, ({"A": 1}, {}), "nouveau"),
        ({"nature": "niveau"}, None, ({}, {}), "ote"),
        ({"nature": "niveau"}, None, ({}, {"A": 1}), "retire"),
        ({"nature": "na", "niveau": None}, {"nature": "niveau", "niveau": 1}, ({}, {}), "na_niveau"),
        ({"nature": "niveau", "niveau": 1}, {"nature": "na", "niveau": None}, ({}, {}), "niveau_na"),
        ({"nature": "porte", "porte_par": "a"}, {"nature": "porte", "porte_par": "b"}, ({}, {}), "porteur"),
        ({"nature": "niveau", "niveau": 1}, {"nature": "niveau", "niveau": 2}, ({}, {}), "monte"),
        ({"nature": "niveau", "niveau": 2}, {"nature": "niveau", "niveau": 1}, ({}, {}), "baisse"),
        ({"nature": "niveau", "niveau": 2}, {"nature": "niveau", "niveau": 2}, ({"A": 1}, {"A": 2}), "attendu"),
    ],
)  # fmt: skip
def test_what_became_of_a_criterion_has_one_word(
    before: dict[str, Any] | None, after: dict[str, Any] | None,
    expected: tuple[dict[str, int], dict[str, int]], became: str,
) -> None:  # fmt: skip
    blank = {"porte_par": None, "niveau": None, "valeur": None}
    one, other = (None if each is None else blank | each for each in (before, after))
    assert comparaison.classe("A", one, other, expected) == became


def test_the_words_of_what_became_of_a_criterion() -> None:
    assert comparaison.CLASSES["monte"] == "monté"
    assert comparaison.CLASSES["baisse"] == "baissé"
    assert comparaison.CLASSES["attendu"] == "attendu changé"


def test_the_most_frequent_level_is_named_then_each() -> None:
    one = Repartition("15 décembre 2020", "Toutes régions", {0: 2, 1: 7, 3: 7}, ("service", "services"))
    assert plain(one.phrase()) == (
        "7 services sur 16 au niveau 3 (élevée). 0 très faible : 2 ; 1 faible : 7 ; 3 élevée : 7. "
        "Toutes régions, campagne du 15 décembre 2020."
    )


def test_who_is_at_work_is_told_of_the_services_that_one_sees(
    here: Callable[[str], Entree], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_: list[list[str]] = []
    monkeypatch.setattr(presences, "_say", lambda words, _found: told_.append(words))
    one = {code: services.de_code(store, code)["id"] for code in ("44-0005", "11-0002")}
    who = {each.email: each for each in accounts.everyone(store)}
    rene, paul = who["rene@ex.fr"], who["paul@ex.fr"]
    found = [
        presences.Presence(Vu("r", rene.id), "A Rene", one["11-0002"], "QU", "A05.1", NOW),
        presences.Presence(Vu("p", paul.id), "A Paul", one["44-0005"], "QU", "A05.2", NOW),
        presences.Presence(Vu("v", paul.id), "A Vieux", one["44-0005"], "QI", "A99", NOW - timedelta(minutes=5)),
    ]  # fmt: skip
    monkeypatch.setattr(presences.presences, "presentes", lambda _store: found)
    for name in ("claire", "paul", "admin"):
        presences._CONNUES.clear()
        me = here(name)
        presences.partout(me, me.services())
    assert told_ == [["A Paul est sur Télésoin, A05.2"], [
        "A Rene est sur Portail francilien, A05.1", "A Paul est sur Télésoin, A05.2",
    ]]  # fmt: skip
    told_.clear()
    presences._CONNUES.clear()
    claire = here("claire")
    presences.draw(claire, services.de_code(store, "44-0005"), "QU")
    assert told_ == [["A Paul est sur A05.2"]]
    presences.draw(claire, services.de_code(store, "44-0005"), "PLAN-QU")
    assert len(told_) == 1


# -- Receipts, files, workbooks ------------------------------------------------------------------------


def test_a_receipt_says_what_was_answered_or_planned(here: Callable[[str], Entree], store: Store) -> None:
    known = here("claire").referentiel
    service = services.de_code(store, "44-0002")

    def receipt(questionnaire: str, number: int) -> dict[str, Any]:
        sheet = feuilles.feuille(store, service["id"], questionnaire)
        (one,) = [each for each in versions.historique(store, sheet["id"]) if each.numero == number]
        return recu.contenu(one, service, known)

    plan = receipt("PLAN-QU", 1)
    assert plain(plan["titre"]) == "Plan QU : récépissé"
    assert plan["entetes"] == ["Critère", "Libellé", "Échéance", "Motif"]
    assert [[plain(cell) for cell in (row[0], *row[2:])] for row in plan["rangs"]] == [
        ["A05.1", "2 moyenne, T1 2025", ""],
        ["A05.1", "3 élevée, T1 2026", ""],
        ["A05.2", "3 élevée, T1 2027", "Attend J02, J04."],
    ]
    answers = receipt("QU", 3)
    assert plain(answers["titre"]) == "Questionnaire QU : récépissé"
    assert answers["entetes"][2:] == ["Réponse", "Commentaire publié ou justification"]
    assert ["A05.1", "1 faible"] in [[row[0], plain(row[2])] for row in answers["rangs"]]
    lines = plain(" ".join(answers["lignes"]))
    assert "Version 3, correction le 10 février 2026 à 1 h 00 par l’exploitant" in lines
    assert "Motif : Relu en comité" in lines
    assert "région 44." in lines
    sheet = feuilles.feuille(store, service["id"], "PLAN-QU")
    plans.planifier(
        store, service["id"], "QU", "A11.1", {}, rev=sheet["rev"], par=None, non_planifiable="bloque_editeur",
        texte="Sans objet",
    )  # fmt: skip
    sheet = feuilles.feuille(store, service["id"], "PLAN-QU")
    versions.valider(store, sheet["id"], rev=sheet["rev"], par=None, version_referentiel="2020-12-15")
    (last,) = [row for row in receipt("PLAN-QU", 2)["rangs"] if row[0] == "A11.1"]
    assert last[2] == "non planifiable"


def read_zip(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        return {name: found.read(name) for name in found.namelist()}


def test_the_archive_of_each_holds_its_own(here: Callable[[str], Entree], store: Store) -> None:
    def services_in(name: str) -> dict[str, set[str]]:
        me = here(name)
        found = read_zip(archive.faire(store, me.referentiel, me.who, jour="2026-11-29"))
        return {
            each: set(pl.read_csv(io.BytesIO(content), infer_schema=False)["service"])
            for each, content in found.items()
            if each.endswith("_2026-11-29.csv") and b"service" in content.splitlines()[0].split(b",")
        }

    claire = services_in("claire")
    assert claire["campagne/services_2026-11-29.csv"] == {"44-0002", "44-0003", "44-0004"}
    assert claire["brouillons/reponses_2026-11-29.csv"] == {
        "44-0002",
        "44-0003",
        "44-0004",
        "44-0005",
        "44-0006",
        "44-0008",
    }
    assert claire["campagne/plans_2026-11-29.csv"] == {"44-0002"}
    assert claire["campagne/solutions_2026-11-29.csv"] == {"44-0002", "44-0004"}
    assert not any(name.startswith("campagne_") for name in claire)
    lise = services_in("lise")
    assert {one for held in lise.values() for one in held} == {"44-0004"}
    ines = services_in("ines")
    assert {one for held in ines.values() for one in held} == {"E01-0001", "E01-0002"}
    assert claire["campagne/usages_2026-11-29.csv"] == set(), "levels are no values of usage"


def test_a_workbook_is_of_one_service_when_asked_and_counts_what_it_would_change(
    here: Callable[[str], Entree], store: Store, warned: list[str]
) -> None:
    claire = here("claire")
    whole, lines = tableur.contenu(store, claire.referentiel, claire.who)
    alone, few = tableur.contenu(store, claire.referentiel, claire.who, service="44-0004")
    mine = calcul.feuilles_de(
        calcul.brouillons(store), calcul.valides(store, claire.referentiel), claire.referentiel, claire.who,
        {one["code"]: one["id"] for one in services.tous(store)},
    )  # fmt: skip
    assert lines == mine["visibles"].sum()
    assert few == mine.filter(service="44-0004")["visibles"].sum() < lines
    given = {"classeur": Attached("saisie.xlsx", alone)}
    said = rendre.rendu(claire, sent("essayer", **given))
    assert said == f"Essai : 0 réponse serait modifiée, {few} inchangées, 0 en conflit, 0 refusées."
    assert warned == []
    assert len(whole) > len(alone)


def test_each_cell_of_a_workbook_that_is_refused_is_named_with_its_reason(
    here: Callable[[str], Entree], store: Store, warned: list[str], tmp_path: Path
) -> None:
    claire, admin = here("claire"), here("admin")
    path = tmp_path / "saisie.xlsx"
    path.write_bytes(tableur.contenu(store, admin.referentiel, admin.who)[0])
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("QU").to_python(skip_empty_area=False)
    at = {(row[0], row[2]): number for number, row in enumerate(rows, start=1)}
    mine, theirs = "44-0004", "11-0003"

    def cell(column: str, critere: str, service: str = mine) -> str:
        return f"QU!{column}{at[service, critere]}"

    changes = {
        cell("F", "A05.1", theirs): "1",
        cell("F", "A04.1.1"): "beaucoup",
        cell("G", "A06.2"): "99-0001",
        cell("F", "A08.7.1"): "9",
        cell("F", "A12.1"): "1,5",
        cell("F", "A14.1"): "=1+1",
        cell("C", "A06.3"): "A99.9",
        cell("F", "A06.3"): "1",
        cell("A", "A08.7.2"): "44-9999",
        cell("F", "A08.7.2"): "1",
        cell("F", "A05.2"): "3",
        cell("I", "A11.1"): "à relire",
    }
    # A line that somebody wrote under the others has none of the hidden cells.
    under = {f"QU!A{len(rows) + 1}": mine, f"QU!C{len(rows) + 1}": "A04.1.2", f"QU!F{len(rows) + 1}": "0"}
    rewritten(path, changes | under)
    given = {"classeur": Attached("saisie.xlsx", path.read_bytes())}
    said = rendre.rendu(claire, sent("essayer", **given))
    assert sorted(warned) == sorted(
        [
            f"{cell('F', 'A05.1', theirs)} refusée : hors de vos habilitations",
            f"{cell('F', 'A04.1.1')} refusée : réponse illisible : « beaucoup » (un niveau, NA ou EFFACER)",
            f"{cell('G', 'A06.2')} refusée : service porteur inconnu : 99-0001",
            f"{cell('F', 'A08.7.1')} refusée : niveau que le critère n'a pas : 9 pour A08.7.1",
            f"{cell('F', 'A12.1')} refusée : réponse illisible : « 1,5 » (un niveau, NA ou EFFACER)",
            f"{cell('F', 'A14.1')} refusée : une formule : écrivez la valeur",
            f"{cell('C', 'A06.3')} refusée : critère inconnu : A99.9",
            f"{cell('A', 'A08.7.2')} refusée : service inconnu : 44-9999",
        ]
    )
    assert plain(said).startswith("Essai : 3 réponses seraient modifiées, ")
    assert plain(said).endswith(" inchangées, 0 en conflit, 8 refusées.")


# -- Campaigns and versions of the questions -----------------------------------------------------------


def test_a_trial_of_a_closing_says_what_it_would_leave_out(
    here: Callable[[str], Entree], warned: list[str]
) -> None:
    admin = here("admin")
    said = campagnes.arreter(admin, sent("essayer", volet="regions", jour=JOUR))
    scan = publication.campagne(open_lake().snapshot().scan, JOUR, "regions")
    sizes = [scan[table].height for table in (SERVICES, REPONSES, PLANS)]
    assert plain(said) == (
        f"Essai au 29 novembre 2026 : {sizes[0]} services, {sizes[1]} réponses, {sizes[2]} étape de plan. "
        "Rien n’est arrêté."
    )
    assert sizes == [5, 22, 1]
    assert warned == [
        "4 réponses ou étapes validées n’y seraient pas : plan dans le passé.",
        "Ce qui n’est pas validé n’y serait pas : 3 brouillons, 1 feuille à valider.",
    ]
    warned.clear()
    campagnes.arreter(admin, sent("essayer", volet="industriels", jour=JOUR))
    assert warned == ["Ce qui n’est pas validé n’y serait pas : 1 brouillon."]
    with pytest.raises(Refused, match="au plus tard aujourd’hui"):
        campagnes.arreter(admin, sent("essayer", volet="regions", jour=JOUR + timedelta(days=1)))


@pytest.mark.parametrize(
    ("aside", "words"),
    [
        (1, "1 réponse ou étape validée n’y serait pas : hors d’ici."),
        (2, "2 réponses ou étapes validées n’y seraient pas : hors d’ici et ailleurs."),
    ],
)
def test_what_is_put_aside_is_counted_in_agreement(
    here: Callable[[str], Entree], warned: list[str], monkeypatch: pytest.MonkeyPatch, aside: int, words: str
) -> None:
    admin, prepare = here("admin"), publication.preparer

    def less(*given: Any) -> Any:
        found = prepare(*given)
        left = pl.DataFrame({"motif": ["hors d’ici : A", "ailleurs : B"][:aside]})
        return type(found)(**{**vars(found), "ecartees": left})

    monkeypatch.setattr(publication, "preparer", less)
    campagnes.arreter(admin, sent("essayer", volet="regions", jour=JOUR))
    assert warned[0] == words


def test_the_operator_s_command_is_told_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def ran(code: int, out: str, err: str) -> Callable[..., Any]:
        return lambda *given, **_more: subprocess.CompletedProcess(given, code, out, err)

    monkeypatch.setattr(campagnes.subprocess, "run", ran(0, "un\n\n  deux \n", "bruit"))
    assert campagnes._command("arreter") == ["un", "deux"]
    monkeypatch.setattr(campagnes.subprocess, "run", ran(1, "un", "\nrefus \n\n conseil\n"))
    with pytest.raises(LakeError, match=r"^refus conseil$"):
        campagnes._command("arreter")
    monkeypatch.setattr(campagnes.subprocess, "run", ran(2, "", " \n"))
    with pytest.raises(LakeError, match="La commande a échoué sans rien dire"):
        campagnes._command("arreter")


@pytest.mark.parametrize(
    ("changes", "people", "tries", "said", "first"),
    [
        (1, (1, 0), True, "Essai : 1 différence, 1 service et 0 personne concerné.", "niveau A0 : a → b"),
        (2, (1, 1), True, "Essai : 2 différences, 1 service et 1 personne concernés.", "niveau A0 : a → b"),
        (0, (0, 0), False, "Rien à publier : aucune différence.", None),
        (
            60,
            (2, 3),
            True,
            "Essai : 60 différences, 2 services et 3 personnes concernés.",
            "niveau A0 : a → b",
        ),
    ],
)
def test_a_version_that_is_tried_names_its_first_differences(
    here: Callable[[str], Entree], warned: list[str], monkeypatch: pytest.MonkeyPatch,
    changes: int, people: tuple[int, int], tries: bool, said: str, first: str | None,
) -> None:  # fmt: skip
    frame = pl.DataFrame(
        [("niveau", f"A{rank}", "a", "b") for rank in range(changes)],
        schema=dict.fromkeys(("quoi", "critere", "avant", "apres"), pl.String),
        orient="row",
    )
    monkeypatch.setattr(administration.referentiels, "importer", lambda *_, **__: (frame, None))
    monkeypatch.setattr(administration, "touches", lambda *_: people)
    given = {"referentiel": Attached("referentiel.csv", b"x"), "volet": "regions"}
    found = administration.nouvelle(here("admin"), sent("essayer" if tries else "publier", **given))
    assert plain(found) == said
    assert (warned[0] if warned else None) == first
    if changes > administration._SAID:
        assert plain(warned[-1]) == f"… et {changes - administration._SAID} autres différences."
        assert warned[-2] == f"niveau A{administration._SAID - 1} : a → b"


def test_a_campaign_taken_up_again_leaves_what_is_asked_no_more(
    here: Callable[[str], Entree], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = here("admin").referentiel
    fewer = replace(known, criteres=known.criteres.filter(pl.col("critere") != "A05.1"))
    monkeypatch.setattr(cloture.publication, "closes", lambda *_: [JOUR])
    taken = []
    for rank, version in enumerate((known, fewer)):
        empty = open_store(Settings(store=f"sqlite:///{tmp_path}/vide{rank}.db"))
        done, written = cloture.reprendre(open_lake(), empty, JOUR, version)
        taken.append((done.refus, written, set(calcul.brouillons(empty).reponses["critere"])))
        empty.close()
    whole, less = taken
    assert whole[0] == less[0] == [], "what is asked no more is no refusal"
    assert whole[2] - less[2] == {"A05.1"}
    assert less[2] < whole[2]


def test_a_side_is_its_services_and_all_that_is_theirs(here: Callable[[str], Entree], store: Store) -> None:
    here("admin")
    whole = calcul.brouillons(store)
    for volet, mine in (("regions", False), ("industriels", True)):
        part = publication.du_volet(whole, volet)
        for name in ("services", "reponses", "plans", "preliminaires", "solutions"):
            frame: pl.DataFrame = getattr(whole, name)
            kept = set(getattr(part, name)["service"])
            assert kept == {code for code in frame["service"] if code.startswith("E01") == mine}, (
                volet,
                name,
            )


def test_campaigns_are_told_by_side_and_by_state(here: Callable[[str], Entree]) -> None:
    here("admin")
    scan = open_lake().snapshot().scan
    assert publication.closes(scan, "regions") == [date(2020, 12, 15)]
    assert publication.closes(scan, "industriels") == []
    assert publication.en_cours(scan, "regions") == publication.en_cours(scan, "industriels") == [JOUR]
    rows = publication.campagne(scan, JOUR, "industriels")[SERVICES]
    assert set(rows["service"]) == {"E01-0001"}


def test_the_day_that_turns_is_published_and_the_day_itself_is_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publieur.publications, "en_attente", lambda _store: None)
    for known, due in ((date(2026, 11, 28), True), (JOUR, False), (None, False)):
        last = None if known is None else (known, "empreinte")
        monkeypatch.setattr(publieur.publications, "derniere", lambda _store, last=last: last)
        assert publieur.due(store, datetime(2026, 11, 29, 12, 0, tzinfo=UTC)) is due
