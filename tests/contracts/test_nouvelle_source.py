"""``docs/ajouter-une-source.md`` to the letter, on a copy of the sources: what it makes ingests and passes tests."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from apps.cli import obs
from tests.demo_lake import ROOT

NAME = "pharmacies"
GUIDE = ROOT / "docs" / "ajouter-une-source.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def commands(program: str) -> list[list[str]]:
    """The commands of the guide, in order, word by word."""
    lines = [line for block in BLOCK.findall(GUIDE.read_text("utf-8")) for line in block.splitlines()]
    assert all(line.startswith(("obs ", "make test-un T=")) for line in lines), (
        "a command that this test does not run"
    )
    return [shlex.split(line)[1:] for line in lines if line.startswith(f"{program} ")]


def run(copy: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources on which the guide was followed."""
    made = tmp_path_factory.mktemp("sources") / "projet"
    for folder in ("apps", "bench", "demo", "docs", "ingest", "lake", "scoring", "tests", ".streamlit"):
        shutil.copytree(ROOT / folder, made / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", made)
    told = ""
    for words in commands("obs"):
        done = run(made, "-m", "apps.cli", *words)
        assert done.returncode == 0, (words, done.stderr)
        told += done.stdout
    assert f"Écrit : ingest/sources/{NAME}/source.py" in told
    assert "Personne ne lit encore cette table" in told
    return made


def test_what_is_written_is_laid_out_as_the_project_is(copy: Path) -> None:
    for words in (("check",), ("format", "--check")):
        done = run(copy, "-m", "ruff", *words, "lake/catalog", "ingest/sources", "tests/unit")
        assert done.returncode == 0, done.stdout


def test_the_tests_that_a_newcomer_runs_pass(copy: Path, tmp_path: Path) -> None:
    suites = [words[1].removeprefix("T=") for words in commands("make")]
    assert len(suites) == 3
    done = run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", *suites, f"--basetemp={tmp_path}/essais")
    assert done.returncode == 0, done.stdout[-3000:]


def test_an_operator_ingests_it_and_refused_lines_say_why(copy: Path, tmp_path: Path) -> None:
    file = tmp_path / "pharmacies.csv"
    lines = [
        "01004;Centre;3;12,5",
        "67482;Gare;x;1",
        "67482;Gare;;",
        *(f"67{n:03};P{n};1;1" for n in range(100)),
    ]
    file.write_text("Code commune;Nom;Places;Surface\n" + "\n".join(lines) + "\n", encoding="cp1252")
    lake = {"OBS_LAKE": str(tmp_path / "lac"), "OBS_STORE": f"sqlite:///{tmp_path}/base.db"}
    done = run(copy, "-m", "apps.cli", "ingest", NAME, str(file), **lake)
    assert done.returncode == 0, done.stderr
    assert "103 lues = 101 publiées + 0 doublons + 0 hors région + 2 rejetées" in done.stdout.replace(
        "\u202f", " "
    )
    refused = run(copy, "-m", "apps.cli", "lake", "rejets", "--source", NAME, **lake).stdout
    assert "places : « x » n'est pas un nombre" in refused
    assert "clé déjà donnée" in refused


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Pharmacies de garde", "--colonnes", "code", "--cle", "code"), "n'est pas un nom de source"),
        (("segur", "--colonnes", "code", "--cle", "code"), "Le domaine segur existe déjà"),
        (("gardes", "--colonnes", "Code", "--cle", "Code"), "n'est pas un nom de colonne"),
        (("gardes", "--colonnes", "code:nombre", "--cle", "code"), "« nombre »"),
        (("gardes", "--colonnes", "code_commune:entier", "--cle", "code_commune"), "est un code"),
        (("gardes", "--colonnes", "code", "--cle", "cod"), "« cod »"),
        (("gardes", "--colonnes", "places:entier", "--cle", "places"), "colonnes de texte"),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_is_written(words: tuple[str, ...], said: str) -> None:
    before = (ROOT / "ingest" / "sources" / "__init__.py").read_text("utf-8")
    result = CliRunner().invoke(obs, ["nouvelle-source", words[0], "--titre", "Essai", *words[1:]])
    assert result.exit_code != 0
    assert said in f"{result.output} {result.exception}"
    assert (ROOT / "ingest" / "sources" / "__init__.py").read_text("utf-8") == before
