"""What the exit code says."""

from __future__ import annotations

OK = 0
"""Nothing found, or nothing that counts."""
FOUND = 1
"""Findings, or files that could not be checked among others that could."""
ERROR = 2
"""The command line or the configuration is wrong, or nothing could be checked."""
INTERRUPTED = 130
