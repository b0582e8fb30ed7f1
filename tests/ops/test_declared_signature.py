"""Signatures that a project declares, checked like torch's own operations."""

from __future__ import annotations

from pathlib import Path

import pytest

from attnlint.check import check_source
from attnlint.config import ConfigError, Settings, load_settings
from attnlint.ops.declared_signature import DeclaredSignature, SignatureError
from attnlint.shapes import infer_shapes

SIGNATURES = {
    "mylib.attend": "b h t d, b h s d, b h s d, mask = b 1 t s -> b h t d",
    "mylib.pair": "x: ... d, _, weight: 2*d 64 -> ... 2*d, ...",
    "mylib.Block.forward": "b t 64 -> b t n, n",
}
SETTINGS = Settings(signatures=SIGNATURES)
HEAD = "import mylib\nimport torch\nfrom mylib import Block, attend as attention\n\n"
QKV = "q, k, v = torch.randn(2, 8, 10, 64), torch.randn(2, 8, 20, 64), torch.randn(2, 8, 20, 64)\n"


def said(code: str) -> list[str]:
    report = check_source(HEAD + code, "a.py", SETTINGS)
    assert report.error is None
    return [f"{one.code} {one.message}" for one in report.findings]


@pytest.mark.parametrize(
    "code",
    [
        QKV + "attention(q, k, v)",
        QKV + "mylib.attend(q, k, v, mask=torch.ones(2, 1, 10, 20), scale=0.1)",
        QKV + "mylib.attend(q, k, v, None)",
        "mylib.pair(torch.randn(3, 4, 5), 'anything', torch.randn(10, 64))",
        "mylib.pair(weight=torch.randn(10, 64), x=torch.randn(5), argument_2=None)",
        "Block(1, 2)(torch.randn(2, 3, 64))",
        "def f(q, k, v):\n    return attention(q, k, v)",
        "mylib.other(torch.randn(2))",
    ],
)
def test_calls_that_fit(code: str) -> None:
    assert said(code) == []


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (QKV + "attention(q, k, v[:, :, 1:])", "s is 20 in argument 2 and 19 in argument 3"),
        (QKV + "attention(q[0], k, v)", "argument 1 has 3 dimensions, not 4"),
        (QKV + "attention(q, k, v, mask=torch.ones(2, 8, 10, 20))", "axis 1 of mask is 8, not 1"),
        ("mylib.pair(torch.randn(3, 5), 0, torch.randn(9, 64))", "axis 0 of weight is 9, not 2*d = 10"),
        ("mylib.pair(torch.randn(3, 5), 0, torch.randn(10, 63))", "axis 1 of weight is 63, not 64"),
        ("Block()(torch.randn(2, 3, 65))", "axis 2 of argument 1 is 65, not 64"),
        ("class M(torch.nn.Module):\n    def forward(self, q, k):\n        k = k.reshape(*q.shape[:3], 7)\n"
         "        return attention(q.view(2, 3, 4, 5), k, k)", "d is 5 in argument 1 and 7 in argument 2"),
    ],
)  # fmt: skip
def test_calls_that_do_not_fit(code: str, wanted: str) -> None:
    [found] = said(code)
    assert found.startswith("ATN404")
    assert wanted in found


def test_what_is_returned_is_known() -> None:
    [found] = said(QKV + "attention(q, k, v) @ torch.randn(10, 3)")
    assert found.startswith("ATN101 @ of (2, 8, 10, 64) and (10, 3)")
    text = (
        HEAD
        + "a, b = mylib.pair(torch.randn(3, 4, 5), 0, torch.randn(10, 64))\nc, d = Block()(torch.randn(2, 3, 64))\n"
    )
    shapes = {one.name: one.shape for one in infer_shapes(text, "a.py", SETTINGS)[1]}
    assert shapes["a"] == "(3, 4, 10)"
    assert shapes["b"] == "(3, 4)"
    assert (shapes["c"], shapes["d"]) == ("(2, 3, n)", "(n,)")


def test_what_is_not_known_is_not_claimed() -> None:
    assert said("def f(x, k):\n    return attention(mylib.load(x), k, k)") == []


def test_a_finding_has_no_kernel_to_prove_it() -> None:
    from attnlint.verify import Verifier

    findings = check_source(HEAD + QKV + "attention(q[0], k, v)", "a.py", SETTINGS).findings
    with Verifier() as verifier:
        [finding] = verifier.verify_all(findings)
    assert finding.verdict is not None
    assert finding.verdict.status == "unverified"
    assert "signature in the configuration" in finding.verdict.message


@pytest.mark.parametrize(
    ("text", "column", "wanted"),
    [
        ("b t d", 6, "there is no '->'"),
        ("b t -> b -> t", 10, "more than one '->'"),
        ("b (h t) -> b", 3, "'(' cannot stand here"),
        ("b ... t ... -> b", 9, "more than one '...'"),
        ("b 2x -> b", 3, "'2x' is neither a name nor a number"),
        ("x: b, x: b -> b", 1, "two arguments have the name 'x'"),
        ("3: b -> b", 1, "'3' is no name"),
        ("x = b, b -> b", 1, "must not come after an optional argument"),
    ],
)
def test_mistakes_have_a_place(text: str, column: int, wanted: str) -> None:
    with pytest.raises(SignatureError, match=wanted.replace("(", r"\(").replace("...", r"\.\.\.")) as raised:
        DeclaredSignature.parse(text).op("a.b")
    assert raised.value.column == column


def test_mistakes_in_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "attnlint.toml").write_text('[signatures]\n"mylib.f" = "b (h -> b"\n')
    with pytest.raises(ConfigError, match=r"attnlint.toml: signatures: 'mylib.f': 'b \(h -> b', column 3: '\('"):
        load_settings(tmp_path)
    (tmp_path / "attnlint.toml").write_text('signatures = { "f g" = "b -> b" }\n')
    with pytest.raises(ConfigError, match="no qualified name"):
        load_settings(tmp_path)
