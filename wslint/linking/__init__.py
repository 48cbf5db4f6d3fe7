"""Names to definitions, in whatever file they are."""
