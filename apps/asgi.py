"""The served application: ``streamlit run apps/asgi.py`` (``obs serve``).

``OBS_APP`` chooses one application (``annuaire``); by default the portal shows them all.
"""

from pathlib import Path

import streamlit as st

from apps.kit.data import open_lake
from apps.kit.portal import DESCRIPTION, TITLE
from apps.kit.shell import app_options

app = st.App(
    Path(__file__).with_name("portal.py"),
    **app_options(TITLE, DESCRIPTION, warm_up=[open_lake]),
)
