"""The order in which pytest and unittest run a test."""
