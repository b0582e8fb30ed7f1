"""Functions of two operands, element by element: arithmetic, comparisons, logic, bits, ``maximum``, ``atan2``, ...

One rule: the shapes broadcast, the dtypes promote; the table says the rest. The operators of Python use the same
names: ``a + b`` is ``torch.add``, ``a += b`` is ``torch.Tensor.add_``. A Python number can stand on either side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attnlint.frozen import replace
from attnlint.ops.broadcast import broadcast, broadcast_axes, expand_into
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Complaint
from attnlint.ops.known_elements import combined
from attnlint.ops.pointwise_unary import full_names
from attnlint.ops.promotion import float_result, is_complex, is_integral, number_dtype, result_dtype, to_complex
from attnlint.ops.registry import register
from attnlint.ops.results import demand_castable, dtype_kind, fresh, refuse
from attnlint.ops.strides import elementwise_strides
from attnlint.values import Tensor, Unknown, Value


@dataclass(frozen=True, slots=True)
class Binary:
    """A group of functions that treat shapes and dtypes alike."""

    names: str
    dtype: str
    """``promoted``, ``float`` (promoted, integers become the default), ``whole`` (promoted, bool becomes int64),
    ``wide`` (float64 or complex128), or a dtype."""
    refused: str = ""
    """Kinds of the promoted dtype without a kernel."""
    forms: str = "torch Tensor inplace"
    signature: str = "(input, other: operand, *, out=None)"
    same: bool = False
    """The operands must have one dtype: nothing is promoted."""


SCALED = "(input, other: operand, *, alpha=1, out=None)"
ROUNDED = "(input, other: operand, *, rounding_mode=None, out=None)"
REFLECTED = "(input, other: operand)"

BINARY = (
    Binary("mul multiply add", "promoted", signature=SCALED),
    Binary("__radd__ __rmul__", "promoted", forms="Tensor", signature=REFLECTED),
    Binary("maximum minimum fmax fmin", "promoted", "complex", forms="torch Tensor"),
    Binary("remainder fmod floor_divide", "promoted", "bool complex"),
    Binary("__rmod__ __rfloordiv__", "promoted", "bool complex", forms="Tensor", signature=REFLECTED),
    Binary("true_divide", "float"),
    Binary("__rdiv__ __rtruediv__", "float", forms="Tensor", signature=REFLECTED),
    Binary("__rpow__", "promoted", forms="Tensor", signature=REFLECTED),
    Binary("float_power", "wide", signature="(input, exponent: operand, *, out=None)"),
    Binary("atan2 arctan2 copysign xlogy", "float", "complex"),
    Binary("xlogy xlog1py zeta", "float", "complex", forms="special"),
    Binary("ldexp", "float"),
    Binary("hypot nextafter igamma igammac", "promoted", "bool integer complex"),
    Binary("gammainc gammaincc", "promoted", "bool integer complex", forms="special"),
    Binary("logaddexp", "promoted", "bool integer", forms="torch Tensor"),
    Binary("logaddexp2", "promoted", "bool integer complex", forms="torch Tensor"),
    Binary("gcd lcm", "promoted", "bool float complex"),
    Binary("heaviside", "promoted", "complex", signature="(input, values: operand, *, out=None)", same=True),
    Binary("bitwise_left_shift bitwise_right_shift", "whole", "float complex"),
    Binary(
        "__lshift__ __rshift__ __rlshift__ __rrshift__", "whole", "float complex", forms="Tensor", signature=REFLECTED
    ),
    Binary("bitwise_and bitwise_or bitwise_xor", "promoted", "float complex"),
    Binary(
        "__and__ __or__ __xor__ __rand__ __ror__ __rxor__",
        "promoted",
        "float complex",
        forms="Tensor",
        signature=REFLECTED,
    ),
    Binary("eq ne not_equal", "bool"),
    Binary("lt le gt ge less less_equal greater greater_equal", "bool", "complex"),
    Binary("logical_and logical_or logical_xor", "bool"),
    Binary(
        "isclose",
        "bool",
        forms="torch Tensor",
        signature="(input, other, rtol=1e-05, atol=1e-08, equal_nan=False)",
        same=True,
    ),
    Binary(
        "chebyshev_polynomial_t chebyshev_polynomial_u chebyshev_polynomial_v chebyshev_polynomial_w"
        " hermite_polynomial_h hermite_polynomial_he laguerre_polynomial_l legendre_polynomial_p"
        " shifted_chebyshev_polynomial_t shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v"
        " shifted_chebyshev_polynomial_w",
        "float",
        "complex",
        forms="special",
        signature="(input, n: operand, *, out=None)",
    ),
)


def _binary(entry: Binary, call: Call) -> Value:
    if entry.same:
        _demand_same_dtype(call)
    return elementwise_binary(call, entry.dtype, entry.refused)


def elementwise_binary(call: Call, kind: str = "promoted", refused: str = "") -> Value:
    """The result of computing each element from those of two operands."""
    left, right = operands(call)
    common = result_dtype((left, right))
    refuse_common(common, refused, left, right)
    result = broadcast_result(call, [left, right], binary_dtype(kind, common))
    if call.inplace or call.arguments.get("alpha", 1) != 1 or call.arguments.get("out") is not None:
        return result
    return combined(call.name.rpartition(".")[2], left, right, result)


def operands(call: Call, *, names: Sequence[str] = ()) -> list[Value]:
    """The operands: tensors, with resolved shapes, and numbers. CannotTell when one may be either."""
    found = []
    for name in names or list(call.arguments)[:2]:
        value = call.arguments[name]
        if isinstance(value, Tensor) or number_dtype(value) is None:
            value = call.tensor(name)
        found.append(value)
    if not any(isinstance(value, Tensor) for value in found):
        raise CannotTell("no operand is known to be a tensor")
    return found


def broadcast_result(call: Call, values: Sequence[Value], dtype: str | None) -> Tensor:
    """The tensor that an element-wise function of several operands returns; in place, the first operand."""
    names = list(call.arguments)
    tensors = [(name, value) for name, value in zip(names, values, strict=False) if isinstance(value, Tensor)]
    first = values[0]
    if call.inplace and isinstance(first, Tensor):
        demand_castable(dtype, first.dtype, names[0])
        try:
            for name, tensor in tensors[1:]:
                expand_into(call, name, tensor.shape, first.shape, target_name=names[0])
        except Complaint as complaint:
            complaint.recovery = first  # what the name stands for is this tensor, whatever becomes of its elements
            raise
        return replace(first, elements=None)
    shape = broadcast(call, tensors)
    inner = [tensor for _, tensor in tensors]
    strides = elementwise_strides(inner, shape.dims) if shape.rank is not None else None
    # A tensor without axes on the CPU goes with tensors of any device.
    device = next((tensor for tensor in inner if tensor.device is not None and tensor.shape.rank != 0), inner[0])
    return fresh(call, shape, dtype, like=device, axes=broadcast_axes(inner, len(shape.dims)), strides=strides)


def binary_dtype(kind: str, common: str | None) -> str | None:
    """The dtype of the result from the promoted one; the kinds are those of :class:`Binary`."""
    if kind == "promoted":
        return common
    if kind == "float":
        return float_result(common)
    if kind == "whole":
        return "int64" if common == "bool" else common
    if kind == "wide":
        return common and ("complex128" if is_complex(common) else "float64")
    return kind


def refuse_common(common: str | None, refused: str, *values: Value, advice: str = "") -> None:
    """Complain about a promoted dtype for which torch has no kernel."""
    if common is not None:
        probe = next((value for value in values if isinstance(value, Tensor)), None)
        if probe is not None:
            refuse(replace(probe, dtype=common), refused, advice=advice)


def _demand_same_dtype(call: Call) -> None:
    """Complain when two operands that are not promoted have different dtypes."""
    left, right = operands(call)
    if not (isinstance(left, Tensor) and isinstance(right, Tensor)) or left.dtype is None or right.dtype is None:
        return
    # Two floating dtypes may turn out to be the same: a caller can have converted the model, or be under autocast.
    different = left.dtype != right.dtype if call.exact_dtypes else dtype_kind(left.dtype) != dtype_kind(right.dtype)
    if different:
        raise Complaint(
            "ATN115",
            f"the operands have different dtypes: {left.dtype} and {right.dtype}",
            arguments=tuple(call.arguments)[:2],
            advice="convert one of them with `.to(dtype)`",
            about_rank=True,
        )


def _subtract(call: Call) -> Value:
    left, right = operands(call)
    for value in (left, right):
        if (isinstance(value, Tensor) and value.dtype == "bool") or isinstance(value, bool):
            raise Complaint(
                "ATN115",
                "`-` is not defined for bool tensors",
                arguments=("input", "other"),
                advice="to invert a mask, use `~`",
                recovery=broadcast_result(call, [left, right], "bool" if call.inplace else None),
                about_rank=True,
            )
    return elementwise_binary(call)


def _divide(call: Call) -> Value:
    mode = call.arguments.get("rounding_mode")
    if mode is None:
        return elementwise_binary(call, "float")
    if isinstance(mode, Unknown):
        common = result_dtype(operands(call))
        return broadcast_result(call, operands(call), None if common is None or is_integral(common) else common)
    return elementwise_binary(call, refused="bool complex")


def _power(call: Call) -> Value:
    base, exponent = operands(call)
    common = result_dtype((base, exponent))
    whole = isinstance(base, Tensor) and base.dtype is not None and is_integral(base.dtype)
    if whole and isinstance(exponent, int) and not isinstance(exponent, bool) and exponent < 0:
        raise Complaint(
            "ATN115",
            f"integers to the negative power {exponent} are not defined",
            arguments=("input", "exponent"),
            advice="convert the base first, with `.float()`",
            about_rank=True,
        )
    if isinstance(base, Tensor) and isinstance(exponent, Tensor):
        refuse_common(common, "bool", base, exponent)
    return broadcast_result(call, [base, exponent], common)


def _complex(call: Call) -> Value:
    """``torch.complex`` and ``torch.polar``: a complex tensor from two real ones of one dtype."""
    names = tuple(call.arguments)[:2]
    parts = [call.tensor(name) for name in names]
    for name, part in zip(names, parts, strict=True):
        refuse(part, "bool integer complex", argument=name)
    _demand_same_dtype(call)
    common = result_dtype(parts)
    return broadcast_result(call, parts, common and to_complex(common))


def _register() -> None:
    family = "pointwise_binary"
    for entry in BINARY:

        def rule(call: Call, entry: Binary = entry) -> Value:
            return _binary(entry, call)

        register(full_names(entry.names, entry.forms), (entry.signature,), rule, family=family)
    everywhere = "torch Tensor inplace"
    register(full_names("sub subtract", everywhere), (SCALED,), _subtract, family=family)
    register(("torch.rsub", "torch.Tensor.__rsub__"), (SCALED,), _subtract, family=family)
    register(full_names("div divide", everywhere), (ROUNDED,), _divide, family=family)
    register(full_names("pow", everywhere), ("(input, exponent: operand, *, out=None)",), _power, family=family)
    register(("torch.complex",), ("(real, imag, *, out=None)",), _complex, family=family)
    register(("torch.polar",), ("(abs, angle, *, out=None)",), _complex, family=family)


_register()
