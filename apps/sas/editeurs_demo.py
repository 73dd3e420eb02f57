"""Three editors of agendas for the demonstration, served on this machine: one slow, one empty, one failing.

They answer over real HTTP in the shapes of the national guide; what they say is drawn from the identifier asked and the
day, so that a search asked twice finds the same.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lake.agendas.emission import Libre, Lieu, bundle, issue

EDITEURS = {"lent": "Agenda lent", "vide": "Agenda vide", "panne": "Agenda en panne"}
"""Path -> name."""
LENT_S = 2.5
KIND = "application/fhir+json"
_HOURS = (9, 10, 11, 14, 15, 16, 17, 18)
_PARIS = ZoneInfo("Europe/Paris")


def application(lenteur: float = LENT_S) -> Starlette:
    """The three editors, at ``/lent/fhir``, ``/vide/fhir`` and ``/panne/fhir``."""

    async def slow(request: Request) -> Response:
        await asyncio.sleep(lenteur)
        found = [one for who in _asked(request) for one in libres(who, *_window(request))]
        return _sent(request, found)

    async def empty(request: Request) -> Response:
        return _sent(request, [])

    async def failing(request: Request) -> Response:
        if _draw("".join(_asked(request)), 1)[0] % 2:
            return Response('{"resourceType": "Bundle", "entry": [', media_type=KIND)
        return JSONResponse(issue("exception", "Panne de démonstration."), 500, media_type=KIND)

    return Starlette(
        routes=[
            Route("/lent/fhir/Slot", slow),
            Route("/vide/fhir/Slot", empty),
            Route("/panne/fhir/Slot", failing),
        ]
    )


def libres(identifiant: str, du: datetime, au: datetime) -> Iterator[Libre]:
    """One to three free slots a day of a professional, drawn from his identifier and the day."""
    place = Lieu(identifiant, "Démonstration", 1, 0, "1 place de la Démonstration", "54000", "Nancy")
    day = du.astimezone(_PARIS).date()
    while day <= au.astimezone(_PARIS).date():
        drawn = _draw(f"{identifiant}{day}", 4)
        for rank in range(1 + drawn[0] % 3):
            hour = _HOURS[drawn[rank + 1] % len(_HOURS)]
            start = datetime(day.year, day.month, day.day, hour, 20 * rank, tzinfo=_PARIS)
            if du <= start <= au:
                yield Libre(
                    f"{identifiant}-{start:%Y%m%d%H%M}", place, start, start + timedelta(minutes=15), ("AMB",)
                )
        day += timedelta(days=1)


def demarrer() -> str:
    """Serve them on a free port of the loopback, in a thread of this process.

    Returns:
        The value of ``OBS_SAS_EDITEURS`` that names them.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(application(), host="127.0.0.1", port=port, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, name="editeurs-demo", daemon=True).start()
    limit = time.monotonic() + 5
    while not server.started and time.monotonic() < limit:
        time.sleep(0.02)
    return ",".join(f"{name}=http://127.0.0.1:{port}/{path}/fhir" for path, name in EDITEURS.items())


# -- inside ------------------------------------------------------------------------------------------


def _asked(request: Request) -> list[str]:
    text = request.query_params.get("schedule.actor:Practitioner.identifier", "")
    return [one.rpartition("|")[2] for one in text.split(",") if one]


def _window(request: Request) -> tuple[datetime, datetime]:
    bounds = {value[:2]: value[2:] for value in request.query_params.getlist("start")}
    now = datetime.now(UTC)
    try:
        return datetime.fromisoformat(bounds["ge"]), datetime.fromisoformat(bounds["le"])
    except (KeyError, ValueError):
        return now, now + timedelta(days=2)


def _draw(text: str, size: int) -> bytes:
    return blake2b(text.encode(), digest_size=size).digest()


def _sent(request: Request, found: list[Libre]) -> Response:
    document = bundle(
        found, total=len(found), base=str(request.url.replace(query="")).removesuffix("/Slot"),
        liens={"self": str(request.url)}, agendas=True, acteurs=True, page="https://demonstration.invalid/reserver",
    )  # fmt: skip
    return JSONResponse(document, media_type=KIND)
