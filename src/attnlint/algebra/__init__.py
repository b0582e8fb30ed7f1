"""Exact symbolic integer arithmetic: dims, shapes, and what is known of them. Knows neither Python source nor torch."""

from attnlint.algebra.answer import Answer
from attnlint.algebra.dim import Dim, Expression, atom_dim, product, substitute, symbols_of
from attnlint.algebra.division import floor_divide, modulo
from attnlint.algebra.evaluate import evaluate
from attnlint.algebra.extrema import maximum, minimum
from attnlint.algebra.facts import Facts
from attnlint.algebra.shape import Rest, Shape
from attnlint.algebra.symbol import Symbol

__all__ = [
    "Answer",
    "Dim",
    "Expression",
    "Facts",
    "Rest",
    "Shape",
    "Symbol",
    "atom_dim",
    "evaluate",
    "floor_divide",
    "maximum",
    "minimum",
    "modulo",
    "product",
    "substitute",
    "symbols_of",
]
