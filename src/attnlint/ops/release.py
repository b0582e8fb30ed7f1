"""Which release of torch an operation needs: for verdicts under an older torch, for the pages, and for the listing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from attnlint.ops.releases import OLDEST, SINCE

if TYPE_CHECKING:
    from attnlint.findings import Evidence, Step
    from attnlint.values import Value

_SHORT = {"torch.nn.functional.": "F.", "torch.nn.": "nn.", "torch.Tensor.": "Tensor."}


def parsed(version: str) -> tuple[int, int]:
    """``2.13.0+cpu`` as ``(2, 13)``; numbers that are not there count as none."""
    numbers = [int(number) for number in re.findall(r"\d+", version)[:2]]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else (0, 0)


def since(name: str) -> str:
    """The release that brought a name or a parameter; the oldest that is known where it is no newer."""
    return SINCE.get(name, OLDEST)


def newer_parts(name: str) -> str:
    """What of an operation the oldest releases have not: ``torch 2.0, enable_gqa 2.5``; empty if they have it all."""
    parts = [f"torch {SINCE[name]}"] if name in SINCE else []
    of_parameter = re.compile(rf"{re.escape(name)}(?:\.forward)?\((\w+)\)")
    parts += [f"{match[1]} {release}" for key, release in SINCE.items() if (match := of_parameter.fullmatch(key))]
    return ", ".join(parts)


def lacking(evidence: Evidence, version: str) -> str:
    """What the operations of a piece of evidence use that came after a release of torch: one line; empty if nothing."""
    parts: list[Evidence | Step] = [evidence, *evidence.steps]
    for part in parts:
        for name in _used(part.operation, part.keywords, part.constructor):
            release = SINCE.get(name)
            if release is not None and parsed(version) < parsed(release):
                return f"{described(name)} came with torch {release}, and torch {version} runs here"
    return ""


def _used(
    operation: str,
    keywords: Mapping[str, Value] | None,
    constructor: tuple[tuple[Value, ...], Mapping[str, Value]] | None,
) -> Iterator[str]:
    """An operation and its parameters that are passed by name, as ``SINCE`` writes them."""
    yield operation
    if constructor is not None:
        yield from (f"{operation}({name})" for name in constructor[1])
        operation += ".forward"
    yield from (f"{operation}({name})" for name in keywords or {})


def described(name: str) -> str:
    """``the parameter scale of torch.nn.functional.scaled_dot_product_attention``."""
    operation, _, parameter = name.rstrip(")").partition("(")
    return f"the parameter {parameter} of {operation}" if parameter else operation


def short(name: str) -> str:
    """A name as programs write it: ``F.rms_norm``, ``nn.RMSNorm``."""
    prefix = next((long for long in _SHORT if name.startswith(long)), "")
    return _SHORT.get(prefix, "") + name[len(prefix) :].replace(".forward(", "(")


def mentioned(text: str) -> list[str]:
    """What a text with programs uses that is newer than the oldest release, with its release."""
    found = []
    for name, release in SINCE.items():
        operation, _, parameter = short(name).rstrip(")").partition("(")
        written = rf"(?<![\w.]){re.escape(operation)}\b" if "Tensor." not in operation else rf"\b{operation[6:]}\("
        if re.search(written, text) and (not parameter or re.search(rf"\b{parameter}\b ?=", text)):
            found.append(f"`{operation}`{f' with `{parameter}`' if parameter else ''} ({release})")
    return found


def by_release() -> dict[str, list[str]]:
    """Public names and parameters by the release that brought them, oldest release first."""
    found: dict[str, list[str]] = {}
    for name, release in SINCE.items():
        if "._" not in name and "(_" not in name:
            found.setdefault(release, []).append(short(name))
    return dict(sorted(found.items(), key=lambda pair: parsed(pair[0])))
