"""einops against einops itself."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
from torch import randn

from attnlint.algebra import Facts
from attnlint.ops.complaint import Complaint
from attnlint.ops.dispatch import build_layer, call_op
from attnlint.ops.registry import find_layer

from .agreement import Agreement
from .differential import abstract, compare, resolve

PATTERNS = (
    "b n (h d) -> b h n d|b h n d -> b n (h d)|a b -> b a|a b -> (a b)|(a b) -> a b|a 1 -> a|a () -> a|a -> a 1|a b|"
    "a -> b -> c|a b -> a|a -> a b|... d -> d ...|... (h d) -> h ... d|b ... -> b (...)|a a -> a|(a (b c)) -> a b c|"
    "(a b -> a b|a b) -> a b|a. b -> a b|_a b -> b _a|a 2 -> 2 a|a & b -> a b|(...) a -> a|a -> ... a|... -> ...|"
    "b (h w) c -> b c h w|b c (h p1) (w p2) -> b (h w) (p1 p2 c)||->|(1 a) b -> a b|b n (three h d) -> three b h n d|"
    "... a b -> ... (a b)|a 3 -> a"
).split("|")
SIZES: list[dict[str, int]] = [{}, {"h": 2}, {"h": 2, "d": 3}, {"a": 2}, {"b": 2}, {"z": 2}, {"p1": 2, "p2": 2}]
SIZES += [{"h": 2, "p1": 2, "p2": 2}, {"three": 3, "h": 2}, {"h": 0}, {"_a": 2}]
SHAPES = [(), (6,), (2, 3), (2, 1), (2, 3, 6), (2, 3, 7), (2, 3, 4, 4), (2, 2, 3, 6), (2, 3, 18)]


@pytest.mark.parametrize("name", ["rearrange", "repeat", "reduce"])
def test_patterns(name: str) -> None:
    agree = Agreement()
    for pattern, sizes, shape in itertools.product(PATTERNS, SIZES, SHAPES):
        agree(f"einops.{name}", randn(shape), pattern, *(["sum"] if name == "reduce" else []), **sizes)
    agree.settle()


def test_new_axes_and_numbers() -> None:
    agree = Agreement()
    agree("einops.repeat", randn(2, 3), "a b -> a 2 b")
    agree("einops.repeat", randn(2, 3), "a b -> (a c) b", c=4)
    agree("einops.repeat", randn(2, 3), "... -> m ...", m=4)
    agree("einops.reduce", randn(2, 3, 4, 4), "b c (h 2) (w 2) -> b c h w", "max")
    agree("einops.reduce", randn(2, 3, 4, 5), "b c (h 2) (w 2) -> b c h w", "max")
    agree("einops.rearrange", [randn(2, 3), randn(2, 3)], "n a b -> a n b")
    agree("einops.rearrange", [randn(2, 3), randn(2, 4)], "n a b -> a n b")
    agree.settle()


@pytest.mark.parametrize("reduction", ["min", "max", "sum", "mean", "prod", "any", "all", "foo"])
def test_reductions(reduction: str) -> None:
    agree = Agreement(symbolic=False)
    for dtype in [torch.float32, torch.int64, torch.bool, torch.uint8, torch.int32]:
        agree("einops.reduce", torch.ones(2, 3, 4).to(dtype), "a b c -> c (a b)", "sum")
        agree("einops.reduce", torch.ones(2, 3, 4).to(dtype), "a b c -> b", reduction)
    agree("einops.reduce", randn(2, 3), "a b c -> b", reduction)
    agree.settle()


def test_strides_after_a_rearrangement() -> None:
    agree = Agreement()
    tensor = randn(2, 3, 4, 6).transpose(1, 2)
    for pattern in ["a b c d -> a b (c d)", "a b c d -> a (b c) d", "a b c d -> a c b d", "a b c d -> b a c d"]:
        agree("einops.rearrange", tensor, pattern)
    agree("einops.rearrange", tensor, "b n s (h d) -> b h n s d", h=2)
    agree("einops.rearrange", tensor, "a b c -> a b c")
    agree.settle()


def test_einsum_and_parse_shape() -> None:
    agree = Agreement()
    patterns = ["a b, b c -> a c", "a b,b c->a c", "... a, a -> ...", "a b, b c", "a b, a b -> a c", "(a b), b -> a"]
    for pattern in [*patterns, "a a -> a", "a 1 -> a", "_ a, a -> a"]:
        shapes = [(2, 3), (3, 2), (2,), (3,), (2, 2, 3), (3, 4)]
        for operands in itertools.product(shapes, repeat=pattern.split("->")[0].count(",") + 1):
            agree("einops.einsum", *map(randn, operands), pattern)
    for pattern in ["a b", "a _", "a ... b", "... b", "a 1", "a (b c)", "a 3", "a b c", "_ _ c", "..."]:
        for shape in [(2, 3), (2, 1), (2, 3, 4), (2,)]:
            agree("einops.parse_shape", randn(shape), pattern)
    agree.settle()


def test_packing() -> None:
    agree = Agreement(unknown=("nothing is left for the -1",))
    groups = [[(2, 3, 5), (2, 3, 7, 5)], [(2, 3), (2, 4)], [(2,), (2, 3, 4)], [(3,), (2,)], [(), (2,)], [(2, 3)]]
    for pattern, shapes in itertools.product(["i j * k", "* k", "b *", "*", "b c", "b b *", "_ *", "b * *"], groups):
        agree("einops.pack", [randn(shape) for shape in shapes], pattern)
    packed: list[Any] = [
        [(2,), (3,)],
        [(), (2, 2)],
        [(-1,), (2,)],
        [(-1, 2), (1,)],
        [(-1,), (-1,)],
        [(5,)],
        [(9,), (1,)],
    ]
    for pattern, parts in itertools.product(["i *", "* k", "i * k", "*", "i"], [*packed, [[2], [3]], [(6,), (-1,)]]):
        for shape in [(2, 5), (5, 2), (2, 5, 3), (5,)]:
            agree("einops.unpack", randn(shape), parts, pattern)
    agree.settle()


LAYERS: list[tuple[str, tuple[str, ...], dict[str, int]]] = [
    ("Rearrange", ("b n (h d) -> b h n d",), {"h": 2}),
    ("Rearrange", ("b n (h d) -> b h n d",), {}),
    ("Rearrange", ("... (h d) -> ... h d",), {"h": 2}),
    ("Rearrange", ("a b -> b a",), {"z": 2}),
    ("Reduce", ("b n d -> b d", "mean"), {}),
    ("Reduce", ("b n d -> b d", "foo"), {}),
    ("Reduce", ("... n -> ...", "max"), {}),
    ("EinMix", ("t b cin -> t b cout", "cin cout"), {"cin": 4, "cout": 5}),
    ("EinMix", ("h w c -> hout w c", "h hout", "hout"), {"h": 2, "hout": 3}),
    ("EinMix", ("t b (head cin) -> t b (head cout)", "head cin cout"), {"head": 2, "cin": 2, "cout": 3}),
    ("EinMix", ("... c -> ... d", "c d", "d"), {"c": 4, "d": 3}),
    ("EinMix", ("b c -> b d", "c d"), {"c": 4}),
    ("EinMix", ("b c -> b d", "c z"), {"c": 4, "z": 2}),
    ("EinMix", ("b c -> b d", "c d", "z"), {"c": 4, "d": 3}),
]


@pytest.mark.parametrize(("name", "arguments", "sizes"), LAYERS, ids=str)
@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 4), (2, 3, 5), (4,), (2, 3, 4, 4)], ids=str)
def test_layers(name: str, arguments: tuple[str, ...], sizes: dict[str, int], shape: tuple[int, ...]) -> None:
    layer = find_layer(f"einops.layers.torch.{name}")
    assert layer is not None and layer.forward is not None
    complaint, result = None, None
    try:
        attributes = build_layer(layer, arguments, sizes)
        result = call_op(layer.forward, (abstract(randn(shape)),), {}, Facts(), layer=attributes)
    except Complaint as raised:
        complaint = raised
    try:
        real = resolve(layer.name)(*arguments, **sizes)(randn(shape))
    except Exception as error:
        assert complaint is not None, f"{error}, and the rule says {result}"
    else:
        assert complaint is None, complaint
        assert not compare(real, result)
