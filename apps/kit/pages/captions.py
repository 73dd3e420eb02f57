"""Under each view: one caption line (source, date, how many are counted) and its actions: files, table, method."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape

import streamlit as st

from apps.kit.charts import tables
from apps.kit.charts.tables import Table
from apps.kit.data.method import Method, Methods
from apps.kit.data.view import View
from apps.kit.export.workbook import MIME, table_xlsx
from apps.kit.pages.export import file_name, table_csv
from apps.kit.style.french import typographic
from scoring.universes.model import Measure

_OPEN = "kit.tableaux"


def explained(view: View, name: str | Method) -> Method | Measure:
    """The words for a figure: a measure of the universe by its name, or a method given as it is."""
    return name if isinstance(name, Method) else view.universe.measure(name)


def caption(view: View, counted: str) -> str:
    """``ANS, Annuaire Santé, 14 janvier 2025 · 4 871 personnes``."""
    return " · ".join(part for part in (view.source(), counted) if part)


def line(text: str) -> None:
    """A line of text in the grey of sources: readable, where Streamlit's own captions are too pale."""
    st.html(f'<p class="obs-source">{escape(typographic(text))}</p>')


def draw_told(view: View) -> None:
    """What the reader's rights narrowed, under the figures they narrowed."""
    for sentence in view.told():
        st.html(f'<p class="obs-source obs-portee">{escape(typographic(sentence))}</p>')


def draw(
    view: View,
    name: str,
    table: Table,
    *,
    twin: bool,
    counted: str,
    measures: Methods,
    tools: Callable[[], None] | None = None,
) -> None:
    """Draw the caption line and the actions of a view.

    Args:
        view: what the page shows.
        name: name of the block, unique on the page.
        table: the figures of the view.
        twin: whether the table can be opened under the view (it is not one already).
        counted: what is counted.
        measures: measures explained by the method.
        tools: draws what arranges the table, when it can be.
    """
    opened: dict[str, bool] = st.session_state.setdefault(_OPEN, {})
    shown = f"{view.scope.id}.{name}"
    draw_told(view)
    with st.container(
        horizontal=True,
        key=f"obs_pied_{view.scope.address(name)}",
        gap="small",
        vertical_alignment="center",
        horizontal_alignment="distribute",
    ):
        st.html(f'<p class="obs-source">{escape(typographic(caption(view, counted)))}</p>', width="content")
        with st.container(
            horizontal=True, gap=None, width="content", key=f"obs_gestes_{view.scope.address(name)}"
        ):
            title = table.title or name
            for label, suffix, mime, made in (
                ("CSV", "csv", "text/csv", table_csv),
                ("Excel", "xlsx", MIME, table_xlsx),
            ):
                file = file_name(view, name, suffix)
                st.download_button(
                    label,
                    data=view.data.access.export(file, partial(made, table, view, title)),
                    file_name=file,
                    mime=mime,
                    key=f"obs_{suffix}_{view.scope.address(name)}",
                    type="tertiary",
                    on_click="ignore",
                )
            if twin:
                st.button(
                    "Masquer le tableau" if opened.get(shown) else "Tableau",
                    key=f"obs_tableau_{view.scope.address(name)}",
                    type="tertiary",
                    on_click=_toggle,
                    args=(opened, shown),
                )
            if tools is not None:
                tools()
            if measures:
                with st.popover("Méthode", type="tertiary", key=f"obs_methode_{view.scope.address(name)}"):
                    st.markdown(method(view, measures))
    if twin and opened.get(shown):
        tables.draw(table, key=f"obs_jumeau_{view.scope.address(name)}_{abs(hash(view.selection))}")


def method(view: View, measures: Methods) -> str:
    """How the measures of a view are counted, what they do not measure, where they come from (Markdown)."""
    lines = []
    for name in measures:
        measure = explained(view, name)
        lines.append(f"**{measure.label}.** {measure.definition}")
        if measure.ne_mesure_pas:
            lines.append(f"*{measure.ne_mesure_pas}*")
    table = view.universe.table
    lines.append(f"Source : {view.source()}. {table.licence}.")
    return typographic("\n\n".join(lines))


def _toggle(opened: dict[str, bool], name: str) -> None:
    opened[name] = not opened.get(name, False)
