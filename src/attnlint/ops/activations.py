"""Activations: what works element by element, what works along an axis (softmax, GLU), and PReLU."""

from __future__ import annotations

from collections.abc import Callable

from attnlint.algebra import Answer, Dim, floor_divide
from attnlint.frozen import replace
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.layer_input import dimensions, divides, fit, known_size, like, optional_tensor, parameter, wrong_rank
from attnlint.ops.promotion import float_result
from attnlint.ops.registry import alias, layer, register, register_layer
from attnlint.ops.results import dtype_argument, refuse
from attnlint.ops.strides import elementwise_strides
from attnlint.values import Tensor, Value

_FAMILY = "activations"

# --- element by element -----------------------------------------------------------------------------------------------
# name of the function, name of the layer, parameters, dtypes without a kernel (torch 2.13, CPU), integers become floats

_FLOATS_ONLY = "bool integer complex"
_ELEMENTWISE: tuple[tuple[str, str, str, str, bool], ...] = (
    ("relu", "ReLU", "inplace=False", "bool complex", False),
    ("relu6", "ReLU6", "inplace=False", "bool complex", False),
    ("elu", "ELU", "alpha=1.0, inplace=False", _FLOATS_ONLY, False),
    ("selu", "SELU", "inplace=False", _FLOATS_ONLY, False),
    ("celu", "CELU", "alpha=1.0, inplace=False", _FLOATS_ONLY, False),
    ("leaky_relu", "LeakyReLU", "negative_slope=0.01, inplace=False", _FLOATS_ONLY, False),
    ("gelu", "GELU", "approximate='none'", _FLOATS_ONLY, False),
    ("silu", "SiLU", "inplace=False", "bool integer", False),
    ("mish", "Mish", "inplace=False", _FLOATS_ONLY, False),
    ("sigmoid", "Sigmoid", "", "", True),
    ("tanh", "Tanh", "", "", True),
    ("logsigmoid", "LogSigmoid", "", _FLOATS_ONLY, False),
    ("hardsigmoid", "Hardsigmoid", "inplace=False", _FLOATS_ONLY, False),
    ("hardswish", "Hardswish", "inplace=False", _FLOATS_ONLY, False),
    ("hardtanh", "Hardtanh", "min_val=-1.0, max_val=1.0, inplace=False", "bool complex", False),
    ("hardshrink", "Hardshrink", "lambd=0.5", _FLOATS_ONLY, False),
    ("softshrink", "Softshrink", "lambd=0.5", _FLOATS_ONLY, False),
    ("tanhshrink", "Tanhshrink", "", "bool", True),
    ("softplus", "Softplus", "beta=1.0, threshold=20.0", _FLOATS_ONLY, False),
    ("softsign", "Softsign", "", "bool", True),
    ("threshold", "Threshold", "threshold, value, inplace=False", "bool complex", False),
)


def _elementwise(refused: str, to_float: bool) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        tensor = call.tensor("input")
        refuse(tensor, refused)
        result = like(tensor, dtype=float_result(tensor.dtype) if to_float else tensor.dtype)
        return replace(result, strides=elementwise_strides([tensor], tensor.shape.dims))

    return rule


_NO_ATTRIBUTES = ("args", "kwargs", "device", "dtype")


def keep_arguments(call: Call) -> dict[str, Value]:
    """The attributes of a layer that only keeps what it was given."""
    return {name: value for name, value in call.arguments.items() if name not in _NO_ATTRIBUTES}


def _with(*parameters: str) -> str:
    return f"({', '.join(parameter for parameter in parameters if parameter)})"


_INPLACE_FORMS = ("relu", "elu", "selu", "celu", "leaky_relu", "hardtanh", "threshold")

for _function, _layer, _parameters, _refused, _to_float in _ELEMENTWISE:
    _rule = _elementwise(_refused, _to_float)
    register((f"torch.nn.functional.{_function}",), (_with("input: Tensor", _parameters),), _rule, family=_FAMILY)
    if _function in _INPLACE_FORMS:
        _own = _parameters.replace(", inplace=False", "").replace("inplace=False", "")
        register((f"torch.nn.functional.{_function}_",), (_with("input: Tensor", _own),), _rule, family=_FAMILY)
    _constructor = _with(_parameters) if _parameters else "(*args, **kwargs)"
    if _function == "hardtanh":
        _constructor = "(min_val=-1.0, max_val=1.0, inplace=False, min_value=None, max_value=None)"
    register_layer(f"torch.nn.{_layer}", (_constructor,), ("(input)",), keep_arguments, _rule, family=_FAMILY)

_rrelu = _elementwise(_FLOATS_ONLY, False)
_RRELU = "lower=0.125, upper=0.3333333333333333"
register(
    ("torch.nn.functional.rrelu",),
    (f"(input: Tensor, {_RRELU}, training=False, inplace=False)",),
    _rrelu,
    family=_FAMILY,
)
register(("torch.nn.functional.rrelu_",), (f"(input: Tensor, {_RRELU}, training=False)",), _rrelu, family=_FAMILY)
register_layer("torch.nn.RReLU", (f"({_RRELU}, inplace=False)",), ("(input)",), keep_arguments, _rrelu, family=_FAMILY)


# --- along an axis ----------------------------------------------------------------------------------------------------


def along(call: Call, tensor: Tensor, value: Value, argument: str = "dim") -> None:
    """Check an axis argument, as far as it and the rank are known."""
    if isinstance(value, int) and not isinstance(value, bool) and tensor.shape.rank is not None:
        call.axis(value, tensor.shape.rank, argument=argument)


def _softmax(source: Callable[[Call], Value]) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        tensor = call.tensor("input")
        wanted = call.arguments.get("dtype")
        if wanted is None:
            refuse(tensor, _FLOATS_ONLY)
        along(call, tensor, source(call))
        return like(tensor, dtype=dtype_argument(call, tensor.dtype), keep_dtype=wanted is None)

    return rule


for _function, _layer in (("softmax", "Softmax"), ("log_softmax", "LogSoftmax"), ("softmin", "Softmin")):
    register(
        (f"torch.nn.functional.{_function}",),
        ("(input: Tensor, dim=None, _stacklevel=3, dtype=None)",),
        _softmax(lambda call: call["dim"]),
        family=_FAMILY,
    )
    register_layer(
        f"torch.nn.{_layer}",
        ("(dim=None)",),
        ("(input)",),
        keep_arguments,
        _softmax(lambda call: call.layer.get("dim")),
        family=_FAMILY,
    )


@layer("torch.nn.Softmax2d", constructor="(*args, **kwargs)", forward="(input)")
class Softmax2d:
    """Softmax over the channels of ``(N, C, H, W)`` or ``(C, H, W)``."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        return {}

    @staticmethod
    def forward(call: Call) -> Value:
        tensor = call.tensor("input")
        if tensor.shape.rank is not None and tensor.shape.rank not in (3, 4):
            raise wrong_rank(tensor, (3, 4))
        refuse(tensor, _FLOATS_ONLY)
        return like(tensor)


def _gumbel_softmax(call: Call) -> Value:
    tensor = call.tensor("logits")
    refuse(tensor, _FLOATS_ONLY, argument="logits")
    along(call, tensor, call["dim"])
    return like(tensor)


register(
    ("torch.nn.functional.gumbel_softmax",),
    ("(logits: Tensor, tau=1, hard=False, eps=1e-10, dim=-1)",),
    _gumbel_softmax,
    family=_FAMILY,
)


def _glu(source: Callable[[Call], Value]) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        tensor, axis = call.tensor("input"), source(call)
        refuse(tensor, _FLOATS_ONLY)
        if not isinstance(axis, int):
            raise CannotTell("dim is not a known integer")
        if tensor.shape.rank == 0:
            raise Complaint("ATN103", "glu does not take 0-dimensional tensors", arguments=("input",), about_rank=True)
        return _halve(call, tensor, axis)

    return rule


def _halve(call: Call, tensor: Tensor, axis: int) -> Tensor:
    shape = tensor.shape
    if shape.rank is None:
        if axis >= 0:
            raise CannotTell("an operand has an unknown number of dimensions")
        shape = call.facts.require_trailing(shape, -axis, because=call.because)
        place = len(shape.dims) + axis
    else:
        place = call.axis(axis, shape.rank)
    size = shape.dims[place]
    divides(
        call,
        2,
        size,
        lambda: Complaint(
            "ATN118",
            f"the size of dimension {axis} is {size}, which cannot be halved",
            arguments=("input",),
            clash=(Clash("input", axis, size),),
        ),
    )
    half: Dim = call.facts.normal(floor_divide(size, 2))
    dims = (*shape.dims[:place], half, *shape.dims[place + 1 :])
    return Tensor(type(shape)(dims, shape.rest), dtype=tensor.dtype, device=tensor.device)


register(("torch.nn.functional.glu",), ("(input: Tensor, dim=-1)",), _glu(lambda call: call["dim"]), family=_FAMILY)
register_layer(
    "torch.nn.GLU", ("(dim=-1)",), ("(input)",), keep_arguments, _glu(lambda call: call.layer["dim"]), family=_FAMILY
)


# --- PReLU ------------------------------------------------------------------------------------------------------------


@layer("torch.nn.PReLU", constructor="(num_parameters=1, init=0.25, device=None, dtype=None)", forward="(input)")
class PReLU:
    """One slope, or one for each channel (axis 1)."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        size = known_size(call, call["num_parameters"], "num_parameters")
        return {"num_parameters": call["num_parameters"], "weight": parameter(call, size, label="weight")}

    @staticmethod
    def forward(call: Call) -> Value:
        return _prelu(call, optional_tensor(call, call.layer.get("weight"), "weight"), "num_parameters")


def _prelu(call: Call, weight: Tensor | None, name: str) -> Tensor:
    tensor = call.tensor("input")
    refuse(tensor, _FLOATS_ONLY)
    if weight is None or weight.shape.rank is None or tensor.shape.rank is None:
        return like(tensor)
    if weight.shape.rank > 1:
        raise Complaint(
            "ATN103",
            f"weight has {dimensions(weight.shape.rank)} but must have 1",
            arguments=("weight",),
            about_rank=True,
        )
    size: Dim = weight.shape.dims[0] if weight.shape.dims else 1
    if call.facts.is_one(size) is Answer.NO:
        if tensor.shape.rank == 0:
            raise wrong_rank(tensor, (1,))
        if tensor.shape.rank == 1:
            # The one axis of a 1-D input is no channel axis: torch then counts a single channel.
            raise Complaint("ATN104", f"{name} is {size} but a 1-dimensional input has 1 channel", arguments=("input",))
        fit(call, tensor, 1, tensor.shape.dims[1], size, what="the channel dimension (1)", parameter=name)
    return like(tensor)


register(
    ("torch.nn.functional.prelu", "torch.prelu", "torch.Tensor.prelu"),
    ("(input: Tensor, weight: Tensor)",),
    lambda call: _prelu(call, call.tensor("weight"), "the size of weight"),
    family=_FAMILY,
)
alias("torch.nn.modules.activation.ReLU", "torch.nn.ReLU")
