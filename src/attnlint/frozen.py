"""Frozen values that are cheap to make: the type checker keeps them as they are, so that Python need not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

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


__all__ = ["frozen"]
