"""When a figure is counted, in words: a distinct count over a period is the state of its last month, and says so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.views.words import moment
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.segur import SEGUR
from scoring.universes.selection import Selection

MEASURE = "insi_structures_actives"


@pytest.fixture
def reads(petit_lake: Path) -> Data:
    return Data(Lake(Settings(lake=str(petit_lake))))


def view(reads: Data, selection: Selection) -> View:
    return View("Essai", SEGUR, State(selection), reads)


def test_a_distinct_count_over_a_period_says_its_last_month(reads: Data) -> None:
    """T1: 15 structures at the end of November 2022, not the 201 that adding months gives."""
    whole = view(reads, Selection(du=date(2020, 12, 1), au=date(2022, 11, 1)))
    assert whole.query([MEASURE]).item() == 15
    assert whole.query([MEASURE], ["mois"])[MEASURE].sum() == 201
    assert whole.query([MEASURE], ["mois"], total=True)[MEASURE][-1] == 15
    assert moment(whole, MEASURE) == moment(whole, "psc_taux_adoption") == "novembre 2022"
    assert moment(whole, "dmp_documents") == "de décembre 2020 à novembre 2022"


def test_the_last_month_is_the_last_published(reads: Data) -> None:
    assert moment(view(reads, Selection()), MEASURE) == "novembre 2022"
    assert moment(view(reads, Selection(au=date(2030, 1, 1))), MEASURE) == "novembre 2022"
    assert moment(view(reads, Selection(au=date(2021, 3, 1))), MEASURE) == "mars 2021"
