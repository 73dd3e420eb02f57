"""The Tab key, as somebody without a mouse presses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import settled

HERE = """() => {
  const one = document.activeElement
  if (!one || one === document.body) return null
  return (one.getAttribute('aria-label') || one.labels?.[0]?.innerText || one.innerText || '').trim()
}"""


def tab_to(tab: Page, name: str, *, ends: bool = False, rounds: int = 3) -> None:
    """Press Tab until the control of that name has the focus, going round the page at most ``rounds`` times.

    The walk begins once the page is whole: a control whose script is still on its way cannot have the focus.
    A control that the page draws again while keys are pressed gives the focus back to the document, and the walk goes
    on from where it stood: what was drawn behind is met on the next round, as a person would.

    Args:
        tab: the page.
        name: how the name of the control begins, or ends.
        ends: a fold's arrow is read before its title: compare the end.
        rounds: how often the end of the page may be met.
    """
    settled(tab)
    met: list[str] = []
    left = 0
    while left < rounds and len(met) < 400:
        tab.keyboard.press("Tab")
        here = tab.evaluate(HERE)
        if here is not None and (here.endswith(name) if ends else here.startswith(name)):
            return
        if here is None and met:
            left += 1
        met.append("(page)" if here is None else here[:40])
    pytest.fail(f"« {name} » n'est pas atteint au clavier : {met}")
