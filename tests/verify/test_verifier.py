"""The verifier against real torch: what is confirmed, what is refuted, and what a fault costs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from attnlint.algebra import Expression, Rest, Shape, Symbol
from attnlint.findings import Evidence
from attnlint.values import Instance, ListValue, Tensor, TorchName, Unknown
from attnlint.verify import Verifier


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(sys.executable) as one:
        yield one


def tensor(*dims: int | Expression, dtype: str | None = "float32", strides: tuple[int, ...] | None = None) -> Tensor:
    return Tensor(Shape(dims), dtype=dtype, strides=strides)


def test_confirms_with_torchs_own_message(verifier: Verifier) -> None:
    verdict = verifier.verify(Evidence("torch.bmm", (tensor(10, 512), tensor(512, 10))))
    with pytest.raises(RuntimeError) as caught:
        torch.bmm(torch.randn(10, 512), torch.randn(512, 10))
    assert (verdict.status, verdict.error) == ("confirmed", "RuntimeError")
    assert verdict.message == str(caught.value)
    assert verdict.torch_version == torch.__version__


def test_refutes_what_torch_accepts(verifier: Verifier) -> None:
    verdict = verifier.verify(Evidence("operator.matmul", (tensor(10, 512), tensor(512, 20))))
    assert (verdict.status, verdict.message) == ("refuted", "torch returns a tensor of shape (10, 20)")


def test_symbols_take_the_witness(verifier: Verifier) -> None:
    batch, width = Symbol("B"), Symbol("C")
    operand = tensor(Expression.of(batch), Expression.of(width))
    evidence = Evidence("torch.nn.Linear", (operand,), {}, constructor=((512, 4), {}), witness={"B": 3, "C": 7})
    verdict = verifier.verify(evidence)
    assert verdict.status == "confirmed"
    assert verdict.witness == "B=3, C=7"
    assert "3x7" in verdict.message


def test_strides_decide_about_view(verifier: Verifier) -> None:
    transposed = tensor(2, 7, 3, 5, strides=(105, 5, 35, 1))
    assert verifier.verify(Evidence("torch.Tensor.view", (transposed, 2, 7, 15))).status == "confirmed"
    assert verifier.verify(Evidence("torch.Tensor.reshape", (transposed, 2, 7, 15))).status == "refuted"


def test_an_expanded_tensor_can_be_built(verifier: Verifier) -> None:
    expanded = tensor(4, 3, strides=(0, 1))
    assert verifier.verify(Evidence("torch.Tensor.view", (expanded, 12))).status == "confirmed"


def test_unknown_leading_dims_are_a_batch_axis(verifier: Verifier) -> None:
    operand = Tensor(Shape((8,), Rest("x")), dtype="float32")
    assert verifier.verify(Evidence("torch.nn.LayerNorm", (operand,), {}, constructor=((9,), {}))).status == "confirmed"


def test_unknown_dtype_must_fail_for_every_dtype(verifier: Verifier) -> None:
    clash = Evidence("torch.add", (tensor(2, 3, dtype=None), tensor(2, 4, dtype=None)))
    assert verifier.verify(clash).status == "confirmed"
    only_long_fails = Evidence("torch.nn.functional.linear", (tensor(2, 3, dtype=None), tensor(4, 3)))
    assert verifier.verify(only_long_fails).status == "refuted"


def test_index_arguments_are_valid(verifier: Verifier) -> None:
    evidence = Evidence("torch.gather", (tensor(4, 3), 1, tensor(4, 2, dtype="int64")))
    assert verifier.verify(evidence).status == "refuted"


def test_containers_names_and_slices(verifier: Verifier) -> None:
    parts = ListValue([tensor(2, 3), tensor(2, 4)])
    assert verifier.verify(Evidence("torch.cat", (parts,), {"dim": 0})).status == "confirmed"
    assert verifier.verify(Evidence("torch.zeros", ((2, 3),), {"dtype": TorchName("torch.int32")})).status == "refuted"
    index = (slice(None), None, Ellipsis, 5)
    assert verifier.verify(Evidence("getitem", (tensor(2, 3), index))).status == "confirmed"


def test_unpacking_a_shape(verifier: Verifier) -> None:
    verdict = verifier.verify(Evidence("unpack", (tensor(2, 3), 3)))
    assert (verdict.status, verdict.error) == ("confirmed", "ValueError")
    assert verdict.message == "not enough values to unpack (expected 3, got 2)"


def test_the_math_kernel_is_asked_where_the_default_reads_past_the_keys(verifier: Verifier) -> None:
    operands = (tensor(1, 2, 5, 8), tensor(1, 2, 20, 8), tensor(1, 2, 30, 8))
    verdict = verifier.verify(Evidence("torch.nn.functional.scaled_dot_product_attention", operands))
    assert verdict.status == "confirmed"
    assert verdict.message.startswith("torch's default kernel runs, though no correct result exists; the math kernel")


def test_what_cannot_be_built_is_unverified(verifier: Verifier) -> None:
    unknown = verifier.verify(Evidence("torch.relu", (Unknown("a parameter"),)))
    assert (unknown.status, unknown.message) == ("unverified", "an argument is not known: a parameter")
    instance = verifier.verify(Evidence("torch.relu", (Instance(TorchName("torch.nn.Linear")),)))
    assert instance.status == "unverified"
    layer = verifier.verify(Evidence("torch.nn.MultiheadAttention", (tensor(2, 3),), {}, constructor=((10, 3), {})))
    assert layer.status == "unverified"
    assert "embed_dim must be divisible" in layer.message


def test_huge_operands_run_on_meta(verifier: Verifier) -> None:
    verdict = verifier.verify(Evidence("operator.matmul", (tensor(1 << 20, 1 << 18), tensor(1 << 17, 4))))
    assert (verdict.status, verdict.device) == ("confirmed", "meta")


@pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")
def test_a_crash_costs_one_verdict_and_the_run_goes_on() -> None:
    with Verifier(sys.executable, timeout=2) as one:
        crashed = one.verify(Evidence("os.abort"))
        assert (crashed.status, crashed.message) == ("unverified", "the worker was killed by SIGABRT")
        assert one.verify(Evidence("torch.mm", (tensor(2, 3), tensor(2, 3)))).status == "confirmed"
        hung = one.verify(Evidence("time.sleep", (60,)))
        assert (hung.status, hung.message) == ("unverified", "the worker was killed after 2 s")
        assert one.verify(Evidence("torch.mm", (tensor(2, 3), tensor(2, 3)))).status == "confirmed"


@pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")
def test_memory_is_limited() -> None:
    with Verifier(sys.executable, memory_limit=256 << 20) as one:
        verdict = one.verify(Evidence("torch.zeros", (1 << 29,)))
        assert (verdict.status, verdict.message) == ("unverified", "the operands do not fit into the memory limit")
        assert one.verify(Evidence("torch.mm", (tensor(2, 3), tensor(2, 3)))).status == "confirmed"


def test_secrets_do_not_reach_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_API_TOKEN", "secret")
    with Verifier(sys.executable) as one:
        assert one.verify(Evidence("os.environ.__getitem__", ("MY_API_TOKEN",))).error == "KeyError"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell script")
def test_a_python_without_torch_is_one_clear_line(tmp_path: Path) -> None:
    python = script(tmp_path, f'exec {sys.executable} -S "$@"')
    with Verifier(str(python)) as one:
        verdict = one.verify(Evidence("torch.mm", (tensor(2, 3), tensor(2, 3))))
        assert (verdict.status, verdict.message) == ("unverified", f"torch is not installed under {python}")
        assert one.problem == verdict.message


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell script")
def test_something_that_is_no_python_is_one_clear_line(tmp_path: Path) -> None:
    python = script(tmp_path, "echo hello")
    with Verifier(str(python)) as one:
        verdict = one.verify(Evidence("torch.mm", (tensor(2, 3), tensor(2, 3))))
        assert (verdict.status, verdict.message) == (
            "unverified",
            f"{python} is no Python interpreter that can run the worker",
        )


def test_a_missing_interpreter_is_one_clear_line(tmp_path: Path) -> None:
    with Verifier(str(tmp_path / "nowhere")) as one:
        assert one.verify(Evidence("torch.mm")).message == f"no Python interpreter at {tmp_path / 'nowhere'}"


def test_verdicts_are_cached_and_damaged_lines_skipped(tmp_path: Path) -> None:
    evidence = Evidence("torch.mm", (tensor(2, 3), tensor(2, 3)))
    with Verifier(sys.executable, cache=tmp_path) as one:
        first = one.verify(evidence)
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"not json\n" + file.read_bytes() + b'{"key": 1}\n')
    with Verifier(sys.executable, cache=tmp_path) as two:
        two._process = Unusable()  # type: ignore[assignment]
        assert two.verify(evidence) == first


def test_a_cache_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with Verifier(sys.executable, cache=tmp_path / "file" / "folder") as one:
        assert one.verify(Evidence("torch.mm", (tensor(2, 3), tensor(2, 3)))).status == "confirmed"


class Unusable:
    """Stands where a worker must not be asked."""

    def stop(self) -> None:
        """Nothing to stop."""


def script(folder: Path, body: str) -> Path:
    file = folder / "python"
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return file
