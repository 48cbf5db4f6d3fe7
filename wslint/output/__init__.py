"""The output formats: each renders a report as text."""
