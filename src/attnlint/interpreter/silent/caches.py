"""ATN309: keys or values of earlier steps that are joined to the new ones along another axis than the tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.findings import Property
from attnlint.interpreter.silent.attention import history, is_heads_of
from attnlint.interpreter.silent.flow import FILLED, maker_of, operands, short_name
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.ops.complaint import Complaint
from attnlint.values import ListValue, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run


def joined(observation: Observation) -> None:
    """``torch.cat([past_key, key], dim=1)``"""
    tensors = observation.call.arguments.get("tensors")
    items = tensors.items if isinstance(tensors, ListValue) else tensors
    dim = observation.call.arguments.get("dim")
    if not isinstance(items, tuple | list) or len(items) != 2 or not isinstance(dim, int):
        return
    past, new = items
    if not _comes_from_outside(observation.run, past) or not isinstance(new, Tensor) or new.shape.rank != 4:
        return
    axis = dim if dim < 0 else dim - 4
    heads = next((place for place in (-3, -2) if is_heads_of(history(new, place), history(new, -1))), None)
    if heads is None or axis != heads or not isinstance(observation.result, Tensor):
        return
    tokens = -2 if heads == -3 else -3
    if is_heads_of(history(new, tokens), history(new, -1)):
        return  # an image that was made of one axis: there are no tokens
    complaint = Complaint(
        "ATN309",
        f"joins the heads of earlier and new tokens, not the tokens: they lie along axis {tokens}",
        advice=f"join along the tokens: `dim={tokens}`",
        arguments=("tensors",),
    )
    wanted = Property(
        "made_of_its_own",
        {"source": new, "source_axis": axis, "result": observation.result, "result_axis": axis, "word": "head"},
        (past, new),
    )
    observation.report(complaint, wanted)


def _comes_from_outside(run: Run, value: Value) -> bool:
    """An argument, or an attribute that nobody computed here, or an item of one; in a script, what was drawn."""
    while (call := maker_of(value)) is not None and short_name(call.operation) in ("getitem", "to", "contiguous"):
        value = call.arguments[0]
    if isinstance(value, Unknown):
        return value.key is not None
    if not isinstance(value, Tensor) or value.is_parameter:
        return False
    # What is filled with one number is no memory: it pads.
    return call is None or not (short_name(call.operation) in FILLED or any(operands(run, call)))


WATCHERS: dict[str, Watcher] = dict.fromkeys(("cat", "concat", "concatenate"), joined)
