"""Products of two tensors that sum over an axis: ``matmul``, ``bmm``, ``baddbmm``, ``einsum``, ``@``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnlint.interpreter.silent.flow import PRODUCTS, argument, operands, short_name
from attnlint.ops.complaint import Complaint
from attnlint.ops.einsum import ELLIPSIS, parsed
from attnlint.values import Maker, Tensor

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run


@dataclass(frozen=True, slots=True)
class Product:
    """A product of two tensors. Axes are counted from the end; ``None`` where one operand does not have the axis."""

    call: Maker
    left: Tensor
    right: Tensor
    contracted: tuple[int, int]
    """The axis of each operand that is summed over."""
    axes: dict[int, tuple[int | None, int | None]]
    """For each axis of the result, which axis of ``left`` and of ``right`` it is."""

    def own_axes(self, side: int) -> list[int]:
        """The axes of the result that only one operand (0: left, 1: right) has."""
        return [axis for axis, pair in self.axes.items() if pair[side] is not None and pair[1 - side] is None]


def product_of(run: Run, call: Maker | None) -> Product | None:
    """A call as a product that sums over exactly one axis of two tensors."""
    name = short_name(call.operation) if call is not None else ""
    if call is None or name not in PRODUCTS:
        return None
    tensors = list(operands(run, call))
    if name == "einsum":
        return _einsum(call, tensors)
    if name == "baddbmm":
        tensors = tensors[-2:]
    if len(tensors) != 2:
        return None
    left, right = tensors
    if any(tensor.shape.rank is not None and tensor.shape.rank < 2 for tensor in (left, right)):
        return None
    axes: dict[int, tuple[int | None, int | None]] = {-2: (-2, None), -1: (None, -1)}
    for axis in range(-3, -max(len(left.shape.dims), len(right.shape.dims)) - 1, -1):
        axes[axis] = (
            axis if len(left.shape.dims) >= -axis else None,
            axis if len(right.shape.dims) >= -axis else None,
        )
    return Product(call, left, right, (-1, -2), axes)


def _einsum(call: Maker, tensors: Sequence[Tensor]) -> Product | None:
    if len(tensors) != 2:
        return None
    sides = sides_of(call)
    if sides is None or len(sides) != 3 or any(len(set(side)) != len(side) for side in sides):
        return None
    left, right, output = (_places(side) for side in sides)
    summed = [letter for letter in sides[0] if letter in right and letter not in output and letter != ELLIPSIS]
    if len(summed) != 1 or any(
        letter not in output and letter not in summed for letter in (*sides[0], *sides[1]) if letter != ELLIPSIS
    ):
        return None
    try:
        axes = {output[letter]: (left.get(letter), right.get(letter)) for letter in sides[2] if letter != ELLIPSIS}
        return Product(call, tensors[0], tensors[1], (left[summed[0]], right[summed[0]]), axes)
    except KeyError:  # a letter in front of an ellipsis
        return None


def sides_of(call: Maker) -> list[list[str]] | None:
    """The letters of the operands of an ``einsum`` and of its result, in order; ``None`` when not known."""
    if call.operation.startswith("einops."):
        return _einops_sides(call.arguments[-1])
    return _torch_sides(argument(call, "equation", 0))


def _places(side: Sequence[str]) -> dict[str, int]:
    """The axis of each letter behind an ellipsis, or of all."""
    behind = side[side.index(ELLIPSIS) + 1 :] if ELLIPSIS in side else side
    return {letter: index - len(behind) for index, letter in enumerate(behind)}


def _torch_sides(equation: object) -> list[list[str]] | None:
    if not isinstance(equation, str):
        return None
    try:
        read = parsed(equation)
    except Complaint:
        return None
    return None if read.output is None else [*read.operands, read.output]


def _einops_sides(pattern: object) -> list[list[str]] | None:
    if not isinstance(pattern, str) or pattern.count("->") != 1 or "(" in pattern:
        return None
    left, _, right = pattern.partition("->")
    return [[ELLIPSIS if name == "..." else name for name in side.split()] for side in (*left.split(","), right)]
