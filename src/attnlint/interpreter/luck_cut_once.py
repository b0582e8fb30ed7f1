"""ATN201: a square table that was cut to the length along one of its axes only: ``mask[:, :, :length]``."""

from __future__ import annotations

from attnlint.algebra import Answer, Dim, Expression, Facts
from attnlint.interpreter.luck_complaint import of_sizes
from attnlint.ops.call import Call
from attnlint.ops.complaint import Complaint
from attnlint.values import Tensor


def cut_once(call: Call, before: Facts) -> Complaint | None:
    """A pair of sizes, of a tensor and of a table, another axis of which was cut to the first of the two."""
    for left, right, clash in (*call.lucky, *call.may_broadcast):
        for side in clash:
            table = call.arguments.get(side.argument)
            if not isinstance(table, Tensor) or side.dim is None:
                continue
            whole = before.normal(side.dim)
            length = right if before.normal(left) == whole else left
            if any(_is_cut(dim, length, whole, before) for dim in before.resolve(table.shape).dims):
                return of_sizes(
                    f"runs only where {length} equals {whole}: it is cut to {length} along one axis, and not along the "
                    "other",
                    f"cut it along both axes: `[..., :{length}, :{length}]`",
                    clash,
                    (left, right),
                    (side.argument, side.argument),
                )
    return None


def _is_cut(dim: Dim, length: Dim, whole: Dim, facts: Facts) -> bool:
    """Whether a size is what a slice up to ``length`` leaves of ``whole``."""
    atoms = dim.operations() if isinstance(dim, Expression) else ()
    if len(atoms) != 1 or atoms[0].operation != "min":
        return False
    parts = atoms[0].arguments
    return len(parts) == 2 and all(
        any(facts.equal(part, size) is Answer.YES for part in parts) for size in (length, whole)
    )
