"""Floor division and remainder, as Python and torch define them, simplified as far as holds for every value.

A divisor is not zero wherever the result exists; everything here leans on that.
"""

from __future__ import annotations

from math import gcd

from attnlint.algebra.bounds import least
from attnlint.algebra.dim import Dim, Expression, dim_of, opaque_dim, terms_of
from attnlint.algebra.monomial import ONE, Monomial, common_factor
from attnlint.algebra.opaque import Opaque


def floor_divide(dividend: Dim, divisor: Dim) -> Dim:
    """``dividend // divisor``."""
    if isinstance(dividend, int):
        if isinstance(divisor, int):
            return dividend // divisor
        if not dividend:
            return 0
    if isinstance(divisor, int):
        if divisor == 1:
            return dividend
        if not divisor:
            raise ZeroDivisionError("integer division by zero")
    dividend, divisor, _ = _reduced(dividend, divisor)
    if isinstance(divisor, int):
        if divisor == 1:
            return dividend
        if isinstance(dividend, int):
            return dividend // divisor
    quotient, rest = divided(dividend, divisor)
    if isinstance(rest, int) and rest == 0:
        return quotient
    if not (isinstance(quotient, int) and quotient == 0):
        return quotient + floor_divide(rest, divisor)
    constant = _constant_quotient(rest, divisor)
    if constant is not None:
        return constant
    inner = _nested(rest, divisor)
    if inner is not None:
        return floor_divide(*inner)
    return opaque_dim("floordiv", (rest, divisor))


def modulo(dividend: Dim, divisor: Dim) -> Dim:
    """``dividend % divisor``; like Python's, it has the sign of the divisor."""
    if isinstance(dividend, int):
        if isinstance(divisor, int):
            return dividend % divisor
        if not dividend:
            return 0
    if isinstance(divisor, int) and not divisor:
        raise ZeroDivisionError("integer modulo by zero")
    dividend, divisor, factor = _reduced(dividend, divisor)
    if isinstance(divisor, int) and isinstance(dividend, int):
        return factor * (dividend % divisor)
    _, rest = divided(dividend, divisor)
    if isinstance(rest, int) and rest == 0:
        return 0
    if isinstance(divisor, int):
        rest = dim_of({m: c % divisor for m, c in terms_of(rest).items() if c % divisor})
        if isinstance(rest, int):
            return factor * (rest % divisor)
    constant = _constant_quotient(rest, divisor)
    if constant is not None:
        return factor * (rest - constant * divisor)
    again, smaller, common = _reduced(rest, divisor)
    if common != 1:
        return factor * common * modulo(again, smaller)
    return factor * opaque_dim("mod", (rest, divisor))


def divided(dividend: Dim, divisor: Dim) -> tuple[Dim, Dim]:
    """Polynomial division: ``(q, r)`` with ``dividend == q*divisor + r``; ``q`` is 0 where that would be no simpler."""
    if isinstance(divisor, int):
        quotient = {m: c // divisor for m, c in terms_of(dividend).items() if c % divisor == 0}
        rest = {m: c for m, c in terms_of(dividend).items() if c % divisor}
        return dim_of(quotient), dim_of(rest)
    if isinstance(dividend, int):
        return 0, dividend
    if len(divisor.terms) == 1:
        ((monomial, coefficient),) = divisor.terms.items()
        quotient, rest = {}, {}
        for m, c in dividend.terms.items():
            over = m.over(monomial) if c % coefficient == 0 else None
            if over is None:
                rest[m] = c
            else:
                quotient[over] = c // coefficient
        return dim_of(quotient), dim_of(rest)
    return _long_division(dividend, divisor)


def exact_quotient(dividend: Dim, divisor: Dim) -> Dim | None:
    """The polynomial ``q`` with ``dividend == q * divisor``, or ``None``."""
    if isinstance(divisor, int) and divisor == 0:
        return None
    quotient, rest = divided(dividend, divisor)
    return quotient if isinstance(rest, int) and rest == 0 else None


def content(dim: Dim) -> tuple[int, Monomial]:
    """The greatest integer and the greatest monomial that divide every term."""
    if isinstance(dim, int):
        return abs(dim), ONE
    return gcd(*dim.terms.values()), common_factor(dim.terms)


def _reduced(dividend: Dim, divisor: Dim) -> tuple[Dim, Dim, Dim]:
    """Both without their common factor, the divisor's first coefficient sign made positive, and that factor."""
    number, monomial = content(divisor)
    if isinstance(dividend, int):
        number, monomial = gcd(number, dividend), ONE
    else:
        number = gcd(number, *dividend.terms.values())
        if monomial.powers:
            monomial = common_factor([monomial, *dividend.terms])
    if all(coefficient < 0 for coefficient in terms_of(divisor).values()):
        number = -number
    if number == 1 and not monomial.powers:
        return dividend, divisor, 1
    return _over(dividend, number, monomial), _over(divisor, number, monomial), dim_of({monomial: number})


def _over(dim: Dim, number: int, monomial: Monomial) -> Dim:
    terms: dict[Monomial, int] = {}
    for m, c in terms_of(dim).items():
        over = m.over(monomial)
        assert over is not None
        terms[over] = c // number
    return dim_of(terms)


def _degree(dim: Dim) -> int:
    return max((m.degree for m in terms_of(dim)), default=-1)


def _long_division(dividend: Expression, divisor: Expression) -> tuple[Dim, Dim]:
    """Division by a polynomial of several terms.

    The remainder must have a smaller degree than the divisor; then quotient and remainder are unique, whatever the
    order of the terms, which keeps the form canonical.
    """
    degree = _degree(divisor)
    # Any order of the atoms does, as long as it is one order throughout.
    atoms = list({atom: None for source in (divisor, dividend) for m in source.terms for atom in m.powers})

    def rank(monomial: Monomial) -> tuple[int, ...]:
        return (monomial.degree, *(monomial.powers.get(atom, 0) for atom in atoms))

    lead = max(divisor.terms, key=rank)
    coefficient = divisor.terms[lead]
    quotient: Dim = 0
    rest: Dim = dividend
    while _degree(rest) >= degree:
        terms = terms_of(rest)
        top = max(terms, key=rank)
        over = top.over(lead)
        if over is None or terms[top] % coefficient:
            return 0, dividend
        step = dim_of({over: terms[top] // coefficient})
        quotient = quotient + step
        rest = rest - step * divisor
    return quotient, rest


def _constant_quotient(dividend: Dim, divisor: Dim) -> int | None:
    """0 or -1 where the quotient is always that: ``0 <= dividend < divisor``, ``-divisor <= dividend < 0``."""
    from_below = least(dividend)
    if from_below is not None and from_below >= 0:
        gap = least(divisor - dividend)
        return 0 if gap is not None and gap >= 1 else None
    from_above = least(-dividend)
    if from_above is not None and from_above >= 1:
        gap = least(divisor + dividend)
        return -1 if gap is not None and gap >= 0 else None
    return None


def _nested(dividend: Dim, divisor: Dim) -> tuple[Dim, Dim] | None:
    """``(x // n + k) // divisor`` is ``(x + k*n) // (n * divisor)`` when ``divisor`` is positive."""
    if isinstance(dividend, int) or len(dividend.terms) > 2:
        return None
    constant = dividend.terms.get(ONE, 0)
    others = [m for m in dividend.terms if m.powers]
    if len(others) != 1 or others[0].degree != 1 or dividend.terms[others[0]] != 1:
        return None
    (atom,) = others[0].powers
    if not isinstance(atom, Opaque) or atom.operation != "floordiv":
        return None
    positive = least(divisor)
    if positive is None or positive < 1:
        return None
    numerator, denominator = atom.arguments
    return numerator + constant * denominator, denominator * divisor
