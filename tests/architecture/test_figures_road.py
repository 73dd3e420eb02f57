"""Every figure under ``apps/`` is a universe's answer: no scoring function is called there, no table is read.

A ratchet: what still scores or reads is listed here, by module. A module that no longer does leaves the list, else the
test fails too; nobody joins it.
"""

from __future__ import annotations

import ast
from pathlib import Path

APPS = Path(__file__).resolve().parents[2] / "apps"
# The command line is the operator's, and the one place that reads for pages.
OUTSIDE = ("commands/", "kit/data/", "cli.py")

STILL_SCORING = {
    "kit/views/figures.py": {"scoring.trends.months"},  # how a value moved, from figures already asked
    "segur/analyses.py": {
        "scoring.trends.contributions",
        "scoring.trends.ranking",
        "scoring.trends.targets",
    },
    "segur/objectifs.py": {"scoring.trends.targets"},
}
WRITINGS = {
    "annuaire/scenario_actions.py": {"scoring.reach.scenario"},  # the actions of a scenario, in an address
    # A régulateur's question is asked of agendas in the store, now: it is no figure of the lake. (The measures that
    # the lake publishes of it are universes like others.)
    "sas/questions.py": {
        "scoring.sas",
        "scoring.sas.horizons",
        "scoring.sas.ordre",
        "scoring.sas.ouverture",
        "scoring.sas.rayons",
        "scoring.sas.recherche",
    },
    "sas/consultation.py": {
        "scoring.sas.horizons",
        "scoring.sas.ordre",
        "scoring.sas.plus_tot",
        "scoring.sas.recherche",
    },
    "sas/liste.py": {"scoring.sas.horizons", "scoring.sas.recherche"},
    "sas/carte.py": {"scoring.sas.recherche"},
    "sas/words.py": {"scoring.sas.rayons"},
    "sas/reservation.py": {"scoring.sas.recherche"},
    "sas/attente.py": {"scoring.sas.recherche"},
    "sas/editeurs.py": {"scoring.sas.recherche"},
    "annuaire/diagnostic/filter.py": {"scoring.annuaire.territory"},  # a pasted list of codes
}
"""What writes or reads a question, not an answer."""
ENTRY = {
    "saisie/archive.py": {"scoring.convergence.usages"},
    "saisie/calcul.py": {
        "scoring.convergence.answers",
        "scoring.convergence.usages",
        "scoring.saisie.completion",
        "scoring.saisie.effet",
        "scoring.saisie.glissement",
    },
    "saisie/cloture.py": {"scoring.convergence.usages"},
    "saisie/comparaison.py": {"scoring.convergence.usages", "scoring.saisie.effet"},
    "saisie/conseils.py": {
        "scoring.convergence.answers",
        "scoring.saisie.coherence",
        "scoring.saisie.completion",
        "scoring.saisie.effet",
    },
    "saisie/criteres.py": {"scoring.convergence.usages"},
    "saisie/publication.py": {"scoring.saisie.publication"},
    "saisie/referentiels.py": {"scoring.saisie.correspondance", "scoring.saisie.referentiel"},
    "saisie/tableur.py": {
        "scoring.convergence.rules",
        "scoring.convergence.usages",
        "scoring.saisie.completion",
    },
    "saisie/trajectoire.py": {
        "scoring.convergence.rules",
        "scoring.convergence.usages",
        "scoring.saisie.effet",
        "scoring.saisie.glissement",
    },
    "saisie/valides.py": {"scoring.saisie.correspondance"},
}
"""The entry computes on drafts, which no universe may hold: whoever answers sees what an answer changes before anybody
else does. Its validated answers reach every other page through the universe, as a campaign."""
TYPES = {"scoring.saisie.referentiel", "scoring.saisie.volets"}
"""What the entry hands around: a version of its questions, and the side that they are of."""
STILL_READING = {
    "acces/reperes.py",  # values of a narrowing, for who manages accounts
    "annuaire/donnees.py",  # how many lines each table holds
    "segur/notice.py",  # refused lines
}
OPEN_DATA = {
    "kit/maps/france.py",
    "kit/maps/outlines.py",
    "kit/maps/point_route.py",
    "kit/maps/points.py",
    "kit/views/plan.py",
    "kit/views/words.py",
}
"""Outlines and names of territories, and the calendar of months: everyone's, drawn and not counted."""
NO_FIGURES = ("scoring.universes", "scoring.droits", "scoring.analyses")
"""What is asked and by whom; what an analysis says and which drawing suits it: no figure is made there."""


def sources() -> dict[str, ast.Module]:
    found = {}
    for path in sorted(APPS.rglob("*.py")):
        name = path.relative_to(APPS).as_posix()
        if not name.startswith(OUTSIDE):
            found[name] = ast.parse(path.read_text("utf-8"))
    return found


def scored(tree: ast.Module) -> set[str]:
    """The modules of scoring imported, the universes apart."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            within = [f"{node.module}.{one.name}" for one in node.names] if node.module == "scoring" else []
            names |= {*within, node.module} if node.module != "scoring" else set(within)
        elif isinstance(node, ast.Import):
            names |= {one.name for one in node.names}
    return {name for name in names if name.startswith("scoring.") and not name.startswith(NO_FIGURES)}


def reads(tree: ast.Module) -> bool:
    """Whether a table is scanned."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "scan"
        for node in ast.walk(tree)
    )


def test_no_page_scores() -> None:
    found = {name: modules for name, tree in sources().items() if (modules := scored(tree))}
    entry = {name: found.pop(name) - TYPES for name in list(found) if name.startswith("saisie/")}
    assert found == {**STILL_SCORING, **WRITINGS}
    assert {name: modules for name, modules in entry.items() if modules} == {
        name: kept for name, modules in ENTRY.items() if (kept := modules - TYPES)
    }


def test_no_page_reads_a_table() -> None:
    assert {name for name, tree in sources().items() if reads(tree)} == STILL_READING | OPEN_DATA


def test_no_page_asks_the_engine_by_itself() -> None:
    """The reader's view does: with the reader's rights, and telling what they narrowed."""
    asking = {
        name
        for name, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module in ("scoring.universes.engine", "scoring.universes.answer")
    }
    rights = {"kit/access/access.py", "kit/pages/sheet.py", "kit/shell/draw.py"}
    assert asking == rights, "who carries the rights: a reader's Lecture, and whose rights open a universe"
