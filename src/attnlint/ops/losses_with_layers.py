"""Losses that hold layers: ``nn.AdaptiveLogSoftmaxWithLoss`` and ``nn.LinearCrossEntropyLoss``."""

from __future__ import annotations

from attnlint.algebra import Shape, product
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Complaint
from attnlint.ops.layer_children import child, factory, module_list, run_child
from attnlint.ops.layer_input import dimensions, fit, known_size
from attnlint.ops.loss_operands import (
    CODE,
    reduced,
    reduction,
    refuse_whole,
    same_size,
)
from attnlint.ops.registry import layer
from attnlint.values import Instance, ListValue, NamedTuple, Tensor, TorchName, Value


@layer(
    "torch.nn.AdaptiveLogSoftmaxWithLoss",
    constructor="(in_features, n_classes, cutoffs, div_value=4.0, head_bias=False, device=None, dtype=None)",
    forward="(input_, target_)",
)
class AdaptiveLogSoftmaxWithLoss:
    """``(N, in_features)`` and ``(N)`` to the log-probabilities ``(N)`` and the loss."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        width, classes, divisor = call["in_features"], call["n_classes"], call["div_value"]
        given = call["cutoffs"]
        cutoffs = call.as_sequence(given, "cutoffs") if isinstance(given, tuple | ListValue) else ()
        result: dict[str, Value] = {name: call[name] for name in ("in_features", "n_classes", "div_value", "head_bias")}
        if not all(isinstance(value, int) for value in (width, classes, *cutoffs)) or not isinstance(
            divisor, int | float
        ):
            return result
        if not cutoffs:
            raise CannotTell("the cutoffs are not known")
        if list(cutoffs) != sorted(set(cutoffs)) or cutoffs[0] <= 0 or cutoffs[-1] > classes - 1:
            raise Complaint(
                "ATN104", f"cutoffs must rise from 1 to n_classes - 1 = {classes - 1}", arguments=("cutoffs",)
            )
        bounds = (*cutoffs, classes)
        tail = []
        for index in range(len(cutoffs)):
            hidden = int(width // (divisor ** (index + 1)))
            steps = (
                child(call, "Linear", width, hidden, bias=False, **factory(call)),
                child(call, "Linear", hidden, bounds[index + 1] - bounds[index], bias=False, **factory(call)),
            )
            pair = module_list(steps)
            tail.append(Instance(TorchName("torch.nn.Sequential"), pair.attributes))
        result["cutoffs"] = ListValue(list(bounds))
        result["head"] = child(call, "Linear", width, bounds[0] + len(cutoffs), bias=call["head_bias"], **factory(call))
        result["tail"] = module_list(tail)
        return result

    @staticmethod
    def forward(call: Call) -> Value:
        tensor, target = call.tensor("input_"), call.tensor("target_")
        refuse_whole(tensor, "input_")
        if target.shape.rank is None or tensor.shape.rank is None:
            raise CannotTell("an operand has an unknown number of dimensions")
        if target.shape.rank > 1 or tensor.shape.rank != target.shape.rank + 1:
            raise Complaint(
                CODE,
                f"input_ has {dimensions(tensor.shape.rank)}, target_ {target.shape.rank}: must be 2 and 1, or 1 and 0",
                arguments=("input_", "target_"),
                about_rank=True,
            )
        if target.shape.rank == 1:
            same_size(call, tensor.shape.dims[0], target.shape.dims[0], ("input_", "target_"), (0, 0))
        width = known_size(call, call.layer.get("in_features"), "in_features")
        if width is not None:
            fit(
                call,
                tensor,
                -1,
                tensor.shape.dims[-1],
                width,
                what="the last dimension",
                parameter="in_features",
                argument="input_",
            )
        loss = Tensor(Shape(()), dtype=tensor.dtype, device=tensor.device)
        output = Tensor(target.shape, dtype=tensor.dtype, device=tensor.device)
        return NamedTuple("torch.nn.modules.adaptive._ASMoutput", ("output", "loss"), (output, loss))


_LINEAR = "reduction='mean', weight=None, ignore_index=None, label_smoothing=0.0, options=None"


@layer(
    "torch.nn.LinearCrossEntropyLoss",
    constructor=f"(in_features, num_classes, *, out_features=(), bias=False, device=None, dtype=None, {_LINEAR})",
    forward="(input, target)",
)
class LinearCrossEntropyLoss:
    """Cross entropy of a linear layer's output (torch 2.13)."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        result = {
            name: call[name] for name in ("num_classes", "out_features", "reduction", "weight", "label_smoothing")
        }
        classes, sizes = known_size(call, call["num_classes"], "num_classes"), call["out_features"]
        if classes is None or not isinstance(sizes, tuple) or any(not isinstance(size, int) for size in sizes):
            return result
        width = product((classes, *sizes))
        return result | {
            "linear": child(call, "Linear", call["in_features"], width, bias=call["bias"], **factory(call))
        }

    @staticmethod
    def forward(call: Call) -> Value:
        tensor, how = call.tensor("input"), reduction(call)
        refuse_whole(tensor, "input")
        if "linear" in call.layer:
            run_child(call, call.layer["linear"], tensor)
        return reduced(call, None, None, how, tensor)
