"""Every model stands for something that Python has."""

from __future__ import annotations

import builtins
import importlib

import pytest

from attnlint.interpreter.library import MISSING, find_constant, find_method, find_python, is_modelled
from attnlint.interpreter.library.registry import modelled_names
from attnlint.values import DictValue, Instance, ListValue, PythonName

# Names of our own, for objects and methods that Python does not name this way.
OWN = (
    "iterator.",
    "namedtuple.",
    "collections.namedtuple.",
    "dataclasses.__",
    "dataclasses.dataclass.",
    "dir.result.",
    "argparse.subparsers.",
    "functools.wraps.decorator",
    "typing.NewType.",
    "property.",
    "types.GenericAlias.",
    "float.astype",
    "float.item",
    "int.astype",
    "int.item",
    "dict.move_to_end",
)
OWN_METHODS = (
    "__class_",
    "ndarray.__getattr__",
    "__init_subclass__",
    "__next__",
    "__call__",
    "__get__",
    "__bool__",
    "__missing__",
)
LATER_THAN_3_10 = (
    "enum.",
    "contextlib.chdir",
    "typing.assert_type",
    "typing.override",
    "typing.reveal_type",
    "copy.replace",
    "int.is_",
)


def exists(name: str) -> bool:
    """Whether Python has something of that dotted name."""
    parts = name.split(".")
    for length in range(len(parts), -1, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length])) if length else builtins
        except (ImportError, ValueError):
            continue
        try:
            for part in parts[length:]:
                # A class that derives from `typing.Mapping` derives from what that stands for.
                found = getattr(found if hasattr(found, part) else getattr(found, "__origin__"), part)  # noqa: B009
        except AttributeError:
            continue
        return True
    return False


OLD_NUMPY = ("numpy.product", "numpy.random.random_integers")
"""What older versions of numpy have."""


@pytest.mark.parametrize(
    "name", [name for name in modelled_names() if not name.startswith((*OWN, *LATER_THAN_3_10, *OLD_NUMPY))]
)
def test_the_real_thing_exists(name: str) -> None:
    package = name.partition(".")[0]
    if package in ("numpy", "sklearn", "tqdm"):
        pytest.importorskip(package)
    assert exists(name) or any(f".{method}" in name for method in OWN_METHODS), name


def test_methods_are_found_through_the_base_classes() -> None:
    assert find_method(ListValue([]), "append") == "list.append"
    assert find_method(DictValue({}, PythonName("list")), "items") == "dict.items"
    assert find_method(DictValue({}, PythonName("list")), "__missing__") == "collections.defaultdict.__missing__"
    assert find_method(Instance(PythonName("collections.deque")), "appendleft") == "collections.deque.appendleft"
    assert find_method(True, "bit_length") == "int.bit_length"
    assert find_method(ListValue([]), "no_such_method") is None


def test_modules() -> None:
    assert is_modelled("math")
    assert is_modelled("typing_extensions")
    assert not is_modelled("transformers")
    assert find_constant("typing_extensions.TYPE_CHECKING") is False
    assert find_constant("math.sqrt") is MISSING


def test_what_is_harmless_is_below_modules_not_classes() -> None:
    assert find_python("logging.getLogger") is not None
    assert find_python("abc.ABC.no_such_method") is None
    assert find_python("json.JSONEncoder.default") is None
