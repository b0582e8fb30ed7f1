"""Writes the inferred shapes into a file: as comments, or as jaxtyping annotations of parameters and results."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from attnlint.declarations.collect import Declared, FileDeclarations
from attnlint.declarations.comments import read_comment
from attnlint.declarations.jaxtyped import of as jaxtyped
from attnlint.declarations.spec import written
from attnlint.declared.alignment import Alignment
from attnlint.declared.report import axis_texts
from attnlint.declared.watch import variables
from attnlint.findings import Edit, Range
from attnlint.interpreter import AnalysisOptions, Project, analyse
from attnlint.interpreter.reports import snapshot
from attnlint.syntax import parse
from attnlint.values import ListValue, NamedTuple, Tensor, Value

if TYPE_CHECKING:
    from attnlint.interpreter.objects import FunctionValue
    from attnlint.interpreter.run import Run
    from attnlint.interpreter.scopes import Frame
    from attnlint.syntax import nodes

Style = Literal["comment", "jaxtyping"]

LONGEST = 120
"""A line is not made longer than this by a comment."""

_TENSOR = re.compile(r"(?:torch\.)?(?:Float|Long|Bool|Int|Half|Double)?Tensor")
_KINDS = {"bool": "Bool", "complex64": "Complex", "complex128": "Complex"}
_BUILTIN = "from jaxtyping import {}"


@dataclass(slots=True)
class _Seen:
    """The shapes of one place, by entry: symbolic ones tell more than those of the defaults."""

    symbolic: dict[str, str | None] = field(default_factory=dict)
    """Shape text to dtype."""
    concrete: dict[str, str | None] = field(default_factory=dict)
    unknown: bool = False

    def add(self, value: Value, run: Run) -> None:
        text = _text(value, run)
        if text is None:
            self.unknown = True
            return
        alone = run.frame.function is None or not run.entry.endswith("(defaults)")
        holder = self.symbolic if alone and _is_entry(run) else self.concrete
        holder[text] = _dtype(value)

    @property
    def only(self) -> tuple[str, str | None] | None:
        """The shape, where all entries that say something say the same."""
        known = self.symbolic or self.concrete
        if self.unknown or len(known) != 1:
            return None
        return next(iter(known.items()))


class _Observer:
    """Implements :class:`attnlint.interpreter.watching.Watcher` for every function of a file."""

    def __init__(self, alignment: Alignment) -> None:
        self._alignment = alignment
        self.undecided: set[int] = set()
        self.assigned_shapes: dict[ast.stmt, dict[str, _Seen]] = {}
        self.parameters: dict[ast.AST, dict[str, _Seen]] = {}
        self.results: dict[ast.AST, _Seen] = {}
        self._running: list[tuple[Frame, dict[str, Value]]] = []

    def entered(self, run: Run, frame: Frame, function: FunctionValue) -> None:
        while self._running and not any(frame is self._running[-1][0] for frame in run.frames):
            self._running.pop()
        if self._alignment.declared_in(function) is not None:
            self._running.append((frame, dict(frame.scope.variables)))
            if not _is_entry(run):
                self.undecided.add(function.node.id)

    def assigned(self, run: Run, node: nodes.Assign | nodes.AugmentedAssign, value: Value) -> None:
        statement = self._statement(run, node)
        if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
            return
        found = self.assigned_shapes.setdefault(statement, {})
        for name, each in _targets(statement, value):
            found.setdefault(name, _Seen()).add(snapshot(run, each, as_tensors=True), run)

    def returned(self, run: Run, node: nodes.Return | None, value: Value) -> None:
        function = run.frame.function
        declared = self._alignment.declared_in(function) if function is not None else None
        if declared is None:
            return
        self.results.setdefault(declared.node, _Seen()).add(snapshot(run, value, as_tensors=True), run)
        if self._running and self._running[-1][0] is run.frame and _is_entry(run):
            found = self.parameters.setdefault(declared.node, {})
            for name, passed in self._running[-1][1].items():
                seen = snapshot(run, passed, as_tensors=True)
                if type(seen) is Tensor:
                    found.setdefault(name, _Seen()).add(seen, run)

    def _statement(self, run: Run, node: nodes.Node) -> ast.stmt | None:
        function = run.frame.function
        if function is not None and self._alignment.declared_in(function) is None:
            return None
        return self._alignment.statement_of(run.frame, node)


def annotated(text: str, path: str, style: Style = "comment") -> str:
    """The text with its shapes written in. Raises SourceError."""
    from attnlint.fixes.edits import apply_edits

    source = parse(text, path, keep_tree=True)
    tree = source.tree
    if tree is None:
        return text
    observer = _Observer(Alignment(source, _everything(tree)))
    analyse(source, Project.around(path), AnalysisOptions(watcher=observer))
    lines = re.split(r"\r\n|\r|\n", source.text)
    edits = _comments(observer, lines) if style == "comment" else _annotations(observer, tree, lines)
    return apply_edits(text, edits)


def _everything(tree: ast.Module) -> FileDeclarations:
    """Every function as if something were declared in it."""
    found = FileDeclarations(top=Declared("", tree))
    assert found.top is not None
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            found.functions[first] = Declared(node.name, node)
    found.top.by_statement = {
        statement: [] for statement in tree.body if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign)
    }
    return found


# --- comments -------------------------------------------------------------------------------------------------------


def _comments(observer: _Observer, lines: Sequence[str]) -> Iterator[Edit]:
    """A comment at the end of each statement that makes tensors and has none yet."""
    taken: set[int] = set()
    for statement, names in observer.assigned_shapes.items():
        number = statement.end_lineno
        assert number is not None and statement.end_col_offset is not None
        line = lines[number - 1]
        end = len(line.encode()[: statement.end_col_offset].decode(errors="replace"))
        if line[end:].strip() or number in taken or _has_comment_above(statement, lines):
            continue
        shapes = {name: seen.only for name, seen in names.items()}
        if not shapes or any(shape is None for shape in shapes.values()):
            continue
        texts = {name: shape[0] for name, shape in shapes.items() if shape is not None}
        comment = next(iter(texts.values()))
        if len(set(texts.values())) > 1:
            comment = ", ".join(f"{name}: {text}" for name, text in texts.items())
        if end + len(comment) + 4 <= LONGEST:
            taken.add(number)
            yield Edit(Range(number, end + 1, number, end + 1), f"  # {comment}")


def _has_comment_above(statement: ast.stmt, lines: Sequence[str]) -> bool:
    above = lines[statement.lineno - 2].strip() if statement.lineno > 1 else ""
    return above.startswith("#") and bool(read_comment(above))


# --- annotations ----------------------------------------------------------------------------------------------------


def _annotations(observer: _Observer, tree: ast.Module, lines: Sequence[str]) -> list[Edit]:
    """Annotations of the parameters and the result, where none or a plain tensor stands there, and the imports."""
    edits: list[Edit] = []
    kinds: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        bound: set[str] = set()
        seen = observer.parameters.get(node, {})
        arguments = node.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            shape = seen[argument.arg].only if argument.arg in seen else None
            if shape is None or not _is_free(argument.annotation):
                continue
            kind, words = _kind(shape[1]), _words(shape[0], bound)
            kinds.add(kind)
            edits.append(_annotation(lines, argument.annotation, argument, f'{kind}[Tensor, "{words}"]'))
        result = observer.results.get(node)
        shape = result.only if result is not None else None
        if shape is not None and bound and node.returns is not None and _is_free(node.returns):
            kind = _kind(shape[1])
            kinds.add(kind)
            edits.append(_annotation(lines, node.returns, node, f'{kind}[Tensor, "{_words(shape[0], bound)}"]'))
    if edits:
        edits += _imports(tree, kinds)
    return edits


def _annotation(lines: Sequence[str], present: ast.expr | None, holder: Any, text: str) -> Edit:
    if present is not None:
        assert present.end_lineno is not None and present.end_col_offset is not None
        start = _column(lines, present.lineno, present.col_offset)
        end = _column(lines, present.end_lineno, present.end_col_offset)
        return Edit(Range(present.lineno, start, present.end_lineno, end), text)
    column = _column(lines, holder.end_lineno, holder.end_col_offset)
    return Edit(Range(holder.end_lineno, column, holder.end_lineno, column), f": {text}")


def _is_free(annotation: ast.expr | None) -> bool:
    """Whether an annotation says no more than that it is a tensor."""
    if annotation is None:
        return True
    return jaxtyped(annotation) is None and _TENSOR.fullmatch(ast.unparse(annotation)) is not None


def _kind(dtype: str | None) -> str:
    if dtype is None:
        return "Shaped"
    if dtype in _KINDS:
        return _KINDS[dtype]
    return "Float" if "float" in dtype else "Int"


def _words(text: str, bound: set[str]) -> str:
    """The axes as jaxtyping writes them. It refuses an expression of names that stand nowhere by themselves."""
    words = []
    for axis in text.strip("()").rstrip(",").split(", "):
        axis = axis.replace(" ", "")
        if axis.isidentifier():
            bound.add(axis)
        elif not axis.isdigit() and not set(re.findall(r"[A-Za-z_]\w*", axis)) <= bound:
            axis = "_"
        words.append(axis)
    return " ".join(words)


def _imports(tree: ast.Module, kinds: set[str]) -> Iterator[Edit]:
    """The imports of what the annotations use, after the last import at the top."""
    known = {
        alias.asname or alias.name
        for statement in tree.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    rows = []
    if missing := sorted(kinds - known):
        rows.append(_BUILTIN.format(", ".join(missing)))
    if "Tensor" not in known:
        rows.append("from torch import Tensor")
    if not rows:
        return
    last = 0
    for place, statement in enumerate(tree.body):
        is_docstring = place == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if isinstance(statement, ast.Import | ast.ImportFrom) or is_docstring:
            last = statement.end_lineno or last
        else:
            break
    yield Edit(Range(last + 1, 1, last + 1, 1), "".join(f"{row}\n" for row in rows))


# --- values ---------------------------------------------------------------------------------------------------------


def _text(value: Value, run: Run) -> str | None:
    """The shape in the author's names: those of local variables before those of hyper-parameters."""
    texts = axis_texts(run, value.shape, None, variables(run)) if type(value) is Tensor else None
    return None if texts is None else written(list(texts), "(", ", ")


def _dtype(value: Value) -> str | None:
    return value.dtype if type(value) is Tensor else None


def _is_entry(run: Run) -> bool:
    return run.frame.function is None or (run.frame.call is not None and run.frame.call.id == 0)


def _targets(statement: ast.Assign | ast.AnnAssign | ast.AugAssign, value: Value) -> Iterable[tuple[str, Value]]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    first = targets[0]
    if not isinstance(first, ast.Tuple | ast.List):
        return [(ast.unparse(first), value)] if isinstance(first, ast.Name) else []
    items = value.values if type(value) is NamedTuple else value.items if type(value) is ListValue else value
    if type(items) not in (tuple, list) or len(items) != len(first.elts):
        return []
    return [(ast.unparse(element), each) for element, each in zip(first.elts, items, strict=True)]


def _column(lines: Sequence[str], line: int, offset: int) -> int:
    text = lines[line - 1]
    return offset + 1 if text.isascii() else len(text.encode()[:offset].decode(errors="replace")) + 1
