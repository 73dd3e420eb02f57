"""Messages of the front door, with a real SMTP server and a fake clock: on their date, renewed once, never lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from apps.acces import messages
from apps.acces.demandes import accept, sending
from lake.droits import Droits
from lake.errors import LakeError, SourceUnavailable
from lake.store import journal
from lake.store.accounts import accounts, identity, links, outbox, registration, tree
from lake.store.accounts.identity import Compte
from lake.store.accounts.links import Genre
from lake.store.engine import Store
from tests.mailbox import Mailbox

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
REGION = Droits(frozenset({"annuaire", "segur"}), regions=frozenset({"44"}))


def made(store: Store, name: str, profil: str = "grades_ars", **more: object) -> Compte:
    given = {"organisation": "Groupement", "nom": name.title(), "prenom": "Anne", **more}
    if profil == "grades_ars":
        given.setdefault("droits", REGION)
    return accounts.create(store, email=f"{name}@ex.fr", profil=profil, **given)  # type: ignore[arg-type]


def manager(store: Store) -> Compte:
    chef = made(store, "chef", droits=REGION, peut_creer=True)
    return accounts.change(store, chef.id, "test", etat="actif")


def test_an_acceptance_names_the_manager_and_its_message_goes_on_the_date_chosen(
    store: Store, mailbox: Mailbox
) -> None:
    chef = manager(store)
    registration.ask(store, email="nour@ex.fr", nom="Velle", prenom="Nour", organisation="groupement")
    asked = registration.requests(store)[0]
    on = sending(date(2026, 3, 12), NOW)
    assert on == datetime(2026, 3, 12, 7, 0, tzinfo=UTC)  # eight o'clock in Paris, winter time
    compte = accept(store, chef, asked, profil="grades_ars", manager=chef, on=on)
    done = registration.requests(store, pending=False)[0]
    assert (done.etat, done.responsable_id, done.envoi_le) == ("acceptee", chef.id, on)
    assert (compte.responsable_id, identity.narrowed(compte)) == (chef.id, REGION)

    assert messages.send(store, compte, Genre.ACTIVATION, on=on, now=NOW) == ""
    assert messages.deliver_due(store, now=on - timedelta(seconds=1)) == ([], [])
    assert mailbox.received == []
    sent, left = messages.deliver_due(store, now=on)
    assert ([one.email for one in sent], left) == (["nour@ex.fr"], [])
    to, _, text = mailbox.received[0]
    assert to == "nour@ex.fr"
    assert "à partir du 12/03/2026" in text
    end = text.split("lien=")[1].split()[0]
    assert links.holder(store, end, now=on - timedelta(seconds=1)) is None
    assert links.holder(store, end, now=on) == compte
    assert messages.deliver_due(store, now=on) == ([], [])  # it goes once
    assert outbox.waiting(store, due=False, now=on) == []


def test_a_day_that_is_not_later_is_at_once() -> None:
    assert sending(date(2026, 3, 2), NOW) is None
    assert sending(date(2026, 3, 3), NOW) == datetime(2026, 3, 3, 7, tzinfo=UTC)


def test_a_request_from_an_address_that_got_an_account_stays_to_decide(store: Store) -> None:
    chef = manager(store)
    registration.ask(store, email="nour@ex.fr", nom="Velle", prenom="Nour", organisation="groupement")
    asked = registration.requests(store)[0]
    made(store, "nour")
    with pytest.raises(LakeError, match="existe déjà"):
        accept(store, chef, asked, profil="grades_ars", manager=chef)
    assert [one.email for one in registration.requests(store)] == ["nour@ex.fr"]


def test_a_request_whose_account_is_refused_stays_to_decide(store: Store) -> None:
    vendor = accounts.change(
        store,
        made(store, "vendeur", profil="industriel", organisation="Éditeur A", peut_creer=True).id,
        "test",
        etat="actif",
    )
    registration.ask(store, email="nour@ex.fr", nom="Velle", prenom="Nour", organisation="Éditeur A")
    asked = registration.requests(store)[0]
    with pytest.raises(LakeError):  # an industrial names no other editor than its own
        accept(store, vendor, asked, profil="industriel", manager=vendor, organisation="Éditeur B")
    assert [one.email for one in registration.requests(store)] == ["nour@ex.fr"]
    assert accounts.find(store, "nour@ex.fr") is None


def test_an_activation_that_expired_is_renewed_once_by_itself(store: Store, mailbox: Mailbox) -> None:
    compte = made(store, "anne")
    messages.send(store, compte, Genre.ACTIVATION, now=NOW)
    late = NOW + links.LIFETIME
    assert messages.deliver_due(store, now=late - timedelta(seconds=1)) == ([], [])
    sent, _ = messages.deliver_due(store, now=late)
    assert [one.email for one in sent] == ["anne@ex.fr"]
    first, second = (text.split("lien=")[1].split()[0] for _, _, text in mailbox.received)
    assert links.holder(store, first, now=late) is None
    assert links.holder(store, second, now=late) == compte
    # Once: the second one, expired in turn, is only renewed on demand.
    assert messages.deliver_due(store, now=late + links.LIFETIME) == ([], [])
    assert len(mailbox.received) == 2
    lines = journal.read(store, journal.Filters(action="compte.lien"))
    assert [line.auteur for line in lines] == [messages.RENEWAL, None]


def test_a_message_that_the_server_refuses_is_kept_with_its_answer(
    store: Store, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    compte = made(store, "anne")
    monkeypatch.setenv("OBS_SMTP", "127.0.0.1:1")  # nobody listens there
    with pytest.raises(SourceUnavailable):
        messages.send(store, compte, Genre.ACTIVATION, now=NOW)
    kept = outbox.waiting(store, now=NOW)[0]
    assert "n'a pas pu être envoyé" in kept.erreur
    assert messages.link_in(kept).startswith("http://localhost:8501/activation?lien=")
    assert "lien=" not in repr(kept)


def test_without_a_mail_server_the_link_waits_for_who_may_hand_it_over(store: Store) -> None:
    compte = made(store, "anne")
    shown = messages.send(store, compte, Genre.ACTIVATION, now=NOW)
    assert [messages.link_in(one) for one in outbox.waiting(store, now=NOW)] == [shown]
    sent, left = messages.deliver_due(store, now=NOW)
    assert (sent, [one.email for one in left]) == ([], ["anne@ex.fr"])


def test_a_date_chosen_is_not_brought_forward_by_a_forgotten_password(store: Store, mailbox: Mailbox) -> None:
    from apps.acces import inscription

    compte = made(store, "anne")
    soon = datetime.now(UTC) + timedelta(days=3)
    messages.send(store, compte, Genre.ACTIVATION, on=soon)
    inscription._send(store, compte)
    assert mailbox.received == []
    assert links.begins(store, compte) == soon


def test_consulting_without_validation_answers_alike_and_makes_one_account(
    store: Store, mailbox: Mailbox
) -> None:
    from apps.acces.inscription import CONSULTING, Asked, consult

    asked = Asked(" Nour@Ex.fr ", "Velle", "Nour", "Groupement")
    manager(store)
    for _ in range(2):
        thread = consult(store, asked, "203.0.113.7")
        assert thread is not None
        thread.join(30)
    compte = accounts.find(store, "nour@ex.fr")
    assert compte is not None
    # An organisation that anyone may name gives no manager, and no right beyond the open directory.
    assert (compte.profil, compte.etat, compte.responsable_id) == (CONSULTING, "invite", None)
    assert tree.rights(store, compte).univers == {"annuaire"}
    assert [letter.to for letter in mailbox.received] == ["nour@ex.fr", "nour@ex.fr"]
    assert registration.requests(store) == []
    # Who has an active account receives nothing; the answer on the page is the same.
    thread = consult(store, Asked("chef@ex.fr", "Chef", "Anne", "Groupement"), "")
    assert thread is not None
    thread.join(30)
    assert len(mailbox.received) == 2
    # Too many from one address: it waits.
    for _ in range(5):
        if (thread := consult(store, asked, "")) is not None:
            thread.join(30)
    assert consult(store, asked, "") is None
    with pytest.raises(LakeError, match="organisation"):
        consult(store, Asked("x@ex.fr", "Nom", "Prénom", " "), "")
