"""Dropout in all its forms: the input's shape comes out."""

from __future__ import annotations

from collections.abc import Callable

from attnlint.ops.activations import keep_arguments
from attnlint.ops.call import Call
from attnlint.ops.complaint import Complaint
from attnlint.ops.layer_input import like, wrong_rank
from attnlint.ops.registry import register, register_layer
from attnlint.ops.results import refuse
from attnlint.values import Tensor, Value

# function, layer, ranks that are refused; the layer's function trains by default
_FORMS: tuple[tuple[str, str, tuple[int, ...] | None], ...] = (
    ("dropout", "Dropout", None),
    ("dropout1d", "Dropout1d", (2, 3)),
    ("dropout2d", "Dropout2d", None),  # torch only warns about other ranks than 3 and 4
    ("dropout3d", "Dropout3d", None),
    ("alpha_dropout", "AlphaDropout", None),
    ("feature_alpha_dropout", "FeatureAlphaDropout", None),
)


def check_probability(value: Value, argument: str = "p") -> None:
    """torch refuses probabilities outside [0, 1]."""
    if isinstance(value, int | float) and not 0 <= value <= 1:
        raise Complaint(
            "ATN104", f"the dropout probability must be between 0 and 1, got {value}", arguments=(argument,)
        )


def _result(call: Call, ranks: tuple[int, ...] | None) -> Tensor:
    # Nothing is said about integers: dropout of them raises in training only, and a layer does not know its mode.
    tensor = call.tensor("input")
    if ranks is not None and tensor.shape.rank is not None and tensor.shape.rank not in ranks:
        raise wrong_rank(tensor, ranks)
    return like(tensor)


def _layer(ranks: tuple[int, ...] | None) -> Callable[[Call], Value]:
    return lambda call: _result(call, ranks)


def _build(call: Call) -> dict[str, Value]:
    check_probability(call["p"])
    return keep_arguments(call)


def _functional(ranks: tuple[int, ...] | None, whole_channels: bool) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        check_probability(call["p"])
        if call.flag("training") is True and isinstance(call["p"], float) and 0 < call["p"] < 1:
            _check_training(call, whole_channels)
        return _result(call, ranks)

    return rule


def _check_training(call: Call, whole_channels: bool) -> None:
    """What raises only while dropout really drops something."""
    tensor = call.tensor("input")
    if "alpha" not in call.name:
        refuse(tensor, "bool integer")
    if whole_channels and tensor.shape.rank is not None and tensor.shape.rank < 2:
        raise wrong_rank(tensor, (2,), advice="whole channels are dropped, so there must be a channel dimension")


for _function, _name, _ranks in _FORMS:
    _training = "False" if "alpha" in _function else "True"
    register(
        (f"torch.nn.functional.{_function}",),
        (f"(input: Tensor, p=0.5, training={_training}, inplace=False)",),
        _functional(_ranks, _function not in ("dropout", "alpha_dropout")),
        family="dropout",
    )
    register_layer(
        f"torch.nn.{_name}",
        ("(p=0.5, inplace=False)",),
        ("(input)",),
        _build,
        _layer(_ranks),
        family="dropout",
        bases=("torch.nn.modules.dropout._DropoutNd", "torch.nn.Module"),
    )
