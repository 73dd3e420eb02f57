"""What a click on each kind of view makes of the page: what it opens, and that the rest of the address stays."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from apps.convergence import choix
from apps.kit.charts.tables import Column, Table
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.maps.points import Points
from apps.kit.maps.tile_map import TileMap
from apps.kit.pages import arrange, pieces
from apps.kit.pages.arrange import Arrangement
from scoring.universes.model import Format
from scoring.universes.selection import Selection

TABLE = Table(
    pl.DataFrame(
        {"code_profession": ["10", "60", "50"], "nom": ["Médecin", "Infirmier", "Sage-femme"], "n": [4, 2, 1]}
    ),
    (Column("nom", "Profession"), Column("n", "Nombre", Format.INTEGER), Column("t", "Taux", Format.SHARE)),
    key="code_profession",
    picks="profession",
)
NOW = State(Selection({"profession": ["94"]}), {"maille": "commune", "personne": "P9", "lieu": "7"})


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> list[State]:
    """A page on which something is open; what clicks make of it."""
    made: list[State] = []
    for module in (pieces, arrange, choix):
        monkeypatch.setattr(module.state, "current", lambda _scope: NOW)
        monkeypatch.setattr(module.state, "commit", lambda _scope, state: made.append(state))
    return made


@pytest.mark.parametrize(
    ("clicked", "options"),
    [("P1", {"maille": "commune", "lieu": "7", "personne": "P1"}), ("", {"maille": "commune", "lieu": "7"})],
)
def test_a_point_opens_its_card(
    kit_view: Callable[..., View],
    page: list[State],
    monkeypatch: pytest.MonkeyPatch,
    clicked: str,
    options: dict[str, str],
) -> None:
    monkeypatch.setattr(pieces.points, "draw", lambda _piece, _key, report: report())
    monkeypatch.setattr(pieces.points, "clicked", lambda _key: clicked)
    pieces._points(Points(None, TABLE, 1, 0, option="personne"), kit_view(), "carte")  # type: ignore[arg-type]
    assert page == [State(NOW.selection, options)]


@pytest.mark.parametrize(
    ("clicked", "options"),
    [
        ({"point": "P1"}, {"maille": "commune", "personne": "P1"}),
        ({"lieu": 12}, {"maille": "commune", "lieu": "12"}),
        ({}, {"maille": "commune"}),
    ],
)
def test_a_point_or_a_place_of_the_tiles_replaces_what_was_open(
    kit_view: Callable[..., View],
    page: list[State],
    monkeypatch: pytest.MonkeyPatch,
    clicked: dict[str, object],
    options: dict[str, str],
) -> None:
    monkeypatch.setattr(pieces.tile_map, "draw", lambda _piece, _key, report: report(clicked))
    piece = TileMap("essai", "", (0, 0, 1, 1), TABLE, (), {}, 1, 0, option="personne", place_option="lieu")
    pieces._tile_map(piece, kit_view(), "carte")
    assert page == [State(NOW.selection, options)]


def test_rows_clicked_filter_and_what_is_chosen_elsewhere_stays(
    kit_view: Callable[..., View], page: list[State], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces.tables, "mark", lambda *_given: None)
    monkeypatch.setattr(pieces.tables, "picked", lambda _table, _key: ["60"])
    monkeypatch.setattr(pieces.tables, "draw", lambda _table, _key, on_select: on_select())
    pieces._table(TABLE, kit_view(profession=["10", "94"]), "professions")
    assert set(page[0].selection.values("profession")) == {"60", "94"}
    assert page[0].options == NOW.options


def drawn(
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
    run: Callable[[], None],
    answer: Callable[[dict[str, Any]], Any],
) -> dict[str, Any]:
    """What a tool of a table is given, its callback called on an answer."""
    given: dict[str, Any] = {}

    def widget(label: str, options: list[str] | None = None, **more: Any) -> Any:
        given.setdefault("asked", []).append({"label": label, "options": options, **more})
        if tool in label and "on_change" in more:
            session[more["key"]] = answer({"options": options, "shown": session.get(more["key"])})
            more["on_change"]()
        return (options or [None])[more.get("index", 0)] if options else None

    session: dict[str, Any] = {}
    place = SimpleNamespace(number_input=widget)
    monkeypatch.setattr(arrange.state, "follow", lambda key, value: session.update({key: value}))
    monkeypatch.setattr(
        arrange,
        "st",
        SimpleNamespace(
            session_state=session, multiselect=widget, selectbox=widget, columns=lambda _n: [place, place]
        ),
    )
    run()
    return {**given, "session": session}


def test_the_values_of_a_table_are_offered_by_name_those_already_chosen_too(
    kit_view: Callable[..., View], page: list[State], monkeypatch: pytest.MonkeyPatch
) -> None:
    view = kit_view(profession=["10", "94"])
    found = drawn(
        monkeypatch, "Garder", lambda: arrange._values(view, "p", TABLE), lambda _asked: ["60", "50"]
    )
    (asked,) = found["asked"]
    assert asked["options"] == ["10", "60", "50", "94"], "each once, what the table has not at the end"
    assert [asked["format_func"](code) for code in ("10", "60")] == ["Médecin", "Infirmier"]
    assert set(page[0].selection.values("profession")) == {"60", "50"}


def test_columns_that_are_hidden_are_those_left_out(
    kit_view: Callable[..., View], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Arrangement] = []
    monkeypatch.setattr(arrange, "_keep", lambda _view, _name, how: kept.append(how))
    how = Arrangement("", ("t",), {})
    found = drawn(
        monkeypatch,
        "Colonnes",
        lambda: arrange._shown(kit_view(), "p", TABLE, how),
        lambda asked: asked["shown"],
    )
    (asked,) = found["asked"]
    assert asked["options"] == ["n", "t"], "the first column names the rows: it stays"
    assert kept == [how], "what is shown is what is not hidden"
    drawn(monkeypatch, "Colonnes", lambda: arrange._shown(kit_view(), "p", TABLE, how), lambda _asked: [])
    assert kept[-1].hidden == ("n", "t")


@pytest.mark.parametrize(("column", "shape", "unit"), [("n", "%.0f", ""), ("t", "%g", " (%)")])
def test_bounds_are_whole_numbers_for_counts_and_percents_for_shares(
    kit_view: Callable[..., View], monkeypatch: pytest.MonkeyPatch, column: str, shape: str, unit: str
) -> None:
    kept: list[Arrangement] = []
    monkeypatch.setattr(arrange, "_keep", lambda _view, _name, how: kept.append(how))
    how = Arrangement("", (), {column: (5.0, None)})
    found = drawn(
        monkeypatch, "Au plus", lambda: arrange._bounds(kit_view(), "p", TABLE, how), lambda _asked: 20.0
    )
    choice, low, high = found["asked"]
    assert (choice["options"], choice["index"]) == (["n", "t"], ["n", "t"].index(column))
    assert (low["label"], high["label"]) == (f"Au moins{unit}", f"Au plus{unit}")
    assert (low["format"], high["format"]) == (shape, shape)
    assert kept[-1].bounds == {column: (5.0, 20.0)}


@pytest.mark.parametrize(("value", "kept"), [("industriels", ("industriels",)), ("regions", ())])
def test_the_other_side_leaves_the_filters_of_this_one(
    page: list[State],
    kit_view: Callable[..., View],
    monkeypatch: pytest.MonkeyPatch,
    value: str,
    kept: tuple[str, ...],
) -> None:
    session: dict[str, str] = {}

    def control(
        _label: str, _options: list[str], *, key: str, on_change: Callable[[], None], **_more: Any
    ) -> None:
        session[key] = value
        on_change()

    monkeypatch.setattr(choix.state, "follow", lambda key, shown: session.update({key: shown}))
    monkeypatch.setattr(choix, "st", SimpleNamespace(session_state=session, segmented_control=control))
    choix.Side().draw(kit_view())
    assert page[0].selection == Selection({"volet": kept} if kept else {})
    assert page[0].options == {}
