"""``obs nouvelle-page``, on a copy of the sources: what it writes runs, and passes what a newcomer would run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from apps.cli import obs
from tests.demo_lake import ROOT

PAGES = {
    "annuaire": ("modes", "professionnels", "mode_exercice"),
    "segur": ("documents-acteurs", "dmp_documents", "type_acteur"),
    "convergence": ("questionnaires", "services_concernes", "questionnaire"),
}


def run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources in which a page was made for each application."""
    made = tmp_path_factory.mktemp("sources") / "projet"
    for folder in ("apps", "bench", "demo", "docs", "ingest", "lake", "scoring", "tests", ".streamlit"):
        shutil.copytree(ROOT / folder, made / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", made)
    for app, (name, measure, axis) in PAGES.items():
        done = run(made, "-m", "apps.cli", "nouvelle-page", app, name, "--mesure", measure, "--par", axis)
        assert done.returncode == 0, done.stderr
        assert f"Écrit : apps/{app}/{name.replace('-', '_')}.py" in done.stdout
    return made


def test_what_is_written_is_laid_out_as_the_project_is(copy: Path) -> None:
    for words in (("check",), ("format", "--check")):
        done = run(copy, "-m", "ruff", *words, "apps", "tests/pages")
        assert done.returncode == 0, done.stdout


def test_the_tests_that_a_newcomer_runs_pass(copy: Path, petit_lake: Path) -> None:
    made = [f"tests/pages/test_{app}_{name.replace('-', '_')}.py" for app, (name, _, _) in PAGES.items()]
    suites = [
        *made,
        "tests/pages/test_acces_table.py",
        "tests/pages/test_kit_page.py",
        "tests/architecture/test_imports.py",
    ]
    base = petit_lake.parent.parent / "nouvelle-page"
    done = run(
        copy,
        "-m",
        "pytest",
        "-q",
        *suites,
        f"--lacs={petit_lake.parent}",
        f"--basetemp={base}",
        "--show-capture=no",
    )
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("annuaire", "Modes d'exercice", "--mesure", "sites", "--par", "profession"),
            "n'est pas un nom d'adresse",
        ),
        (("annuaire", "modes", "--mesure", "site", "--par", "profession"), "« site »"),
        (("annuaire", "modes", "--mesure", "sites", "--par", "metier"), "« metier »"),
        (("cartes", "modes", "--mesure", "sites", "--par", "profession"), "« cartes »"),
        (
            ("annuaire", "carte", "--mesure", "sites", "--par", "profession"),
            "apps/annuaire/carte.py existe déjà",
        ),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_is_written(words: tuple[str, ...], said: str) -> None:
    before = (ROOT / "apps" / "annuaire" / "declaration.py").read_text("utf-8")
    result = CliRunner().invoke(obs, ["nouvelle-page", *words])
    assert result.exit_code != 0
    assert said in f"{result.output} {result.exception}"
    assert (ROOT / "apps" / "annuaire" / "declaration.py").read_text("utf-8") == before
