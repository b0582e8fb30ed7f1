"""The options of all commands, named as in ruff."""

from __future__ import annotations

import argparse
from typing import Any

from attnlint import __version__
from attnlint.settings import OUTPUT_FORMATS


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="attnlint",
        description="Finds tensors whose shapes do not fit in PyTorch code, without running it, "
        "and proves each finding on real torch. 'attnlint PATH' is short for 'attnlint check PATH'.",
        allow_abbrev=False,
    )
    top.add_argument("-V", "--version", action="version", version=f"attnlint {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _check(_command(commands, "check", "check files and folders (the default)"))
    _shapes(_command(commands, "shapes", "show the shape of every tensor that a file assigns"))
    _annotate(_command(commands, "annotate", "write the inferred shapes into a file, as comments or annotations"))
    rule = _command(commands, "rule", "explain a rule")
    rule.add_argument("rule", metavar="CODE", help="a code (ATN101) or a name (matmul-inner-dimension)")
    _format(rule, ("text", "json"))
    _format(_command(commands, "rules", "list all rules"), ("text", "json"))
    ops = _command(commands, "ops", "list the torch operations whose shapes are known")
    ops.add_argument("filter", nargs="?", default="", metavar="TEXT", help="only names that contain this")
    _format(ops, ("text", "json"))
    repro = _command(commands, "repro", "print a small program that shows the finding at a line on real torch")
    repro.add_argument("place", metavar="FILE:LINE", help="where the finding is")
    _configuration(repro)
    _probe(
        _command(commands, "probe", "run a module of yours, in limits, and say which properties of an attention hold")
    )
    config = _command(commands, "config", "describe the configuration")
    config.add_argument("key", nargs="?", metavar="KEY", help="only this key")
    _format(config, ("text", "json"))
    server = _command(commands, "server", "serve an editor over standard input and output (Language Server Protocol)")
    # Some clients add it to every command.
    server.add_argument("--stdio", action="store_true", help=argparse.SUPPRESS)
    return top


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line, parsed; SystemExit when it is wrong or asks for help."""
    top = parser()
    parsed, left = top.parse_known_args(arguments)
    # argparse takes paths only in one go; people write options between them.
    if parsed.command == "check":
        parsed.paths.extend(text for text in left if text == "-" or not text.startswith("-"))
        left = [text for text in left if text != "-" and text.startswith("-")]
    if left:
        top.error(f"unrecognized arguments: {' '.join(left)}")
    return parsed


def _command(commands: Any, name: str, text: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=text[0].upper() + text[1:] + ".", allow_abbrev=False
    )
    return made


def _format(command: argparse.ArgumentParser, choices: tuple[str, ...]) -> None:
    command.add_argument("--output-format", choices=choices, default=choices[0], help="how to write it")


def _shapes(command: argparse.ArgumentParser) -> None:
    command.add_argument("path", metavar="FILE", help="a file, or - for standard input")
    command.add_argument("--stdin-filename", metavar="PATH", help="the name of what comes from standard input")
    _format(command, ("text", "json"))
    _configuration(command)


def _probe(command: argparse.ArgumentParser) -> None:
    command.add_argument("place", metavar="MODULE:CLASS", help="package.module:Class or path/to/file.py:Class")
    command.add_argument("--init", default="", metavar="ARGUMENTS", help="of the constructor: '64, heads=4'")
    command.add_argument(
        "--input",
        action="append",
        metavar="[NAME=]SHAPE[:DTYPE]",
        help="an argument of the forward: '(2, 5, 64)', 'ids=(2, 5):int64<100', 'mask=(2, 5):bool'; once for each",
    )
    command.add_argument("--batch-axis", type=int, default=0, metavar="N", help="the axis of the samples; default: 0")
    command.add_argument("--token-axis", type=int, default=1, metavar="N", help="the axis of the tokens; default: 1")
    command.add_argument("--mask", metavar="NAME", help="the input that masks keys, along its last axis")
    command.add_argument(
        "--mask-true", choices=("ignored", "kept"), default="ignored", help="what a true element of it means"
    )
    command.add_argument("--python", metavar="PATH", help="the interpreter that has torch, or its environment")
    _format(command, ("text", "json"))


def _annotate(command: argparse.ArgumentParser) -> None:
    command.add_argument("path", metavar="FILE", help="a file, or - for standard input")
    command.add_argument("--stdin-filename", metavar="PATH", help="the name of what comes from standard input")
    command.add_argument(
        "--style",
        choices=("comment", "jaxtyping"),
        default="comment",
        help="comments at the ends of statements, or annotations of parameters and results",
    )
    how = command.add_mutually_exclusive_group()
    how.add_argument("--diff", action="store_true", help="show what would change")
    how.add_argument("--write", action="store_true", help="change the file; without it, print it")


def _check(command: argparse.ArgumentParser) -> None:
    command.add_argument("paths", nargs="*", metavar="PATH", help="files and folders; - for standard input; default: .")
    command.add_argument("--stdin-filename", metavar="PATH", help="the name of what comes from standard input")
    _selection(command.add_argument_group("which rules"))
    _files(command.add_argument_group("which files"))
    _output(command.add_argument_group("output"))
    repair = command.add_argument_group("repairs; each was proved by checking the edited source again")
    repair.add_argument("--fix", action="store_true", help="apply those that do what the code was meant to do")
    repair.add_argument("--unsafe-fixes", action="store_true", help="with --fix, also those that change results")
    repair.add_argument("--diff", action="store_true", help="show what --fix would change, and change nothing")
    repair.add_argument("--show-fixes", action="store_true", help="list the repairs of each finding")
    verification = command.add_argument_group("verification by real torch")
    verification.add_argument(
        "--verify", action=argparse.BooleanOptionalAction, default=None, help="run each finding's operation on torch"
    )
    verification.add_argument(
        "--verify=program",
        dest="verify_program",
        action="store_true",
        help="run the files that have findings, too, and classes in them that nobody calls",
    )
    verification.add_argument(
        "--python", metavar="PATH", help="the interpreter that has torch, or the folder of its virtual environment"
    )
    _configuration(command)
    running = command.add_argument_group("running")
    running.add_argument("-j", "--jobs", type=_count, metavar="N", help="number of processes; default: by the work")
    running.add_argument("-n", "--no-cache", action="store_true", help="neither read nor write the cache")
    running.add_argument("--cache-dir", metavar="PATH", help="the cache folder")
    running.add_argument("-w", "--watch", action="store_true", help="check again whenever a file changes")
    running.add_argument("--baseline", metavar="FILE", help="a file of known findings, which are not reported")
    running.add_argument("--update-baseline", action="store_true", help="make the findings of this run the known ones")
    running.add_argument("--add-noqa", action="store_true", help="write a '# noqa' comment for each finding")
    running.add_argument("--exit-zero", action="store_true", help="exit with 0 even when there are findings")
    running.add_argument("--show-settings", action="store_true", help="show the settings for the first path, and stop")
    running.add_argument("--show-files", action="store_true", help="show the files that would be checked, and stop")


def _selection(group: Any) -> None:
    for name, text in (
        ("select", "report these codes (ATN101, ATN1, names of rules, ALL) instead of the default"),
        ("ignore", "do not report these codes"),
        ("extend-select", "report these codes too"),
        ("extend-ignore", "do not report these codes either"),
    ):
        group.add_argument(f"--{name}", action="append", type=_list, metavar="CODES", help=text)
    group.add_argument(
        "--per-file-ignores", action="append", type=_list, metavar="PATTERN:CODE", help="do not report a code in files"
    )
    group.add_argument(
        "--preview", action=argparse.BooleanOptionalAction, default=None, help="report preview rules too"
    )
    group.add_argument(
        "--ignore-noqa", action="store_true", default=None, help="report in spite of suppression comments"
    )


def _files(group: Any) -> None:
    group.add_argument("--exclude", action="append", type=_list, metavar="PATTERNS", help="instead of the default")
    group.add_argument("--extend-exclude", action="append", type=_list, metavar="PATTERNS", help="leave out these too")
    group.add_argument(
        "--force-exclude",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="leave out excluded files even when they are named",
    )
    group.add_argument(
        "--respect-gitignore",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="as .gitignore says; the default",
    )


def _output(group: Any) -> None:
    group.add_argument("--output-format", choices=OUTPUT_FORMATS, help="default: full on a terminal, else concise")
    group.add_argument("-o", "--output-file", metavar="FILE", help="write the findings there")
    group.add_argument("--statistics", action="store_true", help="show how many findings each rule has instead")
    group.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="paint the output")
    group.add_argument("-q", "--quiet", action="store_true", help="print findings only")
    group.add_argument("-v", "--verbose", action="store_true", help="print what was left out and why")


def _configuration(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("configuration")
    group.add_argument("--config", metavar="FILE", help="a configuration file, or one 'key = value' in TOML")
    group.add_argument("--isolated", action="store_true", help="read no configuration file")


def _list(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


_count.__name__ = "number of processes"
