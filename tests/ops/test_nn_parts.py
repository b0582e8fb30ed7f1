"""Layers made of other layers, packed sequences, and what a layer's own attributes say."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from attnlint.algebra import Expression, Facts, Shape, Symbol
from attnlint.ops.complaint import Complaint
from attnlint.ops.dispatch import build_layer, call_op
from attnlint.ops.registry import find_layer, find_op
from attnlint.values import Instance, Tensor, TorchName
from tests.ops.differential import compare


def module(facts: Facts, name: str, *arguments: Any, **keywords: Any) -> Instance:
    layer = find_layer(f"torch.nn.{name}")
    assert layer is not None
    return Instance(TorchName(layer.name), build_layer(layer, arguments, keywords, facts))


def run(facts: Facts, instance: Instance, *arguments: Any, **keywords: Any) -> Any:
    layer = find_layer(instance.cls.name)
    assert layer is not None and layer.forward is not None
    return call_op(layer.forward, arguments, keywords, facts, layer=instance.attributes)


def tensor(*dims: Any, dtype: str = "float32") -> Tensor:
    return Tensor(Shape(dims), dtype)


def symbol(name: str) -> Expression:
    return Expression.of(Symbol(name, generic=True))


def test_a_stack_of_encoder_layers_keeps_the_shape() -> None:
    facts = Facts()
    stack = module(
        facts, "TransformerEncoder", module(facts, "TransformerEncoderLayer", 8, 2), 3, module(facts, "LayerNorm", 8)
    )
    assert run(facts, stack, tensor(5, 3, 8)).shape == Shape((5, 3, 8))


def test_the_norm_of_a_stack_must_have_its_width() -> None:
    facts = Facts()
    stack = module(
        facts, "TransformerEncoder", module(facts, "TransformerEncoderLayer", 8, 2), 1, module(facts, "LayerNorm", 6)
    )
    with pytest.raises(Complaint, match="the last dimension is 8 but normalized_shape is 6") as raised:
        run(facts, stack, tensor(5, 3, 8))
    assert raised.value.arguments == ("src",)


def test_a_complaint_of_a_part_names_the_arguments_of_the_whole() -> None:
    facts = Facts()
    model = module(facts, "Transformer", 8, 2, 1, 1)
    with pytest.raises(Complaint) as raised:
        run(facts, model, tensor(5, 3, 8), tensor(6, 3, 8), src_mask=tensor(3, 3))
    assert raised.value.code == "ATN111"
    assert raised.value.arguments[0] == "src_mask"


def test_a_layer_teaches_the_width_of_its_input() -> None:
    facts = Facts()
    width, other = symbol("dim"), symbol("inner")
    first, second = module(facts, "Linear", width, other), module(facts, "Linear", width, 4)
    with pytest.raises(Complaint, match="the last dimension is inner but in_features is dim"):
        facts.learn_different(width, other)
        run(facts, second, run(facts, first, tensor(2, width)))


def test_heads_that_do_not_divide_the_width() -> None:
    with pytest.raises(Complaint, match="embed_dim 512 is not divisible by num_heads 7") as raised:
        module(Facts(), "MultiheadAttention", 512, 7)
    assert raised.value.code == "ATN112"


def test_symbolic_heads_teach_that_they_divide_the_width() -> None:
    facts = Facts()
    width, heads = symbol("dim"), symbol("heads")
    attention = module(facts, "MultiheadAttention", width, heads)
    head = attention.attributes["head_dim"]
    assert facts.normal(head * heads) == width


def test_packed_sequences_go_through_a_recurrent_layer() -> None:
    facts = Facts()
    pack, pad = find_op("torch.nn.utils.rnn.pack_padded_sequence"), find_op("torch.nn.utils.rnn.pad_packed_sequence")
    assert pack is not None and pad is not None
    real_input, lengths = torch.ones(3, 5, 4), torch.tensor([5, 3, 2])
    packed = torch.nn.utils.rnn.pack_padded_sequence(real_input, lengths, batch_first=True)
    output, (hidden, _) = torch.nn.LSTM(4, 6, bidirectional=True, batch_first=True)(packed)
    real, _ = torch.nn.utils.rnn.pad_packed_sequence(output, batch_first=True)

    ours = call_op(pack, (tensor(3, 5, 4), tensor(3, dtype="int64")), {"batch_first": True}, facts)
    lstm = module(facts, "LSTM", 4, 6, bidirectional=True, batch_first=True)
    found, (state, _) = run(facts, lstm, ours)
    padded, _ = call_op(pad, (found,), {"batch_first": True}, facts)
    assert not compare(hidden, state)
    assert not compare(real, padded)


def test_tied_weights_are_what_the_layer_multiplies_by() -> None:
    facts = Facts()
    head, table = module(facts, "Linear", 8, 100), module(facts, "Embedding", 90, 8)
    head.attributes["weight"] = table.attributes["weight"]
    assert run(facts, head, tensor(2, 8)).shape == Shape((2, 90))


@pytest.mark.parametrize(
    ("name", "arguments", "options"),
    [
        ("Linear", (4, -2), {}),
        ("Linear", (-4, 2), {}),
        ("Embedding", (-1, 5), {}),
        ("Conv2d", (3, -4, 3), {}),
        ("Conv2d", (3, 4, -1), {}),
        ("LayerNorm", (-1,), {}),
        ("LayerNorm", (-1,), {"elementwise_affine": False}),
        ("BatchNorm1d", (-1,), {}),
        ("BatchNorm1d", (-1,), {"affine": False, "track_running_stats": False}),
        ("GroupNorm", (1, -4), {}),
        ("GroupNorm", (1, -4), {"affine": False}),
        ("InstanceNorm1d", (-1,), {}),
        ("MultiheadAttention", (8, 2), {"kdim": -4}),
        ("GRUCell", (-2, 3), {}),
    ],
)
def test_a_parameter_of_a_negative_size_cannot_be_made(
    name: str, arguments: tuple[int, ...], options: dict[str, Any]
) -> None:
    try:
        getattr(torch.nn, name)(*arguments, **options)
    except RuntimeError as error:
        assert "negative dimension" in str(error)
        with pytest.raises(Complaint, match="negative size"):
            module(Facts(), name, *arguments, **options)
    else:
        module(Facts(), name, *arguments, **options)
