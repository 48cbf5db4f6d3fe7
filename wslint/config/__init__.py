"""Settings: where they are found, what they may hold, which hold for a file."""
