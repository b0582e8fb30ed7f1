"""ATN404: a call that the signature in the configuration forbids."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN404",
    name="declared-signature",
    summary="A call does not fit the signature declared in the configuration",
    explanation="""\
A project can declare what operations of other packages take and return:

```toml
[tool.attnlint.signatures]
"mylib.attention" = "b h t d, b h s d, b h s d, mask = b 1 t s -> b h t d"
```

Calls are checked like those of torch's own operations: the number of dimensions, sizes with the same name, numbers,
products such as `h*d`. `...` stands for any dims, `_` for any size, or alone for an argument that is not looked at. An
argument is named with `name: shape`, and optional with `name = shape`. Several results are separated by commas. The
name of a class with `.forward` declares what its objects take when they are called. What is returned has the declared
shape, so that the code behind the call is checked, too.

There is no operation of torch that could prove such a finding: it holds as far as the declaration does.
""",
    failing="",
    passing="",
    how_to_fix="""\
Pass what the signature says, or correct the signature.
""",
)
