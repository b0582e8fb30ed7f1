"""Which release of torch brought what the registry knows: read from the wheels of many releases, without running them.

    python -m tests.measure.releases WHEELS [--oldest PYTHON] [--write]

WHEELS is a folder with one wheel a release (``pip download --no-deps --only-binary=:all: torch==2.0.0``; those for
other machines serve as well, and are smaller). A name, or a parameter that the registry knows too, came with the first
release from which on every one declares it. Stubs are incomplete in old releases: PYTHON, an interpreter with the
oldest one, says which names it has all the same. ``--write`` writes ``attnlint/ops/releases.py``.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from attnlint.ops.registry import all_aliases, all_layers, all_ops
from tests.measure.torch_stubs import Declared, declared_names

PATH = Path(__file__).resolve().parents[2] / "src" / "attnlint" / "ops" / "releases.py"

HEAD = '''"""Which release of torch brought what: names and parameters that the oldest release has not.

Written by ``python -m tests.measure.releases``, which reads torch's own wheels; do not edit.
"""

from __future__ import annotations

OLDEST = "{oldest}"
NEWEST = "{newest}"
"""The releases that were read."""

SINCE: dict[str, str] = {{
{lines}
}}
"""``torch.nn.functional.rms_norm``, or ``torch.nn.functional.scaled_dot_product_attention(scale)`` for a parameter, to
the release that brought it."""
'''


def known_parameters() -> Iterator[tuple[str, frozenset[str]]]:
    """Every name of the registry with the parameters of its signatures."""
    for op in all_ops():
        yield op.name, frozenset(one.name for signature in op.signatures for one in signature.parameters)
    for layer in all_layers():
        yield layer.name, frozenset(one.name for signature in layer.constructor for one in signature.parameters)
        if layer.forward is not None:
            names = (one.name for signature in layer.forward.signatures for one in signature.parameters)
            yield f"{layer.name}.forward", frozenset(names)
    for name in all_aliases():
        yield name, frozenset()


def had_by(python: str, names: list[str]) -> set[str]:
    """The names that the torch of an interpreter has."""
    program = (
        "import json, operator, sys, torch; has = []\n"
        "for name in json.load(sys.stdin):\n"
        "    try: operator.attrgetter(name.partition('.')[2])(torch); has.append(name)\n"
        "    except AttributeError: pass\n"
        "print(json.dumps(has))"
    )
    output = subprocess.run(
        [python, "-c", program], input=json.dumps(names), capture_output=True, text=True, check=True
    )
    return set(json.loads(output.stdout))


def first_releases(releases: dict[str, Declared]) -> dict[str, str]:
    """What each name and parameter came with, where that is not the oldest of the releases (oldest first)."""
    order = list(releases)
    since: dict[str, str] = {}
    for name, parameters in known_parameters():
        if name not in releases[order[-1]]:
            continue
        came = _first(order, [name in releases[each] for each in order])
        if came != order[0] and not name.endswith(".forward"):
            since[name] = came
        later = order[order.index(came) :]
        for parameter in sorted(parameters & releases[order[-1]][name]):
            brought = _first(later, [_takes(releases[each][name], parameter) for each in later])
            if brought != came:
                since[f"{name}({parameter})"] = brought
    return dict(sorted(since.items()))


def _first(order: list[str], has: list[bool]) -> str:
    """The first release from which on every one has it; the last one has it."""
    count = next((index for index, each in enumerate(reversed(has)) if not each), len(has))
    return order[len(order) - count]


def _takes(declared: frozenset[str], parameter: str) -> bool:
    """Whether a declaration has the parameter; one that only says ``*args, **kwargs`` may have any."""
    return parameter in declared or declared <= {"self", "args", "kwargs"}


def release_of(path: Path) -> tuple[int, ...]:
    """``torch-2.10.0-cp311-...whl`` as ``(2, 10)``."""
    return tuple(map(int, re.findall(r"\d+", path.name)[:2]))


def main() -> int:
    """Read the wheels; print or write what came when."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheels", type=Path)
    parser.add_argument("--oldest", help="an interpreter with the oldest release")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    wheels = sorted(options.wheels.glob("torch-*.whl"), key=release_of)
    releases = {".".join(map(str, release_of(wheel))): declared_names(wheel) for wheel in wheels}
    oldest, newest = next(iter(releases)), list(releases)[-1]
    since = first_releases(releases)
    if options.oldest is not None:
        for name in had_by(options.oldest, [name for name in since if "(" not in name]):
            del since[name]
    text = HEAD.format(oldest=oldest, newest=newest, lines="\n".join(f'    "{k}": "{v}",' for k, v in since.items()))
    if options.write:
        PATH.write_text(text)
    else:
        print(text)
    undeclared = sorted(name for name, _ in known_parameters() if name not in releases[newest])
    print(f"{len(since)} of {oldest} to {newest}; {len(undeclared)} names are not declared anywhere", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
