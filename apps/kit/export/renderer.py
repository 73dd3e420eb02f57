"""Charts drawn as SVG by vl-convert, in a process of their own.

The renderer keeps the interpreter for four fifths of the time that it takes: in the server's own process, a publication
of two hundred drawings holds up every reader's page. Here one process draws, begun by the first drawing and ended when
none was asked for a while; whoever asks goes on with the rest meanwhile. Where it cannot be started, or dies, drawings
are made in the process that asks: the same drawings, later.

    python -m apps.kit.export.renderer    # one question a line (JSON), one answer a line
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

IDLE_S = 300.0
"""Seconds without a question after which the process ends: it holds 150 MiB."""
_HELD = "§"
"""Member of the only row of a dataset in a compiled form: it names the dataset."""
Question = dict[str, Any]


def svg_of(spec: dict[str, Any], fonts: str) -> str:
    """A Vega-Lite specification as SVG, drawn here.

    Compiling Vega-Lite is a fifth of a drawing and never looks at the data: it is done once for a form, whatever is
    drawn in it.

    Args:
        spec: the specification, its data inside.
        fonts: folder of the fonts.

    Raises:
        ValueError: no specification that can be drawn.
    """
    import vl_convert  # here: the process that draws loads it, not the one that asks

    _registered(fonts)
    form, rows = _parted(spec)
    compiled = _compiled(json.dumps(form), tuple(rows))
    data = []
    for source in compiled.get("data", ()):
        held = _named(source.get("values"))
        data.append({**source, "values": rows[held]} if held is not None else source)
    drawn: str = vl_convert.vega_to_svg({**compiled, "data": data})
    return drawn


def _parted(spec: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A specification without its data, each of which is named, and its data by name: outlines stand in a layer."""
    form, rows = {**spec}, dict(spec.get("datasets", {}))

    def emptied(unit: dict[str, Any]) -> dict[str, Any]:
        given = unit.get("data")
        if not isinstance(given, dict) or "values" not in given or "name" in given:
            return unit
        name = f"{_HELD}{len(rows)}"
        rows[name] = given["values"]
        rest = {key: value for key, value in given.items() if key != "values"}
        return {**unit, "data": {**rest, "name": name}}

    form.pop("datasets", None)
    form = emptied(form)
    if "layer" in form:
        form["layer"] = [emptied(one) for one in form["layer"]]
    return form, rows


@lru_cache(256)
def _compiled(form: str, names: tuple[str, ...]) -> dict[str, Any]:
    """The Vega of a form, the only row of each dataset saying its name. Never changed in place."""
    import vl_convert

    marks = {name: [{_HELD: name}] for name in names}
    spec = {**json.loads(form), "datasets": marks} if names else json.loads(form)
    made: dict[str, Any] = vl_convert.vegalite_to_vega(spec)
    return made


def _named(values: Any) -> str | None:
    if isinstance(values, list) and len(values) == 1 and isinstance(values[0], dict):
        return values[0].get(_HELD)
    return None


@cache
def _registered(fonts: str) -> None:
    import vl_convert

    vl_convert.register_font_directory(fonts)


def renumbered(svg: str) -> str:
    """The same drawing, its identifiers numbered from zero: the renderer counts them up from one chart to the next."""
    found = dict.fromkeys(re.findall(r'\bid="((?:clip|gradient_)\d+)"', svg))
    names = {old: re.sub(r"\d+$", str(rank), old) for rank, old in enumerate(found)}
    if not names:
        return svg
    pattern = re.compile(
        r"(?<![\w-])(" + "|".join(sorted(map(re.escape, names), key=len, reverse=True)) + r")(?!\w)"
    )
    return pattern.sub(lambda match: names[match.group(1)], svg)


@dataclass
class _Running:
    process: subprocess.Popen[bytes]
    asked: deque[tuple[Question, Future[str]]] = field(default_factory=deque)


class Renderer:
    """The process that draws, as those who ask see it.

    Args:
        command: what starts it.
    """

    def __init__(self, command: tuple[str, ...] = (sys.executable, "-m", __name__)) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._running: _Running | None = None

    def draw(self, spec: dict[str, Any], fonts: str) -> Future[str]:
        """Ask for a drawing (:func:`svg_of`), whose result raises what drawing it raised; answers come in order."""
        question: Question = {"spec": spec, "polices": fonts}
        line = json.dumps(question).encode() + b"\n"
        answer: Future[str] = Future()
        with self._lock:
            running = self._running or self._start()
            if running is not None:
                # Whoever reads the answers gives one to each that stands here, whatever becomes of the process.
                running.asked.append((question, answer))
                assert running.process.stdin is not None
                with suppress(OSError):  # it has just ended
                    running.process.stdin.write(line)
                    running.process.stdin.flush()
                return answer
        _answer(question, answer)
        return answer

    def _start(self) -> _Running | None:
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # an interruption of the terminal is the server's; it ends with its input
            )
        except OSError:
            return None
        self._running = _Running(process)
        threading.Thread(target=self._read, args=(self._running,), name="dessins", daemon=True).start()
        return self._running

    def _read(self, running: _Running) -> None:
        """Give its answers to those who wait; when it ends, draw here what it was asked and did not draw."""
        process = running.process
        assert process.stdout is not None and process.stdin is not None
        for line in process.stdout:
            if not line.endswith(b"\n"):
                break  # it died while it answered
            _, answer = running.asked.popleft()
            told = json.loads(line)
            if "svg" in told:
                answer.set_result(told["svg"])
            else:
                answer.set_exception(ValueError(told["erreur"]))
        with self._lock:
            self._running = None
        with suppress(OSError):
            process.stdin.close()
        process.wait()
        for question, answer in running.asked:
            _answer(question, answer)


RENDERER = Renderer()


def _answer(question: Question, answer: Future[str]) -> None:
    try:
        answer.set_result(svg_of(question["spec"], question["polices"]))
    except BaseException as error:  # a panic of the renderer's Rust derives from it
        answer.set_exception(error)


def serve() -> None:
    """Answer the questions of the standard input until it closes, or says nothing for :data:`IDLE_S`."""
    # The renderer may write to the standard output: answers have one of their own.
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        heard = [time.monotonic()]
        threading.Thread(target=_end_idle, args=(heard,), daemon=True).start()
        for line in sys.stdin.buffer:
            heard[0] = float("inf")
            drawn: Future[str] = Future()
            _answer(json.loads(line), drawn)
            error = drawn.exception()
            told = {"svg": drawn.result()} if error is None else {"erreur": str(error)}
            answers.write(json.dumps(told).encode() + b"\n")
            answers.flush()
            heard[0] = time.monotonic()


def _end_idle(heard: list[float]) -> None:
    while time.monotonic() - heard[0] < IDLE_S:
        time.sleep(IDLE_S / 10)
    os._exit(0)  # between two questions: one that comes at this very moment is drawn by who asks


if __name__ == "__main__":
    serve()
