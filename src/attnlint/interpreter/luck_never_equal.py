"""ATN201: sizes that are equal, or fit, for the least of all models only: where one of them is 1, or something is 0.

``x + self.conv(x)`` of a convolution that doubles the channels: torch adds the two where there is one channel, as a
size of 1 is broadcast, and nowhere else. A layer made for ``width`` inputs that is given these and some more: it takes
them where there are no more.
"""

from __future__ import annotations

from collections.abc import Iterable

from attnlint.algebra import Answer, Dim, Expression, Facts, Symbol
from attnlint.algebra.evaluate import evaluate
from attnlint.interpreter.luck_complaint import of_sizes
from attnlint.ops.call import Call
from attnlint.ops.complaint import Clash, Complaint


def differs_unless_one(call: Call, before: Facts) -> Complaint | None:
    """A pair of sizes that fits only where one of them is 1, and that no code has made 1 here."""
    for left, right, clash in call.may_broadcast:
        a, b = before.normal(left), before.normal(right)
        if isinstance(a, int) or isinstance(b, int) or not _never_equal(a, b):
            continue
        ones = [size for size in (a, b) if before.is_one(size) is not Answer.NO]
        if not _is_multiple(a, b):
            return _of_small_sizes(a, b, clash)
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
        if isinstance(left, Expression) and isinstance(right, Expression) and differ_wherever_tried(left, right):
            return _of_small_sizes(left, right, clash)
        signs = {factor > 0 for factor in difference.terms.values()}
        # An operation may be negative where its symbols are not: `mid + 2 * (-mid // 2)` is 0 for whatever is even.
        if len(signs) != 1 or difference.operations() or any(map(_may_be_none, difference.symbols())):
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


def _may_be_none(symbol: Symbol) -> bool:
    """Whether a size may be negative, or is 0 by default: the author knows that there may be none."""
    if symbol.minimum is None or symbol.minimum < 0:
        return True
    return symbol.minimum == 0 and isinstance(symbol.key, tuple) and symbol.key[:1] == ("int",)


def of_several(before: Facts, sizes: Iterable[Dim | None]) -> Facts:
    """The facts for a witness: none of the sizes is 1."""
    facts = before.fork()
    for size in sizes:
        if isinstance(size, Expression):
            facts.learn_at_least(size, 2)
    return facts


def _never_equal(left: Expression, right: Expression) -> bool:
    """Whether two sizes are equal for no value of their symbols, or only where both are 0.

    What the path has learnt does not count: an author who has asked whether two sizes differ knows that one is 1.
    """
    difference: Dim = left - right
    if isinstance(difference, int):
        return difference != 0
    return _is_multiple(left, right) or differ_wherever_tried(left, right)


def _is_multiple(left: Expression, right: Expression) -> bool:
    """2 * n and n, h * d and 3 * h * d: a number times the same size; n and n + 1."""
    return isinstance(left - right, int) or (
        len(left.terms) == len(right.terms) == 1 and left.terms.keys() == right.terms.keys()
    )


_SIZES = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 15, 16, 17, 24, 25, 31, 32, 33, 48, 50, 63, 64, 96, 97, 100, 127, 128,
          129, 192, 200, 255, 256, 300, 320, 384, 511, 512, 640, 768, 1000, 1023, 1024, 2048, 4096)  # fmt: skip
_SMALL = 3
"""Sizes below count for nothing: a quotient of them is 1 or 0, and meets every other."""
_ENOUGH = 40


def differ_wherever_tried(left: Expression, right: Expression) -> bool:
    """Whether two sizes that are worked out of the same one or two differ for all values tried: `(4 * width + 5) // 6`
    and `width`, `width // heads` and half of that."""
    symbols = sorted(left.symbols(), key=lambda symbol: symbol.name)
    if left.symbols() != right.symbols() or not 1 <= len(symbols) <= 2:
        return False
    if not (left.operations() or right.operations()):
        return False
    tried = 0
    for first in _SIZES:
        for second in _SIZES if len(symbols) > 1 else (0,):
            values = dict(zip(symbols, (first, second), strict=False))
            try:
                a, b = evaluate(left, values), evaluate(right, values)
            except ZeroDivisionError:
                continue
            if a == b and a >= _SMALL:
                return False
            if min(a, b) < _SMALL:
                continue
            tried += 1
    return tried >= _ENOUGH


def _of_small_sizes(left: Expression, right: Expression, clash: tuple[Clash, ...]) -> Complaint:
    return of_sizes(
        f"runs only for the smallest sizes: from {_SMALL} on {left} and {right} are never equal",
        "the sizes must be equal: work them out alike",
        clash,
        (left, right),
        ("input", "other"),
    )
