"""One middleware: French first page and scripts, security headers, closed operator addresses."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from apps.kit.access.session_route import remembered
from apps.kit.shell.headers import security_headers
from apps.kit.shell.markup import french_index, inline_script_hashes, lost_page
from apps.kit.shell.translations import STATIC, translated_scripts

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# Not for visitors: figures about the server, and an interface that drives pages without a browser.
CLOSED = ("/_stcore/metrics", "/_stcore/agent")
# These bodies are not pages of the suite even when they are HTML.
FOREIGN = ("/component/", "/media/", "/_stcore/", "/tiers/", "/static/", "/obs-")


class FrenchShell:
    """ASGI middleware around Streamlit.

    Args:
        application: the wrapped application.
        title: title of the first page.
        description: its one-sentence description.
    """

    def __init__(self, application: Application, title: str, description: str) -> None:
        self._application = application
        page = french_index(title, description)
        self._hashes = inline_script_hashes(page)
        self._page = page.encode("utf-8")
        # Compressed beside the start, which does not wait for it: compressing leaves the interpreter to others.
        beside = ThreadPoolExecutor(1, "scripts")
        self._scripts = {
            path: (body, beside.submit(gzip.compress, body, 6)) for path, body in translated_scripts().items()
        }
        beside.shutdown(wait=False)
        self._packed: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; websockets and start-up messages pass unchanged."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        headers = security_headers(path, self._hashes)
        if path.startswith(CLOSED):
            await _answer(send, 404, b"", "text/plain; charset=utf-8", headers)
        elif path in self._scripts:
            plain, packing = self._scripts[path]
            accepted = b"gzip" in dict(scope["headers"]).get(b"accept-encoding", b"")
            # One day: the name carries Streamlit's hash of the English text, not of the French one.
            extra = {**headers, "cache-control": "public, max-age=86400", "vary": "accept-encoding"}
            if accepted:
                extra["content-encoding"] = "gzip"
            body = await asyncio.wrap_future(packing) if accepted else plain
            await _answer(send, 200, body, "text/javascript", extra)
        elif _packable(scope, path) and (packed := await self._packed_script(path)) is not None:
            # The name carries a hash of the content, as Streamlit's own answer says.
            extra = {
                **headers,
                "cache-control": "public, immutable, max-age=31536000",
                "vary": "accept-encoding",
            }
            kind = "text/css" if path.endswith(".css") else "text/javascript"
            await _answer(send, 200, packed, kind, {**extra, "content-encoding": "gzip"})
        elif path.startswith(FOREIGN):
            await self._application(scope, receive, _with_headers(send, headers))
        else:
            await self._page_or_other(scope, receive, send, headers)

    async def _packed_script(self, path: str) -> bytes | None:
        """A script or a style sheet of Streamlit, compressed at the first visit; None where there is no such file.

        Streamlit sends them as they are: a browser that comes for the first time waits for two megabytes.
        """
        file = (STATIC / path.lstrip("/")).resolve()
        if path not in self._packed and file.is_relative_to(STATIC.resolve()) and file.is_file():
            self._packed[path] = await asyncio.to_thread(lambda: gzip.compress(file.read_bytes(), 6))
        return self._packed.get(path)

    async def _page_or_other(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str]
    ) -> None:
        # Uncompressed and unconditional, so that the body can be replaced.
        plain = {
            **scope,
            "headers": [
                (name, value)
                for name, value in scope["headers"]
                if name not in (b"accept-encoding", b"if-none-match", b"if-modified-since")
            ],
        }
        replaced = False

        async def forward(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start":
                kind = dict(message["headers"]).get(b"content-type", b"")
                replaced = kind.startswith(b"text/html") and message["status"] == 200
                if not replaced:
                    await _with_headers(send, headers)(message)
            elif not replaced:
                await send(message)
            elif not message.get("more_body", False):
                # Addresses of the suite have one segment: deeper, the page's own files would not be found.
                path = scope["path"].removeprefix(scope.get("root_path", ""))
                known = "/" not in path.strip("/")
                page = self._page if known else lost_page(scope.get("root_path", ""))
                body = b"" if scope["method"] == "HEAD" else page
                extra = {**headers, "cache-control": "no-cache"}
                if kept := remembered(
                    path, scope.get("query_string", b"").decode("latin-1"), secure=_secure(scope)
                ):
                    extra["set-cookie"] = kept
                await _answer(send, 200 if known else 404, body, "text/html; charset=utf-8", extra)

        await self._application(plain, receive, forward)


def _packable(scope: Scope, path: str) -> bool:
    return (
        scope["method"] == "GET"
        and path.startswith("/static/")
        and path.endswith((".js", ".css"))
        and b"gzip" in dict(scope["headers"]).get(b"accept-encoding", b"")
    )


def _secure(scope: Scope) -> bool:
    forwarded = dict(scope["headers"]).get(b"x-forwarded-proto", b"").split(b",")[0].strip().lower()
    return scope.get("scheme") == "https" or forwarded == b"https"


def _with_headers(send: Send, headers: dict[str, str]) -> Send:
    async def forward(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message["headers"] if name.decode() not in headers]
            message = {**message, "headers": kept + _encoded(headers)}
        await send(message)

    return forward


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


async def _answer(send: Send, status: int, body: bytes, kind: str, headers: dict[str, str]) -> None:
    encoded = _encoded({"content-type": kind, "content-length": str(len(body)), **headers})
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
