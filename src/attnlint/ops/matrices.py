"""Operands of linear algebra: batches of matrices, square ones, and right-hand sides that fit them."""

from __future__ import annotations

from dataclasses import dataclass

from attnlint.algebra import Answer, Dim, Rest, Shape
from attnlint.ops.axis_arguments import demand_least_rank
from attnlint.ops.broadcast import broadcast_shapes
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.promotion import to_real
from attnlint.ops.results import refuse
from attnlint.values import Tensor


@dataclass(frozen=True, slots=True)
class Matrices:
    """A tensor as a batch of matrices."""

    tensor: Tensor
    batch: tuple[Dim, ...]
    rest: Rest | None
    """What leads in front of ``batch``, when the rank is not known."""
    rows: Dim
    columns: Dim

    def shape(self, *trailing: Dim) -> Shape:
        """The batch axes with other axes behind them."""
        return Shape((*self.batch, *trailing), self.rest)

    @property
    def real(self) -> str | None:
        """The dtype of norms, singular values and the eigenvalues of a Hermitian matrix."""
        return self.tensor.dtype and to_real(self.tensor.dtype)


def matrices(call: Call, name: str, *, square: bool = False, whole: bool = False) -> Matrices:
    """The argument as a batch of matrices.

    Complains about vectors, whole numbers (unless ``whole``) and, where they must be ``square``, about others.
    """
    return as_matrices(call, call.tensor(name), name, square=square, whole=whole)


def as_matrices(call: Call, tensor: Tensor, name: str, *, square: bool = False, whole: bool = False) -> Matrices:
    """As :func:`matrices`, for a tensor."""
    tensor = demand_least_rank(call, tensor, 2, argument=name)
    if not whole:
        refuse(tensor, "bool integer", argument=name)
    *batch, rows, columns = tensor.shape.dims
    if square:
        clash = (Clash(name, -2, rows), Clash(name, -1, columns))

        def complain() -> Complaint:
            text = f"the matrices must be square, but they are {rows} by {columns}"
            return Complaint("ATN103", text, arguments=(name,), clash=clash)

        rows = columns = call.demand_equal(rows, columns, complain, clash)
    return Matrices(tensor, tuple(batch), tensor.shape.rest, rows, columns)


def demand_sizes(call: Call, left: tuple[str, int, Dim], right: tuple[str, int, Dim], *, code: str = "ATN101") -> Dim:
    """Demand that an axis of one operand has the size of an axis of another."""
    clash = (Clash(*left), Clash(*right))

    def complain() -> Complaint:
        text = f"axis {left[1]} of {left[0]} is {left[2]} but axis {right[1]} of {right[0]} is {right[2]}"
        return Complaint(code, text, arguments=(left[0], right[0]), clash=clash)

    return call.demand_equal(left[2], right[2], complain, clash)


def common_batch(call: Call, left: tuple[str, Matrices], right: tuple[str, Matrices]) -> Shape:
    """The batch axes of two operands, broadcast."""
    return broadcast_shapes(call, [(name, found.shape()) for name, found in (left, right)], code="ATN102")


def is_vector_side(call: Call, left: Matrices, right: Tensor) -> bool:
    """Whether the right-hand side of ``linalg.solve`` is a batch of vectors: one axis, or exactly the left's batch
    and rows.

    CannotTell when a rank is not known, or when the sizes leave it open.
    """
    if right.shape.rank is None or left.rest is not None:
        raise CannotTell("an operand has an unknown number of dimensions")
    if right.shape.rank == 1:
        return True
    if right.shape.rank != len(left.batch) + 1:
        return False
    answers = [call.facts.equal(a, b) for a, b in zip(right.shape.dims, (*left.batch, left.rows), strict=True)]
    if all(answer is Answer.YES for answer in answers):
        return True
    if any(answer is Answer.NO for answer in answers):
        return False
    raise CannotTell("whether the right-hand side is made of vectors or of matrices is open")
