"""Every page of Ségur as each profile: title, sentence, cards and tables say what the engine answers that person.

The answer is asked by another road, ``obs query --utilisateur``: what a page shows is compared with what its reader
would be told outside it.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path

import pytest

from apps.commands.rights import access_as
from apps.kit.charts.figures import Figures
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.export.pdf import page_pdf
from apps.kit.pages.page import Page
from apps.kit.pages.sheet import view_of
from apps.kit.style import french
from apps.kit.style.french import typographic
from apps.kit.views.figures import KeyFigures
from apps.kit.views.gallery import Values
from apps.kit.views.words import DECIMALS
from apps.segur.declaration import REPORT
from apps.segur.services import SERVICES
from apps.segur.synthese import TERRITORIES
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.model import Format
from scoring.universes.segur import SEGUR
from scoring.universes.selection import Selection
from tests.demo_lake import called
from tests.pages.drawing import draw_page

PROFILES = ("industriel", "pilote_regional", "grades_ars", "expert_national", "administrateur")
MONTH = "2022-11-01"
MEASURES = tuple(measure.name for measure in SEGUR.measures)
BY_NAME = {measure.name: measure for measure in SEGUR.measures}
FILTERS = {"": Selection(), "44": Selection({"region": ("44",)}), "28": Selection({"region": ("28",)})}


def email(profile: str) -> str:
    return f"{profile.replace('_', '-')}@demo.example"


def store(petit_lake: Path) -> str:
    """The accounts that the demonstration made beside its lake."""
    return f"sqlite:///{petit_lake.parent / petit_lake.name}.db"


@pytest.fixture(params=PROFILES, scope="module")
def reader(request: pytest.FixtureRequest, petit_lake: Path) -> tuple[str, Data]:
    settings = Settings(lake=str(petit_lake), store=store(petit_lake))
    lake = Lake(settings)
    return request.param, Data(lake, access_as(settings, email(request.param), "segur"))


def answer(
    petit_lake: Path, profile: str, measures: tuple[str, ...], region: str = "", by: str = ""
) -> list[dict[str, str]]:
    """The engine's answer for this person at the last month, as the command line gives it."""
    asked = ["query", "segur", "--mesure", ",".join(measures), "--du", MONTH, "--au", MONTH]
    asked += ["--filtre", f"region={region}"] if region else []
    asked += ["--par", by] if by else []
    done = called(*asked, "--utilisateur", email(profile), "--format", "csv", lake=petit_lake)
    return list(csv.DictReader(io.StringIO(done.stdout)))


def written(name: str, value: str) -> str:
    number = float(value) if value else None
    return french.write(number, BY_NAME[name].format, DECIMALS)


def seen(page: Page, data: Data, region: str) -> View:
    return view_of(page, data, State(FILTERS[region]))


@pytest.mark.parametrize("region", FILTERS)
def test_titles_sentences_and_cards_are_the_engine_s_answer(
    petit_lake: Path, reader: tuple[str, Data], region: str
) -> None:
    profile, data = reader
    expected = answer(petit_lake, profile, MEASURES, region)[0]
    for page in (*SERVICES, TERRITORIES):
        view = seen(page, data, region)
        place = {"": "France entière", "44": "Grand Est", "28": "Normandie"}[region]
        assert place in page.ask(view), page.name
        assert page.figures is not None
        figures = page.figures(view)
        assert isinstance(figures, Figures)
        assert isinstance(page.figures, KeyFigures)
        names = page.figures.measures
        assert [figure.label for figure in figures.items] == [BY_NAME[name].label for name in names]
        shown = {name: figure.value for name, figure in zip(names, figures.items, strict=True)}
        assert shown == {name: written(name, expected[name]) for name in names}, page.name
        if page in SERVICES:
            sentence = typographic(page.reading(view))
            start = typographic(f"{place}, novembre 2022. {BY_NAME[names[0]].label} : ")
            value = written(names[0], expected[names[0]])
            assert sentence.startswith(start + (value if expected[names[0]] else french.ABSENT_WORDS)), (
                page.name
            )


def test_tables_of_territories_are_the_engine_s_answer(petit_lake: Path, reader: tuple[str, Data]) -> None:
    profile, data = reader
    for page in (*SERVICES, TERRITORIES):
        for block in page.blocks:
            if not isinstance(block.build, Values) or isinstance(block.build.axis, str):
                continue
            table = block.build(seen(page, data, ""))
            names = block.build.measures
            assert [column.label for column in table.columns] == [
                "Région", *(f"{BY_NAME[name].label}, novembre 2022" for name in names),
            ]  # fmt: skip
            rows = answer(petit_lake, profile, names, by="code_region")
            expected = {
                row["code_region"] or "non_renseigne": [row[name] for name in names]
                for row in rows
                if any(row[name] for name in names)
            }
            shown = {
                row["code_region"]: [plain(row[name]) for name in names]
                for row in table.frame.iter_rows(named=True)
            }
            assert shown.keys() == expected.keys(), (page.name, block.name)
            for code, values in shown.items():
                assert values == pytest.approx([plain(v) for v in expected[code]], nan_ok=True), (
                    page.name,
                    code,
                )
            whole = answer(petit_lake, profile, names)[0]
            assert table.total is not None
            assert [plain(table.total[name]) for name in names] == pytest.approx(
                [plain(whole[name]) for name in names], nan_ok=True
            )


def plain(value: object) -> float:
    """A figure to compare; what is missing is not a number."""
    return float("nan") if value in (None, "") else float(str(value))


def test_every_page_prints_for_every_profile(reader: tuple[str, Data]) -> None:
    """Many of an industrial's views are empty: none of them keeps its page from printing."""
    _, data = reader
    for page in REPORT:
        assert page_pdf(page, seen(page, data, "44")).startswith(b"%PDF"), page.name


def test_what_each_profile_sees_is_what_its_rights_say(petit_lake: Path) -> None:
    whole = answer(petit_lake, "expert_national", ("psc_e_cps",))[0]["psc_e_cps"]
    own = answer(petit_lake, "expert_national", ("psc_e_cps",), "44")[0]["psc_e_cps"]
    assert own == "100665"
    assert int(whole) > int(own)
    assert answer(petit_lake, "administrateur", ("psc_e_cps",))[0]["psc_e_cps"] == whole
    assert date.fromisoformat(MONTH) == date(2022, 11, 1)
    assert Format.SHARE is BY_NAME["psc_taux_adoption"].format


@pytest.mark.parametrize(
    ("profile", "asked", "place", "compared"),
    [
        ("pilote_regional", {}, "Grand Est", "France entière : 30,64 %"),
        ("pilote_regional", {"region": [""]}, "France entière", ""),
        (
            "pilote_regional",
            {"region": ["11", "28"]},
            "Île-de-France et Normandie",
            "France entière : 30,64 %",
        ),
        ("expert_national", {}, "France entière", ""),
    ],
)
def test_a_regional_reader_lands_at_home_beside_the_country(
    petit_lake: Path,
    monkeypatch: pytest.MonkeyPatch,
    profile: str,
    asked: dict[str, list[str]],
    place: str,
    compared: str,
) -> None:
    settings = Settings(lake=str(petit_lake), store=store(petit_lake))
    who = access_as(settings, email(profile), "segur")
    monkeypatch.setattr("apps.kit.shell.draw.require", lambda *_: who)
    page = draw_page("segur", "psc", petit_lake, **asked)
    assert page.title.endswith(f"? {place}")
    beside = [typographic(one) for one in re.findall(r'class="obs-repere">([^<]*)<', page.html)]
    assert len(beside) == 4  # one a card
    assert all((" · France entière" in one) == bool(compared) for one in beside)
    assert compared in plain_spaces(beside[0])


def plain_spaces(text: str) -> str:
    return re.sub("[\u202f\u00a0]", " ", text)
