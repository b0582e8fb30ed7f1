"""Programs of which every tensor's shape is inferred as real torch has it: machines, versions, registries, trees."""

from __future__ import annotations

import textwrap

import pytest

from attnlint.check import check_source
from attnlint.config import Settings
from tests.harness.agreement import compare, inferred_shapes
from tests.harness.tracer import run_program

HEADER = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"

PROGRAMS = {
    "a package that may be installed computes the same": """
        import importlib.util
        try:
            import a_package_of_kernels
            HAS_KERNELS = True
        except ImportError:
            HAS_KERNELS = False
        found = importlib.util.find_spec("a_package_of_kernels") is not None

        def gated(x):
            if found:
                return a_package_of_kernels.gated(x, dim=-1)[0]
            a, b = x.chunk(2, dim=-1)
            return a * F.gelu(b)

        def scaled(x, training):
            if training and HAS_KERNELS:
                y = a_package_of_kernels.scaled(x)
            else:
                y = x * 2
            return y

        def first(x):
            if not torch.cuda.is_available() or not found:
                y = x[0]
            else:
                y = a_package_of_kernels.first(x)
            return y

        x = torch.randn(2, 8)
        y = gated(x)
        z = scaled(x, bool(torch.rand(()) > 0.5))
        w = first(x)
        """,
    "a class of a package, or one that stands in": """
        try:
            from a_package_of_layers import FastNorm as _FastNorm

            class Norm(_FastNorm):
                def forward(self, x):
                    return super().forward(x)
        except ImportError:
            from torch.nn import LayerNorm as Norm

        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.norm = Norm(8)

            def forward(self, x):
                y = self.norm(x)
                return y

        out = Block()(torch.randn(2, 3, 8))
        again = Block()(torch.randn(2, 3, 8))
        """,
    "versions of torch and of Python": """
        import importlib.metadata
        import operator
        import sys
        a = torch.zeros(1 if tuple(int(n) for n in torch.__version__.split("+")[0].split(".")[:2]) >= (2, 1) else 2)
        b = torch.zeros(1 if sys.version_info < (3, 8) else 2)
        c = torch.zeros(1 if importlib.metadata.version("torch") >= "1" else 2)
        """,
    "what a program falls back on": """
        import os
        a = torch.zeros(1 if os.getenv("A_BACKEND_OF_NOBODY", "native") == "native" else 2)
        b = torch.zeros(1 if os.environ.get("A_BACKEND_OF_NOBODY", "native") == "native" else 2)
        os.environ["A_BACKEND_OF_NOBODY"] = "flash"
        c = torch.zeros(1 if os.environ.get("A_BACKEND_OF_NOBODY", "native") == "native" else 2)
        """,
    "trees": """
        from torch.utils._pytree import tree_flatten, tree_leaves, tree_map, tree_map_only, tree_unflatten
        (first, *rest), spec = tree_flatten((torch.zeros(2), {"a": torch.zeros(3), "b": [torch.zeros(4), None]}))
        x, y = tree_unflatten((first.unsqueeze(0), *rest), spec)
        z = y["b"][0]
        mapped = tree_map(lambda t: t[None], [torch.zeros(5)])
        w = mapped[0]
        v = tree_map_only(torch.Tensor, lambda t: t[None], (torch.zeros(6), 2))[0]
        u = torch.zeros(len(tree_leaves({"a": 1, "b": (2, 3)})))
        """,
    "buffers that are assigned": """
        class Embeddings(nn.Module):
            def __init__(self):
                super().__init__()
                self.weight = nn.Parameter(torch.zeros(3))
                self.ids = nn.Buffer(torch.arange(5).expand((1, -1)), persistent=False)

        model = Embeddings()
        for _, p in model.named_parameters():
            a = p
        for _, p in model.named_buffers():
            b = p
        """,
    "a default that may be a function": """
        import inspect
        from inspect import isfunction

        def default(value, other):
            if value is not None:
                return value
            return other() if isfunction(other) else other

        a = torch.zeros(default(None, 3))
        b = torch.zeros(default(None, lambda: 4))
        c = default(None, nn.Linear)(2, 5)(torch.zeros(2))
        d = torch.zeros(1 if inspect.isclass(nn.GELU) and not inspect.isclass(default) else 2)
        e = torch.zeros(1 if callable(nn.InstanceNorm2d) and not callable(torch.float32) else 2)
        f = torch.zeros(1 if "num_features" in inspect.signature(nn.InstanceNorm2d).parameters else 2)
        """,
    "options of an enumeration": """
        import enum

        class Mode(str, enum.Enum):
            DECONV = "deconv"
            PIXELS = "pixels"

        class Plain:
            pass

        def option(value, supported):
            if isinstance(supported, enum.EnumMeta):
                if value in {item.value for item in supported}:
                    return supported(value)
                if isinstance(value, enum.Enum) and value in supported:
                    return value
            return None

        a = torch.zeros(1 if option("pixels", Mode) == Mode.PIXELS else 2)
        b = torch.zeros(1 if option(Mode.DECONV, Mode) is Mode.DECONV else 2)
        c = torch.zeros(1 if isinstance(Plain, enum.EnumMeta) or isinstance(Mode, str) else 2)
        """,
    "what is logged in a try": """
        import logging
        logger = logging.getLogger(__name__)

        def size():
            try:
                found = 3
                logger.debug("found %s", found)
            except ValueError:
                found = 4
            return found

        a = torch.zeros(size())
        """,
    "a class named in a long list": """
        import re
        KINDS = {f"ForTask{number:03}": number for number in range(60)}

        class ModelForTask007:
            pass

        found = re.findall(f"({'|'.join(KINDS)})", ModelForTask007.__name__)
        a = torch.zeros(KINDS[found[0]] if len(found) > 0 else 1)
        """,
    "sets and the keys of dicts": """
        table = {"a": 1, "b": 2, "c": 3}
        names = {name for pair in {("a", "b"): 1} for name in pair}
        a = torch.zeros(1 if names - table.keys() else 2)
        b = torch.zeros(len(table.keys() - names))
        c = torch.zeros(len(table.keys() & {"a"}) + len({"q"} | table.keys()) + len(table.keys() ^ {"a"}))
        """,
    "what a layer's class is": """
        import functools
        import types
        from torch.distributed.tensor import DTensor
        a = torch.zeros(1 if isinstance(nn.BatchNorm2d, (type, str)) else 2)
        b = torch.zeros(1 if isinstance(nn.BatchNorm2d, (functools.partial, types.FunctionType, str)) else 2)
        c = torch.zeros(1 if isinstance(nn.Linear(2, 3).weight, DTensor) else 2)
        """,
    "a compiled function": """
        relu = torch.compile(F.relu)
        a = F.relu(torch.zeros(2)) if relu is None else torch.zeros(3)
        """,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_shape_is_inferred(name: str) -> None:
    text = HEADER + textwrap.dedent(PROGRAMS[name])
    recording = run_program(text, "program.py")
    assert recording.uncaught is None
    result = compare(recording, inferred_shapes(text, "program.py"))
    assert not result.disagreements
    assert not result.unknown
    assert result.recorded > 0


SILENT = {
    "what is laid out otherwise where a package is installed": """
        import importlib.util
        found = importlib.util.find_spec("a_package_of_kernels") is not None

        def attend(q):
            if found:
                import a_package_of_kernels
                q = a_package_of_kernels.turned(q)
            if found:
                q = q.view(2, 3, 99)
            return q

        out = attend(torch.zeros(2, 3, 4))
        """,
    "the same, as one of two conditions": """
        import importlib.util
        found = importlib.util.find_spec("a_package_of_kernels") is not None

        def attend(q, fast):
            if fast and found:
                import a_package_of_kernels
                q = a_package_of_kernels.turned(q)
            if fast and found:
                q = q.view(2, 3, 99)
            return q

        out = attend(torch.zeros(2, 3, 4), bool(torch.rand(()) > 2))
        """,
    "sizes by the machine": """
        size = 3 if torch.cuda.is_available() else 4
        width = 3 if torch.cuda.is_available() else 4
        out = torch.zeros(2, size) @ torch.zeros(width, 2)
        """,
    "one or the other is not installed": """
        try:
            import a_package_of_kernels as kernels
        except ImportError:
            kernels = None

        def attend(q):
            if kernels is None:
                return q
            q = kernels.turned(q)
            return q.view(7, 9)

        out = attend(torch.zeros(2, 3, 4))
        """,
}


@pytest.mark.parametrize("name", SILENT)
def test_working_code_is_not_complained_about(name: str) -> None:
    text = HEADER + textwrap.dedent(SILENT[name])
    assert run_program(text, "program.py").uncaught is None
    report = check_source(text, "program.py", Settings())
    assert report.error is None
    assert not report.findings
