"""Repairs of matrix products: a transposition too few or too many, ``bmm`` on matrices."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from attnlint.findings import Edit
from attnlint.fixes.generators import repairs
from attnlint.fixes.site import Candidate, Site, is_integer

MATRIX_PRODUCTS = {"bmm": "matmul", "mm": "matmul", "mv": "matmul", "dot": "matmul"}
TRANSPOSITIONS = frozenset({"transpose", "swapaxes", "swapdims", "t", "permute"})
ATTRIBUTES = frozenset({"T", "mT", "H", "mH"})


@repairs("ATN103")
def matmul_for_batched(site: Site) -> Iterator[Candidate]:
    """``torch.bmm`` takes three-dimensional tensors only; ``matmul`` does the same for any number of batch axes."""
    call = site.call
    if call is None or call.keywords:
        return
    name = site.operation.rpartition(".")[2]
    if name in MATRIX_PRODUCTS and isinstance(call.func, ast.Attribute) and call.func.attr == name:
        title = f"use matmul, which takes any number of batch axes, instead of {name}"
        yield Candidate(title, (site.rename(call.func, MATRIX_PRODUCTS[name]),), safe=True, intent="matmul")


@repairs("ATN103", "ATN107")
def transpose_of_last_axes(site: Site) -> Iterator[Candidate]:
    """``t()`` and ``T`` are for matrices; with batch axes it is the last two that change places."""
    node = site.node
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "t" and not node.args:
        receiver = site.source(node.func.value)
        yield Candidate("transpose the last two axes", (site.replace(node, f"{receiver}.transpose(-2, -1)"),))
    if isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES:
        receiver = site.source(node.value)
        yield Candidate("transpose the last two axes", (site.replace(node, f"{receiver}.transpose(-2, -1)"),))


@repairs("ATN101", "ATN102", "ATN103", "ATN201")
def transpositions(site: Site) -> Iterator[Candidate]:
    """The last two axes of an operand change places, or no longer do."""
    operands = site.operands()[:2]
    if len(operands) < 2:
        return
    rename: tuple[Edit, ...] = ()
    prefix = ""
    call = site.call
    if (
        site.finding.code == "ATN103"
        and call is not None
        and isinstance(call.func, ast.Attribute)
        and not call.keywords
    ):
        # On matrices, what `bmm` is to become `matmul` for may need a transposition as well.
        wanted = MATRIX_PRODUCTS.get(call.func.attr)
        if wanted is not None:
            rename, prefix = (site.rename(call.func, wanted),), f"use {wanted} instead of {call.func.attr}, and "
    for node, _ in reversed(operands):
        for one in _transposed(site, node):
            yield Candidate(prefix + one.title, (*rename, *one.edits), intent=one.intent, tier=1 if rename else 0)


def _transposed(site: Site, node: ast.expr) -> Iterator[Candidate]:
    inner = transposition(node)
    if inner is None:
        title = f"transpose the last two axes of {site.short(node)}"
        yield Candidate(title, site.append(node, ".transpose(-2, -1)"), intent=f"transpose {site.source(node)}")
        return
    receiver, axes = inner
    name = site.short(receiver)
    last = {"-1", "-2"}
    if axes is not None and {site.source(axis) for axis in axes} != last and len(axes) == 2:
        edits = (site.replace(axes[0], "-2"), site.replace(axes[1], "-1"))
        yield Candidate(f"transpose the last two axes of {name}", edits, intent=f"transpose {site.source(receiver)}")
    if axes is None and not isinstance(node, ast.Attribute):
        edit = site.replace(node, f"{site.source(receiver)}.transpose(-2, -1)")
        yield Candidate(f"transpose the last two axes of {name}", (edit,), intent=f"transpose {site.source(receiver)}")
    yield Candidate(f"leave {name} as it is, not transposed", (site.replace(node, site.source(receiver)),))


def transposition(node: ast.expr) -> tuple[ast.expr, list[ast.expr] | None] | None:
    """What is transposed by ``x.transpose(1, 2)``, ``torch.transpose(x, 1, 2)`` or ``x.mT``, and the axes."""
    if isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES:
        return node.value, None
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.keywords:
        return None
    if node.func.attr not in TRANSPOSITIONS:
        return None
    arguments = list(node.args)
    receiver: ast.expr = node.func.value
    if isinstance(receiver, ast.Name) and receiver.id == "torch" and arguments:
        receiver, arguments = arguments[0], arguments[1:]
    if arguments and all(is_integer(argument) for argument in arguments):
        return receiver, arguments
    return (receiver, None) if not arguments else None
