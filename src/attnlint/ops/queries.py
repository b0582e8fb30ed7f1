"""Questions about a tensor whose answers are Python objects: ``size``, ``dim``, ``numel``, ``stride``, ``item``,
``tolist``.
"""

from __future__ import annotations

from attnlint.algebra import Dim, Expression, Symbol, product
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.devices import demand_host_memory
from attnlint.ops.promotion import is_complex, is_floating, is_integral
from attnlint.ops.registry import register, shape_rule
from attnlint.ops.strides import is_contiguous
from attnlint.ops.views_reshape import bytes_of
from attnlint.values import ListValue, Repeated, Tensor, Unknown, Value


@shape_rule("torch.Tensor.size", signature="(input: Tensor, dim: int = None)")
def size(call: Call) -> Value:
    """All sizes, or that of one axis; an axis counted from the front of a tensor of unknown rank is a stable symbol."""
    tensor = call.tensor("input")
    if call["dim"] is None:
        if tensor.shape.rank is None:
            raise CannotTell("the number of dimensions is not known")
        return tensor.shape.dims
    return size_of_axis(call, tensor, call.integer("dim"))


def size_of_axis(call: Call, tensor: Tensor, axis: int) -> Dim:
    """The size of one axis: ``x.size(1)``, ``x.shape[-1]``."""
    shape = tensor.shape
    if shape.rank is not None:
        if not -shape.rank <= axis < shape.rank:
            raise Complaint(
                "ATN113",
                f"axis {axis} is out of range for {shape.rank} dimension{'s' * (shape.rank != 1)}",
                arguments=("dim", "input"),
                clash=(Clash("input", None),),
                about_rank=True,
            )
        return shape.dims[axis]
    if axis >= 0:
        return call.facts.leading(shape, axis)
    return call.facts.require_trailing(shape, -axis, because=call.because).dims[axis]


@shape_rule("torch.Tensor.dim", "torch.Tensor.ndimension", "torch.Tensor.ndim", signature="(input: Tensor)")
def dim(call: Call) -> Value:
    tensor = call.tensor("input")
    if tensor.shape.rank is None:
        raise CannotTell("the number of dimensions is not known")
    return tensor.shape.rank


@shape_rule("torch.numel", "torch.Tensor.numel", "torch.Tensor.nelement", signature="(input: Tensor)")
def numel(call: Call) -> Value:
    tensor = call.tensor("input")
    if tensor.shape.rest is not None:
        leading = Expression.of(Symbol("n", key=("numel", tensor.shape.rest.key), minimum=0))
        return leading * product(tensor.shape.dims)
    return product(tensor.shape.dims)


@shape_rule("torch.Tensor.stride", signature="(input: Tensor, dim: int = None)")
def stride(call: Call) -> Value:
    tensor = call.tensor("input")
    if tensor.strides is None or tensor.shape.rank is None:
        raise CannotTell("the strides are not known")
    if call["dim"] is None:
        return tensor.strides
    if tensor.shape.rank == 0:
        raise Complaint("ATN107", "a tensor without axes has no strides", arguments=("dim",), about_rank=True)
    return tensor.strides[call.axis(call.integer("dim"), tensor.shape.rank)]


@shape_rule("torch.Tensor.is_contiguous", signature="(input: Tensor, memory_format=None)")
def contiguous(call: Call) -> Value:
    answer = is_contiguous(call.tensor("input"), call.facts) if call["memory_format"] is None else None
    return Unknown("whether it is contiguous is not known", kind="bool") if answer is None else answer


@shape_rule("torch.Tensor.element_size", "torch.Tensor.itemsize", signature="(input: Tensor)")
def element_size(call: Call) -> Value:
    found = bytes_of(call.tensor("input").dtype)
    return Unknown("the dtype is not known", kind="int") if found is None else found


def _number_of(dtype: str | None) -> Value:
    kind = ""
    if dtype is not None:
        kind = (
            "bool" if dtype == "bool" else "int" if is_integral(dtype) else "complex" if is_complex(dtype) else "float"
        )
    return Unknown("a value read from a tensor", kind=kind)


@shape_rule("torch.Tensor.item", signature="(input: Tensor)")
def item(call: Call) -> Value:
    """The one element as a Python number."""
    tensor = call.tensor("input")
    for place, dim in enumerate(tensor.shape.dims):
        if isinstance(dim, int) and dim != 1:
            raise Complaint(
                "ATN103",
                f"a tensor of the shape {tensor.shape} has more than one element"
                if dim
                else "the tensor has no element",
                arguments=("input",),
                clash=(Clash("input", place, dim),),
                advice="reduce it first, or use `.tolist()`",
            )
    contents = tensor.elements
    while isinstance(contents, tuple) and len(contents) == 1:
        contents = contents[0]
    if isinstance(contents, int | float | Expression):
        return contents
    if tensor.dtype is not None and is_integral(tensor.dtype, with_bool=False):
        return Expression.of(Symbol("item", minimum=None))
    return _number_of(tensor.dtype)


@shape_rule("torch.Tensor.__bool__", signature="(input: Tensor)")
def truth(call: Call) -> Value:
    """Whether the one element is not 0: what ``if``, ``while``, ``and`` and ``not`` ask of a tensor."""
    tensor = call.tensor("input")
    dims = tensor.shape.dims
    if tensor.shape.rest is None and any(isinstance(dim, int) and dim > 1 for dim in dims) and 0 not in dims:
        raise Complaint(
            "ATN103",
            f"a tensor of the shape {tensor.shape} has more than one element: whether it is true is ambiguous",
            arguments=("input",),
            advice="say what is asked of the elements: `.all()` or `.any()`",
            about_rank=True,
        )
    return Unknown("whether an element of a tensor is true", kind="bool")


@shape_rule(
    "torch.Tensor.backward",
    signature="(input: Tensor, gradient=None, retain_graph=None, create_graph=False, inputs=None)",
)
def backward(call: Call) -> Value:
    """Only a number has a gradient of its own: ``grad can be implicitly created only for scalar outputs``."""
    tensor = call.tensor("input")
    if call["gradient"] is not None or (tensor.dtype is not None and not is_floating(tensor.dtype)):
        return None
    for place, dim in enumerate(tensor.shape.dims):
        if isinstance(dim, int) and dim > 1 and 0 not in tensor.shape.dims:
            raise Complaint(
                "ATN103",
                f"a tensor of the shape {tensor.shape} has more than one element: only a number can start backward",
                arguments=("input",),
                clash=(Clash("input", place, dim),),
                advice="reduce it first: `.mean()` or `.sum()`",
            )
    return None


@shape_rule("torch.Tensor.tolist", signature="(input: Tensor)")
def tolist(call: Call) -> Value:
    """Nested lists of numbers."""
    tensor = call.tensor("input")
    if tensor.elements is not None:
        return _lists(tensor.elements)
    if tensor.shape.rank is None:
        raise CannotTell("the number of dimensions is not known")
    value = _number_of(tensor.dtype)
    for length in reversed(tensor.shape.dims):
        value = Repeated("list", value, length)
    return value


def _lists(contents: Value) -> Value:
    return ListValue([_lists(each) for each in contents]) if isinstance(contents, tuple) else contents


def _category(call: Call) -> Value:
    dtype = call.tensor("input").dtype
    if dtype is None:
        return Unknown("the dtype is not known", kind="bool")
    return is_complex(dtype) if call.name.endswith("complex") else is_floating(dtype)


for _name in ("is_floating_point", "is_complex"):
    register((f"torch.{_name}", f"torch.Tensor.{_name}"), ("(input: Tensor)",), _category)


@shape_rule("torch.is_tensor", signature="(obj)")
def is_tensor(call: Call) -> Value:
    value = call["obj"]
    if isinstance(value, Unknown):
        return Unknown("whether it is a tensor is not known", kind="bool")
    return isinstance(value, Tensor)


@shape_rule("torch.Tensor.get_device", signature="(input: Tensor)")
def get_device(call: Call) -> Value:
    return Unknown("the number of a device", kind="int")


@shape_rule("torch.Tensor.numpy", signature="(input: Tensor, *, force=False)")
def numpy(call: Call) -> Value:
    """An array. It is no tensor, and numpy is not modelled."""
    demand_host_memory(call)
    raise CannotTell("numpy arrays are not modelled")
