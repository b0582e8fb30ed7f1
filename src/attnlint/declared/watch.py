"""Watches the running of a file, and compares what its statements make with what is declared there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Dim, Expression
from attnlint.declarations.collect import Declaration, Declared, FileDeclarations
from attnlint.declared.compare import AGREES, OPEN, Comparison, Contradiction, compare
from attnlint.interpreter.reports import snapshot
from attnlint.interpreter.scopes import find_scope
from attnlint.syntax import nodes
from attnlint.values import Instance, ListValue, NamedTuple, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.objects import FunctionValue
    from attnlint.interpreter.run import Run
    from attnlint.interpreter.scopes import Frame
    from attnlint.syntax import Source

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


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
    entry: str = ""
    kept: bool = False
    """Somewhere the declaration holds, or may hold."""
    others: list[Any] = field(default_factory=list)


class Watch:
    """Implements :class:`attnlint.interpreter.watching.Watcher`."""

    def __init__(self, source: Source, declarations: FileDeclarations) -> None:
        self.source = source
        self.declarations = declarations
        self.cases: dict[int, Case] = {}
        self._functions: dict[int, Declared | None] = {}
        """By the node of the definition."""
        self._statements: dict[int, ast.stmt] = {}
        """Aligned statements."""
        self._aligned: set[int] = set()
        self._begun: list[tuple[Frame, dict[str, Value]]] = []
        """The parameters of the running functions as they were passed."""

    # --- what the interpreter tells -----------------------------------------------------------------------------

    def entered(self, run: Run, frame: Frame, function: FunctionValue) -> None:
        """A function begins."""
        while self._begun and not any(frame is self._begun[-1][0] for frame in run.frames):
            self._begun.pop()
        declared = self._declared_in(function)
        if declared is not None and declared.parameters:
            variables = frame.scope.variables
            self._begun.append((frame, {name: variables[name] for name in declared.parameters if name in variables}))

    def assigned(self, run: Run, node: nodes.Assign | nodes.AugmentedAssign, value: Value) -> None:
        """A statement has made a value."""
        declared = self._current(run)
        if declared is None or not declared.by_statement:
            return
        statement = self._statement_of(run, node)
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
        declared = self._current(run)
        if declared is None:
            return
        if node is not None and declared.by_statement:
            statement = self._statement_of(run, node)
            listed = declared.by_statement.get(statement, ()) if statement is not None else ()
            for declaration in listed:
                self._look(run, declared, declaration, "", value, statement)
        if node is not None:
            for declaration in declared.returns:
                self._look(run, declared, declaration, "", value, None)
        if self._begun and self._begun[-1][0] is run.frame:
            alone = run.frame.call is not None and run.frame.call.id == 0
            for name, passed in self._begun[-1][1].items():
                for declaration in declared.parameters[name]:
                    # What others pass may be more than the author speaks of; what the body asks for is not.
                    if alone or declaration.kind == "annotation":
                        self._look(run, declared, declaration, name, passed, None)

    # --- looking ------------------------------------------------------------------------------------------------

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
    ) -> None:
        if run.quiet:
            return
        value = snapshot(run, value, as_tensors=True)
        if type(value) is not Tensor:
            return
        spec = declaration.said.spec
        found = compare(spec, value.shape, run.facts, lambda text: self._size(run, text))
        case = self.cases.setdefault(id(declaration), Case(declaration, declared.name, name))
        if not isinstance(found, Contradiction):
            if value.shape.rest is None or value.shape.dims:
                case.kept = True
            return
        if echo:
            return
        if declaration.above and self._speaks_of_another(run, declared, declaration, statement):
            case.kept = True
            return
        if found.kind != "rank" and not _is_generic(run):
            return
        if case.contradiction is None:
            case.contradiction, case.value, case.entry = found, value, run.entry

    def _speaks_of_another(self, run: Run, declared: Declared, declaration: Declaration, statement: ast.stmt) -> bool:
        """Whether a comment on the line above may mean what the statement reads, or what was made before."""
        before = declared.before.get(statement)
        read = [node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
        if isinstance(before, ast.Assign):
            read += [node.id for target in before.targets for node in ast.walk(target) if isinstance(node, ast.Name)]
        for name in dict.fromkeys(read):
            holder = find_scope(run.scope, name)
            value = snapshot(run, holder[name], as_tensors=True) if holder is not None else None
            if type(value) is Unknown:
                return True
            if type(value) is Tensor:
                found = compare(declaration.said.spec, value.shape, run.facts, lambda text: self._size(run, text))
                if not isinstance(found, Contradiction):
                    return True
        return False

    def _size(self, run: Run, text: str) -> Dim | None:
        """What a name stands for where the code runs."""
        first, *rest = text.split(".")
        holder = find_scope(run.scope, first)
        value = holder[first] if holder is not None else None
        for name in rest:
            if type(value) is not Instance:
                return None
            value = value.attributes.get(name)
        if type(value) is Unknown and value.kind == "int":
            value = snapshot(run, value, as_tensors=True)
        return value if type(value) is int or type(value) is Expression else None

    # --- from nodes to text -------------------------------------------------------------------------------------

    def _current(self, run: Run) -> Declared | None:
        function = run.frame.function
        if function is None:
            return self.declarations.top
        return self._declared_in(function)

    def _declared_in(self, function: FunctionValue) -> Declared | None:
        node = function.node
        if not isinstance(node, nodes.FunctionDef):
            return None
        if node.id in self._functions:
            return self._functions[node.id]
        known = self._statements.get(node.id)
        if known is None:
            declared = self.declarations.functions.get(self.source.first_line(node.id))
            if declared is not None and declared.name != node.name:
                declared = None
        else:
            decorators = getattr(known, "decorator_list", ())
            declared = self.declarations.functions.get(min([known.lineno, *(one.lineno for one in decorators)]))
        if declared is not None and known is None:
            self._align(node.body, getattr(declared.node, "body", ()))
        self._functions[node.id] = declared
        return declared

    def _statement_of(self, run: Run, node: nodes.Node) -> ast.stmt | None:
        found = self._statements.get(node.id)
        if found is None and run.frame.function is None and node.id not in self._aligned:
            self._aligned.add(node.id)
            place = self.source.range(node.id)
            assert self.declarations.top is not None
            for statement in self.declarations.top.by_statement:
                if statement.lineno == place.line and statement.end_lineno == place.end_line:
                    self._statements[node.id] = found = statement
        return found

    def _align(self, body: Sequence[Any], statements: Sequence[Any]) -> None:
        """Walk lowered statements and those of ``ast`` side by side: they are the same, one for one."""
        if len(body) != len(statements):
            return
        for node, statement in zip(body, statements, strict=True):
            self._statements[node.id] = statement
            for name in _BLOCKS:
                inner, other = getattr(node, name, None), getattr(statement, name, None)
                if not inner or not isinstance(other, list):
                    continue
                if name in ("handlers", "cases"):
                    for one, two in zip(inner, other, strict=False):
                        self._align(one.body, two.body)
                else:
                    self._align(inner, other)


def _is_generic(run: Run) -> bool:
    """Whether sizes are those of any run: nobody has passed numbers to this function, nor are they defaults."""
    if run.frame.function is None:
        return len(run.frames) == 1
    return run.frame.call is not None and run.frame.call.id == 0 and not run.entry.endswith("(defaults)")


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
        for element, each in zip(targets[0].elts, value, strict=True):
            name = ast.unparse(element)
            if not declaration.names or name in declaration.names:
                yield name, each
        return
    yield ast.unparse(targets[0]), value


__all__ = ["AGREES", "OPEN", "Case", "Comparison", "Watch"]
