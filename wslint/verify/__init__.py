"""Runs the tests that a fix touches, before and after it, and takes back what made them worse."""
