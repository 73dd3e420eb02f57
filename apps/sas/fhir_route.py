"""The FHIR server of our own slots, and of the bookings that editors tell: ``/fhir``, for those the operator names.

An editor is recognised by a bearer token, or by the certificate that the proxy checked (its common name, its unit when
one is set). Without either setting nobody is. Nothing of a message but what :mod:`lake.agendas.recus` reads is kept,
and nothing of it is echoed or logged.
"""

from __future__ import annotations

import hmac
import json
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from apps.kit.data.data import data
from apps.sas.fhir_slots import FENETRE_JOURS, Question, libres, places_of
from lake.agendas.codes import RPPS_PAR_REQUETE, idnps
from lake.agendas.emission import agendas_seuls, bundle, capacites, issue
from lake.agendas.recus import lire_rendez_vous
from lake.errors import AccessDenied, LakeError
from lake.settings import Settings
from lake.store.engine import Store
from lake.store.sas.externes import ANCIEN, NOUVEAU, PassageRefuse, recevoir

PATH = "/fhir"
KIND = "application/fhir+json; charset=utf-8"
OCTETS = 256 * 1024
PAR_PAGE = 1000
PARIS = ZoneInfo("Europe/Paris")
CERTIFICAT = "x-client-dn"
VERIFIE = "x-client-verify"
"""Headers of the proxy: the subject of the certificate, and ``SUCCESS`` once it has checked it."""


class Refus(Exception):
    """A request that is answered by an OperationOutcome."""

    def __init__(self, status: int, code: str, texte: str) -> None:
        super().__init__(texte)
        self.status, self.code, self.texte = status, code, texte


def client_of(request: Request, settings: Settings) -> str:
    """The editor that asks, by its name in the settings.

    Raises:
        Refus: nobody that the operator named.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        given = token.strip().encode()
        found = [n for n, one in settings.sas_fhir_jetons.items() if hmac.compare_digest(one.encode(), given)]
        if found:
            return found[0]
    relayed = request.client is not None and request.client.host in settings.sas_fhir_relais
    if relayed and request.headers.get(VERIFIE, "") == "SUCCESS":
        parts = _subject(request.headers.get(CERTIFICAT, ""))
        for one in settings.sas_fhir_clients:
            name, _, unit = one.partition("@")
            if name in parts["CN"] and (not unit or unit in parts["OU"]):
                return name
    raise Refus(401, "login", "Qui demande n’est pas reconnu.")


def fhir_routes(store: Any) -> list[Route]:
    """The routes.

    Args:
        store: gives the store (called in a thread of its own).
    """

    async def answered(request: Request) -> Response:
        try:
            settings = Settings.from_env()
            resource = request.path_params.get("ressource", "")
            if resource == "metadata" and request.method == "GET":
                return _sent(capacites(_base(settings), datetime.now(UTC)))
            editor = client_of(request, settings)
            if request.method == "GET" and resource in ("Slot", "Schedule"):
                return await run_in_threadpool(_searched, store(), settings, request, resource)
            if request.method in ("POST", "PUT") and resource == "Appointment":
                document = await _body(request)
                return await run_in_threadpool(_received, store(), settings, request, document, editor)
            known = resource in ("Slot", "Schedule", "Appointment", "metadata")
            raise Refus(405 if known else 404, "not-supported", "Cette interaction n’existe pas ici.")
        except Refus as refusal:
            return _sent(issue(refusal.code, refusal.texte), refusal.status)
        except AccessDenied as error:
            return _sent(issue("forbidden", str(error)), 403)
        except LakeError as error:
            return _sent(issue("business-rule", str(error)), 422)

    return [Route(PATH + "/{ressource}", answered, methods=["GET", "POST", "PUT", "DELETE", "PATCH"])]


# -- slots -------------------------------------------------------------------------------------------


def _searched(store: Store, settings: Settings, request: Request, resource: str) -> Response:
    asked = parse_qsl(request.url.query, keep_blank_values=True)
    base = _base(settings)
    name = "schedule.actor:Practitioner.identifier" if resource == "Slot" else "actor:Practitioner.identifier"
    who = _practitioners(asked, name)
    self_url = f"{base}/{resource}?{request.url.query}"
    reads = data()
    if resource == "Schedule":
        places = places_of(store, reads.lake.scan, who)
        return _sent(agendas_seuls(places, base=base, liens={"self": self_url}))
    question = _question(asked, who)
    found = libres(store, reads.lake.scan, question)
    size = _number(asked, "_count", PAR_PAGE, most=PAR_PAGE)
    first = _number(asked, "_offset", 0, most=1_000_000)
    links = {"self": self_url}
    if first + size < len(found):
        rest = [(key, value) for key, value in asked if key not in ("_offset",)]
        links["next"] = f"{base}/Slot?{urlencode([*rest, ('_offset', str(first + size))])}"
    includes = [value for key, value in asked if key.startswith("_include")]
    answer = bundle(
        found[first : first + size],
        total=len(found),
        base=base,
        liens=links,
        agendas="Slot:schedule" in includes,
        acteurs="Schedule:actor" in includes,
        page=settings.url.rstrip("/"),
    )
    return _sent(answer)


def _practitioners(asked: list[tuple[str, str]], name: str) -> list[str]:
    given = [value for key, value in asked if key == name]
    if len(given) != 1:
        raise Refus(400, "required", f"Le paramètre {name} est attendu une fois.")
    values = [one.rpartition("|")[2] for one in given[0].split(",") if one.strip()]
    if not 1 <= len(values) <= RPPS_PAR_REQUETE:
        raise Refus(400, "value", f"Entre 1 et {RPPS_PAR_REQUETE} professionnels par requête.")
    # A number of another form is nobody here: an answer, not a fault.
    return [found for one in values if (found := idnps(one)) is not None]


def _question(asked: list[tuple[str, str]], who: list[str]) -> Question:
    if [value for key, value in asked if key == "status"] != ["free"]:
        raise Refus(400, "value", "Le paramètre status=free est attendu une fois.")
    bounds: dict[str, datetime] = {}
    for value in (value for key, value in asked if key == "start"):
        comparator, text = value[:2], value[2:]
        if comparator not in ("ge", "le") or comparator in bounds:
            raise Refus(400, "value", "Le paramètre start est attendu deux fois : ge, puis le.")
        bounds[comparator] = _moment(text, end=comparator == "le")
    if set(bounds) != {"ge", "le"}:
        raise Refus(400, "required", "Le paramètre start est attendu deux fois : ge, puis le.")
    if bounds["le"] - bounds["ge"] > timedelta(days=FENETRE_JOURS):
        raise Refus(422, "too-costly", f"La fenêtre demandée dépasse {FENETRE_JOURS} jours.")
    return Question(tuple(who), max(bounds["ge"], datetime.now(UTC)), bounds["le"])


def _moment(text: str, *, end: bool) -> datetime:
    # A plus sign that was not encoded arrives as a space.
    written = re.sub(r" (\d\d:\d\d)$", r"+\1", text.strip())
    try:
        if len(written) == 10:
            day = date.fromisoformat(written)
            return datetime.combine(day, time(23, 59, 59) if end else time(), PARIS).astimezone(UTC)
        found = datetime.fromisoformat(written)
        return (found if found.tzinfo else found.replace(tzinfo=PARIS)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refus(400, "value", "Le paramètre start n’est pas une date.") from error


def _number(asked: list[tuple[str, str]], name: str, default: int, *, most: int) -> int:
    given = [value for key, value in asked if key == name]
    if not given:
        return default
    if not re.fullmatch(r"[0-9]{1,7}", given[-1]):
        raise Refus(400, "value", f"Le paramètre {name} n’est pas un nombre.")
    return min(max(int(given[-1]), 0 if default == 0 else 1), most)


# -- bookings ----------------------------------------------------------------------------------------


async def _body(request: Request) -> Any:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/fhir+json", "application/json+fhir", "application/json"):
        raise Refus(415, "not-supported", "Le message est attendu en application/fhir+json.")
    pieces, size = [], 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > OCTETS:
                raise Refus(413, "too-long", f"Le message dépasse {OCTETS // 1024} Kio.")
            pieces.append(piece)
    except ClientDisconnect as error:
        raise Refus(400, "incomplete", "Le message est incomplet.") from error
    try:
        return json.loads(b"".join(pieces).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refus(400, "structure", "Le message n’est pas du JSON.") from error


def _received(store: Store, settings: Settings, request: Request, document: Any, editor: str) -> Response:
    key = ""
    if request.method == "PUT":
        given = [v for k, v in parse_qsl(request.url.query) if k.lower() == "identifier"]
        if len(given) != 1 or not given[0]:
            raise Refus(400, "required", "Le paramètre identifier est attendu une fois.")
        key = given[0] if "|" in given[0] else f"|{given[0]}"
    try:
        received = lire_rendez_vous(document, cle=key)
    except LakeError as error:
        raise Refus(422, "invariant", str(error)) from error
    try:
        done = recevoir(store, received, editor)
    except PassageRefuse as error:
        raise Refus(422, "business-rule", str(error)) from error
    location = {"location": f"{_base(settings)}/Appointment/{done.reference}"}
    if done.effet == ANCIEN:
        told = issue("informational", "Message plus ancien que ce qui est connu : ignoré.", "information")
        return _sent(told, 200, location)
    created = request.method == "POST" or done.effet == NOUVEAU
    return Response(status_code=201 if created else 200, headers=location)


# -- inside ------------------------------------------------------------------------------------------


def _base(settings: Settings) -> str:
    return settings.url.rstrip("/") + PATH


def _subject(text: str) -> dict[str, set[str]]:
    """Common names and units of a subject, in either writing: ``CN=a,OU=b`` or ``/OU=b/CN=a``."""
    found: dict[str, set[str]] = {"CN": set(), "OU": set()}
    for part in re.split(r"(?<!\\)[,/+]", text):
        name, sign, value = part.partition("=")
        if sign and name.strip().upper() in found:
            found[name.strip().upper()].add(value.strip())
    return found


def _sent(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    told = {"cache-control": "no-store", **(headers or {})}
    if status == 401:
        told["www-authenticate"] = "Bearer"
    return Response(body, status_code=status, media_type=KIND, headers=told)
