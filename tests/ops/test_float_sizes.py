"""ATN121 against torch: whatever is refused because it is a float, torch refuses, too.

Every int of every sample of torch's OpInfo and ModuleInfo databases is put in as a float.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

import torch

from attnlint.algebra import Facts
from attnlint.ops.complaint import BadArguments, CannotTell, Complaint
from attnlint.ops.dispatch import build_layer, call_op
from attnlint.ops.float_sizes import CODE
from attnlint.ops.registry import Layer, Op, find_layer, find_op
from tests.ops.bridge import NotConverted
from tests.ops.moduleinfo_cases import module_value, modules, qualified, valid_modules
from tests.ops.opinfo_cases import entries, family_of, valid_cases

SAMPLES = 2
LEAST = 100
"""Refused calls that torch must have seen; otherwise this tests nothing."""

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


def with_floats(given: Arguments) -> Iterator[Arguments]:
    """The arguments with one int after the other, or the first one of a sequence, as a float."""
    positional, named = given
    for index, value in enumerate(positional):
        if (other := as_float(value)) is not None:
            yield (*positional[:index], other, *positional[index + 1 :]), named
    for name, value in named.items():
        if (other := as_float(value)) is not None:
            yield positional, {**named, name: other}


def as_float(value: Any) -> Any:
    if type(value) is int:
        return float(value)
    if type(value) in (tuple, list) and value and type(value[0]) is int:
        return type(value)([float(value[0]), *value[1:]])
    return None


def refused(check: Callable[..., Any], *arguments: Any) -> bool:
    """Whether our rule says that a float is to blame."""
    try:
        check(*arguments)
    except Complaint as complaint:
        return complaint.code == CODE
    except (CannotTell, BadArguments, NotConverted):
        pass
    return False


def raises(call: Callable[..., Any], given: Arguments) -> bool:
    """Whether torch raises."""
    try:
        call(*given[0], **given[1])
    except Exception:
        return True
    return False


def call_rule(op: Op, given: Arguments, layer: dict[str, Any] | None = None) -> None:
    """Our rule on the arguments."""
    arguments = tuple(module_value(each) for each in given[0])
    keywords = {name: module_value(each) for name, each in given[1].items()}
    call_op(op, arguments, keywords, Facts(), layer=layer)


def test_functions() -> None:
    seen = 0
    wrong = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for entry in entries():
            if not family_of(entry):
                continue
            for case in valid_cases(entry, most=SAMPLES):
                op = find_op(case.call.name)
                if op is None:
                    continue
                function = attrgetter(case.call.name.removeprefix("torch."))(torch)
                for given in with_floats(case.call.raw):
                    if refused(call_rule, op, given):
                        seen += 1
                        if not raises(function, given):
                            wrong.append(f"{case.call.name}{given}"[:200])
    assert not wrong, "\n".join(wrong)
    assert seen > LEAST, seen


def built(layer: Layer, given: Arguments) -> dict[str, Any]:
    arguments = tuple(module_value(each) for each in given[0])
    return build_layer(layer, arguments, {name: module_value(each) for name, each in given[1].items()}, Facts())


def test_layers() -> None:
    seen = 0
    wrong = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for info in modules():
            layer = find_layer(qualified(info))
            if layer is None:
                continue
            for case in valid_modules(info, most=SAMPLES):
                for given in with_floats(case.constructor):
                    if refused(built, layer, given):
                        seen += 1
                        if not raises(info.module_cls, given):
                            wrong.append(f"{case.name}{given}"[:200])
                        continue
                    try:
                        attributes = built(layer, given)
                        module = info.module_cls(*given[0], **given[1]).train(case.training)
                    except Exception:
                        continue
                    if layer.forward is not None and refused(call_rule, layer.forward, case.call, attributes):
                        seen += 1
                        if not raises(module, case.call):
                            wrong.append(f"{case.name}{given} called"[:200])
    assert not wrong, "\n".join(wrong)
    assert seen > LEAST, seen
