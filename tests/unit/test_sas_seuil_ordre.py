"""Few are hidden the same way whatever the order of the rows: engines other than Polars keep none."""

from __future__ import annotations

from itertools import count

import polars as pl
from polars.testing import assert_frame_equal

from scoring.sas.mesures.seuil import sans_peu


def test_few_bookings_are_hidden_whatever_the_order_in_which_an_engine_gives_rows() -> None:
    """Rows may come in another order each time that they are read: no number ties one reading to another."""
    rows = pl.DataFrame(
        {
            "sas": ["67"] * 8,
            "siren_epci": ["A"] * 4 + ["B"] * 4,
            "code_commune": [f"{epci}{rank}" for epci in "AB" for rank in range(4)],
            "pris": [1, 9, 2, 12, 3, 30, 0, 7],
            "offerts": [10] * 8,
        }
    )
    turns = count()

    def shuffled(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.sample(fraction=1.0, shuffle=True, seed=next(turns))

    def told(given: pl.LazyFrame) -> pl.DataFrame:
        made = sans_peu(given, compte="pris", others=["offerts"])
        found = made.collect(optimizations=pl.QueryOptFlags(comm_subplan_elim=False))
        return found.sort(found.columns, nulls_last=True)

    expected = told(rows.lazy())
    hidden = expected.filter(pl.col("pris").is_null())["code_commune"].to_list()
    assert hidden == ["A0", "A1", "A2", "B0", "B3"]
    assert expected["pris"].sum() == rows["pris"].sum(), "what is hidden is told once more above"
    moving = rows.lazy().map_batches(shuffled, schema=rows.schema)
    for _ in range(4):
        assert_frame_equal(told(moving), expected)
