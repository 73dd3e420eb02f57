"""Drawings made by a process of their own: the same drawings, whatever becomes of it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest
import vl_convert

from apps.kit.export import pdf
from apps.kit.export.renderer import RENDERER, Renderer, _compiled, renumbered, svg_of
from apps.kit.style import theme
from bench.vues import drawings

SQUARE = [[[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]]


def outlines(*colours: str) -> dict[str, Any]:
    """A map as it is printed: its outlines in the data of its first layer, its colours in a dataset."""
    shapes = [
        {"type": "Feature", "properties": {"code": str(rank)}, "geometry": {"type": "Polygon", "coordinates": SQUARE}}
        for rank in range(len(colours))
    ]  # fmt: skip
    rows = [{"code": str(rank), "couleur": colour} for rank, colour in enumerate(colours)]
    land = {
        "data": {"values": shapes},
        "transform": [
            {"calculate": "datum.properties.code", "as": "code"},
            {"lookup": "code", "from": {"data": {"name": "valeurs"}, "key": "code", "fields": ["couleur"]}},
        ],
        "mark": "geoshape",
        "encoding": {"fill": {"field": "couleur", "scale": None}},
        "projection": {"type": "identity", "reflectY": True},
    }
    return {"layer": [land], "height": 90, "datasets": {"valeurs": rows}}


def bars(*values: int) -> dict[str, Any]:
    return {
        "mark": "bar",
        "data": {"name": "rangs"},
        "width": 200,
        "encoding": {"x": {"field": "v", "type": "quantitative"}, "y": {"field": "n", "type": "nominal"}},
        "datasets": {"rangs": [{"n": f"n{rank}", "v": value} for rank, value in enumerate(values)]},
    }


def printed(spec: dict[str, Any]) -> dict[str, Any]:
    return {**spec, "config": theme.vega_config(theme.PRINT_FONT), "width": 400}


def shorter(spec: dict[str, Any]) -> dict[str, Any]:
    """The same form with fewer rows."""
    cut = {name: rows[: max(1, len(rows) // 2)] for name, rows in spec["datasets"].items()}
    return {**spec, "datasets": cut}


@pytest.fixture
def renderer() -> Iterator[Renderer]:
    made = Renderer()
    yield made
    if made._running is not None:
        made._running.process.terminate()


def identifier(renderer: Renderer) -> int:
    assert renderer._running is not None
    return renderer._running.process.pid


KINDS = {name: draw for name, (draw, _) in drawings().items()}


@pytest.mark.parametrize("name", KINDS)
def test_a_drawing_is_what_vega_lite_makes_of_it_whatever_was_drawn_in_its_form(name: str) -> None:
    spec, fonts = printed(KINDS[name]()), pdf._fonts()
    svg_of(shorter(spec), fonts)
    assert renumbered(svg_of(spec, fonts)) == renumbered(vl_convert.vegalite_to_svg(spec))


def test_a_map_is_drawn_with_its_own_outlines_and_colours() -> None:
    fonts = pdf._fonts()
    for colours in (("#ff0000",), ("#00ff00", "#0000ff")):
        made = svg_of(outlines(*colours), fonts)
        assert made == vl_convert.vegalite_to_svg(outlines(*colours))
        assert all(colour in made for colour in colours)


def test_a_form_is_compiled_once_whatever_its_data() -> None:
    fonts = pdf._fonts()
    svg_of(bars(1, 2), fonts)
    svg_of(outlines("#ff0000"), fonts)
    before = _compiled.cache_info().misses
    svg_of(bars(5), fonts)
    svg_of(outlines("#00ff00", "#0000ff"), fonts)
    assert _compiled.cache_info().misses == before


def test_drawings_come_in_order_from_one_process_that_stays(renderer: Renderer) -> None:
    fonts = pdf._fonts()
    asked = [renderer.draw(bars(*range(1, count)), fonts) for count in (2, 4, 3)]
    assert [one.result().count('aria-roledescription="bar"') for one in asked] == [1, 3, 2]
    first = identifier(renderer)
    assert first != os.getpid()
    renderer.draw(bars(9), fonts).result()
    assert identifier(renderer) == first


def test_what_the_process_was_asked_when_it_dies_is_drawn_all_the_same(renderer: Renderer) -> None:
    fonts = pdf._fonts()
    expected = svg_of(bars(1, 2, 3), fonts)
    assert renderer.draw(bars(1, 2, 3), fonts).result() == expected
    lost = identifier(renderer)
    os.kill(lost, signal.SIGSTOP)
    asked = [renderer.draw(bars(1, 2, 3), fonts) for _ in range(3)]
    os.kill(lost, signal.SIGKILL)
    assert [one.result(timeout=60) for one in asked] == [expected] * 3
    assert renderer.draw(bars(1, 2, 3), fonts).result() == expected
    assert identifier(renderer) != lost


def test_where_no_process_can_be_started_drawings_are_made_here() -> None:
    fonts = pdf._fonts()
    assert Renderer(("no-such-command",)).draw(bars(4), fonts).result() == svg_of(bars(4), fonts)


def test_a_process_that_nobody_asks_ends_and_the_next_drawing_begins_another() -> None:
    idle = "from apps.kit.export import renderer; renderer.IDLE_S = 0.2; renderer.serve()"
    renderer, fonts = Renderer((sys.executable, "-c", idle)), pdf._fonts()
    expected = svg_of(bars(7), fonts)
    assert renderer.draw(bars(7), fonts).result() == expected
    running = renderer._running
    if running is not None:
        running.process.wait(timeout=30)
    assert renderer.draw(bars(7), fonts).result() == expected


def test_an_answer_cut_short_by_a_death_is_no_answer() -> None:
    torn = """import sys; sys.stdin.readline(); sys.stdout.write('{"svg": "<sv'); sys.stdout.flush()"""
    fonts = pdf._fonts()
    assert Renderer((sys.executable, "-c", torn)).draw(bars(4), fonts).result(60) == svg_of(bars(4), fonts)


def test_what_cannot_be_drawn_says_so_and_keeps_nothing_from_being_drawn(renderer: Renderer) -> None:
    fonts = pdf._fonts()
    wrong, right = renderer.draw({"mark": "rien"}, fonts), renderer.draw(bars(3), fonts)
    with pytest.raises(ValueError, match="conversion failed"):
        wrong.result()
    assert right.result() == svg_of(bars(3), fonts)


def test_a_drawing_that_is_asked_twice_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    draw = RENDERER.draw

    def noted(spec: dict[str, Any], fonts: str) -> Future[str]:
        asked.append(spec)
        return draw(spec, fonts)

    monkeypatch.setattr(RENDERER, "draw", noted)
    pdf._svgs.clear()
    spec = KINDS["barres"]()
    first, second = pdf.drawing(spec), pdf.drawing(spec)
    assert first.result() == second.result() == pdf.chart_svg(spec)
    assert len(asked) == 1
