"""Frozen values that are cheap to make: the type checker keeps them as they are, so that Python need not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

V = TypeVar("V")

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform

    _T = TypeVar("_T")

    @dataclass_transform(frozen_default=True, field_specifiers=(field,))
    def frozen(cls: type[_T]) -> type[_T]:
        """A dataclass with slots, equal and hashed by its fields, whose fields are not set again."""

else:

    def frozen(cls):
        """A dataclass with slots, equal and hashed by its fields, whose fields are not set again.

        ``dataclass(frozen=True)`` sets each field through ``object.__setattr__``: that takes four times as long, and
        millions of values are made.
        """
        return dataclass(slots=True, unsafe_hash=True)(cls)


def replace(value: V, **changes: Any) -> V:
    """As ``dataclasses.replace``, for a dataclass of two fields or more that are all arguments: in half the time."""
    cls = type(value)
    plan = _PLANS.get(cls)
    if plan is None:
        names = [each.name for each in fields(cls)]  # type: ignore[arg-type]
        plan = _PLANS[cls] = attrgetter(*names), {name: index for index, name in enumerate(names)}
    read, places = plan
    given = list(read(value))
    for name, new in changes.items():
        given[places[name]] = new
    return cls(*given)


_PLANS: dict[type[Any], tuple[Callable[[Any], tuple[Any, ...]], dict[str, int]]] = {}

__all__ = ["frozen", "replace"]
