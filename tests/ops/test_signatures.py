"""Every declared signature can be parsed (they are parsed late)."""

from __future__ import annotations

from attnlint.ops.registry import all_layers, all_ops


def test_every_signature_parses() -> None:
    for op in all_ops():
        for signature in op.signatures:
            assert isinstance(signature.parameters, tuple)
    for layer in all_layers():
        for signature in layer.constructor:
            assert isinstance(signature.parameters, tuple)
