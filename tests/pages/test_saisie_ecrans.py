"""The screens of the entry as those who answer use them."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from apps.kit.access import session
from apps.kit.data.data import open_lake
from apps.kit.forms import Attached, Submission
from apps.kit.style import french
from apps.saisie import choix, declaration, entree, fiches, guide, presences, referentiels, rendre, tableur
from apps.saisie.calcul import etat_des_feuilles, prochains_trimestres
from apps.saisie.entree import Entree
from ingest.sources.convergence.referentiel import packaged, packaged_cards
from lake.catalog.convergence import CAMPAGNES, JALONS
from lake.catalog.convergence_fiches import TABLES
from lake.droits import Droits
from lake.droits_saisie import EXPLOITANT
from lake.errors import LakeError, SourceUnavailable
from lake.settings import Settings
from lake.store.accounts import accounts, sessions
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.saisie import acteurs, avis, ensembles, feuilles, lots, pieces, plans, services, versions
from lake.store.saisie.apports import Lot
from lake.store.saisie.feuilles import Reponse
from lake.store.saisie.frames import brouillons
from lake.store.saisie.validation import valider_tout
from lake.tables import Lake
from scoring.saisie.referentiel import Referentiel
from tests.pages.drawing import AppTest, Drawn, read

REGION = Droits(frozenset({"annuaire", "segur", "convergence"}), regions=frozenset({"44"}))
SCREEN = """
from apps.kit.shell.screen import draw
from apps.saisie.{module} import {name}
draw({name})
"""


@pytest.fixture(scope="session")
def entry_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake that holds the referential and nothing else."""
    folder = tmp_path_factory.mktemp("saisie") / "lac"
    found = packaged("regions")
    _, *empty = (table.empty() for table in TABLES)
    known = Referentiel(found.version, found.criteres, found.niveaux, packaged_cards(), *empty)
    referentiels.publier(Lake(Settings(lake=str(folder))), known, None)
    return folder


def person(store: Store, name: str, **more: object) -> Compte:
    given = {
        "organisation": "GRADeS",
        "nom": name.title(),
        "prenom": "A",
        "profil": "grades_ars",
        "droits": REGION,
    }
    compte = accounts.create(store, email=f"{name}@ex.fr", **{**given, **more})  # type: ignore[arg-type]
    return accounts.change(store, compte.id, "test", etat="actif")


@pytest.fixture
def read_by(
    store: Store, entry_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Compte], None]]:
    monkeypatch.setenv("OBS_ACCES", "comptes")
    monkeypatch.setenv("OBS_LAKE", str(entry_lake))
    open_lake.clear()
    monkeypatch.setattr(session, "store", lambda: store)

    def become(compte: Compte) -> None:
        secret = sessions.open_session(store, compte)
        monkeypatch.setattr(session, "cookie", lambda: secret)

    yield become
    open_lake.clear()


@pytest.fixture
def region(store: Store) -> dict[str, int]:
    """Grand Est: its system, a sign-on portal, a telehealth service that leans on it."""
    made = {
        name: services.creer(store, region="44", kind=kind, nom=label, par=None)
        for name, kind, label in (
            ("si", "si_regional", "SI Grand Est"),
            ("sso", "infrastructure", "Portail SSO"),
            ("telec", "metier", "Téléconsultation"),
        )
    }
    for critere, level in (("A05.1", 1), ("A05.2", 3)):
        feuilles.repondre(store, made["sso"], "QU", critere, Reponse("niveau", niveau=level), rev=0, par=None)
    feuilles.repondre(
        store, made["telec"], "QU", "A05.1", Reponse("porte", porte_par=made["sso"]), rev=0, par=None
    )
    for critere, level in (("A05.2", 2), ("A11.1", 0)):
        feuilles.repondre(
            store, made["telec"], "QU", critere, Reponse("niveau", niveau=level), rev=0, par=None
        )
    return made


@pytest.fixture
def claire(store: Store, region: dict[str, int]) -> Compte:
    compte = person(store, "claire")
    acteurs.donner(store, compte.id, region["si"], "responsable_si", par=None)
    return compte


def opened(module: str, name: str, **params: str) -> AppTest:
    at = AppTest.from_string(SCREEN.format(module=module, name=name), default_timeout=60)
    for key, value in params.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception, at.exception
    return at


def said(at: AppTest) -> Drawn:
    found = read(at)
    found.html += "\n".join(one.value for one in at.markdown)
    return found


def told(at: AppTest) -> str:
    """Everything that a page says: a refusal is worded like the rest."""
    return said(at).html + "".join(one.value for kind in (at.error, at.warning, at.info) for one in kind)


def validate(store: Store, number: int, questionnaire: str = "QU") -> None:
    sheet = feuilles.feuille(store, number, questionnaire)
    versions.valider(store, sheet["id"], rev=sheet["rev"], par=None, version_referentiel="2020-12-15")


def test_the_first_thing_is_the_region_s_system(
    store: Store, read_by: Callable[[Compte], None], entry_lake: Path
) -> None:
    anne = person(store, "anne")
    read_by(anne)
    assert "aucun service n’est décrit" in said(opened("tableau", "TABLEAU")).reading
    at = opened("commencer", "COMMENCER")
    at.selectbox[0].set_value("44")
    at.text_input[0].set_value("SI Grand Est")
    next(one for one in at.button if one.label == "Terminer").click().run()
    assert not at.exception
    number = ensembles.systeme(store, "44")
    assert number is not None
    assert "Décrivez maintenant" in at.success[0].value
    # Who created it answers for it: it may go on at once.
    services.creer(store, region="44", kind="infrastructure", nom="Portail SSO", par=anne.email)
    reading = said(opened("tableau", "TABLEAU")).reading.replace("\u202f", " ").replace("\u00a0", " ")
    assert reading.startswith("2 services, 31 critères : 0 répondu (0,0 %)")


def test_the_dashboard_says_where_the_entry_stands(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    validate(store, region["sso"])
    read_by(claire)
    drawn = said(opened("tableau", "TABLEAU"))
    assert drawn.title == "Où en est la saisie\u202f?"
    # QR 7, twice QU 16 and QI 8.
    plain = drawn.reading.replace("\u202f", " ").replace("\u00a0", " ")
    assert "3 services, 55 critères : 5 répondus (9,1 %), 2 validés (3,6 %)" in plain
    assert drawn.figures["Répondu"].startswith("9,1")
    # The system first, then infrastructure.
    todo = drawn.html.split("<ol>")[1].split("</ol>")[0]
    assert todo.index("SI Grand Est") < todo.index("Portail SSO")
    assert "2/16 · validée" in drawn.html
    # Each figure says of how many, each sheet its name.
    assert "5 sur 55 critères" in drawn.html
    assert "sur 5 feuilles" in drawn.html
    assert (
        "Téléconsultation · Urbanisation des services\u202f: 13 critères sans réponse"
        in drawn.html.replace("\u00a0", " ")
    )
    # Each line leads to the first criterion that waits: of telehealth the third, two being answered.
    codes = re.findall(r"saisie-questionnaire\?s=(44-\d+)&amp;q=QU&amp;critere=([A-Z0-9.]+)", todo)
    assert ("44-0003", "A04.1.1") in codes


def test_an_address_names_the_criterion_to_answer(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    read_by(claire)
    drawn = said(opened("questionnaire", "QUESTIONNAIRE", s="44-0003", q="QU", critere="A11.1", axe="A05"))
    assert "A11 " in drawn.title
    assert 'data-ici="st-key-crit_A11_1"' in drawn.html
    at = opened("questionnaire", "QUESTIONNAIRE", s="44-0003", q="QU", critere="A99.9")
    assert [one.value for one in at.info] == [
        "Le critère A99.9 n’est pas posé à ce service dans ce questionnaire."
    ]
    at = opened("questionnaire", "QUESTIONNAIRE", s="44-0003", q="QU", critere="A11.1")
    at.button(key="saisie_suivant_A11").click().run()
    assert "critere" not in at.query_params
    assert "A11 " not in said(at).title


@pytest.mark.parametrize(
    ("asked", "home", "lands"),
    [
        ("/", "", "/saisie-questionnaire?s=44-0003&q=QU&critere=A11.1"),
        ("/annuaire-carte", "", "/annuaire-carte"),  # the page asked wins
        ("/", "segur-synthese", "/segur-synthese"),  # and the one that was chosen once for all
    ],
)
def test_signing_in_leads_to_what_waits(
    store: Store, region: dict[str, int], claire: Compte, monkeypatch: pytest.MonkeyPatch,
    asked: str, home: str, lands: str,
) -> None:  # fmt: skip
    answer = Reponse("niveau", niveau=1)
    feuilles.repondre(store, region["telec"], "QU", "A11.1", answer, rev=1, par=claire.email)
    compte = accounts.change(store, claire.id, "x", preferences=json.dumps({"accueil": home} if home else {}))
    went: list[str] = []
    monkeypatch.setattr(session, "store", lambda: store)
    monkeypatch.setattr(session, "go", went.append)
    monkeypatch.setattr(session, "leads_to", lambda _secret, then: then)
    for name in ("address", "browser"):
        monkeypatch.setattr(session, name, lambda: "")
    session.enter(compte, "mot_de_passe", asked)
    assert went == [lands]


def test_who_follows_hundreds_of_services_reads_the_regions_then_chooses_one(
    store: Store, region: dict[str, int], read_by: Callable[[Compte], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    services.creer(store, region="11", kind="si_regional", nom="SI Île-de-France", par=None)
    validate(store, region["sso"])
    read_by(person(store, "admin", profil="administrateur", droits=None))
    at = opened("tableau", "TABLEAU")
    assert "Services métier" in [one.value for one in at.subheader]
    monkeypatch.setattr(choix, "MANY", 3)
    at = opened("tableau", "TABLEAU")
    assert "Services métier" not in [one.value for one in at.subheader]
    table = said(at).html.split("Étapes en retard</th>")[1].replace("\u202f", " ")
    # The seven criteria of a system; 55 of Grand Est: a sum over a sum, as the sentence above says of all.
    rows = re.sub("<[^>]+>", " ", table.split("</table>")[0]).split()
    assert " ".join(rows) == "Région 11 1 0/7 · 0,0 % 0/7 · 0,0 % 0 Région 44 3 5/55 · 9,1 % 2/55 · 3,6 % 0"
    at.selectbox(key="tableau_region").set_value("44").run()
    assert "Services métier" in [one.value for one in at.subheader]
    assert "SI Île-de-France" not in said(at).html.split("</ol>")[1]
    at = opened("historique", "HISTORIQUE")
    assert "<li>" not in said(at).html
    at.selectbox(key="choix_region_historique").set_value("11").run()
    assert "SI Île-de-France" in said(at).html
    assert "Téléconsultation" not in said(at).html


def test_what_nobody_confirmed_is_at_zero_and_every_screen_says_the_same_fraction(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    found = packaged("regions")
    state = brouillons(store)
    asked = found.criteres.filter(pl.col("questionnaire") == "QI")["critere"]
    taken = pl.DataFrame(
        [("44-0003", one, 1, False, None, True, None) for one in asked],
        schema=state.reponses.select(
            "service", "critere", "niveau", "non_applicable", "porte_par", "transmis", "commentaire"
        ).schema,
        orient="row",
    )
    lot = Lot(state.services.clear(), taken, state.plans, state.preliminaires, state.solutions)
    done = lots.charger(store, lot, dict.fromkeys(asked, "QI"), par=None, origine="reprise")
    valider_tout(store, par=None, version_referentiel="2020-12-15", feuilles=done.feuilles, nature="reprise")
    read_by(claire)
    dashboard = said(opened("tableau", "TABLEAU")).html
    card = said(opened("commencer", "COMMENCER", s="44-0003")).html
    whole = Referentiel(found.version, found.criteres, found.niveaux, *(one.empty() for one in TABLES))
    rows = etat_des_feuilles(
        store, whole, EXPLOITANT, {one["code"]: one["id"] for one in services.tous(store)}
    )
    of = {row[1]: row[2:4] for row in rows.iter_rows() if row[0] == "44-0003"}
    for sheet, faits, total, words in (
        ("QI", 0, 8, "0 critère répondu sur 8"),
        ("QU", 3, 16, "3 critères répondus sur 16"),
    ):
        assert of[sheet] == (total, faits)
        named = {"QI": "Interopérabilité des services", "QU": "Urbanisation des services"}[sheet]
        assert f">{named} {faits}/{total}<" in card
        assert f's=44-0003&amp;q={sheet}" target="_self">{faits}/{total} ·' in dashboard
        reading = said(opened("questionnaire", "QUESTIONNAIRE", s="44-0003", q=sheet)).reading
        assert words in reading.replace("\u202f", " ")
    assert "0/8 · à confirmer" in dashboard
    # What an axis holds of a campaign is confirmed in one gesture, once it is in sight; nothing else is.
    sizes = found.criteres.filter(pl.col("questionnaire") == "QI")["axe"].value_counts(sort=True)
    at = opened("questionnaire", "QUESTIONNAIRE", s="44-0003", q="QI", axe=sizes["axe"][0])
    mine = [one.key for one in at.radio]
    press = next(one for one in at.button if one.key == "confirmer_axe")
    assert press.label == f"Confirmer les {len(mine)} réponses reprises de cet axe"
    press.click().run()
    assert not at.exception
    assert "confirmer_axe" not in {one.key for one in at.button}
    recap = said(opened("validation", "VALIDATION", s="44-0003", q="QI"))
    left = 8 - len(mine)
    kept = f"{left} réponses reprises d’une campagne restent à confirmer\u202f: les taux les comptent"
    assert kept in recap.html.replace("\u00a0", " ")
    assert f"À confirmer · {left}" in [one.value for one in recap.at.subheader]
    confirmed = feuilles.reponses(store, region["telec"], "QI")
    assert sum(one["confirmee"] for one in confirmed.values()) == len(mine) < 8
    assert {one["niveau"] for one in confirmed.values()} == {1}


def test_an_answer_is_saved_as_it_is_chosen_and_its_effect_said_before(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    validate(store, region["telec"])
    read_by(claire)
    at = opened("questionnaire", "QUESTIONNAIRE", s="44-0002", q="QU", axe="A05")
    drawn = said(at)
    assert "2 critères répondus sur 16" in drawn.reading
    assert "Entre deux niveaux, choisissez le plus bas" in drawn.html
    assert "Attendu à date\u202f: **moyenne (2)**" in drawn.html
    radio = at.radio(key="crit_A05_1_niveau")
    assert radio.value == 1
    assert [label.split(" — ")[0].split("} ")[1] for label in radio.options][:3] == [
        "1 · **0 très faible**",
        "2 · **1 faible**",
        "3 · **2 moyenne** · **attendu**",
    ]
    # Under each level, what it means in full.
    assert list(radio.proto.captions)[:2] == [
        "Un mot de passe suffit.",
        "Un second facteur est proposé, mais l’on peut encore entrer avec le seul mot de passe.",
    ]
    at.selectbox(key="saisie_si").set_value(("A05.1", 2)).run()
    effect = said(at).html
    # Region of two services: sso 75 → 100, telec 37,5 → 50.
    assert "▲ +18,8 pt sur la région" in effect.replace("\u202f", " ")
    assert "dont +6,2 pt" in effect or "dont +6,3 pt" in effect
    at.radio(key="crit_A05_1_niveau").set_value(2).run()
    assert not at.exception
    assert feuilles.reponses(store, region["sso"], "QU")["A05.1"]["niveau"] == 2
    assert feuilles.reponses(store, region["sso"], "QU")["A05.1"]["modifie_par"] == "claire@ex.fr"


def journal(*answers: tuple[int, str, str, int]) -> str:
    """What the browser holds: rank, criterion, value, revision that was read."""
    rows = [{"n": n, "s": "44-0002", "q": "QU", "c": c, "v": v, "r": r, "d": 0} for n, c, v, r in answers]
    return json.dumps({"page": "onglet", "n": len(rows), "a": rows})


def test_what_the_browser_holds_is_saved_in_order_and_a_radio_that_is_late_changes_nothing(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    read_by(claire)
    at = opened("questionnaire", "QUESTIONNAIRE", s="44-0002", q="QU", axe="A06")

    def kept() -> dict[str, object]:
        rows = feuilles.reponses(store, region["sso"], "QU")
        return {code: (row["niveau"], row["rev_n"]) for code, row in rows.items()}

    # A05.1 is not on this axis: what was answered before it was left is saved all the same.
    sent = [(1, "A05.1", "2", 1), (2, "A06.2", "1", 0), (3, "A05.1", "3", 1)]
    at.text_input(key="saisie_frappe").set_value(journal(*sent)).run()
    assert not at.warning, "an answer that one changes at once is no conflict with oneself"
    assert kept() == {"A05.1": (3, 3), "A05.2": (3, 1), "A06.2": (1, 1)}
    assert 'data-page="onglet" data-n="3"' in said(at).html
    # The radio still carries an older value, as when a run put it back under the answer.
    at.radio(key="crit_A06_2_niveau").set_value(3).run()
    assert kept()["A06.2"] == (1, 1)
    assert at.radio(key="crit_A06_2_niveau").value == 1
    # Sent again after a cut, to a session that knows nothing of it: the same answers.
    again = opened("questionnaire", "QUESTIONNAIRE", s="44-0002", q="QU", axe="A06")
    again.text_input(key="saisie_frappe").set_value(journal(sent[1], sent[2])).run()
    assert not again.warning
    assert kept()["A05.1"] == (3, 3)
    assert kept()["A06.2"] == (1, 1)
    # No answer that the referential does not know; the rest is kept.
    again.text_input(key="saisie_frappe").set_value(
        journal((4, "A06.2", "0", 1), (5, "A99", "1", 0), (6, "A06.3", "na", 0), (7, "A06.2", "vide", 1))
    ).run()
    assert "A06.2 : il n’a pas de réponse « 0 »" in told(again).replace("\u202f", " ")
    assert "A99 : ce critère n’est plus posé" in told(again).replace("\u202f", " ")
    assert kept()["A06.2"] == (None, 2)
    assert 'data-n="7"' in said(again).html


def test_what_the_store_cannot_take_stays_with_the_browser(
    store: Store,
    region: dict[str, int],
    claire: Compte,
    read_by: Callable[[Compte], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read_by(claire)
    at = opened("questionnaire", "QUESTIONNAIRE", s="44-0002", q="QU", axe="A05")

    def down(*_args: object, **_named: object) -> int:
        raise SourceUnavailable("La base ne répond pas.")

    with monkeypatch.context() as cut:
        cut.setattr(feuilles, "repondre", down)
        at.text_input(key="saisie_frappe").set_value(journal((1, "A05.1", "0", 1))).run()
    assert "La base ne répond pas" in told(at)
    assert 'data-n="0"' in said(at).html
    at.run()
    assert feuilles.reponses(store, region["sso"], "QU")["A05.1"]["niveau"] == 0
    assert 'data-n="1"' in said(at).html


def test_two_browsers_on_one_criterion_both_see_both_answers(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    read_by(claire)
    at = opened("questionnaire", "QUESTIONNAIRE", s="44-0002", q="QU", axe="A05")
    person(store, "paul", profil="administrateur", droits=None)
    feuilles.repondre(
        store, region["sso"], "QU", "A05.1", Reponse("niveau", niveau=2), rev=1, par="paul@ex.fr"
    )
    at.radio(key="crit_A05_1_niveau").set_value(3).run()
    assert "A Paul a répondu entre-temps" in at.warning[0].value
    assert "«\u202f2 moyenne\u202f»" in at.warning[0].value
    assert "«\u202f3 élevée\u202f»" in at.warning[0].value
    assert at.radio(key="crit_A05_1_niveau").value == 2
    at.button(key="crit_A05_1_mienne").click().run()
    assert feuilles.reponses(store, region["sso"], "QU")["A05.1"]["niveau"] == 3
    assert not at.warning


def test_the_others_see_where_one_is_and_nobody_sees_itself_at_the_cost_of_no_query_an_answer(
    store: Store,
    region: dict[str, int],
    claire: Compte,
    read_by: Callable[[Compte], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(presences, "RELIRE_S", 3600.0)  # whatever the pace of the machine
    monkeypatch.setattr(presences, "REDIRE", timedelta(hours=1))
    paul = person(store, "paul")
    acteurs.donner(store, paul.id, region["si"], "responsable_si", par=None)
    read_by(claire)
    at = opened("questionnaire", "QUESTIONNAIRE", s="44-0002", q="QU", axe="A11")
    assert "A Claire est sur" not in said(at).html
    asked: list[str] = []
    listen = ("before_cursor_execute", lambda _c, _u, statement, *_rest: asked.append(statement))
    engines = {id(one): one for one in (store._reader, store._writer)}.values()
    for engine in engines:
        sa.event.listen(engine, *listen)
    at.radio(key="crit_A11_1_niveau").set_value(1).run()
    at.radio(key="crit_A11_1_niveau").set_value(2).run()
    for engine in engines:
        sa.event.remove(engine, *listen)
    assert len([one for one in asked if "saisie_presences" in one]) == 0, (
        "on A11.1 already: nothing to write or read"
    )
    read_by(paul)
    at = opened("questionnaire", "QUESTIONNAIRE", s="44-0002", q="QU", axe="A05")
    assert "A Claire est sur A11.1 (à " in said(at).html.replace("\u202f", " ")
    assert "A Paul" not in said(at).html
    at.radio(key="crit_A05_1_niveau").set_value(3).run()
    assert not at.warning, "who is there locks nobody out"
    assert "A Claire est sur Portail SSO, A11.1" in said(opened("tableau", "TABLEAU")).html.replace(
        "\u202f", " "
    )
    read_by(claire)
    assert "A Paul est sur Portail SSO, A05.1" in said(opened("tableau", "TABLEAU")).html.replace(
        "\u202f", " "
    )
    # Elsewhere, and who follows another region: nobody is there.
    assert "est sur" not in said(opened("questionnaire", "QUESTIONNAIRE", s="44-0002", q="QI")).html
    read_by(person(store, "ailleurs", droits=Droits(frozenset({"convergence"}), regions=frozenset({"11"}))))
    assert "est sur" not in said(opened("tableau", "TABLEAU")).html
    # Nor on the dashboard of who answers for services elsewhere, while ours are being worked on.
    theirs = services.creer(store, region="11", kind="metier", nom="Téléexpertise", par=None)
    other = person(store, "autre", droits=Droits(frozenset({"convergence"}), regions=frozenset({"11"})))
    acteurs.donner(store, other.id, theirs, "expert", par=None)
    read_by(other)
    board = said(opened("tableau", "TABLEAU")).html
    assert "Téléexpertise" in board
    assert "est sur" not in board


def test_a_criterion_without_a_level_does_not_offer_it_and_hidden_ones_are_not_drawn(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    read_by(claire)
    at = opened("questionnaire", "QUESTIONNAIRE", s="44-0003", q="QU", axe="A06")
    keys = [label.split("} ")[1][0] for label in at.radio(key="crit_A06_2_niveau").options]
    assert keys == ["2", "3", "4", "n"]
    services.repondre_preliminaire(store, region["telec"], "instance_ror", False, par=None)
    at = opened("questionnaire", "QUESTIONNAIRE", s="44-0003", q="QU", axe="A04.2")
    assert [one.key for one in at.radio] == ["crit_A04_2_1_niveau"]
    for module, name in (("questionnaire", "QUESTIONNAIRE"), ("plan", "PLAN"), ("validation", "VALIDATION"),
                         ("historique", "HISTORIQUE")):  # fmt: skip
        stale = opened(module, name, s="44-0003", q="QR")
        assert "«\u202fQR\u202f» ne s’adresse pas à ce service" in told(stale), module
        assert "QU, QI" in told(stale), module


def test_who_has_no_grant_sees_nothing_and_no_name(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    read_by(person(store, "ailleurs", droits=Droits(frozenset({"convergence"}), regions=frozenset({"11"}))))
    drawn = said(opened("tableau", "TABLEAU"))
    assert "Téléconsultation" not in drawn.html
    at = AppTest.from_string(SCREEN.format(module="questionnaire", name="QUESTIONNAIRE"), default_timeout=60)
    at.query_params["s"] = "44-0003"
    at.run()
    assert "pas parmi ceux que vous suivez" in told(at)
    assert "Téléconsultation" not in told(at)


def coded(quarter: str) -> str:
    """A quarter as it is kept, from what is read: « T2 2027 »."""
    return f"{quarter[3:]}-{quarter[:2]}"


def test_a_plan_is_typed_by_quarter_and_an_overdue_step_is_told(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    for name in ("sso", "telec"):
        validate(store, region[name])
    read_by(claire)
    at = opened("plan", "PLAN", s="44-0002", q="QU")
    assert "✓ 1 faible, atteint" in said(at).html
    quarter = coded(at.selectbox(key="plan_A05_1_2").options[3])
    at.selectbox(key="plan_A05_1_2").set_value(quarter).run()
    assert [one["trimestre"] for one in plans.etapes(store, region["sso"], "QU")] == [quarter]
    earlier = coded(at.selectbox(key="plan_A05_1_3").options[1])
    at.selectbox(key="plan_A05_1_3").set_value(earlier).run()
    assert "un niveau plus haut ne vient pas avant" in at.warning[0].value
    assert len(plans.etapes(store, region["sso"], "QU")) == 1
    plans.planifier(
        store, region["sso"], "QU", "A05.1", {2: "2024-T1"},
        rev=feuilles.feuille(store, region["sso"], "PLAN-QU")["rev"], par=None, now=datetime(2024, 1, 2, tzinfo=UTC),
    )  # fmt: skip
    soon = services.creer(store, region="44", kind="metier", nom="Télésurveillance", par=None)
    services.changer(store, soon, rev=1, par=None, ouverture=quarter)
    feuilles.repondre(store, soon, "QU", "A05.1", Reponse("niveau", niveau=3), rev=0, par=None)
    sheet = feuilles.feuille(store, region["sso"], "PLAN-QU")
    versions.valider(
        store, sheet["id"], rev=sheet["rev"], par=None, version_referentiel="2020-12-15",
        now=datetime(2024, 1, 2, tzinfo=UTC),
    )  # fmt: skip
    at = opened("plan", "PLAN", s="44-0002", q="QU")
    assert "Plan à actualiser" in at.warning[0].value
    assert "02/01/2024" in at.warning[0].value
    drawn = said(at)
    assert "en retard de" in drawn.html
    # What is overdue is counted where one begins, and leads to the plan that holds it.
    board = said(opened("tableau", "TABLEAU"))
    late = "Replanifier 1 étape en retard, dans 1 service\u202f: d’abord Portail SSO (1)"
    assert f'href="./saisie-plan" target="_self">{late}' in board.html
    assert "plan, 1 en retard" in board.html
    assert "sur 1 étape planifiée" in board.html
    chosen = said(opened("plan", "PLAN")).html
    assert 's=44-0002" target="_self">Portail SSO</a> · 1 étape en retard' in chosen
    assert "Avec les services à venir</th>" in drawn.html


def test_who_leans_on_whom_is_drawn_and_told(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    read_by(claire)
    services.equiper(store, region["telec"], [("Éditeur A", "Visio")], par=None)

    def plain(drawn: Drawn) -> str:
        return drawn.html.replace("\u202f", " ").replace("\u00a0", " ")

    def drawing(html: str) -> str:
        (data,) = re.findall(r'<img src="data:image/svg\+xml;base64,([^"]+)"', html)
        return base64.b64decode(data).decode()

    card = plain(said(opened("commencer", "COMMENCER", s="44-0003")))
    assert drawing(card).count("<rect") == 3  # itself, its carrier, its solution
    assert 'stroke-dasharray="5 4"' in drawing(card), "carried in draft only"
    assert 'alt="Téléconsultation : ce qui s’appuie sur lui, ce sur quoi il s’appuie."' in card
    assert (
        'href="./saisie-commencer?s=44-0002" target="_self">Portail SSO</a> · 1 critère porté en brouillon'
        in card
    )
    assert "<li>Éditeur A · Visio</li>" in card
    for name in ("sso", "telec"):
        validate(store, region[name])
    other = services.creer(store, region="44", kind="metier", nom="Isolé", par=None)
    whole = plain(said(opened("appuis", "APPUIS", region="44")))
    assert "1 appui entre 4 services ; le plus partagé : Portail SSO (1)." in whole
    assert "stroke-dasharray" not in drawing(whole), "validated: a plain line"
    assert "1 critère porté)" in whole
    assert f">{services.de_code(store, '44-0004')['nom']}</a>." in whole
    assert other
    assert 'href="./saisie-appuis" target="_self">Qui s’appuie sur qui' in plain(
        said(opened("tableau", "TABLEAU"))
    )
    # Who follows one of the two services reads its card, and neither the name nor the place of the other.
    anne = person(store, "anne")
    acteurs.donner(store, anne.id, region["telec"], "lecteur", par=None)
    read_by(anne)
    card = plain(said(opened("commencer", "COMMENCER", s="44-0003")))
    assert "Portail SSO" not in card + "".join(
        base64.b64decode(one).decode() for one in re.findall(r"base64,([^\"]+)", card)
    )
    assert "1 autre appui, de services que vous ne suivez pas." in card
    assert "Portail SSO" not in plain(said(opened("appuis", "APPUIS", region="44")))


def test_a_service_begins_from_a_like_one_line_by_line(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    read_by(claire)
    none = said(opened("semblable", "SEMBLABLE", s="44-0003"))
    assert "Aucun service de même nature, parmi ceux que vous suivez, n’a de réponse validée." in none.reading
    for name in ("sso", "telec"):
        validate(store, region[name])
    new = services.creer(store, region="44", kind="metier", nom="Téléexpertise", par=None)
    feuilles.repondre(store, new, "QU", "A11.1", Reponse("niveau", niveau=2), rev=0, par=None)
    code = "44-0004"
    card = said(opened("commencer", "COMMENCER", s=code)).html
    assert f'href="./saisie-semblable?s={code}" target="_self">Partir d’un service semblable</a>' in card
    at = opened("semblable", "SEMBLABLE", s=code)
    assert at.selectbox(key="semblable_de").options == ["Téléconsultation"]
    at.selectbox(key="semblable_de").set_value("44-0003").run()
    drawn = said(at).html.replace("\u202f", " ").replace("\u00a0", " ")
    assert "2 réponses à copier, 1 ligne qui n’est pas." in drawn
    for line in (
        ("sans réponse", "porté par « Portail SSO »", "sera copiée, à confirmer"),
        ("2 moyenne", "0 très faible", "gardée : vous y avez répondu"),
        ("sans réponse", "2 moyenne", "sera copiée, à confirmer"),
    ):
        assert re.search(".*?".join(f">{re.escape(cell)}</td>" for cell in line), drawn, re.DOTALL), line
    at.button(key="semblable_copier").click().run()
    told = at.success[0].value.replace("\u202f", " ").replace("\u00a0", " ")
    assert told == "2 réponses copiées de « Téléconsultation », à confirmer : Urbanisation des services."
    assert at.button(key="semblable_copier").disabled
    sheet = said(opened("questionnaire", "QUESTIONNAIRE", s=code, q="QU", axe="A05")).html
    assert sheet.count("copiée d’un service semblable") == 2
    recap = opened("validation", "VALIDATION", s=code, q="QU")
    asked = said(recap).html.replace("\u202f", " ").replace("\u00a0", " ")
    assert "2 réponses copiées d’un service semblable : à confirmer ou à changer" in asked
    assert "Copiées, à confirmer avant de valider · 2" in [one.value for one in recap.subheader]
    recap.button(key="valider").click().run()
    assert "que personne n’a confirmées" in recap.warning[0].value
    assert feuilles.feuille(store, new, "QU")["derniere_version"] == 0


def test_a_step_names_the_milestone_that_it_waits_for(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None], entry_lake: Path,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    closed = {"volet": ["regions"], "campagne": [date(2020, 12, 15)]}
    lake = Lake(Settings(lake=str(shutil.copytree(entry_lake, tmp_path / "lac"))))
    lake.publish(
        CAMPAGNES,
        pl.DataFrame(
            {**closed, "version_referentiel": ["2020-12-15"], "services": [1], "reponses": [1], "plans": [0],
             "etat": [None]},
            schema=CAMPAGNES.dtypes(),
        ),
    )  # fmt: skip
    roadmap = [
        {
            "volet": "regions", "campagne": date(2020, 12, 15), "jalon": code, "libelle_jalon": name,
            "porteur": "national", "trimestre": quarter, "axe": axe, "dependance": "directe", "service": "",
            "critere": "",
        }
        for code, name, quarter, axe in (
            ("J02", "Fédération d’identités", "2040-T1", "A05"), ("J03", "Carte numérique", "2021-T1", "A05"),
            ("J09", "Autre axe", "2040-T1", "A06"),
        )
    ]  # fmt: skip
    lake.publish(JALONS, pl.DataFrame(roadmap, schema=JALONS.dtypes()))
    for name in ("sso", "telec"):
        validate(store, region[name])
    read_by(claire)
    monkeypatch.setenv("OBS_LAKE", lake.root)
    open_lake.clear()
    at = opened("plan", "PLAN", s="44-0002", q="QU")
    assert not at.multiselect, "nothing planned: nothing waits"
    quarter = at.selectbox(key="plan_A05_1_2").options[3]
    assert re.fullmatch(r"T[1-4]\u202f20[0-9]{2}", quarter), "a quarter is read as it is said"
    at.selectbox(key="plan_A05_1_2").set_value(coded(quarter)).run()
    waits = at.multiselect(key="plan_A05_1_jalons")
    assert [one.replace("\u202f", " ") for one in waits.options] == [
        "J02 Fédération d’identités (national, T1 2040)", "J03 Carte numérique (national, T1 2021)",
    ]  # fmt: skip
    waits.set_value(["J02"]).run()
    assert {one["jalons"] for one in plans.etapes(store, region["sso"], "QU")} == {"J02"}
    late = said(at).html.replace("\u202f", " ")
    assert (
        f"J02 est annoncé pour T1 2040, après l’étape de {quarter.replace(chr(0x202F), ' ')} qui l’attend."
        in late
    )
    # Another quarter keeps what it waits for.
    other = at.selectbox(key="plan_A05_1_2").options[5]
    at.selectbox(key="plan_A05_1_2").set_value(coded(other)).run()
    assert [(one["trimestre"], one["jalons"]) for one in plans.etapes(store, region["sso"], "QU")] == [
        (coded(other), "J02")
    ]
    recap = said(opened("validation", "VALIDATION", s="44-0002", q="PLAN-QU")).html.replace("\u202f", " ")
    assert " ; attend J02 Fédération d’identités (national, T1 2040)" in recap
    advice = said(opened("recommandations", "RECOMMANDATIONS", s="44-0002", q="QU")).html.replace(
        "\u202f", " "
    )
    assert "Jalons attendus sur cet axe : J02 Fédération d’identités (national, T1 2040)." in advice
    assert "J03" not in advice, "over"


def test_a_recap_a_submission_a_refusal_and_a_validation(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    anne = person(store, "anne")
    acteurs.donner(store, anne.id, region["telec"], "responsable_service", par=None)
    read_by(anne)
    at = opened("validation", "VALIDATION", s="44-0003", q="QU")
    drawn = said(at)
    assert "13 critères sans réponse ne compteront pas" in drawn.html.replace("\u202f", " ").replace(
        "\u00a0", " "
    )
    assert "sans réponse → 2 moyenne" in drawn.html
    assert "Une fois validée" in drawn.html
    assert "pour la région" in drawn.html
    assert "valider" not in {one.key for one in at.button}
    at.button(key="soumettre").click().run()
    assert feuilles.feuille(store, region["telec"], "QU")["etat"] == "a_valider"
    read_by(claire)
    (told,) = (one["titre"] for one in avis.non_lus(store, claire.id))
    assert told == "À valider : Téléconsultation, Urbanisation des services (A Anne)."
    at = opened("validation", "VALIDATION", s="44-0003", q="QU")
    at.text_area(key="renvoi_motif").set_value("Le niveau n’est pas prouvé")
    at.button(key="renvoyer").click().run()
    (told,) = (one["titre"] for one in avis.non_lus(store, anne.id))
    assert told == "Renvoyée : Téléconsultation, Urbanisation des services. Le niveau n’est pas prouvé"
    read_by(anne)
    opened("validation", "VALIDATION", s="44-0003", q="QU").button(key="soumettre").click().run()
    read_by(claire)
    assert "Téléconsultation · Urbanisation des services" in said(opened("validation", "VALIDATION")).html
    read_by(anne)  # who submitted reads that it waits on somebody else
    waits = said(opened("validation", "VALIDATION"))
    assert waits.reading == "Aucune feuille n’attend votre validation."
    assert "Attendent un autre que vous\u202f: Téléconsultation · Urbanisation des services." in waits.html
    read_by(claire)
    at = opened("validation", "VALIDATION", s="44-0003", q="QU")
    at.button(key="valider").click().run()
    assert "Validée\u202f: version 1" in at.success[0].value
    assert feuilles.feuille(store, region["telec"], "QU")["derniere_version"] == 1
    # Given up in one gesture, taken back in another; then what it mends is said with the version.
    feuilles.repondre(store, region["telec"], "QU", "A11.1", Reponse("niveau", niveau=1), rev=1, par=None)
    at = opened("validation", "VALIDATION", s="44-0003", q="QU")
    at.button(key="abandonner").click().run()
    assert "la feuille est comme à la version 1" in at.success[0].value
    assert feuilles.reponses(store, region["telec"], "QU")["A11.1"]["niveau"] == 0
    at.button(key="retablir").click().run()
    assert feuilles.reponses(store, region["telec"], "QU")["A11.1"]["niveau"] == 1
    at.text_area(key="correction_motif").set_value("Le niveau 0 était une erreur de saisie").run()
    at.button(key="valider").click().run()
    kept = versions.historique(store, feuilles.feuille(store, region["telec"], "QU")["id"])[0]
    assert (kept.numero, kept.nature, kept.motif) == (
        2,
        "correction",
        "Le niveau 0 était une erreur de saisie",
    )
    drawn = said(opened("historique", "HISTORIQUE", s="44-0003", q="QU"))
    assert "correction" in drawn.html
    assert "Le niveau 0 était une erreur de saisie" in drawn.html


def test_a_carrier_is_offered_with_what_it_gives_and_not_where_it_cannot_carry(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    validate(store, region["sso"])
    infra = {
        name: services.creer(store, region="44", kind="infrastructure", nom=name, par=None)
        for name in ("Annuaire", "Évents", "Sans ROR", "Muet", "Archivé", "Boucle")
    }
    # It declines; it is not asked this criterion; it is gone; it is carried by who asks.
    feuilles.repondre(
        store, infra["Muet"], "QU", "A04.2.1", Reponse("niveau", niveau=1, transmis=False), rev=0, par=None
    )
    asked = ["A04.2.1"]
    services.repondre_preliminaire(
        store, infra["Sans ROR"], "consomme_offre_de_sante", False, par=None, criteres=asked
    )
    services.changer(store, infra["Archivé"], rev=1, par=None, etat="archive")
    read_by(claire)

    def offered(axe: str, key: str) -> list[str]:
        at = opened("questionnaire", "QUESTIONNAIRE", s="44-0003", q="QU", axe=axe)
        return list(at.selectbox(key=key).options)

    assert offered("A04.2", "crit_A04_2_1_porteur") == [
        "Portail SSO · sans réponse validée",  # leaned on already, by another criterion
        "Annuaire · sans réponse validée",
        "Boucle · sans réponse validée",
        "Évents · sans réponse validée",
    ]
    assert offered("A05", "crit_A05_1_porteur")[0] == "Portail SSO · niveau 1 validé"
    at = opened("questionnaire", "QUESTIONNAIRE", s="44-0002", q="QU", axe="A05")
    assert at.selectbox(key="crit_A05_1_porteur").options[0] == "Annuaire · sans réponse validée"
    feuilles.repondre(
        store, infra["Boucle"], "QU", "A05.2", Reponse("porte", porte_par=region["sso"]), rev=0, par=None
    )
    at = opened("questionnaire", "QUESTIONNAIRE", s="44-0002", q="QU", axe="A05")
    assert not any(one.startswith("Boucle") for one in at.selectbox(key="crit_A05_2_porteur").options)
    # One that declines after it was chosen stays, and is to be looked at again.
    feuilles.repondre(
        store, region["sso"], "QU", "A05.1", Reponse("niveau", niveau=1, transmis=False),
        rev=feuilles.reponses(store, region["sso"], "QU")["A05.1"]["rev_n"], par=None,
    )  # fmt: skip
    assert "Portail SSO · à revoir" in offered("A05", "crit_A05_1_porteur")


def test_two_versions_are_compared_in_three_parts(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    for name in ("sso", "telec"):
        validate(store, region[name])
    feuilles.repondre(store, region["telec"], "QU", "A11.1", Reponse("niveau", niveau=1), rev=1, par=None)
    feuilles.repondre(
        store, region["telec"], "QU", "A05.2", Reponse("na", justification_na="Sans compte"), rev=1, par=None
    )
    validate(store, region["telec"])
    read_by(claire)
    drawn = said(opened("historique", "HISTORIQUE", s="44-0003", q="QU"))
    plain = drawn.html.replace("\u202f", " ").replace("\u00a0", " ")
    assert "De 37,5 % à 75,0 % : progrès +50" in plain
    assert "périmètre −12,5" in plain
    assert "1 monté, 1 niveau, puis non applicable, 1 inchangé" in plain


def test_what_brings_most_is_advised_with_what_silence_hides_and_what_one_would_ask(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    for name in ("sso", "telec"):
        services.equiper(store, region[name], [("Éditeur E", "Suite E")], par=None)
        validate(store, region[name])
    # sso answers 1 and 3, telec leans on it for A05.1 and answers 2 and 0: (75 + (75 + 0) / 2) / 2 = 56,25.
    read_by(claire)
    at = opened("recommandations", "RECOMMANDATIONS", s="44-0002", q="QU")
    drawn = said(at)
    plain = drawn.html.replace("\u202f", " ")
    assert "56,2 % dans la région, entre" in plain or "56,3 % dans la région, entre" in plain
    assert "selon ses 14 réponses manquantes" in plain
    # A05.1 1 → 2: half of its axis, itself (25 / 2) and telec (25 / 2 / 2).
    assert "A05.1 Authentification des acteurs de santé : 1 faible → 2 moyenne, ▲ +18,8 pt" in plain
    assert "Pour l’atteindre : Multifacteur uniquement · D’autres services s’appuient sur lui." in plain
    assert "A05.2" not in plain, "what is above what is expected needs no advice"
    assert "Questions à se poser" not in "".join(one.value for one in at.subheader)
    feuilles.repondre(store, region["sso"], "QU", "A05.1", Reponse("niveau", niveau=3), rev=1, par=None)
    again = told(opened("recommandations", "RECOMMANDATIONS", s="44-0002", q="QU")).replace("\u202f", " ")
    assert "A05.1 : Le niveau passe de 1 à 3 sans commentaire : qu’est-ce qui le montre ?" in again
    carried = told(opened("recommandations", "RECOMMANDATIONS", s="44-0003", q="QU")).replace("\u202f", " ")
    assert "A11.1" in carried
    assert "A05.1 est porté par « Portail SSO »" in carried
    asked = told(opened("recommandations", "RECOMMANDATIONS", editeur="Éditeur E")).replace("\u202f", " ")
    assert "Éditeur E : 2 évolutions pour 2 services" in asked
    assert "Rien à demander à Personne" in told(
        opened("recommandations", "RECOMMANDATIONS", editeur="Personne")
    )
    nobody = person(store, "zoe")
    read_by(nobody)
    assert "pas parmi ceux que vous suivez" in told(opened("recommandations", "RECOMMANDATIONS", s="44-0002"))


def test_what_is_advised_is_copied_into_the_plan_at_a_chosen_quarter_and_taken_back(
    store: Store,
    region: dict[str, int],
    claire: Compte,
    read_by: Callable[[Compte], None],
) -> None:
    sso = region["sso"]
    feuilles.repondre(store, sso, "QU", "A11.1", Reponse("niveau", niveau=0), rev=0, par=None)
    validate(store, sso)
    this, *_, last = prochains_trimestres(entree.aujourdhui())

    def planned() -> dict[tuple[str, int], str]:
        rows = plans.etapes(store, sso, "QU")
        return {(one["critere"], one["niveau"]): one["trimestre"] for one in rows}

    def page() -> AppTest:
        return opened("recommandations", "RECOMMANDATIONS", s="44-0002", q="QU")

    def copied(at: AppTest, code: str, when: str | None) -> str:
        named = code.replace(".", "_")
        if when is not None:
            at.selectbox(key=_widget(at.selectbox, "copier_plan", named, "trimestre")).set_value(when)
        at.button(key=_widget(at.button, "copier_plan", named, "_copier")).click().run()
        assert not at.exception
        return plain(told(at) + "".join(one.value for one in at.success))

    read_by(claire)
    # The quarter is chosen; nothing is planned by a click alone.
    assert "obs-refus" in copied(page(), "A05.1", None)
    assert planned() == {}
    done = copied(page(), "A05.1", this)
    assert f"A05.1 : niveau 2 copié dans le plan, {plain(french.quarter(this))}." in done
    assert planned() == {("A05.1", 2): this}
    # What stands there is told, not doubled, whoever planned it meanwhile.
    at, other = page(), page()
    assert "Déjà planifié" in plain(told(at))
    assert not [one for one in at.button if "copier_plan" in str(one.key) and "A05_1" in str(one.key)]
    plans.planifier(
        store, sso, "QU", "A11.1", {1: last}, rev=feuilles.feuille(store, sso, "PLAN-QU")["rev"], par=None
    )
    said_then = copied(other, "A11.1", this)
    assert (
        f"A11.1 : le niveau 1 est déjà planifié, {plain(french.quarter(last))}. Rien n’est changé."
        in said_then
    )
    # A higher level that is planned sooner bounds the quarter, said beside the field; nothing is lost.
    rev = feuilles.feuille(store, sso, "PLAN-QU")["rev"]
    plans.planifier(store, sso, "QU", "A11.1", {3: this}, rev=rev, par=None)
    at = page()
    refused = copied(at, "A11.1", last)
    assert "un niveau plus haut ne vient pas avant un plus bas" in refused
    assert f"au plus tard {plain(french.quarter(this))}" in refused
    assert at.selectbox(key=_widget(at.selectbox, "copier_plan", "A11_1", "trimestre")).value == last
    assert planned()["A11.1", 3] == this
    # Said non planifiable, it is not copied over.
    rev = feuilles.feuille(store, sso, "PLAN-QU")["rev"]
    plans.planifier(store, sso, "QU", "A11.1", {}, rev=rev, par=None, non_planifiable="bloque_editeur")
    assert "A11.1 est dit non planifiable (Bloqué par l’éditeur)" in plain(told(page()))
    # Who may not plan reads the advice, and copies nothing.
    lea = person(store, "lea")
    acteurs.donner(store, lea.id, sso, "expert", par=None)
    read_by(lea)
    assert not [one for one in page().button if "copier_plan" in str(one.key)]


def test_a_copy_into_the_plan_is_taken_back_unless_the_step_changed(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    sso = region["sso"]
    first, then = prochains_trimestres(entree.aujourdhui())[1:3]
    read_by(claire)
    at = opened("recommandations", "RECOMMANDATIONS", s="44-0002", q="QU")
    assert "A05.1 n’a pas de niveau validé" in plain(told(at))
    validate(store, sso)

    def copy() -> AppTest:
        at = opened("recommandations", "RECOMMANDATIONS", s="44-0002", q="QU")
        at.selectbox(key=_widget(at.selectbox, "copier_plan", "trimestre")).set_value(first)
        at.button(key=_widget(at.button, "copier_plan", "_copier")).click().run()
        return at

    at = copy()
    assert [one["trimestre"] for one in plans.etapes(store, sso, "QU")] == [first]
    at.button(key="defaire_A05.1_2").click().run()
    assert plans.etapes(store, sso, "QU") == []
    assert "A05.1 : le niveau 2 n’est plus au plan." in plain("".join(one.value for one in at.success))
    # Somebody moved the step meanwhile: it is theirs, and stays.
    at = copy()
    rev = feuilles.feuille(store, sso, "PLAN-QU")["rev"]
    plans.planifier(store, sso, "QU", "A05.1", {2: then}, rev=rev, par=None)
    at.button(key="defaire_A05.1_2").click().run()
    assert [one["trimestre"] for one in plans.etapes(store, sso, "QU")] == [then]
    assert "cette étape a changé depuis, elle reste au plan" in plain(told(at))


def plain(text: str) -> str:
    """A text with plain spaces."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_a_workbook_is_tried_on_screen_before_it_is_taken(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    read_by(claire)
    at = opened("tableau", "TABLEAU")
    assert at.button(key=next(one.key for one in at.button if "essayer" in one.key)).label == "Essayer"
    here = Entree(
        store, acteurs.acteur(store, claire.email), claire.email,
        referentiels.en_vigueur(open_lake().snapshot().scan, date(2026, 11, 29)), date(2026, 11, 29),
    )  # fmt: skip
    book = tableur.contenu(store, here.referentiel, here.who)[0]

    def given(content: bytes, action: str) -> str:
        values = {"classeur": Attached("saisie.xlsx", content)}
        return rendre.rendu(here, Submission(values, values, action, None, None, "clé"))

    assert given(book, "essayer").startswith("Essai : 0 réponse serait modifiée, 55 inchangées")
    assert "0 en conflit, 0 refusées" in given(book, "importer")
    with pytest.raises(LakeError, match="n'est pas un classeur"):
        given(b"rien", "essayer")


def test_a_criterion_is_explained_by_its_meanings_proofs_and_links() -> None:
    rows = [
        ("critere", "A05.1", -1, "aide", 0, "Tous les acteurs, y compris : prestataires", None),
        ("niveau", "A05.1", 2, "sens", 0, "Deux facteurs <toujours>", None),
        ("niveau", "A05.1", 0, "sens", 0, "Un mot de passe", None),
        ("critere", "A05.1", -1, "preuve", 0, "Capture de l'écran", None),
        ("critere", "A05.1", -1, "lien", 0, "Guide", "https://example.org/guide?a=1&b=2"),
        ("critere", "A05.2", -1, "aide", 0, "Autre", None),
        ("axe", "A05", -1, "cible", 0, "Cible", None),
    ]
    cards = pl.DataFrame([("regions", "v", *row) for row in rows], schema=TABLES[0].dtypes(), orient="row")
    found = packaged("regions")
    known = Referentiel("v", found.criteres, found.niveaux, cards, TABLES[1].empty(), TABLES[2].empty())
    said = fiches.textes(known, "A05.1")
    assert "Tous les acteurs, y compris\u202f: prestataires" in said
    assert fiches.sens(known, "A05.1") == {0: "Un mot de passe", 2: "Deux facteurs <toujours>"}
    assert "Preuves possibles</p><ul><li>Capture de l’écran</li></ul>" in said
    assert (
        'href="https://example.org/guide?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">Guide</a>'
        in said
    )
    assert "Autre" not in said
    assert fiches.textes(known, "A11.1") == "", "nothing empty is drawn"
    assert "Cible" in fiches.texte_de_l_axe(replace(known, fiches=packaged_cards()), "A05")
    waits = pl.when(pl.col("critere") == "A05.2").then(pl.lit("en_attente")).otherwise("etat_critere")
    later = replace(known, criteres=known.criteres.with_columns(etat_critere=waits))
    assert "A05.2 Vérification d’identité préalable\u202f: pas encore demandé." in fiches.texte_de_l_axe(
        later, "A05"
    )
    assert fiches.texte_de_l_axe(known, "A06") == ""


def test_each_screen_leads_to_its_paragraph_of_the_guide(
    store: Store, region: dict[str, int], read_by: Callable[[Compte], None]
) -> None:
    read_by(person(store, "anne", profil="administrateur", droits=None))
    known = set(guide.ancres(guide.GUIDE.read_text("utf-8")))
    one = {"s": "44-0002"}
    unlike = {  # where a screen shows something else
        "tableau": [{}],
        "commencer": [{}, one],
        "validation": [{}, one, {"s": "44-0002", "q": "QI"}],
        "recommandations": [{}, one, {"editeur": "Orion"}],
    }
    apart = {"aide", "catalogue"}  # the guide itself, and what the public reads
    for screen in declaration.SCREENS:
        if screen.name in apart:
            continue
        for params in unlike.get(screen.name, [{}, one]):
            module = screen.draw.__module__.removeprefix("apps.saisie.")
            html = said(opened(module, screen.name.upper(), **params)).html
            assert "saisie-aide#" in html, (screen.name, params)
            anchor = html.split("saisie-aide#")[1].split('"')[0]
            assert anchor in known, anchor
    page = said(opened("guide", "AIDE")).html
    assert "Entre deux niveaux" in page
    # The guide is set in type as the screens are: no sign alone at the beginning of a line.
    assert "maître d’œuvre\u202f; ce qui reste vide" in page
    assert not re.search(r"[ \n][;?!»]", re.sub("`[^`]*`", "", page))


def test_the_card_lists_proofs_and_says_whether_they_were_analysed(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None], entry_lake: Path
) -> None:
    objects = Lake(Settings(lake=str(entry_lake))).objects
    pieces.deposer(store, objects, region["sso"], "preuve.pdf", b"%PDF-1.7 x", par=None)
    read_by(claire)
    at = opened("commencer", "COMMENCER", s="44-0002")
    # Nothing is validated: the drafts alone are drawn, and an axis without answer is no zero.
    drawn = told(at)
    assert "Aucune réponse validée." in drawn
    assert "A05 Moyens d’authentification" in drawn
    assert "A12 MSSanté" not in drawn
    labels = [one.proto.label for one in at.get("download_button")]
    assert labels == ["preuve.pdf · 1 Kio · non analysée"]
    # Preliminary questions are answered there; unknown hides nothing.
    at.radio(key="preliminaire_instance_ror").set_value("non").run()
    assert services.preliminaires(store, region["sso"]) == {"instance_ror": False}
    assert "gardées, et ne sont pas publiées" in told(at)


def test_a_proof_says_until_when_it_is_valid_and_is_renewed(
    store: Store,
    region: dict[str, int],
    claire: Compte,
    read_by: Callable[[Compte], None],
    entry_lake: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(entree, "aujourdhui", lambda: date(2026, 12, 20))
    objects = Lake(Settings(lake=str(entry_lake))).objects
    for name, until in (("ancre.pdf", date(2026, 12, 31)), ("hebergement.pdf", date(2026, 12, 1))):
        pieces.deposer(store, objects, region["sso"], name, b"%PDF-1.7 x", par=None, valable_au=until)
    pieces.deposer(store, objects, region["telec"], "sans fin.pdf", b"%PDF-1.7 x", par=None)
    read_by(claire)

    def labels(at: AppTest) -> list[str]:
        return [one.proto.label.replace("\u00a0", " ") for one in at.get("download_button")]

    def ends(at: AppTest) -> list[str]:
        """What stands beside each file of a card, for who may change it."""
        blocks = (one.proto.label for one in at.get("expander"))
        return [one.replace("\u00a0", " ") for one in blocks if "alable" in one or "Périmée" in one]

    at = opened("commencer", "COMMENCER", s="44-0002")
    assert labels(at) == [f"{name} · 1 Kio · non analysée" for name in ("hebergement.pdf", "ancre.pdf")]
    assert ends(at) == ["Périmée depuis le 2 décembre 2026", "Valable jusqu’au 31 décembre 2026"]
    assert ends(opened("commencer", "COMMENCER", s="44-0003")) == ["Dire jusqu’à quand elle est valable"]
    todo = told(opened("tableau", "TABLEAU")).split("<ol>")[1].split("</ol>")[0]
    todo = todo.replace("\u00a0", " ").replace("\u202f", " ")
    assert "saisie-commencer?s=44-0002#pieces" in todo
    assert (
        "Renouveler 2 pièces, dans 1 service : d’abord « hebergement.pdf », Portail SSO, "
        "périmée depuis le 2 décembre 2026" in todo
    )
    # One is renewed, the other one leaves the list: nothing is to be done any more.
    at.date_input(key=_widget(at.date_input, "piece_validite_2", "valable_au")).set_value(date(2027, 12, 1))
    at.button(key=_widget(at.button, "piece_validite_2", "enregistrer")).click().run()
    assert any("hebergement.pdf" in one.value and "1er" in one.value for one in at.success)
    at = opened("commencer", "COMMENCER", s="44-0002")
    at.button(key=_widget(at.button, "piece_validite_1", "retirer")).click().run()
    at = opened("commencer", "COMMENCER", s="44-0002")
    assert labels(at) == ["hebergement.pdf · 1 Kio · non analysée"]
    assert ends(at) == ["Valable jusqu’au 1er décembre 2027"]
    assert "Renouveler" not in told(opened("tableau", "TABLEAU"))
    # Who reads takes the files, and is asked nothing.
    lea = person(store, "lea")
    acteurs.donner(store, lea.id, region["sso"], "lecteur", par=None)
    read_by(lea)
    at = opened("commencer", "COMMENCER", s="44-0002")
    assert len(labels(at)) == 1
    assert not [one for one in at.button if "piece_validite" in str(one.key)]
    assert ends(at) == []
    drawn = told(at).replace("\u00a0", " ")
    assert "valable jusqu’au 1er décembre 2027" in drawn
    assert "Vous pouvez prendre ces pièces, pas en joindre." in drawn


def _widget(widgets: Iterable[Any], *parts: str) -> str:
    """The key of the widget that is named so."""
    return next(str(one.key) for one in widgets if all(part in str(one.key) for part in parts))


def test_a_card_takes_a_type_in_its_zone_and_a_reason_against_it(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    read_by(claire)
    at = opened("commencer", "COMMENCER", s="44-0003")

    def kept() -> tuple[object, ...]:
        row = services.de_code(store, "44-0003")
        return row["zone_pos"], row["type_service"], row["tronc_commun"]

    def fill(**values: object) -> str:
        """Set fields one after the other (the last one may be asked by those before), save; what is said then."""
        for name, value in values.items():
            widgets = (*at.selectbox, *at.text_input, *at.checkbox)
            next(one for one in widgets if f"_{name}" in str(one.key)).set_value(value).run()
        next(
            one for one in at.button if "fiche_service" in str(one.key) and "enregistrer" in str(one.key)
        ).click().run()
        assert not at.exception
        done = "".join(one.value for one in at.success)
        return (told(at) + done).replace("\u00a0", " ").replace("\u202f", " ")

    # A region's whole system stands in no zone.
    whole = opened("commencer", "COMMENCER", s="44-0001")
    assert not [
        one for one in (*whole.selectbox, *whole.checkbox) if re.search("_zone|_type|_tronc", str(one.key))
    ]
    kinds = next(one for one in at.selectbox if "_type_service" in str(one.key))
    assert "Portail · 2, 3" in kinds.options
    refused = "« Télésoin » est un type de la zone 6.5 Télésanté, pas de la zone 6.1 Production de soin."
    assert refused in fill(zone_pos="6.1", type_service="Télésoin")
    assert kept() == (None, None, True)
    fill(zone_pos="6.5")
    assert kept() == ("6.5", "Télésoin", True)
    # Another type is typed; it is not of the tronc commun, and the card says so.
    said_then = fill(type_service="autre", type_autre="Agenda partagé")
    assert "d’après son type, le service ne compte pas dans le tronc commun" in said_then
    assert kept() == ("6.5", "Agenda partagé", False)
    at = opened("commencer", "COMMENCER", s="44-0003")
    assert next(one for one in at.text_input if "_type_autre" in str(one.key)).value == "Agenda partagé"
    assert "n’est pas du tronc commun" in fill(tronc_commun=True)
    assert kept() == ("6.5", "Agenda partagé", False)
    assert "contre ce que dit son type : Arbitré en comité (" in fill(tronc_motif="Arbitré en comité")
    assert kept() == ("6.5", "Agenda partagé", True)


def test_a_thread_is_kept_under_its_criterion_and_settled(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    read_by(claire)
    at = opened("questionnaire", "QUESTIONNAIRE", s="44-0002", q="QU", axe="A05")
    at.text_area(key="crit_A05_1_message").set_value("Quelle <carte> ?").run()
    at.button(key="crit_A05_1_envoyer").click().run()
    assert not at.exception
    assert "Quelle &lt;carte&gt;\u202f?" in told(at)
    assert at.text_area(key="crit_A05_1_message").value == ""
    at.button(key="crit_A05_2_envoyer").click().run()
    assert "A05.2\u202f: Écrivez votre message." in told(at)
    at.button(key="crit_A05_1_regler").click().run()
    labels = [one.proto.label for one in at.get("expander")]
    assert "Discussion · 1 message · réglée" in labels


def test_the_others_answers_stand_beside_one_s_own_as_far_as_rights_go(
    store: Store,
    region: dict[str, int],
    read_by: Callable[[Compte], None],
    petit_lake: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nation = Droits(frozenset({"convergence"}))
    expert = person(store, "expert", profil="expert_national", droits=nation)
    acteurs.donner(store, expert.id, region["sso"], "expert", par=None)
    claire = person(store, "claire")
    acteurs.donner(store, claire.id, region["si"], "responsable_si", par=None)
    read_by(expert)
    monkeypatch.setenv("OBS_LAKE", str(petit_lake))
    open_lake.clear()
    everywhere = told(opened("questionnaire", "QUESTIONNAIRE", s="44-0002", q="QU", axe="A05"))
    plain = everywhere.replace("\u202f", " ")
    assert "143 services sur 292 au niveau 2 (moyenne). 0 très faible : 20 ; 1 faible : 70" in plain
    assert "Toutes régions, campagne du 15 décembre 2020" in plain
    read_by(claire)
    ours = told(opened("questionnaire", "QUESTIONNAIRE", s="44-0002", q="QU", axe="A05")).replace(
        "\u202f", " "
    )
    assert "14 services sur 20 au niveau 2 (moyenne)" in ours
    assert "Grand Est, campagne du 15 décembre 2020" in ours
    # A single system a region: its level would be read under a distribution of one.
    system = told(opened("questionnaire", "QUESTIONNAIRE", s="44-0001", q="QR")).replace("\u202f", " ")
    assert "au niveau" not in system.split("Commenter")[0]
    board = told(opened("tableau", "TABLEAU")).replace("\u202f", " ")
    assert (
        "Urbanisation des services</th><td>68,7 % sur 21 services</td><td>78,8 % sur 299 services</td>"
        in board
    ), "the region, then the nation: one measure"


def test_a_grant_is_given_under_oneself_and_withdrawn(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    acteurs.donner(store, claire.id, region["si"], "responsable_si", par=None, peut_deleguer=True)
    sous = person(store, "sous", responsable_id=claire.id)
    person(store, "etranger")
    read_by(claire)
    at = opened("equipe", "EQUIPE", s="44-0003")
    who = next(one for one in at.selectbox if one.label == "À qui")
    assert who.options == ["A Sous (sous@ex.fr)"]
    who.set_value(sous.id)
    next(one for one in at.selectbox if one.label == "Rôle").set_value("expert")
    next(one for one in at.button if one.label == "Habiliter").click().run()
    assert not at.exception
    assert [(one["email"], one["role"]) for one in acteurs.equipe(store, region["telec"])] == [
        ("sous@ex.fr", "expert")
    ]
    assert "A Sous · Expert" in told(at)
    at.button(key=f"retirer_{sous.id}_expert").click().run()
    assert acteurs.equipe(store, region["telec"]) == []
