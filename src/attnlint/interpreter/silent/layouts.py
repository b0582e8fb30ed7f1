"""Which axis a layer of torch takes for the batch, and what shows that the author takes another one for it.

A batch is a heap of samples: none of them is the last one, none has a position, and nothing is joined to them. So where
the axis that a layer takes for the batch gets positions, a class token or the patches of an image, or is indexed or
averaged over behind the layer, batch and sequence are swapped (ATN303), or the positions lie along the batch (ATN308).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnlint.findings import Property
from attnlint.interpreter.silent.attention import followed
from attnlint.interpreter.silent.flow import (
    maker_of,
    operands,
    short_name,
    ways,
)
from attnlint.interpreter.silent.marks import ATTENDING, BETWEEN, LAYERS, marked_batch
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.interpreter.silent.positions import report_positions
from attnlint.interpreter.silent.proofs import sizes_of_a_proof
from attnlint.ops.axes import leaves
from attnlint.ops.complaint import CannotTell, Complaint
from attnlint.ops.layer_children import members
from attnlint.values import Instance, Maker, Tensor, Value

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Layout:
    """The axes of (batch, length, features), counted from the end, as a layer reads its input."""

    batch: int
    length: int
    batch_first: bool


def layout_of(layer: Instance | None, name: str) -> Layout | None:
    """How a layer reads a batch of sequences; ``None`` when not known."""
    first = _batch_first(layer, name)
    return None if first is None else Layout(-3, -2, True) if first else Layout(-2, -3, False)


def _batch_first(layer: Value, name: str) -> bool | None:
    if not isinstance(layer, Instance):
        return None
    if name in ("TransformerEncoder", "TransformerDecoder"):
        try:
            return _batch_first(next(iter(members(layer.attributes.get("layers"))), None), name + "Layer")
        except CannotTell:
            return None
    if name in ("TransformerEncoderLayer", "TransformerDecoderLayer"):
        return _batch_first(layer.attributes.get("self_attn"), "MultiheadAttention")
    first = layer.attributes.get("batch_first")
    return first if isinstance(first, bool) else None


# --- what comes before a layer ----------------------------------------------------------------------------------------


def layer(observation: Observation) -> None:
    """A recurrent or attending layer, and how its input was made."""
    name = observation.op.name.rpartition(".")[2]
    layout = layout_of(observation.layer, name)
    call = _call_of(observation)
    given = next(operands(observation.run, call), None) if call is not None else None
    if layout is None or given is None or given.shape.rank not in (None, 3):
        return
    run = observation.run
    if _is_made_of_places(given, layout):
        _swapped(observation, given, layout, name, "holds the places of an image", None)
        return
    found = marked_batch(run, given, layout.batch, layout.length)
    if found is None:
        return
    if found.kind == "cat":
        _swapped(observation, given, layout, name, "is lengthened by a learned token", None)
    elif not layout.batch_first and (found.has_batch_axis or (found.is_counted and given.shape.rank == 3)):
        _swapped(observation, given, layout, name, "gets positions", None)
    elif layout.batch_first and found.is_counted:
        report_positions(observation, found, f"{name} with batch_first=True takes axis 0 for the batch")


def _call_of(observation: Observation) -> Maker | None:
    result = observation.result
    while isinstance(result, tuple) and result:
        result = result[0]
    call = maker_of(result)
    return call if call is not None and call.node is observation.node else None


def _is_made_of_places(given: Tensor, layout: Layout) -> bool:
    """Whether the batch is made of the places that a convolution went over, and the sequence is not."""
    axes = given.axes
    if axes is None or len(axes) < 3:
        return False
    batch = list(leaves(axes[layout.batch]))
    length = list(leaves(axes[layout.length]))
    return all(_is_place(leaf) for leaf in batch) and not any(_is_place(leaf) for leaf in length)


def _is_place(leaf: object) -> bool:
    source = getattr(leaf, "source", None)
    return (
        isinstance(source, tuple)
        and source[:1] == ("output",)
        and ".Conv" in str(source[1])
        and getattr(leaf, "index", 0) > 0
    )


def _swapped(observation: Observation, given: Tensor, layout: Layout, name: str, why: str, at: Maker | None) -> None:
    first = layout.batch_first
    complaint = Complaint(
        "ATN303",
        f"batch_first is {first}, so axis {3 + layout.batch} is the batch, and that {why}",
        advice=f"make the layer with `batch_first={not first}`, or swap the first two axes of its input",
        arguments=("input", "query", "src", "tgt"),
    )
    with sizes_of_a_proof(observation.run, given, given.shape.dims):
        observation.report(complaint, _independent(observation, given, layout), at=at)


def _independent(observation: Observation, given: Tensor, layout: Layout) -> Property | None:
    """What the author takes for samples does not mix; seen at the layer itself."""
    result = observation.result
    while isinstance(result, tuple) and result:
        result = result[0]
    if not isinstance(result, Tensor):
        return None
    where = {"source_axis": layout.length, "result_axis": layout.length}
    return Property("made_of_its_own", {"source": given, "result": result, "word": "sample", **where}, (given,))


# --- what is done behind a layer --------------------------------------------------------------------------------------


def indexed(observation: Observation) -> None:
    """``output[:, -1]`` behind a layer for which axis 1 is the batch."""
    if len(observation.arguments) < 2 or not isinstance(observation.arguments[0], Tensor):
        return
    base, index = observation.arguments[0], observation.arguments[1]
    entries = index if isinstance(index, tuple) else (index,)
    place = next((at for at, entry in enumerate(entries) if not isinstance(entry, slice)), None)
    if place is None or place > 1 or entries[:place] != (slice(None),) * place:
        return
    wanted = entries[place]
    if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted not in (-1, 0) or place + wanted < 0 > place:
        return
    if (place == 0 and wanted == 0) or any(not isinstance(entry, slice) for entry in entries[place + 1 :]):
        return
    layers = LAYERS if wanted == -1 else ATTENDING
    _behind(observation, base, place - 3, layers, f"takes the {'last' if wanted else 'first'} sample of the batch")


def reduced(observation: Observation) -> None:
    """``output.mean(dim=1)`` behind a layer for which axis 1 is the batch."""
    base = observation.arguments[0] if observation.arguments else None
    dim = observation.call.arguments.get("dim")
    if isinstance(dim, tuple) and len(dim) == 1:
        dim = dim[0]
    if not isinstance(base, Tensor) or not isinstance(dim, int) or isinstance(dim, bool):
        return
    axis = dim if dim < 0 else dim - 3
    _behind(observation, base, axis, LAYERS, "goes over the samples of the batch")


def _behind(observation: Observation, base: Tensor, axis: int, layers: frozenset[str], what: str) -> None:
    if base.shape.rank not in (None, 3):
        return
    run = observation.run
    for way, output in ways(run, base, BETWEEN, lambda call: short_name(call.operation) in layers, most=8):
        call = maker_of(output)
        name = short_name(call.operation) if call is not None else ""
        layout = layout_of(call.layer, name) if call is not None else None
        if call is None or layout is None or (output.maker is not None and output.maker.index != 0):
            continue
        given = next(operands(run, call), None)
        if given is None or output.shape.rank not in (None, 3) or followed(run, way, axis) != layout.batch:
            continue
        first = layout.batch_first
        complaint = Complaint(
            "ATN303",
            f"{what}: {name} with batch_first={first} takes axis {3 + layout.batch} for it",
            advice=f"make the layer with `batch_first={not first}`, or take the other axis",
            arguments=("input",),
        )
        where = {"source_axis": layout.length, "result_axis": layout.length}
        wanted = Property("made_of_its_own", {"source": given, "result": output, "word": "sample", **where}, (given,))
        with sizes_of_a_proof(run, given, given.shape.dims):
            observation.report(complaint, wanted)
        return


WATCHERS: dict[str, Watcher] = {
    **dict.fromkeys(LAYERS, layer),
    "__getitem__": indexed,
    **dict.fromkeys(("mean", "sum", "amax", "max"), reduced),
}
