"""What people reported of other tools, each with its right outcome here; and what the entry tells, hands over, shows.

The other cases of that list are held by :mod:`tests.unit.test_saisie_base` (two people, a late save, two first
answers), :mod:`tests.unit.test_saisie_commandes` (a campaign taken up, a workbook), :mod:`tests.browser.test_saisie`.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from apps.saisie import archive, recu
from apps.saisie.calcul import etat_des_feuilles, tableau
from apps.saisie.trait import dashed
from apps.saisie.trajectoire import courbes
from apps.saisie.valides import basculer
from ingest.sources.convergence.referentiel import packaged, packaged_cards
from lake.catalog.convergence_fiches import TABLES
from lake.droits_saisie import EXPLOITANT
from lake.errors import AccessDenied, Refused
from lake.settings import Settings
from lake.store.accounts import accounts, outbox
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.saisie import (
    acteurs,
    ameliorations,
    avis,
    feuilles,
    fils,
    pieces,
    plans,
    portage,
    services,
    versions,
)
from lake.store.saisie.feuilles import Reponse
from lake.store.saisie.frames import brouillons, validees
from lake.store.saisie.sceaux import sceau
from lake.store.saisie.tables import EVENEMENTS, REPONSES
from lake.tables import Lake
from scoring.convergence.scores import score
from scoring.saisie.correspondance import Passage, traduire
from scoring.saisie.effet import Etat, taux, taux_par_service
from scoring.saisie.publication import lignes
from scoring.saisie.referentiel import Referentiel, composer
from tests.unit.test_saisie_base import NOW, niveau, person, service, sheet, validated

JOUR = date(2026, 11, 29)


@pytest.fixture
def seul(tmp_path: object) -> Store:
    """A store on SQLite only: what is looked at is no matter of engine."""
    made = open_store(Settings(store=f"sqlite:///{tmp_path}/store.db"))
    yield made  # type: ignore[misc]
    made.close()


@pytest.fixture(scope="module")
def referentiel() -> Referentiel:
    found = packaged("regions")
    _, questions, links = (table.empty() for table in TABLES)
    return Referentiel(found.version, found.criteres, found.niveaux, packaged_cards(), questions, links)


def publiees(store: Store, known: Referentiel) -> pl.DataFrame:
    """The answers that a publication would show."""
    from lake.catalog.convergence import REPONSES

    state = validees(store)
    made = lignes(
        services=state.services, reponses=state.reponses, plans=state.plans, preliminaires=state.preliminaires,
        solutions=state.solutions, criteres=known.criteres, niveaux=known.niveaux, version=known.version, jour=JOUR,
    )  # fmt: skip
    return made.frames[REPONSES]


def vus(store: Store, known: Referentiel) -> dict[tuple[str, str], tuple[int, int]]:
    numbers = {one["code"]: one["id"] for one in services.tous(store)}
    rows = etat_des_feuilles(store, known, EXPLOITANT, numbers)
    return {(row[0], row[1]): (row[3], row[2]) for row in rows.iter_rows()}


def test_an_answer_to_a_hidden_question_stays_here_and_comes_back_to_be_confirmed(
    seul: Store, referentiel: Referentiel
) -> None:
    telec = service(seul, "Téléconsultation")
    code = services.tous(seul)[0]["code"]
    for critere, level in (("A04.2.1", 1), ("A05.1", 2)):
        feuilles.repondre(seul, telec, "QU", critere, niveau(level), rev=0, par=None)
    assert vus(seul, referentiel)[code, "QU"] == (2, 16)
    asked = ["A04.2.1"]
    services.repondre_preliminaire(seul, telec, "consomme_offre_de_sante", False, par=None, criteres=asked)
    assert vus(seul, referentiel)[code, "QU"] == (1, 15)
    validated(seul, telec)
    assert publiees(seul, referentiel)["critere"].to_list() == ["A05.1"]
    assert feuilles.reponses(seul, telec, "QU")["A04.2.1"]["niveau"] == 1, "what is hidden is not lost"
    services.repondre_preliminaire(seul, telec, "consomme_offre_de_sante", True, par=None, criteres=asked)
    again = feuilles.reponses(seul, telec, "QU")["A04.2.1"]
    assert (again["niveau"], again["confirmee"]) == (1, False)
    assert vus(seul, referentiel)[code, "QU"] == (1, 16), "what is to be confirmed is no answer yet"
    # Unknown hides nothing, and empties nothing.
    services.repondre_preliminaire(seul, telec, "consomme_offre_de_sante", None, par=None, criteres=asked)
    assert len(feuilles.reponses(seul, telec, "QU")) == 2


def test_a_merge_keeps_the_lower_level_of_each_of_299_services_to_be_confirmed() -> None:
    links = pl.DataFrame(
        [("regions", "v2", "v1", code, -1, "A05.1", None, "sure") for code in ("A05.1", "A05.2")],
        schema=TABLES[2].dtypes(),
        orient="row",
    )
    rows = pl.DataFrame(
        [
            (f"s{number:03d}", critere, "niveau", level, "v1")
            for number in range(299)
            for critere, level in (("A05.1", number % 4), ("A05.2", (number + 1) % 4))
        ],
        schema={
            "service": pl.String, "critere": pl.String, "nature": pl.String, "niveau": pl.Int64,
            "referentiel": pl.String,
        },
        orient="row",
    )  # fmt: skip
    found = traduire(rows, [Passage("v2", links)]).lignes.sort("service")
    assert found.height == 299
    assert found["traduite"].all()
    assert found["niveau"].to_list() == [min(n % 4, (n + 1) % 4) for n in range(299)]


def test_the_dashboard_and_the_command_give_the_same_fraction(seul: Store, referentiel: Referentiel) -> None:
    telec = service(seul, "Téléconsultation")
    feuilles.repondre(seul, telec, "QU", "A05.1", niveau(2), rev=0, par=None)
    feuilles.repondre(
        seul, telec, "QI", "A10.1", Reponse("na", justification_na="sans objet"), rev=0, par=None
    )
    found, rows = tableau(seul, referentiel, EXPLOITANT), vus(seul, referentiel)
    assert (found.saisi.faits, found.saisi.total) == (2, 24)
    assert (sum(done for done, _ in rows.values()), sum(total for _, total in rows.values())) == (2, 24)


def test_a_step_is_late_only_where_something_is_still_awaited(seul: Store, referentiel: Referentiel) -> None:
    sso = service(seul, "Portail", "infrastructure")
    telec, leaving = service(seul, "Téléconsultation"), service(seul, "Ancien")
    answers = {
        (sso, "A05.1"): niveau(2),
        (telec, "A05.1"): Reponse("porte", porte_par=sso),  # carried at 2: reached
        (telec, "A05.2"): niveau(1),  # late
        (telec, "A04.2.1"): Reponse("na", justification_na="sans objet"),
        (leaving, "A05.1"): niveau(1),
    }
    then = datetime(2025, 1, 2, tzinfo=UTC)
    for (number, critere), answer in answers.items():
        feuilles.repondre(seul, number, "QU", critere, answer, rev=0, par=None)
        if number != sso:
            rev = feuilles.feuille(seul, number, "PLAN-QU")["rev"]
            plans.planifier(seul, number, "QU", critere, {2: "2025-T1"}, rev=rev, par=None, now=then)
    for number in (sso, telec, leaving):
        validated(seul, number)
        if number != sso:
            validated(seul, number, "PLAN-QU")
    services.changer(seul, leaving, rev=1, par=None, etat="a_decommissionner")
    assert tableau(seul, referentiel, EXPLOITANT).en_retard == 1


def test_not_applicable_is_in_no_denominator() -> None:
    answers = [("a", f"C{n}", 1 if n < 7 else 0, False) for n in range(10)]
    answers += [("a", f"C{n}", None, True) for n in range(10, 15)]
    criteria = pl.DataFrame(
        {
            "questionnaire": "Q", "sujet": "service", "axe": "X", "libelle_axe": "X", "libelle_questionnaire": "Q",
            "critere": [f"C{n}" for n in range(15)], "libelle_critere": "C", "ordre": list(range(15)),
            "niveau_attendu": 1, "a_partir_du": date(2020, 1, 1), "poids": 1.0, "non_applicable": True,
            "question": pl.Series([None] * 15, dtype=pl.String),
        }
    )  # fmt: skip
    rows = pl.DataFrame(answers, schema=["service", "critere", "niveau", "non_applicable"], orient="row")
    rows = rows.with_columns(porte_par=pl.lit(None, pl.String), transmis=pl.lit(True))
    who = pl.DataFrame({"service": ["a"], "kind": ["metier"], "region": ["44"]})
    here = Etat(who.lazy(), rows.lazy(), criteria.lazy(), perimetre="tous", au=JOUR)
    assert taux(taux_par_service(here), "Q") == pytest.approx(70.0)


def test_an_answer_is_cleared_and_is_not_said_not_applicable(seul: Store, referentiel: Referentiel) -> None:
    telec = service(seul, "Téléconsultation")
    code = services.tous(seul)[0]["code"]
    rev = feuilles.repondre(seul, telec, "QU", "A05.1", niveau(1), rev=0, par=None)
    validated(seul, telec)
    rev = feuilles.repondre(seul, telec, "QU", "A05.1", Reponse(), rev=rev, par=None)
    feuilles.repondre(seul, telec, "QU", "A05.2", niveau(3), rev=0, par=None)
    assert feuilles.reponses(seul, telec, "QU")["A05.1"]["nature"] == "vide"
    assert vus(seul, referentiel)[code, "QU"] == (1, 16)
    validated(seul, telec)
    assert publiees(seul, referentiel)["critere"].to_list() == ["A05.2"], "N loses one; nothing says n/a"


def test_a_level_that_is_planned_is_projected_as_that_level(referentiel: Referentiel) -> None:
    who = pl.LazyFrame({"service": ["a"], "kind": ["metier"], "region": ["44"]})
    answers = pl.LazyFrame({"service": ["a"], "critere": ["A05.1"], "niveau": [0], "valide_le": [JOUR]})
    plan = pl.LazyFrame({"service": ["a"], "critere": ["A05.1"], "niveau": [2], "trimestre": ["2027-T2"]})
    for level, words in (
        referentiel.niveaux.filter(critere="A05.1").select("niveau", "libelle_niveau").iter_rows()
    ):
        assert words, f"the plan offers the referential's own level {level}"
    found = score(
        who, answers, referentiel.criteres.lazy(), plans=plan, horizon="2027-T2", perimetre="tous", par="critere",
        au=JOUR,
    ).collect()  # fmt: skip
    assert found.filter(critere="A05.1")["niveau_maturite"].to_list() == [2.0]


def test_somebody_who_validates_and_answers_for_a_service_has_one_notice_and_one_mail(store: Store) -> None:
    si = service(store, "SI", "si_regional")
    telec = service(store, "Téléconsultation")
    anne, paul = person(store, "anne"), person(store, "paul")
    acteurs.donner(store, anne.id, si, "responsable_si", par=None)
    acteurs.donner(store, anne.id, telec, "validateur", par=None)
    acteurs.donner(store, paul.id, telec, "expert", par=None)
    accounts.change(store, anne.id, "x", preferences=json.dumps({avis.COURRIEL: True}))
    feuilles.repondre(store, telec, "QU", "A05.1", niveau(1), rev=0, par=paul.email)
    one = sheet(store, telec)
    for _ in range(2):  # a double click
        versions.soumettre(store, one["id"], rev=one["rev"], par=paul.email, now=NOW)
    told = avis.non_lus(store, anne.id)
    assert [row["titre"] for row in told] == ["À valider : Téléconsultation, QU (A Paul)."]
    assert avis.non_lus(store, paul.id) == [], "who did it knows"
    assert [avis.confier(store, "https://obs.example", now=NOW) for _ in range(2)] == [1, 0]
    mails = outbox.waiting(store, now=NOW)
    assert [(one.email, one.genre) for one in mails] == [("anne@ex.fr", "saisie")]
    assert "https://obs.example/saisie-validation?s=" in mails[0].texte
    # Sent back: the author is told why, in the tool; it asked for no mail.
    versions.renvoyer(store, one["id"], "Le niveau n'est pas prouvé", par=anne.email, now=NOW)
    assert "Le niveau n'est pas prouvé" in avis.non_lus(store, paul.id)[0]["titre"]
    assert avis.non_lus(store, anne.id) == [], "what was asked is done"
    assert avis.confier(store, "", now=NOW) == 0


def test_a_proof_is_the_same_bytes_for_everyone_and_a_lost_one_is_told_on_the_list(
    seul: Store, lake: Lake
) -> None:
    telec = service(seul, "Téléconsultation")
    content = b"%PDF-1.7\n1 0 obj\n"
    number = pieces.deposer(seul, lake.objects, telec, "preuve.pdf", content, par=None)
    lecteur = person(seul, "lea")
    acteurs.donner(seul, lecteur.id, telec, "lecteur", par=None)
    assert pieces.prendre(seul, lake.objects, number, par=lecteur.email) == ("preuve.pdf", content)
    rows = pieces.lister(seul, telec, par=lecteur.email)
    assert pieces.perdues(lake.objects, rows) == set()
    lake.objects.remove("saisie/pieces")
    assert pieces.perdues(lake.objects, rows) == {number}


# -- describing --------------------------------------------------------------------------------------


def test_who_carries_a_service_is_kept_and_what_is_not_said_is_unknown(seul: Store) -> None:
    telec = service(seul, "Téléconsultation")
    services.changer(
        seul, telec, rev=1, par=None, portage={"financeur": "ARS ;  ARS; GRADeS", "moa": "GRADeS", "moe": ""}
    )
    kept = json.loads(services.tous(seul)[0]["portage"])
    assert kept == {"financeur": ["ARS", "GRADeS"], "moa": ["GRADeS"]}
    with pytest.raises(Refused, match="Porteur inconnu"):
        services.changer(seul, telec, rev=2, par=None, portage={"patron": "x"})


def test_a_service_to_come_is_in_no_published_figure_before_its_quarter(seul: Store) -> None:
    telec = service(seul, "Téléconsultation")
    feuilles.repondre(seul, telec, "QU", "A05.1", niveau(1), rev=0, par=None)
    validated(seul, telec)
    services.changer(seul, telec, rev=1, par=None, ouverture="2027-T1")
    for day, rows in ((date(2026, 12, 31), 0), (date(2027, 1, 1), 1)):
        state = validees(seul, day)
        assert (state.services.height, state.reponses.height) == (rows, rows), day
    with pytest.raises(Refused, match="Trimestre illisible"):
        services.changer(seul, telec, rev=2, par=None, ouverture="bientôt")


def test_a_service_to_come_bends_a_curve_of_its_own_from_its_quarter(
    seul: Store, referentiel: Referentiel
) -> None:
    telec, soon = service(seul, "Téléconsultation"), service(seul, "Télésurveillance")
    services.changer(seul, soon, rev=1, par=None, ouverture="2027-T2")
    for number, level in ((telec, 1), (soon, 2)):
        feuilles.repondre(seul, number, "QU", "A05.1", niveau(level), rev=0, par=None)
    validated(seul, telec)
    plans.planifier(seul, telec, "QU", "A05.1", {2: "2027-T3"}, rev=0, par=None, now=NOW)
    validated(seul, telec, "PLAN-QU")
    seen = [one["code"] for one in services.tous(seul)]
    found = courbes(seul, referentiel, "44", "QU", JOUR, combien=5, vus=seen)
    assert found is not None
    # Half of what is expected, then all of it in T3; beside it, from T2 on, a service that is there already.
    assert [(quarter, round(planned, 6)) for quarter, planned, _ in found.points] == [
        ("2026-T4", 50.0), ("2027-T1", 50.0), ("2027-T2", 50.0), ("2027-T3", 100.0), ("2027-T4", 100.0),
    ]  # fmt: skip
    assert [round(one, 6) for one in found.a_venir] == [50.0, 50.0, 75.0, 100.0, 100.0]
    unseen = courbes(seul, referentiel, "44", "QU", JOUR, combien=5)
    assert unseen is not None
    assert (unseen.points, list(unseen.a_venir)) == (found.points, []), "what one does not see is not counted"
    drawn = dashed({"layer": [{"mark": "line"}, {"mark": "point"}]})
    assert [("strokeDash" in one.get("encoding", {})) for one in drawn["layer"]] == [True, False]


def test_the_public_catalogue_shows_the_card_and_nothing_else_and_who_validates_decides(seul: Store) -> None:
    si, telec = service(seul, "SI", "si_regional"), service(seul, "Téléconsultation")
    zoe = person(seul, "zoe")
    acteurs.donner(seul, zoe.id, telec, "responsable_service", par=None)
    card = {
        "publique": True,
        "public": "Patients",
        "territoire": "Grand Est",
        "contact": "",
        "deploiement": "",
    }
    with pytest.raises(AccessDenied):
        services.changer(seul, telec, rev=1, par=zoe.email, catalogue=card)
    acteurs.donner(seul, zoe.id, si, "responsable_si", par=None)
    services.changer(
        seul,
        telec,
        rev=1,
        par=zoe.email,
        catalogue=card,
        hebergeur="H",
        besoins={"C": 4, "C_pourquoi": "secret"},
    )
    assert portage.catalogue(seul) == [
        {
            "nom": "Téléconsultation", "region": "44", "description": "", "public": "Patients",
            "territoire": "Grand Est", "contact": "", "deploiement": "",
        }
    ]  # fmt: skip
    with pytest.raises(Refused, match="à qui le service s'adresse"):
        services.changer(seul, telec, rev=2, par=None, catalogue={"publique": True})


def test_a_thread_is_read_by_the_team_told_once_and_settled(store: Store) -> None:
    telec = service(store, "Téléconsultation")
    anne, paul = person(store, "anne"), person(store, "paul")
    acteurs.donner(store, anne.id, telec, "validateur", par=None)
    acteurs.donner(store, paul.id, telec, "lecteur", par=None)
    fils.dire(
        store, telec, "QU", "A05.1", " Quelle carte ? ", par=anne.email, version_referentiel="v", now=NOW
    )
    with pytest.raises(AccessDenied):
        fils.dire(store, telec, "QU", "A05.1", "moi", par=paul.email, version_referentiel="v")
    with pytest.raises(Refused, match="Écrivez"):
        fils.dire(store, telec, "QU", "A05.1", "  ", par=anne.email, version_referentiel="v")
    said = fils.fil(store, telec, "QU")["A05.1"]
    assert [(one["texte"], one["auteur"], one["traite_le"]) for one in said] == [
        ("Quelle carte ?", anne.email, None)
    ]
    assert [row["titre"] for row in avis.non_lus(store, paul.id)] == [
        "A Anne a écrit sur A05.1, Téléconsultation."
    ]
    assert avis.non_lus(store, anne.id) == []
    assert fils.clore(store, telec, "QU", "A05.1", par=anne.email) == 1
    assert fils.clore(store, telec, "QU", "A05.1", par=anne.email) == 0
    assert fils.fil(store, telec, "QU")["A05.1"][0]["traite_par"] == anne.email


def test_a_region_read_alone_is_its_part_of_the_nation(seul: Store) -> None:
    for region, level in (("44", 1), ("11", 2)):
        number = service(seul, f"Service {region}", region=region)
        feuilles.repondre(seul, number, "QU", "A05.1", niveau(level), rev=0, par=None)
        services.repondre_preliminaire(seul, number, "instance_ror", False, par=None)
        services.equiper(seul, number, [("E", f"S{region}")], par=None)
        validated(seul, number)
    for read in (lambda **one: validees(seul, **one), lambda **one: brouillons(seul, **one)):
        nation, alone = read(), read(region="44")
        code = alone.services["service"].item()
        for name in ("services", "reponses", "preliminaires", "solutions", "feuilles"):
            whole: pl.DataFrame = getattr(nation, name)
            assert whole.height == 2
            assert getattr(alone, name).equals(whole.filter(service=code)), name
        assert alone.evenement == nation.evenement


def drafted(store: Store) -> list[Any]:
    """Every draft answer."""
    with store.reading() as connection:
        return list(connection.execute(sa.select(REPONSES).order_by(REPONSES.c.critere)))


def test_a_change_of_referential_moves_the_steps_of_the_plans_in_draft(
    seul: Store, referentiel: Referentiel
) -> None:
    telec = service(seul, "Téléconsultation")
    for critere, level in (("A05.1", 0), ("A05.2", 0), ("A11.1", 0), ("A12.1", 0)):
        feuilles.repondre(seul, telec, "QU", critere, niveau(level), rev=0, par=None)
    validated(seul, telec)

    def plan(critere: str, steps: dict[int, str], why: str = "") -> None:
        rev = sheet(seul, telec, "PLAN-QU")["rev"]
        plans.planifier(seul, telec, "QU", critere, steps, rev=rev, par=None, non_planifiable=why, now=NOW)

    plan("A05.1", {1: "2027-T1"})
    plan("A05.2", {1: "2027-T3", 2: "2028-T1"})
    plan("A11.1", {2: "2027-T2"})
    plan("A12.1", {}, "sans_obligation")
    links = pl.DataFrame(
        [
            ("regions", "v2", "v1", *one)
            for one in (
                ("A05.1", -1, "A05.1", None, "sure"),
                ("A05.2", -1, "A05.1", None, "sure"),
                ("A11.1", 2, "A11.1", 3, "sure"),
                ("A12.1", -1, "A14.1", None, "a_revoir"),
            )
        ],
        schema=TABLES[2].dtypes(),
        orient="row",
    )
    anne = person(seul, "anne")
    acteurs.donner(seul, anne.id, telec, "validateur", par=None)
    before = {(one.critere, one.confirmee) for one in drafted(seul)}
    chain = (Passage("vide", links.clear()), Passage("v2", links))
    assert basculer(seul, replace(referentiel, version="v2", chaine=chain)) == ["v2"], (
        "one that changes no answer is none"
    )
    with seul.reading() as connection:
        wanted = sa.select(EVENEMENTS.c.contenu).where(EVENEMENTS.c.genre == "referentiel")
        told = json.loads(connection.execute(wanted).scalar_one())
    assert told == {"version": "v2", "traduites": 1, "a_revoir": 2, "etapes": 3, "etapes_a_revoir": 1}
    assert [row["titre"] for row in avis.non_lus(seul, anne.id)] == [
        "Le référentiel a changé (version v2) : parmi vos réponses, 7 à revoir."
    ]
    after = {(one.critere, one.confirmee) for one in drafted(seul)}
    assert {one for one, sure in after - before if not sure} == {"A05.1", "A11.1", "A12.1"}
    assert {one for one, sure in after if sure} == {"A05.2"}, "what became another is kept as it was"
    found = {(one["critere"], one["niveau"]): one["trimestre"] for one in plans.etapes(seul, telec, "QU")}
    assert found["A05.1", 1] == "2027-T3", "two steps that become one keep the later quarter"
    assert found["A05.1", 2] == "2028-T1"
    assert found["A11.1", 3] == "2027-T2"
    assert ("A11.1", 2) not in found, "the level that another replaces is planned no more"
    assert ("A12.1", None) in found, "what nothing takes up for sure stays, to be seen again"
    assert basculer(seul, replace(referentiel, version="v2", chaine=(Passage("v2", links),))) == [], "once"


# -- texts, receipt, archive -------------------------------------------------------------------------


def test_every_level_of_every_criterion_has_its_full_meaning(referentiel: Referentiel) -> None:
    said = referentiel.fiches.filter(champ="sens")
    levels = set(said.filter(pl.col("niveau") >= 0).select("code", "niveau").iter_rows())
    assert levels == set(referentiel.niveaux.select("critere", "niveau").iter_rows())
    allowed = referentiel.criteres.filter(pl.col("non_applicable") | pl.col("question").is_not_null())
    assert set(said.filter(niveau=-1)["code"]) == set(allowed["critere"]), (
        "n/a is explained where it is allowed"
    )
    assert said["texte"].str.len_chars().min() >= 15
    short = {
        (c, n): t for c, n, t in referentiel.niveaux.select("critere", "niveau", "libelle_niveau").iter_rows()
    }
    assert not [
        1
        for code, level, text in said.select("code", "niveau", "texte").iter_rows()
        if text == short.get((code, level))
    ]
    assert set(referentiel.fiches.filter(objet="axe", champ="cible")["code"]) == set(
        referentiel.criteres["axe"]
    )


def test_a_level_worded_anew_loses_its_meaning_and_the_others_keep_theirs(referentiel: Referentiel) -> None:
    levels = pl.DataFrame(
        [("A05.1", "0", "Simple facteur"), ("A05.1", "1", "Multifacteur conseillé")],
        schema=["critere", "niveau", "libelle_niveau"], orient="row",
    )  # fmt: skip
    new = composer(referentiel, {"niveaux": levels}, volet="regions", version="v2", jour=JOUR)
    kept = new.fiches.filter(objet="niveau", code="A05.1")
    assert kept.select("niveau", "version").rows() == [(0, "v2")]
    assert new.fiches.filter(objet="niveau", code="A05.2").height == 4
    assert new.fiches.filter(objet="critere", code="A05.1", champ="aide").height == 1


def test_a_receipt_prints_the_seal_that_a_verification_computes_again(
    seul: Store, referentiel: Referentiel
) -> None:
    telec = service(seul, "Téléconsultation <b>")
    feuilles.repondre(seul, telec, "QU", "A05.1", niveau(1), rev=0, par=None)
    feuilles.repondre(
        seul, telec, "QU", "A05.2", Reponse("na", justification_na="Pas de compte"), rev=0, par=None
    )
    validated(seul, telec)
    one = versions.historique(seul, sheet(seul, telec)["id"])[0]
    with seul.reading() as connection:
        from lake.store.saisie.tables import VERSIONS

        row = dict(connection.execute(sa.select(VERSIONS)).mappings().one())
    said = recu.contenu(one, services.tous(seul)[0], referentiel)
    assert said["sceau"]["empreinte"] == sceau(row) == one.empreinte
    assert said["titre"] == "Questionnaire QU\u202f: récépissé"
    assert said["rangs"][0][::2] == ["A05.1", "1 faible"]
    assert said["rangs"][1][2:] == ["non applicable", "Pas de compte"]
    made = recu.faire(one, services.tous(seul)[0], referentiel)
    assert made.startswith(b"%PDF")
    assert made == recu.faire(one, services.tous(seul)[0], referentiel)


def test_the_archive_holds_what_one_may_see_and_not_a_byte_more(
    seul: Store, referentiel: Referentiel, lake: Lake
) -> None:
    ours, theirs = service(seul, "=1+1"), service(seul, "Ailleurs", region="11")
    for number in (ours, theirs):
        feuilles.repondre(seul, number, "QU", "A05.1", niveau(1), rev=0, par=None)
        validated(seul, number)
    feuilles.repondre(seul, ours, "QU", "A05.2", niveau(3), rev=0, par=None)
    fils.dire(seul, ours, "QU", "A05.1", "Vu", par=None, version_referentiel="v")
    for number in (ours, theirs):
        pieces.deposer(
            seul, lake.objects, number, "a.pdf", b"%PDF-1.7", par=None, valable_au=date(2026, 12, 31)
        )
        ameliorations.proposer(
            seul, number, "QU", "A05", f"Proposé depuis {number}", par=None, porteur="national", volet="regions",
            version="v",
        )  # fmt: skip
    lea = person(seul, "lea")
    acteurs.donner(seul, lea.id, ours, "lecteur", par=None)
    made = archive.faire(seul, referentiel, acteurs.acteur(seul, lea.email), jour="2026-11-29")
    with zipfile.ZipFile(io.BytesIO(made)) as found:
        names, texts = found.namelist(), {name: found.read(name) for name in found.namelist()}
    assert not any(b"Ailleurs" in text or b"11-0001" in text for text in texts.values())
    valid = pl.read_csv(texts["campagne/reponses_2026-11-29.csv"], infer_schema=False)
    drafts = pl.read_csv(texts["brouillons/reponses_2026-11-29.csv"], infer_schema=False)
    assert valid["critere"].to_list() == ["A05.1"], "a draft is not among what is validated"
    assert drafts["critere"].to_list() == ["A05.1", "A05.2"]
    assert pl.read_csv(texts["campagne/services_2026-11-29.csv"])["nom"].to_list() == ["'=1+1"]
    version = json.loads(texts["versions/44-0001_QU_001.json"])
    assert version["empreinte"] == versions.historique(seul, sheet(seul, ours)["id"])[0].empreinte
    assert "Vu" in texts["fils.csv"].decode()
    proofs = pl.read_csv(texts["pieces.csv"], infer_schema=False)
    assert proofs.select("nom", "valable_au").rows() == [("a.pdf", "2026-12-31")]
    proposed = pl.read_csv(texts["ameliorations.csv"], infer_schema=False)
    assert proposed.select("texte", "statut").rows() == [(f"Proposé depuis {ours}", "proposee")]
    assert {"LISEZ-MOI.txt", "pieces.csv", "saisie.xlsx"} <= set(names)
    nobody = acteurs.acteur(seul, person(seul, "nul").email)
    with zipfile.ZipFile(io.BytesIO(archive.faire(seul, referentiel, nobody, jour="2026-11-29"))) as empty:
        assert not any(name.startswith("versions/") for name in empty.namelist())
        assert "saisie.xlsx" not in empty.namelist()
