"""The list of what torch's layers have, against torch itself."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch import nn
from torch.testing._internal.common_modules import module_db

from attnlint.interpreter.layer_attributes import LAYER_ATTRIBUTES
from tests.interpreter.programs import check


def test_no_layer_has_another_attribute() -> None:
    missing: dict[str, set[str]] = {}
    made = 0
    for information in module_db:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            inputs = information.module_inputs_func(
                information, device="cpu", dtype=torch.float32, requires_grad=False, training=False
            )
        for each in inputs:
            layer = information.module_cls(*each.constructor_input.args, **each.constructor_input.kwargs)
            assert isinstance(layer, nn.Module)
            names = {name for name in dir(layer) if not name.startswith("__") and not name.isdigit()}
            unknown = {name for name in names - LAYER_ATTRIBUTES if not name.startswith(("weight_", "bias_"))}
            if unknown:
                missing.setdefault(type(layer).__name__, set()).update(unknown)
            made += 1
    assert made > 200
    assert missing == {}


def test_what_no_layer_has_is_not_there() -> None:
    check("""
layer = nn.Linear(4, 6)
width = 3 if hasattr(layer, "lora_A") else layer.out_features
a = torch.zeros(2, width) + layer(torch.zeros(2, 4))  # shape: (2,6)
b = torch.zeros(2, 5) if getattr(layer, "in_features", None) == 4 else torch.zeros(7)  # shape: (2,5)
""")


@pytest.mark.parametrize("call", ["library.change(layer)", "library.change(nn.Sequential(layer))"])
def test_unknown_code_may_give_a_layer_another_attribute(call: str) -> None:
    check(f"""
import library
layer = nn.Linear(4, 6)
{call}
x = torch.zeros(2, 4)
x = torch.zeros(2, 5) if hasattr(layer, "lora_A") else x
layer(x)
""")
