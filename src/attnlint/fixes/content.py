"""The content of a file that is repaired: text in its encoding, or a notebook."""

from __future__ import annotations

import io
import tokenize
from typing import TYPE_CHECKING

from attnlint.fixes.edits import difference
from attnlint.notebook import is_notebook

if TYPE_CHECKING:
    from attnlint.fixes.apply import Fixed
    from attnlint.notebook.program import Notebook


class Content:
    """What stands in a file, the program in it, and what the file becomes when the program is repaired."""

    def __init__(self, path: str, data: bytes) -> None:
        """Raises SourceError, UnicodeError or SyntaxError for what is neither text nor a notebook."""
        self.path = path
        self.data = data
        self._notebook: Notebook | None = None
        if is_notebook(path):
            from attnlint.notebook.program import read_notebook

            self._notebook = read_notebook(data)
            self.text = self._notebook.text
        else:
            self._encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
            self.text = data.decode(self._encoding)

    def repaired(self, fixed: Fixed) -> bytes:
        """The file's new content. Raises ValueError where a repair cannot be made in the cells of a notebook."""
        if self._notebook is None:
            return fixed.text.encode(self._encoding)
        from attnlint.notebook.program import read_notebook

        data, notebook = self.data, self._notebook
        for edits in fixed.rounds:
            data = notebook.edited(edits)
            notebook = read_notebook(data)
        if notebook.text != fixed.text:
            raise ValueError("the cells do not come out as the program that was checked")
        return data

    def difference(self, changed: bytes) -> str:
        """A unified diff to new content: of the text, or of each cell."""
        if self._notebook is None:
            return difference(self.path, self.text, changed.decode(self._encoding))
        from attnlint.notebook.program import read_notebook

        pairs = zip(self._notebook.cells, read_notebook(changed).cells, strict=True)
        return "".join(difference(f"{self.path}:cell {old.number}", old.code, new.code) for old, new in pairs)
