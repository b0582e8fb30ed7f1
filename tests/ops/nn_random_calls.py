"""Random calls of ``torch.nn``, near the border of validity: mostly right, with a size or two off."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import torch

from tests.ops.nn_cases import Case, function, layer, real

Sizes = list[int]


class Draw:
    """What a random call is drawn from."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def size(self, low: int = 1, high: int = 4) -> int:
        return self.random.randint(low, high)

    def sizes(self, count: int, low: int = 1, high: int = 4) -> Sizes:
        return [self.size(low, high) for _ in range(count)]

    def pick(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def flag(self) -> bool:
        return self.chance(0.5)

    def mostly(self, usual: int, *, low: int = 1, high: int = 4) -> int:
        """The usual size, or another one now and then."""
        return usual if self.chance(0.85) else self.size(low, high)

    def disturbed(self, shape: Sizes, probability: float = 0.12) -> Any:
        """A tensor of the shape; sometimes a size is another, or an axis is missing."""
        shape = list(shape)
        if shape and self.chance(probability):
            shape[self.size(0, len(shape) - 1)] = self.size()
        if shape and self.chance(probability / 3):
            shape = shape[1:]
        return real(*shape)

    def batched(self, shape: Sizes) -> Sizes:
        """Mostly with a batch in front."""
        return [self.size(1, 3), *shape] if self.chance(0.8) else shape


def linear(draw: Draw) -> Case:
    width, out = draw.size(), draw.size()
    tensor = real(*draw.sizes(draw.size(0, 3)), draw.mostly(width))
    if draw.flag():
        return layer("Linear", width, out)(tensor)
    weight = real(out, width) if draw.chance(0.8) else real(width)
    return function("linear", tensor, weight, *([real(draw.mostly(out))] if draw.flag() else []))


def convolution(draw: Draw) -> Case:
    count, groups = draw.size(1, 3), draw.pick(1, 1, 1, 2, 3)
    channels, out = groups * draw.size(1, 3), draw.mostly(groups * draw.size(1, 3))
    options = {
        "stride": draw.pick(1, 1, 2, 3, tuple(draw.sizes(count, 1, 3))),
        "padding": draw.pick(0, 0, 1, 2, "same", "valid", tuple(draw.sizes(count, 0, 2))),
        "dilation": draw.pick(1, 1, 2),
        "groups": groups,
        "padding_mode": draw.pick("zeros", "zeros", "zeros", "reflect", "circular", "replicate"),
        "bias": draw.flag(),
    }
    kernel = draw.pick(1, 2, 3, 4, tuple(draw.sizes(count, 1, 3)))
    shape = draw.batched([draw.mostly(channels), *draw.sizes(count, 1, 6)])
    return layer(f"Conv{count}d", channels, out, kernel, **options)(draw.disturbed(shape, 0.05))


def transposed_convolution(draw: Draw) -> Case:
    count, groups = draw.size(1, 3), draw.pick(1, 1, 2)
    channels, out = groups * draw.size(1, 2), groups * draw.size(1, 2)
    options = {
        "stride": draw.size(1, 3),
        "padding": draw.size(0, 2),
        "dilation": draw.size(1, 2),
        "groups": groups,
        "output_padding": draw.pick(0, 0, 1),
    }
    tensor = real(*draw.batched([draw.mostly(channels), *draw.sizes(count, 1, 5)]))
    wanted = {"output_size": tuple(draw.sizes(count, 1, 14))} if draw.chance(0.3) else {}
    return layer(f"ConvTranspose{count}d", channels, out, draw.size(1, 3), **options)(tensor, **wanted)


def pooling(draw: Draw) -> Case:
    count, kind = draw.size(1, 3), draw.pick("MaxPool", "AvgPool", "LPPool")
    options: dict[str, Any] = {"stride": draw.pick(None, 1, 2, 3, 4), "ceil_mode": draw.flag()}
    if kind != "LPPool":
        options["padding"] = draw.pick(0, 0, 1, 2)
    if kind == "MaxPool":
        options |= {"dilation": draw.pick(1, 1, 2), "return_indices": draw.flag()}
    kernel = draw.size(1, 4)
    arguments = (draw.pick(1, 2, 3.0), kernel) if kind == "LPPool" else (kernel,)
    tensor = draw.disturbed(draw.batched([draw.size(1, 2), *draw.sizes(count, 1, 7)]), 0.05)
    return layer(f"{kind}{count}d", *arguments, **options)(tensor)


def adaptive_pooling(draw: Draw) -> Case:
    count = draw.size(1, 3)
    wanted = draw.pick(1, draw.size(), tuple(draw.sizes(count)))
    tensor = draw.disturbed(draw.batched([draw.size(1, 2), *draw.sizes(count, 1, 7)]))
    return layer(f"Adaptive{draw.pick('Avg', 'Max')}Pool{count}d", wanted)(tensor)


def unpooling(draw: Draw) -> Case:
    count = draw.size(1, 3)
    shape = draw.batched([draw.size(1, 2), *draw.sizes(count, 1, 3)])
    indices = torch.zeros([draw.mostly(size, high=3) for size in shape], dtype=torch.long)
    wanted = {"output_size": tuple(draw.sizes(count, 1, 9))} if draw.chance(0.4) else {}
    made = layer(f"MaxUnpool{count}d", draw.size(2, 3), stride=draw.pick(None, 2), padding=draw.size(0, 1))
    return made(real(*shape), indices, **wanted)


def folding(draw: Draw) -> Case:
    options = {"dilation": draw.size(1, 2), "padding": draw.size(0, 1), "stride": draw.size(1, 2)}
    if draw.flag():
        tensor = real(*draw.batched([draw.size(1, 3), *draw.sizes(2, 1, 7)]))
        return layer("Unfold", draw.pick(1, 2, 3, (2, 3)), **options)(tensor)
    kernel, blocks, output = draw.size(1, 2), 1, draw.sizes(2, 2, 5)
    for size in output:
        reach = options["dilation"] * (kernel - 1) + 1
        blocks *= max(0, (size + 2 * options["padding"] - reach) // options["stride"] + 1)
    columns = draw.mostly(kernel * kernel * draw.size(1, 2), high=9)
    return layer("Fold", tuple(output), kernel, **options)(real(*draw.batched([columns, draw.mostly(blocks, high=9)])))


def trailing_normalization(draw: Draw) -> Case:
    wanted = draw.sizes(draw.size(1, 2))
    shape = draw.sizes(draw.size(0, 2)) + [draw.mostly(size) for size in wanted]
    given = wanted[0] if len(wanted) == 1 and draw.flag() else tuple(wanted)
    return layer(draw.pick("LayerNorm", "RMSNorm"), given, elementwise_affine=draw.flag())(real(*shape))


def channel_normalization(draw: Draw) -> Case:
    if draw.flag():
        groups = draw.size(1, 3)
        channels = draw.mostly(groups * draw.size(1, 3), high=6)
        shape = [draw.size(1, 3), draw.mostly(channels, high=6), *draw.sizes(draw.size(0, 3), 1, 3)]
        return layer("GroupNorm", groups, channels, affine=draw.flag())(draw.disturbed(shape, 0.05))
    count, channels = draw.size(1, 3), draw.size()
    shape = [draw.mostly(channels), *draw.sizes(draw.mostly(count, low=0), 2, 3)]
    shape = [draw.size(2, 3), *shape] if draw.chance(0.8) else shape
    kind = draw.pick("BatchNorm", "InstanceNorm")
    return layer(f"{kind}{count}d", channels, affine=draw.flag(), track_running_stats=draw.flag())(real(*shape))


def recurrent(draw: Draw) -> Case:
    kind, width, hidden, layers = draw.pick("RNN", "LSTM", "GRU"), draw.size(), draw.size(2, 4), draw.size(1, 2)
    options: dict[str, Any] = {"num_layers": layers, "bidirectional": draw.flag(), "batch_first": draw.flag()}
    if kind == "LSTM" and draw.chance(0.4):
        options["proj_size"] = 1
    shape = [*draw.sizes(2), draw.mostly(width)]
    if draw.chance(0.3):
        shape = shape[1:]
    inputs: list[Any] = [real(*shape)]
    if draw.flag():
        batch = [] if len(shape) == 2 else [shape[0 if options["batch_first"] else 1]]
        lead = [layers * (1 + options["bidirectional"]), *batch]
        state = draw.disturbed([*lead, options.get("proj_size", hidden)], 0.2)
        inputs.append((state, draw.disturbed([*lead, hidden], 0.2)) if kind == "LSTM" else state)
    return layer(kind, width, hidden, **options)(*inputs)


def cell(draw: Draw) -> Case:
    kind, width, hidden = draw.pick("RNNCell", "LSTMCell", "GRUCell"), draw.size(), draw.size(2, 4)
    lead = draw.sizes(1, 2, 3) if draw.chance(0.7) else []
    inputs: list[Any] = [real(*lead, draw.mostly(width))]
    if draw.chance(0.7):
        states = draw.disturbed([*lead, hidden]), draw.disturbed([*lead, hidden])
        inputs.append(states if kind == "LSTMCell" else states[0])
    return layer(kind, width, hidden)(*inputs)


def attention(draw: Draw) -> Case:
    heads = draw.size(1, 3)
    width, first = draw.mostly(heads * draw.size(1, 3), high=6), draw.flag()
    options: dict[str, Any] = {"batch_first": first, "bias": draw.flag()}
    widths = {"kdim": width, "vdim": width}
    for name in widths:
        if draw.chance(0.3):
            widths[name] = options[name] = draw.size()
    for name in ("add_zero_attn", "add_bias_kv"):
        options[name] = draw.chance(0.2)
    target, source, batch, batched = draw.size(), draw.size(), draw.size(), draw.chance(0.8)

    def operand(length: int, size: int) -> Any:
        shape = [length, size] if not batched else [batch, length, size] if first else [length, batch, size]
        return draw.disturbed(shape, 0.07)

    masks: dict[str, Any] = {}
    if draw.chance(0.4):
        masks["key_padding_mask"] = draw.disturbed([batch, source] if batched else [source], 0.2)
    if draw.chance(0.4):
        lead = draw.pick([], [batch * heads if batched else heads])
        masks["attn_mask"] = draw.disturbed([*lead, target, source], 0.2)
    for name in ("need_weights", "average_attn_weights"):
        masks[name] = draw.flag()
    masks["is_causal"] = draw.chance(0.1)
    operands = operand(target, width), operand(source, widths["kdim"]), operand(source, widths["vdim"])
    return layer("MultiheadAttention", width, heads, **options)(*operands, **masks)


def transformer(draw: Draw) -> Case:
    heads = draw.size(1, 2)
    width, first, batch, batched = draw.mostly(heads * draw.size(1, 2)), draw.flag(), draw.size(1, 3), draw.chance(0.85)
    lengths = {"src": draw.size(), "tgt": draw.size(), "memory": draw.size()}
    kind = draw.pick("TransformerEncoderLayer", "TransformerDecoderLayer", "Transformer")
    names = {
        "TransformerEncoderLayer": ("src",),
        "TransformerDecoderLayer": ("tgt", "memory"),
        "Transformer": ("src", "tgt"),
    }[kind]
    if kind == "Transformer":
        lengths["memory"] = lengths["src"]

    def operand(length: int) -> Any:
        shape = [length, width] if not batched else [batch, length, width] if first else [length, batch, width]
        return draw.disturbed(shape, 0.06)

    masks: dict[str, Any] = {}
    for name in (*names, *(("memory",) if kind == "Transformer" else ())):
        rows = lengths["tgt"] if name == "memory" else lengths[name]
        if draw.chance(0.4):
            masks[f"{name}_mask"] = draw.disturbed([rows, lengths[name]], 0.15)
        if draw.chance(0.4):
            masks[f"{name}_key_padding_mask"] = draw.disturbed(
                [batch, lengths[name]] if batched else [lengths[name]], 0.15
            )
    stack = (1, 1) if kind == "Transformer" else ()
    made = layer(kind, width, heads, *stack, dim_feedforward=8, batch_first=first, norm_first=draw.flag())
    return made(*(operand(lengths[name]) for name in names), **masks)


def classification_loss(draw: Draw) -> Case:
    batch, classes, space = draw.size(1, 3), draw.size(), draw.sizes(draw.size(0, 3), 1, 3)
    shape, target = [batch, classes, *space], [batch, *space]
    if draw.chance(0.15):
        shape, target = [classes], draw.pick([], [1], [classes])
    if draw.chance(0.15):
        target = list(shape)
    target = list(draw.disturbed(target, 0.2).shape)
    dtype = draw.pick(torch.long, torch.long, torch.long, torch.float, torch.int, torch.uint8)
    options: dict[str, Any] = {"reduction": draw.pick("none", "mean", "sum")}
    if draw.chance(0.2):
        options["weight"] = real(draw.mostly(classes))
    scores = real(*shape)
    return function(draw.pick("cross_entropy", "nll_loss"), scores, torch.zeros(target, dtype=dtype), **options)


def elementwise_loss(draw: Draw) -> Case:
    name = draw.pick(
        *("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "kl_div", "soft_margin_loss", "hinge_embedding_loss"),
        *(
            "poisson_nll_loss",
            "multilabel_soft_margin_loss",
            "binary_cross_entropy",
            "binary_cross_entropy_with_logits",
        ),
    )
    shape = draw.sizes(draw.size(1, 3), 1, 3)
    return function(name, real(*shape), draw.disturbed(shape, 0.4), reduction=draw.pick("none", "mean"))


def embedding_loss(draw: Draw) -> Case:
    name = draw.pick("margin_ranking_loss", "cosine_embedding_loss", "triplet_margin_loss")
    shape = draw.sizes(draw.size(1, 3), 1, 3)
    last = draw.disturbed(shape[:-1] if name == "cosine_embedding_loss" else shape)
    return function(name, draw.disturbed(shape), draw.disturbed(shape), last, reduction=draw.pick("none", "mean"))


def padding(draw: Draw) -> Case:
    shape, mode = draw.sizes(draw.size(1, 5)), draw.pick("constant", "constant", "reflect", "replicate", "circular")
    count = draw.size(0, min(4, len(shape) + 1)) if mode == "constant" else draw.size(1, 3)
    return function("pad", real(*shape), tuple(draw.sizes(2 * count, -2, 4)), mode)


def resizing(draw: Draw) -> Case:
    count = draw.size(1, 3)
    smooth = ("linear", "bilinear", "trilinear")
    mode = draw.pick("nearest", "nearest", "area", smooth[count - 1], smooth[count - 1], draw.pick(*smooth, "bicubic"))
    options: dict[str, Any] = {"mode": mode}
    if draw.flag():
        options["size"] = draw.pick(draw.size(0, 5), tuple(draw.sizes(count)), tuple(draw.sizes(draw.size(1, 3))))
    else:
        options["scale_factor"] = draw.pick(2, 0.5, 1.5, 0.3, tuple(draw.pick(1, 2, 0.5) for _ in range(count)))
    return function("interpolate", draw.disturbed([*draw.sizes(2, 1, 2), *draw.sizes(count, 1, 5)], 0.1), **options)


def grid_sampling(draw: Draw) -> Case:
    count = draw.pick(2, 2, 3)
    shape = [*draw.sizes(2, 1, 3), *draw.sizes(count)]
    grid = draw.disturbed([shape[0], *draw.sizes(count, 1, 3), draw.mostly(count, low=2, high=3)])
    return function("grid_sample", real(*shape), grid, mode=draw.pick("bilinear", "nearest", "bicubic"))


def shuffling(draw: Draw) -> Case:
    name = draw.pick("pixel_shuffle", "pixel_unshuffle", "channel_shuffle")
    return function(name, real(*draw.sizes(draw.size(2, 5), 1, 9)), draw.size(1, 3))


def table(draw: Draw) -> Case:
    count, shape = draw.size(2, 5), draw.sizes(draw.size(0, 3), 1, 3)
    if draw.flag():
        indices = torch.full(shape, draw.size(0, 5), dtype=draw.pick(torch.long, torch.int, torch.float))
        return layer("Embedding", count, draw.size())(indices)
    offsets = {"offsets": torch.zeros(draw.sizes(draw.size(1, 2), 1, 3), dtype=torch.long)} if draw.flag() else {}
    made = layer(
        "EmbeddingBag", count, draw.size(), include_last_offset=draw.flag(), mode=draw.pick("sum", "mean", "max")
    )
    return made(torch.zeros(shape, dtype=torch.long), **offsets)


def along_an_axis(draw: Draw) -> Case:
    name = draw.pick("glu", "softmax", "log_softmax", "softmin", "normalize")
    return function(name, real(*draw.sizes(draw.size(0, 3))), dim=draw.size(-3, 3))


def distance(draw: Draw) -> Case:
    shape = draw.sizes(draw.size(1, 3), 1, 3)
    operands = draw.disturbed(shape, 0.2), draw.disturbed(shape, 0.2)
    if draw.flag():
        return function("cosine_similarity", *operands, dim=draw.size(-3, 3))
    return function("pairwise_distance", *operands, keepdim=draw.flag())


FAMILIES: tuple[Callable[[Draw], Case], ...] = (
    linear,
    convolution,
    transposed_convolution,
    pooling,
    adaptive_pooling,
    unpooling,
    folding,
    trailing_normalization,
    channel_normalization,
    recurrent,
    cell,
    attention,
    transformer,
    classification_loss,
    elementwise_loss,
    embedding_loss,
    padding,
    resizing,
    grid_sampling,
    shuffling,
    table,
    along_an_axis,
    distance,
)
