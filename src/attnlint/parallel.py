"""Checks many files: through the cache, on several processes, with the same reports in the same order as one by one."""

from __future__ import annotations

import functools
import os
import pickle
import signal
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from attnlint.cache import ResultCache, cache_folder
from attnlint.check import FileError, FileReport, check_notebook, check_source
from attnlint.files import Target
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
    sizes = [_size(target.path) for target in targets]
    processes = jobs or (os.cpu_count() or 1)
    if jobs == 0 and sum(sizes) < WORTH_A_PROCESS:
        processes = 1
    processes = min(processes, len(targets))
    if processes <= 1:
        reports = []
        projects = Shared()
        for target in targets:
            reports.append(check_file(target.path, target.settings, projects))
            on_done(reports[-1])
        return reports
    order = _order([target.path for target in targets], sizes)
    found = _in_processes(targets, order, processes, on_done)
    return [found[index] for index in range(len(targets))]


def _order(paths: Sequence[str], sizes: Sequence[int]) -> list[int]:
    """The files of a package one after the other, as they share what they import; of the packages, and of the files
    in each, the biggest first: a big file that starts last would keep all others waiting."""
    packages = [_package(os.path.dirname(os.path.abspath(path))) for path in paths]
    weights: dict[str, int] = {}
    for package, size in zip(packages, sizes, strict=True):
        weights[package] = weights.get(package, 0) + size
    return sorted(range(len(paths)), key=lambda index: (-weights[packages[index]], packages[index], -sizes[index]))


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


def check_file(path: str, settings: Settings, shared: Shared | None = None) -> FileReport:
    """The report of one file on disk, from the cache where it has it. Raises nothing for what is in the file."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        return FileReport(path, error=FileError("ATN003", f"cannot be read: {error.strerror}"))
    folder = cache_folder(settings)
    cache = _cache(folder) if folder is not None else None
    known = cache.get(path, data, settings) if cache is not None else None
    if known is not None:
        return known
    report = check_data(data, path, settings, shared)
    # To find that there is no torch in a file is quicker than to look it up.
    if cache is not None and report.error is None and not report.skipped:
        cache.put(path, data, settings, report)
    return report


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


_CACHES: dict[Path, ResultCache] = {}


def _cache(folder: Path) -> ResultCache:
    return _CACHES.setdefault(folder, ResultCache(folder))


def _in_processes(
    targets: Sequence[Target], order: list[int], processes: int, on_done: OnDone
) -> dict[int, FileReport]:
    found: dict[int, FileReport] = {}
    waiting = _round(targets, order, processes, found, on_done)
    # A process died, and took the pool with it. One by one, each in a process of its own, shows which file did it.
    for index in waiting:
        if _round(targets, [index], 1, found, on_done):
            path = targets[index].path
            found[index] = FileReport(
                path, error=FileError("ATN004", "the process that checked it died; please report it")
            )
            on_done(found[index])
    return found


def _round(
    targets: Sequence[Target], order: list[int], processes: int, found: dict[int, FileReport], on_done: OnDone
) -> list[int]:
    """Check the targets of ``order``; returns those that are left because the pool broke."""
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
                found[futures[future]] = pickle.loads(future.result())
                on_done(found[futures[future]])
        except BrokenProcessPool:
            pass
        except BaseException:
            # Interrupted: what is being checked is of no use any more.
            pool.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                child.terminate()
            raise
    return [index for index in order if index not in found]


def _begin_worker(parent: int) -> None:
    """Leave Ctrl-C to the parent, and end when it is gone: a killed parent can end nobody."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


_SHARED = Shared()
"""Of a worker process, which lives for one run."""


def _check_and_pack(path: str, settings: Settings) -> bytes:
    """The report as bytes. What cannot be packed is some value in an evidence: without it the finding still stands."""
    report = check_file(path, settings, _SHARED)
    try:
        return pickle.dumps(report)
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError) as error:
        findings = tuple(replace(finding, evidence=None) for finding in report.findings)
        note = f"the evidence could not be passed on: {error}"
        return pickle.dumps(replace(report, findings=findings, notes=(*report.notes, note)))


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
