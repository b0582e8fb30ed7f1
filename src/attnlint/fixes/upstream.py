"""Repairs of what led to a failure: the order of axes, a pattern, or the sizes that an operand was created with."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations

from attnlint.fixes.generators import repairs
from attnlint.fixes.patterns import changed_axes
from attnlint.fixes.site import Candidate, Site, is_integer, last_name
from attnlint.values import Tensor

_CODES = ("ATN101", "ATN102", "ATN104", "ATN105", "ATN106", "ATN108", "ATN110", "ATN111")

_AXIS_LAST = frozenset({"unsqueeze", "squeeze", "cat", "stack", "flatten", "unbind", "sum", "mean", "select"})
_CREATIONS = frozenset({"randn", "rand", "zeros", "ones", "empty", "full", "randint"})


@repairs(*_CODES)
def order_of_axes(site: Site) -> Iterator[Candidate]:
    """Another pair of axes for a transposition before, another order for a ``permute``, another axis for ``cat``."""
    ranks = {
        _name(step.operation): len(tensor.shape.dims) for step in site.evidence.steps for tensor in _made(step.result)
    }
    for call in _calls_before(site, frozenset(ranks)):
        name = last_name(call.func)
        numbers = [argument for argument in call.args if is_integer(argument)]
        short = site.short(call)
        if name in ("transpose", "swapaxes") and len(numbers) == 2:
            rank = ranks[name]
            given = {ast.literal_eval(number) % rank for number in numbers}
            for pair in combinations(range(rank), 2):
                if set(pair) != given:
                    signed = [axis - rank if ast.literal_eval(numbers[0]) < 0 else axis for axis in pair]
                    edits = (site.replace(numbers[0], str(signed[0])), site.replace(numbers[1], str(signed[1])))
                    yield Candidate(f"transpose axes {signed[0]} and {signed[1]} in {short}", edits, tier=1)
        elif name == "permute" and len(numbers) == len(call.args) > 2:
            for first, second in combinations(numbers, 2):
                one, other = site.source(first), site.source(second)
                edits = (site.replace(first, other), site.replace(second, one))
                yield Candidate(f"swap {one} and {other} in {short}", edits, tier=1)
        elif name in ("view", "reshape", "expand") and len(call.args) > 2:
            for first, second in combinations(call.args, 2):
                one, other = site.source(first), site.source(second)
                if one != other:
                    edits = (site.replace(first, other), site.replace(second, one))
                    yield Candidate(f"swap {one} and {other} in {short}", edits, tier=1)
        elif name in _AXIS_LAST:
            axes = [keyword.value for keyword in call.keywords if keyword.arg in ("dim", "axis")] or numbers[-1:]
            for axis in axes:
                value = ast.literal_eval(axis) if is_integer(axis) else None
                for wanted in (value - 1, value + 1) if value is not None else ():
                    yield Candidate(f"use axis {wanted} in {short}", (site.replace(axis, str(wanted)),), tier=1)
        elif name in ("rearrange", "Rearrange") and call.args:
            for literal in call.args:
                if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
                    for candidate in changed_axes(site, literal, call):
                        yield Candidate(candidate.title, candidate.edits, tier=1)


@repairs(*_CODES)
def sizes_of_inputs(site: Site) -> Iterator[Candidate]:
    """The operands of an example were created with sizes that do not fit: ``torch.randn(10, 256)`` for 512."""
    wanted = dict.fromkeys(
        size
        for value in site.evidence.arguments
        if isinstance(value, Tensor)
        for size in value.shape.dims
        if isinstance(size, int)
    )
    names = {name for step in site.evidence.steps for name in step.names if name}
    for node in ast.walk(site.function):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            continue
        target = node.targets[0]
        if not isinstance(target, ast.Name) or target.id not in names or last_name(node.value.func) not in _CREATIONS:
            continue
        for argument in reversed(node.value.args):
            if not is_integer(argument):
                continue
            for size in wanted:
                if size != ast.literal_eval(argument):
                    title = f"create {target.id} with {size} instead of {site.source(argument)}"
                    yield Candidate(title, (site.replace(argument, str(size)),), tier=1)


def _calls_before(site: Site, names: frozenset[str]) -> Iterator[ast.Call]:
    """The calls of these names in the same function, up to the failure, the nearest first."""
    last = site.finding.range.end_line
    found = [
        node
        for node in ast.walk(site.function)
        if isinstance(node, ast.Call)
        and node is not site.node
        and node.lineno <= last
        and last_name(node.func) in names
    ]
    return iter(sorted(found, key=lambda node: (-node.lineno, -node.col_offset)))


def _name(operation: str) -> str:
    return operation.rpartition(".")[2]


def _made(result: tuple[object, ...]) -> Iterator[Tensor]:
    yield from (item for item in result if isinstance(item, Tensor))
