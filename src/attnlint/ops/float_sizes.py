"""Floats where torch takes whole numbers only: ``nn.Linear(dim / 2, dim)``, ``x.view(batch, -1, width / heads)``.

Python's ``/`` gives a float, ``8 / 2`` included, and torch does not round: ``empty(): argument 'size' must be tuple of
ints, but found element of type float``. A float that is not known may be a caller's, who may well pass an int; certain
are those that Python made itself: constants, quotients, and what is computed with them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from attnlint.ops.complaint import Complaint
from attnlint.values import ListValue, Unknown, Value

CODE = "ATN121"
_ARITHMETIC = ("+", "-", "*", "**", "//", "%", "abs", "round")
"""Operations that give a float where an operand is one, and an int otherwise."""
_CHOICES = ("max", "min")
"""They give one of their operands."""


_LENIENT = (
    # These compute with a float as they do with an int, or do not look at it before they are called.
    "torch.nn.GroupNorm",
    "torch.nn.Lazy",
    "torch.nn.MultiheadAttention",
    "torch.nn.Transformer",
    "torch.nn.LSTM",
    "torch.nn.functional.max_unpool",
    "torch.nn.functional.multi_head_attention_forward",
    "torch.broadcast_shapes",
    "torch.signal.windows.",
)


def refuses_floats(operation: str, arguments: Mapping[str, Value]) -> bool:
    """Whether torch takes whole numbers only for the sizes of ``operation``. A norm without weights makes nothing of
    its size."""
    affine = arguments.get("affine", arguments.get("elementwise_affine", True))
    return type(affine) is bool and affine and not operation.startswith(_LENIENT)


def is_certain_float(value: Value) -> bool:
    """Whether ``value`` is a float whoever calls: an unknown one that was computed with ``/`` or with a constant."""
    if type(value) is float:
        return True
    return isinstance(value, Unknown) and value.kind == "float" and _makes_float(value.key)


def _makes_float(key: Hashable) -> bool:
    if not isinstance(key, tuple) or len(key) < 2:
        return False
    if key[0] == "number":
        return bool(key[1] == "float")
    if key[0] != "float":
        return False
    if key[1] in _CHOICES:
        return all(map(_makes_float, key[2:]))
    # All other operations (a quotient, a square root) give a float of ints, too.
    return any(map(_makes_float, key[2:])) if key[1] in _ARITHMETIC else True


def holds_certain_float(value: Value) -> Value:
    """``value`` where it is a float, or the first element of a sequence that is one; ``None`` when there is none."""
    if isinstance(value, ListValue):
        value = tuple(value.items)
    if isinstance(value, tuple):
        return next((found for each in value if (found := holds_certain_float(each)) is not None), None)
    return value if is_certain_float(value) else None


def float_complaint(value: Value, name: str) -> Complaint:
    """What torch says of a float that is to be the size, the axis or the number ``name``."""
    text = repr(value)
    if isinstance(value, Unknown):
        # `x.shape[1] * 1.0`, a quotient by 1, is called by its numerator alone.
        is_whole = isinstance(value.key, tuple) and value.key[1:2] == ("quotient",) and value.key[-1] == 1
        text = f"float({value.label})" if is_whole else value.label
    return Complaint(
        CODE,
        f"{name or 'a number'} is a float: {text}",
        advice="torch takes whole numbers only: divide with // , or use int(...)",
        arguments=(name,) if name else (),
    )
