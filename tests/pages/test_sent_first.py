"""What a browser receives first: the title and the answer, the map of points, and only then filters and lists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.testing.v1 import AppTest

from apps.annuaire.points import LAYER
from apps.kit.data.data import open_lake
from apps.kit.maps import point_route
from apps.kit.shell import draw as drawing


@pytest.fixture
def sent(petit_lake: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was sent, in order: kind and label or text of each element, and the pauses."""
    told: list[str] = []
    enqueue = ForwardMsgQueue.enqueue

    def noted(self: ForwardMsgQueue, message: ForwardMsg) -> None:
        if message.WhichOneof("type") == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            kind = element.WhichOneof("type") or ""
            inside = getattr(element, kind)
            told.append(f"{kind} {getattr(inside, 'label', '') or getattr(inside, 'body', '')}")
        enqueue(self, message)

    monkeypatch.setattr(ForwardMsgQueue, "enqueue", noted)
    clock = SimpleNamespace(sleep=lambda seconds: told.append(f"pause {seconds}"))
    monkeypatch.setattr(drawing, "time", clock)
    monkeypatch.setenv("OBS_LAKE", str(petit_lake))
    monkeypatch.setattr(point_route, "_served", {})
    point_route.point_routes([LAYER])
    open_lake.clear()
    yield told
    open_lake.clear()


def carte(mesh: str) -> AppTest:
    def script() -> None:
        from apps.annuaire.carte import CARTE
        from apps.kit.shell.draw import draw

        draw(CARTE)

    app = AppTest.from_function(script, default_timeout=60)
    app.query_params["maille"] = mesh
    return app.run()


def rank(sent: list[str], start: str) -> int:
    found = [place for place, one in enumerate(sent) if one.startswith(start)]
    assert found, f"{start!r} was not sent: {sent}"
    return found[0]


def test_the_answer_is_sent_before_the_filters(sent: list[str]) -> None:
    app = carte("epci")
    assert not app.exception
    title = rank(sent, "heading Grand Est\u202f: où exercent")
    answer = rank(sent, 'html <p class="obs-lecture">')
    assert rank(sent, "empty") < title  # the place of the bar: the title does not move aside when it comes
    assert title < answer < rank(sent, "multiselect Département") < rank(sent, "multiselect Commune")
    assert not any(one.startswith("pause") for one in sent)


def test_the_map_of_points_starts_before_what_would_hold_the_browser(sent: list[str]) -> None:
    app = carte("points")
    assert not app.exception
    title, points = rank(sent, "heading Grand Est\u202f: où exercent"), rank(sent, "component_instance")
    pause = rank(sent, f"pause {drawing.HEAD_START_S}")
    assert title < points < rank(sent, 'html <p class="obs-lecture">') < pause
    assert pause < rank(sent, "multiselect Commune")
    assert pause < rank(sent, "dataframe")
    # The reader sees them where they were: the answer stands above the map.
    at_place = [element.type for element in app.main]
    assert at_place.index("title") < at_place.index("component_instance")


def test_a_map_that_is_shown_holds_nothing_back(sent: list[str]) -> None:
    app = carte("points")
    sent.clear()
    app.multiselect[0].select(app.multiselect[0].options[0]).run()
    assert rank(sent, "component_instance") < rank(sent, "multiselect Commune")
    assert not any(one.startswith("pause") for one in sent)
