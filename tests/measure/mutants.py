"""One-line size errors, put into working programs: the kinds of mistake that users make, by a change of the source
text."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

AXIS_OPS = {
    "softmax",
    "log_softmax",
    "cat",
    "concat",
    "stack",
    "chunk",
    "split",
    "unbind",
    "sum",
    "mean",
    "unsqueeze",
    "squeeze",
}
SHAPE_OPS = {"view", "reshape", "expand", "repeat", "zeros", "ones", "randn", "empty", "unflatten"}
WIDTH_LAYERS = {
    "Linear",
    "LayerNorm",
    "RMSNorm",
    "Embedding",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "GroupNorm",
    "BatchNorm1d",
    "BatchNorm2d",
    "MultiheadAttention",
    "LSTM",
    "GRU",
    "TransformerEncoderLayer",
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A program with one change."""

    kind: str
    line: int
    description: str
    text: str


class _Editor:
    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *itertools.accumulate(len(line.encode()) for line in text.splitlines(keepends=True))]
        self.data = text.encode()

    def source(self, node: ast.AST) -> str:
        return self.data[slice(*self.span(node))].decode()

    def span(self, node: ast.AST) -> tuple[int, int]:
        start = self.starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        end = self.starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
        return start, end

    def replace(self, kind: str, *changes: tuple[ast.AST, str]) -> Mutant:
        spans = sorted(((self.span(node), new) for node, new in changes), reverse=True)
        data = self.data
        for (start, end), new in spans:
            data = data[:start] + new.encode() + data[end:]
        node, new = changes[0]
        return Mutant(kind, node.lineno, f"{self.source(node)} -> {new}"[:100], data.decode())  # type: ignore[attr-defined]


def mutants(text: str) -> Iterator[Mutant]:
    """Every mutant of a program, in source order of the change, deterministic."""
    editor = _Editor(text)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            yield from _call(editor, node)
        elif isinstance(node, ast.Assign):
            yield from _unpacking(editor, node)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            left, right = editor.source(node.left), editor.source(node.right)
            yield editor.replace("swapped matmul", (node, f"(({right}) @ ({left}))"))
            yield editor.replace("extra transpose", (node.right, f"({right}).transpose(-1, -2)"))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv):
            yield editor.replace("lost division", (node, f"({editor.source(node.left)})"))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and _is_size(node.right):
            yield editor.replace("lost factor", (node, f"({editor.source(node.left)})"))
        elif isinstance(node, ast.FunctionDef):
            for default in node.args.defaults:
                if _is_size(default):
                    yield editor.replace("default", (default, str(_value(default) + 1)))


def _call(editor: _Editor, node: ast.Call) -> Iterator[Mutant]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    if name in WIDTH_LAYERS:
        for argument in node.args[:2]:
            source = editor.source(argument)
            yield editor.replace(
                "layer width", (argument, str(_value(argument) * 2) if _is_size(argument) else f"({source}) * 2")
            )
            yield editor.replace(
                "layer width", (argument, str(_value(argument) + 1) if _is_size(argument) else f"({source}) + 1")
            )
        if len(node.args) >= 2 and editor.source(node.args[0]) != editor.source(node.args[1]):
            first, second = editor.source(node.args[0]), editor.source(node.args[1])
            yield editor.replace("swapped widths", (node.args[0], second), (node.args[1], first))
    if name in ("transpose", "permute", "t", "swapaxes") and receiver is not None and not _is_module(receiver):
        yield editor.replace("dropped transpose", (node, editor.source(receiver)))
        numbers = [argument for argument in node.args if _is_number(argument)]
        if len(numbers) == len(node.args) >= 2:
            for first, second in itertools.combinations(numbers, 2):
                if name == "permute":
                    one, two = editor.source(first), editor.source(second)
                    yield editor.replace("permute order", (first, two), (second, one))
            if name != "permute":
                for argument in numbers:
                    value = _value(argument)
                    yield editor.replace("transpose axis", (argument, str(value - 1 if value else 1)))
    if name in SHAPE_OPS and len(node.args) >= 2:
        arguments = [argument for argument in node.args if not isinstance(argument, ast.Starred)]
        for first, second in itertools.pairwise(arguments):
            one, two = editor.source(first), editor.source(second)
            if one != two:
                yield editor.replace("shape arguments", (first, two), (second, one))
        for argument in arguments:
            if _is_size(argument):
                yield editor.replace("shape size", (argument, str(_value(argument) * 2)))
    if name in ("chunk", "split", "unbind") and node.args:
        argument = node.args[0] if receiver is not None and not _is_module(receiver) else node.args[-1]
        if _is_size(argument):
            yield editor.replace("chunks", (argument, str(_value(argument) + 1)))
    if name in AXIS_OPS:
        for argument in [
            *(keyword.value for keyword in node.keywords if keyword.arg in ("dim", "axis")),
            *node.args[-1:],
        ]:
            if _is_number(argument):
                for value in (_value(argument) - 1, _value(argument) + 1):
                    yield editor.replace("axis", (argument, str(value)))
    if name == "einsum" and node.args and isinstance(node.args[0], ast.Constant):
        yield from _pattern(editor, node.args[0], "einsum letter")
    if name in ("rearrange", "repeat", "reduce", "Rearrange") and node.args:
        for argument in node.args[:2]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield from _pattern(editor, argument, "einops axis")
        for keyword in node.keywords:
            if _is_size(keyword.value):
                yield editor.replace("einops size", (keyword.value, str(_value(keyword.value) + 1)))
    for keyword in node.keywords:
        if keyword.arg in ("heads", "num_heads", "nhead", "n_head", "n_heads") and _is_size(keyword.value):
            yield editor.replace("heads", (keyword.value, str(_value(keyword.value) + 1)))
        if (
            keyword.arg
            and re.search("dim|size|width|channels|features|hidden|embed", keyword.arg)
            and _is_size(keyword.value)
        ):
            yield editor.replace("keyword size", (keyword.value, str(_value(keyword.value) + 1)))
        if keyword.arg == "batch_first" and isinstance(keyword.value, ast.Constant):
            yield editor.replace("batch_first", (keyword.value, str(not keyword.value.value)))


def _pattern(editor: _Editor, node: ast.Constant, kind: str) -> Iterator[Mutant]:
    text = str(node.value)
    places = (
        [match.start() for match in re.finditer(r"[a-zA-Z]\w*", text)]
        if "einops" in kind
        else [index for index, letter in enumerate(text) if letter.isalpha()]
    )
    for first, second in itertools.pairwise(places):
        if text[first] != text[second] and (kind == "einsum letter" or not text[first + 1 : first + 2].isalnum()):
            letters = list(text)
            letters[first], letters[second] = letters[second], letters[first]
            yield editor.replace(kind, (node, repr("".join(letters))))


def _unpacking(editor: _Editor, node: ast.Assign) -> Iterator[Mutant]:
    target = node.targets[0]
    if not isinstance(target, ast.Tuple) or not re.search(r"\.(shape|size\(\))", editor.source(node.value)):
        return
    for first, second in itertools.pairwise(target.elts):
        one, two = editor.source(first), editor.source(second)
        if one != two:
            yield editor.replace("swapped unpacking", (first, two), (second, one))
    if len(target.elts) > 2:
        names = ", ".join(editor.source(element) for element in target.elts[:-1])
        yield editor.replace("short unpacking", (target, names))


def _is_number(node: ast.AST) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) is int


def _is_size(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value > 1


def _value(node: ast.AST) -> int:
    value = ast.literal_eval(node)  # type: ignore[arg-type]
    assert isinstance(value, int)
    return value


def _is_module(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("torch", "F", "nn", "np", "einops")
