"""The route that serves territories' outlines to maps: fetched once by a browser, then kept.

Inside the chart's specification the 5,115 communes cost a second of server time at every rerun; from here they
cost nothing once fetched. Outlines are public reference data: the route asks for no access.
"""

from __future__ import annotations

import gzip
import json
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from apps.kit.data.data import Data, data
from apps.kit.maps.france import MESHES, outlines_of
from apps.kit.maps.outlines import NAMES
from lake.catalog.territoires import CONTOURS
from lake.errors import LakeError

PATH = "/obs-contours"


def address(reads: Data, mesh: str) -> str:
    """Address of a mesh's outlines, relative to any page; it changes with their version."""
    return f".{PATH}/{mesh}.json?v={reads.version(CONTOURS)}"


@lru_cache(maxsize=8)
def _body(root: str, mesh: str, version: int | None) -> bytes:
    del root, version  # they make the key
    features = outlines_of(data(), mesh).of()
    return gzip.compress(json.dumps(features, ensure_ascii=False, separators=(",", ":")).encode("utf-8"), 6)


def _serve(request: Request) -> Response:
    mesh = request.path_params["maille"]
    if mesh not in NAMES and mesh not in MESHES:
        return PlainTextResponse("Maille inconnue.", status_code=404)
    reads = data()
    try:
        body = _body(reads.lake.root, mesh, reads.version(CONTOURS))
    except LakeError as error:
        return PlainTextResponse(str(error), status_code=503)
    plain = "gzip" not in request.headers.get("accept-encoding", "")
    headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
    if not plain:
        headers["content-encoding"] = "gzip"
    return Response(gzip.decompress(body) if plain else body, media_type="application/json", headers=headers)


_served: list[bool] = []


def served() -> bool:
    """Whether this process serves outlines: not under a bare ``streamlit run`` of one application."""
    return bool(_served)


def outline_routes() -> list[Route]:
    """The route of outlines: ``/obs-contours/<maille>.json``."""
    _served.append(True)
    return [Route(PATH + "/{maille}.json", _serve, methods=["GET"])]
