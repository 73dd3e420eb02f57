"""What a table and a chart hand over ready made is what pandas and Streamlit would have made of their rows."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from streamlit.dataframe_util import convert_anything_to_arrow_bytes
from streamlit.elements.lib.pandas_styler_utils import marshall_styler
from streamlit.proto.ArrowData_pb2 import ArrowData

from apps.kit.charts.sent import sent
from apps.kit.charts.tables import TOTAL, Column, Table, _tone, styled
from scoring.universes.model import Format

FRAME = pl.DataFrame(
    {
        "nom": ["Ain", None, "Aube"],
        "jour": [date(2024, 1, 1), None, date(2024, 3, 1)],
        "personnes": [1234, None, 0],
        "part": [0.5, None, 0.25],
        "ecart": [3, -2, None],
        "taux": [0.1, float("nan"), -0.2],
        "vrai": [True, False, None],
    },
    schema_overrides={"personnes": pl.Int64, "ecart": pl.Int64},
)
COLUMNS = (
    Column("nom", "Nom"),
    Column("jour", "Mois", month=True),
    Column("personnes", "Personnes", Format.INTEGER),
    Column("part", "Part", Format.PERCENT),
    Column("ecart", "Écart", Format.INTEGER, change=True, good=-1, worded=True),
    Column("taux", "Évolution", Format.PERCENT, change=True, relative=True),
    Column("vrai", "Vrai"),
)


def received(style: object) -> tuple[dict[str, list[str]], dict[str, set[str]]]:
    """What the browser receives: the texts of each column, and the declarations of each styled cell."""
    proto = ArrowData()
    marshall_styler(proto, style, "u")  # type: ignore[arg-type]
    texts = pa.ipc.open_stream(proto.styler.display_values).read_all().to_pandas()
    rules: dict[str, set[str]] = {}
    for selectors, body in re.findall(r"([^{}]+) \{ ([^{}]*) \}", proto.styler.styles):
        for cell in selectors.split(","):
            rules.setdefault(cell.strip().split("_", 2)[2], set()).update(body.split("; "))
    return {name: texts[name].to_list() for name in texts.columns}, rules


@pytest.mark.parametrize("total", [None, {"nom": None, "personnes": 1234, "ecart": 1, "taux": 0.01}])
@pytest.mark.parametrize("rows", [0, 3])
def test_a_written_table_is_what_pandas_would_make_of_it(total: dict[str, object] | None, rows: int) -> None:
    table = Table(FRAME.head(rows), COLUMNS, total)
    made = styled(table)
    stock = pd.DataFrame(made.data).style.format({column.name: column.write for column in COLUMNS})
    for column in COLUMNS:
        if column.change:
            stock = stock.map(lambda one, c=column: ": ".join(_tone(c, one)), subset=[column.name])
    if total is not None:
        stock = stock.map(lambda _one: "font-weight: 600", subset=pd.IndexSlice[[len(made.data) - 1], :])
    texts, rules = received(made)
    assert (texts, rules) == received(stock)
    assert all(len(column) == rows + (total is not None) for column in texts.values())
    if rows:
        assert texts["ecart"][1].startswith("▼ baisse")
        assert "color" in "".join(rules["row1_col4"])
    if total is not None:
        assert texts["nom"][-1] == TOTAL
        assert "font-weight: 600" in rules[f"row{rows}_col0"]


CODE_AND_WORDS = [{"code": "67", "nom": "Bas-Rhin"}, {"code": "68", "nom": None}]
POINTS = [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [7.7, 48.6]}}]


@pytest.mark.parametrize(
    "rows",
    [
        CODE_AND_WORDS,
        [{"n": 1, "part": 0.5, "vrai": True}, {"n": 2, "part": 1, "vrai": None}],
        [{"n": 1, "vide": None}, {"n": None, "vide": None}, {"plus": "x"}],
        [{"n": float("nan")}, {"n": 2.0}],
    ],
)
def test_the_data_of_a_chart_is_what_streamlit_would_make_of_its_rows(rows: list[dict[str, object]]) -> None:
    spec = {"mark": "bar", "datasets": {"rows": rows}}
    made = sent(spec)["datasets"]["rows"]
    assert isinstance(made, pa.Table)
    assert spec["datasets"] == {"rows": rows}
    stock = pa.ipc.open_stream(convert_anything_to_arrow_bytes(rows)).read_all()
    read = pa.ipc.open_stream(convert_anything_to_arrow_bytes(made)).read_all()
    for name in stock.column_names:
        assert read[name].to_pylist() == stock[name].to_pylist()
        text = pa.types.is_string(read[name].type) or pa.types.is_large_string(read[name].type)
        empty = stock[name].null_count == len(rows)
        assert text or empty or read[name].type == stock[name].type


@pytest.mark.parametrize("rows", [POINTS, [], [{"a": [1, 2]}], [{"a": 1}, {"a": "un"}]])
def test_what_is_no_table_is_left_as_it_is(rows: list[dict[str, object]]) -> None:
    assert sent({"datasets": {"rows": rows}})["datasets"]["rows"] is rows
