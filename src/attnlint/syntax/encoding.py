"""Bytes to text, as Python does it."""

from __future__ import annotations

from attnlint.syntax.errors import SourceError

_UTF8_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


def decode(data: bytes) -> str:
    """The text of a Python file: UTF-8, or what a comment on its first two lines declares (PEP 263).

    A byte order mark is no part of the text. Line ends stay as they are.
    """
    if data.startswith(_WIDE_MARKS):
        raise SourceError("the file is UTF-16, which Python does not read; save it as UTF-8")
    encoding = "utf-8"
    has_mark = data.startswith(_UTF8_MARK)
    if has_mark:
        data = data[len(_UTF8_MARK) :]
    if b"coding" in b"".join(data[:4096].splitlines()[:2]):
        encoding = _declared(data, has_mark)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode(encoding, "replace")) + 1
        what = f"byte 0x{data[error.start]:02x} is not {encoding}"
        advice = "and no other encoding is declared" if encoding == "utf-8" else "as the file declares"
        raise SourceError(f"{what}, {advice}", line, column) from error
    except (LookupError, ValueError, AssertionError) as error:
        raise SourceError(f"cannot decode as {encoding}: {error}") from error


def _declared(data: bytes, has_mark: bool) -> str:
    import io
    import tokenize

    try:
        # The first two lines alone: what follows may well be undecodable as UTF-8.
        head = b"".join(data.splitlines(keepends=True)[:2])
        encoding, _ = tokenize.detect_encoding(io.BytesIO(head).readline)
    except SyntaxError as error:
        raise SourceError(str(error.msg)) from error
    if has_mark and encoding != "utf-8":
        raise SourceError(f"the file begins with a UTF-8 byte order mark and declares {encoding}")
    return encoding
