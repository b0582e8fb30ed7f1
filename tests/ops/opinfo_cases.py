"""torch's own OpInfo database as cases for the shape rules: valid samples, and inputs that must raise."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch.testing._internal.common_methods_invocations import op_db

from attnlint.ops.registry import find_op
from tests.ops.bridge import NotConverted, to_value
from tests.ops.torch_calls import Recorder, TorchCall, frozen, name_of, names_by_identity

PREFERRED = (torch.float32, torch.float64, torch.complex64, torch.bfloat16)
WHOLE = (torch.int64, torch.bool, torch.int32, torch.uint8)


@dataclass(frozen=True, slots=True)
class Case:
    """A torch call with its result (valid), or without one (``error``: torch raises)."""

    call: TorchCall
    error: str = ""


def entry_name(entry: Any) -> str:
    """``std.unbiased``: the name of an OpInfo entry with its variant."""
    return entry.name + (f".{entry.variant_test_name}" if entry.variant_test_name else "")


def entries() -> list[Any]:
    """All OpInfo entries that are about the CPU's eager functions."""
    return [entry for entry in op_db if not entry.name.startswith("jiterator")]


def main_name(entry: Any) -> str | None:
    """The qualified name of the function that the entry is about; ``None`` when it is a wrapper of something else."""
    for prefix in ("torch", "torch.nn.functional", "torch.Tensor"):
        name = f"{prefix}.{entry.name.removeprefix('nn.functional.').removeprefix('torch.')}"
        if name in names_by_identity().get(id(entry.op), []) or name_of(entry.op) == name:
            return name
    return name_of(entry.op)


def dtypes_of(entry: Any) -> list[torch.dtype]:
    """One floating and one whole-number dtype where the entry supports them, and complex."""
    supported = entry.supported_dtypes("cpu")
    chosen = [
        next((dtype for dtype in PREFERRED if dtype in supported), None),
        next((dtype for dtype in WHOLE if dtype in supported), None),
    ]
    if torch.complex64 in supported:
        chosen.append(torch.complex64)
    return [dtype for dtype in dict.fromkeys(chosen) if dtype is not None]


def variants(entry: Any, *, methods: bool) -> Iterator[tuple[Callable[..., Any], bool]]:
    """The function, and the method and in-place method; with whether the variant changes its first argument."""
    yield entry.op, False
    if methods:
        if entry.method_variant is not None and entry.method_variant is not entry.op:
            yield entry.method_variant, False
        if entry.inplace_variant is not None:
            yield entry.inplace_variant, True


def valid_cases(entry: Any, *, most: int, methods: bool = True) -> Iterator[Case]:
    """The calls that the entry's samples make, with what torch returned."""
    for position, dtype in enumerate(dtypes_of(entry)):
        for index, sample in enumerate(_samples(entry, dtype, most if position == 0 else max(most // 2, 2))):
            for variant, inplace in variants(entry, methods=methods and index < 4):
                if inplace and (sample.broadcasts_input or not isinstance(sample.input, torch.Tensor)):
                    continue
                yield from _run(variant, sample, inplace)


def _samples(entry: Any, dtype: torch.dtype, most: int) -> Iterator[Any]:
    torch.manual_seed(0)
    try:
        yield from islice(entry.sample_inputs("cpu", dtype), most)
    except Exception:  # some generators need what this build of torch lacks
        return


def _run(variant: Callable[..., Any], sample: Any, inplace: bool) -> list[Case]:
    first = sample.input.clone() if inplace else sample.input
    arguments = (first, *sample.args)
    name = name_of(variant)
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            if name is not None:
                values = tuple(to_value(argument) for argument in arguments)
                keywords = {key: to_value(argument) for key, argument in sample.kwargs.items()}
                raw = (frozen(arguments), frozen(sample.kwargs))
                result = variant(*arguments, **sample.kwargs)
                return [Case(TorchCall(name, values, keywords, result, raw))]
            with Recorder() as recorder:
                variant(*arguments, **sample.kwargs)
            return [Case(call) for call in recorder.calls]
        except NotConverted:
            return []
        except Exception:  # in-place forms refuse some samples: a result dtype that does not fit
            return []


def error_cases(entry: Any) -> Iterator[Case]:
    """The calls that must raise, as the entry lists them, where torch does raise here."""
    if entry.error_inputs_func is None:
        return
    try:
        inputs = list(entry.error_inputs("cpu"))
    except Exception:
        return
    for error_input in inputs:
        sample = error_input.sample_input
        name = name_of(entry.op)
        arguments = (sample.input, *sample.args)
        try:
            values = tuple(to_value(argument) for argument in arguments)
            keywords = {key: to_value(argument) for key, argument in sample.kwargs.items()}
        except NotConverted:
            continue
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            recorder = Recorder()
            try:
                if name is not None:
                    entry.op(*arguments, **sample.kwargs)
                else:
                    with recorder:
                        entry.op(*arguments, **sample.kwargs)
            except Exception as error:
                text = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
                if name is not None:
                    yield Case(TorchCall(name, values, keywords, None, (arguments, sample.kwargs)), text)
                elif recorder.failed is not None:
                    yield Case(recorder.failed, text)


def family_of(entry: Any) -> str:
    """The module of shape rules that answers for the entry; empty when none does."""
    short = entry.name.removeprefix("torch.")
    names = [main_name(entry), *(f"{prefix}.{short}" for prefix in ("torch", "torch.Tensor")), f"torch.Tensor.{short}_"]
    found = (find_op(name) for name in names if name is not None)
    return next((op.family for op in found if op is not None), "")
