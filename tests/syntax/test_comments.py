"""Comments and joined lines, checked against ``tokenize`` and against flake8's own view."""

from __future__ import annotations

import io
import tokenize
from pathlib import Path

import pytest

from attnlint.syntax import SourceError, parse
from attnlint.syntax.scanner import comments_and_joins
from attnlint.syntax.scanner import tokens as tokens_of
from tests.syntax import corpus


def tokens(text: str) -> list[tokenize.TokenInfo]:
    return list(tokenize.generate_tokens(io.StringIO(text, newline="").readline))


def joined_as_flake8_does(text: str) -> dict[int, tuple[int, int]]:
    """flake8's ``FileProcessor._noqa_line_mapping``, in our terms: lines that are joined with others."""
    joined = {}
    first, last = 10**9, -1
    for token in tokens(text):
        if token.type in (tokenize.ENDMARKER, tokenize.DEDENT):
            continue
        first, last = min(first, token.start[0]), max(last, token.end[0])
        if token.type in (tokenize.NL, tokenize.NEWLINE):
            if last > first:
                joined.update(dict.fromkeys(range(first, last + 1), (first, last)))
            first, last = 10**9, -1
    return joined


@pytest.mark.parametrize("path", corpus.plain_files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_real_files(path: Path) -> None:
    text = corpus.text_of(path)
    source = parse(text, str(path))
    expected = {token.start[0]: token.string for token in tokens(text) if token.type == tokenize.COMMENT}
    assert source.comments() == expected
    lines = range(1, len(source.lines) + 1)
    found = {line: source.joined_lines(line) for line in lines if source.joined_lines(line) != (line, line)}
    assert found == joined_as_flake8_does(text)


EXAMPLES = [
    "a = 1  # one\n# two\nb = '# no comment'  # three\n",
    "a = '''\n# no comment\n'''  # comment\n",
    "a = \"it's\"  # don't\nb = 'say \\'#\\''  # yes\n",
    "a = r'\\'  # no\\\n'",
    "a = b'#' rb'''#\n''' # c\n",
    "a = (b,  # one\n     c)  # two\n",
    "a = b + \\\n    c + \\\n    d  # comment\ne = f\n",
    "a = '''x\n''' + '''y\n'''  # comment\nb = 1\n",
    "def f():\n    '''doc\n    string'''  # comment\n    return 'x\\\n  y'  # other\n",
    "x = f'{a!r}#' f'''{b}\n#'''  # comment\n",
    "#",
    "a = 1 # \\\nb = 2\n",
    "'''a''''b' # c",
    "''  # empty\n\"\" '' # two\n",
]


@pytest.mark.parametrize("text", EXAMPLES)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_examples(text: str, line_end: str) -> None:
    text = text.replace("\n", line_end)
    try:
        source = parse(text, "example.py")
    except SourceError:
        pytest.skip("not a program")
    expected = {token.start[0]: token.string for token in tokens(text) if token.type == tokenize.COMMENT}
    assert source.comments() == expected
    lines = range(1, len(source.lines) + 1)
    found = {line: source.joined_lines(line) for line in lines if source.joined_lines(line) != (line, line)}
    assert found == joined_as_flake8_does(text)


def test_quotes_inside_of_fields() -> None:
    """Since Python 3.12; older ones do not parse it, and the scanner needs no parse."""
    text = 'x = f"{d["#a"]}" + f\'{a}\' # one\ny = f"{f"{\'#\'}"}" # two\nrf"{x!r:{"#"}}" # three\nfr\'\\{{\' # four'
    comments, joins = comments_and_joins(text)
    assert [comment for _, comment in comments] == ["# one", "# two", "# three", "# four"]
    assert joins == []


@pytest.mark.parametrize("text", ["f'{", "f'{x}{'\n", 'f"""{', "f'{(", "f'{a[", "rf'{{{'"])
def test_scanning_what_is_no_python_ends(text: str) -> None:
    assert isinstance(comments_and_joins("'''" + text * 3000), tuple)
    assert len(list(tokens_of(text * 3000))) > 100


def test_flake8_agrees() -> None:
    processor = pytest.importorskip("flake8.processor")
    text = EXAMPLES[6] + EXAMPLES[7] + EXAMPLES[8]
    source = parse(text, "example.py")
    flake8_lines = processor.FileProcessor.__new__(processor.FileProcessor)
    flake8_lines.lines = text.splitlines(keepends=True)
    mapping = type(flake8_lines)._noqa_line_mapping.func
    flake8_lines.__dict__["file_tokens"] = tokens(text)
    for line, joined in mapping(flake8_lines).items():
        first, last = source.joined_lines(line)
        assert "".join(source.lines[first - 1 : last]) == joined
