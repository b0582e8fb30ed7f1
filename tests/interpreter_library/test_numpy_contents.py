"""What small arrays of numpy hold: programs that mean the same in Python and in the interpreter, and those of which the
interpreter must not claim to know."""

from __future__ import annotations

import textwrap

import pytest

from attnlint.values import Unknown
from tests.interpreter_library.programs import evaluate, in_python, plain

pytest.importorskip("numpy")
IMPORT = "import numpy as np\n"

KNOWN = {
    "paddings of kernel sizes": """
        kernel, stride = np.atleast_1d((3, 5, 1)), np.atleast_1d(1)
        padding = (kernel - stride + 1) / 2
        if np.min(padding) < 0:
            raise AssertionError
        result = tuple(int(p) for p in padding)
        """,
    "one number": """
        padding = (np.atleast_1d(3) - np.atleast_1d(2) + 1) / 2
        padding = tuple(int(p) for p in padding)
        result = padding if len(padding) > 1 else padding[0]
        """,
    "all and any": """
        stride = np.atleast_1d([1, 1])
        result = (bool(np.all(stride == 1)), bool(np.any(stride > 1)), bool((stride < 2).all()))
        """,
    "reductions": """
        sizes = np.array([[4, 6], [2, 8]])
        result = [int(n) for n in (sizes.sum(), np.prod(sizes), sizes.max(), np.min([3, 2]), np.sum((1, 2)))]
        """,
    "a mean": "result = int(np.array([4, 7]).mean())",
    "rounding": """
        scaled = np.ceil(np.array([5, 7]) / 2)
        result = (scaled.astype(int).tolist(), [int(n) for n in np.floor([2.5, -0.5])])
        """,
    "an item of an index": "result = int(np.arange(3, 9, 2)[-1])",
    "broadcasting": """
        grid = np.array([[1], [2]]) * np.array([10, 20, 30])
        result = grid.tolist()
        """,
    "powers": "result = [int(n) for n in 2 ** np.arange(4)]",
    "floats of ints": "result = np.array([1, 2.5]).tolist()",
    "bools are ints": "result = int((np.array([1, 2, 3]) > 1).sum())",
}

WRITTEN = {
    "an item": "a = np.array([1, 2]); a[0] = 5; result = int(a[0])",
    "through a view": "a = np.array([1, 2, 3]); b = a[1:]; b[0] = 9; result = int(a[1])",
    "through the transpose": "a = np.array([[1, 2], [3, 4]]); a.T[0, 1] = 9; result = int(a.sum())",
    "through a reshape": "a = np.array([1, 2]); a.reshape(2, 1)[0] = 9; result = int(a[0])",
    "under its other name": "a = np.array([1, 2]); b = a; a += 1; result = int(b[0])",
    "asarray is no copy": "a = np.array([1, 2]); np.asarray(a)[0] = 7; result = int(a[0])",
    "one of two": """
        a, b = np.array([1, 2]), np.array([3, 4])
        c = a if np.random.rand() < 2 else b
        c[0] = 5
        result = int(a[0])
        """,
    "sorted in place": "a = np.array([2, 1]); a.sort(); result = int(a[0])",
    "by a function that is not known": "a = np.array([2, 1]); np.copyto(a, [5, 6]); result = int(a[0])",
    "shuffled": "a = np.arange(2); np.random.shuffle(a); np.random.shuffle(a); result = int(a[0]) * 0 + 7",
    "in a loop": """
        a = np.array([1, 1])
        for _ in range(int(np.random.rand() * 0) + 3):
            a = a * 2
        result = int(a[0])
        """,
    "memory shared with torch": """
        import torch
        a = np.array([1, 2])
        torch.from_numpy(a)[0] = 9
        result = int(a[0])
        """,
}


def program(text: str) -> str:
    return IMPORT + textwrap.dedent(text)


@pytest.mark.parametrize("name", KNOWN)
def test_contents_are_what_numpy_says(name: str) -> None:
    text = program(KNOWN[name])
    assert plain(evaluate(text)) == in_python(text)


@pytest.mark.parametrize("name", WRITTEN)
def test_what_was_written_into_is_not_known_any_more(name: str) -> None:
    text = program(WRITTEN[name])
    in_python(text)
    value = evaluate(text)
    assert not isinstance(value, int | float) or value == in_python(text)


def test_the_unknown_is_unknown() -> None:
    value = evaluate(program("import somewhere\nresult = np.array([somewhere.size, 2])[0]"))
    assert isinstance(value, Unknown)
