"""What stands in the text for an expression that libcst's parser could not take."""

from __future__ import annotations

PLACEHOLDER = "\ua66e"
"""A letter that nobody names a variable: one character fits wherever an expression stood, over however many lines."""

REASON = "an expression too long or too deep to be parsed"
