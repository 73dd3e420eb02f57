"""Names that carry scripts, from the data to every page that writes HTML: shown, never run.

The lake of the demonstration is published again with a hostile end to every name; pages are drawn on it, and
everything they hand to the browser is read.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import folium
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column
from apps.kit.data.data import open_lake
from apps.kit.maps import basemap, points
from apps.kit.maps.maps import classify
from apps.kit.pages.export import cell
from apps.kit.plain_csv import plain_csv
from apps.kit.style.french import literal
from lake.catalog import all_tables
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.model import Format
from tests.pages.drawing import SCRIPT, AppTest

HOSTILE = (
    '"><img src=x onerror=alert(1)><script>alert(2)</script>`${alert(3)}`[clic](https://ailleurs.example)'
)
# Columns that name things and link no table to another.
NAMES = {
    "commune", "epci", "departement", "region", "libelle_profession", "nom_exercice", "prenom_exercice",
    "raison_sociale_site", "enseigne_commerciale_site", "libelle_commune_source", "voie", "nom", "libelle",
    "libelle_axe", "libelle_questionnaire", "libelle_critere", "commentaire", "adresse", "categorie",
    "libelle_mode_exercice", "libelle_voie_structure",
}  # fmt: skip
# The tables whose names pages show.
TABLES = (
    "territoires__communes", "territoires__departements", "territoires__epci", "annuaire__activites",
    "finess__etablissements", "segur__structures", "convergence__services",
)  # fmt: skip
# Every page that writes HTML of its own, with an address that shows a card where there is one.
PAGES = (
    ("annuaire", "carte", {}),
    ("annuaire", "repertoire", {"personne": "FIRST"}),
    ("annuaire", "repertoire", {"etablissement": "FINESS"}),
    ("annuaire", "qualite", {}),
    ("segur", "structures", {}),
    ("segur", "psc-carte", {}),
    ("convergence", "cartographie", {}),
    ("convergence", "indicateurs", {}),
    ("convergence", "maturite", {}),
)


class Elements(HTMLParser):
    """The tags and attributes that a browser would make of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))

    def dangerous(self) -> list[str]:
        return [
            tag
            for tag, names in self.found
            if tag in {"script", "img", "iframe", "object", "form"}
            or any(name.startswith("on") for name in names)
        ]


@pytest.fixture(scope="module")
def hostile_lake(petit_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small demonstration lake, every name ended by scripts."""
    folder = tmp_path_factory.mktemp("hostile") / "lac"
    shutil.copytree(petit_lake, folder)
    lake = Lake(Settings(lake=str(folder)))
    declared = {table.name: table for table in all_tables().values()}
    for name in TABLES:
        table = declared[name]
        frame = lake.scan(table).collect()
        changed = [column for column in frame.columns if column in NAMES and frame[column].dtype == pl.String]
        assert changed, name
        frame = frame.with_columns(pl.col(column) + HOSTILE for column in changed)
        if table.unit:
            keys = frame.select(table.unit).unique()
            lake.publish(table, frame, replace={key: keys[key].unique().to_list() for key in table.unit})
        else:
            lake.publish(table, frame)
    return folder


@pytest.fixture
def on_it(hostile_lake: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    monkeypatch.setenv("OBS_LAKE", str(hostile_lake))
    open_lake.clear()
    yield Lake(Settings(lake=str(hostile_lake)))
    open_lake.clear()


@pytest.mark.parametrize(("app", "page", "params"), PAGES, ids=lambda value: str(value))
def test_names_of_the_data_are_shown_and_never_run(
    app: str, page: str, params: dict[str, str], on_it: Lake
) -> None:
    at = AppTest.from_string(SCRIPT.format(app=app, page=page), default_timeout=60)
    declared = {table.name: table for table in all_tables().values()}
    for name, value in params.items():
        if value == "FIRST":
            column, table = "identification_nationale_pp", declared["annuaire__activites"]
            latest = on_it.scan(table).filter(pl.col("date_extraction") == pl.col("date_extraction").max())
        else:
            column, table = "finess", declared["finess__etablissements"]
            latest = on_it.scan(table)
        at.query_params[name] = [str(latest.select(pl.col(column).drop_nulls().min()).collect().item())]
    at.run()
    assert not at.exception
    html = [element.proto.body for element in at.get("html")]
    assert Elements("\n".join(html)).dangerous() == []
    told = "\n".join(html)
    assert not any(one.allow_html for one in at.markdown)
    # In Markdown a link from the data would be one of ours.
    for kind in (
        "markdown",
        "title",
        "header",
        "subheader",
        "caption",
        "info",
        "warning",
        "error",
        "success",
    ):
        for element in getattr(at, kind):
            assert not re.search(r"(?<!\\)\]\(https://ailleurs", str(element.value)), kind
    if page in {"repertoire", "cartographie", "structures"}:  # the names are really there
        tables = " ".join(str(one.value.to_numpy().tolist()) for one in at.dataframe)
        assert "alert(" in told + tables


# -- maps -----------------------------------------------------------------------------------------------


def test_a_folium_tooltip_is_inert_in_html_and_in_its_script() -> None:
    made = basemap.base_map((48.0, 7.0, 49.0, 8.0), tiles=False)
    row = {"longitude": [7.5], "latitude": [48.5], "texte": [HOSTILE]}
    basemap.mark(made, pl.DataFrame(row))
    square = [[7, 48], [7.1, 48], [7.1, 48.1], [7, 48.1], [7, 48]]
    features = [
        {
            "type": "Feature",
            "properties": {"code": "67", "nom": HOSTILE},
            "geometry": {"type": "Polygon", "coordinates": [square]},
        }
    ]
    values = {"67": 1.0}
    basemap.shade(made, features, values, classify(pl.Series([1.0, 2.0]), Scale()), {"67": HOSTILE})
    page = made.get_root().render()
    assert "alert(3)" in page
    # The tooltip is HTML inside a template string of a script: neither is left.
    assert "`${alert" not in page
    assert "${alert" not in page
    assert "<img" not in page
    assert "<script>alert" not in page
    assert isinstance(made, folium.Map)


@settings(max_examples=50)
@given(st.text(alphabet="<>\"'&`${}\\/ab=;() \n", max_size=40))
def test_inert_text_holds_no_sign_of_html_nor_of_a_script(text: str) -> None:
    said = basemap.inert(text)
    assert not set(said) & set("<>\"'`$\\")


def test_a_point_s_tooltip_is_text() -> None:
    deck = points.CompactDeck(layers=[points._point_layer(point(), {})], tooltip={"text": "{t}"})
    assert json.loads(deck.to_json())["layers"][0]["data"][0]["t"] == HOSTILE
    assert deck._tooltip == {"text": "{t}"}


def point() -> pl.DataFrame:
    return pl.DataFrame({"id": ["1"], "longitude": [7.5], "latitude": [48.5], "texte": [HOSTILE]})


# -- Markdown -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Bas-Rhin", "Bas-Rhin"),
        ("Le fichier d'été : 12 %", "Le fichier d'été : 12 %"),
        ("[clic](https://a)", "\\[clic\\](https\\://a)"),
        ("![x](//a/b)", "!\\[x\\](//a/b)"),
        ("voir www.ailleurs.example", "voir www\\.ailleurs.example"),
        ("<b>", "\\<b>"),
        (":red[mot]", ":red\\[mot\\]"),
        ("$x$ `y` \\", "\\$x\\$ \\`y\\` \\\\"),
    ],
)
def test_text_from_elsewhere_is_literal_in_markdown(text: str, said: str) -> None:
    assert literal(text) == said


def test_a_link_in_the_address_is_not_one_on_the_page(on_it: Lake) -> None:
    at = AppTest.from_string(SCRIPT.format(app="annuaire", page="repertoire"), default_timeout=60)
    at.query_params["personne"] = ["[Confirmez ici](https://ailleurs.example)"]
    at.run()
    said = [one.value for one in at.info if "Confirmez ici" in one.value]
    assert len(said) == 1
    assert "](" not in said[0].replace("\\](", "")


# -- spreadsheets ---------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.text(max_size=12))
def test_no_text_starts_a_formula(text: str) -> None:
    said = cell(text, Column("a", "A"))
    assert not said.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert said.removeprefix("'") == text.removeprefix("'") or said == text


@settings(max_examples=50)
@given(st.floats(min_value=-1e300, max_value=1e300) | st.integers(-(10**15), 10**15))
def test_numbers_stay_numbers(value: float) -> None:
    said = cell(value, Column("a", "A", Format.DECIMAL))
    assert not said.startswith("'")
    assert float(said.replace(",", ".")) == pytest.approx(value, rel=1e-9)


def test_files_of_the_front_door_are_neutral_too() -> None:
    frame = pl.DataFrame({"=Nom": ["=1+1", "@x", "-2", "\tx", "Anne"], "n": [-2, 3, 4, 5, 6]})
    lines = plain_csv(frame).decode("utf-8-sig").split("\r\n")
    assert lines[0] == "'=Nom;n"
    assert lines[1:6] == ["'=1+1;-2", "'@x;3", "'-2;4", "'\tx;5", "Anne;6"]
