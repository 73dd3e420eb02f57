"""The served application: ``streamlit run apps/asgi.py`` (``obs serve``).

``OBS_APP`` chooses one application (``annuaire``); by default the portal shows them all.
"""

from collections.abc import Iterator
from pathlib import Path

import streamlit as st

from apps.analyses.desabonnement_route import leaving_routes
from apps.annuaire.points import LAYER
from apps.exploitation.incidents import listen
from apps.exploitation.routes import operation_routes
from apps.kit.access.session import store
from apps.kit.data.data import open_lake
from apps.kit.maps.point_route import point_routes
from apps.kit.shell import app_options
from apps.kit.shell.portal import DESCRIPTION, TITLE
from apps.kit.views.prepared import prepare
from apps.registry import declare
from apps.saisie.publieur import demarrer
from apps.sas.fhir_route import fhir_routes


def _annuaire() -> Iterator[None]:
    from apps.annuaire.prechauffage import warm  # pages, which the server does not wait for to listen

    return warm()


app = st.App(
    Path(__file__).with_name("portal.py"),
    **app_options(
        TITLE,
        DESCRIPTION,
        routes=[*point_routes([LAYER]), *fhir_routes(store), *leaving_routes(store), *operation_routes()],
        imports=[listen, declare, open_lake, demarrer],
        warm_up=[prepare, _annuaire],
    ),
)
