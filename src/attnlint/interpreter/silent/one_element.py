"""ATN313: a loss over one class, an argmax along an axis that holds one feature; ATN301: a softmax along such an axis.

The softmax of one score is 1, the cross entropy of one class is 0 and the argmax of one is 0, whatever the network
computes. Reported where the axis of size 1 is the width that a layer was made with: ``nn.Linear(16, 1)``. An axis of
keys or of tokens may hold one at a first step, and that is meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.findings import Property
from attnlint.interpreter.silent.attention import certain_softmax_axis
from attnlint.interpreter.silent.flow import ACTIVATIONS, CASTS, DROPOUTS, SOFTMAXES, maker_of, operands, short_name
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.ops.complaint import Complaint
from attnlint.values import Tensor, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

_WIDE = {"Linear": -1, "linear": -1, "Conv1d": -2, "Conv2d": -3, "Conv3d": -4}
"""Layers whose result has an axis as wide as they were made, and which one."""

_PASSED = CASTS | DROPOUTS | ACTIVATIONS | frozenset({"div", "mul", "add", "sub", "masked_fill", "clamp"})

_MOST_STEPS = 8


def softmax(observation: Observation) -> None:
    """``torch.softmax(head(x), dim=1)`` where the head has one output: found before what comes of the weights is."""
    given = observation.call.arguments.get("input")
    call = maker_of(observation.result)
    if not isinstance(given, Tensor) or call is None:
        return
    name = observation.op.name.rpartition(".")[2]
    axis = certain_softmax_axis(observation.run, call, given) if name in SOFTMAXES | _LOGARITHMS else None
    made = "every element is 0" if name in _LOGARITHMS else "every element is 1"
    what = f"the softmax runs over one element, the only output of a layer: {made}"
    _report(observation, "ATN301", given, axis, what)


def loss(observation: Observation) -> None:
    """``F.cross_entropy(head(x), target)`` where the head has one output."""
    given = observation.call.arguments.get("input")
    if not isinstance(given, Tensor) or given.shape.rank is None:
        return
    target = observation.call.arguments.get("target")
    if not isinstance(target, Tensor) or target.dtype is None or "int" not in target.dtype:
        return  # probabilities of one class
    axis = -1 if given.shape.rank == 1 else 1 - given.shape.rank
    _report(observation, "ATN313", given, axis, "a cross entropy over one class: it and its gradient are 0", target)


def argmax(observation: Observation) -> None:
    """``head(x).argmax(dim=1)`` where the head has one output."""
    given, axis = observation.call.arguments.get("input"), observation.call.arguments.get("dim")
    if not isinstance(given, Tensor) or not isinstance(axis, int) or isinstance(axis, bool):
        return
    if axis >= 0:
        if given.shape.rank is None:
            return
        axis -= given.shape.rank
    _report(observation, "ATN313", given, axis, "an argmax over one element: it is always 0")


def _report(observation: Observation, code: str, given: Tensor, axis: int | None, what: str, *others: Value) -> None:
    run = observation.run
    result = observation.result
    if axis is None or not isinstance(result, Tensor) or not is_only_output(run, given, axis):
        return
    advice = "give the layer one output a class, or take a sigmoid of its one output and a binary cross entropy"
    complaint = Complaint(code, what, advice=advice, arguments=("input",))
    wanted = Property("depends_on_its_input", {"source": given, "result": result}, (given, *others))
    observation.report(complaint, wanted)


def is_only_output(run: Run, tensor: Tensor, axis: int) -> bool:
    """Whether an axis holds the one output that a layer was made with."""
    if run.entry.endswith(")"):
        return False  # with the defaults of a constructor, or one of several options: of one class as of many
    shape = run.facts.resolve(tensor.shape)
    if len(shape.dims) < -axis or shape.dims[axis] != 1:
        return False
    for _ in range(_MOST_STEPS):
        call = maker_of(tensor)
        if call is None:
            return False
        name = short_name(call.operation)
        if name in _WIDE:
            return _WIDE[name] == axis
        first = next((part for part in operands(run, call) if part.shape == tensor.shape), None)
        if name not in _PASSED or first is None:
            return False
        tensor = first
    return False


_LOGARITHMS = frozenset({"log_softmax", "LogSoftmax"})

WATCHERS: dict[str, Watcher] = {
    **dict.fromkeys((*SOFTMAXES, *_LOGARITHMS), softmax),
    **dict.fromkeys(("cross_entropy", "CrossEntropyLoss"), loss),
    "argmax": argmax,
}
