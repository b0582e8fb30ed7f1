"""The masks of ``nn.MultiheadAttention``: their dtypes, ranks and sizes; and what is known of the attention itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from attnlint.algebra import Dim
from attnlint.ops.call import Call
from attnlint.ops.complaint import Clash, Complaint
from attnlint.ops.layer_input import dimensions
from attnlint.ops.promotion import is_floating
from attnlint.values import Tensor, Value

CODE = "ATN111"


@dataclass(frozen=True, slots=True)
class Attention:
    """What a module or a call of the function says about the attention, as far as it is known."""

    embed: Dim | None
    heads: Dim | None
    key_width: Dim | None
    value_width: Dim | None
    packed: bool | None
    """One projection for query, key and value: then key and value have the same shape."""
    batch_first: bool | None
    extra: Dim | None
    """Positions that are added to the keys: ``add_bias_kv``, ``add_zero_attn``."""
    lenient: bool
    """torch may take its fast path, which does not look at everything (in ``eval`` mode, for self-attention)."""
    names: Mapping[str, str] = field(default_factory=dict)
    """How the outer call names ``query``, ``key``, ... where that differs."""

    def name(self, argument: str) -> str:
        return self.names.get(argument, argument)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Lengths and batch size of a call; no batch size for a call without a batch."""

    target: Dim
    source: Dim
    batch: Dim | None


def fit_operand(
    call: Call,
    attention: Attention,
    argument: str,
    tensor: Tensor,
    axis: int,
    found: Dim,
    wanted: Dim | None,
    parameter_name: str,
    what: str,
    *,
    other: Clash | None = None,
    advice: str = "",
) -> None:
    """Demand that an axis of an operand has the size that ``parameter_name`` says."""
    if wanted is None:
        return
    name = attention.name(argument)
    clash = (Clash(name, axis, found), other or Clash(parameter_name, None, wanted))
    call.demand_equal(
        found,
        wanted,
        lambda: Complaint(
            CODE,
            f"{what} of {name} is {call.facts.normal(found)} but {parameter_name} is {call.facts.normal(wanted)}",
            arguments=(name,) if other is None else (name, other.argument),
            clash=clash,
            advice=advice,
        ),
        clash,
    )


def check_mask_dtype(mask: Tensor | None, name: str) -> None:
    """Masks are bool or floating point."""
    if mask is not None and mask.dtype is not None and mask.dtype != "bool" and not is_floating(mask.dtype):
        raise Complaint(
            "ATN115",
            f"{name} has dtype {mask.dtype} but must be bool or floating point",
            arguments=(name,),
            advice=f"`{mask.label or name}.bool()`: True marks what is left out",
            about_rank=True,
        )


def check_causal(
    arguments: Mapping[str, Value], masks: Mapping[str, Tensor | None], attention: Attention, lenient: bool
) -> None:
    """The causal hint alone is not enough, except on the fast path."""
    if arguments["is_causal"] is True and arguments["attn_mask"] is None and not lenient:
        raise Complaint(
            CODE,
            "is_causal=True needs attn_mask",
            arguments=(attention.name("is_causal"),),
            advice="pass the causal mask too: `nn.Transformer.generate_square_subsequent_mask(length)`",
        )


def check_masks(
    call: Call,
    attention: Attention,
    masks: Mapping[str, Tensor | None],
    sizes: Sizes,
    arguments: Mapping[str, Value],
    lenient: bool,
) -> None:
    """Demand the exact sizes of both masks."""
    padding, mask = masks["key_padding_mask"], masks["attn_mask"]
    # With the causal hint and nothing else to do, torch drops the mask without looking at its sizes.
    dropped = (
        arguments["is_causal"] is not False
        and arguments["key_padding_mask"] is None
        and arguments["need_weights"] is not True
    )
    if padding is not None:
        _fit_mask(
            call,
            attention,
            "key_padding_mask",
            padding,
            (sizes.batch, sizes.source),
            ("the batch size", "the key length"),
        )
    if mask is None or mask.shape.rank is None:
        return
    name = attention.name("attn_mask")
    if mask.shape.rank not in (2, 3):
        raise Complaint(
            CODE,
            f"{name} has {dimensions(mask.shape.rank)} but must have 2 or 3",
            arguments=(name,),
            clash=(Clash(name, None),),
            advice="(L, S) for all, or (N * num_heads, L, S)",
            about_rank=True,
        )
    if dropped and not (sizes.batch is None and mask.shape.rank == 3):
        return
    if lenient and mask.shape.numel() == sizes.target * sizes.source:
        return  # the fast path views the mask as (L, S), whatever its shape is
    lengths = (sizes.target, sizes.source)
    meanings = ("the query length", "the key length")
    if mask.shape.rank == 2:
        _fit_mask(call, attention, "attn_mask", mask, lengths, meanings)
        return
    first = attention.heads if sizes.batch is None or attention.heads is None else sizes.batch * attention.heads
    meaning = "num_heads" if sizes.batch is None else "batch size * num_heads"
    _fit_mask(call, attention, "attn_mask", mask, (first, *lengths), (meaning, *meanings))


def _fit_mask(
    call: Call,
    attention: Attention,
    argument: str,
    mask: Tensor,
    wanted: tuple[Dim | None, ...],
    meanings: tuple[str, ...],
) -> None:
    """Masks must have exactly these sizes: nothing is broadcast. Without a batch the first of them is left out."""
    pairs = [
        (size, meaning)
        for size, meaning in zip(wanted, meanings, strict=True)
        if not (size is None and meaning == "the batch size")
    ]
    if mask.shape.rank is None:
        short = mask
        mask = call.demand_rank(
            short, (len(pairs),), lambda: Complaint(CODE, "the mask has another rank", about_rank=True)
        )
    for axis, (found, (size, meaning)) in enumerate(zip(mask.shape.dims, pairs, strict=True)):
        fit_operand(
            call,
            attention,
            argument,
            mask,
            axis,
            found,
            size,
            meaning,
            f"dimension {axis}",
            other=Clash(attention.name("key"), None, size),
        )
