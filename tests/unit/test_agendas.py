"""The aggregator over real HTTP: what each fault of an editor becomes. Numbers name the plan of the national kit's
requirements for the search of slots (``agg-psindiv``) where a test answers one."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from apps.cli import obs
from lake.agendas.agregateur import PARIS, Agregateur, Editeur, Reponse, fenetre
from lake.agendas.codes import idnps
from lake.agendas.liens import lien_sur
from lake.agendas.rythme import PAUSE_S, Disjoncteur, Seau
from lake.agendas.transport import OCTETS, Certificats
from tests.unit.agenda_certificates import Authority
from tests.unit.agenda_server import Resource, Sent, Server, bundle, practitioner, serving, slot

A, B, C = "10001234567", "10001234568", "10001234569"
DU = datetime(2027, 3, 27, 8, tzinfo=PARIS)
AU = datetime(2027, 3, 29, 23, 59, tzinfo=PARIS)


def at(hour: int, day: int = 27, minute: int = 0) -> datetime:
    return datetime(2027, 3, day, hour, minute, tzinfo=PARIS)


def sending(resources: Sequence[Resource], **changed: Any) -> Any:
    return lambda _asked: Sent(bundle(resources, **changed))


def asked(
    server: Server, rpps: Sequence[str] = (A,), *, delay: float = 7.0, rate: float = 50.0, **more: Any
) -> Reponse:
    consents = {f"8{one}": more.pop("consent", None) for one in rpps}
    editor = Editeur("essai", server.base, rythme=rate, **more)
    return Agregateur(delai=delay).chercher([(editor, consents)], DU, AU)


def state(answer: Reponse, rpps: str = A) -> str:
    return answer.statuts[f"8{rpps}"]


def test_slots_are_read_with_their_place_their_kinds_and_their_page() -> None:
    """agg-psindiv 9, 11, 12, 15, 16, 19 to 25: two places, one practitioner, each slot at its own."""
    two = [*practitioner(A, ("1", "2")), slot(A, at(9)), slot(A, at(10), place="2")]
    with serving(sending(two)) as server:
        answer = asked(server)
    assert state(answer) == "creneaux"
    assert answer.editeurs == {"essai": "creneaux"}
    assert [one.lieu for one in answer.creneaux] == [
        "1 rue des Lilas 54000 Nancy",
        "2 rue des Lilas 54000 Nancy",
    ]
    first = answer.creneaux[0]
    assert (first.debut, first.fin) == (at(9), at(9, minute=15))
    assert (first.types, first.modalites) == (("SNP",), ("AMB",))
    assert first.lien == f"https://rdv.exemple.fr/{A}?lieu=1&origin=sas#agenda"
    assert first.structure.startswith("4")


def test_the_question_is_the_one_of_the_guide() -> None:
    """agg-psindiv 4, 6, 26 to 30; the offset is the true one of each instant, across the change of hour."""
    with serving(sending([])) as server:
        asked(server)
    (question,) = server.asked
    assert question["start"] == ["ge2027-03-27T08:00:00.000+01:00", "le2027-03-29T23:59:00.000+02:00"]
    assert question["status"] == ["free"]
    assert question["_include"] == ["Slot:schedule"]
    assert question["_include:iterate"] == ["Schedule:actor"]
    assert question["schedule.actor:Practitioner.identifier"] == [f"urn:oid:1.2.250.1.71.4.2.1|8{A}"]
    assert server.heads[0]["accept"].startswith("application/fhir+json, application/json+fhir")


@pytest.mark.parametrize(("count", "sizes"), [(1, [1]), (25, [25]), (26, [25, 1]), (60, [25, 25, 10])])
def test_practitioners_go_by_25_each_asked_once(count: int, sizes: list[int]) -> None:
    everyone = [f"{20000000000 + one}" for one in range(count)]
    with serving(sending([])) as server:
        answer = asked(server, everyone)
    assert sorted((len(one) for one in server.identifiers()), reverse=True) == sizes
    assert sorted(one for batch in server.identifiers() for one in batch) == sorted(
        f"8{one}" for one in everyone
    )
    assert answer.requetes == len(sizes)
    assert set(answer.statuts.values()) == {"aucun"}


def test_structures_go_by_ten_and_are_read_by_their_siret() -> None:
    sirets = [f"{12345678900000 + one}" for one in range(11)]
    place = {
        "resourceType": "Location",
        "id": "l",
        "name": "SOS Médecins",
        "managingOrganization": {"reference": "Organization/o"},
    }
    house = {
        "resourceType": "Organization",
        "id": "o",
        "identifier": [{"type": {"coding": [{"code": "IDNST"}]}, "value": f"3{sirets[0]}"}],
    }
    agenda = {"resourceType": "Schedule", "id": f"a{A}-1", "actor": [{"reference": "Location/l"}]}
    with serving(sending([place, house, agenda, slot(A, at(9))])) as server:
        editor = Editeur("sos", server.base, rythme=50, structures=True)
        answer = Agregateur().chercher([(editor, {f"3{one}": None for one in sirets})], DU, AU)
    name = "actor:Location.organization.identifier"
    assert sorted(len(one[name][0].split(",")) for one in server.asked) == [1, 10]
    assert answer.statuts[f"3{sirets[0]}"] == "creneaux"
    assert answer.creneaux[0].lieu == "SOS Médecins"


ROWS: list[tuple[str, Any]] = [
    ("ps_non_demande", slot(B, at(9))),
    ("passe", slot(A, at(7))),
    ("hors_fenetre", slot(A, at(9, day=30))),
    ("fin_avant_debut", slot(A, at(9), minutes=0)),
    ("fin_avant_debut", slot(A, at(9), minutes=-5)),
    ("pas_libre", slot(A, at(9), status="busy")),
    ("heure_sans_fuseau", slot(A, at(9), start="2027-03-27T09:00:00.000")),
    ("heure_illisible", slot(A, at(9), start="demain matin")),
    ("heure_illisible", slot(A, at(9), start=1806998400)),
    ("heure_illisible", slot(A, at(9), start="2027-02-30T09:00:00Z")),
    ("heure_illisible", slot(A, at(9), end=None)),
    ("agenda_absent", slot(A, at(9), schedule={"reference": "Schedule/inconnu"})),
    ("agenda_absent", slot(A, at(9), schedule=None)),
    ("entree_illisible", ["pas", "un", "objet"]),
    ("doublon", slot(A, at(12))),
]


@pytest.mark.parametrize(("reason", "row"), ROWS, ids=[f"{why}-{n}" for n, (why, _) in enumerate(ROWS)])
def test_a_bad_row_is_refused_for_its_reason_and_the_others_stay(reason: str, row: Any) -> None:
    """agg-psindiv 5, 7, 10, 11, 12: the row is counted under its reason, the good one beside it is read."""
    good = bundle([*practitioner(A), *practitioner(B), slot(A, at(12), number="bon")])
    good["entry"].append({"resource": row})
    with serving(lambda _asked: Sent(good)) as server:
        answer = asked(server)
    assert {why: n for why, n in answer.rejets.items() if n} == {reason: 1}
    assert [one.debut for one in answer.creneaux] == [at(12)]
    assert state(answer) == "creneaux"


def test_a_slot_without_its_practitioner_s_place_is_refused() -> None:
    resources = [one for one in practitioner(A) if one["resourceType"] != "PractitionerRole"]
    with serving(sending([*resources, slot(A, at(9))])) as server:
        answer = asked(server)
    assert answer.rejets == {"role_absent": 1}


def test_only_unreadable_slots_are_silence_not_none() -> None:
    with serving(sending([*practitioner(A), slot(A, at(9), start="2027-03-27T09:00:00")])) as server:
        assert state(asked(server, (A, B))) == "muet"
    with serving(sending([*practitioner(A), slot(A, at(9), status="busy")])) as server:
        assert state(asked(server)) == "aucun"


def test_an_empty_bundle_is_an_answer() -> None:
    """agg-psindiv 8, 13, 14."""
    with serving(lambda _asked: Sent({"resourceType": "Bundle", "type": "searchset", "total": 0})) as server:
        answer = asked(server)
    assert (state(answer), answer.editeurs) == ("aucun", {"essai": "aucun"})


DEEP = '{"resourceType":"Bundle","entry":' + "[" * 100_000
FAULTS: list[tuple[str, Sent]] = [
    ("http_500", Sent({}, status=500)),
    ("http_401", Sent({}, status=401)),
    ("http_422", Sent({"resourceType": "OperationOutcome"}, status=422)),
    ("pas_un_bundle", Sent({"resourceType": "OperationOutcome"})),
    ("pas_un_bundle", Sent([])),
    ("pas_un_bundle", Sent(bundle([], entry="rien"))),
    ("pas_un_bundle", Sent(bundle([], type="transaction"))),
    ("pas_du_json", Sent("<html>Connexion</html>", kind="text/html; charset=utf-8")),
    ("illisible", Sent('{"resourceType": "Bundle", "entry": [')),
    ("illisible", Sent(b'{"resourceType": "\xff"}')),
    ("illisible", Sent(DEEP)),
    ("connexion", Sent(bundle([*practitioner(A), slot(A, at(9))]), cut=40)),
    ("redirection", Sent("", status=302, headers={"Location": "http://127.0.0.1:1/"})),
    ("trop_gros", Sent(b" " * (OCTETS + 1))),
    ("compresse", Sent(b"x", headers={"Content-Encoding": "gzip"})),
]


@pytest.mark.parametrize(("reason", "sent"), FAULTS, ids=[f"{why}-{n}" for n, (why, _) in enumerate(FAULTS)])
def test_a_failure_is_silence_never_none(reason: str, sent: Sent) -> None:
    with serving(lambda _asked: sent) as server:
        answer = asked(server)
    assert (state(answer), answer.editeurs, dict(answer.pannes)) == ("muet", {"essai": "muet"}, {reason: 1})
    assert answer.creneaux == []


def test_a_refused_connection_is_silence() -> None:
    answer = Agregateur().chercher([(Editeur("mort", "http://127.0.0.1:9/fhir"), {f"8{A}": None})], DU, AU)
    assert (state(answer), dict(answer.pannes)) == ("muet", {"connexion": 1})


def test_what_comes_after_the_deadline_is_left_out_and_keeps_nobody_waiting() -> None:
    good = bundle([*practitioner(A), slot(A, at(9)), *practitioner(B), slot(B, at(9))])
    with serving(lambda _asked: Sent(good)) as quick, serving(lambda _asked: Sent(good, after=10)) as late:
        answer = Agregateur(delai=2.0).chercher(
            [(Editeur("vif", quick.base), {f"8{A}": None}), (Editeur("lent", late.base), {f"8{B}": None})],
            DU,
            AU,
        )
    assert answer.editeurs == {"vif": "creneaux", "lent": "muet"}
    assert (state(answer), state(answer, B)) == ("creneaux", "muet")
    assert [one.identifiant for one in answer.creneaux] == [f"8{A}"]
    assert answer.pannes["delai"] == 1
    assert 2000 <= answer.duree_ms < 8000


def test_a_body_that_drips_is_cut_at_the_deadline() -> None:
    with serving(lambda _asked: Sent(bundle([*practitioner(A), slot(A, at(9))]), drip=True)) as server:
        answer = asked(server, delay=0.5)
    assert state(answer) == "muet"


def test_pages_follow_one_another_and_never_leave_the_server() -> None:
    def paged(question: dict[str, list[str]]) -> Sent:
        if "page" in question:
            return Sent(bundle([*practitioner(A), slot(A, at(11))]))
        link = [{"relation": "next", "url": "Slot?page=2"}]
        return Sent(bundle([*practitioner(A), slot(A, at(9))], link=link))

    with serving(paged) as server:
        answer = asked(server)
    assert [one.debut for one in answer.creneaux] == [at(9), at(11)]
    for url, reason in (("?page=2", "pages_sans_fin"), ("http://127.0.0.1:1/Slot", "suite_ailleurs")):
        looped = bundle([*practitioner(A), slot(A, at(9))], link=[{"relation": "next", "url": url}])
        with serving(lambda _asked, looped=looped: Sent(looped)) as server:
            answer = asked(server, (A, B), delay=120)  # a busy machine turns the pages slowly
        assert answer.pannes[reason] == 1
        # What was read before is kept; of the others, nothing is known.
        assert (state(answer), state(answer, B)) == ("creneaux", "muet")
        assert len(answer.creneaux) == 1


def test_an_editor_that_asks_for_patience_gets_it_within_the_deadline() -> None:
    left = [1]

    def busy(_question: dict[str, list[str]]) -> Sent:
        return Sent({}, status=429, headers={"Retry-After": "1"}) if left and left.pop() else Sent(bundle([]))

    with serving(busy) as server:
        answer = asked(server)
    assert (state(answer), answer.requetes) == ("aucun", 2)
    assert server.times[1] - server.times[0] >= 0.95
    with serving(lambda _asked: Sent({}, status=429, headers={"Retry-After": "3600"})) as server:
        answer = asked(server, delay=1)
    assert (state(answer), answer.requetes) == ("muet", 1)


def test_the_order_does_not_depend_on_who_answers_first() -> None:
    everyone = [f"{20000000000 + one}" for one in range(30)]
    resources = [r for one in everyone for r in (*practitioner(one), slot(one, at(9)))]

    def late_first(question: dict[str, list[str]]) -> Sent:
        first = everyone[0] in question["schedule.actor:Practitioner.identifier"][0]
        return Sent(bundle(resources), after=0.3 if first else 0)

    with serving(late_first) as server:
        answer = asked(server, everyone)
    assert [one.identifiant for one in answer.creneaux] == [f"8{one}" for one in everyone]


def test_what_its_holder_does_not_let_be_shown_is_no_slot_and_is_not_kept() -> None:
    public = {"security": [{"code": "PUBLIC"}]}
    with serving(sending([*practitioner(A), slot(A, at(9), meta=public), slot(A, at(10))])) as server:
        answer = asked(server, consent=frozenset({"SNP"}))
        assert [one.debut for one in answer.creneaux] == [at(10)]
        assert not answer.rejets
    with serving(sending([*practitioner(A), slot(A, at(9), meta=public)])) as server:
        assert state(asked(server, consent=frozenset({"SNP"}))) == "aucun"


def test_an_answer_serves_a_minute_unless_it_is_forgotten() -> None:
    now = [1000.0]
    with serving(sending([*practitioner(A), slot(A, at(9))])) as server:
        aggregator = Agregateur(horloge=lambda: now[0])
        question = [(Editeur("essai", server.base, rythme=50), {f"8{A}": None})]
        asked_again = [aggregator.chercher(question, DU, AU).requetes for _ in range(2)]
        aggregator.oublier("essai")
        asked_again.append(aggregator.chercher(question, DU, AU).requetes)
        now[0] += 61
        asked_again.append(aggregator.chercher(question, DU, AU).requetes)
    assert asked_again == [1, 0, 1, 1]


def test_an_editor_that_fails_is_left_alone_then_asked_again() -> None:
    now = [1000.0]
    with serving(lambda _asked: Sent({}, status=500)) as server:
        aggregator = Agregateur(horloge=lambda: now[0])
        question = [(Editeur("essai", server.base, rythme=50), {f"8{A}": None})]
        for _ in range(5):
            aggregator.chercher(question, DU, AU)
        told = aggregator.chercher(question, DU, AU)
        assert (told.requetes, dict(told.pannes), state(told)) == (0, {"disjoncteur": 1}, "muet")
        now[0] += PAUSE_S + 1
        assert aggregator.chercher(question, DU, AU).requetes == 1


def test_an_editor_that_never_answers_in_time_is_left_alone_too() -> None:
    with serving(lambda _asked: Sent(bundle([]), after=5)) as server:
        # Long enough for a busy machine to ask, short beside what the editor takes.
        aggregator = Agregateur(delai=0.4)
        question = [(Editeur("essai", server.base, rythme=50), {f"8{A}": None})]
        told = [dict(aggregator.chercher(question, DU, AU).pannes) for _ in range(6)]
    assert told == [{"delai": 1}] * 5 + [{"disjoncteur": 1}]


def test_the_pace_of_an_editor_holds() -> None:
    bucket = Seau(1.0, 4)
    assert [bucket.prendre(100.0, 107.0) for _ in range(6)] == [0, 0, 0, 0, 1, 2]
    assert bucket.prendre(100.0, 101.0) is None
    assert bucket.prendre(200.0, 207.0) == 0
    breaker = Disjoncteur()
    for second in (0, 100, 200, 300, 400):  # too far apart to be an outage
        breaker.rate(second)
    assert not breaker.ouvert(401)


@pytest.mark.parametrize(
    "text",
    ["javascript:alert(1)", "http://rdv.exemple.fr/", "https://moi@rdv.exemple.fr/",
     "https://rdv.exemple.fr/" + "a" * 4000,
         "https:///rien", "https://rdv exemple.fr/", "https://rdv.exemple.fr/\n", "//rdv.exemple.fr", "", None, 12,
     "https://rdv.exemplé.fr/", "data:text/html,x", "https://rdv.exemple.fr:port/"],
)  # fmt: skip
def test_a_hostile_page_is_never_a_link(text: Any) -> None:
    assert lien_sur(text if text != "https://rdv.exemple.fr/\n" else "https://rdv.exemple.fr/\nx") is None


def test_the_mark_is_added_without_losing_what_is_there() -> None:
    assert lien_sur("https://rdv.exemple.fr") == "https://rdv.exemple.fr"
    found = lien_sur("https://rdv.exemple.fr/a?x=1&origin=ailleurs&vide=#bas", origine="sas")
    assert found is not None
    parts = urlsplit(found)
    assert parse_qs(parts.query, keep_blank_values=True) == {"x": ["1"], "vide": [""], "origin": ["sas"]}
    assert parts.fragment == "bas"
    assert lien_sur("https://autre.fr/", hotes={"rdv.exemple.fr"}) is None
    assert lien_sur("https://RDV.exemple.fr/", hotes={"rdv.exemple.fr"}) is not None


def test_a_refused_page_leaves_the_slot() -> None:
    with serving(sending([*practitioner(A), slot(A, at(9), comment="javascript:alert(1)")])) as server:
        answer = asked(server)
    assert (answer.creneaux[0].lien, dict(answer.rejets)) == (None, {"lien_refuse": 1})


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-29T10:00:00+01:00", "2026-12-01T23:59:59+01:00"),
        ("2026-10-24T00:10:00+02:00", "2026-10-26T23:10:00+01:00"),
        ("2027-03-27T10:00:00+01:00", "2027-03-29T23:59:59+02:00"),
    ],
)
def test_the_window_is_three_days_of_hours_that_pass(now: str, end: str) -> None:
    first, last = fenetre(datetime.fromisoformat(now))
    assert last == datetime.fromisoformat(end)
    assert last - first.astimezone(UTC) <= timedelta(hours=72)


@pytest.mark.parametrize(
    ("text", "known"),
    [("10001234567", "810001234567"), (" 810001234567 ", "810001234567"), ("1.0E+10", None), ("1000123456", None),
     ("910001234567", None), ("", None), ("１0001234567", None)],
)  # fmt: skip
def test_an_rpps_is_told_from_what_is_not(text: str, known: str | None) -> None:
    assert idnps(text) == known


def run(*arguments: str) -> Any:
    return CliRunner().invoke(obs, ["sas", "interroger", *arguments])


def test_the_command_says_what_is_known_of_each() -> None:
    both = [*practitioner(A), slot(A, at(9)), slot(A, at(9), number="deux"), *practitioner(B)]
    with serving(sending(both)) as server:
        ran = run("--base", server.base, "--rpps", f"{A},8{B},1.0E+10", "--du", "2027-03-27T08:00", "--au",
                  "2027-03-29T23:59+02:00", "--format", "json")  # fmt: skip
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    assert found["requetes"] == 1
    assert found["statut"] == {A: "creneaux", f"8{B}": "aucun", "1.0E+10": "non_relie"}
    assert found["creneaux"] == [
        {"rpps": A, "debut": "2027-03-27T09:00:00+01:00", "fin": "2027-03-27T09:15:00+01:00", "types": ["SNP"],
         "modalites": ["AMB"], "lieu": "1 rue des Lilas 54000 Nancy",
         "lien": f"https://rdv.exemple.fr/{A}?lieu=1&origin=sas#agenda"}
    ]  # fmt: skip
    assert found["rejets"] == [{"raison": "doublon", "nombre": 1}, {"raison": "rpps_illisible", "nombre": 1}]
    assert isinstance(found["duree_ms"], int)


def test_the_command_tells_a_silent_editor_from_an_empty_one() -> None:
    with serving(lambda _asked: Sent({}, status=500)) as server:
        ran = run("--base", server.base, "--rpps", A, "--du", "2027-03-27", "--au", "2027-03-29")
    assert ran.exit_code == 0
    assert f"{A} : n'a pas répondu" in ran.output
    assert "Pannes : 1 (http_500)" in ran.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--base", "ftp://x", "--rpps", A, "--du", "2027-03-27", "--au", "2027-03-28"], "serveur FHIR"),
        (
            ["--base", "http://exemple.fr", "--rpps", A, "--du", "2027-03-27", "--au", "2027-03-28"],
            "en clair",
        ),
        (
            ["--base", "http://localhost:1", "--rpps", "12", "--du", "2027-03-27", "--au", "2027-03-28"],
            "« 12 »",
        ),
        (
            ["--base", "http://localhost:1", "--rpps", A, "--du", "hier", "--au", "2027-03-28"],
            "--du illisible",
        ),
        (
            ["--base", "http://localhost:1", "--rpps", A, "--du", "2027-03-29", "--au", "2027-03-28"],
            "avant le début",
        ),
        (["--base", "http://localhost:1", "--du", "2027-03-27", "--au", "2027-03-28"], "qui interroger"),
    ],
)
def test_the_command_refuses_in_one_line(arguments: list[str], said: str) -> None:
    ran = run(*arguments)
    assert ran.exit_code == 1
    assert said in ran.output


def test_mutual_tls_by_settings(tmp_path: Path) -> None:
    """agg-psindiv 1: the editor asks for our certificate, we check its own; without either, silence."""
    authority = Authority(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.file)
    context.load_cert_chain(authority.signed("127.0.0.1"))
    context.verify_mode = ssl.CERT_REQUIRED
    with serving(sending([*practitioner(A), slot(A, at(9))]), context) as server:
        question = [(Editeur("sûr", server.base, rythme=50), {f"8{A}": None})]
        ours = authority.signed("plateforme")
        for certificates, known in (
            (Certificats(ours, "", authority.file), "creneaux"),
            (Certificats("", "", authority.file), "muet"),
            (Certificats(ours), "muet"),
        ):
            answer = Agregateur(certificates).chercher(question, DU, AU)
            assert state(answer) == known, certificates


def test_unreadable_certificates_are_told_by_their_settings() -> None:
    from lake.errors import LakeError

    with pytest.raises(LakeError, match="Certificats illisibles"):
        Certificats("/nulle/part.pem").contexte()


def test_a_kept_connection_that_the_server_closed_is_asked_again() -> None:
    """An editor may close between two pages without a word: that is no silence of its own."""
    closed = threading.Event()

    def page(rank: int) -> bytes:
        link = [{"relation": "next", "url": "Slot?page=2"}] if rank == 1 else []
        body = json.dumps(bundle([*practitioner(A), slot(A, at(9 + rank))], link=link)).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    def serve(listening: socket.socket) -> None:
        first, _ = listening.accept()
        first.recv(65_536)
        first.sendall(page(1))
        first.recv(65_536)  # the second question comes by the same connection…
        first.close()  # …which closes without an answer
        closed.set()
        second, _ = listening.accept()
        second.recv(65_536)
        second.sendall(page(2))
        second.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        editor = Editeur("essai", f"http://127.0.0.1:{listening.getsockname()[1]}/fhir", rythme=50)
        answer = Agregateur(delai=60).chercher([(editor, {f"8{A}": None})], DU, AU)
        thread.join(60)
    assert closed.is_set()
    assert [one.debut for one in answer.creneaux] == [at(10), at(11)]
    assert dict(answer.pannes) == {}
