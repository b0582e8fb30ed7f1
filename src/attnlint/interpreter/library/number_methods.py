"""Methods of ``int``, ``float`` and ``complex``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra import Expression
from attnlint.interpreter.library import floats
from attnlint.interpreter.library.concrete import pure
from attnlint.interpreter.library.iterators import fresh_int
from attnlint.interpreter.library.registry import python
from attnlint.values import Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

for _name in ("as_integer_ratio", "hex"):
    pure(f"float.{_name}", getattr(float, _name))
pure("complex.conjugate", complex.conjugate)
pure("float.fromhex", float.fromhex, kind="float")


@python("int.bit_length")
def bit_length(run: Run, node: Node, receiver: Value, /) -> Value:
    if isinstance(receiver, int):
        return receiver.bit_length()
    return floats.whole_number("bit_length", receiver) if isinstance(receiver, Expression) else fresh_int("n", 0)


@python("float.is_integer", "int.is_integer")
def is_integer(run: Run, node: Node, receiver: Value, /) -> Value:
    if isinstance(receiver, int | float):
        return float(receiver).is_integer()
    quotient = floats.as_quotient(receiver)
    if isinstance(receiver, Expression) or (quotient is not None and quotient[1] == 1):
        return True
    return run.unknown("whether a float is whole", kind="bool")


@python("int.__index__", "int.__int__", "int.conjugate", "float.conjugate")
def itself(run: Run, node: Node, receiver: Value, /) -> Value:
    return receiver
