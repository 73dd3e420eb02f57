"""axe-core over a page: what is ours must have no serious violation.

What belongs to Streamlit itself is listed in ``KNOWN``, one line each, and nothing else is let through.
"""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

SERIOUS = {"serious", "critical"}
# rule -> selector of the framework's own element
KNOWN: dict[str, tuple[str, ...]] = {
    # On a small screen the menu folds into the side bar, whose list holds groups that are not list items.
    # Upstream: streamlit/streamlit issue 8399 (structure of the page).
    "list": ("stSidebarNavItems",),
}


def violations(tab: Page) -> list[str]:
    """Serious violations of a page as ``rule: element``, the framework's known ones left out."""
    tab.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = tab.evaluate(
        "() => axe.run(document, {resultTypes: ['violations'], "
        "runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"
    )
    lines = []
    for violation in found["violations"]:
        if violation["impact"] not in SERIOUS:
            continue
        for node in violation["nodes"]:
            known = any(mark in node["html"] for mark in KNOWN.get(violation["id"], ()))
            if not known:
                lines.append(f"{violation['id']} : {node['html'][:300]} ({node['target']})")
    return lines
