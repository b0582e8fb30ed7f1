"""Whether a file is worth a look at all."""

from __future__ import annotations

_WORDS = ("torch", "einops", "flash_attn", "xformers")
_WORDS_IN_BYTES = tuple(word.encode() for word in _WORDS)


def mentions_torch(text: str | bytes) -> bool:
    """Whether a word of torch or of its companions occurs: what has none calls none of their functions by itself."""
    if isinstance(text, bytes):
        return any(word in text for word in _WORDS_IN_BYTES)
    return any(word in text for word in _WORDS)
