"""What scikit-learn hands to torch: data sets that it makes, splits of arrays, scaled arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra import Dim, Shape
from attnlint.interpreter.library.iterators import fresh_int
from attnlint.interpreter.library.numpy_arrays import as_tensor, is_array, made
from attnlint.interpreter.library.registry import class_, python
from attnlint.values import Instance, ListValue, PythonName, Tensor, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

_BUNCH = PythonName("sklearn.utils.Bunch")
_SETS = {
    "load_iris": ((150, 4), "int64"),
    "load_wine": ((178, 13), "int64"),
    "load_breast_cancer": ((569, 30), "int64"),
    "load_digits": ((1797, 64), "int64"),
    "load_diabetes": ((442, 10), "float64"),
    "fetch_california_housing": ((20640, 8), "float64"),
}
_SCALERS = ("StandardScaler", "MinMaxScaler", "MaxAbsScaler")

class_(_BUNCH.name, "object")


def _pair(run: Run, rows: Value, columns: Value, target: str) -> Value:
    dims = (rows, columns) if isinstance(rows, int) and isinstance(columns, int) else None
    if dims is None:
        return run.unknown("a data set of unknown size"), run.unknown("its targets")
    return made(run, Tensor(Shape(dims), "float64")), made(run, Tensor(Shape(dims[:1]), target))


def _declare() -> None:
    def declare(name: str, rows: int, columns: int, target: str) -> None:
        @python(f"sklearn.datasets.{name}")
        def model(
            run: Run, node: Node, *, return_X_y: Value = False, as_frame: Value = False, **keywords: Value
        ) -> Value:
            if as_frame is not False or keywords:
                return run.unknown("a data set in a frame")
            data, targets = _pair(run, rows, columns, target)
            return (data, targets) if return_X_y is True else Instance(_BUNCH, {"data": data, "target": targets})

    for name, ((rows, columns), target) in _SETS.items():
        declare(name, rows, columns, target)

    def scaler(name: str) -> None:
        full = f"sklearn.preprocessing.{name}"
        class_(full, "object")

        @python(full)
        def make(run: Run, node: Node, **keywords: Value) -> Value:
            return Instance(PythonName(full))

        @python(f"{full}.fit", f"{full}.partial_fit")
        def fit(run: Run, node: Node, receiver: Value, /, *arguments: Value) -> Value:
            return receiver

        @python(f"{full}.transform", f"{full}.fit_transform", f"{full}.inverse_transform")
        def transform(run: Run, node: Node, receiver: Value, data: Value, /, *arguments: Value) -> Value:
            if not is_array(data):
                return run.unknown("scaled data")
            tensor = as_tensor(run, data)
            # It gives what it is given, and float64 for whole numbers.
            dtype = tensor.dtype
            return made(run, Tensor(tensor.shape, dtype if dtype in (None, "float32", "float64") else "float64"))

    for name in _SCALERS:
        scaler(name)


_declare()


@python("sklearn.datasets.make_classification")
def make_classification(
    run: Run, node: Node, n_samples: Value = 100, n_features: Value = 20, **keywords: Value
) -> Value:
    return _pair(run, n_samples, n_features, "int64")


@python("sklearn.datasets.make_blobs")
def make_blobs(run: Run, node: Node, n_samples: Value = 100, n_features: Value = 2, **keywords: Value) -> Value:
    return _pair(run, n_samples, n_features, "int64") if "return_centers" not in keywords else run.unknown("blobs")


@python("sklearn.datasets.make_moons", "sklearn.datasets.make_circles")
def make_moons(run: Run, node: Node, n_samples: Value = 100, **keywords: Value) -> Value:
    return _pair(run, n_samples, 2, "int64")


@python("sklearn.datasets.make_regression")
def make_regression(
    run: Run, node: Node, n_samples: Value = 100, n_features: Value = 100, *, n_targets: Value = 1, **keywords: Value
) -> Value:
    if n_targets != 1 or "coef" in keywords:
        return run.unknown("data for a regression")
    return _pair(run, n_samples, n_features, "float64")


@python("sklearn.model_selection.train_test_split")
def train_test_split(
    run: Run,
    node: Node,
    /,
    *arrays: Value,
    test_size: Value = None,
    train_size: Value = None,
    random_state: Value = None,
    shuffle: Value = True,
    stratify: Value = None,
) -> Value:
    """Each array in two parts, one after the other."""
    parts: list[Value] = []
    sizes: dict[Dim, tuple[Dim, Dim]] = {}
    for value in arrays:
        tensor = as_tensor(run, value) if is_array(value) else value
        if not isinstance(tensor, Tensor) or tensor.shape.rest is not None or not tensor.shape.dims:
            parts += [run.unknown("a part of the data"), run.unknown("a part of the data")]
            continue
        rows, *rest = tensor.shape.dims
        if rows not in sizes:
            sizes[rows] = _split(rows, test_size, train_size)
        for size in sizes[rows]:
            part = Tensor(Shape((size, *rest)), tensor.dtype)
            parts.append(made(run, part) if is_array(value) else part)
    return ListValue(parts)


def _split(rows: Dim, test_size: Value, train_size: Value) -> tuple[Dim, Dim]:
    share = 0.25 if test_size is None and train_size is None else test_size
    if isinstance(rows, int) and train_size is None and isinstance(share, int | float):
        test = share if isinstance(share, int) else -int(-(rows * share) // 1)
        return rows - test, test
    return fresh_int("train", 1), fresh_int("test", 1)
