"""The declared shapes of a file, by function and statement. Looks at nothing where no line looks like one."""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from attnlint.declarations import docstrings, jaxtyped
from attnlint.declarations.comments import MAYBE, Said, read_comment

Kind = Literal["comment", "annotation", "docstring"]

_JAXTYPING = re.compile(rf"\b(?:{'|'.join(sorted(jaxtyped.JAXTYPING))})\[[\w.]+,\s*[\"']")
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_AFTER_PARAMETER = re.compile(r"\s*,?\s*(#.*)")


@dataclass(frozen=True, slots=True)
class Declaration:
    """One shape that is declared for one value."""

    kind: Kind
    said: Said
    line: int
    column: int
    """Where the text of the shape begins, in characters from 1, and where it ends."""
    end_column: int
    above: bool = False
    """A comment on the line above: it may mean what is read or what was made before, too."""
    names: tuple[str, ...] = ()
    """The targets that it speaks of, as written; empty for the whole value."""


@dataclass(slots=True)
class Declared:
    """What is declared in one function, or at the top level of the file."""

    name: str
    node: ast.AST
    by_statement: dict[ast.stmt, list[Declaration]] = field(default_factory=dict)
    parameters: dict[str, list[Declaration]] = field(default_factory=dict)
    returns: list[Declaration] = field(default_factory=list)
    echoes: dict[ast.stmt, list[Declaration]] = field(default_factory=dict)
    """Later assignments to the same target: a comment above several statements may speak of what comes of them all."""
    before: dict[ast.stmt, ast.stmt] = field(default_factory=dict)
    """For a statement with a comment above: the statement right before that comment."""

    def all(self) -> Iterator[Declaration]:
        """Every declaration."""
        for listed in (*self.by_statement.values(), *self.parameters.values()):
            yield from listed
        yield from self.returns


@dataclass(slots=True)
class FileDeclarations:
    """All that a file declares."""

    functions: dict[int, Declared] = field(default_factory=dict)
    """By the first line of the definition, its decorators included."""
    top: Declared | None = None


def may_declare(text: str) -> bool:
    """Whether it is worth a look: a line that looks like a shape, or a word of jaxtyping."""
    return MAYBE.search(text) is not None or (
        docstrings.MAYBE.search(text) is not None or ("jaxtyping" in text and _JAXTYPING.search(text) is not None)
    )


def collect(text: str, tree: ast.Module | None = None) -> FileDeclarations | None:
    """The declared shapes of a file; ``None`` where there are none, or Python cannot parse it."""
    if not may_declare(text):
        return None
    if tree is None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    found = _Collector(text).collect(tree)
    return found if found.functions or found.top is not None else None


class _Collector:
    def __init__(self, text: str) -> None:
        self.lines = re.split(r"\r\n|\r|\n", text)
        self.found = FileDeclarations()
        self.worth = list(_lines_worth_it(text))
        """The lines that are worth a look: most functions have none."""

    def collect(self, tree: ast.Module) -> FileDeclarations:
        top = Declared("", tree)
        self._block(tree.body, top)
        if top.by_statement:
            self.found.top = top
        return self.found

    def _is_worth_it(self, first: int, last: int | None) -> bool:
        place = bisect_left(self.worth, first)
        return place < len(self.worth) and (last is None or self.worth[place] <= last)

    # --- code ---------------------------------------------------------------------------------------------------

    def _block(self, body: Sequence[ast.stmt], holder: Declared) -> None:
        previous: ast.stmt | None = None
        above = False
        for statement in body:
            if isinstance(statement, _FUNCTIONS):
                self._function(statement)
                previous = statement
                continue
            if not isinstance(statement, ast.ClassDef) and not self._is_worth_it(
                statement.lineno - 1, statement.end_lineno
            ):
                previous = statement
                continue
            if isinstance(statement, ast.ClassDef):
                # Fields of dataclasses and the like: what is assigned there is a default.
                self._block([one for one in statement.body if isinstance(one, (*_FUNCTIONS, ast.ClassDef))], holder)
            else:
                above = self._statement(statement, previous, holder) or above
                for name in _BLOCKS:
                    for part in getattr(statement, name, ()):
                        if isinstance(part, ast.stmt):
                            self._block(getattr(statement, name), holder)
                            break
                        self._block(part.body, holder)
            previous = statement
        if above:
            self._echoes(body, holder)

    def _echoes(self, body: Sequence[ast.stmt], holder: Declared) -> None:
        for place, statement in enumerate(body):
            for declaration in holder.by_statement.get(statement, ()):
                if not declaration.above or not isinstance(statement, ast.Assign):
                    continue
                for later in body[place + 1 :]:
                    if isinstance(later, ast.Assign) and _targets(later) == _targets(statement):
                        holder.echoes.setdefault(later, []).append(declaration)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        declared = Declared(node.name, node)
        if self._is_worth_it(node.lineno, node.end_lineno):
            self._block(node.body, declared)
            for name, one in self._of_parameters(node):
                declared.parameters.setdefault(name, []).append(one)
            for parameter, spec in jaxtyped.of_parameters(node):
                declared.parameters.setdefault(parameter, []).append(self._annotated(spec))
            if (returned := jaxtyped.of_return(node)) is not None:
                declared.returns.append(self._annotated(returned))
        for name, placed in docstrings.read(node, self.lines):
            one = Declaration("docstring", placed.said, placed.line, placed.column, placed.end_column, names=(name,))
            if name:
                declared.parameters.setdefault(name, []).append(one)
            else:
                declared.returns.append(one)
        if declared.by_statement or declared.parameters or declared.returns:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            self.found.functions[first] = declared

    def _annotated(self, placed: jaxtyped.Placed) -> Declaration:
        column = self._column(placed.line, placed.offset)
        end = self._column(placed.line, placed.end_offset)
        return Declaration("annotation", placed.said, placed.line, column, end)

    def _statement(self, statement: ast.stmt, previous: ast.stmt | None, holder: Declared) -> bool:
        """What is declared of a statement; whether that is in a comment above it."""
        if isinstance(statement, ast.AnnAssign) and (placed := jaxtyped.of(statement.annotation)) is not None:
            holder.by_statement.setdefault(statement, []).append(self._annotated(placed))
        if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return):
            return False
        assert statement.end_lineno is not None and statement.end_col_offset is not None
        line = self.lines[statement.end_lineno - 1]
        end = self._column(statement.end_lineno, statement.end_col_offset) - 1
        if "#" in line[end:] and (match := re.fullmatch(r"\s*;?\s*(#.*)", line[end:])):
            said = read_comment(match[1])
            self._keep(said, statement.end_lineno, end + match.start(1), statement, holder)
            if said:
                return False
        number = statement.lineno - 1
        if number < 1 or (previous is not None and previous.end_lineno is not None and previous.end_lineno >= number):
            return False
        above = self.lines[number - 1]
        first = len(above) - len(above.lstrip())
        if not above.startswith("#", first):
            return False
        own = self.lines[number][: statement.col_offset]
        if own.strip() or first != len(own):
            return False
        if number > 1 and self.lines[number - 2].strip().startswith("#"):
            # The last line of a longer remark.
            return False
        if not _is_simple(statement):
            # It may speak of what is made on the way.
            return False
        self._keep(read_comment(above[first:]), number, first, statement, holder, above=True)
        if previous is not None and previous.end_lineno == number - 1:
            holder.before[statement] = previous
        return True

    def _keep(
        self,
        said: tuple[Said, ...],
        line: int,
        column: int,
        statement: ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return,
        holder: Declared,
        *,
        above: bool = False,
    ) -> None:
        targets = _targets(statement) if said else ()
        for one in said:
            if not one.plain and _is_made_of_itself(statement):
                # `out = out[0, -1]  # out.shape = (B, T, C), so this is the last token`: it explains what it was.
                continue
            names: tuple[str, ...] = ()
            if one.about:
                if one.about not in targets and f"self.{one.about}" not in targets:
                    continue
                names = (one.about if one.about in targets else f"self.{one.about}",)
            elif len(said) > 1:
                # Several shapes without names: one a target.
                if len(said) != len(targets):
                    continue
                names = (targets[said.index(one)],)
            start = column + one.spec.start + 1
            holder.by_statement.setdefault(statement, []).append(
                Declaration("comment", one, line, start, column + one.spec.end + 1, above, names)
            )

    def _of_parameters(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, Declaration]]:
        arguments = node.args
        plain = [*arguments.posonlyargs, *arguments.args]
        defaults = dict(zip(reversed(plain), reversed(arguments.defaults), strict=False))
        defaults.update(
            {a: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None}
        )
        for argument in [*plain, *arguments.kwonlyargs]:
            last = defaults.get(argument, argument)
            if last.end_lineno is None or last.end_col_offset is None or last.end_lineno >= node.body[0].lineno:
                continue
            end = self._column(last.end_lineno, last.end_col_offset) - 1
            match = _AFTER_PARAMETER.fullmatch(self.lines[last.end_lineno - 1][end:])
            if match is None:
                continue
            for said in read_comment(match[1]):
                if not said.about or said.about == argument.arg:
                    column = end + match.start(1)
                    start, stop = column + said.spec.start + 1, column + said.spec.end + 1
                    yield (
                        argument.arg,
                        Declaration("comment", said, last.end_lineno, start, stop, names=(argument.arg,)),
                    )
                    break

    def _column(self, line: int, offset: int) -> int:
        """A column in characters from 1 for an offset in bytes."""
        text = self.lines[line - 1]
        return offset + 1 if text.isascii() else len(text.encode()[:offset].decode(errors="replace")) + 1


def _is_simple(statement: ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return) -> bool:
    """Whether a statement makes its value in one step: one call, whose receiver and arguments are no calls."""
    value = statement.value
    calls = [node for node in ast.walk(value) if isinstance(node, ast.Call)] if value is not None else []
    operators = [node for node in ast.walk(value) if isinstance(node, ast.BinOp)] if value is not None else []
    inside = {id(node) for call in calls for node in ast.walk(call)}
    return len(calls) <= 1 and (not calls or all(id(node) in inside for node in operators))


def _is_made_of_itself(statement: ast.stmt) -> bool:
    """Whether an assignment reads the name that it binds."""
    value = getattr(statement, "value", None)
    if not isinstance(statement, ast.Assign) or value is None:
        return False
    targets = _targets(statement)
    return any(isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in targets for node in ast.walk(value))


def _targets(statement: ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return) -> tuple[str, ...]:
    """The names that a statement binds, as written."""
    if isinstance(statement, ast.Return):
        return (ast.unparse(statement.value),) if isinstance(statement.value, ast.Name) else ()
    nodes = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    if len(nodes) == 1 and isinstance(nodes[0], ast.Tuple | ast.List):
        return tuple(ast.unparse(element) for element in nodes[0].elts)
    return tuple(ast.unparse(node) for node in nodes)


def _lines_worth_it(text: str) -> Iterator[int]:
    """The lines that may declare something, in order."""
    patterns = (MAYBE, _JAXTYPING) if "jaxtyping" in text else (MAYBE,)
    offsets = sorted(match.end() - 1 for pattern in patterns for match in pattern.finditer(text))
    line, done = 1, 0
    for offset in offsets:
        line += text.count("\n", done, offset)
        done = offset
        yield line
