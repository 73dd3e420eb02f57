"""The whole suite in one Streamlit process, or the one application that ``OBS_APP`` names."""

import os

from apps.acces.declaration import FOOTER, arrive
from apps.kit.shell.portal import serve
from apps.registry import menu

arrive()
serve(menu(os.environ.get("OBS_APP", "")), FOOTER)
