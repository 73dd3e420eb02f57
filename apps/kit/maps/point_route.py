"""The route that serves points to maps, tile by tile: ``/obs-points/<layer>/<z>/<x>/<y>.json?<selection>``.

A tile is asked by the browser itself, outside of any page: the route asks for the reader's access, and reads under
it. Its address holds the selection and the versions of the tables: what it answers never changes.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import polars as pl
import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from apps.kit.access.access import require_request
from apps.kit.data.data import Data, data
from apps.kit.maps.point_set import PointSet
from lake.catalog.territoires import COMMUNES, CONTOURS
from lake.contract import Table
from lake.errors import AccessDenied, LakeError
from scoring.universes.selection import Selection

PATH = "/obs-points"
KEPT = 12
"""Sets of points kept in memory: one a selection and scope."""
TOWNS = 1_000
"""Towns that may be named, the most populated first; the map names those that fit."""
_served: dict[str, Layer] = {}


@dataclass(frozen=True)
class Layer:
    """Points that a page shows.

    Attributes:
        name: name in the address.
        page: page whose access the route asks.
        axes: axes that the selection may filter.
        tables: the tables that the points come from.
        build: the points of a selection whose date is said.
    """

    name: str
    page: str
    axes: tuple[str, ...]
    tables: tuple[Table, ...]
    build: Callable[[Data, Selection], PointSet]

    def points(self, reads: Data, selection: Selection) -> PointSet:
        """The points of a selection, ordered for tiles (few sets are kept)."""
        key = repr((self.name, selection, reads.key(*self.tables)))
        return _points(key, lambda: self.build(reads, selection))


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def _points(key: str, _build: Callable[[], PointSet]) -> PointSet:
    return _build()


def query(layer: Layer, reads: Data, selection: Selection) -> str:
    """The end of a tile's address: the selection, and what makes it another one when the lake changes."""
    versions = "-".join(str(reads.version(table)) for table in layer.tables)
    return urlencode({**selection.to_params(), "v": [f"{versions}-{reads.access.scope}"]}, doseq=True)


def served(layer: Layer) -> bool:
    """Whether this process serves a layer: not under a bare ``streamlit run`` of one application."""
    return layer.name in _served


def serving() -> bool:
    """Whether this process serves the maps' outlines and names of towns."""
    return bool(_served)


def point_routes(layers: Sequence[Layer]) -> list[Route]:
    """The routes of these layers, and of the outlines under them."""
    _served.update({layer.name: layer for layer in layers})
    return [
        Route(PATH + "/contours.json", _outlines, methods=["GET"]),
        Route(PATH + "/{couche}/{z:int}/{x:int}/{y:int}.json", _tile, methods=["GET"]),
    ]


def _tile(request: Request) -> Response:
    layer = _served.get(request.path_params["couche"])
    if layer is None:
        return PlainTextResponse("Couche inconnue.", status_code=404)
    try:
        reads = data(require_request(request, layer.page))
        asked = request.query_params
        selection = Selection.from_params({name: asked.getlist(name) for name in asked}, axes=layer.axes)
        z, x, y = (request.path_params[name] for name in ("z", "x", "y"))
        return _json(request, layer.points(reads, selection).tile(z, x, y))
    except AccessDenied as error:
        return PlainTextResponse(str(error), status_code=403)
    except LakeError as error:
        return PlainTextResponse(str(error), status_code=400)


def _outlines(request: Request) -> Response:
    """Outlines of the published départements and names of towns: public reference data, no access asked."""
    reads = data()

    def compute() -> dict[str, Any]:
        published = reads.scan(COMMUNES).select(code="code_departement").unique()
        outlines = reads.scan(CONTOURS).filter(pl.col("maille") == "departement")
        frame = outlines.join(published, on="code", how="semi").sort("code").collect()
        features = [
            {"type": "Feature", "properties": {}, "geometry": json.loads(text)}
            for text in frame["geojson"].to_list()
        ]
        communes = reads.scan(COMMUNES).drop_nulls(["longitude", "latitude", "population"])
        largest = communes.sort("population", "code_commune", descending=[True, False]).head(TOWNS)
        return {
            "contours": {"type": "FeatureCollection", "features": features},
            "villes": [
                list(row) for row in largest.select("longitude", "latitude", "commune").collect().iter_rows()
            ],
        }

    try:
        return _json(request, reads.cached("departements-degres", [CONTOURS, COMMUNES], compute))
    except LakeError as error:
        return PlainTextResponse(str(error), status_code=503)


def _json(request: Request, content: Sequence[Any] | Mapping[str, Any]) -> Response:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    # Private: what a tile holds depends on who asks.
    headers = {"cache-control": "private, max-age=86400", "vary": "accept-encoding, cookie"}
    if len(body) > 1_000 and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 5)
        headers["content-encoding"] = "gzip"
    return Response(body, media_type="application/json", headers=headers)
