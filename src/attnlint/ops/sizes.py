"""Arguments that are sizes: ``torch.zeros(2, n)``, ``x.view(b, -1)``, ``x.expand(-1, t)``; and devices."""

from __future__ import annotations

from attnlint.algebra import Answer, Dim, Expression, Rest, Shape, Symbol, symbols_of
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Complaint, placeholder
from attnlint.ops.devices import device_name
from attnlint.ops.signature import star_items
from attnlint.values import Repeated, Unknown, Value


def size_items(call: Call, name: str) -> tuple[Value, ...]:
    """The items of a size argument that is one int, several, or a sequence.

    CannotTell when their number is not known.
    """
    value = call.arguments[name]
    if isinstance(value, int | Expression):
        return (value,)
    if isinstance(value, Repeated) and isinstance(value.length, int):
        return (value.element,) * value.length
    items = call.as_sequence((value,) if isinstance(value, Shape) else value, name)
    if items and isinstance(items[0], Shape):
        # Its rank has become known since it was written down.
        shape = call.facts.resolve(items[0])
        if shape.rest is not None:
            raise CannotTell(f"the number of items of {name} is not known")
        items = (*shape.dims, *items[1:])
    return items


def open_size(call: Call, name: str) -> tuple[Rest, tuple[Value, ...]] | None:
    """Of a size argument that begins with axes of a shape of unknown rank, ``x.shape[:-1] + (heads, -1)``: these axes,
    and the items that follow them."""
    items = star_items(call.arguments[name])
    if not items or not isinstance(items[0], Shape):
        return None
    shape = call.facts.resolve(items[0])
    return None if shape.rest is None else (shape.rest, (*shape.dims, *items[1:]))


def sizes(call: Call, name: str) -> tuple[Dim, ...]:
    """The dims that a size argument asks for.

    One that is not known becomes a fresh symbol: the rank is known all the same.
    """
    return tuple(one_size(call, item, name) for item in size_items(call, name))


def one_size(call: Call, value: Value, name: str) -> Dim:
    """One size as a dim; complains about a negative one."""
    dim = size_or_symbol(call, value)
    if call.facts.at_least(dim, 0) is Answer.NO:
        raise Complaint(
            "ATN105",
            f"negative size {dim}",
            arguments=(name,),
            advice="a size must be 0 or more",
            about_placeholder=placeholder(dim),
        )
    used_as_size(call, dim)
    return dim


def size_or_symbol(call: Call, value: Value) -> Dim:
    """A size that may be ``-1``; a fresh symbol when it is not known."""
    try:
        return call.as_dim(value)
    except CannotTell:
        label = value.label if isinstance(value, Unknown) else ""
        return Expression.of(Symbol(label or "n", minimum=None))


def used_as_size(call: Call, dim: Dim) -> None:
    """Note that an int of which nothing was known has been a size: it is a generic size (1 or more) from now on."""
    if not isinstance(dim, Expression):
        return
    for symbol in symbols_of(dim):
        if symbol.minimum is None and call.facts.is_one(Expression.of(symbol)) is Answer.OPEN:
            call.facts.learn_at_least(Expression.of(symbol), 1, because=call.because)
            call.facts.name(symbol, symbol.name, generic=True)


def device_argument(call: Call, otherwise: str | None = None) -> str | None:
    """The device that the caller asks for, or ``otherwise``; ``None`` when it is not known."""
    value = call.arguments.get("device")
    return otherwise if value is None else device_name(value)
