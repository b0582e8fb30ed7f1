"""What a shape rule raises when torch would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from attnlint.algebra import Dim
    from attnlint.values import Value


def placeholder(value: Value) -> Literal["", "default", "sign"]:
    """What a refused size may stand for as the default of a parameter: -1 and 0 are how authors write "not given".

    Another negative size is what such a default was multiplied with.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        return ""
    return "sign" if value < 0 else "default" if value == 0 else ""


@dataclass(frozen=True, slots=True)
class Clash:
    """One side of a clash: axis ``axis`` of the argument ``argument`` has size ``dim``."""

    argument: str
    axis: int | None
    dim: Dim | None = None


class Complaint(Exception):
    """Torch raises for these arguments: a demand of the op is broken."""

    def __init__(
        self,
        code: str,
        summary: str,
        *,
        advice: str = "",
        arguments: tuple[str, ...] = (),
        clash: tuple[Clash, ...] = (),
        recovery: Value = None,
        about_rank: bool = False,
        about_nothing: bool = False,
        about_placeholder: Literal["", "default", "sign"] = "",
        holds: int | None = None,
        arrays_do: bool = False,
    ) -> None:
        """
        ``code``: the rule. ``summary``: the reason without op and operands (``inner dimensions differ: 512 != 256``).
        ``arguments``: names of the guilty parameters, most guilty first. ``recovery``: the value to go on with where
        the author's intent is plain (``bmm`` on matrices goes on as ``@``), so that later statements can still be
        checked. ``about_rank``: the demand is about rank or the kind of argument, which says nothing about an object
        that may be no tensor at all.
        ``about_nothing``: the complaint is that a sequence or an axis is empty. ``about_placeholder``: a size is
        negative (``sign``), or is 0 or not given (``default``), as by a default that stands for what must be given.
        ``holds``: the element of the guilty argument that is to blame, where it is not among the known contents.
        ``arrays_do``: numpy's arrays allow it.
        """
        super().__init__(summary)
        self.code = code
        self.summary = summary
        self.advice = advice
        self.arguments = arguments
        self.clash = clash
        self.recovery = recovery
        self.about_rank = about_rank
        self.about_nothing = about_nothing or any(type(side.dim) is int and side.dim == 0 for side in clash)
        self.about_placeholder = about_placeholder
        self.holds = holds
        self.arrays_do = arrays_do


class CannotTell(Exception):
    """The rule cannot say anything about these arguments; the result is unknown, for this reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadArguments(Exception):
    """The arguments do not bind to the op's signature (Python's or torch's TypeError)."""
