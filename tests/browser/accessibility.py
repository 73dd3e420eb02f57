"""axe-core over a page: what is ours must have no serious violation.

What belongs to Streamlit itself is listed in ``KNOWN``, one line each, and nothing else is let through.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Frame, Page, TimeoutError

from tests.browser.conftest import settled

SERIOUS = {"serious", "critical"}
# rule -> elements of the framework (data-testid of the element or of one that holds it)
KNOWN: dict[str, tuple[str, ...]] = {
    # On a small screen the menu folds into the side bar, whose list holds groups that are not list items.
    # Upstream: streamlit/streamlit issue 8399 (structure of the page).
    "list": ("stSidebarNavItems",),
    "listitem": ("stSidebarNavItems",),
}


ENGLISH = (
    r"(?<![\p{L}\d])(the|for|with|and|of|axis|titled|legend|values?|mark|container|geoshape|start|end|help|open|close|clear|search"
    r"|select|selected|remove|loading|running|show|hide|expand|collapse|toggle)(?![\p{L}\d])"
)
"""Words of the front end and of Vega that a screen reader would say in English."""


def english(tab: Page | Frame) -> list[str]:
    """What a screen reader would say in English, as ``anglais : attribute « words »``."""
    found: list[str] = tab.evaluate(
        """english => {
            const told = new Set(), form = new RegExp(english, "iu");
            for (const name of ["aria-label", "aria-roledescription", "title", "placeholder", "alt"])
                for (const one of document.querySelectorAll(`[${name}]`))
                    if (!one.closest("[aria-hidden='true']") && form.test(one.getAttribute(name)))
                        told.add(`anglais : ${name} « ${one.getAttribute(name)} »`);
            return [...told];
        }""",
        ENGLISH,
    )
    return found


def violations(tab: Page | Frame) -> list[str]:
    """Serious violations of a page (or of a frame in it) as ``rule: element``, the framework's known ones left out."""
    # A chart without its data yet has nothing to name; one that never gets any is reported below.
    with suppress(TimeoutError):
        tab.wait_for_function(
            """() => ![...document.querySelectorAll("svg [role='graphics-symbol']")].some(
                mark => !mark.getAttribute("aria-label") && !mark.closest("[aria-hidden='true']"))""",
            timeout=5_000,
        )
    tab.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = tab.evaluate(
        """async () => {
            const results = await axe.run(document, {
                resultTypes: ["violations"],
                runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
            });
            for (const violation of results.violations) {
                for (const node of violation.nodes) {
                    const holders = [];
                    let element = document.querySelector(node.target[0]);
                    for (; element; element = element.parentElement) {
                        if (element.dataset.testid) holders.push(element.dataset.testid);
                    }
                    node.holders = holders;
                }
            }
            return results;
        }"""
    )
    return english(tab) + [
        f"{violation['id']} : {node['html'][:300]} ({node['target']})"
        for violation in found["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
        if not set(KNOWN.get(violation["id"], ())) & set(node["holders"])
    ]


def at_every_width(tab: Page) -> list[str]:
    """What is wrong of an open page on a desk and on a telephone: serious violations, and whether it overflows."""
    found: list[str] = []
    for width, height in ((1440, 900), (390, 844)):
        tab.set_viewport_size({"width": width, "height": height})
        settled(tab)
        found += [f"{width} px : {one}" for one in violations(tab)]
        drawn = tab.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
        found += [f"{width} px : {drawn} px de large"] if drawn > width else []
    return found
