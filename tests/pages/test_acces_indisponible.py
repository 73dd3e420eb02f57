"""The store stopped: every address answers one French page, and nothing of the database's address."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from apps.kit.access import session
from tests.browser.proxy import free_port
from tests.pages.drawing import AppTest

PORTAL = Path(__file__).resolve().parents[2] / "apps" / "portal.py"


@pytest.mark.incident
def test_a_stopped_database_is_one_french_page_with_an_incident_number(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OBS_ACCES", "comptes")
    monkeypatch.setenv("OBS_STORE", f"postgresql://obs:motdepasse@127.0.0.1:{free_port()}/obs")
    monkeypatch.setattr(session, "cookie", lambda: "secret-du-lecteur")
    with caplog.at_level(logging.ERROR, "observatoire.incident"):
        at = AppTest.from_file(str(PORTAL), default_timeout=60).run()
    assert not at.exception
    assert at.title[0].value == "Service momentanément indisponible"
    said = at.error[0].value
    assert "La base des comptes ne répond pas" in said
    assert "Rechargez la page dans quelques minutes" in said
    assert "127.0.0.1" not in said
    assert "motdepasse" not in caplog.text
    number = said.split("numéro d’incident ")[1].strip(".")
    assert number in caplog.text
