"""``attnlint annotate``"""

from __future__ import annotations

import argparse
import sys

from attnlint.cli.exit_codes import ERROR, OK
from attnlint.declared.annotate import annotated
from attnlint.files import STANDARD_INPUT
from attnlint.fixes.edits import FileChanged, difference, write_atomically
from attnlint.syntax import SourceError
from attnlint.syntax.encoding import decode


def run(arguments: argparse.Namespace) -> int:
    """Print a file with its shapes written in, or the difference, or write it."""
    name = arguments.path
    try:
        if name == STANDARD_INPUT:
            data = sys.stdin.buffer.read()
            name = arguments.stdin_filename or STANDARD_INPUT
        else:
            with open(name, "rb") as file:
                data = file.read()
        text = decode(data)
        changed = annotated(text, name, arguments.style)
        if arguments.diff:
            sys.stdout.write(difference(name, text, changed))
        elif arguments.write and arguments.path != STANDARD_INPUT:
            if changed != text:
                write_atomically(name, data, changed.encode(_encoding(data)))
        else:
            sys.stdout.write(changed)
    except OSError as error:
        print(f"{name}:1:1: ATN003 cannot be read or written: {error.strerror}", file=sys.stderr)
        return ERROR
    except FileChanged:
        print(f"{name}: not written: the file has changed since it was read", file=sys.stderr)
        return ERROR
    except SourceError as error:
        print(f"{name}:{error.line}:{error.column}: ATN001 {error.message}", file=sys.stderr)
        return ERROR
    return OK


def _encoding(data: bytes) -> str:
    import io
    import tokenize

    return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
