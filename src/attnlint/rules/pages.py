"""Writes the pages under ``docs/`` and the table in the README: ``python -m attnlint.rules.pages [--check]``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attnlint.rules import Rule, all_rules
from attnlint.settings import default_of, key_of, option_fields

BEGIN = "<!-- begin {}: {} -->"
END = "<!-- end {}: {} -->"
_NOTE = "<!-- Written by `python -m attnlint.rules.pages`; do not edit. -->"


def page(one: Rule) -> str:
    """What there is to say about a rule, in Markdown. ``attnlint rule`` prints the same."""
    parts = [f"# {one.code} {one.name}", f"{one.summary}.", one.explanation.strip()]
    if one.failing:
        parts += ["## Example", _code(one.failing), "## Use instead", _code(one.passing)]
    parts += ["## How to fix it", one.how_to_fix.strip()]
    releases = needed_releases(one)
    if releases:
        parts.append(releases)
    status = "preview, reported with `--preview` or when selected by its code" if one.preview else "stable"
    if one.opt_in:
        status = "off unless selected by its code"
    parts.append(f"Severity: {one.severity}. Since: {one.since}. Status: {status}.")
    return "\n\n".join(parts)


def rules_table() -> str:
    """The table of the README."""
    rows = ["| code | name | claim |", "|---|---|---|"]
    for one in all_rules():
        rows.append(f"| [{one.code}](docs/rules/{one.code}.md) | `{one.name}` | {one.summary} |")
    return "\n".join(rows)


def needed_releases(one: Rule) -> str:
    """What the rule speaks of that the oldest releases of torch have not, in a sentence; empty where there is none."""
    from attnlint.ops.release import mentioned
    from attnlint.ops.releases import OLDEST

    found = mentioned("\n".join((one.failing, one.passing, one.explanation, one.how_to_fix)))
    return f"Newer than torch {OLDEST}: {', '.join(found)}." if found else ""


def releases_table() -> str:
    """What came with which release of torch."""
    from attnlint.ops.release import by_release

    rows = ["| torch | brought |", "|---|---|"]
    rows += [f"| {release} | {', '.join(f'`{name}`' for name in names)} |" for release, names in by_release().items()]
    return "\n".join(rows)


def configuration_page() -> str:
    """All keys of the configuration."""
    parts = [
        "# Configuration",
        "attnlint reads `[tool.attnlint]` of the nearest `pyproject.toml` above a file, or the nearest "
        "`attnlint.toml`, in which the keys stand at the top level. Options of the command line go before it. A key "
        "that does not exist is an error.",
        "`attnlint check --show-settings PATH` shows what holds for a path, `attnlint config` prints this page.",
    ]
    for option in option_fields():
        metadata = option.metadata
        parts += [
            f"## `{key_of(option.name)}`",
            metadata["doc"],
            f"Type: {metadata['kind']}. Default: {_default(default_of(option))}.",
            f"```toml\n[tool.attnlint]\n{metadata['example']}\n```",
        ]
    return "\n\n".join(parts)


def generated(root: Path) -> Iterator[tuple[Path, str]]:
    """Every generated file and what must be in it."""
    for one in all_rules():
        yield root / "docs" / "rules" / f"{one.code}.md", f"{_NOTE}\n\n{page(one)}\n"
    yield root / "docs" / "configuration.md", f"{_NOTE}\n\n{configuration_page()}\n"
    readme = root / "README.md"
    releases = root / "docs" / "torch-versions.md"
    yield releases, replace_section(releases.read_text(encoding="utf-8"), "releases", releases_table())
    yield readme, replace_section(readme.read_text(encoding="utf-8"), "rules", rules_table())


def main(arguments: list[str]) -> int:
    """Write all pages; with ``--check``, only say which are not current."""
    root = Path.cwd()
    stale = 0
    wanted = dict(generated(root))
    for path, text in wanted.items():
        present = path.read_text(encoding="utf-8") if path.is_file() else None
        if present == text:
            continue
        stale += 1
        print(
            f"{path.relative_to(root)} is not current" if "--check" in arguments else f"wrote {path.relative_to(root)}"
        )
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for path in sorted((root / "docs" / "rules").glob("*.md")):
        if path not in wanted:
            stale += 1
            print(f"{path.relative_to(root)} belongs to no rule")
            if "--check" not in arguments:
                path.unlink()
    if stale and "--check" in arguments:
        print("run: python -m attnlint.rules.pages")
        return 1
    return 0


def replace_section(text: str, name: str, content: str, *, kind: str = "generated") -> str:
    """A page with other content between two marks."""
    begin, end = BEGIN.format(kind, name), END.format(kind, name)
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise SystemExit(f"the page has no section {begin} ... {end}")
    return f"{before}{begin}\n{content}\n{end}{after}"


def _code(text: str) -> str:
    return f"```python\n{text.strip()}\n```"


def _default(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return "`[" + ", ".join(f'"{item}"' for item in value) + "]`"
    return f"`{value}`"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
