"""Hostile and random input: what it looks like, and runs that are too long for the tests."""
