"""``torch.nn.init``: fills a parameter and returns it; some need to know the fan-in, hence matrices."""

from __future__ import annotations

from attnlint.frozen import replace
from attnlint.ops.axis_arguments import wrong_rank
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell
from attnlint.ops.registry import register
from attnlint.values import Tensor, Unknown, Value

# Names, signature, least and greatest number of dimensions.
FILLERS = (
    ("constant_", "(tensor, val)", 0, None),
    ("zeros_ ones_", "(tensor)", 0, None),
    ("normal_", "(tensor, mean=0.0, std=1.0, generator=None)", 0, None),
    ("uniform_", "(tensor, a=0.0, b=1.0, generator=None)", 0, None),
    ("trunc_normal_", "(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None)", 0, None),
    ("xavier_uniform_ xavier_normal_", "(tensor, gain=1.0, generator=None)", 2, None),
    (
        "kaiming_uniform_ kaiming_normal_",
        "(tensor, a=0, mode='fan_in', nonlinearity='leaky_relu', generator=None)",
        2,
        None,
    ),
    ("orthogonal_", "(tensor, gain=1, generator=None)", 2, None),
    ("eye_", "(tensor)", 2, 2),
    ("sparse_", "(tensor, sparsity, std=0.01, generator=None)", 2, 2),
    ("dirac_", "(tensor, groups=1)", 3, 5),
)


def _register() -> None:
    for names, signature, least, most in FILLERS:

        def rule(call: Call, least: int = least, most: int | None = most) -> Value:
            tensor: Tensor = call.tensor("tensor")
            rank = tensor.shape.rank
            # kaiming_uniform_ of a parameter without elements returns it with a warning.
            empty = any(isinstance(size, int) and size == 0 for size in tensor.shape.dims)
            if rank is not None and not empty and (rank < least or (most is not None and rank > most)):
                wanted = str(least) if least == most else f"{least} or more" if most is None else f"{least} to {most}"
                raise wrong_rank(tensor, wanted, argument="tensor", advice="use normal_ or zeros_ for vectors")
            return replace(tensor, elements=None)

        register(tuple(f"torch.nn.init.{name}" for name in names.split()), (signature,), rule, family="initialisation")

    def calculate_gain(call: Call) -> Value:
        if isinstance(call["nonlinearity"], Unknown):
            raise CannotTell("the nonlinearity is not known")
        return Unknown("a gain", kind="float")

    register(
        ("torch.nn.init.calculate_gain",), ("(nonlinearity, param=None)",), calculate_gain, family="initialisation"
    )


_register()
