"""Declared shapes as text: what comments, annotations and docstrings say. Pure text: knows neither values nor torch."""
