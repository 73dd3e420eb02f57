"""Messages of subscriptions as a mail client gets them: the reader's own PDF, one click to stop, three tries."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pypdf import PdfReader
from starlette.applications import Starlette
from starlette.testclient import TestClient

from apps.acces import messages
from apps.analyses.desabonnement_route import leaving_routes
from apps.commands.analyse_abonnements import composed
from apps.commands.analyse_envoi import GENRE, Envoi
from lake.droits import Droits
from lake.settings import Settings
from lake.store.accounts import accounts, outbox
from lake.store.accounts.identity import Compte
from lake.store.analyses import documents, shares, subscriptions
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.tables import Lake
from tests.unit.test_analyse_abonnements import document
from tests.unit.test_mail import Start, smtp  # noqa: F401 -- a fixture
from tests.unit.test_store_analyses import person

NOW = datetime(2025, 2, 15, 8, 0, tzinfo=UTC)


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[Store]:
    found = open_store(Settings(store=f"sqlite:///{tmp_path}/store.db"))
    yield found
    found.close()


@pytest.fixture
def settings(kit_lake: Lake) -> Settings:
    return Settings(lake=kit_lake.root, url="https://obs.example/suite/")


@pytest.fixture
def follower(quiet: Store, settings: Settings) -> Compte:
    """Who sees one département, and follows an analysis of all of them; its first message waits."""
    author = person(quiet, "france")
    bas = person(quiet, "bas", droits=Droits(frozenset({"annuaire"}), departements=frozenset({"67"})))
    with quiet.writing() as connection:
        connection.exec_driver_sql("UPDATE comptes SET etat = 'actif'")
    number = documents.create(quiet, author, document())
    shares.share(quiet, author, number, email="bas@ex.fr")
    subscriptions.subscribe(quiet, bas, number)
    list(composed(quiet, Lake(settings), settings, keep=True, now=NOW))
    return accounts.get(quiet, bas.id)


def test_a_message_brings_the_reader_s_pdf_and_stops_in_one_click(
    smtp: Start,  # noqa: F811
    quiet: Store,
    settings: Settings,
    follower: Compte,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, postman = smtp()
    monkeypatch.setenv("OBS_SMTP", address)
    rooms = {GENRE: Envoi(quiet, settings)}
    sent, left = messages.deliver_due(quiet, rooms=rooms, now=NOW)
    assert (len(sent), left) == (1, [])
    (mail,) = postman.received
    (file,) = mail.iter_attachments()
    assert (file.get_content_type(), file.get_filename()) == ("application/pdf", "analyse-1.pdf")
    content = file.get_payload(decode=True)
    assert isinstance(content, bytes)
    said = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    assert "Bas-Rhin" in said
    assert "Haut-Rhin" not in said, "the PDF is made under the rights of who reads it"

    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = urlsplit(mail["List-Unsubscribe"].strip("<>"))
    assert (link.netloc, link.path) == ("obs.example", "/suite/obs-desabonnement")
    client = TestClient(Starlette(routes=leaving_routes(lambda: quiet)), follow_redirects=False)
    checker = client.get(f"/obs-desabonnement?{link.query}")
    assert checker.headers["location"] == f"./analyses-desabonnement?{link.query}"
    assert len(subscriptions.active(quiet)) == 1, "who only fetches the address stops nothing"
    assert client.post(f"/obs-desabonnement?{link.query}x").status_code == 404
    done = client.post(f"/obs-desabonnement?{link.query}", data={"List-Unsubscribe": "One-Click"})
    assert done.text == "Vous ne recevrez plus de message sur « Qui exerce où »."
    assert subscriptions.active(quiet) == []


def test_three_refusals_suspend_the_subscription_and_say_so(
    smtp: Start,  # noqa: F811
    quiet: Store,
    settings: Settings,
    follower: Compte,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, postman = smtp()
    postman.answer = "550 inconnu"
    monkeypatch.setenv("OBS_SMTP", address)
    outbox.keep(quiet, follower.id, "Activation", "lien", envoi_le=NOW, expire_le=NOW.replace(year=2026))
    rooms = {GENRE: Envoi(quiet, settings)}
    for tries in (1, 2):
        messages.deliver_due(quiet, rooms=rooms, now=NOW)
        assert {one.essais for one in outbox.waiting(quiet, now=NOW)} == {tries}
        assert len(subscriptions.active(quiet)) == 1
    messages.deliver_due(quiet, rooms=rooms, now=NOW)
    assert [one.genre for one in outbox.waiting(quiet, now=NOW)] == ["lien"], "a link is never given up"
    found = subscriptions.of_analysis(quiet, follower, 1)
    assert found is not None
    assert found.stopped == "trois envois de suite ont été refusés par le serveur de courriel"
    # Following again wakes it.
    assert subscriptions.subscribe(quiet, follower, 1).stopped == ""
