"""IPython's syntax becomes Python on the same lines."""

from __future__ import annotations

import ast

import pytest

from attnlint.notebook.magics import plain_python


@pytest.mark.parametrize(
    ("cell", "expected", "replaced"),
    [
        ("a = 1\n", "a = 1\n", []),
        ("%matplotlib inline\nimport torch", "pass\nimport torch", [1]),
        ("!pip install torch\n", "pass\n", [1]),
        ("if a:\n  %cd x", "if a:\n  pass", [2]),
        ("if a:\n    !ls\n    %time f()\nb = 1\n", "if a:\n    pass\n    pass\nb = 1\n", [2, 3]),
        ("!pip install a \\\n  b \\\n  c\nd = 1", "pass\n\n\nd = 1", [1, 2, 3]),
        ("%%time\na = f(1)\n", "pass\na = f(1)\n", [1]),
        ("\n%%capture out\n!ls\na = 1", "\npass\npass\na = 1", [2, 3]),
        ("%%bash\necho 'a\nls", "pass\n\n", [1, 2, 3]),
        ("%%writefile a.py\nimport torch\n", "pass\n\n", [1, 2]),
        ("torch.bmm?", "pass", [1]),
        ("?torch.bmm\n??f\nf??\n", "pass\npass\npass\n", [1, 2, 3]),
        ("pip install torch\na = 1", "pass\na = 1", [1]),
        ("cd ..\nls\nls -l", "pass\npass\npass", [1, 2, 3]),
        ('!echo "it\'s" (\na = 1\n', "pass\na = 1\n", [1]),
        ("%d\r\na = 1\r\n", "pass\r\na = 1\r\n", [1]),
    ],
)
def test_replaced(cell: str, expected: str, replaced: list[int]) -> None:
    assert plain_python(cell) == (expected, frozenset(replaced))
    ast.parse(plain_python(cell)[0])


@pytest.mark.parametrize("cell", ["files = !ls", "x = %timeit -o f()", "a, b = !cat c", "if a:\n    b.c = !ls\n"])
def test_an_assigned_result_is_unknown(cell: str) -> None:
    code, replaced = plain_python(cell)
    assert len(replaced) == 1
    assert code.split("=")[0] == cell.split("=")[0]
    assert "get_ipython" in code
    ast.parse(code)


@pytest.mark.parametrize(
    "cell",
    [
        "a = (b\n  % c)\n",
        "a = b \\\n  % c\n",
        "a = '''\n%d\n!x\n?\n'''\n",
        "f(a,\n  # !no\n  b)\n",
        "a = '%d' % b\nc = a != b\n",
        "ls = 1\nls - 1\npip.install(x)\ncat in dogs\ncd = ls\n",
        "# what?\n",
        "a = 'b?'\n",
        "x = b == c\n",
        "",
        "\n",
    ],
)
def test_python_stays(cell: str) -> None:
    assert plain_python(cell) == (cell, frozenset())
