"""The rest of the standard library: what a run would answer is unknown, and nothing that matters changes."""

from __future__ import annotations

import json
import logging
import posixpath
import textwrap
from typing import TYPE_CHECKING

from attnlint.algebra import Expression
from attnlint.interpreter.library.concrete import LONGEST_TEXT, call_real, pure
from attnlint.interpreter.library.iterators import common, element_of, elements, fresh_int, sequence_of
from attnlint.interpreter.library.registry import class_, constant, harmless, python
from attnlint.values import Choice, Instance, ListValue, NamedTuple, PythonName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

MOST_DRAWN = 256
"""So many random elements are listed one by one."""

for _name in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
    constant(f"logging.{_name}", getattr(logging, _name))
for _name in ("join", "dirname", "basename", "splitext", "split", "normpath", "isabs"):
    pure(f"os.path.{_name}", getattr(posixpath, _name), kind="bool" if _name == "isabs" else "")
for _name in ("dedent", "indent", "shorten"):
    pure(f"textwrap.{_name}", getattr(textwrap, _name), kind="str")

constant("sys.maxsize", 2**63 - 1)
constant("sys.byteorder", "little")
# Code that asks mostly tells old versions apart from current ones.
constant(
    "sys.version_info",
    NamedTuple("sys.version_info", ("major", "minor", "micro", "releaselevel", "serial"), (3, 12, 0, "final", 0)),
)
constant("os.sep", "/")
constant("os.path.sep", "/")
constant("os.linesep", "\n")
for _name, _kind in {
    "sys.platform": "str",
    "sys.version": "str",
    "sys.executable": "str",
    "sys.argv": "list",
    "sys.path": "list",
    "sys.modules": "dict",
    "sys.stdout": "",
    "sys.stderr": "",
    "sys.stdin": "",
    "sys.flags": "",
    "os.name": "str",
}.items():
    constant(_name, Unknown(f"{_name} depends on the machine", key=("machine", _name), label=_name, kind=_kind))

for _name in (
    "logging.Logger",
    "logging.Handler",
    "threading.Thread",
    "threading.Lock",
    "json.JSONEncoder",
    "pathlib.Path",
):
    class_(_name, "object")


def _unknown(run: Run, name: str) -> Value:
    return run.unknown(f"the result of {name}")


# Whatever is called below these changes no tensor and no container that it is given.
_QUIET = (
    "logging warnings os sys time datetime pathlib json pickle shutil tempfile glob fnmatch subprocess threading "
    "multiprocessing queue concurrent socket platform getpass uuid hashlib base64 gzip zipfile tarfile csv pprint "
    "traceback gc weakref signal atexit inspect importlib pkgutil urllib http io string textwrap struct locale "
    "calendar secrets statistics decimal fractions unittest doctest pdb cProfile profile timeit tracemalloc "
    "asyncio types typing collections itertools functools operator enum dataclasses contextlib abc copyreg "
    "configparser codecs errno ctypes zlib mimetypes html xml ast dis token tokenize linecache difflib bisect "
    "heapq array numbers cmath faulthandler resource selectors ssl zoneinfo graphlib copy re random math argparse "
)
for _name in _QUIET.split():
    harmless(_name, _unknown)


def _nothing(run: Run, name: str) -> Value:
    return None


for _name in (
    "logging.debug", "logging.info", "logging.warning", "logging.error", "logging.basicConfig", "warnings.warn",
    "warnings.simplefilter", "warnings.filterwarnings", "time.sleep", "random.seed", "gc.collect", "os.makedirs",
    "json.dump",
):  # fmt: skip
    harmless(_name, _nothing)


@python("logging.getLogger")
def get_logger(run: Run, node: Node, name: Value = None, /) -> Value:
    return Instance(PythonName("logging.Logger"))


@python(*(f"logging.Logger.{name}" for name in "debug info warning warn error exception critical log setLevel "
          "addHandler removeHandler addFilter removeFilter".split()))  # fmt: skip
def written_to_log(run: Run, node: Node, receiver: Value, /, *arguments: Value, **keywords: Value) -> Value:
    return None


@python("time.time", "time.perf_counter", "time.monotonic", "time.process_time", "random.random", "random.gauss",
        "random.uniform", "random.normalvariate", "random.betavariate", "random.expovariate")  # fmt: skip
def some_float(run: Run, node: Node, /, *arguments: Value) -> Value:
    return run.unknown("a float that differs from run to run", kind="float")


@python("random.randint", "random.randrange")
def some_int(run: Run, node: Node, first: Value, /, *others: Value) -> Value:
    least = 0 if not others else first
    return fresh_int("randint", least if isinstance(least, int) else None)


@python("random.choice")
def choice(run: Run, node: Node, sequence: Value, /) -> Value:
    items = elements(run, sequence, node)
    if not items or len(items) > 4:
        return run.unknown("a random element")
    return items[0] if len(items) == 1 else Choice(tuple(items))


@python("random.sample", "random.choices")
def sample(
    run: Run, node: Node, population: Value, weights: Value = None, *, k: Value = None, **keywords: Value
) -> Value:
    """``sample(population, k)``, ``choices(population, weights, k=k)``: any of the elements, so many of them."""
    count = weights if k is None and isinstance(weights, int | Expression) else k
    items = elements(run, population, node)
    element = common(run, items) if items else element_of(run, population, node)
    if isinstance(count, int) and 0 <= count <= MOST_DRAWN:
        return run.store.born(ListValue([element] * count))
    whole = isinstance(count, Expression) or (isinstance(count, int) and count >= 0)
    return sequence_of("list", element, count if whole else None)


@python("random.shuffle")
def shuffle(run: Run, node: Node, sequence: Value, /) -> Value:
    if isinstance(sequence, ListValue) and len(sequence.items) > 1:
        run.store.forget(sequence)
    return None


@python("os.cpu_count")
def cpu_count(run: Run, node: Node, /) -> Value:
    return fresh_int("cpu_count", 1)


@python("os.path.exists", "os.path.isfile", "os.path.isdir")
def exists(run: Run, node: Node, path: Value, /) -> Value:
    return run.unknown("whether a file exists", kind="bool")


@python("sys.exit", "exit", "quit", "os._exit", "os.abort")
def leave(run: Run, node: Node, code: Value = None, /) -> Value:
    return run.raise_error("SystemExit", "", node)


@python("json.loads")
def loads(run: Run, node: Node, text: Value, /, **keywords: Value) -> Value:
    if isinstance(text, str) and len(text) <= LONGEST_TEXT and not keywords:
        return call_real(run, json.loads, (text,), {}, node, "json.loads")
    return run.unknown("what a text encodes")


@python("sys.getsizeof", "sys.getrecursionlimit")
def some_size(run: Run, node: Node, /, *arguments: Value) -> Value:
    return fresh_int("n", 0)


@python("statistics.mean", "statistics.median", "statistics.stdev")
def statistic(run: Run, node: Node, data: Value, /) -> Value:
    return run.unknown("a statistic", kind="float")


@python("bisect.bisect", "bisect.bisect_left", "bisect.bisect_right")
def bisect(run: Run, node: Node, a: Value, x: Value, /, *arguments: Value, **keywords: Value) -> Value:
    return fresh_int("i", 0)


@python("heapq.heapify", "heapq.heappush", "heapq.heappop", "bisect.insort")
def change_heap(run: Run, node: Node, heap: Value, /, *arguments: Value) -> Value:
    run.store.forget(heap)
    return run.unknown("the least element of a heap")
