"""An editor's FHIR server on the loopback, with a switch of faults: real HTTP, one thread a request.

Bundles have the shapes of the national guide: one Schedule a place, a PractitionerRole that contains its Location.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lake.agendas.codes import ACTE, IDNPS, IDNST, TYPE_CRENEAU

Resource = dict[str, Any]


def practitioner(rpps: str, places: Sequence[str] = ("1",)) -> list[Resource]:
    """A practitioner, and for each place a role that contains it and an agenda."""
    found: list[Resource] = [
        {
            "resourceType": "Practitioner",
            "id": f"p{rpps}",
            "identifier": [
                {"system": "urn:oid:interne", "value": "77"},
                {"system": IDNPS, "value": f"8{rpps}"},
            ],
            "name": [{"family": "Foret", "given": ["Pierre"]}],
        }
    ]
    for place in places:
        found += [
            {
                "resourceType": "PractitionerRole",
                "id": f"r{rpps}-{place}",
                "practitioner": {"reference": f"Practitioner/p{rpps}"},
                "organization": {"identifier": {"system": IDNST, "value": f"4{rpps}00{place}"[:16]}},
                "location": [{"reference": "#lieu"}],
                "contained": [
                    {
                        "resourceType": "Location",
                        "id": "lieu",
                        "address": {
                            "line": [f"{place} rue des Lilas"],
                            "city": "Nancy",
                            "postalCode": "54000",
                        },
                    }
                ],
            },
            {
                "resourceType": "Schedule",
                "id": f"a{rpps}-{place}",
                "actor": [
                    {"reference": f"Practitioner/p{rpps}"},
                    {"reference": f"PractitionerRole/r{rpps}-{place}"},
                ],
            },
        ]
    return found


def slot(
    rpps: str, begin: datetime, *, minutes: int = 15, place: str = "1", number: str = "", **changed: Any
) -> Resource:
    """A free slot of an agenda; ``changed`` replaces elements (None takes one away)."""
    begins = begin.isoformat(timespec="milliseconds")
    ends = (begin + timedelta(minutes=minutes)).isoformat(timespec="milliseconds")
    made: Resource = {
        "resourceType": "Slot",
        "id": number or f"s{rpps}-{place}-{begins}",
        "meta": {"security": [{"system": TYPE_CRENEAU, "code": "SNP"}]},
        "schedule": {"reference": f"Schedule/a{rpps}-{place}"},
        "status": "free",
        "start": begins,
        "end": ends,
        "serviceType": [{"coding": [{"system": ACTE, "code": "AMB"}], "text": "Consultation"}],
        "comment": f"https://rdv.exemple.fr/{rpps}?lieu={place}#agenda",
    }
    for name, value in changed.items():
        if value is None:
            made.pop(name, None)
        else:
            made[name] = value
    return made


def bundle(resources: Sequence[Resource], **changed: Any) -> Resource:
    """A search set of resources."""
    slots = sum(one.get("resourceType") == "Slot" for one in resources)
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": slots,
        "entry": [
            {"fullUrl": f"https://serveur/{one.get('resourceType')}/{one.get('id')}", "resource": one}
            for one in resources
        ],
        **changed,
    }


@dataclass
class Sent:
    """An answer: its body as text, bytes or JSON, and how it travels."""

    body: Any = None
    status: int = 200
    kind: str = "application/fhir+json"
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0
    drip: bool = False
    cut: int = 0


Answer = Callable[[dict[str, list[str]]], Sent]


@dataclass
class Server:
    """What the editor answers, and what it was asked."""

    answer: Answer
    base: str = ""
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def identifiers(self) -> list[list[str]]:
        """The practitioners of each request, without their system."""
        name = "schedule.actor:Practitioner.identifier"
        return [
            [one.split("|")[1] for one in asked[name][0].split(",")] for asked in self.asked if name in asked
        ]


@contextmanager
def serving(answer: Answer, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """An editor on a free port of the loopback."""
    server = Server(answer)
    lock, ended = threading.Lock(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
            with lock:
                server.asked.append(asked)
                server.heads.append({name.lower(): value for name, value in self.headers.items()})
                server.times.append(time.monotonic())
                sent = server.answer(asked)
            ended.wait(sent.after)
            body = sent.body
            if not isinstance(body, bytes):
                body = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(sent.status)
            self.send_header("Content-Type", sent.kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in sent.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.close_connection = True
            try:
                if sent.drip:
                    for at in range(len(body)):
                        if ended.wait(0.05):
                            return
                        self.wfile.write(body[at : at + 1])
                        self.wfile.flush()
                else:
                    self.wfile.write(body[: len(body) - sent.cut])
            except OSError:
                return

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    if context is not None:
        http.socket = context.wrap_socket(http.socket, server_side=True)
    server.base = f"{'http' if context is None else 'https'}://127.0.0.1:{http.server_address[1]}/fhir"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        ended.set()
        http.shutdown()
        http.server_close()
