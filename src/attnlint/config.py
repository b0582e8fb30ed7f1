"""Finds and reads configuration: ``[tool.attnlint]`` in ``pyproject.toml``, or ``attnlint.toml``."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attnlint.settings import Settings, key_of, option_fields

__all__ = ["ConfigError", "Settings", "SettingsResolver", "load_settings"]

OWN_FILE = "attnlint.toml"
PROJECT_FILE = "pyproject.toml"


class ConfigError(Exception):
    """The configuration cannot be used; the text is one line for the user."""


class SettingsResolver:
    """The settings of every file: those of the nearest configuration, with the command line on top."""

    def __init__(
        self, config: str | None = None, *, isolated: bool = False, overrides: Mapping[str, Any] | None = None
    ) -> None:
        """``config``: a file, or a ``key = value`` in TOML; ``isolated``: read no file; ``overrides``: by field."""
        self._isolated = isolated
        self._overrides = dict(overrides or {})
        self._explicit: Path | None = None
        self._inline: dict[str, Any] = {}
        self._by_folder: dict[Path, Settings] = {}
        self._by_file: dict[Path | None, Settings] = {}
        if config is not None:
            self._read_config_option(config)

    def for_folder(self, folder: Path) -> Settings:
        """The settings that hold in a folder. Raises ConfigError."""
        folder = Path(os.path.abspath(folder))
        known = self._by_folder.get(folder)
        if known is None:
            known = self._by_folder[folder] = self._load(folder)
        return known

    def for_file(self, path: Path) -> Settings:
        """The settings that hold for a file. Raises ConfigError."""
        return self.for_folder(Path(os.path.abspath(path)).parent)

    def _read_config_option(self, config: str) -> None:
        path = Path(config).expanduser()
        if path.is_file():
            self._explicit = Path(os.path.abspath(path))
        elif "=" in config:
            try:
                table = _toml().loads(config)
            except ValueError as error:
                raise ConfigError(f"--config: {error}") from None
            self._inline = _read_table(table, "--config")
        else:
            raise ConfigError(f"--config: there is no file {config}")

    def _load(self, folder: Path) -> Settings:
        found = self._explicit
        table: dict[str, Any] | None = None
        if found is not None:
            table = _section(found)
            if table is None:
                raise ConfigError(f"{found}: there is no [tool.attnlint]")
        elif not self._isolated:
            found, table = _nearest(folder)
        if found not in self._by_file:
            self._by_file[found] = self._settings(found, table)
        return self._by_file[found]

    def _settings(self, found: Path | None, table: dict[str, Any] | None) -> Settings:
        root = found.parent if found is not None else Path.cwd()
        values = _read_table(table or {}, str(found))
        settings = dataclasses.replace(Settings(), root=root, config_file=found, **values)
        for changes in (self._inline, self._overrides):
            settings = _override(settings, changes)
        return settings


def load_settings(
    path: str | Path = ".",
    config: str | None = None,
    isolated: bool = False,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """The settings for one file or folder. Raises ConfigError."""
    resolver = SettingsResolver(config, isolated=isolated, overrides=overrides)
    place = Path(path)
    return resolver.for_folder(place) if place.is_dir() else resolver.for_file(place)


def _nearest(folder: Path) -> tuple[Path | None, dict[str, Any] | None]:
    """The nearest configuration file at or above a folder. A pyproject.toml without our section is passed over."""
    for place in (folder, *folder.parents):
        for name in (OWN_FILE, PROJECT_FILE):
            path = place / name
            table = _section(path) if path.is_file() else None
            if table is not None:
                return path, table
    return None, None


def _section(path: Path) -> dict[str, Any] | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    # Most pyproject.toml files on the way say nothing of us; reading TOML costs more than looking for the word.
    if path.name == PROJECT_FILE and b"attnlint" not in data:
        return None
    try:
        table: Any = _toml().loads(data.decode("utf-8-sig"))
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from None
    for key in ("tool", "attnlint") if path.name == PROJECT_FILE else ():
        table = table.get(key) if isinstance(table, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: [tool.attnlint] must be a table")
    return table


def _toml() -> Any:
    if sys.version_info >= (3, 11):
        import tomllib

        return tomllib
    import tomli  # type: ignore[import-not-found,unused-ignore]

    return tomli


def _read_table(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A TOML table as fields of Settings, every key and type checked."""
    options = {key_of(option.name): option for option in option_fields()}
    values: dict[str, Any] = {}
    for key, value in table.items():
        option = options.get(key)
        if option is None:
            raise ConfigError(f"{where}: unknown key {key!r}{_suggestion(key, tuple(options))}")
        values[option.name] = _convert(option, key, value, where)
    _check_selectors(values, where)
    _check_signatures(values.get("signatures", {}), where)
    return values


def _convert(option: dataclasses.Field[Any], key: str, value: Any, where: str) -> Any:
    kind = option.metadata["kind"]
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind == "integer" and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    choices = option.metadata["choices"]
    if kind == "string" and isinstance(value, str):
        if choices and value not in choices:
            raise ConfigError(f"{where}: {key} = {value!r}: must be one of {', '.join(choices)}")
        return value
    if kind == "list of strings" and _is_strings(value):
        if choices and not set(value) <= set(choices):
            raise ConfigError(f"{where}: {key} = {value!r}: may hold {', '.join(choices)}")
        return tuple(value)
    if kind == "table of lists of strings" and isinstance(value, dict) and all(map(_is_strings, value.values())):
        return {pattern: tuple(codes) for pattern, codes in value.items()}
    if kind == "table of strings" and isinstance(value, dict) and all(isinstance(one, str) for one in value.values()):
        return dict(value)
    article = "an" if kind[0] in "aeiou" else "a"
    raise ConfigError(f"{where}: {key} must be {article} {kind}: {option.metadata['example']}")


def _is_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _override(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Settings with options from the command line, which adds to the ``extend-`` options and replaces the others."""
    options = {option.name: option for option in option_fields()}
    values: dict[str, Any] = {}
    for name, value in changes.items():
        metadata = options[name].metadata
        if metadata["patterns"]:
            value = _anchor(value, settings.root)
        values[name] = (*getattr(settings, name), *value) if metadata["extends"] else value
    _check_selectors(values, "command line")
    return dataclasses.replace(settings, **values)


def _anchor(patterns: Any, root: Path) -> Any:
    """Patterns of the command line are relative to the current folder, those in Settings to the root."""
    if isinstance(patterns, Mapping):
        return dict(zip(_anchor(tuple(patterns), root), patterns.values(), strict=True))
    try:
        below = Path.cwd().relative_to(root).as_posix()
    except ValueError:
        return patterns
    if below == ".":
        return patterns
    return tuple(f"{below}/{one.lstrip('/')}" if "/" in one.rstrip("/") else one for one in patterns)


def _check_selectors(values: Mapping[str, Any], where: str) -> None:
    """Codes that no rule has are mistakes. Names of rules become codes elsewhere, at the look-up."""
    lists = [values.get(name, ()) for name in ("select", "extend_select", "ignore", "extend_ignore")]
    lists.extend(values.get("per_file_ignores", {}).values())
    selectors = {selector for one in lists for selector in one}
    if not selectors:
        return
    from attnlint.rules import codes
    from attnlint.selection import code_of

    for selector in sorted(selectors):
        prefix = code_of(selector)
        if prefix != "" and not any(code.startswith(prefix) for code in codes()):
            raise ConfigError(f"{where}: no rule has the code {selector!r}{_suggestion(selector, codes())}")


def _check_signatures(signatures: Mapping[str, str], where: str) -> None:
    if not signatures:
        return
    from attnlint.ops.declared_signature import DeclaredSignature, SignatureError

    for name, text in signatures.items():
        if not all(part.isidentifier() for part in name.split(".")) or "." not in name:
            raise ConfigError(f"{where}: signatures: {name!r} is no qualified name, such as 'package.function'")
        try:
            DeclaredSignature.parse(text).op(name)
        except SignatureError as error:
            raise ConfigError(f"{where}: signatures: {name!r}: {text!r}, column {error.column}: {error}") from None


def _suggestion(word: str, known: tuple[str, ...]) -> str:
    import difflib

    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
