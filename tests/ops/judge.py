"""Runs a shape rule on a case and judges it by what torch did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from attnlint.algebra import Dim, Expression, Facts, Symbol
from attnlint.ops.complaint import BadArguments, CannotTell, Complaint
from attnlint.ops.dispatch import bind_call
from attnlint.ops.registry import find_op
from tests.ops.bridge import Agreement, agreement, to_value
from tests.ops.opinfo_cases import Case
from tests.ops.torch_calls import sizes_in


class Outcome(Enum):
    """What came of one case."""

    EXACT = "exact"
    UNKNOWN = "unknown"
    WRONG = "wrong"
    NO_RULE = "no rule"
    FOUND = "found"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Judgement:
    """An outcome, why, and the call it is about."""

    outcome: Outcome
    text: str
    call: str


def describe(case: Case) -> str:
    """The call in one line, for messages."""
    call = case.call
    arguments = [*map(_short, call.arguments), *(f"{key}={_short(value)}" for key, value in call.keywords.items())]
    return f"{call.name}({', '.join(arguments)})"


def _short(value: Any) -> str:
    shape = getattr(value, "shape", None)
    if shape is not None:
        return f"{shape} {value.dtype}"
    items = getattr(value, "items", None) if not isinstance(value, tuple) else value
    if isinstance(items, list | tuple):
        return f"[{', '.join(map(_short, items))}]"
    return repr(value)


def judge(case: Case) -> Judgement:
    """The rule against torch, on integers."""
    op = find_op(case.call.name)
    text = describe(case)
    if op is None:
        return Judgement(Outcome.NO_RULE, case.call.name, text)
    try:
        call = bind_call(op, case.call.arguments, case.call.keywords, Facts())
        # A mixture of floating dtypes is complained about only where dtypes are known to be exact.
        call.exact_dtypes = bool(case.error)
        value = op.rule(call)
    except Complaint as complaint:
        if case.error:
            return Judgement(Outcome.FOUND, "", text)
        return Judgement(Outcome.WRONG, f"complains: {complaint.code} {complaint.summary}", text)
    except CannotTell as reason:
        return Judgement(Outcome.MISSED if case.error else Outcome.UNKNOWN, case.error or reason.reason, text)
    except BadArguments as reason:
        # torch's TypeError: the arguments do not bind to any signature.
        if case.error:
            return Judgement(Outcome.FOUND if case.error.startswith("TypeError") else Outcome.MISSED, case.error, text)
        return Judgement(Outcome.WRONG, f"does not bind: {reason}", text)
    if case.error:
        return Judgement(Outcome.MISSED, case.error, text)
    found, why = agreement(value, case.call.result)
    return Judgement(outcome_of(found), why, text)


def outcome_of(found: Agreement) -> Outcome:
    """The outcome of a valid case whose results agree so."""
    return {Agreement.EXACT: Outcome.EXACT, Agreement.UNKNOWN: Outcome.UNKNOWN}.get(found, Outcome.WRONG)


def judge_symbolic(case: Case) -> Judgement | None:
    """The rule on symbols in place of the sizes; with the symbols replaced, the result must be torch's."""
    op = find_op(case.call.name)
    sizes = sorted(set(sizes_in(case.call.raw)))
    if op is None or case.error or not sizes:
        return None
    symbols = {size: Symbol(f"s{size}", generic=True) for size in sizes}
    put: dict[int, Dim] = {size: Expression.of(symbol) for size, symbol in symbols.items()}
    args, kwargs = case.call.raw
    arguments = tuple(to_value(argument, put) for argument in args)
    keywords = {key: to_value(argument, put) for key, argument in kwargs.items()}
    text = describe(case)
    try:
        call = bind_call(op, arguments, keywords, Facts())
        call.exact_dtypes = True
        value = op.rule(call)
    except Complaint as complaint:
        return Judgement(Outcome.WRONG, f"complains on symbols: {complaint.code} {complaint.summary}", text)
    except CannotTell as reason:
        return Judgement(Outcome.UNKNOWN, reason.reason, text)
    except BadArguments as reason:
        return Judgement(Outcome.WRONG, f"does not bind with symbols: {reason}", text)
    found, why = agreement(value, case.call.result, {symbol: size for size, symbol in symbols.items()})
    return Judgement(outcome_of(found), why, text)
