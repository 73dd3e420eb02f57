"""Third-party scripts, styles and fonts: found where set-up installed them, served by the suite itself.

They are dependencies like any other (Python wheels that carry them as data), never files of this repository.
Their packages are located without being imported.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from apps.kit.shell.markup import PAGE_SCRIPT, PAGE_SCRIPT_ROUTE

ROUTE = "/tiers"
# folder served -> (package, folder inside it, suffixes that may be served)
PACKAGES = {
    "leaflet": ("xstatic.pkg.leaflet", "data", (".js", ".css", ".png")),
    "polices": ("font_source_sans_pro", "files", (".ttf",)),
}
_TYPES = {".js": "text/javascript", ".css": "text/css", ".png": "image/png", ".ttf": "font/ttf"}


@cache
def asset_folder(name: str) -> Path | None:
    """Folder of a third-party package's assets, or None when set-up has not installed it.

    Args:
        name: one of ``PACKAGES``.
    """
    package, inside, _ = PACKAGES[name]
    spec = importlib.util.find_spec(package)
    for root in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(root) / inside
        if folder.is_dir():
            return folder
    return None


async def _serve(request: object) -> Response:
    params = request.path_params  # type: ignore[attr-defined]
    name, asked = params["paquet"], params["chemin"]
    folder = asset_folder(name) if name in PACKAGES else None
    if folder is not None:
        path = (folder / asked).resolve()
        inside = path.is_relative_to(folder.resolve())
        if inside and path.suffix in PACKAGES[name][2] and path.is_file():
            return FileResponse(
                path, media_type=_TYPES[path.suffix], headers={"cache-control": "public, max-age=86400"}
            )
    return PlainTextResponse("Fichier introuvable.", status_code=404)


async def _page_script(_request: object) -> Response:
    return Response(PAGE_SCRIPT, media_type="text/javascript", headers={"cache-control": "no-cache"})


def asset_routes() -> list[Route]:
    """The routes of third-party assets (``/tiers/<package>/<file>``) and of the shell's own script."""
    return [
        Route(ROUTE + "/{paquet}/{chemin:path}", _serve, methods=["GET"]),
        Route(PAGE_SCRIPT_ROUTE, _page_script, methods=["GET"]),
    ]
