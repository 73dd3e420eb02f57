"""No circle of imports: a module is read without holding those that read it. Lazy imports count."""

from __future__ import annotations

from tests.architecture.test_imports import imports, modules


def graph() -> dict[str, set[str]]:
    known = {name for name, _ in modules()}
    edges: dict[str, set[str]] = {name: set() for name in known}
    for name, target in imports():
        if target in known and target != name:
            edges[name].add(target)
    packages = {name for name in known if any(other.startswith(f"{name}.") for other in known)}
    # ``from apps.kit.pages import pieces`` names the package and the module: the module is what is read.
    return {name: {one for one in seen if one not in packages} for name, seen in edges.items()}


def circles(edges: dict[str, set[str]]) -> list[frozenset[str]]:
    """The strongly connected components of more than one module (Tarjan, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    held: set[str] = set()
    found: list[frozenset[str]] = []
    for root in sorted(edges):
        if root in index:
            continue
        work = [(root, iter(sorted(edges[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        held.add(root)
        while work:
            name, targets = work[-1]
            target = next(targets, None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == index[name]:
                    group = set()
                    while not group or name not in group:
                        held.discard(stack[-1])
                        group.add(stack.pop())
                    if len(group) > 1:
                        found.append(frozenset(group))
            elif target not in index:
                index[target] = low[target] = len(index)
                stack.append(target)
                held.add(target)
                work.append((target, iter(sorted(edges[target]))))
            elif target in held:
                low[name] = min(low[name], index[target])
    return found


def test_circles_are_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [frozenset("abc")]
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert sorted(map(sorted, circles({"a": {"b"}, "b": {"a"}, "c": {"d"}, "d": {"c", "a"}}))) == [
        ["a", "b"],
        ["c", "d"],
    ]


def test_the_import_graph_has_no_circle() -> None:
    assert [sorted(circle) for circle in circles(graph())] == []
