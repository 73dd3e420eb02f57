"""Our FHIR server over real HTTP: read by our own aggregator, and told bookings as editors do.

Numbers name the requirements of the national kit (``agg-psindiv``) that a test answers.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import polars as pl
import pytest
import sqlalchemy as sa
import uvicorn
from starlette.applications import Starlette

from apps.kit.shell.options import app_options
from apps.sas.fhir_route import fhir_routes
from lake.agendas.agregateur import PARIS, Agregateur, Editeur, fenetre
from lake.agendas.codes import IDNPS
from lake.catalog.territoires import CODES_POSTAUX, COMMUNES
from lake.settings import Settings
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.sas import rendez_vous
from lake.store.sas.chargement import charger
from lake.store.sas.fichiers import lire
from lake.store.sas.tables import EFFECTEURS, RENDEZ_VOUS
from lake.tables import Lake
from tests.unit.test_sas_publication import communes

A, B, C = "810001234567", "810001234568", "810001234569"
TODAY = datetime.now(PARIS).date()
MONDAY = TODAY - timedelta(days=TODAY.weekday())
TOMORROW = TODAY + timedelta(days=1)
TOKEN = "jeton-de-test-assez-long"
PEOPLE = f"""identifiant,genre,nom,code_commune,longitude,latitude
{A},ps,Foret,54395,6.18,48.69
{B},ps,Bois,54547,6.17,48.66
{C},ps,Absent,54395,6.18,48.69
"""


def ranges() -> str:
    lines = ["identifiant,genre,du,au,ancre,cycle,rang,jour,debut,fin,capacite,duree_min,modalites"]
    when = f"{MONDAY},{TODAY + timedelta(days=40)},{MONDAY},1,0,{TOMORROW.isoweekday()}"
    for who, hours, ways in (
        (A, "14:00,15:00", "AMB|VR"),
        (B, "09:00,09:40", "HH"),
        (C, "09:00,10:00", "AMB"),
    ):
        lines.append(f"{who},snp,{when},{hours},,20,{ways}")
        lines.append(f"{who},consultation,{when},17:00,18:00,,20,AMB")
    return "\n".join(lines) + "\n"


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("OBS_LAKE", str(tmp_path / "lac"))
    monkeypatch.setenv("OBS_STORE", f"sqlite:///{tmp_path / 'base.db'}")
    monkeypatch.setenv("OBS_SAS_FHIR_JETONS", f"editeur-a={TOKEN},editeur-b={TOKEN}-b")
    monkeypatch.setenv("OBS_SAS_FHIR_CLIENTS", "editeur-c@318751275100020")
    monkeypatch.setattr(
        "apps.sas.fhir_route.data", lambda: type("Reads", (), {"lake": Lake(Settings.from_env())})()
    )
    lake = Lake(Settings.from_env())
    lake.publish(COMMUNES, communes())
    postal = {"code_postal": ["54100", "54000"], "code_commune": ["54395", "54395"]}
    lake.publish(CODES_POSTAUX, pl.DataFrame(postal, schema=CODES_POSTAUX.dtypes()))
    store = open_store(Settings.from_env())
    charger(
        store,
        effecteurs=[lire(PEOPLE.encode(), "effecteurs.csv", "effecteurs")],
        plages_=lire(ranges().encode(), "plages.csv", "plages"),
    )
    with store.writing() as connection:
        connection.execute(
            sa.update(EFFECTEURS)
            .where(EFFECTEURS.c.identifiant == C)
            .values(indisponible_le=datetime.now(UTC))
        )
    yield store
    store.close()


@contextmanager
def served(store: Store, app: Starlette | None = None) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = app or Starlette(routes=fhir_routes(lambda: store))
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}/fhir"
    finally:
        server.should_exit = True
        thread.join(5)


@pytest.fixture
def server(base: Store) -> Iterator[str]:
    with served(base) as address:
        yield address


def question(*who: str, **changed: Any) -> list[tuple[str, str]]:
    first, last = fenetre(datetime.now(UTC))
    params: dict[str, Any] = {
        "start": [f"ge{first.isoformat()}", f"le{last.isoformat()}"], "status": ["free"],
        "schedule.actor:Practitioner.identifier": [",".join(f"{IDNPS}|{one}" for one in who)],
        "_include": ["Slot:schedule"], "_include:iterate": ["Schedule:actor"],
    } | changed  # fmt: skip
    return [(name, value) for name, values in params.items() for value in values]


def get(
    server: str, params: list[tuple[str, str]], *, resource: str = "Slot", token: str = TOKEN
) -> httpx.Response:
    return httpx.get(f"{server}/{resource}", params=params, headers={"authorization": f"Bearer {token}"})


def test_our_own_aggregator_reads_our_own_slots(base: Store, server: str) -> None:
    """agg-psindiv 4 to 16, 19 to 25, by the reader that refuses what does not keep them; not the unavailable, not the
    ordinary hours, not what is booked."""
    begin = datetime(TOMORROW.year, TOMORROW.month, TOMORROW.day, 14, 20, tzinfo=PARIS)
    rendez_vous.reserver(base, rendez_vous.Demande(A, begin, "AMB", "cle", 20))
    editor = Editeur("nous", server, rythme=50, jeton=TOKEN)
    first, last = fenetre(datetime.now(UTC))
    answer = Agregateur().chercher([(editor, {A: None, B: None, C: None})], first, last)
    assert answer.statuts == {A: "creneaux", B: "creneaux", C: "aucun"}
    assert [(one.identifiant, one.debut.astimezone(PARIS).strftime("%H:%M")) for one in answer.creneaux] == [
        (A, "14:00"), (A, "14:40"), (B, "09:00"), (B, "09:20"),
    ]  # fmt: skip
    assert {one.types for one in answer.creneaux} == {("SNP",)}
    assert [one.modalites for one in answer.creneaux] == [("AMB", "VR")] * 2 + [("HH",)] * 2
    assert answer.creneaux[0].lieu.endswith("54000 54395")
    assert answer.creneaux[0].structure == f"4{A[1:]}000"


def test_the_bundle_has_the_forms_of_the_kit(server: str) -> None:
    """agg-psindiv 8, 9, 13, 14, 17, 20 to 23, 31, 32: profiles, forms, total of slots only, link of the question."""
    params = question(A)
    answer = get(server, params)
    assert answer.headers["content-type"].startswith("application/fhir+json")
    found = answer.json()
    kinds = [one["resource"]["resourceType"] for one in found["entry"]]
    assert (found["type"], found["total"], kinds.count("Slot")) == ("searchset", 3, 3)
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "Slot": 3, "Schedule": 1, "Practitioner": 1, "PractitionerRole": 1,
    }  # fmt: skip
    assert found["link"][0]["url"].endswith(f"Slot?{urlencode(params)}")
    for one in found["entry"]:
        assert one["resource"]["meta"]["profile"][0].startswith("http://sas.fr/fhir/StructureDefinition/Fr")
    slot = found["entry"][0]["resource"]
    assert len(slot["start"]) == len("2027-03-29T14:00:00.000+02:00")
    empty = get(server, question("810009999999")).json()
    assert (empty["total"], "entry" in empty) == (0, False)
    bare = get(server, question(A, _include=[])).json()
    assert {one["resource"]["resourceType"] for one in bare["entry"]} == {"Slot"}


def test_agendas_asked_alone_are_those_of_who_was_asked(server: str) -> None:
    def named(*who: str, tail: str = "") -> set[str]:
        asked = ",".join(f"{IDNPS}|{one}" for one in who) + tail
        answer = get(server, [("actor:Practitioner.identifier", asked)], resource="Schedule")
        assert answer.status_code == 200, answer.text
        people = [one["resource"] for one in answer.json().get("entry", ())]
        return {one["identifier"][0]["value"] for one in people if one["resourceType"] == "Practitioner"}

    assert [named(A), named(B, A), named(C)] == [{A}, {A, B}, set()]
    # An empty item of the list is nobody: it does not count among those that one may ask at once.
    assert named(*[A] * 25, tail=", ,") == {A}
    wrong = get(server, question(A), resource="Schedule")
    assert wrong.json()["issue"][0]["diagnostics"] == (
        "Le paramètre actor:Practitioner.identifier est attendu une fois."
    )


def test_a_window_gives_what_begins_in_it_to_the_minute(server: str) -> None:
    def begun(first: str, last: str) -> list[str]:
        hours = [f"{sign}{TOMORROW}T{hour}:00" for sign, hour in (("ge", first), ("le", last))]
        found = get(server, question(A, start=hours, _include=[])).json()
        return [one["resource"]["start"][11:16] for one in found.get("entry", ())]

    assert begun("14:01", "14:39") == ["14:20"]
    assert begun("14:00", "14:40") == ["14:00", "14:20", "14:40"], "the bounds are in it"
    assert begun("15:00", "18:00") == []


def test_pages_are_whole(server: str) -> None:
    url, slots, pages = "", [], 0
    page = get(server, question(A, _count=["1"])).json()
    while True:
        pages += 1
        assert page["total"] == 3
        slots += [e["resource"]["id"] for e in page["entry"] if e["resource"]["resourceType"] == "Slot"]
        after = [one["url"] for one in page["link"] if one["relation"] == "next"]
        if not after:
            break
        url = f"{server}/Slot?{after[0].partition('?')[2]}"
        assert url.count("_offset=") == 1, "a link says once where it begins"
        page = httpx.get(url, headers={"authorization": f"Bearer {TOKEN}"}).json()
    assert (pages, len(slots), len(set(slots))) == (3, 3, 3)


MEANINGLESS: list[tuple[dict[str, Any], int]] = [
        ({"status": ["busy"]}, 400), ({"status": []}, 400), ({"start": ["ge2027-01-01"]}, 400),
        ({"start": ["ge2027-01-01", "ge2027-01-02"]}, 400), ({"start": ["gehier", "le2027-01-02"]}, 400),
        ({"start": ["ge2027-01-01", "le2027-03-01"]}, 422), ({"_count": ["beaucoup"]}, 400),
        ({"schedule.actor:Practitioner.identifier": []}, 400),
        ({"schedule.actor:Practitioner.identifier": [",".join(["810001234567"] * 26)]}, 400),
]  # fmt: skip


def test_a_question_without_meaning_is_told_by_an_outcome(server: str) -> None:
    for changed, status in MEANINGLESS:
        answer = get(server, question(A, **changed))
        assert answer.status_code == status, changed
        assert answer.json()["resourceType"] == "OperationOutcome"
        assert answer.json()["issue"][0]["diagnostics"]


def test_nobody_that_the_operator_did_not_name_reads_anything(server: str) -> None:
    """agg-psindiv 1 to 3: the common name and the unit of the certificate that the proxy checked."""
    url, params = f"{server}/Slot", question(A)
    assert httpx.get(url, params=params).status_code == 401
    assert get(server, params, token="autre").status_code == 401
    checked = {"x-client-verify": "SUCCESS", "x-client-dn": "CN=editeur-c,OU=318751275100020,O=Editeur,C=FR"}
    assert httpx.get(url, params=params, headers=checked).status_code == 200
    for wrong in (
        {"x-client-dn": "CN=editeur-c,OU=autre"}, {"x-client-dn": "CN=editeur-cc,OU=318751275100020"},
        {"x-client-verify": "FAILED:self signed"}, {"x-client-dn": "O=CN\\,CN=editeur-c"},
    ):  # fmt: skip
        assert httpx.get(url, params=params, headers=checked | wrong).status_code == 401, wrong
    assert httpx.get(f"{server}/metadata").json()["resourceType"] == "CapabilityStatement"


def test_a_certificate_told_by_anyone_else_than_the_proxy_counts_for_nothing(
    base: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBS_SAS_FHIR_RELAIS", "10.0.0.1")
    checked = {"x-client-verify": "SUCCESS", "x-client-dn": "CN=editeur-c,OU=318751275100020"}
    with served(base) as server:
        assert httpx.get(f"{server}/Slot", params=question(A), headers=checked).status_code == 401


PATIENT, INS = "Jeanne-Secrete", "urn:oid:1.2.250.1.213.1.4.8"
NOBODY = {
    "resourceType": "Practitioner",
    "id": "ps",
    "identifier": [{"system": IDNPS, "value": "810009999999"}],
}


def appointment(status: str = "booked", **changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "Appointment", "status": status, "meta": {"lastUpdated": "2026-09-04T10:00:00+02:00"},
        "identifier": [{"system": "urn:oid:1.2.3", "value": "rdv-1"}],
        "start": "2026-09-04T14:00:00+02:00", "end": "2026-09-04T14:20:00+02:00",
        "created": "2026-09-04T09:00:00+01:00",
        "description": PATIENT, "comment": PATIENT,
        "participant": [
            {"actor": {"display": PATIENT, "identifier": {"system": INS, "value": "279035121518989"}}},
            {"actor": {"reference": "#ps"}, "status": "accepted"},
        ],
        "contained": [
            {"resourceType": "Patient", "id": "pat", "name": [{"family": PATIENT}]},
            {"resourceType": "Practitioner", "id": "ps", "identifier": [{"system": IDNPS, "value": A}]},
        ],
    } | changed  # fmt: skip


def send(
    server: str, document: Any, *, put: bool = False, token: str = TOKEN, name: str = "identifier"
) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/fhir+json"}
    url = f"{server}/Appointment" + (f"?{urlencode({name: 'urn:oid:1.2.3|rdv-1'})}" if put else "")
    return httpx.request("PUT" if put else "POST", url, content=json.dumps(document), headers=headers)


def updated(day: int, status: str = "booked", **changed: Any) -> dict[str, Any]:
    return appointment(status, meta={"lastUpdated": f"2026-09-{day:02}T10:00:00+02:00"}, **changed)


def rows(store: Store) -> list[Any]:
    with store.reading() as connection:
        return list(connection.execute(sa.select(RENDEZ_VOUS)).mappings())


def test_a_booking_received_twice_is_one(base: Store, server: str) -> None:
    first, second = send(server, appointment()), send(server, appointment())
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.headers["location"] == second.headers["location"]
    (row,) = rows(base)
    assert (row["statut"], row["source"], row["identifiant_externe"]) == (
        "booked",
        "editeur-a",
        "urn:oid:1.2.3|rdv-1",
    )
    assert row["debut"] == datetime(2026, 9, 4, 12, tzinfo=UTC)
    assert row["cree_le"] == datetime(
        2026, 9, 4, 8, tzinfo=UTC
    )  # the instant, though France is at +02:00 then


def test_an_update_before_its_creation_creates(base: Store, server: str) -> None:
    assert send(server, appointment(), put=True, name="Identifier").status_code == 201
    assert send(server, appointment()).status_code == 201
    assert send(server, updated(5, "fulfilled"), put=True).status_code == 200
    (row,) = rows(base)
    assert row["statut"] == "fulfilled"


def test_what_is_older_is_ignored_and_what_is_cancelled_never_revives(base: Store, server: str) -> None:
    send(server, updated(6))
    late = send(server, updated(5, "cancelled"), put=True)
    assert (late.status_code, rows(base)[0]["statut"]) == (200, "booked")
    assert "plus ancien" in late.json()["issue"][0]["diagnostics"]
    moved = updated(7, start="2026-09-04T15:00:00+02:00", end="2026-09-04T15:20:00+02:00")
    assert send(server, moved, put=True).status_code == 200
    assert rows(base)[0]["debut"] == datetime(2026, 9, 4, 13, tzinfo=UTC)
    assert send(server, updated(8, "cancelled"), put=True).status_code == 200
    for status in ("booked", "fulfilled"):
        assert send(server, updated(9, status), put=True).status_code == 422
    assert [row["statut"] for row in rows(base)] == ["cancelled"]


def test_another_editor_cannot_touch_it(base: Store, server: str) -> None:
    send(server, appointment())
    assert send(server, updated(9, "cancelled"), put=True, token=f"{TOKEN}-b").status_code == 403
    assert rows(base)[0]["statut"] == "booked"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"identifier": []}, "identifier"), ({"identifier": [{"value": "x" * 300}]}, "identifier"),
    ({"start": "2026-09-04T14:00:00"}, "start"),
    ({"end": "2026-09-04T13:00:00+02:00"}, "end"), ({"status": "proposed"}, "status"), ({"status": {"a": 1}}, "status"),
    ({"participant": []}, "participant"),
    ({"resourceType": "Patient"}, "resourceType"), ({"participant": "x"}, "participant"),
    ({"contained": [NOBODY]}, "effecteur"),
]  # fmt: skip


def test_a_message_that_makes_no_booking_is_refused_by_its_element(base: Store, server: str) -> None:
    for changed, said in BAD:
        answer = send(server, appointment(**changed))
        assert answer.status_code == 422, changed
        assert said in answer.json()["issue"][0]["diagnostics"]
        assert PATIENT not in answer.text
        assert rows(base) == []


def test_bodies_that_are_none_are_refused(server: str) -> None:
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/fhir+json"}
    for content, status in ((b"{", 400), (b"[" * 100_000, 400), (b"\xff", 400), (b" " * 300_000, 413)):
        assert httpx.post(f"{server}/Appointment", content=content, headers=headers).status_code == status
    assert (
        httpx.post(
            f"{server}/Appointment", content=b"{}", headers=headers | {"content-type": "text/xml"}
        ).status_code
        == 415
    )
    assert httpx.delete(f"{server}/Appointment", headers=headers).status_code == 405
    assert httpx.get(f"{server}/Patient", headers=headers).status_code == 404


def test_it_is_served_with_the_suite_through_its_middleware(base: Store) -> None:
    options = app_options("Essai", "Essai", routes=fhir_routes(lambda: base))
    with served(base, Starlette(routes=options["routes"], middleware=options["middleware"])) as server:
        assert send(server, appointment()).status_code == 201
        assert get(server, question(A)).json()["total"] == 3


def test_the_patient_of_a_message_is_nowhere(
    base: Store, server: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    send(server, appointment())
    send(server, appointment("proposed", identifier=[{"value": PATIENT}]))
    kept = b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    assert len(kept) > 1000
    assert PATIENT.encode() not in kept
    assert b"279035121518989" not in kept
    assert PATIENT not in caplog.text
