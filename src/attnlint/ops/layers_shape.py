"""``nn.Flatten`` and ``nn.Unflatten``."""

from __future__ import annotations

from attnlint.ops.activations import keep_arguments
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Complaint
from attnlint.ops.dispatch import call_op
from attnlint.ops.registry import find_op, layer
from attnlint.values import ListValue, Value


def _as_function(call: Call, name: str, *arguments: Value) -> Value:
    """The layer's forward as the function of ``torch`` that it is."""
    op = find_op(name)
    if op is None:
        raise CannotTell(f"{name} is not known")
    return call_op(
        op, (call["input"], *arguments), {}, call.facts, because=call.because, exact_dtypes=call.exact_dtypes
    )


@layer("torch.nn.Flatten", constructor="(start_dim=1, end_dim=-1)", forward="(input)")
class Flatten:
    """Merges the axes from ``start_dim`` to ``end_dim``."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        return keep_arguments(call)

    @staticmethod
    def forward(call: Call) -> Value:
        call.tensor("input")
        return _as_function(call, "torch.flatten", call.layer["start_dim"], call.layer["end_dim"])


@layer("torch.nn.Unflatten", constructor="(dim, unflattened_size)", forward="(input)")
class Unflatten:
    """Splits one axis."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        size = call["unflattened_size"]
        if isinstance(call["dim"], int) and isinstance(size, tuple | ListValue):
            items = call.as_sequence(size, "unflattened_size")
            if any(isinstance(item, str | float) for item in items):
                raise Complaint("ATN105", "unflattened_size must be a tuple of ints", arguments=("unflattened_size",))
        return keep_arguments(call)

    @staticmethod
    def forward(call: Call) -> Value:
        call.tensor("input")
        if isinstance(call.layer["dim"], str):
            raise CannotTell("the axis is named")
        return _as_function(call, "torch.unflatten", call.layer["dim"], call.layer["unflattened_size"])
