"""What no parser likes: one clear line for that file, and the others are still checked. Through the real analysis."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

GOOD = "import torch\n\nscores = torch.bmm(torch.randn(10, 512), torch.randn(512, 10))\n"
FOUND = "good.py:3:10: ATN103"
TOO_LONG = "bad.py: line 2: an expression too long to be parsed"

# Name, content, and what the line about the file says; nothing where there is nothing to say.
FILES: dict[str, tuple[bytes, str | None]] = {
    "syntax_error": (b"import torch\nx = (1,\n", "bad.py:2:5: ATN001 "),
    "indentation": (b"import torch\n  x = 1\n", "bad.py:2:"),
    "python_2": (b"import torch\nprint 'x'\n", "bad.py:2:"),
    "empty": (b"", ""),
    "only_a_comment": (b"# torch", ""),
    "not_utf8": (b"import torch\nx = '\xff\xfe'\n", "bad.py:2:6: ATN0"),
    "utf16": ("import torch\n".encode("utf-16"), ""),
    "declared_latin_1": (b"# -*- coding: latin-1 -*-\nimport torch\nx = '\xe9'\n", ""),
    "declared_cp1252_in_line_2": (
        b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nimport torch\nx = '\x80'\n",
        "",
    ),
    "declared_and_wrong": (b"# coding: ascii\nimport torch\nx = '\xe9'\n", "bad.py:3:6: ATN0"),
    "declared_and_unknown": (b"# coding: klingon\nimport torch\n", "klingon"),
    "byte_order_mark": (b"\xef\xbb\xbfimport torch\n", ""),
    "nul_bytes": (b"import torch\nx = 1\x00\n", "bad.py:2:"),
    "only_nul_bytes": (b"torch" + b"\x00" * 1000, "ATN0"),
    "nested_brackets": (b"import torch\nx = " + b"(" * 3000 + b")" * 3000 + b"\n", TOO_LONG),
    "nested_lists": (b"import torch\nx = " + b"[" * 3000 + b"]" * 3000 + b"\n", TOO_LONG),
    "summed_terms": (b"import torch\nx = " + b" + ".join([b"1"] * 10_000) + b"\n", TOO_LONG),
    "chained_methods": (b"import torch\nx = torch" + b".x()" * 3000 + b"\n", TOO_LONG),
    "nested_blocks": (
        b"import torch\n" + b"".join(b" " * depth + b"if x:\n" for depth in range(99)) + b" " * 99 + b"x\n",
        "",
    ),
    "deep_nested_blocks": (
        b"import torch\n" + b"".join(b" " * depth + b"if x:\n" for depth in range(300)) + b" " * 300 + b"x\n",
        "ATN0",
    ),
    "huge_integer": (
        b"import torch\nx = torch.zeros(" + b"9" * 5000 + b")\ny = 10 ** 10 ** 10\nz = 1 << 10 ** 9\n",
        None,
    ),
    "huge_string": (b"import torch\nx = 'a' * 10 ** 12\ny = [0] * 10 ** 12\n", ""),
    "class_of_itself": (b"import torch\nclass A(A): pass\nclass B(C): pass\nclass C(B): pass\nC(1)\n", ""),
    "infinite_recursion": (b"import torch\ndef f(x):\n    return f(x + 1)\nf(torch.ones(2))\n", ""),
    "mutual_recursion": (b"import torch\ndef f(x): return g(x)\ndef g(x): return f(x) @ x\ng(torch.ones(2))\n", ""),
    "while_true": (b"import torch\nx = torch.ones(2)\nwhile True:\n    x = torch.cat([x, x])\n", ""),
    "imports_itself": (b"import torch\nfrom bad import *\nimport bad\nbad.bad.bad.f(torch.ones(2))\n", ""),
    "growing": (b"import torch\nx = [1]\nfor i in range(10 ** 9):\n    x = x + x\n    x.append(x)\n", ""),
    "exponential": (b"import torch\ndef f(n):\n    return f(n - 1) + f(n - 1) if n else torch.ones(1)\nf(1000)\n", ""),
    "form_feeds": (b"import torch\n\x0c\nx = 1\n\x0c", ""),
    "old_mac_line_ends": (b"import torch\rx = 1\r", ""),
    "no_newline_at_the_end": (b"import torch\nx = 1  # noqa", ""),
    "line_continuation_at_the_end": (b"import torch\nx = 1 + \\", "bad.py:2:"),
    "surrogates": (b"import torch\nx = '\\ud800'\n\xf0\x9f\x98\x80 = 1\n", "bad.py:3:"),
}


def check(folder: Path, *paths: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "attnlint", "check", "--isolated", "-q", "--output-format", "concise", *paths]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("name", FILES)
def test_the_other_file_is_checked(tmp_path: Path, name: str) -> None:
    content, says = FILES[name]
    (tmp_path / "bad.py").write_bytes(content)
    (tmp_path / "good.py").write_text(GOOD)
    result = check(tmp_path, ".")
    about_bad = [line for line in result.stderr.splitlines() if line.startswith("bad.py:")]
    assert result.returncode == 1, result.stderr
    assert FOUND in result.stdout
    assert "Traceback" not in result.stderr
    assert "ATN004" not in result.stderr
    assert len(about_bad) == len(result.stderr.splitlines()) <= 1
    if says is not None:
        assert bool(about_bad) == bool(says), result.stderr
        assert says in "".join(about_bad)


@pytest.mark.parametrize("name", ["syntax_error", "nul_bytes", "not_utf8"])
def test_alone_it_is_exit_code_2(tmp_path: Path, name: str) -> None:
    (tmp_path / "bad.py").write_bytes(FILES[name][0])
    result = check(tmp_path, "bad.py")
    assert (result.returncode, result.stdout) == (2, "")


def test_an_empty_file_alone_is_clean(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_bytes(b"")
    assert check(tmp_path, "bad.py").returncode == 0


def test_a_folder_named_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "folder.py" / "good.py").write_text(GOOD)
    result = check(tmp_path, ".")
    assert "folder.py/good.py:3:10: ATN103" in result.stdout


@pytest.mark.slow
def test_a_hundred_thousand_lines(tmp_path: Path) -> None:
    block = "def f{0}(x):\n    y = torch.ones(3, {0}) @ x\n    return y.view(-1)\n\n\nz{0} = f{0}(torch.ones({0}, 2))\n"
    text = "import torch\n" + "".join(block.format(number) for number in range(1, 16_667))
    (tmp_path / "bad.py").write_text(text)
    (tmp_path / "good.py").write_text(GOOD)
    result = check(tmp_path, ".")
    assert result.returncode == 1
    assert FOUND in result.stdout
    assert "bad.py" not in result.stdout
    assert result.stderr == ""
