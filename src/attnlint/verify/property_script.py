"""The proof of a finding where nothing raises: a program that runs the steps and looks at a property of theirs.

The verifier's worker runs this program, and ``attnlint repro`` prints it: they cannot differ. It holds the function of
``properties.py`` that looks at the property, with the helpers that the function calls, as they stand there.
"""

from __future__ import annotations

import ast
import functools
from dataclasses import replace
from pathlib import Path

from attnlint.findings import Evidence, Made, Step, Verdict
from attnlint.values import ListValue, Tensor, Value
from attnlint.verify.encode import Encoder
from attnlint.verify.rehearse import rehearsed
from attnlint.verify.script import CannotWrite, Writer
from attnlint.verify.statements import Statements
from attnlint.verify.verifier import MEMORY_LIMIT

LOOK = "look"
"""The operation of the step that looks at the property."""


def property_script(evidence: Evidence, heading: str = "", verdict: Verdict | None = None) -> str:
    """The program as text; empty when something in it cannot be written down or made concrete."""
    wanted = evidence.property
    if wanted is None or not wanted.name:
        return ""
    encoder = Encoder(evidence.witness)
    try:
        steps = rehearsed((*evidence.steps, Step(LOOK, tuple(wanted.arguments.values()))), encoder)
        named = replace(wanted, arguments=dict(zip(wanted.arguments, steps[-1].arguments, strict=True)))
        text = PropertyStatements(replace(evidence, property=named), steps).text(heading, encoder, verdict)
    except (CannotWrite, ArithmeticError, LookupError, ValueError):
        return ""
    return "" if encoder.bytes * 3 > MEMORY_LIMIT else text


class PropertyStatements(Statements):
    """The steps as a function of their inputs, and the call of the function that looks at them."""

    __slots__ = ()

    def prepare(self) -> None:
        super().prepare()
        for value in _flat(self.steps[-1].arguments):
            if isinstance(value, Made):
                self.named.add(value.step)

    def rows(self, writer: Writer, encoder: Encoder) -> list[str]:
        last = len(self.steps) - 1
        rows = super().rows(writer, encoder)
        inputs = [one.name for one in self.inputs.values()]
        made = rows[: len(inputs)]
        layers: list[str] = []
        steps: list[str] = []
        built: set[int] = set()
        for number in sorted(self.named - {last}):
            layers += [f"{row}.eval()" for row in self.layer_rows(writer, number, built)]
            steps += self.assignment(writer, number)
        results = [
            self.names[value.step, value.item] for value in _flat(self.steps[last].arguments) if type(value) is Made
        ]
        returned = ", ".join(f'"{name}": {name}' for name in dict.fromkeys(results))
        given = ", ".join(f'"{name}": {name}' for name in inputs)
        unpacked = ", ".join(inputs) + ("," if len(inputs) == 1 else "")
        wanted = ", ".join(f'inputs["{name}"]' for name in inputs)
        return [
            "torch.manual_seed(0)",
            *made,
            *layers,
            "",
            "",
            "def run(inputs):",
            *([f"    {unpacked} = {wanted}" if len(inputs) > 1 else f"    {inputs[0]} = {wanted}"] if inputs else []),
            *(f"    {row}" for row in steps),
            f"    return {{{returned}}}",
            "",
            "",
            *source_of(self.evidence.property.name).splitlines(),  # type: ignore[union-attr]
            "",
            "",
            "with torch.no_grad():",
            f"    seen = {self._look(writer, f'{{{given}}}')}",
            "assert not seen, seen",
        ]

    def last(self, writer: Writer, number: int) -> list[str]:
        return []

    def _look(self, writer: Writer, inputs: str) -> str:
        wanted = self.evidence.property
        assert wanted is not None
        names = writer.reference

        def quoted(value: Value) -> str | None:
            name = names(value)
            return None if name is None else f'"{name}"'

        writer.reference = quoted
        try:
            arguments = [f"{name}={writer.value(value)}" for name, value in wanted.arguments.items()]
        finally:
            writer.reference = names
        return f"{wanted.name}({', '.join(['run', inputs, *arguments])})"


def _flat(value: Value) -> list[Value]:
    if isinstance(value, Made | Tensor):
        return [value]
    items = value.items if isinstance(value, ListValue) else value if isinstance(value, tuple) else ()
    return [each for item in items for each in _flat(item)]


@functools.cache
def _functions() -> dict[str, tuple[str, frozenset[str]]]:
    """The functions of ``properties.py``: their text, and the names that they use."""
    text = Path(__file__).with_name("properties.py").read_text(encoding="utf-8")
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            used = frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))
            found[node.name] = (ast.get_source_segment(text, node) or "", used)
    return found


def source_of(name: str) -> str:
    """The text of a function of ``properties.py`` after that of those that it calls."""
    functions = _functions()
    wanted: dict[str, None] = {}

    def add(one: str) -> None:
        for other in sorted(functions[one][1] & functions.keys() - {one}):
            if other not in wanted:
                add(other)
        wanted[one] = None

    add(name)
    return "\n\n\n".join(functions[one][0] for one in wanted)


__all__ = ["property_script", "source_of"]
