"""Attention of other packages: ``flash_attn`` and ``xformers``. Their layout is (batch, length, heads, head size).

These packages cannot run on a machine without their GPU kernels, so only what their documentation and their checks
demand beyond doubt is demanded here.
"""

from __future__ import annotations

from attnlint.algebra import Answer, Dim, Shape
from attnlint.frozen import replace
from attnlint.ops.attention import CODE, demand_same
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.registry import alias, shape_rule
from attnlint.ops.results import fresh, unknown_shape
from attnlint.values import Tensor, Unknown, Value

_LAYOUT = "the layout is (batch, length, heads, head size)"
_OPTIONS = (
    "dropout_p=0.0, softmax_scale=None, causal=False, window_size=(-1, -1), softcap=0.0, alibi_slopes=None,"
    " deterministic=False, return_attn_probs=False, **options"
)


def of_rank(call: Call, name: str, rank: int, layout: str = _LAYOUT) -> Tensor:
    """The operand, which must have this many dimensions."""
    tensor = call.tensor(name)
    return call.demand_rank(
        tensor,
        (rank,),
        lambda: Complaint(
            CODE,
            f"{name} has {len(tensor.shape.dims)} dimensions, not {rank}",
            arguments=(name,),
            clash=(Clash(name, None),),
            advice=layout,
            about_rank=True,
        ),
    )


def _demand_groups(call: Call, heads: Dim, theirs: Dim, axes: tuple[int, int], names: tuple[str, str]) -> None:
    """Each key head serves as many query heads."""

    def complain() -> Complaint:
        return Complaint(
            CODE,
            f"{theirs} key heads do not divide {heads} query heads",
            arguments=(names[1], names[0]),
            clash=(Clash(names[0], axes[0], heads), Clash(names[1], axes[1], theirs)),
            advice=_LAYOUT,
        )

    if theirs == 0:
        raise CannotTell("there are no heads")
    answer = call.facts.divides(theirs, heads)
    call.demand(answer, complain)
    if answer is Answer.OPEN and not call.facts.learn_divides(theirs, heads, because=call.because):
        raise complain()


def _demand_half(call: Call, tensor: Tensor, name: str) -> None:
    if tensor.dtype in ("float64", "int64", "int32", "bool") or (tensor.dtype == "float32" and call.exact_dtypes):
        raise Complaint(
            "ATN115",
            f"{name} is {tensor.dtype}: only float16 and bfloat16 are supported",
            arguments=(name,),
            advice="convert with `.half()`",
        )


def _with_probabilities(call: Call, result: Tensor) -> Value:
    wanted = call.flag("return_attn_probs")
    if wanted is None:
        return Unknown("whether the probabilities are returned too")
    some = Tensor(unknown_shape(), "float32", result.device)
    return (result, some, some) if wanted else result


@shape_rule("flash_attn.flash_attn_func", signature=f"(q: Tensor, k: Tensor, v: Tensor, {_OPTIONS})")
def flash_attention(call: Call) -> Value:
    q, k, v = (of_rank(call, name, 4) for name in ("q", "k", "v"))
    _demand_half(call, q, "q")
    a, b, c = q.shape.dims, k.shape.dims, v.shape.dims
    recovery = Tensor(Shape((*a[:3], c[3])), q.dtype, q.device)
    demand_same(call, ("q", 0, a[0]), ("k", 0, b[0]), "batch sizes", advice=_LAYOUT, recovery=recovery)
    demand_same(call, ("q", 3, a[3]), ("k", 3, b[3]), "head sizes", advice=_LAYOUT, recovery=recovery)
    for axis, what in ((0, "batch sizes"), (1, "lengths"), (2, "numbers of heads")):
        demand_same(call, ("k", axis, b[axis]), ("v", axis, c[axis]), what, advice=_LAYOUT, recovery=recovery)
    _demand_groups(call, a[2], b[2], (2, 2), ("q", "k"))
    return _with_probabilities(call, fresh(call, (*a[:3], c[3]), q.dtype, like=q, axes=q.axes))


@shape_rule("flash_attn.flash_attn_qkvpacked_func", signature=f"(qkv: Tensor, {_OPTIONS})")
def flash_attention_packed(call: Call) -> Value:
    layout = "the layout is (batch, length, 3, heads, head size)"
    qkv = of_rank(call, "qkv", 5, layout)
    dims = qkv.shape.dims
    _demand_half(call, qkv, "qkv")
    _demand_count(call, "qkv", 2, dims[2], 3, layout)
    return _with_probabilities(call, fresh(call, (*dims[:2], *dims[3:]), qkv.dtype, like=qkv))


def _demand_count(call: Call, name: str, axis: int, size: Dim, wanted: int, layout: str) -> None:
    call.demand_equal(
        size,
        wanted,
        lambda: Complaint(
            CODE,
            f"axis {axis} of {name} is {size}, not {wanted}",
            arguments=(name,),
            clash=(Clash(name, axis, size),),
            advice=layout,
        ),
    )


@shape_rule("flash_attn.flash_attn_kvpacked_func", signature=f"(q: Tensor, kv: Tensor, {_OPTIONS})")
def flash_attention_kv_packed(call: Call) -> Value:
    layout = "the layout of kv is (batch, length, 2, heads, head size)"
    q, kv = of_rank(call, "q", 4), of_rank(call, "kv", 5, layout)
    a, b = q.shape.dims, kv.shape.dims
    _demand_half(call, q, "q")
    _demand_count(call, "kv", 2, b[2], 2, layout)
    demand_same(call, ("q", 0, a[0]), ("kv", 0, b[0]), "batch sizes", advice=layout, recovery=q)
    demand_same(call, ("q", 3, a[3]), ("kv", 4, b[4]), "head sizes", advice=layout, recovery=q)
    _demand_groups(call, a[2], b[3], (2, 3), ("q", "kv"))
    return _with_probabilities(call, fresh(call, a, q.dtype, like=q, axes=q.axes))


def _demand_offsets(call: Call, *names: str) -> None:
    """Where each sequence begins, and where the last one ends: int32, in one dimension, of one length."""
    known: list[tuple[str, Dim]] = []
    for name in names:
        if not isinstance(call[name], Tensor):
            continue
        offsets = of_rank(call, name, 1, "one number for each sequence, and one more")
        if offsets.dtype not in ("int32", None):
            raise Complaint(
                "ATN115",
                f"{name} is {offsets.dtype}, not int32",
                arguments=(name,),
                advice="convert with `.int()`, or pass `dtype=torch.int32` to `cumsum`",
            )
        known.append((name, offsets.shape.dims[0]))
    if len(known) == 2:
        (first, one), (second, other) = known
        demand_same(call, (first, 0, one), (second, 0, other), "numbers of sequences")


@shape_rule(
    "flash_attn.flash_attn_varlen_func",
    signature=(
        "(q: Tensor, k: Tensor, v: Tensor, cu_seqlens_q, cu_seqlens_k, max_seqlen_q=None, max_seqlen_k=None,"
        f" {_OPTIONS})"
    ),
)
def flash_attention_varlen(call: Call) -> Value:
    layout = "the layout is (all tokens, heads, head size)"
    q = of_rank(call, "q", 3, layout)
    k, v = call.tensor("k"), call.tensor("v")
    _demand_half(call, q, "q")
    _demand_offsets(call, "cu_seqlens_q", "cu_seqlens_k")
    a = q.shape.dims
    last: Dim = a[2]
    if k.shape.rank == 3 and v.shape.rank == 3:  # paged caches have four
        b, c = k.shape.dims, v.shape.dims
        recovery = Tensor(Shape((*a[:2], c[2])), q.dtype, q.device)
        demand_same(call, ("q", 2, a[2]), ("k", 2, b[2]), "head sizes", advice=layout, recovery=recovery)
        demand_same(call, ("k", 0, b[0]), ("v", 0, c[0]), "numbers of tokens", advice=layout, recovery=recovery)
        demand_same(call, ("k", 1, b[1]), ("v", 1, c[1]), "numbers of heads", advice=layout, recovery=recovery)
        _demand_groups(call, a[1], b[1], (1, 1), ("q", "k"))
        last = c[2]
    return _with_probabilities(call, fresh(call, (*a[:2], last), q.dtype, like=q))


@shape_rule(
    "flash_attn.flash_attn_varlen_qkvpacked_func", signature=f"(qkv: Tensor, cu_seqlens, max_seqlen, {_OPTIONS})"
)
def flash_attention_varlen_packed(call: Call) -> Value:
    layout = "the layout is (all tokens, 3, heads, head size)"
    qkv = of_rank(call, "qkv", 4, layout)
    dims = qkv.shape.dims
    _demand_half(call, qkv, "qkv")
    _demand_count(call, "qkv", 1, dims[1], 3, layout)
    _demand_offsets(call, "cu_seqlens")
    return _with_probabilities(call, fresh(call, (dims[0], *dims[2:]), qkv.dtype, like=qkv))


@shape_rule(
    "flash_attn.flash_attn_varlen_kvpacked_func",
    signature=(
        f"(q: Tensor, kv: Tensor, cu_seqlens_q, cu_seqlens_k, max_seqlen_q=None, max_seqlen_k=None, {_OPTIONS})"
    ),
)
def flash_attention_varlen_kv_packed(call: Call) -> Value:
    layout = "the layout of kv is (all tokens, 2, heads, head size)"
    q, kv = of_rank(call, "q", 3, "the layout is (all tokens, heads, head size)"), of_rank(call, "kv", 4, layout)
    a, b = q.shape.dims, kv.shape.dims
    _demand_half(call, q, "q")
    _demand_count(call, "kv", 1, b[1], 2, layout)
    demand_same(call, ("q", 2, a[2]), ("kv", 3, b[3]), "head sizes", advice=layout, recovery=q)
    _demand_groups(call, a[1], b[2], (1, 2), ("q", "kv"))
    _demand_offsets(call, "cu_seqlens_q", "cu_seqlens_k")
    return _with_probabilities(call, fresh(call, a, q.dtype, like=q, axes=q.axes))


@shape_rule(
    "flash_attn.flash_attn_with_kvcache",
    signature="(q: Tensor, k_cache: Tensor, v_cache: Tensor, k=None, v=None, **options)",
)
def flash_attention_with_cache(call: Call) -> Value:
    q = of_rank(call, "q", 4)
    _demand_half(call, q, "q")
    if call.arguments["options"].get("return_softmax_lse", False) is not False:
        raise CannotTell("the logsumexp is returned too")
    return fresh(call, q.shape, q.dtype, like=q, axes=q.axes)


for _name in (
    "flash_attn_func",
    "flash_attn_qkvpacked_func",
    "flash_attn_kvpacked_func",
    "flash_attn_varlen_func",
    "flash_attn_varlen_qkvpacked_func",
    "flash_attn_varlen_kvpacked_func",
    "flash_attn_with_kvcache",
):
    alias(f"flash_attn.flash_attn_interface.{_name}", f"flash_attn.{_name}")


@shape_rule(
    "torch.nn.attention.varlen.varlen_attn",
    signature=(
        "(query: Tensor, key: Tensor, value: Tensor, cu_seq_q, cu_seq_k, max_q, max_k, *, return_aux=None, scale=None,"
        " enable_gqa=False, block_table=None, **options)"
    ),
)
def variable_length_attention(call: Call) -> Value:
    """torch's own, for CUDA devices only. Its first releases have fewer options, and none that changes a shape."""
    layout = "the layout is (all tokens, heads, head size)"
    if call["block_table"] is not None or call["return_aux"] is not None or call.flag("enable_gqa") is None:
        raise CannotTell("keys and values may come in pages, and more than the output may be returned")
    query, key, value = (of_rank(call, name, 3, layout) for name in ("query", "key", "value"))
    a, b, c = query.shape.dims, key.shape.dims, value.shape.dims
    recovery = Tensor(Shape((*a[:2], c[2])), query.dtype, query.device)
    if call.flag("enable_gqa"):
        _demand_groups(call, a[1], b[1], (1, 1), ("query", "key"))
    else:
        demand_same(call, ("query", 1, a[1]), ("key", 1, b[1]), "numbers of heads", advice=layout, recovery=recovery)
    _demand_half(call, query, "query")
    _demand_offsets(call, "cu_seq_q", "cu_seq_k")
    demand_same(call, ("query", 2, a[2]), ("key", 2, b[2]), "head sizes", advice=layout, recovery=recovery)
    demand_same(call, ("key", 0, b[0]), ("value", 0, c[0]), "numbers of tokens", advice=layout, recovery=recovery)
    return fresh(call, (*a[:2], c[2]), query.dtype, like=query)


@shape_rule(
    "xformers.ops.memory_efficient_attention",
    signature=(
        "(query: Tensor, key: Tensor, value: Tensor, attn_bias=None, p=0.0, scale=None, *, op=None, output_dtype=None)"
    ),
)
def memory_efficient_attention(call: Call) -> Value:
    """(batch, length, head size), (batch, length, heads, head size), or with groups of heads in five dimensions."""
    operands = [(name, call.tensor(name)) for name in ("query", "key", "value")]
    if any(tensor.shape.rank is None for _, tensor in operands):
        raise CannotTell("an operand has an unknown number of dimensions")
    (_, q), (_, k), (_, v) = operands
    for name, tensor in operands:
        if tensor.shape.rank not in (3, 4, 5) or tensor.shape.rank != q.shape.rank:
            raise Complaint(
                CODE,
                f"{name} has {tensor.shape.rank} dimensions, query has {q.shape.rank}",
                arguments=(name, "query"),
                clash=(Clash(name, None),),
                advice=_LAYOUT,
                about_rank=True,
            )
    a, b, c = q.shape.dims, k.shape.dims, v.shape.dims
    if k.dtype == "int32":
        raise CannotTell("keys and values are quantised")
    recovery = replace(q, shape=Shape((*a[:-1], c[-1])), strides=None)
    demand_same(call, ("query", 0, a[0]), ("key", 0, b[0]), "batch sizes", advice=_LAYOUT, recovery=recovery)
    demand_same(call, ("query", -1, a[-1]), ("key", -1, b[-1]), "head sizes", advice=_LAYOUT, recovery=recovery)
    for axis, what in ((0, "batch sizes"), (1, "lengths")):
        demand_same(call, ("key", axis, b[axis]), ("value", axis, c[axis]), what, advice=_LAYOUT, recovery=recovery)
    for axis in range(2, len(a) - 1):
        demand_same(
            call,
            ("query", axis, a[axis]),
            ("key", axis, b[axis]),
            "numbers of heads",
            advice=_LAYOUT,
            recovery=recovery,
        )
        demand_same(
            call,
            ("key", axis, b[axis]),
            ("value", axis, c[axis]),
            "numbers of heads",
            advice=_LAYOUT,
            recovery=recovery,
        )
    if len(a) == 4 and isinstance(call["attn_bias"], Tensor):
        _demand_bias(call, (a[0], a[2], a[1], b[1]), recovery)
    return fresh(call, (*a[:-1], c[-1]), q.dtype, like=q)


def _demand_bias(call: Call, wanted: tuple[Dim, ...], recovery: Tensor) -> None:
    """A bias that is a tensor has exactly the shape of the scores: nothing is broadcast."""
    layout = "(batch, heads, queries, keys), not broadcast: use `.expand`"
    bias = of_rank(call, "attn_bias", 4, layout)
    for axis, (size, needed) in enumerate(zip(bias.shape.dims, wanted, strict=True)):
        clash = (Clash("attn_bias", axis, size), Clash("key" if axis == 3 else "query", (0, 2, 1, 1)[axis], needed))

        def complain(clash: tuple[Clash, Clash] = clash) -> Complaint:
            return Complaint(
                CODE,
                f"axis {clash[0].axis} of attn_bias is {clash[0].dim}, not {clash[1].dim}",
                arguments=("attn_bias",),
                clash=clash,
                advice=layout,
                recovery=recovery,
            )

        call.demand_equal(size, needed, complain, clash)


alias("xformers.ops.fmha.memory_efficient_attention", "xformers.ops.memory_efficient_attention")
