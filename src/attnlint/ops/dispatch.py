"""Calling an op: choose the overload, bind the arguments, run the shape rule.

The one way in for the interpreter, the tests and the fixes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from attnlint.algebra import Answer, Expression, Facts, Shape
from attnlint.ops.call import Call
from attnlint.ops.complaint import BadArguments, CannotTell, Complaint, placeholder
from attnlint.ops.float_sizes import float_complaint, holds_certain_float, is_certain_float
from attnlint.ops.promotion import is_integral
from attnlint.ops.registry import Layer, Op
from attnlint.ops.signature import Signature
from attnlint.values import (
    DictValue,
    External,
    Instance,
    ListValue,
    NamedTuple,
    PythonName,
    Repeated,
    Tensor,
    TorchName,
    Unknown,
    Value,
)


def call_op(
    op: Op,
    arguments: tuple[Value, ...],
    keywords: Mapping[str, Value] | None = None,
    facts: Facts | None = None,
    *,
    layer: Mapping[str, Value] | None = None,
    because: Any = None,
    exact_dtypes: bool = False,
) -> Value:
    """The value that the op returns. Raises Complaint (torch raises), CannotTell, or BadArguments (nothing binds)."""
    facts = Facts() if facts is None else facts
    return op.rule(
        bind_call(op, arguments, keywords or {}, facts, layer=layer, because=because, exact_dtypes=exact_dtypes)
    )


def bind_call(
    op: Op,
    arguments: tuple[Value, ...],
    keywords: Mapping[str, Value],
    facts: Facts,
    *,
    layer: Mapping[str, Value] | None = None,
    because: Any = None,
    exact_dtypes: bool = False,
) -> Call:
    """The call with its arguments bound to the overload that fits; run it with ``op.rule(call)``."""
    overload, bound = choose_overload(op.signatures, arguments, keywords)
    return Call(
        op.name,
        bound,
        facts,
        overload,
        layer=layer or {},
        inplace=op.inplace,
        exact_dtypes=exact_dtypes,
        because=because,
    )


def build_layer(
    layer: Layer,
    arguments: tuple[Value, ...],
    keywords: Mapping[str, Value] | None = None,
    facts: Facts | None = None,
    *,
    because: Any = None,
) -> dict[str, Value]:
    """The attributes of a new instance of an ``nn`` class. Raises as :func:`call_op`."""
    overload, bound = choose_overload(layer.constructor, arguments, keywords or {})
    return built(layer, Call(layer.name, bound, Facts() if facts is None else facts, overload, because=because))


def built(layer: Layer, call: Call) -> dict[str, Value]:
    """The attributes of a new instance. Complains about a parameter that cannot be made."""
    attributes = layer.build(call)
    for name, value in attributes.items():
        if isinstance(value, Tensor):
            for dim in value.shape.dims:
                if call.facts.at_least(dim, 0) is Answer.NO:
                    raise Complaint(
                        "ATN105",
                        f"{name} would have a negative size: {dim}",
                        advice="a size must be 0 or more",
                        about_placeholder=placeholder(dim),
                    )
    return attributes


def choose_overload(
    signatures: tuple[Signature, ...], arguments: tuple[Value, ...], keywords: Mapping[str, Value]
) -> tuple[int, dict[str, Value]]:
    """The first signature that binds. CannotTell when an unknown argument decides between two of them; Complaint when a
    float is all that keeps the arguments from binding."""
    chosen: tuple[int, dict[str, Value]] | None = None
    failure = ""
    last = len(signatures) - 1
    for index, signature in enumerate(signatures):
        bound = signature.bind(arguments, keywords, accepts)
        if type(bound) is str:
            failure = failure or bound
            continue
        if chosen is not None and _takes_the_same(signatures[chosen[0]], signature):
            continue  # another name for a keyword: `split_size` of the method, `split_size_or_sections` of the function
        if chosen is not None:
            raise CannotTell("an argument of unknown type decides which overload is called")
        assert isinstance(bound, dict)
        chosen = index, bound
        if index == last or not any(map(_is_vague, (*arguments, *keywords.values()))):
            break
    if chosen is None:
        _refuse_float(signatures, arguments, keywords)
        raise BadArguments(failure or "takes no arguments")
    return chosen


def _refuse_float(
    signatures: tuple[Signature, ...], arguments: tuple[Value, ...], keywords: Mapping[str, Value]
) -> None:
    """Complain if one of the signatures would bind with an int in place of a float."""
    if not any(holds_certain_float(value) is not None for value in (*arguments, *keywords.values())):
        return

    def as_int(value: Value, wanted: str) -> bool:
        return accepts(_with_floats_as(value, 1), wanted)

    def as_tensor(value: Value, wanted: str) -> bool:
        return accepts(_with_floats_as(value, _FLOATING), wanted)

    for signature in signatures:
        bound = signature.bind(arguments, keywords, as_int)
        if isinstance(bound, str):
            continue
        for parameter in signature.parameters:
            found = holds_certain_float(bound.get(parameter.name))
            if found is None or not parameter.type or accepts(bound[parameter.name], parameter.type):
                continue
            if isinstance(found, Unknown) and any(
                isinstance(each.bind(arguments, keywords, as_tensor), dict) for each in signatures
            ):
                return  # `torch.max(x, y / 2)`: y may be a tensor as well
            raise float_complaint(found, parameter.name)


_FLOATING = Tensor(Shape(()), dtype="float32")


def _with_floats_as(value: Value, other: Value) -> Value:
    if isinstance(value, ListValue):
        return ListValue([_with_floats_as(each, other) for each in value.items])
    if isinstance(value, tuple):
        return tuple(_with_floats_as(each, other) for each in value)
    return other if is_certain_float(value) else value


def _takes_the_same(one: Signature, other: Signature) -> bool:
    """Whether two overloads differ in the names of their parameters alone."""
    return len(one.parameters) == len(other.parameters) and all(
        (first.kind, first.type, first.default) == (second.kind, second.type, second.default)
        for first, second in zip(one.parameters, other.parameters, strict=True)
    )


def accepts(value: Value, wanted: str) -> bool:
    """Whether a value can be of a declared type; unknown values can be of any that their kind allows."""
    kind = type(value)
    known = _ACCEPTED.get((kind, wanted))
    if known is None:
        known = any(_accepts_one(value, word) for word in _words(wanted))
        if not issubclass(kind, _TELLING):
            _ACCEPTED[kind, wanted] = known
    return known


_TELLING = (Unknown, Tensor, tuple, ListValue, Repeated, NamedTuple, range)
"""Of these it matters what they hold, for one of the words at least. Of all others the type alone decides."""

_ACCEPTED: dict[tuple[type[Any], str], bool] = {}


@cache
def _words(wanted: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in wanted.split("|"))


def _accepts_one(value: Value, wanted: str) -> bool:
    if isinstance(value, Unknown):
        return (
            not value.kind or value.kind in _KINDS.get(wanted, (value.kind,)) or (value.optional and wanted == "None")
        )
    test = _TESTS.get(wanted)
    return test is None or test(value)


def _is_vague(value: Value) -> bool:
    if isinstance(value, ListValue):
        return any(_is_vague(item) for item in value.items)
    if isinstance(value, tuple):
        return any(_is_vague(item) for item in value)
    return isinstance(value, Unknown)


def _is_int(value: Value) -> bool:
    if isinstance(value, Tensor):  # torch takes a 0-dim integer tensor for an int
        return value.shape.rank in (0, None) and (value.dtype is None or is_integral(value.dtype, with_bool=False))
    return isinstance(value, int | Expression) and not isinstance(value, bool)


def _is_number(value: Value) -> bool:
    return isinstance(value, bool | int | float | complex | Expression) or _is_scalar_tensor(value)


def _is_scalar_tensor(value: Value) -> bool:
    return isinstance(value, Tensor) and value.shape.rank in (0, None) and not value.shape.dims


def _is_sequence(value: Value) -> bool:
    return isinstance(value, tuple | ListValue | Repeated | NamedTuple | range)


def _is_sequence_of(value: Value, test: Callable[[Value], bool]) -> bool:
    if isinstance(value, Repeated):
        return isinstance(value.element, Unknown) or test(value.element)
    items = value.items if isinstance(value, ListValue) else value.values if isinstance(value, NamedTuple) else value
    return _is_sequence(value) and all(isinstance(item, Unknown) or test(item) for item in items)


_TESTS: dict[str, Callable[[Value], bool]] = {
    "Tensor": lambda value: isinstance(value, Tensor),
    "Tensors": lambda value: _is_sequence_of(value, lambda item: isinstance(item, Tensor)),
    "operand": lambda value: isinstance(value, Tensor) or _is_number(value),
    "int": _is_int,
    "ints": lambda value: _is_sequence_of(value, lambda item: _is_int(item) or isinstance(item, Instance)),
    "number": _is_number,
    "bool": lambda value: isinstance(value, bool) or _is_scalar_tensor(value),
    "str": lambda value: isinstance(value, str),
    "strs": lambda value: _is_sequence_of(value, lambda item: isinstance(item, str)),
    "dtype": lambda value: isinstance(value, TorchName),
    "device": lambda value: isinstance(value, str | int | Instance | TorchName),
    "sequence": _is_sequence,
    "callable": lambda value: not isinstance(value, bool | int | float | str | tuple | Tensor | ListValue | DictValue),
    "object": lambda value: isinstance(value, Instance | External | PythonName | TorchName),
    "None": lambda value: value is None,
}
"""The words for types in signatures, and what is of the type.

``operand``: a tensor or a number that torch wraps as one.
"""

_KINDS: dict[str, tuple[str, ...]] = {
    "Tensor": ("tensor",),
    "Tensors": ("list", "tuple"),
    "operand": ("tensor", "int", "float", "bool", "complex", "number"),
    "int": ("int",),
    "ints": ("list", "tuple", "shape", "size"),
    "number": ("int", "float", "bool", "complex", "number"),
    "bool": ("bool",),
    "str": ("str",),
    "strs": ("list", "tuple"),
    "dtype": ("dtype",),
    "device": ("device", "str", "int"),
    "sequence": ("list", "tuple", "shape", "size"),
    "None": ("None",),
}
"""Which kinds of unknown values can be of the type."""
