"""Linear layers: ``nn.Linear``, ``nn.Bilinear``, ``nn.LazyLinear``, ``nn.Identity``; ``F.linear``, ``F.bilinear``."""

from __future__ import annotations

from attnlint.algebra import Answer, Dim
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint, placeholder
from attnlint.ops.layer_input import (
    Split,
    dimensions,
    fit,
    known_size,
    layer_output,
    like,
    optional,
    optional_tensor,
    parameter,
    refuse_integers,
    same_kind,
    trailing,
    wrong_rank,
)
from attnlint.ops.promotion import is_integral
from attnlint.ops.registry import alias, layer, shape_rule
from attnlint.values import Tensor, Unknown, Value


def demand_last(call: Call, tensor: Tensor, wanted: Dim | None, parameter_name: str, argument: str = "input") -> Split:
    """Demand that the last dimension of a tensor of any rank is ``wanted`` (``None``: nothing is demanded)."""
    cut = trailing(call, tensor, 1, lambda: wrong_rank(tensor, (1,), argument))
    if wanted is not None:
        fit(
            call,
            tensor,
            -1,
            cut.trailing[0],
            wanted,
            what=f"the last dimension of {argument}" if argument != "input" else "the last dimension",
            parameter=parameter_name,
            argument=argument,
        )
    return cut


def apply_linear(
    call: Call, tensor: Tensor, weight: Value, bias: Value, *, argument: str = "input", parameter_name: str
) -> Tensor:
    """``F.linear`` with the weight of a layer (``(out, in)``), whose sizes may be unknown."""
    refuse_integers_of_layer(call, tensor, weight, argument)
    matrix = weight if isinstance(weight, Tensor) else None
    if matrix is None:
        wanted = known_size(call, call.layer.get("in_features"), "in_features")
        out = known_size(call, call.layer.get("out_features"), "out_features")
        cut = demand_last(call, tensor, wanted, parameter_name, argument)
        return layer_output(call, cut, (call.fresh("out_features") if out is None else out,), None, contiguous=True)
    matrix = call.as_tensor(matrix, "weight")
    if matrix.shape.rank != 2:
        raise CannotTell("the weight is no matrix")
    dtype = same_kind(call, tensor, matrix, (argument, "weight"))
    out, wanted = matrix.shape.dims
    cut = demand_last(call, tensor, wanted, parameter_name, argument)
    return layer_output(call, cut, (out,), dtype, contiguous=True)


def refuse_integers_of_layer(call: Call, tensor: Tensor, weight: Value, argument: str = "input") -> None:
    """The parameters of a layer are floating point, so whole numbers as input raise."""
    quantized = isinstance(weight, Tensor) and weight.dtype is not None and is_integral(weight.dtype)
    if not quantized and (not isinstance(weight, Tensor) or weight.is_parameter):
        refuse_integers(call, tensor, argument)


@layer(
    "torch.nn.Linear", constructor="(in_features, out_features, bias=True, device=None, dtype=None)", forward="(input)"
)
class Linear:
    """``(*, in_features)`` to ``(*, out_features)``."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        fan_in = known_size(call, call["in_features"], "in_features")
        fan_out = known_size(call, call["out_features"], "out_features")
        return {
            "in_features": call["in_features"],
            "out_features": call["out_features"],
            "weight": parameter(call, fan_out, fan_in, label="weight"),
            "bias": optional(call, "bias", parameter(call, fan_out, label="bias")),
        }

    @staticmethod
    def forward(call: Call) -> Value:
        return apply_linear(
            call, call.tensor("input"), call.layer["weight"], call.layer.get("bias"), parameter_name="in_features"
        )


alias("torch.nn.modules.linear.Linear", "torch.nn.Linear")
alias("torch.nn.modules.linear.NonDynamicallyQuantizableLinear", "torch.nn.Linear")
alias("torch.nn.NonDynamicallyQuantizableLinear", "torch.nn.Linear")


@layer(
    "torch.nn.LazyLinear",
    constructor="(out_features, bias=True, device=None, dtype=None)",
    forward="(input)",
    bases=("torch.nn.Linear",),
)
class LazyLinear:
    """As Linear; the input's width is taken as it comes."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        lazy = Unknown("the parameter is lazy", kind="tensor")
        return {
            "in_features": Unknown("the layer is lazy", kind="int"),
            "out_features": call["out_features"],
            "weight": lazy,
            "bias": optional(call, "bias", lazy),
        }

    @staticmethod
    def forward(call: Call) -> Value:
        return apply_linear(
            call, call.tensor("input"), call.layer["weight"], call.layer.get("bias"), parameter_name="in_features"
        )


@layer("torch.nn.Identity", constructor="(*args, **kwargs)", forward="(input)")
class Identity:
    """Takes any arguments and gives its input back."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        return {}

    @staticmethod
    def forward(call: Call) -> Value:
        return call["input"]


@shape_rule(
    "torch.nn.functional.linear",
    "torch._C._nn.linear",
    signature="(input: Tensor, weight: Tensor, bias: Tensor = None)",
)
def linear(call: Call) -> Value:
    tensor, weight = call.tensor("input"), call.tensor("weight")
    if tensor.shape.rank == 0:
        raise wrong_rank(tensor, (1,))
    dtype = same_kind(call, tensor, weight, ("input", "weight"))
    if weight.shape.rank is None:
        raise CannotTell("the weight has an unknown number of dimensions")
    if weight.shape.rank not in (1, 2):
        raise CannotTell("the weight is no matrix")
    wanted = weight.shape.dims[-1]
    cut = trailing(call, tensor, 1)
    fit(
        call,
        tensor,
        -1,
        cut.trailing[0],
        wanted,
        what="the last dimension",
        parameter="the last dimension of weight",
        other=Clash("weight", weight.shape.rank - 1, wanted),
        advice="linear multiplies by the transposed weight: weight is (out_features, in_features)",
    )
    out = weight.shape.dims[:-1]
    bias = optional_tensor(call, call["bias"], "bias")
    if bias is not None and not out and tensor.shape.rank is not None:
        raise wrong_rank(weight, (2,), "weight", advice="with a bias the weight must be a matrix")
    if bias is not None and out and bias.shape.rank is not None:
        _demand_bias(call, bias, out[0], tensor.shape.rank)
    return layer_output(call, cut, out, dtype, contiguous=True)


def _demand_bias(call: Call, bias: Tensor, out: Dim, rank: int | None) -> None:
    """A bias of another size than 1 or ``out`` cannot be added to the result."""
    if not bias.shape.dims:
        return
    if rank is not None and len(bias.shape.dims) > rank:
        raise wrong_rank(bias, (1,), "bias")
    size = bias.shape.dims[-1]
    if call.facts.equal(size, out) is Answer.NO and call.facts.is_one(size) is Answer.NO:
        raise Complaint(
            "ATN104",
            f"bias has size {size} but the output width is {out}",
            arguments=("bias",),
            clash=(Clash("bias", -1, size), Clash("weight", 0, out)),
        )


_BILINEAR = "(in1_features, in2_features, out_features, bias=True, device=None, dtype=None)"


@layer("torch.nn.Bilinear", constructor=_BILINEAR, forward="(input1, input2)")
class Bilinear:
    """``(*, in1)`` and ``(*, in2)`` to ``(*, out)``."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        names = ("out_features", "in1_features", "in2_features")
        dims = [known_size(call, call[name], name) for name in names]
        if isinstance(dims[1], int) and dims[1] <= 0:
            raise Complaint(
                "ATN104",
                f"in1_features must be at least 1, got {dims[1]}",
                arguments=("in1_features",),
                about_placeholder=placeholder(dims[1]),
            )
        return {
            **{name: call[name] for name in names},
            "weight": parameter(call, *dims, label="weight"),
            "bias": optional(call, "bias", parameter(call, dims[0], label="bias")),
        }

    @staticmethod
    def forward(call: Call) -> Value:
        weight = call.layer["weight"]
        if not isinstance(weight, Tensor):
            raise CannotTell("a size of the layer is not known")
        return _bilinear(call, weight, ("in1_features", "in2_features"))


@shape_rule(
    "torch.nn.functional.bilinear",
    "torch.bilinear",
    signature="(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor = None)",
)
def bilinear(call: Call) -> Value:
    return _bilinear(call, call.tensor("weight"), ("weight's second dimension", "weight's third dimension"))


def _bilinear(call: Call, weight: Tensor, names: tuple[str, str]) -> Tensor:
    first, second = call.tensor("input1"), call.tensor("input2")
    if weight.shape.rank != 3:
        raise CannotTell("the weight has an unknown number of dimensions")
    for argument, tensor in (("input1", first), ("input2", second)):
        refuse_integers_of_layer(call, tensor, weight, argument)
    dtype = same_kind(call, first, weight, ("input1", "weight"))
    same_kind(call, second, weight, ("input2", "weight"))
    out, wanted1, wanted2 = weight.shape.dims
    if first.shape.rank is not None and second.shape.rank is not None and first.shape.rank != second.shape.rank:
        raise Complaint(
            "ATN103",
            f"input1 has {dimensions(first.shape.rank)} but input2 has {second.shape.rank}",
            arguments=("input2", "input1"),
            about_rank=True,
        )
    cut1 = demand_last(call, first, wanted1, names[0], "input1")
    cut2 = demand_last(call, second, wanted2, names[1], "input2")
    if len(cut1.lead) == len(cut2.lead):
        for axis, (one, other) in enumerate(zip(cut1.lead, cut2.lead, strict=True)):
            fit(
                call,
                second,
                axis,
                other,
                one,
                what=f"dimension {axis} of input2",
                parameter=f"dimension {axis} of input1",
                argument="input2",
                other=Clash("input1", axis, one),
            )
    return layer_output(call, cut1, (out,), dtype)


def unchanged(call: Call, name: str = "input") -> Tensor:
    """The result of an op that changes neither shape nor dtype."""
    return like(call.tensor(name))
