"""Files of a page: the same content makes the same bytes, nothing is lost of what the screen says."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pypdf
import pytest
from python_calamine import CalamineWorkbook

from apps.kit.charts.tables import Column, Table, exported
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.export.pdf import page_pdf
from apps.kit.export.renderer import renumbered
from apps.kit.export.report import report_pdf
from apps.kit.export.workbook import table_xlsx
from apps.kit.pages.export import table_csv
from apps.kit.pages.page import Block, Page
from apps.kit.pages.sheet import view_of
from apps.segur.services import DMP_ACTORS, PSC_MAP, PSC_USAGE
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.model import Format
from scoring.universes.segur import SEGUR
from scoring.universes.selection import Selection

NOW = datetime(2026, 11, 29, 9, 5, tzinfo=UTC)


@pytest.fixture
def reads(petit_lake: Path) -> Data:
    return Data(Lake(Settings(lake=str(petit_lake))))


def pages_of(content: bytes) -> list[str]:
    return [p.extract_text().replace("\u202f", " ") for p in pypdf.PdfReader(io.BytesIO(content)).pages]


def test_the_same_page_at_the_same_moment_is_the_same_file(reads: Data) -> None:
    def made() -> bytes:
        return page_pdf(PSC_MAP, view_of(PSC_MAP, reads, State()), now=NOW)

    first = made()
    page_pdf(
        DMP_ACTORS, view_of(DMP_ACTORS, reads, State()), now=NOW
    )  # charts number their parts one after the other
    assert made() == first
    view = view_of(PSC_USAGE, reads, State())
    table = PSC_USAGE.blocks[0].build(view).table
    for write in (table_csv, table_xlsx):
        assert write(table, view, "Connexions", now=NOW) == write(table, view, "Connexions", now=NOW)
        later = datetime(2026, 11, 30, tzinfo=UTC)
        assert write(table, view, "Connexions", now=NOW) != write(table, view, "Connexions", now=later)


def test_identifiers_of_a_drawing_are_numbered_from_zero() -> None:
    svg = (
        '<clipPath id="clip41"/><g clip-path="url(#clip41)"/><clipPath id="clip4"/>'
        '<g class="clip" fill="url(#gradient_7)"/>'
    )
    assert renumbered(svg).replace("clip0", "A").replace("clip1", "B") == (
        '<clipPath id="A"/><g clip-path="url(#A)"/><clipPath id="B"/><g class="clip" fill="url(#gradient_7)"/>'
    )
    assert renumbered("<svg/>") == "<svg/>"


def test_each_sheet_of_a_demonstration_says_that_it_is_one(
    reads: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = State(Selection({"region": ["44"]}))
    plain = report_pdf("Rapport", "Grand Est", [PSC_USAGE, DMP_ACTORS], reads, state, now=NOW)
    assert not any("Démonstration" in text for text in pages_of(plain))
    told = pypdf.PdfReader(io.BytesIO(plain)).metadata
    assert told is not None
    assert (
        told.creation_date == NOW
    )  # the moment given, not that of the layout: the same report is the same file
    monkeypatch.setenv("OBS_DEMO", "1")
    demo = pages_of(report_pdf("Rapport", "Grand Est", [PSC_USAGE, DMP_ACTORS], reads, state, now=NOW))
    assert len(demo) >= 3
    assert all("Démonstration : les personnes sont fictives." in text for text in demo)


def test_a_page_whose_views_nothing_answers_still_prints_and_says_why(reads: Data) -> None:
    for page in (PSC_MAP, DMP_ACTORS, PSC_USAGE):
        view = view_of(
            page, reads, State(Selection({"region": ["44"], "type_acteur": ["absent"], "profession": ["0"]}))
        )
        text = " ".join(pages_of(page_pdf(page, view, now=NOW)))
        assert "Rien ne répond à ces filtres" in text or "non disponible" in text


def test_a_table_of_months_cut_short_keeps_the_newest(reads: Data) -> None:
    text = " ".join(pages_of(page_pdf(PSC_USAGE, view_of(PSC_USAGE, reads, State()), now=NOW)))
    assert re.search(r"novembre 2022 +[\d ]+", text)
    assert "9 lignes plus anciennes dans le CSV de la page." in text
    assert "décembre 2020 403" not in text


def test_a_list_of_many_rows_cut_short_keeps_the_first(reads: Data) -> None:
    rows = Table(pl.DataFrame({"nom": [f"Ligne {rank}" for rank in range(50)]}), (Column("nom", "Nom"),))
    page = Page("p", "P", "Quoi ?", lambda _view: "Voici.", SEGUR, rows=(Block("liste", lambda _view: rows),))
    text = " ".join(pages_of(page_pdf(page, view_of(page, reads, State()), now=NOW)))
    assert "Ligne 0" in text
    assert "Ligne 49" not in text
    assert "10 autres lignes" in text


def test_excel_holds_numbers_dates_codes_and_the_lines_that_say_what_it_is(
    kit_view: Callable[..., View],
) -> None:
    view = kit_view(departement=["67"])
    frame = pl.DataFrame(
        {
            "commune": ["Strasville", "=1+1"],
            "code_commune": ["67001", "01004"],
            "n": [1234, None],
            "part": [0.794, 0.5],
            "jour": [NOW.date(), None],
        }
    )
    columns = (
        Column("commune", "Commune"), Column("n", "Effectif", Format.INTEGER), Column("part", "Part", Format.SHARE),
        Column("jour", "Jour"),
    )  # fmt: skip
    table = Table(frame, columns, {"n": 1234, "part": 0.7}, key="code_commune")
    made = table_xlsx(table, view, "Essai", now=NOW)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "Essai - Essai"
    assert rows[1][0] == "Source : ANS, Annuaire Santé, 14 janvier 2025"
    assert rows[2][0] == "Filtres : Département = Bas-Rhin"
    top = next(rank for rank, row in enumerate(rows) if row[0] == "Commune")
    assert rows[top] == ["Commune", "Code INSEE", "Effectif", "Part (%)", "Jour"]
    assert rows[top + 1] == ["Strasville", "67001", 1234.0, 79.4, NOW.date()]
    assert rows[top + 2][:4] == ["=1+1", "01004", "", 50.0]
    assert rows[top + 3][:4] == ["Ensemble", "", 1234.0, 70.0]


def test_codes_stand_beside_labels_once() -> None:
    frame = pl.DataFrame({"epci": ["A"], "siren_epci": ["200"], "nom": ["B"], "code_region": ["44"]})
    names = [c.label for c in exported(Table(frame, (Column("epci", "EPCI"), Column("siren_epci", "SIREN"))))]
    assert names == ["EPCI", "SIREN"]
    assert [c.label for c in exported(Table(frame, (Column("epci", "EPCI"),)))] == ["EPCI", "SIREN de l’EPCI"]
    keyed = exported(Table(frame, (Column("nom", "Territoire"),), key="code_region"))
    assert [c.label for c in keyed] == ["Territoire", "Code de la région"]
    assert [c.label for c in exported(Table(frame, (Column("nom", "N"),)))] == ["N"]
