"""What Python's compiler works out about the names of a function before it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from attnlint.syntax import nodes
from attnlint.syntax.walk import children


@dataclass(frozen=True, slots=True)
class FunctionScope:
    """The names of a function's body."""

    local_names: frozenset[str]
    """Bound in the body, parameters included, less those declared global or nonlocal."""
    global_names: frozenset[str]
    nonlocal_names: frozenset[str]
    is_generator: bool


def function_scope(function: nodes.FunctionDef) -> FunctionScope:
    """The scope of a function's body."""
    collector = _Collector()
    collector.bound.update(parameter.name for parameter in function.parameters)
    collector.visit_all(function.body)
    return FunctionScope(
        frozenset(collector.bound - collector.declared["global"] - collector.declared["nonlocal"]),
        frozenset(collector.declared["global"]),
        frozenset(collector.declared["nonlocal"]),
        collector.yields,
    )


def lambda_scope(function: nodes.Lambda) -> FunctionScope:
    """The scope of a lambda: its parameters and the walrus targets of its body."""
    collector = _Collector()
    collector.bound.update(parameter.name for parameter in function.parameters)
    collector.visit(function.body)
    return FunctionScope(frozenset(collector.bound), frozenset(), frozenset(), collector.yields)


class _Collector:
    """Collects what one scope binds. Iterative: expressions may be nested deeply."""

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.declared: dict[str, set[str]] = {"global": set(), "nonlocal": set()}
        self.yields = False
        self._stack: list[nodes.Node] = []

    def visit(self, node: nodes.Node) -> None:
        """Collect from a node."""
        self.visit_all((node,))

    def visit_all(self, statements: Iterable[nodes.Node]) -> None:
        """Collect from several nodes."""
        stack = self._stack
        stack.extend(statements)
        while stack:
            node = stack.pop()
            kind = type(node)
            if kind in _LEAVES:
                continue
            special = _SPECIAL.get(kind)
            if special is not None and special(self, node):
                continue
            stack.extend(children(node))

    def bind(self, target: nodes.Node | None) -> None:
        """Bind the names of a target; subscripts and attributes bind none, the walk goes on in them."""
        targets = [target]
        while targets:
            current = targets.pop()
            if isinstance(current, nodes.Name):
                self.bound.add(current.name)
            elif isinstance(current, nodes.Display):
                targets.extend(current.elements)
            elif isinstance(current, nodes.Starred):
                targets.append(current.value)

    # --- nodes that bind, and nodes that begin a scope: True ends the walk there -------------------------------------

    def definition(self, node: nodes.FunctionDef) -> bool:
        self.bound.add(node.name)
        self._stack.extend(node.decorators)
        if node.returns is not None:
            self._stack.append(node.returns)
        self._stack.extend(node.parameters)
        return True

    def class_(self, node: nodes.ClassDef) -> bool:
        self.bound.add(node.name)
        self._stack.extend(node.decorators)
        self._stack.extend(node.arguments)
        return True

    def lambda_(self, node: nodes.Lambda) -> bool:
        self._stack.extend(node.parameters)
        return True

    def yield_(self, node: nodes.Yield) -> bool:
        self.yields = True
        return False

    def targets(self, node: nodes.Assign | nodes.Delete) -> bool:
        for target in node.targets:
            self.bind(target)
        return False

    def target(self, node: nodes.AugmentedAssign | nodes.For | nodes.WithItem | nodes.Walrus) -> bool:
        self.bind(node.target)
        return False

    def named(self, node: nodes.Handler | nodes.Pattern) -> bool:
        if node.name is not None:
            self.bound.add(node.name)
        return False

    def import_(self, node: nodes.Import) -> bool:
        self.bound.update(name.alias or name.name.partition(".")[0] for name in node.names)
        return True

    def import_from(self, node: nodes.ImportFrom) -> bool:
        self.bound.update(name.alias or name.name for name in node.names if name.name != "*")
        return True

    def declaration(self, node: nodes.ScopeDeclaration) -> bool:
        self.declared[node.kind].update(node.names)
        return True


_LEAVES = frozenset({nodes.Name, nodes.Constant, nodes.Jump, nodes.Opaque})

_SPECIAL: dict[type, Callable[[_Collector, Any], bool]] = {
    nodes.FunctionDef: _Collector.definition,
    nodes.ClassDef: _Collector.class_,
    nodes.Lambda: _Collector.lambda_,
    nodes.Yield: _Collector.yield_,
    nodes.Assign: _Collector.targets,
    nodes.Delete: _Collector.targets,
    nodes.AugmentedAssign: _Collector.target,
    nodes.For: _Collector.target,
    nodes.WithItem: _Collector.target,
    nodes.Walrus: _Collector.target,
    nodes.Handler: _Collector.named,
    nodes.Pattern: _Collector.named,
    nodes.Import: _Collector.import_,
    nodes.ImportFrom: _Collector.import_from,
    nodes.ScopeDeclaration: _Collector.declaration,
}
