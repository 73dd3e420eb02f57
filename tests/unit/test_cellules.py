"""A text that is written to a file for spreadsheets is read back as it was, whatever it is."""

from __future__ import annotations

import io

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from apps.saisie.tableur_lecture import COLONNES, changees, en_cellule, lignes, vu
from lake.cellules import inerte, lue, lues

_TRAPS = st.text(st.sampled_from("'=+-@＝＠\t\r\n0a "), max_size=6)


@given(st.one_of(_TRAPS, st.text(max_size=12)))
@example("'=")
@example("''=1+1")
def test_what_is_read_back_is_what_was_written_and_nothing_runs(text: str) -> None:
    written = inerte(text)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert lue(written) == text
    assert pl.select(lues(pl.lit(written))).item() == text


def test_a_text_that_nothing_runs_is_left_alone() -> None:
    assert [inerte(one) for one in ("", "'", "'bien'", "0123", "a=1")] == ["", "'", "'bien'", "0123", "a=1"]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.one_of(_TRAPS, st.text(st.characters(exclude_categories=["Cs"]))), min_size=1, max_size=12)
)
@example(["'=", "\u241f", "a\x1fb", "\r", "_x000D_", "\ufffe", "[]", "[1", "2,0", "  x "])
def test_a_workbook_left_alone_says_that_nothing_changed_whatever_it_holds(texts: list[str]) -> None:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(out, options) as book:
        sheet = book.add_worksheet("QU")
        for rank, name in enumerate(COLONNES):
            sheet.write_string(0, rank, name)
        for number, text in enumerate(texts, start=1):
            shown = ["", "", text, text, f"{text}'"]
            values = ["sso", "SSO", f"C{number}", "", "", *shown, "0", "0", vu(shown), "x"]
            for rank, value in enumerate(values):
                sheet.write_string(number, rank, en_cellule(value))
    read = list(lignes(out.getvalue(), "classeur.xlsx"))
    assert [changees(one, "niveau") for one in read] == [frozenset()] * len(texts)
