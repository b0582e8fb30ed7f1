"""Watches the running of a file, and compares what its statements make with what is declared there."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Answer, Dim, Expression
from attnlint.declarations.collect import Declaration, Declared, FileDeclarations
from attnlint.declarations.spec import DeclaredAxis
from attnlint.declared.alignment import Alignment
from attnlint.declared.compare import Comparison, Contradiction, compare, equal_rank_pairs, paired
from attnlint.declared.doubt import is_doubtful
from attnlint.interpreter.numbers import may_be_int, symbol_of
from attnlint.interpreter.reports import snapshot
from attnlint.interpreter.scopes import find_scope
from attnlint.syntax import nodes
from attnlint.values import Choice, Instance, ListValue, NamedTuple, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.findings import Evidence
    from attnlint.interpreter.objects import FunctionValue
    from attnlint.interpreter.run import Run
    from attnlint.interpreter.scopes import Frame
    from attnlint.syntax import Source

Path = tuple[int, ...]
"""The undecided conditions that led somewhere, as nodes with a sign."""


@dataclass(slots=True)
class Case:
    """What came of one declaration, over all entries and paths."""

    declaration: Declaration
    function: str
    name: str
    """The parameter or target; empty for a result."""
    contradiction: Contradiction | None = None
    value: Tensor | None = None
    """As it was inferred where it contradicted."""
    texts: tuple[str, ...] | None = None
    """The inferred axes in the author's names; ``None`` where one has no name."""
    evidence: Evidence | None = None
    entry: str = ""
    generic: bool = False
    """Contradicted whatever the sizes of the hyper-parameters are."""
    doubtful: bool = False
    """It may not have been meant as the shape of this value."""
    kept: bool = False
    """Somewhere the declaration holds, or may hold."""


@dataclass(slots=True)
class _Activation:
    """A function that is running."""

    frame: Frame
    passed: dict[str, Value] = field(default_factory=dict)
    """The declared parameters, as they came in."""
    names: dict[tuple[bool, str], tuple[Dim, Path]] = field(default_factory=dict)
    """What the names of earlier declared shapes stand for, those of annotations apart, and on which path that is so."""


class Watch:
    """Implements :class:`attnlint.interpreter.watching.Watcher`."""

    def __init__(self, source: Source, declarations: FileDeclarations) -> None:
        self.declarations = declarations
        self._alignment = Alignment(source, declarations)
        self._running: list[_Activation] = []
        self.cases: dict[int, Case] = {}
        """By the identity of the declaration."""
        self.undecided: set[int] = set()
        """Functions, by node, in which sizes contradict that are defaults or what one caller passes."""

    # --- what the interpreter tells ---------------------------------------------------------------------------------

    def entered(self, run: Run, frame: Frame, function: FunctionValue) -> None:
        """A function begins."""
        declared = self._alignment.declared_in(function)
        if declared is None:
            return
        while self._running and not any(frame is self._running[-1].frame for frame in run.frames):
            self._running.pop()
        variables = frame.scope.variables
        passed = {name: variables[name] for name in declared.parameters if name in variables}
        self._running.append(_Activation(frame, passed))
        for name, value in passed.items():
            for declaration in declared.parameters[name]:
                if declaration.kind == "annotation":
                    # Where nobody passes anything, it is what the annotation says.
                    self._look(run, declared, declaration, name, value, None, learn_only=_is_entry(run))

    def assigned(self, run: Run, node: nodes.Assign | nodes.AugmentedAssign, value: Value) -> None:
        """A statement has made a value."""
        declared = self._declared(run)
        if declared is None or not declared.by_statement:
            return
        statement = self._alignment.statement_of(run.frame, node)
        if statement is None:
            return
        for declaration in declared.by_statement.get(statement, ()):
            for name, each in _values(statement, declaration, value):
                self._look(run, declared, declaration, name, each, statement)
        for declaration in declared.echoes.get(statement, ()):
            for name, each in _values(statement, declaration, value):
                self._look(run, declared, declaration, name, each, statement, echo=True)

    def returned(self, run: Run, node: nodes.Return | None, value: Value) -> None:
        """A path ends."""
        declared = self._declared(run)
        if declared is None:
            return
        if node is not None and declared.by_statement:
            statement = self._alignment.statement_of(run.frame, node)
            listed = declared.by_statement.get(statement, ()) if statement is not None else ()
            for declaration in listed:
                self._look(run, declared, declaration, "", value, statement)
        if node is not None:
            for declaration in declared.returns:
                self._look(run, declared, declaration, "", value, None)
        # What others pass may be more than the author speaks of; what the body asks for is not.
        passed_on = not _is_entry(run)
        for name, passed in self._activation(run).passed.items():
            for declaration in declared.parameters[name]:
                if declaration.kind != "annotation":
                    self._look(run, declared, declaration, name, passed, None, passed_on=passed_on)

    # --- looking ----------------------------------------------------------------------------------------------------

    def _declared(self, run: Run) -> Declared | None:
        function = run.frame.function
        return self._alignment.declarations.top if function is None else self._alignment.declared_in(function)

    def _activation(self, run: Run) -> _Activation:
        for activation in reversed(self._running):
            if activation.frame is run.frame:
                return activation
        activation = _Activation(run.frame)
        self._running.append(activation)
        return activation

    def _look(
        self,
        run: Run,
        declared: Declared,
        declaration: Declaration,
        name: str,
        value: Value,
        statement: Any,
        *,
        echo: bool = False,
        learn_only: bool = False,
        passed_on: bool = False,
    ) -> None:
        """Compare a value with what is declared of it.

        ``echo``: it can only speak for the declaration. ``learn_only``: it says what the names stand for.
        ``passed_on``: it can only give reason to look at the function by itself.
        """
        if run.quiet:
            return
        seen = snapshot(run, value, as_tensors=True)
        if type(seen) is not Tensor or (seen.shape.rest is not None and not seen.shape.dims):
            return
        spec = declaration.said.spec
        if learn_only:
            self._learn(run, declaration, seen)
            return
        found = self._compare(run, declaration, seen)
        if passed_on:
            if isinstance(found, Contradiction) and run.frame.function is not None:
                self.undecided.add(run.frame.function.node.id)
            return
        case = self.cases.setdefault(id(declaration), Case(declaration, declared.name, name))
        if not isinstance(found, Contradiction):
            case.kept = True
            if not echo and not declaration.above:
                # A comment on the line above may speak of something else.
                self._learn(run, declaration, seen)
            return
        generic = _is_generic(run)
        if echo or (case.contradiction is not None and (case.generic or not generic)):
            return
        if any(type(dim) is int and not dim for dim in seen.shape.dims):
            # Nothing is in it yet: what comes later will have the shape.
            return
        if declaration.above and self._speaks_of_another(run, declared, declaration, statement):
            case.kept = True
            return
        if declaration.kind == "docstring" and self._is_said_of_others(run, declared, declaration, seen, found):
            case.kept = True
            return
        if not generic and run.frame.function is not None:
            self.undecided.add(run.frame.function.node.id)
        from attnlint.declared import report

        sizes = self._sizes(run, declaration)
        # What one call makes proves as much as what any call makes.
        case.evidence = case.evidence or report.evidence(run, seen, spec, sizes, found)
        if found.kind != "rank" and declaration.kind != "annotation" and not generic:
            return
        case.contradiction, case.value, case.entry, case.generic = found, seen, run.entry, generic
        case.doubtful = is_doubtful(declared, declaration, found, seen.shape, run.facts, sizes)
        # The numbers of one call are not what the author would write.
        if generic or declaration.kind == "annotation":
            case.texts = report.axis_texts(run, seen.shape, spec, self._named(run, declaration), sizes)

    def _speaks_of_another(self, run: Run, declared: Declared, declaration: Declaration, statement: ast.stmt) -> bool:
        """Whether a comment on the line above may mean what the statement reads, or what was made before."""
        before = declared.before.get(statement)
        read = [
            node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        ]
        if isinstance(before, ast.Assign):
            read += [node.id for target in before.targets for node in ast.walk(target) if isinstance(node, ast.Name)]
        for name in dict.fromkeys(read):
            holder = find_scope(run.scope, name)
            value = snapshot(run, holder.get(name), as_tensors=True) if holder is not None else None
            if type(value) is Unknown:
                return True
            if type(value) is Tensor:
                if not isinstance(self._compare(run, declaration, value), Contradiction):
                    return True
        return False

    def _is_said_of_others(
        self, run: Run, declared: Declared, declaration: Declaration, value: Tensor, found: Contradiction
    ) -> bool:
        """Whether a docstring calls the axis of another parameter by the same name, and that one has the same size:
        a variable of the name is then something else, ``nchunks`` of what was padded."""
        names = {axis.text: value.shape.dims[place] for axis, place in _named_axes(declaration, value)}
        blamed = [name for name, dim in names.items() if found.axis is not None and dim is value.shape.dims[found.axis]]
        for name, passed in self._activation(run).passed.items():
            for other in declared.parameters[name]:
                seen = snapshot(run, passed, as_tensors=True)
                if other is declaration or other.kind != "docstring" or type(seen) is not Tensor:
                    continue
                for axis, place in _named_axes(other, seen):
                    if axis.text in blamed and run.facts.equal(seen.shape.dims[place], names[axis.text]) is Answer.YES:
                        return True
        return False

    def _compare(self, run: Run, declaration: Declaration, value: Tensor) -> Comparison:
        """With what the names are in the code, and then with what they were in earlier declarations, too."""
        spec = declaration.said.spec
        if declaration.kind != "annotation":
            found = compare(spec, value.shape, run.facts, lambda text: _variable(run, text))
            if isinstance(found, Contradiction):
                own = compare(spec, value.shape, run.facts, lambda text: _of_self(run, text))
                return found if isinstance(own, Contradiction) or found.kind == "rank" else "open"
        found = compare(spec, value.shape, run.facts, self._sizes(run, declaration))
        if isinstance(found, Contradiction) and found.kind == "name" and declaration.kind != "annotation":
            return replace(found, kind="spoken")
        return found

    # --- names ------------------------------------------------------------------------------------------------------

    def _sizes(self, run: Run, declaration: Declaration) -> Callable[[str], Dim | None]:
        """What a name in a declared shape stands for."""
        strict = declaration.kind == "annotation"

        def size(text: str) -> Dim | None:
            if not strict and (found := _variable(run, text)) is not None:
                return found
            known = self._activation(run).names.get((strict, text))
            if known is None or known[1] != _path(run)[: len(known[1])]:
                return None
            return known[0]

        return size

    def _learn(self, run: Run, declaration: Declaration, value: Tensor) -> None:
        """What the names of a declared shape stand for, the first time that they are used."""
        strict = declaration.kind == "annotation"
        names = self._activation(run).names
        for axis, dim in equal_rank_pairs(declaration.said.spec, value.shape):
            name = axis.expression.id if isinstance(axis.expression, ast.Name) else ""
            if name and (strict, name) not in names:
                names[strict, name] = (dim, _path(run))

    def _named(self, run: Run, declaration: Declaration) -> Iterator[tuple[str, Dim]]:
        """The author's names for sizes, those of the declared shapes first."""
        strict = declaration.kind == "annotation"
        path = _path(run)
        for (of_annotation, name), (dim, learned) in self._activation(run).names.items():
            if of_annotation is strict and learned == path[: len(learned)]:
                yield name, dim
        if not strict:
            yield from variables(run)


def _named_axes(declaration: Declaration, value: Tensor) -> list[tuple[DeclaredAxis, int]]:
    pairs = paired(declaration.said.spec, len(value.shape.dims), value.shape.rest is not None)
    return [(axis, place) for axis, place in pairs if axis.names]


def variables(run: Run) -> Iterator[tuple[str, Dim]]:
    """The local variables that are sizes."""
    for name in list(run.scope.variables):
        if (size := _variable(run, name)) is not None:
            yield name, size


def _variable(run: Run, text: str) -> Dim | None:
    """The size that a name stands for in the running code."""
    first, *rest = text.split(".")
    holder = find_scope(run.scope, first)
    value = holder.get(first) if holder is not None else None
    for name in rest:
        if type(value) is not Instance:
            return None
        value = value.attributes.get(name)
    if type(value) is Unknown or type(value) is Choice:
        value = run.refine(value)
    if type(value) is Unknown and value.key is not None and may_be_int(value):
        return run.facts.normal(symbol_of(value))
    return value if type(value) is int or type(value) is Expression else None


def _of_self(run: Run, text: str) -> Dim | None:
    """The size that ``self.L`` is, where there is one, for a shape that says ``L``."""
    holder = find_scope(run.scope, "self")
    instance = holder.get("self") if holder is not None else None
    own = isinstance(instance, Instance) and text in instance.attributes
    return _variable(run, f"self.{text}" if own else text)


def _path(run: Run) -> Path:
    return tuple(node.id if holds else -node.id for node, holds, _ in run.conditions)


def _is_entry(run: Run) -> bool:
    """Whether the running function was entered on its own: nobody in the code calls it here."""
    return run.frame.call is not None and run.frame.call.id == 0


def _is_generic(run: Run) -> bool:
    """Whether sizes are those of any run: nobody has passed numbers to this function, nor are they defaults."""
    if run.frame.function is None:
        return len(run.frames) == 1
    return _is_entry(run) and not run.entry.endswith("(defaults)")


def _values(statement: Any, declaration: Declaration, value: Value) -> Iterator[tuple[str, Value]]:
    """The values that a declaration speaks of, with their names."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    if len(targets) == 1 and isinstance(targets[0], ast.Tuple | ast.List):
        if type(value) is NamedTuple:
            value = value.values
        elif type(value) is ListValue:
            value = tuple(value.items)
        if type(value) is not tuple or len(value) != len(targets[0].elts):
            return
        if not declaration.names and any(type(each) is not Tensor for each in value):
            # One shape for several: it is that of one of them, and of which is not said.
            return
        for element, each in zip(targets[0].elts, value, strict=True):
            name = ast.unparse(element)
            if not declaration.names or name in declaration.names:
                yield name, each
        return
    yield ast.unparse(targets[0]), value


__all__ = ["Case", "Watch"]
