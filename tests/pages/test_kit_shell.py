"""The shell: first page, translations, headers, third-party assets."""

from __future__ import annotations

import asyncio
import gzip
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from apps.kit.shell.assets import PACKAGES, asset_folder, asset_routes
from apps.kit.shell.markup import french_index, inline_script_hashes
from apps.kit.shell.middleware import FrenchShell
from apps.kit.shell.translations import LITERALS, STATIC, missing, translated_scripts
from apps.kit.style import theme
from tests.apart import finish

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Answer:
    """An HTTP answer, unpacked."""

    status_code: int
    headers: dict[str, str]
    raw: bytes

    @property
    def content(self) -> bytes:
        return gzip.decompress(self.raw) if self.headers.get("content-encoding") == "gzip" else self.raw

    @property
    def text(self) -> str:
        return self.content.decode("utf-8")


class Client:
    """Calls an ASGI application in this process."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def get(self, address: str, headers: dict[str, str] | None = None, method: str = "GET") -> Answer:
        path, _, query = address.partition("?")
        sent: list[Any] = []
        scope = {
            "type": "http", "method": method, "path": unquote(path), "raw_path": path.encode(), "root_path": "",
            "query_string": query.encode(), "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 80),
            "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        }  # fmt: skip

        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if asked:  # a client that stays until it is answered
                await asyncio.Event().wait()
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        finish(self._application(scope, receive, send))
        start, *bodies = sent
        found = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
        return Answer(start["status"], found, b"".join(m.get("body", b"") for m in bodies))


@pytest.fixture
def client() -> Client:
    english = (STATIC / "index.html").read_text(encoding="utf-8")
    application = Starlette(
        routes=[
            *asset_routes(),
            Route("/media/fichier.html", lambda _request: HTMLResponse("<p>intact</p>")),
            Route("/_stcore/metrics", lambda _request: PlainTextResponse("secret")),
            Route("/absent", lambda _request: PlainTextResponse("rien", status_code=404)),
            Route("/{chemin:path}", lambda _request: HTMLResponse(english)),
        ],
        middleware=[Middleware(FrenchShell, title="Titre <b>", description="Une phrase")],
    )
    return Client(application)


def test_every_translated_text_is_still_in_the_installed_front_end() -> None:
    assert missing() == []


def test_translations_keep_the_scripts_well_formed() -> None:
    for path, body in translated_scripts().items():
        english = (STATIC / path.lstrip("/")).read_text(encoding="utf-8")
        french = body.decode("utf-8")
        # Each text keeps its own marks in pairs: what is around it reads as before.
        assert french.count("`") % 2 == english.count("`") % 2
        assert all(
            text.count("`") % 2 == literal.count("`") % 2
            for stem, literals in LITERALS.items()
            if stem in path
            for literal, text in literals.items()
        )
        assert french != english


def test_scripts_and_styles_are_sent_compressed_to_who_reads_them_so(client: Client) -> None:
    """Streamlit sends its own as they are: two megabytes before the first title of a browser that knows nothing."""
    index = (STATIC / "index.html").read_text(encoding="utf-8")
    asked = [
        path for path in re.findall(r'(?:src|href)="\./([^"]+)"', index) if path.endswith((".js", ".css"))
    ]
    assert len(asked) > 10
    plain = sent = 0
    for path in asked:
        answer = client.get(f"/{path}", {"accept-encoding": "gzip, br"})
        whole = translated_scripts().get(f"/{path}", (STATIC / path).read_bytes())
        assert answer.headers["content-encoding"] == "gzip", path
        assert answer.content == whole, path
        assert answer.headers["vary"] == "accept-encoding"
        assert answer.headers["content-type"] == ("text/css" if path.endswith(".css") else "text/javascript")
        assert "max-age=" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        plain, sent = plain + len(whole), sent + len(answer.raw)
    assert sent < 0.4 * plain


@pytest.mark.parametrize(
    ("address", "headers", "method"),
    [
        ("/static/js/protobuf.js", {"accept-encoding": "gzip"}, "GET"),  # no such file: Streamlit says so
        ("/static/../index.html.js", {"accept-encoding": "gzip"}, "GET"),
        ("/static/../../__init__.js", {"accept-encoding": "gzip"}, "GET"),
        ("/static/manifest.json", {"accept-encoding": "gzip"}, "GET"),
        ("/static/css/index.css", {}, "GET"),
        ("/static/css/index.css", {"accept-encoding": "gzip"}, "HEAD"),
    ],
)
def test_what_is_no_script_of_streamlit_is_left_to_it(
    client: Client, address: str, headers: dict[str, str], method: str
) -> None:
    answer = client.get(address, headers, method)
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-type"].startswith("text/html")  # what stands for Streamlit here


def test_any_page_address_answers_the_french_first_page(client: Client) -> None:
    for address in ("/", "/annuaire-carte?departement=67"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert '<html lang="fr"' in answer.text
        assert "<title>Titre &lt;b&gt;</title>" in answer.text
        assert "Chargement de la page…" in answer.text
        assert 'id="obs-hachures"' in answer.text
        assert "_stcore/agent" not in answer.text
        assert int(answer.headers["content-length"]) == len(answer.content)
        for hashed in inline_script_hashes(answer.text):
            assert hashed in answer.headers["content-security-policy"]


def test_files_and_failures_pass_with_headers_only(client: Client) -> None:
    assert client.get("/media/fichier.html").text == "<p>intact</p>"
    assert client.get("/absent").status_code == 404
    for address in ("/media/fichier.html", "/absent", "/"):
        headers = client.get(address).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'self'" in headers["content-security-policy"]


def test_only_component_frames_may_evaluate(client: Client) -> None:
    assert "'unsafe-eval'" not in client.get("/").headers["content-security-policy"]
    assert "'unsafe-eval'" in client.get("/component/carte/index.html").headers["content-security-policy"]


def test_operator_addresses_are_closed(client: Client) -> None:
    assert client.get("/_stcore/metrics").status_code == 404
    assert client.get("/_stcore/agent/interact", method="POST").status_code == 404


def test_scripts_are_served_in_french_packed_or_plain(client: Client) -> None:
    path = next(path for path in translated_scripts() if "Multiselect" in path)
    packed = client.get(path, headers={"accept-encoding": "gzip"})
    plain = client.get(path, headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert "Aucun résultat" in plain.text
    assert gzip.compress(plain.content)


def test_leaflet_is_served_and_nothing_around_it(client: Client) -> None:
    answer = client.get("/tiers/leaflet/leaflet.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert client.get("/tiers/leaflet/images/layers.png").status_code == 200
    for address in (
        "/tiers/leaflet/../../__init__.py",
        "/tiers/leaflet/%2e%2e/%2e%2e/apps.py",
        "/tiers/autre/x.js",
    ):
        assert client.get(address).status_code == 404
    assert client.get("/tiers/leaflet/leaflet-src.js.map").status_code == 404


def test_third_party_assets_are_installed_and_none_is_in_the_repository() -> None:
    for name in PACKAGES:
        folder = asset_folder(name)
        assert folder is not None
        assert ROOT / "apps" not in folder.parents
    ours = {path.name for path in (ROOT / "apps").rglob("*.js")}
    assert ours == {"page.js", "saisie.js", "carte.js"}


def test_a_changed_front_page_is_noticed() -> None:
    with pytest.raises(ValueError, match="has changed"):
        french_index("t", "d", "<html><body></body></html>")


def test_the_theme_and_the_charts_agree_on_colours() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["theme"]["primaryColor"] == theme.ACCENT
    assert config["theme"]["textColor"] == theme.INK
    assert config["theme"]["chartCategoricalColors"][0] == theme.SERIES[0]
    assert config["server"]["address"] == "127.0.0.1"
    assert config["browser"]["gatherUsageStats"] is False
    assert config["server"]["enableXsrfProtection"] is True


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two colours."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_text_colours_are_readable() -> None:
    texts = (theme.INK, theme.SECONDARY, theme.ACCENT, theme.UP_COLOUR, theme.DOWN_COLOUR, *theme.SERIES)
    for colour in texts:
        assert contrast(colour, theme.WHITE) >= 4.5, colour
    for colour in (theme.INK, theme.SECONDARY, theme.ACCENT):
        assert contrast(colour, theme.PANEL) >= 4.5, colour
    for colour, level, written in theme.MATURITY.values():
        assert contrast(colour, written) >= 4.5, level
