"""Functions of three operands, element by element: ``where``, ``clamp``, ``lerp``, ``addcmul``, ``addcdiv``."""

from __future__ import annotations

from attnlint.ops.call import Call
from attnlint.ops.complaint import Complaint
from attnlint.ops.pointwise_binary import broadcast_result, elementwise_binary, operands, refuse_common
from attnlint.ops.pointwise_unary import elementwise, full_names
from attnlint.ops.promotion import is_integral, result_dtype
from attnlint.ops.registry import register, shape_rule
from attnlint.ops.results import dtype_kind, fresh, refuse
from attnlint.values import Tensor, Unknown, Value


@shape_rule("torch.where", signature=("(condition, input: operand, other: operand, *, out=None)", "(condition)"))
def where(call: Call) -> Value:
    """Choose between two operands, or (with the condition alone) the indices where it holds."""
    condition = call.tensor("condition")
    if call.overload == 1:
        rank = condition.shape.rank
        if rank is None:
            return Unknown("the number of dimensions of the condition is not known")
        # As nonzero(as_tuple=True): one index tensor an axis, all of one length that depends on the contents.
        indices = fresh(call, (call.fresh("nonzero"),), "int64", like=condition)
        return (indices,) * max(rank, 1)
    _demand_condition(condition)
    left, right = operands(call, names=("input", "other")) if _any_tensor(call) else [call["input"], call["other"]]
    return broadcast_result(call, [condition, left, right], result_dtype((left, right)))


def _any_tensor(call: Call) -> bool:
    return any(isinstance(call[name], Tensor | Unknown) for name in ("input", "other"))


def _demand_condition(condition: Tensor) -> None:
    if condition.dtype not in (None, "bool", "uint8"):
        raise Complaint(
            "ATN115",
            f"the condition has dtype {condition.dtype} but must be bool",
            arguments=("condition",),
            advice="compare it: `condition != 0`",
            about_rank=True,
        )


@shape_rule("torch.Tensor.where", signature="(input, condition, other: operand)")
def where_method(call: Call) -> Value:
    """``input.where(condition, other)``."""
    condition = call.tensor("condition")
    _demand_condition(condition)
    left, right = operands(call, names=("input", "other"))
    return broadcast_result(call, [left, condition, right], result_dtype((left, right)))


BOUNDS = "(input, min: operand | None = None, max: operand | None = None, *, out=None)"


def _clamp(call: Call) -> Value:
    tensor = call.tensor("input")
    refuse(tensor, "complex")
    names = [name for name in ("min", "max") if call[name] is not None]
    if not names:
        raise Complaint("ATN115", "neither min nor max is given", arguments=("min", "max"), about_rank=True)
    if any(isinstance(call[name], Unknown) and not call[name].kind for name in names):
        # A bound of unknown kind is nearly always a number, but a tensor would broadcast.
        return elementwise(call, tensor, tensor.dtype if dtype_kind(tensor.dtype) == "float" else None)
    bounds = operands(call, names=("input", *names))[1:]
    call.arguments = {name: call.arguments[name] for name in ("input", *names, "out") if name in call.arguments}
    return broadcast_result(call, [tensor, *bounds], result_dtype((tensor, *bounds)))


def _clamp_one_side(call: Call) -> Value:
    return elementwise_binary(call, refused="complex")


def _lerp(call: Call) -> Value:
    values = operands(call, names=("input", "end", "weight"))
    tensors = [value for value in values if isinstance(value, Tensor)]
    for value in tensors:
        refuse(value, "bool integer")
    return broadcast_result(call, values, tensors[0].dtype)


def _scaled_combination(call: Call) -> Value:
    values = operands(call, names=("input", "tensor1", "tensor2"))
    common = result_dtype(values)
    if call.name.rstrip("_").endswith("addcdiv"):
        factors = [value.dtype for value in values[1:] if isinstance(value, Tensor)]
        if all(dtype is not None and is_integral(dtype) for dtype in factors):
            refuse_common(factors[0], "bool integer", *values)
    return broadcast_result(call, values, common)


def _register() -> None:
    family = "pointwise_ternary"
    register(full_names("clamp clip", "torch Tensor inplace torch_inplace"), (BOUNDS,), _clamp, family=family)
    register(
        full_names("clamp_min", "torch Tensor inplace torch_inplace"),
        ("(input, min: operand, *, out=None)",),
        _clamp_one_side,
        family=family,
    )
    register(
        full_names("clamp_max", "torch Tensor inplace torch_inplace"),
        ("(input, max: operand, *, out=None)",),
        _clamp_one_side,
        family=family,
    )
    everywhere = "torch Tensor inplace"
    register(full_names("lerp", everywhere), ("(input, end, weight: operand, *, out=None)",), _lerp, family=family)
    register(
        full_names("addcmul addcdiv", everywhere),
        ("(input, tensor1: operand, tensor2: operand, *, value=1, out=None)",),
        _scaled_combination,
        family=family,
    )


_register()
