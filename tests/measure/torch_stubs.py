"""What a wheel of torch declares, by public name, with its parameters: read from its stubs and sources."""

from __future__ import annotations

import ast
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

Declared = dict[str, frozenset[str]]
"""Public name to the names of its parameters; of a class those of its constructor. Empty where nothing is said."""

PLACES = {
    "torch/_C/_VariableFunctions.pyi": "torch",
    "torch/_C/_nn.pyi": "torch.nn.functional",
    "torch/__init__.py": "torch",
    "torch/functional.py": "torch",
    "torch/_tensor.py": "torch",
    "torch/_C/__init__.pyi": "torch",
    "torch/nn/functional.py": "torch.nn.functional",
    "torch/nn/functional.pyi": "torch.nn.functional",
    "torch/linalg/__init__.py": "torch.linalg",
    "torch/fft/__init__.py": "torch.fft",
    "torch/special/__init__.py": "torch.special",
    "torch/sparse/__init__.py": "torch.sparse",
    "torch/masked/_ops.py": "torch.masked",
    "torch/signal/windows/windows.py": "torch.signal.windows",
    "torch/compiler/__init__.py": "torch.compiler",
    "torch/mps/__init__.py": "torch.mps",
    "torch/accelerator/__init__.py": "torch.accelerator",
    "torch/backends/cuda/__init__.py": "torch.backends.cuda",
    "torch/nn/utils/rnn.py": "torch.nn.utils.rnn",
    "torch/nn/attention/__init__.py": "torch.nn.attention",
    "torch/nn/attention/bias.py": "torch.nn.attention.bias",
    "torch/nn/attention/flex_attention.py": "torch.nn.attention.flex_attention",
    "torch/nn/attention/varlen.py": "torch.nn.attention.varlen",
}
"""Where public names are declared, and below which they are found. (``nn`` modules: all files of one folder.)"""

MODULES = PurePosixPath("torch/nn/modules")
TENSORS = ("_TensorBase", "TensorBase", "Tensor")
_SIGNATURE = re.compile(r"\s*[\w.]+\((.*?)\)\s*(?:->|\n|$)", re.DOTALL)
_PARAMETER = re.compile(r"(?:^|,)\s*\*{0,2}(\w+)\s*(?=[=,:]|$)")


def declared_names(wheel: Path) -> Declared:
    """Every public name that the wheel's files declare."""
    found: dict[str, set[str]] = {}
    bases: dict[str, str] = {}
    with zipfile.ZipFile(wheel) as archive:
        for path in archive.namelist():
            prefix = "torch.nn" if PurePosixPath(path).parent == MODULES else PLACES.get(path)
            if prefix is None:
                continue
            for name, parameters in _declarations(ast.parse(archive.read(path)), prefix, bases):
                # Parts of the stubs are written by hand, and lag behind: they say which names there are.
                found.setdefault(name, set()).update(parameters if path.endswith(".py") else ())
    for name in list(bases):
        _inherit(name, found, bases)
    return {name: frozenset(parameters) for name, parameters in found.items()}


def _declarations(tree: ast.Module, prefix: str, bases: dict[str, str]) -> Iterator[tuple[str, set[str]]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield f"{prefix}.{node.name}", _parameters(node.args)
        elif isinstance(node, ast.ClassDef):
            name = "torch.Tensor" if node.name in TENSORS else f"{prefix}.{node.name}"
            yield name, set()
            if node.bases and isinstance(node.bases[0], ast.Name):
                bases[name] = f"{prefix}.{node.bases[0].id}"
            for part in node.body:
                if isinstance(part, ast.FunctionDef):
                    yield (name if part.name == "__init__" else f"{name}.{part.name}"), _parameters(part.args)
                elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                    yield f"{name}.{part.target.id}", set()
        elif isinstance(node, ast.ImportFrom):
            for imported in node.names:
                if imported.asname or imported.name.islower():
                    yield f"{prefix}.{imported.asname or imported.name}", set()
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield f"{prefix}.{node.targets[0].id}", _documented(node.value)


def _parameters(arguments: ast.arguments) -> set[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return {one.arg for one in every if one is not None}


def _documented(value: ast.expr) -> set[str]:
    """``_add_docstr(builtin, "name(input, dim=-1) -> Tensor ...")``: the parameters of all such lines."""
    if not isinstance(value, ast.Call) or len(value.args) < 2:
        return set()
    texts = [part.value for part in ast.walk(value) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    match = next((found for text in texts if (found := _SIGNATURE.match(text))), None)
    return set() if match is None else set(_PARAMETER.findall(match[1]))


def _inherit(name: str, found: dict[str, set[str]], bases: dict[str, str]) -> None:
    """A class without a constructor or a forward of its own has those of its base."""
    base = bases[name]
    if base in bases:
        _inherit(base, found, bases)
    if not found.get(name):
        found[name] = set(found.get(base, ()))
    if f"{base}.forward" in found:
        found.setdefault(f"{name}.forward", set(found[f"{base}.forward"]))
