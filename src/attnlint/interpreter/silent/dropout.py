"""ATN307: dropout that stays on in evaluation mode.

``F.dropout(x, p)`` trains by default, and ``dropout_p`` of an attention function knows no mode at all. In a forward of
a module that is right only if the author asks ``self.training`` somewhere: in the argument, or in a branch on the way.
Whoever writes ``training=True`` out wants it so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attnlint.findings import Property
from attnlint.frozen import replace
from attnlint.interpreter.objects import FunctionValue
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.ops.complaint import Complaint
from attnlint.ops.signature import REQUIRED
from attnlint.syntax import nodes
from attnlint.syntax.walk import descendants
from attnlint.values import Choice, Maker, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.interpreter.scopes import Frame

TRAINING = Unknown("whether the module is training", ("training",), "self.training", "bool")

_ATTENTION = {
    "scaled_dot_product_attention": "dropout_p",
    "flash_attn_func": "dropout_p",
    "flash_attn_qkvpacked_func": "dropout_p",
    "flash_attn_kvpacked_func": "dropout_p",
    "flash_attn_varlen_func": "dropout_p",
    "flash_attn_varlen_qkvpacked_func": "dropout_p",
    "flash_attn_varlen_kvpacked_func": "dropout_p",
    "memory_efficient_attention": "p",
}
"""Functions that drop out weights, to the parameter that says how many."""

_FUNCTIONS = ("dropout", "dropout1d", "dropout2d", "dropout3d")

_ABOUT_MODE = ("train", "eval", "infer", "determin", "drop", "mode", "sampl", "test", "generat", "phase", "augment")
"""Parts of names: a branch on such a name may be a branch on the mode, and then nothing is said."""

_RATE = 0.1
"""What stands for a rate that is not known when the operation is run."""


def attention(observation: Observation) -> None:
    """``scaled_dot_product_attention(..., dropout_p=0.1)``"""
    parameter = _ATTENTION[observation.op.name.rpartition(".")[2]]
    if _is_certainly_on(observation, parameter):
        _report(
            observation,
            parameter,
            f"drops out weights in evaluation mode, too: {parameter} does not depend on self.training",
            f"write `{parameter}=self.dropout if self.training else 0.0`",
        )


def function(observation: Observation) -> None:
    """``F.dropout(x, p)``"""
    if "training" in observation.keywords or len(observation.arguments) > 2 or observation.layer is not None:
        return
    if not observation.op.name.startswith("torch.nn.functional."):
        return
    if _is_certainly_on(observation, "p"):
        _report(
            observation,
            "p",
            "drops out in evaluation mode, too: without `training` it is always on",
            "pass `training=self.training`, or use an nn.Dropout",
        )


def layer(observation: Observation) -> None:
    """``nn.Dropout(0.1)(x)`` in a forward: a new layer is in training mode, whatever its module is in."""
    node = observation.node
    made = observation.layer
    if made is None or not isinstance(node, nodes.Call) or not isinstance(node.function, nodes.Call):
        return
    rate = made.attributes.get("p")
    if (isinstance(rate, float) and rate > 0 and _runs_in_forward(observation.run)) and not _asks_for_mode(
        observation.run
    ):
        complaint = Complaint(
            "ATN307",
            "drops out in evaluation mode, too: a layer that is made here is always in training mode",
            arguments=("input",),
            advice="make the layer in `__init__`, where `model.eval()` finds it",
        )
        _make(
            observation, complaint, "torch.nn.functional." + observation.op.name.rpartition(".")[2].lower(), {"p": rate}
        )


def _is_certainly_on(observation: Observation, parameter: str) -> bool:
    run = observation.run
    if run.scope.module is not run.main:
        # It is so whoever calls it: said where it stands.
        return False
    rate = observation.call.arguments.get(parameter)
    return (
        _is_a_rate(rate) and _runs_in_forward(run) and not _asks_for_mode(run) and not _comes_from_outside(observation)
    )


def _is_a_rate(value: Value) -> bool:
    """A number above 0, or a hyper-parameter: of the constructor, or an attribute of a configuration."""
    if isinstance(value, float):
        return value > 0
    if not isinstance(value, Unknown) or value.kind not in ("", "float") or not isinstance(value.key, tuple):
        return False
    key: tuple[Any, ...] = value.key
    while key[0] == "attribute" and isinstance(key[1], tuple):
        key = key[1]
    return key[:2] == ("parameter", "hyper") or key[0] == "attribute"


def _runs_in_forward(run: Run) -> bool:
    """Whether a module's forward is running: what it does happens in evaluation mode, too."""
    return any(frame.function is not None and frame.function.name == "forward" for frame in run.frames)


def _asks_for_mode(run: Run) -> bool:
    """Whether the path went through a branch that may be about the mode."""
    if isinstance(run.refine(TRAINING), bool):
        return True
    for condition, _, _ in run.conditions:
        for node in descendants(condition):
            name = node.name if isinstance(node, nodes.Name | nodes.Attribute) else ""
            if name and any(part in name.lower() for part in _ABOUT_MODE):
                return True
    return False


def _comes_from_outside(observation: Observation) -> bool:
    """Whether the rate is one of several, or was passed in by whoever calls the entry: the mode may have been asked."""
    from attnlint.interpreter.reports import argument_nodes

    name = observation.op.name.rpartition(".")[2]
    parameter = _ATTENTION.get(name, "p")
    positions = argument_nodes(observation.node, observation.op.name)
    parameters = [each.name for each in observation.op.signatures[observation.call.overload].parameters]
    index = parameters.index(parameter) if parameter in parameters else -1
    wanted = positions.get(parameter, positions.get(index))
    node = None if wanted is None else _find(observation.node, wanted)
    if node is None:
        # Not written here: a default of the op's own, or hidden in `*arguments`.
        return parameter in observation.keywords
    if isinstance(node, nodes.Conditional) or _is_chosen(observation.run, node):
        return True
    for frame in reversed(observation.run.frames):
        if not isinstance(node, nodes.Name) or frame.function is None:
            return False
        found = _argument_of(frame, frame.function, node.name)
        if found is node:
            return False
        if found is None:
            return True
        node = found
    return True


def _is_chosen(run: Run, node: nodes.Node) -> bool:
    """Whether a variable or an attribute holds one of several, one of which drops nothing out: something was asked."""
    if not isinstance(node, nodes.Name | nodes.Attribute):
        return False
    value = run.evaluate(node)
    return type(value) is Choice and any(not _is_a_rate(each) for each in value.values)


def _find(call: nodes.Node, wanted: int) -> nodes.Node | None:
    return next((node for node in descendants(call) if node.id == wanted), None)


def _argument_of(frame: Frame, function: FunctionValue, name: str) -> nodes.Node | None:
    """What the caller wrote for a parameter; the parameter's own default; ``None`` where nobody knows."""
    parameters = list(function.node.parameters)
    own = next((each for each in parameters if each.name == name), None)
    if own is None:
        # A variable of the function's own: what it holds is known by value.
        return nodes.Constant(-1, 0)
    if not isinstance(frame.call, nodes.Call):
        return None
    for argument in frame.call.arguments:
        if argument.star:
            return None
        if argument.keyword == name:
            return argument.value
    position = parameters.index(own) - (parameters[0].name == "self")
    given = [argument for argument in frame.call.arguments if argument.keyword is None]
    return given[position].value if 0 <= position < len(given) else own.default


def _report(observation: Observation, parameter: str, summary: str, advice: str) -> None:
    complaint = Complaint("ATN307", summary, arguments=(parameter,), advice=advice)
    bound = dict(observation.call.arguments)
    rate = bound.get(parameter)
    signature = observation.op.signatures[observation.call.overload].parameters
    given = {
        each.name: bound[each.name]
        for each in signature
        if each.name in bound
        and each.kind != "double star"
        and not _is_default(bound[each.name], each.default)
        # What is not known and may be left out says nothing about the rate.
        and (each.default is REQUIRED or not isinstance(bound[each.name], Unknown))
    }
    given[parameter] = rate if isinstance(rate, float) else _RATE
    _make(observation, complaint, observation.op.name, given)


def _is_default(value: Value, default: Value) -> bool:
    return type(value) is type(default) and value == default


def _make(observation: Observation, complaint: Complaint, operation: str, given: dict[str, Value]) -> None:
    """Report with the proof: the operation alone, twice on the same operands."""
    names = ("input", "query", "key", "value", "attn_mask", "q", "k", "v", "qkv", "kv")
    operands = tuple(value for name, value in observation.call.arguments.items() if name in names)
    result = observation.result[0] if isinstance(observation.result, tuple) else observation.result
    if not isinstance(result, Tensor):
        return
    keywords = dict(given)
    first = next((name for name in ("input", "query") if name in observation.call.arguments), None)
    arguments: tuple[Value, ...] = ()
    if first is not None:
        arguments = (observation.call.arguments[first],)
        keywords.pop(first, None)
    maker = Maker(operation, arguments, keywords, node=observation.node)
    drawn = replace(result, maker=maker, label="")
    observation.report(complaint, Property("evaluation_repeats_itself", {"result": drawn}, operands))


WATCHERS: dict[str, Watcher] = {
    **dict.fromkeys(_ATTENTION, attention),
    **dict.fromkeys(_FUNCTIONS, function),
    **dict.fromkeys(("Dropout", "Dropout1d", "Dropout2d", "Dropout3d"), layer),
}
