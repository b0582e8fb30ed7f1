"""Which release of torch brought what: against the installed torch, which has all of it."""

from __future__ import annotations

import inspect
import sys

import pytest
import torch

from attnlint.algebra import Shape
from attnlint.findings import Evidence, Step
from attnlint.ops.registry import all_aliases, find_layer, find_op
from attnlint.ops.release import by_release, lacking, mentioned, newer_parts, parsed, since
from attnlint.ops.releases import NEWEST, OLDEST, SINCE
from attnlint.values import Tensor
from attnlint.verify import Verifier
from attnlint.verify.verdicts import VerdictCache
from attnlint.verify.worker import resolve

ATTENTION = "torch.nn.functional.scaled_dot_product_attention"


def operation(name: str) -> str:
    return name.partition("(")[0]


@pytest.mark.parametrize("name", sorted({operation(name) for name in SINCE}))
def test_every_name_is_one_of_torch_and_of_the_registry(name: str) -> None:
    assert resolve(name) is not None
    known = name.removesuffix(".forward")
    assert find_op(known) or find_layer(known) or known in all_aliases()


@pytest.mark.parametrize("name", [name for name in SINCE if "(" in name])
def test_every_parameter_is_one_of_torch(name: str) -> None:
    parameter = name.partition("(")[2].rstrip(")")
    found = resolve(operation(name))
    try:
        assert parameter in inspect.signature(found).parameters
    except ValueError:  # a builtin: its documentation says it
        assert parameter in (found.__doc__ or "")


def test_releases_lie_between_the_oldest_and_the_newest() -> None:
    assert parsed(NEWEST) == parsed(torch.__version__)
    assert all(parsed(OLDEST) < parsed(release) <= parsed(NEWEST) for release in SINCE.values())


def test_releases_that_are_known_for_certain() -> None:
    assert since(ATTENTION) == "2.0"
    assert since(f"{ATTENTION}(scale)") == "2.1"
    assert since(f"{ATTENTION}(enable_gqa)") == "2.5"
    assert since("torch.nn.RMSNorm") == "2.4"
    assert since("torch.nn.LayerNorm(bias)") == "2.1"
    assert since("torch.bmm") == OLDEST


def test_versions_are_compared_by_their_numbers() -> None:
    assert parsed("1.13.0a0") == (1, 13) < parsed("2.2") < parsed("2.10.1+cpu") == (2, 10)


def test_what_a_torch_lacks() -> None:
    assert lacking(Evidence("torch.bmm"), "1.13.1") == ""
    assert lacking(Evidence(ATTENTION), "1.13.0a0") == (
        f"{ATTENTION} came with torch 2.0, and torch 1.13.0a0 runs here"
    )
    grouped = Evidence(ATTENTION, keywords={"enable_gqa": True})
    assert lacking(grouped, "2.4.1") == (
        f"the parameter enable_gqa of {ATTENTION} came with torch 2.5, and torch 2.4.1 runs here"
    )
    assert lacking(grouped, "2.5.0") == ""
    layer = Evidence("torch.nn.LayerNorm", constructor=((8,), {"bias": False}))
    assert "bias of torch.nn.LayerNorm came with torch 2.1" in lacking(layer, "2.0.1")
    call = Evidence("torch.nn.MultiheadAttention", keywords={"is_causal": True}, constructor=((8, 2), {}))
    assert "is_causal of torch.nn.MultiheadAttention.forward came with torch 2.0" in lacking(call, "1.13")
    later = Evidence("torch.bmm", steps=(Step("torch.nn.functional.rms_norm"), Step("torch.bmm")))
    assert lacking(later, "2.3").startswith("torch.nn.functional.rms_norm came with torch 2.4")


def test_an_error_about_a_missing_parameter_confirms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    heads = Tensor(Shape((2, 8, 10, 64)), "float32")
    fewer = Tensor(Shape((2, 3, 10, 64)), "float32")
    evidence = Evidence(ATTENTION, (heads, fewer, fewer), {"enable_gqa": True})
    with Verifier(sys.executable) as verifier:
        assert verifier.verify(evidence).status == "confirmed"
        monkeypatch.setattr(verifier._process, "torch_version", "2.4.1")
        verifier._cache = VerdictCache(None)
        verdict = verifier.verify(evidence)
    assert (verdict.status, verdict.torch_version) == ("unverified", "2.4.1")
    assert "came with torch 2.5" in verdict.message


def test_a_page_says_what_its_programs_need() -> None:
    assert mentioned("x = F.scaled_dot_product_attention(q, k, v, enable_gqa=True)") == [
        "`F.scaled_dot_product_attention` (2.0)",
        "`F.scaled_dot_product_attention` with `enable_gqa` (2.5)",
    ]
    assert mentioned("norm = torch.nn.LayerNorm(8)") == []


def test_names_stand_as_programs_write_them() -> None:
    assert "nn.RMSNorm" in by_release()["2.4"]
    assert next(iter(by_release())) == "2.0"


def test_what_an_operation_needs() -> None:
    assert newer_parts(ATTENTION) == "torch 2.0, enable_gqa 2.5, scale 2.1"
    assert newer_parts("torch.nn.MultiheadAttention") == "is_causal 2.0"
    assert newer_parts("torch.bmm") == ""
