"""``attnlint ops``: the list of what is known."""

from __future__ import annotations

from attnlint.ops.listing import counts, known_ops, list_ops


def test_a_name_is_listed_with_its_signature() -> None:
    text = list_ops("torch.cumsum")
    assert text.splitlines()[0].startswith("torch.cumsum(input, dim: int")
    assert text.splitlines()[-1] == "1 name: 1 function"


def test_an_unknown_name_is_said() -> None:
    assert list_ops("torch.no_such_function") == "no such name"


def test_counts_agree_with_the_list() -> None:
    found = counts()
    assert sum(number for kind, number in found.items() if kind != "families") == len(known_ops())
    assert found["layer"] > 100
    assert found["method"] > 300


def test_kinds() -> None:
    kinds = {known.name: known.kind for known in known_ops()}
    assert kinds["torch.Tensor.add_"] == "in-place method"
    assert kinds["torch.Tensor.add"] == "method"
    assert kinds["torch.add"] == "function"
    assert kinds["torch.nn.Linear"] == "layer"
