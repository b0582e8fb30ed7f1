"""ATN201: sizes that are equal, or fit, for the least of all models only: where one of them is 1, or something is 0.

``x + self.conv(x)`` of a convolution that doubles the channels: torch adds the two where there is one channel, as a
size of 1 is broadcast, and nowhere else. A layer made for ``width`` inputs that is given these and some more: it takes
them where there are no more.
"""

from __future__ import annotations

from attnlint.algebra import Answer, Dim, Expression, Facts, Symbol
from attnlint.interpreter.luck_complaint import of_sizes
from attnlint.ops.call import Call
from attnlint.ops.complaint import Complaint


def differs_unless_one(call: Call, before: Facts) -> Complaint | None:
    """A pair of sizes that fits only where one of them is 1, and that no code has made 1 here."""
    for left, right, clash in call.may_broadcast:
        a, b = before.normal(left), before.normal(right)
        if isinstance(a, int) or isinstance(b, int) or not _never_equal(a, b):
            continue
        ones = [size for size in (a, b) if before.is_one(size) is not Answer.NO]
        return of_sizes(
            f"runs only where {' or '.join(map(str, ones))} is 1: {a} and {b} are never equal",
            "the sizes must be equal: project one operand to the other's size",
            clash,
            (a, b),
            ("input", "other"),
        )
    return None


def differs_unless_zero(call: Call) -> Complaint | None:
    """A layer's width and the width of its input, where one is the other and a sum of sizes that only emptiness makes
    0."""
    for left, right, clash in call.lucky:
        difference: Dim = left - right
        if not isinstance(difference, Expression):
            continue
        signs = {factor > 0 for factor in difference.terms.values()}
        # An operation may be negative where its symbols are not: `mid + 2 * (-mid // 2)` is 0 for whatever is even.
        if len(signs) != 1 or difference.operations() or any(map(_may_be_negative, difference.symbols())):
            continue
        more = difference if signs == {True} else -difference
        return of_sizes(
            f"runs only where {more} is 0: the layer is made for {right if signs == {True} else left}",
            "make the layer for the width that it is given",
            clash,
            (left, right),
            ("input", "input"),
        )
    return None


def _may_be_negative(symbol: Symbol) -> bool:
    return symbol.minimum is None or symbol.minimum < 0


def _never_equal(left: Expression, right: Expression) -> bool:
    """Whether two sizes are equal for no value of their symbols, or only where both are 0.

    What the path has learnt does not count: an author who has asked whether two sizes differ knows that one is 1.
    """
    difference: Dim = left - right
    if isinstance(difference, int):
        return difference != 0
    # 2 * n and n, h * d and 3 * h * d: a number times the same size.
    return len(left.terms) == len(right.terms) == 1 and left.terms.keys() == right.terms.keys()
