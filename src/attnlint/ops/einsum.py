"""``torch.einsum`` in all its forms: explicit and implicit output, ellipsis, repeated letters, and
the sublist format.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from attnlint.algebra import Answer, Dim, Expression, Rest, Shape
from attnlint.ops.broadcast import broadcast_dim, broadcast_shapes
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.promotion import is_floating, result_dtype
from attnlint.ops.registry import shape_rule
from attnlint.ops.results import fresh
from attnlint.values import Axis, ListValue, Tensor, Value

ELLIPSIS = "."
"""How ``...`` stands in a parsed list of subscripts."""


@dataclass(slots=True)
class Equation:
    """The subscripts of each operand, and of the result (``None``: to be worked out)."""

    operands: list[list[str]]
    output: list[str] | None
    text: str = ""


@dataclass(slots=True)
class _Letter:
    """What is known of the axis that a letter stands for."""

    size: Dim
    operand: int
    place: int
    axis: Axis | None = None


@dataclass(slots=True)
class _State:
    letters: dict[str, _Letter] = field(default_factory=dict)
    ellipsis: Shape | None = None
    ellipsis_axes: tuple[Axis, ...] | None = None


def wrong(summary: str, *arguments: str, advice: str = "", about_rank: bool = False) -> Complaint:
    """A complaint about the equation."""
    return Complaint("ATN109", summary, arguments=arguments or ("equation",), advice=advice, about_rank=about_rank)


@shape_rule(
    "torch.einsum",
    "torch.functional.einsum",
    signature=("(equation: str, *operands)", "(*operands: Tensor | sequence)"),
)
def einsum(call: Call) -> Tensor:
    if call.overload == 0:
        values = call["operands"]
        if len(values) == 1 and isinstance(values[0], tuple | ListValue):
            values = call.as_sequence(values[0], "operands")
        if not isinstance(call["equation"], str):
            raise CannotTell("the equation is not known")
        return evaluated(call, parsed(call["equation"]), [call.as_tensor(value) for value in values])
    if not call["operands"] or not isinstance(call["operands"][0], Tensor):
        raise CannotTell("the equation is not known")
    equation, operands = _from_sublists(call, call["operands"])
    return evaluated(call, equation, operands)


def parsed(text: str) -> Equation:
    """Parse ``"bhqd,bhkd->bhqk"``."""
    left, arrow, right = text.partition("->")
    if "->" in right:
        raise wrong(f"the equation {text!r} has more than one `->`")
    operands = [_subscripts(part, text) for part in left.split(",")]
    return Equation(operands, _subscripts(right, text) if arrow else None, text)


def _subscripts(part: str, text: str) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(part):
        letter = part[at]
        if letter == " ":
            at += 1
        elif letter == ".":
            if part[at : at + 3] != "..." or ELLIPSIS in found:
                raise wrong(f"a `.` in {text!r} that is not part of one ellipsis")
            found.append(ELLIPSIS)
            at += 3
        elif letter.isascii() and letter.isalpha():
            found.append(letter)
            at += 1
        else:
            raise wrong(f"{letter!r} in {text!r} is no subscript: only letters are")
    return found


def _from_sublists(call: Call, values: Sequence[Value]) -> tuple[Equation, list[Tensor]]:
    """``einsum(a, [0, 1], b, [1, 2], [0, 2])``."""
    operands: list[Tensor] = []
    lists: list[list[str]] = []
    for index in range(0, len(values) - 1, 2):
        operands.append(call.as_tensor(values[index]))
        lists.append(_letters(call, values[index + 1]))
    output = _letters(call, values[-1]) if len(values) % 2 else None
    return Equation(lists, output), operands


def _letters(call: Call, value: Value) -> list[str]:
    found = []
    for item in call.as_sequence(value, "a sublist"):
        if item is ...:
            found.append(ELLIPSIS)
            continue
        number = call.as_dim(item)
        if isinstance(number, Expression):
            raise CannotTell("a subscript is not a known integer")
        if not 0 <= number < 52:
            raise wrong(f"the subscript {number} is not within 0 to 51", "operands")
        found.append(chr(ord("A") + number) if number < 26 else chr(ord("a") + number - 26))
    return found


def evaluated(call: Call, equation: Equation, operands: Sequence[Tensor]) -> Tensor:
    """The result of an equation on operands."""
    if len(operands) != len(equation.operands):
        raise wrong(
            f"the equation has {len(equation.operands)} operands, and {len(operands)} are given",
            "equation",
            "operands",
            about_rank=True,
        )
    output = _output(equation)
    state = _State()
    try:
        for index, (subscripts, operand) in enumerate(zip(equation.operands, operands, strict=True)):
            _read(call, state, index, subscripts, operand)
    except CannotTell:
        return Tensor(Shape((), Rest(object())), _dtype(call, equation, output, operands))
    return _written(call, state, output, _dtype(call, equation, output, operands), operands)


def _output(equation: Equation) -> list[str]:
    used = [letter for subscripts in equation.operands for letter in subscripts]
    if equation.output is None:
        letters = sorted(letter for letter in set(used) if letter != ELLIPSIS and used.count(letter) == 1)
        return ([ELLIPSIS] if ELLIPSIS in used else []) + letters
    for letter in equation.output:
        if letter == ELLIPSIS:
            continue
        if letter not in used:
            raise wrong(
                f"`{letter}` of the result is in no operand",
                advice="each subscript of the result must be in an operand",
            )
        if equation.output.count(letter) > 1:
            raise wrong(f"`{letter}` is twice in the result")
    return equation.output


def _read(call: Call, state: _State, index: int, subscripts: list[str], operand: Tensor) -> None:
    """Match the axes of one operand with its subscripts."""
    name = f"operands[{index}]"
    has_ellipsis = ELLIPSIS in subscripts
    named = len(subscripts) - has_ellipsis
    shape = operand.shape
    fits = len(shape.dims) <= named if shape.rank is None and not has_ellipsis else True
    if shape.rank is not None:
        fits = shape.rank == named or (has_ellipsis and shape.rank > named)
    if not fits:
        found = f"{'at least ' * (shape.rank is None)}{len(shape.dims)}"
        raise Complaint(
            "ATN109",
            f"operand {index} has {found} dimensions, and its subscripts `{_text(subscripts)}` name {named}",
            arguments=(name, "equation"),
            clash=(Clash(name, None),),
            advice="name every axis, or use `...`",
            about_rank=True,
        )
    if shape.rank is None and not has_ellipsis:
        shape = call.facts.require_rank(shape, named, because=call.because)
    front = subscripts.index(ELLIPSIS) if has_ellipsis else named
    behind = named - front
    if shape.rank is None:
        if front:
            raise CannotTell("an axis is counted from the front, and the number of dimensions is not known")
        shape = call.facts.require_trailing(shape, behind, because=call.because)
    axes = operand.axes if operand.axes is not None and len(operand.axes) == len(shape.dims) else None
    places = [*range(front), *range(len(shape.dims) - behind, len(shape.dims))]
    letters = [letter for letter in subscripts if letter != ELLIPSIS]
    seen: dict[str, int] = {}
    for letter, place in zip(letters, places, strict=True):
        dim = shape.dims[place]
        if letter in seen:
            _demand_diagonal(call, letter, name, index, (seen[letter], shape.dims[seen[letter]]), (place, dim))
            continue
        seen[letter] = place
        _meet(call, state, letter, _Letter(dim, index, place, None if axes is None else axes[place]))
    if has_ellipsis:
        middle = Shape(shape.dims[front : len(shape.dims) - behind], shape.rest)
        if state.ellipsis is None:
            state.ellipsis = middle
            state.ellipsis_axes = None if axes is None else axes[front : len(shape.dims) - behind]
        else:
            state.ellipsis = broadcast_shapes(call, (("operands[0]", state.ellipsis), (name, middle)), code="ATN109")
            state.ellipsis_axes = None


def _demand_diagonal(
    call: Call, letter: str, name: str, index: int, first: tuple[int, Dim], second: tuple[int, Dim]
) -> None:
    clash = (Clash(name, *first), Clash(name, *second))
    call.demand_equal(
        first[1],
        second[1],
        lambda: Complaint(
            "ATN109",
            f"`{letter}` is twice in operand {index}, with sizes {first[1]} and {second[1]}",
            arguments=(name, "equation"),
            clash=clash,
        ),
        clash,
    )


def _meet(call: Call, state: _State, letter: str, new: _Letter) -> None:
    """A letter that other operands have had: equal sizes, or one of them 1."""
    old = state.letters.get(letter)
    if old is None:
        state.letters[letter] = new
        return
    clash = (
        Clash(f"operands[{old.operand}]", old.place, old.size),
        Clash(f"operands[{new.operand}]", new.place, new.size),
    )

    def complain() -> Complaint:
        return Complaint(
            "ATN109",
            f"`{letter}` is {old.size} in operand {old.operand} and {new.size} in operand {new.operand}",
            arguments=(clash[0].argument, clash[1].argument, "equation"),
            clash=clash,
            advice="a letter stands for one size in all operands",
        )

    size = broadcast_dim(call, old.size, new.size, complain, clash)
    keeps = call.facts.is_one(old.size) is not Answer.YES
    state.letters[letter] = _Letter(size, old.operand, old.place, old.axis if keeps else new.axis) if keeps else new


def _dtype(call: Call, equation: Equation, output: list[str], operands: Sequence[Tensor]) -> str | None:
    """Operands that are summed over go through ``bmm``, which promotes nothing; a plain product promotes."""
    dtypes = [operand.dtype for operand in operands]
    if set(dtypes) == {"bool"}:
        return _bool_dtype(call, equation, output, operands)
    if len(operands) != 2 or None in dtypes or dtypes[0] == dtypes[1]:
        return dtypes[0] if len(set(dtypes)) == 1 else result_dtype(operands) if len(operands) < 3 else None
    left, right = (set(subscripts) for subscripts in equation.operands)
    if not (left & right) - set(output):
        return result_dtype(operands)
    if is_floating(str(dtypes[0])) and is_floating(str(dtypes[1])) and not call.exact_dtypes:
        return None
    summed = ((left & right) - set(output)) - {ELLIPSIS}
    if all(_is_one_somewhere(call, equation, operands, letter) for letter in summed):
        return None
    raise Complaint(
        "ATN115",
        f"dtypes differ: {dtypes[0]} and {dtypes[1]}",
        arguments=("operands[0]", "operands[1]"),
        advice=f"convert one with `.to(torch.{dtypes[0] if is_floating(str(dtypes[0])) else dtypes[1]})`",
    )


def _bool_dtype(call: Call, equation: Equation, output: list[str], operands: Sequence[Tensor]) -> str | None:
    """``bmm`` takes no bool; a sum over one operand counts in int64."""
    used = {letter for subscripts in equation.operands for letter in subscripts}
    if used <= set(output):
        return "bool"
    if len(operands) != 2:
        return None
    common = set(equation.operands[0]) & set(equation.operands[1])
    summed = common - set(output) - {ELLIPSIS}
    if summed and not all(_is_one_somewhere(call, equation, operands, letter) for letter in summed):
        raise Complaint(
            "ATN115", "not implemented for dtype bool", arguments=("operands[0]", "operands[1]"), advice="convert first"
        )
    return None


def _is_one_somewhere(call: Call, equation: Equation, operands: Sequence[Tensor], letter: str) -> bool:
    """Whether a summed axis may have size 1, and so be no sum."""
    for subscripts, operand in zip(equation.operands, operands, strict=True):
        if operand.shape.rank != len(subscripts):
            return True
        if call.facts.is_one(operand.shape.dims[subscripts.index(letter)]) is not Answer.NO:
            return True
    return False


def _written(call: Call, state: _State, output: list[str], dtype: str | None, operands: Sequence[Tensor]) -> Tensor:
    middle = state.ellipsis or Shape(())
    dims: list[Dim] = []
    axes: list[Axis | None] = []
    rest: Rest | None = None
    for letter in output:
        if letter != ELLIPSIS:
            dims.append(state.letters[letter].size)
            axes.append(state.letters[letter].axis)
            continue
        if middle.rest is not None and dims:
            # The unknown axes stand behind known ones: only what follows is known.
            dims, axes, rest = [], [], Rest(object())
            dims += middle.dims
        else:
            dims += middle.dims
            rest = middle.rest
        axes += state.ellipsis_axes if state.ellipsis_axes is not None else [None] * len(middle.dims)
    known = tuple(axis for axis in axes if axis is not None)
    return fresh(
        call,
        Shape(tuple(dims), rest),
        dtype,
        like=operands[0] if operands else None,
        axes=known if len(known) == len(dims) else None,
    )


def _text(subscripts: Sequence[str]) -> str:
    return "".join("..." if letter == ELLIPSIS else letter for letter in subscripts)
