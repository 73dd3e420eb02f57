"""A table as a reader arranges it: searched, filtered, some columns hidden; exported as it is shown."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kit.charts.tables import Column, Table
from apps.kit.data.state import Scope, State
from apps.kit.data.view import View
from apps.kit.pages.arrange import SUFFIX, Arrangement, arranged
from apps.kit.pages.export import read_back, table_csv
from scoring.universes.model import Format

COLUMNS = (Column("nom", "Nom"), Column("n", "Nombre", Format.INTEGER), Column("t", "Taux", Format.SHARE))
TABLE = Table(
    pl.DataFrame({"nom": ["Épinal", "Metz", "Nancy"], "n": [10, 200, None], "t": [0.1, 0.25, 0.5]}),
    COLUMNS,
    {"n": 210, "t": 0.3},
    counted="Grand Est",
)


def asked(kit_view: Callable[..., View], text: str) -> View:
    view = kit_view()
    options = {f"villes{SUFFIX}": text}
    scope = Scope("essai", options=dict.fromkeys(options, ()))
    return View(view.title, view.universe, State(view.selection, options), view.data, scope)


def test_nothing_asked_nothing_changed(kit_view: Callable[..., View]) -> None:
    assert arranged(TABLE, asked(kit_view, ""), "villes") is TABLE


@pytest.mark.parametrize(
    ("text", "names", "columns"),
    [
        ("q=epinal", ["Épinal"], ["nom", "n", "t"]),
        ("sans=t", ["Épinal", "Metz", "Nancy"], ["nom", "n"]),
        ("sans=nom&sans=inconnue", ["Épinal", "Metz", "Nancy"], ["nom", "n", "t"]),
        (".n=50..", ["Metz"], ["nom", "n", "t"]),
        (".t=..25", ["Épinal", "Metz"], ["nom", "n", "t"]),
        (".t=20..30&.n=..100", [], ["nom", "n", "t"]),
        (".nom=1..2&.n=beaucoup..", ["Épinal", "Metz", "Nancy"], ["nom", "n", "t"]),
    ],
)
def test_rows_and_columns_kept(
    kit_view: Callable[..., View], text: str, names: list[str], columns: list[str]
) -> None:
    table = arranged(TABLE, asked(kit_view, text), "villes")
    assert table.frame["nom"].to_list() == names
    assert [c.name for c in table.columns] == columns
    assert table.total == TABLE.total, "the total stays that of every row"
    if len(names) < 3:
        lines = "lignes montrées" if len(names) > 1 else "ligne montrée"
        assert table.counted == f"Grand Est, {len(names)} {lines} sur 3"


def test_the_same_table_is_exported(kit_view: Callable[..., View]) -> None:
    view = asked(kit_view, "q=metz&sans=n")
    rows = read_back(table_csv(arranged(TABLE, view, "villes"), view, "Villes"))
    assert rows.columns == ["Nom", "Taux (%)"]
    assert rows.rows() == [("Metz", "25"), ("Ensemble", "30")]


BOUND = st.none() | st.integers(-1_000_000, 1_000_000).map(lambda n: n / 100)


@given(
    st.text(max_size=20).map(str.strip),
    st.lists(st.sampled_from(["n", "t"]), unique=True),
    st.dictionaries(st.sampled_from(["n", "t"]), st.tuples(BOUND, BOUND)),
)
def test_what_is_arranged_is_read_back_from_the_address(
    words: str, hidden: list[str], bounds: dict[str, tuple[float | None, float | None]]
) -> None:
    how = Arrangement(words, tuple(hidden), {k: v for k, v in bounds.items() if v != (None, None)})
    assert Arrangement.read(how.text(), COLUMNS) == how
