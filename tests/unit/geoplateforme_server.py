"""A local server that behaves like the Géoplateforme's batch CSV service, as far as our adapter can tell.

Hard postal-code and commune filters, 429 above its rate, passing failures, an optional byte-order mark, extra
``result_*`` columns, statuses ok / not-found / skipped / error.
"""

from __future__ import annotations

import csv
import io
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import polars as pl

from scoring.geocode.normalise import plain

RESULT_COLUMNS = (
    "longitude",
    "latitude",
    "result_score",
    "result_score_next",
    "result_label",
    "result_type",
    "result_id",
    "result_housenumber",
    "result_name",
    "result_street",
    "result_postcode",
    "result_city",
    "result_context",
    "result_citycode",
    "result_oldcitycode",
    "result_status",
)


@dataclass
class Behaviour:
    """How the server behaves, and what it saw.

    Attributes:
        places: what it knows: (words asked for, type, score, postcode, citycode, longitude, latitude).
        bom: answers begin with a byte-order mark.
        fail: answers given before anything else, one a request: (HTTP status, headers).
        rate: requests a second above which it answers 429; 0 for none.
        broken: body sent instead of the CSV.
        requests: for each request served or refused, (status, form fields, rows).
    """

    places: list[tuple[str, str, float, str, str, float, float]] = field(default_factory=list)
    bom: bool = False
    fail: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    rate: int = 0
    broken: bytes | None = None
    requests: list[tuple[int, dict[str, list[str]], list[dict[str, str]]]] = field(default_factory=list)
    times: deque[float] = field(default_factory=deque)
    lock: threading.Lock = field(default_factory=threading.Lock)


def _words(text: str) -> str:
    return pl.select(plain(pl.lit(text))).item() or ""


def _result(behaviour: Behaviour, row: dict[str, str], form: dict[str, list[str]]) -> dict[str, str]:
    empty = dict.fromkeys(RESULT_COLUMNS, "")
    asked = " ".join(_words(row.get(column, "")) for column in form.get("columns", [])).strip()
    if not asked:
        return {**empty, "result_status": "skipped"}
    if "PROVOQUE UNE ERREUR" in asked:
        return {**empty, "result_status": "error"}
    postcode = row.get(form.get("postcode", ["?"])[0], "")
    citycode = row.get(form.get("citycode", ["?"])[0], "")
    for words, kind, score, place_postcode, place_citycode, longitude, latitude in behaviour.places:
        if words not in asked:
            continue
        if (postcode and postcode != place_postcode) or (citycode and citycode != place_citycode):
            continue
        return {
            **empty,
            "longitude": str(longitude),
            "latitude": str(latitude),
            "result_score": str(score),
            "result_label": words.title(),
            "result_type": kind,
            "result_postcode": place_postcode,
            "result_citycode": place_citycode,
            "result_status": "ok",
        }
    return {**empty, "result_status": "not-found"}


def _handler(behaviour: Behaviour) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            message = BytesParser(policy=HTTP).parsebytes(
                f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode() + body
            )
            form: dict[str, list[str]] = {}
            rows: list[dict[str, str]] = []
            names: list[str] = []
            for part in message.iter_parts():
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                name = str(part.get_param("name", header="content-disposition"))
                if name == "data":
                    reader = csv.DictReader(io.StringIO(content.decode()))
                    rows, names = list(reader), list(reader.fieldnames or [])
                else:
                    form.setdefault(name, []).append(content.decode())
            status, headers = self._status()
            behaviour.requests.append((status, form, rows))
            if self.path != "/geocodage/search/csv/":
                status, headers = 404, {}
            if status != 200:
                self._send(status, headers, b"")
                return
            if behaviour.broken is not None:
                self._send(200, {}, behaviour.broken)
                return
            out = io.StringIO()
            writer = csv.DictWriter(out, [*names, *RESULT_COLUMNS])
            writer.writeheader()
            for row in rows:
                writer.writerow({**row, **_result(behaviour, row, form)})
            text = out.getvalue().encode()
            self._send(200, {"Content-Type": "text/csv"}, b"\xef\xbb\xbf" + text if behaviour.bom else text)

        def _status(self) -> tuple[int, dict[str, str]]:
            with behaviour.lock:
                if behaviour.fail:
                    return behaviour.fail.popleft()
                now = time.monotonic()
                while behaviour.times and now - behaviour.times[0] > 1.0:
                    behaviour.times.popleft()
                behaviour.times.append(now)
                if behaviour.rate and len(behaviour.times) > behaviour.rate:
                    return 429, {"Retry-After": "1"}
                return 200, {}

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    return Handler


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[str]:
    """Serve on a free loopback port; gives the base address to set as ``OBS_GEOPLATEFORME_URL``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(behaviour))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/geocodage"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
