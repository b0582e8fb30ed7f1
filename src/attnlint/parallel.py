"""Checks many files: through the cache, on several processes, with the same reports in the same order as one by one."""

from __future__ import annotations

import functools
import gc
import os
import pickle
import signal
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from attnlint.cache import ResultCache, cache_folder
from attnlint.cache_index import digest_of
from attnlint.check import FileError, FileReport, check_notebook, check_source
from attnlint.files import Target
from attnlint.garbage import COLLECTION, rare_collections
from attnlint.notebook import is_notebook
from attnlint.settings import Settings

if TYPE_CHECKING:
    from attnlint.interpreter import Project
    from attnlint.interpreter.project import Projects

WORTH_A_PROCESS = 200_000
"""Bytes of source below which starting processes costs more than it saves."""

OnDone = Callable[[FileReport], None]


def check_targets(targets: Sequence[Target], jobs: int, on_done: OnDone) -> list[FileReport]:
    """One report a target, in their order. ``jobs``: processes, 0 for as many as pay; ``on_done`` hears of each."""
    caches = Caches()
    found: dict[int, FileReport] = {}
    missing: list[int] = []
    for index, target in enumerate(targets):
        known = caches.get(target)
        if known is None:
            missing.append(index)
        else:
            found[index] = known
            on_done(known)

    def on_checked(index: int, checked: Checked) -> None:
        found[index] = checked.report
        caches.put(targets[index], checked)
        on_done(checked.report)

    try:
        _check_all(targets, missing, jobs, on_checked)
    finally:
        caches.save()
    return [found[index] for index in range(len(targets))]


def _check_all(
    targets: Sequence[Target], missing: list[int], jobs: int, on_checked: Callable[[int, Checked], None]
) -> None:
    sizes = {index: _size(targets[index].path) for index in missing}
    processes = jobs or (os.cpu_count() or 1)
    if jobs == 0 and sum(sizes.values()) < WORTH_A_PROCESS:
        processes = 1
    processes = min(processes, len(missing))
    if processes > 1:
        order = _order(targets, sizes)
        _in_processes(targets, order, processes, on_checked)
        return
    shared = Shared()
    with rare_collections():
        for index in missing:
            on_checked(index, read_and_check(targets[index].path, targets[index].settings, shared))


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one file."""

    report: FileReport
    digest: str = ""
    """Of the content that was read."""


class Caches:
    """The caches of the files of one run."""

    def __init__(self) -> None:
        self._known: dict[Path, ResultCache] = {}
        self._folders: dict[int, Path | None] = {}

    def _of(self, settings: Settings) -> ResultCache | None:
        # Thousands of files share one object of settings, which lives as long as they do.
        if id(settings) not in self._folders:
            self._folders[id(settings)] = cache_folder(settings)
        folder = self._folders[id(settings)]
        if folder is None:
            return None
        cache = self._known.get(folder)
        if cache is None:
            cache = self._known[folder] = ResultCache(folder)
        return cache

    def get(self, target: Target) -> FileReport | None:
        """The report of a file that is what it was, as are all that it depends on."""
        cache = self._of(target.settings)
        return cache.get(target.path, target.settings) if cache is not None else None

    def put(self, target: Target, checked: Checked) -> None:
        """Remember a report; what failed is tried again."""
        cache = self._of(target.settings)
        if cache is not None and checked.report.error is None and checked.digest:
            cache.put(target.path, checked.digest, target.settings, checked.report)

    def save(self) -> None:
        """Write what is new."""
        for cache in self._known.values():
            cache.save()


def _order(targets: Sequence[Target], sizes: Mapping[int, int]) -> list[int]:
    """The files of a package one after the other, as they share what they import; of the packages, and of the files
    in each, the biggest first: a big file that starts last would keep all others waiting."""
    packages = {index: _package(os.path.dirname(os.path.abspath(targets[index].path))) for index in sizes}
    weights: dict[str, int] = {}
    for index, size in sizes.items():
        weights[packages[index]] = weights.get(packages[index], 0) + size
    return sorted(sizes, key=lambda index: (-weights[packages[index]], packages[index], -sizes[index], index))


@functools.cache
def _package(folder: str) -> str:
    """The top folder of the package that a folder belongs to."""
    parent = os.path.dirname(folder)
    if parent == folder or not os.path.exists(os.path.join(folder, "__init__.py")):
        return folder
    return _package(parent)


class Shared:
    """What the files checked by one process have in common."""

    def __init__(self) -> None:
        self._projects: Projects | None = None

    def project(self, path: str) -> Project:
        """The project of a file."""
        if self._projects is None:
            # Only here: a run over files without torch does without the interpreter.
            from attnlint.interpreter.project import Projects

            self._projects = Projects()
        return self._projects.around(path)


def check_file(path: str, settings: Settings) -> FileReport:
    """The report of one file on disk. Raises nothing for what is in the file."""
    return read_and_check(path, settings, Shared()).report


def read_and_check(path: str, settings: Settings, shared: Shared) -> Checked:
    """The report of one file on disk, and what stands for its content."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        return Checked(FileReport(path, error=FileError("ATN003", f"cannot be read: {error.strerror}")))
    return Checked(check_data(data, path, settings, shared), digest_of(data))


def check_data(data: str | bytes, path: str, settings: Settings, shared: Shared | None = None) -> FileReport:
    """The report of one text. A bug in attnlint costs this file, not the run."""
    try:
        project = shared.project if shared is not None else None
        return (check_notebook if is_notebook(path) else check_source)(data, path, settings, project)
    except Exception as error:
        message = f"attnlint failed here, please report it: {type(error).__name__}: {error}"
        return FileReport(
            path, error=FileError("ATN004", " ".join(message.split())), notes=(traceback.format_exc().rstrip(),)
        )


def _in_processes(
    targets: Sequence[Target], order: list[int], processes: int, on_checked: Callable[[int, Checked], None]
) -> None:
    waiting = _round(targets, order, processes, on_checked)
    # A process died, and took the pool with it. One by one, each in a process of its own, shows which file did it.
    for index in waiting:
        if _round(targets, [index], 1, on_checked):
            path = targets[index].path
            error = FileError("ATN004", "the process that checked it died; please report it")
            on_checked(index, Checked(FileReport(path, error=error)))


def _round(
    targets: Sequence[Target], order: list[int], processes: int, on_checked: Callable[[int, Checked], None]
) -> list[int]:
    """Check the targets of ``order``; returns those that are left because the pool broke."""
    done: set[int] = set()
    # Only here: a run over a few files must not wait for multiprocessing to be imported.
    import multiprocessing
    from concurrent.futures import Future, ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    with ProcessPoolExecutor(processes, initializer=_begin_worker, initargs=(os.getpid(),)) as pool:
        futures: dict[Future[bytes], int] = {}
        try:
            for index in order:
                futures[pool.submit(_check_and_pack, targets[index].path, targets[index].settings)] = index
            for future in as_completed(futures):
                checked = pickle.loads(future.result())
                done.add(futures[future])
                on_checked(futures[future], checked)
        except BrokenProcessPool:
            pass
        except BaseException:
            # Interrupted: what is being checked is of no use any more. The pool's own thread is waited for: while it
            # closes its pipes, the interpreter's shutdown would write to them.
            for child in multiprocessing.active_children():
                child.terminate()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return [index for index in order if index not in done]


def _begin_worker(parent: int) -> None:
    """Leave Ctrl-C to the parent, and end when it is gone: a killed parent can end nobody."""
    gc.set_threshold(*COLLECTION)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


SHARED = Shared()
"""Of a process that lives for one run: a worker of ours, or of flake8."""


def _check_and_pack(path: str, settings: Settings) -> bytes:
    """The report as bytes. What cannot be packed is some value in an evidence: without it the finding still stands."""
    checked = read_and_check(path, settings, SHARED)
    try:
        return pickle.dumps(checked)
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError) as error:
        report = checked.report
        findings = tuple(replace(finding, evidence=None) for finding in report.findings)
        note = f"the evidence could not be passed on: {error}"
        return pickle.dumps(replace(checked, report=replace(report, findings=findings, notes=(*report.notes, note))))


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
