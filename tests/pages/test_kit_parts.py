"""Parts of a page that each have their own universe and selection; state that never mixes two pages."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest
from streamlit.testing.v1 import AppTest

from apps.kit.data.data import Data, open_lake
from apps.kit.data.state import State
from apps.kit.export.pdf import page_pdf
from apps.kit.filters.filters import Choice, Months
from apps.kit.filters.regions import Regions
from apps.kit.pages.page import Block, Page, Part
from apps.kit.pages.sheet import sheet, tables_of, view_of
from apps.kit.views.figures import KeyFigures
from apps.kit.views.gallery import Ranked, Values
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.segur import SEGUR
from scoring.universes.selection import Selection
from tests.pages.drawing import draw_page

GRAND_EST, NORMANDIE = Selection({"region": ("44",)}), Selection({"region": ("28",)})
COMPOSED = Page(
    name="composee",
    title="Composée",
    question="Que disent ces parties ?",
    reading=lambda _view: "Chacune a ses filtres.",
    universe=SEGUR,
    parts=(
        Part(
            "est",
            SEGUR,
            (Block("acteurs", Ranked("dmp_documents", "type_acteur", "Qui alimente ?")),),
            title="Dans l’Est",
            introduction="Une **introduction** & <b>rien d’autre</b>.",
            conclusion="Une conclusion.",
            filters=(Regions(),),
            figures=KeyFigures(("psc_e_cps",)),
            start=State(GRAND_EST),
        ),
        Part(
            "ouest",
            SEGUR,
            (Block("acteurs", Ranked("dmp_documents", "type_acteur", "Qui alimente ?")),),
            title="Dans l’Ouest",
            filters=(Regions(),),
            figures=KeyFigures(("psc_e_cps",)),
            start=State(NORMANDIE),
        ),
        Part(
            "gens",
            ANNUAIRE,
            (Block("metiers", Values(("professionnels",), "profession", "Les professions")),),
            title="Les professionnels",
            filters=(Choice("profession"),),
        ),
    ),
)


def script() -> None:
    from apps.kit.shell.draw import draw
    from tests.pages.test_kit_parts import COMPOSED

    draw(COMPOSED)


def opened(lake: Path, monkeypatch: pytest.MonkeyPatch, **params: str) -> AppTest:
    monkeypatch.setenv("OBS_LAKE", str(lake))
    open_lake.clear()
    at = AppTest.from_function(script, default_timeout=60)
    for name, value in params.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception, at.exception
    return at


def html(at: AppTest) -> str:
    return "\n".join(str(element.proto.body) for element in at.get("html"))


def captions(at: AppTest) -> list[str]:
    return [str(e.proto.body) for e in at.get("html") if "obs-source" in str(e.proto.body)]


def test_each_part_has_its_own_selection(petit_lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = opened(petit_lake, monkeypatch)
    assert [h.value for h in at.header] == ["Dans l’Est", "Dans l’Ouest", "Les professionnels"]
    assert [h.value for h in at.subheader] == [
        "Qui alimente\u202f?",
        "Qui alimente\u202f?",
        "Les professions",
    ]
    said = captions(at)
    assert "Grand Est" in said[0]
    assert "Normandie" in said[1]
    assert "Annuaire" in said[2]
    assert "100\u202f665" in html(at)
    assert at.markdown[0].value == "Une **introduction** & \\<b>rien d’autre\\</b>."


def test_the_address_says_each_part_apart(petit_lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = opened(petit_lake, monkeypatch, **{"ouest.region": "11"})
    assert "Île-de-France" in captions(at)[1]
    assert "Grand Est" in captions(at)[0]
    place = next(select for select in at.multiselect if select.label == "Territoire")
    place.set_value([("region", "28")]).run()
    assert "Normandie" in captions(at)[0]
    assert "Île-de-France" in captions(at)[1]
    assert at.query_params["est.region"] in ("28", ["28"])
    assert at.query_params["ouest.region"] in ("11", ["11"])
    assert "region" not in at.query_params


def test_what_a_part_does_not_know_is_told(petit_lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = opened(petit_lake, monkeypatch, **{"est.epci": "1", "nord.region": "44"})
    assert "epci" in at.info[0].value
    assert "nord.region" in at.info[0].value


def test_pdf_and_csv_hold_what_the_screen_shows(petit_lake: Path) -> None:
    data = Data(Lake(Settings(lake=str(petit_lake))))
    view = view_of(COMPOSED, data, State())
    shown = sheet(COMPOSED, view, lambda _universe: data)
    tables = tables_of(shown)
    assert [name for name, _, _ in tables] == ["est.acteurs", "ouest.acteurs", "gens.metiers"]
    assert not tables[0][1].frame.equals(tables[1][1].frame)
    reader = pypdf.PdfReader(io.BytesIO(page_pdf(COMPOSED, view, shown)))
    text = "\n".join(page.extract_text() for page in reader.pages).replace("\u202f", " ")
    for words in (
        "Dans l’Est",
        "Dans l’Ouest",
        "100 665",
        "Région : Normandie",
        "Une conclusion.",
        "<b>rien",
    ):
        assert words in text


def test_a_part_of_another_universe_never_reads_through_rights_that_were_not_asked(petit_lake: Path) -> None:
    view = view_of(COMPOSED, Data(Lake(Settings(lake=str(petit_lake)))), State())
    refused = sheet(COMPOSED, view)[-1]
    assert refused.view is None
    assert "n’ont pas été demandés" in str(refused.refused)


def test_names_that_an_address_would_confuse_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot name a part"):
        Page("p", "P", "?", lambda _v: "", SEGUR, parts=(Part("a.b", SEGUR),))
    block = Block("est", Ranked("psc_e_cps", "region"))
    with pytest.raises(ValueError, match="cannot name a part"):
        Page("p", "P", "?", lambda _v: "", SEGUR, rows=(block,), parts=(Part("est", SEGUR),))


def test_pages_of_one_name_in_two_universes_keep_their_own_state(
    petit_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBS_LAKE", str(petit_lake))
    open_lake.clear()

    def both() -> None:
        import importlib

        import streamlit as st

        from apps.kit.shell.draw import draw

        app = st.session_state.get("app", "segur")
        module = importlib.import_module(f"apps.{app}.declaration")
        draw(next(page for page in module.PAGES if page.name == "synthese"))

    at = AppTest.from_function(both, default_timeout=60)
    at.query_params["region"] = "44"
    at.run()
    assert "Grand Est" in at.title[0].value
    # A click in the menu arrives with an empty address.
    at.session_state["app"] = "convergence"
    del at.query_params["region"]
    at.run()
    assert not at.exception
    at.session_state["app"] = "segur"
    for name in list(at.query_params):
        del at.query_params[name]
    at.run()
    assert "Grand Est" in at.title[0].value


def test_every_file_bears_its_page_and_its_view(petit_lake: Path) -> None:
    from apps.annuaire import declaration as annuaire
    from apps.convergence import declaration as convergence
    from apps.kit.pages.export import file_name
    from apps.segur import declaration as segur

    data = Data(Lake(Settings(lake=str(petit_lake))))
    names = [
        file_name(view_of(page, data, State()), what, "csv")
        for page in (*segur.PAGES, *convergence.PAGES, *annuaire.PAGES)
        for what in (page.name, *(block.name for block in page.blocks if block.name != page.name))
    ]
    assert len(names) > 100
    assert len(set(names)) == len(names)
    assert "segur_psc-carte_territoires_2022-11-01.csv" in names


def test_the_time_of_a_report_is_not_a_part_s(petit_lake: Path) -> None:
    page = Page(
        "p",
        "P",
        "?",
        lambda _v: "",
        SEGUR,
        head=(Months(),),
        parts=(Part("x1", SEGUR, filters=(Regions(),)),),
    )
    assert page.scope_of(page.parts[0]).shared == ()
    assert page.scope_of(page.parts[0]).page == "segur.p.x1"
    assert draw_page("segur", "psc", petit_lake).title
