"""Repairs of axis arguments: the axis of ``softmax``, ``cat`` or ``transpose`` that is not there or does not fit."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from attnlint.fixes.generators import repairs
from attnlint.fixes.site import Candidate, Site, is_integer
from attnlint.values import ListValue, Tensor

_PARAMETERS = frozenset({"dim", "axis", "dim0", "dim1", "axis0", "axis1", "dims", "start_dim", "end_dim"})
_WITHOUT_AXIS = frozenset({"cat", "concat", "concatenate", "softmax", "log_softmax", "split", "chunk", "unbind"})


@repairs("ATN107", "ATN108", "ATN118")
def another_axis(site: Site) -> Iterator[Candidate]:
    """Another number for an axis, or the axis where none is given (torch takes the first then)."""
    call = site.call
    if call is None:
        return
    rank = max((value.shape.rank or 0 for value in _tensors(site)), default=0)
    if not rank:
        return
    name = site.operation.rpartition(".")[2]
    given = [keyword.value for keyword in call.keywords if keyword.arg in _PARAMETERS]
    given += [argument for argument in call.args if is_integer(argument)]
    if name in ("split", "chunk") and len(given) > 1:
        given = given[-1:]
    if name in ("split", "chunk") and not any(keyword.arg in _PARAMETERS for keyword in call.keywords):
        positional = [argument for argument in call.args if is_integer(argument)]
        # The first number is how many, not where.
        given = positional[1:]
    extra = 1 if name in ("unsqueeze", "stack") else 0
    for argument in given:
        if not is_integer(argument):
            continue
        value = ast.literal_eval(argument)
        axes = (
            range(-1, -rank - 1 - extra, -1)
            if value < 0
            else sorted(range(rank + extra), key=lambda axis: abs(axis - value))
        )
        others = {ast.literal_eval(other) % rank for other in given if other is not argument and is_integer(other)}
        for axis in axes:
            if axis != value and (extra or axis % rank not in others):
                yield Candidate(f"use axis {axis} instead of {value}", (site.replace(argument, str(axis)),))
    if not given and name in _WITHOUT_AXIS:
        for axis in range(-1, -rank - 1, -1):
            yield Candidate(f"name the axis: dim={axis}", (site.add_keyword(call, f"dim={axis}"),))


def _tensors(site: Site) -> Iterator[Tensor]:
    for value in (*site.evidence.arguments, *(site.evidence.keywords or {}).values()):
        items = value.items if isinstance(value, ListValue) else value if isinstance(value, tuple) else (value,)
        yield from (item for item in items if isinstance(item, Tensor))
