"""Random tensors from tensors: ``multinomial``, ``bernoulli``, ``normal``, and the in-place samplers."""

from __future__ import annotations

from attnlint.algebra import Answer, Expression
from attnlint.frozen import replace
from attnlint.ops.axis_arguments import wrong_rank
from attnlint.ops.broadcast import broadcast, expand_into
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.registry import register, shape_rule
from attnlint.ops.results import dtype_argument, dtype_kind, fresh, refuse
from attnlint.values import Tensor, Unknown, Value


@shape_rule(
    "torch.multinomial",
    "torch.Tensor.multinomial",
    signature="(input, num_samples: int, replacement: bool = False, *, generator=None, out=None)",
)
def multinomial(call: Call) -> Value:
    """Indices drawn with the probabilities of a row."""
    tensor = call.tensor("input")
    if tensor.shape.rank not in (None, 1, 2):
        raise wrong_rank(tensor, "1 or 2", advice="flatten the leading axes first")
    refuse(tensor, "bool integer complex")
    if tensor.shape.rank is None:
        raise CannotTell("the number of dimensions of the probabilities is not known")
    *batch, categories = tensor.shape.dims
    try:
        count = call.dim("num_samples")
    except CannotTell:
        count = call.fresh("samples")
    if isinstance(count, int) and count <= 0:
        raise Complaint("ATN107", f"num_samples is {count}", arguments=("num_samples",))
    if call.flag("replacement") is False and call.facts.at_least(categories, count) is Answer.NO:
        raise Complaint(
            "ATN107",
            f"{count} samples of {categories} categories without replacement",
            arguments=("num_samples", "input"),
            clash=(Clash("num_samples", None, count), Clash("input", -1, categories)),
            advice="pass replacement=True, or draw fewer",
        )
    return fresh(call, (*batch, count), "int64", like=tensor)


@shape_rule("torch.bernoulli", "torch.Tensor.bernoulli", signature="(input, p=None, *, generator=None, out=None)")
def bernoulli(call: Call) -> Value:
    """Zeros and ones with these probabilities."""
    tensor = call.tensor("input")
    if call["p"] is None:
        refuse(tensor, "bool integer complex")
    return fresh(call, tensor.shape, tensor.dtype, like=tensor, axes=tensor.axes)


@shape_rule("torch.poisson", signature="(input, generator=None)")
def poisson(call: Call) -> Value:
    """Counts with these means."""
    tensor = call.tensor("input")
    refuse(tensor, "bool integer complex")
    return fresh(call, tensor.shape, tensor.dtype, like=tensor, axes=tensor.axes)


@shape_rule("torch.binomial", signature="(count, prob, generator=None)")
def binomial(call: Call) -> Value:
    """Successes of so many trials."""
    count, chance = call.tensor("count"), call.tensor("prob")
    return fresh(call, broadcast(call, [("count", count), ("prob", chance)]), count.dtype, like=count)


OPTIONS = "*, generator=None, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False"


@shape_rule(
    "torch.normal",
    signature=(
        f"(mean: number, std: number, size: ints, {OPTIONS})",
        "(mean: operand, std: operand = 1.0, *, generator=None, out=None)",
    ),
)
def normal(call: Call) -> Value:
    """Normal numbers of these means and deviations."""
    if call.overload == 0:
        sizes = tuple(call.as_dim(size, "size") for size in call.sequence("size"))
        return fresh(call, sizes, dtype_argument(call, "float32"), contiguous=True)
    tensors = []
    for name in ("mean", "std"):
        value = call[name]
        if isinstance(value, int | float | Expression) or (
            isinstance(value, Unknown) and value.kind in ("int", "float")
        ):
            continue
        tensor = call.tensor(name)
        refuse(tensor, "bool integer", argument=name)
        tensors.append((name, tensor))
    if not tensors:
        raise CannotTell("neither the mean nor the deviation is known to be a tensor")
    return fresh(call, broadcast(call, tensors), tensors[0][1].dtype, like=tensors[0][1])


# In place: the receiver keeps its shape and dtype; last, the kinds of dtypes without a kernel.
SAMPLERS = (
    ("uniform_", "(input, from_=0.0, to=1.0, *, generator=None)", "bool integer"),
    ("normal_", "(input, mean=0.0, std=1.0, *, generator=None)", "bool integer"),
    ("log_normal_", "(input, mean=1.0, std=2.0, *, generator=None)", "bool integer complex"),
    ("exponential_", "(input, lambd=1.0, *, generator=None)", "bool integer complex"),
    ("cauchy_", "(input, median=0.0, sigma=1.0, *, generator=None)", "bool integer complex"),
    ("geometric_", "(input, p, *, generator=None)", "complex"),
)


def _register() -> None:
    for name, signature, refused in SAMPLERS:

        def rule(call: Call, refused: str = refused) -> Value:
            tensor = call.tensor("input")
            refuse(tensor, refused)
            return replace(tensor, elements=None)

        register((f"torch.Tensor.{name}",), (signature,), rule, family="sampling")


@shape_rule("torch.Tensor.random_", signature="(input, from_=None, to=None, *, generator=None)")
def random_in_place(call: Call) -> Value:
    """Fill with random whole numbers."""
    return replace(call.tensor("input"), elements=None)


@shape_rule("torch.Tensor.bernoulli_", signature="(input, p: operand = 0.5, *, generator=None)")
def bernoulli_in_place(call: Call) -> Value:
    """Fill with zeros and ones."""
    tensor = call.tensor("input")
    chance = call["p"]
    if isinstance(chance, Tensor):
        if dtype_kind(chance.dtype) in ("bool", "integer", "complex"):
            refuse(chance, "bool integer complex", argument="p")
        expand_into(call, "p", call.tensor("p").shape, tensor.shape)
    return replace(tensor, elements=None)


_register()
