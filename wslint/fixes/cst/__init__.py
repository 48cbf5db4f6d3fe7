"""Reading and editing libcst trees, without knowing what a fix is for."""
