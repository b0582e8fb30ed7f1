"""ATN310: a broadcast that makes an outer product of what was to be paired.

(N, 1) with (N,) is (N, N): every prediction meets every target. It is common and meant where the author makes the axis
of size 1 (`x[:, None] - x`). It is a slip where that axis is the width of a layer with one output, or in a loss that
reduces to a number. And where all the products of an outer product are added up, it is a product of two sums: nobody
means that.
"""

from __future__ import annotations

from attnlint.algebra import Answer, Dim, Shape, product
from attnlint.findings import Property
from attnlint.interpreter.silent.flow import FILLED, is_computed, maker_of, operands, short_name
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.ops.complaint import Clash, Complaint
from attnlint.values import Maker, Tensor, Value

_OPERATIONS = (
    "add sub subtract mul multiply div divide true_divide eq ne lt le gt ge isclose maximum minimum add_ sub_ mul_ div_"
).split()
_LOSSES = "mse_loss MSELoss l1_loss L1Loss smooth_l1_loss SmoothL1Loss huber_loss HuberLoss".split()

_ELEMENTWISE = frozenset(
    """sigmoid tanh relu gelu elu selu silu softplus leaky_relu exp log log1p float double half bfloat16 to type_as cpu
    cuda round abs clone detach contiguous clamp neg negative sqrt square Sigmoid Tanh ReLU GELU ELU SELU SiLU Softplus
    LeakyReLU Hardtanh Softsign Dropout add sub mul div truediv pow gt ge lt le long int bool requires_grad_""".split()
)
"""Operations whose result has the axes of their first operand: by the last part of their name."""

_WIDTHS = frozenset("linear matmul mm addmm bmm bilinear Linear LazyLinear Bilinear Conv1d Conv2d Conv3d".split())
"""Operations whose result has a last axis that is as wide as their weight says."""

_FOLLOWED = 24


def operation(observation: Observation) -> None:
    """``prediction - target``, ``prediction == target``"""
    if len(observation.arguments) < 2:
        return
    left, right = observation.arguments[:2]
    if type(left) is not Tensor or type(right) is not Tensor or len(left.shape.dims) == len(right.shape.dims):
        return
    size = _outer(observation, left, right)
    if size is None or not isinstance(observation.result, Tensor):
        return
    wide, flat = (left, right) if len(left.shape.dims) > len(right.shape.dims) else (right, left)
    calls = _one_output(wide)
    if not calls or _is_constant(flat) or _comes_from(flat, calls):
        return
    both = observation.run.facts.resolve(wide.shape).dims
    observation.report(
        _complaint(
            observation, left, right, ("input", "other"), "every element of one meets every element of the other"
        ),
        Property("pairs_elements", {"result": observation.result, "elements": product(both)}, (left, right)),
    )


def loss(observation: Observation) -> None:
    """``F.mse_loss(prediction, target)``, ``nn.MSELoss()(prediction, target)``"""
    bound = observation.call.arguments
    prediction, target = (observation.call.arguments.get(name) for name in ("input", "target"))
    if not isinstance(prediction, Tensor) or not isinstance(target, Tensor):
        return
    size = _outer(observation, prediction, target)
    if size is None or not isinstance(observation.result, Tensor) or _is_constant(prediction) or _is_constant(target):
        return
    reduction = bound.get("reduction", (observation.layer.attributes if observation.layer else {}).get("reduction"))
    wide = prediction if len(prediction.shape.dims) > len(target.shape.dims) else target
    if reduction == "none" and not _one_output(wide):
        return
    observation.report(
        _complaint(
            observation, prediction, target, ("input", "target"), "every prediction is compared with every target"
        ),
        Property(
            "perfect_prediction_costs_nothing",
            {"prediction": prediction, "target": target, "loss": observation.result},
            (prediction, target),
        ),
    )


def reduced(observation: Observation) -> None:
    """``(losses * mask.view(-1, 1)).sum()``, ``(predicted == labels).float().mean()`` with labels of shape (N, 1)."""
    run, bound = observation.run, observation.call.arguments
    current = bound.get("input")
    if bound.get("dim") is not None or not isinstance(current, Tensor) or not isinstance(observation.result, Tensor):
        return
    if current.shape.rank != 2:
        return
    for _ in range(_FOLLOWED):
        call = maker_of(current)
        if call is None or call.layer is not None:
            return
        name = short_name(call.operation)
        parts = list(operands(run, call))
        if name in _PAIRED and len(parts) == 2:
            break
        if name not in _LINEAR or len(parts) != 1:
            return
        current = parts[0]
    else:
        return
    left, right = parts
    if len(left.shape.dims) == len(right.shape.dims) or _outer(observation, left, right) is None:
        return
    wide, flat = (left, right) if len(left.shape.dims) > len(right.shape.dims) else (right, left)
    if _is_constant(flat) or _is_constant(wide) or not is_computed(run, wide) or not is_computed(run, flat):
        return
    if name != "mul" and not _came_with_one(wide):
        return
    how = "multiplied with" if name == "mul" else "compared with"
    observation.report(
        _complaint(observation, left, right, ("input", "other"), f"every element is {how} every other, and all added"),
        Property("pairs_elements", {"result": current, "elements": product(wide.shape.dims)}, (left, right)),
        at=call,
    )


def _came_with_one(tensor: Tensor) -> bool:
    """Whether nobody made the last axis, of size 1, for a broadcast: it was drawn so, or it is that of one index."""
    call = maker_of(tensor)
    if call is None:
        return False
    name = short_name(call.operation)
    if name in _ELEMENTWISE and call.arguments and isinstance(call.arguments[0], Tensor):
        return len(call.arguments[0].shape.dims) == len(tensor.shape.dims) and _came_with_one(call.arguments[0])
    return name in ("randint", "randn", "rand", "gather")


def _outer(observation: Observation, left: Tensor, right: Tensor) -> Dim | None:
    """The size N where (..., N, 1) meets (N,), and N is not 1."""
    facts = observation.run.facts
    wide, flat = facts.resolve(left.shape), facts.resolve(right.shape)
    if wide.rest is not None or flat.rest is not None:
        return None
    if len(wide.dims) < len(flat.dims):
        wide, flat = flat, wide
    if len(flat.dims) != 1 or len(wide.dims) < 2 or wide.dims[-1] != 1 or not isinstance(wide.dims[-1], int):
        return None
    size, other = flat.dims[0], wide.dims[-2]
    if facts.is_one(size) is Answer.YES or facts.equal(size, other) is not Answer.YES:
        return None
    return size


def _complaint(
    observation: Observation, left: Tensor, right: Tensor, names: tuple[str, str], meaning: str
) -> Complaint:
    facts = observation.run.facts
    shapes = facts.resolve(left.shape), facts.resolve(right.shape)
    wide = max(shapes, key=lambda shape: len(shape.dims))
    flat = min(shapes, key=lambda shape: len(shape.dims))
    made = Shape((*wide.dims[:-1], flat.dims[0]))
    longer = (left.label or names[0]) if shapes[0] is wide else (right.label or names[1])
    return Complaint(
        "ATN310",
        f"they broadcast to {made}: {meaning}",
        arguments=names,
        clash=(Clash(names[0], None), Clash(names[1], None)),
        advice=f"bring both to one shape: `.squeeze(-1)` on {longer}",
    )


def _one_output(tensor: Tensor) -> list[Maker]:
    """The calls back to the layer or matrix whose width the last axis, of size 1, is; empty where it is something
    else."""
    calls: list[Maker] = []
    while len(calls) < _FOLLOWED:
        maker = tensor.maker
        if maker is None or maker.whole is not None:
            break
        calls.append(maker)
        name = maker.operation.rpartition(".")[2]
        if name in _WIDTHS:
            return calls
        operands = [value for value in maker.arguments if isinstance(value, Tensor)]
        if name not in _ELEMENTWISE or len(operands) != 1 or len(operands[0].shape.dims) != len(tensor.shape.dims):
            break
        tensor = operands[0]
    return []


def _is_constant(tensor: Tensor) -> bool:
    """Whether all elements are equal."""
    return tensor.maker is not None and tensor.maker.operation.rpartition(".")[2] in FILLED


def _comes_from(tensor: Tensor, calls: list[Maker]) -> bool:
    """Whether a tensor was made of what one of the calls made: pairs of its elements are meant."""
    wanted = {id(call) for call in calls}
    front: list[Value] = [tensor]
    for _ in range(_FOLLOWED):
        if not front:
            return False
        value = front.pop(0)
        if isinstance(value, Tensor) and value.maker is not None:
            call = value.maker.whole or value.maker
            if id(call) in wanted:
                return True
            front += call.arguments
    return False


_PAIRED = frozenset({"mul", "eq", "ne"})
_LINEAR = frozenset({"float", "double", "half", "to", "long", "int", "div", "neg"})

WATCHERS: dict[str, Watcher] = {
    **dict.fromkeys(("sum", "mean"), reduced),
    **dict.fromkeys(_OPERATIONS, operation),
    **dict.fromkeys(_LOSSES, loss),
}
