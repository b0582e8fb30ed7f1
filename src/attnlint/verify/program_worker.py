"""Runs one program for ``--verify=program``, and says where in the file exceptions were raised. Run as a file.

Under the user's interpreter, with the standard library only, in Python 3.7 syntax. The program may read; what writes,
starts processes or talks to the network is refused by an audit hook, and there are limits of the system below that.
The request is one JSON line on stdin, the answer one JSON line on a private copy of stdout.
"""

import sys

if sys.path and sys.path[0].rstrip("/\\").endswith("verify"):
    del sys.path[0]

import json
import os
import warnings

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
REFUSED = (
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.mkdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chmod",
    "os.chown",
    "os.utime",
    "os.system",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.kill",
    "os.putenv",
    "pty.spawn",
    "shutil.copyfile",
    "shutil.move",
    "shutil.rmtree",
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.sendto",
    "subprocess.Popen",
    "urllib.Request",
    "ftplib.connect",
    "smtplib.connect",
)


class Refused(PermissionError):
    """What a program may not do while it is only being looked at."""


def guard():
    """Refuse what changes anything outside of the process."""

    def hook(event, arguments):
        if event == "open":
            _, mode, flags = (tuple(arguments) + (None, None, None))[:3]
            path = arguments[0]
            writes = (isinstance(mode, str) and any(letter in mode for letter in "wax+")) or (
                isinstance(flags, int) and flags & WRITING
            )
            if writes and path != os.devnull and not isinstance(path, int):
                raise Refused("attnlint runs the program without letting it write: %s" % (path,))
        elif event in REFUSED:
            raise Refused("attnlint runs the program without %s" % event)

    if hasattr(sys, "addaudithook"):
        sys.addaudithook(hook)


def lock_files():
    """Linux's Landlock: from here on the process cannot write, make or remove a file, whoever asks.

    True where it is there.
    """
    try:
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        # Writing and removing files, making anything; the numbers of the calls are the same on all machines.
        rights = (1 << 1) | sum(1 << bit for bit in range(4, 13))
        attributes = ctypes.c_uint64(rights)
        ruleset = libc.syscall(444, ctypes.byref(attributes), ctypes.c_size_t(8), ctypes.c_uint32(0))
        if ruleset < 0:
            return False
        device = os.open(os.devnull, getattr(os, "O_PATH", os.O_RDONLY))

        class Rule(ctypes.Structure):
            _pack_ = 1
            _fields_ = [("rights", ctypes.c_uint64), ("descriptor", ctypes.c_int32)]

        libc.syscall(445, ruleset, 1, ctypes.byref(Rule(1 << 1, device)), 0)
        # Without this an ordinary user may not restrict itself.
        libc.prctl(38, 1, 0, 0, 0)
        return libc.syscall(446, ruleset, 0) == 0
    except (ImportError, OSError, AttributeError, TypeError, ValueError):
        return False


def refuse(*arguments, **keywords):
    """Stands for what writes a file without asking Python."""
    raise Refused("attnlint runs the program without letting it write")


def limit(memory, seconds):
    """The limits of the operating system: best effort, Windows has none."""
    try:
        import resource
        import signal
    except ImportError:
        return
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    wanted = [("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", 0), ("RLIMIT_CPU", seconds)]
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


class Watcher:
    """Notes every exception that reaches the code of the file, and which of the lines asked for were executed."""

    def __init__(self, filename, lines):
        self.filename = filename
        self.wanted = set(lines)
        self.raised = []
        self.reached = set()
        self.last = None

    def __call__(self, frame, event, argument):
        if event != "call" or frame.f_code.co_filename != self.filename:
            return None
        numbers = {frame.f_code.co_firstlineno} | {line for _, line in _lines(frame.f_code) if line}
        # Line events cost: only where a line is asked for.
        frame.f_trace_lines = bool(self.wanted & numbers)
        return self.local

    def local(self, frame, event, argument):
        if event == "line" and frame.f_lineno in self.wanted:
            self.reached.add(frame.f_lineno)
        elif event == "exception":
            error = argument[1]
            if error is not self.last and isinstance(error, BaseException):
                self.last = error
                if len(self.raised) < 1000:
                    self.raised.append([frame.f_lineno, type(error).__name__, str(error)[:2000]])
        return self.local


def _lines(code):
    import dis

    return list(dis.findlinestarts(code))


class Settings:
    """Stands for an object that a constructor reads its sizes from."""

    def __init__(self, attributes):
        self.__dict__.update(attributes)


def made(torch, value):
    """An argument from its JSON form."""
    if isinstance(value, dict) and "tensor" in value:
        dtype = getattr(torch, value["dtype"] or "float32")
        if dtype.is_floating_point or dtype.is_complex:
            return torch.randn(value["tensor"], dtype=dtype)
        # Zero is an index into everything.
        return torch.zeros(value["tensor"], dtype=dtype)
    if isinstance(value, dict):
        return Settings(value["object"])
    return value


def drive(torch, main, driver, watcher):
    """Call what the driver names, one attempt after the other, until one raises at a line asked for.

    The number of that attempt (-1 when there is none), and what ended the first.
    """
    ended = []
    for number, attempt in enumerate(driver["attempts"]):
        before = len(watcher.raised)
        try:
            target = getattr(main, driver["name"])
            if attempt["constructor"] is not None:
                values = attempt["constructor"]
                target = target(**{name: made(torch, value) for name, value in values.items()})
                # A module is called, so that its hooks run too.
                if driver["method"] and (driver["method"] != "forward" or not callable(target)):
                    target = getattr(target, driver["method"])
            if attempt["constructor"] is None or driver["method"]:
                values = attempt["arguments"]
                target(**{name: made(torch, value) for name, value in values.items()})
            ended.append("")
        except Exception as error:
            ended.append(str(error) if isinstance(error, Refused) else "%s: %s" % (type(error).__name__, error))
        if any(line in watcher.wanted for line, _, _ in watcher.raised[before:]):
            return number, ended[-1]
        # What the other attempts raised is not what was asked for.
        del watcher.raised[before:]
    return -1, ended[0] if ended else ""


def run(request):
    """Run the program; the answer."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    path = request["path"]
    with open(path, "rb") as file:
        text = file.read()
    watcher = Watcher(path, request["lines"])
    folder = os.path.dirname(os.path.abspath(path))
    sys.path.insert(0, folder)
    sys.argv = [path]
    sys.dont_write_bytecode = True
    driver = request.get("driver")
    # With a driver, what stands under `if __name__ == "__main__"` is not run.
    main = type(sys)("attnlint_driven" if driver else "__main__")
    main.__file__ = path
    sys.modules[main.__name__] = main
    code = compile(text, path, "exec")
    limit(request["memory"], request["seconds"])
    torch.save = refuse
    lock_files()
    guard()
    ended = ""
    attempt = -1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sys.settrace(watcher)
            try:
                exec(code, main.__dict__)
                if driver:
                    attempt, ended = drive(torch, main, driver, watcher)
            finally:
                sys.settrace(None)
    except SystemExit:
        pass
    except BaseException as error:
        ended = "%s: %s" % (type(error).__name__, error)
        if isinstance(error, Refused):
            ended = str(error)
    return {
        "torch": torch.__version__,
        "raised": watcher.raised,
        "reached": sorted(watcher.reached),
        "ended": ended[:2000],
        "attempt": attempt,
    }


def main():
    """Answer one request."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_RDWR)
    request = json.loads(sys.stdin.readline())
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    try:
        answer = run(request)
    except BaseException as error:
        missing = isinstance(error, ImportError) and getattr(error, "name", None) == "torch"
        text = "torch is not installed" if missing else "%s: %s" % (type(error).__name__, error)
        answer = {"error": text[:2000]}
    out.write(json.dumps(answer) + "\n")
    out.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
