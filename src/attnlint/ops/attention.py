"""``F.scaled_dot_product_attention`` and ``flex_attention``.

The rule is that of torch's reference (the MATH backend): scores are ``query @ key^T``, the mask is added to them in
place, and the result is ``scores @ value``. The fast kernels on the CPU check less: with four dimensions and as many
batches and heads everywhere, keys and values of different lengths run there, and compute nonsense (torch 2.13).
"""

from __future__ import annotations

from collections.abc import Sequence

from attnlint.algebra import Answer, Dim, Shape
from attnlint.frozen import replace
from attnlint.ops.broadcast import before_matrices, broadcast_shapes, expand_into
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.promotion import is_floating, is_integral
from attnlint.ops.registry import shape_rule
from attnlint.ops.release import since
from attnlint.ops.results import fresh
from attnlint.ops.views import trailing
from attnlint.values import Axis, Tensor, Value

CODE = "ATN110"
LAYOUT = "the layout is (batch, heads, length, head size)"
GROUPED = f"torch {since('torch.nn.functional.scaled_dot_product_attention(enable_gqa)')}"
"""What has ``enable_gqa``."""


def demand_same(
    call: Call,
    first: tuple[str, int, Dim],
    second: tuple[str, int, Dim],
    what: str,
    *,
    advice: str = "",
    recovery: Value = None,
) -> Dim:
    """Demand that an axis of two operands of an attention has one size."""
    clash = (Clash(*first), Clash(*second))
    return call.demand_equal(
        first[2],
        second[2],
        lambda: Complaint(
            CODE,
            f"{what} differ: {first[0]} has {first[2]}, {second[0]} has {second[2]}",
            arguments=(second[0], first[0]),
            clash=clash,
            advice=advice,
            recovery=recovery,
        ),
        clash,
    )


def demand_one_dtype(call: Call, operands: Sequence[tuple[str, Tensor]]) -> str | None:
    """Demand that query, key and value have one floating dtype."""
    first_name, first = operands[0]
    for name, other in operands[1:]:
        if first.dtype is None or other.dtype is None or first.dtype == other.dtype:
            continue
        if is_floating(first.dtype) and is_floating(other.dtype) and not call.exact_dtypes:
            continue
        raise Complaint(
            "ATN115",
            f"{first_name} is {first.dtype}, {name} is {other.dtype}",
            arguments=(name, first_name),
            advice="query, key and value must have one dtype",
        )
    if first.dtype is not None and is_integral(first.dtype):
        raise Complaint(
            "ATN115", f"not implemented for dtype {first.dtype}", arguments=(first_name,), advice="use `.float()`"
        )
    return first.dtype


def _at_least_two(call: Call, name: str) -> Tensor:
    tensor = call.tensor(name)
    if tensor.shape.rank is None:
        return trailing(call, tensor, 2)
    if tensor.shape.rank < 2:
        raise Complaint(
            CODE,
            f"{name} has {tensor.shape.rank} dimension{'s' * (tensor.shape.rank != 1)}, not 2 or more",
            arguments=(name,),
            clash=(Clash(name, None),),
            advice=LAYOUT,
            about_rank=True,
        )
    return tensor


@shape_rule(
    "torch.nn.functional.scaled_dot_product_attention",
    "torch._C._nn.scaled_dot_product_attention",
    signature=(
        "(query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor = None, dropout_p=0.0, is_causal=False, *,"
        " scale=None, enable_gqa=False)"
    ),
)
def scaled_dot_product_attention(call: Call) -> Tensor:
    query, key, value = (_at_least_two(call, name) for name in ("query", "key", "value"))
    dtype = demand_one_dtype(call, (("query", query), ("key", key), ("value", value)))
    _demand_probability(call)
    recovery = _like_query(query, value, dtype)
    q, k, v = query.shape, key.shape, value.shape
    demand_same(
        call,
        ("query", -1, q.dims[-1]),
        ("key", -1, k.dims[-1]),
        "head sizes",
        advice=f"query and key need one last size; {LAYOUT}",
        recovery=recovery,
    )
    demand_same(
        call,
        ("key", -2, k.dims[-2]),
        ("value", -2, v.dims[-2]),
        "lengths",
        advice=f"there must be as many values as keys; {LAYOUT}",
        recovery=recovery,
    )
    k_batch, v_batch = Shape(k.dims[:-2], k.rest), Shape(v.dims[:-2], v.rest)
    q_batch = Shape(q.dims[:-2], q.rest)
    if call.flag("enable_gqa"):
        q_batch, k_batch, v_batch = _grouped(call, query, key, value)
    elif call.flag("enable_gqa") is None:
        raise CannotTell("whether heads are grouped is not known")
    batch = _batch(call, (("query", q_batch), ("key", k_batch)), recovery)
    scores = Shape((*batch.dims, q.dims[-2], k.dims[-2]), batch.rest)
    _demand_mask(
        call, query, scores, same=q_batch == k_batch == v_batch and query.shape.dims[-1] == value.shape.dims[-1]
    )
    full = _batch(call, (("key", batch), ("value", v_batch)), recovery)
    axes = _axes(query, value) if full == q_batch else None
    return fresh(call, Shape((*full.dims, q.dims[-2], v.dims[-1]), full.rest), dtype, like=query, axes=axes)


def _like_query(query: Tensor, value: Tensor, dtype: str | None) -> Tensor:
    shape = Shape((*query.shape.dims[:-1], value.shape.dims[-1]), query.shape.rest)
    return Tensor(shape, dtype, query.device)


def _axes(query: Tensor, value: Tensor) -> tuple[Axis, ...] | None:
    if query.axes is None or value.axes is None or query.shape.rank is None or value.shape.rank is None:
        return None
    return (*query.axes[:-1], value.axes[-1])


def _demand_probability(call: Call) -> None:
    p = call["dropout_p"]
    if isinstance(p, int | float) and not 0 <= p <= 1:
        raise Complaint(CODE, f"dropout_p is {p}, not between 0 and 1", arguments=("dropout_p",))


def _batch(call: Call, shapes: Sequence[tuple[str, Shape]], recovery: Tensor) -> Shape:
    assumed, open_ = len(call.lucky), len(call.may_broadcast)
    try:
        batch = broadcast_shapes(call, shapes, code=CODE)
        for met, count in ((call.lucky, assumed), (call.may_broadcast, open_)):
            met[count:] = [(one, other, before_matrices(clash)) for one, other, clash in met[count:]]
        return batch
    except Complaint as complaint:
        left, right = before_matrices(complaint.clash)
        heads = left.axis == -3
        what = "numbers of heads" if heads else "batch sizes"
        advice = (
            f"repeat the key and value heads, or pass `enable_gqa=True` ({GROUPED} or newer)"
            if heads and _multiple(call, left.dim, right.dim)
            else LAYOUT
        )
        raise Complaint(
            CODE,
            f"{what} differ: {left.argument} has {left.dim}, {right.argument} has {right.dim}",
            arguments=complaint.arguments[::-1],
            clash=(left, right),
            advice=advice,
            recovery=recovery,
        ) from None


def _multiple(call: Call, many: Dim | None, few: Dim | None) -> bool:
    return many is not None and few is not None and call.facts.divides(few, many) is Answer.YES


def _grouped(call: Call, query: Tensor, key: Tensor, value: Tensor) -> tuple[Shape, Shape, Shape]:
    """Grouped-query attention: each key and value head serves as many query heads."""
    for name, tensor in (("query", query), ("key", key), ("value", value)):
        if tensor.shape.rank == 2:
            raise Complaint(
                CODE,
                f"{name} has no axis of heads",
                arguments=(name,),
                clash=(Clash(name, None),),
                advice=LAYOUT,
                about_rank=True,
            )
    query, key, value = (
        tensor if len(tensor.shape.dims) >= 3 else trailing(call, tensor, 3) for tensor in (query, key, value)
    )
    heads = query.shape.dims[-3]
    for name, tensor in (("key", key), ("value", value)):
        theirs = tensor.shape.dims[-3]

        def complain(name: str = name, theirs: Dim = theirs) -> Complaint:
            return Complaint(
                CODE,
                f"{theirs} {name} heads do not divide {heads} query heads",
                arguments=(name, "query"),
                clash=(Clash("query", -3, heads), Clash(name, -3, theirs)),
            )

        if theirs == 0:
            raise CannotTell("there are no heads")
        answer = call.facts.divides(theirs, heads)
        call.demand(answer, complain)
        if answer is Answer.OPEN and not call.facts.learn_divides(theirs, heads, because=call.because):
            raise complain()
    shapes = [Shape((*tensor.shape.dims[:-3], heads), tensor.shape.rest) for tensor in (query, key, value)]
    return shapes[0], shapes[1], shapes[2]


def _demand_mask(call: Call, query: Tensor, scores: Shape, *, same: bool) -> None:
    """The mask is added to the scores in place: it broadcasts to them, and never the other way round."""
    given = call["attn_mask"]
    if given is None:
        return
    mask = call.as_tensor(given, "attn_mask")
    _demand_mask_dtype(call, query, mask)
    if call.flag("is_causal") and scores.rank not in (None, 4):
        raise Complaint(
            CODE,
            "attn_mask and is_causal=True are given both",
            arguments=("attn_mask", "is_causal"),
            advice="put the causal mask into attn_mask",
            about_rank=True,
        )
    # The kernel that is chosen for four dimensions, when all sizes agree, looks at the last two axes of the mask.
    if mask.shape.rank in (0, 1) and scores.rank == 4 and same:
        raise Complaint(
            CODE,
            f"attn_mask has {mask.shape.rank} dimension{'s' * (mask.shape.rank != 1)}, not 2 or more",
            arguments=("attn_mask",),
            clash=(Clash("attn_mask", None),),
            advice="the last two axes of the mask are (query length, key length); one may be 1",
            about_rank=True,
        )
    expand_into(
        call,
        "attn_mask",
        mask.shape,
        scores,
        code=CODE,
        target_name="the scores",
        what=lambda size, wanted, axis: (
            f"attn_mask {mask.shape} does not broadcast to the scores {scores}: {size} is neither {wanted} nor 1"
        ),
    )


def _demand_mask_dtype(call: Call, query: Tensor, mask: Tensor) -> None:
    if mask.dtype is None or query.dtype is None or mask.dtype in ("bool", "float32", query.dtype):
        return
    if is_floating(mask.dtype) and not call.exact_dtypes:
        return
    raise Complaint(
        "ATN115",
        f"attn_mask is {mask.dtype}; it must be bool, float32, or {query.dtype} as the query",
        arguments=("attn_mask", "query"),
        advice="convert the mask with `.bool()` (true where to attend)"
        if is_integral(mask.dtype)
        else "convert the mask",
    )


@shape_rule(
    "torch.nn.attention.flex_attention.flex_attention",
    signature=(
        "(query: Tensor, key: Tensor, value: Tensor, score_mod=None, block_mask=None, scale=None, enable_gqa=False,"
        " return_lse=False, kernel_options=None, *, return_aux=None)"
    ),
)
def flex_attention(call: Call) -> Value:
    """Four dimensions each; the batch of key and value may be 1 when there is a block mask."""
    query, key, value = (call.tensor(name) for name in ("query", "key", "value"))
    dtype = demand_one_dtype(call, (("query", query), ("key", key), ("value", value)))
    for name, tensor in (("query", query), ("key", key), ("value", value)):
        if len(tensor.shape.dims) > 4 or tensor.shape.rank not in (None, 4):
            raise Complaint(
                CODE,
                f"{name} has {len(tensor.shape.dims)} dimensions, not 4",
                arguments=(name,),
                clash=(Clash(name, None),),
                advice=LAYOUT,
                about_rank=True,
            )
    q, k, v = (call.facts.require_rank(t.shape, 4, because=call.because).dims for t in (query, key, value))
    recovery = Tensor(Shape((*q[:3], v[3])), dtype, query.device)
    demand_same(call, ("query", 3, q[3]), ("key", 3, k[3]), "head sizes", recovery=recovery)
    demand_same(call, ("key", 2, k[2]), ("value", 2, v[2]), "lengths", recovery=recovery)
    demand_same(call, ("key", 1, k[1]), ("value", 1, v[1]), "numbers of heads", recovery=recovery)
    if call.flag("enable_gqa") is False:
        demand_same(
            call,
            ("query", 1, q[1]),
            ("key", 1, k[1]),
            "numbers of heads",
            advice="pass `enable_gqa=True`",
            recovery=recovery,
        )
    elif call.flag("enable_gqa"):
        _grouped(call, replace(query, shape=Shape(q)), replace(key, shape=Shape(k)), replace(value, shape=Shape(v)))
    if call["block_mask"] is None or call.facts.is_one(k[0]) is Answer.NO:
        demand_same(call, ("query", 0, q[0]), ("key", 0, k[0]), "batch sizes", recovery=recovery)
    result = fresh(call, (*q[:3], v[3]), dtype, like=query, axes=_axes(query, value))
    if call.flag("return_lse") is None or call["return_aux"] is not None:
        raise CannotTell("what flex_attention returns is not known")
    return (result, fresh(call, q[:3], "float32", like=query)) if call.flag("return_lse") else result
