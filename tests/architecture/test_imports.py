"""Who may import whom: the house's five rules, by import-linter and by reading every import."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("apps", "demo", "ingest", "lake", "scoring")
# Only these see every app.
COMPOSERS = {"apps.asgi", "apps.portal", "apps.cli"}
SHARED = {"kit", "commands"}
HOMES = {
    "streamlit": "apps",
    "boto3": "lake.objects",
    "botocore": "lake.objects",
    "deltalake": "lake.tables",
    "sqlalchemy": "lake.store",
    "pyspark": "lake.spark",
    "pysail": "lake.spark",
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, ast.parse(path.read_text("utf-8"))


def imports() -> Iterator[tuple[str, str]]:
    """(module, what it imports), in functions too."""
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield name, alias.name
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield name, node.module
                for alias in node.names:
                    yield name, f"{node.module}.{alias.name}"


EDGES = list(imports())


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def breaking(source: str, *targets: str, but: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [
        (name, target)
        for name, target in EDGES
        if inside(name, source) and any(inside(target, one) for one in targets) and name not in but
    ]


def test_import_linter_keeps_every_contract() -> None:
    # Run as a command: its report names the broken chain.
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_rooms_are_seen_one_way_only() -> None:
    assert breaking("lake", "apps", "demo", "ingest", "scoring") == []
    assert breaking("scoring", "apps", "demo", "ingest") == []
    assert breaking("ingest", "apps", "demo") == []
    assert breaking("demo", "apps") == []


def test_only_the_command_line_sees_ingest() -> None:
    assert breaking("apps", "demo", "ingest", but=("apps.cli", "apps.commands.demo")) == []


def test_each_library_has_its_home() -> None:
    for library, home in HOMES.items():
        strangers = [name for name, target in EDGES if inside(target, library) and not inside(name, home)]
        assert strangers == [], library


def test_apps_do_not_import_one_another() -> None:
    folders = {path.name for path in (ROOT / "apps").iterdir() if (path / "__init__.py").is_file()}
    apps = folders - SHARED
    assert "annuaire" in apps
    for app in apps:
        others = [f"apps.{other}" for other in apps - {app}]
        assert breaking(f"apps.{app}", *others, *COMPOSERS, "apps.commands") == []
    assert breaking("apps.kit", *(f"apps.{app}" for app in apps), *COMPOSERS, "apps.commands") == []


def test_scoring_sees_contracts_never_storage() -> None:
    storage = ("lake.tables", "lake.objects", "lake.s3", "lake.store", "lake.settings")
    assert breaking("scoring", *storage) == []
    opens = [
        (name, node.lineno)
        for name, tree in modules()
        if inside(name, "scoring")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open"
    ]
    assert opens == []


def test_no_relative_import() -> None:
    for name, tree in modules():
        relative = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.level]
        assert relative == [], name


def test_only_the_settings_read_the_lake_s_variables() -> None:
    for name, tree in modules():
        if name == "lake.settings":
            continue
        texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        reads = [text for text in texts if text in {"OBS_LAKE", "OBS_STORE", "OBS_REGION", "OBS_GEOCODEUR"}]
        assert reads == [], name


def test_no_python_function_runs_inside_polars_in_what_is_served() -> None:
    # One session that holds the interpreter's lock and waits for Polars' threads, another whose function in those
    # threads waits for the lock: the server stops answering for good.
    inside_polars = {"map_elements", "map_batches", "map_groups", "map_rows", "map_columns"}
    found = [
        (name, node.lineno)
        for name, tree in modules()
        if inside(name, "apps") or inside(name, "scoring") or inside(name, "lake")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in inside_polars
    ]
    assert found == []
