"""torch's own ModuleInfo database as cases for the layers: valid constructors and calls, and such that must raise."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch.testing._internal.common_modules import module_db

from attnlint.algebra import Dim, Expression, Facts, Symbol
from attnlint.ops.complaint import BadArguments, CannotTell, Complaint
from attnlint.ops.dispatch import build_layer, call_op
from attnlint.ops.registry import find_layer
from attnlint.values import Instance, Tensor, TorchName, Unknown, Value
from tests.ops.bridge import Agreement, NotConverted, agreement, to_value
from tests.ops.judge import Judgement, Outcome, outcome_of
from tests.ops.torch_calls import frozen, name_of, sizes_in


@dataclass(frozen=True, slots=True)
class ModuleCase:
    """One object of a module class, and one call of it; ``error`` where torch raises."""

    name: str
    constructor: tuple[tuple[Any, ...], dict[str, Any]]
    call: tuple[tuple[Any, ...], dict[str, Any]]
    training: bool
    called: bool = True
    """False where the constructor alone is the case."""
    result: Any = None
    parameters: Mapping[str, torch.Tensor] | None = None
    error: str = ""
    """What torch says."""


def qualified(info: Any) -> str:
    """``torch.nn.Linear``"""
    return f"torch.{info.name}"


def valid_modules(info: Any, *, most: int) -> Iterator[ModuleCase]:
    """The samples of one module class."""
    torch.manual_seed(0)
    dtype = torch.float32 if torch.float32 in info.dtypes else info.dtypes[0]
    for training in (True, False) if info.train_and_eval_differ else (True,):
        inputs = info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=False, training=training)
        for sample in islice(inputs, most):
            if sample.forward_input is None:
                continue
            constructor = (sample.constructor_input.args, dict(sample.constructor_input.kwargs))
            call = (sample.forward_input.args, dict(sample.forward_input.kwargs))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    module = info.module_cls(*constructor[0], **constructor[1]).train(training)
                    result = module(*call[0], **call[1])
                except Exception:  # samples for other dtypes or devices
                    continue
            parameters = {name: frozen(value.data) for name, value in module.named_parameters(recurse=False)}
            yield ModuleCase(qualified(info), constructor, call, training, True, result, parameters)


def error_modules(info: Any) -> Iterator[ModuleCase]:
    """The constructor calls and calls of one module class that must raise, where they do."""
    if getattr(info, "module_error_inputs_func", None) is None:  # torch 1.13 has no such field
        return
    for training in (True, False):
        inputs = info.module_error_inputs_func(
            info, device="cpu", dtype=torch.float32, requires_grad=False, training=training
        )
        for error_input in inputs:
            sample = error_input.module_error_input
            forward = sample.forward_input
            constructor = (sample.constructor_input.args, dict(sample.constructor_input.kwargs))
            call = ((), {}) if forward is None else (forward.args, dict(forward.kwargs))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    module = info.module_cls(*constructor[0], **constructor[1]).train(training)
                    if forward is not None:
                        module(*call[0], **call[1])
                except Exception as error:
                    text = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
                    yield ModuleCase(qualified(info), constructor, call, training, forward is not None, error=text)


def module_value(thing: Any, sizes: Mapping[int, Dim] | None = None) -> Value:
    """As ``to_value``; a module as an instance with its plain attributes, a function of torch by its name."""
    if isinstance(thing, torch.nn.Module):
        attributes: dict[str, Value] = {
            name: value
            for name, value in vars(thing).items()
            if value is None or isinstance(value, bool | int | float | str)
        }
        attributes |= {name: to_value(value) for name, value in (*thing._parameters.items(), *thing._buffers.items())}
        attributes |= {name: module_value(child) for name, child in thing.named_children()}
        return Instance(TorchName(f"torch.nn.{type(thing).__name__}"), attributes)
    if callable(thing):
        name = name_of(thing)
        if name is None:
            raise NotConverted("function")
        return TorchName(name)
    return to_value(thing, sizes)


def describe(case: ModuleCase) -> str:
    """The case in one line."""

    def texts(arguments: tuple[tuple[Any, ...], dict[str, Any]]) -> str:
        items = [*map(_short, arguments[0]), *(f"{key}={_short(value)}" for key, value in arguments[1].items())]
        return f"({', '.join(items)})"

    return f"{case.name}{texts(case.constructor)}{texts(case.call)}"


def _short(thing: Any) -> str:
    if isinstance(thing, torch.Tensor):
        return f"{tuple(thing.shape)} {thing.dtype}"
    if isinstance(thing, tuple | list):
        return f"[{', '.join(map(_short, thing))}]"
    return repr(thing)[:60]


def judge_module(case: ModuleCase, *, symbolic: bool = False) -> Judgement:
    """The layer against torch; ``symbolic``: with symbols in place of the sizes of the operands of the call."""
    text = describe(case)
    layer = find_layer(case.name)
    if layer is None:
        return Judgement(Outcome.NO_RULE, case.name, text)
    symbols: dict[int, Symbol] = {}
    put: dict[int, Dim] | None = None
    if symbolic:
        symbols = {size: Symbol(f"s{size}", generic=True) for size in set(sizes_in(case.call))}
        put = {size: Expression.of(symbol) for size, symbol in symbols.items()}
    facts = Facts()
    try:
        arguments = tuple(module_value(argument) for argument in case.constructor[0])
        keywords = {key: module_value(argument) for key, argument in case.constructor[1].items()}
        attributes = build_layer(layer, arguments, keywords, facts)
        problem = wrong_parameters(attributes, case.parameters or {})
        if problem:
            return Judgement(Outcome.WRONG, problem, text)
        attributes["training"] = case.training
        if not case.called:
            return Judgement(Outcome.MISSED, case.error, text)
        if layer.forward is None:
            return Judgement(Outcome.UNKNOWN, "a container", text)
        value = call_op(
            layer.forward,
            tuple(module_value(argument, put) for argument in case.call[0]),
            {key: module_value(argument, put) for key, argument in case.call[1].items()},
            facts,
            layer=attributes,
            exact_dtypes=bool(case.error),
        )
    except NotConverted as reason:
        return Judgement(
            Outcome.MISSED if case.error else Outcome.UNKNOWN, case.error or f"an argument is a {reason}", text
        )
    except Complaint as complaint:
        if case.error:
            return Judgement(Outcome.FOUND, "", text)
        return Judgement(Outcome.WRONG, f"complains: {complaint.code} {complaint.summary}", text)
    except CannotTell as reason:
        return Judgement(Outcome.MISSED if case.error else Outcome.UNKNOWN, case.error or reason.reason, text)
    except BadArguments as reason:
        return Judgement(
            Outcome.MISSED if case.error else Outcome.WRONG, case.error or f"does not bind: {reason}", text
        )
    if case.error:
        return Judgement(Outcome.MISSED, case.error, text)
    known = {symbol: size for size, symbol in symbols.items()}
    found, why = agreement(value, case.result, known)
    return Judgement(outcome_of(found), why, text)


def wrong_parameters(attributes: Mapping[str, Value], real: Mapping[str, torch.Tensor]) -> str:
    """What differs between the parameters of a layer that was built and the real ones; empty when nothing does."""
    for name, value in real.items():
        ours = attributes.get(name)
        if isinstance(ours, Unknown):
            continue
        if not isinstance(ours, Tensor):
            return f"the parameter {name} is missing"
        found, why = agreement(ours, value)
        if found is Agreement.WRONG:
            return f"the parameter {name}: {why}"
    return ""


def modules() -> list[Any]:
    """All ModuleInfo entries."""
    return list(module_db)
