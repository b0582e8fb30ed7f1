"""Python's builtins, the methods of its builtin types and its standard library, on abstract values, found by name."""

from attnlint.interpreter.library.registry import (
    MISSING,
    find_constant,
    find_method,
    find_python,
    is_class,
    is_modelled,
)

__all__ = ["MISSING", "find_constant", "find_method", "find_python", "is_class", "is_modelled"]
