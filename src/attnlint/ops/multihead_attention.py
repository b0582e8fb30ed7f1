"""``nn.MultiheadAttention`` and ``F.multi_head_attention_forward``: widths, heads, batches, masks."""

from __future__ import annotations

from collections.abc import Mapping

from attnlint.algebra import Answer, Dim, Shape, floor_divide
from attnlint.frozen import replace
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint, placeholder
from attnlint.ops.layer_children import child, factory
from attnlint.ops.layer_input import (
    dimensions,
    divides,
    known_size,
    optional_tensor,
    output_axes,
    parameter,
    refuse_integers,
    same_kind,
    trailing,
)
from attnlint.ops.multihead_masks import (
    CODE,
    Attention,
    Sizes,
    check_causal,
    check_mask_dtype,
    check_masks,
    fit_operand,
)
from attnlint.ops.registry import layer, shape_rule
from attnlint.ops.results import unknown_shape
from attnlint.values import Tensor, Unknown, Value

_PROJECTIONS = ("q_proj_weight", "k_proj_weight", "v_proj_weight")


def check_heads(
    call: Call, embed: Dim | None, heads: Dim | None, names: tuple[str, str] = ("embed_dim", "num_heads")
) -> None:
    """The heads must divide the width."""
    for name, size in zip(names, (embed, heads), strict=True):
        if isinstance(size, int) and size <= 0:
            raise Complaint(
                CODE,
                f"{name} must be greater than 0, got {size}",
                arguments=(name,),
                about_placeholder=placeholder(size),
            )
    if embed is None or heads is None:
        return
    divides(
        call,
        heads,
        embed,
        lambda: Complaint(
            "ATN112",
            f"{names[0]} {embed} is not divisible by {names[1]} {heads}",
            arguments=names,
            advice=_divisors(embed, heads),
        ),
    )


def _divisors(embed: Dim, heads: Dim) -> str:
    """The numbers of heads nearest to the one given that would do."""
    if not isinstance(embed, int) or not isinstance(heads, int):
        return ""
    near = sorted(
        (n for n in range(1, min(embed, 4 * heads) + 1) if embed % n == 0), key=lambda n: (abs(n - heads), n)
    )[:2]
    return f"{' or '.join(map(str, sorted(near)))} heads would do" if near else ""


def same_width(call: Call, given: Value, embed: Dim | None, width: Dim | None) -> bool | None:
    """Whether ``kdim`` is ``embed_dim``; ``None`` when not known."""
    if given is None:
        return True
    if embed is None or width is None:
        return None
    return {Answer.YES: True, Answer.NO: False}.get(call.facts.equal(embed, width))


@layer(
    "torch.nn.MultiheadAttention",
    constructor="(embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, add_zero_attn=False, "
    "kdim=None, vdim=None, batch_first=False, device=None, dtype=None)",
    forward="(query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None, average_attn_weights=True, "
    "is_causal=False)",
)
class MultiheadAttention:
    """``(L, N, E)``, ``(N, L, E)`` with ``batch_first``, or ``(L, E)``; keys ``(S, N, kdim)``, values likewise."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        embed = known_size(call, call["embed_dim"], "embed_dim")
        heads = known_size(call, call["num_heads"], "num_heads")
        check_heads(call, embed, heads)
        widths = {
            name: embed if call[name] is None else known_size(call, call[name], name) for name in ("kdim", "vdim")
        }
        same = [same_width(call, call[name], embed, widths[name]) for name in ("kdim", "vdim")]
        packed = False if False in same else None if None in same else True
        attributes: dict[str, Value] = {
            **{name: call[name] for name in ("embed_dim", "num_heads", "dropout", "batch_first", "add_zero_attn")},
            **{name: call["embed_dim"] if call[name] is None else call[name] for name in ("kdim", "vdim")},
            "head_dim": Unknown("a size of the layer is not known", kind="int"),
            "_qkv_same_embed_dim": Unknown("kdim and vdim may be embed_dim", kind="bool") if packed is None else packed,
            "out_proj": child(call, "Linear", call["embed_dim"], call["embed_dim"], bias=call["bias"], **factory(call)),
        }
        if embed is not None and heads is not None:
            attributes["head_dim"] = call.facts.normal(floor_divide(embed, heads))
        attributes |= _projections(call, embed, widths, packed)
        triple = None if embed is None else 3 * embed
        bias = call.flag("bias")
        unknown = Unknown("bias is not known", kind="tensor", optional=True)
        attributes["in_proj_bias"] = (
            unknown if bias is None else parameter(call, triple, label="in_proj_bias") if bias else None
        )
        extra = call.flag("add_bias_kv")
        for name in ("bias_k", "bias_v"):
            attributes[name] = unknown if extra is None else parameter(call, 1, 1, embed, label=name) if extra else None
        return attributes

    @staticmethod
    def forward(call: Call) -> Value:
        return attend(call, of_layer(call, call.layer), dict(call.arguments), call.layer)


def _projections(
    call: Call, embed: Dim | None, widths: Mapping[str, Dim | None], packed: bool | None
) -> dict[str, Value]:
    if packed is None:
        unknown = Unknown("kdim and vdim may be embed_dim", kind="tensor", optional=True)
        return dict.fromkeys(("in_proj_weight", *_PROJECTIONS), unknown)
    if packed:
        weight = parameter(call, None if embed is None else 3 * embed, embed, label="in_proj_weight")
        return {"in_proj_weight": weight, **dict.fromkeys(_PROJECTIONS)}
    inputs = (embed, widths["kdim"], widths["vdim"])
    weights = {
        name: parameter(call, embed, width, label=name) for name, width in zip(_PROJECTIONS, inputs, strict=True)
    }
    return {"in_proj_weight": None, **weights}


def of_layer(call: Call, attributes: Mapping[str, Value], names: Mapping[str, str] | None = None) -> Attention:
    """The attention that an ``nn.MultiheadAttention`` computes."""
    first, packed = attributes.get("batch_first"), attributes.get("_qkv_same_embed_dim")
    heads = known_size(call, attributes.get("num_heads"), "num_heads")
    odd = isinstance(heads, int) and heads % 2 == 1
    extra: Dim | None = 0
    for name in ("bias_k", "add_zero_attn"):
        value = attributes.get(name)
        if value is None or value is False:
            continue
        extra = None if extra is None or isinstance(value, Unknown) else extra + 1
    return Attention(
        embed=known_size(call, attributes.get("embed_dim"), "embed_dim"),
        heads=heads,
        key_width=known_size(call, attributes.get("kdim"), "kdim"),
        value_width=known_size(call, attributes.get("vdim"), "vdim"),
        packed=packed if isinstance(packed, bool) else None,
        batch_first=first if isinstance(first, bool) else None,
        extra=extra,
        lenient=first is not False and packed is not False and not odd and extra == 0,
        names=names or {},
    )


# --- the call ---------------------------------------------------------------------------------------------------------


def attend(call: Call, attention: Attention, arguments: Mapping[str, Value], attributes: Mapping[str, Value]) -> Value:
    """The pair (output, weights), after all that torch demands of the operands."""
    name = attention.name
    query, key, value = (call.as_tensor(arguments[each], name(each)) for each in ("query", "key", "value"))
    masks = {each: optional_tensor(call, arguments[each], name(each)) for each in ("key_padding_mask", "attn_mask")}
    for each, mask in masks.items():
        check_mask_dtype(mask, name(each))
    for each, tensor in (("query", query), ("key", key), ("value", value)):
        refuse_integers(call, tensor, name(each))
    rank = _common_rank(call, attention, query, key, value, masks)
    dtype = _dtype(call, query, attributes, name("query"))
    if rank is None:
        query, key, value = (trailing(call, tensor, 1).tensor for tensor in (query, key, value))
        _check_widths(call, attention, query, key, value)
        output = _output(call, query, dtype)
        return (output, _unknown_weights(arguments, dtype))
    query, key, value = (_ranked(call, tensor, rank) for tensor in (query, key, value))
    if rank == 3 and attention.batch_first is None:
        _check_widths(call, attention, query, key, value)
        return (_output(call, query, dtype), _unknown_weights(arguments, dtype))
    self_attention = arguments["query"] is arguments["key"] and arguments["key"] is arguments["value"]
    lenient = attention.lenient and self_attention and rank == 3
    check_causal(arguments, masks, attention, lenient)
    sizes = _check_operands(call, attention, query, key, value, rank)
    check_masks(call, attention, masks, sizes, arguments, lenient)
    return (_output(call, query, dtype), _weights(call, attention, arguments, sizes, dtype))


def _dtype(call: Call, query: Tensor, attributes: Mapping[str, Value], name: str) -> str | None:
    weight = attributes.get("in_proj_weight")
    weight = attributes.get("q_proj_weight") if weight is None else weight
    return same_kind(call, query, weight, (name, "the projection weight")) if isinstance(weight, Tensor) else None


def _common_rank(
    call: Call, attention: Attention, query: Tensor, key: Tensor, value: Tensor, masks: Mapping[str, Tensor | None]
) -> int | None:
    """3 with a batch, 2 without; ``None`` when nothing says which."""
    operands = {"query": query, "key": key, "value": value}
    known = {each: tensor.shape.rank for each, tensor in operands.items() if tensor.shape.rank is not None}
    for each, tensor in operands.items():
        least = call.facts.least_rank(tensor.shape)
        if (tensor.shape.rank is not None and tensor.shape.rank not in (2, 3)) or least > 3:
            raise Complaint(
                CODE,
                f"{attention.name(each)} has {dimensions(least)} but must have 3, or 2 without a batch",
                arguments=(attention.name(each),),
                clash=(Clash(attention.name(each), None),),
                about_rank=True,
            )
    if len(set(known.values())) > 1:
        first, other = next((a, b) for a in known for b in known if known[a] < known[b])
        raise Complaint(
            CODE,
            f"{attention.name(first)} has {dimensions(known[first])} but {attention.name(other)} has {known[other]}",
            arguments=(attention.name(first), attention.name(other)),
            about_rank=True,
        )
    rank = next(iter(known.values()), None)
    if rank is None and any(call.facts.least_rank(tensor.shape) == 3 for tensor in operands.values()):
        rank = 3
    padding = masks["key_padding_mask"]
    if padding is not None and padding.shape.rank is not None:
        if rank is not None and padding.shape.rank != rank - 1:
            raise Complaint(
                CODE,
                f"{attention.name('key_padding_mask')} has {dimensions(padding.shape.rank)} but must have {rank - 1}",
                arguments=(attention.name("key_padding_mask"),),
                clash=(Clash(attention.name("key_padding_mask"), None),),
                advice="its shape is (N, S): batch and key length"
                if rank == 3
                else "its shape is (S,): the key length",
                about_rank=True,
            )
        rank = rank or {1: 2, 2: 3}.get(padding.shape.rank)
    return rank


def _ranked(call: Call, tensor: Tensor, rank: int) -> Tensor:
    return call.demand_rank(tensor, (rank,), lambda: Complaint(CODE, f"must have {rank} dimensions", about_rank=True))


def _check_widths(call: Call, attention: Attention, query: Tensor, key: Tensor, value: Tensor) -> None:
    rows = (
        ("query", query, attention.embed, "embed_dim"),
        ("key", key, attention.key_width, "kdim" if attention.packed is not True else "embed_dim"),
        ("value", value, attention.value_width, "vdim" if attention.packed is not True else "embed_dim"),
    )
    for argument, tensor, wanted, name in rows:
        fit_operand(call, attention, argument, tensor, -1, tensor.shape.dims[-1], wanted, name, "the last dimension")


def _check_operands(call: Call, attention: Attention, query: Tensor, key: Tensor, value: Tensor, rank: int) -> Sizes:
    """Widths, batch sizes, and one length for keys and values."""
    _check_widths(call, attention, query, key, value)
    length, batch = (0, None) if rank == 2 else (1, 0) if attention.batch_first else (0, 1)
    name = attention.name
    if batch is not None:
        order = "(N, L, E): batch, length, width" if attention.batch_first else "(L, N, E): length, batch, width"
        advice = f"batch_first is {attention.batch_first}, so the operands are {order}"
        wanted = query.shape.dims[batch]
        for argument, tensor in (("key", key), ("value", value)):
            found = tensor.shape.dims[batch]
            other = Clash(name("query"), batch, wanted)
            what = f"the batch size (dimension {batch})"
            fit_operand(
                call,
                attention,
                argument,
                tensor,
                batch,
                found,
                wanted,
                f"that of {name('query')}",
                what,
                other=other,
                advice=advice,
            )
    fit_operand(
        call,
        attention,
        "value",
        value,
        length,
        value.shape.dims[length],
        key.shape.dims[length],
        f"that of {name('key')}",
        f"the length (dimension {length})",
        other=Clash(name("key"), length, key.shape.dims[length]),
    )
    return Sizes(query.shape.dims[length], key.shape.dims[length], None if batch is None else query.shape.dims[batch])


def _output(call: Call, query: Tensor, dtype: str | None) -> Tensor:
    """As long as the query, with features of its own."""
    axes = None if query.axes is None or not query.axes else (*query.axes[:-1], *output_axes(call, 1))
    return Tensor(query.shape, dtype=dtype, device=query.device, axes=axes)


def _unknown_weights(arguments: Mapping[str, Value], dtype: str | None) -> Value:
    needed = arguments["need_weights"]
    if needed is False:
        return None
    return (
        Tensor(unknown_shape(), dtype=dtype) if needed is True else Unknown("need_weights is not known", optional=True)
    )


def _weights(
    call: Call, attention: Attention, arguments: Mapping[str, Value], sizes: Sizes, dtype: str | None
) -> Value:
    average = arguments["average_attn_weights"]
    if arguments["need_weights"] is not True or not isinstance(average, bool) or attention.extra is None:
        return _unknown_weights(arguments, dtype)
    heads = attention.heads if attention.heads is not None else call.fresh("num_heads", minimum=1)
    lead = () if sizes.batch is None else (sizes.batch,)
    middle = () if average else (heads,)
    return Tensor(Shape((*lead, *middle, sizes.target, call.facts.normal(sizes.source + attention.extra))), dtype=dtype)


@shape_rule(
    "torch.nn.functional.multi_head_attention_forward",
    signature="(query, key, value, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k, bias_v, "
    "add_zero_attn, dropout_p, out_proj_weight, out_proj_bias, training=True, key_padding_mask=None, "
    "need_weights=True, attn_mask=None, use_separate_proj_weight=False, q_proj_weight=None, k_proj_weight=None, "
    "v_proj_weight=None, static_k=None, static_v=None, average_attn_weights=True, is_causal=False)",
)
def multi_head_attention_forward(call: Call) -> Value:
    if call["static_k"] is not None or call["static_v"] is not None:
        raise CannotTell("static keys or values are given")
    embed = known_size(call, call["embed_dim_to_check"], "embed_dim")
    heads = known_size(call, call["num_heads"], "num_heads")
    separate = call.flag("use_separate_proj_weight")
    check_heads(call, embed, heads)
    widths: list[Dim | None] = [embed, embed]
    if separate is not False:
        weights = (optional_tensor(call, call[name], name) for name in _PROJECTIONS[1:])
        widths = [w.shape.dims[1] if w is not None and w.shape.rank == 2 else None for w in weights]
    added = [call["bias_k"], call["add_zero_attn"]]
    extra = (
        None
        if any(isinstance(value, Unknown) for value in added)
        else sum(value not in (None, False) for value in added)
    )
    attention = Attention(
        embed, heads, widths[0], widths[1], None if separate is None else not separate, False, extra, False
    )
    result = attend(call, attention, call.arguments, call.arguments)
    if not (isinstance(result, tuple) and isinstance(result[0], Tensor) and result[0].shape.dims):
        return result
    # The projection of the result may have another width than the one that the heads share (CLIP's attention pooling).
    projection = optional_tensor(call, call["out_proj_weight"], "out_proj_weight")
    known = projection is not None and projection.shape.rank == 2
    width = projection.shape.dims[0] if projection is not None and known else call.fresh("n")
    shape = Shape((*result[0].shape.dims[:-1], width), result[0].shape.rest)
    return (replace(result[0], shape=shape, strides=None, axes=None, elements=None), *result[1:])
