"""Normal forms: a dim rewritten with all that is known to be equal."""

from __future__ import annotations

from collections.abc import Iterable

from attnlint.algebra.dim import Dim, Expression, dim_of, terms_of
from attnlint.algebra.division import divided, exact_quotient, floor_divide, modulo
from attnlint.algebra.effort import EFFORT, REWRITE
from attnlint.algebra.monomial import Atom, Monomial
from attnlint.algebra.opaque import Opaque
from attnlint.algebra.prove import prover_of
from attnlint.algebra.rebuild import rebuilt
from attnlint.algebra.state import Division, Rule, State
from attnlint.algebra.symbol import Symbol

# Rules shrink what they rewrite, but nobody proves that of a set of them.
_MOST_ROUNDS = 12
_GREATEST_DEPTH = 12
# Every operation is asked about in every new state; what needs a longer proof than this is proved when it is asked for.
_MOST_ATTEMPTS = 8


def normal(state: State, dim: Dim) -> Dim:
    """``dim`` in its simplest known form, with the names that the author gave to symbols."""
    if isinstance(dim, int):
        return dim
    known = state.cache.get(dim)
    if known is not None:
        return known
    if state.depth >= _GREATEST_DEPTH:
        return dim
    if not state.rules and state.solved.keys().isdisjoint(dim.symbols()) and not dim.operations():
        EFFORT.spent += REWRITE
        result = state.cache[dim] = _renamed(state, dim)
        return result
    result = dim
    shortest = dim
    state.depth += 1
    try:
        for _ in range(_MOST_ROUNDS):
            new = _step(state, result)
            if new is result or isinstance(new, int):
                result = new
                break
            result = new
            if _length(new) < _length(shortest):
                shortest = new
        else:
            # Two rules undo each other, or feed each other and make the dim longer each time: no end is in sight.
            result = shortest
    finally:
        state.depth -= 1
    result = _renamed(state, result)
    state.cache[dim] = result
    return result


def _length(dim: Expression) -> int:
    """How long a dim is when it is written down, roughly."""
    return sum(4 + len(monomial.powers) + abs(factor).bit_length() for monomial, factor in dim.terms.items())


def expanded(divisions: Iterable[Division], dim: Dim) -> Dim:
    """``dim`` with what is known to be divisible written as divisor times quotient."""
    for division in divisions:
        lead, coefficient = next(iter(terms_of(division.dividend).items()))
        if not isinstance(division.dividend, int) and len(division.dividend.terms) > 1:
            lead = max(division.dividend.terms, key=lambda monomial: monomial.degree)
            coefficient = division.dividend.terms[lead]
        difference: Dim | None = None
        for monomial, count in list(terms_of(dim).items()):
            times, left = divmod(count, coefficient)
            over = monomial.over(lead) if not left else None
            if over is None:
                continue
            if difference is None:
                difference = division.divisor * _of(division.quotient) - division.dividend
            dim = dim + dim_of({over: times}) * difference
    return dim


def apply_rules(rules: Iterable[Rule], expression: Expression) -> Dim:
    """One rewriting by the first rule that applies; the same object when none does."""
    for rule in rules:
        for monomial, count in expression.terms.items():
            if rule.first not in monomial.powers or abs(count) < abs(rule.coefficient):
                continue
            over = monomial.over(rule.lead)
            if over is None:
                continue
            # Rounded towards zero: `-A` must not become `A - T` for ever.
            times = abs(count) // abs(rule.coefficient)
            if (count < 0) != (rule.coefficient < 0):
                times = -times
            change = dim_of({over: times}) * rule.replacement - dim_of({monomial: times * rule.coefficient})
            return expression + change
    return expression


def _of(atom: Atom) -> Expression:
    return Expression({Monomial({atom: 1}): 1})


def _step(state: State, dim: Dim) -> Dim:
    if isinstance(dim, int):
        return dim
    EFFORT.spent += REWRITE
    result = dim.substitute(state.solved) if state.solved else dim
    if isinstance(result, int):
        return result
    if result.operations():
        result = result.map_atoms(lambda atom: simpler(state, atom))
        if isinstance(result, int):
            return result
    return apply_rules(state.rules, result) if state.rules else result


def simpler(state: State, atom: Atom) -> Dim | None:
    """An operation in its simplest form; ``None`` when that is what it is."""
    if isinstance(atom, Symbol):
        return None
    if atom in state.simpler:
        return state.simpler[atom]
    result = _simpler(state, atom)
    # Half-way down, the depth that is left may have cut an answer short.
    if state.depth <= _GREATEST_DEPTH // 2:
        state.simpler[atom] = result
    return result


def _simpler(state: State, atom: Opaque) -> Dim | None:
    arguments = [normal(state, argument) for argument in atom.arguments]
    if any(new is not old for new, old in zip(arguments, atom.arguments, strict=True)):
        new_form = rebuilt(atom, arguments)
        if new_form != _of(atom):
            return new_form
    if atom.operation in ("max", "min"):
        return _ordered(state, atom) if _bounded(state, atom) else None
    dividend, divisor = atom.arguments
    if isinstance(divisor, int) and divisor == 0:
        return None
    result: Dim | None = None
    if _bounded(state, atom) and _below(state, dividend, divisor):
        return 0 if atom.operation == "floordiv" else dividend
    if state.divisions:
        result = _divided_with(expanded(state.divisions, dividend), dividend, divisor, atom.operation)
    if result is None:
        result = _folded(state.rules, dividend, divisor, atom.operation)
    return None if result is None or result == _of(atom) else result


def _bounded(state: State, atom: Opaque) -> bool:
    """Whether more is known of an order of its symbols than the symbols say."""
    symbols = atom.symbols()
    return not symbols.isdisjoint(state.minima) or any(
        not symbols.isdisjoint(dim.symbols()) for dim in state.nonnegative
    )


def _ordered(state: State, atom: Opaque) -> Dim | None:
    """The argument of a ``max`` or ``min`` that is known to be the one."""
    prover = prover_of(state, *atom.arguments)
    for candidate in atom.arguments:
        others = [other for other in atom.arguments if other is not candidate]
        differences = (candidate - other if atom.operation == "max" else other - candidate for other in others)
        if all(prover.proves(difference, _MOST_ATTEMPTS) for difference in differences):
            return candidate
    return None


def _below(state: State, dividend: Dim, divisor: Dim) -> bool:
    """Whether ``0 <= dividend < divisor``."""
    for model in state.models:
        try:
            if not 0 <= model.value(dividend) < model.value(divisor):
                return False
        except ZeroDivisionError:
            continue
    prover = prover_of(state, dividend, divisor)
    return prover.proves(divisor - 1 - dividend, _MOST_ATTEMPTS) and prover.proves(dividend, _MOST_ATTEMPTS)


def _divided_with(dividend: Dim, before: Dim, divisor: Dim, operation: str) -> Dim | None:
    """The operation on an expanded dividend, if that divides where ``before`` did not."""
    if dividend is before:
        return None
    quotient, rest = divided(dividend, divisor)
    if isinstance(rest, int) and rest == 0:
        return quotient if operation == "floordiv" else 0
    if isinstance(quotient, int) or len(terms_of(rest)) >= len(terms_of(before)):
        return None
    return quotient + floor_divide(rest, divisor) if operation == "floordiv" else modulo(rest, divisor)


def _folded(rules: Iterable[Rule], dividend: Dim, divisor: Dim, operation: str) -> Dim | None:
    """``512 // heads`` where ``heads*head_dim`` is 512."""
    for rule in rules:
        times = exact_quotient(dividend, rule.replacement)
        if times is None or (isinstance(times, int) and times == 0):
            continue
        quotient = exact_quotient(times * dim_of({rule.lead: rule.coefficient}), divisor)
        if quotient is not None:
            return quotient if operation == "floordiv" else 0
    return None


def _renamed(state: State, dim: Dim) -> Dim:
    names = state.names
    if not names or isinstance(dim, int) or not _has_stale(names, dim):
        return dim

    def replacement(atom: Atom) -> Dim | None:
        if isinstance(atom, Symbol):
            new = _new_name(names, atom)
            return None if new is None else Expression.of(new)
        if any(isinstance(argument, Expression) and _has_stale(names, argument) for argument in atom.arguments):
            return _of(Opaque(atom.operation, tuple(_renamed(state, argument) for argument in atom.arguments)))
        return None

    return dim.map_atoms(replacement)


def _new_name(names: dict[Symbol, Symbol], symbol: Symbol) -> Symbol | None:
    new = names.get(symbol)
    return None if new is None or (new.name == symbol.name and new.generic == symbol.generic) else new


def _has_stale(names: dict[Symbol, Symbol], dim: Expression) -> bool:
    """Whether a symbol does not bear the name that the author gave it."""
    for atom in dim.atoms():
        if isinstance(atom, Symbol):
            if _new_name(names, atom) is not None:
                return True
        elif any(isinstance(argument, Expression) and _has_stale(names, argument) for argument in atom.arguments):
            return True
    return False
