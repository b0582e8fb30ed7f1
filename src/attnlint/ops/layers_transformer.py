"""``nn.Transformer`` and its parts: encoder and decoder layers and stacks."""

from __future__ import annotations

from collections.abc import Mapping

from attnlint.algebra import Dim, Shape
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Complaint
from attnlint.ops.layer_children import child, copied, factory, members, module_list, repeated_list, run_child
from attnlint.ops.layer_input import known_size, trailing
from attnlint.ops.multihead_attention import attend, check_heads, of_layer
from attnlint.ops.multihead_masks import CODE
from attnlint.ops.promotion import DEFAULT
from attnlint.ops.registry import layer, shape_rule
from attnlint.ops.results import dtype_argument
from attnlint.ops.strides import contiguous_strides
from attnlint.values import Instance, Tensor, TorchName, Unknown, Value

_LAYER = (
    "(d_model, nhead, dim_feedforward=2048, dropout=0.1, activation=None, layer_norm_eps=1e-5, batch_first=False, "
    "norm_first=False, bias=True, device=None, dtype=None)"
)
_MANY = 48
"""Stacks of more layers than this are kept as one layer, repeated."""


def _build_layer(call: Call, attentions: tuple[str, ...], norms: int) -> dict[str, Value]:
    """The children of an encoder or decoder layer."""
    width, eps, bias = call["d_model"], call["layer_norm_eps"], call["bias"]
    check_heads(
        call, known_size(call, width, "d_model"), known_size(call, call["nhead"], "nhead"), ("d_model", "nhead")
    )
    activation = call["activation"]
    if isinstance(activation, str) and activation not in ("relu", "gelu"):
        raise Complaint(CODE, f"activation must be 'relu' or 'gelu', not {activation!r}", arguments=("activation",))
    options = {"dropout": call["dropout"], "bias": bias, "batch_first": call["batch_first"], **factory(call)}
    result: dict[str, Value] = {
        name: child(call, "MultiheadAttention", width, call["nhead"], **options) for name in attentions
    }
    result |= {
        "linear1": child(call, "Linear", width, call["dim_feedforward"], bias=bias, **factory(call)),
        "dropout": child(call, "Dropout", call["dropout"]),
        "linear2": child(call, "Linear", call["dim_feedforward"], width, bias=bias, **factory(call)),
        "norm_first": call["norm_first"],
        "activation": TorchName("torch.nn.functional.relu") if activation is None else activation,
    }
    for index in range(1, norms + 1):
        result[f"norm{index}"] = child(call, "LayerNorm", width, eps=eps, bias=bias, **factory(call))
        result[f"dropout{index}"] = child(call, "Dropout", call["dropout"])
    return result


def _attend(call: Call, attention: Value, operands: tuple[Tensor, Tensor, Tensor], names: Mapping[str, str]) -> Tensor:
    """One attention block of a layer; its complaints speak of the layer's arguments."""
    if not isinstance(attention, Instance) or attention.cls != TorchName("torch.nn.MultiheadAttention"):
        raise CannotTell("the attention of the layer is not torch's")
    arguments: dict[str, Value] = dict(zip(("query", "key", "value"), operands, strict=True))
    arguments |= {each: call.arguments.get(name) for each, name in names.items() if each not in arguments}
    arguments |= {"need_weights": False, "average_attn_weights": True}
    arguments["is_causal"] = False if arguments["is_causal"] is None else arguments["is_causal"]
    output, _ = attend(call, of_layer(call, attention.attributes, names), arguments, attention.attributes)
    assert isinstance(output, Tensor)
    return output


def _feed_forward(call: Call, tensor: Tensor) -> None:
    hidden = run_child(call, call.layer["linear1"], tensor)
    run_child(call, call.layer["linear2"], hidden)


_SELF = {
    "query": "src",
    "key": "src",
    "value": "src",
    "attn_mask": "src_mask",
    "key_padding_mask": "src_key_padding_mask",
    "is_causal": "is_causal",
}
_TARGET = {
    "query": "tgt",
    "key": "tgt",
    "value": "tgt",
    "attn_mask": "tgt_mask",
    "key_padding_mask": "tgt_key_padding_mask",
    "is_causal": "tgt_is_causal",
}
_CROSS = {
    "query": "tgt",
    "key": "memory",
    "value": "memory",
    "attn_mask": "memory_mask",
    "key_padding_mask": "memory_key_padding_mask",
    "is_causal": "memory_is_causal",
}


@layer(
    "torch.nn.TransformerEncoderLayer",
    constructor=_LAYER,
    forward="(src, src_mask=None, src_key_padding_mask=None, is_causal=False)",
)
class TransformerEncoderLayer:
    """Self-attention and a feed-forward block: the shape stays."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        return _build_layer(call, ("self_attn",), 2)

    @staticmethod
    def forward(call: Call) -> Value:
        source = call.tensor("src")
        output = _attend(call, call.layer.get("self_attn"), (source, source, source), _SELF)
        _feed_forward(call, output)
        return output


@layer(
    "torch.nn.TransformerDecoderLayer",
    constructor=_LAYER,
    forward="(tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None, memory_key_padding_mask=None, "
    "tgt_is_causal=False, memory_is_causal=False)",
)
class TransformerDecoderLayer:
    """Self-attention, attention over the memory, and a feed-forward block: the target's shape stays."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        return _build_layer(call, ("self_attn", "multihead_attn"), 3)

    @staticmethod
    def forward(call: Call) -> Value:
        target, memory = call.tensor("tgt"), call.tensor("memory")
        output = _attend(call, call.layer.get("self_attn"), (target, target, target), _TARGET)
        output = _attend(call, call.layer.get("multihead_attn"), (output, memory, memory), _CROSS)
        _feed_forward(call, output)
        return output


# --- stacks -----------------------------------------------------------------------------------------------------------


def _build_stack(call: Call, layer_name: str) -> dict[str, Value]:
    one, count = call[layer_name], call["num_layers"]
    if isinstance(one, Instance):
        known = isinstance(count, int) and count <= _MANY
        layers: Value = module_list(copied(one) for _ in range(count)) if known else repeated_list(one)
    else:
        layers = Unknown("the layer is not known", kind="module")
    return {"layers": layers, "num_layers": count, "norm": call["norm"]}


def _run_norm(call: Call, output: Value, argument: str) -> Value:
    norm = call.layer.get("norm")
    return output if norm is None else run_child(call, norm, output, rename={"input": argument, "x": argument})


@layer(
    "torch.nn.TransformerEncoder",
    constructor="(encoder_layer, num_layers, norm=None, enable_nested_tensor=True, mask_check=True)",
    forward="(src, mask=None, src_key_padding_mask=None, is_causal=None)",
)
class TransformerEncoder:
    """Encoder layers one after the other."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        return _build_stack(call, "encoder_layer") | {
            name: call[name] for name in ("enable_nested_tensor", "mask_check")
        }

    @staticmethod
    def forward(call: Call) -> Value:
        output: Value = call.tensor("src")
        options = {"src_mask": call["mask"], "src_key_padding_mask": call["src_key_padding_mask"]}
        # Without a hint torch compares the mask with the causal one, of exactly the right size.
        options["is_causal"] = False if call["is_causal"] is None else call["is_causal"]
        for each in members(call.layer.get("layers")):
            output = run_child(call, each, output, rename={"src_mask": "mask"}, **options)
        return _run_norm(call, output, "src")


@layer(
    "torch.nn.TransformerDecoder",
    constructor="(decoder_layer, num_layers, norm=None)",
    forward="(tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None, memory_key_padding_mask=None, "
    "tgt_is_causal=None, memory_is_causal=False)",
)
class TransformerDecoder:
    """Decoder layers one after the other."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        return _build_stack(call, "decoder_layer")

    @staticmethod
    def forward(call: Call) -> Value:
        output: Value = call.tensor("tgt")
        options = {name: value for name, value in call.arguments.items() if name not in ("tgt", "memory")}
        options["tgt_is_causal"] = False if options["tgt_is_causal"] is None else options["tgt_is_causal"]
        for each in members(call.layer.get("layers")):
            output = run_child(call, each, output, call["memory"], **options)
        return _run_norm(call, output, "tgt")


# --- the whole model --------------------------------------------------------------------------------------------------


@layer(
    "torch.nn.Transformer",
    constructor="(d_model=512, nhead=8, num_encoder_layers=6, num_decoder_layers=6, dim_feedforward=2048, dropout=0.1, "
    "activation=None, custom_encoder=None, custom_decoder=None, layer_norm_eps=1e-5, batch_first=False, "
    "norm_first=False, bias=True, device=None, dtype=None)",
    forward="(src, tgt, src_mask=None, tgt_mask=None, memory_mask=None, src_key_padding_mask=None, "
    "tgt_key_padding_mask=None, memory_key_padding_mask=None, src_is_causal=None, tgt_is_causal=None, "
    "memory_is_causal=False)",
)
class Transformer:
    """Encoder and decoder: ``(S, N, E)`` and ``(T, N, E)`` to ``(T, N, E)``."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        result: dict[str, Value] = {name: call[name] for name in ("d_model", "nhead", "batch_first")}
        shared = ("dim_feedforward", "dropout", "activation", "layer_norm_eps", "batch_first", "norm_first", "bias")
        options = {name: call[name] for name in shared} | factory(call)
        for part, stack in (("encoder", "TransformerEncoder"), ("decoder", "TransformerDecoder")):
            custom = call[f"custom_{part}"]
            if custom is not None:
                result[part] = custom
                continue
            one = child(call, f"{stack}Layer", call["d_model"], call["nhead"], **options)
            norm = child(
                call, "LayerNorm", call["d_model"], eps=call["layer_norm_eps"], bias=call["bias"], **factory(call)
            )
            result[part] = child(call, stack, one, call[f"num_{part}_layers"], norm)
        return result

    @staticmethod
    def forward(call: Call) -> Value:
        source, target = call.tensor("src"), call.tensor("tgt")
        width = known_size(call, call.layer.get("d_model"), "d_model")
        _check_batches(call, source, target)
        if width is not None:
            for name, tensor in (("src", source), ("tgt", target)):
                _check_width(call, tensor, name, width)
        encoder_options = {
            "mask": "src_mask",
            "src_key_padding_mask": "src_key_padding_mask",
            "is_causal": "src_is_causal",
        }
        memory = run_child(
            call,
            call.layer.get("encoder"),
            source,
            rename=encoder_options,
            **{inner: call[outer] for inner, outer in encoder_options.items()},
        )
        names = (
            "tgt_mask",
            "memory_mask",
            "tgt_key_padding_mask",
            "memory_key_padding_mask",
            "tgt_is_causal",
            "memory_is_causal",
        )
        return run_child(
            call,
            call.layer.get("decoder"),
            target,
            memory,
            rename={"memory": "src"},
            **{name: call[name] for name in names},
        )


def _check_width(call: Call, tensor: Tensor, name: str, width: Dim) -> None:
    cut = trailing(call, tensor, 1)
    found = cut.trailing[0]
    call.demand_equal(
        found,
        width,
        lambda: Complaint(CODE, f"the last dimension of {name} is {found} but d_model is {width}", arguments=(name,)),
    )


def _check_batches(call: Call, source: Tensor, target: Tensor) -> None:
    """The batch sizes are compared first, where there is a batch."""
    first = call.layer.get("batch_first")
    if source.shape.rank != 3 or target.shape.rank != 3 or not isinstance(first, bool):
        return
    axis = 0 if first else 1
    one, other = source.shape.dims[axis], target.shape.dims[axis]
    call.demand_equal(
        other,
        one,
        lambda: Complaint(
            CODE,
            f"the batch size (dimension {axis}) of tgt is {other} but that of src is {one}",
            arguments=("tgt", "src"),
            advice=f"batch_first is {first}, so the batch is dimension {axis}",
        ),
    )


@shape_rule("torch.nn.Transformer.generate_square_subsequent_mask", signature="(sz, device=None, dtype=None)")
def generate_square_subsequent_mask(call: Call) -> Value:
    size = call.dim("sz")
    return Tensor(Shape((size, size)), dtype=dtype_argument(call, DEFAULT), strides=contiguous_strides((size, size)))
