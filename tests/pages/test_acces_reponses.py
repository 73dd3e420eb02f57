"""Answers that tell nobody who has an account: forgotten password and registration, known or not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.kit.access import session
from lake.settings import Settings
from lake.store.accounts import accounts, links, outbox, registration
from lake.store.accounts.links import Genre
from lake.store.engine import Store
from lake.store.migrate import open_store
from tests.pages.drawing import AppTest

SCREEN = """
from apps.acces import inscription
from apps.kit.shell.screen import draw
draw(inscription.{name})
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    made = open_store(Settings(store=f"sqlite:///{tmp_path}/store.db"))
    monkeypatch.setenv("OBS_ACCES", "comptes")
    monkeypatch.setattr(session, "store", lambda: made)
    monkeypatch.setattr(session, "cookie", lambda: "")
    compte = accounts.create(
        made, email="anne@ex.fr", nom="Martin", prenom="Anne", organisation="CHU", profil="expert_national"
    )
    links.choose(made, links.issue(made, compte, Genre.ACTIVATION), "quatre mots choisis au hasard")
    yield made
    made.close()


def answered(at: AppTest) -> list[str]:
    """Everything that the page says."""
    kinds = (at.success, at.info, at.warning, at.error, at.title, at.markdown)
    return [one.value for kind in kinds for one in kind] + [one.proto.body for one in at.get("html")]


def forget(email: str) -> list[str]:
    at = AppTest.from_string(SCREEN.format(name="OUBLI"), default_timeout=30).run()
    at.text_input[0].set_value(email)
    at.button[0].click().run()
    assert not at.exception
    return answered(at)


def test_a_forgotten_password_is_answered_alike(store: Store) -> None:
    said = forget("anne@ex.fr")
    assert any("Si un compte correspond" in text for text in said)
    assert forget("personne@ex.fr") == said
    for thread in threading.enumerate():  # the message goes apart: it would tell by its time
        if thread.name.endswith("(_send)"):
            thread.join(20)
    assert [one.email for one in outbox.waiting(store)] == ["anne@ex.fr"]


def test_too_many_links_asked_are_answered_alike_and_not_sent(store: Store) -> None:
    said = [forget("anne@ex.fr") for _ in range(7)]
    assert all(text == said[0] for text in said)


def register(email: str) -> list[str]:
    at = AppTest.from_string(SCREEN.format(name="INSCRIPTION"), default_timeout=30).run()
    for field, text in zip(at.text_input, (email, "Anne", "Martin", "CHU"), strict=True):
        field.set_value(text)
    at.button[0].click().run()
    assert not at.exception
    return answered(at)


def test_a_request_is_answered_alike_whether_the_address_has_an_account(store: Store) -> None:
    said = register("nouvelle@ex.fr")
    assert any("Votre demande est enregistrée" in text for text in said)
    assert register("anne@ex.fr") == said
    assert register("nouvelle@ex.fr") == said
    assert [one.email for one in registration.requests(store)] == ["nouvelle@ex.fr"]
