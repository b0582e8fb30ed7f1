"""What a mask says: which keys are true in it, followed back to a triangle or a comparison."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from attnlint.frozen import replace
from attnlint.interpreter import operations
from attnlint.interpreter.silent.flow import CASTS, VIEWS, argument, maker_of, short_name
from attnlint.ops.known_elements import whole_numbers_of
from attnlint.values import Maker, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.interpreter.silent.observation import Observation, Watcher

_FOLLOWED = 24
_COMPARISONS = frozenset("eq ne lt le gt ge".split())
_KEEPING = CASTS | VIEWS | {"clone", "bool", "int", "long", "byte", "logical_or", "to", "fill_diagonal"}
_TURNING = frozenset("transpose swapaxes swapdims permute t T mT adjoint movedim moveaxis rearrange Rearrange".split())
"""Views by which rows and columns may change places."""
_WRITTEN_DOWN = frozenset({"tensor", "as_tensor", "LongTensor"})
"""What makes a tensor of the numbers that a program writes down."""

NEGATIVE = -20.0
"""A score below it has no weight that a float could show next to ordinary scores."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Which elements are true (or 1, where it is a float)."""

    kind: Literal["past", "future", "real", "padding"]
    """``past``: key <= query + ``diagonal``; ``future``: key >= query + ``diagonal``; the others are told by tokens."""
    diagonal: int = 0
    tokens: Value = None
    """What is compared with ``pad``, or the numbers of tokens that positions are compared with."""
    pad: Value = None
    by_length: bool = False

    def inverted(self) -> Meaning:
        """The meaning of the elements that are false."""
        if self.kind == "past":
            return replace(self, kind="future", diagonal=self.diagonal + 1)
        if self.kind == "future":
            return replace(self, kind="past", diagonal=self.diagonal - 1)
        return replace(self, kind="padding" if self.kind == "real" else "real")

    def transposed(self) -> Meaning:
        """The meaning with queries and keys in each other's place."""
        if self.kind in ("past", "future"):
            return replace(self, kind="future" if self.kind == "past" else "past", diagonal=-self.diagonal)
        return self


def meaning_of(run: Run, mask: Value) -> Meaning | None:
    """What is true in a mask of true and false, or of 1 and 0."""
    flipped = False
    turned: bool | None = False
    value = mask
    for _ in range(_FOLLOWED):
        if not isinstance(value, Tensor):
            return None
        call = maker_of(value)
        if call is None:
            return None
        name = short_name(call.operation)
        if name in ("tril", "triu"):
            found = _as_turned(_triangle(run, call, name), turned)
            return None if found is None else found.inverted() if flipped else found
        if name in _COMPARISONS:
            step = _comparison(run, call, name)
            if step is None:
                return None
            if isinstance(step, Meaning):
                return step.inverted() if flipped else step
            value, flips = step
            flipped ^= flips
        elif name in ("bitwise_not", "logical_not", "invert"):
            value, flipped = call.arguments[0], not flipped
        elif name in ("sub", "rsub") and len(call.arguments) == 2 and _is_number(call.arguments[0], 1):
            # 1 - mask
            value, flipped = call.arguments[1], not flipped
        elif name in _KEEPING and call.arguments:
            turned = _after(run, turned, call)
            value = call.arguments[0]
        else:
            return None
    return None


def _as_turned(found: Meaning | None, turned: bool | None) -> Meaning | None:
    """The meaning of a triangle whose axes have changed places, or not; ``None`` where that is not known."""
    return None if found is None or turned is None else found.transposed() if turned else found


def _after(run: Run, turned: bool | None, call: Maker) -> bool | None:
    """Whether rows and columns have changed places when a view is counted in, too; ``None`` where that is not known."""
    name = short_name(call.operation)
    if name not in _TURNING or turned is None:
        return turned
    order = _order(run, call, name)
    if order is None:
        return None
    return turned if order[-2:] == (-2, -1) else not turned if order[-2:] == (-1, -2) else None


def _order(run: Run, call: Maker, name: str) -> tuple[int, ...] | None:
    """The axes of the source, counted from the end, in the order in which the last two come out."""
    if name == "mT":
        return (-1, -2)
    tensor = operations.tensor_of(run, call.arguments[0])
    rank = None if tensor is None else run.facts.resolve(tensor.shape).rank
    if name in ("t", "T"):
        return (-1, -2) if rank == 2 else None
    places = [*call.arguments[1:], *call.keywords.values()]
    if len(places) == 1 and isinstance(places[0], tuple):
        places = list(places[0])
    axes = [place for place in places if isinstance(place, int)]
    if rank is not None:
        axes = [place - rank if place >= 0 else place for place in axes]
    if len(axes) != len(places) or any(place >= 0 for place in axes):
        return None
    if name == "permute":
        return tuple(axes)
    if name in ("transpose", "swapaxes", "swapdims") and len(axes) == 2:
        first, second = axes
        return tuple(second if place == first else first if place == second else place for place in (-2, -1))
    return None


def additive_meaning(run: Run, mask: Value) -> Meaning | None:
    """What a mask that is added to the scores takes out: those elements are very negative."""
    turned: bool | None = False
    value = mask
    for _ in range(_FOLLOWED):
        if not isinstance(value, Tensor):
            return None
        call = maker_of(value)
        if call is None:
            return None
        name = short_name(call.operation)
        if name == "masked_fill":
            fill = argument(call, "value", 2)
            return _as_turned(meaning_of(run, argument(call, "mask", 1)), turned) if is_negative(fill) else None
        if name == "mul" and len(call.arguments) == 2:
            first, second = call.arguments
            if is_negative(second):
                return _as_turned(meaning_of(run, first), turned)
            return _as_turned(meaning_of(run, second), turned) if is_negative(first) else None
        if name == "triu" and _is_filled(call.arguments[0]):
            # torch.triu(torch.full((n, n), -inf), diagonal=1)
            return _as_turned(_triangle(run, call, name, any_content=True), turned)
        if name == "tril" and _is_filled(call.arguments[0]):
            return _as_turned(_triangle(run, call, name, any_content=True), turned)
        if name not in CASTS | VIEWS or not call.arguments:
            return None
        turned = _after(run, turned, call)
        value = call.arguments[0]
    return None


def is_mask(run: Run, value: Value) -> bool:
    """Whether a tensor certainly holds only true and false, or 1 and 0."""
    return (isinstance(value, Tensor) and value.dtype == "bool") or meaning_of(run, value) is not None


def _triangle(run: Run, call: Maker, name: str, any_content: bool = False) -> Meaning | None:
    diagonal = argument(call, "diagonal", 1)
    if diagonal is None:
        diagonal = 0
    if not isinstance(diagonal, int) or (not any_content and not _is_ones(call.arguments[0])):
        return None
    return Meaning("past" if name == "tril" else "future", int(diagonal))


def _is_ones(value: Value) -> bool:
    for _ in range(_FOLLOWED):
        call = maker_of(value)
        if call is None:
            return False
        name = short_name(call.operation)
        if name in ("ones", "ones_like", "new_ones"):
            return True
        if name in ("full", "new_full"):
            return any(_is_number(each, 1) for each in (*call.arguments[1:], *call.keywords.values()))
        if name not in CASTS | VIEWS:
            return False
        value = call.arguments[0]
    return False


def _is_filled(value: Value) -> bool:
    """Whether all elements are very negative."""
    call = maker_of(value)
    if call is None:
        return False
    name = short_name(call.operation)
    if name in ("full", "new_full", "full_like"):
        return any(is_negative(each) for each in (*call.arguments[1:], *call.keywords.values()))
    if name == "mul" and len(call.arguments) == 2:
        return any(_is_ones(one) and is_negative(other) for one, other in (call.arguments, call.arguments[::-1]))
    return False


def _comparison(run: Run, call: Maker, name: str) -> Meaning | tuple[Value, bool] | None:
    """A comparison with 0 or 1 keeps or flips a mask; one with another number tells padding from tokens."""
    left, right = argument(call, "input", 0), argument(call, "other", 1)
    turned = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}.get(name, name)
    if isinstance(right, Tensor) and not isinstance(left, Tensor):
        left, right, name = right, left, turned
    if _is_range(right) and not _is_range(left):
        left, right, name = right, left, turned
    if _is_range(left) and not _is_range(right) and isinstance(right, Tensor | Unknown):
        # `torch.arange(tokens) < lengths[:, None]`
        if name in ("lt", "ge") and (lengths := _source(right)) is not None and _may_be_lengths(lengths, left):
            return Meaning("real" if name == "lt" else "padding", tokens=lengths, by_length=True)
        return None
    if not isinstance(left, Tensor | Unknown):
        return None
    tensor = operations.tensor_of(run, left)
    if tensor is None:
        return None
    if isinstance(right, bool):
        return left, (name == "eq") != right
    if isinstance(right, int | float) and meaning_of(run, left) is not None:
        # `mask == 0`, `mask < 0.5`
        true_below = name in ("lt", "le") or (name == "eq" and right == 0) or (name == "ne" and right == 1)
        return left, true_below
    if name in ("eq", "ne") and _is_tokens(run, left, tensor, right):
        return Meaning("padding" if name == "eq" else "real", tokens=left, pad=right)
    return None


def note_tokens(observation: Observation) -> None:
    """What an embedding looks up holds indices of tokens."""
    value = observation.call.arguments.get("input")
    if isinstance(value, Unknown) and value.key is not None:
        observation.run.store.know(("tokens", value.key), True)


def _is_tokens(run: Run, value: Value, tensor: Tensor, other: Value) -> bool:
    """Whether a tensor that is compared holds indices of tokens, not a mask."""
    if tensor.dtype == "bool":
        return False
    if isinstance(value, Unknown) and ("tokens", value.key) in run.store.knowledge:
        return not isinstance(other, Tensor)
    if isinstance(other, int) and not isinstance(other, bool):
        return other not in (0, 1) or tensor.dtype in ("int64", "int32")
    return isinstance(other, Unknown) and operations.is_hyper(other)


def _is_range(value: Value) -> bool:
    """Whether a tensor holds the positions 0, 1, 2 and so on, along whatever axis."""
    for _ in range(_FOLLOWED):
        call = maker_of(value)
        if call is None:
            return False
        name = short_name(call.operation)
        if name == "arange":
            return all(not isinstance(each, Tensor) for each in call.arguments)
        if name not in CASTS | VIEWS or not call.arguments:
            return False
        value = call.arguments[0]
    return False


def _source(value: Value) -> Value:
    """What a tensor is a view of, where it came in; ``None`` where it was computed."""
    for _ in range(_FOLLOWED):
        call = maker_of(value)
        if call is None or short_name(call.operation) in _WRITTEN_DOWN:
            return value
        if short_name(call.operation) not in CASTS | VIEWS or not call.arguments:
            return None
        value = call.arguments[0]
    return None


def _may_be_lengths(lengths: Value, positions: Value) -> bool:
    """Whether numbers that a program writes down are lengths, and not the places where the tokens start behind a
    padding: one of them is that of all positions. What comes in from elsewhere may be (in
    ``--preview`` only)."""
    if maker_of(lengths) is None:
        return True
    numbers = whole_numbers_of(lengths) if isinstance(lengths, Tensor) else None
    if not numbers or not isinstance(positions, Tensor):
        return False
    return max(numbers) in positions.shape.dims


def _is_number(value: Value, number: float) -> bool:
    return isinstance(value, int | float) and value == number


def is_negative(value: Value) -> bool:
    """Whether a fill takes an element out: below any score. ``torch.finfo(...).min`` is a float that is not known."""
    if isinstance(value, int | float):
        return (math.isinf(value) and value < 0) or value < NEGATIVE
    return False


WATCHERS: dict[str, Watcher] = {"Embedding": note_tokens, "embedding": note_tokens}
