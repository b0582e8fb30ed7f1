"""Bytes to text, as Python does it."""

from __future__ import annotations

import ast
import codecs

import pytest

from attnlint.syntax import SourceError, decode, mentions_torch, nodes, parse


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"a = 1\r\n", "a = 1\r\n"),
        ("é = 1".encode(), "é = 1"),
        (codecs.BOM_UTF8 + "é = 1".encode(), "é = 1"),
        (codecs.BOM_UTF8 + b"# coding: utf-8\n", "# coding: utf-8\n"),
        ("# -*- coding: latin-1 -*-\na = 'é'".encode("latin-1"), "# -*- coding: latin-1 -*-\na = 'é'"),
        ("#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n'€'".encode("cp1252"), None),
        ("\n# coding=latin-1\n'é'".encode("latin-1"), None),
        ("a = 1\n# coding: latin-1\n'é'".encode(), "a = 1\n# coding: latin-1\n'é'"),
        (b"a = 'coding: latin-1'\n", "a = 'coding: latin-1'\n"),
        ("# coding: utf-8\r\n'é'\r\n".encode(), "# coding: utf-8\r\n'é'\r\n"),
        ("# coding: euc-jp\n'日本'".encode("euc-jp"), "# coding: euc-jp\n'日本'"),
    ],
)
def test_decodes_as_python_does(data: bytes, text: str | None) -> None:
    decoded = decode(data)
    if text is not None:
        assert decoded == text
    assert ast.dump(ast.parse(decoded)) == ast.dump(ast.parse(data))


@pytest.mark.parametrize(
    ("data", "message", "place"),
    [
        (b"a = 1\nb = '\xe9'\n", "byte 0xe9 is not utf-8, and no other encoding is declared", (2, 6)),
        ("# coding: ascii\nö = 'é'".encode("latin-1"), "byte 0xf6 is not ascii, as the file declares", (2, 1)),
        (b"# coding: klingon\n", "unknown encoding: klingon", (1, 1)),
        (b"# coding: rot13\n", "cannot decode as rot13", (1, 1)),
        ("a = 1".encode("utf-16"), "UTF-16", (1, 1)),
        (codecs.BOM_UTF8 + b"# coding: latin-1\n", "", (1, 1)),
        (b"# coding: \xff\n", "", (1, 1)),
    ],
)
def test_says_what_is_wrong(data: bytes, message: str, place: tuple[int, int]) -> None:
    with pytest.raises(SourceError) as caught:
        decode(data)
    assert message in caught.value.message
    assert (caught.value.line, caught.value.column) == place


def test_a_mark_in_a_decoded_text_is_dropped() -> None:
    source = parse("\ufeffa = 1", "example.py")
    assert source.text == "a = 1"
    assert source.range(source.body[0].id).column == 1


def test_columns_count_characters() -> None:
    source = parse("'é𝒳' + b\n", "example.py")
    (statement,) = source.body
    assert isinstance(statement, nodes.ExpressionStatement)
    assert isinstance(statement.value, nodes.Binary)
    place = source.range(statement.value.right.id)
    assert (place.column, place.end_column) == (8, 9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import torch", True),
        ("from einops import rearrange", True),
        ("from flash_attn import flash_attn_func", True),
        ("import xformers.ops", True),
        ("import numpy as np", False),
        ("", False),
    ],
)
def test_mentions_torch(text: str, expected: bool) -> None:
    assert mentions_torch(text) is expected
    assert mentions_torch(text.encode()) is expected
