"""Attributes of tensors, and of objects that are tensors by what is done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra import Dim, Shape
from attnlint.frozen import replace
from attnlint.interpreter import operations
from attnlint.interpreter.assumed_tensors import AMBIGUOUS
from attnlint.interpreter.numbers import rank_symbol
from attnlint.interpreter.objects import UNBOUND, Condition
from attnlint.ops.registry import find_op
from attnlint.values import BoundMethod, Tensor, TorchName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

VIEWS = {
    "T": "torch.Tensor.T",
    "mT": "torch.Tensor.mT",
    "H": "torch.Tensor.H",
    "mH": "torch.Tensor.mH",
    "real": "torch.Tensor.real",
    "imag": "torch.Tensor.imag",
}
FLAGS = frozenset(
    {
        "is_cuda",
        "requires_grad",
        "is_leaf",
        "is_sparse",
        "is_quantized",
        "is_meta",
        "is_mps",
        "is_cpu",
        "is_nested",
        "retains_grad",
        "is_xpu",
    }
)
ENGINE_METHODS = frozenset(
    {"size", "dim", "ndimension", "numel", "nelement", "item", "tolist", "element_size", "type", "numpy"}
)

SURE_ATTRIBUTES = frozenset({"shape", "ndim"})


def shape_value(run: Run, shape: Shape) -> Value:
    """``x.shape``: a tuple of dims, or the shape itself where the rank is not known."""
    return shape.dims if shape.rest is None else shape


def rank_value(run: Run, shape: Shape) -> Dim:
    """``x.dim()``"""
    return len(shape.dims) if shape.rest is None else rank_symbol(shape.rest, len(shape.dims))


def get(run: Run, value: Tensor, name: str, node: Node) -> Value:
    """An attribute of a tensor."""
    if name == "shape":
        return shape_value(run, run.facts.resolve(value.shape))
    if name in ENGINE_METHODS:
        return BoundMethod(value, TorchName(f"torch.Tensor.{name}"))
    if name == "ndim":
        return rank_value(run, run.facts.resolve(value.shape))
    if name == "dtype":
        return (
            TorchName(f"torch.{value.dtype}")
            if value.dtype is not None
            else run.fresh("the dtype of a tensor", kind="dtype")
        )
    if name == "device":
        return Unknown("the device of a tensor", ("device",), "device", "device")
    if name in ("data", "__class__"):
        return replace(value, is_parameter=False) if name == "data" else TorchName("torch.Tensor")
    if name == "grad":
        return run.fresh("a gradient", kind="", optional=True)
    if name in VIEWS:
        return view_attribute(run, value, name, node)
    if name == "requires_grad" and _is_new(run, value):
        return False
    if name in FLAGS:
        return run.fresh(f"the attribute {name} of a tensor", kind="bool")
    full = f"torch.Tensor.{name}"
    if find_op(full) is not None:
        return BoundMethod(value, TorchName(full))
    return Unknown(f"attnlint has no shape rule for {full}", None, name)


def _is_new(run: Run, value: Tensor) -> bool:
    """Whether a tensor is as `torch.randn` and its like make one, and nobody has asked for its gradient."""
    from attnlint.interpreter.torch_calls import takes_options

    maker = value.maker
    return (
        maker is not None
        and not value.is_parameter
        and takes_options(maker.operation)
        and not any(isinstance(each, Tensor) for each in (*maker.arguments, *maker.keywords.values()))
        and "requires_grad" not in maker.keywords
        and id(maker) not in run.differentiable
    )


def view_attribute(run: Run, value: Tensor, name: str, node: Node) -> Value:
    """``x.T``, ``x.mT`` and the like."""
    if find_op(VIEWS[name]) is not None:
        return operations.call_by_name(run, VIEWS[name], (value,), {}, node)
    shape = run.facts.resolve(value.shape)
    if name in ("real", "imag"):
        return run.fresh("a part of a complex tensor")
    if shape.rest is not None and name in ("T", "H"):
        return run.fresh("the transpose of a tensor of unknown rank")
    if len(shape.dims) < 2:
        return run.fresh("the transpose of a vector")
    axes = (-1, -2) if name in ("mT", "mH") else tuple(range(len(shape.dims)))[::-1]
    if name in ("mT", "mH"):
        return operations.call_by_name(run, "torch.Tensor.transpose", (value, *axes), {}, node)
    return operations.call_by_name(run, "torch.Tensor.permute", (value, *axes), {}, node)


def of_unknown(run: Run, value: Unknown, name: str, node: Node) -> Value:
    """An attribute of an unknown object that only a tensor has; UNBOUND when that is not the case."""
    if value.key is None or value.kind not in ("", "tensor") or isinstance(value, Condition):
        return UNBOUND
    certain = operations.known_tensor(run, value)
    if not certain and name in AMBIGUOUS:
        return UNBOUND
    if (
        name in SURE_ATTRIBUTES
        or name in VIEWS
        or (certain and (name in FLAGS or name in ("dtype", "device", "data", "grad")))
    ):
        tensor = operations.tensor_of(run, value)
        if tensor is not None:
            if name in ("data",):
                return value
            return get(run, tensor, name, node)
    if not certain and not _comes_in_as_input(value.key):
        # `args.dim` of a configuration is a size, `weight.dim()` a method: a call of it tells.
        return UNBOUND
    return method_of_unknown(value, name, certain=certain)


def _comes_in_as_input(key: object) -> bool:
    """Whether an object is an input of a network, or a part of one."""
    while isinstance(key, tuple) and len(key) >= 3 and key[0] in ("attribute", "item"):
        key = key[1]
    return operations.role_of(key) == "input"


def method_of_unknown(value: Unknown, name: str, *, certain: bool = False) -> Value:
    """A method that only tensors have, of an object that is one where it has this method; UNBOUND for other names."""
    full = f"torch.Tensor.{name}"
    if (certain and name in ENGINE_METHODS) or name in ("size", "dim", "numel") or find_op(full) is not None:
        return BoundMethod(value, TorchName(full))
    return UNBOUND


def called(function: Unknown) -> Value:
    """What is called by `weight.dim()`, where `weight` may be any object: UNBOUND if no tensor has such a method."""
    key = function.key
    if not (isinstance(key, tuple) and len(key) >= 3 and key[0] == "attribute" and isinstance(key[2], str)):
        return UNBOUND
    if key[2] in AMBIGUOUS:
        return UNBOUND
    owner = Unknown(function.reason, key[1], function.label.rpartition(".")[0])
    return method_of_unknown(owner, key[2])
