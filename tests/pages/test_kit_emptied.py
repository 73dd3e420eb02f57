"""A filter emptied by the reader and a filter absent are two things: in the session, in the address, in words."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

SCRIPT = """
from dataclasses import replace

import streamlit as st

from apps.kit.data import state
from apps.kit.data.state import Scope

scope = Scope("essai", ("region", "kind"), shared=("region",), defaults={"region": ("44",)})
other = Scope("autre", ("region",), shared=("region",), defaults={"region": ("44",)})
plain = Scope("simple", ("region",), shared=("region",))
here = {"essai": scope, "autre": other, "simple": plain}[st.session_state.get("page", "essai")]


def commit(change):
    now = state.current(here)
    state.commit(here, replace(now, selection=change(now.selection)))


found = state.begin(here).selection
st.session_state["region"] = found.values("region")
st.button("vider", on_click=commit, args=(lambda s: s.with_filter("region", ()),))
st.button("effacer", on_click=commit, args=(lambda s: s.only(()),))
st.button("choisir", on_click=commit, args=(lambda s: s.with_filter("region", ("11",)),))
st.button("defaut", on_click=commit, args=(lambda s: here.fresh(),))
"""


def opened(**params: str) -> AppTest:
    at = AppTest.from_string(SCRIPT, default_timeout=30)
    for name, value in params.items():
        at.query_params[name] = value
    return at.run()


def click(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click()
    return at.run()


def region(at: AppTest) -> tuple[str, ...]:
    found: tuple[str, ...] = at.session_state["region"]
    return found


def address(at: AppTest) -> object:
    return dict(at.query_params).get("region")


def test_a_fresh_address_gives_the_default_and_an_emptied_one_does_not() -> None:
    at = opened()
    assert region(at) == ("44",)
    for gesture in ("vider", "effacer"):
        click(click(at, "defaut"), gesture)
        assert region(at) == ()
        assert address(at) in ("", [""]), "the address says that the filter was emptied"
        assert region(at.run()) == (), "it does not come back"
    assert region(opened(region="")) == (), "neither does it for whoever opens the link"
    assert region(opened(region="11")) == ("11",)
    assert region(click(at, "defaut")) == ("44",)
    assert region(click(at, "choisir")) == ("11",)


def test_what_was_emptied_stays_so_on_the_next_page() -> None:
    at = click(opened(), "vider")
    at.session_state["page"] = "autre"
    at.query_params.clear()
    assert region(at.run()) == ()
    at.session_state["page"] = "simple"
    at.query_params.clear()
    at.run()
    assert region(at) == ()
    assert address(at) is None, "a page without default has nothing to say of it"


TWO = """
import streamlit as st

from apps.kit.data import state
from apps.kit.data.state import Scope

name = st.session_state.get("application", "segur")
scope = Scope(f"{name}.synthese", ("region", name), shared=("region",))
found = state.begin(scope).selection
st.session_state["seen"] = dict(found.filters)
"""


def test_two_pages_of_one_name_are_two_pages() -> None:
    """Ségur and Convergence both have a page « synthese »: taken for one, the second lost the territory."""
    at = AppTest.from_string(TWO, default_timeout=30)
    at.query_params["region"] = "44"
    at.query_params["segur"] = "A"
    assert at.run().session_state["seen"] == {"region": ("44",), "segur": ("A",)}
    at.session_state["application"] = "convergence"
    at.query_params.clear()
    assert at.run().session_state["seen"] == {"region": ("44",)}, (
        "the territory follows, the page's own does not"
    )
    at.session_state["application"] = "segur"
    at.query_params.clear()
    assert at.run().session_state["seen"] == {"region": ("44",), "segur": ("A",)}
