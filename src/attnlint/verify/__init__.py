"""Evidence to verdict: runs the real torch operation, in another process, under the user's own interpreter."""

from attnlint.environment import find_interpreter
from attnlint.verify.verifier import Verifier

__all__ = ["Verifier", "find_interpreter"]
