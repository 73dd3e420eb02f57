"""Sizes, names, pins, and what the repository must not mention."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    path
    for folder in ("apps", "bench", "demo", "ingest", "lake", "scoring")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager"}
# What the project is known to work with, exactly.
MANDATED = {
    "streamlit": "1.67.0",
    "polars": "2.1.0",
    "pyarrow": "26.0.1",
    "altair": "6.3.0",
    "folium": "0.20.0",
    "streamlit-folium": "0.27.4",
    "pydeck": "0.9.3",
    "boto3": "1.44.5",
    "streamlit-authenticator": "0.4.2",
    "deltalake": "1.6.6",
    "dataframely": "3.1.2",
}


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = listed.stdout.decode("utf-8").split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_no_module_is_two_modules() -> None:
    long = {str(path.relative_to(ROOT)): count for path in SOURCES if (count := lines(path)) > 400}
    assert long == {}


def test_a_page_s_title_is_drawn_where_errors_know_of_it() -> None:
    drawn = [str(path.relative_to(ROOT)) for path in SOURCES if "st.title(" in path.read_text("utf-8")]
    assert drawn == ["apps/kit/style/errors.py"]


def lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_no_module_bears_a_name_that_says_nothing() -> None:
    named = [str(path) for path in SOURCES if {path.stem, path.parent.name} & FORBIDDEN_NAMES]
    assert named == []


def test_no_folder_beside_an_entry_script_becomes_a_menu() -> None:
    # Streamlit lists a folder named pages beside its entry script as pages of its own.
    found = [str(p) for p in (ROOT / "apps").glob("*/pages") if (p.parent / "app.py").is_file()]
    assert [*found, *(ROOT / "apps").glob("pages")] == []


def test_no_module_under_apps_hides_a_package() -> None:
    # Streamlit puts the entry script's folder first on sys.path.
    packages = {
        "demo",
        "lake",
        "ingest",
        "scoring",
        "streamlit",
        "polars",
        "altair",
        "folium",
        "requests",
        "click",
    }
    hidden = [
        str(p) for p in (ROOT / "apps").rglob("*.py") if p.stem in packages and p.parent.name != "commands"
    ]
    assert hidden == []


def test_the_mandated_packages_are_pinned() -> None:
    wanted = dict(
        re.findall(r"^([a-z0-9-]+)==([0-9.]+)$", "\n".join(PROJECT["project"]["dependencies"]), re.M)
    )
    assert {name: wanted.get(name) for name in MANDATED} == MANDATED


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_the_locks_pin_every_dependency(name: str) -> None:
    locked = dict(re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[a-z0-9,-]+\])?==([^ ;\\]+)", text(ROOT / name), re.M))
    locked = {package.lower().replace("_", "-"): version for package, version in locked.items()}
    for package, version in MANDATED.items():
        assert locked.get(package) == version, package
    for requirement in PROJECT["project"]["dependencies"]:
        package = re.split(r"[<>=\[; ]", requirement)[0].lower()
        assert package in locked


def text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")


# Written in pieces so that this file does not mention them either.
UNWANTED = [
    "/" + "work/",
    "/" + "tmp/",
    "/" + "root/",
    ".." + "/shared",
    "--index" + "-url",
    "--extra-index" + "-url",
    "files.python" + "hosted",
    "registry." + "npm",
]


def test_what_a_reader_opens_stays_open_when_a_message_comes_above_it() -> None:
    """An expander without key is another one as soon as something is drawn before it: Streamlit then closes it."""
    unkept = [
        f"{path.name}:{node.lineno}"
        for path in SOURCES
        if path.is_relative_to(ROOT / "apps")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "expander"
        and "key" not in {one.arg for one in node.keywords}
    ]
    assert unkept == []


def test_no_registry_and_no_machine_path_in_the_repository() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {mark}"
        for path in tracked()
        if path.suffix not in {".parquet", ".png", ".gz", ".zip"}
        for mark in UNWANTED
        if mark in text(path)
    ]
    assert found == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    marks = ["pytest." + "skip", "mark." + "skip", "x" + "fail", "import" + "orskip"]
    found = [
        f"{path.relative_to(ROOT)}: {mark}"
        for path in (ROOT / "tests").rglob("*.py")
        for mark in marks
        if mark in text(path)
    ]
    assert found == []


def test_coroutines_of_tests_run_apart() -> None:
    """A browser test leaves its event loop in the worker: a bare ``asyncio.run`` after it fails."""
    bare = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"asyncio.run", "run_until_complete"}
    ]
    assert bare == []


def test_the_tests_that_the_architecture_names_are_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", text(ROOT / "docs/architecture.md")))
    files = "\n".join(text(path) for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 50
    assert sorted(named - set(re.findall(r"^def (test_\w+)", files, re.M))) == []


TOLD = re.compile(r"\bobs (?!-)[a-zé-]+ [a-zé-]")
ALONE = {
    "apps/acces/journal.py": "administrators alone open it",
    "apps/exploitation/lecture.py": "administrators alone are told the cause",
    "apps/exploitation/tableau.py": "administrators alone open it",
    "apps/analyses/lot.py": "in a file, for whoever replays it",
    "apps/convergence/archive.py": "in a file, for whoever computes it again",
    "apps/saisie/archive.py": "in a file, for whoever loads it",
    "apps/saisie/recu.py": "in a file: how its seal is verified",
    "apps/segur/telecharger.py": "a constant that is written where the reader operates",
}
PAGES = [path for path in SOURCES if path.is_relative_to(ROOT / "apps") and "commands" not in path.parts]


def told_commands(path: Path) -> list[str]:
    """Texts of a page's module that name a command, but for advice and remedies, which ask who reads them."""
    tree = ast.parse(path.read_text("utf-8"))
    spoken: set[int] = set()
    for node in ast.walk(tree):
        asked: list[ast.expr] = []
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            asked = [word.value for word in node.keywords if word.arg == "conseil"]
            asked += node.args if called == "remedy" else []
        elif isinstance(node, ast.IfExp) and "operates()" in ast.unparse(node.test):
            asked = [node.body]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            asked = [node.value]  # a docstring
        spoken |= {id(one) for each in asked for one in ast.walk(each)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spoken
        if TOLD.search(node.value)
    ]


def test_commands_are_told_on_screen_to_those_who_can_run_them() -> None:
    found = {str(path.relative_to(ROOT)): told for path in PAGES if (told := told_commands(path))}
    assert found.keys() == ALONE.keys(), found
