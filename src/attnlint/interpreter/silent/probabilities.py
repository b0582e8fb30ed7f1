"""ATN312: a loss that takes logits, and is given probabilities; or the other way round.

``cross_entropy`` runs a log-softmax itself. Of what is a softmax already it makes a loss that cannot go below
log(1 + (classes - 1) / e), with gradients that vanish.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.findings import Property
from attnlint.interpreter.silent.flow import CASTS, VIEWS, maker_of, operands, short_name
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.ops.complaint import Complaint
from attnlint.values import Maker, Tensor

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

_SOFTMAX = frozenset({"softmax", "Softmax", "Softmax2d"})
_SIGMOID = frozenset({"sigmoid", "Sigmoid"})
_PASSED = CASTS | VIEWS
_FOLLOWED = 12

_WANTED = {
    "cross_entropy": (_SOFTMAX, "cross_entropy runs a log-softmax itself", "pass the logits"),
    "nll_loss": (
        _SOFTMAX,
        "nll_loss takes logarithms of probabilities",
        "use `log_softmax`, or cross_entropy on the logits",
    ),
    "binary_cross_entropy_with_logits": (
        _SIGMOID,
        "it runs a sigmoid itself",
        "pass the logits, or use binary_cross_entropy",
    ),
}
_LAYERS = {
    "CrossEntropyLoss": "cross_entropy",
    "NLLLoss": "nll_loss",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
}


def watch(observation: Observation) -> None:
    """Look at what a loss is given."""
    name = observation.op.name.rpartition(".")[2]
    makers, reason, advice = _WANTED[_LAYERS.get(name, name)]
    given = observation.call.arguments.get("input")
    if not isinstance(given, Tensor) or not isinstance(observation.result, Tensor):
        return
    found = _made_by(observation.run, given, makers)
    if found is None:
        return
    logits = next(operands(observation.run, found), None)
    target = observation.call.arguments.get("target")
    proof = None
    if logits is not None and isinstance(target, Tensor):
        arguments = {"logits": logits, "target": target, "loss": observation.result}
        proof = Property("certainty_costs_nothing", arguments, (logits, target))
    kind = "softmax" if makers is _SOFTMAX else "sigmoid"
    observation.report(
        Complaint(
            "ATN312",
            f"the input is the result of a {kind}: {reason}",
            arguments=("input",),
            advice=advice,
        ),
        proof,
    )


def _made_by(run: Run, tensor: Tensor, makers: frozenset[str]) -> Maker | None:
    """The softmax or sigmoid that a tensor is the result of, whatever its shape is now."""
    for _ in range(_FOLLOWED):
        call = maker_of(tensor)
        if call is None:
            return None
        name = short_name(call.operation)
        if name in makers:
            return call
        first = next(operands(run, call), None)
        if name not in _PASSED or first is None:
            return None
        tensor = first
    return None


WATCHERS: dict[str, Watcher] = dict.fromkeys((*_WANTED, *_LAYERS), watch)
