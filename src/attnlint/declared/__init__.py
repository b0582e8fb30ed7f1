"""Shapes that the code declares: read from comments, annotations and docstrings, and compared with what is inferred."""
