"""Many at one door at the same instant, and a database that hangs; on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import bcrypt
import pyotp
import pytest
import sqlalchemy as sa

from apps.acces import messages
from lake.errors import EditConflict, LakeError, Refused, SourceUnavailable
from lake.settings import Settings
from lake.store import drafts, engine, journal
from lake.store.accounts import accounts, links, outbox, passwords, registration, signing, tries
from lake.store.accounts.identity import Compte
from lake.store.accounts.links import Genre
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.schema import DEMANDES
from tests.mailbox import Mailbox
from tests.unit.postgres_server import postgres

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PHRASE = "quatre poneys bleus dansent"
THREADS = 16


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "kept", lambda p: bcrypt.hashpw(p.encode(), bcrypt.gensalt(4)).decode())


def made(store: Store, name: str) -> Compte:
    return accounts.create(
        store,
        email=f"{name}@ex.fr",
        nom=name.title(),
        prenom="Anne",
        organisation="CHU",
        profil="expert_national",
    )


def active(store: Store, name: str) -> Compte:
    return links.choose(
        store, links.issue(store, made(store, name), Genre.ACTIVATION, now=NOW), PHRASE, now=NOW
    )


def failures(store: Store) -> list[str]:
    lines = journal.read(store, journal.Filters(action="compte.echec"))
    return [str(line.details.get("detail", "")) for line in lines]


# -- guessing at once -----------------------------------------------------------------------------------


def test_sixty_codes_tried_at_once_count_as_tries(store: Store) -> None:
    anne = active(store, "anne")
    secret = signing.new_secret()
    assert signing.enrol(store, anne, secret, pyotp.TOTP(secret).at(NOW), now=NOW)
    later = NOW + timedelta(minutes=5)
    right = pyotp.TOTP(secret).at(later)
    wrong = [f"{number:06d}" for number in range(70) if f"{number:06d}" != right][:59]
    with ThreadPoolExecutor(THREADS) as pool:
        opened = list(pool.map(lambda code: signing.try_code(store, anne, code, now=later), [*wrong, right]))
    assert opened == [False] * 60  # the right one came last: the wait had begun
    assert failures(store) == ["second facteur"] * tries.FREE
    assert signing.wait(store, "anne@ex.fr", now=later) == 31


def test_sixty_passwords_tried_at_once_are_checked_no_more_than_may_be(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    active(store, "anne")
    checked: list[str] = []
    real = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda typed, kept: checked.append(typed) or real(typed, kept))
    typed = [*(f"faux {number}" for number in range(59)), PHRASE]
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda one: signing.try_password(store, "anne@ex.fr", one, now=NOW), typed))
    assert len(checked) == tries.FREE
    assert [answer.compte for answer in answers] == [None] * 60


def test_the_present_password_is_not_guessed_in_an_open_session(store: Store) -> None:
    anne = active(store, "anne")
    for _ in range(tries.FREE):
        with pytest.raises(Refused, match=r"n'est pas le bon|Trop d'essais") as refused:
            links.change_password(store, anne, "faux", "sept cigognes traversent", now=NOW)
        assert refused.value.champ == "ancien"
    with pytest.raises(Refused, match=r"Trop d'essais.*Attendez 31 secondes"):
        links.change_password(store, anne, PHRASE, "sept cigognes traversent", now=NOW)
    assert failures(store) == ["mot de passe actuel"] * tries.FREE
    later = NOW + timedelta(minutes=1)
    with pytest.raises(Refused, match="trop court") as weak:
        links.change_password(store, anne, PHRASE, "court", now=later)
    assert weak.value.champ == "nouveau"
    links.change_password(store, anne, PHRASE, "sept cigognes traversent", now=later)
    assert signing.try_password(store, "anne@ex.fr", "sept cigognes traversent", now=later).compte is not None


# -- asking at once -------------------------------------------------------------------------------------


def test_one_request_waits_for_an_address_however_many_are_sent_at_once(store: Store) -> None:
    def ask(number: int) -> None:
        registration.ask(
            store,
            email=f"n{number % 5}@ex.fr",
            nom="Velle",
            prenom="Nour",
            organisation="CHU",
            civilite="Mme",
        )

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(ask, range(40)))
    assert sorted(one.email for one in registration.requests(store)) == [
        f"n{number}@ex.fr" for number in range(5)
    ]
    # A request that was decided lets the same address ask again.
    with store.writing() as connection:
        connection.execute(sa.update(DEMANDES).values(etat="refusee"))
    ask(0)
    assert [one.email for one in registration.requests(store)] == ["n0@ex.fr"]


def test_a_network_does_not_pass_its_limit_by_asking_at_once(store: Store) -> None:
    def ask(number: int) -> bool:
        try:
            registration.ask(
                store,
                email=f"n{number}@ex.fr",
                nom="Velle",
                prenom="Nour",
                organisation="CHU",
                adresse="192.0.2.1",
            )
        except LakeError as error:
            return "Trop de demandes viennent de votre réseau." not in str(error)
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(ask, range(48))) == registration.MOST_AN_HOUR


def test_one_account_is_made_for_an_address_and_the_others_are_told_in_french(store: Store) -> None:
    def create(_: int) -> str:
        try:
            return made(store, "anne").email
        except Refused as error:
            return f"{error.champ} : {error.message}"

    with ThreadPoolExecutor(THREADS) as pool:
        said = sorted(pool.map(create, range(THREADS)))
    assert said == ["anne@ex.fr"] + ["email : Un compte existe déjà pour anne@ex.fr."] * (THREADS - 1)


def test_of_two_changes_of_one_revision_one_is_told_what_the_other_wrote(store: Store) -> None:
    anne = made(store, "anne")

    def change(name: str) -> str:
        try:
            return accounts.change(store, anne.id, "x", revision=anne.revision, nom=name).nom
        except EditConflict as conflict:
            return f"{conflict.theirs['nom']} {conflict.revision}"

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(change, ["Durand", "Dupont"]))
    won = accounts.get(store, anne.id)
    assert sorted(said) == sorted([won.nom, f"{won.nom} {anne.revision + 1}"])


def test_two_administrators_do_not_leave_at_once(store: Store) -> None:
    both = [
        accounts.change(
            store,
            accounts.create(
                store, email=f"{name}@ex.fr", nom="Aa", prenom="Bo", organisation="", profil="administrateur"
            ).id,
            "x",
            etat="actif",
        )
        for name in ("un", "deux")
    ]

    def leave(one: Compte) -> bool:
        try:
            accounts.disable(store, one.id, "x")
        except LakeError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, both)) == [False, True]


# -- messages -------------------------------------------------------------------------------------------


def test_a_message_erases_only_the_one_on_the_same_thing(store: Store) -> None:
    anne = made(store, "anne")
    when = {"envoi_le": NOW, "expire_le": NOW + timedelta(days=3)}
    outbox.keep(store, anne.id, "Activation", "lien 1", **when)
    outbox.keep(store, anne.id, "Référentiel modifié", "…", genre="avis", objet="2026-03", **when)
    outbox.keep(store, anne.id, "Mars", "…", genre="abonnement", objet="7", **when)
    outbox.keep(store, anne.id, "Autre abonnement", "…", genre="abonnement", objet="8", **when)
    outbox.keep(store, anne.id, "Avril", "…", genre="abonnement", objet="7", html="<p>Avril</p>", **when)
    outbox.keep(store, anne.id, "Mot de passe", "lien 2", **when)
    assert [(one.genre, one.objet, one.sujet) for one in outbox.waiting(store, now=NOW)] == [
        ("avis", "2026-03", "Référentiel modifié"),
        ("abonnement", "8", "Autre abonnement"),
        ("abonnement", "7", "Avril"),
        ("lien", "", "Mot de passe"),  # the first link no longer works: its message went
    ]


def test_two_runs_at_the_same_instant_send_and_renew_once(store: Store, mailbox: Mailbox) -> None:
    invited = [made(store, f"n{number}") for number in range(4)]
    for one in invited[:2]:
        messages.send(store, one, Genre.ACTIVATION, on=NOW + timedelta(days=1), now=NOW)
    for one in invited[2:]:
        messages.send(store, one, Genre.ACTIVATION, on=NOW - links.LIFETIME, now=NOW - links.LIFETIME)
    mailbox.received.clear()
    due = NOW + timedelta(days=1)
    with ThreadPoolExecutor(6) as pool:
        runs = list(pool.map(lambda _: messages.deliver_due(store, now=due), range(6)))
    assert sorted(one.email for sent, _ in runs for one in sent) == [
        f"n{number}@ex.fr" for number in range(4)
    ]
    assert len(mailbox.received) == 4
    assert outbox.waiting(store, due=False, now=due) == []
    sent = [text.split("lien=")[1].split()[0] for _, _, text in mailbox.received]
    assert {links.holder(store, end, now=due).email for end in sent} == {one.email for one in invited}  # type: ignore[union-attr]


def test_a_sending_that_died_leaves_its_message_to_another_a_while_later(store: Store) -> None:
    anne = made(store, "anne")
    number = outbox.keep(store, anne.id, "S", "T", envoi_le=NOW, expire_le=NOW + timedelta(days=1))
    assert outbox.take(store, number, now=NOW)
    assert not outbox.take(store, number, now=NOW + outbox.TAKEN - timedelta(seconds=1))
    assert outbox.take(store, number, now=NOW + outbox.TAKEN)
    outbox.failed(store, number, "421 plus tard")
    assert outbox.take(store, number, now=NOW + outbox.TAKEN)


# -- drafts ---------------------------------------------------------------------------------------------


def test_a_draft_is_kept_field_by_field_and_two_tabs_on_one_field_are_told(store: Store) -> None:
    anne, paul = made(store, "anne"), made(store, "paul")
    assert drafts.save(store, anne.id, "fiche:3", "nom", "Dur", seen="Martin", now=NOW) == 1
    assert drafts.save(store, anne.id, "fiche:3", "regions", ["44", "11"], now=NOW) == 1
    assert drafts.save(store, anne.id, "fiche:3", "nom", "Durand", seen="Martin", revision=1, now=NOW) == 2
    with pytest.raises(EditConflict) as conflict:
        drafts.save(store, anne.id, "fiche:3", "nom", "Dupont", seen="Martin", revision=1)
    assert (conflict.value.theirs, conflict.value.revision) == ({"nom": "Durand"}, 2)
    with pytest.raises(EditConflict):
        drafts.save(store, anne.id, "fiche:3", "nom", "Dupont")
    assert drafts.load(store, anne.id, "fiche:3") == {
        "nom": drafts.Kept("Durand", "Martin", 2),
        "regions": drafts.Kept(["44", "11"], None, 1),
    }
    assert drafts.load(store, paul.id, "fiche:3") == drafts.load(store, anne.id, "fiche:4") == {}
    assert drafts.waiting(store, anne.id) == {"fiche:3": NOW}
    assert drafts.erase(store, anne.id, "fiche:3") == 2
    # Another tab had sent it: what is typed there afterwards begins anew.
    assert drafts.save(store, anne.id, "fiche:3", "nom", "Durand", revision=2) == 3
    with pytest.raises(LakeError, match="trop longue"):
        drafts.save(store, anne.id, "f", "texte", "x" * (drafts.MOST + 1))
    with pytest.raises(LakeError, match="JSON"):
        drafts.save(store, anne.id, "f", "texte", object())


def test_of_twenty_saves_of_one_field_at_once_one_wins_and_the_others_are_told(store: Store) -> None:
    anne = made(store, "anne")

    def save(value: int) -> int | str:
        try:
            return drafts.save(store, anne.id, "f", "niveau", value)
        except EditConflict as conflict:
            return f"{conflict.theirs['niveau']}"

    with ThreadPoolExecutor(THREADS) as pool:
        said = list(pool.map(save, range(20)))
    (kept,) = drafts.load(store, anne.id, "f").values()
    assert [one for one in said if isinstance(one, int)] == [1]
    assert {one for one in said if isinstance(one, str)} == {str(kept.value)}


# -- a database that hangs ------------------------------------------------------------------------------


def test_a_database_that_hangs_is_given_up_and_told_in_french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "SILENT_SECONDS", 1)
    monkeypatch.setattr(engine, "BUSY_SECONDS", 2)
    with postgres() as url:
        store = Store(Settings(store=url), hurried=True)
        with store.reading() as connection:
            mine = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
            first = connection.execute(sa.text("SELECT pg_read_file('postmaster.pid')")).scalar_one()
        server = int(first.split()[0])
        for pid in (server, mine):  # neither says anything any more; their sockets stay open
            os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(SourceUnavailable, match="ne répond pas : le serveur ne répond pas"):
                _ask(store)
        finally:
            for pid in (server, mine):
                os.kill(pid, signal.SIGCONT)
        _ask(store)  # what hung was given up, another connection is made
        store.close()


def test_a_connection_whose_server_falls_silent_in_mid_statement_is_given_up(
    postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SILENT_SECONDS", 1)
    store = open_store(Settings(store=postgres_server), hurried=True)
    with pytest.raises(SourceUnavailable, match="ne répond pas"), store.reading() as connection:
        connection.execute(sa.text("SELECT pg_sleep(8)"))  # nothing comes for longer than is waited
    _ask(store)
    store.close()


def test_the_operator_s_commands_take_their_time(
    postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "STATEMENT_SECONDS", 1)
    monkeypatch.setattr(engine, "SILENT_SECONDS", 1)
    store = open_store(Settings(store=postgres_server))
    with store.reading() as connection:
        assert connection.execute(sa.text("SELECT 1 FROM pg_sleep(1.5)")).scalar_one() == 1
    store.close()


def _ask(store: Store) -> None:
    with store.reading() as connection:
        connection.execute(sa.text("SELECT 1"))


def test_a_statement_that_lasts_is_stopped_and_told_in_french(
    postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "STATEMENT_SECONDS", 1)
    store = open_store(Settings(store=postgres_server), hurried=True)
    with (
        pytest.raises(SourceUnavailable, match="met plus de 1 secondes à répondre"),
        store.reading() as connection,
    ):
        connection.execute(sa.text("SELECT pg_sleep(30)"))
    store.close()
