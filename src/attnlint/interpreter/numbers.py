"""Integers of which only symbols are known: arithmetic, comparison, and what comparisons teach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Dim, Expression, Rest, Shape, Symbol, floor_divide, modulo
from attnlint.algebra.extrema import single_atom
from attnlint.algebra.opaque import Opaque
from attnlint.ops.call import unknown_int
from attnlint.values import Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run


def is_number(value: Value) -> bool:
    """A known number, or a symbolic int."""
    return isinstance(value, int | float | complex | Expression)


def as_dim(run: Run, value: Value) -> Dim | None:
    """``value`` as an int or symbolic int; ``None`` when it is not known to be one."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, Expression):
        return run.facts.normal(value)
    if isinstance(value, Unknown) and may_be_int(value):
        return run.facts.normal(symbol_of(value))
    if (
        isinstance(value, Tensor)
        and isinstance(value.elements, int | Expression)
        and not isinstance(value.elements, bool)
    ):
        return value.elements
    return None


def may_be_int(value: Unknown) -> bool:
    """Whether an unknown object can be taken for an int where it is used like one."""
    return value.key is not None and value.kind in ("", "int") and not value.optional


def symbol_of(value: Unknown) -> Expression:
    """The stable symbol of an unknown int (the same as in ``ops.Call.as_dim``)."""
    return unknown_int(value.key, value.label or "n")


def as_sizes(run: Run, operation: str, arguments: tuple[Value, ...]) -> tuple[Value, ...]:
    """What else is given where a float is refused: the hyper-parameters beside it are sizes, too, and what a method is
    called on is a tensor."""
    from attnlint.interpreter.operations import is_hyper, tensor_of

    found = [symbol_of(value) if isinstance(value, Unknown) and is_hyper(value) else value for value in arguments]
    if found and isinstance(found[0], Unknown) and operation.startswith("torch.Tensor."):
        found[0] = tensor_of(run, found[0]) or found[0]
    return tuple(found)


def may_be_anything(value: Value) -> bool:
    """Whether nothing says that an object is a number: an element or an attribute of something that is no
    configuration, a parameter of a function. Added to another such, it may as well be a list or a tensor."""
    if not isinstance(value, Unknown) or value.kind or value.key is None:
        return False
    key = value.key
    while isinstance(key, tuple) and len(key) > 1 and key[0] in ("attribute", "item"):
        key = key[1]
    return not (isinstance(key, tuple) and key[:2] == ("parameter", "hyper"))


def rank_symbol(rest: Rest, known: int) -> Dim:
    """The number of axes of a shape of unknown rank."""
    return Expression.of(Symbol(f"{rest.name or 'x'}.ndim", ("rank", rest), 0)) + known


def arithmetic(run: Run, operator: str, left: Dim, right: Dim) -> Value | None:
    """``left operator right`` for ints and symbolic ints; ``None`` where the result is no int that we can write
    down."""
    if isinstance(left, int) and isinstance(right, int):
        return None
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if operator in ("//", "%"):
        if isinstance(right, int) and right == 0:
            run.raise_error("ZeroDivisionError", "integer division or modulo by zero")
        left, right = run.facts.normal(left), run.facts.normal(right)
        result = floor_divide(left, right) if operator == "//" else modulo(left, right)
        return run.facts.normal(result) if isinstance(result, Expression) else result
    if operator == "**" and isinstance(right, int) and 0 <= right <= 8:
        return left**right
    if operator == "<<" and isinstance(right, int) and 0 <= right <= 32:
        return left * 2**right
    if operator == ">>" and isinstance(right, int) and 0 <= right <= 32:
        return floor_divide(left, 2**right)
    return None


def compare_dims(run: Run, operator: str, left: Dim, right: Dim) -> Answer:
    """The answer to a comparison of ints."""
    facts = run.facts
    if operator == "==":
        return facts.equal(left, right)
    if operator == "<=":
        return facts.at_least(right, left)
    return facts.at_least(left, right).negated


OTHER_RANK = "another rank"
"""Of axes that are not known a path may know that there are not as many as a condition has asked for."""
FEW_SIZES = 4
"""Where an axis has no more elements than that, one element is as likely as any other number."""


def learn_comparison(run: Run, operator: str, left: Dim, right: Dim, holds: bool) -> bool:
    """Learn that a comparison holds (or not). False when that contradicts what is known."""
    facts = run.facts
    if _leaves_one(run, operator, left, right, holds):
        return True
    if holds if operator == "<" else not holds:
        facts.found_different(left)
        facts.found_different(right)
    elif operator != "==":
        smaller, bound = (left, right) if operator == "<=" else (right, left)
        if isinstance(bound, int) and bound <= FEW_SIZES:
            facts.found_different(smaller)
    if operator == "==":
        if not holds:
            return not has_another_rank(run, left, right) and facts.learn_different(left, right)
        for a, b in ((left, right), (right, left)):
            if isinstance(b, int) and isinstance(a, Expression):
                if b == 0 and isinstance(atom := single_atom(a), Opaque) and atom.operation == "mod":
                    return facts.learn_divides(atom.arguments[1], atom.arguments[0])
                found = rank_asked(a, b)
                if found is not None:
                    rest, rank = found
                    shape = facts.resolve(Shape((), rest))
                    # It may have been asked before axes of it became known.
                    if rank < len(shape.dims) or shape.rank not in (None, rank):
                        return False
                    run.ranks_guessed += 1
                    facts.require_rank(shape, rank)
                    return True
        return facts.learn_equal(left, right)
    if operator == "<=":
        return facts.learn_at_least(right, left) if holds else facts.learn_at_least(left, right + 1)
    return facts.learn_at_least(right, left + 1) if holds else facts.learn_at_least(left, right)


def _leaves_one(run: Run, operator: str, left: Dim, right: Dim, holds: bool) -> bool:
    """Whether a comparison of an axis with a number leaves one size of it, which nobody has named: of `not 1` and `less
    than 3` that is 2. Those who wrote it mostly did not think of it, so what needs another size there is no mistake."""
    if isinstance(left, int):
        left, right = right, left
        if operator != "==":
            operator, holds = ("<" if operator == "<=" else "<="), not holds
    if not (isinstance(left, Expression) and isinstance(right, int)) or (operator == "==" and holds):
        return False
    if any(isinstance(symbol.key, tuple) and symbol.key and symbol.key[0] == "rank" for symbol in left.symbols()):
        return False
    facts = run.facts

    def is_between(least: int, most: int) -> bool:
        return facts.at_least(left, least) is Answer.YES and facts.at_least(most, left) is Answer.YES

    if operator == "==":
        return (right > 0 and is_between(right, right + 1)) or (right > 2 and is_between(right - 1, right))
    bound = right if operator == "<=" else right - 1
    if holds:
        return bound > 1 and facts.at_least(left, bound) is Answer.YES
    return bound > 0 and facts.at_least(bound + 1, left) is Answer.YES


def rank_asked(dim: Expression, value: int) -> tuple[Rest, int] | None:
    """``x.ndim + known == value``: the rest of x, and the rank that it has when that holds."""
    for symbol in dim.symbols():
        key = symbol.key
        if isinstance(key, tuple) and len(key) == 2 and key[0] == "rank":
            known = dim - Expression.of(symbol)
            if isinstance(known, int):
                return key[1], value - known
    return None


def has_another_rank(run: Run, left: Value, right: Value) -> bool:
    """Learn that ``x.ndim == right`` does not hold; true where that contradicts what has become known since."""
    asked = rank_asked(left, right) if isinstance(left, Expression) and isinstance(right, int) else None
    if asked is None:
        return False
    if run.facts.resolve(Shape((), asked[0])).rank == asked[1]:
        return True
    run.store.know((OTHER_RANK, asked[0]), True)
    return False
