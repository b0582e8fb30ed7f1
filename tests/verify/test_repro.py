"""Every reproduction runs as it is printed, and raises in its last statement what the verdict says."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from attnlint.algebra import Shape
from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.findings import Evidence, Finding, Range
from attnlint.rules import all_rules
from attnlint.values import Tensor
from attnlint.verify import Verifier
from attnlint.verify.repro import reproduction
from tests.harness.reproduction import difference

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
FAILING = [
    *(
        pytest.param(path.read_text(), id=path.name)
        for path in sorted(FIXTURES.rglob("*.py"))
        if "# error: ATN" in path.read_text()
    ),
    *(pytest.param(rule.failing, id=rule.code) for rule in all_rules() if rule.raises),
]


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(sys.executable) as one:
        yield one


def found(text: str) -> list[Finding]:
    report = check_source(text, "program.py", Settings(preview="# preview" in text))
    return [finding for finding in report.findings if finding.evidence is not None]


def script_of(text: str) -> str:
    [finding] = found(text)
    return reproduction(finding)


@pytest.mark.parametrize("text", FAILING)
def test_reproductions_raise_what_the_verdict_says(text: str, verifier: Verifier) -> None:
    findings = found(text)
    assert findings
    for finding in findings:
        assert finding.evidence is not None
        verdict = verifier.verify(finding.evidence)
        script = reproduction(replace(finding, verdict=verdict))
        assert difference(script, verdict) == "", script
        assert script.rstrip().endswith(verdict.message.splitlines()[-1].strip())


def test_it_follows_the_operations_under_the_authors_names() -> None:
    script = script_of(
        "import torch\n"
        "query = torch.randn(4, 10, 512)\n"
        "key = torch.randn(4, 10, 256)\n"
        "scores = torch.bmm(query, key.transpose(1, 2))\n"
    )
    assert script.splitlines()[1:] == [
        "import torch",
        "",
        "query = torch.randn(4, 10, 512)",
        "key = torch.randn(4, 10, 256)",
        "torch.bmm(query, key.transpose(1, 2))",
    ]


def test_sizes_keep_their_names_and_layers_their_attributes(verifier: Verifier) -> None:
    text = (
        "import torch\n"
        "from torch import nn\n"
        "class Attention(nn.Module):\n"
        "    def __init__(self, dim: int):\n"
        "        super().__init__()\n"
        "        self.to_qkv = nn.Linear(dim, dim * 3)\n"
        "        self.out = nn.Linear(dim, dim)\n"
        "    def forward(self, x):\n"
        "        B, T, C = x.shape\n"
        "        qkv = self.to_qkv(x)\n"
        "        return self.out(qkv)\n"
    )
    [finding] = found(text)
    assert finding.evidence is not None
    script = reproduction(finding)
    assert difference(script, verifier.verify(finding.evidence)) == ""
    assert "x = torch.randn(B, T, dim)" in script
    assert "to_qkv = nn.Linear(dim, 3*dim)" in script
    assert "qkv = to_qkv(x)" in script
    assert script.endswith("out = nn.Linear(dim, dim)\nout(qkv)\n")


def test_a_name_that_the_author_uses_again_is_used_again() -> None:
    script = script_of(
        "import torch\n"
        "weight = torch.randn(4, 4)\n"
        "x = torch.randn(2, 3, 4)\n"
        "x = torch.matmul(x, weight)\n"
        "x = torch.cat([x, x], dim=-1)\n"
        "y = x @ weight\n"
    )
    assert "x = torch.matmul(x, weight)\nx = torch.cat([x, x], dim=-1)\nx @ weight\n" in script


def test_unpacking_a_result_is_written_as_the_author_did() -> None:
    script = script_of("import torch\nqkv = torch.randn(2, 5, 36)\nq, k, v = qkv.chunk(3, dim=-1)\nscores = q @ k\n")
    assert "q, k, _ = qkv.chunk(3, dim=-1)\nq @ k\n" in script


def test_attention_that_only_the_reference_kernel_refuses(verifier: Verifier) -> None:
    text = (
        "import torch\n"
        "import torch.nn.functional as F\n"
        "key, value = torch.randn(1, 2, 20, 8), torch.randn(1, 2, 30, 8)\n"
        "out = F.scaled_dot_product_attention(torch.randn(1, 2, 5, 8), key, value)\n"
    )
    [finding] = found(text)
    assert finding.evidence is not None
    assert difference(reproduction(finding), verifier.verify(finding.evidence)) == ""


def test_strides_are_built(verifier: Verifier) -> None:
    evidence = Evidence(
        "torch.Tensor.view", (Tensor(Shape((2, 7, 3, 5)), "float32", strides=(105, 5, 35, 1)), 2, 7, 15)
    )
    finding = Finding("ATN114", "a.py", Range(1, 1, 1, 2), "torch.Tensor.view", evidence=evidence)
    assert difference(reproduction(finding), verifier.verify(evidence)) == ""


def test_what_cannot_be_written_down_has_no_reproduction() -> None:
    assert (
        reproduction(Finding("ATN101", "a.py", Range(1, 1, 1, 2), "", evidence=Evidence("torch.bmm", (object(),))))
        == ""
    )
    assert reproduction(Finding("ATN001", "a.py", Range(1, 1, 1, 2), "")) == ""
