"""Keys of dicts and elements of sets: which values are known well enough to be found again."""

from __future__ import annotations

from attnlint.algebra import Expression
from attnlint.values import Choice, DictValue, ListValue, Repeated, SetValue, Tensor, Unknown, Value


def is_certain_key(value: Value) -> bool:
    """Whether it is known which other values ``value`` equals as a key: constants, and objects compared by identity."""
    if isinstance(value, tuple):
        return all(is_certain_key(item) for item in value)
    return not isinstance(
        value, Expression | Unknown | Choice | Repeated | Tensor | ListValue | DictValue | SetValue | slice
    )
