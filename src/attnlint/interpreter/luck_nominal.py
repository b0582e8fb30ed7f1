"""ATN201: sizes that differ for just those inputs that a model is made for.

A table of positions has `(image_size // patch) ** 2` rows, and one token more comes to them: `(H // patch) * (W //
patch) + 1` of an image of H by W. There are images for which the two are equal, those of `image_size` are none.
"""

from __future__ import annotations

from attnlint.algebra import Dim, Expression, Facts, Symbol, substitute
from attnlint.interpreter.luck_complaint import of_sizes
from attnlint.ops.call import Call
from attnlint.ops.complaint import Complaint

MOST_AXES = 3


def differs_as_made(call: Call, before: Facts) -> Complaint | None:
    """A pair of sizes, one worked out of axes of an input and one of a hyper-parameter, of which one is the other and
    some more where the axes are as long as the hyper-parameter says."""
    for left, right, clash in (*call.lucky, *call.may_broadcast):
        for tokens, table in ((before.normal(left), before.normal(right)), (before.normal(right), before.normal(left))):
            found = _nominal(tokens, table)
            if found is not None:
                size, more = found
                how = "more" if more > 0 else "less"
                return of_sizes(
                    f"at {size}, the size it is made for, {tokens} is {abs(more)} {how} than {table}",
                    "make the table as long as what is added to it: the tokens that are joined to it count as well",
                    clash,
                    (left, right),
                    ("input", "other"),
                )
    return None


def _nominal(tokens: Dim, table: Dim) -> tuple[Symbol, int] | None:
    """The hyper-parameter that stands for the axes, and by how much the sizes differ where the axes are that long."""
    if not isinstance(tokens, Expression) or not isinstance(table, Expression):
        return None
    if not table.operations() or len(tokens.terms) < 2:
        # A length that is given as such may count whatever is joined to it.
        return None
    axes = [symbol for symbol in tokens.symbols() if _is_axis(symbol)]
    if not 1 <= len(axes) <= MOST_AXES or not table.symbols().isdisjoint(axes):
        return None
    for size in sorted(table.symbols() - tokens.symbols(), key=lambda symbol: symbol.name):
        nominal = substitute(tokens, dict.fromkeys(axes, Expression.of(size)))
        difference = nominal - table
        if isinstance(difference, int) and difference != 0:
            return size, difference
    return None


def _is_axis(symbol: Symbol) -> bool:
    return isinstance(symbol.key, tuple) and symbol.key[:1] == ("axis",)


def meets_a_number(call: Call, before: Facts) -> bool:
    """Whether what was worked out of axes of an input has met a number: what that was made of would have to be seen."""
    for left, right, _ in (*call.lucky, *call.may_broadcast):
        for tokens, table in ((before.normal(left), right), (before.normal(right), left)):
            if (
                isinstance(table, int)
                and isinstance(tokens, Expression)
                and len(tokens.terms) > 1
                and tokens.operations()
                and any(map(_is_axis, tokens.symbols()))
            ):
                return True
    return False
