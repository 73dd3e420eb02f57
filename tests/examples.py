"""How many cases a property tries: enough in the suite, many more when asked (``HYPOTHESIS_PROFILE=approfondi``)."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("suite", deadline=None, print_blob=True, max_examples=40)
settings.register_profile("approfondi", deadline=None, print_blob=True, max_examples=200)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "suite")


def examples(suite: int, approfondi: int) -> int:
    """The cases of a property whose cases are dear, or cheap: in the suite, and when a deep search is asked."""
    return approfondi if PROFILE == "approfondi" else suite
