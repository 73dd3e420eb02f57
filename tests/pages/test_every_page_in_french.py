"""Every page of the suite reads as French is set: labels, options, cells, buttons, and what charts say aloud.

One reading of everything that pages draw, whatever drew it: a straight apostrophe, a missing space, an English word
or a plural of one comes from a widget, a table or a chart that forgot the common road
(:mod:`apps.kit.style.typeset`, :mod:`apps.kit.charts.spoken`).
"""

from __future__ import annotations

import importlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from apps.kit.charts.charts import bars
from apps.kit.charts.scales import Scale
from apps.kit.charts.spoken import spoken
from apps.registry import APPS
from tests.pages.drawing import Drawn, draw_page

PAGES = [
    (app.name, page.name)
    for app in APPS
    for page in getattr(importlib.import_module(app.module), "PAGES", ())
]
NOT_READ = {
    "id", "type", "uuid", "deferred_file_id", "format", "autocomplete", "icon", "anchor", "tag", "name", "styles",
    "raw_value", "raw_values", "columns", "spec", "selection_mode", "value", "form_id",
}  # fmt: skip
"""Fields of an element that no one reads; ``value`` is what the reader typed."""
FAULTS = {
    "apostrophe droite": r"[^\W\d_]'[^\W\d_]",
    "espace à insécables": r"(?:(?<=[^\s\u202f]) [:;!?%»])|« ",
    "mot anglais": r"(?i)\b(?:the|titled|axis|legend|values|with|for|start|end|help|search|choose|loading)\b",
    "pluriel de un": r"(?<![\w\u202f,./-])(?<!\d )[01] "
    r"(?!mois\b|fois\b|cas\b|dans\b|sans\b|plus\b|moins\b|pas\b|puis\b|sous\b)[a-zéèêîïç]{3,}s\b",
    "élision": r"\b[Dd]e [AEIOUÉÈÊÀÂÎÔ][a-zéèêîï]",
    "nombre trop long": r"\d,\d{4,}",
}


def written(message: Message) -> Iterator[str]:
    """The words of an element's fields."""
    for field, value in message.ListFields():
        if field.name in NOT_READ or field.type == FieldDescriptor.TYPE_BYTES:
            continue
        for one in value if field.is_repeated else [value]:
            if field.type == FieldDescriptor.TYPE_STRING:
                yield str(one)
            elif field.type == FieldDescriptor.TYPE_MESSAGE and not field.message_type.GetOptions().map_entry:
                yield from written(one)


def elements(block: Any) -> Iterator[Any]:
    for child in getattr(block, "children", {}).values():
        yield child
        yield from elements(child)


def said(at: AppTest) -> Iterator[tuple[str, str]]:
    """What a page says: kind of element, words."""
    for element in elements(at._tree):
        proto = getattr(element, "proto", None)
        if proto is None:
            continue
        kind = element.type
        if kind == "html":
            body = re.sub(r"<(style|script|svg)\b.*?</\1>", "", proto.body, flags=re.DOTALL)
            texts = re.findall(r">([^<>]+)<", body)
            texts += re.findall(r"""(?:aria-label|title|alt|placeholder)="([^"]*)\"""", body)
            yield from ((kind, unescape(text)) for text in texts)
            continue
        yield from ((kind, text) for text in written(proto))
        if kind == "dataframe":
            yield from (
                (kind, str(column["label"]))
                for column in json.loads(proto.columns).values()
                if "label" in column
            )
            table = proto.arrow_data
            cells = pl.read_ipc_stream(
                table.styler.display_values or table.data
            )  # a table without a style is its data
            yield from ((kind, one) for column in cells for one in column.cast(pl.String).drop_nulls())
        if kind == "vega_lite_chart":
            yield from ((kind, text) for text in drawn(json.loads(proto.spec)))
            for named in proto.datasets:
                rows = pl.read_ipc_stream(named.data.data)
                for column, dtype in rows.schema.items():
                    if dtype == pl.String and column not in ("code", "couleur"):
                        yield from ((kind, one) for one in rows[column].drop_nulls())


def units(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "mark" in spec:
        yield spec
    for part in [*spec.get("layer", ()), *spec.get("hconcat", ()), *spec.get("vconcat", ())]:
        yield from units(part)
    if isinstance(spec.get("spec"), dict):
        yield from units(spec["spec"])


def drawn(spec: dict[str, Any]) -> Iterator[str]:
    """The words of a chart's specification; each of its marks says its words or is left out of what is read."""
    marks = [unit["mark"] for unit in units(spec)]
    silent = [mark for mark in marks if mark.get("aria") is not False and "description" not in mark]
    assert not silent, f"Vega would read these fields one by one: {silent}"
    assert any("description" in mark for mark in marks), "a chart that says nothing"
    for mark in marks:
        if "description" in mark:
            yield from json.loads(
                "[" + ",".join(re.findall(r'"(?:[^"\\]|\\.)*"', mark["description"]["expr"])) + "]"
            )
    yield from titles(spec)


def titles(spec: Any) -> Iterator[str]:
    if isinstance(spec, dict):
        for name, value in spec.items():
            if name == "title" and isinstance(value, str):
                yield value
            elif name != "datasets":
                yield from titles(value)
    elif isinstance(spec, list):
        for one in spec:
            yield from titles(one)


Drawing = Callable[[str, str], Drawn]


@pytest.fixture(scope="module")
def drawing(petit_lake: Path) -> Drawing:
    """Each page drawn once for all of this module's readings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OBS_ACCES", "ouvert")
        return cache(lambda app, page: draw_page(app, page, petit_lake))


@pytest.mark.parametrize(("app", "page"), PAGES)
def test_what_a_page_says_is_french(app: str, page: str, drawing: Drawing) -> None:
    told = set(said(drawing(app, page).at))
    assert told
    found = {
        (fault, kind, text[:120])
        for kind, text in told
        for fault, form in FAULTS.items()
        if re.search(form, re.sub(r"`[^`]*`", "", text))
    }
    assert not found


@pytest.mark.parametrize("app", sorted({app for app, _ in PAGES}))
def test_a_word_has_one_definition_in_an_application(app: str, drawing: Drawing) -> None:
    """The heading of a column or of a key figure that says how it is counted says it the same on every page."""
    meanings: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name in (page for one, page in PAGES if one == app):
        page = drawing(app, name)
        for element in elements(page.at._tree):
            if element.type == "dataframe":
                for column in filter(None, json.loads(element.proto.columns).values()):
                    # « Identités, novembre 2022 » is counted as « Identités » is.
                    meanings[column.get("label", "").partition(",")[0]][column.get("help", "")].add(name)
        for attributes, label in re.findall(r"<dt([^>]*)>(.*?)</dt>", page.html, re.DOTALL):
            if help_said := re.search('title="([^"]*)"', attributes):
                meanings[unescape(label)][unescape(help_said.group(1))].add(name)
    two = {word: dict(found) for word, found in meanings.items() if len(set(found) - {""}) > 1}
    assert not two
    assert sum(bool(set(found) - {""}) for found in meanings.values()) >= 2, "definitions are read"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Type d'acteur", "apostrophe droite"),
        ("Où sont-ils ?", "espace à insécables"),
        ("« Metz »", "espace à insécables"),
        ("X-axis titled 'Taux'", "mot anglais"),
        ("1 régions", "pluriel de un"),
        ("les 0 communes", "pluriel de un"),
        ("Compte de Alice Roy", "élision"),
        ("68,7226", "nombre trop long"),
    ],
)
def test_each_fault_is_seen(text: str, fault: str) -> None:
    assert [name for name, form in FAULTS.items() if re.search(form, text)] == [fault]


def test_a_bar_says_its_tooltip_and_its_value_is_not_read_twice() -> None:
    frame = pl.DataFrame({"lieu": ["Côte d'Or", None], "nombre": [1234, 5], "code": ["d'or", ""]})
    spec = bars(frame, "lieu", "nombre", Scale(title="personnes à l'heure"), code="code")
    bar, text = [unit["mark"] for unit in units(spec)]
    assert text["aria"] is False
    assert bar["ariaRoleDescription"] == "barre"
    assert '", personnes à l’heure\u202f: "' in bar["description"]["expr"]
    first = spec["datasets"]["barres"][0]
    assert (first["nom"], first["texte"]) == ("Côte d’Or", "1\u202f234")
    assert first["code"] == "d'or", "a code is no text"


def test_a_chart_without_tooltip_is_left_to_its_alternative() -> None:
    assert spoken({"mark": "line", "encoding": {}}) == {"mark": "line", "encoding": {}}


def scaled(spec: dict[str, Any], above: str = "") -> Iterator[tuple[str, str, list[str]]]:
    """The scales of a chart that name their values: dataset, field, domain."""
    data = spec.get("data", {}).get("name", above)
    for channel in spec.get("encoding", {}).values():
        domain = (channel.get("scale") or {}).get("domain") if isinstance(channel, dict) else None
        if isinstance(domain, list) and "field" in channel and all(isinstance(one, str) for one in domain):
            yield data, channel["field"], domain
    for name in ("layer", "hconcat", "vconcat"):
        for part in spec.get(name, ()):
            yield from scaled(part, data)
    if isinstance(spec.get("spec"), dict):
        yield from scaled(spec["spec"], data)


@pytest.mark.parametrize(("app", "page"), PAGES)
def test_what_is_drawn_has_a_place_in_its_scales(app: str, page: str, drawing: Drawing) -> None:
    """A value that a colour or a shape does not name is drawn as nobody's, or not at all."""
    for element in elements(drawing(app, page).at._tree):
        if element.type != "vega_lite_chart":
            continue
        spec = json.loads(element.proto.spec)
        rows = {named.name: pl.read_ipc_stream(named.data.data) for named in element.proto.datasets}
        rows |= {name: pl.DataFrame(of) for name, of in spec.get("datasets", {}).items() if name not in rows}
        for data, field, domain in scaled(spec):
            if data in rows and field in rows[data].columns:
                assert set(rows[data][field].drop_nulls()) <= set(domain), (data, field)
