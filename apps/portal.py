"""The whole suite in one Streamlit process, or the one application that ``OBS_APP`` names."""

import os
from typing import Any

from apps.acces.pied import FOOTER
from apps.kit.shell.portal import open_suite


def made() -> dict[str, list[Any]]:
    """The menu of the reader at hand, whom a provider may have just sent back."""
    # Here: the first visitor's page waits for those who import them already, and does not import them beside.
    from apps.acces.declaration import arrive
    from apps.registry import menu

    arrive()
    return menu(os.environ.get("OBS_APP", ""))


open_suite(made, FOOTER)
