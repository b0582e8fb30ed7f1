"""ATN312: a loss that takes logits, and is given probabilities; or logarithms of probabilities, and is given others.

``cross_entropy`` runs a log-softmax itself. Of what is a softmax already it makes a loss that cannot go below
log(1 + (classes - 1) / e), with gradients that vanish. ``nll_loss`` and ``ctc_loss`` run none: of the scores of a layer
they make a loss without a lower bound, and of a log-softmax along another axis than the classes one of no meaning.

ATN318: a softmax of probabilities, which makes them nearly equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.findings import Property
from attnlint.interpreter.silent.attention import certain_softmax_axis, followed
from attnlint.interpreter.silent.flow import CASTS, VIEWS, Way, maker_of, operands, short_name, ways
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.ops.complaint import Complaint
from attnlint.values import Maker, Tensor

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

_SOFTMAX = frozenset({"softmax", "Softmax", "Softmax2d"})
_LOG_SOFTMAX = frozenset({"log_softmax", "LogSoftmax"})
_SIGMOID = frozenset({"sigmoid", "Sigmoid"})
_SCORES = frozenset({"Linear", "linear", "Conv1d", "Conv2d"})
_PASSED = CASTS | VIEWS
_FOLLOWED = 12

_WANTED = {
    "cross_entropy": (_SOFTMAX, "cross_entropy runs a log-softmax itself", "pass the logits"),
    "binary_cross_entropy_with_logits": (
        _SIGMOID,
        "it runs a sigmoid itself",
        "pass the logits, or use binary_cross_entropy",
    ),
}
_LOGARITHMS = {"nll_loss": "input", "ctc_loss": "log_probs", "kl_div": "input"}
"""Losses of logarithms of probabilities, and the argument that holds those."""

_LAYERS = {
    "CrossEntropyLoss": "cross_entropy",
    "NLLLoss": "nll_loss",
    "CTCLoss": "ctc_loss",
    "KLDivLoss": "kl_div",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
}


def of_logits(observation: Observation) -> None:
    """Look at what a loss of logits is given."""
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


def of_logarithms(observation: Observation) -> None:
    """Look at what a loss of logarithms of probabilities is given."""
    name = observation.op.name.rpartition(".")[2]
    name = _LAYERS.get(name, name)
    run, given = observation.run, observation.call.arguments.get(_LOGARITHMS[name])
    if not isinstance(given, Tensor) or given.shape.rank in (None, 0, 1):
        return
    axis = 1 - (given.shape.rank or 0) if name == "nll_loss" else -1
    for way, made in ways(run, given, _PASSED, _is_known, most=_FOLLOWED):
        call = maker_of(made)
        logits = next(operands(run, call), None) if call is not None else None
        if call is None or logits is None:
            return
        what = _fault(run, name, call, way, logits, axis)
        if what is None:
            return
        along = (
            axis if short_name(call.operation) in _LOG_SOFTMAX | _SCORES else certain_softmax_axis(run, call, logits)
        )
        tensor = given if short_name(call.operation) in _LOG_SOFTMAX | _SCORES else made
        complaint = Complaint(
            "ATN312",
            f"{what}: {name} takes logarithms of probabilities",
            arguments=(_LOGARITHMS[name],),
            advice=f"`log_softmax(..., dim={axis})` along the classes",
        )
        wanted = Property("exponentials_sum_to_one", {"logarithms": tensor, "axis": along}, (logits,))
        observation.report(complaint, wanted if along is not None else None)
        return


def of_softmax(observation: Observation) -> None:
    """A softmax of what is the result of a softmax."""
    run, given = observation.run, observation.call.arguments.get("input")
    call = maker_of(observation.result)
    if not isinstance(given, Tensor) or call is None or not isinstance(observation.result, Tensor):
        return
    axis = certain_softmax_axis(run, call, given)
    for way, made in ways(run, given, _PASSED, _is_softmax, most=_FOLLOWED):
        inner = maker_of(made)
        logits = next(operands(run, inner), None) if inner is not None else None
        if inner is None or logits is None or axis is None:
            return
        over = certain_softmax_axis(run, inner, logits)
        if over is None or over != followed(run, way, axis):
            return
        complaint = Complaint(
            "ATN318",
            "the input is the result of a softmax already: of n classes none gets more than e / (e + n - 1)",
            arguments=("input",),
            advice="take the softmax of the logits, once",
        )
        arguments = {"logits": logits, "logits_axis": over, "result": observation.result, "axis": axis}
        observation.report(complaint, Property("can_be_certain", arguments, (logits,)))
        return


def _is_softmax(call: Maker) -> bool:
    return short_name(call.operation) in ("softmax", "Softmax")


def _fault(run: Run, name: str, call: Maker, way: Way, logits: Tensor, axis: int) -> str | None:
    """What is wrong with the result of a call as logarithms of the probabilities of classes along an axis."""
    made = short_name(call.operation)
    if made in _SOFTMAX:
        return f"the {_LOGARITHMS[name]} is the result of a softmax"
    if made in _SCORES:
        return f"the {_LOGARITHMS[name]} is the output of a layer" if name != "kl_div" else None
    over, classes = certain_softmax_axis(run, call, logits), followed(run, way, axis)
    if name == "kl_div" or over is None or classes is None or over == classes:
        return None
    return f"the log-softmax runs over axis {over}, the classes lie along axis {classes}"


def _is_known(call: Maker) -> bool:
    return short_name(call.operation) in _SOFTMAX | _LOG_SOFTMAX | _SCORES


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


_NAMES = {name: _LAYERS.get(name, name) for name in (*_WANTED, *_LOGARITHMS, *_LAYERS)}

WATCHERS: dict[str, Watcher] = {
    **{name: of_logits if of in _WANTED else of_logarithms for name, of in _NAMES.items()},
    **dict.fromkeys(("softmax", "Softmax"), of_softmax),
}
