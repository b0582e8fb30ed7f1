"""What stands in the text for an expression that libcst's parser could not take."""

from __future__ import annotations

PLACEHOLDER = "__attnlint_opaque__"
REASON = "an expression too long or too deep to be parsed"
