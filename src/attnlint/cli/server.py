"""``attnlint server``"""

from __future__ import annotations

import argparse
import os
import signal
import sys

from attnlint.cli.exit_codes import ERROR, OK


def run(arguments: argparse.Namespace) -> int:
    """Serve an editor over standard input and output until it says goodbye."""
    try:
        from attnlint.server.server import make
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        print("attnlint: error: the language server needs pygls: pip install 'attnlint[editor]'", file=sys.stderr)
        return ERROR
    server = make()
    # Nothing but the protocol may get into standard output: whatever prints, prints to standard error.
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        server.start_io(stdout=output)
    finally:
        server.end()
    return OK
