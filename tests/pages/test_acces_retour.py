"""Where a reader lands after an identity provider: the page asked is kept by a cookie of ours, for a while."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

import pytest

from apps.kit.access.session_route import asked_before, remembered
from apps.kit.shell.middleware import FrenchShell
from apps.kit.shell.translations import STATIC
from tests.apart import finish

ASKED = "retour=%2Fsegur-psc%3Fregion%3D44%26nom%3DM%C3%A9dipath"
PATH = "/segur-psc?region=44&nom=Médipath"


def test_the_page_asked_is_kept_and_read_back() -> None:
    kept = remembered("/connexion", ASKED, secure=True)
    assert kept.endswith("; Max-Age=900; Path=/; HttpOnly; SameSite=Lax; Secure")
    cookie = SimpleCookie(kept)
    assert asked_before({"obs_retour": cookie["obs_retour"].value}) == PATH
    assert "Secure" not in remembered("/connexion", ASKED, secure=False)
    assert remembered("/segur-psc", ASKED, secure=False) == ""  # only the sign-in page keeps it


@pytest.mark.parametrize(
    "asked", ["", "retour=%2F", "retour=https%3A%2F%2Fa.fr", "retour=%2F%2Fa.fr", "retour=%2F%5Ca.fr"]
)
def test_nothing_is_kept_of_an_address_elsewhere_and_what_was_is_forgotten(asked: str) -> None:
    assert remembered("/connexion", asked, secure=False).startswith("obs_retour=; Max-Age=0;")
    assert remembered("/connexion", f"retour=%2F{'a' * 1500}", secure=False).startswith(
        "obs_retour=; Max-Age=0;"
    )


@pytest.mark.parametrize("planted", ["https%3A%2F%2Fa.fr", "%2F%2Fa.fr", "%2Fa%0D%0Ab"])
def test_a_planted_cookie_leads_nowhere_else(planted: str) -> None:
    assert asked_before({"obs_retour": planted}) == "/"
    assert asked_before({}) == "/"


def test_the_sign_in_page_is_served_with_it() -> None:
    async def index(_scope: Any, _receive: Any, send: Any) -> None:
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]}
        )
        await send({"type": "http.response.body", "body": (STATIC / "index.html").read_bytes()})

    shell = FrenchShell(index, "Titre", "Phrase.")

    def cookies(path: str, query: str, *headers: tuple[bytes, bytes]) -> list[str]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        scope = {
            "type": "http", "method": "GET", "path": path, "root_path": "", "scheme": "http",
            "query_string": query.encode(), "headers": list(headers),
        }  # fmt: skip
        finish(shell(scope, receive, send))
        return [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]

    assert [one.split(";")[0] for one in cookies("/connexion", ASKED)] == [
        "obs_retour=%2Fsegur-psc%3Fregion%3D44%26nom%3DM%C3%A9dipath"
    ]
    assert cookies("/connexion", ASKED, (b"x-forwarded-proto", b"https"))[0].endswith("Secure")
    assert cookies("/inscription", ASKED) == []
