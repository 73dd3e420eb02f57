"""Plausible faults of a page: what a hurried hand writes and a reader would believe.

Each operator reads a module's tree and proposes replacements of its text. None breaks a name or a type: a mutant
that does not run proves nothing about what tests see.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

OPPOSITES = (
    ("le plus haut", "le plus bas"), ("la plus haute", "la plus basse"), ("plus forte", "plus faible"),
    ("plus élevé", "plus bas"), ("la plus loin", "la plus proche"), ("plus loin", "plus près"),
    ("les mieux", "les moins bien"), ("les plus", "les moins"), ("hausse", "baisse"), ("arrivées", "départs"),
    ("entrées", "sorties"), ("au-dessus", "au-dessous"), ("avant", "après"), ("En tête", "En queue"),
    ("premier", "dernier"), ("borne basse", "borne haute"), ("minimum", "maximum"), ("atteint", "attendu"),
    ("émis", "reçus"), ("gagne", "perd"),
)  # fmt: skip
"""Words that a sentence or a heading may exchange."""


@dataclass(frozen=True)
class Fault:
    """One replacement in one file.

    Attributes:
        path: the file, from the root of the project.
        line: where it stands.
        start: offset of the text replaced.
        end: its end.
        new: what stands there instead.
        kind: the operator.
        said: what it does, in a few words.
    """

    path: str
    line: int
    start: int
    end: int
    new: str
    kind: str
    said: str

    def planted(self, text: str) -> str:
        """The module with the fault in it."""
        return text[: self.start] + self.new + text[self.end :]


class Module:
    """A module's text and tree, with offsets in characters."""

    def __init__(self, root: Path, path: str) -> None:
        self.path = path
        self.text = (root / path).read_text("utf-8")
        self.tree = ast.parse(self.text)
        self._starts = [0]
        for line in self.text.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._lines = self.text.splitlines(keepends=True)
        self._docstrings = {
            id(found) for node in ast.walk(self.tree) if (found := _docstring(node)) is not None
        }

    def span(self, node: ast.expr | ast.keyword) -> tuple[int, int]:
        """Where a node stands in the text."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._at(node.lineno, node.col_offset), self._at(node.end_lineno, node.end_col_offset)

    def _at(self, line: int, column: int) -> int:
        # The tree counts bytes of UTF-8; the text is in characters.
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())

    def source(self, node: ast.expr) -> str:
        """A node's own text."""
        start, end = self.span(node)
        return self.text[start:end]

    def fault(self, node: ast.expr | ast.keyword, new: str, kind: str, said: str) -> Fault:
        """A fault that replaces a node."""
        start, end = self.span(node)
        return Fault(self.path, node.lineno, start, end, new, kind, said)

    def words(self) -> Iterator[ast.Constant]:
        """The texts of the module that are not its documentation."""
        for node in ast.walk(self.tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in self._docstrings
            ):
                yield node


def _docstring(node: ast.AST) -> ast.expr | None:
    if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) and node.body:
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            return first.value
    return None


def order(module: Module) -> Iterator[Fault]:
    """A sort turned round: the least served shown as the best."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and _named(node) in ("sort", "sorted"):
            for keyword in node.keywords:
                if keyword.arg in ("descending", "reverse") and isinstance(keyword.value, ast.Constant):
                    yield module.fault(keyword.value, str(not keyword.value.value), "ordre", "tri retourné")


def ends(module: Module) -> Iterator[Fault]:
    """The first rows exchanged with the last: bars that keep the last twenty."""
    other = {"head": "tail", "tail": "head", "max": "min", "min": "max"}
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("max", "min")
            and any(one.arg == "key" for one in node.keywords)
        ):
            new = other[node.func.id]
            yield module.fault(node.func, new, "bouts", f"{node.func.id} devient {new}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in other:
            if node.func.attr in ("max", "min") and node.args:
                continue
            value, attr = module.source(node.func.value), node.func.attr
            new = f"{value}.{other[attr]}"
            yield module.fault(node.func, new, "bouts", f"{attr} devient {other[attr]}")


def rows(module: Module) -> Iterator[Fault]:
    """The first row read for the last: « la plus loin » names the nearest."""
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Call)
            and _named(node) == "row"
            and node.args
            and (number := _number(node.args[0])) in (0, -1)
        ):
            yield module.fault(
                node.args[0], "-1" if number == 0 else "0", "rang", "première pour dernière ligne"
            )


def sign(module: Module) -> Iterator[Fault]:
    """A difference taken the wrong way round."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            left, right = module.source(node.left), module.source(node.right)
            if "pl.col" in left and "pl.col" in right:
                yield module.fault(node, f"{right} - {left}", "signe", "écart de signe contraire")


def headings(module: Module) -> Iterator[Fault]:
    """Two neighbouring columns under each other's heading."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Tuple | ast.List):
            continue
        columns = [
            one
            for one in node.elts
            if isinstance(one, ast.Call)
            and _named(one) == "Column"
            and len(one.args) > 1
            and isinstance(one.args[1], ast.Constant)
        ]
        for one, other in pairwise(columns):
            start, end = module.span(one.args[1])[0], module.span(other.args[1])[1]
            first, second = module.source(one.args[1]), module.source(other.args[1])
            between = module.text[module.span(one.args[1])[1] : module.span(other.args[1])[0]]
            new = second + between + first
            said = f"en-têtes échangés : {first} et {second}"
            yield Fault(module.path, one.lineno, start, end, new, "en-têtes", said)


def words(module: Module) -> Iterator[Fault]:
    """A word of a sentence exchanged with its opposite."""
    for node in module.words():
        source = module.source(node)
        for pair in OPPOSITES:
            for one, other in (pair, pair[::-1]):
                if re.search(rf"\b{one}\b", source):
                    new = re.sub(rf"\b{one}\b", other, source, count=1)
                    yield module.fault(node, new, "mots", f"« {one} » devient « {other} »")
                    break


def filters(module: Module) -> Iterator[Fault]:
    """A filter forgotten: criteria of every questionnaire, rows of every region."""
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("filter", "drop_nulls", "with_filter")
            and node.args
        ):
            yield module.fault(node, module.source(node.func.value), "filtre", f"{node.func.attr} oublié")


def conditions(module: Module) -> Iterator[Fault]:
    """A condition of a list forgotten: closed services among those that answer."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp):
            for loop in node.generators:
                if len(loop.ifs) == 1 and not _narrows(loop.ifs[0]):
                    yield module.fault(loop.ifs[0], "True", "condition", "condition d’une liste oubliée")


def _narrows(node: ast.expr) -> bool:
    """Whether a condition keeps what has a type or is not None: without it the list would not run."""
    return any(
        isinstance(one, ast.NamedExpr | ast.Is | ast.IsNot)
        or (isinstance(one, ast.Call) and _named(one) in ("isinstance", "hasattr"))
        for one in ast.walk(node)
    )


def branches(module: Module) -> Iterator[Fault]:
    """Two texts of a choice exchanged: what is said of one, and what is said of the other."""
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.IfExp)
            and all(_text(one) for one in (node.body, node.orelse))
            and not ({one.id for one in _names(node.body)} & {one.id for one in _names(node.test)})
        ):
            one, test, other = (module.source(part) for part in (node.body, node.test, node.orelse))
            yield module.fault(node, f"{other} if {test} else {one}", "branches", f"{other} au lieu de {one}")


def _text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > 1
    )


def _names(node: ast.expr) -> Iterator[ast.Name]:
    return (one for one in ast.walk(node) if isinstance(one, ast.Name))


def measures(module: Module) -> Iterator[Fault]:
    """A figure taken from the measure next to it."""
    pattern = re.compile(r"^(psc|insi|dmp|mss|certificats|cartes|asp)_[a-z_]+$")
    listed = {
        "niveau_maturite": "taux_maturite_pct", "professionnels": "activites", "sites": "activites",
        "densite_pour_10000": "professionnels", "part_localises": "densite_pour_10000",
    }  # fmt: skip
    found = [node for node in module.words() if pattern.match(str(node.value))]
    names = list(dict.fromkeys(str(node.value) for node in found))
    for node in found:
        family = [name for name in names if name.split("_")[0] == str(node.value).split("_")[0]]
        if len(family) > 1:
            other = family[(family.index(str(node.value)) + 1) % len(family)]
            yield module.fault(node, f'"{other}"', "mesure", f"{node.value} devient {other}")
    for node in module.words():
        if node.value in listed:
            new = listed[str(node.value)]
            yield module.fault(node, f'"{new}"', "mesure", f"{node.value} devient {new}")


def counts(module: Module) -> Iterator[Fault]:
    """A count one too many in a sentence."""
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Call)
            and _named(node) in ("counted", "number", "services", "people")
            and node.args
        ):
            first = node.args[0]
            if isinstance(first, ast.Attribute) and first.attr == "height":
                yield module.fault(first, f"{module.source(first)} + 1", "compte", "un de trop")


def comparisons(module: Module) -> Iterator[Fault]:
    """A comparison that looks the other way."""
    signs = {ast.Gt: "<", ast.Lt: ">", ast.GtE: "<", ast.LtE: ">"}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in signs:
            if not any(
                word in module.source(node) for word in ("pl.col", "date", "jour", "today", "debut", "fin")
            ):
                continue
            left, right = module.source(node.left), module.source(node.comparators[0])
            new = f"{left} {signs[type(node.ops[0])]} {right}"
            yield module.fault(node, new, "sens", "comparaison retournée")


OPERATORS: tuple[Callable[[Module], Iterator[Fault]], ...] = (
    order, ends, rows, sign, headings, words, filters, conditions, branches, measures, counts, comparisons,
)  # fmt: skip


def faults(root: Path, path: str) -> list[Fault]:
    """Every fault that can be planted in a module, each of which still compiles."""
    module = Module(root, path)
    found = []
    for operator in OPERATORS:
        for fault in operator(module):
            try:
                compile(fault.planted(module.text), path, "exec")
            except SyntaxError:
                continue
            if fault.planted(module.text) != module.text:
                found.append(fault)
    return found


def _named(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _number(node: ast.expr) -> int | None:
    if (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and isinstance(node.operand, ast.Constant)
    ):
        return -int(node.operand.value) if isinstance(node.operand.value, int) else None
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, int) else None
