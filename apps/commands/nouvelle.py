"""``obs nouvelle-page``: a page that runs, declared, in the table of rights, with its test; the rest is to be written.

For developers, on the sources: what is written is code of the project, to be read and changed.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from apps.commands.french import Command
from lake.errors import LakeError, UnknownName
from scoring.universes.model import Axis, Measure, Rhythm, Universe
from scoring.universes.registry import universe

ROOT = Path(__file__).resolve().parents[2]
APPS = ("annuaire", "segur", "convergence")
# Where a declaration lists its pages: the first of these that it holds.
_LISTS = ("for page in (", "REPORT = (", "PAGES = (")

PAGE = '''"""« {title} »: {measure} by {axis}."""

from __future__ import annotations

from apps.kit.data.view import View
from apps.kit.filters.filters import Choice, {time}
{more_imports}from apps.kit.pages.page import Block, Page
from apps.kit.views.figures import KeyFigures
from apps.kit.views.gallery import {gallery}
from apps.kit.views.words import where, write
from scoring.universes.{app} import {constant}


def reading(view: View) -> str:
    """The greatest value, in one sentence."""
    rows = view.query(["{measure}"], ["{axis}"]).drop_nulls().sort("{measure}", descending=True)
    if not rows.height:
        return f"{{where(view)}} : rien ne répond à ces filtres."
    first = rows.row(0, named=True)
    value = write(view, "{measure}", first["{measure}"])
    return f"{{where(view)}} : {{view.word('{axis}', first['{axis}'])}}, {{value}}."


{name_constant} = Page(
    name="{name}",
    title="{title}",
    question="{question}",
    reading=reading,
    universe={constant},
{head}    filters=({filters}),
    figures=KeyFigures(("{measure}",)),
    rows=(
        Block("classement", Ranked("{measure}", "{axis}", "{ranked}")),
        Block("tableau", Values(("{measure}",), "{axis}", "En chiffres")),
    ),
)
'''

TEST = '''"""The « {title} » page says what the command line says."""

from __future__ import annotations

from pathlib import Path

from apps.kit.style.french import typographic
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.engine import query
from scoring.universes.registry import universe
from scoring.universes.selection import Selection
from tests.pages.drawing import draw_page


def test_the_sentence_names_what_is_first(petit_lake: Path) -> None:
    photo = Lake(Settings(lake=str(petit_lake))).snapshot()
    counted = universe("{app}", photo.scan)
    rows = query(counted, photo.scan, Selection(), ["{measure}"], ["{axis}"]).collect()
    first = rows.drop_nulls().sort("{measure}", descending=True).row(0, named=True)

    page = draw_page("{app}", "{name}", petit_lake)

    assert page.title == typographic("{question}")
    assert typographic(counted.axis("{axis}").word(first["{axis}"])) in page.reading
    assert [header.value for header in page.at.header] == [typographic("{ranked}"), "En chiffres"]
'''


@dataclass(frozen=True)
class Wanted:
    """What was asked, checked."""

    app: str
    name: str
    title: str
    question: str
    universe: Universe
    measure: Measure
    axis: Axis


@click.command("nouvelle-page", cls=Command)
@click.argument("app", metavar="APP", help="Application : annuaire, segur ou convergence.")
@click.argument("nom", metavar="NOM", help="Nom dans l'adresse : minuscules et tirets (modes-exercice).")
@click.option("--mesure", metavar="M", required=True, help="Mesure montrée (obs univers APP les liste).")
@click.option("--par", metavar="D", required=True, help="Dimension par laquelle elle est répartie.")
@click.option("--titre", metavar="TITRE", default="", help="Titre au menu (défaut : tiré du nom).")
@click.option("--question", metavar="QUESTION", default="", help="Titre de la page : la question posée.")
def new_page_command(app: str, nom: str, mesure: str, par: str, titre: str, question: str) -> None:
    """Écrit une page qui fonctionne, sa déclaration, sa ligne dans la table des droits et son test."""
    written = new_page(ROOT, _checked(app, nom, mesure, par, titre, question))
    laid_out(ROOT, written)
    for path in written:
        click.echo(f"Écrit : {path}")
    click.echo(f"Essayez : make test-un T=tests/pages/test_{app}_{nom.replace('-', '_')}.py, puis make dev.")


def _checked(app: str, name: str, measure: str, axis: str, title: str, question: str) -> Wanted:
    if app not in APPS:
        raise UnknownName("application", app, APPS)
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise LakeError(
            f"« {name} » n'est pas un nom d'adresse.",
            conseil="Des minuscules sans accent, des chiffres et des tirets : modes-exercice.",
        )
    counted = universe(app)
    found, by = counted.measure(measure), counted.axis(axis)
    shown = title or name.replace("-", " ").capitalize()
    asked = question or f"{found.label} : comment se répartissent-ils par {by.label.lower()} ?"
    return Wanted(app, name, shown, asked, counted, found, by)


def new_page(root: Path, wanted: Wanted) -> list[Path]:
    """Write the page, its declaration, its line of rights and its test.

    Args:
        root: the folder of the sources.
        wanted: what was asked.

    Returns:
        The files written, from the root.

    Raises:
        LakeError: these are no sources, or the page exists.
    """
    module = wanted.name.replace("-", "_")
    constant = f"{module.upper()}_PAGE"
    page = root / "apps" / wanted.app / f"{module}.py"
    declaration = root / "apps" / wanted.app / "declaration.py"
    rights = root / "tests" / "pages" / "test_acces_table.py"
    test = root / "tests" / "pages" / f"test_{wanted.app}_{module}.py"
    for needed in (declaration, rights):
        if not needed.is_file():
            raise LakeError(
                f"{needed.relative_to(root)} est introuvable : ce ne sont pas les sources.",
                conseil="Lancez la commande depuis une copie du dépôt, installée par make dev.",
            )
    for made in (page, test):
        if made.exists():
            raise LakeError(f"{made.relative_to(root)} existe déjà.", conseil="Choisissez un autre nom.")
    words = {
        "app": wanted.app,
        "name": wanted.name,
        "title": wanted.title,
        "question": wanted.question,
        "measure": wanted.measure.name,
        "axis": wanted.axis.name,
        "ranked": f"Par {wanted.axis.label.lower()}",
        "constant": wanted.app.upper(),
        "name_constant": constant,
        "gallery": "Ranked, Values",
        **_filters(wanted),
    }
    page.write_text(PAGE.format(**words), "utf-8")
    test.write_text(TEST.format(**words), "utf-8")
    text = declaration.read_text("utf-8")
    declaration.write_text(_declared(text, f"apps.{wanted.app}.{module}", constant), "utf-8")
    table = rights.read_text("utf-8")
    before = f'"""{wanted.app}-'
    rights.write_text(
        table.replace(before, f'"""{wanted.app}-{wanted.name}\n        {wanted.app}-', 1), "utf-8"
    )
    return [path.relative_to(root) for path in (page, declaration, rights, test)]


def laid_out(root: Path, paths: list[Path]) -> None:
    """Lay the files out as the project does, where its tools are installed (make dev installs them)."""
    if importlib.util.find_spec("ruff") is None:
        return
    names = [str(path) for path in paths]
    for words in (["check", "--select", "I", "--fix-only", "-q"], ["format", "-q"]):
        subprocess.run([sys.executable, "-m", "ruff", *words, *names], cwd=root, check=False)


def _filters(wanted: Wanted) -> dict[str, str]:
    """How time and territory are chosen in the universe."""
    monthly = wanted.universe.rhythm is Rhythm.MONTHLY
    own = f'Choice("{wanted.axis.name}"), ' if wanted.axis.territory is None else ""
    if monthly:
        return {
            "time": "Months",
            "more_imports": "from apps.kit.filters.regions import Regions\n",
            "head": "    head=(Months(),),\n",
            "filters": f"Regions(), {own}",
        }
    place = "Territory(), " if wanted.app == "annuaire" else ""
    return {
        "time": "Snapshot, Territory" if place else "Snapshot",
        "more_imports": "",
        "head": "",
        "filters": f"{place}{own}Snapshot()",
    }


def _declared(text: str, module: str, constant: str) -> str:
    """The declaration with the page imported, and last in its list: the first one is the application's home."""
    opening = next(one for one in _LISTS if one in text)
    start = text.index(opening) + len(opening)
    depth, end = 1, start
    while depth:
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    inside = text[start : end - 1].rstrip()
    joined = f"{inside} {constant}," if inside.endswith(",") else f"{inside}, {constant}"
    text = text[:start] + joined + text[end - 1 :]
    imports = [found.end() for found in re.finditer(r"^from apps\.\w+\.\w+ import .+\n", text, re.M)]
    return text[: imports[0]] + f"from {module} import {constant}\n" + text[imports[0] :]
