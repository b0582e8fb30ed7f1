"""What the top-level statements of a file do to its names, read off Python's own ``ast`` without running anything.

An imported file is run by name (see :mod:`attnlint.syntax.plan`), so it must be known which statements a name depends
on. Where this cannot be told exactly it is over-estimated: a statement too many costs time, one too few a wrong value.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

STAR = "*"
"""What ``from x import *`` binds."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef)
_PURE_METHODS = frozenset(dir(frozenset)) | set(dir(str)) | {"get", "items", "keys", "values"}
"""Methods that leave their object as it is: those of objects that nothing can change, and the look-ups of a dict."""

MUTATORS = (frozenset(dir(list)) | set(dir(dict)) | set(dir(set))) - _PURE_METHODS
"""The methods by which Python's own containers are changed."""

_DISPLAYS = frozenset([ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp])
_CONTAINERS = frozenset(["dict", "list", "set", "defaultdict", "OrderedDict", "Counter", "deque"])


@dataclass(slots=True)
class Effects:
    """What running some code does to the names of its module."""

    binds: set[str] = field(default_factory=set)
    declares: set[str] = field(default_factory=set)
    """Bound by an import that runs for type checkers alone."""
    reads: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    """Names whose object is changed in place."""
    methods: set[str] = field(default_factory=set)
    """Names of which a method is called that may change the object, depending on what it is."""
    imports: set[str] = field(default_factory=set)
    """The bound names that imports bind."""
    definitions: list[tuple[str, ast.AST]] = field(default_factory=list)
    """The functions and classes that are defined."""
    makes: dict[str, str] = field(default_factory=dict)
    """Names that hold what calling another name gave: ``REGISTRY = Registry()``."""
    containers: set[str] = field(default_factory=set)
    """Names that are bound to a new list, dict or set."""
    calls: bool = False
    """Whether anything is called, by a decorator for one."""
    subclasses: set[str] = field(default_factory=set)
    """Names among the bases of its classes: their hooks are called."""


def statement_effects(statement: ast.stmt) -> Effects:
    """The effects of running a top-level statement, without what the functions that it calls do."""
    effects = Effects()
    _collect(effects, [(statement, False)])
    return effects


def body_effects(definition: ast.AST) -> Effects:
    """What calling a function, or making and using an object of a class, may do, at most: all of its code is read."""
    effects = Effects()
    stack: list[Any] = [definition]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is ast.Name:
            if type(node.ctx) is ast.Load:
                effects.reads.add(node.id)
        elif kind is ast.Global:
            effects.changes.update(node.names)
        elif kind is ast.Attribute or kind is ast.Subscript:
            if type(node.ctx) is not ast.Load:
                effects.changes.update(_root(node))
            stack.append(node.value)
            if kind is ast.Subscript:
                stack.append(node.slice)
        elif kind is ast.Call:
            function = node.func
            if type(function) is ast.Attribute and type(function.value) is ast.Name:
                if function.attr in MUTATORS:
                    effects.changes.add(function.value.id)
                elif function.attr not in _PURE_METHODS:
                    effects.methods.add(function.value.id)
            stack.append(function)
            stack += node.args
            stack += [keyword.value for keyword in node.keywords]
        elif kind in _FUNCTIONS:
            stack += node.decorator_list
            stack += node.args.defaults
            stack += [default for default in node.args.kw_defaults if default is not None]
            stack += node.body
        elif kind is ast.AnnAssign:
            stack.append(node.target)
            if node.value is not None:
                stack.append(node.value)
        else:
            stack += ast.iter_child_nodes(node)
    return effects


def _root(node: Any) -> Iterable[str]:
    """``a`` in ``a.b[c].d``."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
    if type(node) is ast.Call:
        # `f(a).b = c` changes what f gives back, which may be its argument.
        return [each.id for each in node.args if type(each) is ast.Name]
    return (node.id,) if type(node) is ast.Name else ()


def _collect(effects: Effects, stack: list[tuple[Any, bool]]) -> None:
    """Collect from nodes that are run; the second of a pair: inside of a class body, where names are the class's."""
    while stack:
        node, in_class = stack.pop()
        kind = type(node)
        if kind is ast.Name:
            if type(node.ctx) is ast.Load:
                effects.reads.add(node.id)
            elif not in_class:
                effects.binds.add(node.id)
        elif kind in _DEFINITIONS:
            _definition(effects, node, in_class, stack)
        elif kind is ast.Import or kind is ast.ImportFrom:
            _import(effects.binds, effects, node, in_class)
        elif kind is ast.If:
            _if(effects, node, in_class, stack)
        elif kind is ast.Assign or kind is ast.AugAssign or kind is ast.AnnAssign:
            _assignment(effects, node, in_class, stack)
        elif kind is ast.Attribute or kind is ast.Subscript:
            if type(node.ctx) is not ast.Load:
                effects.changes.update(_root(node))
            stack.append((node.value, in_class))
            if kind is ast.Subscript:
                stack.append((node.slice, in_class))
        elif kind is ast.Expr:
            if type(node.value) is ast.Call:
                # What is called for its effect alone may have it on its arguments.
                passed = [*node.value.args, *(keyword.value for keyword in node.value.keywords)]
                effects.changes.update(name for each in passed for name in _root(each))
            stack.append((node.value, in_class))
        elif kind is ast.Call:
            effects.calls = True
            function = node.func
            if type(function) is ast.Attribute and function.attr not in _PURE_METHODS:
                effects.methods.update(_root(function.value))
            stack += [(each, in_class) for each in ast.iter_child_nodes(node)]
        elif kind is ast.comprehension:
            # Its targets are variables of its own.
            stack += [(each, in_class) for each in (node.iter, *node.ifs)]
        elif kind is ast.Lambda:
            stack += [(each, True) for each in ast.iter_child_nodes(node)]
        elif kind is ast.Delete:
            for target in node.targets:
                effects.changes.update(_root(target))
            stack += [(each, in_class) for each in node.targets]
        else:
            name = getattr(node, "name", None) if kind in _NAMED else getattr(node, "rest", None)
            if name and not in_class:
                effects.binds.add(name)
            stack += [(each, in_class) for each in ast.iter_child_nodes(node)]


_NAMED = frozenset([ast.ExceptHandler, ast.MatchAs, ast.MatchStar])


def _definition(effects: Effects, node: Any, in_class: bool, stack: list[tuple[Any, bool]]) -> None:
    if not in_class:
        effects.binds.add(node.name)
        effects.definitions.append((node.name, node))
    if node.decorator_list:
        effects.calls = True
        for decorator in node.decorator_list:
            function = decorator.func if type(decorator) is ast.Call else decorator
            if type(function) is ast.Attribute:
                effects.methods.update(_root(function.value))
    stack += [(each, in_class) for each in node.decorator_list]
    if type(node) is ast.ClassDef:
        for base in (*node.bases, *(keyword.value for keyword in node.keywords)):
            effects.subclasses.update(_root(base))
        stack += [(each, True) for each in (*node.bases, *node.keywords, *node.body)]
    else:
        stack += [(each, in_class) for each in node.args.defaults]
        stack += [(each, in_class) for each in node.args.kw_defaults if each is not None]


def _assignment(effects: Effects, node: Any, in_class: bool, stack: list[tuple[Any, bool]]) -> None:
    targets = node.targets if type(node) is ast.Assign else [node.target]
    if node.value is None:
        return
    for target in targets:
        if type(target) is ast.Name and not in_class:
            function = node.value.func if type(node.value) is ast.Call else None
            if type(function) is ast.Name:
                effects.makes[target.id] = function.id
            if type(node.value) in _DISPLAYS or (type(function) is ast.Name and function.id in _CONTAINERS):
                effects.containers.add(target.id)
            if type(node) is ast.AugAssign:
                effects.reads.add(target.id)
                effects.changes.add(target.id)
    stack += [(target, in_class) for target in targets]
    stack.append((node.value, in_class))


def _import(binds: set[str], effects: Effects, node: Any, in_class: bool) -> None:
    if in_class:
        return
    for alias in node.names:
        name = alias.asname or (alias.name.partition(".")[0] if type(node) is ast.Import else alias.name)
        binds.add(name)
        effects.imports.add(name)


def _if(effects: Effects, node: ast.If, in_class: bool, stack: list[tuple[Any, bool]]) -> None:
    stack += [(each, in_class) for each in (node.test, *node.orelse)]
    if _is_main_test(node.test):
        # An imported file is not the program.
        return
    if is_type_checking(node.test):
        for statement in node.body:
            for inner in ast.walk(statement):
                if isinstance(inner, (ast.Import, ast.ImportFrom)):
                    _import(effects.declares, Effects(), inner, in_class)
        return
    stack += [(each, in_class) for each in node.body]


def is_type_checking(test: ast.expr) -> bool:
    """``TYPE_CHECKING``, ``typing.TYPE_CHECKING``: false when a program runs."""
    return (type(test) is ast.Name and test.id == "TYPE_CHECKING") or (
        type(test) is ast.Attribute and test.attr == "TYPE_CHECKING"
    )


def _is_main_test(test: ast.expr) -> bool:
    """``__name__ == "__main__"``"""
    if type(test) is not ast.Compare or len(test.ops) != 1 or type(test.ops[0]) is not ast.Eq:
        return False
    sides = [test.left, test.comparators[0]]
    return any(type(side) is ast.Name and side.id == "__name__" for side in sides) and any(
        type(side) is ast.Constant and side.value == "__main__" for side in sides
    )
