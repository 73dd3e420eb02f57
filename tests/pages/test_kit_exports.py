"""CSV, tables and PDF say what the screen says."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from inspect import getsource
from textwrap import dedent
from typing import Any

import polars as pl
import pypdf
import pytest
from streamlit.testing.v1 import AppTest

from apps.kit.charts.narrow import short_headings
from apps.kit.charts.tables import (
    ROWS,
    TOTAL,
    Column,
    Table,
    found,
    measure_columns,
    picked,
    split_total,
    styled,
)
from apps.kit.data.view import View
from apps.kit.export import pdf
from apps.kit.pages.export import cell, file_name, read_back, slug, table_csv
from lake.errors import SourceUnavailable
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.model import Format
from tests.browser.vitrine.declaration import CARTE, EVOLUTION

NOW = datetime(2025, 1, 20, 9, 5, tzinfo=UTC)
MEASURES = ["professionnels", "densite_pour_10000", "part_localises"]


def communes(view: View) -> Table:
    """The communes' table with its total."""
    by = ["code_commune", "commune"]
    rows, total = split_total(view.query(MEASURES, by, total=True), by)
    return Table(
        rows, measure_columns(ANNUAIRE, ["commune", *MEASURES]), total, key="code_commune", title="Communes"
    )


def test_the_csv_opens_in_a_french_spreadsheet(kit_view: Callable[..., View]) -> None:
    view = kit_view(departement=["67"])
    content = table_csv(communes(view), view, "Communes", now=NOW)
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines[0] == "# Essai - Communes"
    assert lines[1] == "# Source : ANS, Annuaire Santé, 14 janvier 2025"
    assert lines[2] == "# Filtres : Département = Bas-Rhin"
    assert lines[5] == "Commune;Code INSEE;Professionnels;Densité pour 10 000 habitants;Part localisée (%)"
    assert lines[6] == "Strasville;67001;4;4;75"
    assert lines[7] == "Ostwiller;67002;2;4;100"
    assert lines[8] == "Ensemble;;5;3,125;80"


def test_the_csv_holds_the_figures_of_the_table(kit_view: Callable[..., View]) -> None:
    view = kit_view()
    table = communes(view)
    back = read_back(table_csv(table, view, "Communes"))
    assert back.height == table.frame.height + 1
    numbers = back["Densité pour 10 000 habitants"].str.replace(",", ".").cast(pl.Float64)[:-1]
    assert numbers.to_list() == pytest.approx(table.frame["densite_pour_10000"].to_list())


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+33", "-2", "@x", "\tx"])
def test_text_that_a_spreadsheet_would_run_is_neutralised(text: str) -> None:
    assert cell(text, Column("a", "A")) == f"'{text}"


def test_numbers_are_never_neutralised_and_keep_their_precision() -> None:
    assert cell(-2.5, Column("a", "A", Format.DECIMAL)) == "-2,5"
    assert cell(1 / 3, Column("a", "A", Format.DECIMAL)) == "0,3333333333"
    assert cell(0.794, Column("a", "A", Format.SHARE)) == "79,4"
    assert cell(None, Column("a", "A", Format.DECIMAL)) == ""
    assert cell(NOW.date(), Column("a", "A")) == "2025-01-20"


def test_file_names_say_what_they_hold(kit_view: Callable[..., View]) -> None:
    assert file_name(kit_view(), "Les EPCI les moins dotés", "csv") == (
        "annuaire_essai_les-epci-les-moins-dotes_2025-01-14.csv"
    )
    assert slug("…") == "export"


def test_the_total_is_the_engines_not_a_sum(kit_view: Callable[..., View]) -> None:
    table = communes(kit_view())
    assert table.frame["professionnels"].sum() == 9  # P1 practises in two communes
    assert table.total is not None
    assert table.total["professionnels"] == 8
    frame = styled(table).data
    assert frame.iloc[-1]["commune"] == TOTAL
    assert frame["professionnels"].tolist() == [4, 2, 2, 1, 8]


def test_the_total_is_the_last_row_when_it_names_nothing() -> None:
    frame = pl.DataFrame({"a": [None, "x", "y"], "n": [4, 1, 2]})
    rows, total = split_total(frame, ["a"])
    assert total is None, "the first row names nothing: it is not the total"
    assert rows.equals(frame)
    rows, total = split_total(frame.vstack(pl.DataFrame({"a": [None], "n": [7]})), ["a"])
    assert rows.equals(frame)
    assert total == {"a": None, "n": 7}
    longer = pl.DataFrame({"a": [str(rank) for rank in range(ROWS + 5)]})
    shown = styled(Table(longer, (Column("a", "A"),))).data["a"].to_list()
    assert shown == longer["a"].to_list()[:ROWS], "the first rows are shown"


@pytest.mark.parametrize(
    ("labels", "short"),
    [
        (
            ["Logiciels Ségur commandés, novembre 2022", "Logiciels Ségur payés, novembre 2022"],
            ["Commandés", "Payés"],
        ),
        (["Part des commandes installées, novembre 2022"], ["Part des commandes installées"]),
        (["Densité", "Évolution", "Nombre"], ["Densité", "Évolution", "Nombre"]),
        (["Messages, sur la période", "Messages, novembre 2022"], ["Sur la période", "Novembre 2022"]),
        (["Taux, 2022", "Taux de maturité, 2022"], ["Taux", "Taux de maturité"]),
    ],
)
def test_on_a_telephone_a_heading_says_what_tells_its_column(labels: list[str], short: list[str]) -> None:
    assert short_headings(labels) == short


def test_on_a_telephone_two_figures_stand_beside_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def page() -> None:
        from apps.kit.charts.tables import Column, Table, draw
        from scoring.universes.model import Format

        columns = (
            Column("n", "Type d'acteur"),
            Column("a", "Logiciels commandés, 2022", Format.INTEGER, help="Les dossiers."),
            Column("b", "Logiciels payés, 2022", Format.INTEGER),
        )
        draw(Table(pl.DataFrame({"n": ["x"], "a": [1], "b": [2]}), columns), "t")

    drawn: dict[bool, dict[str, Any]] = {}
    for narrow in (True, False):
        monkeypatch.setattr("apps.kit.charts.tables.narrow", lambda narrow=narrow: narrow)
        at = AppTest.from_string(f"import polars as pl\n{dedent(getsource(page))}\npage()").run()
        assert not at.exception
        drawn[narrow] = json.loads(at.dataframe[0].proto.columns)
    assert [drawn[True][name]["label"] for name in "nab"] == ["Type d’acteur", "Commandés", "Payés"]
    assert 30 + sum(drawn[True][name]["width"] for name in "nab") <= 358
    assert drawn[True]["a"]["help"] == "**Logiciels commandés, 2022.** Les dossiers."
    assert drawn[False]["a"]["label"] == "Logiciels commandés, 2022"
    assert "width" not in drawn[False]["n"]


def test_cells_read_in_french() -> None:
    assert Column("a", "A", Format.SHARE).write(0.875) == "87,5\u202f%"
    assert Column("a", "A", Format.INTEGER, change=True).write(-1) == "▼ \u22121"
    assert Column("a", "A", Format.INTEGER, change=True).write(0) == "= 0"
    assert Column("a", "A", Format.DECIMAL).write(None) == "—"
    assert Column("a", "A").write(NOW.date()) == "20 janvier 2025"


def test_a_search_ignores_accents_and_case(kit_view: Callable[..., View]) -> None:
    table = Table(
        pl.DataFrame({"nom": ["Épinal", "Metz"], "n": [1, 2]}), (Column("nom", "Nom"), Column("n", "N"))
    )
    assert found(table, "EPI nal")["nom"].to_list() == ["Épinal"]
    assert found(table, "")["nom"].to_list() == ["Épinal", "Metz"]
    assert found(table, "xyz").height == 0


def test_rows_selected_become_identifiers(
    kit_view: Callable[..., View], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = communes(kit_view())
    state = {"t": {"selection": {"rows": [1, 99, 4]}}}  # the total's row is no territory
    monkeypatch.setattr("apps.kit.charts.tables.st.session_state", state)
    assert picked(table, "t") == ["67002"]
    assert picked(table, "absent") == []


def text_of(content: bytes) -> tuple[list[str], str]:
    """Pages and the whole text of a PDF."""
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]
    return pages, "\n".join(pages)


def test_the_pdf_says_the_figures_of_the_screen(kit_view: Callable[..., View]) -> None:
    view = kit_view(departement=["67"])
    pages, text = text_of(
        pdf.page_pdf(CARTE, View("Carte", ANNUAIRE, view.state, view.data, CARTE.scope), now=NOW)
    )
    assert "Où exercent les professionnels de santé" in text
    assert "5 personnes au 14 janvier 2025." in text
    assert re.search(r"Filtres.: Département.: Bas-Rhin", text)
    assert "3,1" in text
    assert "80,0\u202f%" in text
    assert "Strasville" in text  # a city of the map: chart text is text
    assert "Sage-femme" in text
    assert "CC de l’Est" in text
    assert "ANS, Annuaire Santé, 14 janvier 2025" in text
    assert "Personnes distinctes" in text
    assert f"page 1 sur {len(pages)}" in pages[0]
    assert "édité le 20 janvier 2025" in text


def test_charts_in_the_pdf_keep_their_words(kit_view: Callable[..., View]) -> None:
    view = kit_view()
    _, text = text_of(
        pdf.page_pdf(EVOLUTION, View("Évolution", ANNUAIRE, view.state, view.data, EVOLUTION.scope))
    )
    for words in ("Messagerie", "Dossier médical", "janv. 2022", "Région\u202f: 2,0", "1er juillet 2022"):
        assert words in text


def test_data_are_never_run_by_the_layout(kit_view: Callable[..., View]) -> None:
    view = kit_view()
    content = pdf.content(CARTE, View("Carte", ANNUAIRE, view.state, view.data, CARTE.scope), now=NOW)
    content["titre"] = '#read("/etc/passwd") $x$ *gras*'
    _, text = text_of(pdf.compose(content))
    assert '#read("/etc/passwd") $x$ *gras*' in text


def test_without_its_font_the_pdf_says_so(
    kit_view: Callable[..., View], monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf._fonts.cache_clear()
    monkeypatch.setattr(pdf, "asset_folder", lambda _name: None)
    with pytest.raises(SourceUnavailable, match="police"):
        pdf.chart_svg({})
    pdf._fonts.cache_clear()
