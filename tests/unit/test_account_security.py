"""Accounts under attack: guessing, escalation, hostile files; on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import bcrypt
import pyotp
import pytest
import sqlalchemy as sa

from lake.droits import PROFILS, UNIVERS, Droits
from lake.errors import ContractError, LakeError
from lake.settings import Settings
from lake.store import journal
from lake.store.accounts import (
    accounts,
    bulk,
    identity,
    links,
    passwords,
    possessions,
    registration,
    sessions,
    signing,
    tree,
)
from lake.store.accounts.identity import Compte
from lake.store.accounts.links import Genre
from lake.store.engine import Store
from lake.store.schema import ESSAIS

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PHRASE = "quatre poneys bleus dansent"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lowest cost: what is counted here is hashes, not seconds."""
    monkeypatch.setattr(passwords, "kept", _hash)
    monkeypatch.setattr(passwords, "_NOBODY", _hash("personne"))


def _hash(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


def made(store: Store, name: str, profil: str = "expert_national", **more: object) -> Compte:
    given = {"organisation": "CHU", "nom": name.title(), "prenom": "Anne", **more}
    return accounts.create(store, email=f"{name}@ex.fr", profil=profil, **given)  # type: ignore[arg-type]


def active(store: Store, name: str, profil: str = "expert_national", **more: object) -> Compte:
    end = links.issue(store, made(store, name, profil, **more), Genre.ACTIVATION, now=NOW)
    return links.choose(store, end, PHRASE, now=NOW)


# -- guessing -------------------------------------------------------------------------------------------


def test_waits_double_up_to_an_hour_and_are_forgotten_after_a_day(store: Store) -> None:
    active(store, "anne")
    moment, waits = NOW, []
    for _ in range(signing.FREE + 9):
        waits.append(signing.try_password(store, "anne@ex.fr", "faux", now=moment).wait_s)
        moment += timedelta(seconds=waits[-1])
    assert waits == [0] * 4 + [31, 61, 121, 241, 481, 961, 1921, 3601, 3601, 3601]
    calm = moment + signing.FORGET + timedelta(seconds=1)
    assert signing.try_password(store, "anne@ex.fr", "faux", now=calm).wait_s == 0


def test_every_reason_to_refuse_gets_the_same_answer_after_the_same_work(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    active(store, "chef", "administrateur")
    made(store, "invitee")
    accounts.disable(store, active(store, "partie").id, "chef@ex.fr")
    active(store, "anne")
    hashes: list[int] = []
    real = bcrypt.checkpw
    monkeypatch.setattr(bcrypt, "checkpw", lambda *given: hashes.append(1) or real(*given))
    answers = {}
    for name, password in (
        ("personne", PHRASE),
        ("invitee", PHRASE),
        ("partie", PHRASE),
        ("anne", "faux"),
        ("anne", "é" * 200),
    ):
        before = len(hashes)
        answers[name, password] = (
            signing.try_password(store, f"{name}@ex.fr", password, now=NOW),
            len(hashes) - before,
        )
    assert set(map(str, answers.values())) == {str((signing.Answer(), 1))}
    noted = journal.read(store, journal.Filters(action="compte.echec"))
    assert len(noted) == 5
    assert all(line.details == {} for line in noted)


def test_attempts_made_at_once_do_not_pass_the_wait(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many attempts are checked while the first failures are being counted: none of them gets in any more."""
    active(store, "anne")
    real = passwords.matches

    def slow(password: str, hashed: str) -> bool:
        for _ in range(signing.FREE):  # what others failed meanwhile
            signing.failed(store, "anne@ex.fr", now=NOW)
        return real(password, hashed)

    monkeypatch.setattr(passwords, "matches", slow)
    answer = signing.try_password(store, "anne@ex.fr", PHRASE, now=NOW)
    assert answer.compte is None
    assert answer.wait_s == 31


def test_first_failures_at_once_are_all_counted(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: signing.failed(store, "anne@ex.fr", "192.0.2.1", now=NOW), range(16)))
    with store.reading() as connection:
        assert connection.execute(sa.select(ESSAIS.c.echecs)).scalars().all() == [16, 16]


def test_codes_are_guessed_no_faster_than_passwords(store: Store) -> None:
    anne = active(store, "anne")
    secret = signing.new_secret()
    assert signing.enrol(store, anne, secret, pyotp.TOTP(secret).at(NOW), now=NOW)
    later = NOW + timedelta(minutes=5)
    # A right password does not start the count anew while the code is still asked.
    for _ in range(signing.FREE):
        assert signing.try_password(store, "anne@ex.fr", PHRASE, now=later).second_factor
        assert not signing.try_code(store, anne, "000000", now=later)
    good = pyotp.TOTP(secret).at(later)
    assert not signing.try_code(store, anne, good, now=later)
    assert signing.try_password(store, "anne@ex.fr", PHRASE, now=later).wait_s == 31
    after = later + timedelta(seconds=40)
    assert signing.try_code(store, anne, pyotp.TOTP(secret).at(after), now=after)


@pytest.mark.parametrize("code", ["", "abcdef", "12345", "1234567", "-12345", "１２３４５６"])
def test_what_is_no_code_opens_nothing(store: Store, code: str) -> None:
    anne = active(store, "anne")
    secret = signing.new_secret()
    assert signing.enrol(store, anne, secret, pyotp.TOTP(secret).at(NOW), now=NOW)
    assert not signing.try_code(store, anne, code, now=NOW + timedelta(minutes=5))


def test_a_password_typed_as_an_address_is_not_written_in_the_journal(store: Store) -> None:
    for typed in (PHRASE, "Tr0ub4dor&3", "p@ss", ""):
        signing.try_password(store, typed, "x", now=NOW)
    signing.failed(store, "oubli:anne@ex.fr", now=NOW)
    lines = journal.read(store)
    assert [line.objet for line in lines] == ["anne@ex.fr", *["saisie illisible"] * 4]


def test_a_network_that_asks_too_often_waits(store: Store) -> None:
    def ask(number: int, adresse: str) -> None:
        registration.ask(
            store, email=f"n{number}@ex.fr", nom="Nom", prenom="Prénom", organisation="CHU", adresse=adresse
        )

    for number in range(registration.MOST_AN_HOUR):
        ask(number, "192.0.2.1")
    with pytest.raises(LakeError, match="Trop de demandes"):
        ask(99, "192.0.2.1")
    ask(100, "192.0.2.2")
    assert len(registration.requests(store)) == registration.MOST_AN_HOUR + 1


# -- sessions -------------------------------------------------------------------------------------------


def test_a_link_that_renews_a_password_ends_every_session(store: Store) -> None:
    anne = active(store, "anne")
    secret = sessions.open_session(store, anne, now=NOW) or ""
    assert sessions.current(store, secret, now=NOW) is not None
    links.choose(store, links.issue(store, anne, Genre.OUBLI, now=NOW), "sept cigognes traversent", now=NOW)
    assert sessions.current(store, secret, now=NOW) is None


def test_one_closes_one_s_own_sessions_only(store: Store) -> None:
    anne, paul = active(store, "anne"), active(store, "paul")
    secret = sessions.open_session(store, paul, now=NOW) or ""
    (his,) = sessions.open_of(store, paul.id, now=NOW)
    assert sessions.close(store, anne, his.id) == 0
    assert sessions.current(store, secret, now=NOW) is not None


# -- escalation -----------------------------------------------------------------------------------------


def test_nobody_but_an_administrator_commands_one(store: Store) -> None:
    chef = active(store, "chef", peut_creer=True)
    admin = active(store, "admin", "administrateur", responsable_id=chef.id)
    below = active(store, "dessous", responsable_id=admin.id)
    mine = active(store, "mienne", responsable_id=chef.id)
    assert tree.commands(store, chef, mine.id)
    # Its link would let its manager in as an administrator, or as somebody that nothing bounds.
    assert not tree.commands(store, chef, admin.id)
    assert not tree.commands(store, chef, below.id)
    assert not tree.commands(store, mine, chef.id)
    assert not tree.commands(store, chef, 9_999)
    assert tree.commands(store, admin, chef.id)


def test_an_industrial_is_of_its_manager_s_organisation(store: Store) -> None:
    admin = active(store, "admin", "administrateur")
    chef = active(store, "chef", "industriel", organisation="Éditeur A", responsable_id=admin.id)
    made(store, "une", "industriel", organisation="éditeur a", responsable_id=chef.id)
    with pytest.raises(LakeError, match="de l'organisation de son responsable"):
        made(store, "autre", "industriel", organisation="Éditeur B", responsable_id=chef.id)
    # Once its manager is gone, nobody sees more than before.
    possessions.delete(store, chef.id, admin.id, "admin@ex.fr")
    left = accounts.find(store, "une@ex.fr")
    assert left is not None
    assert tree.rights(store, left).editeurs == {"éditeur a"}


@pytest.mark.parametrize("profil", [name for name in PROFILS if name != "administrateur"])
def test_a_collaborator_never_sees_more_than_its_manager(store: Store, profil: str) -> None:
    narrow = Droits(
        frozenset({"segur"}), regions=frozenset({"44"}), departements=frozenset({"67"}), agreges=False
    )
    chef = active(store, "chef", "grades_ars", droits=narrow)
    wide = Droits(frozenset(UNIVERS))
    below = made(store, "dessous", profil, organisation="CHU", responsable_id=chef.id, droits=wide)
    found, above = tree.rights(store, below), tree.rights(store, chef)
    assert found.meet(above) == found
    assert found.univers <= {"segur"}
    assert not found.agreges


# -- files of accounts ----------------------------------------------------------------------------------

HEAD = "email,nom,prenom,organisation,rpps,profil\n"


def read(store: Store, content: bytes, profil: str = "") -> list[bulk.Line]:
    return bulk.read(content, accounts.everyone(store), profil)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "est vide"),
        (b"email,nom\na@ex.fr,A\n", "Il manque au fichier"),
        (b"PK\x03\x04\x00\x00archive", "une archive zip"),
        (HEAD.encode() + b"a@ex.fr,A,B,C,,\n" * (bulk.MOST + 1), "2000 au plus"),
        (HEAD.encode() + b"x" * bulk.MOST_BYTES, "2 Mo"),
    ],
    ids=["vide", "colonnes", "archive", "lignes", "taille"],
)
def test_a_file_that_is_not_one_of_accounts_is_refused(store: Store, content: bytes, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        read(store, content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_files_of_every_spreadsheet_are_read(store: Store, encoding: str, separator: str) -> None:
    text = "Email;NOM;prenom;organisation\r\nzoe@ex.fr;Été;Zoë;CHU de Nancy\r\n".replace(";", separator)
    (line,) = read(store, text.encode(encoding))
    assert line.problem == ""
    assert line.number == 2
    assert line.values["nom"] == "Été"
    assert line.values["profil"] == "grand_public"


def test_a_manager_gives_no_profile_but_its_own(store: Store) -> None:
    text = HEAD + "a@ex.fr,A,B,C,,administrateur\nb@ex.fr,A,B,C,,\nc@ex.fr,A,B,C,,pilote_regional\n"
    problems = [line.problem for line in read(store, text.encode(), "pilote_regional")]
    assert problems == ["profil « administrateur » inconnu, ou que vous ne pouvez pas donner", "", ""]
    assert [line.values["profil"] for line in read(store, text.encode(), "pilote_regional")][
        1
    ] == "pilote_regional"


def test_a_number_already_attached_names_its_organisation_and_nothing_is_created(store: Store) -> None:
    made(store, "anne", rpps="10100000001", organisation="CHU de Metz")
    rows = (
        "b@ex.fr,B,Bo,CHR,10100000001,\n"  # known in the store
        "c@ex.fr,C,Co,CHR,10100000002,\n"
        "d@ex.fr,D,Do,Ailleurs,10100000002,\n"  # known higher in the file
        "e@ex.fr,E,Eo,CHR,101,\n"
        "C@EX.FR,C,Co,CHR,,\n"
        "f@ex.fr,,Fo,CHR,,\n"
    )
    lines = read(store, (HEAD + rows).encode())
    assert [line.problem for line in lines] == [
        "numéro RPPS déjà rattaché à : CHU de Metz",
        "",
        "numéro RPPS déjà rattaché à : CHR",
        "numéro RPPS : onze chiffres",
        "cette adresse a déjà un compte, ou figure plus haut",
        "nom ou prénom absent",
    ]
    assert [one.email for one in accounts.everyone(store)] == ["anne@ex.fr"]
    assert bulk.create(store, lines[1]).rpps == "10100000002"
    with pytest.raises(LakeError, match="Ligne 2"):
        bulk.create(store, lines[0])


@pytest.mark.parametrize(
    "email", ["a@b", "a b@ex.fr", "a@ex.fr\nBcc: b@ex.fr", "<a@ex.fr>", "a@@ex.fr", "x" * 65 + "@ex.fr", ""]
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(LakeError, match="adresse électronique"):
        identity.address(email)


# -- secrets --------------------------------------------------------------------------------------------


def test_no_password_of_the_operator_is_shown(tmp_path: object) -> None:
    settings = Settings(
        store="postgresql://suite:tres-secret@base.exemple.fr/suite",
        smtp="smtp.exemple.fr:587",
        smtp_user="suite",
        smtp_password="tres-secret",
        s3={"AWS_SECRET_ACCESS_KEY": "tres-secret"},
    )
    unreachable = Store(Settings(store="postgresql://suite:tres-secret@127.0.0.1:1/suite"))
    with pytest.raises(LakeError) as refused, unreachable.reading():
        pass
    assert "tres-secret" not in repr(settings) + str(settings) + str(refused.value) + str(unreachable)
    assert "base.exemple.fr" not in repr(settings)
