"""Normalisation of channels (axis 1): BatchNorm, SyncBatchNorm, GroupNorm, InstanceNorm, and their functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attnlint.algebra import Answer, Dim, product
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Complaint, placeholder
from attnlint.ops.layer_input import (
    buffer,
    dimensions,
    divides,
    fit,
    known_size,
    like,
    optional,
    optional_tensor,
    parameter,
    wrong_rank,
)
from attnlint.ops.layers_normalization import demand_norm_dtype
from attnlint.ops.registry import layer, register, register_layer
from attnlint.values import Tensor, Unknown, Value

_FAMILY = "layers_channel_norm"


def _channels(call: Call, tensor: Tensor, axis: int = 1) -> Dim:
    """The size of the channel axis, counted from the front."""
    if tensor.shape.rank is not None:
        return tensor.shape.dims[axis]
    return call.facts.leading(tensor.shape, axis)


def _with_ranks(call: Call, tensor: Tensor, ranks: Sequence[int] | None) -> Tensor:
    """Demand one of ``ranks``; ``None`` stands for any rank of 2 or more."""
    if ranks is None:
        if tensor.shape.rank is not None and tensor.shape.rank < 2:
            if tensor.shape.dims == (0,):
                raise CannotTell("a batch without elements")
            raise wrong_rank(tensor, (2,), advice="the channels are dimension 1, behind the batch")
        return tensor
    if tensor.shape.rank is None and len(ranks) > 1 and len(tensor.shape.dims) <= max(ranks):
        return tensor
    return call.demand_rank(tensor, ranks, lambda: wrong_rank(tensor, ranks))


def _demand_vector(call: Call, value: Value, channels: Dim | None, name: str, parameter_name: str) -> None:
    """Demand that a parameter or statistic has one element for each channel of the input."""
    vector = optional_tensor(call, value, name)
    if vector is None or vector.shape.rank is None or channels is None:
        return
    found = product(vector.shape.dims)
    fit(call, vector, 1, channels, found, what="the channel dimension (1)", parameter=parameter_name)


# --- BatchNorm --------------------------------------------------------------------------------------------------------

_STATISTICS = ("running_mean", "running_var")


def _build_statistics(call: Call, *, lazy: bool = False) -> dict[str, Value]:
    size = None if lazy else known_size(call, call["num_features"], "num_features")
    tracked = {name: optional(call, "track_running_stats", buffer(call, size, label=name)) for name in _STATISTICS}
    weight = optional(call, "affine", parameter(call, size, label="weight"))
    return {
        "num_features": Unknown("the layer is lazy", kind="int") if lazy else call["num_features"],
        "eps": call["eps"],
        "momentum": call["momentum"],
        "affine": call["affine"],
        "track_running_stats": call["track_running_stats"],
        "weight": weight,
        "bias": None if weight is None else optional(call, "bias", parameter(call, size, label="bias")),
        **tracked,
        "num_batches_tracked": optional(
            call, "track_running_stats", buffer(call, label="num_batches_tracked", dtype="int64")
        ),
    }


def _batch_norm(ranks: Sequence[int] | None) -> Callable[[Call], Value]:
    def forward(call: Call) -> Value:
        layer = call.layer
        tensor = call.tensor("input")
        demand_norm_dtype(call, tensor, optional_tensor(call, layer.get("weight"), "weight"))
        tensor = _with_ranks(call, tensor, ranks)
        channels = _channels(call, tensor)
        for name in ("weight", *_STATISTICS):
            _demand_vector(call, layer.get(name), channels, name, "num_features")
        if call.training and tensor.shape.rank is not None:
            _demand_several(call, (tensor.shape.dims[0], *tensor.shape.dims[2:]), "value per channel when training")
        return like(call.tensor("input"))

    return forward


_NORM_BASES = ("torch.nn.modules.batchnorm._BatchNorm", "torch.nn.modules.batchnorm._NormBase")
_INSTANCE_BASE = "torch.nn.modules.instancenorm._InstanceNorm"
_OPTIONS = "eps=1e-5, momentum=0.1, affine=True, track_running_stats=True, device=None, dtype=None, bias=True"
_SYNC = _OPTIONS.replace("device=None", "process_group=None, device=None")
_RANKS: dict[str, Sequence[int] | None] = {"1d": (2, 3), "2d": (4,), "3d": (5,)}

for _suffix, _ranks in _RANKS.items():
    for _lazy in (False, True):
        register_layer(
            f"torch.nn.{'Lazy' * _lazy}BatchNorm{_suffix}",
            (f"({'' if _lazy else 'num_features, '}{_OPTIONS})",),
            ("(input)",),
            (lambda call: _build_statistics(call, lazy=True)) if _lazy else _build_statistics,
            _batch_norm(_ranks),
            family=_FAMILY,
            bases=(f"torch.nn.BatchNorm{_suffix}",) if _lazy else (*_NORM_BASES, "torch.nn.Module"),
        )
register_layer(
    "torch.nn.SyncBatchNorm",
    (f"(num_features, {_SYNC})",),
    ("(input)",),
    _build_statistics,
    _batch_norm(None),
    family=_FAMILY,
    bases=(*_NORM_BASES, "torch.nn.Module"),
)


def _functional_batch_norm(call: Call) -> Value:
    tensor = call.tensor("input")
    demand_norm_dtype(call, tensor, optional_tensor(call, call["weight"], "weight"))
    tensor = _with_ranks(call, tensor, None)
    channels = _channels(call, tensor)
    training = call.flag("training")
    for name in ("running_mean", "running_var", "weight", "bias"):
        if call[name] is None and training is False and name in _STATISTICS:
            raise Complaint("ATN104", f"{name} must be given when training is False", arguments=(name,))
        _demand_vector(call, call[name], channels, name, f"the size of {name}")
    if training and tensor.shape.rank is not None:
        _demand_several(call, (tensor.shape.dims[0], *tensor.shape.dims[2:]), "value per channel when training")
    return like(tensor)


register(
    ("torch.nn.functional.batch_norm",),
    ("(input: Tensor, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5)",),
    _functional_batch_norm,
    family=_FAMILY,
)


def _demand_several(call: Call, dims: Sequence[Dim], what: str) -> None:
    """Statistics over a single element make no sense, and torch refuses them."""
    if all(call.facts.is_one(dim) is Answer.YES for dim in dims):
        raise Complaint("ATN104", f"there is only 1 {what}", arguments=("input",))


# --- GroupNorm --------------------------------------------------------------------------------------------------------


@layer(
    "torch.nn.GroupNorm",
    constructor="(num_groups, num_channels, eps=1e-5, affine=True, device=None, dtype=None, bias=True)",
    forward="(input)",
)
class GroupNorm:
    """``(N, C, *)`` to the same; ``num_groups`` divides ``C``."""

    @staticmethod
    def build(call: Call) -> dict[str, Value]:
        groups = known_size(call, call["num_groups"], "num_groups")
        size = known_size(call, call["num_channels"], "num_channels")
        if groups is not None and size is not None:
            _demand_groups(call, groups, size, "num_channels")
        weight = optional(call, "affine", parameter(call, size, label="weight"))
        return {
            "num_groups": call["num_groups"],
            "num_channels": call["num_channels"],
            "eps": call["eps"],
            "affine": call["affine"],
            "weight": weight,
            "bias": None if weight is None else optional(call, "bias", parameter(call, size, label="bias")),
        }

    @staticmethod
    def forward(call: Call) -> Value:
        return _group_norm(call, call.layer, "num_channels")


def _demand_groups(call: Call, groups: Dim, size: Dim, name: str) -> None:
    if isinstance(groups, int) and groups <= 0:
        raise Complaint(
            "ATN104",
            f"num_groups must be greater than 0, got {groups}",
            arguments=("num_groups",),
            about_placeholder=placeholder(groups),
        )
    divides(
        call,
        groups,
        size,
        lambda: Complaint(
            "ATN104",
            f"{name} {size} is not divisible by num_groups {groups}",
            arguments=("num_channels", "input", "num_groups"),
        ),
    )


def _group_norm(call: Call, source: Mapping[str, Value], parameter_name: str) -> Tensor:
    get = source.get
    tensor = call.tensor("input")
    demand_norm_dtype(call, tensor, optional_tensor(call, get("weight"), "weight"))
    tensor = _with_ranks(call, tensor, None)
    channels = _channels(call, tensor)
    for name in ("weight", "bias"):
        vector = optional_tensor(call, get(name), name)
        if vector is not None and vector.shape.rank not in (None, 1):
            raise Complaint(
                "ATN103",
                f"{name} has {dimensions(vector.shape.rank)} but must have 1",
                arguments=(name,),
                about_rank=True,
            )
        _demand_vector(call, vector, channels, name, parameter_name if name == "weight" else f"the size of {name}")
    groups = known_size(call, get("num_groups"), "num_groups")
    if channels is not None and groups is not None:
        _demand_groups(call, groups, channels, "the channel dimension")
        if tensor.shape.rank is not None and call.facts.equal(groups, channels) is Answer.YES:
            _demand_several(call, (tensor.shape.dims[0], *tensor.shape.dims[2:]), "value per channel")
    return like(tensor)


register(
    ("torch.nn.functional.group_norm",),
    ("(input: Tensor, num_groups, weight=None, bias=None, eps=1e-5)",),
    lambda call: _group_norm(call, call.arguments, "the size of weight"),
    family=_FAMILY,
)


# --- InstanceNorm -----------------------------------------------------------------------------------------------------


def _instance_norm(count: int) -> Callable[[Call], Value]:
    def forward(call: Call) -> Value:
        layer = call.layer
        tensor = call.tensor("input")
        demand_norm_dtype(call, tensor, optional_tensor(call, layer.get("weight"), "weight"))
        tensor = _with_ranks(call, tensor, (count + 1, count + 2))
        if tensor.shape.rank is None:
            return like(tensor)
        axis = 0 if tensor.shape.rank == count + 1 else 1
        channels = tensor.shape.dims[axis]
        for name in ("weight", *_STATISTICS):
            vector = optional_tensor(call, layer.get(name), name)
            if vector is not None and vector.shape.rank is not None:
                size = product(vector.shape.dims)
                fit(
                    call, tensor, axis, channels, size, what=f"the channel dimension ({axis})", parameter="num_features"
                )
        if layer.get("track_running_stats") is False:
            _demand_several(call, tensor.shape.dims[axis + 1 :], "spatial element")
        return like(tensor)

    return forward


def _functional_instance_norm(call: Call) -> Value:
    tensor = call.tensor("input")
    demand_norm_dtype(call, tensor, optional_tensor(call, call["weight"], "weight"))
    channels = _channels(call, tensor) if tensor.shape.rank is None or tensor.shape.rank > 1 else None
    use_input = call.flag("use_input_stats")
    if use_input and tensor.shape.rank is not None:
        _demand_several(call, tensor.shape.dims[2:], "spatial element")
    for name in (*_STATISTICS, "weight", "bias"):
        if call[name] is None and use_input is False and name in _STATISTICS:
            raise Complaint("ATN104", f"{name} must be given when use_input_stats is False", arguments=(name,))
        _demand_vector(call, call[name], channels, name, f"the size of {name}")
    return like(tensor)


register(
    ("torch.nn.functional.instance_norm",),
    (
        "(input: Tensor, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, "
        "momentum=0.1, eps=1e-5)",
    ),
    _functional_instance_norm,
    family=_FAMILY,
)

_INSTANCE = "eps=1e-5, momentum=0.1, affine=False, track_running_stats=False, device=None, dtype=None, bias=True"
for _count in (1, 2, 3):
    for _lazy in (False, True):
        register_layer(
            f"torch.nn.{'Lazy' * _lazy}InstanceNorm{_count}d",
            (f"({'' if _lazy else 'num_features, '}{_INSTANCE})",),
            ("(input)",),
            (lambda call: _build_statistics(call, lazy=True)) if _lazy else _build_statistics,
            _instance_norm(_count),
            family=_FAMILY,
            bases=(f"torch.nn.InstanceNorm{_count}d",)
            if _lazy
            else (_INSTANCE_BASE, _NORM_BASES[1], "torch.nn.Module"),
        )
