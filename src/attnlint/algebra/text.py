"""Dims as an author would write them: ``heads*head_dim``, ``C // heads``, ``2*T - 1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra.symbol import Symbol

if TYPE_CHECKING:
    from attnlint.algebra.dim import Dim, Expression
    from attnlint.algebra.monomial import Atom, Monomial


def expression_text(expression: Expression) -> str:
    """The expression as source text, fit to stand alone."""
    return _sum(expression)[0]


# How tightly a text binds: a sum, `a // b` or `a % b`, a product, or a name.
_SUM, _DIVISION, _PRODUCT, _NAME = range(4)


def _text(dim: Dim, binding: int) -> str:
    """``dim`` in parentheses unless it binds at least that tightly."""
    if isinstance(dim, int):
        return str(dim) if dim >= 0 or binding == _SUM else f"({dim})"
    text, strength = _sum(dim)
    return text if strength >= binding else f"({text})"


def _sum(expression: Expression) -> tuple[str, int]:
    terms = list(expression.terms.items())
    if len(terms) == 1 and terms[0][1] > 0:
        return _term(*terms[0])
    if len(terms) > 1 and terms[0][1] < 0:
        # What is subtracted does not come first: `S - T`, not `-T + S`.
        first = next((index for index, (_, coefficient) in enumerate(terms) if coefficient > 0), 0)
        terms.insert(0, terms.pop(first))
    pieces: list[str] = []
    for monomial, coefficient in terms:
        text, strength = _term(monomial, abs(coefficient))
        if not pieces:
            if coefficient < 0:
                text = f"-({text})" if strength == _DIVISION else f"-{text}"
            pieces.append(text)
        else:
            pieces.append(f" {'-' if coefficient < 0 else '+'} {text}")
    return "".join(pieces), _SUM


def _term(monomial: Monomial, coefficient: int) -> tuple[str, int]:
    atoms = list(monomial.powers.items())
    if not atoms:
        return str(coefficient), _NAME
    if len(atoms) == 1 and atoms[0][1] == 1 and coefficient == 1:
        return _atom(atoms[0][0])
    factors = [] if coefficient == 1 else [str(coefficient)]
    for atom, power in atoms:
        text, strength = _atom(atom)
        if strength < _NAME:
            text = f"({text})"
        factors.append(text if power == 1 else f"{text}**{power}")
    return "*".join(factors), _PRODUCT


def _atom(atom: Atom) -> tuple[str, int]:
    if isinstance(atom, Symbol):
        # A symbol may be named after an expression: `x.shape[0]` is a name, `a + b` is not.
        return atom.name, _SUM if " " in atom.name else _NAME
    if atom.operation in ("max", "min"):
        return f"{atom.operation}({', '.join(_text(argument, _SUM) for argument in atom.arguments)})", _NAME
    sign = "//" if atom.operation == "floordiv" else "%"
    dividend, divisor = atom.arguments
    return f"{_text(dividend, _PRODUCT)} {sign} {_text(divisor, _NAME)}", _DIVISION
