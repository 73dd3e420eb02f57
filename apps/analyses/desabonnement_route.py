"""``/obs-desabonnement``: stops a subscription when a mail client posts to it (RFC 8058), without signing in.

A link checker only gets the address: it stops nothing, and is sent to the page that asks a person.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from lake.errors import LakeError, SourceUnavailable
from lake.store.analyses import subscriptions
from lake.store.engine import Store

PATH = "/obs-desabonnement"
PAGE = "analyses-desabonnement"
_LONGEST = 100


def leaving_routes(store: Callable[[], Store]) -> list[Route]:
    """The route.

    Args:
        store: gives the store (called in a thread of its own).
    """

    async def answered(request: Request) -> Response:
        token = request.query_params.get("jeton", "")[:_LONGEST]
        if request.method != "POST":
            return RedirectResponse(f"./{PAGE}?{urlencode({'jeton': token})}", 303)
        try:
            title = await run_in_threadpool(lambda: subscriptions.leave(store(), token))
        except SourceUnavailable:
            return PlainTextResponse("La base ne répond pas : réessayez dans quelques minutes.", 503)
        except LakeError:
            return PlainTextResponse("Ce lien n’est pas, ou n’est plus, celui d’un abonnement.", 404)
        return PlainTextResponse(f"Vous ne recevrez plus de message sur « {title} ».")

    return [Route(PATH, answered, methods=["GET", "POST"])]
