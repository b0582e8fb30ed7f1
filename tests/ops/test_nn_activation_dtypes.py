"""Which dtypes each activation takes, and which one it gives."""

from __future__ import annotations

import pytest

from tests.ops.nn_cases import function, of

ACTIVATIONS = (
    "relu relu6 elu selu celu leaky_relu rrelu gelu silu mish sigmoid tanh logsigmoid hardsigmoid hardswish hardtanh "
    "hardshrink softshrink tanhshrink softplus softsign glu softmax log_softmax softmin gumbel_softmax normalize "
    "relu_ elu_ leaky_relu_ celu_ selu_ hardtanh_ rrelu_"
).split()
DTYPES = ("bool", "uint8", "int32", "int64", "float16", "bfloat16", "float32", "float64", "complex64")


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_takes_and_gives_the_dtypes_that_torch_does(name: str, dtype: str) -> None:
    if dtype == "uint8" and name.startswith("hardtanh"):
        pytest.skip("raises for negative limits only, which the rule does not look at")
    options = {"dim": -1} if "softm" in name else {}
    function(name, of(dtype, 2, 4), **options).check()
