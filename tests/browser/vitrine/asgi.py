"""The showcase as it is served: ``streamlit run tests/browser/vitrine/asgi.py``."""

from pathlib import Path

import streamlit as st

from apps.kit.shell import app_options

app = st.App(Path(__file__).with_name("portail.py"), **app_options("Vitrine", "Les composants du kit."))
