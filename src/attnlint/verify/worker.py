"""The worker: runs torch operations for the verifier. It is run as a file under the user's interpreter.

It imports only the standard library and torch (einops and others only when an operation names them), never attnlint
and never the user's code, and keeps to Python 3.7 syntax. It reads one JSON request a line on stdin and answers with
one JSON line on a private copy of stdout, so that nothing a kernel prints can break the protocol.
"""

import sys

# The folder of this file must not shadow anything that torch imports.
if sys.path and sys.path[0].rstrip("/\\").endswith("verify"):
    del sys.path[0]

import importlib
import json
import operator
import os
import warnings

try:
    import resource
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]


class CannotBuild(Exception):
    """The arguments cannot be made into real objects; says nothing about the operation."""


def limit_resources(memory):
    """Limit what a kernel can do to the machine: memory, core dumps, files, processes.

    Best effort: Windows has none of it.
    """
    if resource is None:
        return
    wanted = [("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", 0), ("RLIMIT_NPROC", 0)]
    if memory:
        used = 0
        try:
            with open("/proc/self/statm") as file:
                used = int(file.read().split()[0]) * resource.getpagesize()
            wanted.append(("RLIMIT_AS", used + memory))
        except (OSError, ValueError):
            pass
    for name, value in wanted:
        try:
            kind = getattr(resource, name)
            resource.setrlimit(kind, (value, resource.getrlimit(kind)[1]))
        except (AttributeError, ValueError, OSError):
            pass


def unlimited():
    """Lift the limits that ``limit_resources`` set, for a while: what there was before."""
    if resource is None:
        return []
    kinds = [
        getattr(resource, name) for name in ("RLIMIT_FSIZE", "RLIMIT_NPROC", "RLIMIT_AS") if hasattr(resource, name)
    ]
    before = [(kind, resource.getrlimit(kind)) for kind in kinds]
    for kind, (_, most) in before:
        resource.setrlimit(kind, (most, most))
    return before


class Builder:
    """Turns the JSON form of values into real objects."""

    def __init__(self, torch, device, default_dtype, ones):
        self.torch = torch
        self.device = device
        self.default_dtype = default_dtype
        self.ones = ones
        self.objects = {}

    def value(self, data):
        """One value of the JSON form."""
        if isinstance(data, list):
            return [self.value(item) for item in data]
        if not isinstance(data, dict):
            return data
        ((kind, content),) = data.items()
        return getattr(self, "make_" + kind)(content)

    def make_tuple(self, items):
        return tuple(self.value(item) for item in items)

    def make_set(self, items):
        return {self.value(item) for item in items}

    def make_dict(self, pairs):
        return {self.value(key): self.value(value) for key, value in pairs}

    def make_slice(self, parts):
        return slice(*[self.value(part) for part in parts])

    def make_range(self, parts):
        return range(*parts)

    def make_ellipsis(self, _):
        return Ellipsis

    def make_float(self, text):
        return float(text)

    def make_complex(self, parts):
        return complex(*parts)

    def make_name(self, name):
        return resolve(name)

    def make_unknown(self, reason):
        raise CannotBuild("an argument is not known: " + reason)

    def make_module(self, content):
        arguments = [self.value(item) for item in content["arguments"]]
        keywords = {key: self.value(item) for key, item in content["keywords"].items()}
        return resolve(content["class"])(*arguments, **keywords)

    def make_tensor(self, content):
        number = content.get("object")
        if number is None:
            return self.new_tensor(content)
        if number not in self.objects:
            self.objects[number] = self.new_tensor(content)
        return self.objects[number]

    def new_tensor(self, content):
        torch = self.torch
        name = content.get("dtype") or self.default_dtype
        dtype = getattr(torch, name, None)
        if dtype is None:
            raise CannotBuild("this torch has no dtype " + name)
        if content.get("device") is not None or self.device == "fake":
            # Where it is matters, and what it holds does not.
            device = content.get("device") or "cpu"
            strides = content.get("strides")
            if strides is None:
                return torch.empty(tuple(content["shape"]), dtype=dtype, device=device)
            return torch.empty_strided(tuple(content["shape"]), tuple(strides), dtype=dtype, device=device)
        if content.get("elements") is not None:
            return torch.tensor(self.value(content["elements"]), dtype=dtype if content.get("dtype") else None)
        shape = tuple(content["shape"])
        strides = content.get("strides")
        if any(size < 0 for size in shape):
            raise CannotBuild("a dim is negative: %s" % (shape,))
        if strides is None:
            tensor = torch.empty(shape, dtype=dtype, device=self.device)
        else:
            tensor = torch.empty_strided(shape, tuple(strides), dtype=dtype, device=self.device)
        if tensor.is_meta:
            return tensor
        # An expanded tensor (stride 0) refuses to be filled through itself: fill what lies under it.
        target = tensor
        for axis, stride in enumerate(strides or ()):
            if stride == 0 and target.shape[axis] > 1:
                target = target.narrow(axis, 0, 1)
        with torch.no_grad():
            if dtype.is_floating_point or dtype.is_complex:
                try:
                    target.normal_()
                except (RuntimeError, NotImplementedError):
                    target.zero_()
            elif dtype == torch.bool or self.ones:
                target.fill_(1)
            else:
                # Zero is a valid index for every axis that is not empty, a valid class, a valid position.
                target.zero_()
        return tensor


def resolve(name):
    """The object of a dotted name: ``torch.Tensor.view``, ``operator.matmul``."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:count]))
        except ImportError:
            continue
        try:
            for part in parts[count:]:
                found = getattr(found, part)
        except AttributeError:
            continue
        return found
    raise CannotBuild(("this torch has no %s" if parts[0] == "torch" else "%s is not installed here") % name)


def unpack(value, count):
    """``a, b, c = value.shape``: Python's own error when the rank differs."""
    shape = value.shape if hasattr(value, "shape") else value
    namespace = {"shape": tuple(shape)}
    names = ", ".join("a%d" % number for number in range(count)) or "()"
    exec("%s%s = shape" % (names, "," if count == 1 else ""), namespace)


def setitem(target, index, value):
    """``target[index] = value`` outside autograd's reach, as in user code on plain tensors."""
    operator.setitem(target, index, value)


def backward(tensor, *arguments, **keywords):
    """What a loss is made of has parameters in it: it needs a gradient."""
    import torch

    with torch.enable_grad():
        tensor.requires_grad_().backward(*arguments, **keywords)


def load_state_dict(name, current, saved, strict):
    """Load one tensor into a module that has one parameter, of that name; ``None`` where there is none."""
    import torch

    module = torch.nn.ParameterDict({} if current is None else {name: current})
    module.load_state_dict({} if saved is None else {name: saved}, strict=strict)


PYTHON_OPERATIONS = {
    "unpack": unpack,
    "getitem": operator.getitem,
    "setitem": setitem,
    "torch.Tensor.backward": backward,
    "torch.nn.Module.load_state_dict": load_state_dict,
}

DIVISIONS = ("div", "divide", "floor_divide", "floordiv", "remainder", "fmod", "mod", "true_divide", "truediv")


def run_once(torch, request, device, default_dtype):
    """Build the arguments and run the operation. Returns the phase reached, the result, and the exception."""
    name = request["operation"]
    ones = name.rpartition(".")[2].strip("_") in DIVISIONS
    builder = Builder(torch, device, default_dtype, ones)
    torch.manual_seed(0)
    try:
        arguments = [builder.value(item) for item in request["arguments"]]
        keywords = {key: builder.value(item) for key, item in (request.get("keywords") or {}).items()}
        if request.get("constructor") is not None:
            positional, named = request["constructor"]
            positional = [builder.value(item) for item in positional]
            named = {key: builder.value(item) for key, item in named.items()}
            if device not in ("cpu", "fake") and "device" not in named:
                named["device"] = device
            function = resolve(name)(*positional, **named)
            if device == "fake":
                with torch.no_grad():
                    put_on(torch, function, request["layer_device"])
        else:
            function = PYTHON_OPERATIONS.get(name) or resolve(name)
    except Exception as error:
        return "build", None, error
    if request.get("eval") and hasattr(function, "eval"):
        function.eval()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with torch.no_grad():
                return "run", function(*arguments, **keywords), None
    except Exception as error:
        return "run", None, error


def describe(torch, result):
    """What came out, in a few words."""
    if isinstance(result, torch.Tensor):
        return "a tensor of shape %s" % (tuple(result.shape),)
    if isinstance(result, (tuple, list)):
        return "(%s)" % ", ".join(describe(torch, item) for item in list(result)[:4])
    return type(result).__name__


def has_unknown_dtype(data):
    """Does a tensor of the request have no dtype?"""
    if isinstance(data, list):
        return any(has_unknown_dtype(item) for item in data)
    if isinstance(data, dict):
        if "tensor" in data and isinstance(data["tensor"], dict):
            return not data["tensor"].get("dtype") and data["tensor"].get("elements") is None
        return any(has_unknown_dtype(item) for item in data.values())
    return False


def is_out_of_memory(error):
    """Did the memory limit stop the operation? torch has no type of its own for that on the CPU."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error).lower() if error is not None else ""
    return "not enough memory" in text or "allocate memory" in text


def judge(torch, request):
    """Run one request and say what happened."""
    if request.get("devices"):
        return judge_devices(torch, request)
    device = request.get("device", "cpu")
    # A tensor of unknown dtype: the claim is made for every dtype, so it must hold for each that we try.
    operands = [request["arguments"], request.get("keywords") or {}]
    dtypes = ("float32", "int64", "bool") if has_unknown_dtype(operands) else ("float32",)
    first = None
    for default_dtype in dtypes:
        phase, result, error = run_once(torch, request, device, default_dtype)
        if isinstance(error, CannotBuild):
            return {"status": "unverified", "message": str(error)}
        if is_out_of_memory(error):
            return {"status": "unverified", "message": "the operands do not fit into the memory limit"}
        if phase == "build":
            message = "%s: %s" % (type(error).__name__, error)
            return {"status": "unverified", "message": "the operands cannot be built: " + message}
        if error is None:
            reference = reference_error(torch, request, device, default_dtype)
            if reference is None:
                return {"status": "refuted", "message": "torch returns " + describe(torch, result)}
            error = reference
        if first is None:
            first = error
    message = str(first).strip().split("\n\n")[0]
    if type(first).__name__ == "EinopsError":
        message = " ".join(line.strip() for line in message.splitlines())
    return {"status": "confirmed", "message": message[:2000], "error": type(first).__name__}


def judge_devices(torch, request):
    """Run one request whose operands are on several devices: on these, or on torch's fake tensors that know theirs."""
    note = ""
    if torch.cuda.is_available():
        _, result, error = run_once(torch, request, "fake", "float32")
    elif request["operation"] == "torch.Tensor.numpy":
        note = " (on the meta device: there is no CUDA device here)"
        _, result, error = run_once(torch, on_meta(request), "fake", "float32")
    else:
        note = " (by torch's FakeTensorMode: there is no CUDA device here)"
        mode = fake_tensor_mode()
        if mode is None:
            return {
                "status": "unverified",
                "message": "there is no CUDA device here, and this torch has no fake tensors",
            }
        with mode:
            _, result, error = run_once(torch, request, "fake", "float32")
    if error is not None and "device" in str(error) and "not linked" not in str(error):
        kind = "TypeError" if isinstance(error, TypeError) else "RuntimeError"
        message = str(error).strip().split("\n")[0][:2000]
        return {"status": "confirmed", "message": message + note, "error": kind}
    if note:
        return {"status": "unverified", "message": "there is no CUDA device here, and without one it cannot be tried"}
    if error is None:
        return {"status": "refuted", "message": "torch returns " + describe(torch, result)}
    return {"status": "unverified", "message": "%s: %s" % (type(error).__name__, error)}


def fake_tensor_mode():
    """torch's mode in which tensors have a device and no contents; ``None`` where this torch has none."""
    limits = unlimited()  # what it imports asks for a temporary folder
    try:
        from torch._subclasses.fake_tensor import FakeTensorMode

        return FakeTensorMode()
    except (ImportError, OSError, AssertionError):
        return None
    finally:
        for kind, both in limits:
            resource.setrlimit(kind, both)


def on_meta(request):
    """The request with its tensors on the meta device, which has no memory to share either."""
    moved = json.loads(json.dumps(request))
    for argument in moved["arguments"]:
        if isinstance(argument, dict) and "tensor" in argument:
            argument["tensor"]["device"] = "meta"
    return moved


def put_on(torch, module, device):
    """The parameters and buffers of a module on a device, without a copy: fake tensors have nothing to copy."""
    for part in module.modules():
        for name, value in part._parameters.items():
            if value is not None:
                made = torch.empty(value.shape, dtype=value.dtype, device=device)
                part._parameters[name] = torch.nn.Parameter(made, requires_grad=False)
        for name, value in part._buffers.items():
            if value is not None:
                part._buffers[name] = torch.empty(value.shape, dtype=value.dtype, device=device)


def reference_error(torch, request, device, default_dtype):
    """Where the default kernel accepts what it should not, the error of torch's reference kernel; else None.

    torch 2.13's CPU kernel of attention runs with unequal numbers of keys and values and reads past the keys; the
    MATH backend refuses.
    """
    if not request["operation"].endswith("scaled_dot_product_attention"):
        return None
    try:
        from torch.nn.attention import SDPBackend, sdpa_kernel
    except ImportError:
        return None
    with sdpa_kernel(SDPBackend.MATH):
        _, _, error = run_once(torch, request, device, default_dtype)
    if error is None:
        return None
    text = str(error).strip()
    return type(error)("torch's default kernel runs, though no correct result exists; the math kernel raises: " + text)


def look(torch, request):
    """Run a script that looks at a property, and say what it saw: its last statement asserts that it saw nothing."""
    names = {"__name__": "__main__"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(request["script"], "<property>", "exec"), names)
    except Exception as error:
        seen = names.get("seen")
        if isinstance(error, AssertionError) and isinstance(seen, str) and seen:
            return {"status": "confirmed", "message": seen}
        if is_out_of_memory(error):
            return {"status": "unverified", "message": "the operands do not fit into the memory limit"}
        text = str(error).strip().split("\n\n")[0][:2000]
        return {"status": "unverified", "message": "the steps do not run: %s: %s" % (type(error).__name__, text)}
    return {"status": "refuted", "message": "the property holds"}


def main():
    """Answer requests until stdin ends."""
    out = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    hello: "dict[str, object]" = {"python": "%d.%d.%d" % sys.version_info[:3]}
    try:
        warnings.simplefilter("ignore")
        import torch

        hello["torch"] = torch.__version__
        torch.set_num_threads(1)
        torch.zeros(1) + 1
    except BaseException as error:
        missing = isinstance(error, ImportError) and getattr(error, "name", None) == "torch"
        hello["error"] = (
            "torch is not installed" if missing else "torch is broken: %s: %s" % (type(error).__name__, error)
        )
        out.write(json.dumps(hello) + "\n")
        return
    memory = int(os.environ.get("ATTNLINT_WORKER_MEMORY", "0"))
    if len(sys.argv) > 1 and sys.argv[1].startswith("cuda"):
        hello["cuda"] = bool(torch.cuda.is_available())
    else:
        limit_resources(memory)
    out.write(json.dumps(hello) + "\n")
    for line in sys.stdin:
        try:
            request = json.loads(line)
            answer = look(torch, request) if "script" in request else judge(torch, request)
        except BaseException as error:
            answer = {"status": "unverified", "message": "the worker failed: %s: %s" % (type(error).__name__, error)}
        out.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
