"""Reading and editing libcst trees, independent of any particular fix."""
