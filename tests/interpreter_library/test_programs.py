"""Classes and objects of the standard library: programs that mean the same in Python and in the interpreter."""

from __future__ import annotations

import pytest

from tests.interpreter_library.programs import in_model, in_python

PROGRAMS = {
    "dataclass": """
        @dataclasses.dataclass
        class Config:
            dim: int = 512
            heads: int = 8
            layers: list = dataclasses.field(default_factory=list)
            head_dim: int = dataclasses.field(init=False, default=0)

            def __post_init__(self):
                self.head_dim = self.dim // self.heads

        one, two = Config(), Config(256, heads=4)
        one.layers.append(1)
        result = (one.head_dim, two.head_dim, one.layers, two.layers, one == Config(layers=[1]), one == two)
        """,
    "dataclass inheritance": """
        @dataclasses.dataclass(frozen=True)
        class Base:
            a: int
            b: int = 2

        @dataclasses.dataclass(frozen=True)
        class Derived(Base):
            c: int = 3
            b: int = 5
            KIND: typing.ClassVar[str] = "x"

        d = Derived(1)
        result = (d.a, d.b, d.c, d.KIND, [f.name for f in dataclasses.fields(d)], dataclasses.asdict(d))
        """,
    "dataclass keyword only and InitVar": """
        @dataclasses.dataclass
        class Config:
            a: int
            scale: dataclasses.InitVar[int] = 2
            _: dataclasses.KW_ONLY
            b: int = 4

            def __post_init__(self, scale):
                self.a = self.a * scale

        c = Config(3, b=1)
        result = (c.a, c.b, Config(3, 5).a)
        """,
    "dataclass replace": """
        @dataclasses.dataclass
        class Config:
            a: int = 1
            b: tuple = (1, 2)

        c = dataclasses.replace(Config(), a=9)
        result = (c.a, c.b, dataclasses.is_dataclass(c), dataclasses.astuple(c))
        """,
    "dataclass missing argument": """
        @dataclasses.dataclass
        class Config:
            a: int

        result = Config()
        """,
    "own init is kept": """
        @dataclasses.dataclass
        class Base:
            a: int = 1

        @dataclasses.dataclass
        class Derived(Base):
            b: int = 2

            def __init__(self, b):
                super().__init__(a=7)
                self.b = b

        result = (Derived(3).a, Derived(3).b)
        """,
    "namedtuple": """
        Point = collections.namedtuple("Point", "x y")
        p = Point(1, y=2)
        x, y = p
        result = (p.x, p.y, p[1], x + y, len(p), p._replace(x=5).x, dict(p._asdict()), p == (1, 2), Point._fields)
        """,
    "namedtuple defaults": """
        Point = collections.namedtuple("Point", ["x", "y"], defaults=(3,))
        result = (tuple(Point(1)), Point(1).y, [*Point(4, 5)], isinstance(Point(1), tuple))
        """,
    "typing.NamedTuple": """
        class Sizes(typing.NamedTuple):
            height: int
            width: int = 7

            @property
            def area(self):
                return self.height * self.width

        s = Sizes(3)
        h, w = s
        result = (s.height, s.width, s.area, h, w, s[0], len(s))
        """,
    "enum": """
        class Kind(enum.Enum):
            SELF = "self"
            CROSS = "cross"
            ALSO = "self"

            @property
            def is_cross(self):
                return self is Kind.CROSS

        result = (
            Kind.SELF.value, Kind("cross").name, Kind["SELF"] is Kind.SELF, [k.name for k in Kind], len(Kind),
            Kind.CROSS.is_cross, Kind.SELF == "self", Kind.ALSO is Kind.SELF,
        )
        """,
    "enum auto and mixins": """
        class Number(enum.IntEnum):
            ONE = enum.auto()
            TWO = enum.auto()

        class Mode(str, enum.Enum):
            A = "a"

        kinds = isinstance(Mode.A, Mode), isinstance(Mode.A, str)
        result = (Number.TWO.value, Mode.A == "a", Mode("a") is Mode.A, kinds)
        """,
    "enum no such member": """
        class Kind(enum.Enum):
            A = 1

        result = Kind(5)
        """,
    "argparse": """
        parser = argparse.ArgumentParser(description="x")
        group = parser.add_argument_group("model")
        group.add_argument("--embed-dim", "-e", type=int, default="64")
        parser.add_argument("--heads", default=8, choices=[4, 8])
        parser.add_argument("--causal", action="store_true")
        parser.add_argument("--no-bias", dest="bias", action="store_false")
        parser.add_argument("--name")
        parser.set_defaults(lr=0.1)
        args = parser.parse_args([])
        result = (args.embed_dim, args.heads, args.causal, args.bias, args.name, args.lr, vars(args)["heads"])
        """,
    "namespace": """
        config = types.SimpleNamespace(dim=4, heads=2)
        config.head_dim = config.dim // config.heads
        setattr(config, "extra", 3)
        result = (config.head_dim, getattr(config, "extra"), sorted(vars(config)))
        """,
    "deque": """
        queue = collections.deque([1, 2], maxlen=3)
        queue.append(3)
        queue.append(4)
        queue.appendleft(0)
        first = queue.popleft()
        queue.rotate(1)
        result = (first, list(queue), len(queue), queue[0], bool(queue), 3 in queue)
        """,
    "defaultdict": """
        groups = collections.defaultdict(list)
        for word in ["ab", "c", "de"]:
            groups[len(word)].append(word)
        counts = collections.defaultdict(int)
        counts["a"] += 2
        result = (dict(groups), counts["a"], counts["b"], len(counts), sorted(groups))
        """,
    "OrderedDict": """
        d = collections.OrderedDict([("a", 1), ("b", 2)])
        d.move_to_end("a")
        d["c"] = 3
        last = d.popitem()
        result = (list(d), last, list(d.values()))
        """,
    "list methods": """
        x = [3, 1, 2]
        y = x
        x.append(4)
        x.sort(reverse=True)
        x.insert(1, 9)
        popped = (x.pop(), x.pop(0))
        x.extend(range(2))
        x.remove(9)
        x += [7]
        x.reverse()
        result = (x, y is x, popped, x.index(7), x.count(1), x.copy() is x)
        """,
    "dict methods": """
        d = {"a": 1}
        d.setdefault("b", []).append(2)
        d.update({"c": 3}, d=4)
        gone = d.pop("a"), d.pop("zz", None)
        del d["c"]
        result = (d, gone, d.get("q", 5), "b" in d, list(d.items()), dict(d) == d)
        """,
    "missing key": """
        result = {"a": 1}["b"]
        """,
    "set methods": """
        s = {1, 2}
        s.add(3)
        s.discard(9)
        s.update([4])
        s.remove(1)
        result = (s, s.issubset({2, 3, 4, 5}), s & {2}, s | {7}, s - {2}, 3 in s, len(s))
        """,
    "iterator is consumed": """
        it = iter([1, 2, 3, 4, 5])
        first = next(it)
        pair = list(itertools.islice(it, 2))
        result = (first, pair, list(it), list(it), next(it, "end"))
        """,
    "map is consumed once": """
        doubled = map(lambda x: x * 2, [1, 2, 3])
        a, b, c = doubled
        result = (a, b, c, list(doubled))
        """,
    "endless iterators": """
        numbers = itertools.count(5, 2)
        letters = itertools.cycle("ab")
        three = [next(letters) for _ in range(3)]
        result = (next(numbers), three, list(zip([1, 2], numbers)), list(itertools.islice(letters, 2)))
        """,
    "generator and next": """
        def numbers(n):
            for i in range(n):
                yield i * i

        g = numbers(4)
        result = (next(g), next(g), list(g), sum(numbers(3)))
        """,
    "cached functions": """
        @functools.lru_cache(maxsize=None)
        def fibonacci(n):
            return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

        @functools.lru_cache
        def double(x):
            return 2 * x

        @functools.cache
        def triple(x):
            return 3 * x

        result = (fibonacci(8), double(4), triple(5))
        """,
    "wraps": """
        def twice(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                return function(*args, **kwargs) * 2
            return wrapper

        @twice
        def f(x, y=1):
            return x + y

        result = (f(1), f(1, y=4))
        """,
    "cached_property and partialmethod": """
        class C:
            def __init__(self):
                self.calls = 0

            @functools.cached_property
            def value(self):
                return 42

            def set(self, key, value):
                return (key, value)

            set_a = functools.partialmethod(set, "a")

        c = C()
        result = (c.value, c.set_a(3))
        """,
    "contextmanager": """
        @contextlib.contextmanager
        def managed(x):
            yield x + 1

        with managed(3) as y, contextlib.nullcontext(9) as z:
            result = (y, z)
        """,
    "suppress": """
        result = "before"
        with contextlib.suppress(KeyError):
            {}["a"]
            result = "not reached"
        """,
    "deepcopy": """
        class Node:
            def __init__(self):
                self.items = [1]
                self.me = self

        n = Node()
        m = copy.deepcopy(n)
        s = copy.copy(n)
        m.items.append(2)
        s.items.append(3)
        result = (n.items, m.items, m.me is m, s.items is n.items, s.me is n)
        """,
    "class that derives from dict": """
        class Config(dict):
            def __init__(self, **kwargs):
                super().__init__(**kwargs)

            def dim(self):
                return self["dim"]

        c = Config(dim=3)
        c["heads"] = 2
        result = (c.dim(), c["heads"], len(c), sorted(c.keys()), "dim" in c, c.get("x", 7))
        """,
    "class that derives from list": """
        class Layers(list):
            def last(self):
                return self[-1]

        x = Layers([1, 2])
        x.append(5)
        result = (x.last(), len(x), x[0], [i for i in x])
        """,
    "getattr setattr hasattr": """
        class C:
            limit = 3

        c = C()
        setattr(c, "x", 1)
        result = (hasattr(c, "x"), hasattr(c, "y"), getattr(c, "limit"), getattr(c, "y", None), getattr(C, "limit"))
        """,
    "attribute error": """
        class C:
            pass

        result = getattr(C(), "missing")
        """,
    "type makes classes": """
        C = type("C", (object,), {"x": 5, "double": lambda self: self.x * 2})
        result = (C().x, C().double(), C.__name__, isinstance(C(), C))
        """,
    "abstract classes": """
        class Base(abc.ABC):
            @abc.abstractmethod
            def size(self): ...

            @property
            def twice(self):
                return 2 * self.size()

        class Derived(Base):
            def size(self):
                return 4

        result = (Derived().twice, isinstance(Derived(), Base), issubclass(Derived, abc.ABC))
        """,
    "exceptions": """
        class Wrong(ValueError):
            def __init__(self, size):
                super().__init__(f"wrong {size}")
                self.size = size

        try:
            raise Wrong(3)
        except (KeyError, ValueError) as error:
            result = (error.size, error.args, isinstance(error, ValueError), str(error))
        """,
    "unpacking a dict of options": """
        def build(dim, heads=4, **rest):
            return dim, heads, rest

        options = dict(dim=8, depth=2)
        result = build(**options), build(*[1], **{"heads": 3})
        """,
    "sorting by key": """
        words = ["bb", "a", "ccc"]
        words.sort(key=len, reverse=True)
        result = (words, sorted(words), max(words, key=len), min(words, key=lambda w: -len(w)))
        """,
    "regular expressions": r"""
        pattern = re.compile(r"(\w+)x(\d+)")
        match = pattern.match("ax12")
        result = (match.group(1), int(match.group(2)), match.groups(), pattern.match("?"), re.split(r"\s+", "a b  c"))
        """,
    "json": """
        result = json.loads('{"dim": [1, 2.5, null, true]}')["dim"]
        """,
    "groupby": """
        rows = sorted([("a", 1), ("b", 2), ("a", 3)], key=operator.itemgetter(0))
        result = {key: [n for _, n in group] for key, group in itertools.groupby(rows, key=lambda row: row[0])}
        """,
    "locals": """
        class Stages:
            def __init__(self, *, one_dim=8, two_dim=16):
                self.options = dict(locals())
                super().__init__()
        options = Stages(two_dim=4).options
        result = [options["one_dim"], options["two_dim"], len(options)]
        """,
    "Ellipsis by name": """
        result = (*((None,) * 2), Ellipsis) == (None, None, ...)
        """,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_same_as_python(name: str) -> None:
    assert in_model(PROGRAMS[name]) == in_python(PROGRAMS[name])
