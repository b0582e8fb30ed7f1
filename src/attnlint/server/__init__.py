"""The language server. Nothing outside of this package imports pygls, which comes with the extra ``editor``."""
