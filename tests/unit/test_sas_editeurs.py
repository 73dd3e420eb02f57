"""Linked agendas in a search: their slots in the one order, what each editor said, silence never taken for none."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from apps.cli import obs
from apps.sas import attente, editeurs, signalements
from apps.sas.questions import Agendas, Question
from lake.agendas.agregateur import PARIS, Agregateur, Editeur
from lake.catalog.territoires import COMMUNES
from lake.errors import LakeError
from lake.settings import Settings
from lake.store import journal
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.sas import consentements
from lake.store.sas.chargement import charger
from lake.store.sas.fichiers import lire
from lake.store.sas.tables import RECHERCHES
from lake.store.schema import JOURNAL
from lake.tables import Lake
from scoring.sas.recherche import Lieu, Reponse
from tests.unit.agenda_server import Sent, bundle, practitioner, serving, slot
from tests.unit.test_sas_publication import communes

A, B, C = "10001234567", "10001234568", "10001234569"
NOON = (datetime.now(PARIS) + timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
TODAY = NOON.date() - timedelta(days=1)
PEOPLE = "identifiant,genre,nom,code_commune,longitude,latitude\n" + "".join(
    f"8{who},ps,{name},54395,6.18,48.69\n" for who, name in ((A, "Foret"), (B, "Bois"), (C, "Haie"))
)
MONDAY = TODAY - timedelta(days=TODAY.weekday())
PLAGES = (
    "identifiant,genre,du,au,ancre,cycle,rang,jour,debut,fin,capacite,duree_min,modalites\n"
    f"8{C},snp,{MONDAY},{TODAY + timedelta(days=9)},{MONDAY},1,0,{NOON.isoweekday()},12:30,13:00,,15,AMB\n"
    # Ordinary hours are no slot of the SAS: what an editor gives within them is still given.
    f"8{C},consultation,{MONDAY},{TODAY + timedelta(days=9)},{MONDAY},1,0,{NOON.isoweekday()},13:30,15:00,,15,AMB\n"
)


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("OBS_LAKE", str(tmp_path / "lac"))
    monkeypatch.setenv("OBS_STORE", f"sqlite:///{tmp_path / 'base.db'}")
    agendas = tmp_path / "agendas.csv"
    agendas.write_text(f"identifiant;editeur;types\n{A};Vif;\n8{B};Muet;SNP\n8{C};Vif;SNP|PUBLIC\n", "utf-8")
    monkeypatch.setenv("OBS_SAS_AGENDAS", str(agendas))
    monkeypatch.setattr(editeurs, "_CLIENTS", {})
    Lake(Settings.from_env()).publish(COMMUNES, communes())
    store = open_store(Settings.from_env())
    charger(
        store,
        effecteurs=[lire(PEOPLE.encode(), "effecteurs.csv", "effecteurs")],
        plages_=lire(PLAGES.encode(), "plages.csv", "plages"),
    )
    yield store
    store.close()


def search(*more: str) -> dict[str, Any]:
    at = (NOON - timedelta(hours=1)).isoformat()
    ran = CliRunner().invoke(obs, ["sas", "chercher", "--point", "6.18,48.69", "--a", at, "--graine", "1", "--format",
                                   "json", *more])  # fmt: skip
    assert ran.exit_code == 0, ran.output
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_slots_of_editors_stand_in_the_one_order(base: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    given = [slot(C, NOON + timedelta(minutes=30)), slot(C, NOON + timedelta(minutes=120))]
    vif = [*practitioner(A), slot(A, NOON), *practitioner(C), *given]
    with ExitStack() as opened:
        one = opened.enter_context(serving(lambda _asked: Sent(bundle(vif))))
        other = opened.enter_context(serving(lambda _asked: Sent({}, status=500)))
        monkeypatch.setenv("OBS_SAS_EDITEURS", f"Vif={one.base},Muet={other.base}")
        found = search()
    assert found["sources"] == {"Vif": "creneaux", "Muet": "muet"}
    rows = {row["identifiant"]: row for row in found["resultats"]}
    assert (rows[f"8{A}"]["source"], rows[f"8{A}"]["premier_creneau"][:16]) == ("Vif", NOON.isoformat()[:16])
    # Typed and fetched: one slot, at 12:30; then the second one typed, and the one at 14:00 that is fetched alone.
    assert (rows[f"8{C}"]["source"], rows[f"8{C}"]["places"]) == ("saisie", 3)
    assert (rows[f"8{B}"]["palier"], rows[f"8{B}"]["places"]) == (2, 0)
    assert one.identifiers() == [[f"8{A}", f"8{C}"]] or one.identifiers() == [[f"8{C}", f"8{A}"]]
    with base.reading() as connection:
        assert connection.execute(sa.select(RECHERCHES.c.sources_muettes)).scalar_one() == 1


def test_a_slot_not_found_at_its_editor_is_hidden_ten_minutes_and_counted(
    base: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signalements, "_VUS", {})
    asked = NOON - timedelta(hours=1)
    with serving(lambda _asked: Sent(bundle([*practitioner(A), slot(A, NOON)]))) as server:
        monkeypatch.setenv("OBS_SAS_EDITEURS", f"Vif={server.base}")
        assert {row["source"] for row in search()["resultats"]} == {"Vif", "saisie"}
        signalements.signaler(base, f"8{A}", NOON, "Vif", now=asked - timedelta(minutes=9))
        found = search()
        assert {row["source"] for row in found["resultats"]} == {"saisie"}
        assert found["sources"] == {"Vif": "creneaux"}  # what the editor said is still what it said
        signalements.signaler(base, f"8{A}", NOON, "Vif", now=asked - timedelta(minutes=10))
        assert {row["source"] for row in search()["resultats"]} == {"Vif", "saisie"}
    with base.reading() as connection:
        noted = connection.execute(sa.select(JOURNAL.c.objet).where(JOURNAL.c.action == "sas.introuvable"))
        assert noted.scalars().all() == ["Vif", "Vif"]


def test_processes_of_one_suite_share_the_pace_that_an_editor_bears(monkeypatch: pytest.MonkeyPatch) -> None:
    assert editeurs._editeur("Vif", "https://vif.example").rythme == 1.0
    monkeypatch.setenv("OBS_PROCESSUS", "8501,8502,8503,8504")
    assert editeurs._editeur("Vif", "https://vif.example").rythme == 0.25


def test_what_is_typed_is_told_before_the_editors_answer(
    base: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    def answer(_asked: object) -> Sent:
        order.append("éditeur")
        return Sent(bundle([*practitioner(A), slot(A, NOON)]))

    def typed(found: Reponse, _venus: Sequence[str]) -> None:
        order.append(attente.premiers(found, now).replace("\u202f", " "))

    now = NOON - timedelta(hours=1)
    asked = Question(Lieu("Point", "point", 6.18, 48.69, 0.0, "54395", "54"), graine=1)
    with serving(answer) as server:
        monkeypatch.setenv("OBS_SAS_EDITEURS", f"Vif={server.base}")
        whole = editeurs.completer(Agendas(base), asked, now, premiers=typed)
    assert whole.sources == {"Vif": "creneaux"}
    assert order[1] == "éditeur"
    assert "2 places dans l’offre saisie ; les agendas reliés répondent…" in order[0]


def test_what_an_editor_gives_is_told_before_the_slower_ones_answer(
    base: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, now = threading.Event(), NOON - timedelta(hours=1)
    told: list[str] = []

    def late(_asked: object) -> Sent:
        assert heard.wait(5)  # it answers once the first editor's slots are on the page
        return Sent(bundle([*practitioner(B), slot(B, NOON)]))

    def come(found: Reponse, venus: Sequence[str]) -> None:
        told.append(attente.premiers(found, now, venus).replace("\u202f", " "))
        if venus:
            heard.set()

    asked = Question(Lieu("Point", "point", 6.18, 48.69, 0.0, "54395", "54"), graine=1)
    with (
        serving(lambda _asked: Sent(bundle([*practitioner(A), slot(A, NOON)]))) as quick,
        serving(late) as slow,
    ):
        monkeypatch.setenv("OBS_SAS_EDITEURS", f"Vif={quick.base},Muet={slow.base}")
        whole = editeurs.completer(Agendas(base), asked, now, premiers=come)
    assert whole.sources == {"Vif": "creneaux", "Muet": "creneaux"}
    assert "2 places dans l’offre saisie ; les agendas reliés répondent…" in told[0]
    assert "3 places dans l’offre saisie et chez Vif ; d’autres agendas répondent…" in told[1]
    assert "Foret" in told[1]
    assert int(whole.reponse.resultats["places"].sum()) == 4


def test_a_choice_holds_from_the_next_search_over_the_operator_s_file(
    base: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = {"security": [{"code": "PUBLIC"}]}
    mine = [*practitioner(A), slot(A, NOON), slot(A, NOON + timedelta(minutes=15), meta=public)]
    with ExitStack() as opened:
        one = opened.enter_context(serving(lambda _asked: Sent(bundle(mine))))
        other = opened.enter_context(serving(lambda asked: Sent(bundle(mine if A in str(asked) else []))))
        monkeypatch.setenv("OBS_SAS_EDITEURS", f"Vif={one.base},Muet={other.base}")

        def found() -> tuple[int, str, list[list[str]], list[list[str]]]:
            row = next(row for row in search()["resultats"] if row["identifiant"] == f"8{A}")
            asked = one.identifiers(), other.identifiers()
            for server in (one, other):
                server.asked.clear()
            return row["places"], row["source"], *asked

        assert found()[:2] == (1, "Vif")  # the file's: SNP alone
        assert consentements.consentir(base, f"8{A}", "Vif", {"SNP", "PUBLIC"}, auteur="a@ex.fr")
        assert not consentements.consentir(base, f"8{A}", "Vif", {"PUBLIC", "SNP"})  # the same is no change
        assert found()[0] == 2
        # At two editors, that give the same hours: each slot is one.
        consentements.consentir(base, f"8{A}", "Muet", {"SNP"})
        places, _, _, asked = found()
        assert (places, sorted(asked[0])) == (2, [f"8{A}", f"8{B}"])
        # Withdrawn: not asked any more, and what was read a moment ago is not shown.
        consentements.consentir(base, f"8{A}", "Vif", ())
        places, source, asked, _ = found()
        assert (places, source, asked) == (1, "Muet", [[f"8{C}"]])
        consentements.consentir(base, f"8{A}", "Muet", ())
        assert found()[0] == 0
    assert consentements.tous(base) == {f"8{A}": {"Vif": frozenset(), "Muet": frozenset()}}
    told = journal.read(base, journal.Filters(action="sas.consentement"))
    assert [one.details["types"] for one in told] == ["aucun", "aucun", "SNP", "SNP|PUBLIC"]
    for who, kinds, said in (
        (f"8{A}", {"TOUT"}, "Type de créneau inconnu : TOUT"),
        ("810009999999", {"SNP"}, "Aucun"),
    ):
        with pytest.raises(LakeError, match=said):
            consentements.consentir(base, who, "Vif", kinds)


def test_one_at_two_editors_has_none_when_both_say_so(base: Store) -> None:
    with ExitStack() as opened:
        none = opened.enter_context(serving(lambda _asked: Sent(bundle([]))))
        silent = opened.enter_context(serving(lambda _asked: Sent({}, status=500)))
        both = [
            (Editeur(name, one.base), {f"8{A}": None}) for name, one in (("Vide", none), ("Muet", silent))
        ]
        client = Agregateur()
        for order in (both, both[::-1]):
            read = client.chercher(order, NOON, NOON + timedelta(hours=4))
            assert (read.statuts, read.editeurs) == ({f"8{A}": "muet"}, {"Vide": "aucun", "Muet": "muet"})


def test_without_editors_nothing_is_asked(base: Store) -> None:
    found = search()
    assert found["sources"] == {}
    assert {row["source"] for row in found["resultats"]} == {"saisie"}


def test_silence_makes_a_demand_uncertain(base: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda _asked: Sent({}, status=500)) as server:
        monkeypatch.setenv("OBS_SAS_EDITEURS", f"Muet={server.base}")
        search("--modalites", "HH")
    with base.reading() as connection:
        assert connection.execute(sa.select(RECHERCHES.c.issue)).scalar_one() == "incertaine"


def test_what_the_holder_does_not_let_be_shown_stays_out(
    base: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = {"security": [{"code": "PUBLIC"}]}
    with serving(lambda _asked: Sent(bundle([*practitioner(A), slot(A, NOON, meta=public)]))) as server:
        monkeypatch.setenv("OBS_SAS_EDITEURS", f"Vif={server.base}")
        found = search()
    assert found["sources"] == {"Vif": "aucun"}


def test_a_bad_file_of_links_is_told_by_its_line(
    base: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bad = tmp_path / "liens.csv"
    bad.write_text("identifiant,editeur\n10001234567,Vif\n1.0E+10,Vif\n", "utf-8")
    monkeypatch.setenv("OBS_SAS_AGENDAS", str(bad))
    monkeypatch.setenv("OBS_SAS_EDITEURS", "Vif=http://127.0.0.1:9/fhir")
    ran = CliRunner().invoke(obs, ["sas", "chercher", "--point", "6.18,48.69", "--format", "json"])
    assert ran.exit_code == 1
    assert "ligne 3" in ran.output
