"""What rights narrowed goes wherever the figures go: under the view on screen, at the head of its CSV, in its PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps.kit.access.access import Access
from apps.kit.charts.tables import Column, Table
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.export.pdf import content
from apps.kit.pages import captions
from apps.kit.pages.export import table_csv
from apps.kit.pages.page import Block, Page, Part
from apps.kit.pages.sheet import sheet, tables_of
from lake.droits import Droits
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.accessibilite import ACCESSIBILITE
from scoring.universes.answer import Lecture
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Format
from scoring.universes.selection import Selection

RATE = "taux_maturite_pct"
PILOT = Lecture(Droits(frozenset({"convergence"}), regions=frozenset({"44"})))
TOLD = (
    "Grand Est seulement : le détail des autres régions n'est pas ouvert à votre profil. "
    "Toutes régions : taux de maturité 78,8 %."
)


def figures(by: str) -> Any:
    def build(view: View) -> Table:
        columns = [Column(by, by), Column(RATE, "Taux", Format.PERCENT)]
        return Table(view.query([RATE], [by]), columns, key=by)

    return build


PAGE = Page(
    "essai",
    "Essai",
    "Combien ?",
    lambda view: f"Le taux est de {view.write(RATE, view.value(RATE))}.",
    CONVERGENCE,
    rows=(Block("regions", figures("region")), Block("services", figures("service"))),
)


@pytest.fixture
def view(petit_lake: Path) -> View:
    data = Data(Lake(Settings(lake=str(petit_lake))), Access("pilote", lecture=PILOT))
    return View("Essai", CONVERGENCE, State(Selection({"questionnaire": ["QU"]})), data, PAGE.scope, None)


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\xa0", " ").replace("’", "'")


def test_each_view_tells_its_own_narrowing_and_no_other(view: View) -> None:
    tables = {name: (table, seen) for name, table, seen in tables_of(sheet(PAGE, view))}
    regions, seen = tables["regions"]
    assert regions.frame.height == 17
    assert seen.told() == []
    assert "Portée" not in table_csv(regions, seen, "Régions").decode()
    services, seen = tables["services"]
    assert [plain(one) for one in seen.told()] == [TOLD]
    assert (
        f"# Portée : {TOLD}" in table_csv(services, seen, "Services").decode().replace('"', "").splitlines()
    )


def test_the_screen_says_it_under_the_view(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr("streamlit.html", lambda body, **_: shown.append(body))
    heard = view.listening()
    figures("service")(heard)
    captions.draw_told(heard)
    assert len(shown) == 1
    assert "obs-portee" in shown[0]
    assert "Grand Est seulement" in shown[0]


def test_the_pdf_says_it_where_the_figure_stands(view: View) -> None:
    said = content(PAGE, view)
    assert plain(said["lecture"]) == "Le taux est de 78,8 %."
    regions, services = said["vues"]
    assert "seulement" not in regions["legende-source"]
    assert plain(services["legende-source"]).endswith(TOLD)


def test_a_figure_of_the_page_s_sentence_is_told_under_it(view: View) -> None:
    narrow = View(
        "Essai",
        CONVERGENCE,
        State(Selection({"questionnaire": ["QU"], "kind": ["metier"]})),
        view.data,
        PAGE.scope,
        None,
    )
    assert "Grand Est seulement" in plain(content(PAGE, narrow)["lecture"])


def test_a_page_may_ask_before_it_names_the_whole(view: View) -> None:
    assert view.portee([RATE], ["region"]) is None
    asked = view.portee([RATE], ["editeur"])
    assert asked is not None
    assert asked.seulement == "Grand Est"
    assert view.told() == [], "asking is not showing"


def test_a_warm_answer_is_told_as_the_first_one(view: View) -> None:
    for _ in range(2):
        heard = view.listening()
        heard.query([RATE], ["solution"])
        assert len(heard.told()) == 1


def test_means_left_empty_are_told(view: View) -> None:
    heard = view.listening()
    heard.query([RATE], ["region"])
    assert heard.told() == []
    heard.query([RATE], ["region", "axe"])
    assert len(heard.told()) == 1
    assert "est laissée vide" in heard.told()[0]


def test_a_part_made_from_a_universe_opens_with_that_universe_s_rights(view: View) -> None:
    """« accessibilite » is no universe of anyone's rights: whoever may open the directory may open it."""
    asked: list[str] = []

    def reads(universe: str) -> Data:
        asked.append(universe)
        return view.data

    page = Page("p", "P", "?", lambda _view: "", CONVERGENCE, parts=(Part("acces", ACCESSIBILITE, ()),))
    assert sheet(page, view, reads)[1].refused is None
    assert asked == ["annuaire"]
