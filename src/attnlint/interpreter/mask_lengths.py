"""ATN201: a mask of attention that is as long as something else.

A mask whose two axes are both as long as the queries, on scores of other keys.

In cross-attention there are as many rows as queries and as many columns as keys. Where the keys come of another input,
nothing says that the two are equal; many a caller gives both the same length all the same, so this is told with
``--preview`` only.

A mask that a layer of attention is given, made for another axis of the input than that of its steps, is told always:
`generate_square_subsequent_mask(x.size(0))` where the batch comes first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Dim, Facts, symbols_of
from attnlint.interpreter.axis_order import Fit, are_axes_of_one_parameter, is_from_outside, is_made_by_a_layer
from attnlint.ops.call import Call
from attnlint.ops.complaint import Clash, Complaint
from attnlint.ops.registry import Op
from attnlint.values import Tensor

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

_MASKS = {"masked_fill": "mask", "masked_fill_": "mask", "scaled_dot_product_attention": "attn_mask"}
"""The operations that take a mask, and what they call it."""


def one_length_for_two(op: Op, call: Call, before: Facts) -> Fit | None:
    """A square mask on scores of two lengths that come of two inputs. In the facts all else fits."""
    name = _MASKS.get(op.name.rpartition(".")[2])
    mask = None if name is None else call.arguments.get(name)
    if name is None or not isinstance(mask, Tensor) or not any(map(is_made_by_a_layer, call.arguments.values())):
        return None
    shape = before.resolve(mask.shape)
    if len(shape.dims) < 2 or before.equal(shape.dims[-1], shape.dims[-2]) is not Answer.YES:
        return None
    length = before.normal(shape.dims[-1])
    for left, right, _ in call.lucky:
        keys = right if left == length else left
        if length in (left, right) and _are_of_two_inputs(length, keys):
            facts = before.fork()
            for one, other, _ in call.lucky:
                if (one, other) != (left, right):
                    facts.learn_equal(one, other)
            complaint = Complaint(
                "ATN201",
                "runs only where there are as many keys as queries: the mask has a column for each query",
                advice=f"give it one for each key: {keys} of them",
                arguments=(name,),
                clash=(Clash(name, -1, length),),
            )
            return Fit(complaint, facts)
    return None


def of_another_axis(run: Run, op: Op, call: Call) -> Complaint | None:
    """A mask for a layer of attention that is as long as another axis of the input than the queries."""
    if op.name.rpartition(".")[2] not in _LAYERS or run.source.holds(_CHOSEN_LAYOUT):
        return None
    for left, right, clash in call.lucky:
        mask = next((side for side in clash if side.argument in _LAYER_MASKS), None)
        if mask is None or not are_axes_of_one_parameter(left, right):
            continue
        if all(map(is_from_outside, symbols_of(left) | symbols_of(right))):
            steps = right if mask.dim == left else left
            return Complaint(
                "ATN201",
                f"runs only where {steps} equals {mask.dim}: {mask.argument} is not for the steps of the sequence",
                advice=f"make the mask for {steps} steps, or bring the input into the layout that the layer takes "
                "(`batch_first`)",
                arguments=tuple(side.argument for side in clash),
                clash=clash,
            )
    return None


_CHOSEN_LAYOUT = re.compile(r"\bbatch_first\b(?!\s*=)|\bbatch_first\s*=\s*(?!True\b|False\b)")
"""What is made with a layout that callers choose is right for one of the two."""
_LAYERS = frozenset(
    "MultiheadAttention TransformerEncoderLayer TransformerEncoder TransformerDecoderLayer TransformerDecoder "
    "Transformer".split()
)
_LAYER_MASKS = frozenset(["attn_mask", "mask", "src_mask", "tgt_mask"])


def _are_of_two_inputs(left: Dim, right: Dim) -> bool:
    symbols = symbols_of(left) | symbols_of(right)
    return (
        bool(symbols_of(left) and symbols_of(right))
        and all(map(is_from_outside, symbols))
        and not are_axes_of_one_parameter(left, right)
    )
