"""Findings to repairs. Each is proved by checking the edited source again; what cannot be proved is not offered."""

from attnlint.fixes.edits import apply_edits
from attnlint.fixes.prove import repaired

__all__ = ["apply_edits", "repaired"]
