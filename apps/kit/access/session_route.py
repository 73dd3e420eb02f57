"""The routes of sessions: the cookie is set and taken away by HTTP answers, out of reach of scripts.

``/obs-session?billet=…`` exchanges a single-use ticket (:mod:`apps.kit.access.tickets`) for the session cookie:
``HttpOnly; SameSite=Lax``, and ``Secure`` behind TLS. A ticket without a secret takes the cookie away, and that of
an identity provider with it. Without a valid ticket of this very browser nothing changes: no link can sign a reader
in or out.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import parse_qs, quote, unquote

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from apps.kit.access.redirect import based, is_local
from apps.kit.access.tickets import TICKETS, mark_of

PATH = "/obs-session"
COOKIE = "obs_session"
# Under TLS the prefix keeps other hosts of the domain from planting the cookie.
SECURE_COOKIE = f"__Host-{COOKIE}"
_KEPT_SIGNS = "/?#%&=+:;,@!$'()*~-._[]"
# Streamlit's own cookies after an OpenID Connect sign-in, in pieces when they are long.
PROVIDER_COOKIES = ("_streamlit_user", "_streamlit_user_tokens")
RETURN_COOKIE = "obs_retour"
"""The page asked, kept while the reader is at an identity provider (it comes back at the bare address)."""
SIGN_IN = "/connexion"
_RETURN_S = 900


def leads_to(secret: str, then: str = "/") -> str:
    """Path that gives the browser this session, then opens a page.

    Args:
        secret: value of the session cookie; empty to take the cookie away.
        then: path of this server.
    """
    number = TICKETS.issue(secret, then if is_local(then) else "/", mark=mark_of(st.context.cookies))
    return f"{PATH}?billet={quote(number)}"


def is_secure(request: Request) -> bool:
    """Whether the reader reaches the suite over TLS, directly or through a proxy of this machine."""
    return request.url.scheme == "https" or (
        request.headers.get("x-forwarded-proto", "").split(",")[0].strip().lower() == "https"
    )


def remembered(path: str, query: str, *, secure: bool) -> str:
    """The ``Set-Cookie`` that keeps the page asked while a reader signs in; empty where there is nothing to keep.

    Args:
        path: path of the page that answers.
        query: its query string; ``retour`` names the page asked.
        secure: whether the reader comes over TLS.
    """
    if path.rstrip("/") != SIGN_IN:
        return ""
    asked = (parse_qs(query).get("retour") or [""])[0]
    good = asked != "/" and is_local(asked) and len(asked) <= 1_500
    value, age = (quote(asked, safe=""), _RETURN_S) if good else ("", 0)
    return f"{RETURN_COOKIE}={value}; Max-Age={age}; Path=/; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"


def asked_before(cookies: Mapping[str, str]) -> str:
    """The page asked before leaving for a provider, from the request's cookies; ``/`` for none."""
    found = cookies.get(RETURN_COOKIE)
    path = unquote(found) if isinstance(found, str) else ""
    return path if is_local(path) else "/"


def _exchange(request: Request) -> Response:
    mark = mark_of(request.cookies)
    # A browser that never opened a page here has no mark: it cannot be the one that signed in.
    ticket = TICKETS.redeem(request.query_params.get("billet", ""), mark=mark) if mark else None
    if ticket is None:
        return _page(
            "Ce passage n’est plus valable",
            "Il ne sert qu’une fois et pendant trente secondes. Identifiez-vous de nouveau.",
            "/connexion",
            "Se connecter",
            status=400,
        )
    # A header holds ASCII: names in the address (« Bœrsch ») are written in per cent.
    then = quote(based(ticket.then), safe=_KEPT_SIGNS)
    # A page rather than a 303: arriving from an identity provider, a browser would hold back a Lax cookie.
    answer = Response(status_code=303, headers={"location": then, "cache-control": "no-store"})
    secure = is_secure(request)
    name = SECURE_COOKIE if secure else COOKIE
    if ticket.secret:
        answer.set_cookie(name, ticket.secret, httponly=True, secure=secure, samesite="lax", path="/")
    else:
        answer.delete_cookie(name, httponly=True, secure=secure, samesite="lax", path="/")
    if RETURN_COOKIE in request.cookies:
        answer.delete_cookie(RETURN_COOKIE, httponly=True, secure=secure, samesite="lax", path="/")
    for sent in request.cookies:
        if any(sent == one or sent.startswith(f"{one}_") for one in PROVIDER_COOKIES):
            for path in {"/", based("/").rstrip("/") or "/"}:
                answer.delete_cookie(sent, path=path)
    return answer


def _page(title: str, text: str, link: str, action: str, *, status: int) -> Response:
    body = (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width"></head>'
        '<body style="font-family:sans-serif;color:#14213d;max-width:40rem;margin:4rem auto;padding:0 1rem">'
        f"<h1>{escape(title)}</h1><p>{escape(text)}</p>"
        f'<p><a href="{escape(based(link), quote=True)}">{escape(action)}</a></p></body></html>'
    )
    return HTMLResponse(body, status_code=status, headers={"cache-control": "no-store"})


def session_routes() -> list[Route]:
    """The route of sessions."""
    return [Route(PATH, _exchange, methods=["GET"])]
