"""Losses that compare element by element: input and target are broadcast, or have to have one shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from attnlint.algebra import Answer, Shape
from attnlint.ops.broadcast import broadcast, expand_into
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Complaint
from attnlint.ops.layer_input import dimensions, optional_tensor
from attnlint.ops.loss_operands import (
    CODE,
    LEGACY,
    LOSS_BASES,
    REDUCTIONS,
    keep,
    option,
    reduced,
    reduction,
    refuse_whole,
    same_shape,
    same_size,
)
from attnlint.ops.promotion import float_result, is_complex, is_floating, is_integral, result_dtype, to_real
from attnlint.ops.registry import register, register_layer
from attnlint.ops.results import refuse
from attnlint.values import Tensor, Unknown, Value

# --- broadcast --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Dtypes:
    """Which dtypes a loss refuses (kinds of :func:`refuse`), and which one comes out."""

    first: str = ""
    second: str = ""
    whole: str = ""
    """Whole numbers in all operands are refused: ``always``, or for the ``mean`` only."""
    into_first: bool = False
    """The result is written into a tensor like the first operand, so the second must broadcast to exactly that."""
    result: str = "promoted"
    """``promoted``, as the ``first`` operand, ``float`` (promoted, and whole numbers become floats), or
    ``distance`` (the absolute value)."""


def _broadcast_loss(dtypes: _Dtypes, names: tuple[str, str] = ("input", "target")) -> Callable[[Call], Value]:
    first, second = names

    def rule(call: Call) -> Value:
        one, other = call.tensor(first), call.tensor(second)
        how = reduction(call, _allowed(call))
        dtype = result_dtype((one, other)) if dtypes.result != "first" else one.dtype
        refuse(one, dtypes.first, argument=first)
        refuse(other, dtypes.second, argument=second)
        weighted = call.arguments.get("weight") is not None
        whole = dtype is not None and is_integral(dtype) and not weighted
        if whole and (dtypes.whole == "always" or (dtypes.whole == "mean" and how == "mean")):
            refuse_whole(one, first)
        _check_number(call, "beta", 0)
        _check_number(call, "delta", 1e-300)
        shape = broadcast(call, ((first, one), (second, other)), code=CODE)
        if dtypes.into_first:
            expand_into(call, second, other.shape, one.shape, code=CODE)
        _check_weight(call, one)
        return reduced(call, shape, None if weighted else _loss_dtype(dtypes.result, dtype), how, one)

    return rule


def _loss_dtype(result: str, dtype: str | None) -> str | None:
    """Of complex numbers only the distance has a dtype that is sure: a real one."""
    if dtype is None or (is_complex(dtype) and result != "distance"):
        return None
    return float_result(dtype) if result == "float" else to_real(dtype)


def _check_number(call: Call, name: str, least: float) -> None:
    value = option(call, name)
    if isinstance(value, int | float) and value < least:
        raise Complaint(CODE, f"{name} must be {'positive' if least else '0 or more'}, got {value}", arguments=(name,))


def _allowed(call: Call) -> Sequence[str]:
    return (*REDUCTIONS, "batchmean") if call.name.endswith(("KLDivLoss", "kl_div")) else REDUCTIONS


def _check_weight(call: Call, tensor: Tensor) -> None:
    """``weight=`` of the elementwise losses: exactly the input's shape."""
    weight = optional_tensor(call, call.arguments.get("weight"), "weight")
    if weight is not None:
        same_shape(call, tensor, weight, ("input", "weight"))


# --- binary cross entropy ---------------------------------------------------------------------------------------------


def _binary(logits: bool) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        tensor, target = call.tensor("input"), call.tensor("target")
        how = reduction(call)
        refuse_whole(tensor, "input")
        advice = f"the target must be floating point too: `{target.label or 'target'}.float()`"
        refuse_whole(target, "target", advice=advice)
        if not logits and _different_floats(call, tensor, target):
            raise Complaint(
                "ATN115",
                f"target has dtype {target.dtype} but input has {tensor.dtype}",
                arguments=("target",),
                about_rank=True,
            )
        same_shape(call, tensor, target)
        for name in ("weight", "pos_weight"):
            _check_rescaling(call, tensor, name)
        dtype = tensor.dtype if tensor.dtype == target.dtype else None
        return reduced(call, tensor.shape, dtype, how, tensor)

    return rule


def _different_floats(call: Call, one: Tensor, other: Tensor) -> bool:
    if one.dtype is None or other.dtype is None or one.dtype == other.dtype:
        return False
    return call.exact_dtypes or not (is_floating(one.dtype) and is_floating(other.dtype))


def _check_rescaling(call: Call, tensor: Tensor, name: str) -> None:
    """A weight is broadcast to the input, and cannot have more dimensions."""
    weight = optional_tensor(call, option(call, name), name)
    if weight is None:
        return
    broadcast(call, (("input", tensor), (name, weight)), code=CODE)
    if weight.shape.rank is not None and tensor.shape.rank is not None and weight.shape.rank > tensor.shape.rank:
        raise Complaint(
            CODE,
            f"{name} has {dimensions(weight.shape.rank)} but the input has {tensor.shape.rank}",
            arguments=(name,),
            about_rank=True,
        )
    for back, size in enumerate(reversed(weight.shape.dims), 1):
        if back > len(tensor.shape.dims) or call.facts.is_one(size) is not Answer.NO:
            continue
        if call.facts.is_one(tensor.shape.dims[-back]) is Answer.YES:
            same_size(call, tensor.shape.dims[-back], size, ("input", name), (-back, -back))


# --- several operands -------------------------------------------------------------------------------------------------


def _margin_ranking(call: Call) -> Value:
    operands = [(name, call.tensor(name)) for name in ("input1", "input2", "target")]
    how = reduction(call)
    _refuse_bools(operands[:2])
    _same_rank(operands)
    shape = broadcast(call, operands, code=CODE)
    return reduced(call, shape, float_result(result_dtype(tensor for _, tensor in operands)), how, operands[0][1])


def _refuse_bools(operands: Sequence[tuple[str, Tensor]]) -> None:
    """torch does not subtract bools."""
    for name, tensor in operands:
        refuse(tensor, "bool", argument=name)


def _same_rank(operands: Sequence[tuple[str, Tensor]]) -> None:
    first_name, first = operands[0]
    for name, tensor in operands[1:]:
        if first.shape.rank is not None and tensor.shape.rank is not None and first.shape.rank != tensor.shape.rank:
            raise Complaint(
                CODE,
                f"{name} has {dimensions(tensor.shape.rank)} but {first_name} has {first.shape.rank}",
                arguments=(name, first_name),
                about_rank=True,
            )


def _triplet(call: Call) -> Value:
    """Two distances (with ``swap`` a third) along the last axis; only these are then compared."""
    anchor, positive, negative = operands = [(name, call.tensor(name)) for name in ("anchor", "positive", "negative")]
    how = reduction(call)
    _refuse_bools(operands)
    _same_rank(operands)
    if option(call, "distance_function") is not None:
        return reduced(call, None, None, how, anchor[1])
    swap = option(call, "swap")
    pairs = [(anchor, positive), (anchor, negative)] + ([(positive, negative)] if swap is True else [])
    shapes = [broadcast(call, pair, code=CODE) for pair in pairs]
    shape: Shape | None = None
    if all(each.dims for each in shapes) and isinstance(swap, bool):
        distances = [("anchor", Tensor(Shape(each.dims[:-1], each.rest))) for each in shapes]
        shape = broadcast(call, distances, code=CODE)
    dtype = result_dtype(tensor for _, tensor in operands)
    return reduced(
        call, shape, to_real(dtype) if dtype is not None and not is_integral(dtype) else None, how, anchor[1]
    )


def _cosine_embedding(call: Call) -> Value:
    one, other, target = (call.tensor(name) for name in ("input1", "input2", "target"))
    how = reduction(call)
    ranks = one.shape.rank, other.shape.rank, target.shape.rank
    if ranks[2] is not None and ranks[2] > 1:
        raise Complaint(
            CODE, f"target has {dimensions(ranks[2])} but must have 0 or 1", arguments=("target",), about_rank=True
        )
    for name, rank in (("input1", ranks[0]), ("input2", ranks[1])):
        if rank is not None and ranks[2] is not None and rank != ranks[2] + 1:
            raise Complaint(
                CODE,
                f"{name} has {dimensions(rank)} but must have {ranks[2] + 1}: target has {ranks[2]}",
                arguments=(name, "target"),
                about_rank=True,
            )
    pair = broadcast(call, (("input1", one), ("input2", other)), code=CODE)
    shape: Shape | None = None
    if pair.rank is not None and pair.rank > 0:
        distance = Tensor(Shape(pair.dims[:-1]))
        shape = broadcast(call, (("input1", distance), ("target", target)), code=CODE)
    dtype = result_dtype((one, other))
    return reduced(call, shape, dtype if dtype is not None and is_floating(dtype) else None, how, one)


def _gaussian(call: Call) -> Value:
    tensor, target, variance = call.tensor("input"), call.tensor("target"), call["var"]
    how = reduction(call)
    _refuse_bools((("input", tensor), ("target", target)))
    shape = broadcast(call, (("input", tensor), ("target", target)), code=CODE)
    known = True
    if isinstance(variance, Tensor):
        # A variance of another shape than the usual ones may still broadcast, and widen the result.
        known = _usual_variance(call, tensor, call.as_tensor(variance, "var"))
    elif not isinstance(variance, int | float | Unknown):
        raise CannotTell("var is not known")
    dtype = result_dtype((tensor, target, variance)) if isinstance(variance, Tensor) else result_dtype((tensor, target))
    dtype = dtype if dtype is not None and is_floating(dtype) else None
    return reduced(call, shape if known else None, dtype, how, tensor)


def _usual_variance(call: Call, tensor: Tensor, variance: Tensor) -> bool:
    """Whether it has the input's shape, or that without the last axis, or with size 1 there."""
    dims, found = tensor.shape.dims, variance.shape.dims
    if tensor.shape.rank is None or variance.shape.rank is None or len(found) not in (len(dims), len(dims) - 1):
        return False
    if any(call.facts.equal(a, b) is not Answer.YES for a, b in zip(dims[:-1], found, strict=False)):
        return False
    return (
        len(found) < len(dims)
        or not dims
        or Answer.YES
        in (
            call.facts.equal(dims[-1], found[-1]),
            call.facts.is_one(found[-1]),
        )
    )


# --- tables -----------------------------------------------------------------------------------------------------------

_FAMILY = "losses"


def _register(
    function: str,
    name: str,
    operands: str,
    options: str,
    rule: Callable[[Call], Value],
    layer_options: str | None = None,
) -> None:
    """A loss as a function, and as a layer with the same options."""
    register((f"torch.nn.functional.{function}",), (f"({operands}, {options})",), rule, family=_FAMILY)
    register_layer(
        f"torch.nn.{name}",
        (f"({options if layer_options is None else layer_options})",),
        (f"({operands})",),
        keep,
        rule,
        family=_FAMILY,
        bases=LOSS_BASES,
    )


_register(
    "mse_loss",
    "MSELoss",
    "input: Tensor, target: Tensor",
    f"{LEGACY}, weight=None",
    _broadcast_loss(_Dtypes(whole="always")),
    LEGACY,
)
_register(
    "l1_loss",
    "L1Loss",
    "input: Tensor, target: Tensor",
    f"{LEGACY}, weight=None",
    _broadcast_loss(_Dtypes("bool", "bool", "mean", result="distance")),
    LEGACY,
)
_register(
    "smooth_l1_loss",
    "SmoothL1Loss",
    "input: Tensor, target: Tensor",
    f"{LEGACY}, beta=1.0",
    _broadcast_loss(_Dtypes(whole="always")),
)
_register(
    "huber_loss",
    "HuberLoss",
    "input: Tensor, target: Tensor",
    "reduction='mean', delta=1.0, weight=None",
    _broadcast_loss(_Dtypes("bool integer", result="first")),
    "reduction='mean', delta=1.0",
)
_register(
    "kl_div",
    "KLDivLoss",
    "input: Tensor, target: Tensor",
    f"{LEGACY}, log_target=False",
    _broadcast_loss(_Dtypes("bool integer", "bool integer")),
)
_register(
    "soft_margin_loss",
    "SoftMarginLoss",
    "input: Tensor, target: Tensor",
    LEGACY,
    _broadcast_loss(_Dtypes("bool integer", into_first=True, result="first")),
)
_register(
    "hinge_embedding_loss",
    "HingeEmbeddingLoss",
    "input: Tensor, target: Tensor",
    f"margin=1.0, {LEGACY}",
    _broadcast_loss(_Dtypes("bool", whole="mean", result="first")),
)
_POISSON = "log_input=True, full=False, size_average=None, eps=1e-8, reduce=None, reduction='mean'"
register(
    ("torch.nn.functional.poisson_nll_loss",),
    (f"(input: Tensor, target: Tensor, {_POISSON})",),
    _broadcast_loss(_Dtypes(result="float")),
    family=_FAMILY,
)
register_layer(
    "torch.nn.PoissonNLLLoss",
    (f"({_POISSON})",),
    ("(log_input, target)",),
    keep,
    _broadcast_loss(_Dtypes(result="float"), ("log_input", "target")),
    family=_FAMILY,
)
_register("binary_cross_entropy", "BCELoss", "input: Tensor, target: Tensor", f"weight=None, {LEGACY}", _binary(False))
_register(
    "binary_cross_entropy_with_logits",
    "BCEWithLogitsLoss",
    "input: Tensor, target: Tensor",
    f"weight=None, {LEGACY}, pos_weight=None",
    _binary(True),
)
_TWO = "input1: Tensor, input2: Tensor, target: Tensor"
_register("margin_ranking_loss", "MarginRankingLoss", _TWO, f"margin=0.0, {LEGACY}", _margin_ranking)
_register("cosine_embedding_loss", "CosineEmbeddingLoss", _TWO, f"margin=0.0, {LEGACY}", _cosine_embedding)
_THREE = "anchor: Tensor, positive: Tensor, negative: Tensor"
_register(
    "triplet_margin_loss", "TripletMarginLoss", _THREE, f"margin=1.0, p=2.0, eps=1e-6, swap=False, {LEGACY}", _triplet
)
_register(
    "triplet_margin_with_distance_loss",
    "TripletMarginWithDistanceLoss",
    _THREE,
    "*, distance_function=None, margin=1.0, swap=False, reduction='mean'",
    _triplet,
)
_register(
    "gaussian_nll_loss",
    "GaussianNLLLoss",
    "input: Tensor, target: Tensor, var",
    "full=False, eps=1e-6, reduction='mean'",
    _gaussian,
    "*, full=False, eps=1e-6, reduction='mean'",
)
