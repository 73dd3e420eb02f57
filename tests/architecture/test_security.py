"""What the code must never do: rules of security that reading the sources can check."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = sorted((ROOT / "apps").rglob("*.py"))
HOUSE = [path for folder in ("apps", "lake", "scoring", "ingest") for path in (ROOT / folder).rglob("*.py")]
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))


@cache
def parsed(path: Path) -> tuple[str, list[ast.AST]]:
    """The text of a module and every node of its tree."""
    text = path.read_text("utf-8")
    return text, list(ast.walk(ast.parse(text)))


def calls(paths: list[Path], *names: str) -> Iterator[tuple[str, ast.Call, str]]:
    """Calls of a function or method by its last name: (place, call, source of the module)."""
    for path in paths:
        text, nodes = parsed(path)
        for node in nodes:
            if isinstance(node, ast.Call):
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if name in names:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node, text


# A download's data is one of these: each asks for the access again when the file is taken.
GUARDED = ("export(", "_printing(", "_bound(", "written(")
# Holds nothing that is anybody's: the model of a file to fill in.
FREE = ("MODEL",)


def test_every_download_asks_for_the_access_again() -> None:
    unguarded = []
    for place, call, text in calls(APPS, "download_button"):
        given = next((one.value for one in call.keywords if one.arg == "data"), None)
        given = given if given is not None else call.args[1]
        source = ast.get_source_segment(text, given) or ""
        if isinstance(given, ast.Name):  # prepared above, under this name
            made = [line for line in text.splitlines() if line.strip().startswith(f"{given.id} = ")]
            source = " ".join(made)
        if not any(mark in source for mark in (*GUARDED, *FREE)):
            unguarded.append(f"{place}: {source}")
    assert unguarded == []


def test_every_fragment_asks_for_the_access_again() -> None:
    """A fragment's rerun skips its page: it asks by itself, first thing."""
    careless = []
    for path in APPS:
        for node in parsed(path)[1]:
            if isinstance(node, ast.FunctionDef) and any(
                "fragment" in ast.unparse(one) for one in node.decorator_list
            ):
                body = ast.unparse(ast.Module(node.body[:1], []))
                if ".still()" not in body and "require" not in body:
                    careless.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert careless == []


def test_no_html_is_let_through_markdown_and_no_script_anywhere() -> None:
    found = [
        f"{place}: {word.arg}"
        for place, call, _ in calls(APPS, "markdown", "caption", "title", "header", "html", "write")
        for word in call.keywords
        if word.arg in {"unsafe_allow_html", "unsafe_allow_javascript"}
    ]
    assert found == []
    # Frames of raw HTML run scripts in our origin: only the map of points declares one, from its own folder.
    frames = {place.partition(":")[0] for place, *_ in calls(APPS, "declare_component", "iframe")}
    assert frames <= {"apps/kit/maps/tile_map.py"}


def test_folium_shows_text_from_data_only_when_inert() -> None:
    bare = []
    for place, call, text in calls(APPS, "Tooltip", "Popup", "DivIcon", "Html"):
        if "folium" not in ast.unparse(call.func):
            continue
        source = ast.get_source_segment(text, call) or ""
        if "inert(" not in source:
            bare.append(f"{place}: {source}")
    assert bare == []


def test_pydeck_tooltips_are_text() -> None:
    html = []
    for place, call, _ in calls(APPS, "Deck", "CompactDeck"):
        for word in call.keywords:
            if word.arg == "tooltip" and not (
                isinstance(word.value, ast.Dict)
                and [key.value for key in word.value.keys if isinstance(key, ast.Constant)] == ["text"]
            ):
                html.append(place)
    assert html == []


def test_uploads_are_limited_in_size_and_type() -> None:
    loose = []
    for place, call, _ in calls(APPS, "file_uploader"):
        given = {word.arg: word.value for word in call.keywords}
        size = given.get("max_upload_size")
        if "type" not in given or not isinstance(size, ast.Constant) or not 0 < int(str(size.value)) <= 2:
            loose.append(place)
    assert loose == []


def test_streamlit_s_own_protections_are_on() -> None:
    server = CONFIG["server"]
    assert server["enableXsrfProtection"] is True
    assert server["enableCORS"] is True
    assert server["allowedHosts"] == ["localhost", "127.0.0.1"]
    assert server["address"] == "127.0.0.1"
    assert server["maxUploadSize"] == 20
    assert server["enableStaticServing"] is False
    assert server["fileWatcherType"] == "none"
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["runner"]["magicEnabled"] is False


def test_no_certificate_is_left_unverified_and_nothing_is_unpickled() -> None:
    found = []
    for place, call, _ in calls(
        HOUSE, "loads", "load", "_create_unverified_context", "eval", "exec", "system"
    ):
        source = ast.unparse(call.func)
        if source.split(".")[0] in {"pickle", "marshal", "ssl", "os", "eval", "exec", "yaml"}:
            found.append(f"{place}: {source}")
    for path in HOUSE:
        text = parsed(path)[0]
        found += [
            f"{path.relative_to(ROOT)}: {word}" for word in ("CERT_NONE", "verify=False") if word in text
        ]
    assert found == []


def test_commands_are_never_given_to_a_shell() -> None:
    found = [
        place
        for place, call, _ in calls(HOUSE, "run", "Popen", "call", "check_output", "check_call")
        if any(word.arg == "shell" for word in call.keywords)
    ]
    assert found == []
