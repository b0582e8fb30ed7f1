"""Cases for the rules of ``torch.nn``: one call of a layer or of a function, judged by torch.

``layer("Linear", 4, 8)(real(2, 4))`` and ``function("linear", real(2, 4), real(8, 4))`` are cases.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import torch

from attnlint.algebra import Expression, Facts, Rest, Shape, Symbol
from attnlint.ops.complaint import BadArguments, CannotTell, Complaint
from attnlint.ops.dispatch import build_layer, call_op
from attnlint.ops.registry import find_layer, find_op
from attnlint.values import ListValue, Tensor, Unknown
from tests.ops.differential import Judgement, abstract, compare, judge, resolve, show
from tests.ops.nn_differential import Layer


def real(*shape: int) -> Any:
    """A float32 tensor of ones."""
    return torch.ones(shape)


def of(dtype: str, *shape: int) -> Any:
    """A tensor of ones of a dtype: ``of("long", 2, 3)``."""
    return torch.ones(shape, dtype=getattr(torch, dtype))


@dataclass(frozen=True)
class Case:
    """One call."""

    name: str
    constructor: tuple[tuple[Any, ...], dict[str, Any]] | None
    """The arguments of the layer's constructor; ``None`` for a function."""
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]

    def __str__(self) -> str:
        made = "" if self.constructor is None else show(*_abstract(self.constructor))
        return f"{self.name}{made}{show(*_abstract((self.arguments, self.keywords)))}"

    def judge(self) -> Judgement:
        """torch against the rule, on integers."""
        if self.constructor is None:
            return judge(f"torch.nn.functional.{self.name}", *self.arguments, **self.keywords)
        return Layer(self.name, *self.constructor).judge(*self.arguments, **self.keywords)

    def check(self) -> None:
        """Assert that torch and the rule agree, and that the rule knows."""
        judgement = self.judge()
        assert judgement.verdict in ("exact", "both raise"), f"{judgement.verdict}: {judgement.detail}"

    def check_with_less_known(self) -> None:
        """Assert that the rule is right, and silent, where sizes are symbols, or where not even ranks are known."""
        real_result = self.run()
        if real_result is None:
            return
        for change in (with_symbols, of_unknown_rank):
            facts = Facts()
            found = self.outcome(lambda things, change=change: changed(things, change), facts)
            assert not isinstance(found, Complaint), f"{change.__name__}: {found.summary}"
            difference = compare(real_result, resolved(found, facts))
            assert not difference, f"{change.__name__}: {difference}"

    def check_with_symbols_for_all_sizes(self) -> None:
        """Assert that the rule on symbols, for the layer's sizes too, is the rule on integers once put back."""
        real_result = self.run()
        if real_result is None:
            return
        facts, symbols = Facts(), SymbolsOfSizes()
        found = self.outcome(
            lambda things: changed(things, symbols.tensor, symbols.number), facts, change_constructor=True
        )
        assert not isinstance(found, Complaint), found.summary
        difference = compare(real_result, symbols.put_back(resolved(found, facts)))
        assert not difference, difference

    def check_with_other_dtypes(self) -> None:
        """Assert that no dtype gives a false alarm, or a result of another dtype than torch's."""
        if self.judge().verdict != "exact":
            return
        for dtype in (torch.bool, torch.uint8, torch.int64, torch.half, torch.bfloat16, torch.double, torch.complex64):
            for only in (None, 0, 1):
                counter = count()
                keywords = converted(self.keywords, dtype, only, counter)
                arguments = converted(self.arguments, dtype, only, counter)
                judgement = replace(self, arguments=arguments, keywords=keywords).judge()
                assert judgement.verdict not in ("false alarm", "different"), judgement.detail

    def check_with_other_strides(self) -> None:
        """Assert that operands that are permuted, expanded or sliced give no false alarm and no wrong strides."""
        if self.judge().verdict != "exact":
            return
        for change in (transposed, permuted, expanded, sliced):
            judgement = replace(self, arguments=relaid(self.arguments, change)).judge()
            assert judgement.verdict not in ("false alarm", "different"), judgement.detail

    def run(self) -> Any:
        """What torch returns; ``None`` when it raises."""
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            try:
                called = resolve(f"torch.nn{'.functional' * (self.constructor is None)}.{self.name}")
                if self.constructor is not None:
                    called = called(*self.constructor[0], **self.constructor[1])
                return called(*self.arguments, **self.keywords)
            except Exception:
                return None

    def outcome(self, change: Callable[[Any], Any], facts: Facts, *, change_constructor: bool = False) -> Any:
        """What the rule returns when every argument is changed first; a Complaint is returned, not raised."""
        try:
            arguments, keywords = change(self.arguments), change(self.keywords)
            if self.constructor is None:
                op = find_op(f"torch.nn.functional.{self.name}")
                assert op is not None
                return call_op(op, arguments, keywords, facts)
            layer = find_layer(f"torch.nn.{self.name}")
            assert layer is not None and layer.forward is not None
            options = self.constructor
            made = (
                (change if change_constructor else _abstract)(options[0]),
                (change if change_constructor else _abstract)(options[1]),
            )
            attributes = build_layer(layer, *made, facts)
            return call_op(layer.forward, arguments, keywords, facts, layer=attributes)
        except Complaint as complaint:
            return complaint
        except CannotTell as reason:
            return Unknown(reason.reason)
        except BadArguments as reason:
            return Complaint("BAD", str(reason))


def layer(name: str, *arguments: Any, **keywords: Any) -> Callable[..., Case]:
    """A layer, to be called once."""
    return lambda *inputs, **options: Case(name, (arguments, keywords), inputs, options)


def function(name: str, *arguments: Any, **keywords: Any) -> Case:
    """One call of a function of ``torch.nn.functional``."""
    return Case(name, None, arguments, keywords)


def _abstract(things: Any) -> Any:
    if isinstance(things, dict):
        return {key: abstract(value) for key, value in things.items()}
    if isinstance(things, tuple):
        return tuple(_abstract(thing) if isinstance(thing, tuple | dict) else abstract(thing) for thing in things)
    return abstract(things)


def changed(things: Any, tensor: Callable[[Tensor], Any], number: Callable[[int], Any] = lambda value: value) -> Any:
    """Arguments as values, with every tensor and every whole number replaced."""
    if isinstance(things, torch.Tensor):
        return tensor(abstract(things))
    if isinstance(things, bool):
        return things
    if isinstance(things, int):
        return number(things)
    if isinstance(things, dict):
        return {key: changed(value, tensor, number) for key, value in things.items()}
    if isinstance(things, tuple):
        return tuple(changed(value, tensor, number) for value in things)
    if isinstance(things, list):
        return ListValue([changed(value, tensor, number) for value in things])
    return abstract(things)


def converted(things: Any, dtype: torch.dtype, only: int | None, counter: Iterator[int]) -> Any:
    """Arguments with the floating tensors in another dtype: all of them, or the one that is counted ``only``."""
    if isinstance(things, torch.Tensor):
        chosen = things.is_floating_point() and only in (None, next(counter))
        return things.to(dtype) if chosen else things
    if isinstance(things, tuple | list):
        return type(things)(converted(thing, dtype, only, counter) for thing in things)
    if isinstance(things, dict):
        return {key: converted(thing, dtype, only, counter) for key, thing in things.items()}
    return things


def relaid(things: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    """Arguments with the tensors laid out in another way in memory."""
    if isinstance(things, torch.Tensor):
        return change(things)
    return type(things)(relaid(thing, change) for thing in things) if isinstance(things, tuple | list) else things


def transposed(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.mT.contiguous().mT if tensor.dim() > 1 else tensor


def permuted(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.contiguous(memory_format=torch.channels_last) if tensor.dim() == 4 else tensor


def expanded(tensor: torch.Tensor) -> torch.Tensor:
    return tensor[:1].expand(tensor.shape) if tensor.dim() else tensor


def sliced(tensor: torch.Tensor) -> torch.Tensor:
    return torch.stack([tensor, tensor], -1)[..., 0]


def with_symbols(tensor: Tensor) -> Tensor:
    """The tensor with a symbol of its own for every size."""
    dims = tuple(Expression.of(Symbol(f"d{index}", generic=False)) for index in range(len(tensor.shape.dims)))
    return Tensor(Shape(dims), tensor.dtype)


def of_unknown_rank(tensor: Tensor) -> Tensor:
    """The tensor with nothing known but its dtype."""
    return Tensor(Shape((), Rest(object(), "x")), tensor.dtype)


@dataclass
class SymbolsOfSizes:
    """One symbol for each whole number above 1."""

    symbols: dict[int, Symbol] = field(default_factory=dict)

    def number(self, value: int) -> Any:
        if value <= 1:
            return value
        return Expression.of(self.symbols.setdefault(value, Symbol(f"s{value}", generic=True)))

    def tensor(self, tensor: Tensor) -> Tensor:
        return Tensor(
            Shape(tuple(self.number(size) for size in tensor.shape.dims if isinstance(size, int))), tensor.dtype
        )

    def put_back(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(self.put_back(item) for item in value)
        if not isinstance(value, Tensor):
            return value
        sizes = {symbol: size for size, symbol in self.symbols.items()}
        dims = tuple(dim.substitute(sizes) if isinstance(dim, Expression) else dim for dim in value.shape.dims)
        return Tensor(Shape(dims, value.shape.rest), value.dtype)


def resolved(value: Any, facts: Facts) -> Any:
    """A result with every shape as the facts have it."""
    if isinstance(value, Tensor):
        return Tensor(facts.resolve(value.shape), value.dtype)
    if isinstance(value, tuple):
        return tuple(resolved(item, facts) for item in value)
    return value
