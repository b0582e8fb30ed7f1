"""ATN303: attention along another axis than that of the tokens.

Heads and the width of a head are split from one axis of features. Where both queries and keys lie along the heads,
every token attends to nothing but itself: (batch, tokens, heads, width) in an attention that wants (batch, heads,
tokens, width), or ``transpose(0, 1)`` where ``transpose(1, 2)`` was meant.
"""

from __future__ import annotations

from attnlint.findings import Property
from attnlint.interpreter.silent.attention import (
    FUSED,
    Attention,
    attention_of,
    comes_from_nowhere,
    history,
    is_heads_of,
)
from attnlint.interpreter.silent.flow import short_name
from attnlint.interpreter.silent.observation import Observation, Watcher
from attnlint.ops.axes import is_cut
from attnlint.ops.complaint import Complaint
from attnlint.values import Tensor


def product(observation: Observation) -> None:
    """The output of an attention."""
    attention = attention_of(observation)
    if attention is None or not isinstance(observation.result, Tensor):
        observation.run.unsure += comes_from_nowhere(observation)
        return
    query, key = attention.query, attention.key
    if any(map(is_cut, (*(query.axes or ()), *(key.axes or ())))):
        return  # reported where it was cut
    lies_along_heads = is_heads_of(
        history(query, attention.query_axis), history(query, attention.width_axes[0])
    ) and is_heads_of(history(key, attention.key_axis), history(key, attention.width_axes[1]))
    if not lies_along_heads:
        return
    tokens = _tokens(attention)
    if tokens is None:
        return
    name = short_name(observation.evidence)
    fused = name in FUSED
    what = name if fused else "the attention"
    layout = "(batch, tokens, heads, width)" if fused and FUSED[name][0] == -3 else "(batch, heads, tokens, width)"
    complaint = Complaint(
        "ATN303",
        f"{'' if fused else what + ' '}runs over the heads: a token sees no other token",
        advice=f"{what} wants {layout}: move the axis of the tokens with `.transpose(1, 2)` behind the split",
        arguments=("query", "key", "value") if fused else ("input", "other"),
    )
    wanted = Property(
        "sees_others",
        {"source": key, "source_axis": tokens[1], "result": observation.result, "result_axis": tokens[0]},
        (query, key, attention.value),
    )
    observation.report(complaint, wanted)


def _tokens(attention: Attention) -> tuple[int, int] | None:
    """The axis of the tokens in query and key, which is left as one of the batch; ``None`` when there is none."""
    query, key = attention.query, attention.key
    if query.shape.rank is None or query.shape.rank < 4 or key.shape.rank != query.shape.rank:
        return None
    used = {attention.query_axis, attention.width_axes[0]}
    free = [axis for axis in range(-query.shape.rank, 0) if axis not in used and query.shape.dims[axis] != 1]
    if len(free) < 2:
        return None
    # Of an input (batch, tokens, features) the inner one: the axis that came from nearer the end.
    axis = max(free, key=lambda axis: found.index if (found := history(query, axis)) is not None else -len(free))
    return axis, axis


WATCHERS: dict[str, Watcher] = dict.fromkeys(
    ("matmul", "bmm", "baddbmm", "einsum", "__matmul__", "scaled_dot_product_attention", "flash_attn_func"), product
)
