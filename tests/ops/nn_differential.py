"""Layers against torch itself: the same module built and called, once on real tensors and once on abstract ones."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import torch

from attnlint.algebra import Facts
from attnlint.ops.complaint import BadArguments, CannotTell, Complaint
from attnlint.ops.dispatch import build_layer, call_op
from attnlint.ops.registry import find_layer
from attnlint.values import Instance, Tensor, TorchName, Unknown
from tests.ops.differential import Judgement, abstract, compare, resolve, show


@dataclass(frozen=True)
class Layer:
    """A layer to build: ``Layer("Linear", 4, 8)(inputs...)`` judges one call of it."""

    name: str
    arguments: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)

    def judge(self, *inputs: Any, exact_dtypes: bool = True, **options: Any) -> Judgement:
        """Whether torch and the rules agree about building the layer and calling it."""
        shown = f"nn.{self.name}{show(self.arguments, self.keywords)}{show(_abstract(inputs), _abstract(options))}"
        complaint, result, attributes = self._abstractly(inputs, options, exact_dtypes)
        error, real, module = self._really(inputs, options)
        if complaint is not None and error is not None:
            return Judgement("both raise", shown, complaint, error)
        if complaint is not None:
            return Judgement("false alarm", f"{shown}: {complaint.code} {complaint.summary}", complaint)
        if isinstance(result, Unknown):
            return Judgement("unknown", f"{shown}: {result.reason}", error=error)
        if error is not None:
            return Judgement(
                "missed", f"{shown}: torch says {type(error).__name__}: {error}; the rule says {result}", error=error
            )
        difference = compare(real, result) or differing_parameters(module, attributes)
        return Judgement("different", f"{shown}: {difference}") if difference else Judgement("exact", shown)

    def _abstractly(self, inputs: Any, options: Any, exact: bool) -> tuple[Complaint | None, Any, dict[str, Any]]:
        layer = find_layer(f"torch.nn.{self.name}")
        assert layer is not None and layer.forward is not None, self.name
        facts = Facts()
        attributes: dict[str, Any] = {}
        try:
            attributes = build_layer(layer, _abstract(self.arguments), _abstract(self.keywords), facts)
            result = call_op(
                layer.forward, _abstract(inputs), _abstract(options), facts, layer=attributes, exact_dtypes=exact
            )
        except Complaint as raised:
            return raised, None, attributes
        except CannotTell as raised:
            return None, Unknown(raised.reason), attributes
        except BadArguments as raised:
            return Complaint("BAD", str(raised)), None, attributes
        return None, result, attributes

    def _really(self, inputs: Any, options: Any) -> tuple[BaseException | None, Any, Any]:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            try:
                module = resolve(f"torch.nn.{self.name}")(*self.arguments, **self.keywords)
                return None, module(*inputs, **options), module
            except Exception as raised:
                return raised, None, None


def layer(name: str, *arguments: Any, **keywords: Any) -> Layer:
    """A layer to build: ``layer("Linear", 4, 8)``."""
    return Layer(name, arguments, keywords)


def check_layer(built: Layer, *inputs: Any, may_be_unknown: bool = False, **options: Any) -> Judgement:
    """Assert that torch and the rules agree."""
    judgement = built.judge(*inputs, **options)
    assert not judgement.wrong, f"{judgement.verdict}: {judgement.detail}"
    assert may_be_unknown or judgement.verdict != "unknown", judgement.detail
    return judgement


def differing_parameters(module: Any, attributes: dict[str, Any], prefix: str = "") -> str:
    """Compare every parameter and buffer of a real module with the attributes worked out for it."""
    for name, real in [*module.named_parameters(), *module.named_buffers()]:
        value: Any = Instance(TorchName(""), attributes)
        for part in name.split("."):
            held = value.attributes if isinstance(value, Instance) else {}
            value = held["_modules"].items.get(part) if "_modules" in held else held.get(part)
        if value is None:
            return f"the parameter {prefix}{name} is missing"
        if isinstance(value, Unknown):
            continue
        assert isinstance(value, Tensor), (name, value)
        if text := compare(real, value):
            return f"{name}: {text}"
    return ""


def _abstract(things: Any) -> Any:
    if isinstance(things, dict):
        return {key: abstract(value) for key, value in things.items()}
    return tuple(abstract(thing) for thing in things)
