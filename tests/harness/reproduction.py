"""Runs reproductions as they are printed, and compares what they raise with what the verdict says."""

from __future__ import annotations

import ast
import warnings
from contextlib import nullcontext

import torch

from attnlint.findings import Verdict
from tests.harness.devices import names_cuda, pretended_cuda

REFERENCE = "the math kernel raises: "


def failure_of(script: str) -> tuple[BaseException | None, bool]:
    """What a script raises, and whether that happens in its last statement."""
    last = ast.parse(script).body[-1].lineno
    default = torch.get_default_device()
    try:
        devices = pretended_cuda() if names_cuda(script) else nullcontext()
        with warnings.catch_warnings(), devices:
            warnings.simplefilter("ignore")
            exec(compile(script, "<reproduction>", "exec"), {"__name__": "__main__"})
    except Exception as error:
        trace = error.__traceback__
        line = 0
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == "<reproduction>":
                line = trace.tb_lineno
            trace = trace.tb_next
        return error, line >= last
    finally:
        torch.set_default_device(default)
    return None, False


def difference(script: str, verdict: Verdict) -> str:
    """What is wrong with the reproduction of a confirmed finding; empty when it raises what the verdict says."""
    if not script:
        return "there is no reproduction"
    error, at_the_end = failure_of(script)
    if error is None:
        return "it runs to its end"
    if not at_the_end:
        return f"it fails on the way: {error}"
    wanted = verdict.message.partition(REFERENCE)[2] or verdict.message
    # A property that does not hold is asserted; torch raises nothing.
    kind = verdict.error or "AssertionError"
    # (fake tensors have an error of their own)
    kinds = [each.__name__ for each in type(error).__mro__]
    if (
        kind not in (kinds if "FakeTensor" in verdict.message else kinds[:1])
        or _words(str(error))[:60] != _words(wanted)[:60]
    ):
        return f"it raises {type(error).__name__}: {error}, not {verdict.error}: {wanted}"
    return ""


def _words(text: str) -> str:
    """The message without line breaks and addresses of memory."""
    return " ".join(text.split())
