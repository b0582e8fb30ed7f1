"""Which files to check: the ones that are named, and those below the folders that are named."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from attnlint.check import FileError
from attnlint.config import Settings, SettingsResolver
from attnlint.ignore_patterns import IgnorePatterns

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Target:
    """A file to check."""

    path: str
    """As it is shown: relative to the current folder where it lies below it."""
    settings: Settings


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A path that was named and cannot be checked."""

    path: str
    error: FileError


@dataclass(slots=True)
class Discovery:
    """What the paths of a command line stand for."""

    targets: list[Target]
    unreadable: list[Unreadable]
    excluded: int = 0
    """Files that were named and left out (``force-exclude``)."""


def discover(paths: Iterable[str], resolver: SettingsResolver) -> Discovery:
    """The files to check, sorted by path, each once. Raises ConfigError."""
    found: dict[str, Target] = {}
    result = Discovery([], [])
    for path in paths:
        shown = display_path(path)
        if os.path.isdir(path):
            settings = resolver.for_folder(Path(path))
            if settings.force_exclude and is_left_out(path, settings):
                result.excluded += 1
                continue
            for file in _walk(os.path.abspath(path), resolver):
                name = display_path(file)
                found.setdefault(os.path.abspath(file), Target(name, resolver.for_file(Path(file))))
            continue
        problem = _problem(path)
        if problem is not None:
            result.unreadable.append(Unreadable(shown, FileError("ATN003", problem)))
            continue
        settings = resolver.for_file(Path(path))
        if settings.force_exclude and is_left_out(path, settings):
            result.excluded += 1
            continue
        found.setdefault(os.path.abspath(path), Target(shown, settings))
    result.targets.extend(sorted(found.values(), key=lambda target: target.path))
    return result


def display_path(path: str) -> str:
    """A path as it is shown to a person: relative to the current folder where it lies below it."""
    absolute = os.path.abspath(path)
    current = os.getcwd()
    if absolute == current:
        return "."
    prefix = current if current.endswith(os.sep) else current + os.sep
    return absolute.removeprefix(prefix)


def _problem(path: str) -> str | None:
    """Why a path that was named is no file that can be checked, if it is not."""
    if os.path.isfile(path):
        return None
    if not os.path.lexists(path):
        return "no such file or folder"
    return "the link points nowhere" if not os.path.exists(path) else "not a regular file"


def _walk(folder: str, resolver: SettingsResolver) -> Iterator[str]:
    """The files to check below a folder, depth first."""
    ignores = _ignore_files_above(folder) if resolver.for_folder(Path(folder)).respect_gitignore else []
    stack = [(folder, ignores)]
    while stack:
        here, ignores = stack.pop()
        settings = resolver.for_folder(Path(here))
        excluded = IgnorePatterns.cached(str(settings.root), (*settings.exclude, *settings.extend_exclude))
        included = IgnorePatterns.cached(str(settings.root), settings.include)
        if settings.respect_gitignore:
            ignores = [*ignores, *_ignore_file(here, ".gitignore")]
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            if not is_folder and not included.decide(entry.path, is_folder=False):
                continue
            if excluded.decide(entry.path, is_folder=is_folder):
                continue
            if settings.respect_gitignore and _is_ignored(entry.path, is_folder, ignores):
                continue
            if is_folder:
                stack.append((entry.path, ignores))
            elif entry.is_file():
                yield entry.path


def _is_ignored(path: str, is_folder: bool, ignores: list[IgnorePatterns]) -> bool:
    """The deepest file that says anything decides, as in git."""
    for patterns in reversed(ignores):
        answer = patterns.decide(path, is_folder=is_folder)
        if answer is not None:
            return answer
    return False


def is_left_out(path: str, settings: Settings) -> bool:
    """Whether a path that was named would not have been found by walking."""
    absolute = os.path.abspath(path)
    patterns = IgnorePatterns.cached(str(settings.root), (*settings.exclude, *settings.extend_exclude))
    if patterns.ignores_or_parent(absolute):
        return True
    if not settings.respect_gitignore:
        return False
    ignores = _ignore_files_above(os.path.dirname(absolute))
    ignores += _ignore_file(os.path.dirname(absolute), ".gitignore")
    top = _repository_of(os.path.dirname(absolute)) or os.path.dirname(absolute)
    parts = os.path.relpath(absolute, top).split(os.sep)
    for length in range(1, len(parts) + 1):
        place = os.path.join(top, *parts[:length])
        if _is_ignored(place, length < len(parts) or os.path.isdir(place), ignores):
            return True
    return False


def _ignore_files_above(folder: str) -> list[IgnorePatterns]:
    """The ignore files of the repository that hold for a folder, without its own, the outermost first."""
    repository = _repository_of(folder)
    if repository is None:
        return []
    found = []
    exclude = os.path.join(repository, ".git", "info", "exclude")
    found.extend(_read_patterns(exclude, repository))
    place = repository
    for part in os.path.relpath(folder, repository).split(os.sep):
        if place != folder:
            found.extend(_ignore_file(place, ".gitignore"))
        place = os.path.join(place, part)
    return found


def _repository_of(folder: str) -> str | None:
    place = folder
    while True:
        if os.path.lexists(os.path.join(place, ".git")):
            return place
        above = os.path.dirname(place)
        if above == place:
            return None
        place = above


def _ignore_file(folder: str, name: str) -> list[IgnorePatterns]:
    return _read_patterns(os.path.join(folder, name), folder)


def _read_patterns(path: str, base: str) -> list[IgnorePatterns]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return [IgnorePatterns(base, file)]
    except OSError:
        return []
