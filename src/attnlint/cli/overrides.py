"""From the command line to settings."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from attnlint.config import ConfigError, SettingsResolver
from attnlint.settings import option_fields


def resolver_from(arguments: argparse.Namespace) -> SettingsResolver:
    """The settings of all files under this command line. Raises ConfigError."""
    return SettingsResolver(arguments.config, isolated=arguments.isolated, overrides=overrides_from(arguments))


def overrides_from(arguments: argparse.Namespace) -> dict[str, Any]:
    """The settings that the command line names, by field of Settings."""
    overrides: dict[str, Any] = {}
    for option in option_fields():
        value = getattr(arguments, option.name, None)
        if value is None:
            continue
        if option.metadata["kind"] == "list of strings":
            # An option may be repeated.
            value = tuple(item for part in value for item in part)
        elif option.name == "per_file_ignores":
            value = _per_file_ignores(tuple(item for part in value for item in part))
        elif option.name in ("python", "cache_dir", "baseline"):
            value = _from_here(value)
        overrides[option.name] = value
    if getattr(arguments, "no_cache", False):
        overrides["cache"] = False
    return overrides


def _from_here(path: str) -> str:
    """A path of the command line is relative to the current folder, those in Settings to the configuration file."""
    place = Path(path).expanduser()
    # A bare word that is no file may be a command: python3.12.
    return os.path.abspath(place) if os.sep in path or place.exists() or place.suffix == ".json" else path


def _per_file_ignores(items: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for item in items:
        pattern, colon, code = item.rpartition(":")
        if not colon or not pattern or not code:
            raise ConfigError(f"--per-file-ignores: {item!r} must be PATTERN:CODE")
        found[pattern] = (*found.get(pattern, ()), code)
    return found
