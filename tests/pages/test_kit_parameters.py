"""A universe's parameters on a page: in its address, in its figures' cache, in its filters in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from apps.kit.data.data import Data
from apps.kit.data.state import Scope, State
from apps.kit.data.view import View
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.selection import Selection

RATE = "taux_maturite_pct"


@pytest.fixture
def view(petit_lake: Path) -> View:
    selection = Selection({"region": ("44",)}, parameters={"horizon": "2021-T4", "perimetre": "publication"})
    data = Data(Lake(Settings(lake=str(petit_lake))))
    return View("Essai", CONVERGENCE, State(selection), data, Scope("essai", ("region",)))


def test_a_parameter_is_told_when_it_is_not_the_default(view: View) -> None:
    assert view.filters_in_words() == [("Région", "Grand Est"), ("Horizon", "fin du T4\u202f2021")]


def test_a_page_asks_with_parameters_over_those_selected(view: View) -> None:
    here = view.query([RATE], ["questionnaire"])
    again = view.query([RATE], ["questionnaire"], parameters={"horizon": "2021-T4"})
    now = view.query([RATE], ["questionnaire"], parameters={"horizon": ""})
    assert here is again, "one question, one entry of the cache"
    assert not now.equals(here)


ADDRESS = """
import streamlit as st
from apps.kit.data import state
from apps.kit.data.state import Scope
from scoring.universes.convergence import CONVERGENCE

options = {"horizon": ()} if st.query_params.get("option") else {}
scope = Scope("essai", ("region",), options={**options, "option": ()}, parameters=CONVERGENCE.parameters)
found = state.begin(scope)
st.session_state["found"] = (dict(found.selection.parameters), dict(found.selection.filters), dict(found.options))
st.session_state["refused"] = state.refusal()
"""


def opened(**params: str) -> AppTest:
    at = AppTest.from_string(ADDRESS, default_timeout=30)
    for name, value in params.items():
        at.query_params[name] = value
    return at.run()


def test_a_parameter_stands_in_the_address_under_its_own_name() -> None:
    at = opened(horizon="2022-T4", perimetre="publication", region="44")
    assert at.session_state["found"] == ({"horizon": "2022-T4"}, {"region": ("44",)}, {})
    assert at.session_state["refused"] == ""
    assert at.query_params["horizon"] == "2022-T4"
    assert "perimetre" not in at.query_params


def test_a_parameter_that_cannot_be_read_is_told_and_left_out() -> None:
    at = opened(horizon="demain", perimetre="tous")
    assert at.session_state["found"][0] == {"perimetre": "tous"}
    assert "« demain »" in at.session_state["refused"]


def test_an_option_of_the_page_keeps_its_name() -> None:
    at = opened(horizon="2022-T4", option="oui")
    assert at.session_state["found"] == ({}, {}, {"horizon": "2022-T4", "option": "oui"})
