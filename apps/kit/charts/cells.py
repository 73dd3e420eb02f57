"""A table whose cells are already written, handed over as the Styler that ``st.dataframe`` draws.

Streamlit asks a Styler for its cells one by one, then writes each column of them a second time over a copy of the
values: some ten milliseconds a table, on every run of every page. The texts and the few styles are known before: this
Styler answers with them, and does no work of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

Declarations = tuple[tuple[str, str], ...]
"""CSS of a cell: ``(("color", "#333"),)``."""


class _Cells(pd.DataFrame):  # type: ignore[misc]
    """The values of a table; read as texts, they are the texts written."""

    def astype(self, dtype: Any, *given: Any, **named: Any) -> pd.DataFrame:
        """The texts when ``str`` is asked, which only the display of a Styler does; else as any frame."""
        texts = self.__dict__.get("texts")
        if dtype is str and texts is not None:
            return pd.DataFrame(texts, index=self.index)
        return pd.DataFrame(self).astype(dtype, *given, **named)


def written(
    values: pd.DataFrame, texts: Mapping[str, Sequence[str]], styles: Mapping[tuple[int, int], Declarations]
) -> Styler:
    """The Styler of a table.

    Args:
        values: what sorts, column by column.
        texts: what is read, in the same columns and as many rows.
        styles: row and column -> CSS, of the cells that have any.
    """
    frame = _Cells(values)
    frame.__dict__["texts"] = {
        name: pd.Series(list(texts[name]), index=values.index, dtype="object") for name in values.columns
    }
    style = Styler(frame)
    translated = {"cellstyle": list(_grouped(styles))}
    style._compute = lambda: style
    style._translate = lambda *_given, **_named: translated
    return style


def _grouped(styles: Mapping[tuple[int, int], Declarations]) -> Iterator[dict[str, Any]]:
    """Cells of one style under one rule, as pandas translates them."""
    alike: dict[Declarations, list[str]] = {}
    for (row, column), declarations in styles.items():
        alike.setdefault(declarations, []).append(f"row{row}_col{column}")
    for declarations, cells in alike.items():
        yield {"props": list(declarations), "selectors": cells}
