"""Everything that turns a bare ``st.App`` into the suite's server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from apps.kit.access.session_route import session_routes
from apps.kit.maps.outline_route import outline_routes
from apps.kit.shell.assets import asset_routes
from apps.kit.shell.middleware import FrenchShell
from apps.kit.shell.traffic import Traffic
from apps.kit.shell.warmup import lifespan


def app_options(
    title: str,
    description: str,
    *,
    routes: Sequence[BaseRoute] = (),
    imports: Sequence[Callable[[], object]] = (),
    warm_up: Sequence[Callable[[], object]] = (),
) -> dict[str, Any]:
    """Keyword arguments of ``st.App``: ``app = st.App("portal.py", **app_options(...))``.

    Streamlit finds the application by reading the entry script, so the call to ``st.App`` itself has to stand
    there in full.

    Args:
        title: title of the first page, before a page sets its own.
        description: one sentence about the suite.
        routes: routes of the applications (tiles, sessions), besides third-party assets.
        imports: functions that import what pages need: the first visitor waits for them.
        warm_up: functions that fill caches; the first visitor passes before.
    """
    return {
        "middleware": [Middleware(Traffic), Middleware(FrenchShell, title=title, description=description)],
        "routes": [*asset_routes(), *outline_routes(), *session_routes(), *routes],
        "lifespan": lifespan(imports, warm_up),
    }
