"""Shape agreement over programs: the share of tensors whose shape is inferred exactly, and every disagreement.

    python -m tests.measure.agreement fixtures/programs [--unknown]
    python -m tests.measure.agreement --packages FOLDER [DRIVER...] [--unknown]

The second form runs the drivers of ``tests/measure/drivers`` (see ``tests.measure.driven``): both the driver with the
package's module, and, where the module needs nothing of its package, the two as one file.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.harness.agreement import compare, inferred_shapes
from tests.harness.tracer import run_program


def main() -> int:
    """Run the measure and print the table; 1 when there is a disagreement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--packages", type=Path, help="a folder of unzipped packages: run drivers")
    parser.add_argument("--unknown", action="store_true", help="list what was not inferred")
    parser.add_argument("--cache", type=Path, help="a folder that keeps what torch did")
    options = parser.parse_args()
    if options.packages is not None:
        from tests.measure.driven_agreement import measure

        return measure(
            options.packages, [str(path) for path in options.paths], show=options.unknown, cache=options.cache
        )
    recorded = inferred = disagreements = 0
    for path in options.paths:
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            text = file.read_text()
            recording = run_program(text, str(file))
            result = compare(recording, inferred_shapes(text, str(file)))
            recorded += result.recorded
            inferred += result.inferred
            disagreements += len(result.disagreements)
            share = f"{result.inferred / result.recorded:.1%}" if result.recorded else "-"
            end = "" if recording.uncaught is None else f"  (ends with {recording.uncaught!r:.80})"
            print(f"{file.name:40} {result.inferred:>5} of {result.recorded:>5}  {share:>6}{end}")
            for line in result.disagreements:
                print(f"    DISAGREES {line}")
            for line in result.unknown if options.unknown else ():
                print(f"    unknown {line}")
    print(
        f"{'all':40} {inferred:>5} of {recorded:>5}  {inferred / max(recorded, 1):.1%}, {disagreements} disagreements"
    )
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
