"""The steps of an evidence as the statements of a small program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from attnlint.findings import Evidence, Made, Step, Verdict
from attnlint.values import ListValue, Tensor, Value
from attnlint.verify.encode import Encoder
from attnlint.verify.script import IN_PLACE, Writer, identifier, input_text, unique
from attnlint.verify.verifier import MEMORY_LIMIT

DIVISIONS = ("div", "divide", "floor_divide", "floordiv", "remainder", "fmod", "mod", "true_divide", "truediv")


@dataclass(slots=True)
class Input:
    """A tensor that no step makes."""

    tensor: Tensor
    first: int
    """The step that uses it first."""
    last: int
    name: str = ""


@dataclass(slots=True)
class Statements:
    """The steps of an evidence as statements under the author's names."""

    evidence: Evidence
    steps: tuple[Step, ...]
    inputs: dict[object, Input] = field(default_factory=dict)
    uses: dict[int, list[int]] = field(default_factory=dict)
    """Step to the steps that use what it makes, once a use."""
    named: set[int] = field(default_factory=set)
    """Steps that are statements of their own."""
    names: dict[tuple[int, int | None], str] = field(default_factory=dict)
    layers: dict[int, str] = field(default_factory=dict)

    def text(self, heading: str, encoder: Encoder, verdict: Verdict | None = None) -> str:
        """The whole program."""
        writer = Writer(encoder)
        body = self.body(writer, encoder)
        rows = [f"# {row}" for row in heading.splitlines()]
        rows += sorted(writer.imports | {"import torch"}, key=lambda row: (not row.startswith("import torch"), row))
        rows.append("")
        if encoder.bytes * 3 > MEMORY_LIMIT:
            rows += ['torch.set_default_device("meta")  # too large to be made here', ""]
        if writer.sizes:
            names, numbers = ", ".join(writer.sizes), ", ".join(map(str, writer.sizes.values()))
            rows.append(f"{names} = {numbers}")
        rows += body
        if verdict is not None and verdict.status == "confirmed":
            message = f"{verdict.error}: {verdict.message}" if verdict.error else verdict.message
            rows += [f"# {row}" for row in message.splitlines()]
        return "\n".join(row.rstrip() for row in rows) + "\n"

    # --- what is used where -----------------------------------------------------------------------------------------

    def prepare(self) -> None:
        for number, step in enumerate(self.steps):
            for value in _operands(step):
                if isinstance(value, Made):
                    self.uses.setdefault(value.step, []).append(number)
                elif isinstance(value, Tensor):
                    key = input_key(value)
                    known = self.inputs.setdefault(key, Input(value, number, number))
                    known.last = number
        last = len(self.steps) - 1
        for number, step in enumerate(self.steps[:-1]):
            in_place = step.operation.endswith("_") or _is_augmented(step)
            if any(step.names) or len(step.names) > 1 or len(self.uses.get(number, ())) != 1 or in_place:
                self.named.add(number)
        self.named.add(last)
        for step in self.steps:
            # `f(x) += y` is no Python.
            if _is_augmented(step) and isinstance(step.arguments[0], Made):
                self.named.add(step.arguments[0].step)

    def _statement(self, number: int) -> int:
        """The statement that a step is part of."""
        while number not in self.named:
            number = self.uses[number][0]
        return number

    def _choose_names(self, writer: Writer) -> None:
        """The author's names. One may be used again, as the author did, once what it stood for is no longer needed."""
        last_use = {number: max(map(self._statement, users)) for number, users in self.uses.items()}
        free_after: dict[str, int] = {}
        fixed = {*writer.sizes, *(row.rpartition(" ")[2] for row in writer.imports)}
        for step in self.steps:
            key = step.layer[1]
            if step.constructor is not None and key not in self.layers:
                name = unique(identifier(step.layer[0]) or "layer", {*fixed, *free_after})
                self.layers[key] = name
                free_after[name] = len(self.steps)

        def choose(wanted: str, at: int, until: int) -> str:
            taken = {name for name, free in free_after.items() if free > at} | fixed
            name = unique(identifier(wanted) or "tensor", taken)
            free_after[name] = max(until, free_after.get(name, -1))
            return name

        for one in self.inputs.values():
            one.name = choose(one.tensor.label, -1, self._statement(one.last))
        for number in sorted(self.named - {len(self.steps) - 1}):
            step = self.steps[number]
            until = last_use.get(number, number)
            if len(step.names) == 1:
                self.names[number, None] = choose(step.names[0], number, until)
            else:
                for index, wanted in enumerate(step.names):
                    used = step.result[index] is not None
                    self.names[number, index] = choose(wanted or "part", number, until) if used else "_"

    # --- text -------------------------------------------------------------------------------------------------------

    def body(self, writer: Writer, encoder: Encoder) -> list[str]:
        self.prepare()
        # Once to know which names of sizes and imports there are, once with names that differ from them.
        self._choose_names(writer)
        self.rows(writer, encoder)
        self.names.clear()
        self.layers.clear()
        self._choose_names(writer)
        return self.rows(writer, encoder)

    def rows(self, writer: Writer, encoder: Encoder) -> list[str]:
        def reference(value: Value) -> str | None:
            if isinstance(value, Made):
                if value.step in self.named:
                    return self.names[value.step, value.item]
                return self.expression(writer, value.step)
            if isinstance(value, Tensor):
                return self.inputs[input_key(value)].name
            return None

        ones = self.steps[-1].operation.rpartition(".")[2].strip("_") in DIVISIONS
        writer.reference = lambda value: None
        writer.imports.add("import torch")
        rows = [f"{one.name} = {input_text(writer, encoder, one.tensor, ones=ones)}" for one in self.inputs.values()]
        writer.reference = reference
        made: set[int] = set()
        for number in sorted(self.named):
            rows += self.layer_rows(writer, number, made)
            rows += self.assignment(writer, number)
        return rows

    def layer_rows(self, writer: Writer, number: int, made: set[int]) -> Iterator[str]:
        """The making of the layers that a statement calls and no earlier one did."""
        for layer in self._layers_of(number):
            step = self.steps[layer]
            if step.layer[1] not in made and step.constructor is not None:
                made.add(step.layer[1])
                call = writer.call(writer.name(step.operation), *step.constructor)
                yield f"{self.layers[step.layer[1]]} = {call}"

    def _layers_of(self, number: int) -> Iterator[int]:
        """The steps of one statement that call a layer, the innermost first."""
        for value in _operands(self.steps[number]):
            if isinstance(value, Made) and value.step not in self.named:
                yield from self._layers_of(value.step)
        if self.steps[number].constructor is not None:
            yield number

    def assignment(self, writer: Writer, number: int) -> list[str]:
        step = self.steps[number]
        if number == len(self.steps) - 1:
            return self.last(writer, number)
        text = self.expression(writer, number)
        if _is_augmented(step):
            changed = text.partition(" ")[0]
            name = self.names[number, None]
            return [text] if name == changed else [text, f"{name} = {changed}"]
        if len(step.names) == 1:
            return [f"{self.names[number, None]} = {text}"]
        targets = ", ".join(self.names[number, index] for index in range(len(step.names)))
        return [f"{targets} = {text}"]

    def last(self, writer: Writer, number: int) -> list[str]:
        """The statement that fails."""
        step, text = self.steps[number], self.expression(writer, number)
        if step.operation == "torch.Tensor.backward" and isinstance(step.arguments[0], Tensor):
            return [text.replace(".backward(", ".requires_grad_().backward(")]
        if step.operation.endswith("scaled_dot_product_attention") and self._reads_past_the_keys():
            writer.imports.add("from torch.nn.attention import SDPBackend, sdpa_kernel")
            return [
                "# torch's default kernel on the CPU runs here, though no correct result exists.",
                "with sdpa_kernel(SDPBackend.MATH):",
                f"    {text}",
            ]
        return [text]

    def _reads_past_the_keys(self) -> bool:
        """Attention with unequal numbers of keys and values: only the reference kernel refuses."""
        arguments = dict(zip(("query", "key", "value"), self.evidence.arguments, strict=False))
        arguments.update(self.evidence.keywords or {})
        key, value = arguments.get("key"), arguments.get("value")
        if (
            not (isinstance(key, Tensor) and isinstance(value, Tensor))
            or min(len(key.shape.dims), len(value.shape.dims)) < 2
        ):
            return False
        encoder = Encoder(self.evidence.witness)
        for each in self.evidence.arguments:
            encoder.value(each)
        return encoder.dim(key.shape.dims[-2]) != encoder.dim(value.shape.dims[-2])

    def expression(self, writer: Writer, number: int) -> str:
        step = self.steps[number]
        if step.operation == "unpack":
            return self._unpacking(writer, step)
        if step.constructor is not None:
            return writer.call(self.layers[step.layer[1]], step.arguments, step.keywords or {})
        return writer.operation(step.operation, step.arguments, step.keywords or {})

    def _unpacking(self, writer: Writer, step: Step) -> str:
        value, count = step.arguments
        text = writer.operand(value)
        names = list(step.names) if len(step.names) == count else [f"size_{index}" for index in range(count)]
        targets = ", ".join(name or "_" for name in names) + ("," if count == 1 else "")
        return (
            f"{targets or '()'} = {text}.shape" if isinstance(value, Tensor | Made) else f"{targets or '()'} = {text}"
        )


def _is_augmented(step: Step) -> bool:
    return step.operation.startswith("operator.") and step.operation.removeprefix("operator.") in IN_PLACE


def _operands(step: Step) -> Iterator[Value]:
    for value in (*step.arguments, *(step.keywords or {}).values()):
        yield from _flat(value)


def _flat(value: Value) -> Iterator[Value]:
    if isinstance(value, Made | Tensor):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _flat(item)
    elif isinstance(value, ListValue):
        for item in value.items:
            yield from _flat(item)


def input_key(tensor: Tensor) -> object:
    """Two inputs of the same name and shape are one; without a name every one is itself."""
    return (tensor.label, tensor.shape, tensor.dtype, tensor.strides) if tensor.label else id(tensor)
