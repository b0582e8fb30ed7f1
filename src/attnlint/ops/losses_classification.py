"""Losses that compare scores of classes with class indices: cross entropy, NLL, margins over classes, CTC."""

from __future__ import annotations

from collections.abc import Callable

from attnlint.algebra import Answer, Dim, Shape
from attnlint.ops.broadcast import broadcast
from attnlint.ops.call import Call
from attnlint.ops.complaint import Clash, Complaint
from attnlint.ops.layer_input import dimensions, fit, optional_tensor, refuse_numbers
from attnlint.ops.layers_embedding import whole_numbers
from attnlint.ops.loss_operands import (
    CODE,
    LEGACY,
    LOSS_BASES,
    keep,
    option,
    reduced,
    reduction,
    refuse_whole,
    same_shape,
    same_size,
)
from attnlint.ops.promotion import is_floating, is_integral, result_dtype
from attnlint.ops.registry import register, register_layer
from attnlint.values import ListValue, Tensor, Value

_FAMILY = "losses_classification"
_INDICES = ("int64", "uint8")


# --- cross entropy ----------------------------------------------------------------------------------------------------


def _cross_entropy(call: Call) -> Value:
    """Targets are class indices (the input's shape without the classes), or probabilities (the input's shape)."""
    tensor = call.tensor("input")
    refuse_whole(tensor, "input")
    target, how = call.tensor("target"), reduction(call)
    smoothing = option(call, "label_smoothing")
    if isinstance(smoothing, int | float) and not 0 <= smoothing <= 1:
        raise Complaint(
            CODE, f"label_smoothing must be between 0 and 1, got {smoothing}", arguments=("label_smoothing",)
        )
    shape = _classes_and_target(call, tensor, target, probabilities=True)
    same = tensor.dtype == target.dtype or (target.dtype is not None and is_integral(target.dtype))
    return reduced(call, shape, tensor.dtype if same else result_dtype((tensor, target)), how, tensor)


def _nll(call: Call) -> Value:
    tensor = call.tensor("input")
    refuse_whole(tensor, "input")
    target, how = call.tensor("target"), reduction(call)
    return reduced(call, _classes_and_target(call, tensor, target, probabilities=False), tensor.dtype, how, tensor)


def _classes_and_target(call: Call, tensor: Tensor, target: Tensor, *, probabilities: bool) -> Shape | None:
    """The shape of the loss before it is reduced, after all that is demanded; ``None`` when it is not known."""
    rank, found = tensor.shape.rank, target.shape.rank
    if rank == 0:
        raise Complaint(CODE, "input has no dimension of classes", arguments=("input",), about_rank=True)
    if rank is None or found is None:
        return None
    _check_class_weight(call, tensor)
    floating = target.dtype is not None and is_floating(target.dtype)
    if probabilities and found == rank and (rank > 1 or floating):
        return _probabilities(call, tensor, target)
    if rank == 1 and found == 1 and probabilities and target.dtype is None:
        return Shape(())
    if found != rank - 1 and not (rank == 1 and found == 1):
        raise _wrong_target_rank(tensor, target, probabilities)
    allowed = _INDICES if rank < 3 else _INDICES[:1]
    refuse_numbers(target, allowed, "target", advice="class indices must be int64: `.long()`")
    if rank == 1:
        if found == 1:
            _demand_single_target(call, tensor, target, probabilities)
        _check_indices(call, target, tensor.shape.dims[0])
        return Shape(())
    same_size(call, tensor.shape.dims[0], target.shape.dims[0], ("input", "target"), (0, 0))
    for axis in range(1, found):
        same_size(call, tensor.shape.dims[axis + 1], target.shape.dims[axis], ("input", "target"), (axis + 1, axis))
    _check_indices(call, target, tensor.shape.dims[1])
    return target.shape


def _probabilities(call: Call, tensor: Tensor, target: Tensor) -> Shape:
    """A target of the input's rank can only be probabilities, of exactly its shape and floating point."""
    if target.dtype is not None and is_integral(target.dtype):
        last = target.shape.dims[-1]
        slip = isinstance(last, int) and last == 1
        raise Complaint(
            CODE,
            f"target {target.shape} has as many dimensions as input {tensor.shape}: "
            f"then it must hold probabilities, not {target.dtype}",
            arguments=("target", "input"),
            advice="`.squeeze(-1)` on the target makes it class indices"
            if slip
            else "class indices have no dimension of classes",
            about_rank=True,
        )
    same_shape(call, tensor, target)
    ignored = option(call, "ignore_index")
    if isinstance(ignored, int) and ignored >= 0 and target.dtype is not None:
        raise Complaint(
            CODE, "ignore_index does not go with probabilities as target", arguments=("ignore_index", "target")
        )
    dims = tensor.shape.dims
    return Shape(dims[1:] if len(dims) == 1 else (dims[0], *dims[2:]))


def _demand_single_target(call: Call, tensor: Tensor, target: Tensor, probabilities: bool) -> None:
    """A 1-D input is one sample: its target has one element, and must not look like probabilities."""
    size, classes = target.shape.dims[0], tensor.shape.dims[0]
    looks_alike = probabilities and call.facts.equal(size, classes) is Answer.YES
    if call.facts.equal(size, 1) is Answer.NO or (looks_alike and target.dtype is not None):
        raise Complaint(
            CODE,
            f"input has 1 dimension, so target must have 1 element, not {size}",
            arguments=("target", "input"),
            clash=(Clash("target", 0, size),),
        )


def _wrong_target_rank(tensor: Tensor, target: Tensor, probabilities: bool) -> Complaint:
    rank = len(tensor.shape.dims)
    other = f", or {rank} for probabilities" if probabilities else ""
    return Complaint(
        CODE,
        f"target has {dimensions(target.shape.rank)} but must have {rank - 1}{other}",
        arguments=("target", "input"),
        clash=(Clash("input", None), Clash("target", None)),
        advice="classes are dimension 1 of the input: for (N, T, C) scores use `.transpose(1, 2)` or flatten both"
        if rank > 2
        else "flatten the target to one class index for each row of the input",
        about_rank=True,
    )


def _check_class_weight(call: Call, tensor: Tensor) -> None:
    weight = optional_tensor(call, option(call, "weight"), "weight")
    if weight is None or weight.shape.rank is None:
        return
    classes = tensor.shape.dims[0 if len(tensor.shape.dims) == 1 else 1]
    if weight.shape.rank != 1:
        raise Complaint(
            CODE, f"weight has {dimensions(weight.shape.rank)} but must have 1", arguments=("weight",), about_rank=True
        )
    fit(
        call,
        weight,
        0,
        weight.shape.dims[0],
        classes,
        what="the size of weight",
        parameter="the number of classes",
        argument="weight",
        code=CODE,
        other=Clash("input", 1, classes),
    )
    refuse_whole(weight, "weight")


def _check_indices(call: Call, target: Tensor, classes: Dim) -> None:
    """Known class indices must be classes, except the one that is ignored."""
    ignored = option(call, "ignore_index")
    if not isinstance(classes, int) or not isinstance(ignored, int):
        return
    for index in whole_numbers(target.elements):
        if index != ignored and not 0 <= index < classes:
            raise Complaint(
                CODE, f"class index {index} is out of range: there are {classes} classes", arguments=("target",)
            )


# --- margins over classes ---------------------------------------------------------------------------------------------


def _multi_margin(call: Call) -> Value:
    tensor, target = call.tensor("input"), call.tensor("target")
    how = reduction(call)
    _demand_matrix(tensor)
    refuse_whole(tensor, "input")
    refuse_numbers(target, ("int64",), "target")
    if tensor.shape.rank is None or target.shape.rank is None:
        return reduced(call, None, tensor.dtype, how, tensor)
    if target.shape.rank > 1 or (target.shape.rank == 0 and tensor.shape.rank > 1):
        raise Complaint(
            CODE, f"target has {dimensions(target.shape.rank)} but must have 1", arguments=("target",), about_rank=True
        )
    if target.shape.rank == 1:
        batch: Dim = tensor.shape.dims[0] if tensor.shape.rank == 2 else 1
        same_size(call, batch, target.shape.dims[0], ("input", "target"), (0, 0))
    _check_class_weight_of_last(call, tensor)
    return reduced(call, target.shape, tensor.dtype, how, tensor)


def _check_class_weight_of_last(call: Call, tensor: Tensor) -> None:
    weight = optional_tensor(call, option(call, "weight"), "weight")
    if weight is not None and weight.shape.rank == 1:
        same_size(call, tensor.shape.dims[-1], weight.shape.dims[0], ("input", "weight"), (-1, 0))


def _demand_matrix(tensor: Tensor) -> None:
    rank = tensor.shape.rank
    if rank is not None and rank > 2:
        raise Complaint(
            CODE, f"input has {dimensions(rank)} but must have 1 or 2", arguments=("input",), about_rank=True
        )


def _multilabel_margin(call: Call) -> Value:
    tensor, target = call.tensor("input"), call.tensor("target")
    how = reduction(call)
    _demand_matrix(tensor)
    refuse_whole(tensor, "input")
    refuse_numbers(target, ("int64",), "target")
    same_shape(call, tensor, target)
    shape = Shape(tensor.shape.dims[:-1]) if tensor.shape.rank is not None else None
    return reduced(call, shape, tensor.dtype, how, tensor)


def _multilabel_soft_margin(call: Call) -> Value:
    tensor = call.tensor("input")
    refuse_whole(tensor, "input")
    target, how = call.tensor("target"), reduction(call)
    operands = [("input", tensor), ("target", target)]
    weight = optional_tensor(call, option(call, "weight"), "weight")
    if weight is not None:
        operands.append(("weight", weight))
    shape = broadcast(call, operands, code=CODE)
    dtype = result_dtype(operand for _, operand in operands)
    return reduced(call, Shape(shape.dims[:-1], shape.rest) if shape.dims else None, dtype, how, tensor)


# --- CTC --------------------------------------------------------------------------------------------------------------


def _ctc(call: Call) -> Value:
    """``(T, N, C)`` log-probabilities, or ``(T, C)`` for one sequence."""
    scores, targets = call.tensor("log_probs"), call.tensor("targets")
    how = reduction(call)
    refuse_whole(scores, "log_probs")
    rank = scores.shape.rank
    if rank is None:
        return reduced(call, None, scores.dtype, how, scores)
    if rank not in (2, 3):
        raise Complaint(
            CODE, f"log_probs has {dimensions(rank)} but must have 2 or 3", arguments=("log_probs",), about_rank=True
        )
    classes, blank = scores.shape.dims[-1], option(call, "blank")
    if isinstance(classes, int) and isinstance(blank, int) and not 0 <= blank < classes:
        raise Complaint(CODE, f"blank {blank} is no class: there are {classes}", arguments=("blank",))
    if rank == 2:
        return reduced(call, Shape(()), scores.dtype, how, scores)
    batch = scores.shape.dims[1]
    if targets.shape.rank == 2:
        same_size(call, batch, targets.shape.dims[0], ("log_probs", "targets"), (1, 0))
    for name in ("input_lengths", "target_lengths"):
        _check_lengths(call, name, batch)
    return reduced(call, Shape((batch,)), scores.dtype, how, scores)


def _check_lengths(call: Call, name: str, batch: Dim) -> None:
    value = call[name]
    if isinstance(value, Tensor):
        lengths = call.as_tensor(value, name)
        if lengths.shape.rank == 1:
            same_size(call, batch, lengths.shape.dims[0], ("log_probs", name), (1, 0))
    elif isinstance(value, tuple | ListValue):
        same_size(call, batch, len(call.as_sequence(value, name)), ("log_probs", name), (1, 0))


# --- tables -----------------------------------------------------------------------------------------------------------


def _register(
    function: str,
    name: str,
    options: str,
    rule: Callable[[Call], Value],
    operands: str = "input: Tensor, target: Tensor",
) -> None:
    register((f"torch.nn.functional.{function}",), (f"({operands}, {options})",), rule, family=_FAMILY)
    register_layer(
        f"torch.nn.{name}", (f"({options})",), (f"({operands})",), keep, rule, family=_FAMILY, bases=LOSS_BASES
    )


_IGNORING = "weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean'"
_register("cross_entropy", "CrossEntropyLoss", f"{_IGNORING}, label_smoothing=0.0", _cross_entropy)
_register("nll_loss", "NLLLoss", _IGNORING, _nll)
register_layer("torch.nn.NLLLoss2d", (f"({_IGNORING})",), ("(input, target)",), keep, _nll, family=_FAMILY)
_register("multi_margin_loss", "MultiMarginLoss", f"p=1, margin=1.0, weight=None, {LEGACY}", _multi_margin)
_register("multilabel_margin_loss", "MultiLabelMarginLoss", LEGACY, _multilabel_margin)
_register("multilabel_soft_margin_loss", "MultiLabelSoftMarginLoss", f"weight=None, {LEGACY}", _multilabel_soft_margin)
_register(
    "ctc_loss",
    "CTCLoss",
    "blank=0, reduction='mean', zero_infinity=False",
    _ctc,
    "log_probs: Tensor, targets: Tensor, input_lengths, target_lengths",
)
