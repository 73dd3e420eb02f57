"""An S3 storage whose answers get lost: a relay that does what is asked, then hangs up without saying so."""

from __future__ import annotations

import http.client
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlparse

HOP = {"connection", "transfer-encoding", "keep-alive", "content-length"}


@dataclass
class Losses:
    """Which answers are lost.

    Attributes:
        ending: the end of the keys concerned (PUT requests only).
        left: how many more answers will be lost.
        lost: the keys whose answer was.
        refusal: the status answered in place of doing what is asked; 0 when it is done and its answer lost.
        before: how many writes pass before the first one struck.
    """

    endpoint: str = ""
    ending: str = ""
    left: int = 0
    lost: list[str] = field(default_factory=list)
    refusal: int = 0
    before: int = 0

    def lose(self, ending: str, times: int) -> None:
        self.ending, self.left, self.lost, self.refusal, self.before = ending, times, [], 0, 0

    def refuse(self, status: int, before: int, times: int) -> None:
        """Answer this status, doing nothing, to so many writes that come after the first ``before`` ones."""
        self.ending, self.left, self.lost, self.refusal, self.before = "", times, [], status, before

    def struck(self, command: str, key: str) -> bool:
        """Whether this request is one of those concerned; counts it."""
        if command != "PUT" or not key.endswith(self.ending) or self.left <= 0:
            return False
        if self.before > 0:
            self.before -= 1
            return False
        self.left -= 1
        self.lost.append(key)
        return True


@contextmanager
def lossy(endpoint: str) -> Iterator[Losses]:
    """Relay to an S3 server, losing the answers that are asked for."""
    target = urlparse(endpoint)
    losses = Losses()
    guard = threading.Lock()

    class Relay(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # headers and body leave in two parts: the second would wait 40 ms

        def relay(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else None
            key = unquote(urlparse(self.path).path)
            with guard:
                struck = losses.struck(self.command, key)
                refusal = losses.refusal if struck else 0
            if refusal:
                self.send_response_only(refusal)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            onward = http.client.HTTPConnection(target.hostname or "", target.port, timeout=30)
            headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP | {"expect"}}
            onward.request(self.command, self.path, body, headers)
            answer = onward.getresponse()
            content = answer.read()
            onward.close()
            if struck:
                self.close_connection = True
                self.connection.close()
                return
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP:
                    self.send_header(name, value)
            shown = answer.getheader("Content-Length") if self.command == "HEAD" else None
            self.send_header("Content-Length", shown or str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, *_args: object) -> None:
            pass

        def finish(self) -> None:
            with suppress(OSError, ValueError):  # the connection that was cut on purpose
                super().finish()

    for verb in ("GET", "PUT", "POST", "DELETE", "HEAD"):
        setattr(Relay, f"do_{verb}", Relay.relay)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Relay)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    losses.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield losses
    finally:
        server.shutdown()
        server.server_close()
