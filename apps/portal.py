"""The whole suite in one Streamlit process, or the one application that ``OBS_APP`` names."""

import os
from typing import Any

from apps.acces.declaration import FOOTER, arrive
from apps.kit.shell.portal import open_suite
from apps.registry import menu


def made() -> dict[str, list[Any]]:
    """The menu of the reader at hand, whom a provider may have just sent back."""
    arrive()
    return menu(os.environ.get("OBS_APP", ""))


open_suite(made, FOOTER)
