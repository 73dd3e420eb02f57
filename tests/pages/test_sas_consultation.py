"""« Consultation » as a régulateur uses it: a place, the answer read aloud, a seat taken, what is handed over."""

from __future__ import annotations

import logging
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pydeck
import pytest
import sqlalchemy as sa
from icalendar import Calendar
from streamlit.testing.v1 import AppTest

from apps.kit.access import session
from apps.kit.data.places import Typologie, typologie
from apps.sas import acces, carte, consultation, editeurs, questions, signalements
from apps.sas.fiche import Fiche
from lake.agendas.agregateur import PARIS
from lake.horaires.heures import local_day
from lake.store import backup
from lake.store.engine import Store
from lake.store.sas import (
    agendas,
    chargement,
    consentements,
    essais,
    planning,
    presets,
    profil,
    recherches,
    rendez_vous,
)
from lake.store.sas.fichiers import lire
from lake.store.sas.presets import Preset
from lake.store.sas.sieges import Demande
from lake.store.sas.tables import RECHERCHES, RENDEZ_VOUS, SERIES, SOLLICITATIONS
from scoring.sas.recherche import Lieu, Reponse
from tests.pages.drawing import read
from tests.unit.agenda_server import Sent, bundle, practitioner, serving, slot
from tests.unit.test_mail import Start, smtp  # noqa: F401  (a fixture)

SCREEN = """
from apps.kit.shell.screen import draw
from apps.sas.{module} import {name}
draw({name})
"""
UN, MSP = "810000000001", "1540000012"


class Found:
    """A place found without a lake: what the finder answers, for one address and one commune."""

    libelle, precision, longitude, latitude = "12 rue des Glycines 54000 Nancy", "numero", 6.18, 48.69
    incertitude_km, code_commune = 0.0, "54395"


class Places:
    def find(self, text: str, limit: int = 5) -> object:  # noqa: ARG002
        found = (Found(),) if "Nancy" in text else ()
        near = [type("C", (), {"nom": "Nancy", "code_departement": "54"})()]
        return type("F", (), {"candidates": found, "communes": () if found else near})()

    def commune(self, code: str) -> object:  # noqa: ARG002
        return type("C", (), {"libelle": "54000 Nancy", "longitude": 6.18, "latitude": 48.69})()

    def departement(self, code: str) -> str:  # noqa: ARG002
        return "54"

    density: float | None = None

    def typology(self, code: str) -> Typologie:  # noqa: ARG002
        return typologie(self.density)

    def area_km2(self, code: str) -> None:  # noqa: ARG002
        return None


@pytest.fixture
def store(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Agendas open all day, today and the days after, whatever the hour of the test."""
    today = local_day(datetime.now(UTC))
    people = (
        "identifiant,genre,nom,code_commune,longitude,latitude,ouverture\n"
        f"{UN},ps,Dr Fictive Un,54395,6.184,48.692,\n"
        f"{MSP},structure,Maison de santé Fictive,54547,6.17,48.66,1-8 00:00-24:00\n"
    )
    lines = [
        f"{who},snp,{today},{today + timedelta(days=9)},1,0,{day},00:00,24:00,{capacity},20,{kinds}"
        for day in range(1, 8)
        for who, capacity, kinds in ((UN, "", "AMB|VR"), (MSP, 30, "AMB"))
    ]
    ranges = "identifiant,genre,du,au,cycle,rang,jour,debut,fin,capacite,duree_min,modalites\n" + "\n".join(
        lines
    )
    done = chargement.charger(
        store,
        effecteurs=[lire(people.encode(), "e", "effecteurs"), lire(people.encode(), "e", "effecteurs")],
        plages_=lire(ranges.encode(), "p", "plages"),
    )
    assert done.comptes["plages"]["chargees"] == 14
    monkeypatch.setattr(session, "store", lambda: store)
    monkeypatch.setattr(acces, "places", Places)
    acces._agendas.clear()
    return store


def screen(module: str = "consultation", name: str = "CONSULTATION") -> AppTest:
    at = AppTest.from_string(SCREEN.format(module=module, name=name), default_timeout=30).run()
    assert not at.exception, at.exception
    return at


def searched(text: str = "12 rue des Glycines, Nancy") -> AppTest:
    at = screen()
    at.text_input[0].set_value(text).run()
    assert not at.exception, at.exception
    return at


def rows(store: Store, table: sa.Table) -> list[dict[str, object]]:
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def test_the_answer_is_read_aloud_and_the_search_kept_without_its_address(store: Store) -> None:
    at = searched()
    assert at.title[0].value == "Qui peut recevoir ce patient\u202f?"
    heading = at.header[0].value
    assert "places jusqu’à après-demain, la première\u202f: " in heading
    html = read(at).html
    assert "Dr Fictive Un" in html
    assert re.search(r"Maison de santé Fictive</strong> <span[^>]*>ouverte<", html)
    assert "12 rue des Glycines 54000 Nancy · au numéro" in html
    # Of an unknown density, nothing is said.
    assert "Meurthe-et-Moselle (SAS-54), dans un rayon de 10 km<" in html.replace("\u202f", " ")
    assert "aucune donnée du patient n’est gardée" in html
    assert dict(at.query_params) == {}
    kept = rows(store, RECHERCHES)
    assert [(row["code_commune"], row["lieu_precision"], row["issue"], row["resultats"]) for row in kept] == [
        ("54395", "numero", "pourvue", 2)
    ]
    at.run()
    assert len(rows(store, RECHERCHES)) == 1  # a reload is no new search


def test_a_place_not_found_offers_what_is_near(store: Store) -> None:
    at = searched("12 rue des Glycines, Nanci")
    assert at.warning[0].value.startswith("Adresse introuvable.")
    at.button(key="sas_commune_Nancy (54)").click().run()
    assert at.text_input[0].value == "Nancy"
    assert at.header


def test_a_place_that_is_not_dense_is_told_what_is_offered_at_a_distance(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "de téléconsultation sont dans la même liste, à leur rang"
    monkeypatch.setattr(Places, "density", 45.0)
    html = read(searched()).html
    assert "km · commune peu dense (de 30 à 60 habitants au km²)" in html.replace("\u202f", " ")
    assert told not in html  # many are received in presence
    with store.writing() as connection:
        connection.execute(sa.update(SERIES).where(SERIES.c.capacite.is_(None)).values(modalites=4))
        connection.execute(sa.update(SERIES).where(SERIES.c.capacite.is_not(None)).values(capacite=1))
        agendas.written(connection)
    html = read(searched()).html.replace("\u202f", " ")
    assert re.search(rf"Commune peu dense, et [1-4] places? en présence : [0-9 ]+ places {told}", html)
    monkeypatch.setattr(Places, "density", 60.0)  # the bound is not under itself
    assert told not in read(searched()).html
    # Twenty accepted in a week are told; refusals are not counted among them.
    for rank in range(21):
        recherches.solliciter(store, MSP, "appel", "accepte" if rank else "refuse")
    assert "21 en 7 jours · 20 acceptées cette semaine" in read(searched()).html.replace("\u202f", " ")


def test_a_line_of_an_editor_counts_once_when_opened_and_when_its_slot_is_missing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, beside = "810000000003", "810000000004"
    people = (
        f"identifiant,genre,nom,code_commune,longitude,latitude\n{who},ps,Dr Reliée,54395,6.18,48.69\n"
        f"{beside},ps,Dr Voisine,54395,6.18,48.69\n"
    )
    chargement.charger(store, effecteurs=[lire(people.encode(), "e", "effecteurs")])
    consentements.consentir(store, who, "Vif", {"SNP"})
    consentements.consentir(store, beside, "Lent", {"SNP"})
    monkeypatch.setattr(
        editeurs, "drawn", lambda who, _names: {"Lent": frozenset({"SNP"})} if who == MSP else {}
    )
    soon = (datetime.now(UTC) + timedelta(hours=3)).replace(microsecond=0).astimezone(PARIS)
    mine, theirs = (
        [
            *practitioner(one[1:]),
            *(slot(one[1:], soon + timedelta(minutes=20 * rank + late)) for rank in range(2)),
        ]
        for one, late in ((who, 0), (beside, 7))
    )
    monkeypatch.setattr(editeurs, "_CLIENTS", {})
    monkeypatch.setattr(signalements, "_VUS", {})
    since = datetime.now(UTC) - timedelta(days=1)
    with (
        serving(lambda _asked: Sent(bundle(mine))) as server,
        serving(lambda _asked: Sent(bundle(theirs))) as other,
    ):
        monkeypatch.setenv("OBS_SAS_EDITEURS", f"Vif={server.base},Lent={other.base}")
        at = searched()
        assert "Dr Voisine" in read(at).html
        assert MSP[1:] not in str(other.asked), "a structure has no agenda at an editor"
        assert beside[1:] in str(other.asked)
        assert essais.taux(store, since).is_empty()
        next(one for one in at.button if one.key.startswith(f"sas_choisir_{who}")).click().run()
        at.run()
        assert essais.taux(store, since).select("editeur", "ouvertes", "introuvables").rows() == [
            ("Vif", 1, 0)
        ]
        missing = [one for one in at.button if one.label == "Introuvable chez l’éditeur"]
        assert len(missing) == 2
        missing[0].click().run()
        assert not at.exception, at.exception
        assert [one.label for one in at.button].count("Introuvable chez l’éditeur") == 1
    assert essais.taux(store, since).select("ouvertes", "introuvables").rows() == [(1, 1)]


def test_a_search_of_the_sas_sets_its_filters_and_lets_them_be_changed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    presets.garder(store, Preset(0, "SAS-54", "Au domicile", horizon="4h", modalites=2))
    monkeypatch.setattr(consultation, "_local", lambda: questions.locales(store, ["SAS-54"]))
    at = searched()
    at.button(key="sas_preset_SAS-54-1").click().run()
    assert at.header[0].value.startswith("Aucune place sous 4")
    asked = at.session_state["sas_question"]
    assert (asked.horizon, asked.modalites) == ("4h", ("HH",))
    at.button_group(key="sas_modalites").set_value([]).run()
    assert "places sous 4" in at.header[0].value
    at.button(key="sas_preset_medecine_generale").click().run()
    assert at.session_state["sas_question"].horizon == "apres-demain"


def test_an_age_puts_aside_who_does_not_receive_it_and_is_written_nowhere(store: Store) -> None:
    profil.decrire(store, UN, replace(profil.lire(store, UN), ages=("adulte", "aine")))
    at = searched()
    assert "Dr Fictive Un" in read(at).html
    at.selectbox(key="sas_age").set_value("nourrisson").run()
    assert "Dr Fictive Un" not in read(at).html
    at.selectbox(key="sas_age").set_value("aine").run()
    assert "Dr Fictive Un" in read(at).html
    kept = [str(value) for row in rows(store, RECHERCHES) for value in row.values()]
    assert not any("nourrisson" in value or "aine" in value for value in kept)
    at.button(key="sas_preset_medecine_generale").click().run()
    assert at.selectbox(key="sas_age").value is None


def test_widening_keeps_the_draw_and_says_the_new_radius(store: Store) -> None:
    at = searched()
    seed = at.session_state["sas_question"].graine
    at.button(key="sas_elargir").click().run()
    assert "dans un rayon de 15" in read(at).html
    assert at.session_state["sas_question"].graine == seed
    assert [row["elargie"] for row in rows(store, RECHERCHES)] == [0, 1]
    assert len({row["demande"] for row in rows(store, RECHERCHES)}) == 1
    # Open structures come first unless one does not want it; a button of a search puts that back too.
    assert at.session_state["sas_question"].open_first
    at.toggle(key="sas_ouvertes").set_value(False).run()
    assert not at.session_state["sas_question"].open_first
    assert at.session_state["sas_question"].graine == seed
    at.button(key="sas_preset_medecine_generale").click().run()
    assert at.toggle(key="sas_ouvertes").value


def test_three_presses_take_one_seat_and_the_slip_is_handed_over(store: Store) -> None:
    at = searched()
    at.button(key=f"sas_choisir_{UN}_1").click().run()
    assert at.subheader[0].value == "Dr Fictive Un"
    assert "donc entre 0 et 5 min" in at.expander[-1].markdown[0].value
    for _ in range(3):
        at.button(key="sas_reserver").click()
    at.run()
    booked = rows(store, RENDEZ_VOUS)
    assert [(row["statut"], row["sas"], row["modalite"]) for row in booked] == [("booked", "SAS-54", "AMB")]
    assert at.success[0].value == f"Réservé\u202f: {booked[0]['reference']}."
    slip = at.code[0].value
    assert slip.splitlines()[1] == "Avec\u202f: Dr Fictive Un"
    assert str(booked[0]["reference"]) in slip
    at.button(key="sas_nouvelle").click().run()
    assert at.text_input[0].value == ""
    mine = screen("orientations", "ORIENTATIONS")
    assert "1 rendez-vous à venir" in read(mine).html
    mine.button(key=f"sas_cancelled_{booked[0]['reference']}").click().run()
    assert rows(store, RENDEZ_VOUS)[0]["statut"] == "cancelled"
    assert rows(store, SOLLICITATIONS) == []


def test_a_seat_is_held_then_confirmed_or_moved(store: Store) -> None:
    at = searched()
    at.button(key=f"sas_choisir_{UN}_1").click().run()
    at.button(key="sas_tenir").click().run()
    assert at.info[0].value.startswith("Place tenue jusqu’à")
    at.button(key="sas_confirmer").click().run()
    code = str(rows(store, RENDEZ_VOUS)[0]["reference"])
    assert (rows(store, RENDEZ_VOUS)[0]["statut"], at.success[0].value) == (
        "booked",
        f"Réservé\u202f: {code}.",
    )
    other = searched()
    other.session_state["sas_deplace"] = code
    other.button(key=f"sas_choisir_{MSP}_2").click().run()
    assert other.button(key="sas_reserver").label == f"Déplacer {code} ici"
    other.button(key="sas_reserver").click().run()
    assert [row["statut"] for row in rows(store, RENDEZ_VOUS)] == ["cancelled", "booked"]


def test_a_seat_taken_meanwhile_is_refused_with_the_next_ones(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = searched()
    at.button(key=f"sas_choisir_{UN}_1").click().run()
    # Somebody takes every seat of the morning between this page's reading and the press.
    taken = rendez_vous.reserver

    def late(store: Store, asked: Demande, **more: object) -> str:
        for rank in range(3):
            begin = asked.debut + timedelta(minutes=20 * rank)
            taken(store, replace(asked, debut=begin, cle=f"autre{rank}"))
        return taken(store, asked)

    monkeypatch.setattr(rendez_vous, "reserver", late)
    at.button(key="sas_reserver").click().run()
    assert "cette place vient d’être prise. Prochaines places" in at.error[0].value
    assert len(rows(store, RENDEZ_VOUS)) == 3


def test_a_call_is_logged(store: Store) -> None:
    at = searched()
    at.button(key=f"sas_choisir_{UN}_1").click().run()
    at.button(key="sas_noter").click().run()
    assert [(row["canal"], row["issue"]) for row in rows(store, SOLLICITATIONS)] == [("appel", "accepte")]


def test_the_invitation_is_of_the_same_instant_on_both_sides_of_the_clock() -> None:
    for day, hour in ((24, 16), (25, 17)):
        begin = datetime(2026, 10, day, hour, tzinfo=UTC)
        fiche = Fiche(
            "SAS-AAAA-BBBB", begin, begin + timedelta(minutes=20), "Europe/Paris", "Dr Un", "Nancy", "AMB"
        )
        event = Calendar.from_ical(fiche.ics()).walk("VEVENT")[0]
        assert event.decoded("dtstart") == begin
        assert "à 18\u202fh" in fiche.texte


def booked() -> AppTest:
    at = searched()
    at.button(key=f"sas_choisir_{UN}_1").click().run()
    at.button(key="sas_reserver").click().run()
    return at


def test_an_address_typed_for_a_notice_is_nowhere_afterwards(
    store: Store,
    smtp: Start,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("OBS_LAKE", str(tmp_path / "lac"))
    address, postman = smtp()
    at = booked()
    assert "Sans serveur de courriel, lisez ou copiez le texte" in read(at).html
    monkeypatch.setenv("OBS_SMTP", address)
    at.run()
    at.text_input(key="sas_patient").set_value("pas une adresse")
    at.button(key="sas_patient_envoyer").click().run()
    assert "Cette adresse ne peut pas recevoir de courriel" in at.warning[0].value
    at.text_input(key="sas_patient").set_value("Gwendoline.Secrete@ex.fr")
    for _ in range(3):
        at.button(key="sas_patient_envoyer").click()
    at.run()
    assert not at.exception, at.exception
    assert "Envoyé au patient. Son adresse n’est gardée nulle part." in read(at).html
    code = str(rows(store, RENDEZ_VOUS)[0]["reference"])
    # Once, however often it was pressed.
    assert [one["To"] for one in postman.received] == ["gwendoline.secrete@ex.fr"]
    assert code in postman.received[0].get_body(("plain",)).get_content()
    # A server that refuses: told in words that do not repeat the address.
    monkeypatch.setenv("OBS_SMTP", "127.0.0.1:9")
    at.button(key="sas_nouvelle").click().run()
    other = booked()
    other.text_input(key="sas_patient").set_value("gwendoline.secrete@ex.fr")
    other.button(key="sas_patient_envoyer").click().run()
    assert "Le message n’est pas parti" in other.warning[0].value
    assert "secrete" not in read(other).html.lower()
    backup.backup(store, tmp_path / "sauvegarde.zip")
    with zipfile.ZipFile(tmp_path / "sauvegarde.zip") as archive:
        held = [archive.read(name) for name in archive.namelist()]
    files = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert {"store.db", "store.db-wal"} <= {one.name for one in files}
    for one in (*held, *(file.read_bytes() for file in files)):
        assert b"secrete" not in one.lower()
    for drawn in (at, other):
        assert "secrete" not in f"{drawn.query_params} {drawn.session_state._state.filtered_state}".lower()
    ours = [one.getMessage() for one in caplog.records if one.name != "mail.log"]  # that one is the server's
    assert "secrete" not in "\n".join(ours).lower()


def test_who_is_called_by_its_line_who_sees_first_and_who_is_away(store: Store) -> None:
    sheet = profil.Profil("+33383000000", ("fr", "de"), ("suture",), ("ecg",))
    profil.decrire(store, UN, sheet)
    at = searched()
    at.button(key=f"sas_choisir_{UN}_1").click().run()
    html = read(at).html
    assert "Ligne professionnelle\u202f: 03 83 00 00 00" in html
    assert "Parle allemand et français" in html
    assert "Actes déclarés\u202f: suture" in html
    at.segmented_control(key="sas_forme").set_value("Soin le plus tôt").run()
    assert "trajet compris" in read(at).html
    at.segmented_control(key="sas_forme").set_value("Liste").run()
    planning.dire_indisponible(store, UN, True)
    at.run()
    assert "Dr Fictive Un" not in read(at).html
    at.toggle(key="sas_indisponibles").set_value(True).run()
    assert re.search(r"Dr Fictive Un · 0,\d\u202fkm · indisponible depuis le ", read(at).html)


def test_a_pin_that_is_pressed_shows_its_rows_alone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carte, "data", lambda: None)
    monkeypatch.setattr(carte.points, "point_map", lambda *_, **__: (pydeck.Deck(), False))
    at = searched()

    def offered() -> set[str]:
        return {str(one.key) for one in at.button if str(one.key).startswith("sas_choisir_")}

    assert offered() == {f"sas_choisir_{UN}_1", f"sas_choisir_{MSP}_2"}
    at.segmented_control(key="sas_forme").set_value("Carte").run()
    assert "Choisissez un point pour voir ses places." in read(at).html
    assert offered() == set()
    shown = []
    for pin in ("0", "1"):
        monkeypatch.setattr(carte.points, "clicked", lambda _key, pin=pin: pin)
        at.run()
        shown.append(offered())
    assert sorted(len(one) for one in shown) == [1, 1]
    assert shown[0] | shown[1] == {f"sas_choisir_{UN}_1", f"sas_choisir_{MSP}_2"}


def test_two_professionals_at_one_address_are_one_pin() -> None:
    near = {"longitude": 6.18, "latitude": 48.69, "lieu": 1}
    rows = pl.DataFrame(
        [
            {"identifiant": "1", "nom": "Dr Un", "palier": 0, "bande": 4, "places": 2, **near},
            {"identifiant": "2", "nom": "Dr Deux", "palier": 0, "bande": 0, "places": 1, **near},
            {
                "identifiant": "3",
                "nom": "MSP",
                "palier": 2,
                "bande": 9,
                "places": 0,
                **near,
                "latitude": 48.7,
            },
        ]
    )
    found = carte.sites(Reponse(rows, pl.DataFrame(), 10, 5, 1))
    assert found.select("texte", "categorie", "cles").rows() == [
        ("2 à cette adresse : Dr Un, Dr Deux · 3 places", "Sous 2 h", ["1|1", "2|1"]),
        ("MSP · aucune place", "Sans place", ["3|1"]),
    ]


def test_the_map_names_the_place_searched_and_the_communes_of_its_pins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = {"54395": ("54000 Nancy", 6.18, 48.69), "54547": ("54500 Vandœuvre-lès-Nancy", 6.17, 48.66)}

    class Named(Places):
        def commune(self, code: str) -> object:
            where = dict(zip(("libelle", "longitude", "latitude"), known[code], strict=True))
            return type("C", (), where)() if code in known else None

    monkeypatch.setattr(acces, "places", Named)
    rows = pl.DataFrame({"code_commune": ["54547", "54547", "54395"]})
    answer = Reponse(rows, pl.DataFrame(), 10, 5, 1)
    place = Lieu("12 rue des Glycines", "numero", 6.21, 48.70, 0.0, "54395", "54")
    named = carte.reperes(place, answer)
    assert named["texte"].to_list() == ["Lieu cherché", "Vandœuvre-lès-Nancy", "Nancy"]
    assert named.row(0) == ("Lieu cherché", 6.21, 48.70)
    # A department has no place to show.
    assert "Lieu cherché" not in carte.reperes(replace(place, precision="departement"), answer)["texte"]
