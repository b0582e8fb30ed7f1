"""The shape rules, one file a family, and the registry that finds them by qualified name."""
