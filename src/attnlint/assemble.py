"""Raw findings of the interpreter to findings placed in the source, with their messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from attnlint.algebra import Expression
from attnlint.findings import Finding, Range, Related
from attnlint.findings import Operand as PlacedOperand
from attnlint.rules import rule
from attnlint.values import Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.results import Link, Operand, RawFinding
    from attnlint.syntax import Source

LINE = 100
"""How long a message may become before the operands' texts are left out; flake8 shows only this line."""

TEXT = 32
"""How much of an operand's text stands in a message."""

PYTHON_OPERATIONS = {
    "operator.matmul": "@",
    "operator.truth": "bool",
    "operator.add": "+",
    "operator.sub": "-",
    "operator.mul": "*",
    "operator.truediv": "/",
    "operator.floordiv": "//",
    "operator.mod": "%",
    "operator.pow": "**",
    "operator.and_": "&",
    "operator.or_": "|",
    "operator.xor": "^",
    "operator.eq": "==",
    "operator.ne": "!=",
    "operator.lt": "<",
    "operator.le": "<=",
    "operator.gt": ">",
    "operator.ge": ">=",
    "unpack": "unpacking the shape",
    "getitem": "indexing",
    "setitem": "assignment to an index",
}
"""Operations that have no name in the author's text."""


def assemble(raw: Iterable[RawFinding], source: Source, open_source: Callable[[str], Source | None]) -> list[Finding]:
    """Place raw findings. ``open_source`` gives another file of the project, for related locations there."""
    raw = list(raw)
    wanted: dict[str, set[int]] = {}
    for one in raw:
        nodes = wanted.setdefault(source.path, set())
        nodes.update((one.place, one.statement), (operand.node for operand in one.operands if operand.node is not None))
        for link in (*one.chain, *one.origins, *one.conditions):
            wanted.setdefault(link.place.path, set()).add(link.place.node)
        if one.caught is not None:
            wanted.setdefault(one.caught.path, set()).add(one.caught.node)
    ranges: dict[tuple[str, int], Range] = {}
    for path, nodes in wanted.items():
        file = source if path == source.path else open_source(path)
        if file is not None:
            ranges.update({(path, node): place for node, place in file.ranges(nodes).items()})
    return [_finding(one, source, ranges) for one in raw]


def _finding(raw: RawFinding, source: Source, ranges: dict[tuple[str, int], Range]) -> Finding:
    described = rule(raw.code)
    related = [
        *_related(raw.origins, "dim", "", ranges),
        *_related(raw.chain, "call", "", ranges),
        *_related(raw.conditions, "note", "on the path where ", ranges),
    ]
    notes = []
    if raw.caught is not None and (handler := ranges.get((raw.caught.path, raw.caught.node))) is not None:
        notes.append(f"the error is caught by the except clause at line {handler.line}")
        related.append(Related(raw.caught.path, handler, "caught here", "note"))
    return Finding(
        code=raw.code,
        path=source.path,
        range=ranges[source.path, raw.place],
        message=message(raw, source),
        advice=raw.complaint.advice or " ".join(described.how_to_fix.split()),
        severity=described.severity,
        operands=tuple(_operand(operand, source, ranges) for operand in raw.operands if _is_shown(operand)),
        related=tuple(related),
        notes=tuple(notes),
        evidence=raw.evidence,
        extra={"entry": raw.entry},
    )


def message(raw: RawFinding, source: Source) -> str:
    """The first line: the operation, its operands with their shapes, and what clashes."""
    shown = [operand for operand in raw.operands if _is_shown(operand)][:3]
    line = _sentence(raw, [f"{_shorten(_text(operand, source))} {shape_text(operand.value)}" for operand in shown])
    if len(line) > LINE:
        line = _sentence(raw, [shape_text(operand.value) for operand in shown])
    return line


def _sentence(raw: RawFinding, operands: list[str]) -> str:
    subject = f"{_operation(raw)} of {' and '.join(operands)}" if operands else _operation(raw)
    return f"{subject}: {raw.complaint.summary}"


def _operation(raw: RawFinding) -> str:
    """The operation as an author writes it: ``@``, ``Tensor.view``, ``nn.Linear(64, 128)``."""
    name = raw.evidence.operation or raw.operation
    if name in PYTHON_OPERATIONS:
        return PYTHON_OPERATIONS[name]
    if raw.evidence.constructor is not None:
        positional, keywords = raw.evidence.constructor
        arguments = [*map(_argument, positional), *(f"{key}={_argument(value)}" for key, value in keywords.items())]
        return f"{name.removeprefix('torch.')}({', '.join(arguments)})"
    return name.removeprefix("torch.") if name.startswith(("torch.Tensor.", "torch.nn.")) else name


def _argument(value: Value) -> str:
    text = shape_text(value)
    return text if text != "?" and len(text) <= TEXT else "…"


def _text(operand: Operand, source: Source) -> str:
    """What the author wrote for an operand, where the operation stands in the checked file."""
    return source.text_of(operand.node) if operand.node is not None else operand.text or operand.name


def shape_text(value: Value) -> str:
    """The shape of a tensor, or the value of a size, as messages show it."""
    if isinstance(value, Tensor):
        return str(value.shape)
    if isinstance(value, tuple) and all(isinstance(item, int | Expression) for item in value):
        return f"({', '.join(map(str, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, int | float | str | Expression) or value is None:
        return repr(value) if isinstance(value, str) else str(value)
    return "?"


def _is_shown(operand: Operand) -> bool:
    return isinstance(operand.value, Tensor) or (isinstance(operand.value, Unknown) and bool(operand.text))


def _operand(operand: Operand, source: Source, ranges: dict[tuple[str, int], Range]) -> PlacedOperand:
    dtype = operand.value.dtype if isinstance(operand.value, Tensor) else None
    place = ranges.get((source.path, operand.node)) if operand.node is not None else None
    return PlacedOperand(_text(operand, source), shape_text(operand.value), dtype, place)


def _related(links: Iterable[Link], kind: str, prefix: str, ranges: dict[tuple[str, int], Range]) -> Iterable[Related]:
    for link in links:
        place = ranges.get((link.place.path, link.place.node))
        if place is not None:
            yield Related(link.place.path, place, prefix + link.text, kind)  # type: ignore[arg-type]


def _shorten(text: str) -> str:
    return text if len(text) <= TEXT else text[: TEXT - 1] + "…"
