"""E-mail through a real SMTP server: what it receives, and that no link is lost when it does not answer."""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from apps.acces import messages
from lake.errors import LakeError, SourceUnavailable
from lake.settings import Settings
from lake.store import journal
from lake.store.accounts import accounts, links, mail, outbox
from lake.store.accounts.identity import Compte
from lake.store.accounts.links import Genre
from lake.store.engine import Store
from lake.store.migrate import open_store
from tests.browser.proxy import certificate, free_port

SECRET = "mot-de-passe-du-serveur"


@dataclass
class Postman:
    """What a server received, and how it answers."""

    received: list[EmailMessage] = field(default_factory=list)
    answer: str = "250 OK"
    identified: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.received.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return self.answer

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> Any:
        self.identified.append(data.login)
        return AuthResult(success=data.password == SECRET.encode(), handled=False)


Start = Callable[..., tuple[str, Postman]]


@pytest.fixture
def smtp() -> Iterator[Start]:
    """``smtp()`` starts a server: gives its address and what it receives."""
    started: list[Controller] = []

    def start(**options: Any) -> tuple[str, Postman]:
        postman = Postman()
        if options.get("auth_required"):
            options["authenticator"] = postman.authenticate
        made = Controller(postman, hostname="127.0.0.1", port=free_port(), **options)
        made.start()
        started.append(made)
        return f"127.0.0.1:{made.port}", postman

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def quiet_store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(Settings(store=f"sqlite:///{tmp_path}/store.db"))
    yield made
    made.close()


def invited(store: Store, email: str = "anne@exemple.fr") -> Compte:
    return accounts.create(
        store, email=email, nom="D’Été", prenom="Zoë", organisation="CHU", profil="expert_national"
    )


def link_of(text: str) -> str:
    found = re.search(r"lien=(\S+)", text)
    assert found is not None
    return found.group(1)


def test_a_message_arrives_whole_in_french(smtp: Start) -> None:
    address, postman = smtp()
    settings = Settings(smtp=address, smtp_from="Observatoire <observatoire@exemple.fr>")
    assert mail.send(settings, "anne@exemple.fr", "Activation : à lire", "Bonjour Zoë,\n\nvoilà.\n")
    (got,) = postman.received
    assert got["To"] == "anne@exemple.fr"
    assert got["From"] == "Observatoire <observatoire@exemple.fr>"
    assert got["Subject"] == "Activation : à lire"
    assert got["Date"]
    assert got["Message-ID"]
    assert got.get_content().splitlines() == ["Bonjour Zoë,", "", "voilà."]


def test_a_message_laid_out_arrives_with_its_file_and_the_sender_s_own_number(smtp: Start) -> None:
    address, postman = smtp()
    settings = Settings(smtp=address, smtp_from="Observatoire <observatoire@exemple.fr>")
    file = mail.Attachment("synthèse mars.pdf", b"%PDF-1.7 \x00\xff", "application/pdf")
    assert mail.send(
        settings, "a@ex.fr", "Mars", "Taux : 54,2 %\n", html="<p>Taux : <b>54,2 %</b></p>", attachments=[file]
    )
    (got,) = postman.received
    assert got.get_body(("plain",)).get_content().splitlines() == ["Taux : 54,2 %"]
    assert "<b>54,2 %</b>" in got.get_body(("html",)).get_content()
    (attached,) = got.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("synthèse mars.pdf", "application/pdf")
    assert attached.get_content() == file.content
    assert got["Message-ID"].endswith("@exemple.fr>")
    local = Settings(smtp=address, url="https://observatoire.exemple.org:8443/base")
    assert mail.send(local, "a@ex.fr", "Sans domaine d'expéditeur", "…")
    assert postman.received[1]["Message-ID"].endswith("@observatoire.exemple.org>")
    with pytest.raises(LakeError, match="5120 Ko au plus"):
        mail.send(
            settings, "a@ex.fr", "S", "T", attachments=[mail.Attachment("x", b"x" * mail.MOST_BYTES + b"x")]
        )
    assert len(postman.received) == 2


def test_without_a_server_nothing_is_sent() -> None:
    assert mail.send(Settings(), "anne@exemple.fr", "Sujet", "Texte") is False


def test_a_header_cannot_be_forged(smtp: Start) -> None:
    address, postman = smtp()
    with pytest.raises(ValueError, match=r"newline|linefeed"):
        mail.send(Settings(smtp=address), "anne@exemple.fr\nBcc: autre@exemple.fr", "Sujet", "Texte")
    assert postman.received == []


@pytest.mark.parametrize("answer", ["550 refuse", "451 plus tard"])
def test_a_server_that_refuses_is_said_so(smtp: Start, answer: str) -> None:
    address, postman = smtp()
    postman.answer = answer
    with pytest.raises(SourceUnavailable, match="n'a pas pu être envoyé"):
        mail.send(Settings(smtp=address), "anne@exemple.fr", "Sujet", "Texte")


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_password_is_given_to_the_server_and_to_nobody_else(
    smtp: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    address, postman = smtp(auth_required=True, auth_require_tls=False)
    settings = Settings(smtp=address, smtp_user="suite", smtp_password=SECRET)
    assert mail.send(settings, "anne@exemple.fr", "Sujet", "Texte")
    assert postman.identified == [b"suite"]
    wrong = Settings(smtp=address, smtp_user="suite", smtp_password="faux" + SECRET)
    with pytest.raises(SourceUnavailable) as refused:
        mail.send(wrong, "anne@exemple.fr", "Sujet", "Texte")
    assert SECRET not in str(refused.value) + repr(settings)
    ours = [record for record in caplog.records if not record.name.startswith("mail.")]
    assert all(SECRET not in record.getMessage() for record in ours)


def test_a_password_never_crosses_the_network_in_clear() -> None:
    settings = Settings(smtp="smtp.exemple.fr:25", smtp_user="suite", smtp_password=SECRET)
    with pytest.raises(SourceUnavailable, match="en clair"):
        mail.send(settings, "anne@exemple.fr", "Sujet", "Texte")


def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(smtp: Start, tmp_path: Path) -> None:
    chain, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    address, postman = smtp(tls_context=context, require_starttls=True)
    with pytest.raises(SourceUnavailable):
        mail.send(Settings(smtp=address, smtp_tls=True), "anne@exemple.fr", "Sujet", "Texte")
    # One that asks for TLS is not written to without.
    with pytest.raises(SourceUnavailable):
        mail.send(Settings(smtp=address), "anne@exemple.fr", "Sujet", "Texte")
    assert postman.received == []


def test_a_link_arrives_and_works(smtp: Start, quiet_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    address, postman = smtp()
    monkeypatch.setenv("OBS_SMTP", address)
    monkeypatch.setenv("OBS_URL", "https://observatoire.exemple.fr")
    anne = invited(quiet_store)
    assert messages.send(quiet_store, anne, Genre.ACTIVATION, auteur="chef@exemple.fr") == ""
    text = postman.received[0].get_content()
    assert "Bonjour Zoë D’Été" in text
    assert "https://observatoire.exemple.fr/activation?lien=" in text
    end = link_of(text)
    assert links.holder(quiet_store, end) == anne
    # Once sent, nothing of it is left in the store but its fingerprint.
    assert outbox.waiting(quiet_store, due=False) == []
    assert end not in repr(journal.read(quiet_store))


def test_a_link_is_never_lost_while_the_server_is_down(
    smtp: Start, quiet_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBS_SMTP", f"127.0.0.1:{free_port()}")
    anne = invited(quiet_store)
    with pytest.raises(SourceUnavailable, match="n'a pas pu être envoyé"):
        messages.send(quiet_store, anne, Genre.ACTIVATION)
    (kept,) = outbox.waiting(quiet_store)
    assert kept.email == anne.email
    assert kept.erreur.startswith("Le message n'a pas pu être envoyé")
    assert links.holder(quiet_store, link_of(kept.texte)) == anne
    # Still down: it waits. The server is back: it goes, once.
    assert [len(part) for part in messages.deliver_due(quiet_store)] == [0, 1]
    address, postman = smtp()
    monkeypatch.setenv("OBS_SMTP", address)
    assert [len(part) for part in messages.deliver_due(quiet_store)] == [1, 0]
    assert [len(part) for part in messages.deliver_due(quiet_store)] == [0, 0]
    (got,) = postman.received
    end = link_of(got.get_content())
    assert links.choose(quiet_store, end, "quatre mots choisis au hasard").etat == "actif"


def test_without_a_server_the_link_is_shown_and_kept(quiet_store: Store) -> None:
    anne = invited(quiet_store)
    shown = messages.send(quiet_store, anne, Genre.ACTIVATION)
    assert links.holder(quiet_store, link_of(shown)) == anne
    (kept,) = outbox.waiting(quiet_store)
    assert shown in kept.texte
    assert outbox.done(quiet_store, kept.id)


def test_a_message_goes_on_its_date_and_not_before(
    smtp: Start, quiet_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, postman = smtp()
    monkeypatch.setenv("OBS_SMTP", address)
    anne = invited(quiet_store)
    day = datetime.now(UTC) + timedelta(days=3)
    assert messages.send(quiet_store, anne, Genre.ACTIVATION, on=day) == ""
    assert postman.received == []
    assert outbox.waiting(quiet_store) == []
    (kept,) = outbox.waiting(quiet_store, now=day)
    end = link_of(kept.texte)
    assert links.holder(quiet_store, end) is None
    assert links.holder(quiet_store, end, now=day) == anne


def test_a_new_link_replaces_the_message_that_waits(quiet_store: Store) -> None:
    anne = invited(quiet_store)
    first = link_of(messages.send(quiet_store, anne, Genre.ACTIVATION))
    second = link_of(messages.send(quiet_store, anne, Genre.ACTIVATION))
    (kept,) = outbox.waiting(quiet_store)
    assert link_of(kept.texte) == second
    assert links.holder(quiet_store, first) is None
    accounts.create(
        quiet_store,
        email="chef@exemple.fr",
        nom="Chef",
        prenom="Jean",
        organisation="CHU",
        profil="administrateur",
    )
    accounts.disable(quiet_store, anne.id, "chef@exemple.fr")
    assert outbox.waiting(quiet_store) == []
