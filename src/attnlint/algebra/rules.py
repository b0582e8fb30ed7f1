"""Equations and divisions as rules that rewrite."""

from __future__ import annotations

from attnlint.algebra.dim import Dim, Expression, atom_dim, dim_of, terms_of
from attnlint.algebra.monomial import Monomial
from attnlint.algebra.opaque import Opaque
from attnlint.algebra.state import Division, Rule
from attnlint.algebra.symbol import Symbol


def rule_of(zero: Expression, quotient: Opaque | None = None) -> Rule:
    """The rule that rewrites the greatest term of an equation with the rest of it."""

    def rank(monomial: Monomial) -> tuple[bool, int, int, int, str]:
        own = quotient is not None and quotient in monomial.powers
        operations = sum(power for atom, power in monomial.powers.items() if isinstance(atom, Opaque))
        # What is nested deepest is in none of the other terms; were it the other way round, a rule could apply to what
        # it has just written. The text only breaks a tie, in the same way in every process.
        nesting = max((atom.nesting for atom in monomial.powers if isinstance(atom, Opaque)), default=0)
        return (own, nesting, monomial.degree, operations, str(Expression({monomial: 1})))

    lead = max(zero.terms, key=rank)
    coefficient = zero.terms[lead]
    rest = dim_of({monomial: -c for monomial, c in zero.terms.items() if monomial != lead})
    if coefficient < 0:
        coefficient, rest = -coefficient, -rest
    return Rule(lead, coefficient, rest, next(iter(lead.powers)))


def rule_of_division(division: Division) -> Rule:
    """``heads * (C // heads)`` is ``C``."""
    return rule_of(zero_of(division), division.quotient)


def zero_of(division: Division) -> Expression:
    """``heads * (C // heads) - C``."""
    zero = division.divisor * atom_dim(division.quotient) - division.dividend
    assert isinstance(zero, Expression)
    return zero


def sides(division: Division) -> tuple[Dim, Dim, Dim]:
    """All that a division mentions, as dims."""
    return division.dividend, division.divisor, atom_dim(division.quotient)


def shortens(rule: Rule, dim: Dim) -> bool:
    """Whether a term of ``dim`` has the left side of the rule as a factor."""
    return any(monomial.over(rule.lead) is not None for monomial in terms_of(dim))


def rule_symbols(rule: Rule) -> frozenset[Symbol]:
    """The symbols of the left side of a rule."""
    return Expression({rule.lead: 1}).symbols()
