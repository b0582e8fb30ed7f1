"""Silent mistakes, put into working programs by a change of the source text: those of users in attention code."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.measure.mutants import Mutant, _Editor

CODES = {
    "softmax axis": "ATN301",
    "view for transpose": "ATN302",
    "merge without transpose": "ATN302",
    "batch_first": "ATN303",
    "tokens and heads swapped": "ATN303",
    "no scale": "ATN304",
    "times the root": "ATN304",
    "root of all heads": "ATN304",
    "scaled twice": "ATN304",
    "mask axis": "ATN305",
    "mask after softmax": "ATN306",
    "fill": "ATN306",
    "inverted mask": "ATN306",
    "dropout": "ATN307",
    "loss without squeeze": "ATN310",
    "causal turned": "ATN306",
    "copies": "ATN315",
    "lone letter": "ATN317",
    "rotary sign": "ATN314",
    "rotary pairs": "ATN314",
    "reshape for permute": "ATN302",
    "pooled over samples": "ATN303",
}
"""Kind of mistake to the code that is expected for it."""

_SOFTMAX = ("softmax", "Softmax")
_PADDING = ("key_padding_mask", "src_key_padding_mask", "tgt_key_padding_mask", "memory_key_padding_mask")


def silent_mutants(text: str) -> Iterator[Mutant]:
    """Every mutant of a program, in source order of the change, deterministic."""
    editor = _Editor(text)
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _call(editor, node)
        elif isinstance(node, ast.BinOp):
            yield from _arithmetic(editor, node)
        elif isinstance(node, ast.Subscript):
            yield from _mask_axis(editor, node)
        elif isinstance(node, ast.FunctionDef) and "rot" in node.name:
            yield from _rotary(editor, node)
        for name in ("body", "orelse"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield from _mask_late(editor, block)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return _name(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _call(editor: _Editor, node: ast.Call) -> Iterator[Mutant]:
    name = _name(node)
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    keywords = {each.arg: each.value for each in node.keywords if each.arg is not None}
    if name in _SOFTMAX:
        axis = keywords.get("dim", node.args[-1] if node.args else None)
        if axis is not None and editor.source(axis) in ("-1", "2", "3"):
            yield editor.replace("softmax axis", (axis, "-2"))
    if name == "transpose" and [editor.source(each) for each in node.args] == ["1", "2"] and receiver is not None:
        if isinstance(receiver, ast.Call) and _name(receiver) in ("view", "reshape") and len(receiver.args) == 4:
            sizes = [editor.source(each) for each in receiver.args]
            assert isinstance(receiver.func, ast.Attribute)
            swapped = ", ".join((sizes[0], sizes[2], sizes[1], sizes[3]))
            cut = f"{editor.source(receiver.func.value)}.reshape({swapped})"
            yield editor.replace("view for transpose", (node, cut))
    if name in ("reshape", "view") and isinstance(receiver, ast.Call):
        inner = receiver
        if _name(inner) == "contiguous" and isinstance(inner.func, ast.Attribute):
            inner = inner.func.value if isinstance(inner.func.value, ast.Call) else inner
        if _name(inner) == "transpose" and isinstance(inner.func, ast.Attribute) and len(inner.args) == 2:
            merged = f"{editor.source(inner.func.value)}.reshape({', '.join(map(editor.source, node.args))})"
            yield editor.replace("merge without transpose", (node, merged))
    yield from _moved_axes(editor, node, name, receiver)
    if name in ("tril", "triu"):
        turned = "triu" if name == "tril" else "tril"
        yield editor.replace("causal turned", (node.func, editor.source(node.func).replace(name, turned)))
    if name == "repeat_interleave" and receiver is not None and isinstance(node.func, ast.Attribute) and node.args:
        axis = keywords.get("dim", node.args[1] if len(node.args) > 1 else None)
        if axis is not None and editor.source(axis) == "1" and editor.source(receiver) != "torch":
            times = editor.source(node.args[0])
            yield editor.replace("copies", (node, f"{editor.source(receiver)}.repeat(1, {times}, 1, 1)"))
    if name == "einsum" and node.args and isinstance(node.args[0], ast.Constant):
        yield from _lone_letter(editor, node.args[0])
    if name == "mean" and receiver is not None and [editor.source(each) for each in node.args] == ["1"]:
        yield editor.replace("pooled over samples", (node.args[0], "0"))
    pooled = keywords.get("dim") if name == "mean" else None
    if pooled is not None and editor.source(pooled) == "1":
        yield editor.replace("pooled over samples", (pooled, "0"))
    first = keywords.get("batch_first")
    if isinstance(first, ast.Constant):
        yield editor.replace("batch_first", (first, str(not first.value)))
    if name == "scaled_dot_product_attention" and len(node.args) >= 3:
        changes = [(each, f"({editor.source(each)}).transpose(1, 2)") for each in node.args[:3]]
        yield editor.replace("tokens and heads swapped", *changes)
        query = editor.source(node.args[0])
        yield editor.replace("scaled twice", (node.args[0], f"(({query}) * ({query}).shape[-1] ** -0.5)"))
    for keyword in ("attn_mask", *_PADDING):
        mask = keywords.get(keyword)
        if mask is not None and not isinstance(mask, ast.Constant):
            yield editor.replace("inverted mask", (mask, f"~({editor.source(mask)})"))
    if name == "masked_fill" and len(node.args) == 2 and receiver is not None:
        yield editor.replace("fill", (node.args[1], "1e-9"))
        if isinstance(node.args[0], ast.Compare) and isinstance(node.args[0].ops[0], ast.Eq):
            left = editor.source(node.args[0].left)
            yield editor.replace(
                "inverted mask", (node.args[0], f"{left} != {editor.source(node.args[0].comparators[0])}")
            )
    if "training" in editor.source(node) and name in ("dropout", "scaled_dot_product_attention"):
        for keyword, value in keywords.items():
            if "training" in editor.source(value):
                yield editor.replace("dropout", (value, "True" if keyword == "training" else "0.5"))
        if len(node.args) == 3 and name == "dropout":
            kept = ", ".join(map(editor.source, node.args[:2]))
            yield editor.replace("dropout", (node, f"{editor.source(node.func)}({kept})"))
    if "loss" in name.lower() or "criterion" in name.lower():
        for argument in node.args:
            if (
                isinstance(argument, ast.Call)
                and _name(argument) == "squeeze"
                and isinstance(argument.func, ast.Attribute)
            ):
                yield editor.replace("loss without squeeze", (argument, editor.source(argument.func.value)))


def _moved_axes(editor: _Editor, node: ast.Call, name: str, receiver: ast.expr | None) -> Iterator[Mutant]:
    """``x.permute(0, 2, 3, 1).reshape(...)`` and ``x.flatten(2).transpose(1, 2)``, with nothing moved."""
    inner = receiver
    while isinstance(inner, ast.Call) and _name(inner) == "contiguous" and isinstance(inner.func, ast.Attribute):
        inner = inner.func.value
    if not isinstance(inner, ast.Call) or not isinstance(inner.func, ast.Attribute):
        return
    source = editor.source(inner.func.value)
    if name in ("reshape", "view") and _name(inner) == "permute":
        yield editor.replace(
            "reshape for permute", (node, f"{source}.reshape({', '.join(map(editor.source, node.args))})")
        )
    if name == "transpose" and _name(inner) == "flatten" and [editor.source(each) for each in node.args] == ["1", "2"]:
        yield editor.replace(
            "reshape for permute", (node, f"({source}).reshape(({source}).shape[0], -1, ({source}).shape[1])")
        )


def _lone_letter(editor: _Editor, equation: ast.Constant) -> Iterator[Mutant]:
    """The letter that both operands are summed over, another one in the second."""
    text = equation.value
    if not isinstance(text, str) or text.count("->") != 1 or text.count(",") != 1 or "..." in text:
        return
    sides, output = text.split("->")
    left, right = sides.split(",")
    for letter in sorted(set(left) & set(right) - set(output) - {" "}):
        free = next(each for each in "zyxwvu" if each not in text)
        if len(letter) == 1 and letter.isalpha() and " " not in text.strip().replace(", ", ",").replace(" ->", "->"):
            yield editor.replace("lone letter", (equation, repr(f"{left},{right.replace(letter, free)}->{output}")))


def _rotary(editor: _Editor, function: ast.FunctionDef) -> Iterator[Mutant]:
    """The minus of a pair left out; halves in place of neighbours, or the other way round."""
    for node in ast.walk(function):
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Name):
            yield editor.replace("rotary sign", (node, editor.source(node.operand)))
    parts = [
        part
        for part in ast.walk(function)
        if isinstance(part, ast.Subscript) and "..." in editor.source(part.slice) and ":" in editor.source(part.slice)
    ]
    if len(parts) == 2 and "//" in editor.source(parts[0].slice):
        yield editor.replace("rotary pairs", (parts[0].slice, "..., ::2"), (parts[1].slice, "..., 1::2"))
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and _name(node) == "chunk" and isinstance(node.func, ast.Attribute):
            whole = editor.source(node.func.value)
            yield editor.replace("rotary pairs", (node, f"({whole}[..., ::2], {whole}[..., 1::2])"))


def _arithmetic(editor: _Editor, node: ast.BinOp) -> Iterator[Mutant]:
    left, right = editor.source(node.left), editor.source(node.right)
    scores = any(sign in left for sign in ("@", "matmul", "bmm", "einsum"))
    is_root = "sqrt" in right or "scale" in right or "** -0.5" in right or "** 0.5" in right
    if scores and is_root and isinstance(node.op, ast.Mult | ast.Div):
        yield editor.replace("no scale", (node, f"({left})"))
        if isinstance(node.op, ast.Div):
            yield editor.replace("times the root", (node, f"{left} * {right}"))
    if isinstance(node.op, ast.Pow) and right == "-0.5":
        yield editor.replace("times the root", (node.right, "0.5"))
        if isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.FloorDiv):
            yield editor.replace("root of all heads", (node.left, editor.source(node.left.left)))
    if isinstance(node.op, ast.Div) and "sqrt" in right:
        for part in ast.walk(node.right):
            if isinstance(part, ast.BinOp) and isinstance(part.op, ast.FloorDiv):
                yield editor.replace("root of all heads", (part, editor.source(part.left)))


def _mask_axis(editor: _Editor, node: ast.Subscript) -> Iterator[Mutant]:
    if isinstance(node.slice, ast.Tuple) and editor.source(node.slice) == ":, None, None, :":
        yield editor.replace("mask axis", (node.slice, ":, None, :, None"))


def _mask_late(editor: _Editor, block: list[ast.stmt]) -> Iterator[Mutant]:
    """``s = s.masked_fill(m, v); w = softmax(s)`` becomes ``w = softmax(s).masked_fill(m, 0.0)``."""
    for index, first in enumerate(block):
        if not (isinstance(first, ast.Assign) and isinstance(first.value, ast.Call)):
            continue
        call = first.value
        if _name(call) != "masked_fill" or len(call.args) != 2:
            continue
        for second in block[index + 1 :]:
            if isinstance(second, ast.Assign) and _name(second.value) in _SOFTMAX:
                late = f"{editor.source(second.value)}.masked_fill({editor.source(call.args[0])}, 0.0)"
                yield editor.replace("mask after softmax", (first, "pass"), (second.value, late))
                break
