"""Objects that are taken for tensors because nothing says what they are: which failures are certain even so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra import Rest, Shape
from attnlint.values import Instance, ListValue, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.ops.call import Call
    from attnlint.ops.complaint import Complaint
    from attnlint.ops.registry import Op

# Methods of tensors that objects of other kinds have as well: on an unknown object they say nothing about it.
AMBIGUOUS = frozenset(
    """split index count copy format replace pop remove insert append extend update get items keys values repeat sort
    all any type data
    clone close numpy tolist item fill_ fill map apply_ index_ add sub mul div pow log exp where to cuda cpu half
    float double long int bool
    train eval forward backward register_hook names name device dtype is_cuda requires_grad_ zero_ copy_ mean sum max
    min std var apply
    round abs unique nonzero take put diff mode norm equal set_ store transform T H grad dot trace det inverse ne eq
    lt le gt ge
    real imag conj new""".split()
)
ARRAY_METHODS = frozenset(
    """T all any argmax argmin argsort clip conj cumprod cumsum data device diagonal dot dtype flatten imag item
    itemsize mT max mean min nbytes ndim nonzero prod put ravel real repeat reshape resize round shape size sort squeeze
    std sum swapaxes take tolist trace transpose var view""".split()
)
"""What arrays of numpy have as well as tensors, operators aside: it does not say which of the two an object is."""


def is_assumed(value: Value) -> bool:
    """Whether a value is a tensor only as far as nothing says that it is none."""
    if isinstance(value, Tensor):
        return value.assumed
    if isinstance(value, Unknown):
        return value.kind != "tensor"
    if isinstance(value, ListValue):
        return any(is_assumed(item) for item in value.items)
    return isinstance(value, tuple) and any(is_assumed(item) for item in value)


def fails_anyway(op: Op, call: Call | None, complaint: Complaint, evidence: str, layer: Instance | None) -> bool:
    """Whether a call raises even where an operand that is taken for a tensor is none: torch's functions and layers take
    nothing else that has a shape, and most methods of tensors nobody else has."""
    head, _, method = op.name.rpartition(".")
    if method == "__getitem__":
        only_tensors = not complaint.arrays_do  # too many indices are too many for an array as well
    elif head == "torch.Tensor":
        only_tensors = method not in ARRAY_METHODS and method not in AMBIGUOUS and not method.startswith("__")
    else:
        only_tensors = layer is not None or (head.partition(".")[0] == "torch" and not evidence)
    if call is None or not only_tensors:
        return False
    if complaint.code == "ATN115":
        # Of a dtype the operand that is blamed must be certain itself.
        blamed = [call.operand(name) for name in complaint.arguments]
        return bool(blamed) and all(each is not None and not each.assumed for each in blamed)
    return all(_has_shape(call, value) for value in call.arguments.values() if is_assumed(value))


def _has_shape(call: Call, value: Value) -> bool:
    """Whether a value that may be no tensor has a shape of known rank."""
    if isinstance(value, tuple | ListValue):
        items = value.items if isinstance(value, ListValue) else value
        return all(_has_shape(call, item) for item in items if is_assumed(item))
    if isinstance(value, Tensor):
        return call.facts.resolve(value.shape).rank is not None
    if not isinstance(value, Unknown) or value.key is None:
        return False
    return call.facts.resolve(Shape((), Rest(("shape", value.key)))).rank is not None
