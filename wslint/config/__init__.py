"""Settings: how they are found and checked, and which apply to a file."""
