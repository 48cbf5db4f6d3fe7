"""Resolves names to definitions across files."""
