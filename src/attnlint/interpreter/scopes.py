"""Scopes, activations, and the look-up of names."""

from __future__ import annotations

import builtins
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from attnlint.interpreter.library.registry import MISSING, find_constant
from attnlint.interpreter.objects import UNBOUND, LazyImport
from attnlint.values import Choice, PythonName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.algebra import Facts
    from attnlint.interpreter.objects import ClassValue, FunctionValue, ModuleValue
    from attnlint.interpreter.run import Run
    from attnlint.interpreter.store import Delta
    from attnlint.syntax.nodes import Node

BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_")) | {"__import__", "__build_class__"}

_BUILTIN_NAMES = {name: PythonName(name) for name in BUILTINS}


class Scope:
    """The variables of a module, a class body, a function or a comprehension."""

    __slots__ = (
        "cls",
        "global_names",
        "is_kept",
        "kind",
        "local_names",
        "module",
        "nonlocal_names",
        "parent",
        "variables",
    )

    def __init__(
        self,
        kind: str,
        module: ModuleValue,
        parent: Scope | None = None,
        variables: dict[str, Value] | None = None,
        local_names: frozenset[str] | None = None,
    ) -> None:
        self.kind = kind
        self.module = module
        self.parent = parent
        self.variables: dict[str, Value] = {} if variables is None else variables
        self.local_names = local_names
        self.global_names: set[str] = set()
        self.nonlocal_names: set[str] = set()
        self.cls: ClassValue | None = None
        """For a class body: the class, once it is made (what ``super()`` means inside)."""
        self.is_kept = False
        """A function or class has been made in it that may look at its variables when it has ended."""

    def keep(self) -> None:
        """A function or class is made here: it sees the variables of all scopes around it for as long as it lives."""
        scope: Scope | None = self
        while scope is not None and not scope.is_kept:
            scope.is_kept = True
            scope = scope.parent


@dataclass(slots=True)
class Outcome:
    """A path that ended: what it wrote, what it knows, and the value that it returns."""

    delta: Delta
    facts: Facts
    value: Value = None


@dataclass(slots=True)
class Loop:
    """A loop that is running: the paths that left it, or went to its next round, inside an undecided branch."""

    mark: int
    breaks: list[Outcome] = field(default_factory=list)
    continues: list[Outcome] = field(default_factory=list)


@dataclass(slots=True)
class Frame:
    """The activation of a module, a class body or a function."""

    scope: Scope
    function: FunctionValue | None
    call: Node | None
    """The call, in the frame below."""
    mark: int
    statement: Node | None = None
    """The statement that is running."""
    returns: list[Outcome] = field(default_factory=list)
    value: Value = None
    loops: list[Loop] = field(default_factory=list)
    yields: list[Value] | None = None
    yields_known: bool = True
    conditions: int = 0
    """How many undecided conditions were open when it began."""
    raised: Any = None
    """The last exception that ended one of several paths."""


def find_scope(scope: Scope, name: str) -> dict[str, Value] | None:
    """The variables that hold ``name``; ``None`` when nobody binds it (builtins)."""
    variables = _find_scope(scope, name)
    if variables is None or variables is scope.module.scope.variables:
        _note_read(scope.module, name)
    return variables


def _find_scope(scope: Scope, name: str) -> dict[str, Value] | None:
    if name in scope.variables and name not in scope.global_names:
        return scope.variables
    if name in scope.global_names:
        variables = scope.module.scope.variables
        return variables if name in variables else None
    parent = scope.parent
    while parent is not None:
        if name in parent.variables and parent.kind != "class":
            return parent.variables
        parent = parent.parent
    variables = scope.module.scope.variables
    return variables if name in variables else None


def read_name(run: Run, name: str) -> Value:
    """The value of a variable as the running code sees it."""
    scope = run.scope
    value = scope.variables.get(name, UNBOUND)
    if value is UNBOUND or (scope.global_names and name in scope.global_names):
        variables = find_scope(scope, name)
        if variables is None or variables is scope.module.scope.variables:
            _note_unbound(run, scope, name)
        if variables is None:
            return _unbound(run, scope, name)
        value = variables[name]
        scope_variables = variables
    else:
        scope_variables = scope.variables
        if scope.parent is None:
            _note_read(scope.module, name)
    kind = type(value)
    if kind is LazyImport:
        value = run.load_import(value, scope_variables, name, scope.module)
        if value is UNBOUND:
            return _unbound(run, scope, name)
        return run.refine(value) if type(value) is Choice else value
    if kind is Choice and scope_variables is scope.module.scope.variables:
        value = run.optional_import(value, scope.module)
        return run.refine(value) if type(value) is Choice or type(value) is Unknown else value
    if kind is Unknown or kind is Choice:
        return run.refine(value)
    return value


def _note_read(module: ModuleValue, name: str) -> None:
    """A global name was looked up."""
    if module.source is not None and module.source.reads is not None:
        module.source.reads.names.add(name)


def _note_unbound(run: Run, scope: Scope | None, name: str) -> None:
    """A name was found in no function: it may be the variable of one that has not been bound yet."""
    while scope is not None:
        if scope.local_names is not None and name in scope.local_names:
            run.unbound_reads += 1
            return
        scope = scope.parent


def _unbound(run: Run, scope: Scope, name: str) -> Value:
    if name in BUILTINS:
        constant = find_constant(name)
        return _BUILTIN_NAMES[name] if constant is MISSING else constant
    module = scope.module
    found = run.module_attribute_missing(module, name)
    if found is not UNBOUND:
        return found
    if name == "__name__":
        return module.name
    if name == "__file__":
        return module.path
    if name == "__class__":
        holder: Scope | None = scope
        while holder is not None:
            if holder.kind == "class" and holder.cls is not None:
                return holder.cls
            holder = holder.parent
    if name == "__doc__":
        return None
    return Unknown(f"the name {name} is not bound", key=("global", module.path, name), label=name)


def bind_name(run: Run, name: str, value: Value) -> None:
    """Assign to a variable of the running scope."""
    scope = run.scope
    while scope.kind == "comprehension" and scope.parent is not None:
        scope = scope.parent
    bind_in(run, scope, name, value)


def bind_in(run: Run, scope: Scope, name: str, value: Value) -> None:
    """Assign to a variable of ``scope``."""
    variables = scope.variables
    if name in scope.global_names:
        variables = scope.module.scope.variables
    elif name in scope.nonlocal_names:
        parent = scope.parent
        while parent is not None:
            if parent.kind == "function" and (name in parent.variables or name in (parent.local_names or ())):
                variables = parent.variables
                break
            parent = parent.parent
    run.store.put(variables, name, value)


def active_functions(run: Run) -> int:
    """How many functions are active from the one that was entered on: the decorators around it do not count."""
    count = 0
    for frame in run.frames:
        if frame.function is None:
            continue
        if count or run.entered is None or frame.function.node is run.entered.node:
            count += 1
    return count
