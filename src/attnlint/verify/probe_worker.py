"""Runs a user's module for ``attnlint probe``, and says which properties of an attention hold. Run as a file.

Under the user's interpreter, with torch and the standard library only, in Python 3.7 syntax, in the limits of
``program_worker``. The request is one JSON line on stdin, the answer one JSON line on a private copy of stdout.
"""

import sys

FOLDER = sys.path[0] if sys.path and sys.path[0].rstrip("/\\").endswith("verify") else ""
if FOLDER:
    del sys.path[0]

import importlib
import importlib.util
import json
import os
import warnings


def beside(name):
    """A file next to this one, as a module: its folder must not shadow what torch imports."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".py")
    spec = importlib.util.spec_from_file_location("attnlint_" + name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load(place):
    """The object of ``package.module:Class`` or ``path/to/file.py:Class``."""
    module, _, name = place.rpartition(":")
    if module.endswith(".py"):
        spec = importlib.util.spec_from_file_location(os.path.basename(module)[:-3], module)
        if spec is None or spec.loader is None:
            raise ImportError("%s is no Python file" % module)
        loaded = importlib.util.module_from_spec(spec)
        sys.path.insert(0, os.path.dirname(os.path.abspath(module)))
        sys.modules[spec.name] = loaded
        spec.loader.exec_module(loaded)
    else:
        sys.path.insert(0, os.getcwd())
        loaded = importlib.import_module(module)
    for part in name.split("."):
        loaded = getattr(loaded, part)
    return loaded


def first_tensor(torch, result):
    """The tensor that a forward is about: itself, or the first one in what it returns."""
    if isinstance(result, torch.Tensor):
        return result
    items = result.values() if hasattr(result, "values") else result if isinstance(result, (tuple, list)) else ()
    for item in items:
        found = first_tensor(torch, item)
        if found is not None:
            return found
    return None


def made(torch, spec):
    """An input of the wanted shape and dtype."""
    dtype = getattr(torch, spec["dtype"])
    shape = tuple(spec["shape"])
    if dtype == torch.bool:
        return torch.zeros(shape, dtype=dtype)
    if dtype.is_floating_point or dtype.is_complex:
        return torch.randn(shape, dtype=dtype)
    return torch.randint(0, spec.get("high", 8), shape, dtype=dtype)


class Probe:
    """One module, its inputs, and the questions that are asked."""

    def __init__(self, torch, properties, module, request):
        self.torch, self.properties, self.module = torch, properties, module
        self.batch, self.token, self.mask = request["batch_axis"], request["token_axis"], request["mask"]
        self.takes_part = request["mask_true"] == "kept"
        self.inputs, self.positional = {}, []
        for number, spec in enumerate(request["inputs"]):
            name = spec["name"] or "input%d" % number
            if not spec["name"]:
                self.positional.append(name)
            self.inputs[name] = made(torch, spec)
        if self.mask and self.takes_part:
            self.inputs[self.mask].fill_(True)
        self.rows = []
        self.seeded = True

    def run(self, inputs):
        """The forward, as the property functions want it."""
        if self.seeded:
            # What is drawn while it runs is the same in every run: only one question is about that.
            self.torch.manual_seed(0)
        arguments = [inputs[name] for name in self.positional]
        keywords = {name: tensor for name, tensor in inputs.items() if name not in self.positional}
        with self.torch.no_grad():
            result = first_tensor(self.torch, self.module(*arguments, **keywords))
        if result is None:
            raise TypeError("the module returns no tensor")
        return {"output": result}

    def ask(self, name, must, question, *arguments, **keywords):
        """One row of the table: the name, whether it has to hold, and what was seen where it does not."""
        try:
            seen = question(self.run, self.inputs, *arguments, **keywords)
        except Exception as error:
            self.rows.append([name, must, "unknown", "%s: %s" % (type(error).__name__, str(error).split("\n")[0])])
            return
        self.rows.append([name, must, "fails" if seen else "holds", seen])

    def contents(self):
        """The inputs that carry contents: those whose change may show in the output."""
        return [name for name, tensor in self.inputs.items() if name != self.mask and tensor.dim() > self.batch]

    def sequences(self):
        """The contents with an axis of tokens."""
        rank = self.token + (1 if self.token > self.batch else 2)
        return [name for name in self.contents() if self.inputs[name].dim() >= rank]

    def independence_and_repetition(self):
        """What has to hold of every module."""
        know = self.properties
        for name in self.contents():
            if self.inputs[name].shape[self.batch] > 1:
                title = "samples do not mix" if len(self.contents()) == 1 else "samples do not mix (%s)" % name
                self.ask(title, True, know.made_of_its_own, name, self.batch, "output", self.batch, word="sample")
        self.seeded = False
        self.ask("evaluation repeats itself", True, know.evaluation_repeats_itself, "output")
        self.seeded = True

    def tokens(self):
        """How tokens see each other: what a reader compares with what was meant."""
        know, sequences = self.properties, self.sequences()
        if not sequences:
            return
        first = sequences[0]
        if len(sequences) == 1:
            self.ask("tokens see each other", False, know.sees_others, first, self.token, "output", self.token)
            self.ask(
                "no token sees later ones (causal)", False, know.is_causal, [(first, self.token)], "output", self.token
            )
            self.ask("tokens in another order give outputs in that order", False, self.equivariance, first)
        else:
            keys = [(name, self.token) for name in sequences[1:]]
            title = "keys and values in another order change nothing"
            self.ask(title, False, know.ignores_order_of_keys, keys, "output")

    def equivariance(self, run, inputs, name):
        """Tokens in reverse order give the outputs in reverse order."""
        before = run(self.properties.copies(inputs))["output"]
        changed = self.properties.copies(inputs)
        changed[name] = changed[name].flip(self.token)
        after = run(changed)["output"].flip(self.token)
        return "the order of the tokens matters" if self.properties.differing(before, after, 0) else ""

    def masks(self):
        """What is masked has no influence on the others."""
        if not self.mask:
            return
        sequences = self.sequences()
        keys = [(name, self.token) for name in (sequences if len(sequences) == 1 else sequences[1:])]
        own = self.token if len(sequences) == 1 else None
        question, kept = self.properties.ignores_masked_keys, self.takes_part
        title = "masked keys have no influence"
        self.ask(title, True, question, self.mask, -1, keys, "output", kept=kept, excluded=not kept, own_axis=own)

    def weights(self):
        """What the products and softmaxes inside do."""
        try:
            from torch.overrides import TorchFunctionMode
        except ImportError:
            return
        watched = watcher(self.torch, TorchFunctionMode)()
        inputs = self.properties.copies(self.inputs)
        if self.mask:
            inputs[self.mask].select(-1, -1).fill_(not self.takes_part)
        with watched:
            self.run(inputs)
        if watched.sums:
            worst = max(watched.sums, key=lambda total: abs(total - 1))
            seen = "" if abs(worst - 1) < 0.01 else "the weights of one query sum to %.3g over the keys" % worst
            self.rows.append(["weights sum to one over the keys", True, "fails" if seen else "holds", seen])
        if watched.scales:
            width, scale = max(watched.scales, key=lambda pair: abs(pair[1] * pair[0] ** 0.5 - 1))
            right = abs(scale * width**0.5 - 1) < 0.05
            seen = (
                "" if right else "scores over %d widths are scaled by %.3g, not by %.3g" % (width, scale, width**-0.5)
            )
            self.rows.append(
                ["scores are scaled by the root of the head width", True, "holds" if right else "fails", seen]
            )


def watcher(torch, mode):
    """A class that watches torch's functions while a forward runs."""
    views = ("view", "reshape", "transpose", "permute", "contiguous", "unsqueeze", "squeeze", "flatten", "expand", "to")
    products = ("matmul", "bmm", "einsum", "__matmul__", "baddbmm")

    class Watcher(mode):  # type: ignore[misc, valid-type]
        def __init__(self):
            super().__init__()
            self.weights, self.scores, self.factors, self.kept = {}, {}, {}, []
            self.sums, self.scales = [], []
            self.busy = False

        def __torch_function__(self, function, types, arguments=(), keywords=None):
            keywords = keywords or {}
            result = function(*arguments, **keywords)
            if self.busy or not isinstance(result, torch.Tensor):
                return result
            self.busy = True
            try:
                self.note(getattr(function, "__name__", ""), function, arguments, keywords, result)
            except Exception:
                pass  # what cannot be followed is not judged
            finally:
                self.busy = False
            return result

        def note(self, name, function, arguments, keywords, result):
            tensors = [value for value in arguments if isinstance(value, torch.Tensor)]
            if not tensors:
                return
            self.kept += [result, *tensors]
            first = tensors[0]
            if name in products and len(tensors) == 2:
                self.product(function, arguments, keywords, tensors, result)
            elif name == "softmax":
                self.scale(first)
                self.weights[id(result)] = True
            elif name == "scaled_dot_product_attention":
                given = keywords.get("scale")
                self.scales.append((first.shape[-1], first.shape[-1] ** -0.5 if given is None else float(given)))
            elif result.numel() == first.numel():
                self.follow(name, arguments, first, result)

        def follow(self, name, arguments, first, result):
            for known in (self.weights, self.scores):
                for tensor in (value for value in arguments if isinstance(value, torch.Tensor)):
                    if id(tensor) in known and result.numel() == tensor.numel():
                        known[id(result)] = known[id(tensor)]
            factor = self.factors.get(id(first), 1.0)
            other = arguments[1] if len(arguments) > 1 else None
            plain = other.item() if isinstance(other, torch.Tensor) and other.numel() == 1 else other
            if name in ("mul", "__mul__", "__rmul__", "mul_", "__imul__") and isinstance(plain, (int, float)):
                self.factors[id(result)] = factor * plain
            elif name in ("div", "__truediv__", "div_", "true_divide", "__itruediv__") and isinstance(
                plain, (int, float)
            ):
                self.factors[id(result)] = factor / plain
            elif name in views:
                self.factors[id(result)] = factor

        def product(self, function, arguments, keywords, tensors, result):
            side = next((index for index, tensor in enumerate(tensors) if id(tensor) in self.weights), None)
            if side is not None:
                ones = torch.ones_like(tensors[1 - side])
                given = [ones if value is tensors[1 - side] else value for value in arguments]
                total = function(*given, **keywords).flatten()
                self.sums.append(total[(total - 1).abs().argmax()].item())
                return
            given = [torch.ones_like(value) if isinstance(value, torch.Tensor) else value for value in arguments]
            width = function(*given, **keywords).flatten()[0].item()
            factor = self.factors.get(id(tensors[0]), 1.0) * self.factors.get(id(tensors[1]), 1.0)
            self.scores[id(result)] = (result.clone().flatten(), int(width), factor)

        def scale(self, given):
            known = self.scores.get(id(given))
            if known is None:
                return
            raw, width, factor = known
            seen = given.flatten()
            counted = (seen > -1000) & torch.isfinite(seen)
            raw, seen = raw[counted].double(), seen[counted].double()
            raw, seen = raw - raw.mean(), seen - seen.mean()
            slope = (raw * seen).sum() / (raw * raw).sum()
            if (slope * raw - seen).pow(2).sum() < 1e-3 * seen.pow(2).sum():
                self.scales.append((width, slope.item() * factor))

    return Watcher


def probe(request):
    """Make the module, and ask everything."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    properties, guards = beside("properties"), beside("program_worker")
    sys.dont_write_bytecode = True
    guards.limit(request["memory"], request["seconds"])
    torch.save = guards.refuse
    guards.lock_files()
    guards.guard()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made_of = load(request["place"])
        module = made_of(*request["arguments"], **request["keywords"]) if callable(made_of) else made_of
        if isinstance(module, torch.nn.Module):
            module.eval()
        asked = Probe(torch, properties, module, request)
        output = asked.run(properties.copies(asked.inputs))["output"]
        asked.independence_and_repetition()
        asked.weights()
        asked.masks()
        asked.tokens()
    return {"torch": torch.__version__, "output": list(output.shape), "rows": asked.rows}


def main():
    """Answer one request."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_RDWR)
    request = json.loads(sys.stdin.readline())
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    try:
        answer = probe(request)
    except BaseException as error:
        missing = isinstance(error, ImportError) and getattr(error, "name", None) == "torch"
        text = "torch is not installed" if missing else "%s: %s" % (type(error).__name__, error)
        answer = {"error": text[:2000]}
    out.write(json.dumps(answer) + "\n")
    out.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
