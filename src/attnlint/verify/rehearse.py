"""Goes through the steps of a reproduction with the numbers of the witness, by the shape rules, before anybody runs it.

What led to a failure was seen with symbols, and partly with tensors of unknown rank. With numbers, a step may turn out
not to work, or to make another shape than was inferred: then its result is taken as an input, as inferred, and what
led there is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from attnlint.algebra import Expression, Facts, Shape
from attnlint.findings import Evidence, Made, Step
from attnlint.ops.complaint import BadArguments, CannotTell, Complaint
from attnlint.ops.dispatch import build_layer, call_op
from attnlint.ops.registry import find_layer, find_op
from attnlint.values import ListValue, NamedTuple, Tensor, Value
from attnlint.verify.encode import REST, Encoder

_OPERATORS = {
    "truediv": "torch.div",
    "floordiv": "torch.floor_divide",
    "mod": "torch.remainder",
    "and_": "torch.bitwise_and",
    "or_": "torch.bitwise_or",
    "xor": "torch.bitwise_xor",
    "lshift": "torch.bitwise_left_shift",
    "rshift": "torch.bitwise_right_shift",
    "invert": "torch.bitwise_not",
    "iadd": "torch.Tensor.add_",
    "isub": "torch.Tensor.sub_",
    "imul": "torch.Tensor.mul_",
    "itruediv": "torch.Tensor.div_",
    "imatmul": "torch.matmul",
}
_PYTHON = {"getitem": "torch.Tensor.__getitem__"}


def rehearsed(steps: tuple[Step, ...], encoder: Encoder) -> tuple[Step, ...]:
    """The steps that work, renumbered; the last one is the one that fails, and is kept as it is."""
    steps = _with_dtypes(steps)
    kept: list[Step] = []
    made: list[tuple[Value, ...]] = []
    """What stands for the result of every step: its number among those kept, or the inputs in its place."""
    concrete: list[tuple[Value, ...]] = []
    for number, step in enumerate(steps):
        moved = _moved(step, made)
        if number == len(steps) - 1:
            kept.append(moved)
            break
        seen = tuple(None if item is None else _concrete(item, encoder, concrete) for item in step.result)
        made_now = _result(step, encoder, concrete, seen)
        if made_now is not None and not _draws_beyond(number, steps, encoder):
            made.append(
                tuple(Made(len(kept), index if len(step.result) > 1 else None) for index in range(len(step.result)))
            )
            kept.append(moved)
            seen = made_now
        else:
            made.append(tuple(_as_input(item, name) for item, name in zip(step.result, step.names, strict=True)))
        concrete.append(seen)
    return _needed(kept)


_INDICES = {
    "torch.nn.Embedding": (0,),
    "torch.nn.EmbeddingBag": (0,),
    "torch.nn.functional.embedding": (0,),
    "torch.nn.functional.one_hot": (0,),
    "torch.gather": (2,),
    "torch.Tensor.gather": (2,),
    "torch.index_select": (2,),
    "torch.Tensor.index_select": (2,),
    "torch.take_along_dim": (1,),
    "torch.Tensor.scatter": (2,),
    "torch.Tensor.scatter_": (2,),
    "torch.nn.functional.cross_entropy": (1,),
    "torch.nn.CrossEntropyLoss": (1,),
}
"""Operations to the positions of their arguments that hold indices."""

_CONDITIONS = {"torch.where": (0,), "torch.masked_fill": (1,), "torch.Tensor.masked_fill": (1,)}
"""Operations to the positions of their arguments that hold booleans."""


def _with_dtypes(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps with the dtypes that inputs of unknown dtype must have for the steps before the last to work."""
    wanted: dict[object, str] = {}
    for step in steps[:-1]:
        for table, dtype in ((_INDICES, "int64"), (_CONDITIONS, "bool")):
            for position in table.get(step.operation, ()):
                value = step.arguments[position] if position < len(step.arguments) else None
                if isinstance(value, Tensor) and value.dtype is None:
                    wanted[_identity(value)] = dtype
    if not wanted:
        return steps

    def typed(value: Value) -> Value:
        if isinstance(value, Tensor) and value.dtype is None and _identity(value) in wanted:
            return replace(value, dtype=wanted[_identity(value)])
        if isinstance(value, tuple):
            return tuple(typed(item) for item in value)
        return ListValue([typed(item) for item in value.items]) if isinstance(value, ListValue) else value

    return tuple(
        replace(
            step,
            arguments=tuple(typed(value) for value in step.arguments),
            keywords={name: typed(value) for name, value in (step.keywords or {}).items()},
        )
        for step in steps
    )


def _identity(tensor: Tensor) -> object:
    return (tensor.label, tensor.shape) if tensor.label else id(tensor)


def _as_input(item: Value, name: str) -> Value:
    """The result of a step as an input: contiguous, as no step makes it another way."""
    if not isinstance(item, Tensor):
        return item
    return replace(item, label=name) if name or not item.label else replace(item, label="")


def _result(
    step: Step, encoder: Encoder, made: list[tuple[Value, ...]], seen: tuple[Value, ...]
) -> tuple[Value, ...] | None:
    """What a step makes: what was inferred, with the shape of the rule where no rank was known. ``None`` where the rule
    refuses the step or makes something else; where it cannot tell, the step is believed."""
    try:
        result = _called(step, encoder, made)
    except CannotTell:
        return seen
    except (Complaint, BadArguments):
        return None
    except Exception:  # a rule that fails on its own says nothing about the step
        return seen
    if isinstance(result, NamedTuple):
        result = result.values
    items = tuple(result.items) if isinstance(result, ListValue) else result if isinstance(result, tuple) else (result,)
    if len(items) != len(seen):
        return None
    known: list[Value] = []
    for item, wanted, inferred in zip(items, seen, step.result, strict=True):
        if isinstance(item, Tensor) and isinstance(wanted, Tensor) and item.shape.rest is None:
            if isinstance(inferred, Tensor) and inferred.shape.rest is not None:
                wanted = replace(item, axes=None, maker=None)
            elif item.shape != wanted.shape:
                return None
        known.append(wanted)
    return tuple(known)


def _called(step: Step, encoder: Encoder, made: list[tuple[Value, ...]]) -> Value:
    """What the rule says of a step with numbers. Raises CannotTell where there is no rule, and what the rule raises."""
    arguments = tuple(_concrete(value, encoder, made) for value in step.arguments)
    keywords = {name: _concrete(value, encoder, made) for name, value in (step.keywords or {}).items()}
    facts = Facts()
    if step.constructor is not None:
        layer = find_layer(step.operation)
        if layer is None or layer.forward is None:
            raise CannotTell(step.operation)
        positional = tuple(_concrete(value, encoder, made) for value in step.constructor[0])
        named = {name: _concrete(value, encoder, made) for name, value in step.constructor[1].items()}
        attributes = build_layer(layer, positional, named, facts)
        return call_op(layer.forward, arguments, keywords, facts, layer=attributes)
    op = find_op(_name(step.operation))
    if op is None:
        raise CannotTell(step.operation)
    return call_op(op, arguments, keywords, facts)


def refused(evidence: Evidence, witness: Mapping[str, int]) -> bool:
    """Whether the rule refuses an operation with the sizes of a witness, which names all of its symbols."""
    encoder = Encoder(witness)
    step = Step(evidence.operation, evidence.arguments, evidence.keywords, evidence.constructor)
    try:
        _called(step, encoder, [])
    except (Complaint, BadArguments):
        return {symbol.name for symbol in encoder.assignment} <= witness.keys()
    except Exception:  # what cannot be told, and a rule that fails on its own, say nothing
        return False
    return False


def _name(operation: str) -> str:
    if operation.startswith("operator."):
        last = operation.removeprefix("operator.")
        return _OPERATORS.get(last, f"torch.{last}")
    return _PYTHON.get(operation, operation)


def _concrete(value: Value, encoder: Encoder, made: list[tuple[Value, ...]]) -> Value:
    """A value with numbers for all sizes."""
    if isinstance(value, Made):
        return made[value.step][value.item or 0]
    if isinstance(value, Expression):
        return encoder.dim(value)
    if isinstance(value, Tensor):
        dims = (*(REST if value.shape.rest is not None else ()), *(encoder.dim(dim) for dim in value.shape.dims))
        strides = value.strides
        if strides is not None:
            strides = tuple(encoder.dim(stride) for stride in strides) if value.shape.rest is None else None
        return replace(value, shape=Shape(dims), strides=strides, axes=None, assumed=False)
    if isinstance(value, Shape):
        return (*(REST if value.rest is not None else ()), *(encoder.dim(dim) for dim in value.dims))
    if isinstance(value, tuple):
        return tuple(_concrete(item, encoder, made) for item in value)
    if isinstance(value, ListValue):
        return ListValue([_concrete(item, encoder, made) for item in value.items])
    if isinstance(value, slice):
        return slice(*(_concrete(part, encoder, made) for part in (value.start, value.stop, value.step)))
    return value


def _moved(step: Step, made: list[tuple[Value, ...]]) -> Step:
    """A step whose arguments refer to the steps that are kept."""

    def move(value: Value) -> Value:
        if isinstance(value, Made):
            return made[value.step][value.item or 0]
        if isinstance(value, tuple):
            return tuple(move(item) for item in value)
        return ListValue([move(item) for item in value.items]) if isinstance(value, ListValue) else value

    keywords: Mapping[str, Value] = {name: move(value) for name, value in (step.keywords or {}).items()}
    return replace(step, arguments=tuple(move(value) for value in step.arguments), keywords=keywords)


def _references(value: Value) -> set[int]:
    if isinstance(value, Made):
        return {value.step}
    items = value.items if isinstance(value, ListValue) else value if isinstance(value, tuple) else ()
    return {number for item in items for number in _references(item)}


def _needed(steps: list[Step]) -> tuple[Step, ...]:
    """The steps that lead to the last one."""
    needed = {len(steps) - 1}
    for number in range(len(steps) - 1, -1, -1):
        if number in needed:
            step = steps[number]
            needed |= _references((*step.arguments, *(step.keywords or {}).values()))
    numbers = {old: new for new, old in enumerate(sorted(needed))}
    places: list[tuple[Value, ...]] = []
    for old, step in enumerate(steps):
        count = max(len(step.names), 1)
        places.append(tuple(Made(numbers.get(old, 0), index if count > 1 else None) for index in range(count)))
    return tuple(_moved(step, places) for old, step in enumerate(steps) if old in numbers)


def _draws_beyond(number: int, steps: tuple[Step, ...], encoder: Encoder) -> bool:
    """Whether a step draws indices that are too large for a table they are looked up in. Shapes do not show that."""
    step = steps[number]
    if step.operation != "torch.randint":
        return False
    numbers = [encoder.dim(value) for value in step.arguments[:2] if isinstance(value, int | Expression)]
    highest = max(
        [encoder.dim(value) for value in (step.keywords or {}).values() if isinstance(value, int | Expression)]
        + numbers,
        default=0,
    )
    reached = {number}
    for index in range(number + 1, len(steps)):
        user = steps[index]
        if not reached & _references((*user.arguments, *(user.keywords or {}).values())):
            continue
        reached.add(index)
        rows = _rows(user, encoder)
        if rows is not None and highest > rows:
            return True
    return False


def _rows(step: Step, encoder: Encoder) -> int | None:
    """How many rows the table of an embedding has."""
    if step.constructor is not None and step.operation in ("torch.nn.Embedding", "torch.nn.EmbeddingBag"):
        given = step.constructor[0][:1] or (step.constructor[1].get("num_embeddings"),)
        return encoder.dim(given[0]) if isinstance(given[0], int | Expression) else None
    if step.operation in ("torch.nn.functional.embedding", "torch.embedding"):
        weights = [value for value in step.arguments if isinstance(value, Tensor)]
        return encoder.dim(weights[-1].shape.dims[0]) if weights and weights[-1].shape.dims else None
    return None
