"""ATN316: a square matrix, and a row of its own sums that is laid along the wrong axis.

    weights = scores / scores.sum(dim=1)      # keepdim=True is missing

Without ``keepdim`` the sums of the rows are (n,), and a broadcast lays them along the columns. Where the matrix is not
square torch refuses; where it is, each column is divided by the sum of a row. Left alone: what may be symmetric (a
matrix times its own transpose, distances, what comes in from elsewhere), for its rows and columns have the same sums.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra import Answer
from attnlint.findings import Property
from attnlint.interpreter.silent.flow import ACTIVATIONS, CASTS, argument, is_same, maker_of, operands, short_name
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.ops.complaint import Clash, Complaint
from attnlint.values import Maker, Tensor

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

_REDUCTIONS = frozenset("sum mean amax amin max min norm std logsumexp vector_norm".split())
_OF_EACH = CASTS | ACTIVATIONS | {"sqrt", "rsqrt", "clamp", "exp", "abs", "pow", "softplus", "elu", "leaky_relu"}
_SCALED = frozenset({"div", "mul", "add", "sub"})
_MOST_STEPS = 6


def operation(observation: Observation) -> None:
    """``x / x.sum(dim=1)``, ``x - x.mean(dim=1)``"""
    if len(observation.arguments) < 2 or not isinstance(observation.result, Tensor):
        return
    whole, row = observation.arguments[:2]
    run = observation.run
    if not isinstance(whole, Tensor) or not isinstance(row, Tensor) or row.shape.rank != 1:
        return
    dims = run.facts.resolve(whole.shape)
    if dims.rank != 2 or run.facts.equal(*dims.dims) is not Answer.YES or run.facts.is_one(dims.dims[0]) is Answer.YES:
        return
    name = _reduced_along_rows(run, row, whole)
    if name is None or not _is_no_symmetric(run, whole):
        return
    complaint = Complaint(
        "ATN316",
        f"the {name} of each row is laid along the columns",
        advice="keep the axis: `keepdim=True`",
        arguments=("input", "other"),
        clash=(Clash("input", 1, dims.dims[1]), Clash("other", 0, row.shape.dims[0])),
    )
    where = {"source_axis": 0, "result": observation.result, "result_axis": 0, "word": "row"}
    observation.report(complaint, Property("made_of_its_own", {"source": whole, **where}, (whole,)), several=dims.dims)


def _reduced_along_rows(run: Run, row: Tensor, whole: Tensor) -> str | None:
    """The name of the reduction along the last axis that made the row out of the whole."""
    for _ in range(_MOST_STEPS):
        call = maker_of(row)
        if call is None:
            return None
        name = short_name(call.operation)
        parts = list(operands(run, call))
        if not parts:
            return None
        if name in _REDUCTIONS and call.layer is None:
            dim = argument(call, "dim", 2 if name in ("norm", "vector_norm") else 1)
            keeps = call.keywords.get("keepdim", False)
            same = is_same(parts[0], whole)
            return name if same and dim in (1, -1) and keeps is False else None
        if name not in _OF_EACH | _SCALED or len(parts) != 1:
            return None
        row = parts[0]
    return None


def _is_no_symmetric(run: Run, whole: Tensor) -> bool:
    """Whether rows and columns of a matrix are of different things: queries and keys, samples and features."""
    for _ in range(_MOST_STEPS):
        call = maker_of(whole)
        if call is None:
            return False
        name = short_name(call.operation)
        parts = list(operands(run, call))
        if name in ("randn", "rand") or (name in ("Linear", "linear") and parts):
            return True
        if name in ("matmul", "mm", "__matmul__") and len(parts) == 2:
            return not _have_one_beginning(run, *parts)
        if name not in _OF_EACH | _SCALED or len(parts) != 1:
            return False
        whole = parts[0]
    return False


def _have_one_beginning(run: Run, one: Tensor, other: Tensor) -> bool:
    """Whether two tensors are one, seen through transposes and the like: no layer lies between them."""
    return _beginning(run, one) is _beginning(run, other)


def _beginning(run: Run, tensor: Tensor) -> Maker | Tensor | None:
    for _ in range(_MOST_STEPS):
        call = maker_of(tensor)
        if call is None:
            return tensor
        name = short_name(call.operation)
        parts = list(operands(run, call))
        if name not in _OF_EACH | _SCALED | {"t", "T", "mT", "transpose", "permute", "normalize"} or len(parts) != 1:
            return call
        tensor = parts[0]
    return None


WATCHERS: dict[str, Watcher] = dict.fromkeys(
    ("div", "true_divide", "divide", "sub", "subtract", "div_", "sub_"), operation
)
