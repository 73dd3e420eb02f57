"""A newcomer's first day, on a copy of the sources: a guide followed to the letter, pages made, a source made.

``docs/ajouter-une-vue.md``, ``docs/ajouter-une-dimension.md`` and ``docs/ajouter-une-source.md`` are executed as they
are written, ``obs nouvelle-page`` makes a page of each application; then one run takes every suite that the guides and
the commands tell a newcomer to run.
"""

from __future__ import annotations

import json
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

COPIED = ("apps", "bench", "demo", "docs", "ingest", "lake", "scoring", "tests", ".streamlit")
VIEW = ROOT / "docs" / "ajouter-une-vue.md"
DIMENSION = ROOT / "docs" / "ajouter-une-dimension.md"
STEP = re.compile(
    r"<!-- (?P<kind>[^:\n]+?)(?:: (?P<target>[^|\n]+?)(?: \| (?P<line>[^\n]+?))?)? -->\n"
    r"```\w+\n(?P<code>.*?)```",
    re.DOTALL,
)
SOURCE = ROOT / "docs" / "ajouter-une-source.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NAME = "pharmacies"
PAGES = {
    "annuaire": ("modes-exercice", "professionnels", "mode_exercice"),
    "segur": ("documents-acteurs", "dmp_documents", "type_acteur"),
    "convergence": ("questionnaires", "services_concernes", "questionnaire"),
}
CALLED = """
import json, sys
from click.testing import CliRunner
from apps.cli import obs
for words in json.loads(sys.argv[1]):
    done = CliRunner().invoke(obs, words, catch_exceptions=False)
    if done.exit_code:
        sys.exit(f"obs {' '.join(words)} : {done.output}")
    print(done.stdout, end="")
    print("---")
"""
"""Commands one after the other in one process of the copy: its libraries are loaded once."""


def run(copy: Path, *command: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def told(copy: Path, *commands: list[str], **environment: str) -> list[str]:
    """What each command of ``obs`` prints, on the copy."""
    said = run(copy, "-c", CALLED, json.dumps(commands), **environment)
    return said.split("---\n")[:-1]


def steps(*guides: Path) -> list[dict[str, str]]:
    """The steps of guides, one guide after the other."""
    texts = [guide.read_text(encoding="utf-8") for guide in guides]
    return [match.groupdict() for text in texts for match in STEP.finditer(text)]


def of_the_source(program: str) -> list[list[str]]:
    """The commands of the guide of a source, in order, word by word."""
    lines = [line for block in BLOCK.findall(SOURCE.read_text("utf-8")) for line in block.splitlines()]
    assert all(line.startswith(("obs ", "make test-un T=")) for line in lines), (
        "a command that this test does not run"
    )
    return [shlex.split(line)[1:] for line in lines if line.startswith(f"{program} ")]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which every step of the guides was done and a page was made for each application."""
    made = tmp_path_factory.mktemp("sources") / "projet"
    for folder in COPIED:
        shutil.copytree(ROOT / folder, made / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", made)
    for step in steps(VIEW, DIMENSION):
        if step["kind"] == "fichier":
            (made / step["target"]).write_text(step["code"], encoding="utf-8")
        elif step["kind"] in {"après", "remplace"}:
            path = made / step["target"]
            text = path.read_text(encoding="utf-8")
            line = step["line"] + "\n"
            assert text.count(line) == 1, f"{step['target']} no longer has the line {step['line']!r}"
            new = line + step["code"] if step["kind"] == "après" else step["code"]
            path.write_text(text.replace(line, new), encoding="utf-8")
    pages = [
        ["nouvelle-page", app, name, "--mesure", measure, "--par", axis]
        for app, (name, measure, axis) in PAGES.items()
    ]
    first, *then = of_the_source("obs")
    said = told(made, *pages, first)
    said += told(made, *then)  # another process: these read the source that the first one wrote
    for (app, (name, _, _)), one in zip(PAGES.items(), said, strict=False):
        assert f"Écrit : apps/{app}/{name.replace('-', '_')}.py" in one
    assert f"Écrit : ingest/sources/{NAME}/source.py" in "".join(said)
    assert "Personne ne lit encore cette table" in "".join(said)
    return made


def test_what_is_written_is_laid_out_as_the_project_is(copy: Path) -> None:
    run(copy, "-m", "ruff", "check", "apps", "lake/catalog", "ingest/sources", "tests/pages", "tests/unit")
    run(copy, "-m", "ruff", "format", "--check", "lake/catalog", "ingest/sources", "tests/unit")
    made = [f"apps/{app}/{name.replace('-', '_')}.py" for app, (name, _, _) in PAGES.items()]
    run(copy, "-m", "ruff", "format", "--check", *made)


def test_the_tests_that_a_newcomer_runs_pass(copy: Path, petit_lake: Path, tmp_path: Path) -> None:
    suites = [
        "tests/pages/test_annuaire_modes.py",
        "tests/unit/test_annuaire_joignable.py",
        *(f"tests/pages/test_{app}_{name.replace('-', '_')}.py" for app, (name, _, _) in PAGES.items()),
        *(words[1].removeprefix("T=") for words in of_the_source("make")),
        "tests/pages/test_acces_table.py",
        "tests/pages/test_kit_page.py",
        "tests/architecture/test_imports.py",
    ]
    assert len(suites) == 11
    options = ("-q", "-p", "no:cacheprovider", "--show-capture=no", f"--lacs={petit_lake.parent}")
    said = run(copy, "-m", "pytest", *options, *dict.fromkeys(suites), f"--basetemp={tmp_path}/essais")
    assert " passed" in said


def test_the_guide_has_every_kind_of_step() -> None:
    assert [step["kind"] for step in steps(VIEW)] == [
        "fichier", "après", "après", "remplace", "commande", "fichier", "après", "commande",
    ]  # fmt: skip
    assert [step["kind"] for step in steps(DIMENSION)] == [
        "après", "commande", "après", "commande", "après", "fichier",
    ]  # fmt: skip


def test_the_new_page_shows_the_figures_of_the_command_and_every_command_answers(
    copy: Path, petit_lake: Path
) -> None:
    script = (
        "from tests.pages.drawing import draw_page; from pathlib import Path; import sys\n"
        "page = draw_page('annuaire', 'modes', Path(sys.argv[1]), profession=['60'])\n"
        "print(page.title, page.figures['Professionnels'], page.reading, sep='|')"
    )
    title, count, reading = run(copy, "-c", script, str(petit_lake)).strip().split("|")
    assert title == "Comment exercent les infirmiers\u202f?"
    asked = [
        "obs query annuaire --mesure professionnels --filtre profession=60",
        "obs query annuaire --mesure communes_desservies",
        "obs query annuaire --mesure activites --par code_commune",
        *(step["code"].strip() for step in steps(VIEW, DIMENSION) if step["kind"] == "commande"),
    ]
    assert all(one.startswith("obs ") for one in asked)
    commands = [[*shlex.split(one)[1:], "--format", "csv"] for one in asked]
    [[whole], [total], served, *others] = [
        text.splitlines()[1:] for text in told(copy, *commands, OBS_LAKE=str(petit_lake))
    ]
    assert count.replace("\u202f", "") == whole
    assert reading.startswith("Grand Est\u202f:")
    assert int(total) == len([line for line in served if not line.startswith(",")])
    assert len(others) == 4
    assert all(others)
    by_phone = {name: int(count) for name, count in (line.split(",") for line in others[-1])}
    assert by_phone["oui"] + by_phone["non"] > by_phone[""] > max(by_phone["oui"], by_phone["non"])


def test_an_operator_ingests_the_new_source_and_refused_lines_say_why(copy: Path, tmp_path: Path) -> None:
    file = tmp_path / "pharmacies.csv"
    lines = [
        "01004;Centre;3;12,5",
        "67482;Gare;x;1",
        "67482;Gare;;",
        *(f"67{n:03};P{n};1;1" for n in range(100)),
    ]
    file.write_text("Code commune;Nom;Places;Surface\n" + "\n".join(lines) + "\n", encoding="cp1252")
    lake = {"OBS_LAKE": str(tmp_path / "lac"), "OBS_STORE": f"sqlite:///{tmp_path}/base.db"}
    report, refused = told(copy, ["ingest", NAME, str(file)], ["lake", "rejets", "--source", NAME], **lake)
    assert "103 lues = 101 publiées + 0 doublons + 0 hors région + 2 rejetées" in report.replace(
        "\u202f", " "
    )
    assert "places : « x » n'est pas un nombre" in refused
    assert "clé déjà donnée" in refused


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
def test_a_page_that_cannot_be_made_is_said_and_nothing_is_written(words: tuple[str, ...], said: str) -> None:
    before = (ROOT / "apps" / "annuaire" / "declaration.py").read_text("utf-8")
    result = CliRunner().invoke(obs, ["nouvelle-page", *words])
    assert result.exit_code != 0
    assert said in f"{result.output} {result.exception}"
    assert (ROOT / "apps" / "annuaire" / "declaration.py").read_text("utf-8") == before


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
def test_a_source_that_cannot_be_made_is_said_and_nothing_is_written(
    words: tuple[str, ...], said: str
) -> None:
    before = (ROOT / "ingest" / "sources" / "__init__.py").read_text("utf-8")
    result = CliRunner().invoke(obs, ["nouvelle-source", words[0], "--titre", "Essai", *words[1:]])
    assert result.exit_code != 0
    assert said in f"{result.output} {result.exception}"
    assert (ROOT / "ingest" / "sources" / "__init__.py").read_text("utf-8") == before
